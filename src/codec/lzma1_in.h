/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/lzma1_in - the LZMA1 decoder itself, without a header around it. Only for this room.
 *
 * Written from the LZMA specification of the LZMA SDK (lzma-specification.txt, public domain). It
 * decodes straight into the output, which is its dictionary: no window is allocated or copied,
 * and every legal lc, lp and pb is understood, where liblzma stops at lc + lp = 4.
 */
#ifndef GH_CODEC_LZMA1_IN_H
#define GH_CODEC_LZMA1_IN_H

#include "bytes/buf.h"
#include "bytes/cur.h"

typedef struct gh_lzma1_ask {
	unsigned lc, lp, pb; /* up to 8, 4, 4 */
	uint64_t size;       /* bytes to make; UINT64_MAX: an end marker says when */
} gh_lzma1_ask;

typedef struct gh_lzma1_met {
	bool     end_marker; /* one was met, and consumed */
	bool     clean;      /* the range coder ended as an encoder that stops here leaves it */
	bool     starved;    /* the input ended where a marker could have stood, and it was not clean before */
	uint32_t farthest;   /* the largest distance of a match */
} gh_lzma1_met;

/* Decodes to ask->size bytes or an end marker, whichever comes first. *in moves, *out and *met
 * tell what was there, whatever the answer. */
gh_code gh_lzma1(gh_ctx *ctx, gh_cur *in, gh_buf *out, const gh_lzma1_ask *ask, gh_lzma1_met *met) GH_MUST;

#endif
