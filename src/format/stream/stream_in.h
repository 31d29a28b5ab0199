/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/stream_in - what all compressed streams do alike. A wall.
 *
 *	static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
 *	{
 *		return gh_bzip2(ctx, in, out);
 *	}
 *	return gh_stream_measure(ctx, c, &(gh_stream){ .decode = decode, .proof = GH_PROOF_SUM }, ret);
 *
 * The one rule: a stream that decodes to its end is proven; one that breaks off is claimed only
 * when much came out of it before, because then the beginning was no accident.
 */
#ifndef GH_FORMAT_STREAM_IN_H
#define GH_FORMAT_STREAM_IN_H

#include "format/room_in.h"

typedef struct gh_stream {
	gh_code (*decode)(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info);
	void    *info;    /* handed to decode for the first member; NULL for those that follow */
	uint64_t ratio;   /* the most that comes out of one byte; 0: no such bound */
	uint64_t least;   /* fewer decoded bytes are taken for chance */
	gh_proof proof;   /* of a stream that ends well */
	bool     members; /* further streams right behind belong to it (RFC 1952, 2.2) */
	bool     steady;  /* trouble before the ceiling is the same under every ceiling: one look at it is enough */
	bool     whole_only; /* no claim for a stream that breaks off */
} gh_stream;

gh_code gh_stream_measure(gh_ctx *ctx, gh_cur c, const gh_stream *stream, gh_span *ret) GH_MUST;

/* Facts and notes that all streams have, and the decoded bytes. */
gh_code gh_stream_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out) GH_MUST;

/* The handler's own result of measure(), as it gave it in stream.info. */
const void *gh_stream_info(const gh_span *span);

#endif
