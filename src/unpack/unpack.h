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

/* What is at hand: a file of a volume, or (entry NULL) a region. */
typedef struct gh_visit {
	gh_node   *node;    /* volume of the file; or the gap, stream or image itself */
	gh_entry  *entry;
	gh_bytes   content;
	uint64_t   pos;     /* region: absolute offset in its space */
	bool       whole;   /* false: trouble ended the content early */
} gh_visit;

typedef struct gh_visitor {
	void    *arg;
	/* A region or a regular file, once each; called from any thread. ctx->arena outlives the scan's
	 * tree; ctx->scratch dies with the call. */
	gh_code (*visit)(void *arg, gh_ctx *ctx, const gh_visit *visit);
	/* A node whose children are settled (not yet worked on), and a volume whose entries are known. */
	gh_code (*settled)(void *arg, gh_ctx *ctx, gh_node *node);
	/* All entries [first, first+count) of one group of this volume were visited. */
	gh_code (*group_done)(void *arg, gh_ctx *ctx, gh_node *volume, uint32_t group);
} gh_visitor;

typedef struct gh_unpack_options {
	unsigned jobs;      /* threads, at least 1 */
	bool     hash;      /* SHA-256 of regions and files */
	bool     files;     /* read file contents at all (a bare tree does not) */
	const gh_search *search;
	gh_budget       *budget;
} gh_unpack_options;

/* Grows the tree of `image` in `arena` (ctx's own arena is used by the calling thread). */
gh_code gh_unpack(gh_ctx *ctx, gh_bytes image, const gh_unpack_options *options,
                  const gh_visitor *visitor, gh_node **ret) GH_MUST;

#endif
