/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata: inodes, listings, fragments, ids and xattrs stand in blocks of up to 8 KiB, each behind
 * two bytes: its stored length, and in the top bit whether it is stored as it is. Versions 1 to 3 may
 * put one more byte there (a check mark, flag 2). A reference is (start of block, offset within); what
 * it names may go on into the next block, so a whole table is decoded once, into one piece.
 */
#include "format/squashfs/squashfs_in.h"

enum { STORED = 0x8000, BLOCKS_MOST = 1 << 20, BAD_MOST = 16 };

struct block {
	gh_bytes payload;
	bool stored;
	uint64_t next; /* where the one behind it starts */
};

static bool block_at(const gh_sqfs *fs, uint64_t at, struct block *ret)
{
	gh_cur c = gh_cur_over(gh_bytes_part(fs->bytes, at, UINT64_MAX), at);
	unsigned head = gh_u16(&c, fs->s.big);
	if (fs->s.major < 4 && fs->s.flags & GH_SQFS_CHECKED)
		gh_skip(&c, 1);
	unsigned size = head & (STORED - 1);
	ret->payload = gh_take(&c, size ? size : STORED);
	ret->stored = head & STORED;
	ret->next = c.pos;
	return gh_cur_ok(&c);
}

/* Decodes one block to the end of *out, of which at most 8 KiB are offered. What came out before a
 * trouble stays. */
static gh_code block_decode(gh_ctx *ctx, const gh_sqfs *fs, const struct block *b, uint64_t at, gh_buf *out)
{
	gh_code code = gh_buf_room(ctx, out, GH_SQFS_META);
	if (code != GH_OK)
		return code;
	if (out->cap - out->len < GH_SQFS_META)
		return gh_fail(ctx, GH_LIMIT, fs->pos + at, "SquashFS metadata of more than %zu bytes", out->most);
	gh_buf room = gh_buf_over(out->ptr + out->len, GH_SQFS_META);
	if (b->stored)
		code = b->payload.len > GH_SQFS_META ? gh_fail(ctx, GH_CORRUPT, fs->pos + at,
							       "stored metadata block of %zu bytes", b->payload.len)
						     : gh_buf_add(ctx, &room, b->payload);
	else if (fs->strict)
		code = gh_sqfs_block_decode(ctx, fs->meta, gh_cur_over(b->payload, fs->pos + at), &room, false);
	else
		code = gh_sqfs_block_any(ctx, fs->meta, gh_cur_over(b->payload, fs->pos + at), &room, false);
	out->len += room.len;
	return code;
}

/* Room for one more block in the three arrays. */
static gh_code arrays_room(gh_ctx *ctx, gh_arena *arena, gh_sqfs_table *t)
{
	enum { FIRST = 16 };
	size_t n = t->count;
	if (n && (n < FIRST || n & (n - 1)))
		return GH_OK;
	if (n >= BLOCKS_MOST)
		return gh_fail(ctx, GH_LIMIT, t->base, "SquashFS table of more than %d blocks", BLOCKS_MOST);
	size_t more = n ? 2 * n : FIRST;
	uint64_t *starts = gh_arena_grow(arena, t->starts, n * sizeof *starts, more * sizeof *starts);
	uint32_t *places = gh_arena_grow(arena, t->places, n * sizeof *places, more * sizeof *places);
	uint32_t *ends = gh_arena_grow(arena, t->ends, n * sizeof *ends, more * sizeof *ends);
	if (!starts || !places || !ends)
		return gh_nomem(ctx);
	t->starts = starts;
	t->places = places;
	t->ends = ends;
	return GH_OK;
}

/* One may read on from a block into the next, but not through one that is broken. Until here, ends
 * holds UINT32_MAX for a good block and its own end for a broken one. */
static void join_ends(gh_sqfs_table *t, size_t len)
{
	uint32_t end = (uint32_t)len;
	for (size_t i = t->count; i > 0; i--) {
		if (t->ends[i - 1] != UINT32_MAX)
			end = t->ends[i - 1];
		t->ends[i - 1] = end;
	}
}

gh_code gh_sqfs_table_load(gh_ctx *ctx, const gh_sqfs *fs, uint64_t start, uint64_t limit, size_t most, gh_arena *arena,
			   gh_buf *out, gh_sqfs_table *ret)
{
	gh_sqfs_table t = { .base = start };
	struct block b;
	gh_code code = GH_OK, trouble = GH_OK;
	for (uint64_t at = start; at < limit && t.count < most && t.bad < BAD_MOST; at = b.next) {
		if (!block_at(fs, at, &b)) {
			trouble = gh_fail(ctx, GH_TRUNCATED, fs->pos + at, "SquashFS metadata is cut short");
			break;
		}
		code = arrays_room(ctx, arena, &t);
		if (code != GH_OK)
			break;
		t.starts[t.count] = at;
		t.places[t.count] = (uint32_t)out->len;
		code = block_decode(ctx, fs, &b, at, out);
		t.ends[t.count++] = code == GH_OK ? UINT32_MAX : (uint32_t)out->len;
		if (code == GH_LIMIT || !(code == GH_OK || gh_is_about_input(code)))
			break;
		if (code != GH_OK) {
			trouble = code;
			t.bad++;
		}
		code = GH_OK;
	}
	join_ends(&t, out->len);
	t.data = gh_buf_view(out);
	*ret = t;
	return code != GH_OK ? code : trouble;
}

void gh_sqfs_table_peek(gh_ctx *ctx, const gh_sqfs *fs, uint64_t start, gh_sqfs_kind kind, gh_buf *out)
{
	struct block b;
	gh_code code = GH_OK;
	if (!block_at(fs, start, &b))
		return;
	if (b.stored)
		code = gh_buf_add(ctx, out, gh_bytes_part(b.payload, 0, out->most));
	else
		code = gh_sqfs_block_decode(ctx, kind, gh_cur_over(b.payload, fs->pos + start), out, false);
	(void)code; /* what came out is the answer */
}

gh_cur gh_sqfs_table_at(const gh_sqfs_table *t, uint64_t start, uint32_t offset)
{
	size_t low = 0, high = t->count;
	gh_cur bad = { .bad = true };
	if (__builtin_add_overflow(start, t->base, &start))
		return bad;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (t->starts[middle] < start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == t->count || t->starts[low] != start)
		return bad;
	uint64_t place = (uint64_t)t->places[low] + offset;
	if (place > t->ends[low])
		return bad;
	return gh_cur_over(gh_bytes_part(t->data, place, t->ends[low] - place), place);
}

static uint64_t index_entry(const gh_sqfs *fs, uint64_t index, uint64_t i)
{
	unsigned width = fs->s.major < 3 ? 4 : 8;
	gh_cur c = gh_cur_over(gh_bytes_part(fs->bytes, index + i * width, width), index);
	uint64_t v = fs->s.big ? gh_uint_be(&c, width) : gh_uint_le(&c, width);
	return gh_cur_ok(&c) ? v : GH_SQFS_NONE;
}

gh_code gh_sqfs_indexed_load(gh_ctx *ctx, const gh_sqfs *fs, uint64_t index, uint64_t count, size_t size, gh_bytes *ret)
{
	unsigned width = fs->s.major < 3 ? 4 : 8;
	uint64_t total, blocks;
	if (__builtin_mul_overflow(count, size, &total) || total > GH_SQFS_TABLE)
		return gh_fail(ctx, GH_LIMIT, fs->pos + index, "SquashFS table of %llu records is too large",
			       (unsigned long long)count);
	blocks = (total + GH_SQFS_META - 1) / GH_SQFS_META;
	gh_cur c = gh_cur_over(gh_bytes_part(fs->bytes, index, UINT64_MAX), fs->pos + index);
	if (!gh_room(&c, blocks, width))
		return gh_fail(ctx, GH_TRUNCATED, fs->pos + index, "index of %llu metadata blocks is cut short",
			       (unsigned long long)blocks);
	gh_buf out = gh_buf_in(ctx->arena, blocks * GH_SQFS_META);
	gh_code code = GH_OK;
	for (uint64_t i = 0; i < blocks && code == GH_OK; i++) {
		uint64_t at = index_entry(fs, index, i), want = GH_MIN((uint64_t)GH_SQFS_META, total - out.len);
		struct block b;
		size_t before = out.len;
		if (!block_at(fs, at, &b))
			code = gh_fail(ctx, GH_TRUNCATED, fs->pos + index, "metadata block %llu lies outside",
				       (unsigned long long)i);
		else
			code = block_decode(ctx, fs, &b, at, &out);
		if (code == GH_OK && out.len - before < want)
			code = gh_fail(ctx, GH_CORRUPT, fs->pos + at, "metadata block %llu is too short",
				       (unsigned long long)i);
		out.len = GH_MIN(out.len, before + (size_t)want);
	}
	*ret = gh_buf_view(&out);
	return code;
}

uint64_t gh_sqfs_table_limit(const gh_sqfs *fs, uint64_t start)
{
	const gh_sqfs_super *s = &fs->s;
	const uint64_t known[] = { s->ids,       s->guids,          s->xattrs, s->inode_table,
				   s->dir_table, s->fragment_table, s->lookup };
	uint64_t limit = s->bytes_used;
	for (size_t i = 0; i < GH_COUNT(known); i++) {
		if (known[i] > start && known[i] < limit)
			limit = known[i];
	}
	/* The blocks of an indexed table stand before its index. */
	const uint64_t indexed[] = {
		s->fragments ? s->fragment_table : GH_SQFS_NONE,
		s->major > 3 ? s->ids : GH_SQFS_NONE,
		s->major > 2 ? s->lookup : GH_SQFS_NONE,
	};
	for (size_t i = 0; i < GH_COUNT(indexed); i++) {
		uint64_t first = indexed[i] < s->bytes_used ? index_entry(fs, indexed[i], 0) : GH_SQFS_NONE;
		if (first > start && first < limit)
			limit = first;
	}
	return limit;
}
