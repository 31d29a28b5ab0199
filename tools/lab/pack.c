/* SPDX-License-Identifier: Apache-2.0 */
/* One block through an encoder, as SquashFS and its vendors' dialects frame it. */
#include "lab.h"

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

static gh_bytes zlib_block(lab_out *out, const lab_st *st, const lab_pack *how, gh_bytes in)
{
	uLongf len = compressBound((uLong)in.len);
	uint8_t *at = lab_span(out, len);
	if (compress2(at, &len, in.ptr ? in.ptr : at, (uLong)in.len, how->level ? (int)how->level : 9) != Z_OK)
		lab_die(st, "zlib refuses");
	return gh_view(at, len);
}

/* LZMA1 without any header. The end marker is liblzma's choice unless the size is told (ext_size). */
static void lzma_bare(lab_out *out, const lab_st *st, const lab_pack *how, gh_bytes in)
{
	lzma_options_lzma opt;
	if (lzma_lzma_preset(&opt, how->level ? how->level : 6))
		lab_die(st, "lzma knows no such level");
	opt.lc = how->lc;
	opt.lp = how->lp;
	opt.pb = how->pb;
	opt.dict_size = how->dict;
	opt.ext_flags = how->end_marker ? LZMA_LZMA1EXT_ALLOW_EOPM : 0;
	lzma_set_ext_size(opt, how->end_marker ? UINT64_MAX : (uint64_t)in.len);
	lzma_filter filters[] = { { LZMA_FILTER_LZMA1EXT, &opt }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t room = in.len + in.len / 4 + 128, from = out->len, used = 0;
	uint8_t *at = lab_span(out, room);
	if (lzma_raw_buffer_encode(filters, NULL, in.ptr, in.len, at, &used, room) != LZMA_OK)
		lab_die(st, "lzma refuses lc %u lp %u pb %u dict %u", how->lc, how->lp, how->pb, how->dict);
	out->len = from + used;
}

/* LZMA-alone: property byte, dictionary size, uncompressed size (all ff: unknown). */
static gh_bytes lzma_headed(lab_out *out, const lab_st *st, const lab_pack *how, gh_bytes in)
{
	lab_pack h = *how;
	h.end_marker |= h.unknown_size;
	if (h.kind != LAB_LZMA_RAW) {
		lab_put(out, LAB_LITTLE, (h.pb * 5 + h.lp) * 9 + h.lc, 1);
		lab_put(out, LAB_LITTLE, h.dict, 4);
	}
	if (h.kind == LAB_LZMA)
		lab_put(out, LAB_LITTLE, h.unknown_size ? UINT64_MAX : (uint64_t)in.len, 8);
	lzma_bare(out, st, &h, in);
	return lab_view(out);
}

static gh_bytes xz_block(lab_out *out, const lab_st *st, const lab_pack *how, gh_bytes in)
{
	static const struct {
		const char *name;
		lzma_vli id;
	} bcj[] = {
		{ "x86", LZMA_FILTER_X86 },     { "powerpc", LZMA_FILTER_POWERPC },   { "ia64", LZMA_FILTER_IA64 },
		{ "arm", LZMA_FILTER_ARM },     { "armthumb", LZMA_FILTER_ARMTHUMB }, { "arm64", LZMA_FILTER_ARM64 },
		{ "sparc", LZMA_FILTER_SPARC },
	};
	lzma_options_lzma opt;
	if (lzma_lzma_preset(&opt, how->level ? how->level : 6))
		lab_die(st, "xz knows no such level");
	opt.dict_size = how->dict;
	lzma_filter filters[3] = { { LZMA_VLI_UNKNOWN, NULL } };
	size_t n = 0;
	for (size_t i = 0; i < GH_COUNT(bcj); i++) {
		if (how->bcj && strcmp(how->bcj, bcj[i].name) == 0)
			filters[n++] = (lzma_filter){ bcj[i].id, NULL };
	}
	if (how->bcj && !n)
		lab_die(st, "xz knows no filter \"%s\"", how->bcj);
	filters[n++] = (lzma_filter){ LZMA_FILTER_LZMA2, &opt };
	filters[n] = (lzma_filter){ LZMA_VLI_UNKNOWN, NULL };
	size_t room = lzma_stream_buffer_bound(in.len), used = 0;
	uint8_t *at = lab_span(out, room);
	if (lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, in.ptr, in.len, at, &used, room) != LZMA_OK)
		lab_die(st, "xz refuses");
	return gh_view(at, used);
}

gh_bytes lab_packed(gh_arena *arena, const lab_st *st, const lab_pack *how, gh_bytes in)
{
	lab_out out = lab_out_in(arena);
	if (in.len > INT32_MAX)
		lab_die(st, "too much to compress at once");
	switch (how->kind) {
	case LAB_ZLIB:
		return zlib_block(&out, st, how, in);
	case LAB_LZMA:
	case LAB_LZMA_PROPS:
	case LAB_LZMA_RAW:
		return lzma_headed(&out, st, how, in);
	case LAB_XZ:
		return xz_block(&out, st, how, in);
	case LAB_LZO:
		return lab_lzo1x(arena, in);
	case LAB_LZ4: {
		size_t room = (size_t)LZ4_compressBound((int)in.len);
		char *at = (char *)lab_span(&out, room);
		int n = LZ4_compress_default((const char *)in.ptr, at, (int)in.len, (int)room);
		if (n <= 0)
			lab_die(st, "lz4 refuses");
		return gh_view(at, (size_t)n);
	}
	case LAB_ZSTD: {
		size_t room = ZSTD_compressBound(in.len);
		uint8_t *at = lab_span(&out, room);
		size_t n = ZSTD_compress(at, room, in.ptr, in.len, how->level ? (int)how->level : 15);
		if (ZSTD_isError(n))
			lab_die(st, "zstd refuses");
		return gh_view(at, n);
	}
	case LAB_STORE:
		break;
	}
	return in;
}
