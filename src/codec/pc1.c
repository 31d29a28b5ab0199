/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PC1, the stream cipher that QNAP encloses its images in (Alexander Pukall's, in the public domain; as QNAP uses it:
 * galaxy4public's and ulidtko's notes, unblob _qnap.py). Every plain byte changes the key, so the state of a byte is a
 * function of all before it.
 */
#include "codec/cipher.h"

enum { PAIRS_MOST = 32 };

/* What of a key depends on the folded plain bytes only: two numbers per pair, for each of 256 values. */
struct table {
	uint16_t at[256][PAIRS_MOST][2];
};

static uint32_t widened(uint8_t v)
{
	return v < 0x80 ? v : (uint32_t)v - 0x101;
}

static void fill(struct table *t, gh_bytes key, unsigned pairs)
{
	for (unsigned fold = 0; fold < 256; fold++) {
		uint32_t last = 0;
		for (unsigned i = 0; i < pairs; i++) {
			uint8_t high = (uint8_t)(key.ptr[2 * i] ^ fold), low = (uint8_t)(key.ptr[2 * i + 1] ^ fold);
			uint32_t x = last ^ ((widened(high) << 8) + low);
			last = (0x4e35 * x + 1) & 0xffff;
			t->at[fold][i][0] = (uint16_t)(0x15a * x);
			t->at[fold][i][1] = (uint16_t)last;
		}
	}
}

size_t gh_pc1_decipher(gh_bytes key, gh_bytes in, uint8_t *out)
{
	struct table t;
	unsigned pairs = (unsigned)GH_MIN(key.len / 2, (size_t)PAIRS_MOST);
	uint32_t y = 0, z = 0;
	uint8_t fold = 0;
	fill(&t, key, pairs);
	for (size_t at = 0; at < in.len; at++) {
		uint32_t mix = 0;
		for (unsigned i = 0; i < pairs; i++) {
			uint32_t before = y;
			y = t.at[fold][i][0];
			z = (y + before + 0x4e35 * (z + i)) & 0xffff;
			mix ^= t.at[fold][i][1] ^ z;
		}
		uint8_t plain = (uint8_t)(in.ptr[at] ^ (mix >> 8) ^ mix);
		fold ^= plain;
		out[at] = plain;
	}
	return in.len;
}
