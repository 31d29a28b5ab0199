/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/lab/squash - a writer for SquashFS 1, 2, 3 and 4, both byte orders.
 *
 * Layouts: Linux fs/squashfs/squashfs_fs.h for version 4; squashfs_compat.h and unsquash-1.c to
 * unsquash-3.c of squashfs-tools for the older ones. Those are written as C bit-fields, whose place
 * depends on the byte order: little-endian fills each byte from its least significant bit,
 * big-endian from its most significant one. Seen as a stream of bits both are simple, so every
 * record here is written field by field with sq_bits: value, width in bits.
 */
#ifndef GH_TOOLS_LAB_SQUASH_H
#define GH_TOOLS_LAB_SQUASH_H

#include "volume.h"

enum { SQ_META = 8192, SQ_NAME_MAX = 256, SQ_DEEP = 64 };

enum {
	SQ_DIR = 1,
	SQ_REG,
	SQ_LINK,
	SQ_BLK,
	SQ_CHR,
	SQ_FIFO,
	SQ_SOCKET,
	SQ_LONG /* added for the extended form */
};

typedef struct sq_node {
	const lab_entry *e; /* NULL: a folder nobody named */
	gh_bytes name;
	char type; /* of lab_entry */
	unsigned mode, uid, gid;
	uint64_t mtime;
	struct sq_node *parent, *children, *next;
	struct sq_node *same; /* a hard link: the node that has the inode; a loop: the folder */
	unsigned number, links;
	uint64_t ref; /* where its inode begins: block << 16 | offset */
	uint64_t start, hole, claim;
	bool claims;
	uint32_t *blocks;
	size_t blocks_n, sparse;
	uint32_t fragment, fragment_at;
	uint32_t xattr;
	bool written;
} sq_node;

/* Records on their way into blocks of 8 KiB. */
typedef struct sq_meta {
	lab_out raw, packed;
	bool store;
} sq_meta;

typedef struct sq {
	lab *l;
	const lab_st *st;
	unsigned version;
	lab_order order;
	uint32_t block;
	unsigned flags;
	lab_pack pack; /* data and fragments */
	lab_pack pack_meta;
	bool store_data, store_fragments, fragments, tails, sparse, duplicates;
	lab_out out; /* the image, from the super-block on */
	sq_meta inodes, dirs;
	lab_out fragment; /* the one being filled */
	lab_out fragment_table;
	uint32_t fragments_n;
	sq_node *root;
	sq_node **files; /* in the order they were written, to find duplicates */
	size_t files_n, files_cap;
	unsigned inodes_n;
	uint32_t ids[256], gids[256];
	size_t ids_n, gids_n;
	lab_out xattrs_raw, xattr_ids;
	sq_meta xattrs;
	uint32_t xattrs_n;
	uint64_t inode_start, dir_start, fragment_start, export_start, id_start, gid_start, xattr_start;
	uint64_t *refs; /* by inode number - 1 */
	bool loops;
} sq;

/* squash_meta.c */
void sq_bits(lab_out *out, lab_order order, unsigned *bit, uint64_t v, unsigned width);
typedef struct sq_field {
	unsigned bits;
	uint64_t v;
} sq_field;
void sq_record(lab_out *out, lab_order order, const sq_field *fields, size_t n);
#define SQ_RECORD(out, order, ...)                                                                                     \
	sq_record((out), (order), (const sq_field[]){ __VA_ARGS__ },                                                   \
		  sizeof((const sq_field[]){ __VA_ARGS__ }) / sizeof(sq_field))
uint64_t sq_meta_ref(const sq_meta *m);
void sq_meta_add(sq *q, sq_meta *m, gh_bytes record);
void sq_meta_end(sq *q, sq_meta *m);
uint64_t sq_meta_place(sq *q, sq_meta *m);                 /* into the image; where it begins */
uint64_t sq_table(sq *q, gh_bytes rows, unsigned pointer); /* blocks, then pointers of that width; where these begin */

/* squash_tree.c, squash_data.c, squash_inode.c, squash_dir.c, squash_xattr.c */
void sq_tree_build(sq *q, const lab_tree *t);
lab_tree sq_tree_truth(sq *q); /* every entry, also the folders nobody named */
void sq_data_write(sq *q);
void sq_inode_write(sq *q, sq_node *node, uint64_t dir_ref, size_t dir_size);
void sq_dir_write(sq *q, sq_node *dir, unsigned depth);
unsigned sq_id(sq *q, uint32_t id);
unsigned sq_gid(sq *q, uint32_t id);
uint32_t sq_xattr_add(sq *q, const lab_entry *e); /* UINT32_MAX: none */
void sq_xattr_end(sq *q);
void sq_super_write(sq *q);

#endif
