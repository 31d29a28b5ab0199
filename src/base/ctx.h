/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/ctx - one piece of work: where its results live, what it may spend, what went wrong last.
 *
 * Every function that can fail takes a gh_ctx first. A failure is told in one line, where it is
 * met, for the reader of the report: lower case, no full stop, numbers included.
 *
 *	return gh_fail(ctx, GH_TRUNCATED, c.pos, "uImage payload of %u bytes is cut short", size);
 */
#ifndef GH_BASE_CTX_H
#define GH_BASE_CTX_H

#include <stdatomic.h>

#include "base/arena.h"

/* What one scan may spend, shared by all threads of it. Once it is spent it stays spent. */
typedef struct gh_budget {
	_Atomic int64_t bytes_left; /* bytes that unpacking may still produce */
	_Atomic int64_t nodes_left; /* nodes and file system entries that may still be made */
	unsigned        depth;      /* how many layers deep a tree may go */
	uint64_t        piece;      /* bytes that may come out of one stream; 0: half of what is left */
	_Atomic bool    spent;      /* somebody was refused what others had: who, is chance among threads */
	_Atomic bool    cut;        /* a limit that does not depend on others left something out */
	_Atomic bool    stop;       /* cancelled from outside: finish soon */
	/* Told when a pass over many bytes has these behind it, so that an image of a GiB need not be
	 * in memory as a whole. They stay readable. May be NULL. */
	void          (*behind)(void *arg, const void *ptr, size_t len);
	void           *behind_arg;
	const gh_store *store; /* for the largest things inside; may be NULL */
} gh_budget;

typedef struct gh_ctx {
	gh_arena  *arena;   /* results of this piece of work */
	gh_arena  *scratch; /* gone when the piece of work is done */
	gh_budget *budget;
	gh_code    code;    /* the last trouble … */
	uint64_t   at;      /* … at this offset of the bytes being read … */
	char       what[160]; /* … in words */
} gh_ctx;

/* Records the story of a failure and yields `code`: `return gh_fail(...);`. A macro, so that
 * compiler and analyzers see which code leaves the function. */
#define gh_fail(ctx, code, ...) (gh_trouble((ctx), (code), __VA_ARGS__), (gh_code)(code))
void gh_trouble(gh_ctx *ctx, gh_code code, uint64_t at, const char *fmt, ...) GH_PRINTF(4, 5);

/* `return gh_nomem(ctx);` after an allocation that gave NULL. */
#define gh_nomem(ctx) gh_fail((ctx), GH_NOMEM, 0, "out of memory")

/* Takes n bytes (or nodes) from the budget: GH_OK, or GH_LIMIT and nothing taken. Ask before the
 * bytes are made. Without a budget (unit tests of small parts) everything is allowed. */
gh_code gh_spend_bytes(gh_ctx *ctx, uint64_t n) GH_MUST;
gh_code gh_spend_nodes(gh_ctx *ctx, uint64_t n) GH_MUST;

/* A pass over many bytes goes in steps of GH_PASS and says what is behind it. */
enum { GH_PASS = 8 << 20, GH_PASS_LEAST = 256 << 10 };
void gh_behind(const gh_ctx *ctx, const void *ptr, size_t len);

/* True once the scan was told to stop; loops over hostile counts ask now and then. */
bool gh_cancelled(const gh_ctx *ctx);

#endif
