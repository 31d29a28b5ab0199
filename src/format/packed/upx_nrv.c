/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NRV2B, NRV2D and NRV2E, the methods of UCL: literals, and matches with an offset and a length, both as rows of bits
 * where every other bit says whether it goes on.
 *
 *	1 literal            0 offset's high part, low byte, length
 *
 * A high part of 2 repeats the last offset; an offset of ffffffff ends. In 2D and 2E the lowest bit of the offset
 * belongs to the length. Bits and bytes share one input: a word of bits is taken when the one before is used up.
 */
#include "format/packed/upx_in.h"

enum { FAR_B = 0xd00, FAR_DE = 0x500, MOST = 1 << 24 };

struct state {
	gh_cur in;
	unsigned width;
	uint32_t word;
	unsigned left; /* bits of it */
};

static uint32_t bit(struct state *s)
{
	if (s->left == 0) {
		s->word = s->width == 8 ? gh_u8(&s->in) : s->width == 16 ? gh_u16le(&s->in) : gh_u32le(&s->in);
		s->left = s->width;
	}
	return s->word >> --s->left & 1;
}

/* The high part of an offset. */
static uint32_t high_part(struct state *s, gh_nrv kind)
{
	uint32_t v = 1;
	while (gh_cur_ok(&s->in) && v < MOST) {
		v = v * 2 + bit(s);
		if (bit(s))
			break;
		if (kind != GH_NRV2B)
			v = (v - 1) * 2 + bit(s);
	}
	return v;
}

/* A number whose end is marked. */
static uint32_t number(struct state *s)
{
	uint32_t v = 1;
	do
		v = v * 2 + bit(s);
	while (!bit(s) && gh_cur_ok(&s->in) && v < MOST);
	return v;
}

static uint32_t length(struct state *s, gh_nrv kind, uint32_t low)
{
	if (kind == GH_NRV2B) {
		uint32_t v = bit(s);
		v = v * 2 + bit(s);
		return v ? v : number(s) + 2;
	}
	if (kind == GH_NRV2D) {
		uint32_t v = low * 2 + bit(s);
		return v ? v : number(s) + 2;
	}
	if (low)
		return 1 + bit(s);
	return bit(s) ? 3 + bit(s) : number(s) + 3;
}

gh_code gh_nrv_decode(gh_ctx *ctx, gh_nrv kind, unsigned bits, gh_bytes in, uint64_t pos, uint8_t *to, size_t size)
{
	struct state s = { .in = gh_cur_over(in, pos), .width = bits };
	uint32_t last = 1;
	size_t done = 0;
	while (gh_cur_ok(&s.in)) {
		if (bit(&s)) {
			uint8_t literal = gh_u8(&s.in);
			if (done == size || !gh_cur_ok(&s.in))
				break;
			to[done++] = literal;
			continue;
		}
		uint32_t offset = high_part(&s, kind), low = 0;
		if (offset == 2) {
			offset = last;
			low = kind == GH_NRV2B ? 0 : bit(&s);
		} else {
			uint32_t full = (offset - 3) * 256 + gh_u8(&s.in);
			if (full == UINT32_MAX && gh_cur_ok(&s.in))
				return done == size ? GH_OK
						    : gh_fail(ctx, GH_CORRUPT, s.in.pos, "%zu bytes come out, not %zu",
							      done, size);
			if (kind != GH_NRV2B) {
				low = ~full & 1;
				full >>= 1;
			}
			offset = last = full + 1;
		}
		uint32_t n = length(&s, kind, low) + (offset > (kind == GH_NRV2B ? FAR_B : FAR_DE)) + 1;
		if (offset == 0 || offset > done || n > size - done || !gh_cur_ok(&s.in))
			break;
		for (; n > 0; n--, done++)
			to[done] = to[done - offset];
	}
	return gh_fail(ctx, GH_CORRUPT, s.in.pos, "what is packed is damaged after %zu bytes", done);
}
