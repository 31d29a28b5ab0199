/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/squashfs_in - what the files of the SquashFS reader share.
 *
 * The rule: every number below comes from an enemy. Offsets are relative to the start of the volume
 * and are only followed through gh_bytes_part, a cursor, or a table look-up.
 *
 *	squashfs_super   superblock of every version and byte order  ->  gh_sqfs_super
 *	squashfs_block   one compressed block, with the vendors' variants
 *	squashfs_settle  which variant these blocks are
 *	squashfs_table   runs of metadata blocks  ->  gh_sqfs_table
 *	squashfs_inode   one inode of every version  ->  gh_sqfs_inode
 *	squashfs_dir     the listing of one directory
 *	squashfs_walk    inodes and listings  ->  gh_volume
 *	squashfs_read    the content of one file
 *	squashfs_used    which bytes all of them use
 *
 * Layouts: version 4 is linux/fs/squashfs/squashfs_fs.h; 1 to 3 are squashfs_compat.h and
 * unsquash-1.c to unsquash-3.c of squashfs-tools.
 */
#ifndef GH_FORMAT_SQUASHFS_IN_H
#define GH_FORMAT_SQUASHFS_IN_H

#include "format/format.h"

enum {
	GH_SQFS_META = 8192,       /* most that a metadata block decodes to */
	GH_SQFS_HEADER = 96,       /* version 4; versions 1 to 3 have 51, 63 and 119 */
	GH_SQFS_CHECKED = 1 << 2,  /* flag of versions 1 to 3: a byte follows each metadata header */
	GH_SQFS_OPTIONS = 1 << 10, /* flag of version 4: compressor options follow the superblock */
	GH_SQFS_STORED = 1 << 24,  /* in the size of a data block or fragment: not compressed */
	GH_SQFS_TABLE = 64 << 20,  /* ceiling of one decoded metadata table */
};

#define GH_SQFS_NONE UINT64_MAX /* a table that is not there */
#define GH_SQFS_NO_FRAGMENT UINT32_MAX
#define GH_SQFS_NO_XATTR UINT32_MAX

/* One superblock, whatever its version. */
typedef struct gh_sqfs_super {
	uint16_t major, minor;
	bool big;
	uint32_t header; /* bytes it takes */
	uint32_t inodes, mkfs_time, block_size, fragments;
	uint16_t block_log, flags;
	uint16_t compressor;       /* version 4; 0 elsewhere */
	uint16_t no_ids;           /* version 4 */
	uint8_t no_uids, no_guids; /* versions 1 to 3 */
	uint64_t root, bytes_used;
	uint64_t ids, guids, xattrs, inode_table, dir_table, fragment_table, lookup;
} gh_sqfs_super;

gh_code gh_sqfs_super_read(gh_ctx *ctx, gh_cur c, gh_sqfs_super *ret) GH_MUST;

/* A fixed record, field by field: little-endian packs bit-fields from the least significant bit
 * of the first byte on, big-endian from the most significant one (gcc's ABI on either machine). */
typedef struct gh_sqfs_record {
	gh_bytes b;
	size_t bit;
	bool big;
} gh_sqfs_record;

static inline gh_sqfs_record gh_sqfs_record_take(gh_cur *c, size_t size, bool big)
{
	return (gh_sqfs_record){ gh_take(c, size), 0, big };
}

/* The next field of up to 57 bits, or of 64 that starts at a byte. 0 when the record is cut short. */
uint64_t gh_sqfs_field(gh_sqfs_record *r, unsigned bits);

/* How blocks are compressed. The order is the order of trying. */
typedef enum gh_sqfs_algo {
	GH_SQFS_UNKNOWN,
	GH_SQFS_ZLIB,
	GH_SQFS_XZ,
	GH_SQFS_ZSTD,
	GH_SQFS_LZMA_ALONE,      /* properties, dictionary size, 8 bytes length: mainline and sqlzma */
	GH_SQFS_LZMA_PROPERTIES, /* properties and dictionary size only: TP-Link, Broadcom ("lzma-alt") */
	GH_SQFS_LZMA_SHORT,      /* properties, dictionary size, 4 bytes length */
	GH_SQFS_LZMA_WRT,        /* pb, lc, lp and ff before each block: DD-WRT */
	GH_SQFS_LZMA_RAW,        /* nothing: lc, lp, pb are built into the vendor's kernel */
	GH_SQFS_LZO,
	GH_SQFS_LZ4,
	GH_SQFS_ALGOS
} gh_sqfs_algo;

typedef struct gh_sqfs_kind {
	gh_sqfs_algo algo;
	uint8_t lc, lp, pb; /* GH_SQFS_LZMA_RAW */
} gh_sqfs_kind;

/* A run of metadata blocks, decoded into one piece. */
typedef struct gh_sqfs_table {
	gh_bytes data;
	uint64_t base;    /* where its first block starts */
	uint64_t *starts; /* of each block … */
	uint32_t *places; /* … where its bytes begin in data … */
	uint32_t *ends;   /* … and how far one may read on from there */
	size_t count;
	size_t bad; /* blocks that did not decode */
} gh_sqfs_table;

typedef struct gh_sqfs_fragment {
	uint64_t start;
	uint32_t size; /* with GH_SQFS_STORED */
	uint32_t need; /* how much of it the files use */
} gh_sqfs_fragment;

/* One volume while it is read; const once it is unpacked. */
typedef struct gh_sqfs {
	gh_sqfs_super s;
	gh_bytes bytes;
	uint64_t pos;                  /* absolute offset of bytes.ptr */
	bool strict;                   /* while the kind is sought: no other one may help out */
	unsigned notes;                /* said about the volume so far */
	gh_sqfs_kind meta, data, tail; /* tail: of fragments */
	gh_sqfs_table inodes, dirs, xattr_table;
	gh_bytes ids, guids, xattr_ids; /* decoded, in the byte order of the volume */
	gh_sqfs_fragment *fragments;
	uint32_t n_fragments;
} gh_sqfs;

typedef struct gh_sqfs_inode {
	gh_entry_type type;
	uint16_t mode;
	uint32_t uid, gid, number, nlink, rdev, xattr;
	int64_t mtime;
	uint64_t size;   /* of a file's content, a listing or a link target */
	uint64_t start;  /* of a file: its blocks; of a directory: block of its listing */
	uint32_t offset; /* of a directory: within that block; of a file: within the fragment */
	uint32_t fragment;
	uint32_t blocks, list; /* count, and place of the sizes in the inode table */
	gh_bytes target;
	uint64_t end; /* where it ends in the inode table */
} gh_sqfs_inode;

/* Decodes one block into *out, which is fixed memory: a metadata block or fragment to at most its
 * room, or, with `exact`, a data block that must fill it. */
gh_code gh_sqfs_block_decode(gh_ctx *ctx, gh_sqfs_kind kind, gh_cur in, gh_buf *out, bool exact) GH_MUST;
/* The same with any other kind, in order, after `kind` failed. Partial output of `kind` if all do. */
gh_code gh_sqfs_block_any(gh_ctx *ctx, gh_sqfs_kind kind, gh_cur in, gh_buf *out, bool exact) GH_MUST;
/* Does the block begin as one of this kind does, and fit a length between these? Never said of kinds
 * that have no mark of their own. */
bool gh_sqfs_block_framed(gh_sqfs_kind kind, gh_bytes b, size_t least, size_t most);
const char *gh_sqfs_kind_name(gh_sqfs_kind kind);
gh_sqfs_kind gh_sqfs_kind_of_header(uint16_t compressor);
const char *gh_sqfs_compressor_name(uint16_t compressor);

/* Finds the kind by decoding the root directory; then that of data and fragments. */
gh_code gh_sqfs_settle_meta(gh_ctx *ctx, gh_sqfs *fs) GH_MUST;
gh_code gh_sqfs_settle_data(gh_ctx *ctx, gh_sqfs *fs, const gh_volume *v) GH_MUST;

/* Decodes the blocks from `start` up to `limit` into *out; its arrays come from `arena`. Bad blocks
 * are counted and stepped over. */
gh_code gh_sqfs_table_load(gh_ctx *ctx, const gh_sqfs *fs, uint64_t start, uint64_t limit, size_t most, gh_arena *arena,
			   gh_buf *out, gh_sqfs_table *ret) GH_MUST;
/* As many bytes of the metadata block at `start` as *out has room for, by `kind` if it is compressed. */
void gh_sqfs_table_peek(gh_ctx *ctx, const gh_sqfs *fs, uint64_t start, gh_sqfs_kind kind, gh_buf *out);
/* A cursor on the bytes at `offset` of the block `start` bytes behind the table's base; its pos is the
 * place in the table's data. Bad when there is no such block. */
gh_cur gh_sqfs_table_at(const gh_sqfs_table *t, uint64_t start, uint32_t offset);
/* A table of `count` records of `size` bytes whose blocks are listed at `index`, each as 4 or 8 bytes. */
gh_code gh_sqfs_indexed_load(gh_ctx *ctx, const gh_sqfs *fs, uint64_t index, uint64_t count, size_t size,
			     gh_bytes *ret) GH_MUST;
/* Where the table that starts at `start` ends at the latest: the next thing the superblock knows of. */
uint64_t gh_sqfs_table_limit(const gh_sqfs *fs, uint64_t start);
/* A note on the volume; beyond a few, no more is said. */
gh_code gh_sqfs_trouble(gh_ctx *ctx, gh_sqfs *fs, gh_node *out) GH_MUST;
/* Inodes, listings, ids, fragments and xattrs. What is broken is noted and missing. */
gh_code gh_sqfs_tables_load(gh_ctx *ctx, gh_sqfs *fs, gh_node *out) GH_MUST;

gh_code gh_sqfs_inode_read(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, gh_sqfs_inode *ret) GH_MUST;
gh_code gh_sqfs_inode_read_old(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, gh_sqfs_inode *ret) GH_MUST;
/* Past the index of a long directory: `count` entries of `fixed` bytes, the last `width` of which say how long the name
 * is that follows, less one. */
void gh_sqfs_index_skip(gh_cur *c, bool big, uint32_t count, size_t fixed, unsigned width);
/* The listed numbers of blocks and whether a fragment follows, from size and fragment; the sizes
 * must be there. */
gh_code gh_sqfs_inode_blocks(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, size_t width, gh_sqfs_inode *ret) GH_MUST;

/* A listing: headers with up to 256 names each, one by one. */
typedef struct gh_sqfs_listing {
	gh_cur c;
	uint32_t names; /* left under the current header */
	uint32_t start; /* inode block of these */
} gh_sqfs_listing;

typedef struct gh_sqfs_name {
	gh_bytes name;
	uint32_t start, offset; /* of the inode */
	unsigned type;
} gh_sqfs_name;

gh_code gh_sqfs_listing_open(gh_ctx *ctx, const gh_sqfs *fs, const gh_sqfs_table *dirs, const gh_sqfs_inode *dir,
			     gh_sqfs_listing *ret) GH_MUST;
/* The next name; *end is true instead when there is none. */
gh_code gh_sqfs_listing_next(gh_ctx *ctx, const gh_sqfs *fs, gh_sqfs_listing *l, gh_sqfs_name *ret, bool *end) GH_MUST;

/* The tree, parents before children; then where each content lies and who shares a fragment. */
gh_code gh_sqfs_walk(gh_ctx *ctx, gh_sqfs *fs, gh_node *out, gh_volume *v) GH_MUST;
gh_code gh_sqfs_place(gh_ctx *ctx, gh_sqfs *fs, gh_volume *v) GH_MUST;
gh_code gh_sqfs_xattrs(gh_ctx *ctx, const gh_sqfs *fs, uint32_t index, gh_entry *entry) GH_MUST;

/* What of the volume is used; what is not becomes gaps. */
gh_code gh_sqfs_used(gh_ctx *ctx, const gh_sqfs *fs, gh_volume *v) GH_MUST;

/* What an entry's locator holds: blocks and place of their list (low, high); start of the first
 * block; fragment and offset in it (low, high). */
enum { GH_SQFS_AT_LIST, GH_SQFS_AT_START, GH_SQFS_AT_FRAGMENT };
static inline uint32_t gh_sqfs_low(uint64_t v)
{
	return (uint32_t)v;
}
static inline uint32_t gh_sqfs_high(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

/* The size word of block `i` of a file, in version 4's form, whatever the version. */
uint32_t gh_sqfs_block_size(const gh_sqfs *fs, const gh_entry *e, uint32_t i);
gh_code gh_sqfs_read(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret) GH_MUST;

#endif
