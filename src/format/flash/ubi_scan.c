/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Erase blocks. Their size stands nowhere: it is the distance to the next header, so one that lies in the data
 * of a block must not mislead, and most blocks have to agree.
 */
#include <stdlib.h>

#include "codec/sum.h"
#include "format/flash/ubi_in.h"

enum {
	BLOCK_LEAST = 1024,
	BLOCK_MOST = 32 << 20,
	STEP = 512,
	LOOKED_AT = 16, /* blocks by which a size is judged */
	EXTENTS_MOST = 16,
	FOREIGN_MOST = 8, /* blocks in a row that are neither erased nor UBI's: damaged ones */
};

uint32_t gh_ubi_crc(gh_bytes b)
{
	return ~gh_crc32(b);
}

struct counter {
	uint64_t count;
	uint32_t vid_at, data_at, image;
};

static bool read_counter(gh_bytes bytes, uint64_t at, struct counter *ret)
{
	gh_bytes h = gh_bytes_part(bytes, at, GH_UBI_HEADER);
	if (h.len < GH_UBI_HEADER || !gh_bytes_start(h, GH_LIT("UBI#")))
		return false;
	gh_cur c = gh_at(gh_cur_over(h, at), 8);
	ret->count = gh_u64be(&c);
	ret->vid_at = gh_u32be(&c);
	ret->data_at = gh_u32be(&c);
	ret->image = gh_u32be(&c);
	gh_skip(&c, 32);
	return gh_u32be(&c) == gh_ubi_crc(gh_bytes_part(h, 0, 60)) && ret->vid_at >= GH_UBI_HEADER &&
	       ret->data_at >= ret->vid_at + UINT64_C(64) && ret->data_at < BLOCK_MOST;
}

static bool erased(gh_bytes b)
{
	return !b.ptr || b.len == 0 || (b.ptr[0] == 0xff && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0);
}

/* Of the blocks of this size, do more begin with a header like the first one's than do not? */
static bool size_holds(gh_bytes bytes, const struct counter *first, uint64_t size)
{
	unsigned yes = 0, no = 0;
	for (uint64_t i = 1; i <= LOOKED_AT && i * size + GH_UBI_HEADER <= bytes.len; i++) {
		struct counter c;
		if (read_counter(bytes, i * size, &c))
			yes += c.image == first->image && c.data_at == first->data_at;
		else if (!erased(gh_bytes_part(bytes, i * size, GH_UBI_HEADER)))
			no++;
	}
	return yes > no;
}

static gh_code find_size(gh_ctx *ctx, gh_ubi *u)
{
	struct counter first, other;
	if (!read_counter(u->bytes, 0, &first))
		return gh_fail(ctx, GH_NOT_MINE, u->pos, "no UBI header: its CRC is wrong");
	uint64_t least = GH_MAX((first.data_at + (uint64_t)STEP - 1) / STEP * STEP, (uint64_t)BLOCK_LEAST);
	uint64_t end = GH_MIN(u->bytes.len, (uint64_t)BLOCK_MOST);
	u->vid_at = first.vid_at;
	u->data_at = first.data_at;
	u->image = first.image;
	for (uint64_t at = least; at <= end && u->block_size == 0; at += STEP)
		if (gh_bytes_start(gh_bytes_part(u->bytes, at, 4), GH_LIT("UBI#")) &&
		    read_counter(u->bytes, at, &other) && size_holds(u->bytes, &first, at))
			u->block_size = (uint32_t)at;
	gh_code code = gh_effort(ctx, u->block_size ? u->block_size : end);
	/* A lone block: as large as blocks are, as far as the bytes go. */
	if (u->block_size == 0)
		for (u->block_size = 128 << 10; u->block_size <= first.data_at;)
			u->block_size *= 2;
	return code;
}

/* Does the device go on at `at`? Counts what is neither erased nor a block of this image. */
static uint64_t find_size_of_all(const gh_ubi *u)
{
	uint64_t end = 0;
	unsigned foreign = 0;
	for (uint64_t at = 0; at < u->bytes.len && foreign <= FOREIGN_MOST; at += u->block_size) {
		struct counter c;
		if (read_counter(u->bytes, at, &c)) {
			if (c.image != u->image && c.image != 0 && u->image != 0)
				break;
			end = at + u->block_size;
			foreign = 0;
		} else if (!erased(gh_bytes_part(u->bytes, at, GH_UBI_HEADER))) {
			foreign++;
		}
	}
	return GH_MIN(end, u->bytes.len);
}

static void read_block(gh_ubi *u, gh_ubi_block *b)
{
	gh_bytes block = gh_bytes_part(u->bytes, b->at, GH_MIN((uint64_t)u->block_size, u->size - b->at));
	struct counter counter;
	b->use = GH_UBI_LOST;
	if (!read_counter(block, 0, &counter)) {
		b->use = erased(block) ? GH_UBI_ERASED : GH_UBI_LOST;
		u->headers_wrong += gh_bytes_start(block, GH_LIT("UBI#"));
		u->headers += gh_bytes_start(block, GH_LIT("UBI#"));
		return;
	}
	u->headers++;
	u->counter_least = u->counters ? GH_MIN(u->counter_least, counter.count) : counter.count;
	u->counter_most = GH_MAX(u->counter_most, counter.count);
	if (__builtin_add_overflow(u->counter_sum, counter.count, &u->counter_sum))
		u->counter_sum = UINT64_MAX;
	u->counters++;
	gh_bytes h = gh_bytes_part(block, u->vid_at, GH_UBI_HEADER);
	gh_cur c = gh_cur_over(h, 0);
	if (!gh_eat(&c, GH_LIT("UBI!"))) {
		b->use = erased(gh_bytes_part(block, u->vid_at, block.len)) ? GH_UBI_FREE : GH_UBI_LOST;
		return;
	}
	u->headers++;
	gh_skip(&c, 1);
	b->type = gh_u8(&c);
	b->copy = gh_u8(&c) != 0;
	gh_skip(&c, 1);
	b->volume = gh_u32be(&c);
	b->logical = gh_u32be(&c);
	gh_skip(&c, 4);
	b->data_size = gh_u32be(&c);
	b->used_blocks = gh_u32be(&c);
	b->data_pad = gh_u32be(&c);
	b->data_crc = gh_u32be(&c);
	gh_skip(&c, 4);
	b->sequence = gh_u64be(&c);
	gh_skip(&c, 12);
	uint32_t crc = gh_u32be(&c);
	bool fits = b->data_pad < u->block_size - u->data_at && b->data_size <= u->block_size - u->data_at;
	if (!gh_cur_ok(&c) || crc != gh_ubi_crc(gh_bytes_part(h, 0, 60)) || !fits)
		u->headers_wrong++;
	else
		b->use = GH_UBI_MAPPED;
}

gh_bytes gh_ubi_data(const gh_ubi *u, const gh_ubi_block *b)
{
	uint64_t end = GH_MIN(b->at + u->block_size, u->size);
	return gh_bytes_part(gh_bytes_part(u->bytes, 0, end), b->at + u->data_at,
			     u->block_size - u->data_at - b->data_pad);
}

static int by_logical(const void *a, const void *b)
{
	const gh_ubi_block *x = a, *y = b;
	bool mx = x->use == GH_UBI_MAPPED, my = y->use == GH_UBI_MAPPED;
	if (mx != my)
		return mx ? -1 : 1;
	if (mx && x->volume != y->volume)
		return x->volume < y->volume ? -1 : 1;
	if (mx && x->logical != y->logical)
		return x->logical < y->logical ? -1 : 1;
	if (mx && x->sequence != y->sequence)
		return x->sequence > y->sequence ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool sum_right(const gh_ubi *u, const gh_ubi_block *b)
{
	gh_bytes data = gh_bytes_part(gh_ubi_data(u, b), 0, b->data_size);
	return data.len == b->data_size && gh_ubi_crc(data) == b->data_crc;
}

/* Of several blocks for one logical block the newest counts; a copy that was cut off does not. */
static gh_code choose(gh_ctx *ctx, gh_ubi *u)
{
	gh_code code = GH_OK;
	for (size_t i = 0, end; i < u->n_blocks && u->blocks[i].use == GH_UBI_MAPPED && code == GH_OK; i = end) {
		const gh_ubi_block *first = &u->blocks[i];
		size_t chosen = SIZE_MAX;
		for (end = i; end < u->n_blocks && u->blocks[end].use == GH_UBI_MAPPED &&
			      u->blocks[end].volume == first->volume && u->blocks[end].logical == first->logical;
		     end++) {
			gh_ubi_block *b = &u->blocks[end];
			if (b->type == 2 || b->copy) {
				code = gh_effort(ctx, b->data_size);
				if (code != GH_OK)
					return code;
				u->data_sums++;
				b->wrong = !sum_right(u, b);
				u->data_wrong += b->wrong && b->type == 2;
			}
			if (chosen == SIZE_MAX && !(b->copy && b->wrong))
				chosen = end;
		}
		if (chosen == SIZE_MAX)
			chosen = i;
		for (size_t k = i; k < end; k++)
			if (k != chosen)
				u->blocks[k].use = GH_UBI_STALE;
	}
	return code;
}

/* What lies behind the device had a voice in the size of its blocks: asked again without it, until that
 * changes nothing. */
static gh_code find_extent(gh_ctx *ctx, gh_ubi *u)
{
	for (unsigned i = 0; i < EXTENTS_MOST; i++) {
		u->block_size = 0;
		gh_code code = find_size(ctx, u);
		if (code != GH_OK)
			return code;
		u->size = find_size_of_all(u);
		if (u->size == u->bytes.len)
			return GH_OK;
		u->bytes = gh_bytes_part(u->bytes, 0, u->size);
	}
	return gh_fail(ctx, GH_CORRUPT, u->pos, "erase blocks of no certain size");
}

gh_code gh_ubi_scan(gh_ctx *ctx, gh_cur c, gh_ubi *u)
{
	u->bytes = gh_rest(&c);
	u->pos = c.pos;
	gh_code code = find_extent(ctx, u);
	if (code != GH_OK)
		return code;
	u->n_blocks = (size_t)((u->size + u->block_size - 1) / u->block_size);
	code = gh_effort(ctx, u->n_blocks * UINT64_C(1024));
	u->blocks = code == GH_OK ? gh_arena_array(ctx->arena, u->n_blocks, sizeof *u->blocks) : NULL;
	if (!u->blocks)
		return code == GH_OK ? gh_nomem(ctx) : code;
	for (size_t i = 0; i < u->n_blocks; i++) {
		u->blocks[i].at = (uint64_t)i * u->block_size;
		read_block(u, &u->blocks[i]);
	}
	if (u->n_blocks > 1)
		qsort(u->blocks, u->n_blocks, sizeof *u->blocks, by_logical);
	code = choose(ctx, u);
	for (size_t i = 0; i < u->n_blocks; i++)
		u->uses[u->blocks[i].use]++;
	return code;
}
