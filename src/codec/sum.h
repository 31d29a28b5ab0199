/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/sum - checksums and digests, each a function from bytes to a number or bytes.
 */
#ifndef GH_CODEC_SUM_H
#define GH_CODEC_SUM_H

#include "bytes/view.h"

/* CRC-32 of IEEE 802.3 (reflected 0xEDB88320, init and final xor ffffffff): zlib, uImage, gzip. */
uint32_t gh_crc32(gh_bytes b);
/* The same going on: crc of a then b is gh_crc32_more(gh_crc32(a), b). gh_crc32_more(0, b) starts. */
uint32_t gh_crc32_more(uint32_t crc, gh_bytes b);
/* CRC-32C (reflected 0x82F63B78, init and final xor ffffffff): ext4, EROFS, iSCSI. */
uint32_t gh_crc32c(gh_bytes b);
uint32_t gh_crc32c_more(uint32_t crc, gh_bytes b);
/* What POSIX's cksum prints: 04c11db7, highest bit first, from 0, then the length, inverted. Over runs in order. */
uint32_t gh_cksum(const gh_bytes *runs, size_t n);
uint32_t gh_adler32(gh_bytes b); /* RFC 1950 */
uint32_t gh_adler32_more(uint32_t adler, gh_bytes b); /* going on; 1 starts */
uint32_t gh_xxh32(gh_bytes b, uint32_t seed); /* LZ4 frames */

/* Digests over several runs of bytes in order, as when a field is replaced by a salt. */
void gh_md5(const gh_bytes *runs, size_t n, uint8_t ret[16]);
void gh_sha1(const gh_bytes *runs, size_t n, uint8_t ret[20]);
void gh_sha256(const gh_bytes *runs, size_t n, uint8_t ret[32]);
void gh_sha512(const gh_bytes *runs, size_t n, uint8_t ret[64]);
void gh_hmac_sha1(gh_bytes key, gh_bytes message, uint8_t ret[20]); /* RFC 2104; a key of at most 64 bytes */

/* The same in steps. */
typedef struct gh_sha256_state {
	uint64_t opaque[16]; /* libcrypto's own */
} gh_sha256_state;
void gh_sha256_begin(gh_sha256_state *state);
void gh_sha256_more(gh_sha256_state *state, gh_bytes b);
void gh_sha256_end(gh_sha256_state *state, uint8_t ret[32]);

#endif
