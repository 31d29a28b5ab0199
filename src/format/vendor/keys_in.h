/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/vendor/keys_in - keys that have been published, each with its source, in one place (keys.c). A wall.
 *
 *	for (const gh_key *k = gh_key_next("dlink-mh01", NULL); k; k = gh_key_next("dlink-mh01", k))
 *		…
 *
 * The one rule: a key stands here only if somebody else published it. They read what a vendor ships; nothing in
 * gifthorse enciphers or signs.
 */
#ifndef GH_FORMAT_VENDOR_KEYS_IN_H
#define GH_FORMAT_VENDOR_KEYS_IN_H

#include "codec/cipher.h"
#include "format/room_in.h"

typedef struct gh_key {
	const char *use;    /* the format */
	const char *device; /* whose it is */
	gh_bytes    key;    /* raw, or a passphrase */
	gh_bytes    iv;     /* where it is fixed */
	const char *source;
} gh_key;

/* The first key for that use, the next one after a given one, or NULL. */
const gh_key *gh_key_next(const char *use, const gh_key *after);

/* A part that was enciphered: deciphers it, keeps `keep` bytes (all whole blocks if there are fewer), names the
 * device and the source of the key in the transform. `ret` may be NULL. */
gh_code gh_part_aes(gh_ctx *ctx, gh_node *out, const char *name, const gh_aes *aes, const gh_key *key, uint64_t at,
                    gh_bytes in, uint64_t keep, gh_bytes *ret) GH_MUST;

/* D-Link's encimg: a published key and its IV, mixed with the name of the board (never empty). */
void gh_encimg_aes(const gh_key *key, gh_bytes board, uint8_t mixed[32], gh_aes *ret);

#endif
