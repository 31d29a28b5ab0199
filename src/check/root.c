/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "check/root_in.h"

enum { LINKS_MOST = 16 };

gh_code gh_each_volume(gh_check_ctx *check, gh_code (*ask)(gh_check_ctx *check, const gh_node *volume))
{
	gh_code code = GH_OK;
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node))
		if (node->volume)
			code = ask(check, node);
	return code;
}

gh_bytes gh_root_trim(gh_bytes path)
{
	for (;;) {
		if (gh_bytes_start(path, GH_LIT("/")))
			path = gh_bytes_part(path, 1, path.len);
		else if (gh_bytes_start(path, GH_LIT("./")))
			path = gh_bytes_part(path, 2, path.len);
		else
			return path;
	}
}

gh_bytes gh_path_base(gh_bytes path)
{
	size_t at = path.len;
	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return gh_bytes_part(path, at, path.len);
}

static int by_path(const void *a, const void *b)
{
	const gh_root_name *x = a, *y = b;
	int order = gh_bytes_cmp(x->path, y->path);
	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

gh_code gh_root_over(gh_ctx *ctx, const gh_node *volume, gh_root *ret)
{
	size_t n = volume->volume->count;
	gh_root root = { .node = volume, .names = gh_arena_array(ctx->scratch, n ? n : 1, sizeof *root.names) };
	if (!root.names)
		return gh_nomem(ctx);
	size_t now = 0;
	for (size_t i = 0; i < n; i++) {
		const gh_entry *e = &volume->volume->entries[i];
		if (e->past == GH_NOW)
			root.names[now++] = (gh_root_name){ gh_root_trim(e->path), e };
	}
	if (now > 1)
		qsort(root.names, now, sizeof *root.names, by_path);
	for (size_t i = 0; i < now; i++) /* of equal paths the last one counts, as when an archive is unpacked */
		if (i + 1 == now || !gh_bytes_eq(root.names[i].path, root.names[i + 1].path))
			root.names[root.count++] = root.names[i];
	*ret = root;
	return GH_OK;
}

/* The first name that is not below `path` in the order of bytes. */
static size_t lower_bound(const gh_root *root, gh_bytes path)
{
	size_t low = 0, high = root->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (gh_bytes_cmp(root->names[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const gh_entry *gh_root_at(const gh_root *root, gh_bytes path)
{
	path = gh_root_trim(path);
	size_t at = lower_bound(root, path);
	return at < root->count && gh_bytes_eq(root->names[at].path, path) ? root->names[at].entry : NULL;
}

/* Where we are while a path is walked: the part that is resolved, and what is still to do. */
typedef struct walk {
	uint8_t done[GH_ROOT_PATH], todo[GH_ROOT_PATH];
	size_t n_done, n_todo;
	unsigned links;
} walk;

static gh_bytes next_part(walk *w)
{
	gh_bytes todo = gh_root_trim(gh_view(w->todo, w->n_todo));
	const uint8_t *slash = todo.len ? memchr(todo.ptr, '/', todo.len) : NULL;
	gh_bytes part = gh_bytes_part(todo, 0, slash ? (size_t)(slash - todo.ptr) : todo.len);
	return part;
}

static void drop_part(walk *w, gh_bytes part)
{
	size_t behind = part.len ? (size_t)(part.ptr + part.len - w->todo) : w->n_todo;
	w->n_todo -= behind;
	memmove(w->todo, w->todo + behind, w->n_todo);
}

/* What a link says comes before what is still to do. */
static bool put_before(walk *w, gh_bytes target)
{
	const uint8_t *nul = target.len ? memchr(target.ptr, 0, target.len) : NULL;
	if (nul) /* as a kernel reads it; some makers of cpio archives count the NUL in */
		target.len = (size_t)(nul - target.ptr);
	if (++w->links > LINKS_MOST || target.len == 0 || target.len + 1 + w->n_todo > sizeof w->todo)
		return false;
	memmove(w->todo + target.len + 1, w->todo, w->n_todo);
	memcpy(w->todo, target.ptr, target.len);
	w->todo[target.len] = '/';
	w->n_todo += target.len + 1;
	if (target.ptr[0] == '/')
		w->n_done = 0;
	return true;
}

static void go_up(walk *w)
{
	while (w->n_done > 0 && w->done[--w->n_done] != '/')
		;
}

/* Archives need not name the folders that their files are in. */
static bool is_folder_of(const gh_root *root, walk *w)
{
	if (w->n_done == sizeof w->done)
		return false;
	w->done[w->n_done] = '/';
	gh_bytes head = gh_view(w->done, w->n_done + 1);
	size_t at = lower_bound(root, head);
	return at < root->count && gh_bytes_start(root->names[at].path, head);
}

/* Walks to the end of w->todo; the path reached is in w->done. False: it leads nowhere. */
static bool walk_on(const gh_root *root, walk *w)
{
	for (gh_bytes part; (part = next_part(w)).len > 0;) {
		size_t before = w->n_done;
		if (gh_bytes_eq(part, GH_LIT(".."))) {
			drop_part(w, part);
			go_up(w);
			continue;
		}
		if (gh_bytes_eq(part, GH_LIT("."))) {
			drop_part(w, part);
			continue;
		}
		if (w->n_done + 1 + part.len > sizeof w->done)
			return false;
		if (w->n_done > 0)
			w->done[w->n_done++] = '/';
		memcpy(w->done + w->n_done, part.ptr, part.len);
		w->n_done += part.len;
		drop_part(w, part);
		const gh_entry *entry = gh_root_at(root, gh_view(w->done, w->n_done));
		if (!entry && !is_folder_of(root, w))
			return false;
		if (!entry || entry->type != GH_ENTRY_LINK)
			continue;
		w->n_done = before;
		if (!put_before(w, entry->target))
			return false;
	}
	return true;
}

static bool start_walk(walk *w, gh_bytes path)
{
	w->n_done = 0;
	w->n_todo = 0;
	w->links = 0;
	if (path.len == 0 || path.len > sizeof w->todo)
		return false;
	memcpy(w->todo, path.ptr, path.len);
	w->n_todo = path.len;
	return true;
}

const gh_entry *gh_root_find(const gh_root *root, gh_bytes path)
{
	walk w;
	bool there = start_walk(&w, path) && walk_on(root, &w);
	const gh_entry *entry = there ? gh_root_at(root, gh_view(w.done, w.n_done)) : NULL;
	if (entry && entry->hard_link && entry->same_as < root->node->volume->count)
		entry = &root->node->volume->entries[entry->same_as];
	return entry;
}

/* One place of a pattern: how long it is there, and whether it is a set in brackets. */
static size_t set_len(gh_bytes pattern, size_t at)
{
	const uint8_t *end = pattern.ptr[at] == '[' ? memchr(pattern.ptr + at, ']', pattern.len - at) : NULL;
	return end ? (size_t)(end - (pattern.ptr + at)) + 1 : 0;
}

/* '*', '?', and [sets], which are taken as '?': a list of what may start should rather be too long.
 * Only the last star is gone back to, so the time is at most the product of the lengths. */
static bool matches(gh_bytes pattern, gh_bytes name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, back = 0;
	if (name.ptr[0] == '.' && (pattern.len == 0 || pattern.ptr[0] != '.'))
		return false;
	while (n < name.len) {
		size_t set = p < pattern.len ? set_len(pattern, p) : 0;
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			back = n;
		} else if (set > 0) {
			p += set;
			n++;
		} else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == name.ptr[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++back;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

void gh_root_glob(const gh_root *root, gh_bytes pattern, size_t most, bool (*each)(void *arg, const gh_root_name *name),
		  void *arg)
{
	walk w;
	gh_bytes base = gh_path_base(pattern), folder = gh_bytes_part(pattern, 0, pattern.len - base.len);
	w.n_done = 0;
	if (gh_root_trim(folder).len > 0 &&
	    (!start_walk(&w, folder) || !walk_on(root, &w) || w.n_done == sizeof w.done))
		return;
	if (w.n_done > 0)
		w.done[w.n_done++] = '/';
	gh_bytes head = gh_view(w.done, w.n_done);
	for (size_t i = lower_bound(root, head); i < root->count && most > 0; i++) {
		gh_bytes path = root->names[i].path;
		if (!gh_bytes_start(path, head))
			break;
		gh_bytes rest = gh_bytes_part(path, head.len, path.len);
		if (rest.len == 0 || memchr(rest.ptr, '/', rest.len) || !matches(base, rest))
			continue;
		most--;
		if (!each(arg, &root->names[i]))
			return;
	}
}
