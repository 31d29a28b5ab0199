/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/yaffs_in - what the files of the YAFFS reader share. A wall.
 *
 *	yaffs        the handler: facts, what is used
 *	yaffs_tags   where page and spare bytes end, where the tags stand: found out, nothing says it
 *	yaffs_scan   one pass over all pages; what became of each object
 *
 * Layout: yaffs_guts.h and yaffs_packedtags2.h of YAFFS2. A page holds an object's header or a piece of a file; tags
 * in its spare bytes (or, where there are none, in its last 16 bytes) say which. Byte order is the machine's; that of
 * the tags may be another one. A header:
 *
 *	0 4 type (1 file, 2 link, 3 directory, 4 hard link, 5 special)   4 4 parent   8 2 ffff   10 256 name
 *	268 4 mode 272 4 uid 276 4 gid 280 4 atime 284 4 mtime 288 4 ctime 292 4 size 296 4 object of a hard link
 *	300 160 target 460 4 device 496 4 high half of the size 508 4 shrinks
 *
 * Tags of YAFFS2: 4 sequence number of the block, 4 object, 4 page in the file (0: header; bit 31: what else the
 * tags say of a header), 4 bytes. Of YAFFS1: 64 bits, 20 page, 2 serial, 10 bytes, 18 object, 12 code over all, 2 bytes.
 */
#ifndef GH_FORMAT_FLASH_YAFFS_IN_H
#define GH_FORMAT_FLASH_YAFFS_IN_H

#include "format/flash/extents_in.h"
#include "format/flash/log_in.h"

enum {
	GH_YAFFS_HEADER = 512,
	GH_YAFFS_OBJECTS = 1 << 19,
	GH_YAFFS_ROOT = 1,
	GH_YAFFS_UNLINKED = 3,
	GH_YAFFS_DELETED = 4,
};

typedef struct gh_yaffs_shape {
	uint32_t page, spare, data, tags_at; /* data: bytes of a file in a page */
	uint8_t  version, layout;            /* layout: of YAFFS1's tags */
	bool     big, big_tags;
} gh_yaffs_shape;

typedef enum gh_yaffs_state { GH_YAFFS_GOOD, GH_YAFFS_ERASED, GH_YAFFS_FOREIGN, GH_YAFFS_CHECKPOINT } gh_yaffs_state;

typedef struct gh_yaffs_tags {
	uint32_t seq, object, page, bytes;
	bool     gone; /* YAFFS1: marked as deleted */
} gh_yaffs_tags;

typedef struct gh_yaffs_header {
	uint32_t object;
	uint64_t rank, at;
} gh_yaffs_header;

typedef struct gh_yaffs {
	gh_log   log;
	gh_bytes bytes;
	uint64_t pos, size;
	gh_yaffs_shape shape;
	uint32_t good, erased, foreign, checkpoint;
	gh_yaffs_header *headers;
	gh_extents used;
	size_t   n_headers, headers_room;
} gh_yaffs;

/* Could a header of an object stand here? */
bool gh_yaffs_header_like(gh_bytes page, bool big);
/* What the page at `at` is. */
gh_yaffs_state gh_yaffs_tags_at(gh_bytes bytes, uint64_t at, const gh_yaffs_shape *s, gh_yaffs_tags *ret);
/* The shape in which most pages from the first on make sense. */
gh_code gh_yaffs_find_shape(gh_ctx *ctx, gh_cur c, gh_yaffs_shape *ret) GH_MUST;

gh_code gh_yaffs_scan(gh_ctx *ctx, gh_yaffs *y) GH_MUST;
extern const gh_log_ops gh_yaffs_ops;

#endif
