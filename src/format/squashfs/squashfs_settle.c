/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which compressor is it really? The header may say another one than the data, or none. A kind is
 * right when it decodes the root inode to a directory and its listing to a first name that could be
 * one; for data, when a block gives exactly what it must. Kinds are tried in one fixed order, so the
 * answer does not depend on luck. LZMA without any header decodes to something under all parameters,
 * hence its many forms come late and must use up their input.
 */
#include "format/squashfs/squashfs_in.h"

enum { BLOCKS = 2, RAW_SUM = 4, RAW_MOST = 4, HEAD = 4, TYPES_MOST = 14 };

typedef bool (*fits_fn)(gh_ctx *ctx, gh_sqfs *fs, gh_sqfs_kind kind, void *arg);

/* Every lc, lp, pb that a vendor's decoder of fixed size can be built for (lc + lp <= 4). */
static bool try_raw(gh_ctx *ctx, gh_sqfs *fs, fits_fn fits, void *arg, gh_sqfs_kind *ret)
{
	*ret = (gh_sqfs_kind){ GH_SQFS_LZMA_RAW, 3, 0, 2 }; /* LZMA's own defaults, and D-Link's choice */
	if (fits(ctx, fs, *ret, arg))
		return true;
	for (unsigned lc = 0; lc <= RAW_SUM; lc++) {
		for (unsigned lp = 0; lc + lp <= RAW_SUM; lp++) {
			for (unsigned pb = 0; pb <= RAW_MOST; pb++) {
				*ret = (gh_sqfs_kind){ GH_SQFS_LZMA_RAW, (uint8_t)lc, (uint8_t)lp, (uint8_t)pb };
				if (fits(ctx, fs, *ret, arg))
					return true;
			}
		}
	}
	return false;
}

static bool try_all(gh_ctx *ctx, gh_sqfs *fs, gh_sqfs_kind first, bool raw, fits_fn fits, void *arg, gh_sqfs_kind *ret)
{
	*ret = first;
	if (fits(ctx, fs, first, arg))
		return true;
	for (unsigned a = GH_SQFS_ZLIB; a < GH_SQFS_ALGOS; a++) {
		if (a == GH_SQFS_LZMA_RAW) {
			if (raw && try_raw(ctx, fs, fits, arg, ret))
				return true;
			continue;
		}
		*ret = (gh_sqfs_kind){ .algo = a };
		if (a != first.algo && fits(ctx, fs, *ret, arg))
			return true;
	}
	return false;
}

static bool is_a_name(const gh_sqfs_name *n)
{
	return n->type >= 1 && n->type <= 14 && n->offset < GH_SQFS_META && n->name.len > 0 &&
	       !memchr(n->name.ptr, 0, n->name.len) && !memchr(n->name.ptr, '/', n->name.len);
}

static bool load_some(gh_ctx *ctx, const gh_sqfs *fs, uint64_t base, uint64_t start, uint64_t limit, uint8_t *mem,
		      gh_sqfs_table *ret)
{
	gh_buf out = gh_buf_over(mem, BLOCKS * GH_SQFS_META);
	gh_code code = gh_spend_bytes(ctx, out.most);
	if (code != GH_OK)
		return false;
	code = gh_sqfs_table_load(ctx, fs, base + start, limit, BLOCKS, ctx->scratch, &out, ret);
	ret->base = base;
	return code == GH_OK || gh_is_about_input(code);
}

/* A quick look at the first inode: a hostile image may hold thousands of superblocks, and most
 * parameters of LZMA without header already give themselves away here. */
static bool first_inode_fits(gh_ctx *ctx, const gh_sqfs *fs, gh_sqfs_kind kind)
{
	uint8_t head[HEAD];
	const gh_sqfs_super *s = &fs->s;
	gh_buf out = gh_buf_over(head, sizeof head);
	gh_sqfs_table_peek(ctx, fs, s->inode_table, kind, &out);
	if (out.len < sizeof head)
		return false;
	gh_cur c = gh_cur_over(gh_buf_view(&out), 0);
	gh_sqfs_record r = gh_sqfs_record_take(&c, HEAD, s->big);
	uint64_t type = gh_sqfs_field(&r, s->major == 4 ? 16 : 4), mode = gh_sqfs_field(&r, s->major == 4 ? 16 : 12);
	if (s->major == 1)
		return true;
	if (s->major == 4)
		return type >= 1 && type <= TYPES_MOST && mode <= 07777;
	return type >= 1 && type <= 9 && gh_sqfs_field(&r, 8) < s->no_uids;
}

/* Does the root directory come out of these blocks? */
static bool root_fits(gh_ctx *ctx, gh_sqfs *fs, gh_sqfs_kind kind, void *arg)
{
	uint8_t *mem = arg;
	const gh_sqfs_super *s = &fs->s;
	gh_sqfs_table t;
	gh_sqfs_inode root;
	gh_sqfs_listing l;
	gh_sqfs_name name;
	bool end;
	fs->meta = kind;
	if (kind.algo == GH_SQFS_LZMA_RAW && !first_inode_fits(ctx, fs, kind))
		return false;
	if (!load_some(ctx, fs, s->inode_table, s->root >> 16, s->dir_table, mem, &t) ||
	    gh_sqfs_inode_read(ctx, fs, gh_sqfs_table_at(&t, s->root >> 16, s->root & 0xffff), &root) != GH_OK ||
	    root.type != GH_ENTRY_DIR || root.start >= s->bytes_used - s->dir_table || root.offset > GH_SQFS_META)
		return false;
	/* An empty root lists nothing that could be looked at: it must then say so plainly. */
	if (gh_sqfs_listing_open(ctx, fs, &(gh_sqfs_table){ .count = 0 }, &root, &l) == GH_OK)
		return s->inodes == 1;
	return load_some(ctx, fs, s->dir_table, root.start, s->bytes_used, mem, &t) &&
	       gh_sqfs_listing_open(ctx, fs, &t, &root, &l) == GH_OK &&
	       gh_sqfs_listing_next(ctx, fs, &l, &name, &end) == GH_OK && !end && is_a_name(&name);
}

gh_code gh_sqfs_settle_meta(gh_ctx *ctx, gh_sqfs *fs)
{
	uint8_t *mem = gh_arena_alloc(ctx->scratch, BLOCKS * GH_SQFS_META);
	gh_sqfs_kind kind, first = gh_sqfs_kind_of_header(fs->s.compressor);
	if (!mem)
		return gh_nomem(ctx);
	fs->strict = true;
	bool found = try_all(ctx, fs, first, true, root_fits, mem, &kind);
	fs->strict = false;
	fs->meta = fs->data = fs->tail = found ? kind : first;
	return found ? GH_OK
		     : gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.inode_table + (fs->s.root >> 16),
			       "the root directory of this SquashFS does not decode");
}

/* A block whose length is known. */
struct sample {
	gh_cur in;
	uint8_t *mem;
	size_t least, most;
};

static bool sample_fits(gh_ctx *ctx, gh_sqfs *fs, gh_sqfs_kind kind, void *arg)
{
	const struct sample *s = arg;
	gh_buf out = gh_buf_over(s->mem, s->most);
	(void)fs;
	return gh_spend_bytes(ctx, s->most) == GH_OK &&
	       gh_sqfs_block_decode(ctx, kind, s->in, &out, s->least == s->most) == GH_OK && out.len >= s->least;
}

static gh_code settle(gh_ctx *ctx, gh_sqfs *fs, uint64_t start, uint32_t size, size_t least, size_t most,
		      gh_sqfs_kind *ret)
{
	gh_sqfs_kind kind;
	gh_bytes in = gh_bytes_part(fs->bytes, start, size);
	/* The kind of the metadata was proven; blocks that begin so too need not be decoded twice. */
	if (gh_sqfs_block_framed(*ret, in, least, most))
		return GH_OK;
	struct sample s = { gh_cur_over(in, fs->pos + start), gh_arena_alloc(ctx->scratch, most), least, most };
	if (!s.mem)
		return gh_nomem(ctx);
	/* Version 4 blocks are framed or named; only older ones are worth the long search. */
	if (in.len == size && try_all(ctx, fs, *ret, fs->s.major < 4, sample_fits, &s, &kind))
		*ret = kind;
	return GH_OK;
}

static gh_code settle_blocks(gh_ctx *ctx, gh_sqfs *fs, const gh_volume *v)
{
	for (size_t i = 0; i < v->count; i++) {
		const gh_entry *e = &v->entries[i];
		if (e->type != GH_ENTRY_FILE || gh_sqfs_low(e->locator[GH_SQFS_AT_LIST]) == 0)
			continue;
		uint32_t word = gh_sqfs_block_size(fs, e, 0);
		if (word == 0 || word & GH_SQFS_STORED)
			continue;
		size_t most = (size_t)GH_MIN((uint64_t)fs->s.block_size, e->size);
		return settle(ctx, fs, e->locator[GH_SQFS_AT_START], word, most, most, &fs->data);
	}
	return GH_OK;
}

gh_code gh_sqfs_settle_data(gh_ctx *ctx, gh_sqfs *fs, const gh_volume *v)
{
	gh_code code = settle_blocks(ctx, fs, v);
	fs->tail = fs->data;
	for (uint32_t i = 0; i < fs->n_fragments && code == GH_OK; i++) {
		const gh_sqfs_fragment *f = &fs->fragments[i];
		if (f->size & GH_SQFS_STORED || f->size == 0 || f->need == 0)
			continue;
		return settle(ctx, fs, f->start, f->size, f->need, fs->s.block_size, &fs->tail);
	}
	return code;
}
