/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/rank_in - the place of each node in the report. Numbers of nodes depend on threads; this does not.
 */
#ifndef GH_CHECK_RANK_IN_H
#define GH_CHECK_RANK_IN_H

#include "check/check.h"

typedef struct gh_ranks {
	uint32_t *of; /* by number of the node */
	size_t    n;
} gh_ranks;

/* For every node below `root`, in ctx->scratch. */
gh_code gh_ranks_of(gh_ctx *ctx, const gh_node *root, gh_ranks *ret) GH_MUST;

static inline uint32_t gh_rank_of(const gh_ranks *ranks, uint32_t node)
{
	return node < ranks->n ? ranks->of[node] : UINT32_MAX;
}

#endif
