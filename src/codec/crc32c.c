/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli, reflected 0x82f63b78): iSCSI, ext4, EROFS. Four bytes a step. */
#include <pthread.h>

#include "codec/sum.h"

static uint32_t tables[4][256];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
		tables[0][i] = crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (unsigned t = 1; t < 4; t++)
			tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xff];
}

uint32_t gh_crc32c_more(uint32_t crc, gh_bytes b)
{
	(void)pthread_once(&made, make);
	size_t i = 0;
	crc = ~crc;
	for (; i + 4 <= b.len; i += 4) {
		crc ^= b.ptr[i] | (uint32_t)b.ptr[i + 1] << 8 | (uint32_t)b.ptr[i + 2] << 16 |
		       (uint32_t)b.ptr[i + 3] << 24;
		crc = tables[3][crc & 0xff] ^ tables[2][crc >> 8 & 0xff] ^ tables[1][crc >> 16 & 0xff] ^
		      tables[0][crc >> 24];
	}
	for (; i < b.len; i++)
		crc = crc >> 8 ^ tables[0][(crc ^ b.ptr[i]) & 0xff];
	return ~crc;
}

uint32_t gh_crc32c(gh_bytes b)
{
	return gh_crc32c_more(0, b);
}
