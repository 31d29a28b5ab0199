/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/cpio_in - one member of a cpio archive. A wall.
 *
 * The one rule: `start` is where the archive begins, because padding counts from there.
 *
 *	while (gh_cpio_next(ctx, &c, start, &m) == GH_OK && !m.trailer)
 *		...
 */
#ifndef GH_FORMAT_CPIO_IN_H
#define GH_FORMAT_CPIO_IN_H

#include "format/room_in.h"

typedef enum gh_cpio_kind { GH_CPIO_NEWC, GH_CPIO_CRC, GH_CPIO_ODC, GH_CPIO_BINARY } gh_cpio_kind;

typedef struct gh_cpio_member {
	gh_cpio_kind kind;
	uint64_t     at, content_at; /* absolute */
	gh_bytes     name, content;
	uint32_t     inode, mode, uid, gid, nlink, mtime, size, check, name_size;
	uint32_t     dev_major, dev_minor, major, minor;
	unsigned     pad;
	bool         trailer;
} gh_cpio_member;

/* Reads the member at the cursor and moves behind it; on trouble the cursor stays. */
gh_code gh_cpio_next(gh_ctx *ctx, gh_cur *c, uint64_t start, gh_cpio_member *ret) GH_MUST;

bool gh_cpio_summed(const gh_cpio_member *m);
bool gh_cpio_sum_right(const gh_cpio_member *m);

gh_code gh_cpio_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out) GH_MUST;

#endif
