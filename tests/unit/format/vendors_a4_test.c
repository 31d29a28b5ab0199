/* SPDX-License-Identifier: Apache-2.0 */
/* Senao's and Buffalo's containers, enciphered here from their published layouts; each once right and once changed. */
#include "vendors_a.h"

/* ---- Senao */

static size_t senao_head;

static gh_bytes senao(bool combo)
{
	const char model[] = "LABORATORY";
	senao_head = 0x60 + (combo ? 40 + sizeof model - 1 : 0);
	start(senao_head + 700);
	noise(senao_head, 700);
	be32(4, 0xffff);
	be32(8, 0xffff);
	text(0xc, "0.0.0");
	be32(0x1c, combo ? 0 : 4);
	be32(0x20, 700);
	const gh_bytes plain = gh_view(image + senao_head, 700);
	gh_md5(&plain, 1, image + 0x28);
	be32(0x5c, 0x12345678);
	if (combo) {
		be32(0x60, 0x616c6c00);
		be32(0x68, 3);
		be32(0x70, 1);
		be32(0x74, 171101);
		be32(0x84, sizeof model - 1);
		text(0x88, model);
	}
	uint32_t bytes = 0;
	for (size_t i = 0; i < senao_head; i++)
		bytes += image[i];
	be32(0x58, bytes);
	for (size_t i = 0; i < 700; i++)
		image[senao_head + i] ^= (uint8_t)(0x12345678u >> (i % 8));
	return all();
}

static void senao_images(void **unused)
{
	(void)unused;
	uint8_t want[700];
	for (unsigned combo = 0; combo < 2; combo++) {
		(void)senao(combo);
		noise(MOST - 700, 700);
		memcpy(want, image + MOST - 700, 700);
		struct run r = run(&gh_format_senao, senao(combo), 0x80);
		EQ(r.code, GH_OK, "Senao");
		EQ(r.span.size, n, "Senao");
		EQ(r.span.proof, GH_PROOF_SUM, "Senao");
		SAME(fact(r.node, "vendor"), GH_LIT("Senao, number 0xffff"), "Senao");
		SAME(fact(r.node, "version"), GH_LIT("0.0.0"), "Senao");
		SAME(fact(r.node, "model"), combo ? GH_LIT("LABORATORY") : gh_view(NULL, 0), "Senao");
		SAME(fact(r.node, "created"), combo ? GH_LIT("2017-11-01") : gh_view(NULL, 0), "Senao");
		EQ(state_of(r.node, "header sum"), GH_SUM_RIGHT, "Senao");
		EQ(state_of(r.node, "payload MD5"), GH_SUM_RIGHT, "Senao");
		SAME(the(r.node, "payload").decoded, gh_view(want, 700), "Senao");
		done(&r);
		image[n - 1] ^= 1;
		r = run(&gh_format_senao, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "header sum"), GH_SUM_RIGHT, "changed");
		EQ(state_of(r.node, "payload MD5"), GH_SUM_WRONG, "changed");
		done(&r);
		r = run(&gh_format_senao, gh_view(image, n - 100), 0);
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		done(&r);
		image[0xc] ^= 1;
		r = run(&gh_format_senao, all(), 0);
		EQ(r.code, GH_CORRUPT, "nothing holds");
		done(&r);
		spoil(&gh_format_senao, senao(combo), senao_head);
	}
}

/* ---- Buffalo */

static void rc4(uint8_t seed, size_t at, size_t len, size_t size)
{
	static const char word[] = "Buffalo";
	uint8_t state[4096], i = 0, j = 0;
	size_t k = 0;
	assert_true(size <= sizeof state);
	for (size_t x = 0; x < size; x++)
		state[x] = (uint8_t)x;
	for (size_t x = 0; x < size; x++) {
		uint8_t t = state[x];
		k = (k + (x % 8 ? (uint8_t)word[x % 8 - 1] : seed) + t) % size;
		state[x] = state[k];
		state[k] = t;
	}
	for (size_t x = 0; x < len; x++) {
		i = (uint8_t)((i + 1u) % size);
		j = (uint8_t)((j + state[i]) % size);
		uint8_t t = state[j];
		state[j] = state[i];
		state[i] = t;
		image[at + x] ^= state[((size_t)state[i] + state[j]) % size];
	}
}

static gh_bytes enc(bool longer)
{
	const size_t data = 6 + 1 + 4 + 11 + 4 + 5 + 4;
	start(data + 700 + 4);
	text(0, longer ? "asar1" : "start");
	image[6] = 'O';
	be32(7, 11);
	text(11, "LABORATORY");
	be32(22, 5);
	text(26, "0.00");
	be32(31, 700);
	noise(data, 700);
	uint32_t check = 700;
	for (size_t i = 0; i < 700; i++) {
		check ^= image[data + i] & 0x80 ? 0xffffff00u | image[data + i] : image[data + i];
		for (unsigned bit = 0; bit < 8; bit++)
			check = check >> 1 ^ (check & 1 ? 0xedb88320 : 0);
	}
	be32(data + 700, check);
	rc4('O', 11, 11, longer ? 11 : 256);
	rc4(image[11], 26, 5, longer ? 5 : 256);
	rc4(image[26], data, 700, longer ? 700 : 256);
	return all();
}

static void buffalo_enc(void **unused)
{
	(void)unused;
	uint8_t want[700];
	noise(0, 700);
	memcpy(want, image, 700);
	for (unsigned longer = 0; longer < 2; longer++) {
		struct run r = run(&gh_format_buffalo_enc, enc(longer), 0x10);
		EQ(r.code, GH_OK, "enciphered");
		EQ(r.span.size, n, "enciphered");
		EQ(r.span.proof, GH_PROOF_SUM, "enciphered");
		SAME(fact(r.node, "product"), GH_LIT("LABORATORY"), "enciphered");
		SAME(fact(r.node, "version"), GH_LIT("0.00"), "enciphered");
		SAME(fact(r.node, "state"), longer ? GH_LIT("as long as the text") : GH_LIT("256 bytes"), "enciphered");
		EQ(state_of(r.node, "data checksum"), GH_SUM_RIGHT, "enciphered");
		SAME(the(r.node, "data").decoded, gh_view(want, 700), "enciphered");
		done(&r);
		image[100] ^= 1;
		r = run(&gh_format_buffalo_enc, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "data checksum"), GH_SUM_WRONG, "changed");
		done(&r);
		r = run(&gh_format_buffalo_enc, gh_view(image, 200), 0);
		EQ(r.span.size, 200, "cut");
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		done(&r);
		image[11] ^= 0x80;
		r = run(&gh_format_buffalo_enc, all(), 0);
		EQ(r.code, GH_CORRUPT, "a product that is no text");
		done(&r);
		spoil(&gh_format_buffalo_enc, enc(longer), 36);
	}
}

static uint32_t cksum_without(size_t field)
{
	static const uint8_t zero[4];
	const gh_bytes runs[] = { gh_view(image, field), gh_view(zero, 4), gh_view(image + field + 4, n - field - 4) };
	return gh_cksum(runs, 3);
}

static gh_bytes bgn(void)
{
	start(20 + 600);
	text(0, "bgn");
	image[0xb] = 0xb1;
	be32(0xc, (uint32_t)n);
	noise(20, 600);
	be32(0x10, cksum_without(0x10));
	return all();
}

static void buffalo_bgn(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_buffalo_bgn, bgn(), 0);
	EQ(r.code, GH_OK, "bgn");
	EQ(r.span.size, n, "bgn");
	EQ(r.span.proof, GH_PROOF_SUM, "bgn");
	EQ(state_of(r.node, "image checksum"), GH_SUM_RIGHT, "bgn");
	EQ(the(r.node, "image").size, 600, "bgn");
	done(&r);
	image[300] ^= 1;
	r = run(&gh_format_buffalo_bgn, all(), 0);
	EQ(state_of(r.node, "image checksum"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_buffalo_bgn, gh_view(image, 100), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_buffalo_bgn, bgn(), 20);
}

/* How many images are behind it: 0 is the DHP series. */
static gh_bytes tag(unsigned images)
{
	static const size_t heads[] = { 0x98, 0xa0, 0x9c };
	const size_t head = heads[images];
	start(head + 700);
	noise(head, 700);
	text(0, "LABORATORY");
	text(0x20, "BUFFALO");
	text(0x40, "0.00");
	text(0x48, "0.01");
	text(0x50, "XX");
	text(0x68, "hwv");
	be32(0x88, images ? (uint32_t)n : 700 + 200);
	if (images == 1) {
		be32(0x98, 700);
	} else {
		be32(0x90, images ? 300 : 700);
		be32(0x94, images ? 400 : 0x30000);
	}
	be32(0x8c, images ? cksum_without(0x8c) : 0);
	return all();
}

static void buffalo_tag(void **unused)
{
	(void)unused;
	for (unsigned images = 0; images < 3; images++) {
		struct run r = run(&gh_format_buffalo_tag, tag(images), 0x40);
		EQ(r.code, GH_OK, "tag");
		EQ(r.span.size, n, "tag");
		EQ(r.span.proof, images ? GH_PROOF_SUM : GH_PROOF_SHAPE, "tag");
		SAME(fact(r.node, "product"), GH_LIT("LABORATORY"), "tag");
		SAME(fact(r.node, "version"), GH_LIT("0.00"), "tag");
		SAME(fact(r.node, "region"), GH_LIT("XX"), "tag");
		EQ(state_of(r.node, "image checksum"), images ? GH_SUM_RIGHT : GH_SUM_ABSENT, "tag");
		EQ(the(r.node, images == 2 ? "image-1" : "image").size, images == 2 ? 300 : 700, "tag");
		done(&r);
		image[n - 1] ^= 1;
		r = run(&gh_format_buffalo_tag, all(), 0);
		EQ(state_of(r.node, "image checksum"), images ? GH_SUM_WRONG : GH_SUM_ABSENT, "changed");
		done(&r);
		be32(0x88, (uint32_t)n + 1);
		r = run(&gh_format_buffalo_tag, all(), 0);
		EQ(r.code, GH_CORRUPT, "lengths that do not add up");
		done(&r);
		spoil(&gh_format_buffalo_tag, tag(images), 0xa0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senao_images),
		cmocka_unit_test(buffalo_enc),
		cmocka_unit_test(buffalo_bgn),
		cmocka_unit_test(buffalo_tag),
	};
	return cmocka_run_group_tests_name("format/vendors_a4", tests, NULL, NULL);
}
