/* SPDX-License-Identifier: Apache-2.0 */
/* NAND with spare bytes: the shape found, the code checked, flipped bits turned back, bad blocks left out. */
#include "codec/ecc.h"
#include "unit/format/formats.h"

enum { MOST = 4 << 20 };

static uint8_t plain[MOST], chip[MOST];

static const struct shape {
	const char *label;
	size_t page, spare, block, pages, code_at, step;
	unsigned bch;
	uint8_t mask;
	bool low_first;
} shapes[] = {
	{ "small pages", 512, 16, 32, 256, 8, 256, 0, 0, false },
	{ "2048 and 64, code at the end", 2048, 64, 64, 128, 40, 256, 0, 0, false },
	{ "2048 and 64, code over 512 bytes", 2048, 64, 64, 128, 8, 512, 0, 0, false },
	{ "2048 and 128", 2048, 128, 64, 128, 80, 256, 0, 0, false },
	{ "4096 and 224", 4096, 224, 64, 128, 100, 256, 0, 0, false },
	{ "8192 and 448", 8192, 448, 128, 256, 200, 512, 0, 0, false },
	{ "BCH of four bits", 2048, 64, 64, 128, 36, 512, 4, 0xff, false },
	{ "BCH of eight bits", 2048, 64, 64, 128, 12, 512, 8, 0x5a, false },
	{ "BCH, low bits first", 4096, 224, 64, 128, 60, 512, 8, 0, true },
	{ "no code", 2048, 64, 64, 128, 0, 0, 0, 0, false },
};

static void noise(size_t len)
{
	uint32_t state = 99;
	for (size_t i = 0; i < len; i++) {
		state = state * 1103515245 + 12345;
		plain[i] = (uint8_t)(state >> 16);
	}
}

/* Half of the pages hold noise, the others are erased. */
static gh_bytes make(const struct shape *s)
{
	size_t whole = s->page + s->spare;
	assert_true(s->pages * whole <= MOST);
	noise(s->pages / 2 * s->page);
	memset(plain + s->pages / 2 * s->page, 0xff, s->pages / 2 * s->page);
	memset(chip, 0xff, s->pages * whole);
	gh_arena *a = gh_arena_new(GH_MIB(1));
	const gh_bch *bch = s->bch ? gh_bch_new(a, s->bch) : NULL;
	size_t bytes = s->bch ? (13 * s->bch + 7) / 8 : GH_HAMMING_BYTES;
	for (size_t p = 0; p < s->pages / 2; p++) {
		memcpy(chip + p * whole, plain + p * s->page, s->page);
		for (size_t i = 0; s->step && i < s->page / s->step; i++) {
			uint8_t *at = chip + p * whole + s->page + s->code_at + bytes * i;
			gh_bytes step = gh_view(plain + p * s->page + i * s->step, s->step);
			if (bch)
				gh_bch_code(bch, step, s->low_first, at);
			else
				gh_hamming(step, at);
			for (size_t k = 0; k < bytes; k++)
				at[k] ^= s->mask;
		}
	}
	gh_arena_free(a);
	return gh_view(chip, s->pages * whole);
}

static void shapes_are_found(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(shapes); i++) {
		const struct shape *s = &shapes[i];
		struct run r = run(&gh_format_nand, make(s), 0x100);
		EQ(r.code, GH_OK, s->label);
		EQ(r.span.size, s->pages * (s->page + s->spare), s->label);
		EQ(r.span.proof, s->step ? GH_PROOF_SUM : GH_PROOF_PARSED, s->label);
		const gh_node *p = part(r.node, "pages");
		TRUE(p, s->label);
		SAME(p->decoded, gh_view(plain, s->pages * s->page), s->label);
		EQ(sum(r.node, "page ECC")->state, s->step ? GH_SUM_RIGHT : GH_SUM_UNVERIFIABLE, s->label);
		done(&r);
	}
}

static void flipped_bits_are_mended_or_told(void **unused)
{
	const struct shape *s = &shapes[1];
	gh_bytes in = make(s);
	(void)unused;
	for (size_t p = 0; p < 20; p++)
		chip[p * 2112 + 300 * (p % 7)] ^= (uint8_t)(1U << p % 8);
	struct run r = run(&gh_format_nand, in, 0);
	EQ(r.code, GH_OK, "mended");
	SAME(part(r.node, "pages")->decoded, gh_view(plain, s->pages * s->page), "mended");
	SAME(fact(r.node, "bits-mended"), GH_LIT("20"), "mended");
	EQ(sum(r.node, "page ECC")->state, GH_SUM_RIGHT, "mended");
	done(&r);
	(void)make(s);
	chip[2112 * 3 + 5] ^= 0x11;
	r = run(&gh_format_nand, in, 0);
	EQ(sum(r.node, "page ECC")->state, GH_SUM_WRONG, "two bits");
	TRUE(noted(r.node->notes, GH_CORRUPT), "two bits");
	plain[2048 * 3 + 5] ^= 0x11;
	SAME(part(r.node, "pages")->decoded, gh_view(plain, s->pages * s->page), "what cannot be mended stays");
	done(&r);
}

static void bch_mends_what_it_can(void **unused)
{
	const struct shape *s = &shapes[7];
	gh_bytes in = make(s);
	(void)unused;
	for (size_t p = 0; p < 10; p++)
		for (size_t i = 0; i < 8; i++)
			chip[p * 2112 + 61 * i + p] ^= (uint8_t)(1U << p % 8);
	struct run r = run(&gh_format_nand, in, 0);
	EQ(r.code, GH_OK, "BCH");
	SAME(part(r.node, "pages")->decoded, gh_view(plain, s->pages * s->page), "BCH");
	SAME(fact(r.node, "bits-mended"), GH_LIT("80"), "BCH");
	done(&r);
}

static void bad_blocks_are_left_out(void **unused)
{
	/* blocks of small pages: 0 to 3 written, 4 to 7 erased; block 1 is bad and its content one further on */
	const struct shape *s = &shapes[0];
	const size_t block = 32 * 528;
	(void)unused;
	gh_bytes in = make(s);
	memmove(chip + 2 * block, chip + block, 3 * block);
	for (size_t p = 32; p < 64; p++) {
		memset(chip + p * 528, 0, 512);
		chip[p * 528 + 517] = 0;
	}
	struct run r = run(&gh_format_nand, in, 0);
	EQ(r.code, GH_OK, "bad block");
	SAME(fact(r.node, "bad-blocks"), GH_LIT("1"), "bad block");
	SAME(part(r.node, "pages")->decoded, gh_view(plain, s->pages * s->page), "bad block");
	TRUE(noted(r.node->notes, GH_OK), "bad block");
	done(&r);
}

/* A header as YAFFS writes it: a file below the root. */
static void yaffs_header(uint8_t *page, uint32_t object)
{
	memset(page, 0xff, 512);
	memset(page, 0, 8);
	page[0] = 1;
	page[4] = 1;
	memset(page + 10, 0, 256);
	memcpy(page + 10, "name", 4);
	memset(page + 268, 0, 4);
	page[268] = 0xa4;
	page[269] = 0x81;
	page[20] = (uint8_t)object;
}

static void yaffs_keeps_its_spare_bytes(void **unused)
{
	const struct shape *s = &shapes[0];
	gh_bytes in = make(s);
	(void)unused;
	yaffs_header(chip + 64 * 528, 7);
	gh_hamming(gh_view(chip + 64 * 528, 256), chip + 64 * 528 + 520);
	gh_hamming(gh_view(chip + 64 * 528 + 256, 256), chip + 64 * 528 + 523);
	struct run r = run(&gh_format_nand, in, 0);
	EQ(r.code, GH_OK, "YAFFS behind other things");
	const gh_node *y = part(r.node, "yaffs-pages");
	TRUE(y && y->at == 64 * 528, "YAFFS behind other things");
	SAME(y->decoded, gh_bytes_part(in, 64 * 528, y->size), "spare bytes stay");
	done(&r);
}

static void other_bytes_are_refused(void **unused)
{
	(void)unused;
	noise(MOST);
	struct run r = run(&gh_format_nand, gh_view(plain, 2112 * 1024), 0);
	EQ(r.code, GH_NOT_MINE, "noise of the right size");
	done(&r);
	memset(plain, 0xff, MOST);
	r = run(&gh_format_nand, gh_view(plain, 2112 * 1024), 0);
	EQ(r.code, GH_NOT_MINE, "erased");
	done(&r);
	memset(plain, 0, MOST);
	r = run(&gh_format_nand, gh_view(plain, 2112 * 1024), 0);
	EQ(r.code, GH_NOT_MINE, "zeros");
	done(&r);
	/* text that ends in erased bytes at regular places, a table of records: no page of flash */
	for (size_t i = 0; i < MOST; i++)
		plain[i] = i % 2112 < 1900 ? (uint8_t)('a' + i % 23) : 0xff;
	r = run(&gh_format_nand, gh_view(plain, 2112 * 1024), 0);
	EQ(r.code, GH_NOT_MINE, "records");
	done(&r);
}

static void bad_input(void **unused)
{
	struct shape s = shapes[0];
	(void)unused;
	s.pages = 64;
	spoil(&gh_format_nand, make(&s), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_are_found),
		cmocka_unit_test(flipped_bits_are_mended_or_told),
		cmocka_unit_test(bch_mends_what_it_can),
		cmocka_unit_test(bad_blocks_are_left_out),
		cmocka_unit_test(yaffs_keeps_its_spare_bytes),
		cmocka_unit_test(other_bytes_are_refused),
		cmocka_unit_test(bad_input),
	};
	return cmocka_run_group_tests_name("format/nand", tests, NULL, NULL);
}
