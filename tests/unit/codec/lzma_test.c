/* SPDX-License-Identifier: Apache-2.0 */
/* Our LZMA1 decoder: the laws over every kind of ending, every property byte, and liblzma as an oracle. */
#include "unit/codec/lzma_pack.h"

#include <lzma.h>

enum { BIG = 300000, ROOM = 400000, HEAD = 13 };
static uint8_t plain[BIG], packed[ROOM];

static gh_code alone(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	return gh_lzma_alone(ctx, in, out, NULL);
}

static gh_code raw_until_marker(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	return gh_lzma_raw(ctx, in, out, 3, 0, 2, 0, UINT64_MAX);
}

static void head_write(unsigned lc, unsigned lp, unsigned pb, uint64_t size)
{
	packed[0] = (uint8_t)((pb * 5 + lp) * 9 + lc);
	memcpy(packed + 1, "\0\0\x80\0", 4);
	for (unsigned i = 0; i < 8; i++)
		packed[5 + i] = (uint8_t)(size >> 8 * i);
}

/* What liblzma writes: unknown size, end marker. */
static size_t library_packs(gh_bytes in, uint32_t lc, uint32_t lp, uint32_t pb)
{
	lzma_options_lzma o;
	lzma_stream z = LZMA_STREAM_INIT;
	TRUE(!lzma_lzma_preset(&o, 6), "preset");
	o.lc = lc;
	o.lp = lp;
	o.pb = pb;
	EQ(lzma_alone_encoder(&z, &o), LZMA_OK, "lzma_alone_encoder");
	z.next_in = in.ptr;
	z.avail_in = in.len;
	z.next_out = packed;
	z.avail_out = ROOM;
	EQ(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END, "lzma_code");
	size_t n = z.total_out;
	lzma_end(&z);
	return n;
}

static void every_ending_keeps_the_laws(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3000, BIG };
	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < GH_COUNT(sizes); i++) {
		gh_bytes in = gh_view(plain, sizes[i]);
		size_t n = library_packs(in, 3, 0, 2);
		law_all_of_them(&(gh_sample){ "unknown size, marker", alone, 0, gh_view(packed, n), in });
		law_all_of_them(&(gh_sample){ "raw", raw_until_marker, 0, gh_view(packed + HEAD, n - HEAD), in });
		head_write(3, 0, 2, in.len);
		law_all_of_them(&(gh_sample){ "known size, marker", alone, 0, gh_view(packed, n), in });
		n = HEAD + lzma_pack(in, 3, 0, 2, false, packed + HEAD);
		law_all_of_them(&(gh_sample){ "known size, no marker", alone, 0, gh_view(packed, n), in });
	}
}

static void every_property_byte_is_read(void **state)
{
	(void)state;
	fill(plain, BIG);
	memset(plain + 1000, 'x', 200);
	gh_bytes in = gh_view(plain, 2000);
	for (unsigned props = 0; props < 225; props++) {
		unsigned lc = props % 9, lp = props / 9 % 5, pb = props / 45;
		gh_sample s = { "property sweep", alone, 0, { NULL, 0 }, in };
		if (lc + lp <= 4) {
			s.packed = gh_view(packed, library_packs(in, lc, lp, pb));
			law_round_trip(&s);
		}
		for (unsigned marker = 0; marker < 2; marker++) {
			head_write(lc, lp, pb, marker && lc % 2 ? UINT64_MAX : in.len);
			s.packed = gh_view(packed, HEAD + lzma_pack(in, lc, lp, pb, marker, packed + HEAD));
			law_round_trip(&s);
			if (pb == 2 && lc % 4 == 0)
				law_trailing_bytes_stay(&s);
		}
	}
	gh_ctx ctx = gh_test_ctx();
	gh_buf out = gh_buf_in(ctx.arena, 100);
	for (unsigned props = 225; props < 256; props++) {
		packed[0] = (uint8_t)props;
		gh_cur c = gh_cur_over(gh_view(packed, 100), 0);
		EQ(gh_lzma_alone(&ctx, &c, &out, NULL), GH_NOT_MINE, "no property byte");
	}
	packed[0] = 0x5d;
	packed[HEAD] = 1;
	gh_cur c = gh_cur_over(gh_view(packed, 100), 0);
	EQ(gh_lzma_alone(&ctx, &c, &out, NULL), GH_NOT_MINE, "the range coder begins with 0");
	gh_test_done(&ctx);
}

static void the_head_and_the_end_are_told(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	fill(plain, BIG);
	gh_lzma_info info = { 0 };
	gh_buf out = gh_buf_in(ctx.arena, BIG);
	gh_cur c = gh_cur_over(gh_view(packed, library_packs(gh_view(plain, BIG), 1, 2, 3)), 0);
	EQ(gh_lzma_alone(&ctx, &c, &out, &info), GH_OK, "info");
	EQ(info.lc, 1, "lc");
	EQ(info.lp, 2, "lp");
	EQ(info.pb, 3, "pb");
	EQ(info.dict_size, 8 << 20, "dictionary");
	EQ(info.size, UINT64_MAX, "size");
	TRUE(info.end_marker && !info.beyond_dict, "end marker");
	/* fill() repeats at a distance of 700, which a dictionary of 4096 holds; 5000 it does not. */
	memcpy(plain + 5000, plain, 3000);
	size_t n = library_packs(gh_view(plain, 8000), 3, 0, 2);
	memcpy(packed + 1, "\0\0\0\0", 4);
	c = gh_cur_over(gh_view(packed, n), 0);
	out.len = 0;
	EQ(gh_lzma_alone(&ctx, &c, &out, &info), GH_OK, "a dictionary that is too small");
	TRUE(info.beyond_dict, "is told");
	gh_test_done(&ctx);
}

static void a_wrong_size_is_corrupt_and_keeps_the_bytes(void **state)
{
	static const struct {
		const char *label;
		uint64_t size;
		gh_code code;
		size_t made;
	} sizes[] = {
		{ "right", 3000, GH_OK, 3000 },
		{ "one less", 2999, GH_CORRUPT, 2999 },
		{ "one more", 3001, GH_CORRUPT, 3000 },
		{ "nothing", 0, GH_CORRUPT, 0 },
		{ "absurd", UINT64_MAX - 1, GH_CORRUPT, 3000 },
		{ "half of everything", UINT64_MAX / 2, GH_CORRUPT, 3000 },
	};
	(void)state;
	fill(plain, BIG);
	size_t n = library_packs(gh_view(plain, 3000), 3, 0, 2);
	for (size_t i = 0; i < GH_COUNT(sizes); i++) {
		gh_ctx ctx = gh_test_ctx();
		head_write(3, 0, 2, sizes[i].size);
		gh_cur c = gh_cur_over(gh_view(packed, n), 0);
		gh_buf out = gh_buf_in(ctx.arena, BIG);
		EQ(gh_lzma_alone(&ctx, &c, &out, NULL), sizes[i].code, sizes[i].label);
		SAME(gh_buf_view(&out), gh_view(plain, sizes[i].made), sizes[i].label);
		gh_test_done(&ctx);
	}
}

static void raw_data_stop_at_a_size_or_a_marker(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	fill(plain, BIG);
	size_t n = library_packs(gh_view(plain, 3000), 3, 0, 2);
	static const struct {
		uint64_t size;
		size_t made;
		bool all;
	} rows[] = { { 1000, 1000, false }, { 3000, 3000, true }, { 5000, 3000, true }, { UINT64_MAX, 3000, true } };
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_cur c = gh_cur_over(gh_view(packed + HEAD, n - HEAD), 0);
		gh_buf out = gh_buf_in(ctx.arena, BIG);
		EQ(gh_lzma_raw(&ctx, &c, &out, 3, 0, 2, 0, rows[i].size), GH_OK, "raw");
		SAME(gh_buf_view(&out), gh_view(plain, rows[i].made), "raw");
		EQ(c.left == 0, rows[i].all, "raw");
	}
	gh_cur c = gh_cur_over(gh_view(packed, n), 0);
	gh_buf out = gh_buf_in(ctx.arena, BIG);
	EQ(gh_lzma_raw(&ctx, &c, &out, 9, 0, 2, 0, 10), GH_NOT_MINE, "lc 9");
	gh_test_done(&ctx);
}

/* Damaged streams: what liblzma accepts we accept, alike; what it refuses we refuse, but for a match beyond
 * the dictionary. */
static void damaged_streams_read_alike(void **state)
{
	static uint8_t theirs[20000];
	unsigned agreed = 0, x = 7;
	(void)state;
	fill(plain, BIG);
	size_t n = 0;
	gh_bytes whole = { NULL, 0 };
	for (unsigned round = 0; round < 6000; round++) {
		gh_ctx ctx = gh_test_ctx();
		if (round % 300 == 0) {
			drop(whole);
			n = library_packs(gh_view(plain + round, 20 + round / 3), round / 300 % 5, 0, 2);
			if (round % 600 == 0)
				head_write(round / 300 % 5, 0, 2, 20 + round / 3);
			whole = exact(gh_view(packed, n));
		}
		memcpy(packed, whole.ptr, n);
		x = x * 1103515245 + 12345;
		size_t at = HEAD + 1 +
			    (round % 3 ? n - HEAD - 1 - (x >> 8) % GH_MIN(n - HEAD - 1, (size_t)12) - 1
				       : (x >> 8) % (n - HEAD - 1));
		packed[at] = (uint8_t)(packed[at] ^ 1u << (x >> 27) % 8);
		lzma_stream z = LZMA_STREAM_INIT;
		EQ(lzma_alone_decoder(&z, UINT64_MAX), LZMA_OK, "oracle");
		z.next_in = packed;
		z.avail_in = n;
		z.next_out = theirs;
		z.avail_out = sizeof theirs;
		lzma_ret rc = lzma_code(&z, LZMA_FINISH);
		gh_cur c = gh_cur_over(gh_view(packed, n), 0);
		gh_buf out = gh_buf_in(ctx.arena, sizeof theirs);
		gh_lzma_info info = { 0 };
		gh_code code = gh_lzma_alone(&ctx, &c, &out, &info);
		EQ(code == GH_OK && !info.beyond_dict, rc == LZMA_STREAM_END, "verdict");
		if (rc == LZMA_STREAM_END) {
			SAME(gh_buf_view(&out), gh_view(theirs, z.total_out), "content");
			EQ(c.left, z.avail_in, "end");
			agreed++;
		}
		lzma_end(&z);
		gh_test_done(&ctx);
	}
	drop(whole);
	TRUE(agreed > 0, "some damaged streams were still streams");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ending_keeps_the_laws),
		cmocka_unit_test(every_property_byte_is_read),
		cmocka_unit_test(the_head_and_the_end_are_told),
		cmocka_unit_test(a_wrong_size_is_corrupt_and_keeps_the_bytes),
		cmocka_unit_test(raw_data_stop_at_a_size_or_a_marker),
		cmocka_unit_test(damaged_streams_read_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
