/* SPDX-License-Identifier: Apache-2.0 */
/* The decoders that wrap a library, over what that library packs. */
#include "unit/codec/laws.h"
#include "codec/sum.h"

#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

enum { BIG = 300000, ROOM = 400000 };
static uint8_t plain[BIG], packed[ROOM];

static gh_code gzip(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	return gh_gzip(ctx, in, out, NULL);
}

static size_t pack_zlib(gh_bytes in, int bits, gz_header *head)
{
	z_stream z = { 0 };
	EQ(deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK, "deflateInit2");
	if (head)
		EQ(deflateSetHeader(&z, head), Z_OK, "deflateSetHeader");
	union {
		const uint8_t *read;
		uint8_t *lent;
	} from = { .read = in.ptr };
	z.next_in = from.lent;
	z.avail_in = (uInt)in.len;
	z.next_out = packed;
	z.avail_out = ROOM;
	EQ(deflate(&z, Z_FINISH), Z_STREAM_END, "deflate");
	size_t n = z.total_out;
	(void)deflateEnd(&z);
	return n;
}

static size_t as_zlib(gh_bytes in)
{
	return pack_zlib(in, 15, NULL);
}
static size_t as_raw(gh_bytes in)
{
	return pack_zlib(in, -15, NULL);
}
static size_t as_gzip(gh_bytes in)
{
	return pack_zlib(in, 31, NULL);
}

static size_t as_full_gzip(gh_bytes in)
{
	Bytef name[] = "vmlinux", comment[] = "of a router", extra[] = "xy";
	gz_header head = {
		.time = 0x5f000000, .os = 3, .name = name, .comment = comment, .extra = extra, .extra_len = 2, .hcrc = 1
	};
	return pack_zlib(in, 31, &head);
}

static size_t as_bzip2(gh_bytes in)
{
	unsigned n = ROOM;
	union {
		const uint8_t *read;
		char *lent;
	} from = { .read = in.ptr };
	EQ(BZ2_bzBuffToBuffCompress((char *)packed, &n, from.lent, (unsigned)in.len, 1, 0, 0), BZ_OK, "bzip2");
	return n;
}

static size_t pack_xz(gh_bytes in, lzma_check check, lzma_vli bcj)
{
	size_t n = 0;
	lzma_options_lzma options;
	TRUE(!lzma_lzma_preset(&options, 1), "preset");
	lzma_filter filters[] = { { bcj, NULL }, { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	EQ(lzma_stream_buffer_encode(bcj == LZMA_VLI_UNKNOWN ? filters + 1 : filters, check, NULL, in.ptr, in.len,
				     packed, &n, ROOM),
	   LZMA_OK, "xz");
	return n;
}

static size_t as_xz(gh_bytes in)
{
	return pack_xz(in, LZMA_CHECK_CRC64, LZMA_VLI_UNKNOWN);
}
static size_t as_xz_arm(gh_bytes in)
{
	return pack_xz(in, LZMA_CHECK_CRC32, LZMA_FILTER_ARM);
}
static size_t as_xz_sha(gh_bytes in)
{
	return pack_xz(in, LZMA_CHECK_SHA256, LZMA_FILTER_X86);
}

static size_t pack_zstd(gh_bytes in, bool with_size)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	assert_non_null(z);
	(void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, with_size);
	size_t n = ZSTD_compress2(z, packed, ROOM, in.ptr, in.len);
	TRUE(!ZSTD_isError(n), "zstd");
	(void)ZSTD_freeCCtx(z);
	return n;
}

static size_t as_zstd(gh_bytes in)
{
	return pack_zstd(in, true);
}
static size_t as_unsized_zstd(gh_bytes in)
{
	return pack_zstd(in, false);
}

static size_t as_lz4_block(gh_bytes in)
{
	return (size_t)LZ4_compress_default((const char *)in.ptr, (char *)packed, (int)in.len, ROOM);
}

static void put_u32le(uint8_t *to, size_t v)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

static size_t as_lz4_legacy(gh_bytes in)
{
	int n = LZ4_compress_default((const char *)in.ptr, (char *)packed + 8, (int)in.len, ROOM - 8);
	memcpy(packed, "\x02\x21\x4c\x18", 4);
	put_u32le(packed + 4, (size_t)n);
	return (size_t)n + 8;
}

static size_t pack_lz4_frame(gh_bytes in, LZ4F_blockMode_t mode, bool sums)
{
	LZ4F_preferences_t p = { .frameInfo = { .blockMode = mode,
						.contentChecksumFlag = LZ4F_contentChecksumEnabled,
						.contentSize = sums ? in.len : 0,
						.blockChecksumFlag =
							sums ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum } };
	size_t n = LZ4F_compressFrame(packed, ROOM, in.ptr, in.len, &p);
	TRUE(!LZ4F_isError(n), "lz4 frame");
	return n;
}

static size_t as_lz4_linked(gh_bytes in)
{
	return pack_lz4_frame(in, LZ4F_blockLinked, false);
}
static size_t as_lz4_summed(gh_bytes in)
{
	return pack_lz4_frame(in, LZ4F_blockIndependent, true);
}

static const struct {
	const char *label;
	gh_decode *decode;
	size_t (*pack)(gh_bytes in);
	unsigned laws;
} codecs[] = {
	/* Not strong: three neighbours changed by -3, +6, -3 have the same Adler-32, and one flipped bit does that. */
	{ "zlib", gh_zlib, as_zlib, 0 },
	{ "raw deflate", gh_deflate_raw, as_raw, 0 },
	{ "gzip", gzip, as_gzip, LAW_STRONG },
	{ "gzip, all fields", gzip, as_full_gzip, LAW_STRONG },
	{ "bzip2", gh_bzip2, as_bzip2, LAW_STRONG },
	{ "xz", gh_xz, as_xz, LAW_STRONG },
	{ "xz, ARM", gh_xz, as_xz_arm, LAW_STRONG },
	{ "xz, x86, SHA-256", gh_xz, as_xz_sha, LAW_STRONG },
	{ "zstd", gh_zstd, as_zstd, LAW_STRONG },
	{ "zstd, no size", gh_zstd, as_unsized_zstd, LAW_STRONG },
	{ "lz4 block", gh_lz4_block, as_lz4_block, LAW_UNENDED },
	{ "lz4 legacy", gh_lz4_legacy, as_lz4_legacy, 0 },
	{ "lz4, linked", gh_lz4_frame, as_lz4_linked, LAW_STRONG },
	{ "lz4, block sums", gh_lz4_frame, as_lz4_summed, LAW_STRONG },
};

static void every_codec_keeps_the_laws(void **state)
{
	static const size_t sizes[] = { 0, 1, 3000, BIG };
	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < GH_COUNT(codecs); i++) {
		for (size_t k = 0; k < GH_COUNT(sizes); k++) {
			gh_bytes in = gh_view(plain, sizes[k]);
			size_t n = codecs[i].pack(in);
			law_all_of_them(&(gh_sample){ codecs[i].label, codecs[i].decode, codecs[i].laws,
						      gh_view(packed, n), in });
		}
	}
}

static void other_bytes_belong_to_others(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	for (size_t i = 0; i < GH_COUNT(codecs); i++) {
		if (codecs[i].decode == gh_deflate_raw || codecs[i].decode == gh_lz4_block)
			continue; /* they have no head to know them by */
		gh_cur c = gh_cur_over(GH_LIT("\x7f"
					      "ELF and nothing that is packed in any way"),
				       0);
		gh_buf out = gh_buf_in(ctx.arena, 1000);
		EQ(codecs[i].decode(&ctx, &c, &out), GH_NOT_MINE, codecs[i].label);
		EQ(out.len, 0, codecs[i].label);
	}
	gh_test_done(&ctx);
}

static void gzip_tells_what_its_head_says(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_gzip_info info = { 0 };
	size_t n = as_full_gzip(GH_LIT("content"));
	gh_cur c = gh_cur_over(gh_view(packed, n), 0);
	gh_buf out = gh_buf_in(ctx.arena, 1000);
	EQ(gh_gzip(&ctx, &c, &out, &info), GH_OK, "gzip");
	SAME(info.name, GH_LIT("vmlinux"), "name");
	SAME(info.comment, GH_LIT("of a router"), "comment");
	EQ(info.mtime, 0x5f000000, "mtime");
	EQ(info.os, 3, "os");
	gh_test_done(&ctx);
}

static void zstd_frames_follow_each_other(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	uint8_t both[400] = "\x50\x2a\x4d\x18\x03\0\0\0abc"; /* a skippable frame first */
	size_t n = 11;
	for (unsigned i = 0; i < 2; i++) {
		size_t one = as_zstd(i ? GH_LIT("and two") : GH_LIT("one "));
		memcpy(both + n, packed, one);
		n += one;
	}
	gh_cur c = gh_cur_over(gh_view(both, n + 5), 0);
	gh_buf out = gh_buf_in(ctx.arena, 1000);
	EQ(gh_zstd(&ctx, &c, &out), GH_OK, "frames");
	SAME(gh_buf_view(&out), GH_LIT("one and two"), "frames");
	EQ(c.left, 5, "frames");
	gh_test_done(&ctx);
}

static void too_great_a_memory_is_refused(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_buf out = gh_buf_in(ctx.arena, 1000);
	gh_cur c = gh_cur_over(GH_LIT("\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00"), 0); /* window of 1 GiB */
	EQ(gh_zstd(&ctx, &c, &out), GH_LIMIT, "zstd");
	lzma_options_lzma options;
	size_t n = 0;
	TRUE(!lzma_lzma_preset(&options, 0), "preset");
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	EQ(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, plain, 100, packed, &n, ROOM), LZMA_OK, "xz");
	/* The block's dictionary becomes 2 GiB, and its header's CRC is made right again. */
	uint8_t *block = packed + 12, *filter = memchr(block + 2, 0x21, 16);
	assert_non_null(filter);
	filter[2] = 38;
	put_u32le(block + block[0] * 4, gh_crc32(gh_view(block, block[0] * 4u)));
	c = gh_cur_over(gh_view(packed, n), 0);
	EQ(gh_xz(&ctx, &c, &out), GH_LIMIT, "xz");
	gh_test_done(&ctx);
}

static void a_kernels_length_ends_legacy_lz4(void **state)
{
	static const struct {
		const char *label;
		gh_bytes behind;
		size_t left;
	} ends[] = {
		{ "nothing", GH_INIT(""), 0 },
		{ "the kernel's size", GH_INIT("\xb8\x0b\0\0"), 4 },
		{ "the same, padded", GH_INIT("\xb8\x0b\0\0\0\0\0\0\0\0"), 10 },
		{ "zero", GH_INIT("\0\0\0\0abc"), 7 },
		{ "the magic again",
		  GH_INIT("\x02\x21\x4c\x18\x04\0\0\0\x30"
			  "abc"),
		  12 },
		{ "a device tree", GH_INIT("\xd0\x0d\xfe\xed\0\0\0\x10"), 8 },
		{ "another block",
		  GH_INIT("\x04\0\0\0\x30"
			  "abc"),
		  0 },
		{ "not a block", GH_INIT("\x04\0\0\0\x0f\xff\xff\xff"), 8 },
	};
	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < GH_COUNT(ends); i++) {
		gh_ctx ctx = gh_test_ctx();
		size_t n = as_lz4_legacy(gh_view(plain, 3000));
		memcpy(packed + n, ends[i].behind.ptr, ends[i].behind.len);
		gh_cur c = gh_cur_over(gh_view(packed, n + ends[i].behind.len), 0);
		gh_buf out = gh_buf_in(ctx.arena, GH_MIB(1));
		EQ(gh_lz4_legacy(&ctx, &c, &out), GH_OK, ends[i].label);
		EQ(c.left, ends[i].left, ends[i].label);
		EQ(out.len, ends[i].left || i == 0 ? 3000 : 3003, ends[i].label);
		gh_test_done(&ctx);
	}
}

static void what_precedes_a_damage_is_kept(void **state)
{
	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < GH_COUNT(codecs); i++) {
		gh_ctx ctx = gh_test_ctx();
		size_t n = codecs[i].pack(gh_view(plain, BIG));
		memset(packed + n * 3 / 4, 0xff, n / 5);
		gh_cur c = gh_cur_over(gh_view(packed, n), 0);
		gh_buf out = gh_buf_in(ctx.arena, GH_MIB(1));
		TRUE(codecs[i].decode(&ctx, &c, &out) != GH_OK, codecs[i].label);
		TRUE(out.len >= BIG / 4, codecs[i].label);
		TRUE(memcmp(out.ptr, plain, GH_MIN(out.len, (size_t)BIG / 4)) == 0, codecs[i].label);
		gh_test_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec_keeps_the_laws),     cmocka_unit_test(other_bytes_belong_to_others),
		cmocka_unit_test(gzip_tells_what_its_head_says),  cmocka_unit_test(zstd_frames_follow_each_other),
		cmocka_unit_test(too_great_a_memory_is_refused),  cmocka_unit_test(a_kernels_length_ends_legacy_lz4),
		cmocka_unit_test(what_precedes_a_damage_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
