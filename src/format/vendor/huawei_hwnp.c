/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HWNP, the package of Huawei's fibre routers (0xuserpag3/HuaweiFirmwareTool, huawei_header.h). Little-endian, but
 * for the size.
 *
 *	0        4             8                   c         10                  14      18   1a         1c
 *	+--------+-------------+-------------------+---------+-------------------+-------+----+----------+----------+
 *	| "HWNP" | bytes less  | CRC-32 of c..end  | header's| CRC-32 of 14..    | items | ?  | length of| an item's|
 *	|        | 4c, big-end.|                   | length  | header's end      |       |    | products | length   |
 *	+--------+-------------+-------------------+---------+-------------------+-------+----+----------+----------+
 *	20: reserved · 24: products, as text · items · their data
 *
 *	item: number · CRC-32 of its data · where · how long · target [256] "flash:rootfs" · section [16] · version [64]
 *· policy · reserved
 */
#include "format/room_in.h"

#include "codec/sum.h"

#include <stdio.h>

enum {
	HEADER = 0x24,
	ITEM_LEAST = 0x160,
	ITEM_MOST = 0x400,
	ITEMS_MOST = 256,
	SIZE_BIAS = 0x4c,
	LENGTH_MOST = 512 << 20
};

struct hwnp {
	gh_bytes all, products, table;
	uint32_t declared, crc, header_crc, items, item;
	uint64_t head, size; /* of header, products and items; of all */
};

struct item {
	uint32_t crc, at, size, policy;
	gh_bytes target, section, version;
};

static struct item item_of(const struct hwnp *h, uint32_t i)
{
	gh_cur c = gh_cur_over(gh_bytes_part(h->table, (uint64_t)i * h->item, h->item), 0);
	struct item t = { 0 };
	gh_skip(&c, 4);
	t.crc = gh_u32le(&c);
	t.at = gh_u32le(&c);
	t.size = gh_u32le(&c);
	t.target = gh_text(&c, 256);
	t.section = gh_text(&c, 16);
	t.version = gh_text(&c, 64);
	t.policy = gh_u32le(&c);
	return t;
}

static uint32_t header_crc(const struct hwnp *h)
{
	return gh_crc32(gh_bytes_part(h->all, 0x14, h->head - 0x14));
}

static uint32_t image_crc(const struct hwnp *h)
{
	return gh_crc32(gh_bytes_part(h->all, 0xc, h->size - 0xc));
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct hwnp *ret)
{
	struct hwnp h = { .all = gh_rest(&c) };
	if (!gh_eat(&c, GH_LIT("HWNP")))
		return GH_NOT_MINE;
	h.declared = gh_u32be(&c);
	h.crc = gh_u32le(&c);
	gh_skip(&c, 4);
	h.header_crc = gh_u32le(&c);
	h.items = gh_u32le(&c);
	gh_skip(&c, 2);
	uint16_t products = gh_u16le(&c);
	h.item = gh_u16le(&c);
	gh_skip(&c, 6);
	if (!gh_cur_ok(&c) || h.items == 0 || h.items > ITEMS_MOST || h.item < ITEM_LEAST || h.item > ITEM_MOST)
		return GH_NOT_MINE;
	h.products = gh_text(&c, products);
	h.table = gh_take(&c, (uint64_t)h.items * h.item);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the list of items of an HWNP package is cut short");
	h.head = HEADER + products + (uint64_t)h.items * h.item;
	h.size = h.head;
	for (uint32_t i = 0; i < h.items; i++) {
		struct item t = item_of(&h, i);
		h.size = GH_MAX(h.size, (uint64_t)t.at + t.size);
	}
	if (h.size > LENGTH_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the items of an HWNP package lie beyond any flash");
	/* What the header says of the whole counts where it holds more than the items, a signature at the end. */
	uint64_t declared = (uint64_t)h.declared + SIZE_BIAS;
	if (declared > h.size && declared <= h.all.len)
		h.size = declared;
	*ret = h;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct hwnp h;
	gh_code code = read_header(ctx, c, &h);
	if (code != GH_OK)
		return code;
	code = gh_effort(ctx, GH_MIN(h.size, (uint64_t)h.all.len));
	if (code != GH_OK)
		return code;
	bool body = h.size <= h.all.len && image_crc(&h) == h.crc;
	if (!body && header_crc(&h) != h.header_crc && item_of(&h, 0).at != h.head)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither checksum of an HWNP package holds");
	*ret = (gh_span){ .size = GH_MIN(h.size, (uint64_t)h.all.len), .proof = body ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* Only letters that may be printed; the rest of a name is of no use to a reader. */
static const char *name_of(gh_ctx *ctx, gh_bytes target, uint32_t i)
{
	size_t n = 0;
	while (n < target.len && n < 64 && target.ptr[n] > 0x20 && target.ptr[n] < 0x7f)
		n++;
	return n > 0 ? gh_arena_printf(ctx->arena, "%.*s", (int)n, (const char *)target.ptr)
		     : gh_arena_printf(ctx->arena, "item-%u", i);
}

static gh_code add_item(gh_ctx *ctx, gh_cur c, const struct hwnp *h, uint32_t i, uint64_t *behind, gh_node *out)
{
	struct item t = item_of(h, i);
	gh_bytes data = gh_bytes_part(h->all, t.at, t.size);
	const char *name = name_of(ctx, t.target, i);
	if (!name)
		return gh_nomem(ctx);
	if (gh_field_is_text(t.section, 1) && gh_field_is_text(t.version, 0) &&
	    gh_node_factf(ctx, out, "item", "%s %.*s %.*s policy %u", name, (int)t.section.len,
			  (const char *)t.section.ptr, t.version.len ? (int)t.version.len : 1,
			  t.version.len ? (const char *)t.version.ptr : "-", t.policy))
		return GH_NOMEM;
	if (data.len < t.size && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + t.at, "%s is not there to its end", name))
		return GH_NOMEM;
	gh_sum sum = { .algorithm = "crc32", .at = c.pos + h->head - h->table.len + (uint64_t)i * h->item + 4 };
	sum.what = gh_arena_printf(ctx->arena, "CRC of %s", name);
	if (!sum.what)
		return gh_nomem(ctx);
	gh_code code = gh_effort(ctx, data.len);
	if (code == GH_OK && data.len == t.size && t.size > 0)
		code = gh_sum_u32(ctx, out, sum, t.crc, gh_crc32(data), false);
	if (code != GH_OK || data.len == 0)
		return code;
	if (t.at < *behind)
		return gh_node_note(ctx, out, GH_CORRUPT, c.pos + t.at,
				    "%s begins before what precedes it ends: no part", name);
	*behind = (uint64_t)t.at + data.len;
	return gh_node_part(ctx, out, GH_NODE_PART, name, c.pos + t.at, data);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct hwnp h;
	(void)span;
	gh_code code = read_header(ctx, c, &h);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Huawei")) || gh_fact_field(ctx, out, "board", h.products) ||
	    gh_node_factf(ctx, out, "items", "%u", h.items))
		return GH_NOMEM;
	for (uint32_t i = 0; i < h.items; i++) {
		struct item t = item_of(&h, i);
		if (gh_bytes_eq(t.section, GH_LIT("ROOTFS")) && gh_fact_field(ctx, out, "version", t.version))
			return GH_NOMEM;
	}
	gh_sum head = { .what = "header CRC", .algorithm = "crc32", .at = c.pos + 0x10 };
	head.remark = "over the list of items";
	code = gh_sum_u32(ctx, out, head, h.header_crc, header_crc(&h), false);
	gh_sum body = { .what = "image CRC", .algorithm = "crc32", .at = c.pos + 8 };
	body.remark = h.size > h.all.len ? "the image is cut short" : "over everything behind the checksum";
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, body, h.crc, image_crc(&h), false);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(h.all, 0, h.head));
	uint64_t behind = h.head;
	for (uint32_t i = 0; i < h.items && code == GH_OK; i++)
		code = add_item(ctx, c, &h, i, &behind, out);
	return code;
}

const gh_format gh_format_huawei_hwnp = {
	.name = "huawei-hwnp",
	.title = "Huawei HWNP package (ONT)",
	.spec = "0xuserpag3/HuaweiFirmwareTool: huawei_header.h",
	.limits = "the signature item is shown as it is, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "HWNP.{16}.[\\x00\\x01]\\x00\\x00", 24, 0 } },
	.measure = measure,
	.unpack = unpack,
};
