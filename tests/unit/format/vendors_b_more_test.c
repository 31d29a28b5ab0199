/* SPDX-License-Identifier: Apache-2.0 */
/* Cisco's, Meraki's, QNAP's, DrayTek's containers and others, each once right and once changed. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/cipher.h"
#include "vendors_b.h"

#include <openssl/aes.h>

/* ---- MZIP, IOS */

static uint16_t crc16(size_t at, size_t len, uint16_t crc)
{
	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc ^ image[at + i] << 8);
		for (unsigned k = 0; k < 8; k++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}

static gh_bytes mzip(void)
{
	enum { HEAD = 112, LEN = 1000 };
	start();
	text(0, "MZIP");
	put(4, 1, 4, true);
	put(8, 0x80008000, 4, true);
	put(56, HEAD, 4, true);
	put(60, 0x80008000, 4, true);
	put(64, 1, 4, true);
	put(68, LEN, 4, true);
	put(72, 5000, 4, true);
	put(76, 6000, 4, true);
	noise(HEAD, LEN);
	put(52, (uint16_t)~crc16(HEAD, LEN, crc16(56, HEAD - 56, 0xffff)), 2, true);
	put(54, (uint16_t)~crc16(0, 54, 0xffff), 2, true);
	return gh_view(image, HEAD + LEN);
}

static void cisco_mzip(void **unused)
{
	(void)unused;
	gh_bytes b = mzip();
	struct run r = run(&gh_format_cisco_mzip, b, 0);
	EQ(r.code, GH_OK, "mzip");
	EQ(r.span.size, b.len, "mzip");
	EQ(r.span.proof, GH_PROOF_SUM, "mzip");
	EQ(sum_is(r.node, "header CRC"), GH_SUM_RIGHT, "mzip");
	EQ(sum_is(r.node, "segment CRC"), GH_SUM_RIGHT, "mzip");
	done(&r);
	image[500] ^= 1;
	r = run(&gh_format_cisco_mzip, b, 0);
	EQ(sum_is(r.node, "header CRC"), GH_SUM_RIGHT, "changed");
	EQ(sum_is(r.node, "segment CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_cisco_mzip, mzip(), 112);
}

static gh_bytes ios(bool inverted)
{
	enum { LEN = 1001 };
	uint64_t n = 0;
	start();
	put(0, 0xfeedface, 4, true);
	put(4, 5000, 4, true);
	put(8, LEN, 4, true);
	noise(20, LEN);
	text(20, "PK\3\4");
	for (size_t i = 0; i < LEN; i++)
		n += (uint64_t)image[20 + i] << (24 - 8 * (i % 4));
	n = (n & UINT32_MAX) + (n >> 32);
	put(12, inverted ? ~n : n, 4, true);
	return gh_view(image, 20 + LEN);
}

static void cisco_ios(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		gh_bytes b = ios(i != 0);
		struct run r = run(&gh_format_cisco_ios, b, 0);
		EQ(r.code, GH_OK, "ios");
		EQ(r.span.proof, GH_PROOF_SUM, "ios");
		EQ(sum_is(r.node, "packed sum"), GH_SUM_RIGHT, "ios");
		EQ(sum_is(r.node, "plain sum"), GH_SUM_UNVERIFIABLE, "ios");
		done(&r);
		image[500] ^= 1;
		r = run(&gh_format_cisco_ios, b, 0);
		EQ(sum_is(r.node, "packed sum"), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_cisco_ios, ios(false), 24);
}

/* ---- PKG */

static size_t pkg_section(size_t at, uint8_t kind, const char *name, size_t len)
{
	image[at] = kind;
	text(at + 1, name);
	put(at + 12, len, 4, false);
	return at + 16 + len;
}

static gh_bytes pkg(bool known)
{
	static const uint8_t own[32] = "a key of the laboratory's own...";
	AES_KEY k;
	uint8_t raw[32], iv[16] = { 0 };
	const gh_bytes phrase =
		known ? GH_LIT("R4o0x~8d|4=Jh^%P)Kqf6d5e.v#^%#(&(;kuwtUTR-WQp%^#86") : GH_LIT("laboratory");
	start();
	memcpy(image, "\xc0\xc5\0\0\1\0\0\0\4\x76ignoreit", 18);
	size_t at = pkg_section(18, 1, "plain", 500);
	noise(34, 500);
	size_t key = at + 16;
	at = pkg_section(at, 3, "key", 32);
	gh_sha256(&phrase, 1, raw);
	assert_int_equal(AES_set_encrypt_key(raw, 256, &k), 0);
	AES_cbc_encrypt(own, image + key, 32, &k, iv, AES_ENCRYPT);
	size_t cipher = at + 16 + 80;
	at = pkg_section(at, 5, "data", 80 + 320);
	put(cipher - 80, 311, 8, false);
	noise(cipher, 320);
	text(cipher, "BZh9");
	assert_int_equal(AES_set_encrypt_key(own, 256, &k), 0);
	memset(iv, 0, sizeof iv);
	AES_cbc_encrypt(image + cipher, image + cipher, 320, &k, iv, AES_ENCRYPT);
	noise(at + 16, 32);
	return gh_view(image, pkg_section(at, 2, "sum", 32));
}

static void cisco_pkg(void **unused)
{
	(void)unused;
	gh_bytes b = pkg(true);
	struct run r = run(&gh_format_cisco_pkg, b, 0);
	EQ(r.code, GH_OK, "pkg");
	EQ(r.span.size, b.len, "pkg");
	EQ(r.span.proof, GH_PROOF_PARSED, "pkg");
	EQ(sum_is(r.node, "checksum"), GH_SUM_UNVERIFIABLE, "pkg");
	const gh_node *p = r.node->first;
	while (p && p->decoded.len == 0)
		p = p->next;
	assert_non_null(p);
	EQ(p->decoded.len, 311, "deciphered, without padding");
	SAME(gh_bytes_part(p->decoded, 0, 4), GH_LIT("BZh9"), "deciphered");
	done(&r);
	r = run(&gh_format_cisco_pkg, pkg(false), 0);
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "another key");
	done(&r);
	r = run(&gh_format_cisco_pkg, gh_bytes_part(b, 0, b.len - 40), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_cisco_pkg, pkg(true), 40);
}

/* ---- Meraki */

static gh_bytes meraki(bool offsets)
{
	enum { HEAD = 0x400, LEN = 1500 };
	start();
	memset(image, 0xff, HEAD);
	noise(HEAD, LEN);
	put(0, 0x8e73ed8a, 4, true);
	put(4, HEAD, 4, true);
	put(8, LEN, 4, true);
	put(32, offsets ? 0xa1f0beef : 0x8e73ed8a, 4, true);
	put(40, 0x10000, 4, true);
	const gh_bytes data = gh_view(image + HEAD, LEN);
	gh_sha1(&data, 1, image + 12);
	return gh_view(image, HEAD + LEN);
}

static void merakis(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		gh_bytes b = meraki(i != 0);
		struct run r = run(&gh_format_meraki, b, 0);
		EQ(r.code, GH_OK, "meraki");
		EQ(r.span.size, b.len, "meraki");
		EQ(sum_is(r.node, "image SHA-1"), GH_SUM_RIGHT, "meraki");
		TRUE((fact(r.node, "offsets").len > 0) == (i != 0), "meraki");
		done(&r);
		image[b.len - 1] ^= 1;
		r = run(&gh_format_meraki, b, 0);
		EQ(sum_is(r.node, "image SHA-1"), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_meraki, meraki(true), 0x34);
}

static gh_bytes meraki_old_image(bool big)
{
	enum { LEN = 1000 };
	uint32_t crc = 0;
	start();
	put(0, 0x4d495053, 4, big);
	put(4, 0x80060000, 4, big);
	put(8, LEN, 4, big);
	put(12, 0x80060000, 4, big);
	noise(32, LEN);
	for (size_t i = 0; i < 32 + LEN; i += 4) {
		uint8_t w[4];
		for (unsigned k = 0; k < 4; k++)
			w[k] = image[i + (big ? 3 - k : k)];
		crc = gh_crc32_more(crc, gh_view(w, 4));
	}
	put(16, crc, 4, big);
	return gh_view(image, 32 + LEN);
}

static void meraki_old(void **unused)
{
	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		gh_bytes b = meraki_old_image(big != 0);
		struct run r = run(&gh_format_meraki_old, b, 0);
		EQ(r.code, GH_OK, "old meraki");
		EQ(r.span.proof, GH_PROOF_SUM, "old meraki");
		EQ(sum_is(r.node, "image CRC"), GH_SUM_RIGHT, "old meraki");
		done(&r);
		image[100] ^= 1;
		r = run(&gh_format_meraki_old, b, 0);
		EQ(sum_is(r.node, "image CRC"), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_meraki_old, meraki_old_image(true), 32);
}

/* ---- PackImg */

static gh_bytes packimg_image(bool big)
{
	start();
	text(0, "--PaCkImGs--");
	put(16, 1000, 4, big);
	noise(32, 1000);
	text(32, "hsqs");
	return gh_view(image, 1032);
}

static void packimg(void **unused)
{
	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		struct run r = run(&gh_format_packimg, packimg_image(big != 0), 0);
		EQ(r.code, GH_OK, "packimg");
		EQ(r.span.size, 1032, "packimg");
		EQ(sum_is(r.node, "image checksum"), GH_SUM_ABSENT, "packimg");
		EQ(part_of(r.node, "rootfs")->content.len, 1000, "packimg");
		done(&r);
	}
	struct run r = run(&gh_format_packimg, gh_view(image, 500), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_packimg, packimg_image(false), 32);
}

/* ---- QNAP */

/* PC1 has no inverse of its own here: each byte of cipher is found from what the bytes before it make of zero. */
static gh_bytes qnap_image(gh_bytes key, const char *device)
{
	enum { CIPHER = 200, LEN = 1000 };
	uint8_t cipher[CIPHER] = { 0 }, plain[CIPHER];
	start();
	noise(0, LEN);
	memcpy(image, "\x1f\x8b\x08\0", 4);
	for (size_t i = 0; i < CIPHER; i++) {
		cipher[i] = 0;
		(void)gh_pc1_decipher(key, gh_view(cipher, i + 1), plain);
		cipher[i] = plain[i] ^ image[i];
	}
	memcpy(image, cipher, CIPHER);
	text(LEN, "icpnas");
	put(LEN + 6, CIPHER, 4, false);
	text(LEN + 10, device);
	text(LEN + 26, "0.0.0");
	text(LEN + 42, "20000101");
	text(LEN + 58, "0000");
	return gh_view(image, LEN + 74);
}

static void qnap(void **unused)
{
	uint8_t plain[4];
	(void)unused;
	/* how the images of NAS devices begin, published */
	(void)gh_pc1_decipher(GH_LIT("QNAPNASVERSION4"), GH_LIT("\xf5\x7b\x47\x03"), plain);
	SAME(gh_view(plain, 4), GH_LIT("\x1f\x8b\x08\0"), "PC1");
	for (unsigned i = 0; i < 2; i++) {
		gh_bytes b = qnap_image(i ? GH_LIT("LABORATORY") : GH_LIT("QNAPNASVERSION0"), "LABORATORY");
		struct run r = run(&gh_format_qnap, b, 0);
		EQ(r.code, GH_OK, "qnap");
		EQ(r.span.size, b.len, "qnap");
		SAME(fact(r.node, "model"), GH_LIT("LABORATORY"), "qnap");
		SAME(fact(r.node, "version"), GH_LIT("0.0.0"), "qnap");
		SAME(fact(r.node, "created"), GH_LIT("20000101"), "qnap");
		gh_bytes out = part_of(r.node, "image")->decoded;
		EQ(out.len, 1000, "qnap");
		SAME(gh_bytes_part(out, 0, 4), GH_LIT("\x1f\x8b\x08\0"), "deciphered");
		EQ(out.ptr[150], (uint8_t)(150 * 7 + 1), "deciphered");
		EQ(out.ptr[900], (uint8_t)(900 * 7 + 3 * 13 + 1), "in the clear");
		done(&r);
	}
	struct run r = run(&gh_format_qnap, qnap_image(GH_LIT("another key"), "LABORATORY"), 0);
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "another key");
	done(&r);
	r = run(&gh_format_qnap, gh_view(image, 1073), 0);
	EQ(r.code, GH_NOT_MINE, "the tail must end the file");
	done(&r);
	spoil(&gh_format_qnap, qnap_image(GH_LIT("LABORATORY"), "LABORATORY"), 4);
}

/* ---- TP-Link RTOS */

static gh_bytes rtos(bool in_place)
{
	static const uint8_t salt[16] = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
					  0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38 };
	start();
	put(0, 0x00142fc0, 4, true);
	text(20, "IMG0");
	put(24, 1000 + 0x80, 4, true);
	put(28, 0xffff, 2, true);
	image[30] = 9;
	noise(0x94, 1000);
	const gh_bytes runs[] = { gh_view(image, 4), gh_view(salt, 16), gh_view(image + 20, 1000 + 0x80) };
	gh_md5(in_place ? runs : runs + 2, in_place ? 3 : 1, image + 4);
	return gh_view(image, 0x94 + 1000);
}

static void tplink_rtos(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		gh_bytes b = rtos(i != 0);
		struct run r = run(&gh_format_tplink_rtos, b, 0);
		EQ(r.code, GH_OK, "rtos");
		EQ(r.span.size, b.len, "rtos");
		EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "rtos");
		SAME(fact(r.node, "model"), GH_LIT("0xffff"), "rtos");
		done(&r);
		image[b.len - 1] ^= 1;
		r = run(&gh_format_tplink_rtos, b, 0);
		EQ(sum_is(r.node, "image MD5"), GH_SUM_UNVERIFIABLE, "changed, or another salt");
		done(&r);
	}
	spoil(&gh_format_tplink_rtos, rtos(true), 0x20);
}

/* ---- DrayTek */

static void words_inverted(size_t at, size_t len)
{
	uint32_t n = 0;
	for (size_t i = 0; i < len; i += 4)
		n += (uint32_t)image[at + i] << 24 | (uint32_t)image[at + i + 1] << 16 |
		     (uint32_t)image[at + i + 2] << 8 | image[at + i + 3];
	put(at + len, ~n, 4, true);
}

/* Four letters, and thirty times the eight before: an LZO1X block of 68 bytes. */
static size_t lzo(size_t at)
{
	text(at, "\x15"
		 "abcd");
	for (unsigned i = 0; i < 30; i++)
		memcpy(image + at + 5 + 2 * (size_t)i, "\xec\0", 2);
	memcpy(image + at + 65, "\x11\0\0", 3);
	return 68;
}

static gh_bytes draytek_image(void)
{
	enum { SYSTEM = 0x1800, WEB = 0x100 };
	start();
	put(0, SYSTEM, 4, true);
	put(4, 0x1f000000, 4, true);
	noise(0x100, SYSTEM - 0x100 - 4);
	memcpy(image + 0x400, "\xa5\xa5\xa5\x5a\xa5\x5a", 6);
	put(0x406, lzo(0x40a), 4, true);
	words_inverted(0, SYSTEM - 4);
	put(SYSTEM, WEB, 4, true);
	put(SYSTEM + 4, lzo(SYSTEM + 8), 4, true);
	words_inverted(SYSTEM, WEB - 4);
	return gh_view(image, SYSTEM + WEB);
}

static void draytek(void **unused)
{
	(void)unused;
	gh_bytes b = draytek_image();
	struct run r = run(&gh_format_draytek, b, 0);
	EQ(r.code, GH_OK, "draytek");
	EQ(r.span.size, b.len, "draytek");
	EQ(r.span.proof, GH_PROOF_SUM, "draytek");
	EQ(sum_is(r.node, "system sum"), GH_SUM_RIGHT, "draytek");
	EQ(sum_is(r.node, "web sum"), GH_SUM_RIGHT, "draytek");
	EQ(part_of(r.node, "system")->decoded.len, 244, "draytek");
	EQ(part_of(r.node, "web pages")->decoded.len, 244, "draytek");
	done(&r);
	image[0x200] ^= 1;
	r = run(&gh_format_draytek, b, 0);
	EQ(sum_is(r.node, "system sum"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "web sum"), GH_SUM_RIGHT, "changed");
	done(&r);
	start();
	put(0, 0x1800, 4, true);
	r = run(&gh_format_draytek, gh_view(image, 0x2000), 0);
	EQ(r.code, GH_NOT_MINE, "zeros with a size");
	done(&r);
	spoil(&gh_format_draytek, draytek_image(), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cisco_mzip), cmocka_unit_test(cisco_ios),   cmocka_unit_test(cisco_pkg),
		cmocka_unit_test(merakis),    cmocka_unit_test(meraki_old),  cmocka_unit_test(packimg),
		cmocka_unit_test(qnap),       cmocka_unit_test(tplink_rtos), cmocka_unit_test(draytek),
	};
	return cmocka_run_group_tests_name("format/vendors-b-more", tests, NULL, NULL);
}
