/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that a mount would show: from the root down, one directory after the other, names in order of
 * their bytes. A directory is entered once, so a loop of them ends.
 */
#include "format/flash/log_in.h"

enum { PATH_MOST = 4096, PER_GROUP = 32 };

/* Where an entry's content is: the inode, the moment, and whether records of the past count. */
enum { AT_INODE, AT_MOMENT, AT_PAST };

void gh_log_place(gh_entry *e, const gh_log *log, gh_log_view view)
{
	e->locator[AT_INODE] = (uint64_t)(view.inode - log->inodes);
	e->locator[AT_MOMENT] = view.moment;
	e->locator[AT_PAST] = !view.now;
}

static gh_code read_entry(gh_ctx *ctx, gh_reader *reader, const gh_entry *e, gh_bytes *ret)
{
	const gh_log *log = reader->volume->state;
	uint64_t lost;
	*ret = gh_view(NULL, 0);
	if (e->locator[AT_INODE] >= log->n_inodes)
		return e->past != GH_NOW ? GH_OK
					 : gh_fail(ctx, GH_CORRUPT, reader->pos,
						   "nothing is known of inode %u but its name", e->inode);
	gh_log_view view = { &log->inodes[e->locator[AT_INODE]], e->locator[AT_MOMENT], !e->locator[AT_PAST] };
	gh_code code = gh_log_content(ctx, log, view, e->size, reader->scratch, ret, &lost);
	if (code == GH_OK && lost > 0 && log->no_holes && e->past == GH_NOW)
		return gh_fail(ctx, GH_CORRUPT, reader->pos, "%llu bytes of the content are lost: zeros stand there",
			       (unsigned long long)lost);
	return code;
}

static const gh_volume_ops ops = { .read = read_entry };

gh_code gh_log_path(gh_ctx *ctx, const gh_log_work *w, uint32_t dir, gh_bytes name, gh_bytes *ret)
{
	gh_bytes up = dir == GH_LOG_NONE ? gh_view(NULL, 0) : w->list.items[dir].path;
	size_t len = up.len + (up.len > 0) + name.len;
	if (len > PATH_MOST)
		return gh_fail(ctx, GH_LIMIT, w->log->pos, "a path of more than %d bytes", PATH_MOST);
	gh_code code = gh_spend_bytes(ctx, len);
	if (code != GH_OK)
		return code;
	char *path = gh_arena_alloc(ctx->arena, len + 1);
	if (!path)
		return gh_nomem(ctx);
	if (up.len > 0) {
		memcpy(path, up.ptr, up.len);
		path[up.len] = '/';
	}
	if (name.len > 0)
		memcpy(path + len - name.len, name.ptr, name.len);
	path[len] = 0;
	*ret = gh_view(path, len);
	return GH_OK;
}

gh_code gh_log_fill(gh_ctx *ctx, gh_log_work *w, gh_log_view view, const gh_log_name *name, gh_entry *e)
{
	gh_log_meta m;
	e->inode = view.inode->number;
	gh_log_place(e, w->log, view);
	if (!gh_log_meta_of(ctx, w->log, view, &m)) {
		e->type = name && name->type ? (gh_entry_type)(name->type - 1) : GH_ENTRY_FILE;
		e->locator[AT_INODE] = UINT64_MAX;
		return gh_entry_note(ctx, e, e->past ? GH_OK : GH_CORRUPT, name ? w->log->pos + name->at : w->log->pos,
				     "only the name is left: nothing tells of inode %u", e->inode);
	}
	e->type = m.type;
	e->mode = m.mode & 07777;
	e->uid = m.uid;
	e->gid = m.gid;
	e->nlink = m.nlink;
	e->mtime = m.mtime;
	e->major = m.major;
	e->minor = m.minor;
	e->target = m.target;
	e->size = m.type == GH_ENTRY_FILE ? m.size : 0;
	return w->log->ops->xattrs ? w->log->ops->xattrs(ctx, w->log, e) : GH_OK;
}

void gh_log_link(gh_log_work *w, uint32_t first, gh_entry *e)
{
	const gh_entry *f = &w->list.items[first];
	gh_bytes path = e->path;
	gh_past past = e->past;
	*e = *f;
	e->path = path;
	e->past = past;
	e->notes = NULL;
	if (e->type == GH_ENTRY_LINK || e->type == GH_ENTRY_DIR)
		return; /* a second name of these is an entry like the first */
	e->hard_link = true;
	e->same_as = first;
	e->target = f->path;
}

static bool odd_name(gh_bytes name)
{
	return name.len == 0 || memchr(name.ptr, '/', name.len) || memchr(name.ptr, 0, name.len) ||
	       gh_bytes_eq(name, GH_LIT(".")) || gh_bytes_eq(name, GH_LIT(".."));
}

static gh_code add_name(gh_ctx *ctx, gh_log_work *w, uint32_t dir, const gh_log_name *name)
{
	gh_bytes path;
	gh_entry *e;
	gh_code code = gh_log_path(ctx, w, dir, name->name, &path);
	if (code == GH_OK)
		code = gh_entries_add(ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	gh_log_inode *inode = gh_log_find(w->log, name->inode);
	if (!inode)
		return gh_fail(ctx, GH_CORRUPT, w->log->pos + name->at, "a name without inode");
	if (inode->entry != GH_LOG_NONE) {
		gh_log_link(w, inode->entry, e);
		if (e->type == GH_ENTRY_DIR)
			code = gh_entry_note(ctx, e, GH_CORRUPT, w->log->pos + name->at,
					     "a directory with two names: its content is listed under the first");
	} else {
		inode->entry = (uint32_t)(w->list.count - 1);
		code = gh_log_fill(ctx, w, (gh_log_view){ inode, GH_LOG_LAST, true }, name, e);
	}
	if (code == GH_OK && odd_name(name->name))
		code = gh_entry_note(ctx, e, GH_CORRUPT, w->log->pos + name->at,
				     "the stored name is not one that a directory may hold");
	return code;
}

/* The newest record of each name that counts; one that deletes says that there is nothing. */
static gh_code list_dir(gh_ctx *ctx, gh_log_work *w, uint32_t dir, uint32_t number)
{
	const gh_log *log = w->log;
	gh_log_row row = gh_log_names_of(log, number);
	gh_code code = GH_OK;
	for (size_t i = row.first, end; i < row.end && code == GH_OK; i = end) {
		end = gh_log_same_name(log, i, row.end);
		const gh_log_name *last = NULL;
		for (size_t k = i; k < end; k++)
			last = log->names[k].now ? &log->names[k] : last;
		if (last && last->inode != 0)
			code = add_name(ctx, w, dir, last);
	}
	return code;
}

static void count_names(gh_log_work *w)
{
	for (size_t i = 0; i < w->list.count; i++)
		w->list.items[i].nlink = 1;
	for (size_t i = 0; i < w->list.count; i++)
		if (w->list.items[i].hard_link)
			w->list.items[w->list.items[i].same_as].nlink++;
	for (size_t i = 0; i < w->list.count; i++)
		if (w->list.items[i].hard_link)
			w->list.items[i].nlink = w->list.items[w->list.items[i].same_as].nlink;
}

gh_code gh_log_tree(gh_ctx *ctx, gh_log_work *w)
{
	gh_log_inode *root = gh_log_find(w->log, w->log->root);
	gh_code code = list_dir(ctx, w, GH_LOG_NONE, root->number);
	for (size_t i = 0; i < w->list.count && code == GH_OK && !gh_cancelled(ctx); i++) {
		const gh_entry *e = &w->list.items[i];
		const gh_log_inode *inode = e->type == GH_ENTRY_DIR ? gh_log_find(w->log, e->inode) : NULL;
		if (inode && inode != root && inode->entry == i)
			code = list_dir(ctx, w, (uint32_t)i, e->inode);
	}
	w->present = w->list.count;
	if (w->log->no_counts)
		count_names(w);
	return code;
}

static gh_code root_facts(gh_ctx *ctx, const gh_log *log, gh_node *out)
{
	gh_log_meta m;
	gh_log_view view = { gh_log_find(log, log->root), GH_LOG_LAST, true };
	if (!gh_log_meta_of(ctx, log, view, &m))
		return GH_OK;
	gh_code code = gh_node_factf(ctx, out, "root-mode", "%04o", m.mode & 07777);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "root-owner", "%u:%u", m.uid, m.gid);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "root-mtime", "%lld", (long long)m.mtime);
	return code;
}

gh_code gh_log_volume(gh_ctx *ctx, gh_log *log, gh_node *out)
{
	gh_log_work w = { .log = log };
	gh_code code = gh_log_sort(ctx, log);
	if (code == GH_OK)
		code = root_facts(ctx, log, out);
	if (code == GH_OK)
		code = gh_log_tree(ctx, &w);
	if (code == GH_OK)
		code = gh_log_past(ctx, &w);
	/* What was listed before the trouble is shown. */
	if (code != GH_OK && (!gh_is_about_input(code) || gh_node_trouble(ctx, out) != GH_OK))
		return code;
	if ((w.older || w.deleted) &&
	    gh_node_factf(ctx, out, "history", "%u older versions, %u deleted names", w.older, w.deleted))
		return GH_NOMEM;
	code = gh_entries_volume(ctx, &w.list, &ops, out);
	if (code != GH_OK)
		return code;
	out->volume->state = log;
	for (size_t i = 0; i < out->volume->count; i++)
		out->volume->entries[i].group = (uint32_t)(i / PER_GROUP);
	out->volume->groups = out->volume->count ? (uint32_t)((out->volume->count - 1) / PER_GROUP) + 1 : 0;
	return GH_OK;
}
