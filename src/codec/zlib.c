/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate in its three coats: raw (RFC 1951), zlib (RFC 1950), gzip (RFC 1952). */
#define ZLIB_CONST
#include "codec/codec.h"
#include "codec/codec_in.h"
#include "codec/sum.h"

#include <zlib.h>

static void inflate_done(z_stream *z)
{
	(void)inflateEnd(z);
}

/* `bits` as inflateInit2 wants them: negative for raw. */
static gh_code inflate_all(gh_ctx *ctx, gh_cur *in, gh_buf *out, int bits, const char *what)
{
	__attribute__((cleanup(inflate_done))) z_stream z = { .zalloc = Z_NULL };
	gh_cur c = *in;
	gh_sink sink = { .out = out };
	if (inflateInit2(&z, bits) != Z_OK)
		return gh_nomem(ctx);
	for (;;) {
		gh_code code = gh_sink_open(ctx, &sink);
		if (code != GH_OK)
			return code;
		size_t room = GH_MIN(sink.len, (size_t)UINT32_MAX), food = GH_MIN(c.left, (size_t)UINT32_MAX);
		z.next_out = sink.ptr;
		z.avail_out = (uInt)room;
		z.next_in = c.ptr;
		z.avail_in = (uInt)food;
		int rc = inflate(&z, Z_FINISH);
		gh_skip(&c, food - z.avail_in);
		code = gh_sink_wrote(ctx, &sink, room - z.avail_out);
		if (code != GH_OK)
			return code;
		if (rc == Z_STREAM_END)
			break;
		if (rc == Z_MEM_ERROR)
			return gh_nomem(ctx);
		if (rc == Z_NEED_DICT)
			return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "%s data wants a preset dictionary", what);
		if (rc != Z_OK && rc != Z_BUF_ERROR)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "%s data is damaged: %s", what,
				       z.msg ? z.msg : "no reason given");
		if (c.left == 0 && z.avail_out > 0)
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "%s data is cut short", what);
	}
	*in = c;
	return GH_OK;
}

gh_code gh_zlib(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur c = *in;
	unsigned head = gh_u16be(&c);
	/* RFC 1950 2.2: method 8, window up to 32 KiB, the pair a multiple of 31. */
	if (!gh_cur_ok(&c) || (head >> 8 & 15) != 8 || head >> 12 > 7 || head % 31 != 0)
		return GH_NOT_MINE;
	return inflate_all(ctx, in, out, MAX_WBITS, "zlib");
}

gh_code gh_deflate_raw(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	return inflate_all(ctx, in, out, -MAX_WBITS, "deflate");
}

/* A field that ends with NUL, which must be there. */
static gh_bytes text_to_nul(gh_cur *c)
{
	gh_bytes rest = gh_rest(c);
	const uint8_t *nul = rest.len ? memchr(rest.ptr, 0, rest.len) : NULL;
	gh_bytes text = gh_take(c, nul ? (size_t)(nul - rest.ptr) : UINT64_MAX);
	gh_skip(c, 1);
	return text;
}

/* RFC 1952 2.3: 1f 8b 08, flags, mtime[4], extra flags, os, then what the flags announce. */
static gh_code gzip_head(gh_ctx *ctx, gh_cur *in, gh_gzip_info *ret)
{
	enum { HEAD_CRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0 };
	gh_gzip_info info = { 0 };
	gh_cur c = *in;
	if (!gh_eat(&c, GH_LIT("\x1f\x8b\x08")))
		return GH_NOT_MINE;
	unsigned flags = gh_u8(&c);
	info.mtime = gh_u32le(&c);
	info.extra_flags = gh_u8(&c);
	info.os = gh_u8(&c);
	if (flags & RESERVED)
		return GH_NOT_MINE;
	if (flags & EXTRA)
		gh_skip(&c, gh_u16le(&c));
	if (flags & NAME)
		info.name = text_to_nul(&c);
	if (flags & COMMENT)
		info.comment = text_to_nul(&c);
	gh_bytes head = { in->ptr, in->left - c.left };
	if (flags & HEAD_CRC && gh_u16le(&c) != (gh_crc32(head) & 0xffff) && gh_cur_ok(&c))
		return gh_fail(ctx, GH_CORRUPT, in->pos, "the gzip header's checksum is wrong");
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the gzip header is cut short");
	*in = c;
	*ret = info;
	return GH_OK;
}

gh_code gh_gzip(gh_ctx *ctx, gh_cur *in, gh_buf *out, gh_gzip_info *info)
{
	gh_gzip_info head;
	gh_cur c = *in;
	size_t before = out->len;
	gh_code code = gzip_head(ctx, &c, &head);
	if (code != GH_OK)
		return code;
	code = inflate_all(ctx, &c, out, -MAX_WBITS, "gzip");
	if (code != GH_OK)
		return code;
	uint64_t at = c.pos;
	uint32_t crc = gh_u32le(&c), size = gh_u32le(&c);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the gzip trailer is cut short");
	gh_bytes made = gh_bytes_part(gh_buf_view(out), before, SIZE_MAX);
	uint32_t got = gh_crc32(made);
	if (crc != got)
		return gh_fail(ctx, GH_CORRUPT, at, "gzip says CRC-32 %08x, the data have %08x", crc, got);
	if (size != (uint32_t)made.len)
		return gh_fail(ctx, GH_CORRUPT, at + 4, "gzip says %u bytes, %zu came out", size, made.len);
	*in = c;
	if (info)
		*info = head;
	return GH_OK;
}
