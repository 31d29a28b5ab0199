/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto's plain functions, for the reasons that sum.c gives. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/cipher.h"

#include "codec/sum.h"

#include <openssl/aes.h>
#include <openssl/des.h>

size_t gh_aes_decipher(const gh_aes *aes, gh_bytes in, uint8_t *out)
{
	AES_KEY key;
	uint8_t iv[GH_AES_BLOCK];
	size_t n = in.len - in.len % GH_AES_BLOCK;
	if (n == 0 || AES_set_decrypt_key(aes->key.ptr, (int)(aes->key.len * 8), &key) != 0)
		return 0;
	memcpy(iv, aes->iv, sizeof iv);
	if (!aes->ecb)
		AES_cbc_encrypt(in.ptr, out, n, &key, iv, AES_DECRYPT);
	for (size_t at = 0; aes->ecb && at < n; at += GH_AES_BLOCK)
		AES_decrypt(in.ptr + at, out + at, &key);
	return n;
}

void gh_des_ecb_decipher(const uint8_t key[8], uint8_t *data, size_t n)
{
	DES_cblock k, in, out;
	DES_key_schedule schedule;
	memcpy(k, key, sizeof k);
	DES_set_key_unchecked(&k, &schedule);
	for (; n >= sizeof in; n -= sizeof in, data += sizeof in) {
		memcpy(in, data, sizeof in);
		DES_ecb_encrypt(&in, &out, &schedule, DES_DECRYPT);
		memcpy(data, out, sizeof out);
	}
}

void gh_openssl_key(gh_bytes passphrase, gh_bytes salt, bool sha256, uint8_t *ret, size_t n)
{
	uint8_t digest[32];
	size_t have = 0, size = sha256 ? 32 : 16;
	for (size_t at = 0; at < n; at += size) {
		const gh_bytes runs[] = { gh_view(digest, have), passphrase, salt };
		if (sha256)
			gh_sha256(runs, GH_COUNT(runs), digest);
		else
			gh_md5(runs, GH_COUNT(runs), digest);
		have = size;
		memcpy(ret + at, digest, GH_MIN(size, n - at));
	}
}

unsigned gh_pkcs7(gh_bytes plain)
{
	unsigned n = plain.len ? plain.ptr[plain.len - 1] : 0;
	if (n == 0 || n > GH_AES_BLOCK || n > plain.len)
		return 0;
	for (size_t i = plain.len - n; i < plain.len; i++)
		if (plain.ptr[i] != n)
			return 0;
	return n;
}
