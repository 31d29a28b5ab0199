/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/codec_in - where a streaming decoder writes next. Only for this room.
 *
 *	gh_sink sink = { .out = out };
 *	for (;;) {
 *		code = gh_sink_open(ctx, &sink);          // sink.ptr, sink.len: write here
 *		… one step of the library …
 *		code = gh_sink_wrote(ctx, &sink, made);   // GH_LIMIT: more came than was allowed
 *	}
 *
 * A full buffer still opens, with one spare byte: a stream that ends exactly at the ceiling needs
 * one more step to be seen to end, and one that goes on shows it by writing there.
 */
#ifndef GH_CODEC_CODEC_IN_H
#define GH_CODEC_CODEC_IN_H

#include "bytes/buf.h"
#include "bytes/cur.h"

enum { GH_SINK_STEP = 4 << 20 }; /* between two looks at the stop flag */

typedef struct gh_sink {
	gh_buf  *out;
	size_t   most; /* bytes a step may write; 0: GH_SINK_STEP */
	uint8_t *ptr;
	size_t   len;
	uint8_t  spare;
} gh_sink;

gh_code gh_sink_open(gh_ctx *ctx, gh_sink *sink) GH_MUST;
gh_code gh_sink_wrote(gh_ctx *ctx, gh_sink *sink, size_t n) GH_MUST;

/* Reserves `size` bytes that a header promises, when the input that is left can hold so many: a
 * lying header costs nothing. Only GH_NOMEM is trouble here. */
gh_code gh_sink_reserve(gh_ctx *ctx, gh_buf *out, uint64_t size, size_t input) GH_MUST;

#endif
