/* SPDX-License-Identifier: Apache-2.0 */
/* Planex, JCG, Sercomm, Poray and HiLink, written here from their layouts; each once right and once changed. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/cipher.h"
#include "vendors_a.h"

#include <openssl/des.h>

/* ---- Planex */

static gh_bytes planex(uint8_t seed)
{
	const uint8_t word[4] = { 0, 0, 0, seed };
	start(0x22 + 0x1000);
	text(0x14, "0.00.00");
	be32(0x1e, 0x1000);
	noise(0x22, 0x1000);
	text(0x22, "hsqs");
	const gh_bytes runs[] = { gh_view(word, 4), gh_view(image + 0x22, 0x1000) };
	gh_sha1(runs, 2, image);
	return all();
}

static void planex_image(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_planex, planex(7), 0);
	EQ(r.code, GH_OK, "Planex");
	EQ(r.span.size, n, "Planex");
	EQ(r.span.proof, GH_PROOF_SUM, "Planex");
	SAME(fact(r.node, "version"), GH_LIT("0.00.00"), "Planex");
	SAME(fact(r.node, "seed"), GH_LIT("7"), "Planex");
	EQ(state_of(r.node, "data SHA-1"), GH_SUM_RIGHT, "Planex");
	EQ(the(r.node, "data").size, 0x1000, "Planex");
	done(&r);
	image[0x200] ^= 1;
	r = run(&gh_format_planex, all(), 0);
	EQ(r.span.proof, GH_PROOF_MAGIC, "changed");
	EQ(state_of(r.node, "data SHA-1"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_planex, gh_view(image, 0x300), 0);
	EQ(state_of(r.node, "data SHA-1"), GH_SUM_UNVERIFIABLE, "cut");
	done(&r);
	image[0x22] ^= 1;
	r = run(&gh_format_planex, all(), 0);
	EQ(r.code, GH_CORRUPT, "nothing speaks for it");
	done(&r);
	spoil(&gh_format_planex, planex(2), 0x22);
}

/* ---- JCG */

static gh_bytes jcg(size_t behind)
{
	start(0x200 + 64 + 300 + behind);
	text(0, "YSZJ");
	be32(0x24, 1);
	be32(0x68, 0x56000000);
	image[0x6d] = 2;
	image[0x6f] = 9;
	noise(0x200, 64 + 300 + behind);
	memcpy(image + 0x200, "\x27\x05\x19\x56", 4);
	be32(0x20c, 300);
	be32(0x1f8, crc(0x200, 0x200 + 64 + 300));
	be32(0x1fc, crc(0, 0x200));
	return all();
}

static void jcg_image(void **unused)
{
	(void)unused;
	for (unsigned behind = 0; behind < 200; behind += 100) {
		struct run r = run(&gh_format_jcg, jcg(behind), 0);
		EQ(r.code, GH_OK, "JCG");
		EQ(r.span.size, 0x200 + 64 + 300, "JCG");
		EQ(r.span.proof, GH_PROOF_SUM, "JCG");
		SAME(fact(r.node, "version"), GH_LIT("2.9"), "JCG");
		SAME(fact(r.node, "created"), GH_LIT("2015-09-21T13:02:56Z"), "JCG");
		EQ(state_of(r.node, "header CRC"), GH_SUM_RIGHT, "JCG");
		EQ(state_of(r.node, "payload CRC"), GH_SUM_RIGHT, "JCG");
		done(&r);
	}
	image[0x210] ^= 1;
	struct run r = run(&gh_format_jcg, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "payload CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	(void)jcg(0);
	text(4, "laboratory");
	be32(0x1fc, 0);
	be32(0x1fc, crc(0, 0x200));
	r = run(&gh_format_jcg, all(), 0);
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "turned by xor");
	SAME(fact(r.node, "product"), GH_LIT("laboratory"), "turned by xor");
	done(&r);
	spoil(&gh_format_jcg, jcg(0), 0x28);
}

/* ---- Sercomm */

static gh_bytes sercomm(bool with_zip)
{
	uint8_t bytes = 0;
	start(0x200 + 400);
	text(0, "sErCoMm");
	image[8] = 1;
	text(0xb, "LABORATORY");
	text(0x2d, "A0");
	be32(0x37, 0x100);
	text(0x3f, "sErCoMm");
	noise(0x200, 400);
	if (with_zip)
		text(0x200, "PK\3\4");
	for (size_t i = 0; i < n; i++)
		bytes = (uint8_t)(bytes + image[i]);
	image[0x1ff] = (uint8_t)-bytes;
	return all();
}

static void sercomm_image(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_sercomm, sercomm(true), 0);
	EQ(r.code, GH_OK, "Sercomm");
	EQ(r.span.size, n, "Sercomm");
	SAME(fact(r.node, "board"), GH_LIT("LABORATORY"), "Sercomm");
	SAME(fact(r.node, "version"), GH_LIT("0x00000100"), "Sercomm");
	EQ(state_of(r.node, "image sum"), GH_SUM_RIGHT, "Sercomm");
	EQ(the(r.node, "image").size, 400, "Sercomm");
	done(&r);
	image[0x300] ^= 1;
	r = run(&gh_format_sercomm, all(), 0);
	EQ(state_of(r.node, "image sum"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_sercomm, sercomm(false), 0);
	EQ(r.span.size, 0x46, "the inner one");
	done(&r);
	spoil(&gh_format_sercomm, sercomm(true), 0x46);
}

/* ---- Poray */

static gh_bytes poray(size_t length)
{
	static const uint8_t key[15] = { 0x39, 0x1c, 0x4a, 0x93, 0x96, 0x95, 0xc3, 0x63,
					 0xd0, 0xa3, 0x9c, 0x92, 0x2e, 0x16, 0xc6 };
	uint32_t s = 0;
	start(0x1c + length + 2);
	text(0, "LAB0");
	le32(4, (uint32_t)length);
	be32(8, 0x00000e02);
	noise(0x1c, length);
	memcpy(image + 0x1c, "\x27\x05\x19\x56", 4);
	for (size_t i = 0; i < length; i++)
		s += (uint32_t)image[0x1c + i] << (i % 2 ? 8 : 0);
	/* of so few bytes: the sum with its carry, inverted after one turn more */
	s += (s >> 16) + 0xffff;
	s = ~(s + (s >> 16)) & 0xffff;
	image[n - 2] = (uint8_t)s;
	image[n - 1] = (uint8_t)(s >> 8);
	for (size_t i = 0; i < length + 2; i++)
		image[0x1c + i] ^= key[i % 15];
	return all();
}

static void poray_image(void **unused)
{
	(void)unused;
	for (size_t length = 400; length < 402; length++) {
		struct run r = run(&gh_format_poray, poray(length), 0);
		EQ(r.code, GH_OK, "Poray");
		EQ(r.span.size, n, "Poray");
		EQ(r.span.proof, GH_PROOF_SUM, "Poray");
		SAME(fact(r.node, "board"), GH_LIT("LAB0"), "Poray");
		SAME(fact(r.node, "key-of"), GH_LIT("Nexx WT3020"), "Poray");
		EQ(state_of(r.node, "data sum"), GH_SUM_RIGHT, "Poray");
		SAME(gh_bytes_part(the(r.node, "data").decoded, 0, 4), GH_LIT("\x27\x05\x19\x56"), "Poray");
		EQ(the(r.node, "data").decoded.len, length, "Poray");
		done(&r);
		image[200] ^= 1;
		r = run(&gh_format_poray, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "data sum"), GH_SUM_WRONG, "changed");
		done(&r);
		r = run(&gh_format_poray, gh_view(image, 300), 0);
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		done(&r);
		image[0x1c] ^= 1;
		r = run(&gh_format_poray, all(), 0);
		EQ(r.code, GH_CORRUPT, "no key fits");
		done(&r);
	}
	spoil(&gh_format_poray, poray(400), 0x1c);
}

/* ---- HiLink */

static void encipher(const uint8_t key[8], uint8_t *data, size_t len)
{
	DES_cblock k, in, out;
	DES_key_schedule schedule;
	memcpy(k, key, 8);
	DES_set_key_unchecked(&k, &schedule);
	for (size_t i = 0; i + 8 <= len; i += 8) {
		memcpy(in, data + i, 8);
		DES_ecb_encrypt(&in, &out, &schedule, DES_ENCRYPT);
		memcpy(data + i, out, 8);
	}
}

static gh_bytes hilink(void)
{
	static const uint8_t key[8] = { 'H', '@', 'L', '9', 'K', '*', '(', '3' };
	start(64 + 333);
	memcpy(image, "\x27\x05\x19\x56", 4);
	be32(0xc, 333);
	text(0x20, "laboratory");
	noise(64, 333);
	be32(4, crc(0, 64));
	encipher(key, image, n);
	encipher(key, image + 3, n - 3);
	return all();
}

static void hilink_image(void **unused)
{
	(void)unused;
	uint8_t want[333];
	noise(0, sizeof want);
	memcpy(want, image, sizeof want);
	struct run r = run(&gh_format_hilink, hilink(), 0);
	EQ(r.code, GH_OK, "HiLink");
	EQ(r.span.size, n, "HiLink");
	EQ(r.node->decoded.len, n, "HiLink");
	SAME(gh_bytes_part(r.node->decoded, 0, 4), GH_LIT("\x27\x05\x19\x56"), "HiLink");
	SAME(gh_bytes_part(r.node->decoded, 64, 333), gh_view(want, 333), "HiLink");
	done(&r);
	image[20] ^= 1;
	r = run(&gh_format_hilink, all(), 0);
	EQ(r.code, GH_NOT_MINE, "the header's CRC in plain does not hold");
	done(&r);
	spoil(&gh_format_hilink, hilink(), 68);
}

static void des(void **unused)
{
	(void)unused;
	/* FIPS 81's example of the ECB mode, and a rest that stays. */
	static const uint8_t key[8] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	uint8_t b[11];
	memcpy(b, "\x3f\xa4\x0e\x8a\x98\x4d\x48\x15", 8);
	memcpy(b + 8, "abc", 3);
	gh_des_ecb_decipher(key, b, sizeof b);
	SAME(gh_view(b, sizeof b), GH_LIT("Now is tabc"), "FIPS 81");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planex_image), cmocka_unit_test(jcg_image),    cmocka_unit_test(sercomm_image),
		cmocka_unit_test(poray_image),  cmocka_unit_test(hilink_image), cmocka_unit_test(des),
	};
	return cmocka_run_group_tests_name("format/vendors_a6", tests, NULL, NULL);
}
