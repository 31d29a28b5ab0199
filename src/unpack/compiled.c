/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns as the build compiled them (tools/patterns.c); anew where that does not fit.
 */
#include "unpack/nominate.h"
#include "unpack/unpack.h"

static const uint8_t compiled[] = {
#include "patterns.inc"
};

gh_search *gh_unpack_search_new(gh_ctx *ctx)
{
	size_t n;
	const gh_pattern *patterns = gh_nominate_patterns(ctx, &n);
	if (!patterns)
		return NULL;
	gh_search *search = gh_search_load(ctx, patterns, n, gh_view(compiled, sizeof compiled));
	return search ? search : gh_search_new(ctx, patterns, n);
}
