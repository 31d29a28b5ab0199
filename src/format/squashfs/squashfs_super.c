/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The superblock. The magic says little (vendors write what they like, in either order); version,
 * byte order and sanity are decided by whether the numbers agree with each other.
 *
 * Version 4, 96 bytes:
 *	 0 magic        4 inodes      8 mkfs time   12 block size   16 fragments
 *	20 compressor  22 block log  24 flags       26 ids          28 major  30 minor
 *	32 root inode  40 bytes used 48 id table    56 xattr table  64 inode table
 *	72 directory table           80 fragment table              88 lookup table
 *
 * Versions 1 (51 bytes), 2 (63) and 3 (119); byte-packed:
 *	 0 magic        4 inodes      8 bytes used  12 uids         16 guids
 *	20 inode table 24 directory table           28 major        30 minor
 *	32 block size (1)            34 block log   36 flags        37 no_uids  38 no_guids
 *	39 mkfs time   43 root inode 51 block size (2)  55 fragments  59 fragment table
 *	63 bytes used  71 uids       79 guids       87 inode table  95 directory table
 *	103 fragment table           111 lookup table     (3: instead of the shorter fields above)
 */
#include "format/squashfs/squashfs_in.h"

enum { OLDEST = 51, OLD = 63, NEWER = 119, LOG_LEAST = 12, LOG_MOST = 20 };

uint64_t gh_sqfs_field(gh_sqfs_record *r, unsigned bits)
{
	size_t first = r->bit / 8, last = (r->bit + bits + 7) / 8;
	unsigned skip = (unsigned)(r->bit % 8);
	uint64_t v = 0;
	r->bit += bits;
	if (last > r->b.len)
		return 0;
	if (r->big) {
		for (size_t i = first; i < last; i++)
			v = v << 8 | r->b.ptr[i];
		v >>= 8 * (last - first) - skip - bits;
	} else {
		for (size_t i = last; i > first; i--)
			v = v << 8 | r->b.ptr[i - 1];
		v >>= skip;
	}
	return bits < 64 ? v & (((uint64_t)1 << bits) - 1) : v;
}

static uint16_t f8(gh_sqfs_record *r)
{
	return (uint16_t)gh_sqfs_field(r, 8);
}
static uint16_t f16(gh_sqfs_record *r)
{
	return (uint16_t)gh_sqfs_field(r, 16);
}
static uint32_t f32(gh_sqfs_record *r)
{
	return (uint32_t)gh_sqfs_field(r, 32);
}
static uint64_t f64(gh_sqfs_record *r)
{
	return gh_sqfs_field(r, 64);
}

static void read_4(gh_sqfs_record r, gh_sqfs_super *s)
{
	(void)f32(&r);
	s->header = GH_SQFS_HEADER;
	s->inodes = f32(&r);
	s->mkfs_time = f32(&r);
	s->block_size = f32(&r);
	s->fragments = f32(&r);
	s->compressor = f16(&r);
	s->block_log = f16(&r);
	s->flags = f16(&r);
	s->no_ids = f16(&r);
	s->major = f16(&r);
	s->minor = f16(&r);
	s->root = f64(&r);
	s->bytes_used = f64(&r);
	s->ids = f64(&r);
	s->xattrs = f64(&r);
	s->inode_table = f64(&r);
	s->dir_table = f64(&r);
	s->fragment_table = f64(&r);
	s->lookup = f64(&r);
}

static void read_old(gh_sqfs_record r, gh_sqfs_super *s)
{
	(void)f32(&r);
	s->inodes = f32(&r);
	s->bytes_used = f32(&r);
	s->ids = f32(&r);
	s->guids = f32(&r);
	s->inode_table = f32(&r);
	s->dir_table = f32(&r);
	s->major = f16(&r);
	s->minor = f16(&r);
	s->block_size = f16(&r);
	s->block_log = f16(&r);
	s->flags = f8(&r);
	s->no_uids = (uint8_t)f8(&r);
	s->no_guids = (uint8_t)f8(&r);
	s->mkfs_time = f32(&r);
	s->root = f64(&r);
	s->xattrs = s->lookup = s->fragment_table = GH_SQFS_NONE;
	s->header = OLDEST;
	if (s->major == 1) {
		/* 64 KiB does not fit into sixteen bits */
		if (s->block_size == 0 && s->block_log == 16)
			s->block_size = 1 << 16;
		return;
	}
	s->block_size = f32(&r);
	s->fragments = f32(&r);
	s->fragment_table = f32(&r);
	s->header = OLD;
	if (s->major == 2)
		return;
	s->bytes_used = f64(&r);
	s->ids = f64(&r);
	s->guids = f64(&r);
	s->inode_table = f64(&r);
	s->dir_table = f64(&r);
	s->fragment_table = f64(&r);
	s->lookup = f64(&r);
	s->header = NEWER;
}

static bool inside(const gh_sqfs_super *s, uint64_t at, uint64_t size)
{
	return at >= s->header && at < s->bytes_used && size <= s->bytes_used - at;
}

static bool ids_are_sane(const gh_sqfs_super *s)
{
	if (s->major == 4)
		return s->no_ids > 0 && inside(s, s->ids, 8);
	return s->no_uids > 0 && inside(s, s->ids, (uint64_t)s->no_uids * 4) &&
	       (s->no_guids == 0 || inside(s, s->guids, (uint64_t)s->no_guids * 4));
}

/* The first number that does not agree with the others, or NULL. The tables that nothing depends on
 * (xattrs, lookup) are left to whoever reads them. */
static const char *odd_one(const gh_sqfs_super *s)
{
	if (s->block_log < LOG_LEAST || s->block_log > LOG_MOST || s->block_size != (uint32_t)1 << s->block_log)
		return "block size";
	if (s->inodes == 0)
		return "number of inodes";
	if (s->bytes_used >> 48 != 0)
		return "size";
	if (!inside(s, s->inode_table, 3) || !inside(s, s->dir_table, 2) || s->inode_table >= s->dir_table)
		return "place of the inodes and directories";
	if (s->root >> 16 >= s->dir_table - s->inode_table || (s->root & 0xffff) >= GH_SQFS_META)
		return "place of the root directory";
	if (!ids_are_sane(s))
		return "place of the ids";
	return s->fragments == 0 || inside(s, s->fragment_table, 4) ? NULL : "place of the fragments";
}

gh_code gh_sqfs_super_read(gh_ctx *ctx, gh_cur c, gh_sqfs_super *ret)
{
	gh_bytes head = gh_bytes_part(gh_rest(&c), 0, NEWER);
	if (head.len < OLDEST)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "SquashFS superblock is cut short");
	gh_code code = gh_fail(ctx, GH_NOT_MINE, c.pos, "no SquashFS superblock");
	for (int big = 0; big < 2; big++) {
		gh_sqfs_super s = { .big = big };
		gh_sqfs_record r = { head, 28 * 8, big };
		unsigned major = f16(&r);
		r.bit = 0;
		if (major < 1 || major > 4)
			continue;
		if (major == 4)
			read_4(r, &s);
		else
			read_old(r, &s);
		const char *odd = head.len < s.header ? "length" : odd_one(&s);
		if (!odd) {
			*ret = s;
			return GH_OK;
		}
		if (s.minor <= 1) /* so it was one: worth a word */
			code = gh_fail(ctx, GH_CORRUPT, c.pos, "SquashFS %u.%u superblock whose %s makes no sense",
				       s.major, s.minor, odd);
	}
	return code;
}
