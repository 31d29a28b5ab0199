/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inodes of versions 1 to 3 (squashfs_compat.h), bit-fields in the order of the writer's machine.
 *
 * Version 1: type(4) mode(12) uid(4) gid(4), and
 *	1 dir    size(19) offset(13) mtime(32) start(24)
 *	2 file   mtime(32) start(32) size(32) block sizes(16 each)
 *	3 link   length(16) target          4 block, 5 char   rdev(16)
 *	0 ipc    type(4) offset(4)          6 fifo, 7 socket
 * Types count up to 15: (type - 1) / 5 says which sixteen of the uids are meant. ipc says it itself.
 *
 * Version 2: type(4) mode(12) uid(8) gid(8), and
 *	1 dir    size(19) offset(13) mtime(32) start(24)
 *	8 dir    size(27) offset(13) mtime(32) start(24) indexes(16)
 *	2 file   mtime(32) start(32) fragment(32) offset(32) size(32) block sizes(32 each)
 *	3 link   length(16) target          4 block, 5 char   rdev(16)      6 fifo, 7 socket
 *
 * Version 3: type(4) mode(12) uid(8) gid(8) mtime(32) number(32), and
 *	1 dir    nlink(32) size(19) offset(13) start(32) parent(32)
 *	8 dir    nlink(32) size(27) offset(13) start(32) indexes(16) parent(32)
 *	2 file   start(64) fragment(32) offset(32) size(32) block sizes(32 each)
 *	9 file   nlink(32) start(64) fragment(32) offset(32) size(64) block sizes(32 each)
 *	3 link   nlink(32) length(16) target      4 block, 5 char   nlink(32) rdev(16)
 *	6 fifo, 7 socket   nlink(32)
 *
 * The last gid (15 or 255) means: the same as the uid.
 */
#include "format/squashfs/squashfs_in.h"

enum { IPC = 0, DIR = 1, FILE_ = 2, LINK = 3, BLOCK = 4, CHAR = 5, FIFO = 6, SOCKET = 7, LONG_DIR = 8, LONG_FILE = 9 };
enum { TYPES_1 = 5, UIDS_1 = 16, SAME_1 = 15, SAME = 255 };

static const gh_entry_type types[] = {
	[DIR] = GH_ENTRY_DIR,       [FILE_] = GH_ENTRY_FILE,   [LINK] = GH_ENTRY_LINK,
	[BLOCK] = GH_ENTRY_BLOCK,   [CHAR] = GH_ENTRY_CHAR,    [FIFO] = GH_ENTRY_FIFO,
	[SOCKET] = GH_ENTRY_SOCKET, [LONG_DIR] = GH_ENTRY_DIR, [LONG_FILE] = GH_ENTRY_FILE,
};

static uint32_t field(gh_sqfs_record *r, unsigned bits)
{
	return (uint32_t)gh_sqfs_field(r, bits);
}

static uint32_t id_at(const gh_sqfs *fs, gh_bytes table, unsigned index)
{
	gh_cur c = gh_cur_over(gh_bytes_part(table, (uint64_t)index * 4, 4), 0);
	uint32_t id = gh_u32(&c, fs->s.big);
	return gh_cur_ok(&c) ? id : index;
}

static void set_ids(const gh_sqfs *fs, unsigned uid, unsigned gid, unsigned same, gh_sqfs_inode *i)
{
	i->uid = id_at(fs, fs->ids, uid);
	i->gid = gid == same ? i->uid : id_at(fs, fs->guids, gid);
}

static void read_target(gh_cur *c, unsigned length, gh_sqfs_inode *i)
{
	i->size = length;
	i->target = gh_take(c, length);
}

/* An index that is cut off makes no directory unreadable; where the inode ends is then not known. */
static void skip_index(const gh_cur *c, bool big, uint32_t count, size_t fixed, gh_sqfs_inode *i)
{
	gh_cur index = *c;
	gh_sqfs_index_skip(&index, big, count, fixed, 1);
	i->end = gh_cur_ok(&index) ? index.pos : 0;
}

/* Versions 1 and 2 agree on everything here but the long directory and what a file says. */
static void read_dir_2(gh_cur *c, bool big, bool wide, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, wide ? 14 : 11, big);
	i->size = field(&r, wide ? 27 : 19);
	i->offset = field(&r, 13);
	i->mtime = field(&r, 32);
	i->start = field(&r, 24);
	if (wide)
		skip_index(c, big, field(&r, 16), 8, i);
}

static void read_file_1(gh_cur *c, bool big, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, 12, big);
	i->mtime = field(&r, 32);
	i->start = field(&r, 32);
	i->size = field(&r, 32);
}

static void read_file_2(gh_cur *c, bool big, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, 20, big);
	i->mtime = field(&r, 32);
	i->start = field(&r, 32);
	i->fragment = field(&r, 32);
	i->offset = field(&r, 32);
	i->size = field(&r, 32);
}

static void read_dir_3(gh_cur *c, bool big, bool wide, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, wide ? 19 : 16, big);
	i->nlink = field(&r, 32);
	i->size = field(&r, wide ? 27 : 19);
	i->offset = field(&r, 13);
	i->start = field(&r, 32);
	if (wide)
		skip_index(c, big, field(&r, 16), 9, i);
}

static void read_file_3(gh_cur *c, bool big, bool wide, gh_sqfs_inode *i)
{
	gh_sqfs_record r = gh_sqfs_record_take(c, wide ? 28 : 20, big);
	i->nlink = wide ? field(&r, 32) : 1;
	i->start = gh_sqfs_field(&r, 64);
	i->fragment = field(&r, 32);
	i->offset = field(&r, 32);
	i->size = gh_sqfs_field(&r, wide ? 64 : 32);
}

static void read_special(gh_cur *c, bool big, unsigned type, gh_sqfs_inode *i)
{
	if (type == LINK)
		read_target(c, gh_u16(c, big), i);
	else if (type == BLOCK || type == CHAR)
		i->rdev = gh_u16(c, big);
}

/* Returns the plain type, or 0 for none. */
static unsigned read_1(const gh_sqfs *fs, gh_cur *c, gh_sqfs_inode *i)
{
	bool big = fs->s.big;
	gh_sqfs_record r = gh_sqfs_record_take(c, 3, big);
	unsigned stored = field(&r, 4), type, set = 0;
	i->mode = (uint16_t)field(&r, 12);
	unsigned uid = field(&r, 4), gid = field(&r, 4);
	if (stored == IPC) {
		r = gh_sqfs_record_take(c, 1, big);
		type = field(&r, 4) == SOCKET ? SOCKET : FIFO;
		set = field(&r, 4);
	} else {
		type = (stored - 1) % TYPES_1 + 1;
		set = (stored - 1) / TYPES_1;
	}
	set_ids(fs, set * UIDS_1 + uid, gid, SAME_1, i);
	i->mtime = fs->s.mkfs_time;
	if (type == DIR)
		read_dir_2(c, big, false, i);
	else if (type == FILE_)
		read_file_1(c, big, i);
	else
		read_special(c, big, type, i);
	return type;
}

static unsigned read_2(const gh_sqfs *fs, gh_cur *c, gh_sqfs_inode *i)
{
	bool big = fs->s.big;
	gh_sqfs_record r = gh_sqfs_record_take(c, 4, big);
	unsigned type = field(&r, 4);
	i->mode = (uint16_t)field(&r, 12);
	unsigned uid = field(&r, 8), gid = field(&r, 8);
	set_ids(fs, uid, gid, SAME, i);
	i->mtime = fs->s.mkfs_time;
	if (type == DIR || type == LONG_DIR)
		read_dir_2(c, big, type == LONG_DIR, i);
	else if (type == FILE_)
		read_file_2(c, big, i);
	else
		read_special(c, big, type, i);
	return type <= LONG_DIR ? type : 0;
}

static unsigned read_3(const gh_sqfs *fs, gh_cur *c, gh_sqfs_inode *i)
{
	bool big = fs->s.big;
	gh_sqfs_record r = gh_sqfs_record_take(c, 12, big);
	unsigned type = field(&r, 4);
	i->mode = (uint16_t)field(&r, 12);
	unsigned uid = field(&r, 8), gid = field(&r, 8);
	set_ids(fs, uid, gid, SAME, i);
	i->mtime = field(&r, 32);
	i->number = field(&r, 32);
	if (type == DIR || type == LONG_DIR) {
		read_dir_3(c, big, type == LONG_DIR, i);
	} else if (type == FILE_ || type == LONG_FILE) {
		read_file_3(c, big, type == LONG_FILE, i);
	} else {
		i->nlink = gh_u32(c, big);
		read_special(c, big, type, i);
	}
	return type <= LONG_FILE ? type : 0;
}

gh_code gh_sqfs_inode_read_old(gh_ctx *ctx, const gh_sqfs *fs, gh_cur c, gh_sqfs_inode *ret)
{
	gh_sqfs_inode i = { .xattr = GH_SQFS_NO_XATTR, .fragment = GH_SQFS_NO_FRAGMENT };
	unsigned major = fs->s.major;
	unsigned type = major == 1 ? read_1(fs, &c, &i) : major == 2 ? read_2(fs, &c, &i) : read_3(fs, &c, &i);
	if (type == 0)
		return gh_fail(ctx, GH_CORRUPT, fs->pos, "no inode of a known type");
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_CORRUPT, fs->pos, "inode is cut short");
	i.type = types[type];
	i.end = type == LONG_DIR ? i.end : c.pos;
	*ret = i;
	return i.type == GH_ENTRY_FILE ? gh_sqfs_inode_blocks(ctx, fs, c, major == 1 ? 2 : 4, ret) : GH_OK;
}
