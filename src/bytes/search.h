/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes/search - many patterns, one pass, by vectorscan. No vectorscan type leaves this file.
 */
#ifndef GH_BYTES_SEARCH_H
#define GH_BYTES_SEARCH_H

#include "bytes/buf.h"

typedef struct gh_search gh_search;

typedef struct gh_pattern {
	const char *expression; /* regular expression; dot matches every byte, case counts */
	unsigned    length;     /* bytes it matches; 0: they vary, and where a match ends is told for its start */
	unsigned    id;
	bool        once;       /* the first match is enough */
} gh_pattern;

/* Compiles. NULL with ctx's trouble when a pattern is wrong (a programming mistake) or memory is
 * out. One gh_search serves many threads, each with a gh_searcher of its own. */
gh_search *gh_search_new(gh_ctx *ctx, const gh_pattern *patterns, size_t n) GH_MUST;
void       gh_search_free(gh_search *search);

/* Compiling a hundred patterns takes longer than reading an image: the result can be kept as bytes
 * and loaded in no time, with the same patterns in the same order. gh_search_load gives NULL, without
 * trouble, for bytes of another version or for another processor: then compile. */
gh_code    gh_search_save(gh_ctx *ctx, const gh_search *search, gh_buf *out) GH_MUST;
gh_search *gh_search_load(gh_ctx *ctx, const gh_pattern *patterns, size_t n, gh_bytes saved) GH_MUST;

typedef struct gh_searcher gh_searcher;
gh_searcher *gh_searcher_new(gh_ctx *ctx, const gh_search *search) GH_MUST;
void         gh_searcher_free(gh_searcher *searcher);

/* Calls hit(arg, id, start) for every match in order of its end; false from hit stops the pass. */
gh_code gh_searcher_run(gh_ctx *ctx, gh_searcher *searcher, gh_bytes in,
                        bool (*hit)(void *arg, unsigned id, uint64_t at), void *arg) GH_MUST;

#endif
