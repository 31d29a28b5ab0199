/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GUID partition table (UEFI specification, 5.3), little-endian, sectors of 512 or 4096 bytes.
 *
 *	sector 0      1                         2                                            last
 *	+-------------+-------------------------+-------------------+--- … ---+-------------+-------------+
 *	| protective  | "EFI PART", version,    | entries           |         | entries     | header      |
 *	| MBR         | CRC, places, GUID, CRC  |                   |         | once more   | once more   |
 *	+-------------+-------------------------+-------------------+--- … ---+-------------+-------------+
 *
 * The header's CRC is over itself with zeros in its place, the second over the entries. An entry: GUID of its type, its
 * own, first and last sector, attributes, name in UTF-16.
 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/sum.h"
#include "format/boot/boot_in.h"

enum { HEADER = 92, ENTRY = 128, ENTRIES_MOST = 1024, GUID = 16, NAME_UNITS = 36, PARTS_MOST = 256 };

struct gpt {
	uint32_t sector, size, crc, entries, entry_size, entries_crc;
	uint64_t own, other, table;
	gh_bytes guid, header;
};

static bool read_header(gh_bytes all, uint64_t at, struct gpt *ret)
{
	gh_cur c = gh_cur_over(gh_bytes_part(all, at, all.len), 0);
	if (!gh_eat(&c, GH_LIT("EFI PART\x00\x00\x01\x00")))
		return false;
	ret->size = gh_u32le(&c);
	ret->crc = gh_u32le(&c);
	gh_skip(&c, 4);
	ret->own = gh_u64le(&c);
	ret->other = gh_u64le(&c);
	gh_skip(&c, 16);
	ret->guid = gh_take(&c, GUID);
	ret->table = gh_u64le(&c);
	ret->entries = gh_u32le(&c);
	ret->entry_size = gh_u32le(&c);
	ret->entries_crc = gh_u32le(&c);
	ret->header = gh_bytes_part(all, at, ret->size);
	return gh_cur_ok(&c) && ret->size >= HEADER && ret->size <= 512 && ret->header.len == ret->size;
}

static uint32_t header_crc(const struct gpt *g)
{
	static const uint8_t zero[4];
	uint32_t crc = gh_crc32(gh_bytes_part(g->header, 0, 16));
	crc = gh_crc32_more(crc, gh_view(zero, 4));
	return gh_crc32_more(crc, gh_bytes_part(g->header, 20, g->header.len));
}

static bool shape(const struct gpt *g)
{
	return g->entry_size >= ENTRY && g->entry_size <= 4096 && g->entries >= 1 && g->entries <= ENTRIES_MOST &&
	       g->other < UINT64_MAX / 4096 - 1 && g->table < UINT64_MAX / 4096 - 1;
}

static gh_code open_gpt(gh_ctx *ctx, gh_cur c, struct gpt *ret)
{
	static const uint32_t sectors[] = { 512, 4096 };
	gh_bytes all = gh_rest(&c);
	for (size_t i = 0; i < GH_COUNT(sectors); i++) {
		struct gpt g;
		if (!read_header(all, sectors[i], &g) || g.own != 1)
			continue;
		g.sector = sectors[i];
		if (!shape(&g) || g.other < 2)
			return gh_fail(ctx, GH_CORRUPT, c.pos + g.sector,
				       "the numbers of the partition table make no sense");
		*ret = g;
		return GH_OK;
	}
	return GH_NOT_MINE;
}

static gh_bytes entries_of(gh_bytes all, const struct gpt *g)
{
	return gh_bytes_part(all, g->table * g->sector, (uint64_t)g->entries * g->entry_size);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct gpt g;
	gh_code code = open_gpt(ctx, c, &g);
	if (code != GH_OK)
		return code;
	uint64_t size = (g.other + 1) * g.sector;
	*ret = (gh_span){ .size = GH_MIN(size, (uint64_t)c.left),
			  .proof = header_crc(&g) == g.crc ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static void guid_text(gh_bytes b, char ret[40])
{
	gh_cur c = gh_cur_over(b, 0);
	uint32_t a = gh_u32le(&c);
	uint16_t d = gh_u16le(&c), e = gh_u16le(&c), f = gh_u16be(&c);
	(void)snprintf(ret, 40, "%08x-%04x-%04x-%04x-%012llx", a, d, e, f, (unsigned long long)gh_uint_be(&c, 6));
}

static const char *type_name(const char *guid)
{
	static const char *const known[][2] = {
		{ "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system" },
		{ "21686148-6449-6e6f-744e-656564454649", "BIOS boot" },
		{ "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "Microsoft basic data" },
		{ "0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux" },
		{ "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap" },
		{ "e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM" },
		{ "fe3a2a5d-4f32-41a7-b725-accc3285a309", "ChromeOS kernel" },
		{ "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", "ChromeOS root" },
		{ "3de21764-95bd-54bd-a5c3-4abe786f38a8", "U-Boot environment" },
	};
	for (size_t i = 0; i < GH_COUNT(known); i++)
		if (strcmp(known[i][0], guid) == 0)
			return known[i][1];
	return guid;
}

struct partition {
	uint64_t at, size;
	char name[NAME_UNITS + 1];
	const char *type;
	unsigned number;
};

static int by_place(const void *a, const void *b)
{
	const struct partition *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Names are of ASCII nearly always; other letters become "?". */
static bool read_entry(gh_ctx *ctx, const struct gpt *g, gh_bytes entry, unsigned number, struct partition *ret)
{
	static const uint8_t none[GUID];
	char guid[40];
	gh_cur c = gh_cur_over(entry, 0);
	gh_bytes type = gh_take(&c, GUID);
	gh_skip(&c, GUID);
	uint64_t first = gh_u64le(&c), last = gh_u64le(&c);
	gh_skip(&c, 8);
	if (!gh_cur_ok(&c) || !type.ptr || memcmp(type.ptr, none, GUID) == 0 || last < first ||
	    last >= UINT64_MAX / g->sector - 1)
		return false;
	*ret = (struct partition){ .at = first * g->sector, .size = (last - first + 1) * g->sector, .number = number };
	for (unsigned i = 0; i < NAME_UNITS; i++) {
		uint16_t u = gh_u16le(&c);
		if (u == 0)
			break;
		ret->name[i] = u > ' ' && u < 0x7f ? (char)u : '?';
	}
	guid_text(type, guid);
	const char *known = type_name(guid);
	ret->type = known == guid ? gh_arena_text(ctx->arena, guid, strlen(guid)) : known;
	return ret->type != NULL;
}

static gh_code add_part(gh_ctx *ctx, gh_node *out, gh_cur c, const struct partition *p)
{
	char otherwise[32], name[32];
	(void)snprintf(otherwise, sizeof otherwise, "partition %u", p->number);
	gh_part_name(gh_view_text(p->name), otherwise, name);
	gh_bytes content = gh_bytes_part(gh_rest(&c), p->at, p->size);
	gh_code code = gh_node_factf(ctx, out, "partition", "%u 0x%llx 0x%llx %s (%s)", p->number,
				     (unsigned long long)p->at, (unsigned long long)p->size, p->name, p->type);
	if (code == GH_OK && content.len < p->size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "%s ends behind what is there", name);
	if (code != GH_OK || content.len == 0)
		return code;
	return gh_node_part(ctx, out, GH_NODE_PART, name, c.pos + p->at, content);
}

static gh_code add_parts(gh_ctx *ctx, const struct gpt *g, gh_cur c, gh_node *out)
{
	gh_bytes entries = entries_of(gh_rest(&c), g);
	struct partition *parts = gh_arena_array(ctx->arena, PARTS_MOST, sizeof *parts);
	size_t n = 0;
	gh_code code = GH_OK;
	if (!parts)
		return gh_nomem(ctx);
	for (unsigned i = 0; i < g->entries && n < PARTS_MOST; i++)
		n += read_entry(ctx, g, gh_bytes_part(entries, (uint64_t)i * g->entry_size, ENTRY), i + 1, &parts[n]);
	qsort(parts, n, sizeof *parts, by_place);
	for (size_t i = 0; i < n && code == GH_OK; i++)
		code = add_part(ctx, out, c, &parts[i]);
	return code;
}

/* The copies at the end. */
static gh_code add_backup(gh_ctx *ctx, const struct gpt *g, gh_cur c, gh_node *out)
{
	gh_bytes all = gh_rest(&c);
	uint64_t at = g->other * g->sector;
	struct gpt b;
	gh_sum absent = {
		.what = "backup header CRC", .algorithm = "crc32", .at = c.pos + at + 16, .state = GH_SUM_ABSENT
	};
	if (!read_header(all, at, &b))
		return gh_node_sum(ctx, out, &absent);
	gh_code code = gh_sum_u32(ctx, out, absent, b.crc, header_crc(&b), false);
	b.sector = g->sector;
	gh_bytes entries = shape(&b) ? entries_of(all, &b) : gh_view(NULL, 0);
	if (code == GH_OK && entries.len > 0 && !gh_bytes_eq(entries, entries_of(all, g)))
		code = gh_node_note(ctx, out, GH_CORRUPT, c.pos + b.table * g->sector,
				    "the second table of partitions differs from the first");
	if (code == GH_OK && entries.len > 0 && b.table < g->other)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "backup entries", c.pos + b.table * g->sector, entries);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "backup header", c.pos + at,
					    gh_bytes_part(all, at, b.size))
			     : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct gpt g;
	char guid[40];
	(void)span;
	gh_code code = open_gpt(ctx, c, &g);
	if (code != GH_OK)
		return code;
	gh_bytes all = gh_rest(&c), entries = entries_of(all, &g);
	guid_text(g.guid, guid);
	code = gh_node_fact(ctx, out, "disk-guid", gh_view_text(guid));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "sector-size", "%u", g.sector);
	gh_sum sum = { .what = "header CRC", .algorithm = "crc32", .at = c.pos + g.sector + 16 };
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, g.crc, header_crc(&g), false);
	sum.what = "entries CRC";
	sum.at = c.pos + g.sector + 88;
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, g.entries_crc, gh_crc32(entries), false);
	/* the code in front of the protective record is nobody's */
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "protective table", c.pos + 446,
				    gh_bytes_part(all, 446, 66));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos + g.sector, g.header);
	if (code == GH_OK && entries.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "entries", c.pos + g.table * g.sector, entries);
	if (code == GH_OK)
		code = add_parts(ctx, &g, c, out);
	return code == GH_OK ? add_backup(ctx, &g, c, out) : code;
}

const gh_format gh_format_gpt = {
	.name = "gpt",
	.title = "GUID partition table",
	.spec = "UEFI specification 2.10, 5.3",
	.limits = "a table of which only the copy at the end is left is not looked for",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "EFI PART\\x00\\x00\\x01\\x00", 12, 512 }, { "EFI PART\\x00\\x00\\x01\\x00", 12, 4096 } },
	.measure = measure,
	.unpack = unpack,
};
