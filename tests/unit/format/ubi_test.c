/* SPDX-License-Identifier: Apache-2.0 */
/* UBI: blocks in any order, of two copies the right one, what nobody uses any more; and ubinize as oracle. */
#include "format/flash/ubi_in.h"
#include "unit/format/flash_tests.h"

enum { BLOCK = 4096, VID = 64, DATA = 128, LEB = BLOCK - DATA, MOST = 32 };

static uint8_t image[MOST * BLOCK];
static size_t blocks;

static void put(uint8_t *at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

static void start(void)
{
	memset(image, 0xff, sizeof image);
	blocks = 0;
}

/* A block with an erase counter only. */
static uint8_t *free_block(void)
{
	assert_true(blocks < MOST);
	uint8_t *b = image + BLOCK * blocks++;
	memset(b, 0, 64);
	memcpy(b, "UBI#\1", 5);
	put(b + 8, blocks, 8);
	put(b + 16, VID, 4);
	put(b + 20, DATA, 4);
	put(b + 24, 0x1abc, 4);
	put(b + 60, gh_ubi_crc(gh_view(b, 60)), 4);
	return b;
}

struct block {
	unsigned volume, logical, type, copy, sequence;
};

static uint8_t *block(struct block v, gh_bytes data)
{
	uint8_t *b = free_block(), *h = b + VID;
	bool summed = v.type == 2 || v.copy;
	memcpy(b + DATA, data.ptr, data.len);
	memset(h, 0, 64);
	memcpy(h, "UBI!\1", 5);
	h[5] = (uint8_t)v.type;
	h[6] = (uint8_t)v.copy;
	put(h + 8, v.volume, 4);
	put(h + 12, v.logical, 4);
	put(h + 20, summed ? data.len : 0, 4);
	put(h + 32, summed ? gh_ubi_crc(data) : 0, 4);
	put(h + 40, v.sequence, 8);
	put(h + 60, gh_ubi_crc(gh_view(h, 60)), 4);
	return b;
}

static void table(void)
{
	for (unsigned copy = 0; copy < 2; copy++) {
		uint8_t all[LEB] = { 0 };
		for (unsigned i = 0; i < LEB / GH_UBI_RECORD; i++) {
			uint8_t *r = all + (size_t)i * GH_UBI_RECORD;
			if (i < 2) {
				put(r, 8, 4);
				put(r + 4, 1, 4);
				r[12] = i ? 1 : 2;
				put(r + 14, i ? 4 : 6, 2);
				memcpy(r + 16, i ? "data" : "kernel", i ? 4 : 6);
				r[144] = i ? 1 : 0;
			}
			put(r + 168, gh_ubi_crc(gh_view(r, 168)), 4);
		}
		(void)block((struct block){ GH_UBI_LAYOUT, copy, 1, 0, copy }, gh_view(all, sizeof all));
	}
}

static gh_bytes filled(char c, size_t len)
{
	static uint8_t room[4][LEB];
	static unsigned turn;
	uint8_t *b = room[turn++ % 4];
	memset(b, c, len);
	return gh_view(b, len);
}

static void make(void)
{
	start();
	(void)block((struct block){ 1, 2, 1, 0, 9 }, filled('C', LEB));
	(void)block((struct block){ 0, 1, 2, 0, 4 }, filled('y', 100));
	table();
	(void)block((struct block){ 1, 0, 1, 0, 5 }, filled('O', LEB)); /* replaced by … */
	(void)block((struct block){ 1, 0, 1, 0, 8 }, filled('A', LEB));
	(void)block((struct block){ 0, 0, 2, 0, 3 }, filled('x', LEB));
	(void)free_block();
}

static void volumes_come_out_in_the_order_of_their_blocks(void **state)
{
	(void)state;
	make();
	struct run r = run(&gh_format_ubi, gh_view(image, sizeof image), 0x20000);
	EQ(r.code, GH_OK, "ubi");
	EQ(r.span.size, blocks * BLOCK, "up to the last block");
	EQ(r.span.proof, GH_PROOF_PARSED, "ubi");
	const gh_node *kernel = part(r.node, "kernel"), *data = part(r.node, "data"),
		      *unused = part(r.node, "unused blocks");
	TRUE(kernel && data && unused, "parts");
	if (!kernel || !data || !unused)
		return;
	EQ(kernel->size, LEB + 100, "a static volume ends where its data does");
	EQ(kernel->content.ptr[0], 'x', "kernel");
	EQ(kernel->content.ptr[LEB], 'y', "kernel");
	EQ(data->size, 3 * LEB, "data");
	EQ(data->at, kernel->size, "behind it");
	EQ(data->content.ptr[0], 'A', "the newer copy");
	EQ(data->content.ptr[LEB], 0xff, "never written");
	EQ(data->content.ptr[2 * LEB], 'C', "data");
	EQ(unused->content.ptr[0], 'O', "the older copy is still there");
	SAME(fact(r.node, "volume"), GH_LIT("0 kernel: static, 2 of 8 blocks"), "first");
	SAME(fact(r.node, "erase-block"), GH_LIT("4096"), "block");
	SAME(fact(r.node, "erase-counters"), GH_LIT("1 to 8, mean 4"), "counters");
	const gh_sum *s = sum(r.node, "volume table CRCs");
	TRUE(s && s->state == GH_SUM_RIGHT, "table");
	done(&r);
}

static void a_copy_that_was_cut_off_does_not_count(void **state)
{
	(void)state;
	make();
	uint8_t *copy = block((struct block){ 1, 2, 1, 1, 20 }, filled('D', LEB));
	struct run r = run(&gh_format_ubi, gh_view(image, blocks * BLOCK), 0);
	const gh_node *data = part(r.node, "data");
	TRUE(data && data->content.ptr[2 * LEB] == 'D', "a whole copy is newer");
	done(&r);
	copy[DATA + 7] ^= 1;
	r = run(&gh_format_ubi, gh_view(image, blocks * BLOCK), 0);
	data = part(r.node, "data");
	TRUE(data && data->content.ptr[2 * LEB] == 'C', "a cut one is not");
	done(&r);
}

static void damage_is_told(void **state)
{
	(void)state;
	make();
	image[BLOCK + DATA] ^= 1;          /* static data */
	image[6 * BLOCK + VID + 9] ^= 1;   /* a volume header */
	image[2 * BLOCK + DATA + 20] ^= 1; /* one copy of the table: the other still holds */
	struct run r = run(&gh_format_ubi, gh_view(image, blocks * BLOCK), 0);
	EQ(r.code, GH_OK, "damaged");
	TRUE(noted(r.node->notes, GH_CORRUPT), "told");
	static const char *const sums[] = { "header CRCs", "volume table CRCs", "static volume CRCs" };
	for (size_t i = 0; i < GH_COUNT(sums); i++) {
		const gh_sum *s = sum(r.node, sums[i]);
		TRUE(s && s->state == GH_SUM_WRONG, sums[i]);
	}
	TRUE(part(r.node, "kernel") != NULL, "named by the other copy");
	done(&r);
	start();
	(void)block((struct block){ 5, 0xfffffff0, 1, 0, 1 }, filled('x', 9));
	(void)block((struct block){ 5, 1, 1, 0, 1 }, filled('y', 9));
	r = run(&gh_format_ubi, gh_view(image, blocks * BLOCK), 0);
	const gh_node *p = part(r.node, "volume-5");
	TRUE(p && p->size == 2 * LEB, "a block number beyond reason is not believed");
	TRUE(part(r.node, "unused blocks") != NULL, "but its data is shown");
	done(&r);
}

static void bad_headers_are_survived(void **state)
{
	(void)state;
	start();
	(void)block((struct block){ 1, 0, 1, 0, 5 }, filled('O', LEB));
	(void)block((struct block){ 0, 0, 2, 0, 3 }, filled('x', LEB));
	spoil(&gh_format_ubi, gh_view(image, blocks * BLOCK), DATA);
}

/* ubinize packs; the blocks are then turned round, as wear levelling does in time. */
static void what_ubinize_packs_comes_out_again(void **state)
{
	(void)state;
	flash_file("one", 300000, 'r');
	flash_file("two", 70000, 't');
	FILE *f = fopen(flash_in("ini"), "w");
	assert_non_null(f);
	assert_true(fprintf(f,
			    "[a]\nmode=ubi\nimage=%s\nvol_id=0\nvol_type=static\nvol_name=one\nvol_alignment=1\n"
			    "[b]\nmode=ubi\nimage=%s\nvol_id=3\nvol_type=dynamic\nvol_name=two\nvol_size=200KiB\n"
			    "vol_alignment=512\nvol_flags=autoresize\n",
			    flash_in("one"), flash_in("two")) > 0);
	assert_int_equal(fclose(f), 0);
	const char *argv[] = { "ubinize", "-o", flash_in("image"), "-p", "16KiB", "-m", "512",
			       "-Q",      "77", flash_in("ini"),   NULL };
	if (!flash_tool(argv)) {
		print_message("ubinize is not installed\n");
		skip();
	}
	gh_bytes b = flash_load(flash_in("image")), one = flash_load(flash_in("one")),
		 two = flash_load(flash_in("two"));
	uint8_t *turned = malloc(b.len);
	assert_non_null(turned);
	size_t n = b.len / 16384;
	for (size_t i = 0; i < n; i++)
		memcpy(turned + (n - 1 - i) * 16384, b.ptr + i * 16384, 16384);
	for (unsigned pass = 0; pass < 2; pass++) {
		struct run r = run(&gh_format_ubi, pass ? gh_view(turned, b.len) : b, 0);
		EQ(r.span.size, b.len, "ubinize");
		SAME(fact(r.node, "image-sequence"), GH_LIT("0x0000004d"), "sequence");
		const gh_node *first = part(r.node, "one"), *second = part(r.node, "two");
		TRUE(first && second, "volumes");
		SAME(first ? first->content : gh_view(NULL, 0), one, "static");
		SAME(gh_bytes_part(second ? second->content : gh_view(NULL, 0), 0, two.len), two, "dynamic");
		for (const gh_sum *s = r.node->sums; s; s = s->next)
			EQ(s->state, GH_SUM_RIGHT, s->what);
		done(&r);
	}
	free(turned);
	free((void *)(uintptr_t)b.ptr);
	free((void *)(uintptr_t)one.ptr);
	free((void *)(uintptr_t)two.ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes_come_out_in_the_order_of_their_blocks),
		cmocka_unit_test(a_copy_that_was_cut_off_does_not_count),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(bad_headers_are_survived),
		cmocka_unit_test(what_ubinize_packs_comes_out_again),
	};
	return cmocka_run_group_tests_name("ubi", tests, flash_begin, flash_end);
}
