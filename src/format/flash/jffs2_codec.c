/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compressors of JFFS2 nodes. Four are everybody's; three are its own:
 *
 *	rtime      byte, count: the byte, then `count` bytes that followed the byte's last occurrence
 *	rubinmips  an arithmetic coder over bits, the odds of the eight bits of a byte fixed
 *	dynrubin   the same; the odds stand in the first eight bytes
 *
 * The node says how much comes out; the data does not say where it ends.
 */
#include "codec/codec.h"
#include "format/flash/jffs2_in.h"

static gh_code rtime(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	size_t last[256] = { 0 };
	while (out->len < out->most) {
		uint8_t value = gh_u8(in), count = gh_u8(in);
		if (!gh_cur_ok(in))
			return gh_fail(ctx, GH_TRUNCATED, in->pos, "rtime data is cut short");
		out->ptr[out->len++] = value;
		size_t from = last[value];
		last[value] = out->len;
		if (count > out->most - out->len)
			return gh_fail(ctx, GH_CORRUPT, in->pos, "rtime data gives more than the node says");
		for (unsigned i = 0; i < count; i++)
			out->ptr[out->len++] = out->ptr[from + i];
	}
	return GH_OK;
}

enum { HALF = 1 << 15, REGISTER = 16 };

struct rubin {
	gh_bytes in;
	uint64_t bit;
	uint32_t p, q, code;  /* width and start of the interval, the bits read */
	uint32_t of, odds[8]; /* a bit is 1 in odds of `of` cases */
};

static uint32_t next_bit(struct rubin *r)
{
	uint64_t at = r->bit++ >> 3;
	return at < r->in.len ? r->in.ptr[at] >> (7 - (r->bit - 1) % 8) & 1 : 0;
}

static uint32_t rubin_bit(struct rubin *r, uint32_t odds)
{
	while (r->q >= HALF || r->p + r->q <= HALF) {
		r->q = (r->q & (HALF - 1)) << 1;
		r->p <<= 1;
		r->code = ((r->code & (HALF - 1)) << 1) + next_bit(r);
	}
	uint32_t zero = (uint32_t)((uint64_t)(r->of - odds) * r->p / r->of);
	zero = GH_MIN(GH_MAX(zero, 1U), r->p - 1);
	bool one = r->code >= r->q + zero;
	r->q += one ? zero : 0;
	r->p = one ? r->p - zero : zero;
	return one;
}

static gh_code rubin(gh_ctx *ctx, struct rubin *r, gh_buf *out)
{
	r->p = 2 * HALF;
	for (unsigned i = 0; i < REGISTER; i++)
		r->code = r->code * 2 + next_bit(r);
	while (out->len < out->most) {
		uint32_t byte = 0;
		for (unsigned i = 0; i < 8; i++) {
			if (r->p < 2)
				return gh_fail(ctx, GH_CORRUPT, 0, "rubin data leads nowhere");
			byte |= rubin_bit(r, r->odds[i]) << i;
		}
		/* The coder's last bits may be left out, a register's worth; more is a cut. */
		if (r->bit > 8 * (uint64_t)r->in.len + 2 * REGISTER)
			return gh_fail(ctx, GH_TRUNCATED, 0, "rubin data is cut short");
		out->ptr[out->len++] = (uint8_t)byte;
	}
	return GH_OK;
}

static gh_code rubinmips(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	struct rubin r = { .in = gh_rest(in), .of = 1043, .odds = { 277, 249, 290, 267, 229, 341, 212, 241 } };
	return rubin(ctx, &r, out);
}

static gh_code dynrubin(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	struct rubin r = { .of = 256 };
	for (unsigned i = 0; i < 8; i++)
		r.odds[i] = gh_u8(in);
	if (!gh_cur_ok(in))
		return gh_fail(ctx, GH_TRUNCATED, in->pos, "the odds of dynrubin data are cut short");
	r.in = gh_rest(in);
	return rubin(ctx, &r, out);
}

static gh_code stored(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_bytes b = gh_take(in, GH_MIN(in->left, out->most - out->len));
	gh_code code = gh_buf_add(ctx, out, b);
	if (code == GH_OK && out->len < out->most)
		return gh_fail(ctx, GH_TRUNCATED, in->pos, "stored data is cut short");
	return code;
}

/* The kernel neither asks for the checksum of a zlib stream nor misses it. */
static gh_code zlib(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur raw = *in;
	gh_code code = gh_zlib(ctx, in, out);
	if (code == GH_OK || !gh_is_about_input(code) || out->len == out->most)
		return gh_is_about_input(code) ? GH_OK : code;
	out->len = 0;
	gh_skip(&raw, 2);
	return gh_deflate_raw(ctx, &raw, out);
}

/* OpenWrt's: no header, lc = lp = pb = 0, a dictionary of 8 KiB. */
static gh_code lzma(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	return gh_lzma_raw(ctx, in, out, 0, 0, 0, 0x2000, out->most);
}

static const struct {
	const char *name;
	gh_code (*unpack)(gh_ctx *ctx, gh_cur *in, gh_buf *out);
} compressors[] = {
	{ "none", stored },       { "zero", NULL }, { "rtime", rtime },  { "rubinmips", rubinmips }, { "copy", stored },
	{ "dynrubin", dynrubin }, { "zlib", zlib }, { "lzo", gh_lzo1x }, { "lzma", lzma },
};

const char *gh_jffs2_compressor(unsigned number)
{
	return number < GH_COUNT(compressors) ? compressors[number].name : "unknown";
}

gh_code gh_jffs2_unpack_data(gh_ctx *ctx, unsigned compressor, gh_cur in, gh_buf *out)
{
	uint64_t at = in.pos;
	if (compressor >= GH_COUNT(compressors) || !compressors[compressor].unpack)
		return gh_fail(ctx, GH_UNSUPPORTED, at, "a node with the unknown compressor %u", compressor);
	gh_code code = compressors[compressor].unpack(ctx, &in, out);
	/* The room is what the node says comes out. */
	if (code == GH_LIMIT && out->len == out->most)
		code = GH_OK;
	if (code == GH_OK && out->len < out->most)
		return gh_fail(ctx, GH_CORRUPT, at, "a node gives %zu bytes, not %zu", out->len, out->most);
	return code;
}
