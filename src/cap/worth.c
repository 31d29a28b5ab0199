/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file holds decides whether its code need be read: a rule that asks for listen() cannot match a file
 * without that word. Whatever only code can tell counts as there.
 */
#include "cap/pack_in.h"

typedef struct worth {
	const gh_caps *caps;
	bool *there; /* by feature */
	bool *may;   /* by rule */
	bool named;  /* some function that rules know is there: the file says whom it calls */
} worth;

static bool on_name(void *arg, unsigned id, uint64_t at)
{
	worth *w = arg;
	(void)at;
	w->there[id] = true;
	w->named |= w->caps->features[id].kind == GH_F_API;
	return true;
}

static bool feature_may(const worth *w, const gh_cap_node *n)
{
	const gh_feature *f = &w->caps->features[n->feature];
	if (n->least == 0)
		return true;
	if (f->kind == GH_F_ARG_TEXT && gh_cap_is_literal(w->caps->features[f->of].kind))
		return w->there[f->of];
	if (f->kind != GH_F_MATCH)
		return !gh_cap_is_literal(f->kind) || w->there[n->feature];
	for (uint32_t r = 0; r < w->caps->n_rules; r++)
		if (w->may[r] && gh_cap_rule_is(&w->caps->rules[r], gh_feature_text(w->caps, f)))
			return true;
	return false;
}

static bool node_may(const worth *w, uint32_t i)
{
	const gh_cap_node *nodes = w->caps->nodes, *n = &nodes[i];
	uint32_t holding = 0, all = 0;
	if (n->op == GH_N_FEATURE)
		return feature_may(w, n);
	if (n->op == GH_N_NOT || (n->op == GH_N_SOME && n->least == 0))
		return true;
	for (uint32_t k = i + 1; k < n->end; k = nodes[k].end, all++)
		holding += node_may(w, k);
	return n->op == GH_N_OR ? holding > 0 : n->op == GH_N_SOME ? holding >= n->least : holding == all;
}

gh_code gh_caps_worth(gh_ctx *ctx, const gh_caps *caps, gh_bytes file, bool *ret)
{
	worth w = { .caps = caps };
	w.there = gh_arena_array(ctx->scratch, caps->n_features + 1, sizeof *w.there);
	w.may = gh_arena_array(ctx->scratch, caps->n_rules + 1, sizeof *w.may);
	gh_searcher *s = caps->searches[GH_SEARCH_NAMES] ? gh_searcher_new(ctx, caps->searches[GH_SEARCH_NAMES]) : NULL;
	if (!w.there || !w.may || (caps->searches[GH_SEARCH_NAMES] && !s)) {
		gh_searcher_free(s);
		return gh_nomem(ctx);
	}
	gh_code code = s ? gh_searcher_run(ctx, s, file, on_name, &w) : GH_OK;
	gh_searcher_free(s);
	*ret = !w.named; /* a static program without names */
	for (uint32_t r = 0; r < caps->n_rules && code == GH_OK; r++) {
		w.may[r] = node_may(&w, caps->rules[r].root);
		*ret |= w.may[r] && caps->rules[r].weight != GH_CAP_NONE;
	}
	return code;
}
