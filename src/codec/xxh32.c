/* SPDX-License-Identifier: Apache-2.0 */
/* xxHash, 32 bits, from its specification (doc/xxhash_spec.md, version 0.2.0). */
#include "bytes/cur.h"
#include "codec/sum.h"

static const uint32_t P1 = 0x9e3779b1, P2 = 0x85ebca77, P3 = 0xc2b2ae3d, P4 = 0x27d4eb2f, P5 = 0x165667b1;

static uint32_t rotate(uint32_t v, unsigned by)
{
	return v << by | v >> (32 - by);
}

static uint32_t rounded(uint32_t acc, uint32_t lane)
{
	return rotate(acc + lane * P2, 13) * P1;
}

uint32_t gh_xxh32(gh_bytes b, uint32_t seed)
{
	gh_cur c = gh_cur_over(b, 0);
	uint32_t acc = seed + P5;
	if (b.len >= 16) {
		uint32_t lanes[4] = { seed + P1 + P2, seed + P2, seed, seed - P1 };
		while (c.left >= 16) {
			for (unsigned i = 0; i < 4; i++)
				lanes[i] = rounded(lanes[i], gh_u32le(&c));
		}
		acc = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
	}
	acc += (uint32_t)b.len;
	while (c.left >= 4)
		acc = rotate(acc + gh_u32le(&c) * P3, 17) * P4;
	while (c.left > 0)
		acc = rotate(acc + gh_u8(&c) * P5, 11) * P1;
	acc = (acc ^ acc >> 15) * P2;
	acc = (acc ^ acc >> 13) * P3;
	return acc ^ acc >> 16;
}
