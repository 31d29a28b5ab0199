/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One LZ4 block (lz4_Block_format.md), by hand: liblz4 says neither how much came out before a damage nor
 * whether it is the ceiling that was too low, and takes a distance of 0, which the format forbids, for a match.
 */
#include "codec/lz4_in.h"

#include "codec/codec.h"

enum { MATCH_LEAST = 4, STRIDE = 16 };

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
	if (*n <= GH_MIN(left_in_block, out->cap - out->len))
		return GH_OK;
	gh_code code =
		*n <= left_in_block ? GH_OK : gh_fail(ctx, GH_CORRUPT, at, "an LZ4 block is longer than it may be");
	size_t want = GH_MIN(*n, left_in_block);
	gh_code full = want > 0 ? gh_buf_room(ctx, out, want) : GH_OK;
	if (full == GH_NOMEM)
		return full;
	*n = GH_MIN(want, out->cap - out->len);
	if (code == GH_OK && *n < want)
		code = gh_fail(ctx, GH_LIMIT, at, "more than %zu bytes come out of LZ4 data", out->cap);
	return code;
}

/* Short runs are many: one stride of a fixed size is cheaper than a call, where memory behind allows it. */
static inline void copy_run(uint8_t *to, size_t room, gh_bytes from, size_t readable)
{
	if (!from.ptr)
		return;
	if (from.len <= STRIDE && readable >= STRIDE && room >= STRIDE)
		memcpy(to, from.ptr, STRIDE);
	else if (from.len > 0)
		memcpy(to, from.ptr, from.len);
}

/* n bytes from `back` bytes ago; where they overlap, they repeat. */
static inline void copy_match(uint8_t *to, size_t room, size_t back, size_t n)
{
	const uint8_t *from = to - back;
	if (back >= STRIDE && n <= 2 * STRIDE && room >= 2 * STRIDE) {
		memcpy(to, from, STRIDE);
		memcpy(to + STRIDE, from + STRIDE, STRIDE);
		return;
	}
	for (; n > back; n -= back, to += back, back *= 2)
		memcpy(to, from, back); /* what is there now is twice as long, and periodic */
	memcpy(to, from, n);
}

static gh_code sequences(gh_ctx *ctx, gh_cur c, gh_buf *out, size_t dict, size_t most)
{
	const size_t start = out->len, floor = start - dict;
	while (c.left > 0) {
		unsigned token = gh_u8(&c);
		size_t n = length(&c, token >> 4), there = GH_MIN(n, c.left);
		gh_code code = fit(ctx, out, &there, most - (out->len - start), c.pos);
		gh_bytes literals = gh_take(&c, there);
		copy_run(out->ptr + out->len, out->cap - out->len, literals, literals.len + c.left);
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
		if (n > 0)
			copy_match(out->ptr + out->len, out->cap - out->len, back, n);
		out->len += n;
		if (code != GH_OK)
			return code;
	}
	return gh_fail(ctx, GH_TRUNCATED, c.pos, "an LZ4 block is cut short");
}

bool gh_lz4_is_one(gh_bytes in, size_t most)
{
	size_t made = 0;
	gh_cur c = gh_cur_over(in, 0);
	while (c.left > 0) {
		unsigned token = gh_u8(&c);
		size_t n = length(&c, token >> 4);
		gh_skip(&c, n);
		if (!gh_cur_ok(&c) || n > most - made)
			return false;
		made += n;
		if (c.left == 0)
			return true;
		size_t back = gh_u16le(&c);
		n = length(&c, token & 15) + MATCH_LEAST;
		if (!gh_cur_ok(&c) || back == 0 || back > made || n > most - made)
			return false;
		made += n;
	}
	return false;
}

gh_code gh_lz4_one(gh_ctx *ctx, gh_bytes in, uint64_t pos, gh_buf *out, size_t dict, size_t most, size_t reserve)
{
	if (in.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, pos, "an empty LZ4 block");
	gh_code code = gh_buf_room(ctx, out, GH_MAX(reserve, (size_t)1));
	if (code == GH_NOMEM)
		return code;
	return sequences(ctx, gh_cur_over(in, pos), out, dict, most);
}

gh_code gh_lz4_block(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	/* How much comes out is not written anywhere: four times the input is reserved, more grows as it comes. */
	gh_cur c = *in;
	size_t reserve = GH_MIN(in->left, SIZE_MAX / 4) * 4;
	gh_code code = gh_lz4_one(ctx, gh_take(&c, c.left), in->pos, out, 0, SIZE_MAX, reserve);
	if (code == GH_OK)
		*in = c;
	return code;
}
