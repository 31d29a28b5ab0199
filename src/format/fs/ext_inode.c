/* SPDX-License-Identifier: Apache-2.0 */
#include "format/fs/ext_in.h"

enum { INODE_LEAST = 128, DIRECT = 12, EXTENT_MAGIC = 0xf30a, EXTENT_DEEP = 5, UNWRITTEN = 32768 };

bool gh_ext_group(const gh_ext *f, uint32_t group, gh_bytes *raw, uint64_t *inode_table)
{
	uint64_t at = ((uint64_t)f->first_block + 1) * f->block + (uint64_t)group * f->desc_size;
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, at, f->desc_size), at);
	*raw = gh_rest(&c);
	gh_skip(&c, 8);
	uint64_t table = gh_u32le(&c);
	if (f->desc_size >= 64) {
		gh_skip(&c, 0x28 - 12);
		table |= (uint64_t)gh_u32le(&c) << 32;
	}
	*inode_table = table;
	return gh_cur_ok(&c) && raw->len == f->desc_size;
}

bool gh_ext_inode_read(const gh_ext *f, uint32_t number, gh_ext_inode *ret)
{
	gh_bytes raw;
	uint64_t table;
	if (number == 0 || number > f->inodes || !gh_ext_group(f, (number - 1) / f->inodes_per_group, &raw, &table) ||
	    table >= f->blocks)
		return false;
	uint64_t at = table * f->block + (uint64_t)((number - 1) % f->inodes_per_group) * f->inode_size;
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, at, f->inode_size), at);
	gh_ext_inode i = { .raw = gh_rest(&c), .at = at };
	i.mode = gh_u16le(&c);
	i.uid = gh_u16le(&c);
	i.size = gh_u32le(&c);
	gh_skip(&c, 8);
	i.mtime = (int32_t)gh_u32le(&c);
	i.dtime = gh_u32le(&c);
	i.gid = gh_u16le(&c);
	i.links = gh_u16le(&c);
	gh_skip(&c, 4);
	i.flags = gh_u32le(&c);
	gh_skip(&c, 4);
	i.area = gh_take(&c, GH_EXT_BLOCK_AREA);
	gh_skip(&c, 4);
	i.attributes = gh_u32le(&c);
	uint32_t high = gh_u32le(&c);
	gh_skip(&c, 6);
	i.attributes |= (uint64_t)gh_u16le(&c) << 32;
	i.uid |= (uint32_t)gh_u16le(&c) << 16;
	i.gid |= (uint32_t)gh_u16le(&c) << 16;
	if (!gh_cur_ok(&c))
		return false;
	i.size |= (uint64_t)high << 32;
	gh_cur x = gh_cur_over(gh_bytes_part(i.raw, INODE_LEAST, i.raw.len), 0);
	i.extra = x.left >= 4 ? gh_u16le(&x) : 0;
	if (i.extra > i.raw.len - INODE_LEAST)
		i.extra = 0;
	if (i.extra >= 12) { /* two more bits of the time */
		gh_skip(&x, 6);
		i.mtime += (int64_t)(gh_u32le(&x) & 3) << 32;
	}
	*ret = i;
	return true;
}

static gh_code add_run(gh_ctx *ctx, const gh_ext *f, gh_ext_runs *r, uint64_t logical, uint64_t physical, uint64_t n)
{
	gh_ext_run *last = r->count ? &r->items[r->count - 1] : NULL;
	r->blocks += n;
	if (r->blocks > f->blocks)
		return gh_fail(ctx, GH_CORRUPT, f->pos, "a file has more blocks than the file system");
	if (physical >= f->blocks || n > f->blocks - physical)
		return gh_fail(ctx, GH_CORRUPT, f->pos, "block %llu of a file is behind the end of the file system",
			       (unsigned long long)physical);
	if (last && (logical < last->logical + last->count))
		return gh_fail(ctx, GH_CORRUPT, f->pos, "two blocks of a file stand in the same place");
	if (last && last->logical + last->count == logical && last->physical + last->count == physical) {
		last->count += n;
		return GH_OK;
	}
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 16;
		gh_ext_run *grown = gh_arena_grow(r->arena, r->items, r->room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		r->items = grown;
		r->room = room;
	}
	r->items[r->count++] = (gh_ext_run){ logical, physical, n };
	return GH_OK;
}

/* A block of pointers or extents is looked at: never more of them than there are blocks. */
static gh_code visit(gh_ctx *ctx, const gh_ext *f, gh_ext_runs *r, uint64_t block, gh_bytes *ret)
{
	*ret = gh_ext_block(f, block);
	if (ret->len < f->block)
		return gh_fail(ctx, GH_CORRUPT, f->pos, "block %llu with the map of a file is not there",
			       (unsigned long long)block);
	if (++r->visited > f->blocks)
		return gh_fail(ctx, GH_CORRUPT, f->pos, "the map of a file turns in circles");
	gh_code code = gh_effort(ctx, f->block);
	return code == GH_OK && r->pointers ? r->pointers(r->arg, block) : code;
}

static gh_code extents(gh_ctx *ctx, const gh_ext *f, gh_ext_runs *r, gh_bytes node, unsigned deep_most)
{
	gh_cur c = gh_cur_over(node, f->pos);
	uint32_t magic = gh_u16le(&c), n = gh_u16le(&c);
	gh_skip(&c, 2);
	unsigned depth = gh_u16le(&c);
	gh_skip(&c, 4);
	if (!gh_cur_ok(&c) || magic != EXTENT_MAGIC || depth > deep_most || !gh_room(&c, n, 12))
		return gh_fail(ctx, GH_CORRUPT, f->pos, "a tree of extents is broken");
	gh_code code = GH_OK;
	for (uint32_t i = 0; i < n && code == GH_OK; i++) {
		uint64_t logical = gh_u32le(&c);
		if (depth == 0) {
			uint32_t count = gh_u16le(&c);
			uint64_t high = gh_u16le(&c), start = gh_u32le(&c) | high << 32;
			/* reserved, never written: they read as zeros */
			if (count > 0 && count <= UNWRITTEN)
				code = add_run(ctx, f, r, logical, start, count);
			continue;
		}
		uint64_t low = gh_u32le(&c), next = low | (uint64_t)gh_u16le(&c) << 32;
		gh_bytes below = { NULL, 0 };
		gh_skip(&c, 2);
		code = visit(ctx, f, r, next, &below);
		if (code == GH_OK)
			code = extents(ctx, f, r, below, depth - 1);
	}
	return code;
}

/* A row of pointers to data (level 0) or to rows of pointers; `*logical` goes on. */
static gh_code pointers(gh_ctx *ctx, const gh_ext *f, gh_ext_runs *r, gh_bytes row, unsigned level, uint64_t end,
			uint64_t *logical)
{
	gh_cur c = gh_cur_over(row, f->pos);
	uint64_t covers = 1, per = f->block / 4;
	gh_code code = GH_OK;
	for (unsigned k = 0; k < level; k++)
		covers *= per;
	while (c.left >= 4 && *logical < end && code == GH_OK) {
		uint32_t block = gh_u32le(&c);
		gh_bytes below = { NULL, 0 };
		if (block == 0) {
			*logical += covers;
		} else if (level == 0) {
			code = add_run(ctx, f, r, (*logical)++, block, 1);
		} else {
			code = visit(ctx, f, r, block, &below);
			if (code == GH_OK)
				code = pointers(ctx, f, r, below, level - 1, end, logical);
		}
	}
	return code;
}

gh_code gh_ext_runs_of(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_ext_runs *ret)
{
	uint64_t logical = 0, end = inode->size / f->block + (inode->size % f->block != 0);
	ret->count = 0;
	ret->blocks = ret->visited = 0;
	if (inode->flags & GH_EXT_EXTENTS)
		return extents(ctx, f, ret, inode->area, EXTENT_DEEP);
	gh_code code = pointers(ctx, f, ret, gh_bytes_part(inode->area, 0, (uint64_t)4 * DIRECT), 0, end, &logical);
	for (unsigned level = 1; level <= 3 && code == GH_OK; level++)
		code = pointers(ctx, f, ret, gh_bytes_part(inode->area, 4 * (uint64_t)(DIRECT + level - 1), 4), level,
				end, &logical);
	return code;
}

/* What is not stored reads as zeros, as in a page of the kernel. */
static gh_code inline_content(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_arena *arena, gh_bytes *ret)
{
	gh_bytes rest = gh_ext_inline_rest(inode);
	size_t first = (size_t)GH_MIN(inode->size, (uint64_t)GH_EXT_BLOCK_AREA);
	if (inode->size > f->block)
		return gh_fail(ctx, GH_CORRUPT, f->pos + inode->at, "the content in an inode is larger than a block");
	uint8_t *to = gh_arena_zalloc(arena, (size_t)inode->size);
	if (!to)
		return gh_nomem(ctx);
	memcpy(to, inode->area.ptr, first);
	rest.len = GH_MIN(rest.len, (size_t)inode->size - first);
	if (rest.len > 0)
		memcpy(to + first, rest.ptr, rest.len);
	*ret = gh_view(to, (size_t)inode->size);
	return GH_OK;
}

gh_code gh_ext_content(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_arena *arena, gh_bytes *ret)
{
	*ret = gh_view(NULL, 0);
	if (inode->size == 0)
		return GH_OK;
	if (inode->flags & GH_EXT_ENCRYPTED)
		return gh_fail(ctx, GH_ENCRYPTED, f->pos + inode->at, "the content is encrypted by the file system");
	if (inode->flags & GH_EXT_INLINE)
		return inline_content(ctx, f, inode, arena, ret);
	gh_ext_runs runs = { .arena = arena };
	gh_code code = gh_ext_runs_of(ctx, f, inode, &runs), spent = gh_spend_bytes(ctx, inode->size);
	if ((code != GH_OK && !gh_is_about_input(code)) || spent != GH_OK)
		return spent != GH_OK ? spent : code;
	if (inode->size > SIZE_MAX / 2)
		return gh_fail(ctx, GH_LIMIT, f->pos + inode->at, "a file of %llu bytes",
			       (unsigned long long)inode->size);
	uint8_t *to = gh_arena_zalloc(arena, (size_t)inode->size);
	if (!to)
		return gh_fail(ctx, GH_LIMIT, f->pos + inode->at, "no memory for a file of %llu bytes",
			       (unsigned long long)inode->size);
	for (size_t i = 0; i < runs.count; i++) {
		const gh_ext_run *r = &runs.items[i];
		if (r->logical >= inode->size / f->block + 1)
			break;
		uint64_t at = r->logical * f->block, most = inode->size - GH_MIN(at, inode->size);
		gh_bytes b = gh_bytes_part(f->all, r->physical * f->block, GH_MIN(r->count * f->block, most));
		if (b.len > 0)
			memcpy(to + at, b.ptr, b.len);
		if (code == GH_OK && b.len < GH_MIN(r->count * f->block, most))
			code = gh_fail(ctx, GH_TRUNCATED, f->pos + f->all.len, "the content is cut short");
	}
	*ret = gh_view(to, (size_t)inode->size);
	return code;
}
