/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that are enciphered with published keys. Inert: what comes out is noise, signatures are noise, and where
 * a device would look at a digest first, that digest is wrong.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/cipher.h"
#include "vendors_b.h"

#include <openssl/aes.h>

static const uint8_t some_iv[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void encipher(const void *key, unsigned bits, const void *iv, size_t at, size_t len)
{
	AES_KEY k;
	uint8_t v[16];
	assert_int_equal(AES_set_encrypt_key(key, (int)bits, &k), 0);
	if (iv)
		memcpy(v, iv, sizeof v);
	if (iv)
		AES_cbc_encrypt(image + at, image + at, len, &k, v, AES_ENCRYPT);
	for (size_t i = 0; !iv && i < len; i += 16)
		AES_encrypt(image + at + i, image + at + i, &k);
}

static void pad(size_t at, uint8_t n)
{
	memset(image + at, n, n);
}

/* The deciphered part is noise behind `skip` bytes. */
static void is_noise(const gh_node *p, size_t skip, size_t len, const char *label)
{
	EQ(p->decoded.len, len, label);
	for (size_t i = skip; i < len; i += 97)
		EQ(p->decoded.ptr[i], (uint8_t)((i - skip) * 7 + ((i - skip) >> 8) * 13 + 1), label);
}

/* ---- codec */

static void ciphers(void **unused)
{
	(void)unused;
	/* SP 800-38A, F.2.2 and F.1.2 */
	const gh_bytes key = GH_INIT("\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c");
	const gh_bytes plain = GH_INIT("\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a");
	gh_aes aes = { .key = key };
	uint8_t out[17] = { 0 };
	for (unsigned i = 0; i < 16; i++)
		aes.iv[i] = (uint8_t)i;
	EQ(gh_aes_decipher(&aes, GH_LIT("\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d!"), out), 16,
	   "whole blocks only");
	SAME(gh_view(out, 16), plain, "CBC");
	EQ(out[16], 0, "no byte more");
	aes.ecb = true;
	EQ(gh_aes_decipher(&aes, GH_LIT("\x3a\xd7\x7b\xb4\x0d\x7a\x36\x60\xa8\x9e\xca\xf3\x24\x66\xef\x97"), out), 16,
	   "ECB");
	SAME(gh_view(out, 16), plain, "ECB");
	EQ(gh_aes_decipher(&aes, GH_LIT("short"), out), 0, "less than a block");
	/* openssl enc -aes-128-cbc -md md5/sha256 -k secret -S 0102030405060708 -P */
	gh_openssl_key(GH_LIT("secret"), GH_LIT("\1\2\3\4\5\6\7\10"), true, out, 16);
	SAME(gh_view(out, 16), GH_LIT("\x03\xb3\x75\x94\x0c\xb9\x6c\x16\xf8\x4f\xaa\x87\xf5\xef\x39\xcc"), "SHA-256");
	gh_openssl_key(GH_LIT("secret"), GH_LIT("\1\2\3\4\5\6\7\10"), false, out, 16);
	SAME(gh_view(out, 16), GH_LIT("\xc9\xe5\xa1\xbd\x21\x6d\xbe\x13\x17\xe2\x30\xce\xf4\x8f\x38\xee"), "MD5");
	EQ(gh_pkcs7(GH_LIT("abc\3\3\3")), 3, "padding");
	EQ(gh_pkcs7(GH_LIT("abc\3\2\3")), 0, "not all of them");
	EQ(gh_pkcs7(GH_LIT("\4\4\4")), 0, "more than there is");
	EQ(gh_pkcs7(GH_LIT("")), 0, "nothing");
	/* RFC 2202, case 2 */
	uint8_t mac[20], digest[64];
	gh_hmac_sha1(GH_LIT("Jefe"), GH_LIT("what do ya want for nothing?"), mac);
	SAME(gh_view(mac, 4), GH_LIT("\xef\xfc\xdf\x6a"), "HMAC-SHA-1");
	/* FIPS 180-2, "abc" */
	const gh_bytes abc[] = { GH_LIT("a"), GH_LIT("bc") };
	gh_sha512(abc, 2, digest);
	SAME(gh_view(digest, 8), GH_LIT("\xdd\xaf\x35\xa1\x93\x61\x7a\xba"), "SHA-512");
}

/* ---- SHRS */

static const char shrs_key[] = "\xc0\x5f\xbf\x19\x36\xc9\x94\x29\xce\x2a\x07\x81\xf0\x8d\x6a\xd8";

static gh_bytes shrs(void)
{
	enum { HEAD = 0x6dc, PADDED = 3008, PLAIN = 3001 };
	start();
	text(0, "SHRS");
	put(4, PLAIN, 4, true);
	put(8, PADDED, 4, true);
	memcpy(image + 12, some_iv, 16);
	noise(0x2dc, 1024);
	noise(HEAD, PLAIN);
	const gh_bytes plain[] = { gh_view(image + HEAD, PLAIN), gh_view(shrs_key, 16) };
	gh_sha512(plain, 2, image + 0x1c);
	gh_sha512(plain, 1, image + 0x5c);
	encipher(shrs_key, 128, some_iv, HEAD, PADDED);
	const gh_bytes cipher = gh_view(image + HEAD, PADDED);
	gh_sha512(&cipher, 1, image + 0x9c);
	return gh_view(image, HEAD + PADDED);
}

static void dlink_shrs(void **unused)
{
	(void)unused;
	gh_bytes b = shrs();
	struct run r = run(&gh_format_dlink_shrs, b, 0);
	EQ(r.code, GH_OK, "shrs");
	EQ(r.span.size, b.len, "shrs");
	EQ(r.span.proof, GH_PROOF_SUM, "shrs");
	EQ(sum_is(r.node, "enciphered SHA-512"), GH_SUM_RIGHT, "shrs");
	EQ(sum_is(r.node, "plain SHA-512"), GH_SUM_RIGHT, "shrs");
	EQ(sum_is(r.node, "keyed SHA-512"), GH_SUM_RIGHT, "shrs");
	EQ(sum_is(r.node, "signature"), GH_SUM_UNVERIFIABLE, "shrs");
	const gh_node *p = part_of(r.node, "image");
	SAME(gh_bytes_part(p->decoded, 0, 4), GH_LIT("\x01\x08\x0f\x16"), "deciphered");
	done(&r);
	image[b.len - 100] ^= 1;
	r = run(&gh_format_dlink_shrs, b, 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(sum_is(r.node, "enciphered SHA-512"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "plain SHA-512"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_dlink_shrs, gh_bytes_part(b, 0, b.len - 20), 0);
	EQ(sum_is(r.node, "plain SHA-512"), GH_SUM_UNVERIFIABLE, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_dlink_shrs, shrs(), 0x20);
}

/* ---- encrpted_img */

static gh_bytes encrpted(bool known)
{
	enum { LEN = 4096 };
	start();
	text(0, "encrpted_img");
	put(12, LEN, 4, true);
	text(16, "UBI#");
	noise(20, LEN - 4);
	encipher(known ? "he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8" : "laboratory laboratory laboratory", 256,
		 "J%1iQl8$=lm-;8AE", 16, LEN);
	return gh_view(image, 16 + LEN);
}

static void dlink_encrpted(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_dlink_encrpted, encrpted(true), 0);
	EQ(r.span.size, 16 + 4096, "encrpted_img");
	EQ(sum_is(r.node, "image digest"), GH_SUM_ABSENT, "encrpted_img");
	is_noise(part_of(r.node, "image"), 4, 4096, "encrpted_img");
	done(&r);
	r = run(&gh_format_dlink_encrpted, encrpted(false), 0);
	EQ(r.span.proof, GH_PROOF_MAGIC, "another key");
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "another key");
	EQ(part_of(r.node, "enciphered image")->content.len, 4096, "another key");
	done(&r);
	spoil(&gh_format_dlink_encrpted, encrpted(true), 20);
}

/* ---- encimg */

static void mixed(const char *board, const char *key, uint8_t *ret, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = (uint8_t)(key[i] ^ board[i % strlen(board)] ^ (int)(i + 1));
}

/* The MD5 of the image is left zero, so it is wrong. */
static gh_bytes encimg(void)
{
	static const char board[] = "wrgac25_dlink.2013gui_dir850l";
	uint8_t key[32], iv[16];
	start();
	put(0, 0x5ea3a417, 4, true);
	put(6, 40, 2, true);
	text(12, "signature=");
	text(22, board);
	put(52, 0x5ea3a417, 4, true);
	put(58, 24, 2, true);
	put(60, 2000, 4, true);
	text(80, "dev=laboratory");
	noise(104, 2000);
	mixed(board, "qQehHMEmEPQ5izL+cabn8bNHZXHjkp6W", key, 32);
	mixed(board, "Mmb+IKQgnO8OuF4b", iv, 16);
	encipher(key, 256, iv, 0, 2112);
	return gh_view(image, 2112);
}

static void dlink_encimg(void **unused)
{
	(void)unused;
	gh_bytes b = encimg();
	struct run r = run(&gh_format_dlink_encimg, gh_view(image, b.len + 500), 0);
	EQ(r.code, GH_OK, "encimg");
	EQ(r.span.size, b.len, "its end is that of the Seama image");
	SAME(fact(r.node, "model"), GH_LIT("DIR-850L B1"), "encimg");
	const gh_node *p = part_of(r.node, "image");
	SAME(gh_bytes_part(p->decoded, 12, 10), GH_LIT("signature="), "encimg");
	struct run s = run(&gh_format_seama, p->decoded, 0);
	EQ(s.span.size, 2104, "and inside is one");
	EQ(sum_is(s.node, "image MD5"), GH_SUM_WRONG, "with a digest that no device takes");
	done(&s);
	done(&r);
	memcpy(image, "\x98\x9c\x3c\x2c\x6b\x19\x1b\x25\x6e\x03\xee\x0f\x72\x5c\x6c\xa0", 16);
	r = run(&gh_format_dlink_encimg, b, 0);
	SAME(fact(r.node, "model"), GH_LIT("DIR-865L A"), "no key");
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "no key");
	done(&r);
	spoil(&gh_format_dlink_encimg, encimg(), 0x40);
}

static void wrgg_enciphered(void **unused)
{
	enum { HEAD = 0xa0, LEN = 1600 };
	uint8_t key[32], iv[16];
	(void)unused;
	start();
	text(0, "laboratory_dap");
	put(0x20, 0x20080321, 4, false);
	put(0x24, 0x20080321, 4, false);
	put(0x68, LEN, 4, true);
	text(0x70, "/dev/none");
	put(HEAD, 0xd00dfeed, 4, true);
	noise(HEAD + 4, LEN - 4);
	mixed("laboratory_dap", "oVhq0hvXHdfaGFLdubM4/QvuVHdKee7v", key, 32);
	mixed("laboratory_dap", "0BO5nlYankuVBe4s", iv, 16);
	encipher(key, 256, iv, HEAD, LEN);
	struct run r = run(&gh_format_wrgg, gh_view(image, HEAD + LEN), 0);
	EQ(r.code, GH_OK, "wrgg");
	is_noise(part_of(r.node, "data"), 4, LEN, "wrgg, enciphered");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_WRONG, "wrgg, enciphered");
	done(&r);
}

/* ---- MH01 */

static gh_bytes mh01(bool known)
{
	enum { HEAD = 32 + 33, LEN = 2000 };
	uint8_t key[16];
	start();
	text(0, "MH01");
	text(16, "MH01");
	put(8, 256, 4, false);
	put(20, 33, 4, false);
	put(24, 16 + LEN, 4, false);
	text(32, "0102030405060708090a0b0c0d0e0f10\n");
	text(HEAD, "Salted__laborato");
	text(HEAD + 16, "MH01");
	noise(HEAD + 20, LEN - 4 - 7);
	pad(HEAD + 16 + LEN - 7, 7);
	gh_openssl_key(known ? GH_LIT("6276ccf4c1d8d6f54b481095e78ff97f") : GH_LIT("laboratory"), GH_LIT("laborato"),
		       true, key, 16);
	encipher(key, 128, some_iv, HEAD + 16, LEN);
	noise(HEAD + 16 + LEN, 256);
	return gh_view(image, HEAD + 16 + LEN + 256);
}

static gh_bytes mh01_plain(void)
{
	uint8_t digest[32];
	start();
	text(0, "MH01");
	text(16, "MH01");
	put(20, 65, 4, false);
	put(24, 500, 4, false);
	noise(97, 500);
	const gh_bytes data = gh_view(image + 97, 500);
	gh_sha256(&data, 1, digest);
	for (unsigned i = 0; i < 32; i++)
		(void)snprintf((char *)image + 32 + 2 * (size_t)i, 3, "%02x", digest[i]);
	image[96] = '\n';
	return gh_view(image, 597);
}

static void dlink_mh01(void **unused)
{
	(void)unused;
	gh_bytes b = mh01(true);
	struct run r = run(&gh_format_dlink_mh01, b, 0);
	EQ(r.code, GH_OK, "mh01");
	EQ(r.span.size, b.len, "mh01");
	is_noise(part_of(r.node, "image"), 4, 2000 - 7, "mh01");
	EQ(sum_is(r.node, "signature"), GH_SUM_UNVERIFIABLE, "mh01");
	done(&r);
	r = run(&gh_format_dlink_mh01, mh01(false), 0);
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "another passphrase");
	done(&r);
	b = mh01_plain();
	r = run(&gh_format_dlink_mh01, b, 0);
	EQ(sum_is(r.node, "image digest"), GH_SUM_RIGHT, "in the clear");
	done(&r);
	image[200] ^= 1;
	r = run(&gh_format_dlink_mh01, b, 0);
	EQ(sum_is(r.node, "image digest"), GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_dlink_mh01, mh01(true), 0x60);
}

/* ---- TLV */

static gh_bytes tlv(bool enciphered)
{
	enum { HEAD = 0x74, LEN = 1600 };
	uint8_t mac[20], raw[48];
	char phrase[41];
	start();
	memcpy(image, "\x64\x80\x19\x40", 4);
	text(4, "LAB-000");
	text(0x24, "laboratory");
	put(0x6c, 1, 4, false);
	put(0x70, 16 + LEN, 4, false);
	noise(HEAD, 16 + LEN);
	if (enciphered) {
		text(HEAD, "Salted__laborato");
		noise(HEAD + 16, LEN);
		gh_hmac_sha1(GH_LIT("laboratory"), GH_LIT("LAB-000"), mac);
		for (unsigned i = 0; i < 20; i++)
			(void)snprintf(phrase + 2 * (size_t)i, 3, "%02x", mac[i]);
		gh_openssl_key(gh_view_text(phrase), GH_LIT("laborato"), false, raw, 48);
		encipher(raw, 256, raw + 32, HEAD + 16, LEN);
	}
	const gh_bytes data = gh_view(image + HEAD, 16 + LEN);
	uint8_t md5[16];
	gh_md5(&data, 1, md5);
	for (unsigned i = 0; i < 16; i++) {
		char two[3];
		(void)snprintf(two, sizeof two, "%02x", md5[i]);
		memcpy(image + 0x4c + 2 * (size_t)i, two, 2);
	}
	return gh_view(image, HEAD + 16 + LEN);
}

static void dlink_tlv(void **unused)
{
	(void)unused;
	gh_bytes b = tlv(true);
	struct run r = run(&gh_format_dlink_tlv, b, 0);
	EQ(r.code, GH_OK, "tlv");
	EQ(r.span.proof, GH_PROOF_SUM, "tlv");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "tlv");
	SAME(fact(r.node, "model"), GH_LIT("LAB-000"), "tlv");
	is_noise(part_of(r.node, "image"), 0, 1600, "tlv");
	done(&r);
	b = tlv(false);
	image[b.len - 1] ^= 1;
	r = run(&gh_format_dlink_tlv, b, 0);
	EQ(sum_is(r.node, "image MD5"), GH_SUM_WRONG, "changed");
	EQ(part_of(r.node, "image")->content.len, 1616, "in the clear");
	done(&r);
	spoil(&gh_format_dlink_tlv, tlv(true), 0x74);
}

/* ---- DAP-1325, openssl, DLK */

static gh_bytes dap(void)
{
	start();
	text(0, "DAP-1325");
	noise(0x40, 1024 - 5);
	text(0x40 + 0x101, "ustar");
	pad(0x40 + 1024 - 5, 5);
	encipher("\x3b\xae\x35\x16\x28\xae\xd2\xa6\x0b\xf7\x15\x28\xc9\xcf\xdf\x3c", 128, NULL, 0x40, 1024);
	return gh_view(image, 0x40 + 1024);
}

static void dlink_dap(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_dlink_dap, dap(), 0);
	EQ(r.code, GH_OK, "dap");
	EQ(part_of(r.node, "image")->decoded.len, 1024 - 5, "dap");
	SAME(gh_bytes_part(part_of(r.node, "image")->decoded, 0x101, 5), GH_LIT("ustar"), "dap");
	done(&r);
	r = run(&gh_format_dlink_dap, GH_LIT("DAP-1325 is the name of a device"), 0);
	EQ(r.code, GH_NOT_MINE, "a name alone");
	done(&r);
	spoil(&gh_format_dlink_dap, dap(), 0x40);
}

static gh_bytes salted(bool known)
{
	enum { LEN = 8192 };
	uint8_t raw[48];
	start();
	text(0, "Salted__laborato");
	put(16, 0xd00dfeed, 4, true);
	noise(20, LEN - 20);
	pad(16 + LEN - 16, 16);
	gh_openssl_key(known ? GH_LIT("BE81AE1B6F523AC7164C4FD67B6BD8FD") : GH_LIT("laboratory"), GH_LIT("laborato"),
		       true, raw, 48);
	encipher(raw, 256, raw + 32, 16, LEN);
	return gh_view(image, 16 + LEN);
}

static void openssl_salted(void **unused)
{
	(void)unused;
	gh_bytes b = salted(true);
	struct run r = run(&gh_format_openssl_salted, gh_view(image, b.len + 3), 0);
	EQ(r.code, GH_OK, "salted");
	EQ(r.span.size, b.len, "whole blocks");
	is_noise(part_of(r.node, "image"), 4, 8192 - 16, "salted");
	done(&r);
	r = run(&gh_format_openssl_salted, salted(false), 0);
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "another passphrase");
	done(&r);
	start();
	text(0, "Salted__");
	r = run(&gh_format_openssl_salted, gh_view(image, 8192), 0);
	EQ(r.code, GH_NOT_MINE, "a word in a library");
	done(&r);
	spoil(&gh_format_openssl_salted, salted(true), 20);
}

static void jboot_enciphered(void **unused)
{
	enum { PIECE = 512, WHOLE = PIECE + 32 };
	uint32_t n = 0;
	(void)unused;
	start();
	text(0, "DLK000000000");
	put(16, PIECE, 4, false);
	image[26] = 1;
	put(44, 2 * WHOLE, 4, false);
	memcpy(image + 64, "\x42\x48\x02\x00\x00\x00\x04\x04", 8);
	for (unsigned i = 0; i < 2; i++) {
		size_t at = 80 + i * (size_t)WHOLE;
		memcpy(image + at, some_iv, 16);
		for (size_t k = 0; k < PIECE; k++)
			image[at + 16 + k] = (uint8_t)((k + i * PIECE) * 7 + ((k + i * PIECE) >> 8) * 13 + 1);
		pad(at + 16 + PIECE, 16);
		encipher("6276ccf4c1d8d6f54b481095e78ff97f", 256, some_iv, at + 16, PIECE + 16);
	}
	for (size_t i = 0; i < 78; i += 2)
		n += image[i] | (uint32_t)image[i + 1] << 8;
	n = (n & 0xffff) + (n >> 16);
	put(78, ~n & 0xffff, 2, false);
	struct run r = run(&gh_format_jboot_auh, gh_view(image, 80 + 2 * WHOLE), 0);
	EQ(r.code, GH_OK, "auh in pieces");
	EQ(sum_is(r.node, "image sum"), GH_SUM_WRONG, "and a sum that no device takes");
	is_noise(part_of(r.node, "image"), 0, 2 * PIECE, "auh in pieces");
	done(&r);
	image[80 + WHOLE - 1] ^= 1;
	r = run(&gh_format_jboot_auh, gh_view(image, 80 + 2 * WHOLE), 0);
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "another key");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphers),          cmocka_unit_test(dlink_shrs),      cmocka_unit_test(dlink_encrpted),
		cmocka_unit_test(dlink_encimg),     cmocka_unit_test(wrgg_enciphered), cmocka_unit_test(dlink_mh01),
		cmocka_unit_test(dlink_tlv),        cmocka_unit_test(dlink_dap),       cmocka_unit_test(openssl_salted),
		cmocka_unit_test(jboot_enciphered),
	};
	return cmocka_run_group_tests_name("format/vendors-b-keys", tests, NULL, NULL);
}
