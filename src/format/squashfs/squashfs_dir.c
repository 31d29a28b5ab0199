/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listings. A header speaks for up to 256 names whose inodes begin in one metadata block.
 *
 *	version     header                                  name
 *	1 and 2     count(8) start(24)                      offset(13) type(3) length(8)
 *	3           count(8) start(32) number(32)           offset(13) type(3) length(8) number(16)
 *	4           count(32) start(32) number(32)          offset(16) number(16) type(16) length(16)
 *
 * Count and length are one less than what they mean. From version 3 on the size of a listing counts
 * three bytes ("." and "..") that are not there.
 */
#include "format/squashfs/squashfs_in.h"

enum { NAMES_MOST = 256, LENGTH_MOST = 256, ABSENT = 3 };

gh_code gh_sqfs_listing_open(gh_ctx *ctx, const gh_sqfs *fs, const gh_sqfs_table *dirs, const gh_sqfs_inode *dir,
			     gh_sqfs_listing *ret)
{
	uint64_t size = fs->s.major < 3 ? dir->size : dir->size > ABSENT ? dir->size - ABSENT : 0;
	*ret = (gh_sqfs_listing){ .c = { .ptr = NULL } };
	if (size == 0)
		return GH_OK;
	gh_cur c = gh_sqfs_table_at(dirs, dir->start, dir->offset);
	gh_bytes whole = gh_bytes_part(gh_rest(&c), 0, size);
	if (!gh_cur_ok(&c) || whole.len == 0)
		return gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.dir_table,
			       "a listing lies in no readable metadata block");
	ret->c = gh_cur_over(whole, c.pos);
	return GH_OK;
}

static bool read_header(const gh_sqfs *fs, gh_sqfs_listing *l)
{
	static const uint8_t sizes[] = { 0, 4, 4, 9, 12 }, counts[] = { 0, 8, 8, 8, 32 },
			     starts[] = { 0, 24, 24, 32, 32 };
	unsigned major = fs->s.major;
	gh_sqfs_record r = gh_sqfs_record_take(&l->c, sizes[major], fs->s.big);
	uint64_t count = gh_sqfs_field(&r, counts[major]) + 1;
	l->start = (uint32_t)gh_sqfs_field(&r, starts[major]);
	l->names = count > NAMES_MOST ? 0 : (uint32_t)count;
	return gh_cur_ok(&l->c) && l->names > 0;
}

static bool read_name(const gh_sqfs *fs, gh_sqfs_listing *l, gh_sqfs_name *ret)
{
	static const uint8_t sizes[] = { 0, 3, 3, 5, 8 };
	gh_sqfs_record r = gh_sqfs_record_take(&l->c, sizes[fs->s.major], fs->s.big);
	size_t length;
	ret->start = l->start;
	if (fs->s.major == 4) {
		ret->offset = (uint32_t)gh_sqfs_field(&r, 16);
		(void)gh_sqfs_field(&r, 16);
		ret->type = (unsigned)gh_sqfs_field(&r, 16);
		length = (size_t)gh_sqfs_field(&r, 16) + 1;
	} else {
		ret->offset = (uint32_t)gh_sqfs_field(&r, 13);
		ret->type = (unsigned)gh_sqfs_field(&r, 3);
		length = (size_t)gh_sqfs_field(&r, 8) + 1;
	}
	if (length > LENGTH_MOST)
		return false;
	ret->name = gh_take(&l->c, length);
	l->names--;
	return gh_cur_ok(&l->c);
}

gh_code gh_sqfs_listing_next(gh_ctx *ctx, const gh_sqfs *fs, gh_sqfs_listing *l, gh_sqfs_name *ret, bool *end)
{
	*end = l->names == 0 && l->c.left == 0;
	if (*end)
		return GH_OK;
	if (l->names == 0 && !read_header(fs, l))
		return gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.dir_table, "a listing breaks off in a header");
	if (!read_name(fs, l, ret))
		return gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.dir_table, "a listing breaks off in a name");
	return GH_OK;
}
