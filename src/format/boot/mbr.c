/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition table of a PC's disk in its first sector (master boot record), little-endian.
 *
 *	0           1b8        1be       1ce       1de       1ee       1fe
 *	+-----------+----------+---------+---------+---------+---------+-------+       an entry, 16 bytes:
 *	| boot code | disk, 0  | entry 1 | entry 2 | entry 3 | entry 4 | 55 aa |       active 1, CHS 3, type 1, CHS 3,
 *	+-----------+----------+---------+---------+---------+---------+-------+       first sector 4, sectors 4
 *
 * An entry of type 5, f or 85 holds a chain of such sectors, each with one partition and the way to the next.
 */
#include <stdio.h>
#include <stdlib.h>

#include "format/boot/boot_in.h"

enum { SECTOR = 512, DISK_AT = 0x1b8, TABLE_AT = 0x1be, ENTRY = 16, ENTRIES = 4, PARTS_MOST = 64, PROTECTIVE = 0xee };

struct partition {
	uint64_t at, size;
	unsigned number;
	uint8_t type, active;
	bool extended; /* others lie in it */
};

struct mbr {
	struct partition parts[PARTS_MOST];
	uint64_t tables[PARTS_MOST]; /* sectors with a table */
	size_t n, n_tables;
	uint64_t end;
	bool broken; /* the chain of an extended partition */
};

static bool is_extended(uint8_t type)
{
	return type == 5 || type == 0xf || type == 0x85;
}

static bool read_entries(gh_bytes all, uint64_t at, struct partition ret[ENTRIES])
{
	gh_cur c = gh_cur_over(gh_bytes_part(all, at + TABLE_AT, SECTOR - TABLE_AT), 0);
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct partition p = { .active = gh_u8(&c) };
		gh_skip(&c, 3);
		p.type = gh_u8(&c);
		gh_skip(&c, 3);
		p.at = (uint64_t)gh_u32le(&c) * SECTOR;
		p.size = (uint64_t)gh_u32le(&c) * SECTOR;
		p.extended = is_extended(p.type);
		ret[i] = p;
	}
	return gh_u16le(&c) == 0xaa55 && gh_cur_ok(&c);
}

/* The partitions inside an extended one: places count from the table for the partition, from the first for the chain.
 */
static void follow(gh_bytes all, const struct partition *over, struct mbr *m)
{
	uint64_t at = over->at;
	for (unsigned number = 5; m->n < PARTS_MOST && m->n_tables < PARTS_MOST; number++) {
		struct partition e[ENTRIES];
		if (!read_entries(all, at, e) || at < over->at || at >= over->at + over->size) {
			m->broken = true;
			return;
		}
		m->tables[m->n_tables++] = at;
		if (e[0].type != 0 && e[0].size > 0) {
			e[0].at += at;
			e[0].number = number;
			e[0].extended = false;
			m->parts[m->n++] = e[0];
		}
		if (e[1].type == 0 || e[1].size == 0)
			return;
		at = over->at + e[1].at;
	}
	m->broken = true; /* longer than anybody has it, or in circles */
}

static int by_place(const void *a, const void *b)
{
	const struct partition *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static bool cross(const struct partition e[ENTRIES])
{
	for (unsigned i = 0; i < ENTRIES; i++)
		for (unsigned k = 0; k < i; k++)
			if (e[i].size > 0 && e[k].size > 0 && e[i].at < e[k].at + e[k].size &&
			    e[k].at < e[i].at + e[i].size)
				return true;
	return false;
}

static gh_code read_mbr(gh_ctx *ctx, gh_cur c, struct mbr *m)
{
	struct partition e[ENTRIES];
	gh_bytes all = gh_rest(&c);
	unsigned there = 0;
	*m = (struct mbr){ .n_tables = 1 };
	if (!read_entries(all, 0, e))
		return GH_NOT_MINE;
	for (unsigned i = 0; i < ENTRIES; i++) {
		if (e[i].type == 0 && e[i].at == 0 && e[i].size == 0)
			continue;
		if (e[i].type == PROTECTIVE || (e[i].active & 0x7f) != 0 || e[i].type == 0 || e[i].at == 0 ||
		    e[i].size == 0)
			return GH_NOT_MINE;
		there += e[i].at < all.len;
		e[i].number = i + 1;
		m->end = GH_MAX(m->end, e[i].at + e[i].size);
		m->parts[m->n++] = e[i];
	}
	if (there == 0 || cross(e))
		return gh_fail(ctx, GH_CORRUPT, c.pos + TABLE_AT, "no table of partitions that fits what is there");
	size_t primary = m->n;
	for (size_t i = 0; i < primary; i++)
		if (m->parts[i].extended)
			follow(all, &m->parts[i], m);
	qsort(m->parts, m->n, sizeof m->parts[0], by_place);
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct mbr *m = gh_arena_alloc(ctx->scratch, sizeof *m);
	if (!m)
		return gh_nomem(ctx);
	gh_code code = read_mbr(ctx, c, m);
	*ret = (gh_span){ .size = GH_MIN(m->end, (uint64_t)c.left), .proof = GH_PROOF_SHAPE };
	return code;
}

static const char *type_name(uint8_t type)
{
	switch (type) {
	case 0x01:
		return "FAT12";
	case 0x04:
	case 0x06:
	case 0x0e:
		return "FAT16";
	case 0x05:
	case 0x0f:
	case 0x85:
		return "extended";
	case 0x07:
		return "NTFS or exFAT";
	case 0x0b:
	case 0x0c:
		return "FAT32";
	case 0x82:
		return "Linux swap";
	case 0x83:
		return "Linux";
	case 0x8e:
		return "Linux LVM";
	case 0xda:
		return "data";
	case 0xef:
		return "EFI system";
	case 0xfd:
		return "Linux RAID";
	default:
		return "unknown";
	}
}

/* In the first sector with the number of the disk. */
static gh_code add_table(gh_ctx *ctx, gh_node *out, gh_cur c, uint64_t at)
{
	uint64_t from = at == 0 ? DISK_AT : at + TABLE_AT, end = at + SECTOR;
	return gh_node_part(ctx, out, GH_NODE_HEADER, "partition table", c.pos + from,
			    gh_bytes_part(gh_rest(&c), from, end - from));
}

static gh_code add_part(gh_ctx *ctx, gh_node *out, gh_cur c, const struct partition *p)
{
	char name[32];
	(void)snprintf(name, sizeof name, "partition %u", p->number);
	gh_bytes content = gh_bytes_part(gh_rest(&c), p->at, p->size);
	gh_code code = gh_node_factf(ctx, out, "partition", "%u 0x%llx 0x%llx type %02x (%s)%s", p->number,
				     (unsigned long long)p->at, (unsigned long long)p->size, p->type,
				     type_name(p->type), p->active ? " active" : "");
	if (code == GH_OK && content.len < p->size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "partition %u ends behind what is there",
				    p->number);
	if (code != GH_OK || p->extended || content.len == 0)
		return code;
	return gh_node_part(ctx, out, GH_NODE_PART, name, c.pos + p->at, content);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct mbr *m = gh_arena_alloc(ctx->arena, sizeof *m);
	(void)span;
	if (!m)
		return gh_nomem(ctx);
	gh_code code = read_mbr(ctx, c, m);
	size_t table = 0;
	for (size_t i = 0; i < m->n && code == GH_OK; i++) {
		while (table < m->n_tables && m->tables[table] <= m->parts[i].at && code == GH_OK)
			code = add_table(ctx, out, c, m->tables[table++]);
		if (code == GH_OK)
			code = add_part(ctx, out, c, &m->parts[i]);
	}
	while (table < m->n_tables && code == GH_OK)
		code = add_table(ctx, out, c, m->tables[table++]);
	if (code == GH_OK && m->broken)
		code = gh_node_note(ctx, out, GH_CORRUPT, c.pos, "the chain of an extended partition is broken");
	return code;
}

const gh_format gh_format_mbr = {
	.name = "mbr",
	.title = "Master boot record with partitions",
	.spec = "UEFI specification 2.10, 5.2.1 (legacy master boot record)",
	.limits = "sectors are taken to have 512 bytes",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[\\x00\\x80].{15}[\\x00\\x80].{15}[\\x00\\x80].{15}[\\x00\\x80].{15}\\x55\\xaa", 66, TABLE_AT } },
	.measure = measure,
	.unpack = unpack,
};
