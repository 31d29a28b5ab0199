/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/ecc - error-correcting codes as flash controllers and drivers store them beside the data.
 *
 * The one rule: bytes are mended in a copy, never where they came from, and who mends says so.
 *
 *	uint8_t code[3];
 *	gh_hamming(data, code);
 *	if (gh_hamming_mend(copy, data.len, stored, code) == GH_ECC_LOST)
 *		…
 */
#ifndef GH_CODEC_ECC_H
#define GH_CODEC_ECC_H

#include "base/arena.h"
#include "bytes/view.h"

typedef enum gh_ecc {
	GH_ECC_RIGHT,  /* the code fits                                      */
	GH_ECC_MENDED, /* flipped bits were found and turned back            */
	GH_ECC_LOST,   /* more bits are wrong than the code can tell         */
} gh_ecc;

/* The code of SmartMedia and Linux (drivers/mtd/nand/ecc-sw-hamming.c): one bit of 256 or 512 bytes. Two
 * bytes of line parity, the high half first, then column parity; all inverted, so that erased bytes have
 * an erased code. */
enum { GH_HAMMING_BYTES = 3 };
void   gh_hamming(gh_bytes data, uint8_t ret[GH_HAMMING_BYTES]);
gh_ecc gh_hamming_mend(uint8_t *data, size_t len, const uint8_t stored[GH_HAMMING_BYTES],
                       const uint8_t computed[GH_HAMMING_BYTES], unsigned *mended);

/* BCH of 512 bytes over GF(2^13): t bits, in 13 t bits of code. Bits from the top of each byte on, as Linux has them
 * (lib/bch.c), or from the bottom. NULL: out of memory. */
enum { GH_BCH_MOST = 8 };
typedef struct gh_bch gh_bch;
const gh_bch *gh_bch_new(gh_arena *arena, unsigned t) GH_MUST;
void   gh_bch_code(const gh_bch *bch, gh_bytes data, bool low_first, uint8_t *ret);
gh_ecc gh_bch_mend(const gh_bch *bch, uint8_t *data, bool low_first, const uint8_t *stored, const uint8_t *computed,
                   unsigned *mended);

#endif
