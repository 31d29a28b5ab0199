/* SPDX-License-Identifier: Apache-2.0 */
/* Zyxel's, Zcomax' and Realtek's containers, each once right and once changed. */
#include "vendors_b.h"

static uint32_t be_words(size_t at, size_t len)
{
	uint32_t n = 0;
	for (size_t i = 0; i < len; i += 2) {
		n += (uint32_t)image[at + i] << 8 | (i + 1 < len ? image[at + i + 1] : 0);
		n = (n & 0xffff) + (n >> 16);
	}
	return n;
}

static uint32_t bytes_folded(size_t at, size_t len)
{
	uint32_t n = 0;
	for (size_t i = 0; i < len; i++) {
		n += image[at + i];
		n = (n & 0xffff) + (n >> 16);
	}
	return n;
}

/* ---- ZyNOS */

static gh_bytes zynos(bool packed)
{
	enum { LEN = 1001 };
	start();
	put(0, 0x80e00000, 4, true);
	text(6, "SIG\x04");
	put(10, packed ? 5000 : LEN, 4, true);
	put(14, packed ? LEN : 0, 4, true);
	image[18] = packed ? 0xe0 : 0x40;
	noise(48, LEN);
	put(20, packed ? 0x1234 : be_words(48, LEN), 2, true);
	put(22, packed ? be_words(48, LEN) : 0, 2, true);
	text(24, "V0.00(LAB.0)");
	return gh_view(image, 48 + LEN);
}

static void zyxel_zynos(void **unused)
{
	(void)unused;
	for (unsigned packed = 0; packed < 2; packed++) {
		gh_bytes b = zynos(packed != 0);
		struct run r = run(&gh_format_zyxel_zynos, b, 0);
		EQ(r.code, GH_OK, "zynos");
		EQ(r.span.size, b.len, "zynos");
		EQ(r.span.proof, GH_PROOF_SUM, "zynos");
		EQ(sum_is(r.node, "data sum"), GH_SUM_RIGHT, "zynos");
		SAME(fact(r.node, "version"), GH_LIT("V0.00(LAB.0)"), "zynos");
		SAME(fact(r.node, "kind"), GH_LIT("ROM binary"), "zynos");
		if (packed)
			EQ(sum_is(r.node, "plain sum"), GH_SUM_UNVERIFIABLE, "packed");
		done(&r);
		image[500] ^= 1;
		r = run(&gh_format_zyxel_zynos, b, 0);
		EQ(sum_is(r.node, "data sum"), GH_SUM_WRONG, "changed");
		done(&r);
		r = run(&gh_format_zyxel_zynos, gh_bytes_part(b, 0, 500), 0);
		EQ(sum_is(r.node, "data sum"), GH_SUM_UNVERIFIABLE, "cut");
		done(&r);
	}
	spoil(&gh_format_zyxel_zynos, zynos(true), 48);
}

/* ---- ras */

static gh_bytes ras(bool kernel)
{
	enum { AT = 0x10000, ROOTFS = 3000, KERNEL = 1500 };
	start();
	memset(image, 0xff, AT);
	noise(AT, ROOTFS + KERNEL);
	put(0, bytes_folded(AT, ROOTFS), 4, true);
	put(4, ROOTFS, 4, true);
	memcpy(image + 8, "V0.00(LAB.0)", 13);
	memcpy(image + 0x2c, "LAB-000", 8);
	if (kernel) {
		put(0x6c, bytes_folded(AT + ROOTFS, KERNEL), 4, true);
		put(0x70, KERNEL, 4, true);
	}
	memcpy(image + 0x28, image, 4);
	put(0x28, bytes_folded(0, 2048), 4, true);
	return gh_view(image, AT + ROOTFS + (kernel ? (size_t)KERNEL : 0));
}

static void zyxel_ras(void **unused)
{
	(void)unused;
	for (unsigned kernel = 0; kernel < 2; kernel++) {
		gh_bytes b = ras(kernel != 0);
		struct run r = run(&gh_format_zyxel_ras, b, 0);
		EQ(r.code, GH_OK, "ras");
		EQ(r.span.size, b.len, "ras");
		EQ(r.span.proof, GH_PROOF_SUM, "ras");
		EQ(sum_is(r.node, "header sum"), GH_SUM_RIGHT, "ras");
		EQ(sum_is(r.node, "rootfs sum"), GH_SUM_RIGHT, "ras");
		SAME(fact(r.node, "model"), GH_LIT("LAB-000"), "ras");
		SAME(fact(r.node, "version"), GH_LIT("V0.00(LAB.0)"), "ras");
		if (kernel)
			EQ(sum_is(r.node, "kernel sum"), GH_SUM_RIGHT, "ras");
		done(&r);
	}
	gh_bytes b = ras(true);
	image[0x10100] ^= 1;
	struct run r = run(&gh_format_zyxel_ras, b, 0);
	EQ(sum_is(r.node, "rootfs sum"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "kernel sum"), GH_SUM_RIGHT, "changed");
	done(&r);
	r = run(&gh_format_zyxel_ras, gh_bytes_part(b, 0, 0x10800), 0);
	EQ(sum_is(r.node, "rootfs sum"), GH_SUM_UNVERIFIABLE, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_zyxel_ras, ras(true), 0x30);
}

/* ---- ZLD */

static uint32_t fold(const gh_bytes *runs, size_t n)
{
	uint8_t md5[16];
	uint32_t sum = 0;
	gh_md5(runs, n, md5);
	for (unsigned i = 0; i < 16; i += 4)
		sum += (uint32_t)md5[i] << 24 | (uint32_t)md5[i + 1] << 16 | (uint32_t)md5[i + 2] << 8 | md5[i + 3];
	return sum;
}

static gh_bytes zld(bool big)
{
	enum { HEAD = 104, INFO = 272, FROM = HEAD + 2 * INFO, KERNEL = 512 + 1000, CORE = 2000 };
	static const uint8_t zeros[512];
	start();
	put(4, 0xdeadbeaf, 4, big);
	put(8, 0x100, 2, big);
	put(10, 2, 2, big);
	put(12, 5, 2, big);
	memset(image + 14, 0xff, 10);
	put(24, FROM + KERNEL + CORE, 4, big);
	put(28, FROM, 2, big);
	put(30, 108, 2, big);
	put(32, INFO, 2, big);
	text(40, "undefined");
	text(72, "LAB000");
	noise(FROM, KERNEL + CORE);
	for (unsigned i = 0; i < 2; i++) {
		size_t at = HEAD + i * (size_t)INFO;
		const gh_bytes body =
			i ? gh_view(image + FROM + KERNEL, CORE) : gh_view(image + FROM + 512, KERNEL - 512);
		put(at, i ? 3 : 2, 2, big);
		put(at + 4, i ? CORE : KERNEL, 4, big);
		put(at + 8, fold(&body, 1), 4, big);
		text(at + 16, i ? "core.bin" : "kernel.bin");
		text(at + 80, i ? "zldfs" : "kernel");
		text(at + 208, i ? "r2" : "r1");
		text(at + 240, "2000-01-01 00:00:00");
	}
	const gh_bytes runs[] = { gh_view(image + 4, FROM - 4), gh_view(zeros, 512),
				  gh_view(image + FROM + 512, KERNEL - 512 + CORE) };
	put(0, fold(runs, 3), 4, big);
	return gh_view(image, FROM + KERNEL + CORE);
}

static void zyxel_zld(void **unused)
{
	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		gh_bytes b = zld(big != 0);
		struct run r = run(&gh_format_zyxel_zld, b, 0);
		EQ(r.code, GH_OK, "zld");
		EQ(r.span.size, b.len, "zld");
		EQ(r.span.proof, GH_PROOF_SUM, "zld");
		EQ(sum_is(r.node, "image sum"), GH_SUM_RIGHT, "zld");
		EQ(sum_is(r.node, "sum of kernel.bin"), GH_SUM_RIGHT, "zld");
		EQ(sum_is(r.node, "sum of core.bin"), GH_SUM_RIGHT, "zld");
		SAME(fact(r.node, "model"), GH_LIT("LAB000"), "zld");
		SAME(fact(r.node, "build"), GH_LIT("r1"), "zld");
		EQ(part_of(r.node, "core.bin")->content.len, 2000, "zld");
		done(&r);
		image[b.len - 1] ^= 1;
		r = run(&gh_format_zyxel_zld, b, 0);
		EQ(sum_is(r.node, "image sum"), GH_SUM_WRONG, "changed");
		EQ(sum_is(r.node, "sum of kernel.bin"), GH_SUM_RIGHT, "changed");
		EQ(sum_is(r.node, "sum of core.bin"), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_zyxel_zld, zld(true), 0x80);
}

/* A header of 16 bytes, a body, its tail: where the tail ends. */
static size_t zcomax_block(size_t at, const char *magic, size_t len)
{
	text(at, magic);
	put(at + 4, len + 8, 4, false);
	put(at + 16 + len, 0xffffffff, 4, true);
	put(at + 20 + len, ~gh_crc32_more(UINT32_MAX, gh_view(image + at + 16, len + 4)), 4, true);
	return at + 16 + len + 8;
}

static gh_bytes zcomax_image(void)
{
	start();
	noise(32, 1000);
	size_t at = zcomax_block(16, "Kimg", 1000);
	noise(at + 16, 2000);
	at = zcomax_block(at, "Rimg", 2000);
	return gh_view(image, zcomax_block(0, "firm", at - 16));
}

static void zcomax(void **unused)
{
	(void)unused;
	gh_bytes b = zcomax_image();
	struct run r = run(&gh_format_zcomax, b, 0);
	EQ(r.code, GH_OK, "zcomax");
	EQ(r.span.size, b.len, "zcomax");
	EQ(r.span.proof, GH_PROOF_SUM, "zcomax");
	EQ(sum_is(r.node, "image CRC"), GH_SUM_RIGHT, "zcomax");
	EQ(sum_is(r.node, "kernel CRC"), GH_SUM_RIGHT, "zcomax");
	EQ(sum_is(r.node, "rootfs CRC"), GH_SUM_RIGHT, "zcomax");
	EQ(part_of(r.node, "rootfs")->content.len, 2000, "zcomax");
	SAME(fact(r.node, "board"), GH_LIT("0xffffffff"), "zcomax");
	done(&r);
	image[100] ^= 1;
	r = run(&gh_format_zcomax, b, 0);
	EQ(sum_is(r.node, "image CRC"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "kernel CRC"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "rootfs CRC"), GH_SUM_RIGHT, "changed");
	done(&r);
	spoil(&gh_format_zcomax, zcomax_image(), 0x30);
}

/* ---- Realtek */

static gh_bytes cvimg(const char *signature, bool web)
{
	enum { LEN = 1000 };
	uint32_t n = 0;
	start();
	text(0, signature);
	put(4, 0x80500000, 4, true);
	put(8, 0x30000, 4, true);
	noise(16, LEN);
	for (size_t i = 0; i < LEN; i++)
		n += web || i % 2 ? image[16 + i] : (uint32_t)image[16 + i] << 8;
	put(12, LEN + (web ? 1 : 2), 4, true);
	put(16 + LEN, 0 - n, web ? 1 : 2, true);
	return gh_view(image, 16 + LEN + (web ? 1 : 2));
}

/* Rows of a vendor with signatures of its own. */
static gh_bytes cvimg_rows(void)
{
	static uint8_t first[2048];
	gh_bytes b = cvimg("LAB0", false);
	size_t n = b.len;
	memcpy(first, image, n);
	b = cvimg("LAB1", false);
	memmove(image + n, image, b.len);
	memcpy(image, first, n);
	put(n + 4, 0x30000, 4, true);
	return gh_view(image, n + b.len);
}

static const char *sum_of(const char *signature)
{
	static char what[16];
	(void)snprintf(what, sizeof what, "sum of %s", signature);
	return what;
}

static void realtek_rows(void **unused)
{
	(void)unused;
	gh_bytes b = cvimg_rows();
	struct run r = run(&gh_format_realtek, b, 0);
	EQ(r.code, GH_OK, "rows");
	EQ(r.span.size, b.len, "rows");
	EQ(sum_is(r.node, "sum of LAB0"), GH_SUM_RIGHT, "rows");
	EQ(sum_is(r.node, "sum of LAB1"), GH_SUM_RIGHT, "rows");
	EQ(part_of(r.node, "LAB1")->content.len, 1000, "rows");
	done(&r);
	image[b.len - 9] ^= 1;
	r = run(&gh_format_realtek, b, 0);
	EQ(r.span.size, b.len / 2, "a row of an unknown kind needs its sum");
	done(&r);
	image[9] ^= 1;
	image[100] ^= 1;
	r = run(&gh_format_realtek, b, 0);
	EQ(r.code, GH_NOT_MINE, "and so does the first");
	done(&r);
	spoil(&gh_format_realtek, cvimg_rows(), 16);
}

static void realtek(void **unused)
{
	static const struct {
		const char *signature, *part;
		bool web, word;
	} rows[] = { { "cs6c", "kernel", false, false },
		     { "cr6b", "firmware", false, false },
		     { "r6cr", "rootfs", false, false },
		     { "root", "rootfs", false, true },
		     { "w6cp", "web pages", true, false } };
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes b = cvimg(rows[i].signature, rows[i].web);
		struct run r = run(&gh_format_realtek, b, 0);
		EQ(r.code, GH_OK, rows[i].signature);
		EQ(r.span.size, b.len, rows[i].signature);
		EQ(r.span.proof, GH_PROOF_SUM, rows[i].signature);
		EQ(sum_is(r.node, sum_of(rows[i].signature)), GH_SUM_RIGHT, rows[i].signature);
		EQ(part_of(r.node, rows[i].part)->content.len, 1000, rows[i].signature);
		done(&r);
		image[100] ^= 1;
		r = run(&gh_format_realtek, b, 0);
		if (rows[i].word)
			EQ(r.code, GH_NOT_MINE, "a word alone");
		else
			EQ(sum_is(r.node, sum_of(rows[i].signature)), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_realtek, cvimg("cs6c", false), 16);
	spoil(&gh_format_realtek, cvimg("webp", true), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zyxel_zynos), cmocka_unit_test(zyxel_ras), cmocka_unit_test(zyxel_zld),
		cmocka_unit_test(zcomax),      cmocka_unit_test(realtek),   cmocka_unit_test(realtek_rows),
	};
	return cmocka_run_group_tests_name("format/vendors-b-zyxel", tests, NULL, NULL);
}
