/* SPDX-License-Identifier: Apache-2.0 */
/* finding/keep_in - copies of what a check handed over, for findings and signs alike. */
#ifndef GH_FINDING_KEEP_IN_H
#define GH_FINDING_KEEP_IN_H

#include "finding/finding.h"

/* The first `most` bytes, in ctx->arena. */
gh_code gh_keep_bytes(gh_ctx *ctx, gh_bytes *b, size_t most) GH_MUST;
/* NULL stays NULL. */
gh_code gh_keep_text(gh_ctx *ctx, const char **text) GH_MUST;
/* The note, the path and at most GH_EXCERPT bytes of the excerpt. */
gh_code gh_keep_evidence(gh_ctx *ctx, gh_evidence *e) GH_MUST;

#endif
