/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/fs/erofs_in - EROFS (linux/fs/erofs/erofs_fs.h), little-endian. A wall.
 *
 *	0      400                          480         inodes stand on multiples of 32 bytes from a first block on
 *	+------+----------------------------+--- … ---+----------------------------------------+--- … ---+
 *	|      | super-block, its CRC-32C   |         | inode, attributes, map or tail of data | …       |
 *	+------+----------------------------+--- … ---+----------------------------------------+--- … ---+
 *
 *	erofs        the super-block, the handler
 *	erofs_inode  inodes, and content that is stored as it is
 *	erofs_map    content that is compressed: which clusters, and what comes out
 *	erofs_walk   folders
 */
#ifndef GH_FORMAT_FS_EROFS_IN_H
#define GH_FORMAT_FS_EROFS_IN_H

#include "format/flash/extents_in.h"
#include "format/view_volume_in.h"

typedef struct gh_erofs {
	gh_bytes all;
	uint64_t pos, blocks, meta, root, built, attributes;
	uint64_t packed; /* an inode with the ends of many files; 0: there is none */
	uint64_t head;        /* where super-block and settings end */
	uint32_t block, bits; /* bytes of a block, and its logarithm */
	uint32_t compat, incompat;
} gh_erofs;

enum { GH_EROFS_PADDED = 1, GH_EROFS_SLOT = 32 };

typedef enum gh_erofs_layout {
	GH_EROFS_PLAIN,
	GH_EROFS_COMPRESSED_FULL,
	GH_EROFS_INLINE,
	GH_EROFS_COMPRESSED,
	GH_EROFS_CHUNKS,
} gh_erofs_layout;

typedef struct gh_erofs_inode {
	uint64_t nid, at, end; /* end: of the inode with its attributes */
	uint64_t size;
	gh_erofs_layout layout;
	uint32_t mode, uid, gid, links, u, attributes;
	int64_t mtime;
	gh_bytes attribute_bytes;
} gh_erofs_inode;

/* Told of every run of bytes that content uses; may be NULL. */
typedef gh_code gh_erofs_use(void *arg, uint64_t at, uint64_t size);

gh_code gh_erofs_open(gh_ctx *ctx, gh_cur c, gh_erofs *ret) GH_MUST;
bool gh_erofs_inode_read(const gh_erofs *f, uint64_t nid, gh_erofs_inode *ret);

/* The content; *at is where it lies in one piece, or GH_NOWHERE. With `arena` NULL nothing is made: only told of. */
gh_code gh_erofs_content(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, gh_arena *arena, gh_bytes *ret,
			 uint64_t *at, gh_erofs_use *use, void *arg) GH_MUST;
/* That of an inode that is compressed. */
gh_code gh_erofs_unmap(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, gh_arena *arena, uint8_t *to,
		       gh_erofs_use *use, void *arg) GH_MUST;

gh_code gh_erofs_walk(gh_ctx *ctx, const gh_erofs *f, gh_node *out) GH_MUST;

#endif
