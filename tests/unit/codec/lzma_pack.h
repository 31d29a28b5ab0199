/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small LZMA1 encoder for what liblzma does not write: any lc, lp and pb, with or without an end
 * marker. Literals, and matches at distances of 1 to 4: enough to walk through every kind of literal.
 */
#ifndef GH_TESTS_CODEC_LZMA_PACK_H
#define GH_TESTS_CODEC_LZMA_PACK_H

#include "unit/codec/laws.h"

struct packer {
	uint64_t low, pending;
	uint32_t range;
	uint8_t  cache, *to;
	size_t   n;
	uint16_t is_match[12][16], is_rep[12], choice, near[16][8], slot[64], align[16];
	uint16_t *literal;
};

static inline void shift_low(struct packer *k)
{
	if (k->low < 0xff000000u || k->low >> 32) {
		for (; k->pending > 0; k->pending--, k->cache = 0xff)
			k->to[k->n++] = (uint8_t)(k->cache + (k->low >> 32));
		k->cache = (uint8_t)(k->low >> 24);
	}
	k->pending++;
	k->low = (k->low & 0x00ffffff) << 8;
}

static inline void narrow(struct packer *k)
{
	while (k->range < 1u << 24) {
		k->range <<= 8;
		shift_low(k);
	}
}

static inline void put_bit(struct packer *k, uint16_t *prob, unsigned bit)
{
	uint32_t bound = (k->range >> 11) * *prob;
	if (bit) {
		k->low += bound;
		k->range -= bound;
		*prob = (uint16_t)(*prob - (*prob >> 5));
	} else {
		k->range = bound;
		*prob = (uint16_t)(*prob + ((2048 - *prob) >> 5));
	}
	narrow(k);
}

static inline void put_tree(struct packer *k, uint16_t *probs, unsigned bits, uint32_t value)
{
	for (uint32_t at = 1; bits > 0;) {
		unsigned bit = value >> --bits & 1;
		put_bit(k, &probs[at], bit);
		at = at << 1 | bit;
	}
}

static inline void put_match(struct packer *k, unsigned state, unsigned pos_state, size_t len, uint32_t distance)
{
	put_bit(k, &k->is_match[state][pos_state], 1);
	put_bit(k, &k->is_rep[state], 0);
	put_bit(k, &k->choice, 0);
	put_tree(k, k->near[pos_state], 3, (uint32_t)len - 2);
	put_tree(k, k->slot, 6, distance == UINT32_MAX ? 63 : distance);
	if (distance == UINT32_MAX) {
		for (unsigned i = 0; i < 26; i++) {
			k->range >>= 1;
			k->low += k->range;
			narrow(k);
		}
		put_tree(k, k->align, 4, 15);
	}
}

/* LZMA1 without a header; the distance slots are only right for matches of one length: 5. */
static inline size_t lzma_pack(gh_bytes in, unsigned lc, unsigned lp, unsigned pb, bool marker, uint8_t *to)
{
	static const uint8_t after[12] = { 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5 };
	struct packer k = { .range = UINT32_MAX, .to = to, .pending = 1 };
	size_t literals = (size_t)0x300 << (lc + lp);
	uint16_t *head = k.is_match[0], *tail = (uint16_t *)(void *)((uint8_t *)&k + offsetof(struct packer, literal));
	while (head < tail)
		*head++ = 1024;
	k.literal = malloc(literals * 2);
	assert_non_null(k.literal);
	for (size_t i = 0; i < literals; i++)
		k.literal[i] = 1024;
	unsigned state = 0;
	size_t back = 1;
	for (size_t i = 0; i < in.len;) {
		unsigned pos_state = (unsigned)i & ((1u << pb) - 1);
		size_t found = 0;
		for (size_t d = 1; d <= 4 && d <= i && !found && in.len - i >= 5; d++)
			found = memcmp(in.ptr + i, in.ptr + i - d, 5) == 0 ? d : 0;
		if (found) {
			put_match(&k, state, pos_state, 5, (uint32_t)found - 1);
			state = state < 7 ? 7 : 10;
			back = found;
			i += 5;
			continue;
		}
		put_bit(&k, &k.is_match[state][pos_state], 0);
		uint32_t before = i > 0 ? in.ptr[i - 1] : 0;
		uint16_t *set = k.literal + 0x300 * ((((uint32_t)i & ((1u << lp) - 1)) << lc) + (before >> (8 - lc)));
		uint32_t at = 1, offset = 0x100, match = state < 7 ? 0 : in.ptr[i - back];
		for (int shift = 7; shift >= 0; shift--) {
			unsigned bit = in.ptr[i] >> shift & 1;
			match <<= 1;
			put_bit(&k, &set[state < 7 ? at : offset + (match & offset) + at], bit);
			at = at << 1 | bit;
			offset &= bit ? match : ~match;
		}
		state = after[state];
		i++;
	}
	if (marker)
		put_match(&k, state, (unsigned)in.len & ((1u << pb) - 1), 5, UINT32_MAX);
	for (unsigned i = 0; i < 5; i++)
		shift_low(&k);
	free(k.literal);
	return k.n;
}

#endif
