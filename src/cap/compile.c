/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From rule files to a blob: every file is read, rules that build on others are held against what is
 * there, and the rules are put in an order in which those that others build on come first.
 */
#include "cap/parse_in.h"

typedef struct compiling {
	gh_maker m;
	gh_cap_trouble *trouble;
	void *arg;
	bool *dead; /* by rule */
} compiling;

static void tell(const compiling *c, const char *file, unsigned line, const char *what)
{
	if (c->trouble)
		c->trouble(c->arg, file, line, what);
}

bool gh_cap_rule_is(const gh_cap_rule *rule, gh_bytes name)
{
	gh_bytes space = gh_view_text(rule->space);
	if (gh_bytes_eq(gh_view_text(rule->name), name))
		return true;
	return gh_bytes_start(space, name) && name.len > 0 && (space.len == name.len || space.ptr[name.len] == '/');
}

/* The next rule that this one builds on, from node *at on; NULL. */
static const gh_feature *next_match(const gh_caps *c, const gh_cap_rule *rule, uint32_t *at)
{
	for (; *at < c->nodes[rule->root].end; ++*at) {
		const gh_cap_node *n = &c->nodes[*at];
		if (n->op == GH_N_FEATURE && c->features[n->feature].kind == GH_F_MATCH) {
			++*at;
			return &c->features[n->feature];
		}
	}
	return NULL;
}

/* True when the rule was dropped: nothing answers to a name that it builds on. */
static bool drop_orphan(compiling *c, uint32_t r)
{
	const gh_caps *caps = &c->m.caps;
	uint32_t at = caps->rules[r].root;
	for (const gh_feature *f; (f = next_match(caps, &caps->rules[r], &at)) != NULL;) {
		bool there = false;
		for (uint32_t i = 0; i < caps->n_rules && !there; i++)
			there = !c->dead[i] && i != r && gh_cap_rule_is(&caps->rules[i], gh_feature_text(caps, f));
		if (there)
			continue;
		(void)gh_maker_fail(&c->m, 0, "the rule builds on '%.*s', which is not there",
				    (int)GH_MIN(f->len, 100U), caps->texts + f->text);
		tell(c, c->m.files[r], 0, c->m.why);
		c->dead[r] = true;
		return true;
	}
	return false;
}

static bool is_ready(const compiling *c, uint32_t r, const bool *done)
{
	const gh_caps *caps = &c->m.caps;
	uint32_t at = caps->rules[r].root;
	for (const gh_feature *f; (f = next_match(caps, &caps->rules[r], &at)) != NULL;)
		for (uint32_t i = 0; i < caps->n_rules; i++)
			if (!done[i] && !c->dead[i] && i != r &&
			    gh_cap_rule_is(&caps->rules[i], gh_feature_text(caps, f)))
				return false;
	return true;
}

/* Those that others build on first; what is left over builds on itself in a circle. */
static gh_code order(compiling *c)
{
	gh_caps *caps = &c->m.caps;
	gh_cap_rule *sorted = gh_arena_array(c->m.ctx->arena, caps->n_rules + 1, sizeof *sorted);
	bool *done = gh_arena_array(c->m.ctx->scratch, caps->n_rules + 1, sizeof *done);
	uint32_t n = 0;
	if (!sorted || !done)
		return gh_nomem(c->m.ctx);
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < caps->n_rules; i++) {
			if (done[i] || c->dead[i] || !is_ready(c, i, done))
				continue;
			sorted[n++] = caps->rules[i];
			done[i] = more = true;
		}
	}
	for (uint32_t i = 0; i < caps->n_rules; i++)
		if (!done[i] && !c->dead[i])
			tell(c, c->m.files[i], 0, "the rule builds on itself, through others");
	caps->rules = sorted;
	caps->n_rules = n;
	return GH_OK;
}

gh_code gh_caps_compile(gh_ctx *ctx, const gh_cap_file *files, size_t n, gh_cap_trouble *trouble, void *arg,
			gh_buf *blob)
{
	compiling c = { .m = { .ctx = ctx, .texts = gh_buf_in(ctx->arena, GH_MIB(64)) },
			.trouble = trouble,
			.arg = arg };
	for (size_t i = 0; i < n; i++)
		if (!gh_maker_rule(&c.m, &files[i]) && c.m.code == GH_OK)
			tell(&c, files[i].name, c.m.line, c.m.why);
	c.m.caps.texts = (const char *)c.m.texts.ptr;
	c.dead = gh_arena_array(ctx->scratch, c.m.caps.n_rules + 1, sizeof *c.dead);
	if (c.m.code != GH_OK || !c.dead)
		return gh_nomem(ctx);
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < c.m.caps.n_rules; i++)
			more |= !c.dead[i] && drop_orphan(&c, i);
	}
	gh_code code = order(&c);
	return code == GH_OK ? gh_caps_write(ctx, &c.m.caps, &c.m.texts, blob) : code;
}
