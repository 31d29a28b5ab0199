/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes/buf - bytes that are being made, with a ceiling.
 *
 * A buffer grows inside an arena up to `most`, or is laid over memory of a fixed size. Reaching
 * the ceiling is an ordinary answer (GH_LIMIT), so a decompression bomb is too. Growth inside an
 * arena is charged to the budget of the scan.
 *
 *	gh_buf out = gh_buf_in(ctx->arena, most);
 *	code = gh_lzma_alone(ctx, &c, &out);
 *	gh_bytes content = gh_buf_view(&out);
 */
#ifndef GH_BYTES_BUF_H
#define GH_BYTES_BUF_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef struct gh_buf {
	uint8_t  *ptr;
	size_t    len, cap;
	size_t    most;
	gh_arena *arena; /* NULL: fixed memory */
} gh_buf;

static inline gh_buf gh_buf_in(gh_arena *arena, uint64_t most)
{
	return (gh_buf){ .arena = arena, .most = most > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)most };
}

static inline gh_buf gh_buf_over(void *ptr, size_t size)
{
	return (gh_buf){ .ptr = ptr, .cap = size, .most = size };
}

static inline gh_bytes gh_buf_view(const gh_buf *b)
{
	return (gh_bytes){ b->ptr, b->len };
}

/* Makes room for at least one and, as far as the ceiling allows, `want` bytes behind b->len; how
 * many there are is b->cap - b->len. GH_LIMIT when the buffer is full. */
gh_code gh_buf_room(gh_ctx *ctx, gh_buf *b, size_t want) GH_MUST;

gh_code gh_buf_add(gh_ctx *ctx, gh_buf *b, gh_bytes more) GH_MUST;

#endif
