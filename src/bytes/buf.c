/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/buf.h"

enum { FIRST = 64 << 10 };

gh_code gh_buf_room(gh_ctx *ctx, gh_buf *b, size_t want)
{
	if (b->cap - b->len >= want && want > 0)
		return GH_OK;
	if (!b->arena || b->cap >= b->most) {
		if (b->cap > b->len)
			return GH_OK;
		return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", b->most);
	}
	size_t least = b->len + GH_MIN(want, b->most - b->len);
	size_t cap = GH_MAX(b->cap ? b->cap + b->cap / 2 : (size_t)FIRST, least);
	cap = GH_MIN(cap, b->most);
	if (cap - b->cap > gh_arena_left(b->arena) / 2 && cap > least)
		cap = least; /* growing may need both places for a moment */
	if (cap - b->cap > gh_arena_left(b->arena))
		return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", b->cap);
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
	gh_code code = gh_buf_room(ctx, b, more.len);
	if (code != GH_OK)
		return code;
	if (b->cap - b->len < more.len)
		return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", b->most);
	memcpy(b->ptr + b->len, more.ptr, more.len);
	b->len += more.len;
	return GH_OK;
}
