/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exFAT (Microsoft: exFAT file system specification), little-endian.
 *
 *	0          3            40       48       50      54       58      5c         60     64       68       6c   6d
 *	+----------+------------+--------+--------+-------+--------+-------+----------+------+--------+--------+----+-----+
 *	| eb 76 90 | "EXFAT   " | offset | length | table | its    | data  | clusters | root | serial | version| 2^ | 2^
 *|
 *	+----------+------------+--------+--------+-------+--------+-------+----------+------+--------+--------+----+-----+
 *
 * Lengths are in sectors; the last two are bytes of a sector and sectors of a cluster. The checksum over the first
 * eleven sectors fills the twelfth. A file is a set of records with a checksum: 85 times and attributes, c0 where its
 * content is, c1 pieces of its name; without the highest bit they are deleted.
 */
#include "format/fs/fat_in.h"

enum {
	BOOT = 512,
	SECTORS_SUMMED = 11,
	FILE_ = 0x85,
	STREAM = 0xc0,
	NAME = 0xc1,
	LABEL = 0x83,
	BITMAP = 0x81,
	UPCASE = 0x82,
	IN_USE = 0x80,
	FOLDER = 0x10,
	READ_ONLY = 1,
	ROW = 2,
	PIECE = 15,
	NAME_MOST = 255,
	LABEL_MOST = 11,
};

struct boot {
	gh_fat f;
	uint16_t version;
};

static gh_code read_boot(gh_ctx *ctx, gh_cur c, struct boot *ret)
{
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("\xeb\x76\x90"
			       "EXFAT   ")))
		return GH_NOT_MINE;
	struct boot b = { .f = { .pos = c.pos, .ex = true, .width = 32 } };
	gh_skip(&h, 0x48 - 11);
	uint64_t sectors = gh_u64le(&h);
	uint32_t table = gh_u32le(&h), table_sectors = gh_u32le(&h), data = gh_u32le(&h);
	b.f.clusters = gh_u32le(&h);
	b.f.root = gh_u32le(&h);
	gh_skip(&h, 4);
	b.version = gh_u16le(&h);
	gh_skip(&h, 2);
	unsigned sector = gh_u8(&h), per = gh_u8(&h);
	b.f.tables = gh_u8(&h);
	if (!gh_cur_ok(&h) || c.left < BOOT)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the boot sector of exFAT is cut short");
	if (sector < 9 || sector > 12 || per > 25 - sector || b.f.tables < 1 || b.f.tables > 2 || sectors == 0 ||
	    sectors > UINT64_MAX >> 13 || b.f.clusters == 0 || b.f.root < 2 || table < 24)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the numbers of the boot sector are none of exFAT");
	b.f.sector = 1U << sector;
	b.f.cluster = b.f.sector << per;
	b.f.table = (uint64_t)table << sector;
	b.f.table_size = (uint64_t)table_sectors << sector;
	b.f.data = (uint64_t)data << sector;
	b.f.size = sectors << sector;
	b.f.all = gh_bytes_part(gh_rest(&c), 0, b.f.size);
	b.f.clusters = (uint32_t)GH_MIN((uint64_t)b.f.clusters, b.f.all.len / 512 + 2);
	*ret = b;
	return GH_OK;
}

/* Over the boot sectors, but for the flags and the share in use, which change. */
static bool boot_sum(const gh_fat *f, uint32_t *stored, uint32_t *computed)
{
	gh_bytes b = gh_bytes_part(f->all, 0, (uint64_t)f->sector * (SECTORS_SUMMED + 1));
	size_t end = (size_t)f->sector * SECTORS_SUMMED;
	uint32_t sum = 0;
	if (!b.ptr || b.len < end + f->sector)
		return false;
	for (size_t i = 0; i < end; i++)
		if (i != 106 && i != 107 && i != 112)
			sum = (sum << 31 | sum >> 1) + b.ptr[i];
	gh_cur c = gh_cur_over(gh_bytes_part(b, end, 4), 0);
	*stored = gh_u32le(&c);
	*computed = sum;
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct boot b;
	uint32_t stored = 0, computed = 1;
	gh_code code = read_boot(ctx, c, &b);
	if (code != GH_OK)
		return code;
	bool right = boot_sum(&b.f, &stored, &computed) && stored == computed;
	*ret = (gh_span){ .size = b.f.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

struct set {
	gh_bytes records; /* all of them */
	uint16_t attributes, date, time;
	uint8_t flags, name_len;
	uint32_t first;
	uint64_t size;
	bool deleted, whole;
	uint16_t name[NAME_MOST + PIECE];
	unsigned name_have;
};

static uint16_t set_sum(gh_bytes records)
{
	uint16_t sum = 0;
	for (size_t i = 0; i < records.len; i++)
		if (i != 2 && i != 3)
			sum = (uint16_t)((sum << 15 | sum >> 1) + records.ptr[i]);
	return sum;
}

/* The records of one file; how many bytes they take. */
static size_t read_set(gh_bytes content, size_t at, struct set *ret)
{
	gh_cur c = gh_cur_over(gh_bytes_part(content, at, content.len), 0);
	memset(ret, 0, sizeof *ret);
	uint8_t kind = gh_u8(&c), more = gh_u8(&c), use = kind & IN_USE;
	gh_skip(&c, 2);
	ret->deleted = !use;
	ret->attributes = gh_u16le(&c);
	gh_skip(&c, 6);
	ret->time = gh_u16le(&c);
	ret->date = gh_u16le(&c);
	for (size_t k = 1; k <= more; k++) {
		gh_cur r = gh_cur_over(gh_bytes_part(content, at + k * GH_FAT_RECORD, GH_FAT_RECORD), 0);
		uint8_t type = gh_u8(&r);
		if (r.left < GH_FAT_RECORD - 1 || (type & IN_USE) != use || (k == 1) != ((type | IN_USE) == STREAM))
			return k * GH_FAT_RECORD;
		ret->flags = k == 1 ? gh_u8(&r) : ret->flags;
		if (k == 1) {
			gh_skip(&r, 1);
			ret->name_len = gh_u8(&r);
			gh_skip(&r, 16);
			ret->first = gh_u32le(&r);
			ret->size = gh_u64le(&r);
			continue;
		}
		gh_skip(&r, 1);
		for (unsigned i = 0; i < PIECE && (type | IN_USE) == NAME && ret->name_have < NAME_MOST; i++)
			ret->name[ret->name_have++] = gh_u16le(&r);
	}
	ret->records = gh_bytes_part(content, at, ((size_t)more + 1) * GH_FAT_RECORD);
	ret->whole = more >= 2 && ret->name_len > 0 && ret->name_have >= ret->name_len;
	return ((size_t)more + 1) * GH_FAT_RECORD;
}

static gh_code add(gh_fat_walk *w, struct set *s, gh_bytes folder)
{
	gh_bytes name, path;
	gh_entry *e;
	gh_code code = gh_fat_utf8(w->ctx, s->name, s->name_len, &name);
	if (code == GH_OK)
		code = gh_path_join(w->ctx, folder, name, &path);
	if (code == GH_OK)
		code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	e->type = s->attributes & FOLDER ? GH_ENTRY_DIR : GH_ENTRY_FILE;
	e->mode = s->attributes & FOLDER ? 0755 : s->attributes & READ_ONLY ? 0444 : 0644;
	e->nlink = 1;
	e->mtime = gh_fat_time(s->date, s->time);
	e->past = s->deleted ? GH_DELETED : GH_NOW;
	e->size = s->size;
	gh_fat_chain chain = { s->first, s->flags & ROW, s->size };
	if (!s->deleted) {
		gh_cur c = gh_cur_over(gh_bytes_part(s->records, 2, 2), 0);
		if (gh_u16le(&c) != set_sum(s->records))
			code = gh_entry_note(w->ctx, e, GH_CORRUPT, w->f->pos, "the checksum of its records is wrong");
		return code == GH_OK ? gh_fat_give(w, e, chain) : code;
	}
	return gh_fat_give_deleted(w, e, chain);
}

static gh_code label(gh_fat_walk *w, gh_bytes record)
{
	uint16_t units[LABEL_MOST] = { 0 };
	gh_cur c = gh_cur_over(record, 0);
	gh_bytes name;
	gh_skip(&c, 1);
	size_t n = gh_u8(&c);
	n = GH_MIN(n, (size_t)LABEL_MOST);
	for (size_t i = 0; i < n; i++)
		units[i] = gh_u16le(&c);
	gh_code code = gh_fat_utf8(w->ctx, units, n, &name);
	return code == GH_OK && n > 0 ? gh_node_fact(w->ctx, w->out, "name", name) : code;
}

/* The map of clusters, and the table of capital letters. */
static gh_code system_file(gh_fat_walk *w, gh_bytes record)
{
	gh_cur c = gh_cur_over(gh_bytes_part(record, 20, 12), 0);
	uint32_t first = gh_u32le(&c);
	uint64_t size = gh_u64le(&c);
	return gh_fat_use(w, (gh_fat_chain){ first, false, size }, size);
}

static gh_code records(gh_fat_walk *w, gh_bytes content, gh_bytes path, uint64_t *end)
{
	struct set *s = gh_arena_alloc(w->ctx->arena, sizeof *s);
	gh_code code = GH_OK;
	size_t at = 0, size;
	if (!s)
		return gh_nomem(w->ctx);
	for (; at + GH_FAT_RECORD <= content.len && content.ptr[at] != 0 && code == GH_OK; at += size) {
		gh_bytes record = gh_bytes_part(content, at, GH_FAT_RECORD);
		uint8_t kind = content.ptr[at];
		size = GH_FAT_RECORD;
		if ((kind | IN_USE) == FILE_) {
			size = read_set(content, at, s);
			if (s->whole)
				code = add(w, s, path);
			else if (kind & IN_USE)
				code = gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos,
						    "a set of records of a file is not whole");
		} else if (kind == LABEL && path.len == 0) {
			code = label(w, record);
		} else if (kind == BITMAP || kind == UPCASE) {
			code = system_file(w, record);
		}
	}
	*end = GH_MIN(at, content.len);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct boot b;
	uint32_t stored, computed;
	(void)span;
	gh_code code = read_boot(ctx, c, &b);
	if (code != GH_OK)
		return code;
	code = gh_node_factf(ctx, out, "version", "%u.%02u", b.version >> 8, b.version & 0xff);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "cluster-size", "%u", b.f.cluster);
	if (code == GH_OK && boot_sum(&b.f, &stored, &computed))
		code = gh_sum_u32(ctx, out,
				  (gh_sum){ .what = "boot checksum",
					    .algorithm = "rotated sum of bytes",
					    .at = c.pos + (uint64_t)SECTORS_SUMMED * b.f.sector },
				  stored, computed, false);
	if (code == GH_OK && b.f.all.len < b.f.size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + b.f.all.len, "%llu bytes are named, %zu are there",
				    (unsigned long long)b.f.size, b.f.all.len);
	if (code == GH_OK)
		code = gh_fat_walk_all(ctx, &b.f, out, records);
	if (!out->volume)
		return code;
	gh_volume *v = out->volume;
	gh_extent *used = gh_arena_grow(ctx->arena, v->used, v->n_used * sizeof *used, (v->n_used + 1) * sizeof *used);
	if (!used)
		return gh_nomem(ctx);
	v->used = used;
	v->used[v->n_used++] = (gh_extent){ c.pos, 24 * (uint64_t)b.f.sector }; /* the boot region and its copy */
	return code;
}

const gh_format gh_format_exfat = {
	.name = "exfat",
	.title = "exFAT",
	.spec = "Microsoft, exFAT file system specification",
	.limits = "clusters in use that no name leads to are not counted",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\xeb\\x76\\x90EXFAT   ", 11, 0 } },
	.measure = measure,
	.unpack = unpack,
};
