/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inode: format 2 (1 bit: 64 bytes and not 32; 3 bits: layout), size of its attributes 2, mode 2, links 2, size 4, …
 * Behind it its attributes; then the end of the data, the map of clusters, or the table of chunks.
 */
#include "format/fs/erofs_in.h"

enum { COMPACT = 32, EXTENDED = 64, CHUNK_INDEXES = 0x20, CHUNK_HOLE = -1 };

bool gh_erofs_inode_read(const gh_erofs *f, uint64_t nid, gh_erofs_inode *ret)
{
	if (nid > f->all.len / GH_EROFS_SLOT)
		return false;
	gh_erofs_inode i = { .nid = nid, .at = f->meta + nid * GH_EROFS_SLOT };
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, i.at, EXTENDED), i.at);
	uint32_t format = gh_u16le(&c), attributes = gh_u16le(&c);
	bool wide = format & 1;
	i.layout = format >> 1 & 7;
	i.mode = gh_u16le(&c);
	i.links = gh_u16le(&c);
	i.size = wide ? gh_u64le(&c) : gh_u32le(&c);
	if (!wide)
		gh_skip(&c, 4);
	i.u = gh_u32le(&c);
	gh_skip(&c, 4);
	i.uid = wide ? gh_u32le(&c) : gh_u16le(&c);
	i.gid = wide ? gh_u32le(&c) : gh_u16le(&c);
	i.mtime = (int64_t)f->built;
	if (wide) {
		i.mtime = (int64_t)gh_u64le(&c);
		gh_skip(&c, 4);
		i.links = gh_u32le(&c);
	}
	i.attributes = attributes ? 12 + 4 * (attributes - 1) : 0;
	uint64_t inode_end = i.at + (wide ? EXTENDED : COMPACT);
	i.attribute_bytes = gh_bytes_part(f->all, inode_end, i.attributes);
	i.end = inode_end + i.attributes;
	*ret = i;
	return gh_cur_ok(&c) && i.attribute_bytes.len == i.attributes && i.layout <= GH_EROFS_CHUNKS;
}

struct copy {
	const gh_erofs *f;
	uint8_t *to;
	uint64_t done, size;
	gh_erofs_use *use;
	void *arg;
};

/* The next bytes of a file: a run of the image, or a hole. */
static gh_code take(gh_ctx *ctx, struct copy *c, uint64_t at, uint64_t size, bool hole)
{
	size = GH_MIN(size, c->size - c->done);
	gh_bytes b = hole ? gh_view(NULL, 0) : gh_bytes_part(c->f->all, at, size);
	if (!hole && b.len < size)
		return gh_fail(ctx, GH_TRUNCATED, c->f->pos + c->f->all.len, "the content is cut short");
	gh_code code = !hole && c->use && size > 0 ? c->use(c->arg, at, size) : GH_OK;
	if (c->to && b.len > 0)
		memcpy(c->to + c->done, b.ptr, b.len);
	c->done += size;
	return code;
}

static gh_code chunks(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, struct copy *copy)
{
	bool indexes = inode->u & CHUNK_INDEXES;
	unsigned shift = f->bits + (inode->u & 31), width = indexes ? 8 : 4;
	uint64_t at = (inode->end + width - 1) / width * width, n;
	gh_code code = GH_OK;
	if (shift > 40)
		return gh_fail(ctx, GH_CORRUPT, f->pos + inode->at, "chunks of 2^%u bytes", shift);
	n = (inode->size >> shift) + ((inode->size & ((UINT64_C(1) << shift) - 1)) != 0);
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, at, f->all.len), at);
	if (!gh_room(&c, n, width))
		return gh_fail(ctx, GH_CORRUPT, f->pos + inode->at, "the table of chunks ends behind the file system");
	if (copy->use)
		code = copy->use(copy->arg, at, n * width);
	for (uint64_t i = 0; i < n && code == GH_OK; i++) {
		if (indexes)
			gh_skip(&c, 4);
		uint32_t block = gh_u32le(&c);
		code = take(ctx, copy, (uint64_t)block << f->bits, UINT64_C(1) << shift, block == (uint32_t)CHUNK_HOLE);
	}
	return code;
}

/* Blocks in a row; the end of the data may stand behind the inode. */
static gh_code flat(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, struct copy *copy)
{
	uint64_t n = (inode->size + f->block - 1) >> f->bits, whole = inode->size;
	if (inode->layout == GH_EROFS_INLINE && n > 0)
		whole = (n - 1) << f->bits;
	gh_code code = whole > 0 ? take(ctx, copy, (uint64_t)inode->u << f->bits, whole, false) : GH_OK;
	return code == GH_OK && whole < inode->size ? take(ctx, copy, inode->end, inode->size - whole, false) : code;
}

static uint64_t one_piece(const gh_erofs *f, const gh_erofs_inode *inode)
{
	uint64_t at = GH_NOWHERE;
	if (inode->layout == GH_EROFS_PLAIN)
		at = (uint64_t)inode->u << f->bits;
	else if (inode->layout == GH_EROFS_INLINE && inode->size <= f->block)
		at = inode->end;
	return at != GH_NOWHERE && gh_bytes_part(f->all, at, inode->size).len == inode->size ? at : GH_NOWHERE;
}

gh_code gh_erofs_content(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, gh_arena *arena, gh_bytes *ret,
			 uint64_t *at, gh_erofs_use *use, void *arg)
{
	struct copy copy = { .f = f, .size = inode->size, .use = use, .arg = arg };
	*ret = gh_view(NULL, 0);
	*at = inode->size > 0 ? one_piece(f, inode) : GH_NOWHERE;
	if (inode->size == 0)
		return GH_OK;
	if (arena && *at != GH_NOWHERE && !use) {
		*ret = gh_bytes_part(f->all, *at, inode->size);
		*at += f->pos;
		return GH_OK;
	}
	if (*at != GH_NOWHERE)
		*at += f->pos;
	if (arena) {
		gh_code code = gh_spend_bytes(ctx, inode->size);
		if (code != GH_OK)
			return code;
		copy.to = inode->size < SIZE_MAX / 2 ? gh_arena_zalloc(arena, (size_t)inode->size) : NULL;
		if (!copy.to)
			return gh_fail(ctx, GH_LIMIT, f->pos + inode->at, "no memory for a file of %llu bytes",
				       (unsigned long long)inode->size);
	}
	gh_code code = inode->layout == GH_EROFS_CHUNKS ? chunks(ctx, f, inode, &copy)
		       : inode->layout == GH_EROFS_PLAIN || inode->layout == GH_EROFS_INLINE
			       ? flat(ctx, f, inode, &copy)
			       : gh_erofs_unmap(ctx, f, inode, arena, copy.to, use, arg);
	if (copy.to)
		*ret = gh_view(copy.to, (size_t)inode->size);
	return code;
}
