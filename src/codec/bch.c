/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BCH over GF(2^13) of 512 bytes, as linux/lib/bch.c and most controllers of NAND have it. Roots and all that follow:
 * Lin, Costello, Error Control Coding, chapter 6.
 */
#include "codec/ecc.h"

enum { M = 13, N = (1 << M) - 1, POLY = 0x201b, STEP = 512, ROOTS_MOST = M * GH_BCH_MOST };

struct gh_bch {
	unsigned t, bits;             /* bits of the code */
	uint64_t high[256], low[256]; /* remainders of a byte, from the top */
	uint16_t exp[2 * N], log[N + 1];
};

static uint16_t multiply(const gh_bch *b, uint16_t x, uint16_t y)
{
	return x && y ? b->exp[b->log[x] + b->log[y]] : 0;
}

static void make_field(gh_bch *b)
{
	unsigned x = 1;
	for (unsigned i = 0; i < N; i++) {
		b->exp[i] = b->exp[i + N] = (uint16_t)x;
		b->log[x] = (uint16_t)i;
		x <<= 1;
		x ^= x >> M ? POLY : 0;
	}
}

/* The product of x - r over the roots r: the powers 1, 3, 5, … of the field's generator and their squares. */
static unsigned make_generator(const gh_bch *b, uint16_t g[ROOTS_MOST + 1])
{
	unsigned degree = 0;
	memset(g, 0, sizeof(uint16_t) * (ROOTS_MOST + 1));
	g[0] = 1;
	for (unsigned i = 1; i < 2 * b->t; i += 2)
		for (unsigned k = 0, r = i; k < M; k++, r = r * 2 % N) {
			for (unsigned j = ++degree; j > 0; j--)
				g[j] = (uint16_t)(g[j - 1] ^ multiply(b, g[j], b->exp[r]));
			g[0] = multiply(b, g[0], b->exp[r]);
		}
	return degree;
}

const gh_bch *gh_bch_new(gh_arena *arena, unsigned t)
{
	uint16_t g[ROOTS_MOST + 1];
	uint64_t high = 0, low = 0;
	gh_bch *b = gh_arena_zalloc(arena, sizeof *b);
	if (!b)
		return NULL;
	b->t = t;
	make_field(b);
	b->bits = make_generator(b, g);
	/* without its highest term, at the top of 128 bits */
	for (unsigned i = 0; i < b->bits; i++) {
		unsigned at = b->bits - 1 - i;
		if (g[i] && at < 64)
			high |= UINT64_C(1) << (63 - at);
		else if (g[i])
			low |= UINT64_C(1) << (127 - at);
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		uint64_t h = (uint64_t)byte << 56, l = 0;
		for (unsigned k = 0; k < 8; k++) {
			bool out = h >> 63;
			h = h << 1 | l >> 63;
			l <<= 1;
			h ^= out ? high : 0;
			l ^= out ? low : 0;
		}
		b->high[byte] = h;
		b->low[byte] = l;
	}
	return b;
}

static uint8_t turned(uint8_t v)
{
	v = (uint8_t)((v & 0x55) << 1 | (v & 0xaa) >> 1);
	v = (uint8_t)((v & 0x33) << 2 | (v & 0xcc) >> 2);
	return (uint8_t)(v << 4 | v >> 4);
}

void gh_bch_code(const gh_bch *b, gh_bytes data, bool low_first, uint8_t *ret)
{
	uint64_t h = 0, l = 0;
	for (size_t i = 0; i < data.len; i++) {
		uint8_t in = low_first ? turned(data.ptr[i]) : data.ptr[i];
		unsigned at = (unsigned)(h >> 56) ^ in;
		h = (h << 8 | l >> 56) ^ b->high[at];
		l = l << 8 ^ b->low[at];
	}
	for (unsigned i = 0; i < (b->bits + 7) / 8; i++) {
		uint8_t out = (uint8_t)(i < 8 ? h >> (56 - 8 * i) : l >> (120 - 8 * i));
		ret[i] = low_first ? turned(out) : out;
	}
}

/* The shortest register that gives the syndromes (Berlekamp and Massey); its length, or more than t. */
static unsigned locate(const gh_bch *b, const uint16_t *s, uint16_t *c)
{
	uint16_t old[2 * GH_BCH_MOST + 2] = { 1 }, last = 1;
	unsigned length = 0, shift = 1;
	memset(c, 0, sizeof old);
	c[0] = 1;
	for (unsigned n = 0; n < 2 * b->t; n++) {
		uint16_t d = s[n], keep[GH_COUNT(old)];
		for (unsigned i = 1; i <= length; i++)
			d = (uint16_t)(d ^ multiply(b, c[i], s[n - i]));
		if (d == 0) {
			shift++;
			continue;
		}
		uint16_t factor = multiply(b, d, b->exp[N - b->log[last]]);
		memcpy(keep, c, sizeof keep);
		for (unsigned i = 0; i + shift < GH_COUNT(old); i++)
			c[i + shift] = (uint16_t)(c[i + shift] ^ multiply(b, factor, old[i]));
		if (2 * length > n) {
			shift++;
			continue;
		}
		length = n + 1 - length;
		memcpy(old, keep, sizeof old);
		last = d;
		shift = 1;
	}
	return length;
}

gh_ecc gh_bch_mend(const gh_bch *b, uint8_t *data, bool low_first, const uint8_t *stored, const uint8_t *computed,
		   unsigned *mended)
{
	uint16_t s[2 * GH_BCH_MOST] = { 0 }, c[2 * GH_BCH_MOST + 2];
	unsigned found = 0, places[GH_BCH_MOST], all = STEP * 8 + b->bits;
	bool any = false;
	for (unsigned bit = 0; bit < b->bits; bit++) {
		uint8_t diff = stored[bit / 8] ^ computed[bit / 8];
		if (!((low_first ? turned(diff) : diff) >> (7 - bit % 8) & 1))
			continue;
		any = true;
		unsigned degree = b->bits - 1 - bit;
		for (unsigned j = 0; j < 2 * b->t; j++)
			s[j] ^= b->exp[degree * (j + 1) % N];
	}
	if (!any)
		return GH_ECC_RIGHT;
	unsigned length = locate(b, s, c);
	if (length == 0 || length > b->t)
		return GH_ECC_LOST;
	for (unsigned degree = 0; degree < all && found < length; degree++) {
		uint16_t v = c[0];
		for (unsigned i = 1; i <= length; i++)
			v ^= c[i] ? b->exp[(b->log[c[i]] + (uint64_t)i * (N - degree % N)) % N] : 0;
		if (v == 0)
			places[found++] = degree;
	}
	if (found != length)
		return GH_ECC_LOST;
	unsigned in_data = 0;
	for (unsigned i = 0; i < found; i++) {
		if (places[i] < b->bits)
			continue;
		unsigned bit = all - 1 - places[i];
		data[bit / 8] = (uint8_t)(data[bit / 8] ^ (low_first ? 1U << bit % 8 : 0x80U >> bit % 8));
		in_data++;
	}
	*mended += in_data;
	return in_data ? GH_ECC_MENDED : GH_ECC_RIGHT;
}
