/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule file: "rule:" with "meta" and "features", as capa has them. Our own in meta: severity
 * (notice: it is worth a look where the program is not at home) and homes (names of programs).
 */
#include "cap/parse_in.h"

static const char *text_of(const gh_yaml *meta, const char *key)
{
	const gh_yaml *y = gh_yaml_get(meta, key);
	return y && y->kind == GH_YAML_TEXT ? y->text : "";
}

/* "Execution::Unix Shell [T1059.004]" gives T1059.004; several are joined by ", ". */
static const char *ids_of(gh_maker *m, const gh_yaml *list)
{
	const char *all = "";
	for (const gh_yaml *y = list && list->kind == GH_YAML_LIST ? list->first : NULL; y && all; y = y->next) {
		const char *open = y->kind == GH_YAML_TEXT ? strrchr(y->text, '[') : NULL;
		const char *close = open ? strchr(open, ']') : NULL;
		if (close)
			all = gh_arena_printf(m->ctx->scratch, "%s%s%.*s", all, *all ? ", " : "",
					      (int)(close - open - 1), open + 1);
	}
	return all;
}

static const char *lines_of(gh_maker *m, const gh_yaml *list)
{
	const char *all = "";
	for (const gh_yaml *y = list && list->kind == GH_YAML_LIST ? list->first : NULL; y && all; y = y->next)
		if (y->kind == GH_YAML_TEXT)
			all = gh_arena_printf(m->ctx->scratch, "%s%s%s", all, *all ? "\n" : "", y->text);
	return all;
}

static bool scope_of(gh_maker *m, const gh_yaml *meta, gh_cap_rule *rule)
{
	const gh_yaml *scopes = gh_yaml_get(meta, "scopes");
	const gh_yaml *y = scopes ? gh_yaml_get(scopes, "static") : gh_yaml_get(meta, "scope");
	const char *word = y && y->kind == GH_YAML_TEXT ? y->text : "function";
	int scope = gh_cap_scope_of(word);
	if (scope < 0)
		return gh_maker_fail(m, y ? y->line : meta->line,
				     strcmp(word, "unsupported") == 0
					     ? "the rule is for traces of a running program (scope '%.60s')"
					     : "the scope '%.60s' is not supported",
				     word);
	rule->scope = (uint8_t)scope;
	return true;
}

static const char *keep(gh_maker *m, const char *text)
{
	const char *copy = text ? gh_arena_text(m->ctx->arena, text, strlen(text)) : NULL;
	if (!copy)
		m->code = gh_nomem(m->ctx);
	return copy;
}

static bool meta_of(gh_maker *m, const gh_yaml *meta, gh_cap_rule *rule)
{
	const char *severity = text_of(meta, "severity");
	if (meta->kind != GH_YAML_MAP)
		return gh_maker_fail(m, meta->line, "'meta' is a map");
	if (!*text_of(meta, "name"))
		return gh_maker_fail(m, meta->line, "the rule has no name");
	if (*severity && strcmp(severity, "info") != 0 && strcmp(severity, "notice") != 0)
		return gh_maker_fail(m, gh_yaml_get(meta, "severity")->line, "severity is info or notice, not '%.40s'",
				     severity);
	rule->weight = strcmp(severity, "notice") == 0 ? GH_CAP_NOTICE : GH_CAP_NONE;
	rule->lib = strcmp(text_of(meta, "lib"), "true") == 0;
	rule->name = keep(m, text_of(meta, "name"));
	rule->space = keep(m, text_of(meta, "namespace"));
	rule->description = keep(m, text_of(meta, "description"));
	rule->attack = keep(m, ids_of(m, gh_yaml_get(meta, "att&ck")));
	rule->mbc = keep(m, ids_of(m, gh_yaml_get(meta, "mbc")));
	rule->homes = keep(m, lines_of(m, gh_yaml_get(meta, "homes")));
	return m->code == GH_OK && scope_of(m, meta, rule);
}

static bool add_rule(gh_maker *m, const gh_cap_file *file, const gh_cap_rule *rule)
{
	if (m->caps.n_rules == m->room_rules) {
		size_t old = m->room_rules, room = old ? old * 2 : 64;
		gh_cap_rule *rules =
			gh_arena_grow(m->ctx->arena, m->caps.rules, old * sizeof *rules, room * sizeof *rules);
		const char **files =
			gh_arena_grow(m->ctx->arena, (void *)m->files, old * sizeof *files, room * sizeof *files);
		if (!rules || !files) {
			m->code = gh_nomem(m->ctx);
			return gh_maker_fail(m, 0, "out of memory");
		}
		m->caps.rules = rules;
		m->files = files;
		m->room_rules = (uint32_t)room;
	}
	for (uint32_t i = 0; i < m->caps.n_rules; i++)
		if (rule->name && strcmp(m->caps.rules[i].name, rule->name) == 0)
			return gh_maker_fail(m, 0, "there is a rule '%.80s' already, in %.80s", rule->name,
					     m->files[i]);
	m->files[m->caps.n_rules] = file->name;
	m->caps.rules[m->caps.n_rules++] = *rule;
	return true;
}

bool gh_maker_rule(gh_maker *m, const gh_cap_file *file)
{
	m->why[0] = '\0';
	m->line = 0;
	m->builtin = file->builtin;
	const gh_yaml *top = gh_yaml_read(m->ctx, file->text);
	if (!top)
		return gh_maker_fail(m, (unsigned)m->ctx->at, "%.150s", m->ctx->what);
	const gh_yaml *body = gh_yaml_get(top, "rule");
	const gh_yaml *meta = gh_yaml_get(body, "meta"), *features = gh_yaml_get(body, "features");
	gh_cap_rule rule = { .builtin = file->builtin, .root = m->caps.n_nodes };
	if (!body || !meta || !features)
		return gh_maker_fail(m, body ? body->line : 1, "this is no rule: there is no '%s'",
				     !body   ? "rule"
				     : !meta ? "meta"
					     : "features");
	if (meta_of(m, meta, &rule) && gh_maker_statements(m, features) && add_rule(m, file, &rule))
		return true;
	m->caps.n_nodes = rule.root;
	return false;
}
