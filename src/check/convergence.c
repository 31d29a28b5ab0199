/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file do several independent signs speak against?
 *
 * Signs are grouped by file, then by witness; of one witness the weightiest counts. Three witnesses convict, and so do
 * two where one is the weighty sign of how implants are started; two others are worth a look, one is told in a line
 * for all of them. docs/verdict.md says why.
 */
#include <stdlib.h>

#include "check/rank_in.h"

enum { CONVICT = 3, NOTICE = 2, SINGLE_MOST = GH_EVIDENCE_MOST };

static int by_file(const void *a, const void *b)
{
	const gh_signal *x = *(const gh_signal *const *)a, *y = *(const gh_signal *const *)b;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	int order = gh_bytes_cmp(x->about, y->about);
	if (order == 0)
		order = (x->witness > y->witness) - (x->witness < y->witness);
	if (order == 0)
		order = (x->weight < y->weight) - (x->weight > y->weight);
	return order ? order : strcmp(x->evidence.note, y->evidence.note);
}

static bool same_file(const gh_signal *a, const gh_signal *b)
{
	return a->order == b->order && gh_bytes_eq(a->about, b->about);
}

typedef struct group {
	gh_signal **all;
	size_t n;
	unsigned witnesses, weight;
	bool started; /* by the last lines of a start script, and named nowhere else */
	bool telling; /* its name, role or cargo speaks, not only who made it */
} group;

static group group_from(gh_signal **all, size_t left)
{
	group g = { .all = all };
	for (; g.n < left && same_file(all[0], all[g.n]); g.n++)
		if (g.n == 0 || all[g.n]->witness != all[g.n - 1]->witness) {
			gh_witness w = all[g.n]->witness;
			g.witnesses++;
			g.weight += all[g.n]->weight;
			g.started |= w == GH_WITNESS_START && all[g.n]->weight > 1;
			g.telling |= w == GH_WITNESS_NAME || w == GH_WITNESS_ROLE || w == GH_WITNESS_CARGO;
		}
	return g;
}

static const char *witnesses(gh_ctx *ctx, const group *g)
{
	const char *text = gh_witness_name(g->all[0]->witness);
	for (size_t i = 1; i < g->n && text; i++)
		if (g->all[i]->witness != g->all[i - 1]->witness)
			text = gh_arena_printf(ctx->scratch, "%s, %s", text, gh_witness_name(g->all[i]->witness));
	return text;
}

/* The first sign of each witness, then the others. */
static void add_evidence(const group *g, gh_finding *f)
{
	for (unsigned rest = 0; rest < 2; rest++)
		for (size_t i = 0; i < g->n && f->n_evidence < GH_EVIDENCE_MOST; i++) {
			bool first = i == 0 || g->all[i]->witness != g->all[i - 1]->witness;
			if (first == (rest == 0))
				f->evidence[f->n_evidence++] = g->all[i]->evidence;
		}
}

static gh_code say(gh_check_ctx *check, const group *g)
{
	gh_ctx *ctx = check->ctx;
	bool convict = g->witnesses >= CONVICT || (g->started && g->telling);
	gh_finding f = {
		.id = convict ? "CONVERGENCE/suspect" : "CONVERGENCE/two-signs",
		.check = gh_check_convergence.id,
		.level = convict ? GH_LEVEL_SUSPICIOUS : GH_LEVEL_NOTICE,
		.sure = g->weight > g->witnesses ? GH_SURE_MEDIUM : GH_SURE_LOW,
		.why = gh_check_convergence.why,
		.harmless = gh_check_convergence.harmless,
		.attack = gh_check_convergence.attack,
	};
	const char *names = witnesses(ctx, g);
	const char *says = convict ? "does not belong" : "may not belong";
	f.title = names ? gh_arena_printf(ctx->scratch, "/%.*s %s, say %u witnesses: %s",
					  (int)GH_MIN(g->all[0]->about.len, (size_t)200),
					  (const char *)g->all[0]->about.ptr, says, g->witnesses, names)
			: NULL;
	if (!f.title)
		return gh_nomem(ctx);
	add_evidence(g, &f);
	return gh_finding_add(ctx, check->out, &f);
}

static gh_code say_singles(gh_check_ctx *check, const group *singles, size_t n)
{
	gh_finding f = {
		.id = "CONVERGENCE/single-signs",
		.check = gh_check_convergence.id,
		.level = GH_LEVEL_INFO,
		.sure = GH_SURE_LOW,
		.why = "One weak sign alone says nothing: clean images show it too.",
		.harmless = gh_check_convergence.harmless,
	};
	f.title = gh_arena_printf(check->ctx->scratch, "%zu file%s one weak sign%s", n, n == 1 ? " bears" : "s bear",
				  n == 1 ? "" : " each");
	if (!f.title)
		return gh_nomem(check->ctx);
	for (size_t i = 0; i < GH_MIN(n, (size_t)SINGLE_MOST); i++) {
		const gh_signal *sign = singles[i].all[0];
		gh_evidence *e = &f.evidence[f.n_evidence++];
		*e = sign->evidence;
		if (gh_bytes_eq(sign->about, e->path))
			continue;
		e->note = gh_arena_printf(check->ctx->scratch, "against %.*s: %s",
					  (int)GH_MIN(sign->about.len, (size_t)200), (const char *)sign->about.ptr,
					  e->note);
		if (!e->note)
			return gh_nomem(check->ctx);
	}
	return gh_finding_add(check->ctx, check->out, &f);
}

static gh_code weigh(gh_check_ctx *check)
{
	gh_ctx *ctx = check->ctx;
	size_t n = 0, n_singles = 0;
	if (!check->signals || check->signals->count == 0)
		return GH_OK;
	gh_ranks ranks;
	gh_signal **all = gh_arena_array(ctx->scratch, check->signals->count, sizeof(gh_signal *));
	if (!all || gh_ranks_of(ctx, check->root, &ranks) != GH_OK)
		return gh_nomem(ctx);
	for (gh_signal *s = check->signals->first; s; s = s->next) {
		s->order = gh_rank_of(&ranks, s->evidence.node);
		if (s->about.len) /* others speak about no file */
			all[n++] = s;
	}
	if (n == 0)
		return GH_OK;
	qsort(all, n, sizeof(gh_signal *), by_file);
	group singles[SINGLE_MOST];
	for (size_t i = 0; i < n;) {
		group g = group_from(all + i, n - i);
		gh_code code = g.witnesses >= NOTICE ? say(check, &g) : GH_OK;
		if (code != GH_OK)
			return code;
		if (g.witnesses < NOTICE && n_singles++ < SINGLE_MOST)
			singles[n_singles - 1] = g;
		i += g.n;
	}
	return n_singles ? say_singles(check, singles, n_singles) : GH_OK;
}

const gh_check gh_check_convergence = {
	.id = "CONVERGENCE",
	.title = "Which file do several independent signs speak against?",
	.why = "Each sign alone has an innocent explanation. That several of them meet in one file has not.",
	.harmless = "A program of a third party that the maker added late and by hand: ask him for its origin.",
	.attack = "T1601.001",
	.kinds = "suspect, two-signs, single-signs",
	.weigh = weigh,
};
