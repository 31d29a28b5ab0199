/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack/unpack - from bytes to a tree: candidates, proofs, parts, gaps, files.
 *
 * One pass of the search nominates candidates, measure() proves them, overlaps are settled by
 * proof, what nobody claims becomes a gap, and the parts are looked into in their turn. It knows
 * no format by name. Work is shared among threads; the tree does not depend on how.
 *
 * The visitor meets every file and every region while its bytes are at hand, from any thread.
 */
#ifndef GH_UNPACK_UNPACK_H
#define GH_UNPACK_UNPACK_H

#include "bytes/search.h"
#include "format/format.h"
#include "tree/tree.h"

/* What is at hand: a file of a volume, or (entry NULL) a region: a gap, a header, the image, what
 * came out of a stream. */
typedef struct gh_visit {
	gh_node *node;
	gh_entry *entry;
	gh_bytes content;
	uint64_t pos;   /* region: absolute offset in its space */
	bool     whole; /* false: trouble ended the content early, the entry has a note */
	bool     known; /* the nodes below cover these bytes and were visited themselves */
} gh_visit;

/* Called from any thread. ctx->arena lives as long as the tree, ctx->scratch until the call ends. A
 * code about us ends the work. Any of them may be NULL. */
typedef struct gh_visitor {
	void *arg;
	gh_code (*visit)(void *arg, gh_ctx *ctx, const gh_visit *visit);
	/* Everything about this node is known, but for what is below it. */
	gh_code (*settled)(void *arg, gh_ctx *ctx, gh_node *node);
	/* This entry was visited and looked into, nothing will be added to it. */
	gh_code (*read)(void *arg, gh_ctx *ctx, gh_node *volume, uint32_t index);
} gh_visitor;

typedef struct gh_unpack_options {
	unsigned         jobs;  /* threads, at least 1 */
	bool             files; /* read the files of volumes; a bare tree does not */
	const gh_search *search; /* of gh_unpack_search_new */
	gh_budget       *budget; /* may be NULL */
} gh_unpack_options;

/* The patterns of all formats, compiled at build time where this machine can use that. */
gh_search *gh_unpack_search_new(gh_ctx *ctx) GH_MUST;

/* A tree and all that it lives in. */
typedef struct gh_unpacked gh_unpacked;
gh_node *gh_unpacked_root(gh_unpacked *unpacked);
void     gh_unpacked_free(gh_unpacked *unpacked);

/* Grows the tree of an image. The views of nodes into bytes that were computed are gone when this
 * returns; all else stays. On trouble about us the tree so far is still given. */
gh_code gh_unpack(gh_ctx *ctx, gh_bytes image, const gh_unpack_options *options, const gh_visitor *visitor,
                  gh_unpacked **ret) GH_MUST;

#endif
