/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of flash: read from what the dump holds, held against it, inferred where there is none; banks and areas. */
#include "codec/sum.h"
#include "unit/format/formats.h"

enum { SIZE = 1 << 20 };

static uint8_t dump[SIZE];

static void text(size_t at, const char *what)
{
	memcpy(dump + at, what, strlen(what));
}

static void be(uint8_t *at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * (3 - i));
}

/* A boot loader, a kernel at 0x20000, a root at 0x60000. */
static void start(void)
{
	memset(dump, 0xff, sizeof dump);
	memset(dump, 0x3c, 0x8000);
	be(dump + 0x20000, 0x27051956);
	text(0x60000, "hsqs");
}

static struct run map(void)
{
	return run(&gh_format_flash, gh_view(dump, SIZE), 0);
}

static void check_parts(struct run *r, const char *label)
{
	EQ(r->code, GH_OK, label);
	EQ(r->span.size, SIZE, label);
	const gh_node *k = part(r->node, "kernel"), *f = part(r->node, "rootfs");
	TRUE(k && k->at == 0x20000 && k->size == 0x40000, label);
	TRUE(f && f->at == 0x60000 && f->size == SIZE - 0x60000, label);
}

static const struct {
	const char *label, *text;
	bool good;
} lines[] = {
	{ "sizes in a row", "mtdparts=nor0:128k(boot),256k(kernel),640k(rootfs)", true },
	{ "the rest", "mtdparts=nor0:128k(boot),0x40000(kernel),-(rootfs)ro", true },
	{ "as an environment has it", "mtdparts=mtdparts=nor0:128k(boot)ro,256k(kernel)ro,-(rootfs)", true },
	{ "the second chip fits", "mtdparts=spi1:64m(a),64m(b);nor0:128k(boot),256k(kernel),-(rootfs)", true },
	{ "an alias over both", "mtdparts=nor0:128k(boot),256k(kernel),640k(rootfs),896k@128k(firmware)", true },
	{ "larger than the dump", "mtdparts=nor0:128k(boot),256k(kernel),16m(rootfs)", false },
	{ "they cross", "mtdparts=nor0:192k(boot),256k@128k(kernel),-(rootfs)", false },
	{ "nothing begins there", "mtdparts=nor0:64k(boot),256k(kernel),256k(rootfs)", false },
	{ "no end of a name", "mtdparts=nor0:128k(boot),256k(kernel", false },
	{ "no numbers", "mtdparts=nor0:(boot),(kernel)", false },
	{ "TP-Link",
	  "partition boot base 0x00000 size 0x20000\npartition kernel base 0x20000 size 0x40000\n"
	  "partition rootfs base 0x60000 size 0xa0000\n",
	  true },
	{ "TP-Link, cut", "partition boot base 0x00000 size 0x20000\npartition kernel base 0x200", false },
};

static void lines_are_read_and_checked(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(lines); i++) {
		start();
		text(0x8000, lines[i].text);
		struct run r = map();
		if (lines[i].good)
			check_parts(&r, lines[i].label);
		else
			EQ(r.code, GH_NOT_MINE, lines[i].label);
		done(&r);
	}
}

static uint8_t *fis_entry(uint8_t *at, const char *name, uint32_t flash, uint32_t size)
{
	memset(at, 0, 256);
	memcpy(at, name, strlen(name));
	be(at + 16, flash);
	be(at + 24, size);
	return at + 256;
}

static void redboot_is_read(void **unused)
{
	(void)unused;
	start();
	uint8_t *at = fis_entry(dump + 0xf0000, "RedBoot", 0xbfc00000, 0x20000);
	at = fis_entry(at, "kernel", 0xbfc20000, 0x40000);
	(void)fis_entry(at, "rootfs", 0xbfc60000, 0xa0000);
	struct run r = map();
	check_parts(&r, "FIS");
	SAME(fact(r.node, "map"), GH_LIT("FIS directory of RedBoot"), "FIS");
	done(&r);
}

struct tree {
	uint8_t *at;
	uint8_t strings[64];
	size_t n;
};

static void token(struct tree *t, uint32_t v)
{
	be(t->at, v);
	t->at += 4;
}

static void node(struct tree *t, const char *name)
{
	token(t, 1);
	memset(t->at, 0, strlen(name) + 4);
	memcpy(t->at, name, strlen(name));
	t->at += (strlen(name) + 4) & ~(size_t)3;
}

static void property(struct tree *t, const char *name, gh_bytes value)
{
	token(t, 3);
	token(t, (uint32_t)value.len);
	token(t, (uint32_t)t->n);
	memcpy(t->strings + t->n, name, strlen(name) + 1);
	t->n += strlen(name) + 1;
	memset(t->at, 0, value.len + 3);
	memcpy(t->at, value.ptr, value.len);
	t->at += (value.len + 3) & ~(size_t)3;
}

static void partition(struct tree *t, const char *name, uint32_t from, uint32_t size)
{
	uint8_t reg[8];
	be(reg, from);
	be(reg + 4, size);
	node(t, name);
	t->n = 40;
	property(t, "reg", gh_view(reg, 8));
	token(t, 2);
}

/* The strings behind the structure, and the header of version 17. */
static void finish_tree(struct tree *t, uint8_t *head)
{
	uint32_t end = (uint32_t)(t->at - head);
	const uint32_t fields[10] = { 0xd00dfeed, end + sizeof t->strings, 40,      end, end, 17, 16,
				      0,          sizeof t->strings,       end - 40 };
	for (unsigned i = 0; i < GH_COUNT(fields); i++)
		be(head + 4 * i, fields[i]);
	memcpy(t->at, t->strings, sizeof t->strings);
}

static void a_device_tree_is_read(void **unused)
{
	uint8_t *head = dump + 0x8000;
	struct tree t = { .at = head + 40 };
	(void)unused;
	start();
	node(&t, "");
	node(&t, "partitions");
	property(&t, "#address-cells", GH_LIT("\0\0\0\1"));
	property(&t, "#size-cells", GH_LIT("\0\0\0\1"));
	t.n = 40;
	partition(&t, "boot@0", 0, 0x20000);
	partition(&t, "kernel@20000", 0x20000, 0x40000);
	partition(&t, "rootfs@60000", 0x60000, 0xa0000);
	t.n = 50;
	property(&t, "compatible", GH_LIT("fixed-partitions\0"));
	token(&t, 2);
	token(&t, 2);
	token(&t, 9);
	finish_tree(&t, head);
	struct run r = map();
	/* only nodes called partition@… are taken before the tree says what they are */
	EQ(r.code, GH_NOT_MINE, "compatible behind the partitions is not as compilers write it");
	done(&r);
	start();
	t = (struct tree){ .at = head + 40 };
	node(&t, "");
	node(&t, "partitions");
	property(&t, "#address-cells", GH_LIT("\0\0\0\1"));
	property(&t, "#size-cells", GH_LIT("\0\0\0\1"));
	property(&t, "compatible", GH_LIT("fixed-partitions\0"));
	partition(&t, "boot@0", 0, 0x20000);
	partition(&t, "kernel@20000", 0x20000, 0x40000);
	partition(&t, "rootfs@60000", 0x60000, 0xa0000);
	token(&t, 2);
	token(&t, 2);
	token(&t, 9);
	finish_tree(&t, head);
	r = map();
	check_parts(&r, "device tree");
	done(&r);
}

static void environment(size_t at, const char *rows, size_t len)
{
	memset(dump + at, 0, 0x10000);
	memcpy(dump + at + 4, rows, len);
	uint32_t crc = gh_crc32(gh_view(dump + at + 4, 0x10000 - 4));
	for (unsigned i = 0; i < 4; i++)
		dump[at + i] = (uint8_t)(crc >> 8 * i);
}

static void banks_are_told_apart(void **unused)
{
	static const char rows[] = "boot_part=2\0ethaddr=00:04:ff:00:00:01\0"
				   "mtdparts=nor0:128k(boot),256k(rootfs1),256k(rootfs2),64k(env),-(rest)\0";
	(void)unused;
	start();
	text(0x20000, "hsqs");
	environment(0xa0000, rows, sizeof rows);
	struct run r = map();
	EQ(r.code, GH_OK, "banks");
	SAME(fact(r.node, "banks"), GH_LIT("rootfs1 and rootfs2: both hold the like"), "banks");
	SAME(fact(r.node, "active-bank"), GH_LIT("boot_part=2 in env"), "banks");
	SAME(fact(part(r.node, "env"), "ethaddr"), GH_LIT("00:04:ff:00:00:01"), "banks");
	dump[0xa0010] ^= 1;
	done(&r);
	r = map();
	SAME(fact(r.node, "active-bank"), GH_LIT("not told: no environment names one"),
	     "a wrong checksum says nothing");
	done(&r);
}

static void what_tells_no_map_is_inferred(void **unused)
{
	(void)unused;
	start();
	text(0x1000, "U-Boot 1.1.4");
	memcpy(dump + SIZE - 0x10000, "\0\4\xff\0\0\1", 6);
	memcpy(dump + SIZE - 0xf000, "\2\2\0\4\xff\0\0\2", 8);
	struct run r = map();
	EQ(r.code, GH_OK, "inferred");
	EQ(r.span.proof, GH_PROOF_SHAPE, "inferred");
	SAME(fact(r.node, "map"), GH_LIT("inferred from what lies there"), "inferred");
	TRUE(part(r.node, "boot") && part(r.node, "boot")->size == 0x20000, "inferred");
	const gh_node *art = part(r.node, "calibration");
	TRUE(art && art->at == SIZE - 0x10000, "inferred");
	SAME(fact(art, "mac"), GH_LIT("00:04:ff:00:00:01"), "inferred");
	done(&r);
	start();
	r = map();
	EQ(r.code, GH_NOT_MINE, "nothing to go by");
	done(&r);
}

static void media_tek_is_known(void **unused)
{
	(void)unused;
	start();
	text(0x8000, "mtdparts=nor0:128k(boot),256k(kernel),512k(rootfs),-(factory)");
	memcpy(dump + 0xe0000, "\x28\x76\0\0\0\4\xff\0\0\1", 10);
	struct run r = map();
	EQ(r.code, GH_OK, "MT7628");
	const gh_node *p = part(r.node, "factory");
	SAME(fact(p, "holds"), GH_LIT("calibration of radios (MediaTek)"), "MT7628");
	SAME(fact(p, "mac-at-0x4"), GH_LIT("00:04:ff:00:00:01"), "MT7628");
	done(&r);
}

static void bad_input(void **unused)
{
	(void)unused;
	start();
	text(0x8000, lines[4].text);
	for (size_t i = 0; i < strlen(lines[4].text) * 8; i++) {
		dump[0x8000 + i / 8] ^= (uint8_t)(1U << i % 8);
		struct run r = map();
		dump[0x8000 + i / 8] ^= (uint8_t)(1U << i % 8);
		done(&r);
	}
	for (size_t i = 0; i < SIZE; i += 0x11111) {
		struct run r = run(&gh_format_flash, gh_view(dump, i), 0);
		done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_and_checked),
		cmocka_unit_test(redboot_is_read),
		cmocka_unit_test(a_device_tree_is_read),
		cmocka_unit_test(banks_are_told_apart),
		cmocka_unit_test(what_tells_no_map_is_inferred),
		cmocka_unit_test(media_tek_is_known),
		cmocka_unit_test(bad_input),
	};
	return cmocka_run_group_tests_name("format/flash", tests, NULL, NULL);
}
