/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rank_in.h"

gh_code gh_ranks_of(gh_ctx *ctx, const gh_node *root, gh_ranks *ret)
{
	uint32_t last = 0, rank = 0;
	for (const gh_node *node = root; node; node = gh_node_after(root, node))
		last = GH_MAX(last, node->id);
	ret->n = (size_t)last + 1;
	ret->of = gh_arena_array(ctx->scratch, ret->n, sizeof *ret->of);
	if (!ret->of)
		return gh_nomem(ctx);
	for (const gh_node *node = root; node; node = gh_node_after(root, node))
		ret->of[node->id] = rank++;
	return GH_OK;
}
