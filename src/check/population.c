/* SPDX-License-Identifier: Apache-2.0 */
#include "check/population_in.h"

#include <stdlib.h>

/* Rare: one member, or one in fifty. Settled: the values that are not rare cover nine members of ten. */
enum { RARE_SHARE = 50, SETTLED_OF_TEN = 9 };

static unsigned rare(const gh_column *c)
{
	return GH_MAX(c->given / RARE_SHARE, 1U);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(**(const char *const *const *)a, **(const char *const *const *)b);
}

gh_code gh_column_count(gh_ctx *ctx, gh_column *c)
{
	const char *const **order = gh_arena_array(ctx->scratch, c->n + 1, sizeof *order);
	c->alike = gh_arena_array(ctx->scratch, c->n + 1, sizeof *c->alike);
	if (!order || !c->alike)
		return gh_nomem(ctx);
	c->given = c->most = 0;
	c->common = "";
	for (unsigned i = 0; i < c->n; i++) {
		c->alike[i] = 0;
		if (c->values[i][0])
			order[c->given++] = &c->values[i];
	}
	if (c->given > 1)
		qsort(order, c->given, sizeof *order, by_text);
	unsigned agreed = 0;
	for (unsigned from = 0, to; from < c->given; from = to) {
		for (to = from + 1; to < c->given && strcmp(*order[from], *order[to]) == 0;)
			to++;
		for (unsigned i = from; i < to; i++)
			c->alike[order[i] - c->values] = to - from;
		agreed += to - from > rare(c) ? to - from : 0;
		if (to - from > c->most) {
			c->most = to - from;
			c->common = *order[from];
		}
	}
	c->settled = c->given >= GH_POPULATION_LEAST && agreed * 10 >= c->given * SETTLED_OF_TEN;
	return GH_OK;
}

bool gh_column_is_odd(const gh_column *c, unsigned member)
{
	return c->settled && c->alike[member] > 0 && c->alike[member] <= rare(c);
}
