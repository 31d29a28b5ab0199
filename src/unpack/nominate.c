/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack/nominate.h"

const gh_pattern *gh_nominate_patterns(gh_ctx *ctx, size_t *ret)
{
	gh_pattern *patterns = gh_arena_array(ctx->scratch, gh_formats_count * GH_MAGICS, sizeof *patterns);
	size_t n = 0;
	if (!patterns) {
		(void)gh_nomem(ctx);
		return NULL;
	}
	for (size_t i = 0; i < gh_formats_count; i++)
		for (unsigned k = 0; k < GH_MAGICS && gh_formats[i]->magic[k].pattern; k++)
			patterns[n++] = (gh_pattern){ .expression = gh_formats[i]->magic[k].pattern,
						      .length = gh_formats[i]->magic[k].length,
						      .id = (unsigned)i * GH_MAGICS + k };
	*ret = n;
	return patterns;
}
