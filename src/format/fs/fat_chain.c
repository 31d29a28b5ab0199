/* SPDX-License-Identifier: Apache-2.0 */
#include "format/fs/fat_in.h"

enum { LIST_FLAG = 2 };

static uint64_t place(const gh_fat *f, uint32_t n)
{
	return f->data + (uint64_t)(n - 2) * f->cluster;
}

static bool exists(const gh_fat *f, uint32_t n)
{
	return n >= 2 && n - 2 < f->clusters;
}

uint32_t gh_fat_next(const gh_fat *f, uint32_t n)
{
	uint64_t at = f->width == 12 ? (uint64_t)n + n / 2 : (uint64_t)n * f->width / 8;
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, f->table + at, 4), 0);
	uint32_t next = f->width == 32 ? gh_u32le(&c) : gh_u16le(&c);
	if (f->width == 12)
		next = n & 1 ? next >> 4 : next & 0xfff;
	else if (f->width == 32 && !f->ex)
		next &= 0x0fffffff;
	if (next == 0)
		return GH_FAT_FREE;
	return exists(f, next) ? next : GH_FAT_END;
}

static uint32_t follow(const gh_fat *f, gh_fat_chain chain, uint32_t n)
{
	return chain.row ? (exists(f, n + 1) ? n + 1 : GH_FAT_END) : gh_fat_next(f, n);
}

/* How many clusters the chain has, as far as its size asks for them; false in *row when they do not stand in one. */
static uint64_t length(const gh_fat *f, gh_fat_chain chain, bool *row)
{
	uint64_t most = GH_MIN(chain.size / f->cluster + (chain.size % f->cluster != 0), (uint64_t)f->clusters), n = 0;
	*row = true;
	for (uint32_t k = chain.first; exists(f, k) && n < most; n++) {
		uint32_t next = follow(f, chain, k);
		if (n + 1 < most && next != k + 1 && next >= 2)
			*row = false;
		k = next;
	}
	return n;
}

gh_code gh_fat_content(gh_ctx *ctx, const gh_fat *f, gh_fat_chain chain, gh_arena *arena, gh_bytes *ret, uint64_t *at)
{
	bool row;
	uint64_t n = length(f, chain, &row), have = n * f->cluster, want = GH_MIN(chain.size, have);
	gh_code code = gh_effort(ctx, n * 16);
	*ret = gh_view(NULL, 0);
	*at = GH_NOWHERE;
	if (code != GH_OK)
		return code;
	if (row && n > 0) {
		*ret = gh_bytes_part(f->all, place(f, chain.first), want);
		*at = f->pos + place(f, chain.first);
	} else if (n > 0) {
		code = gh_spend_bytes(ctx, want);
		uint8_t *to = code == GH_OK ? gh_arena_zalloc(arena, (size_t)want) : NULL;
		if (!to)
			return code != GH_OK ? code : gh_nomem(ctx);
		uint64_t done = 0;
		for (uint32_t k = chain.first; done < want && exists(f, k); k = follow(f, chain, k)) {
			gh_bytes b = gh_bytes_part(f->all, place(f, k), GH_MIN((uint64_t)f->cluster, want - done));
			if (b.len > 0)
				memcpy(to + done, b.ptr, b.len);
			done += f->cluster;
		}
		*ret = gh_view(to, (size_t)want);
	}
	if (chain.size != UINT64_MAX && want < chain.size)
		return gh_fail(ctx, GH_CORRUPT, f->pos + f->table, "a chain of %llu clusters for %llu bytes",
			       (unsigned long long)n, (unsigned long long)chain.size);
	if (ret->len < want || (f->all.len < f->size && n > 0 && place(f, chain.first) >= f->all.len))
		return gh_fail(ctx, GH_TRUNCATED, f->pos + f->all.len, "the content is cut short");
	return GH_OK;
}

/* Stops at a cluster that another chain has: so all chains together cost one pass over the table. */
gh_code gh_fat_use(gh_fat_walk *w, gh_fat_chain chain, uint64_t size)
{
	const gh_fat *f = w->f;
	gh_code code = GH_OK;
	uint64_t done = 0;
	for (uint32_t k = chain.first; exists(f, k) && done < size && code == GH_OK; k = follow(f, chain, k)) {
		if (w->seen[k]) {
			w->crossed++;
			break;
		}
		w->seen[k] = 1;
		code = gh_extents_add(w->ctx, &w->used, place(f, k), GH_MIN((uint64_t)f->cluster, size - done));
		done += f->cluster;
	}
	return code;
}

/* Clusters behind the size belong to the file, and nobody reads them: they count as reached, not as used. */
static void reach(gh_fat_walk *w, gh_fat_chain chain)
{
	for (uint32_t k = chain.first, n = 0; exists(w->f, k) && !chain.row && n < w->f->clusters; n++) {
		if (w->seen[k] == 2)
			break;
		w->seen[k] = 2;
		k = gh_fat_next(w->f, k);
	}
}

gh_code gh_fat_give(gh_fat_walk *w, gh_entry *e, gh_fat_chain chain)
{
	e->locator[0] = chain.first;
	e->locator[1] = chain.row;
	if (e->type == GH_ENTRY_DIR) {
		e->locator[LIST_FLAG] = chain.first != 0;
		return GH_OK;
	}
	bool row;
	uint64_t n = length(w->f, chain, &row);
	gh_code code = gh_effort(w->ctx, n * 16);
	if (code != GH_OK)
		return code;
	if (row && n * w->f->cluster >= chain.size && chain.size > 0 &&
	    gh_bytes_part(w->f->all, place(w->f, chain.first), chain.size).len == chain.size)
		e->at = w->f->pos + place(w->f, chain.first);
	code = gh_fat_use(w, chain, chain.size);
	reach(w, chain);
	return code;
}

gh_code gh_fat_give_deleted(gh_fat_walk *w, gh_entry *e, gh_fat_chain chain)
{
	const gh_fat *f = w->f;
	uint64_t n = chain.size / f->cluster + (chain.size % f->cluster != 0);
	e->locator[0] = chain.first;
	e->locator[1] = true;
	e->size = 0;
	if (e->type == GH_ENTRY_DIR || n == 0)
		return GH_OK;
	bool all_free = exists(f, chain.first) && n <= f->clusters - (chain.first - 2);
	gh_code code = gh_effort(w->ctx, all_free ? n * 16 : 0);
	for (uint64_t k = 0; k < n && all_free; k++)
		all_free = gh_fat_next(f, chain.first + (uint32_t)k) == GH_FAT_FREE;
	if (code != GH_OK || !all_free)
		return code;
	if (gh_bytes_part(f->all, place(f, chain.first), chain.size).len < chain.size)
		return GH_OK;
	e->size = chain.size;
	e->at = f->pos + place(f, chain.first);
	return gh_extents_add(w->ctx, &w->used, place(f, chain.first), chain.size);
}

static gh_code folder(gh_fat_walk *w, gh_fat_chain chain, gh_bytes path)
{
	const gh_fat *f = w->f;
	gh_bytes content;
	uint64_t at, end = 0;
	gh_code code = GH_OK;
	if (path.len > GH_FAT_PATH_MOST)
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, f->pos, "folders lie deeper than is followed");
	gh_arena_reset(w->scratch);
	if (chain.first == 0) { /* the root of FAT12 and FAT16 */
		content = gh_bytes_part(f->all, f->root_at, f->root_size);
		code = w->records(w, content, path, &end);
		return code == GH_OK ? gh_extents_add(w->ctx, &w->used, f->root_at, end) : code;
	}
	if (!exists(f, chain.first) || w->seen[chain.first])
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, f->pos + f->table,
				    "a folder whose first cluster is not its own is not entered");
	code = gh_fat_content(w->ctx, f, chain, w->scratch, &content, &at);
	if (gh_is_about_input(code))
		code = gh_node_note(w->ctx, w->out, code, f->pos, "a folder: %s", w->ctx->what);
	if (code == GH_OK)
		code = gh_fat_use(w, chain, 1); /* before those inside: it may hold itself */
	if (code == GH_OK)
		code = w->records(w, content, path, &end);
	/* what stands behind the last record is not the folder's */
	w->seen[chain.first] = 0;
	if (code == GH_OK)
		code = gh_fat_use(w, chain, GH_MAX(end, (uint64_t)1));
	reach(w, chain);
	return code;
}

static gh_code lost(gh_fat_walk *w)
{
	const gh_fat *f = w->f;
	uint64_t n = 0;
	uint32_t first = 0;
	gh_code code = gh_effort(w->ctx, (uint64_t)f->clusters * 4);
	for (uint32_t k = 2; exists(f, k) && code == GH_OK; k++) {
		gh_bytes e = gh_bytes_part(f->all, f->table + (uint64_t)k * f->width / 8, f->width == 32 ? 4 : 2);
		bool bad = f->width == 32 && e.len == 4 && e.ptr[0] == 0xf7; /* damaged clusters are marked so */
		if (!w->seen[k] && e.len > 1 && !bad && gh_fat_next(f, k) != GH_FAT_FREE && n++ == 0)
			first = k;
	}
	/* in exFAT the table says nothing of clusters in a row: a map of bits does */
	if (code != GH_OK || n == 0 || f->ex)
		return code;
	return gh_node_note(w->ctx, w->out, GH_OK, f->pos + place(f, first),
			    "%llu clusters in use that no name leads to, the first of them %u", (unsigned long long)n,
			    first);
}

static gh_code everything(gh_fat_walk *w)
{
	const gh_fat *f = w->f;
	gh_code code = GH_OK;
	uint64_t told = ((uint64_t)f->clusters + 2) * f->width / 8 + 1;
	for (uint32_t t = 0; t < f->tables && code == GH_OK; t++)
		code = gh_extents_add(w->ctx, &w->used, f->table + t * f->table_size, GH_MIN(told, f->table_size));
	if (code == GH_OK)
		code = folder(w, (gh_fat_chain){ f->root, false, UINT64_MAX }, gh_view(NULL, 0));
	for (size_t i = 0; i < w->list.count && code == GH_OK && !gh_cancelled(w->ctx); i++) {
		gh_entry *e = &w->list.items[i];
		if (!e->locator[LIST_FLAG])
			continue;
		e->locator[LIST_FLAG] = 0;
		code = folder(
			w,
			(gh_fat_chain){ (uint32_t)e->locator[0], e->locator[1] != 0, e->size ? e->size : UINT64_MAX },
			e->path);
		w->list.items[i].size = 0;
	}
	if (code == GH_OK)
		code = lost(w);
	if (code == GH_OK && w->crossed > 0)
		code = gh_node_note(w->ctx, w->out, GH_CORRUPT, f->pos + f->table, "%llu chains meet others",
				    (unsigned long long)w->crossed);
	return code;
}

static gh_code read_file(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	const gh_fat *stored = reader->volume->state;
	gh_fat f = *stored;
	uint64_t at;
	*ret = gh_view(NULL, 0);
	if (entry->size == 0 || entry->at != GH_NOWHERE)
		return gh_view_read(ctx, reader, entry, ret);
	f.all = reader->bytes;
	f.pos = reader->pos;
	return gh_fat_content(ctx, &f,
			      (gh_fat_chain){ (uint32_t)entry->locator[0], entry->locator[1] != 0, entry->size },
			      reader->scratch, ret, &at);
}

static const gh_volume_ops ops = { .read = read_file };

gh_code gh_fat_walk_all(gh_ctx *ctx, const gh_fat *f, gh_node *out,
			gh_code (*records)(gh_fat_walk *, gh_bytes, gh_bytes, uint64_t *))
{
	gh_fat_walk *w = gh_arena_zalloc(ctx->arena, sizeof *w);
	gh_fat *keep = gh_arena_alloc(ctx->arena, sizeof *keep);
	if (!w || !keep)
		return gh_nomem(ctx);
	*keep = *f;
	*w = (gh_fat_walk){ .ctx = ctx, .f = f, .out = out, .records = records };
	w->seen = gh_arena_zalloc(ctx->arena, (size_t)f->clusters + 2);
	w->scratch = gh_arena_new(GH_MIB(64));
	if (!w->seen || !w->scratch) {
		gh_arena_free(w->scratch);
		return gh_nomem(ctx);
	}
	gh_code trouble = everything(w);
	gh_arena_free(w->scratch);
	trouble = gh_entries_end(ctx, &w->list, &ops, out, trouble);
	if (!out->volume)
		return trouble;
	gh_volume_apart(out->volume);
	out->volume->state = keep;
	gh_extents_to(&w->used, f->pos, out->volume);
	return trouble;
}

gh_code gh_fat_utf8(gh_ctx *ctx, const uint16_t *units, size_t n, gh_bytes *ret)
{
	uint8_t *to = gh_arena_alloc(ctx->arena, n * 3 + 1);
	size_t len = 0;
	if (!to)
		return gh_nomem(ctx);
	for (size_t i = 0; i < n; i++) {
		uint32_t u = units[i];
		if (u >= 0xd800 && u < 0xdc00 && i + 1 < n && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
			u = 0x10000 + ((u - 0xd800) << 10) + (units[++i] - 0xdc00U);
		if (u >= 0x10000) {
			to[len++] = (uint8_t)(0xf0 | u >> 18);
			to[len++] = (uint8_t)(0x80 | (u >> 12 & 63));
		} else if (u >= 0x800) {
			to[len++] = (uint8_t)(0xe0 | u >> 12);
		}
		if (u >= 0x800)
			to[len++] = (uint8_t)(0x80 | (u >> 6 & 63));
		else if (u >= 0x80)
			to[len++] = (uint8_t)(0xc0 | u >> 6);
		to[len++] = u >= 0x80 ? (uint8_t)(0x80 | (u & 63)) : (uint8_t)u;
	}
	*ret = gh_view(to, len);
	return GH_OK;
}

int64_t gh_fat_time(uint16_t date, uint16_t time)
{
	int64_t y = 1980 + (date >> 9), m = GH_MAX(date >> 5 & 15, 1), d = GH_MAX(date & 31, 1);
	if (date == 0)
		return 0;
	/* days since 1970 of a day of the Gregorian calendar, years beginning in March */
	int64_t a = m <= 2 ? y - 1 : y, b = (m + 9) % 12;
	int64_t days = a * 365 + a / 4 - a / 100 + a / 400 + (b * 153 + 2) / 5 + d - 1 - 719468;
	return days * 86400 + (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2;
}
