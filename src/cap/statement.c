/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements: and, or, not, optional, "N or more", count(feature), smaller scopes, calls with arguments.
 */
#include <ctype.h>
#include <stdlib.h>

#include "cap/parse_in.h"

enum { KEY_MOST = 256 };

static bool statement(gh_maker *m, const gh_yaml *y);

static bool is_number(const char *text, uint32_t *ret, const char **rest)
{
	char *end;
	if (!isdigit((unsigned char)*text))
		return false;
	unsigned long n = strtoul(text, &end, 0);
	*ret = (uint32_t)GH_MIN(n, (unsigned long)UINT32_MAX - 1);
	*rest = end;
	return true;
}

/* What a statement consists of; descriptions are for people. */
static bool children(gh_maker *m, const gh_yaml *list, unsigned *ret_n)
{
	unsigned n = 0;
	for (const gh_yaml *y = list->first; y; y = y->next) {
		bool said = y->kind == GH_YAML_MAP && y->first && !y->first->next &&
			    strcmp(y->first->key, "description") == 0;
		if (said)
			continue;
		if (!statement(m, y))
			return false;
		n++;
	}
	*ret_n = n;
	return true;
}

static bool group(gh_maker *m, const gh_yaml *y, gh_cap_op op, uint32_t least, int scope)
{
	unsigned n = 0;
	uint32_t node = gh_maker_node(m, op, least, 0, 0);
	if (node == UINT32_MAX)
		return false;
	if (y->kind != GH_YAML_LIST)
		return gh_maker_fail(m, y->line, "'%.60s' needs a list", y->key);
	/* not and scopes have one child: what stands in them holds together. */
	uint32_t all =
		op == GH_N_NOT || op == GH_N_SCOPE ? gh_maker_node(m, op == GH_N_NOT ? GH_N_OR : GH_N_AND, 0, 0, 0) : 0;
	if (all == UINT32_MAX || !children(m, y, &n))
		return false;
	if (n == 0 || (op == GH_N_NOT && n != 1))
		return gh_maker_fail(m, y->line, n ? "'not' takes one statement" : "'%.60s' is empty", y->key);
	if (all)
		m->caps.nodes[all].end = m->caps.n_nodes;
	m->caps.nodes[node].end = m->caps.n_nodes;
	m->caps.nodes[node].scope = scope < 0 ? 0 : (uint32_t)scope;
	return true;
}

/* "count(api(socket))": how often. */
static bool count(gh_maker *m, const gh_yaml *y)
{
	char key[KEY_MOST];
	uint32_t least = 0, most = UINT32_MAX;
	const char *rest = "", *text = y->kind == GH_YAML_TEXT ? y->text : "";
	size_t n = strlen(y->key);
	if (n >= sizeof key || n < 8 || y->key[n - 1] != ')')
		return gh_maker_fail(m, y->line, "'%.80s' is no count(feature(value))", y->key);
	memcpy(key, y->key + 6, n - 7);
	key[n - 7] = '\0';
	bool range = text[0] == '(' && is_number(text + 1, &least, &rest) && *rest == ',';
	if (range) {
		for (text = rest + 1; *text == ' ';)
			text++;
		range = is_number(text, &most, &rest) && *rest == ')';
	}
	if (!range && (!is_number(text, &least, &rest) ||
		       (*rest && strcmp(rest, " or more") != 0 && strcmp(rest, " or fewer") != 0)))
		return gh_maker_fail(m, y->line, "a count is N, 'N or more', 'N or fewer' or (N, M)");
	if (!range && strcmp(rest, " or fewer") == 0) {
		most = least;
		least = 0;
	} else if (!range && !*rest) {
		most = least;
	}
	gh_yaml value = { .line = y->line, .text = "", .key = y->key };
	char *open = strchr(key, '(');
	if (open) {
		size_t len = strlen(key);
		if (key[len - 1] != ')')
			return gh_maker_fail(m, y->line, "'%.80s' is no count(feature(value))", y->key);
		key[len - 1] = *open = '\0';
		value.text = open + 1;
		value.len = strlen(value.text);
	}
	return gh_maker_leaf(m, key, &value, least, most);
}

/* "call: {api: socket, arguments: {0: AF_PACKET}}": all of it holds for one call. */
static bool call(gh_maker *m, const gh_yaml *y)
{
	uint32_t node = gh_maker_node(m, GH_N_SCOPE, 0, 0, 0);
	uint32_t all = node == UINT32_MAX ? node : gh_maker_node(m, GH_N_AND, 0, 0, 0);
	if (all == UINT32_MAX)
		return false;
	m->caps.nodes[node].scope = GH_S_CALL;
	for (const gh_yaml *part = y->first; part; part = part->next) {
		if (strcmp(part->key, "description") == 0)
			continue;
		if (strcmp(part->key, "arguments") != 0) {
			if (part->kind == GH_YAML_LIST) { /* one of these functions */
				uint32_t any = gh_maker_node(m, GH_N_OR, 0, 0, 0);
				for (const gh_yaml *i = part->first; i && any != UINT32_MAX; i = i->next)
					if (!gh_maker_leaf(m, part->key, i, 1, UINT32_MAX))
						return false;
				if (any == UINT32_MAX)
					return false;
				m->caps.nodes[any].end = m->caps.n_nodes;
			} else if (!gh_maker_leaf(m, part->key, part, 1, UINT32_MAX)) {
				return false;
			}
			continue;
		}
		if (part->kind != GH_YAML_MAP)
			return gh_maker_fail(m, part->line, "arguments are a map: {0: AF_INET}");
		for (const gh_yaml *a = part->first; a; a = a->next) {
			uint32_t index;
			const char *rest;
			if (!is_number(a->key, &index, &rest) || *rest || index >= GH_ARGUMENTS)
				return gh_maker_fail(m, a->line, "'%.20s' is no argument from 0 to %d", a->key,
						     GH_ARGUMENTS - 1);
			if (!gh_maker_argument(m, index, a))
				return false;
		}
	}
	m->caps.nodes[all].end = m->caps.nodes[node].end = m->caps.n_nodes;
	return true;
}

static bool statement(gh_maker *m, const gh_yaml *y)
{
	const gh_yaml *what = NULL;
	uint32_t least;
	const char *rest;
	if (y->kind != GH_YAML_MAP)
		return gh_maker_fail(m, y->line, "a statement is a key and its value");
	for (const gh_yaml *i = y->first; i; i = i->next) {
		if (strcmp(i->key, "description") == 0)
			continue;
		if (what)
			return gh_maker_fail(m, i->line, "'%.60s' and '%.60s' stand in one statement", what->key,
					     i->key);
		what = i;
	}
	if (!what)
		return gh_maker_fail(m, y->line, "a statement is empty");
	const char *key = what->key;
	int scope = gh_cap_scope_of(key);
	if (strcmp(key, "and") == 0)
		return group(m, what, GH_N_AND, 0, -1);
	if (strcmp(key, "or") == 0)
		return group(m, what, GH_N_OR, 0, -1);
	if (strcmp(key, "not") == 0)
		return group(m, what, GH_N_NOT, 0, -1);
	if (strcmp(key, "optional") == 0)
		return group(m, what, GH_N_SOME, 0, -1);
	if (is_number(key, &least, &rest) && strcmp(rest, " or more") == 0)
		return group(m, what, GH_N_SOME, least, -1);
	if (strncmp(key, "count(", 6) == 0)
		return count(m, what);
	if (strncmp(key, "argument(", 9) == 0 && is_number(key + 9, &least, &rest) && strcmp(rest, ")") == 0 &&
	    least < GH_ARGUMENTS)
		return gh_maker_argument(m, least, what);
	if (scope == GH_S_CALL && what->kind == GH_YAML_MAP)
		return call(m, what);
	if (scope >= 0 && scope < GH_S_PROGRAM)
		return group(m, what, GH_N_SCOPE, 0, scope);
	return gh_maker_leaf(m, key, what, 1, UINT32_MAX);
}

bool gh_maker_statements(gh_maker *m, const gh_yaml *list)
{
	unsigned n = 0;
	uint32_t all = gh_maker_node(m, GH_N_AND, 0, 0, 0);
	if (all == UINT32_MAX)
		return false;
	if (list->kind != GH_YAML_LIST)
		return gh_maker_fail(m, list->line, "'features' needs a list");
	if (!children(m, list, &n))
		return false;
	if (n != 1)
		return gh_maker_fail(m, list->line, "'features' holds one statement");
	m->caps.nodes[all].end = m->caps.n_nodes;
	return true;
}
