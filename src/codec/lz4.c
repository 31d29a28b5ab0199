/* SPDX-License-Identifier: Apache-2.0 */
/* One LZ4 block, by liblz4; and by hand where that refuses, so that what comes before a damage is kept. */
#include "codec/lz4_in.h"

#include "codec/codec.h"

#include <lz4.h>

enum { MATCH_LEAST = 4 };

/* 15 goes on in bytes of 255 until another one. */
static size_t length(gh_cur *c, unsigned nibble)
{
	size_t n = nibble;
	unsigned more = nibble == 15 ? 255 : 0;
	while (more == 255) {
		more = gh_u8(c);
		n += more;
	}
	return n;
}

/* Makes n bytes fit, or as many as the ceilings allow: then n becomes that. */
static gh_code fit(gh_ctx *ctx, gh_buf *out, size_t *n, size_t left_in_block, uint64_t at)
{
	if (*n == 0)
		return GH_OK;
	gh_code code = *n <= left_in_block ? GH_OK : gh_fail(ctx, GH_CORRUPT, at, "an LZ4 block is longer than it may be");
	size_t want = GH_MIN(*n, left_in_block);
	gh_code full = want > 0 ? gh_buf_room(ctx, out, want) : GH_OK;
	if (full == GH_NOMEM)
		return full;
	*n = GH_MIN(want, out->cap - out->len);
	if (code == GH_OK && *n < want)
		code = gh_fail(ctx, GH_LIMIT, at, "more than %zu bytes come out of LZ4 data", out->cap);
	return code;
}

/* Block format: lz4_Block_format.md. */
static gh_code by_hand(gh_ctx *ctx, gh_cur c, gh_buf *out, size_t dict, size_t most)
{
	const size_t start = out->len, floor = start - dict;
	while (c.left > 0) {
		unsigned token = gh_u8(&c);
		size_t n = length(&c, token >> 4), there = GH_MIN(n, c.left);
		gh_code code = fit(ctx, out, &there, most - (out->len - start), c.pos);
		gh_bytes literals = gh_take(&c, there);
		if (literals.len > 0)
			memcpy(out->ptr + out->len, literals.ptr, literals.len);
		out->len += literals.len;
		if (code != GH_OK)
			return code;
		if (there < n || !gh_cur_ok(&c))
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "an LZ4 block is cut short");
		if (c.left == 0)
			return GH_OK; /* the last sequence is literals only */
		size_t back = gh_u16le(&c);
		n = length(&c, token & 15) + MATCH_LEAST;
		if (!gh_cur_ok(&c))
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "an LZ4 block is cut short");
		if (back == 0 || back > out->len - floor)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "LZ4 data is damaged: a match before the start");
		code = fit(ctx, out, &n, most - (out->len - start), c.pos);
		if (code == GH_NOMEM)
			return code;
		for (size_t i = 0; i < n; i++, out->len++)
			out->ptr[out->len] = out->ptr[out->len - back];
		if (code != GH_OK)
			return code;
	}
	return gh_fail(ctx, GH_TRUNCATED, c.pos, "an LZ4 block is cut short");
}

gh_code gh_lz4_one(gh_ctx *ctx, gh_bytes in, uint64_t pos, gh_buf *out, size_t dict, size_t most, size_t reserve)
{
	if (in.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, pos, "an empty LZ4 block");
	gh_code code = gh_buf_room(ctx, out, GH_MAX(reserve, (size_t)1));
	if (code == GH_NOMEM)
		return code;
	size_t room = GH_MIN(out->cap - out->len, GH_MIN(most, (size_t)INT32_MAX));
	if (code == GH_OK && in.len <= INT32_MAX) {
		uint8_t *to = out->ptr + out->len;
		int n = LZ4_decompress_safe_usingDict((const char *)in.ptr, (char *)to, (int)in.len, (int)room,
		                                      (const char *)(to - dict), (int)dict);
		if (n >= 0) {
			out->len += (size_t)n;
			return GH_OK;
		}
	}
	return by_hand(ctx, gh_cur_over(in, pos), out, dict, most);
}

gh_code gh_lz4_block(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	/* How much comes out is not written anywhere: four times the input is reserved, more grows by hand. */
	gh_cur c = *in;
	size_t reserve = GH_MIN(in->left, SIZE_MAX / 4) * 4;
	gh_code code = gh_lz4_one(ctx, gh_take(&c, c.left), in->pos, out, 0, SIZE_MAX, reserve);
	if (code == GH_OK)
		*in = c;
	return code;
}
