/* SPDX-License-Identifier: Apache-2.0 */
#include "format/flash/log_in.h"

#include <stdlib.h>

static void *grow(gh_ctx *ctx, void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	size_t more = *room ? *room * 2 : 64;
	void *grown = gh_arena_grow(ctx->arena, items, *room * size, more * size);
	if (grown)
		*room = more;
	return grown;
}

gh_code gh_log_add_name(gh_ctx *ctx, gh_log *log, gh_log_name **ret)
{
	gh_log_name *names = grow(ctx, log->names, log->n_names, &log->names_room, sizeof *names);
	if (!names)
		return gh_nomem(ctx);
	log->names = names;
	*ret = &names[log->n_names++];
	**ret = (gh_log_name){ 0 };
	return gh_effort(ctx, sizeof **ret);
}

gh_code gh_log_add_item(gh_ctx *ctx, gh_log *log, gh_log_item **ret)
{
	gh_log_item *items = grow(ctx, log->items, log->n_items, &log->items_room, sizeof *items);
	if (!items)
		return gh_nomem(ctx);
	log->items = items;
	*ret = &items[log->n_items++];
	**ret = (gh_log_item){ .cut = UINT64_MAX };
	return gh_effort(ctx, sizeof **ret);
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_name(const void *a, const void *b)
{
	const gh_log_name *x = a, *y = b;
	int o = order(x->parent, y->parent);
	o = o ? o : gh_bytes_cmp(x->name, y->name);
	o = o ? o : order(x->seq, y->seq);
	return o ? o : order(x->at, y->at);
}

static int by_inode(const void *a, const void *b)
{
	const gh_log_item *x = a, *y = b;
	int o = order(x->inode, y->inode);
	o = o ? o : order(x->seq, y->seq);
	return o ? o : order(x->at, y->at);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return order(*x, *y);
}

/* Every inode that anything is said of: by records, or by names that lead to it or stand in it. */
static gh_code list_inodes(gh_ctx *ctx, gh_log *log)
{
	size_t n = 0, room = log->n_items + 2 * log->n_names + 1;
	uint32_t *all = gh_arena_array(ctx->scratch, room, sizeof *all);
	if (!all)
		return gh_nomem(ctx);
	all[n++] = log->root;
	for (size_t i = 0; i < log->n_items; i++)
		if (i == 0 || log->items[i].inode != log->items[i - 1].inode)
			all[n++] = log->items[i].inode;
	for (size_t i = 0; i < log->n_names; i++) {
		all[n++] = log->names[i].parent;
		if (log->names[i].inode != 0)
			all[n++] = log->names[i].inode;
	}
	qsort(all, n, sizeof *all, by_number);
	size_t distinct = 1;
	for (size_t i = 1; i < n; i++)
		if (all[i] != all[distinct - 1])
			all[distinct++] = all[i];
	log->inodes = gh_arena_array(ctx->arena, distinct, sizeof *log->inodes);
	if (!log->inodes)
		return gh_nomem(ctx);
	log->n_inodes = distinct;
	for (size_t i = 0, at = 0; i < distinct; i++) {
		size_t first = at;
		while (at < log->n_items && log->items[at].inode == all[i])
			at++;
		log->inodes[i] = (gh_log_inode){ all[i], (uint32_t)first, (uint32_t)(at - first), GH_LOG_NONE };
	}
	return GH_OK;
}

gh_code gh_log_sort(gh_ctx *ctx, gh_log *log)
{
	if (log->n_items > UINT32_MAX / 4 || log->n_names > UINT32_MAX / 4)
		return gh_fail(ctx, GH_LIMIT, log->pos, "too many records");
	if (log->n_names > 1)
		qsort(log->names, log->n_names, sizeof *log->names, by_name);
	if (log->n_items > 1)
		qsort(log->items, log->n_items, sizeof *log->items, by_inode);
	return list_inodes(ctx, log);
}

gh_log_inode *gh_log_find(const gh_log *log, uint32_t number)
{
	size_t low = 0, high = log->n_inodes;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (log->inodes[mid].number == number)
			return &log->inodes[mid];
		if (log->inodes[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

gh_log_row gh_log_names_of(const gh_log *log, uint32_t parent)
{
	size_t low = 0, high = log->n_names;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (log->names[mid].parent < parent)
			low = mid + 1;
		else
			high = mid;
	}
	gh_log_row row = { low, low };
	while (row.end < log->n_names && log->names[row.end].parent == parent)
		row.end++;
	return row;
}

size_t gh_log_same_name(const gh_log *log, size_t first, size_t end)
{
	size_t i = first + 1;
	while (i < end && gh_bytes_eq(log->names[i].name, log->names[first].name))
		i++;
	return i;
}

static bool seen(gh_log_view view, const gh_log_item *item)
{
	return item->seq <= view.moment && (item->now || !view.now);
}

static bool newest_meta(gh_ctx *ctx, const gh_log *log, gh_log_view view, gh_log_meta *ret)
{
	enum { TRIES = 64 }; /* broken or bare records that are stepped over */
	bool told = false;
	gh_log_meta m;
	unsigned tries = 0;
	for (uint32_t i = view.inode->count; i > 0 && tries < TRIES; i--) {
		const gh_log_item *item = &log->items[view.inode->first + i - 1];
		if (!item->tells || !seen(view, item))
			continue;
		tries++;
		if (log->ops->meta(ctx, log, item, &m) != GH_OK)
			continue;
		if (!told)
			*ret = m;
		else if (m.type == ret->type && !m.bare) {
			ret->target = m.target;
			ret->major = m.major;
			ret->minor = m.minor;
		}
		told = true;
		if (!m.bare)
			break;
	}
	return told;
}

bool gh_log_meta_of(gh_ctx *ctx, const gh_log *log, gh_log_view view, gh_log_meta *ret)
{
	if (!newest_meta(ctx, log, view, ret))
		return false;
	for (uint32_t i = view.inode->count; log->grows && ret->type == GH_ENTRY_FILE && i > 0; i--) {
		const gh_log_item *item = &log->items[view.inode->first + i - 1];
		if (item->tells && seen(view, item))
			break;
		if (seen(view, item))
			ret->size = GH_MAX(ret->size, item->offset + item->len);
	}
	return true;
}

struct reading {
	const gh_log *log;
	uint8_t *room;
	gh_ranges known;
	gh_arena *arena;
	uint8_t *piece; /* one record's content */
	size_t piece_room;
};

static gh_code one_record(gh_ctx *ctx, struct reading *r, const gh_log_item *item, uint64_t limit)
{
	uint64_t from = item->offset, to = item->offset + item->len;
	gh_range hole;
	if (to < from || from >= limit || !gh_ranges_hole(&r->known, from, GH_MIN(to, limit), &hole))
		return GH_OK;
	to = GH_MIN(to, limit);
	if (item->hole)
		return gh_ranges_add(ctx, &r->known, from, to);
	if (item->len > r->piece_room) {
		gh_code code = gh_spend_bytes(ctx, item->len);
		if (code != GH_OK)
			return code;
		r->piece = gh_arena_alloc(r->arena, item->len);
		r->piece_room = r->piece ? item->len : 0;
		if (!r->piece)
			return gh_fail(ctx, GH_LIMIT, r->log->pos, "a record of %u bytes does not fit in memory",
				       item->len);
	}
	gh_buf out = gh_buf_over(r->piece, item->len);
	gh_code code = r->log->ops->content(ctx, r->log, item, &out);
	if (code != GH_OK)
		return code; /* the older content that it covered is what a mount shows then */
	memset(r->piece + out.len, 0, item->len - out.len);
	for (; gh_ranges_hole(&r->known, from, to, &hole); from = hole.to)
		memcpy(r->room + hole.from, r->piece + (hole.from - item->offset), hole.to - hole.from);
	return gh_ranges_add(ctx, &r->known, item->offset, to);
}

gh_code gh_log_content(gh_ctx *ctx, const gh_log *log, gh_log_view view, uint64_t size, gh_arena *arena, gh_bytes *ret,
		       uint64_t *lost)
{
	struct reading r = { .log = log, .arena = arena, .known = { .arena = arena } };
	gh_code code = gh_spend_bytes(ctx, size), trouble = GH_OK;
	*ret = gh_view(NULL, 0);
	*lost = 0;
	if (code != GH_OK || size == 0)
		return code;
	r.room = size > SIZE_MAX / 2 ? NULL : gh_arena_zalloc(arena, (size_t)size);
	if (!r.room)
		return gh_fail(ctx, GH_LIMIT, log->pos, "a file of %llu bytes does not fit in memory",
			       (unsigned long long)size);
	uint64_t limit = size;
	for (uint32_t i = view.inode->count; i > 0 && !gh_cancelled(ctx); i--) {
		const gh_log_item *item = &log->items[view.inode->first + i - 1];
		if (!seen(view, item))
			continue;
		limit = GH_MIN(limit, item->cut);
		if (limit == 0)
			break;
		code = item->len ? one_record(ctx, &r, item, limit) : GH_OK;
		if (code != GH_OK && (!gh_is_about_input(code) || code == GH_LIMIT))
			return code;
		trouble = trouble == GH_OK ? code : trouble;
		if (r.known.count == 1 && r.known.items[0].from == 0 && r.known.items[0].to >= size)
			break;
	}
	*ret = gh_view(r.room, (size_t)size);
	*lost = size - gh_ranges_sum(&r.known, size);
	return trouble;
}
