/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/fs/ext_in - ext2, ext3 and ext4 (linux/Documentation/filesystems/ext4), little-endian. A wall.
 *
 *	0      400           800 or one block          each group, where its descriptor says
 *	+------+-------------+-------------------------+----- … -----+---------+---------+-------------+---- … --+
 *	| boot | super-block | descriptors of groups   |             | bitmaps | bitmaps | inode table | blocks  |
 *	+------+-------------+-------------------------+----- … -----+---------+---------+-------------+---- … --+
 *
 *	ext          the super-block, the handler
 *	ext_inode    inodes, and where their content lies: extents, indirect blocks, in the inode itself
 *	ext_attr     extended attributes
 *	ext_walk     folders, deleted names, inodes that no folder names
 */
#ifndef GH_FORMAT_FS_EXT_IN_H
#define GH_FORMAT_FS_EXT_IN_H

#include "format/view_volume_in.h"

enum { GH_EXT_ROOT = 2, GH_EXT_BLOCK_AREA = 60 };

/* Features that change how the file system is read. */
enum {
	GH_EXT_COMPRESSION = 1,
	GH_EXT_RECOVER = 4,
	GH_EXT_JOURNAL_DEV = 8,
	GH_EXT_META_BG = 0x10,
	GH_EXT_64BIT = 0x80,
	GH_EXT_CSUM_SEED = 0x2000,
	GH_EXT_RO_GDT_CSUM = 0x10,
	GH_EXT_RO_METADATA_CSUM = 0x400,
};

typedef struct gh_ext {
	gh_bytes all;
	uint64_t pos;
	uint32_t block;  /* bytes of one */
	uint64_t blocks; /* of all */
	uint32_t inodes, inodes_per_group, blocks_per_group, first_block, groups, desc_size, inode_size, first_inode;
	uint32_t compat, incompat, ro_compat, journal, revision, seed;
	uint16_t state;
} gh_ext;

/* Flags of an inode. */
enum {
	GH_EXT_ENCRYPTED = 0x800,
	GH_EXT_INDEX = 0x1000,
	GH_EXT_EXTENTS = 0x80000,
	GH_EXT_INLINE = 0x10000000,
};

typedef struct gh_ext_inode {
	gh_bytes raw;
	uint64_t at; /* of raw in the file system */
	uint32_t mode, uid, gid, links, flags, dtime, extra;
	uint64_t size, attributes; /* a block */
	int64_t mtime;
	gh_bytes area; /* 60 bytes: pointers, extents, or content */
} gh_ext_inode;

/* Where content lies: blocks of a file in a row; what no run has is a hole. */
typedef struct gh_ext_run {
	uint64_t logical, physical, count;
} gh_ext_run;

typedef struct gh_ext_runs {
	gh_ext_run *items;
	size_t count, room;
	uint64_t blocks, visited; /* data blocks so far, and blocks of pointers */
	gh_arena *arena;
	/* Told of every block of pointers; may be NULL. */
	gh_code (*pointers)(void *arg, uint64_t block);
	void *arg;
} gh_ext_runs;

static inline gh_bytes gh_ext_block(const gh_ext *f, uint64_t n)
{
	return n < f->blocks ? gh_bytes_part(f->all, n * f->block, f->block) : gh_view(NULL, 0);
}

/* The descriptor of a group, and where its inode table stands; false: it is cut off. */
bool gh_ext_group(const gh_ext *f, uint32_t group, gh_bytes *raw, uint64_t *inode_table);

bool gh_ext_inode_read(const gh_ext *f, uint32_t number, gh_ext_inode *ret);

/* The runs of an inode that has blocks, in order; those found so far stay in `ret` on trouble. */
gh_code gh_ext_runs_of(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_ext_runs *ret) GH_MUST;

/* The whole content; on trouble about the input what could be read. */
gh_code gh_ext_content(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_arena *arena, gh_bytes *ret) GH_MUST;

/* The attributes of an inode, in ctx->arena. */
gh_code gh_ext_attributes(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_entry *entry) GH_MUST;

/* What of a small file or folder stands in an attribute, behind the 60 bytes. */
gh_bytes gh_ext_inline_rest(const gh_ext_inode *inode);

/* Every entry, and the bytes in use. */
gh_code gh_ext_walk(gh_ctx *ctx, const gh_ext *f, gh_node *out) GH_MUST;

/* The super-block of what starts here; GH_NOT_MINE, or trouble in words. */
gh_code gh_ext_open(gh_ctx *ctx, gh_cur c, gh_ext *ret) GH_MUST;

extern const gh_volume_ops gh_ext_ops;

#endif
