/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT12, FAT16 and FAT32 (Microsoft: FAT32 File System Specification; ECMA-107), little-endian.
 *
 *	0        3      b        d         e          10       11     13        15      16         20
 *	+--------+------+--------+---------+----------+--------+------+---------+-------+----------+---------+
 *	| eb x 90| OEM  | sector | sectors | reserved | tables | root | sectors | media | sectors  | sectors |
 *	|        |      |        | of a    | sectors  |        |      | of all  |       | of a     | of all  |
 *	|        |      |        | cluster |          |        |      | 16 bits |       | table    | 32 bits |
 *	+--------+------+--------+---------+----------+--------+------+---------+-------+----------+---------+
 *
 * The number of clusters alone decides the width of the table. A record of a folder: name 11, attributes 1, …, first
 * cluster in two halves, time, date, size. In front of it stand records with pieces of the long name, the last first,
 * each with a checksum of the short one. e5 as the first byte marks a deleted record, 00 the end.
 */
#include "format/fs/fat_in.h"

enum {
	BOOT = 512,
	FAT12_MOST = 4085,
	FAT16_MOST = 65525,
	LONG = 0x0f,
	VOLUME = 8,
	FOLDER = 16,
	READ_ONLY = 1,
	PIECE = 13,
	PIECES_MOST = 20,
	DELETED = 0xe5,
};

struct boot {
	gh_fat f;
	uint32_t reserved, root_records, table_sectors, info, backup;
	uint64_t sectors;
	uint8_t media;
	gh_bytes oem, label, raw;
};

static gh_code read_boot(gh_ctx *ctx, gh_cur c, struct boot *ret)
{
	struct boot b = { .f = { .pos = c.pos } };
	gh_cur h = c;
	b.raw = gh_bytes_part(gh_rest(&c), 0, BOOT);
	gh_skip(&h, 3);
	b.oem = gh_take(&h, 8);
	b.f.sector = gh_u16le(&h);
	uint32_t per = gh_u8(&h);
	b.reserved = gh_u16le(&h);
	b.f.tables = gh_u8(&h);
	b.root_records = gh_u16le(&h);
	b.sectors = gh_u16le(&h);
	b.media = gh_u8(&h);
	b.table_sectors = gh_u16le(&h);
	gh_skip(&h, 8);
	uint32_t sectors = gh_u32le(&h);
	if (!gh_cur_ok(&h) || b.raw.len < BOOT)
		return GH_NOT_MINE;
	b.sectors = b.sectors ? b.sectors : sectors;
	if (b.f.sector < 512 || b.f.sector > 4096 || (b.f.sector & (b.f.sector - 1)) || per == 0 || (per & (per - 1)) ||
	    b.reserved == 0 || b.f.tables == 0 || b.f.tables > 2 || (b.media != 0xf0 && b.media < 0xf8) ||
	    b.sectors == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the numbers of the boot sector are none of FAT");
	bool wide = b.table_sectors == 0;
	if (wide) {
		b.table_sectors = gh_u32le(&h);
		gh_skip(&h, 4);
		b.f.root = gh_u32le(&h);
		b.info = gh_u16le(&h);
		b.backup = gh_u16le(&h);
	}
	b.label = gh_bytes_part(b.raw, wide ? 71 : 43, 11);
	uint64_t tables = (uint64_t)b.f.tables * b.table_sectors;
	uint64_t roots = ((uint64_t)b.root_records * GH_FAT_RECORD + b.f.sector - 1) / b.f.sector;
	uint64_t before = b.reserved + tables + roots;
	if (b.table_sectors == 0 || before >= b.sectors)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the tables of FAT leave no room for data");
	b.f.cluster = b.f.sector * per;
	uint64_t clusters = (b.sectors - before) / per;
	b.f.width = wide ? 32 : clusters < FAT12_MOST ? 12 : 16;
	uint64_t told = (uint64_t)b.table_sectors * b.f.sector * 8 / b.f.width;
	if (clusters == 0 || told < 3 || (wide && (b.f.root < 2 || b.root_records != 0)))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the numbers of the boot sector do not fit together");
	b.f.clusters = (uint32_t)GH_MIN(GH_MIN(clusters, told - 2), (uint64_t)0x0ffffff5);
	b.f.table = (uint64_t)b.reserved * b.f.sector;
	b.f.table_size = (uint64_t)b.table_sectors * b.f.sector;
	b.f.root_at = (b.reserved + tables) * b.f.sector;
	b.f.root_size = (uint64_t)b.root_records * GH_FAT_RECORD;
	b.f.data = before * b.f.sector;
	b.f.size = b.sectors * b.f.sector;
	b.f.all = gh_bytes_part(gh_rest(&c), 0, b.f.size);
	/* no more clusters than may stand in what is there: counts steer loops */
	b.f.clusters = (uint32_t)GH_MIN((uint64_t)b.f.clusters, b.f.all.len / 512 + 2);
	*ret = b;
	return GH_OK;
}

/* The first entry of the table repeats the media byte, with all other bits set. */
static bool table_begins(const struct boot *b, unsigned n)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b->f.all, b->f.table + n * b->f.table_size, 4), 0);
	uint32_t first = b->f.width == 32 ? gh_u32le(&c) & 0x0fffffff : gh_u16le(&c);
	uint32_t ones = b->f.width == 32 ? 0x0fffff00 : b->f.width == 16 ? 0xff00 : 0xf00;
	return gh_cur_ok(&c) && (first & 0xff) == b->media && (first & ones) == ones;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct boot b;
	gh_code code = read_boot(ctx, c, &b);
	if (code != GH_OK)
		return code;
	bool mark = b.raw.ptr[510] == 0x55 && b.raw.ptr[511] == 0xaa, begins = table_begins(&b, 0);
	if (!begins)
		return gh_fail(ctx, GH_CORRUPT, c.pos + b.f.table, "the table of FAT does not begin as one");
	*ret = (gh_span){ .size = b.f.all.len, .proof = mark ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

/* The pieces of a long name, gathered in front of the record they belong to. */
struct long_name {
	uint16_t units[PIECE * PIECES_MOST];
	unsigned pieces;
	uint8_t sum;
	bool deleted;
};

static void take_piece(struct long_name *l, gh_bytes record)
{
	gh_cur c = gh_cur_over(record, 0);
	unsigned order = gh_u8(&c);
	bool deleted = order == DELETED;
	gh_cur s = gh_cur_over(gh_bytes_part(record, 13, 1), 0);
	uint8_t sum = gh_u8(&s);
	if (l->pieces >= PIECES_MOST || (l->pieces > 0 && (l->sum != sum || l->deleted != deleted)))
		l->pieces = 0;
	if (!deleted && (order & 0x40))
		l->pieces = 0;
	/* they come last first: what is there moves up */
	memmove(l->units + PIECE, l->units, sizeof l->units[0] * PIECE * (size_t)l->pieces);
	for (unsigned i = 0; i < PIECE; i++) {
		if (i == 5)
			gh_skip(&c, 3);
		if (i == 11)
			gh_skip(&c, 2);
		l->units[i] = gh_u16le(&c);
	}
	l->pieces++;
	l->sum = sum;
	l->deleted = deleted;
}

static uint8_t sum_of(gh_bytes name)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < 11; i++)
		sum = (uint8_t)((sum << 7 | sum >> 1) + name.ptr[i]);
	return sum;
}

static gh_code long_name(gh_ctx *ctx, const struct long_name *l, gh_bytes *ret)
{
	size_t n = 0;
	while (n < (size_t)l->pieces * PIECE && l->units[n] != 0 && l->units[n] != 0xffff)
		n++;
	return gh_fat_utf8(ctx, l->units, n, ret);
}

static size_t short_part(uint8_t *to, const uint8_t *from, size_t n, bool lower)
{
	while (n > 0 && from[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < n; i++)
		to[i] = lower && from[i] >= 'A' && from[i] <= 'Z' ? (uint8_t)(from[i] + 32) : from[i];
	return n;
}

static gh_code short_name(gh_ctx *ctx, gh_bytes record, gh_bytes *ret)
{
	uint8_t *to = gh_arena_alloc(ctx->arena, 12);
	if (!to)
		return gh_nomem(ctx);
	size_t n = short_part(to, record.ptr, 8, record.ptr[12] & 8);
	size_t more = short_part(to + n + 1, record.ptr + 8, 3, record.ptr[12] & 16);
	if (n > 0 && record.ptr[0] == 5) /* the letter e5 */
		to[0] = DELETED;
	else if (n > 0 && record.ptr[0] == DELETED) /* its first letter is lost */
		to[0] = '_';
	if (more > 0) {
		to[n] = '.';
		n += 1 + more;
	}
	*ret = gh_view(to, n);
	return GH_OK;
}

static bool plausible(const gh_fat *f, gh_bytes record, uint32_t first)
{
	for (size_t i = 1; i < 11; i++)
		if (record.ptr[i] < ' ')
			return false;
	return (record.ptr[11] & 0xc0) == 0 && (first == 0 || (first >= 2 && first - 2 < f->clusters));
}

static gh_code add(gh_fat_walk *w, gh_bytes record, const struct long_name *l, gh_bytes folder)
{
	gh_cur c = gh_cur_over(gh_bytes_part(record, 20, 12), 0);
	uint32_t high = gh_u16le(&c), time = gh_u16le(&c), date = gh_u16le(&c), low = gh_u16le(&c), size = gh_u32le(&c);
	uint32_t first = w->f->width == 32 ? high << 16 | low : low;
	bool deleted = record.ptr[0] == DELETED;
	uint8_t attributes = record.ptr[11];
	gh_bytes name, path;
	gh_entry *e;
	if (deleted && !plausible(w->f, record, first))
		return GH_OK;
	/* the checksum of a deleted name is over a letter that is lost */
	bool is_long = l->pieces > 0 && l->deleted == deleted && (deleted || l->sum == sum_of(record));
	gh_code code = is_long ? long_name(w->ctx, l, &name) : short_name(w->ctx, record, &name);
	if (code == GH_OK && name.len == 0)
		return GH_OK;
	if (code == GH_OK)
		code = gh_path_join(w->ctx, folder, name, &path);
	if (code == GH_OK)
		code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	e->type = attributes & FOLDER ? GH_ENTRY_DIR : GH_ENTRY_FILE;
	e->mode = attributes & FOLDER ? 0755 : attributes & READ_ONLY ? 0444 : 0644;
	e->nlink = 1;
	e->mtime = gh_fat_time((uint16_t)date, (uint16_t)time);
	e->past = deleted ? GH_DELETED : GH_NOW;
	gh_fat_chain chain = { first, false, size };
	if (e->type == GH_ENTRY_FILE)
		e->size = size;
	return deleted ? gh_fat_give_deleted(w, e, chain) : gh_fat_give(w, e, chain);
}

static gh_code records(gh_fat_walk *w, gh_bytes content, gh_bytes path, uint64_t *end)
{
	struct long_name l = { .pieces = 0 };
	gh_code code = GH_OK;
	size_t at = 0;
	for (; at + GH_FAT_RECORD <= content.len && content.ptr[at] != 0 && code == GH_OK; at += GH_FAT_RECORD) {
		gh_bytes record = gh_bytes_part(content, at, GH_FAT_RECORD);
		uint8_t attributes = content.ptr[at + 11];
		if ((attributes & 0x3f) == LONG) {
			take_piece(&l, record);
			continue;
		}
		if ((attributes & VOLUME) && record.ptr[0] != DELETED && path.len == 0)
			code = gh_fact_field(w->ctx, w->out, "name", gh_bytes_part(record, 0, 11));
		else if (!(attributes & VOLUME) && record.ptr[0] != '.')
			code = add(w, record, &l, path);
		l.pieces = 0;
	}
	*end = at;
	return code;
}

static gh_code remarks(gh_ctx *ctx, const struct boot *b, gh_node *out)
{
	const gh_fat *f = &b->f;
	gh_code code = GH_OK;
	if (f->all.len < f->size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, f->pos + f->all.len, "%llu bytes are named, %zu are there",
				    (unsigned long long)f->size, f->all.len);
	if (code == GH_OK && f->tables == 2) {
		gh_bytes one = gh_bytes_part(f->all, f->table, f->table_size),
			 two = gh_bytes_part(f->all, f->table + f->table_size, f->table_size);
		code = gh_effort(ctx, one.len);
		if (code == GH_OK && two.len == one.len && !gh_bytes_eq(one, two))
			code = gh_node_note(ctx, out, GH_CORRUPT, f->pos + f->table + f->table_size,
					    "the second table differs from the first");
	}
	return code;
}

static gh_code facts(gh_ctx *ctx, const struct boot *b, gh_node *out)
{
	gh_code code = gh_node_factf(ctx, out, "version", "FAT%u", b->f.width);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "made-by", b->oem);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "label", b->label);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "cluster-size", "%u", b->f.cluster);
	return code == GH_OK ? remarks(ctx, b, out) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct boot b;
	(void)span;
	gh_code code = read_boot(ctx, c, &b);
	if (code != GH_OK)
		return code;
	code = facts(ctx, &b, out);
	if (code == GH_OK)
		code = gh_fat_walk_all(ctx, &b.f, out, records);
	if (!out->volume)
		return code;
	/* the boot sector, its copy, and the count of free clusters */
	gh_volume *v = out->volume;
	gh_extent *used = gh_arena_grow(ctx->arena, v->used, v->n_used * sizeof *used, (v->n_used + 3) * sizeof *used);
	if (!used)
		return gh_nomem(ctx);
	v->used = used;
	const uint32_t sectors[] = { 0, b.info, b.backup };
	for (size_t i = 0; i < GH_COUNT(sectors); i++)
		v->used[v->n_used++] = (gh_extent){ c.pos + (uint64_t)sectors[i] * b.f.sector,
						    i == 2 && b.backup ? 2 * (uint64_t)b.f.sector : b.f.sector };
	return code;
}

const gh_format gh_format_fat = {
	.name = "fat",
	.title = "FAT12, FAT16 and FAT32",
	.spec = "Microsoft, FAT32 File System Specification; ECMA-107",
	.limits = "short names with letters beyond ASCII are given as stored",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\xeb.\\x90.{8}\\x00[\\x02\\x04\\x08\\x10][\\x01\\x02\\x04\\x08\\x10\\x20\\x40\\x80].{2}["
		     "\\x01\\x02]",
		     17, 0 } },
	.measure = measure,
	.unpack = unpack,
};
