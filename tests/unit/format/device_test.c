/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip read whole: its map from each source, held against what lies there; the order of its bytes.
 */
#include "codec/sum.h"
#include "formats.h"

enum { CHIP = 1 << 20 };

static uint8_t chip[CHIP], turned[CHIP];

static void put(size_t at, gh_bytes b)
{
	memcpy(chip + at, b.ptr, b.len);
}

static void put_text(size_t at, const char *text)
{
	put(at, gh_view(text, strlen(text) + 1));
}

static void put_u32be(uint8_t *to, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A header of U-Boot whose own CRC is right; what is behind it does not matter here. */
static void put_uimage(size_t at)
{
	uint8_t *h = chip + at;
	memset(h, 0, 64);
	put_u32be(h, 0x27051956);
	put_u32be(h + 12, 1000);
	memcpy(h + 32, "laboratory", 10);
	put_u32be(h + 4, gh_crc32(gh_view(h, 64)));
}

/* An environment: CRC, rows, the empty row. */
static void put_environment(size_t at, size_t size, gh_bytes rows)
{
	memset(chip + at, 0, size);
	put(at + 4, rows);
	uint32_t crc = gh_crc32(gh_view(chip + at + 4, size - 4));
	for (unsigned i = 0; i < 4; i++)
		chip[at + i] = (uint8_t)(crc >> 8 * i);
}

static void fresh(void)
{
	memset(chip, 0xff, sizeof chip);
	put_text(0x100, "U-Boot 1.1.4 (laboratory)");
	put_uimage(0x20000);
	put(0x80000, GH_LIT("hsqs"));
}

static gh_bytes all(void)
{
	return gh_view(chip, sizeof chip);
}

static const struct {
	const char *label, *text, *map;
	const char *name;
	uint64_t at, size;
	bool fits;
} maps[] = {
	{ "command line", "root=31:02 mtdparts=ath-nor0:128k(u-boot)ro,384k(kernel),448k(rootfs),64k(art)", "mtdparts",
	  "rootfs", 0x80000, 0x70000, true },
	{ "the rest", "mtdparts=spi0.0:0x20000(boot),0x60000(linux),-(root)", "mtdparts", "root", 0x80000, 0x80000,
	  true },
	{ "offsets", "mtdparts=x:512k@512k(rootfs),128k@0(boot),384k(kernel)", "mtdparts", "kernel", 0x20000, 0x60000,
	  true },
	{ "TP-Link's text",
	  "partition fs-uboot base 0x00000 size 0x20000\r\npartition os-image base 0x20000 size 0x60000\r\n"
	  "partition file-system base 0x80000 size 0x80000\r\n",
	  "partition table of TP-Link as text", "file-system", 0x80000, 0x80000, true },
	{ "beyond the chip", "mtdparts=x:128k(boot),64m(kernel),1m(rootfs)", NULL, NULL, 0, 0, false },
	{ "crossing", "mtdparts=x:256k@0(a),512k@128k(b),384k@640k(c)", NULL, NULL, 0, 0, false },
	{ "nothing begins there", "mtdparts=x:192k(a),64k@0x90000(b)", NULL, NULL, 0, 0, false },
	{ "no number", "mtdparts=x:k(a),k(b)", NULL, NULL, 0, 0, false },
	{ "no end", "mtdparts=x:128k(boot,384k", NULL, NULL, 0, 0, false },
};

static void a_map_counts_when_it_fits(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(maps); i++) {
		fresh();
		memset(chip, 0xff, 0x1000); /* no boot loader by which a map could be inferred */
		put_text(0x30000, maps[i].text);
		struct run r = run(&gh_format_flash, all(), 0);
		EQ(r.code, maps[i].fits ? GH_OK : GH_NOT_MINE, maps[i].label);
		if (maps[i].fits) {
			SAME(fact(r.node, "map"), gh_view_text(maps[i].map), maps[i].label);
			const gh_node *p = part(r.node, maps[i].name);
			TRUE(p != NULL, maps[i].label);
			EQ(p->at, maps[i].at, maps[i].label);
			EQ(p->size, maps[i].size, maps[i].label);
		}
		done(&r);
	}
}

static void a_directory_of_redboot_is_a_map(void **unused)
{
	static const struct {
		const char *name;
		uint32_t at, size;
	} entries[] = { { "RedBoot", 0xbf000000, 0x20000 },
			{ "kernel", 0xbf020000, 0x60000 },
			{ "rootfs", 0xbf080000, 0x70000 },
			{ "FIS directory", 0xbf0f0000, 0x10000 } };
	(void)unused;
	fresh();
	for (size_t i = 0; i < GH_COUNT(entries); i++) {
		uint8_t *e = chip + 0xf0000 + 256 * i;
		memset(e, 0, 256);
		memcpy(e, entries[i].name, strlen(entries[i].name));
		put_u32be(e + 16, entries[i].at);
		put_u32be(e + 24, entries[i].size);
	}
	struct run r = run(&gh_format_flash, all(), 0);
	EQ(r.code, GH_OK, "FIS");
	SAME(fact(r.node, "map"), GH_LIT("FIS directory of RedBoot"), "FIS");
	const gh_node *root = part(r.node, "rootfs");
	TRUE(root && root->at == 0x80000 && root->size == 0x70000, "FIS");
	done(&r);
}

static void what_is_the_owners_is_marked(void **unused)
{
	(void)unused;
	fresh();
	put_environment(
		0xe0000, 0x10000,
		GH_LIT("ethaddr=00:04:ff:12:34:56\0bootcmd=bootm\0mtdparts=x:128k(boot),384k(kernel),384k(rootfs),"
		       "64k(env),64k(art)\0\0"));
	put(0xf1000, GH_LIT("\x02\x02\x00\x04\xff\xaa\xbb\xcc"));
	struct run r = run(&gh_format_flash, all(), 0);
	EQ(r.code, GH_OK, "environment");
	gh_node *env = (gh_node *)(uintptr_t)part(r.node, "env"), *art = (gh_node *)(uintptr_t)part(r.node, "art");
	assert_non_null(env);
	assert_non_null(art);
	SAME(fact(env, "ethaddr"), GH_LIT("00:04:ff:12:34:56"), "as found");
	EQ(gh_node_mask(&r.ctx, env), GH_OK, "mask");
	EQ(gh_node_mask(&r.ctx, art), GH_OK, "mask");
	SAME(fact(env, "ethaddr"), GH_LIT("00:04:ff:xx:xx:xx"), "the vendor's half stays");
	SAME(fact(env, "bootcmd"), GH_LIT("bootm"), "no secret");
	SAME(fact(art, "mac-at-0x1002"), GH_LIT("00:04:ff:xx:xx:xx"), "calibration");
	done(&r);
	chip[0xe0004] ^= 1; /* a variable's byte: the checksum does not hold any more */
	r = run(&gh_format_flash, all(), 0);
	EQ(r.code, GH_OK, "the map stays");
	EQ(fact(part(r.node, "env"), "ethaddr").len, 0, "no environment without its checksum");
	done(&r);
}

static void banks_are_told_apart(void **unused)
{
	(void)unused;
	fresh();
	memset(chip + 0x20000, 0xff, 0x80000);
	put_uimage(0x20000);
	put_uimage(0x80000);
	put_environment(0xe0000, 0x10000, GH_LIT("bootpartition=1\0bootcmd=bootm\0\0"));
	put_text(0x30000, "mtdparts=x:128k(boot),384k(firmware1),384k(firmware2),64k(env),64k(art)");
	struct run r = run(&gh_format_flash, all(), 0);
	EQ(r.code, GH_OK, "banks");
	SAME(fact(r.node, "banks"), GH_LIT("firmware1 and firmware2: both hold the like"), "banks");
	SAME(fact(r.node, "active-bank"), GH_LIT("bootpartition=1 in env"), "banks");
	done(&r);
}

static void without_a_map_one_is_inferred_and_called_so(void **unused)
{
	(void)unused;
	fresh();
	put(0xf1000, GH_LIT("\x02\x02\x00\x04\xff\xaa\xbb\xcc"));
	struct run r = run(&gh_format_flash, all(), 0);
	EQ(r.code, GH_OK, "inferred");
	SAME(fact(r.node, "map"), GH_LIT("inferred from what lies there"), "inferred");
	EQ(part(r.node, "boot")->size, 0x20000, "the boot loader ends where the kernel begins");
	EQ(part(r.node, "calibration")->at, 0xf0000, "calibration");
	done(&r);
	memset(chip, 0xff, sizeof chip);
	r = run(&gh_format_flash, all(), 0);
	EQ(r.code, GH_NOT_MINE, "an erased chip");
	done(&r);
}

static void bytes_in_another_order_are_turned(void **unused)
{
	static const struct {
		const char *label;
		uint8_t from[4];
		gh_code code;
	} rows[] = {
		{ "bytes of 16 bits turned round", { 1, 0, 3, 2 }, GH_OK },
		{ "bytes of 32 bits turned round", { 3, 2, 1, 0 }, GH_OK },
		{ "halves of 32 bits exchanged", { 2, 3, 0, 1 }, GH_OK },
		{ "as it stands", { 0, 1, 2, 3 }, GH_NOT_MINE },
	};
	(void)unused;
	fresh();
	for (size_t k = 0; k < GH_COUNT(rows); k++) {
		for (size_t i = 0; i < CHIP; i++)
			turned[i] = chip[(i & ~(size_t)3) + rows[k].from[i & 3]];
		struct run r = run(&gh_format_swapped, gh_view(turned, CHIP), 0);
		EQ(r.code, rows[k].code, rows[k].label);
		if (r.code == GH_OK) {
			SAME(r.node->decoded, all(), rows[k].label);
			SAME(fact(r.node, "order"), gh_view_text(rows[k].label), rows[k].label);
		}
		done(&r);
	}
}

static void bad_input(void **unused)
{
	(void)unused;
	fresh();
	put_text(0, "mtdparts=x:128k(u-boot),384k(kernel),512k(rootfs)");
	spoil(&gh_format_flash, all(), 52);
	spoil(&gh_format_swapped, all(), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_counts_when_it_fits),
		cmocka_unit_test(a_directory_of_redboot_is_a_map),
		cmocka_unit_test(what_is_the_owners_is_marked),
		cmocka_unit_test(banks_are_told_apart),
		cmocka_unit_test(without_a_map_one_is_inferred_and_called_so),
		cmocka_unit_test(bytes_in_another_order_are_turned),
		cmocka_unit_test(bad_input),
	};
	return cmocka_run_group_tests_name("format/device", tests, NULL, NULL);
}
