/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/lzma1_bits_in - the range decoder of LZMA1 and its bit trees. Only for lzma1.c.
 *
 *	struct coder c = { .p = behind the five bytes of the start, .range = UINT32_MAX, .code = … };
 *	if (bit(&c, &is_match))
 *		len = tree(&c, probs, 3);
 *
 * Nothing here knows where the input ends: the caller sees to it that the SYMBOL_MOST bytes behind c.p may
 * be read before each symbol.
 *
 * Most bits of LZMA are even: no branch predictor can guess them, and a wrong guess costs as much as three
 * bits. So bits in trees are decoded without a jump, and what remains is the chain from one range to the
 * next. Two things keep it short. Both probabilities that may come next are loaded before the bit is known,
 * and the bit only chooses between them. And a bit is taken as the sign of a 64-bit difference, since that
 * makes a mask in one step with every compiler, where a comparison turns into a jump with some. That mask is
 * all ones for a bit of 0, so trees are walked, and laid out, with every bit inverted. On x86-64 the borrow of
 * that difference does it all, which no compiler finds by itself: a few lines of assembly are worth a twelfth of
 * all decoding.
 *
 * Everything is always inlined into its caller, so that the coder lives in registers.
 */
#ifndef GH_CODEC_LZMA1_BITS_IN_H
#define GH_CODEC_LZMA1_BITS_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYMBOL_MOST = 32, /* bytes one symbol may consume: 20 (LZMA SDK), and some room */
	HALF = 1024,      /* probabilities have 11 bits and move by a 32nd */
};

struct coder {
	const uint8_t *p; /* the next byte */
	uint32_t range, code;
};

#define INLINE static inline __attribute__((always_inline))

INLINE void normalize(struct coder *c)
{
	if (c->range < 1u << 24) {
		c->range <<= 8;
		/* The caller has seen to it that input is there. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		c->code = c->code << 8 | *c->p++;
	}
}

/* For bits that are worth guessing: those that say what comes next. */
INLINE bool bit(struct coder *c, uint16_t *prob)
{
	normalize(c);
	/* Models are filled before they are used. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	uint32_t bound = (c->range >> 11) * *prob;
	if (c->code < bound) {
		c->range = bound;
		*prob = (uint16_t)(*prob + ((2048 - *prob) >> 5));
		return false;
	}
	c->range -= bound;
	c->code -= bound;
	*prob = (uint16_t)(*prob - (*prob >> 5));
	return true;
}

/* All ones where a < b, else zero. */
INLINE uint64_t mask_less(uint32_t a, uint32_t b)
{
	return (uint64_t)((int64_t)((uint64_t)a - b) >> 63);
}

/* clang makes a conditional move of the question, and gcc a jump, which is what must not be. */
INLINE uint32_t choose(uint64_t mask, uint32_t set, uint32_t clear)
{
#ifdef __clang__
	return mask ? set : clear;
#else
	return clear + (uint32_t)((set - clear) & mask);
#endif
}

/* One bit without a jump: `p` is the value of *prob, at becomes twice itself and the inverted bit. Returns
 * `if_zero` or `if_one`. The constant 31 makes one arithmetic shift serve both directions. */
INLINE uint32_t step(struct coder *c, uint16_t *prob, uint32_t p, uint32_t if_zero, uint32_t if_one, size_t *at)
{
	normalize(c);
	uint32_t bound = (c->range >> 11) * p;
#if defined(__x86_64__) && defined(__LP64__)
	uint32_t range = c->range - bound, code = c->code, aim = 31, next = if_one;
	__asm__("subl %[bound], %[code]\n\t"
		"cmovb %[bound], %[range]\n\t"
		"cmovb %[was], %[code]\n\t"
		"cmovb %[if_zero], %[next]\n\t"
		"cmovb %[up], %[aim]\n\t"
		"adcq %[at], %[at]"
		: [code] "+&r"(code), [range] "+&r"(range), [aim] "+&r"(aim), [next] "+&r"(next), [at] "+&r"(*at)
		: [bound] "r"(bound), [was] "r"(c->code), [if_zero] "r"(if_zero), [up] "r"(2048u)
		: "cc");
	c->range = range;
	c->code = code;
	*prob = (uint16_t)(p + (uint32_t)((int32_t)(aim - p) >> 5));
	return next;
#else
	uint32_t range = c->range - bound, code = c->code - bound;
	uint64_t zero = mask_less(c->code, bound);
	c->range = choose(zero, bound, range);
	c->code = choose(zero, c->code, code);
	uint32_t aim = choose(zero, 2048, 31);
	*prob = (uint16_t)(p + (uint32_t)((int32_t)(aim - p) >> 5));
	*at = 2 * *at - (size_t)zero;
	return choose(zero, if_zero, if_one);
#endif
}

INLINE uint32_t direct_bit(struct coder *c)
{
	normalize(c);
	c->range >>= 1;
	uint64_t zero = mask_less(c->code, c->range);
	c->code = choose(zero, c->code, c->code - c->range);
	return (uint32_t)zero + 1;
}

/* `bits` bits, the highest first, each with the probabilities of the ones before it. */
INLINE uint32_t tree(struct coder *c, uint16_t *probs, unsigned bits)
{
	size_t at = 1;
	uint32_t p = probs[1];
#pragma GCC unroll 8
	for (unsigned i = 1; i < bits; i++)
		p = step(c, &probs[at], p, probs[2 * at + 1], probs[2 * at], &at);
	(void)step(c, &probs[at], p, 0, 0, &at);
	return (2u << bits) - 1 - (uint32_t)at;
}

/* The lowest first; at least one. */
INLINE uint32_t reversed_tree(struct coder *c, uint16_t *probs, unsigned bits)
{
	size_t at = 1;
	uint32_t p = probs[1], value = 0;
	unsigned i = 0;
	for (; i + 1 < bits; i++) {
		p = step(c, &probs[at], p, probs[2 * at + 1], probs[2 * at], &at);
		value |= (~(uint32_t)at & 1) << i;
	}
	(void)step(c, &probs[at], p, 0, 0, &at);
	return value | (~(uint32_t)at & 1) << i;
}

/* A literal after a match is likely to differ from the byte that the match would have gone on with: as long
 * as its bits are those of `match` they have sets of their own, 0x100 further on for one inverted bit of
 * `match` and 0x200 for the other. `on` is 0x100 on that path, and zero for good once it is left. */
INLINE uint32_t literal_after_match(struct coder *c, uint16_t *probs, uint32_t match)
{
	const uint32_t path = 0x1ff ^ match; /* the way through the tree that `match` would take */
	uint32_t on = 0x100, p = probs[0x101 + ((path & 0x80) << 1)];
	size_t at = 1;
#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++) {
		uint32_t like = path >> (7 - i) & 1, if_zero = 0, if_one = 0;
		uint32_t stay_zero = on & (0u - like), stay_one = on ^ stay_zero;
		uint16_t *prob = &probs[at + on + stay_zero];
		if (i < 7) {
			uint32_t twice = 0u - (path >> (6 - i) & 1);
			if_zero = probs[2 * at + 1 + stay_zero + (stay_zero & twice)];
			if_one = probs[2 * at + stay_one + (stay_one & twice)];
		}
		p = step(c, prob, p, if_zero, if_one, &at);
		on &= (((uint32_t)at ^ like) & 1) - 1;
	}
	return 0x1ff - (uint32_t)at;
}

#endif
