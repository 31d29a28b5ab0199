/* SPDX-License-Identifier: Apache-2.0 */
/* Streams made by the libraries: proven by decoding, refused by chance, kept in part when cut. */
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "unit/format/formats.h"

enum { PLAIN = 256 << 10, ROOM = 1 << 20 };

static uint8_t plain[PLAIN], room[ROOM];

/* Half noise, half repetition: compresses to about a half. */
static void make_plain(void)
{
	uint32_t x = 7;
	for (size_t i = 0; i < PLAIN; i++) {
		x = x * 1664525 + 1013904223;
		plain[i] = i % 64 < 32 ? (uint8_t)(x >> 24) : (uint8_t)(i / 64);
	}
}

static size_t pack_gzip(size_t n)
{
	z_stream z = { .next_in = plain, .avail_in = (uInt)n, .next_out = room, .avail_out = ROOM };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t len = ROOM - z.avail_out;
	assert_int_equal(deflateEnd(&z), Z_OK);
	return len;
}

static size_t pack_xz(size_t n)
{
	size_t len = 0;
	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, plain, n, room, &len, ROOM), LZMA_OK);
	return len;
}

static size_t pack_lzma(size_t n)
{
	lzma_options_lzma options;
	lzma_stream s = LZMA_STREAM_INIT;
	assert_false(lzma_lzma_preset(&options, 6));
	assert_int_equal(lzma_alone_encoder(&s, &options), LZMA_OK);
	s.next_in = plain;
	s.avail_in = n;
	s.next_out = room;
	s.avail_out = ROOM;
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	size_t len = ROOM - s.avail_out;
	lzma_end(&s);
	return len;
}

static size_t pack_bzip2(size_t n)
{
	unsigned len = ROOM;
	assert_int_equal(BZ2_bzBuffToBuffCompress((char *)room, &len, (char *)plain, (unsigned)n, 1, 0, 0), BZ_OK);
	return len;
}

static size_t pack_zstd(size_t n)
{
	size_t len = ZSTD_compress(room, ROOM, plain, n, 3);
	assert_false(ZSTD_isError(len));
	return len;
}

static size_t pack_lz4(size_t n)
{
	LZ4F_preferences_t p = { .frameInfo = { .contentChecksumFlag = LZ4F_contentChecksumEnabled,
						.blockSizeID = LZ4F_max64KB } };
	size_t len = LZ4F_compressFrame(room, ROOM, plain, n, &p);
	assert_false(LZ4F_isError(len));
	return len;
}

static const struct {
	const gh_format *format;
	size_t (*pack)(size_t);
	gh_proof proof;
	bool kept_when_cut;
} packers[] = {
	{ &gh_format_gzip, pack_gzip, GH_PROOF_SUM, true },    { &gh_format_xz, pack_xz, GH_PROOF_SUM, true },
	{ &gh_format_lzma, pack_lzma, GH_PROOF_PARSED, true }, { &gh_format_bzip2, pack_bzip2, GH_PROOF_SUM, true },
	{ &gh_format_zstd, pack_zstd, GH_PROOF_PARSED, true }, { &gh_format_lz4, pack_lz4, GH_PROOF_SUM, true },
};

static void a_stream_ends_where_it_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(packers); i++) {
		const char *name = packers[i].format->name;
		size_t len = packers[i].pack(PLAIN);
		memset(room + len, 0xff, 100);
		struct run r = run(packers[i].format, gh_view(room, len + 100), 0x77);
		EQ(r.code, GH_OK, name);
		EQ(r.span.size, len, name);
		EQ(r.span.proof, packers[i].proof, name);
		TRUE(r.node->opens_space && !r.node->notes, name);
		SAME(r.node->decoded, gh_view(plain, PLAIN), name);
		done(&r);
	}
}

static void a_cut_stream_keeps_what_came_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(packers); i++) {
		const char *name = packers[i].format->name;
		size_t len = packers[i].pack(PLAIN) * 9 / 10;
		struct run r = run(packers[i].format, gh_view(room, len), 0);
		EQ(r.code, GH_OK, name);
		EQ(r.span.size, len, name);
		EQ(r.span.proof, GH_PROOF_SHAPE, name);
		TRUE(r.node->notes && r.node->notes->code != GH_OK, name);
		TRUE(r.node->decoded.len >= 64 << 10, name);
		SAME(r.node->decoded, gh_view(plain, GH_MIN(r.node->decoded.len, (size_t)PLAIN)), name);
		done(&r);
	}
}

static void a_small_cut_stream_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(packers); i++) {
		size_t len = packers[i].pack(1000);
		struct run r = run(packers[i].format, gh_view(room, len - len / 4), 0);
		TRUE(r.code != GH_OK, packers[i].format->name);
		done(&r);
	}
}

static void members_are_one_file(void **state)
{
	(void)state;
	size_t len = pack_gzip(1000);
	memcpy(room + len, room, len);
	struct run r = run(&gh_format_gzip, gh_view(room, 2 * len), 0);
	EQ(r.code, GH_OK, "gzip");
	EQ(r.span.size, 2 * len, "gzip");
	EQ(r.node->decoded.len, 2000, "gzip");
	SAME(fact(r.node, "members"), GH_LIT("2"), "gzip");
	done(&r);
}

static void lzma_is_not_found_by_chance(void **state)
{
	static const struct {
		const char *label;
		gh_bytes in;
	} rows[] = {
		{ "zeros behind a header decode to zeros", GH_INIT("\x5d\0\0\x80\0\0\x10\0\0\0\0\0\0\0\0\0\0\0") },
		{ "an odd dictionary", GH_INIT("\x5d\1\2\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0") },
		{ "no properties", GH_INIT("\xe1\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0") },
		{ "a size of 64", GH_INIT("\x5d\0\0\x80\0\x40\0\0\0\0\0\0\0\0\x10\0\0\0") },
		{ "a size of 2^63", GH_INIT("\x5d\0\0\x80\0\0\0\0\0\0\0\0\x80\0\x10\0\0\0") },
		{ "a match first", GH_INIT("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x80\0\0\0") },
	};
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		memset(room, 0, 8192);
		memcpy(room, rows[i].in.ptr, rows[i].in.len);
		struct run r = run(&gh_format_lzma, gh_view(room, 8192), 0);
		TRUE(r.code != GH_OK, rows[i].label);
		done(&r);
	}
}

static void bad_input_breaks_no_law(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(packers); i++) {
		size_t len = packers[i].pack(2000);
		uint8_t *copy = malloc(len);
		assert_non_null(copy);
		memcpy(copy, room, len);
		spoil(packers[i].format, gh_view(copy, len), 32);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_ends_where_it_ends),   cmocka_unit_test(a_cut_stream_keeps_what_came_out),
		cmocka_unit_test(a_small_cut_stream_is_refused), cmocka_unit_test(members_are_one_file),
		cmocka_unit_test(lzma_is_not_found_by_chance),   cmocka_unit_test(bad_input_breaks_no_law),
	};
	make_plain();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
