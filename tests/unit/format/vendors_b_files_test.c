/* SPDX-License-Identifier: Apache-2.0 */
/* Containers and small file systems that hold files by name: D-Link's, Instar's, Moxa's, eCos', Wind River's. */
#include "vendors_b.h"

/* ---- Wind River */

static gh_bytes memfs_image(bool capitals, bool big)
{
	size_t row = capitals ? 76 : 48, name = capitals ? 64 : 40, start_at = capitals ? 40 : 44;
	size_t data = start_at + 2 * row;
	start();
	for (size_t i = 0; i < 32; i++)
		image[i] = (uint8_t)(capitals ? "OW" : "ow")[i % 2];
	put(32, 2, 4, big);
	put(36, 2, 4, big);
	text(start_at, capitals ? "\\web\\index.htm" : "index.htm");
	put(start_at + name, 100, 4, big);
	put(start_at + name + 4, data, 4, big);
	text(start_at + row, "menu/left.js");
	put(start_at + row + name, 50, 4, big);
	put(start_at + row + name + 4, data + 100, 4, big);
	noise(data, 150);
	return gh_view(image, data + 150);
}

static void memfs(void **unused)
{
	(void)unused;
	for (unsigned way = 0; way < 3; way++) {
		bool capitals = way > 0;
		gh_bytes b = memfs_image(capitals, way < 2);
		struct run r = run(&gh_format_memfs, b, 0);
		EQ(r.code, GH_OK, "memfs");
		EQ(r.span.size, b.len, "memfs");
		SAME(fact(r.node, "contents"), GH_LIT("plain"), "memfs");
		read_all(&r, capitals ? "web/index.htm" : "index.htm", gh_bytes_part(b, b.len - 150, 100), "memfs");
		read_all(&r, "menu/left.js", gh_bytes_part(b, b.len - 50, 50), "memfs");
		done(&r);
	}
	(void)memfs_image(false, true);
	put(44 + 48 + 44, 7, 4, true); /* a place inside the table */
	struct run r = run(&gh_format_memfs, gh_view(image, 44 + 96 + 150), 0);
	EQ(r.code, GH_CORRUPT, "changed");
	done(&r);
	spoil(&gh_format_memfs, memfs_image(false, true), 140);
}

/* ---- D-Link's archive */

static gh_bytes deafbead_image(void)
{
	start();
	text(0, "\xde\xaf\xbe\xad");
	size_t at = 4;
	image[at] = 0x86;
	put(at + 1, 3, 2, false);
	text(at + 3, "web");
	at += 6;
	image[at] = 0x87;
	put(at + 1, 9, 2, false);
	text(at + 3, "web\\a.htm");
	put(at + 12, 40, 4, false);
	noise(at + 16, 40);
	at += 56;
	image[at] = 0x87;
	put(at + 1, 5, 2, false);
	text(at + 3, "b.htm");
	put(at + 8, 20, 4, false);
	noise(at + 12, 20);
	return gh_view(image, at + 32);
}

static void deafbead(void **unused)
{
	(void)unused;
	gh_bytes b = deafbead_image();
	struct run r = run(&gh_format_deafbead, gh_view(image, b.len + 9), 0);
	EQ(r.code, GH_OK, "deafbead");
	EQ(r.span.size, b.len, "deafbead");
	EQ(r.span.proof, GH_PROOF_PARSED, "deafbead");
	EQ(entry_of(r.node, "web")->type, GH_ENTRY_DIR, "deafbead");
	read_all(&r, "web/a.htm", gh_bytes_part(b, 26, 40), "deafbead");
	read_all(&r, "b.htm", gh_bytes_part(b, b.len - 20, 20), "deafbead");
	done(&r);
	put(11, 0, 2, false); /* a file without a name */
	r = run(&gh_format_deafbead, b, 0);
	EQ(r.code, GH_CORRUPT, "changed");
	done(&r);
	spoil(&gh_format_deafbead, deafbead_image(), 66);
}

/* ---- D-Link's package */

static size_t fpkg_row(size_t at, unsigned type, const char *name, size_t len)
{
	put(at, 0x1c, 4, true);
	put(at + 4, type, 2, true);
	put(at + 8, len, 4, true);
	text(at + 12, name);
	return at + 0x1c + len;
}

static gh_bytes fpkg(bool package)
{
	size_t at = package ? 28 : 12, file;
	start();
	text(0, package ? "FPKG\1" : "CPKG\1");
	put(8, at, 4, true);
	if (package) {
		put(12, 1, 4, true);
		put(16, 8, 4, true);
		text(20, "DFL-LABO");
	}
	file = at + 0x1c;
	at = fpkg_row(at, 0x100, "core", 300);
	noise(file, 300);
	gh_bytes content = gh_view(image + file, 300);
	size_t sum_at = at + 0x1c;
	at = fpkg_row(at, 0x102, "core.sum", package ? 20 : 32);
	if (package) {
		gh_sha1(&content, 1, image + sum_at);
	} else {
		uint8_t md5[16];
		gh_md5(&content, 1, md5);
		for (size_t i = 0; i < 16; i++) {
			image[sum_at + 2 * i] = (uint8_t) "0123456789abcdef"[md5[i] >> 4];
			image[sum_at + 2 * i + 1] = (uint8_t) "0123456789abcdef"[md5[i] & 15];
		}
	}
	size_t sig = at + 0x1c;
	at = fpkg_row(at, 0x103, "core.sig", 128);
	noise(sig, 128);
	return gh_view(image, at);
}

static void dlink_fpkg(void **unused)
{
	(void)unused;
	for (unsigned way = 0; way < 2; way++) {
		gh_bytes b = fpkg(way == 0);
		struct run r = run(&gh_format_dlink_fpkg, b, 0);
		EQ(r.code, GH_OK, "fpkg");
		EQ(r.span.size, b.len, "fpkg");
		EQ(sum_is(r.node, "checksum of the file in front"), GH_SUM_RIGHT, "fpkg");
		EQ(part_of(r.node, "core")->content.len, 300, "fpkg");
		EQ(part_of(r.node, "core.sig")->content.len, 128, "fpkg");
		if (way == 0)
			SAME(fact(r.node, "model"), GH_LIT("DFL-LABO"), "fpkg");
		done(&r);
		image[200] ^= 1;
		r = run(&gh_format_dlink_fpkg, b, 0);
		EQ(sum_is(r.node, "checksum of the file in front"), GH_SUM_UNVERIFIABLE, "changed");
		done(&r);
		spoil(&gh_format_dlink_fpkg, fpkg(way == 0), 56);
	}
}

/* ---- Instar */

static gh_bytes bneg(void)
{
	start();
	text(0, "BNEG\1");
	image[8] = 1;
	put(12, 600, 4, false);
	put(16, 400, 4, false);
	noise(20, 1000);
	return gh_view(image, 1020);
}

static void instar(void **unused)
{
	(void)unused;
	gh_bytes b = bneg();
	struct run r = run(&gh_format_instar, b, 0);
	EQ(r.code, GH_OK, "instar");
	EQ(r.span.size, b.len, "instar");
	EQ(sum_is(r.node, "image checksum"), GH_SUM_ABSENT, "instar");
	EQ(part_of(r.node, "partition-1")->content.len, 600, "instar");
	EQ(part_of(r.node, "partition-2")->content.len, 400, "instar");
	done(&r);
	r = run(&gh_format_instar, gh_view(image, 900), 0);
	EQ(noted(r.node->notes, GH_TRUNCATED), true, "cut");
	done(&r);
	put(16, 0, 4, false);
	r = run(&gh_format_instar, b, 0);
	EQ(r.code, GH_CORRUPT, "changed");
	done(&r);
	spoil(&gh_format_instar, bneg(), 20);
}

/* ---- Moxa */

static gh_bytes frm(bool others)
{
	size_t pages = 0x60 + 500, table = pages + 0x100, data = 0x100 + 2 * 64;
	start();
	text(0, "*FRM");
	image[7] = 1;
	put(12, 0x60, 2, false);
	put(14, 2, 2, false);
	put(0x40, 1, 4, false);
	put(0x44, 0x60, 4, false);
	put(0x48, 500, 4, false);
	put(0x50, 2, 4, false);
	put(0x54, pages, 4, false);
	put(0x58, data + 300, 4, false);
	put(8, pages + data + 300, 4, false);
	noise(0x60, 500);
	text(pages, "NPort LAB-000");
	put(pages + 0x24, 1500000000, 4, false);
	put(pages + 0x30, 0x100, 4, false);
	put(pages + 0x38, 64, 2, false);
	put(pages + (others ? 0x42 : 0x3a), 2, 2, false);
	text(table, "main.htm");
	put(table + 56, 200, 4, false);
	put(table + 60, data, 4, false);
	text(table + 64, "left.htm");
	put(table + 64 + 56, 100, 4, false);
	put(table + 64 + 60, data + 200, 4, false);
	noise(pages + data, 300);
	return gh_view(image, pages + data + 300);
}

static void moxa(void **unused)
{
	(void)unused;
	for (unsigned way = 0; way < 2; way++) {
		gh_bytes b = frm(way == 1);
		struct run r = run(&gh_format_moxa, b, 0);
		EQ(r.code, GH_OK, "moxa");
		EQ(r.span.size, b.len, "moxa");
		SAME(fact(r.node, "model"), GH_LIT("NPort LAB-000"), "moxa");
		SAME(fact(r.node, "created"), GH_LIT("2017-07-14T02:40:00Z"), "moxa");
		read_all(&r, "firmware.bin", gh_bytes_part(b, 0x60, 500), "moxa");
		read_all(&r, "web/main.htm", gh_bytes_part(b, b.len - 300, 200), "moxa");
		read_all(&r, "web/left.htm", gh_bytes_part(b, b.len - 100, 100), "moxa");
		done(&r);
	}
	gh_bytes b = frm(false);
	put(0x60 + 500 + 0x38, 8, 2, false); /* rows too narrow */
	struct run r = run(&gh_format_moxa, b, 0);
	EQ(r.unpacked, GH_CORRUPT, "changed");
	EQ(entry_of(r.node, "firmware.bin")->size, 500, "what was there before the trouble stays");
	done(&r);
	spoil(&gh_format_moxa, frm(false), 0x60);
}

/* ---- eCos */

static void romfs_node(unsigned nth, uint32_t mode, size_t size, size_t at, bool big)
{
	size_t n = 32 + 32 * (size_t)nth;
	put(n, mode, 4, big);
	put(n + 4, 1, 4, big);
	put(n + 12, size, 4, big);
	put(n + 16, 1300000000, 4, big);
	put(n + 20, at, 4, big);
	text(n + 24, "<000000>");
}

static size_t romfs_row(size_t base, size_t at, unsigned nth, const char *name, bool big)
{
	size_t next = (at + 8 + strlen(name) + 32) / 32 * 32;
	put(base + at, nth, 4, big);
	put(base + at + 4, next, 4, big);
	text(base + at + 8, name);
	return next;
}

static gh_bytes ecos(bool big)
{
	enum { REG = 8 | 0x5b0000, FOLDER = 1 | 0x16d0000 };
	size_t root = 32 + 4 * 32, sub = root + 160, file = sub + 96;
	start();
	put(0, 0x526f6d2e, 4, big);
	put(4, 4, 4, big);
	put(8, file + 130, 4, big);
	text(16, "ROMFS v1.0");
	romfs_node(0, FOLDER, 160, root, big);
	romfs_node(1, FOLDER, 96, sub, big);
	romfs_node(2, REG, 100, file, big);
	romfs_node(3, REG, 30, file + 100, big);
	size_t at = romfs_row(root, 0, 0, ".", big);
	at = romfs_row(root, at, 0, "..", big);
	at = romfs_row(root, at, 1, "web", big);
	(void)romfs_row(root, at, 3, "a-name-that-takes-more-than-one-row.txt", big);
	at = romfs_row(sub, 0, 1, ".", big);
	at = romfs_row(sub, at, 0, "..", big);
	(void)romfs_row(sub, at, 2, "index.htm", big);
	noise(file, 130);
	return gh_view(image, file + 130);
}

static void ecos_romfs(void **unused)
{
	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		gh_bytes b = ecos(big);
		struct run r = run(&gh_format_ecos_romfs, b, 0);
		EQ(r.code, GH_OK, "ecos");
		EQ(r.span.size, b.len, "ecos");
		SAME(fact(r.node, "format-version"), GH_LIT("v1.0"), "ecos");
		assert_non_null(r.node->volume);
		EQ(r.node->volume->count, 3, "ecos");
		EQ(entry_of(r.node, "web")->mode, 0555, "ecos");
		EQ(entry_of(r.node, "web/index.htm")->mode, 0664, "ecos");
		EQ(entry_of(r.node, "web/index.htm")->mtime, 1300000000, "ecos");
		read_all(&r, "web/index.htm", gh_bytes_part(b, b.len - 130, 100), "ecos");
		read_all(&r, "a-name-that-takes-more-than-one-row.txt", gh_bytes_part(b, b.len - 30, 30), "ecos");
		done(&r);
		spoil(&gh_format_ecos_romfs, ecos(big), 160);
	}
	gh_bytes b = ecos(false);
	put(32 + 4 * 32 + 64, 99, 4, false); /* a row that names no node */
	struct run r = run(&gh_format_ecos_romfs, b, 0);
	EQ(r.unpacked, GH_CORRUPT, "changed");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memfs),  cmocka_unit_test(deafbead), cmocka_unit_test(dlink_fpkg),
		cmocka_unit_test(instar), cmocka_unit_test(moxa),     cmocka_unit_test(ecos_romfs),
	};
	return cmocka_run_group_tests_name("format/vendors-b-files", tests, NULL, NULL);
}
