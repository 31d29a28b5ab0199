/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inodes of version 4 (squashfs_fs.h), all fields whole bytes. Every inode starts with
 *
 *	type(16) mode(16) uid(16) gid(16) mtime(32) number(32)
 *
 * and goes on by type; 8 to 14 are the extended forms of 1 to 7:
 *
 *	 1 dir    start(32) nlink(32) size(16) offset(16) parent(32)
 *	 2 file   start(32) fragment(32) offset(32) size(32) block sizes
 *	 3 link   nlink(32) length(32) target
 *	 4 block  nlink(32) rdev(32)                             5 char likewise
 *	 6 fifo   nlink(32)                                      7 socket likewise
 *	 8 dir    nlink(32) size(32) start(32) parent(32) indexes(16) offset(16) xattr(32)
 *	 9 file   start(64) size(64) sparse(64) nlink(32) fragment(32) offset(32) xattr(32) block sizes
 *	10 link   as 3, xattr(32) behind the target;   11-14 as 4-7 with xattr(32)
 */
#include "format/squashfs/squashfs_in.h"

enum { DIR = 1, FILE_ = 2, LINK = 3, BLOCK = 4, CHAR = 5, FIFO = 6, SOCKET = 7, EXTENDED = 7, LAST = 14, HEAD = 16 };
enum { TARGET_MOST = 65535 };

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

/* Ids are numbers in a table of numbers. One that points past it is kept as the number it is. */
static uint32_t id_at(const gh_sqfs *fs, unsigned index)
{
	gh_cur c = gh_cur_over(gh_bytes_part(fs->ids, (uint64_t)index * 4, 4), 0);
	uint32_t id = gh_u32(&c, fs->s.big);
	return gh_cur_ok(&c) ? id : index;
}

gh_code gh_sqfs_inode_blocks(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, size_t width, gh_sqfs_inode *i)
{
	uint64_t blocks = i->size >> fs->s.block_log;
	bool tail = i->size & (fs->s.block_size - 1);
	if (tail && i->fragment == GH_SQFS_NO_FRAGMENT)
		blocks++;
	if (!tail)
		i->fragment = GH_SQFS_NO_FRAGMENT;
	if (!gh_room(&c, blocks, width))
		return gh_fail(ctx, GH_CORRUPT, fs->pos, "file of %llu bytes has no room for its list of blocks",
			       (unsigned long long)i->size);
	i->blocks = (uint32_t)blocks;
	i->list = (uint32_t)c.pos;
	i->end = c.pos + blocks * width;
	return GH_OK;
}

void gh_sqfs_index_skip(gh_cur *c, bool big, uint32_t count, size_t fixed, unsigned width)
{
	for (uint32_t k = 0; k < count && gh_cur_ok(c); k++) {
		gh_skip(c, fixed - width);
		gh_skip(c, (width == 1 ? gh_u8(c) : gh_u32(c, big)) + UINT64_C(1));
	}
}

static void read_dir(gh_cur *c, bool big, bool extended, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, extended ? 24 : 16, big);
	if (extended) {
		i->nlink = f32(&r);
		i->size = f32(&r);
		i->start = f32(&r);
		(void)f32(&r);
		uint32_t indexes = f16(&r);
		i->offset = f16(&r);
		i->xattr = f32(&r);
		gh_cur index = *c;
		gh_sqfs_index_skip(&index, big, indexes, 12, 4);
		i->end = gh_cur_ok(&index) ? index.pos : 0; /* an index that is cut off makes no directory unreadable */
		return;
	}
	i->start = f32(&r);
	i->nlink = f32(&r);
	i->size = f16(&r);
	i->offset = f16(&r);
}

static void read_file(gh_cur *c, bool big, bool extended, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, extended ? 40 : 16, big);
	if (extended) {
		i->start = f64(&r);
		i->size = f64(&r);
		(void)f64(&r);
		i->nlink = f32(&r);
		i->fragment = f32(&r);
		i->offset = f32(&r);
		i->xattr = f32(&r);
		return;
	}
	i->nlink = 1;
	i->start = f32(&r);
	i->fragment = f32(&r);
	i->offset = f32(&r);
	i->size = f32(&r);
}

static void read_special(gh_cur *c, bool big, unsigned type, bool extended, gh_sqfs_inode *i)
{
	i->nlink = gh_u32(c, big);
	if (type == LINK) {
		i->size = gh_u32(c, big);
		c->bad = c->bad || i->size > TARGET_MOST;
		i->target = gh_take(c, i->size);
	} else if (type == BLOCK || type == CHAR) {
		i->rdev = gh_u32(c, big);
	}
	if (extended)
		i->xattr = gh_u32(c, big);
}

static gh_code read_4(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, gh_sqfs_inode *ret)
{
	static const gh_entry_type types[] = {
		[DIR] = GH_ENTRY_DIR,   [FILE_] = GH_ENTRY_FILE, [LINK] = GH_ENTRY_LINK,     [BLOCK] = GH_ENTRY_BLOCK,
		[CHAR] = GH_ENTRY_CHAR, [FIFO] = GH_ENTRY_FIFO,  [SOCKET] = GH_ENTRY_SOCKET,
	};
	bool big = fs->s.big;
	gh_sqfs_inode i = { .xattr = GH_SQFS_NO_XATTR, .fragment = GH_SQFS_NO_FRAGMENT };
	gh_sqfs_record r = gh_sqfs_record_take(&c, HEAD, big);
	unsigned stored = f16(&r), type = stored > EXTENDED ? stored - EXTENDED : stored;
	if (!gh_cur_ok(&c) || stored == 0 || stored > LAST)
		return gh_fail(ctx, GH_CORRUPT, fs->pos, "no inode of a known type (%u)", stored);
	i.type = types[type];
	i.mode = f16(&r) & 07777;
	i.uid = id_at(fs, f16(&r));
	i.gid = id_at(fs, f16(&r));
	i.mtime = f32(&r);
	i.number = f32(&r);
	if (type == DIR)
		read_dir(&c, big, stored > EXTENDED, &i);
	else if (type == FILE_)
		read_file(&c, big, stored > EXTENDED, &i);
	else
		read_special(&c, big, type, stored > EXTENDED, &i);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_CORRUPT, fs->pos, "inode %u is cut short", i.number);
	i.end = i.end || stored == DIR + EXTENDED ? i.end : c.pos;
	*ret = i;
	return type == FILE_ ? gh_sqfs_inode_blocks(ctx, fs, c, 4, ret) : GH_OK;
}

gh_code gh_sqfs_inode_read(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, gh_sqfs_inode *ret)
{
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.inode_table,
			       "an inode lies in no readable metadata block");
	return fs->s.major == 4 ? read_4(ctx, fs, c, ret) : gh_sqfs_inode_read_old(ctx, fs, c, ret);
}
