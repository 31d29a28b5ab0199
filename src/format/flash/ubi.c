/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UBI: volumes on NAND, their blocks in any order. What comes out is each volume with its logical blocks in a
 * row, one volume behind the other; blocks that were never written are erased bytes, and those behind the last
 * written one are left out. Behind the volumes stands what no volume uses any more but is still there.
 * See ubi_in.h for the layout.
 */
#include <stdio.h>

#include "format/flash/ubi_in.h"

/* A logical block far behind all there can be is a header that lies. */
enum { BLOCKS_AHEAD = 4096 };

static uint32_t block_bytes(const gh_ubi *u, const gh_ubi_volume *v)
{
	return u->block_size - u->data_at - v->data_pad;
}

/* Both copies of the table; a record counts that is sound in either. */
static void read_table(gh_ubi *u, gh_bytes table)
{
	uint8_t none[GH_UBI_RECORD] = { 0 };
	for (unsigned i = 0; i < GH_UBI_VOLUMES; i++) {
		gh_bytes record = gh_bytes_part(table, i * (uint64_t)GH_UBI_RECORD, GH_UBI_RECORD);
		gh_cur c = gh_cur_over(record, 0);
		gh_ubi_volume v = { .reserved = gh_u32be(&c), .alignment = gh_u32be(&c), .data_pad = gh_u32be(&c) };
		v.type = gh_u8(&c);
		v.update = gh_u8(&c);
		uint16_t name_len = gh_u16be(&c);
		v.name = gh_bytes_part(gh_take(&c, 128), 0, name_len);
		v.flags = gh_u8(&c);
		gh_skip(&c, 23);
		uint32_t crc = gh_u32be(&c);
		if (!gh_cur_ok(&c) || gh_bytes_start(record, gh_view(none, sizeof none)))
			break; /* a small block has fewer; one that is all zeros was never written */
		u->tables++;
		if (crc != gh_ubi_crc(gh_bytes_part(record, 0, GH_UBI_RECORD - 4)) ||
		    v.data_pad >= u->block_size - u->data_at) {
			u->tables_wrong++;
			continue;
		}
		v.named = v.reserved > 0;
		if (v.named && !u->volumes[i].named)
			u->volumes[i] = v;
	}
}

static void read_tables(gh_ubi *u)
{
	for (size_t i = 0; i < u->n_blocks; i++) {
		const gh_ubi_block *b = &u->blocks[i];
		if (b->use == GH_UBI_MAPPED && b->volume == GH_UBI_LAYOUT)
			read_table(u, gh_ubi_data(u, b));
		u->fastmap |= b->use == GH_UBI_MAPPED && b->volume - GH_UBI_LAYOUT - 1 < 2;
	}
}

static bool in_volume(const gh_ubi *u, const gh_ubi_block *b)
{
	return b->use == GH_UBI_MAPPED && b->volume < GH_UBI_VOLUMES &&
	       b->logical < u->n_blocks * UINT64_C(8) + BLOCKS_AHEAD;
}

static bool stale(const gh_ubi *u, const gh_ubi_block *b)
{
	return b->use == GH_UBI_STALE || b->use == GH_UBI_LOST ||
	       (b->use == GH_UBI_MAPPED && b->volume < GH_UBI_LAYOUT && !in_volume(u, b));
}

/* Where each volume will stand, and how much comes out in all. */
static gh_code place_volumes(gh_ctx *ctx, gh_ubi *u, uint64_t *ret)
{
	uint64_t all = 0;
	for (size_t i = 0; i < u->n_blocks; i++) {
		const gh_ubi_block *b = &u->blocks[i];
		if (!in_volume(u, b))
			continue;
		gh_ubi_volume *v = &u->volumes[b->volume];
		if (!v->named && !v->there) {
			v->data_pad = b->data_pad;
			v->type = b->type;
		}
		v->there = true;
		v->mapped++;
		v->end = GH_MAX(v->end, b->logical + UINT64_C(1));
		/* The last block of a static volume says where its content ends. */
		uint64_t size = b->logical * (uint64_t)block_bytes(u, v) +
				(b->type == 2 && b->data_size ? b->data_size : block_bytes(u, v));
		v->size = GH_MAX(v->size, size);
	}
	for (unsigned i = 0; i < GH_UBI_VOLUMES; i++) {
		u->volumes[i].at = all;
		if (__builtin_add_overflow(all, u->volumes[i].size, &all))
			return gh_fail(ctx, GH_LIMIT, u->pos, "volumes of more bytes than can be counted");
	}
	u->stale_at = all;
	for (size_t i = 0; i < u->n_blocks; i++)
		if (stale(u, &u->blocks[i]))
			u->stale_size += gh_ubi_data(u, &u->blocks[i]).len;
	*ret = all + u->stale_size;
	return GH_OK;
}

static gh_code fill(gh_ctx *ctx, gh_ubi *u, uint64_t size, gh_bytes *ret)
{
	uint8_t *room = NULL;
	gh_code code = size > gh_arena_left(ctx->arena)
			       ? gh_fail(ctx, GH_LIMIT, u->pos, "UBI volumes of %llu bytes are more than may come out",
					 (unsigned long long)size)
			       : gh_spend_bytes(ctx, size);
	if (code != GH_OK)
		return code;
	room = gh_arena_alloc(ctx->arena, (size_t)size);
	if (!room)
		return gh_nomem(ctx);
	memset(room, 0xff, (size_t)size);
	uint64_t stale_at = u->stale_at;
	for (size_t i = 0; i < u->n_blocks; i++) {
		const gh_ubi_block *b = &u->blocks[i];
		gh_bytes data = gh_ubi_data(u, b);
		uint64_t at = stale_at, most = data.len;
		if (in_volume(u, b)) {
			const gh_ubi_volume *v = &u->volumes[b->volume];
			uint64_t within = b->logical * (uint64_t)block_bytes(u, v);
			at = v->at + within;
			most = within < v->size ? GH_MIN((uint64_t)block_bytes(u, v), v->size - within) : 0;
		} else if (stale(u, b)) {
			stale_at += data.len;
		} else {
			continue;
		}
		data = gh_bytes_part(data, 0, most);
		if (data.len > 0)
			memcpy(room + at, data.ptr, data.len);
	}
	/* blocks stand in any order: nothing is behind before all of it is */
	gh_behind(ctx, u->bytes.ptr, u->bytes.len);
	gh_behind(ctx, room, (size_t)size);
	*ret = gh_view(room, (size_t)size);
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t size;
	gh_ubi *u = gh_arena_zalloc(ctx->arena, sizeof *u);
	if (!u)
		return gh_nomem(ctx);
	gh_code code = gh_ubi_scan(ctx, c, u);
	if (code != GH_OK)
		return code;
	read_tables(u);
	code = place_volumes(ctx, u, &size);
	*ret = (gh_span){ .size = u->size, .state = u };
	ret->proof = u->counters > 1 || u->uses[GH_UBI_MAPPED] > 0 ? GH_PROOF_PARSED : GH_PROOF_SHAPE;
	return code == GH_OK ? fill(ctx, u, size, &ret->decoded) : code;
}

static gh_code fact_volume(gh_ctx *ctx, gh_node *out, const gh_ubi *u, unsigned i)
{
	const gh_ubi_volume *v = &u->volumes[i];
	char text[200];
	gh_cur name = gh_cur_over(v->name, 0);
	gh_bytes plain = gh_text(&name, v->name.len);
	int len = snprintf(text, sizeof text, "%u %.*s: %s, %u of %llu blocks", i, (int)plain.len,
			   plain.ptr ? (const char *)plain.ptr : "", v->type == 2 ? "static" : "dynamic", v->mapped,
			   (unsigned long long)(v->named ? v->reserved : v->end));
	size_t at = GH_MIN((size_t)(len > 0 ? len : 0), sizeof text - 1);
	len = snprintf(text + at, sizeof text - at, "%s%s%s", v->alignment > 1 ? ", aligned" : "",
		       v->flags & 1 ? ", autoresize" : "", v->update ? ", update not finished" : "");
	at = GH_MIN(at + (size_t)(len > 0 ? len : 0), sizeof text - 1);
	return gh_node_fact(ctx, out, "volume", gh_view(text, at));
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_ubi *u)
{
	gh_code code = gh_node_factf(ctx, out, "erase-block", "%u", u->block_size);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "header-offset", "%u", u->vid_at);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "data-offset", "%u", u->data_at);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "image-sequence", "0x%08x", u->image);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "blocks", "%zu in use, %zu free, %zu erased, %zu replaced, %zu damaged",
				     u->uses[GH_UBI_MAPPED], u->uses[GH_UBI_FREE], u->uses[GH_UBI_ERASED],
				     u->uses[GH_UBI_STALE], u->uses[GH_UBI_LOST]);
	if (code == GH_OK && u->counters > 0)
		code = gh_node_factf(ctx, out, "erase-counters", "%llu to %llu, mean %llu",
				     (unsigned long long)u->counter_least, (unsigned long long)u->counter_most,
				     (unsigned long long)(u->counter_sum / u->counters));
	if (code == GH_OK && u->fastmap)
		code = gh_node_fact(ctx, out, "fastmap", GH_LIT("present"));
	for (unsigned i = 0; i < GH_UBI_VOLUMES && code == GH_OK; i++)
		if (u->volumes[i].there || u->volumes[i].named)
			code = fact_volume(ctx, out, u, i);
	return code;
}

static gh_code add_sum(gh_ctx *ctx, gh_node *out, const char *what, uint32_t all, uint32_t wrong)
{
	gh_sum sum = { .what = what,
		       .algorithm = "crc32 without inversion",
		       .at = out->at,
		       .state = wrong ? GH_SUM_WRONG : GH_SUM_RIGHT };
	sum.remark = gh_arena_printf(ctx->arena, "%u of %u wrong", wrong, all);
	if (!sum.remark)
		return gh_nomem(ctx);
	return all > 0 ? gh_node_sum(ctx, out, &sum) : GH_OK;
}

static gh_code add_notes(gh_ctx *ctx, gh_node *out, const gh_ubi *u)
{
	gh_code code = GH_OK;
	if (u->tables == 0)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at, "no volume table: names and sizes are not known");
	for (size_t i = 0; i < u->n_blocks && code == GH_OK; i++) {
		const gh_ubi_block *b = &u->blocks[i];
		if (b->use == GH_UBI_LOST)
			code = gh_node_note(ctx, out, GH_CORRUPT, out->at + b->at,
					    "an erase block without sound headers");
		else if (b->use == GH_UBI_MAPPED && b->wrong)
			code = gh_node_note(ctx, out, GH_CORRUPT, out->at + b->at,
					    "the CRC of block %u of volume %u is wrong", b->logical, b->volume);
	}
	for (unsigned i = 0; i < GH_UBI_VOLUMES && code == GH_OK; i++) {
		const gh_ubi_volume *v = &u->volumes[i];
		if (v->type == 2 && v->there && v->mapped < v->end)
			code = gh_node_note(ctx, out, GH_CORRUPT, out->at,
					    "%llu blocks of the static volume %u are missing",
					    (unsigned long long)(v->end - v->mapped), i);
	}
	return code;
}

static gh_code name_parts(gh_ctx *ctx, gh_node *out, const gh_ubi *u, gh_bytes space)
{
	gh_code code = GH_OK;
	for (unsigned i = 0; i < GH_UBI_VOLUMES && code == GH_OK; i++) {
		const gh_ubi_volume *v = &u->volumes[i];
		gh_cur name = gh_cur_over(v->name, 0);
		gh_bytes plain = gh_text(&name, v->name.len);
		char text[160];
		if (!v->there)
			continue;
		(void)snprintf(text, sizeof text, plain.len > 0 ? "%.*s" : "%.*svolume-%u", (int)plain.len,
			       plain.ptr ? (const char *)plain.ptr : "", i);
		code = gh_node_part(ctx, out, GH_NODE_PART, text, v->at, gh_bytes_part(space, v->at, v->size));
	}
	if (code == GH_OK && u->stale_size > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "unused blocks", u->stale_at,
				    gh_bytes_part(space, u->stale_at, u->stale_size));
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const gh_ubi *u = span->state;
	(void)c;
	gh_node_decoded(out, span->decoded);
	out->transform = "logical erase blocks of each volume in a row, volumes by number";
	gh_code code = facts(ctx, out, u);
	if (code == GH_OK)
		code = add_sum(ctx, out, "header CRCs", u->headers, u->headers_wrong);
	if (code == GH_OK)
		code = add_sum(ctx, out, "volume table CRCs", u->tables, u->tables_wrong);
	if (code == GH_OK)
		code = add_sum(ctx, out, "static volume CRCs", u->data_sums, u->data_wrong);
	if (code == GH_OK)
		code = add_notes(ctx, out, u);
	return code == GH_OK ? name_parts(ctx, out, u, span->decoded) : code;
}

const gh_format gh_format_ubi = {
	.name = "ubi",
	.title = "UBI: volumes on NAND flash",
	.spec = "linux/drivers/mtd/ubi/ubi-media.h",
	.kind = GH_NODE_STREAM,
	.limits = "the content of a fastmap is not read: all blocks are",
	/* version 1, 3 bytes of zeros, a counter of 31 bits */
	.magic = { { "UBI#\\x01.{3}\\x00{4}", 12, 0 } },
	.measure = measure,
	.unpack = unpack,
};
