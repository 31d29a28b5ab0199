/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LZO1X, written from the description of its bitstream in Linux, Documentation/staging/lzo.rst. That
 * is bitstream version 0; version 1 (lzo-rle) is used by zram, in memory, and not by anything on flash.
 */
#include "codec/codec.h"

enum { LONG_RUN = 4 /* "state": the last instruction copied so many literals, or more */ };

struct lzo {
	gh_ctx *ctx;
	gh_cur in;
	gh_buf *out;
	size_t start;
};

/* An L of 0 goes on: every zero byte is 255 more, the byte behind them counts itself. */
static size_t length(struct lzo *z, unsigned bits, unsigned most)
{
	size_t n = bits;
	if (bits == 0) {
		unsigned byte;
		n = most;
		while ((byte = gh_u8(&z->in)) == 0 && gh_cur_ok(&z->in))
			n += 255;
		n += byte;
	}
	return n;
}

static gh_code cut_short(struct lzo *z)
{
	return gh_fail(z->ctx, GH_TRUNCATED, z->in.pos, "LZO data is cut short after %zu bytes",
		       z->out->len - z->start);
}

/* Room for n bytes, or for as many as the ceiling allows: then *ret is less. */
static gh_code room(struct lzo *z, size_t n, size_t *ret)
{
	gh_code code = GH_OK;
	if (n > z->out->cap - z->out->len) {
		code = gh_buf_room(z->ctx, z->out, n);
		if (code == GH_NOMEM)
			return code;
	}
	*ret = GH_MIN(n, z->out->cap - z->out->len);
	return *ret == n ? GH_OK
			 : gh_fail(z->ctx, GH_LIMIT, z->in.pos, "more than %zu bytes come out of LZO data",
				   z->out->len - z->start + *ret);
}

static gh_code literals(struct lzo *z, size_t n)
{
	size_t there = GH_MIN(n, z->in.left), fits = 0;
	gh_code code = room(z, there, &fits);
	gh_bytes b = gh_take(&z->in, fits);
	if (b.len > 0)
		memcpy(z->out->ptr + z->out->len, b.ptr, b.len);
	z->out->len += b.len;
	if (code == GH_OK && there < n)
		return cut_short(z);
	return code;
}

static gh_code match(struct lzo *z, size_t back, size_t n)
{
	size_t fits = 0;
	if (!gh_cur_ok(&z->in))
		return cut_short(z);
	if (back > z->out->len - z->start)
		return gh_fail(z->ctx, GH_CORRUPT, z->in.pos, "LZO data is damaged: a match before the start");
	gh_code code = room(z, n, &fits);
	if (fits == 0)
		return code;
	uint8_t *to = z->out->ptr + z->out->len;
	const uint8_t *from = to - back;
	z->out->len += fits;
	if (back >= fits) {
		memcpy(to, from, fits);
		return code;
	}
	for (size_t i = 0; i < fits; i++)
		to[i] = from[i];
	return code;
}

/* Up to the end marker: a match of the farthest kind whose distance is 16384. */
static gh_code decode(struct lzo *z)
{
	gh_code code = GH_OK;
	unsigned state = 0;
	if (z->in.left > 0 && z->in.ptr[0] > 17) {
		size_t n = (size_t)gh_u8(&z->in) - 17;
		code = literals(z, n);
		state = n < LONG_RUN ? (unsigned)n : LONG_RUN;
	}
	while (code == GH_OK) {
		size_t n, back;
		unsigned op = gh_u8(&z->in), tail = op;
		if (!gh_cur_ok(&z->in))
			return cut_short(z);
		if (op < 16 && state == 0) {
			n = 3 + length(z, op, 15);
			if (!gh_cur_ok(&z->in))
				return cut_short(z);
			code = literals(z, n);
			state = LONG_RUN;
			continue;
		}
		if (op < 16) {
			n = state == LONG_RUN ? 3 : 2;
			back = ((size_t)gh_u8(&z->in) << 2) + (op >> 2) + (state == LONG_RUN ? 2049 : 1);
		} else if (op < 64) {
			n = 2 + (op < 32 ? length(z, op & 7, 7) : length(z, op & 31, 31));
			tail = gh_u16le(&z->in);
			back = tail >> 2;
			if (op < 32) {
				back += 16384 + (size_t)((op & 8) << 11);
				if (back == 16384 && gh_cur_ok(&z->in))
					return GH_OK;
			} else {
				back += 1;
			}
		} else {
			n = op < 128 ? 3 + (op >> 5 & 1) : 5 + (op >> 5 & 3);
			back = ((size_t)gh_u8(&z->in) << 3) + (op >> 2 & 7) + 1;
		}
		code = match(z, back, n);
		state = tail & 3;
		if (code == GH_OK && state > 0)
			code = literals(z, state);
	}
	return code;
}

gh_code gh_lzo1x(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	struct lzo z = { ctx, *in, out, out->len };
	if (gh_bytes_start(gh_rest(in), GH_LIT("\x11\x01")) && in->left >= 5)
		return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "LZO data of bitstream version 1 (lzo-rle)");
	gh_code code = decode(&z);
	if (code == GH_OK)
		*in = z.in;
	return code;
}
