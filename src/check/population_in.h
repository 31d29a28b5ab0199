/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/population_in - how common is each value of a trait among many alike?
 *
 *	gh_column c = { .values = texts, .n = n };
 *	code = gh_column_count(ctx, &c);
 *	if (gh_column_is_odd(&c, i))
 *		say("%u of %u; %u have %s", c.alike[i], c.given, c.most, c.common);
 *
 * A value is odd where nearly all others agree on few values. Where a population is of many minds (every
 * program has a value of its own, or several builds met), nobody is odd.
 */
#ifndef GH_CHECK_POPULATION_IN_H
#define GH_CHECK_POPULATION_IN_H

#include "check/check.h"

typedef struct gh_column {
	const char *const *values; /* one a member; "" where a member cannot have one */
	unsigned    n;
	/* counted */
	unsigned   *alike; /* how many members have the same value, itself included */
	unsigned    given; /* members that have one */
	unsigned    most;  /* of the commonest */
	const char *common;
	bool        settled; /* nearly all agree on few values */
} gh_column;

enum { GH_POPULATION_LEAST = 8 };

/* Counts into ctx->scratch. */
gh_code gh_column_count(gh_ctx *ctx, gh_column *column) GH_MUST;
bool    gh_column_is_odd(const gh_column *column, unsigned member);

#endif
