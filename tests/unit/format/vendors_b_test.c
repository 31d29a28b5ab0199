/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of D-Link's devices, written here from their published layouts; each once right and once changed. */
#include "vendors_b.h"

/* ---- Seama */

static gh_bytes seama(bool big, bool sealed)
{
	static const char seal[24] = "signature=laboratory";
	static const char meta[36] = "dev=/dev/mtdblock/9\0version=0.00";
	size_t at = 0;
	start();
	if (sealed) {
		put(0, 0x5ea3a417, 4, big);
		put(6, sizeof seal, 2, big);
		memcpy(image + 12, seal, sizeof seal);
		at = 12 + sizeof seal;
	}
	for (unsigned i = 0; i < 2; i++) {
		size_t len = 1000 + i * 500, data = at + 28 + sizeof meta;
		put(at, 0x5ea3a417, 4, big);
		put(at + 6, sizeof meta, 2, big);
		put(at + 8, len, 4, big);
		memcpy(image + at + 28, meta, sizeof meta);
		noise(data, len);
		const gh_bytes run = gh_view(image + data, len);
		gh_md5(&run, 1, image + at + 12);
		at = data + len;
	}
	return gh_view(image, at);
}

static void seamas(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		gh_bytes b = seama((i & 1) != 0, (i & 2) != 0);
		struct run r = run(&gh_format_seama, b, 64);
		EQ(r.code, GH_OK, "seama");
		EQ(r.span.size, b.len, "seama");
		EQ(r.span.proof, GH_PROOF_SUM, "seama");
		EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "seama");
		EQ(sum_is(r.node, "MD5 of image 2"), GH_SUM_RIGHT, "seama");
		SAME(fact(r.node, "device"), GH_LIT("/dev/mtdblock/9"), "seama");
		SAME(fact(r.node, "version"), GH_LIT("0.00"), "seama");
		if (i & 2)
			SAME(fact(r.node, "board"), GH_LIT("laboratory"), "seal");
		EQ(part_of(r.node, "image")->content.len, 1000, "seama");
		done(&r);
	}
	gh_bytes b = seama(true, true);
	image[b.len - 1] ^= 1;
	struct run r = run(&gh_format_seama, b, 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "changed");
	EQ(sum_is(r.node, "MD5 of image 2"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_seama, gh_bytes_part(b, 0, b.len - 10), 0);
	EQ(sum_is(r.node, "MD5 of image 2"), GH_SUM_UNVERIFIABLE, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	r = run(&gh_format_seama, gh_bytes_part(b, 0, 36), 0);
	EQ(r.code, GH_CORRUPT, "a seal alone");
	done(&r);
	spoil(&gh_format_seama, seama(true, true), 0x70);
}

/* ---- WRG, WRGG */

static gh_bytes wrgg(bool later, bool big)
{
	size_t head = later ? 0xa0 : 0x60, at = 0x28, len = 3000;
	start();
	text(0, later ? "wrgg02_laboratory" : "wrgn00_laboratory");
	put(0x20, later ? 0x20080321 : 0x20040220, 4, big && !later);
	put(0x24, later ? 0x20080321 : 0x20040220, 4, big && !later);
	if (later) {
		text(0x28, "v0.00");
		text(0x38, "LAB-000");
		text(0x58, "4711");
		at = 0x68;
	}
	put(at, len, 4, big);
	put(at + 4, 0x70000, 4, big);
	text(at + 8, "/dev/mtdblock/9");
	noise(head, len);
	const gh_bytes runs[] = { gh_view(image + at + 4, 36), gh_view(image + head, len) };
	gh_md5(runs, 2, image + at + 40);
	return gh_view(image, head + len);
}

static void wrggs(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		gh_bytes b = wrgg((i & 1) != 0, (i & 2) != 0);
		struct run r = run(&gh_format_wrgg, b, 0);
		EQ(r.code, GH_OK, "wrgg");
		EQ(r.span.size, b.len, "wrgg");
		EQ(r.span.proof, GH_PROOF_SUM, "wrgg");
		EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "wrgg");
		SAME(fact(r.node, "device"), GH_LIT("/dev/mtdblock/9"), "wrgg");
		SAME(fact(r.node, "model"), i & 1 ? GH_LIT("LAB-000") : gh_view(NULL, 0), "wrgg");
		SAME(fact(r.node, "build"), i & 1 ? GH_LIT("4711") : gh_view(NULL, 0), "wrgg");
		EQ(part_of(r.node, "data")->content.len, 3000, "wrgg");
		done(&r);
		image[b.len - 1] ^= 1;
		r = run(&gh_format_wrgg, b, 0);
		EQ(sum_is(r.node, "image MD5"), GH_SUM_WRONG, "changed");
		done(&r);
		r = run(&gh_format_wrgg, gh_bytes_part(b, 0, 1000), 0);
		EQ(sum_is(r.node, "image MD5"), GH_SUM_UNVERIFIABLE, "cut");
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		done(&r);
	}
	spoil(&gh_format_wrgg, wrgg(true, true), 0xa0);
}

/* ---- JBOOT */

static uint16_t words(size_t at, size_t len)
{
	uint32_t n = 0;
	for (size_t i = 0; i < len; i += 2) {
		n += image[at + i] | (uint32_t)image[at + i + 1] << 8;
		n = (n & 0xffff) + (n >> 16);
	}
	return (uint16_t)n;
}

static gh_bytes jboot(void)
{
	enum { KERNEL = 2000, ROOTFS = 3000, TAG = 80, HEAD = TAG + 16, DATA = HEAD + 40 };
	start();
	noise(DATA, KERNEL + ROOTFS);
	text(DATA + KERNEL, "hsqs");
	memcpy(image + HEAD, "\x24\x21\x03\x02", 4);
	put(HEAD + 4, 0x80000000, 4, false);
	put(HEAD + 8, KERNEL, 4, false);
	put(HEAD + 12, gh_crc32(gh_view(image + DATA, KERNEL)), 4, false);
	put(HEAD + 24, ROOTFS, 4, false);
	put(HEAD + 28, gh_crc32(gh_view(image + DATA + KERNEL, ROOTFS)), 4, false);
	put(HEAD + 36, 40, 2, false);
	put(HEAD + 32, gh_crc32(gh_view(image + HEAD, 40)), 4, false);
	memcpy(image + TAG, "\x04\x04\x24\x2b", 4);
	put(TAG + 8, 40 + KERNEL, 4, false);
	put(TAG + 12, words(HEAD, 40 + KERNEL), 2, false);
	put(TAG + 14, 0xffffu ^ words(TAG, 14), 2, false);
	image[TAG] = 0xff;
	text(0, "LAB0000000");
	put(14, words(TAG, 16 + 40 + KERNEL + ROOTFS), 2, false);
	image[26] = 1;
	put(28, 0x10000000, 4, false);
	put(44, 16 + 40 + KERNEL + ROOTFS, 4, false);
	memcpy(image + 64, "\x42\x48\x02\x00\x00\x00\x04\x04", 8);
	put(76, 0xffff, 2, false);
	put(78, 0xffffu ^ words(0, 78), 2, false);
	return gh_view(image, DATA + KERNEL + ROOTFS);
}

static void jboots(void **unused)
{
	(void)unused;
	gh_bytes b = jboot();
	struct run r = run(&gh_format_jboot_auh, b, 0);
	EQ(r.code, GH_OK, "auh");
	EQ(r.span.size, b.len, "auh");
	EQ(r.span.proof, GH_PROOF_SUM, "auh");
	EQ(sum_is(r.node, "header sum"), GH_SUM_RIGHT, "auh");
	EQ(sum_is(r.node, "image sum"), GH_SUM_RIGHT, "auh");
	SAME(fact(r.node, "board"), GH_LIT("LAB0000000"), "auh");
	SAME(fact(r.node, "created"), GH_LIT("2032-03-16T05:37:04Z"), "auh");
	done(&r);
	gh_bytes tag = gh_bytes_part(b, 80, b.len);
	r = run(&gh_format_jboot_stag, tag, 80);
	EQ(r.span.size, 16 + 40 + 2000, "stag");
	EQ(r.span.proof, GH_PROOF_SUM, "stag");
	SAME(fact(r.node, "kind"), GH_LIT("factory"), "stag");
	done(&r);
	gh_bytes kernel = gh_bytes_part(b, 96, b.len);
	r = run(&gh_format_jboot_sch2, kernel, 96);
	EQ(r.span.size, kernel.len, "sch2");
	EQ(r.span.proof, GH_PROOF_SUM, "sch2");
	EQ(sum_is(r.node, "header CRC"), GH_SUM_RIGHT, "sch2");
	EQ(sum_is(r.node, "kernel CRC"), GH_SUM_RIGHT, "sch2");
	EQ(sum_is(r.node, "rootfs CRC"), GH_SUM_RIGHT, "sch2");
	EQ(part_of(r.node, "rootfs")->content.len, 3000, "sch2");
	done(&r);
	r = run(&gh_format_jboot_sch2, gh_bytes_part(kernel, 0, 2040), 96);
	EQ(sum_is(r.node, "rootfs CRC"), GH_SUM_UNVERIFIABLE, "no root file system");
	done(&r);
	image[1000] ^= 1;
	r = run(&gh_format_jboot_auh, b, 0);
	EQ(sum_is(r.node, "image sum"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_jboot_stag, tag, 0);
	EQ(sum_is(r.node, "image sum"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_jboot_sch2, kernel, 0);
	EQ(sum_is(r.node, "kernel CRC"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "rootfs CRC"), GH_SUM_RIGHT, "changed");
	done(&r);
	b = jboot();
	spoil(&gh_format_jboot_auh, b, 80);
	spoil(&gh_format_jboot_stag, gh_bytes_part(b, 80, b.len), 16);
	spoil(&gh_format_jboot_sch2, gh_bytes_part(b, 96, b.len), 40);
}

static void jboot_older(void **unused)
{
	(void)unused;
	start();
	text(0, "LAB_RUS000");
	text(16, "Laboratory");
	put(40, 0x10, 4, false);
	put(44, 1000, 4, false);
	memcpy(image + 64, "\x42\x48\x01\x01\x50\x00\x00\x01", 8);
	noise(80, 1000);
	put(14, words(80, 1000), 2, false);
	put(78, 0xffffu ^ words(0, 78), 2, false);
	struct run r = run(&gh_format_jboot_auh, gh_view(image, 1080), 0);
	EQ(r.code, GH_OK, "older");
	EQ(sum_is(r.node, "header sum"), GH_SUM_RIGHT, "older");
	EQ(sum_is(r.node, "image sum"), GH_SUM_RIGHT, "older");
	SAME(fact(r.node, "model"), GH_LIT("Laboratory"), "older");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seamas),
		cmocka_unit_test(wrggs),
		cmocka_unit_test(jboots),
		cmocka_unit_test(jboot_older),
	};
	return cmocka_run_group_tests_name("format/vendors-b", tests, NULL, NULL);
}
