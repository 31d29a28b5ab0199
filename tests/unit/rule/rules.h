/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/rule/rules - compile, load and collect what matches, in the words of a test. */
#ifndef GH_TESTS_RULES_H
#define GH_TESTS_RULES_H

#include "check.h"
#include "rule/rule.h"

typedef struct seen {
	char rules[16][80];
	gh_rule_match last;
	char family[40];
	size_t count;
} seen;

static inline gh_code see(void *arg, const gh_rule_match *match)
{
	seen *s = arg;
	if (s->count < GH_COUNT(s->rules))
		(void)snprintf(s->rules[s->count], sizeof s->rules[0], "%s", match->rule);
	(void)snprintf(s->family, sizeof s->family, "%s", match->family ? match->family : "");
	s->count++;
	s->last = *match;
	return GH_OK;
}

typedef struct troubles {
	char file[80];
	char message[160];
	unsigned line, count;
} troubles;

static inline void remember(void *arg, const char *file, unsigned line, const char *message)
{
	troubles *t = arg;
	(void)snprintf(t->file, sizeof t->file, "%s", file);
	(void)snprintf(t->message, sizeof t->message, "%s", message);
	t->line = line;
	t->count++;
}

static inline gh_rules *load_files(gh_ctx *ctx, const gh_rule_file *files, size_t n, troubles *t)
{
	gh_buf blob = gh_buf_in(ctx->arena, GH_MIB(64));
	gh_rules *rules = NULL;
	gh_code code = gh_rules_compile(ctx, files, n, remember, t, &blob);
	EQ(code, GH_OK, ctx->what);
	code = gh_rules_load(ctx, gh_buf_view(&blob), &rules);
	EQ(code, GH_OK, ctx->what);
	return rules;
}

#endif
