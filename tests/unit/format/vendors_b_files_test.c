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

/* ---- SafeLoader for VxWorks */

static gh_bytes safeloader(void)
{
	static const uint8_t salt[16] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
					  0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };
	size_t all = 0x5c + 0x800 + 900;
	start();
	put(0, all, 4, true);
	text(0x14, "TP-LINK_TECHNOLOGIES_CO.");
	put(0x54, 0x0300000100000001, 8, true);
	text(0x5c, "fwup-ptn os-image base 0x00800 size 0x00200\t\r\nfwup-ptn web-res base 0x00a00 size 0x00184\t\r\n");
	noise(0x5c + 0x800, 900);
	const gh_bytes runs[] = { gh_view(salt, 16), gh_view(image + 0x14, all - 0x14) };
	gh_md5(runs, 2, image + 4);
	return gh_view(image, all);
}

static void vxworks(void **unused)
{
	(void)unused;
	gh_bytes b = safeloader();
	struct run r = run(&gh_format_tplink_safeloader, b, 0);
	EQ(r.code, GH_OK, "safeloader");
	EQ(r.span.proof, GH_PROOF_SUM, "safeloader");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "safeloader");
	SAME(fact(r.node, "model"), GH_LIT("03000001 00000001"), "safeloader");
	EQ(part_of(r.node, "os-image")->content.len, 0x200, "safeloader");
	EQ(part_of(r.node, "web-res")->content.len, 0x184, "safeloader");
	done(&r);
	image[b.len - 1] ^= 1;
	r = run(&gh_format_tplink_safeloader, b, 0);
	EQ(sum_is(r.node, "image MD5"), GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_tplink_safeloader, safeloader(), 0x5c);
}

/* ---- TP-Link's second layout with version 2 */

static gh_bytes tplink_lantiq(void)
{
	static const uint8_t salt[16] = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
					  0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37 };
	start();
	memset(image, 0xff, 0x200);
	put(0, 0x02000000, 4, true);
	memset(image + 4, 0, 48);
	text(4, "ver. 1.0");
	put(0x34, 0x89700001, 4, true);
	put(0x38, 1, 4, true);
	put(0x3c, 0, 4, true);
	put(0x70, 0x1000, 4, true);
	put(0x74, 0x200, 4, true);
	put(0x78, 0x600, 4, true);
	put(0x7c, 0x800, 4, true);
	put(0x80, 0x800, 4, true);
	put(0x84, 0, 8, true);
	put(0x8c, 0x55aa0103, 4, true);
	noise(0x200, 0xe00);
	memcpy(image + 0x40, salt, 16);
	gh_bytes all = gh_view(image, 0x1000);
	uint8_t md5[16];
	gh_md5(&all, 1, md5);
	memcpy(image + 0x40, md5, 16);
	return all;
}

static void tplink_version_2(void **unused)
{
	(void)unused;
	gh_bytes b = tplink_lantiq();
	struct run r = run(&gh_format_tplink_v2, b, 0);
	EQ(r.code, GH_OK, "lantiq");
	EQ(r.span.size, b.len, "lantiq");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "lantiq");
	SAME(fact(r.node, "hardware-id"), GH_LIT("0x89700001"), "lantiq");
	EQ(part_of(r.node, "kernel")->content.len, 0x600, "lantiq");
	done(&r);
	r = run(&gh_format_tplink_v1, b, 0);
	TRUE(r.code != GH_OK || r.span.proof < GH_PROOF_SUM, "not the first layout");
	done(&r);
	image[0xfff] ^= 1;
	r = run(&gh_format_tplink_v2, b, 0);
	EQ(sum_is(r.node, "image MD5"), GH_SUM_WRONG, "changed");
	done(&r);
}

/* ---- Cisco's CSP */

static gh_bytes csp(void)
{
	static const char json[] = "{ \"CSP_TYPE\": \"APPLICATION\", \"APPLICATION_NAME\": \"lab\","
				   " \"APPLICATION_VERSION\":\"1.0.3\", \"APPLICATION_BUILD_DATE\": \"2016-06-17\" }";
	size_t at = 0x12c;
	start();
	text(0, "\x08\x8f\x2a\x54\x79\x99\x44\xfc\x8e\x62\x9a\x01\x45\xaf\x56\xa5");
	put(0x10, 0x105, 4, false);
	text(0x14, "lab.csp");
	put(0x114, 64, 4, false);
	put(0x118, 16, 4, false);
	put(0x11c, sizeof json - 1, 4, false);
	put(0x120, 128, 4, false);
	put(0x124, 400, 8, false);
	noise(at, 64);
	text(at + 64, "lab.json lab.tar");
	text(at + 80, json);
	noise(at + 80 + sizeof json - 1, 128);
	at += 80 + sizeof json - 1 + 128;
	noise(at, 400 + 128);
	text(at, "Salted__");
	return gh_view(image, at + 400 + 128);
}

static void cisco_csp(void **unused)
{
	(void)unused;
	gh_bytes b = csp();
	struct run r = run(&gh_format_cisco_csp, b, 0);
	EQ(r.code, GH_OK, "csp");
	EQ(r.span.size, b.len, "csp");
	EQ(r.span.proof, GH_PROOF_PARSED, "csp");
	SAME(fact(r.node, "model"), GH_LIT("lab"), "csp");
	SAME(fact(r.node, "version"), GH_LIT("1.0.3"), "csp");
	SAME(fact(r.node, "created"), GH_LIT("2016-06-17"), "csp");
	SAME(fact(r.node, "key"), GH_LIT("release, version 1"), "csp");
	EQ(sum_is(r.node, "signature"), GH_SUM_UNVERIFIABLE, "csp");
	EQ(noted(r.node->notes, GH_ENCRYPTED), true, "csp");
	EQ(part_of(r.node, "application")->content.len, 400, "csp");
	done(&r);
	put(0x11, 9, 1, false); /* a version that is not known */
	r = run(&gh_format_cisco_csp, b, 0);
	EQ(r.code, GH_CORRUPT, "changed");
	done(&r);
	spoil(&gh_format_cisco_csp, csp(), 0x12c);
}

/* ---- Cisco's ASA */

static gh_bytes asa(void)
{
	start();
	text(0, "\xfa\x67\x2e\x0f\x01\x15\xbc\x7d");
	noise(0x200, 0x200);
	put(0x400, 0x0064010b, 4, false);
	put(0x404, 0x2000, 4, false);
	put(0x414, 0x100000, 4, false);
	put(0x454, 300, 4, false);
	put(0x458, 200, 4, false);
	noise(0x460, 1000);
	return gh_view(image, 0x460 + 1000);
}

static void cisco_asa(void **unused)
{
	(void)unused;
	gh_bytes b = asa();
	struct run r = run(&gh_format_cisco_asa, b, 0);
	EQ(r.code, GH_OK, "asa");
	EQ(r.span.size, b.len, "asa");
	SAME(fact(r.node, "sizes"), GH_LIT("kernel 300, rootfs 200"), "asa");
	EQ(sum_is(r.node, "image checksum"), GH_SUM_UNVERIFIABLE, "asa");
	done(&r);
	image[0x400] ^= 1;
	r = run(&gh_format_cisco_asa, b, 0);
	EQ(r.code, GH_OK, "no loader");
	EQ(fact(r.node, "sizes").len, 0, "no loader");
	done(&r);
	spoil(&gh_format_cisco_asa, asa(), 64);
}

/* ---- D-Link's images for Russia */

static gh_bytes russian(void)
{
	static const uint8_t salts[2][16] = {
		{ 0x57, 0xc5, 0x37, 0x57, 0x41, 0xc3, 0x0c, 0xa9, 0xeb, 0xcb, 0x36, 0x71, 0x3d, 0xb4, 0xba, 0x51 },
		{ 0xab, 0x0d, 0xff, 0x19, 0xaf, 0x88, 0x42, 0xcd, 0xb7, 0x0a, 0x86, 0xb4, 0xb6, 0x8d, 0x23, 0xf7 },
	};
	size_t at = 1000;
	start();
	noise(0, at);
	image[at - 1] = 0;
	text(at, "c0ffeef0rge");
	at += 11;
	for (unsigned i = 0; i < 2; i++) {
		const gh_bytes runs[] = { gh_view(salts[i], 16), gh_view(image, at) };
		gh_md5(runs, 2, image + at);
		put(at + 16, 0x00c0ffee, 4, true);
		at += 20;
	}
	return gh_view(image, at);
}

static void dlink_ru(void **unused)
{
	(void)unused;
	gh_bytes b = russian();
	struct run r = run(&gh_format_dlink_ru, b, 0);
	EQ(r.code, GH_OK, "ru");
	EQ(r.span.proof, GH_PROOF_SUM, "ru");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "ru");
	EQ(sum_is(r.node, "image MD5 2"), GH_SUM_RIGHT, "ru");
	SAME(fact(r.node, "version"), GH_LIT("c0ffeef0rge"), "ru");
	EQ(part_of(r.node, "image")->content.len, 1011, "ru");
	done(&r);
	image[10] ^= 1;
	r = run(&gh_format_dlink_ru, b, 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_UNVERIFIABLE, "changed");
	done(&r);
	spoil(&gh_format_dlink_ru, russian(), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memfs),      cmocka_unit_test(deafbead),
		cmocka_unit_test(dlink_fpkg), cmocka_unit_test(instar),
		cmocka_unit_test(moxa),       cmocka_unit_test(ecos_romfs),
		cmocka_unit_test(vxworks),    cmocka_unit_test(tplink_version_2),
		cmocka_unit_test(cisco_csp),  cmocka_unit_test(cisco_asa),
		cmocka_unit_test(dlink_ru),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
