/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/tplink_in - what TP-Link's two header layouts have in common. A wall.
 *
 * The digest is an MD5 over the image with a public salt in the digest's own place (mktplinkfw.c and
 * mktplinkfw2.c of firmware-utils): anybody can compute it, so a right one says nothing about origin.
 *
 * The one rule: offsets in the header are claims. A part is named where it fits, everything else is
 * noted and left to the search.
 */
#ifndef GH_FORMAT_TPLINK_IN_H
#define GH_FORMAT_TPLINK_IN_H

#include "format/room_in.h"

enum { GH_TPLINK_HEADER = 0x200 };

/* [0] for images without boot loader, [1] with. */
typedef struct gh_tplink_salts {
	uint8_t salt[2][16];
} gh_tplink_salts;

typedef struct gh_tplink {
	gh_bytes all; /* from the header to the end of the window */
	uint64_t pos;
	gh_bytes vendor, fw_version;
	uint32_t hw_id, hw_rev, hw_add, region;
	uint32_t load, entry, length;
	uint32_t kernel_at, kernel_len, rootfs_at, rootfs_len, boot_at, boot_len;
	uint16_t version[3];
	bool     known_vendor; /* the text alone is strong evidence */
	size_t   digest_at;
	const gh_tplink_salts *salts;
} gh_tplink;

/* The words that both measure() give: NOT_MINE, or a span with the digest's verdict in its state. */
gh_code gh_tplink_prove(gh_ctx *ctx, const gh_tplink *t, gh_span *ret) GH_MUST;

/* Facts that both layouts have, the digest, the parts, the notes. */
gh_code gh_tplink_name(gh_ctx *ctx, const gh_tplink *t, const gh_span *span, gh_node *out) GH_MUST;

#endif
