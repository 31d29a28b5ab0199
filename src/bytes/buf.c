/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/buf.h"

/* A declared size is a wish: room grows with what really comes, this much at the first step. */
enum { STEP = 1 << 20 };

gh_code gh_buf_room(gh_ctx *ctx, gh_buf *b, size_t want)
{
	if (b->cap - b->len >= want && want > 0)
		return GH_OK;
	if (!b->arena || b->cap >= b->most) {
		if (b->cap > b->len)
			return GH_OK;
		return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", b->most);
	}
	size_t step = GH_MIN(GH_MAX(want, b->cap / 2), GH_MAX((size_t)STEP, b->cap));
	size_t cap = b->cap + GH_MIN(step, b->most - b->cap);
	size_t left = gh_arena_left(b->arena);
	if (cap > left) /* growing may need both places for a moment */
		cap = b->cap + GH_MIN(cap - b->cap, left / 4);
	if (cap == b->cap) {
		if (b->cap > b->len)
			return GH_OK;
		return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", b->cap);
	}
	gh_code code = gh_spend_bytes(ctx, cap - b->cap);
	if (code != GH_OK)
		return code;
	uint8_t *ptr = gh_arena_grow(b->arena, b->ptr, b->cap, cap);
	if (!ptr)
		return gh_nomem(ctx);
	b->ptr = ptr;
	b->cap = cap;
	return GH_OK;
}

gh_code gh_buf_add(gh_ctx *ctx, gh_buf *b, gh_bytes more)
{
	if (more.len == 0)
		return GH_OK;
	for (size_t cap = SIZE_MAX; b->cap - b->len < more.len;) {
		if (b->cap == cap)
			return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", b->cap);
		cap = b->cap;
		gh_code code = gh_buf_room(ctx, b, more.len);
		if (code != GH_OK)
			return code;
	}
	memcpy(b->ptr + b->len, more.ptr, more.len);
	b->len += more.len;
	return GH_OK;
}
