/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack/verify - reads a finished tree's image once more and holds every region against what was told.
 *
 * Each node is cut out of the bytes it is said to stand in, proven and unpacked again from exactly those,
 * and compared: the children partition their space, a region has its digest, a stream gives the same
 * bytes, a volume the same files. What this cannot see is what the first reading did not see either.
 */
#ifndef GH_UNPACK_VERIFY_H
#define GH_UNPACK_VERIFY_H

#include "tree/tree.h"

typedef struct gh_verified {
	uint64_t regions, files, bytes; /* that were read again */
	uint64_t differ;                /* of them, not as told */
	char     first[160];            /* the first such, in words; "" where there is none */
} gh_verified;

/* `ctx->budget` pays for it as for a first reading. Trouble about us, or GH_OK. */
gh_code gh_verify(gh_ctx *ctx, const gh_node *root, gh_bytes image, gh_verified *ret) GH_MUST;

#endif
