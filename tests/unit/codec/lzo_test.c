/* SPDX-License-Identifier: Apache-2.0 */
/* Our LZO1X against liblzo2, which is an oracle here and linked nowhere else. */
#include "unit/codec/laws.h"
#include "codec/sum.h"

#include <lzo/lzo1x.h>

enum { BIG = 300000, ROOM = 400000 };
static uint8_t plain[BIG], packed[ROOM], work[LZO1X_999_MEM_COMPRESS];

static gh_code lzop(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	return gh_lzop(ctx, in, out, NULL);
}

static size_t pack(gh_bytes in, bool hard, uint8_t *to)
{
	lzo_uint n = 0;
	EQ((hard ? lzo1x_999_compress : lzo1x_1_compress)(in.ptr, in.len, to, &n, work), LZO_E_OK, "lzo");
	return n;
}

static void put(size_t *n, uint64_t v, unsigned width)
{
	while (width-- > 0)
		packed[(*n)++] = (uint8_t)(v >> 8 * width);
}

/* As lzop writes a file, with the checksums that `flags` ask for. */
static size_t as_lzop(gh_bytes in, uint32_t flags)
{
	size_t n = 9;
	memcpy(packed, "\x89LZO\0\r\n\x1a\n", 9);
	put(&n, 0x1040, 2);
	put(&n, 0x20a0, 2);
	put(&n, 0x0940, 2);
	put(&n, 0x0105, 2);
	put(&n, flags, 4);
	put(&n, 0100644, 4);
	put(&n, 0x5f000000, 4);
	put(&n, 0, 4);
	put(&n, 3, 1);
	put(&n, 0x617263, 3);
	gh_bytes head = gh_view(packed + 9, n - 9);
	put(&n, flags & 0x1000 ? gh_crc32(head) : gh_adler32(head), 4);
	while (in.len > 0) {
		static uint8_t block[ROOM];
		gh_bytes part = gh_bytes_part(in, 0, 65536);
		gh_bytes body = gh_view(block, pack(part, false, block));
		bool stored = body.len >= part.len;
		if (stored)
			body = part;
		put(&n, part.len, 4);
		put(&n, body.len, 4);
		if (flags & 0x1)
			put(&n, gh_adler32(part), 4);
		if (flags & 0x100)
			put(&n, gh_crc32(part), 4);
		if (flags & 0x2 && !stored)
			put(&n, gh_adler32(body), 4);
		if (flags & 0x200 && !stored)
			put(&n, gh_crc32(body), 4);
		memcpy(packed + n, body.ptr, body.len);
		n += body.len;
		in = gh_bytes_part(in, part.len, SIZE_MAX);
	}
	put(&n, 0, 4);
	return n;
}

static void what_liblzo2_packs_comes_out(void **state)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 20, 3000, BIG };
	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < GH_COUNT(sizes); i++) {
		for (unsigned hard = 0; hard < 2; hard++) {
			gh_bytes in = gh_view(plain, sizes[i]);
			law_all_of_them(&(gh_sample){ hard ? "lzo1x-999" : "lzo1x-1", gh_lzo1x, 0,
						      gh_view(packed, pack(in, hard, packed)), in });
		}
	}
	memset(plain, 0, BIG);
	gh_bytes in = gh_view(plain, BIG);
	law_all_of_them(&(gh_sample){ "zeros", gh_lzo1x, 0, gh_view(packed, pack(in, true, packed)), in });
}

static void lzop_files_come_out(void **state)
{
	static const uint32_t flags[] = { 0x1 | 0x100, 0x100 | 0x200 | 0x1000, 0x1 | 0x2 | 0x100, 0x103 | 0x200 };
	static const size_t sizes[] = { 0, 1, 3000, BIG };
	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < GH_COUNT(flags); i++) {
		for (size_t k = 0; k < GH_COUNT(sizes); k++) {
			gh_bytes in = gh_view(plain, sizes[k]);
			law_all_of_them(
				&(gh_sample){ "lzop", lzop, LAW_STRONG, gh_view(packed, as_lzop(in, flags[i])), in });
		}
	}
	gh_ctx ctx = gh_test_ctx();
	gh_lzop_info info = { 0 };
	gh_cur c = gh_cur_over(gh_view(packed, as_lzop(GH_LIT("x"), 1)), 0);
	gh_buf out = gh_buf_in(ctx.arena, 10);
	EQ(gh_lzop(&ctx, &c, &out, &info), GH_OK, "info");
	SAME(info.name, GH_LIT("arc"), "name");
	EQ(info.mode, 0100644, "mode");
	gh_test_done(&ctx);
}

/* Where liblzo2 is content with a damaged stream we give the same bytes, and where we are, so is it. */
static void damaged_streams_read_alike(void **state)
{
	static uint8_t damaged[4000], theirs[8000];
	unsigned agreed = 0, x = 99;
	(void)state;
	fill(plain, 3000);
	for (unsigned round = 0; round < 20000; round++) {
		gh_ctx ctx = gh_test_ctx();
		static size_t n;
		if (round % 2000 == 0) {
			fill(plain, 3000);
			n = pack(gh_view(plain, 40 + round / 10), round % 4000 == 0, packed);
		}
		memcpy(damaged, packed, n);
		for (unsigned i = 0; i < 1 + round % 3; i++) {
			x = x * 1103515245 + 12345;
			damaged[(x >> 8) % n] = (uint8_t)(x >> 24);
		}
		if (n >= 5 && damaged[0] == 17 && damaged[1] == 1)
			damaged[0] = 18; /* version 1, which liblzo2 does not know */
		lzo_uint made = sizeof theirs;
		int rc = lzo1x_decompress_safe(damaged, n, theirs, &made, NULL);
		gh_bytes in = exact(gh_view(damaged, n));
		gh_cur c = gh_cur_over(in, 0);
		gh_buf out = gh_buf_in(ctx.arena, sizeof theirs);
		gh_code code = gh_lzo1x(&ctx, &c, &out);
		bool content = rc == LZO_E_OK || rc == LZO_E_INPUT_NOT_CONSUMED;
		EQ(code == GH_OK, content, "verdict");
		if (content)
			SAME(gh_buf_view(&out), gh_view(theirs, made), "content");
		if (rc == LZO_E_OK)
			EQ(c.left, 0, "end");
		agreed += content;
		drop(in);
		gh_test_done(&ctx);
	}
	TRUE(agreed > 1000, "enough damaged streams were still streams");
}

static void the_newer_bitstream_is_named(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_cur c = gh_cur_over(GH_LIT("\x11\x01\x15"
				      "abcd\x11\0\0"),
			       0);
	gh_buf out = gh_buf_in(ctx.arena, 10);
	EQ(gh_lzo1x(&ctx, &c, &out), GH_UNSUPPORTED, "lzo-rle");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_liblzo2_packs_comes_out),
		cmocka_unit_test(lzop_files_come_out),
		cmocka_unit_test(damaged_streams_read_alike),
		cmocka_unit_test(the_newer_bitstream_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
