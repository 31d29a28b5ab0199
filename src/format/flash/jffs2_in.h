/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/jffs2_in - what the files of the JFFS2 reader share. A wall.
 *
 *	jffs2        the handler: facts, sums, what is used
 *	jffs2_scan   one pass over the partition: nodes found and their checksums verified
 *	jffs2_node   what a node tells, its content, extended attributes
 *	jffs2_codec  rtime and the rubin coders
 *
 * Layout: linux/include/uapi/linux/jffs2.h. A partition is a row of erase blocks, each with nodes at
 * multiples of 4 from its start, in the byte order of the machine:
 *
 *	0  2  magic 1985          all nodes
 *	2  2  type                e001 name, e002 inode, 2003 clean marker, 2004 padding, 2006 summary,
 *	                          e008 xattr, e009 xattr reference; bit 13 is cleared when a node is obsolete
 *	4  4  length of the node
 *	8  4  CRC of these 8 bytes, bit 13 set
 *
 * CRCs are the usual CRC-32 started with 0 and not inverted at the end.
 */
#ifndef GH_FORMAT_FLASH_JFFS2_IN_H
#define GH_FORMAT_FLASH_JFFS2_IN_H

#include "format/flash/extents_in.h"
#include "format/flash/log_in.h"

enum {
	GH_JFFS2_HEADER = 12,
	GH_JFFS2_NAME = 40,    /* before the name */
	GH_JFFS2_INODE = 68,   /* before the data */
	GH_JFFS2_XATTR = 32,   /* before name and value */
	GH_JFFS2_XREF = 28,
	GH_JFFS2_ACCURATE = 0x2000,
	GH_JFFS2_DATA_MOST = 1 << 20, /* one node's data: a page in reality */
};

typedef enum gh_jffs2_type {
	GH_JFFS2_T_NAME = 0xe001,
	GH_JFFS2_T_INODE = 0xe002,
	GH_JFFS2_T_CLEAN = 0x2003,
	GH_JFFS2_T_PADDING = 0x2004,
	GH_JFFS2_T_SUMMARY = 0x2006,
	GH_JFFS2_T_XATTR = 0xe008,
	GH_JFFS2_T_XREF = 0xe009,
} gh_jffs2_type;

/* An attribute's content, or that an inode has it. */
typedef struct gh_jffs2_attr {
	uint32_t inode; /* of a reference; 0 for the attribute itself */
	uint32_t id, seq;
	uint64_t at;
} gh_jffs2_attr;

typedef struct gh_jffs2 {
	gh_log   log;
	bool     big;
	uint32_t erase_size; /* 0: not found out */
	uint64_t end;        /* of the last node */
	uint32_t n_name, n_inode, n_clean, n_padding, n_summary, n_xattr, n_xref, n_other, n_obsolete;
	uint32_t sums, wrong;
	uint32_t compressors; /* bit n: some node has number n */
	gh_note *notes;
	unsigned n_notes;
	gh_extents used; /* nodes */
	gh_jffs2_attr *attrs;
	size_t   n_attrs, attrs_room;
	uint64_t *starts; /* where nodes begin behind erased bytes: possible starts of a partition */
	size_t   n_starts, starts_room;
	uint32_t crossed;    /* bit k: a node lies across a multiple of 2^k */
	uint64_t clean_step, last_clean;
} gh_jffs2;

uint32_t gh_jffs2_crc(gh_bytes b);

/* All nodes from the start of `c`, as far as they are one file system; the records in ctx->arena. */
gh_code gh_jffs2_scan(gh_ctx *ctx, gh_cur c, gh_jffs2 *j) GH_MUST;

extern const gh_log_ops gh_jffs2_ops;
const char *gh_jffs2_compressor(unsigned number);

/* One node's data, to the ceiling of *out. */
gh_code gh_jffs2_unpack_data(gh_ctx *ctx, unsigned compressor, gh_cur in, gh_buf *out) GH_MUST;

#endif
