/* SPDX-License-Identifier: Apache-2.0 */
/* Containers whose header is all there is to them: TP-Link, Cisco, D-Link for Russia. */
#include "vendors_b.h"

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
		cmocka_unit_test(vxworks),   cmocka_unit_test(tplink_version_2), cmocka_unit_test(cisco_csp),
		cmocka_unit_test(cisco_asa), cmocka_unit_test(dlink_ru),
	};
	return cmocka_run_group_tests_name("format/vendors-b-heads", tests, NULL, NULL);
}
