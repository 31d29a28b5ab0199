/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What OpenSSL's `enc` writes (openssl-enc(1), apps/enc.c), which several vendors ship as an image.
 *
 *	0          8      10
 *	+----------+------+------ … ------+
 *	| Salted__ | salt | cipher        |    to the end of the file, nothing says how long
 *	+----------+------+------ … ------+
 *
 * Neither cipher nor digest are named. Libraries hold the word "Salted__" too, so what follows has to look enciphered.
 */
#include "format/vendor/keys_in.h"

enum { HEAD = 16, LOOK = 4096, DENSE = 7900, KEY = 32, PEEK = 0x120 };

/* A published passphrase under which something known begins. */
static const gh_key *find_key(gh_bytes all, uint8_t raw[KEY + GH_AES_BLOCK], gh_aes *aes)
{
	static const char known[][5] = { "\xd0\x0d\xfe\xed", "\x27\x05\x19\x56", "\x1f\x8b\x08\x00", "hsqs" };
	uint8_t plain[PEEK];
	for (const gh_key *k = gh_key_next("openssl-salted", NULL); k; k = gh_key_next("openssl-salted", k)) {
		gh_openssl_key(k->key, gh_bytes_part(all, 8, 8), true, raw, KEY + GH_AES_BLOCK);
		*aes = (gh_aes){ .key = gh_view(raw, KEY) };
		memcpy(aes->iv, raw + KEY, sizeof aes->iv);
		if (gh_aes_decipher(aes, gh_bytes_part(all, HEAD, PEEK), plain) < PEEK)
			continue;
		if (memcmp(plain + 0x101, "ustar", 5) == 0)
			return k;
		for (unsigned i = 0; i < GH_COUNT(known); i++)
			if (memcmp(plain, known[i], 4) == 0)
				return k;
	}
	return NULL;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes all = gh_rest(&c);
	uint8_t raw[KEY + GH_AES_BLOCK];
	gh_aes aes;
	if (!gh_bytes_start(all, GH_LIT("Salted__")) || all.len < HEAD + LOOK)
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, 2 * LOOK);
	if (code != GH_OK)
		return code;
	if (gh_profile_of(gh_bytes_part(all, HEAD, LOOK)).entropy_millibits < DENSE)
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = all.len - (all.len - HEAD) % GH_AES_BLOCK,
			  .proof = find_key(all, raw, &aes) ? GH_PROOF_SHAPE : GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size), cipher = gh_bytes_part(all, HEAD, all.len);
	uint8_t raw[KEY + GH_AES_BLOCK], last[GH_AES_BLOCK];
	gh_aes aes;
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "salt", c.pos, gh_bytes_part(all, 0, HEAD));
	const gh_key *key = find_key(all, raw, &aes);
	if (code == GH_OK && !key) {
		code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos + HEAD,
				    "enciphered by OpenSSL; none of the published passphrases opens it");
		return code != GH_OK ? code
				     : gh_node_part(ctx, out, GH_NODE_PART, "enciphered image", c.pos + HEAD, cipher);
	}
	if (code != GH_OK || !cipher.ptr)
		return code;
	gh_aes end = aes;
	memcpy(end.iv, cipher.ptr + cipher.len - 2 * (size_t)GH_AES_BLOCK, sizeof end.iv);
	(void)gh_aes_decipher(&end, gh_bytes_part(cipher, cipher.len - GH_AES_BLOCK, GH_AES_BLOCK), last);
	return gh_part_aes(ctx, out, "image", &aes, key, c.pos + HEAD, cipher,
			   cipher.len - gh_pkcs7(gh_view(last, sizeof last)), NULL);
}

const gh_format gh_format_openssl_salted = {
	.name = "openssl-salted",
	.title = "File enciphered by openssl enc",
	.spec = "openssl-enc(1)",
	.limits = "opened with published passphrases only",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "Salted__", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
