/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was before. A file was another one before the record that overwrites or cuts what it held; records
 * that only add to it do not make a version. A name is of the past when it leads to another inode now, or
 * nowhere. What no name leads to any more is listed under "(nameless)".
 */
#include "format/flash/log_in.h"

/* Of each file so many versions, the newest; and how large one may be to be compared with the next. */
enum { VERSIONS_MOST = 16, COMPARED_MOST = 256 << 10 };

static const char nameless[] = "(nameless)";

static void count(gh_log_work *w, gh_past past)
{
	w->older += past == GH_OLDER;
	w->deleted += past == GH_DELETED;
}

/* The moments before a file was rewritten, oldest first; *all counts also those beyond the most. */
static gh_code find_moments(gh_ctx *ctx, const gh_log *log, const gh_log_inode *inode, uint64_t ret[VERSIONS_MOST],
			    size_t *n, uint64_t *all)
{
	gh_ranges written = { .arena = ctx->scratch };
	uint64_t size = 0;
	*n = 0;
	*all = 0;
	for (uint32_t i = 0; i < inode->count; i++) {
		const gh_log_item *item = &log->items[inode->first + i];
		uint64_t to = item->offset + item->len;
		bool cuts = item->cut < size && gh_ranges_touch(&written, item->cut, size);
		if (i > 0 && log->items[inode->first + i - 1].seq < item->seq &&
		    (cuts || gh_ranges_touch(&written, item->offset, to))) {
			if (*n == VERSIONS_MOST)
				memmove(ret, ret + 1, --*n * sizeof *ret);
			ret[(*n)++] = log->items[inode->first + i - 1].seq;
			++*all;
			written.count = 0;
		}
		size = GH_MIN(size, item->cut);
		size = GH_MAX(size, to);
		gh_code code = gh_ranges_add(ctx, &written, item->offset, to);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

/* Did the later content only grow out of the earlier? What was never whole is worth no line either. */
static gh_code worth_listing(gh_ctx *ctx, const gh_log *log, gh_log_view before, uint64_t size, gh_log_view after,
			     bool *ret, uint64_t *lost)
{
	gh_log_meta m;
	gh_bytes a, b;
	uint64_t ignored;
	*ret = true;
	*lost = 0;
	if (size > COMPARED_MOST)
		return GH_OK;
	gh_arena *arena = gh_arena_new(GH_MIB(4));
	if (!arena)
		return gh_nomem(ctx);
	gh_code code = gh_log_content(ctx, log, before, size, arena, &a, lost);
	if (code == GH_OK && (*lost == size || size == 0))
		*ret = false;
	if (code == GH_OK && *ret && gh_log_meta_of(ctx, log, after, &m) && m.size >= size && m.size <= COMPARED_MOST) {
		code = gh_log_content(ctx, log, after, m.size, arena, &b, &ignored);
		*ret = code != GH_OK || !gh_bytes_start(b, a);
	}
	gh_arena_free(arena);
	return gh_is_about_input(code) && code != GH_LIMIT ? GH_OK : code;
}

static gh_code add_past(gh_ctx *ctx, gh_log_work *w, gh_bytes path, gh_past past, gh_entry **ret)
{
	gh_code code = gh_entries_add(ctx, &w->list, ret);
	if (code != GH_OK)
		return code;
	(*ret)->path = path;
	(*ret)->past = past;
	count(w, past);
	return GH_OK;
}

static gh_code note_lost(gh_ctx *ctx, const gh_log *log, gh_entry *e, uint64_t lost)
{
	if (lost == 0 || !log->no_holes)
		return GH_OK;
	return gh_entry_note(ctx, e, GH_OK, log->pos, "%llu of its bytes are no longer there: zeros stand for them",
			     (unsigned long long)lost);
}

/* What the file of entry `i` was before `until`. */
static gh_code versions(gh_ctx *ctx, gh_log_work *w, size_t i, const gh_log_inode *inode, gh_log_view last)
{
	uint64_t moments[VERSIONS_MOST], all, lost;
	size_t n;
	if (w->list.items[i].type != GH_ENTRY_FILE || inode->count < 2)
		return GH_OK;
	gh_arena_reset(ctx->scratch);
	gh_code code = find_moments(ctx, w->log, inode, moments, &n, &all);
	gh_log_view after = last;
	for (size_t k = n; k > 0 && code == GH_OK; k--) {
		gh_log_view view = { inode, moments[k - 1], false };
		gh_log_meta m;
		gh_entry *e;
		bool worth;
		if (view.moment >= last.moment || !gh_log_meta_of(ctx, w->log, view, &m) || m.type != GH_ENTRY_FILE)
			continue;
		code = worth_listing(ctx, w->log, view, m.size, after, &worth, &lost);
		if (code != GH_OK || !worth)
			continue;
		after = view;
		code = add_past(ctx, w, w->list.items[i].path, GH_OLDER, &e);
		if (code == GH_OK)
			code = gh_log_fill(ctx, w, view, NULL, e);
		if (code == GH_OK)
			code = note_lost(ctx, w->log, e, lost);
	}
	if (code == GH_OK && all > n)
		code = gh_entry_note(ctx, &w->list.items[i], GH_OK, w->log->pos,
				     "%llu versions before the %zu newest are not listed",
				     (unsigned long long)(all - n), n);
	return code;
}

static gh_code add_inode(gh_ctx *ctx, gh_log_work *w, gh_bytes path, gh_past past, gh_log_inode *inode,
			 const gh_log_name *name, uint64_t moment)
{
	gh_entry *e;
	gh_code code = add_past(ctx, w, path, past, &e);
	if (code != GH_OK)
		return code;
	if (inode->entry != GH_LOG_NONE) {
		gh_log_link(w, inode->entry, e);
		return GH_OK;
	}
	size_t i = w->list.count - 1;
	gh_log_view view = { inode, moment, false };
	inode->entry = (uint32_t)i;
	code = gh_log_fill(ctx, w, view, name, e);
	if (code == GH_OK && e->type == GH_ENTRY_FILE && e->size > 0 && e->size <= COMPARED_MOST && w->log->no_holes &&
	    inode->count > 0) {
		gh_bytes content;
		uint64_t lost;
		gh_arena_reset(ctx->scratch);
		code = gh_log_content(ctx, w->log, view, e->size, ctx->scratch, &content, &lost);
		if (code == GH_OK)
			code = note_lost(ctx, w->log, e, lost);
		if (gh_is_about_input(code) && code != GH_LIMIT)
			code = GH_OK; /* said when it is read */
	}
	return code == GH_OK ? versions(ctx, w, i, inode, view) : code;
}

/* The inodes that a name led to before the one it leads to now, the newest first. */
static gh_code past_of_name(gh_ctx *ctx, gh_log_work *w, uint32_t dir, size_t first, size_t end)
{
	const gh_log *log = w->log;
	const gh_log_name *now = NULL;
	gh_bytes path = { NULL, 0 };
	gh_code code = GH_OK;
	for (size_t i = first; i < end; i++)
		now = log->names[i].now ? &log->names[i] : now;
	uint32_t shown = now ? now->inode : 0;
	uint32_t newer = shown;
	bool gone = shown == 0;
	uint64_t until = GH_LOG_LAST;
	for (size_t i = end; i > first && code == GH_OK; i--) {
		const gh_log_name *name = &log->names[i - 1];
		if (name->inode != 0 && name->inode != shown && name->inode != newer) {
			if (!path.ptr)
				code = gh_log_path(ctx, w, dir, name->name, &path);
			gh_log_inode *inode = gh_log_find(log, name->inode);
			if (code == GH_OK && inode)
				code = add_inode(ctx, w, path, gone ? GH_DELETED : GH_OLDER, inode, name,
						 !log->one_clock ? GH_LOG_LAST
						 : name->until   ? name->until
								 : until);
			gone = false;
		}
		if (name->inode != 0)
			newer = name->inode;
		until = name->seq;
	}
	/* Nothing is left but the record that deleted it. */
	if (code == GH_OK && gone && now && newer == 0) {
		gh_entry *e;
		code = gh_log_path(ctx, w, dir, now->name, &path);
		if (code == GH_OK)
			code = add_past(ctx, w, path, GH_DELETED, &e);
		if (code == GH_OK) {
			e->locator[0] = UINT64_MAX;
			code = gh_entry_note(ctx, e, GH_OK, log->pos + now->at,
					     "only the record is left by which the name was deleted");
		}
	}
	return code;
}

static gh_code past_of_dir(gh_ctx *ctx, gh_log_work *w, uint32_t dir, uint32_t number)
{
	gh_log_row row = gh_log_names_of(w->log, number);
	gh_code code = GH_OK;
	for (size_t i = row.first, end; i < row.end && code == GH_OK; i = end) {
		end = gh_log_same_name(w->log, i, row.end);
		code = past_of_name(ctx, w, dir, i, end);
	}
	return code;
}

/* Entries from *done on: versions of files that are there, names that were in directories. */
static gh_code past_of_entries(gh_ctx *ctx, gh_log_work *w, size_t *done)
{
	gh_code code = GH_OK;
	for (; *done < w->list.count && code == GH_OK && !gh_cancelled(ctx); ++*done) {
		const gh_entry *e = &w->list.items[*done];
		const gh_log_inode *inode = e->hard_link ? NULL : gh_log_find(w->log, e->inode);
		if (!inode || inode->entry != *done)
			continue;
		if (e->type == GH_ENTRY_DIR && e->inode != w->log->root)
			code = past_of_dir(ctx, w, (uint32_t)*done, e->inode);
		else if (*done < w->present)
			code = versions(ctx, w, *done, inode, (gh_log_view){ inode, GH_LOG_LAST, true });
	}
	return code;
}

/* An inode that no name leads to: of worth when there is content or names stand in it. */
static gh_code add_nameless(gh_ctx *ctx, gh_log_work *w, gh_log_inode *inode)
{
	gh_log_meta m;
	gh_log_view view = { inode, GH_LOG_LAST, false };
	gh_log_row row = gh_log_names_of(w->log, inode->number);
	gh_log_name dir = { .type = GH_ENTRY_DIR + 1 };
	if (inode->entry != GH_LOG_NONE || inode->number == w->log->root)
		return GH_OK;
	bool told = gh_log_meta_of(ctx, w->log, view, &m);
	if (row.first == row.end && (!told || (m.type != GH_ENTRY_FILE && m.type != GH_ENTRY_LINK)))
		return GH_OK;
	char *path = gh_arena_printf(ctx->arena, "%s/inode-%u", nameless, inode->number);
	if (!path)
		return gh_nomem(ctx);
	return add_inode(ctx, w, gh_view_text(path), GH_DELETED, inode, row.first < row.end ? &dir : NULL, GH_LOG_LAST);
}

gh_code gh_log_past(gh_ctx *ctx, gh_log_work *w)
{
	size_t done = 0;
	gh_code code = past_of_dir(ctx, w, GH_LOG_NONE, w->log->root);
	if (code == GH_OK)
		code = past_of_entries(ctx, w, &done);
	for (size_t i = 0; i < w->log->n_inodes && code == GH_OK && !gh_cancelled(ctx); i++) {
		code = add_nameless(ctx, w, &w->log->inodes[i]);
		if (code == GH_OK)
			code = past_of_entries(ctx, w, &done);
	}
	return code;
}
