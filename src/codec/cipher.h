/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/cipher - deciphering what vendors encipher with keys that have been published.
 *
 * Nothing here enciphers. Lengths are whole blocks; what is left over is not touched.
 */
#ifndef GH_CODEC_CIPHER_H
#define GH_CODEC_CIPHER_H

#include "bytes/view.h"

enum { GH_AES_BLOCK = 16 };

/* A key of 16 or 32 bytes, and for CBC where to begin. */
typedef struct gh_aes {
	gh_bytes key;
	uint8_t  iv[GH_AES_BLOCK];
	bool     ecb; /* every block by itself */
} gh_aes;

/* Deciphers the whole blocks of `in` into `out`, which has room for them; says how many bytes that were. */
size_t gh_aes_decipher(const gh_aes *aes, gh_bytes in, uint8_t *out);

/* DES, every block of eight bytes by itself, in place. */
void gh_des_ecb_decipher(const uint8_t key[8], uint8_t *data, size_t n);

/* PC1 as QNAP uses it; all of `in` goes into `out`. */
size_t gh_pc1_decipher(gh_bytes key, gh_bytes in, uint8_t *out);

/* How OpenSSL's `enc` makes a key of n bytes (and an IV behind it) from a passphrase and eight bytes of salt,
 * with MD5 (before 1.1) or SHA-256. */
void gh_openssl_key(gh_bytes passphrase, gh_bytes salt, bool sha256, uint8_t *ret, size_t n);

/* How many bytes of padding as of PKCS #7 end these bytes; 0 when they end in none. */
unsigned gh_pkcs7(gh_bytes plain);

#endif
