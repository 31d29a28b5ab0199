/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ecc.h"

/* Bits 0, 2, 4, …: parity over the bytes whose index has a 0 there; bits 1, 3, 5, …: a 1. */
static uint32_t spread(uint32_t ones, unsigned parity, unsigned bits)
{
	uint32_t ret = 0;
	for (unsigned k = 0; k < bits; k++) {
		uint32_t one = ones >> k & 1;
		ret |= one << (2 * k + 1) | (one ^ parity) << (2 * k);
	}
	return ret;
}

void gh_hamming(gh_bytes data, uint8_t ret[GH_HAMMING_BYTES])
{
	static const uint8_t columns[] = { 0x55, 0xaa, 0x33, 0xcc, 0x0f, 0xf0 };
	uint8_t all = 0;
	uint32_t ones = 0;
	for (size_t i = 0; i < data.len; i++) {
		all ^= data.ptr[i];
		ones ^= __builtin_parity(data.ptr[i]) ? (uint32_t)i : 0;
	}
	uint32_t lines = spread(ones, (unsigned)__builtin_parity(all), data.len > 256 ? 9 : 8);
	uint8_t column = (uint8_t)(lines >> 16 & 3);
	for (unsigned k = 0; k < GH_COUNT(columns); k++)
		column = (uint8_t)(column | __builtin_parity(all & columns[k]) << (2 + k));
	ret[0] = (uint8_t) ~(lines >> 8);
	ret[1] = (uint8_t)~lines;
	ret[2] = (uint8_t)~column;
}

gh_ecc gh_hamming_mend(uint8_t *data, size_t len, const uint8_t stored[GH_HAMMING_BYTES],
		       const uint8_t computed[GH_HAMMING_BYTES], unsigned *mended)
{
	unsigned bits = len > 256 ? 9 : 8;
	uint32_t lines = (uint32_t)(stored[0] ^ computed[0]) << 8 | (uint32_t)(stored[1] ^ computed[1]);
	uint32_t columns = (uint32_t)(stored[2] ^ computed[2]);
	if (bits == 9)
		lines |= (columns & 3) << 16;
	columns >>= 2;
	if (lines == 0 && columns == 0)
		return GH_ECC_RIGHT;
	if (__builtin_popcount(lines) + __builtin_popcount(columns) == 1) /* a bit of the code itself */
		return GH_ECC_RIGHT;
	size_t index = 0;
	unsigned bit = 0;
	for (unsigned k = 0; k < bits; k++) {
		uint32_t pair = lines >> (2 * k) & 3;
		if (pair != 1 && pair != 2)
			return GH_ECC_LOST;
		index |= (size_t)(pair >> 1) << k;
	}
	for (unsigned k = 0; k < 3; k++) {
		uint32_t pair = columns >> (2 * k) & 3;
		if (pair != 1 && pair != 2)
			return GH_ECC_LOST;
		bit |= (pair >> 1) << k;
	}
	if (index >= len)
		return GH_ECC_LOST;
	data[index] = (uint8_t)(data[index] ^ 1u << bit);
	*mended += 1;
	return GH_ECC_MENDED;
}
