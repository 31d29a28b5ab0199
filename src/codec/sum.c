/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digests call libcrypto's plain functions, deprecated in favour of EVP since 3.0: they run the
 * same assembly, but allocate nothing, cannot fail, and never look for a configuration file or a
 * provider, which the cage around the parser would not let them read.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/sum.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <zlib.h>

uint32_t gh_crc32_more(uint32_t crc, gh_bytes b)
{
	return b.len ? (uint32_t)crc32_z(crc, b.ptr, b.len) : crc;
}

uint32_t gh_crc32(gh_bytes b)
{
	return gh_crc32_more(0, b);
}

static void cksum_table(uint32_t ret[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			v = v & 0x80000000 ? v << 1 ^ 0x04c11db7 : v << 1;
		ret[i] = v;
	}
}

uint32_t gh_cksum(const gh_bytes *runs, size_t n)
{
	uint32_t table[256], crc = 0;
	uint64_t length = 0;
	cksum_table(table);
	for (size_t i = 0; i < n; length += runs[i++].len)
		for (size_t at = 0; at < runs[i].len; at++)
			crc = crc << 8 ^ table[(crc >> 24 ^ runs[i].ptr[at]) & 0xff];
	for (; length > 0; length >>= 8)
		crc = crc << 8 ^ table[(crc >> 24 ^ length) & 0xff];
	return ~crc;
}

uint32_t gh_adler32_more(uint32_t adler, gh_bytes b)
{
	return b.len ? (uint32_t)adler32_z(adler, b.ptr, b.len) : adler;
}

uint32_t gh_adler32(gh_bytes b)
{
	return gh_adler32_more(1, b);
}

void gh_md5(const gh_bytes *runs, size_t n, uint8_t ret[16])
{
	MD5_CTX c;
	(void)MD5_Init(&c);
	for (size_t i = 0; i < n; i++)
		(void)MD5_Update(&c, runs[i].ptr, runs[i].len);
	(void)MD5_Final(ret, &c);
}

void gh_sha1(const gh_bytes *runs, size_t n, uint8_t ret[20])
{
	SHA_CTX c;
	(void)SHA1_Init(&c);
	for (size_t i = 0; i < n; i++)
		(void)SHA1_Update(&c, runs[i].ptr, runs[i].len);
	(void)SHA1_Final(ret, &c);
}

_Static_assert(sizeof(gh_sha256_state) >= sizeof(SHA256_CTX), "room for libcrypto's state");

void gh_sha256_begin(gh_sha256_state *state)
{
	(void)SHA256_Init((SHA256_CTX *)(void *)state->opaque);
}

void gh_sha256_more(gh_sha256_state *state, gh_bytes b)
{
	(void)SHA256_Update((SHA256_CTX *)(void *)state->opaque, b.ptr, b.len);
}

void gh_sha256_end(gh_sha256_state *state, uint8_t ret[32])
{
	(void)SHA256_Final(ret, (SHA256_CTX *)(void *)state->opaque);
}

void gh_sha256(const gh_bytes *runs, size_t n, uint8_t ret[32])
{
	gh_sha256_state state;
	gh_sha256_begin(&state);
	for (size_t i = 0; i < n; i++)
		gh_sha256_more(&state, runs[i]);
	gh_sha256_end(&state, ret);
}

void gh_sha512(const gh_bytes *runs, size_t n, uint8_t ret[64])
{
	SHA512_CTX c;
	(void)SHA512_Init(&c);
	for (size_t i = 0; i < n; i++)
		(void)SHA512_Update(&c, runs[i].ptr, runs[i].len);
	(void)SHA512_Final(ret, &c);
}

void gh_hmac_sha1(gh_bytes key, gh_bytes message, uint8_t ret[20])
{
	uint8_t inner[64] = { 0 }, outer[64] = { 0 };
	for (size_t i = 0; i < sizeof inner; i++) {
		uint8_t k = i < key.len ? key.ptr[i] : 0;
		inner[i] = k ^ 0x36;
		outer[i] = k ^ 0x5c;
	}
	const gh_bytes first[] = { gh_view(inner, sizeof inner), message };
	gh_sha1(first, GH_COUNT(first), ret);
	const gh_bytes second[] = { gh_view(outer, sizeof outer), gh_view(ret, 20) };
	gh_sha1(second, GH_COUNT(second), ret);
}
