/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed streams with a header of their own: gzip, zlib, lzma, xz, bzip2, zstd, lz4, lz4-legacy, lzop. */
#include "volume.h"

#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <zlib.h>

#include "codec/sum.h"

static void gzip(lab *l, const lab_st *st, gh_bytes in, lab_out *out)
{
	gh_bytes name = lab_value(l, st, "name", "");
	z_stream z = { 0 };
	if (deflateInit2(&z, (int)lab_number_of(l, st, "level", 9), Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		lab_die(st, "zlib refuses");
	lab_put(out, LAB_BIG, 0x1f8b0800 | (name.len ? 8U : 0), 4); /* RFC 1952 2.3 */
	lab_put(out, LAB_LITTLE, lab_time_of(l, st, "time", 0), 4);
	lab_put(out, LAB_BIG, 0x0203, 2);
	if (name.len)
		lab_text(out, name, name.len + 1, 0);
	size_t room = deflateBound(&z, (uLong)in.len), from = out->len;
	z.next_out = lab_span(out, room);
	z.avail_out = (uInt)room;
	z.next_in = (z_const Bytef *)(uintptr_t)in.ptr;
	z.avail_in = (uInt)in.len;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		lab_die(st, "zlib refuses");
	out->len = from + z.total_out;
	(void)deflateEnd(&z);
	lab_put(out, LAB_LITTLE, gh_crc32(in), 4);
	lab_put(out, LAB_LITTLE, in.len, 4);
}

static void bzip2(lab *l, const lab_st *st, gh_bytes in, lab_out *out)
{
	unsigned room = (unsigned)(in.len + in.len / 50 + 600);
	size_t from = out->len;
	char *at = (char *)lab_span(out, room);
	if (BZ2_bzBuffToBuffCompress(at, &room, (char *)(uintptr_t)in.ptr, (unsigned)in.len,
				     (int)lab_number_of(l, st, "level", 9), 0, 0) != BZ_OK)
		lab_die(st, "bzip2 refuses");
	out->len = from + room;
}

static void lz4_frame(lab *l, const lab_st *st, gh_bytes in, lab_out *out)
{
	(void)l;
	LZ4F_preferences_t how = { .frameInfo = { .contentChecksumFlag = LZ4F_contentChecksumEnabled,
						  .contentSize = in.len } };
	size_t room = LZ4F_compressFrameBound(in.len, &how), from = out->len;
	uint8_t *at = lab_span(out, room);
	size_t n = LZ4F_compressFrame(at, room, in.ptr, in.len, &how);
	if (LZ4F_isError(n))
		lab_die(st, "lz4 refuses");
	out->len = from + n;
}

/* The kernel's framing: 02 21 4c 18, then blocks of up to 8 MiB, each with its length. */
static void lz4_legacy(lab *l, const lab_st *st, gh_bytes in, lab_out *out)
{
	lab_pack how = { .kind = LAB_LZ4 };
	lab_put(out, LAB_LITTLE, 0x184c2102, 4);
	for (size_t at = 0; at < in.len; at += GH_MIB(8)) {
		gh_bytes b = lab_packed(l->arena, st, &how, gh_bytes_part(in, at, GH_MIB(8)));
		lab_put(out, LAB_LITTLE, b.len, 4);
		lab_add(out, b);
	}
}

/* The layout of lzop 1.04: magic, header with Adler-32, blocks with the Adler-32 of what comes out. */
static void lzop(lab *l, const lab_st *st, gh_bytes in, lab_out *out)
{
	enum { BLOCK = 256 << 10 };
	lab_pack how = { .kind = LAB_LZO };
	gh_bytes name = lab_value(l, st, "name", "");
	lab_add(out, GH_LIT("\x89LZO\x00\r\n\x1a\n"));
	size_t from = out->len;
	lab_put(out, LAB_BIG, 0x1040, 2);     /* version of the program */
	lab_put(out, LAB_BIG, 0x20a0, 2);     /* of the library */
	lab_put(out, LAB_BIG, 0x0940, 2);     /* needed to unpack */
	lab_put(out, LAB_BIG, 0x0105, 2);     /* method LZO1X-1, level */
	lab_put(out, LAB_BIG, 0x03000001, 4); /* Unix; Adler-32 of the data */
	lab_put(out, LAB_BIG, 0100644, 4);
	lab_put(out, LAB_BIG, lab_time_of(l, st, "time", 0), 4);
	lab_put(out, LAB_BIG, 0, 4);
	lab_put(out, LAB_BIG, name.len, 1);
	lab_add(out, name);
	lab_put(out, LAB_BIG, gh_adler32(gh_view(out->ptr + from, out->len - from)), 4);
	for (size_t at = 0; at < in.len; at += BLOCK) {
		gh_bytes piece = gh_bytes_part(in, at, BLOCK), b = lab_packed(l->arena, st, &how, piece);
		if (b.len >= piece.len)
			b = piece;
		lab_put(out, LAB_BIG, piece.len, 4);
		lab_put(out, LAB_BIG, b.len, 4);
		lab_put(out, LAB_BIG, gh_adler32(piece), 4);
		lab_add(out, b);
	}
	lab_put(out, LAB_BIG, 0, 4);
}

static void block_stream(lab *l, const lab_st *st, gh_bytes in, lab_out *out)
{
	static const char *const sizes[] = { "known", "unknown" };
	lab_pack how = { .kind = LAB_ZLIB, .level = (unsigned)lab_number_of(l, st, "level", 0) };
	how.dict = (uint32_t)lab_number_of(l, st, "dict", 1 << 20);
	if (lab_is(st->words[0], "lzma")) {
		how.kind = LAB_LZMA;
		how.lc = (unsigned)lab_number_of(l, st, "lc", 3);
		how.lp = (unsigned)lab_number_of(l, st, "lp", 0);
		how.pb = (unsigned)lab_number_of(l, st, "pb", 2);
		how.unknown_size = lab_choice(st, lab_value(l, st, "size", "known"), sizes, 2) == 1;
		how.end_marker = lab_flag(st, "end-marker");
	} else if (lab_is(st->words[0], "xz")) {
		how.kind = LAB_XZ;
		how.bcj = lab_has(st, "bcj") ? (const char *)lab_value(l, st, "bcj", "").ptr : NULL;
	} else if (lab_is(st->words[0], "zstd")) {
		how.kind = LAB_ZSTD;
	}
	lab_add(out, lab_packed(l->arena, st, &how, in));
}

bool lab_stream(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const keys[] = { "name=", "time=", "level=",     "dict=", "lc=", "lp=",
					    "pb=",   "size=", "end-marker", "bcj=",  NULL };
	static const struct {
		const char *name;
		void (*make)(lab *l, const lab_st *st, gh_bytes in, lab_out *out);
	} streams[] = {
		{ "gzip", gzip },         { "bzip2", bzip2 },
		{ "lz4", lz4_frame },     { "lz4-legacy", lz4_legacy },
		{ "lzop", lzop },         { "zlib", block_stream },
		{ "lzma", block_stream }, { "xz", block_stream },
		{ "zstd", block_stream },
	};
	size_t i = 0;
	while (i < GH_COUNT(streams) && !lab_is(st->words[0], streams[i].name))
		i++;
	if (i == GH_COUNT(streams))
		return false;
	lab_keys(st, 1, keys);
	size_t first = l->volumes_n;
	gh_bytes in = lab_block(l, st);
	if (in.len > GH_MIB(256))
		lab_die(st, "more than 256 MiB in one stream");
	lab_volumes_wrap(l, first);
	lab_volumes_shift(l, first, out->len);
	streams[i].make(l, st, in.ptr ? in : gh_view("", 0), out);
	return true;
}
