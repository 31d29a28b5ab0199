/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content of one file: full blocks one after the other from its start, then its tail, which
 * lies in a fragment together with those of other files. A block of size 0 is a hole. Entries of one
 * fragment are one group, so a reader decodes a fragment once and keeps it. What is stored as it is,
 * in one run, is not copied at all.
 */
#include "format/squashfs/squashfs_in.h"

enum { SIZE = GH_SQFS_STORED - 1, GROUP_EMPTY = 0, SMALL = 1 << 20 };

#define FILE_MOST GH_GIB(2)

/* The fragment a reader holds. */
struct held {
	uint32_t index;
	gh_code code;
	gh_bytes content;
	uint8_t *mem;
	uint64_t at;
	char what[sizeof((gh_ctx *)NULL)->what];
};

struct file {
	const gh_sqfs *fs;
	const gh_entry *e;
	uint32_t blocks, fragment, offset;
	size_t tail;
};

static struct file file_of(const gh_sqfs *fs, const gh_entry *e)
{
	struct file f = { .fs = fs, .e = e };
	f.blocks = gh_sqfs_low(e->locator[GH_SQFS_AT_LIST]);
	f.fragment = gh_sqfs_low(e->locator[GH_SQFS_AT_FRAGMENT]);
	f.offset = gh_sqfs_high(e->locator[GH_SQFS_AT_FRAGMENT]);
	f.tail = f.fragment == GH_SQFS_NO_FRAGMENT ? 0 : (size_t)(e->size & (fs->s.block_size - 1));
	return f;
}

uint32_t gh_sqfs_block_size(const gh_sqfs *fs, const gh_entry *e, uint32_t i)
{
	enum { STORED = 0x8000 };
	unsigned width = fs->s.major == 1 ? 2 : 4;
	uint64_t at = gh_sqfs_high(e->locator[GH_SQFS_AT_LIST]) + (uint64_t)i * width;
	gh_cur c = gh_cur_over(gh_bytes_part(fs->inodes.data, at, width), at);
	if (width == 4)
		return gh_u32(&c, fs->s.big);
	uint32_t word = gh_u16(&c, fs->s.big), size = word & (STORED - 1);
	return (size ? size : STORED) | (word & STORED ? (uint32_t)GH_SQFS_STORED : 0);
}

/* Is the content one run of the image? */
static bool stored_run(const struct file *f, gh_bytes *ret)
{
	const gh_sqfs *fs = f->fs;
	uint64_t left = f->e->size;
	if (f->tail > 0 || f->blocks == 0)
		return false;
	for (uint32_t i = 0; i < f->blocks; i++) {
		uint64_t want = GH_MIN(left, (uint64_t)fs->s.block_size);
		if (gh_sqfs_block_size(fs, f->e, i) != (want | GH_SQFS_STORED))
			return false;
		left -= want;
	}
	*ret = gh_bytes_part(fs->bytes, f->e->locator[GH_SQFS_AT_START], f->e->size);
	return ret->len == f->e->size;
}

static gh_code block(gh_ctx *ctx, const struct file *f, uint32_t i, uint64_t at, uint8_t *mem, size_t want, size_t *ret)
{
	const gh_sqfs *fs = f->fs;
	uint32_t word = gh_sqfs_block_size(fs, f->e, i), size = word & ~(uint32_t)GH_SQFS_STORED;
	gh_bytes in = gh_bytes_part(fs->bytes, at, size);
	*ret = 0;
	if (size == 0) {
		memset(mem, 0, want);
		*ret = want;
		return GH_OK;
	}
	if (in.len < size)
		return gh_fail(ctx, GH_TRUNCATED, fs->pos + at, "block %u of %u bytes lies outside", i, size);
	gh_buf out = gh_buf_over(mem, want);
	gh_code code;
	if (word & GH_SQFS_STORED)
		code = in.len == want ? gh_buf_add(ctx, &out, in)
				      : gh_fail(ctx, GH_CORRUPT, fs->pos + at, "stored block %u has %u bytes, not %zu",
						i, size, want);
	else
		code = gh_sqfs_block_any(ctx, fs->data, gh_cur_over(in, fs->pos + at), &out, true);
	*ret = out.len;
	return code;
}

static gh_code decode_fragment(gh_ctx *ctx, const gh_sqfs *fs, uint32_t index, struct held *h)
{
	if (index >= fs->n_fragments)
		return gh_fail(ctx, GH_CORRUPT, fs->pos, "no fragment %u", index);
	const gh_sqfs_fragment *f = &fs->fragments[index];
	uint32_t size = f->size & ~(uint32_t)GH_SQFS_STORED;
	gh_bytes in = gh_bytes_part(fs->bytes, f->start, size);
	if (f->size & GH_SQFS_STORED)
		h->content = in;
	if (in.len < size)
		return gh_fail(ctx, GH_TRUNCATED, fs->pos + f->start, "fragment %u of %u bytes lies outside", index,
			       size);
	if (f->size & GH_SQFS_STORED)
		return GH_OK;
	gh_buf out = gh_buf_over(h->mem, fs->s.block_size);
	gh_code code = gh_sqfs_block_any(ctx, fs->tail, gh_cur_over(in, fs->pos + f->start), &out, false);
	h->content = gh_buf_view(&out);
	return code;
}

/* What the tail of a file is; a broken fragment is tried once and answers the same again. */
static gh_code tail(gh_ctx *ctx, gh_reader *reader, const struct file *f, gh_bytes *ret)
{
	struct held *h = reader->state;
	*ret = (gh_bytes){ NULL, 0 };
	if (!h) {
		h = gh_arena_zalloc(reader->keep, sizeof *h);
		if (!h)
			return gh_nomem(ctx);
		h->mem = gh_arena_alloc(reader->keep, f->fs->s.block_size);
		if (!h->mem)
			return gh_nomem(ctx);
		h->index = GH_SQFS_NO_FRAGMENT;
		reader->state = h;
	}
	if (h->index != f->fragment) {
		h->content = (gh_bytes){ NULL, 0 };
		h->code = decode_fragment(ctx, f->fs, f->fragment, h);
		h->index = gh_is_about_input(h->code) || h->code == GH_OK ? f->fragment : GH_SQFS_NO_FRAGMENT;
		h->at = ctx->at;
		memcpy(h->what, ctx->what, sizeof h->what);
	}
	*ret = gh_bytes_part(h->content, f->offset, f->tail);
	if (ret->len == f->tail)
		return GH_OK;
	if (h->code != GH_OK)
		return gh_fail(ctx, h->code, h->at, "%s", h->what);
	return gh_fail(ctx, GH_CORRUPT, f->fs->pos + f->fs->fragments[f->fragment].start,
		       "fragment %u has %zu bytes, not %llu", f->fragment, h->content.len,
		       (unsigned long long)f->offset + f->tail);
}

static gh_code room_for(gh_ctx *ctx, gh_reader *reader, const gh_entry *e, uint8_t **ret)
{
	if (e->size > FILE_MOST)
		return gh_fail(ctx, GH_LIMIT, e->at, "file of %llu bytes is too large", (unsigned long long)e->size);
	*ret = gh_arena_alloc(reader->scratch, (size_t)e->size);
	if (*ret)
		return GH_OK;
	/* The ceiling of the arena is a limit of ours; a small piece that is not there is not. */
	return e->size > SMALL
		       ? gh_fail(ctx, GH_LIMIT, e->at, "no room for a file of %llu bytes", (unsigned long long)e->size)
		       : gh_nomem(ctx);
}

static gh_code assemble(gh_ctx *ctx, gh_reader *reader, const struct file *f, uint8_t *mem, gh_bytes *ret)
{
	const gh_sqfs *fs = f->fs;
	uint64_t at = f->e->locator[GH_SQFS_AT_START];
	size_t done = 0, got;
	gh_code code = GH_OK;
	gh_bytes last;
	for (uint32_t i = 0; i < f->blocks && code == GH_OK; i++) {
		size_t want = (size_t)GH_MIN(f->e->size - done, (uint64_t)fs->s.block_size);
		code = block(ctx, f, i, at, mem + done, want, &got);
		done += got;
		at += gh_sqfs_block_size(fs, f->e, i) & ~(uint32_t)GH_SQFS_STORED;
	}
	if (code == GH_OK && f->tail > 0) {
		code = tail(ctx, reader, f, &last);
		if (last.len > 0)
			memcpy(mem + done, last.ptr, last.len);
		done += last.len;
	}
	*ret = gh_view(mem, done);
	return code;
}

gh_code gh_sqfs_read(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	struct file f = file_of(reader->volume->state, entry);
	uint8_t *mem;
	*ret = (gh_bytes){ NULL, 0 };
	if (entry->type != GH_ENTRY_FILE || entry->size == 0)
		return GH_OK;
	gh_code code = gh_spend_bytes(ctx, entry->size);
	if (code != GH_OK || stored_run(&f, ret))
		return code;
	if (f.blocks == 0)
		return tail(ctx, reader, &f, ret);
	code = room_for(ctx, reader, entry, &mem);
	return code == GH_OK ? assemble(ctx, reader, &f, mem, ret) : code;
}

/* Absolute offset of the first byte that holds content: of it, or of the block it is packed in. */
static uint64_t offset_of(const gh_sqfs *fs, const struct file *f)
{
	uint64_t at = f->e->locator[GH_SQFS_AT_START];
	if (f->blocks == 0) {
		if (f->tail == 0 || f->fragment >= fs->n_fragments)
			return GH_NOWHERE;
		const gh_sqfs_fragment *g = &fs->fragments[f->fragment];
		at = g->start;
		if (g->size & GH_SQFS_STORED && at < fs->bytes.len)
			at += f->offset;
	}
	return at < fs->bytes.len ? fs->pos + at : GH_NOWHERE;
}

/* Group 0 has everything without content; every fragment has a group, every other file its own. */
gh_code gh_sqfs_place(gh_ctx *ctx, gh_sqfs *fs, gh_volume *v)
{
	uint32_t *groups = gh_arena_array(ctx->scratch, fs->n_fragments, sizeof *groups);
	if (!groups)
		return gh_nomem(ctx);
	v->groups = 1;
	for (size_t i = 0; i < v->count; i++) {
		gh_entry *e = &v->entries[i];
		if (e->hard_link) {
			e->group = v->entries[e->same_as].group;
			e->at = v->entries[e->same_as].at;
			continue;
		}
		struct file f = file_of(fs, e);
		if (e->type != GH_ENTRY_FILE || e->size == 0)
			continue;
		e->at = offset_of(fs, &f);
		if (f.tail == 0 || f.fragment >= fs->n_fragments) {
			e->group = v->groups++;
			continue;
		}
		gh_sqfs_fragment *g = &fs->fragments[f.fragment];
		uint64_t need = (uint64_t)f.offset + f.tail;
		if (need <= fs->s.block_size && need > g->need)
			g->need = (uint32_t)need;
		if (groups[f.fragment] == 0)
			groups[f.fragment] = v->groups++;
		e->group = groups[f.fragment];
	}
	return GH_OK;
}
