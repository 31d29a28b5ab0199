/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One compressed block. Version 4 names its compressor, versions 1 to 3 do not, and vendors ship
 * what they like under either: five ways to frame LZMA are known, told apart by how many bytes stand
 * before the range coder's first byte, which is always zero.
 *
 *	alone        pb·lp·lc   dictionary(4)   length(8)   0 …     mksquashfs, sqlzma, Huawei, Realtek
 *	properties   pb·lp·lc   dictionary(4)   0 …                 TP-Link 4.0, Broadcom ("lzma-alt")
 *	short        pb·lp·lc   dictionary(4)   length(4)   0 …
 *	DD-WRT       pb   lc   lp   ff   0 …
 *	raw          0 …                                            D-Link, Realtek SDK
 *
 * All go through the decoder without a header, because a dictionary need not be larger than what
 * comes out: a block then costs no more memory than it gives.
 */
#include "codec/codec.h"
#include "format/squashfs/squashfs_in.h"

enum { PROPERTIES = 225, DICTIONARY_LEAST = 4096, LEFT_MOST = 16, CHEAP = 4, MODEL = 1536 };

struct lzma {
	unsigned lc, lp, pb;
	uint64_t size; /* as the framing says, or UINT64_MAX */
};

static bool read_properties(gh_cur *c, struct lzma *ret)
{
	unsigned byte = gh_u8(c);
	gh_skip(c, 4);
	if (byte >= PROPERTIES)
		return false;
	ret->lc = byte % 9;
	ret->lp = byte / 9 % 5;
	ret->pb = byte / 45;
	return true;
}

static bool read_wrt(gh_cur *c, struct lzma *ret)
{
	ret->pb = gh_u8(c);
	ret->lc = gh_u8(c);
	ret->lp = gh_u8(c);
	return gh_u8(c) == 0xff && ret->pb <= 4 && ret->lc <= 8 && ret->lp <= 4;
}

/* Reads the framing; false when these bytes cannot be framed so. */
static bool read_framing(gh_sqfs_kind kind, gh_cur *c, struct lzma *ret)
{
	bool fits = true;
	*ret = (struct lzma){ kind.lc, kind.lp, kind.pb, UINT64_MAX };
	if (kind.algo == GH_SQFS_LZMA_WRT)
		fits = read_wrt(c, ret);
	else if (kind.algo != GH_SQFS_LZMA_RAW)
		fits = read_properties(c, ret);
	if (kind.algo == GH_SQFS_LZMA_ALONE)
		ret->size = gh_u64le(c);
	else if (kind.algo == GH_SQFS_LZMA_SHORT)
		ret->size = gh_u32le(c);
	return fits && gh_cur_ok(c) && c->left > 5 && c->ptr[0] == 0;
}

static gh_code lzma(gh_ctx *ctx, gh_sqfs_kind kind, gh_cur *in, gh_buf *out, bool exact)
{
	struct lzma l;
	size_t room = out->most - out->len, before = out->len;
	uint64_t at = in->pos;
	if (!read_framing(kind, in, &l))
		return gh_fail(ctx, GH_CORRUPT, at, "block is not framed as %s", gh_sqfs_kind_name(kind));
	if (l.size != UINT64_MAX && (l.size > room || (exact && l.size != room)))
		return gh_fail(ctx, GH_CORRUPT, at, "block says it holds %llu bytes, %zu fit",
			       (unsigned long long)l.size, room);
	/* Models of 6 MiB are legal and no block is worth one: whoever has thousands of them pays. */
	if (l.lc + l.lp > CHEAP) {
		gh_code paid = gh_spend_bytes(ctx, (uint64_t)MODEL << (l.lc + l.lp));
		if (paid != GH_OK)
			return paid;
	}
	uint32_t dictionary = (uint32_t)GH_MAX(room, (size_t)DICTIONARY_LEAST);
	gh_code code = gh_lzma_raw(ctx, in, out, l.lc, l.lp, l.pb, dictionary, GH_MIN(l.size, (uint64_t)room));
	/* Without a length and without an end marker the input's end is the only end there is. */
	if (code == GH_TRUNCATED && l.size == UINT64_MAX && !exact && out->len > before)
		return GH_OK;
	/* Wrong parameters lose step with the input; right ones leave an end marker at most. */
	if (code == GH_OK && kind.algo == GH_SQFS_LZMA_RAW && in->left > LEFT_MOST)
		return gh_fail(ctx, GH_CORRUPT, at, "block is longer than its content");
	return code;
}

static gh_code decode(gh_ctx *ctx, gh_sqfs_kind kind, gh_cur *in, gh_buf *out, bool exact)
{
	switch (kind.algo) {
	case GH_SQFS_ZLIB:
		return gh_zlib(ctx, in, out);
	case GH_SQFS_XZ:
		return gh_xz(ctx, in, out);
	case GH_SQFS_ZSTD:
		return gh_zstd(ctx, in, out);
	case GH_SQFS_LZO:
		return gh_lzo1x(ctx, in, out);
	case GH_SQFS_LZ4:
		return gh_lz4_block(ctx, in, out);
	case GH_SQFS_LZMA_ALONE:
	case GH_SQFS_LZMA_PROPERTIES:
	case GH_SQFS_LZMA_SHORT:
	case GH_SQFS_LZMA_WRT:
	case GH_SQFS_LZMA_RAW:
		return lzma(ctx, kind, in, out, exact);
	case GH_SQFS_UNKNOWN:
	case GH_SQFS_ALGOS:
		break;
	}
	return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "no decoder was found for these blocks");
}

gh_code gh_sqfs_block_decode(gh_ctx *ctx, gh_sqfs_kind kind, gh_cur in, gh_buf *out, bool exact)
{
	uint64_t at = in.pos;
	gh_code code = decode(ctx, kind, &in, out, exact);
	if (code == GH_OK && (exact ? out->len != out->most : out->len == 0))
		return gh_fail(ctx, GH_CORRUPT, at, "block gives %zu bytes, not %zu", out->len, out->most);
	/* The room is ours, so too much is a contradiction of the input and not a limit of the scan. */
	if (code == GH_LIMIT && out->len == out->most)
		return gh_fail(ctx, GH_CORRUPT, at, "block gives more than %zu bytes", out->most);
	return code;
}

/* Cheap reasons why a block cannot be of this kind; saves a decoder's set-up. */
static bool may_be(gh_sqfs_kind kind, gh_bytes b)
{
	gh_cur c = gh_cur_over(b, 0);
	struct lzma l;
	switch (kind.algo) {
	case GH_SQFS_ZLIB:
		return b.len > 2 && (b.ptr[0] & 15) == 8 && (b.ptr[0] << 8 | b.ptr[1]) % 31 == 0;
	case GH_SQFS_XZ:
		return gh_bytes_start(b, GH_LIT("\xfd"
						"7zXZ"));
	case GH_SQFS_ZSTD:
		return gh_bytes_start(b, GH_LIT("\x28\xb5\x2f\xfd"));
	case GH_SQFS_LZMA_ALONE:
	case GH_SQFS_LZMA_PROPERTIES:
	case GH_SQFS_LZMA_SHORT:
	case GH_SQFS_LZMA_WRT:
	case GH_SQFS_LZMA_RAW:
		return read_framing(kind, &c, &l);
	case GH_SQFS_LZO:
	case GH_SQFS_LZ4:
		return true;
	case GH_SQFS_UNKNOWN:
	case GH_SQFS_ALGOS:
		break;
	}
	return false;
}

bool gh_sqfs_block_framed(gh_sqfs_kind kind, gh_bytes b, size_t least, size_t most)
{
	gh_cur c = gh_cur_over(b, 0);
	struct lzma l = { .size = UINT64_MAX };
	if (kind.algo >= GH_SQFS_LZO || !may_be(kind, b))
		return false;
	if (kind.algo == GH_SQFS_LZMA_ALONE || kind.algo == GH_SQFS_LZMA_SHORT)
		(void)read_framing(kind, &c, &l);
	return l.size == UINT64_MAX || (l.size >= least && l.size <= most);
}

gh_code gh_sqfs_block_any(gh_ctx *ctx, gh_sqfs_kind kind, gh_cur in, gh_buf *out, bool exact)
{
	size_t before = out->len;
	gh_code code = gh_sqfs_block_decode(ctx, kind, in, out, exact);
	if (code == GH_OK || !gh_is_about_input(code))
		return code;
	for (unsigned a = GH_SQFS_ZLIB; a < GH_SQFS_ALGOS; a++) {
		gh_sqfs_kind other = { .algo = a };
		/* without a header LZMA decodes anything to something: only where it was settled */
		if (a == kind.algo || a == GH_SQFS_LZMA_RAW || !may_be(other, gh_rest(&in)))
			continue;
		out->len = before;
		code = gh_sqfs_block_decode(ctx, other, in, out, exact);
		if (code == GH_OK || !gh_is_about_input(code))
			return code;
	}
	out->len = before;
	return gh_sqfs_block_decode(ctx, kind, in, out, exact);
}

const char *gh_sqfs_kind_name(gh_sqfs_kind kind)
{
	static const char *const names[] = {
		[GH_SQFS_UNKNOWN] = "unknown",
		[GH_SQFS_ZLIB] = "gzip",
		[GH_SQFS_XZ] = "xz",
		[GH_SQFS_ZSTD] = "zstd",
		[GH_SQFS_LZMA_ALONE] = "lzma",
		[GH_SQFS_LZMA_PROPERTIES] = "lzma without lengths",
		[GH_SQFS_LZMA_SHORT] = "lzma with short lengths",
		[GH_SQFS_LZMA_WRT] = "lzma as DD-WRT frames it",
		[GH_SQFS_LZMA_RAW] = "lzma without header",
		[GH_SQFS_LZO] = "lzo",
		[GH_SQFS_LZ4] = "lz4",
	};
	return kind.algo < GH_SQFS_ALGOS ? names[kind.algo] : "unknown";
}

gh_sqfs_kind gh_sqfs_kind_of_header(uint16_t compressor)
{
	static const gh_sqfs_algo algos[] = {
		GH_SQFS_ZLIB, GH_SQFS_ZLIB, GH_SQFS_LZMA_ALONE, GH_SQFS_LZO, GH_SQFS_XZ, GH_SQFS_LZ4, GH_SQFS_ZSTD,
	};
	return (gh_sqfs_kind){ .algo = compressor < GH_COUNT(algos) ? algos[compressor] : GH_SQFS_ZLIB };
}

const char *gh_sqfs_compressor_name(uint16_t compressor)
{
	static const char *const names[] = { "not recorded", "gzip", "lzma", "lzo", "xz", "lz4", "zstd" };
	return compressor < GH_COUNT(names) ? names[compressor] : "unknown";
}
