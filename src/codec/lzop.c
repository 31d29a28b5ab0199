/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lzop's container, as lzop 1.04 writes it; all numbers big endian.
 *
 *	 0  89 4c 5a 4f 00 0d 0a 1a 0a     9  version 2, library 2, [needed 2]
 *	    method, [level], flags 4, [filter 4], mode 4, mtime 4, [mtime high 4], name length and name,
 *	    checksum of all this behind the magic; then blocks until one of length 0:
 *	    length 4, stored length 4, [checksums of what comes out], [of what is stored], bytes
 */
#include "codec/codec.h"
#include "codec/sum.h"

enum {
	ADLER_OUT = 0x1,
	ADLER_IN = 0x2,
	EXTRA = 0x40,
	CRC_OUT = 0x100,
	CRC_IN = 0x200,
	MULTIPART = 0x400,
	FILTER = 0x800,
	HEAD_CRC = 0x1000,
	NEWER = 0x0940,        /* from this version on the fields in brackets are there */
	BLOCK_MOST = 64 << 20, /* lzop's own limit */
	RATIO_MOST = 256,      /* LZO1X cannot say more with a byte */
};

static gh_code head_read(gh_ctx *ctx, gh_cur *in, gh_lzop_info *ret)
{
	gh_cur c = *in;
	if (!gh_eat(&c, GH_LIT("\x89LZO\0\r\n\x1a\n")))
		return GH_NOT_MINE;
	gh_cur from = c;
	gh_lzop_info h = { .version = gh_u16be(&c) };
	bool newer = h.version >= NEWER;
	gh_skip(&c, newer ? 4 : 2);
	h.method = gh_u8(&c);
	h.level = newer ? gh_u8(&c) : 0;
	h.flags = gh_u32be(&c);
	uint32_t filter = h.flags & FILTER ? gh_u32be(&c) : 0;
	h.mode = gh_u32be(&c);
	h.mtime = gh_u32be(&c);
	gh_skip(&c, newer ? 4 : 0);
	h.name = gh_take(&c, gh_u8(&c));
	gh_bytes head = { from.ptr, from.left - c.left };
	uint32_t sum = gh_u32be(&c);
	if (gh_cur_ok(&c) && sum != (h.flags & HEAD_CRC ? gh_crc32(head) : gh_adler32(head)))
		return gh_fail(ctx, GH_CORRUPT, in->pos, "the lzop header's checksum is wrong");
	if (h.flags & EXTRA) {
		gh_skip(&c, gh_u32be(&c));
		gh_skip(&c, 4);
	}
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the lzop header is cut short");
	/* Methods 1 to 3 are LZO1X-1, LZO1X-1(15) and LZO1X-999: one decoder. */
	if (h.method < 1 || h.method > 3)
		return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "lzop method %u", h.method);
	if (filter != 0 || h.flags & MULTIPART)
		return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "lzop with a filter or in several parts");
	*in = c;
	*ret = h;
	return GH_OK;
}

struct sums {
	uint32_t adler, crc;
};

static struct sums sums_read(gh_cur *c, uint32_t flags, unsigned adler, unsigned crc)
{
	struct sums s = { 0 };
	if (flags & adler)
		s.adler = gh_u32be(c);
	if (flags & crc)
		s.crc = gh_u32be(c);
	return s;
}

static bool right(gh_bytes b, struct sums s, uint32_t flags, unsigned adler, unsigned crc)
{
	return (!(flags & adler) || s.adler == gh_adler32(b)) && (!(flags & crc) || s.crc == gh_crc32(b));
}

/* The bytes of a block into *out, at most `size`; what fits is kept. */
static gh_code block_bytes(gh_ctx *ctx, gh_cur *data, gh_buf *out, size_t size, bool stored)
{
	/* A window of its own on the output: matches may not reach into the block before. */
	gh_code code = gh_buf_room(ctx, out, size);
	if (code == GH_NOMEM)
		return code;
	size_t room = GH_MIN(size, out->cap - out->len);
	gh_buf part = gh_buf_over(room > 0 ? out->ptr + out->len : NULL, room);
	bool tight = room < size;
	if (stored) {
		size_t n = GH_MIN(room, data->left);
		code = n > 0 ? gh_buf_add(ctx, &part, gh_take(data, n)) : GH_OK;
	} else {
		code = gh_lzo1x(ctx, data, &part);
	}
	out->len += part.len;
	if (code == GH_LIMIT && !tight)
		return gh_fail(ctx, GH_CORRUPT, data->pos, "more than the %zu bytes of an lzop block come out", size);
	if (code == GH_OK && tight)
		return gh_fail(ctx, GH_LIMIT, data->pos, "more than %zu bytes come out of lzop data", out->len);
	if (code == GH_OK && (part.len != size || data->left > 0))
		return gh_fail(ctx, GH_CORRUPT, data->pos, "an lzop block says %zu bytes, %zu came out", size,
			       part.len);
	return code;
}

static gh_code block_read(gh_ctx *ctx, gh_cur *c, gh_buf *out, uint32_t flags, uint32_t size)
{
	uint64_t at = c->pos;
	const size_t before = out->len;
	uint32_t stored = gh_u32be(c);
	struct sums out_sums = sums_read(c, flags, ADLER_OUT, CRC_OUT);
	struct sums in_sums = stored < size ? sums_read(c, flags, ADLER_IN, CRC_IN) : (struct sums){ 0 };
	if (!gh_cur_ok(c))
		return gh_fail(ctx, GH_TRUNCATED, c->pos, "an lzop block's header is cut short");
	if (size > BLOCK_MOST || stored > size || stored == 0 || size / RATIO_MOST > stored)
		return gh_fail(ctx, GH_CORRUPT, at, "an lzop block of %u bytes in %u", size, stored);
	gh_bytes bytes = gh_bytes_part(gh_rest(c), 0, stored);
	gh_cur data = gh_cur_over(bytes, c->pos);
	gh_code code = block_bytes(ctx, &data, out, size, stored == size);
	gh_skip(c, stored);
	if (code == GH_LIMIT || code == GH_NOMEM)
		return code;
	if (!gh_cur_ok(c))
		return gh_fail(ctx, GH_TRUNCATED, c->pos, "an lzop block of %u bytes is cut short", stored);
	if (stored < size && !right(bytes, in_sums, flags, ADLER_IN, CRC_IN))
		return gh_fail(ctx, GH_CORRUPT, at, "the checksum of a packed lzop block is wrong");
	if (code != GH_OK)
		return code;
	if (!right(gh_bytes_part(gh_buf_view(out), before, size), out_sums, flags, ADLER_OUT, CRC_OUT))
		return gh_fail(ctx, GH_CORRUPT, at, "the checksum of an lzop block is wrong");
	return GH_OK;
}

gh_code gh_lzop(gh_ctx *ctx, gh_cur *in, gh_buf *out, gh_lzop_info *info)
{
	gh_lzop_info head;
	gh_cur c = *in;
	gh_code code = head_read(ctx, &c, &head);
	while (code == GH_OK) {
		uint32_t size = gh_u32be(&c);
		if (!gh_cur_ok(&c))
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "the lzop data has no end");
		if (size == 0)
			break;
		code = block_read(ctx, &c, out, head.flags, size);
		if (code == GH_OK && gh_cancelled(ctx))
			code = gh_fail(ctx, GH_LIMIT, c.pos, "cancelled after %zu unpacked bytes", out->len);
	}
	if (code != GH_OK)
		return code;
	*in = c;
	if (info)
		*info = head;
	return GH_OK;
}
