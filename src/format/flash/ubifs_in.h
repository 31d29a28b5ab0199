/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/ubifs_in - what the files of the UBIFS reader share. A wall.
 *
 *	ubifs         the handler: superblock, facts, sums
 *	ubifs_scan    one pass over all logical blocks: nodes found and verified
 *	ubifs_index   which of them a mount would see: master, index, journal
 *	ubifs_node    what a node tells, its content, extended attributes
 *
 * Layout: linux/fs/ubifs/ubifs-media.h, all little-endian. Nodes begin at multiples of 8 in a logical block:
 *
 *	0 4 magic 06101831   4 4 CRC of all behind   8 8 sequence number   16 4 length   20 1 type   21 1 group
 *
 * CRCs are started with ffffffff and not inverted at the end. Types: 0 inode, 1 data, 2 name, 3 name of an
 * attribute, 4 truncation, 5 padding, 6 superblock, 7 master, 8 reference to a journal block, 9 index,
 * 10 start of a commit, 11 orphans, 12 authentication. Blocks: 0 superblock, 1 and 2 masters, the log, the
 * table of block properties (packed bits, not nodes), orphans, the main area.
 */
#ifndef GH_FORMAT_FLASH_UBIFS_IN_H
#define GH_FORMAT_FLASH_UBIFS_IN_H

#include "format/flash/extents_in.h"
#include "format/flash/log_in.h"

enum {
	GH_UBIFS_HEADER = 24,
	GH_UBIFS_SUPER = 4096,
	GH_UBIFS_INODE = 160, /* before the data */
	GH_UBIFS_NAME = 56,   /* before the name */
	GH_UBIFS_DATA = 48,   /* before the data */
	GH_UBIFS_PAGE = 4096, /* of a file, in one data node */
};

typedef enum gh_ubifs_type {
	GH_UBIFS_T_INODE, GH_UBIFS_T_DATA, GH_UBIFS_T_NAME, GH_UBIFS_T_XNAME, GH_UBIFS_T_CUT, GH_UBIFS_T_PADDING,
	GH_UBIFS_T_SUPER, GH_UBIFS_T_MASTER, GH_UBIFS_T_REFERENCE, GH_UBIFS_T_INDEX, GH_UBIFS_T_COMMIT,
	GH_UBIFS_T_ORPHANS, GH_UBIFS_T_AUTH, GH_UBIFS_TYPES
} gh_ubifs_type;

typedef struct gh_ubifs_node {
	uint64_t at, seq;
	uint32_t len;
	uint8_t  type;
} gh_ubifs_node;

/* The name of an attribute in its host, or (host 0) the inode that holds a value. */
typedef struct gh_ubifs_attr {
	uint32_t host, inode;
	uint64_t seq, at;
	bool     now;
} gh_ubifs_attr;

typedef struct gh_ubifs_super {
	uint32_t flags, block_size, blocks, log_blocks, table_blocks, orphan_blocks, version;
	uint16_t compressor;
	uint8_t  hash, key;
	gh_bytes uuid;
} gh_ubifs_super;

typedef struct gh_ubifs {
	gh_log   log;
	gh_bytes bytes;
	uint64_t pos;
	gh_ubifs_super super;
	uint32_t counts[GH_UBIFS_TYPES];
	uint32_t sums, wrong;
	uint64_t first_wrong;
	uint32_t compressors;
	gh_ubifs_attr *attrs;
	gh_ubifs_node *others; /* masters, references, commits, index nodes: by place */
	gh_extents used;
	size_t   n_attrs, attrs_room, n_others, others_room;
	/* What was found out about the index. */
	bool     mastered, indexed;
	uint64_t commit, master_at;
	uint32_t missing;  /* records that the index names and that are not there */
	uint32_t journal;  /* records of the journal */
	const char *index_trouble;
} gh_ubifs;

/* A node at `at` whose length fits its block; *right: its CRC is, too. */
bool gh_ubifs_node_at(const gh_ubifs *u, uint64_t at, gh_ubifs_node *ret, bool *right);
gh_code gh_ubifs_scan(gh_ctx *ctx, gh_ubifs *u) GH_MUST;
gh_code gh_ubifs_index(gh_ctx *ctx, gh_ubifs *u) GH_MUST;
uint32_t gh_ubifs_crc(gh_bytes b);
void gh_ubifs_sort_attrs(gh_ubifs *u);
extern const gh_log_ops gh_ubifs_ops;
const char *gh_ubifs_compressor(unsigned number);

#endif
