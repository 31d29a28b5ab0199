/* SPDX-License-Identifier: Apache-2.0 */
/* One run of all YARA rules over some bytes. Scanners are borrowed from a pool. */
#include "rule/load_in.h"

typedef struct run {
	gh_ctx *ctx;
	gh_bytes content;
	gh_rule_hit *hit;
	void *arg;
	gh_code code;
} run;

static YR_SCANNER *borrow(const gh_rules *rules)
{
	gh_rule_pool *pool = rules->pool;
	YR_SCANNER *scanner = NULL;
	pthread_mutex_lock(&pool->lock);
	if (pool->n_idle > 0)
		scanner = pool->idle[--pool->n_idle];
	pthread_mutex_unlock(&pool->lock);
	if (scanner || yr_scanner_create(rules->yara, &scanner) != ERROR_SUCCESS)
		return scanner;
	/* no SCAN_FLAGS_FAST_MODE: offsets are wanted; NO_TRYCATCH: the handlers of signals are the
	 * caged process's own, and the bytes are in memory */
	yr_scanner_set_flags(scanner, SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
	yr_scanner_set_timeout(scanner, GH_RULE_SECONDS);
	return scanner;
}

static void give_back(const gh_rules *rules, YR_SCANNER *scanner)
{
	gh_rule_pool *pool = rules->pool;
	pthread_mutex_lock(&pool->lock);
	bool kept = pool->n_idle < GH_RULE_SCANNERS;
	if (kept)
		pool->idle[pool->n_idle++] = scanner;
	pthread_mutex_unlock(&pool->lock);
	if (!kept)
		yr_scanner_destroy(scanner);
}

static void read_meta(YR_RULE *rule, gh_rule_match *match)
{
	const struct {
		const char *name;
		const char **into;
	} fields[] = {
		{ "family", &match->family },   { "description", &match->description },
		{ "source", &match->source },   { "reference", &match->source }, /* as most public packs say */
		{ "date", &match->date },       { "licence", &match->licence },
		{ "license", &match->licence }, { "author", &match->author },
		{ "level", &match->level },     { "attack", &match->attack },
	};
	YR_META *meta;
	yr_rule_metas_foreach(rule, meta)
	{
		for (size_t i = 0; i < GH_COUNT(fields); i++)
			if (meta->type == META_TYPE_STRING && !*fields[i].into &&
			    strcmp(meta->identifier, fields[i].name) == 0)
				*fields[i].into = meta->string;
	}
}

static void read_strings(YR_SCAN_CONTEXT *context, YR_RULE *rule, gh_bytes content, gh_rule_match *match)
{
	YR_STRING *string;
	yr_rule_strings_foreach(rule, string)
	{
		/* libyara packs its matches without alignment: they are copied before they are read. The first
		 * place of each string says most in the least room. */
		YR_MATCH m = { .is_private = true };
		for (const void *at = context->matches[string->idx].head; at && m.is_private; at = m.next)
			memcpy(&m, at, sizeof m);
		int64_t at = m.base + m.offset;
		if (m.is_private || at < 0 || match->n_strings == GH_RULE_STRINGS)
			continue;
		gh_rule_string *s = &match->strings[match->n_strings++];
		s->identifier = string->identifier;
		s->at = (uint64_t)at;
		s->bytes = gh_bytes_part(content, s->at, m.match_length > 0 ? (uint64_t)m.match_length : 0);
	}
}

static int on_event(YR_SCAN_CONTEXT *context, int message, void *data, void *arg)
{
	run *r = arg;
	if (gh_cancelled(r->ctx)) {
		r->code = gh_fail(r->ctx, GH_LIMIT, 0, "scan with rules was cancelled");
		return CALLBACK_ABORT;
	}
	if (message != CALLBACK_MSG_RULE_MATCHING)
		return CALLBACK_CONTINUE;
	YR_RULE *rule = data;
	gh_rule_match match = { .rule = rule->identifier, .builtin = rule->ns->name[0] == 'b' };
	read_meta(rule, &match);
	read_strings(context, rule, r->content, &match);
	r->code = r->hit(r->arg, &match);
	return r->code == GH_OK ? CALLBACK_CONTINUE : CALLBACK_ABORT;
}

gh_code gh_rules_scan(gh_ctx *ctx, const gh_rules *rules, gh_bytes content, gh_rule_hit *hit, void *arg)
{
	if (!rules->yara || content.len == 0)
		return GH_OK;
	YR_SCANNER *scanner = borrow(rules);
	if (!scanner)
		return gh_nomem(ctx);
	run r = { ctx, content, hit, arg, GH_OK };
	yr_scanner_set_callback(scanner, on_event, &r);
	int error = yr_scanner_scan_mem(scanner, content.ptr, content.len);
	give_back(rules, scanner);
	if (r.code != GH_OK)
		return r.code;
	if (error == ERROR_INSUFFICIENT_MEMORY)
		return gh_nomem(ctx);
	if (error != ERROR_SUCCESS)
		return gh_fail(ctx, GH_LIMIT, 0, "rules stopped on %zu bytes: libyara error %d", content.len, error);
	return GH_OK;
}
