/* SPDX-License-Identifier: Apache-2.0 */
/* From paths to folders: parents made where nobody named them, children in byte order of their names. */
#include "squash.h"

/* What nobody dates carries the mtime of the whole, or else the time the file system was made. */
static uint64_t usual_time(const sq *q)
{
	return lab_time_of(q->l, q->st, "mtime", lab_time_of(q->l, q->st, "time", 0));
}

static sq_node *child(sq *q, sq_node *dir, gh_bytes name, bool again)
{
	sq_node **at = &dir->children;
	while (*at && gh_bytes_cmp((*at)->name, name) < 0)
		at = &(*at)->next;
	if (*at && gh_bytes_eq((*at)->name, name) && !again)
		return *at;
	while (*at && gh_bytes_eq((*at)->name, name))
		at = &(*at)->next;
	sq_node *n = lab_alloc(q->l->arena, sizeof(*n));
	*n = (sq_node){ .name = name,
			.type = 'd',
			.mode = 0755,
			.mtime = usual_time(q),
			.parent = dir,
			.next = *at,
			.xattr = UINT32_MAX,
			.fragment = UINT32_MAX,
			.uid = dir->uid,
			.gid = dir->gid };
	*at = n;
	return n;
}

static sq_node *walk(sq *q, const lab_st *st, gh_bytes path, bool make, bool again)
{
	sq_node *n = q->root;
	unsigned depth = 0;
	for (size_t from = 0; from < path.len && n;) {
		const uint8_t *slash = memchr(path.ptr + from, '/', path.len - from);
		gh_bytes name = gh_bytes_part(path, from, slash ? (size_t)(slash - path.ptr) - from : path.len - from);
		from += name.len + 1;
		if (name.len == 0 || name.len > SQ_NAME_MAX || ++depth > SQ_DEEP)
			lab_die(st, "names of folders have 1 to %d bytes and paths up to %d of them", SQ_NAME_MAX,
				SQ_DEEP);
		if (make) {
			n = child(q, n, name, again && !slash);
		} else {
			sq_node *c = n->children;
			while (c && !gh_bytes_eq(c->name, name))
				c = c->next;
			n = c;
		}
	}
	return n;
}

/* A slash in a name cannot be said by a path: \x01 in the recipe stands for it in evil images. */
static void put_slashes(sq *q, sq_node *n)
{
	uint8_t *name = lab_alloc(q->l->arena, n->name.len + 1);
	if (n->name.len)
		memcpy(name, n->name.ptr, n->name.len);
	for (size_t i = 0; i < n->name.len; i++)
		name[i] = name[i] == 1 ? '/' : name[i] == 2 ? 0 : name[i];
	n->name.ptr = name;
}

static void take(sq *q, const lab_entry *e)
{
	bool again = e->type == 'f' && lab_flag(e->st, "again");
	sq_node *n = walk(q, e->st, e->path, true, again);
	if (n->e)
		lab_die(e->st, "the name is taken");
	n->e = e;
	n->type = e->type;
	n->mode = e->mode;
	n->uid = e->uid;
	n->gid = e->gid;
	n->mtime = e->mtime;
	put_slashes(q, n);
	if (e->hard) {
		n->same = walk(q, e->st, e->target, false, false);
		if (!n->same)
			lab_die(e->st, "the first name is gone");
		n->same->links++;
	} else if (e->type == 'f') {
		n->hole = lab_number_of(q->l, e->st, "hole", 0);
		n->claims = lab_has(e->st, "claim");
		n->claim = lab_number_of(q->l, e->st, "claim", 0);
	}
}

/* Numbers from 1 on, a folder before what it holds. */
static void number(sq *q, sq_node *dir)
{
	for (sq_node *n = dir->children; n; n = n->next) {
		if (!n->same) {
			n->number = ++q->inodes_n;
			n->links++;
		}
		if (n->type == 'd') {
			dir->links++;
			n->links++;
			number(q, n);
		}
	}
}

void sq_tree_build(sq *q, const lab_tree *t)
{
	q->root = lab_alloc(q->l->arena, sizeof(*q->root));
	*q->root = (sq_node){ .type = 'd',
			      .mode = 0755,
			      .mtime = usual_time(q),
			      .links = 2,
			      .xattr = UINT32_MAX,
			      .fragment = UINT32_MAX,
			      .uid = (unsigned)lab_number_of(q->l, q->st, "uid", 0),
			      .gid = (unsigned)lab_number_of(q->l, q->st, "gid", 0) };
	for (const lab_st *s = q->st->first; s; s = s->next) {
		if (lab_is(s->words[0], "root")) {
			q->root->mode = (unsigned)lab_number(s, lab_word(q->l, s, 1), 8);
			q->root->mtime = lab_time_of(q->l, s, "mtime", q->root->mtime);
		}
	}
	for (size_t i = 0; i < t->n; i++)
		take(q, &t->entries[i]);
	q->root->number = ++q->inodes_n;
	number(q, q->root);
	for (size_t i = 0; i < t->n; i++) {
		if (t->entries[i].type != 'L')
			continue;
		sq_node *n = walk(q, t->entries[i].st, t->entries[i].path, false, false);
		n->same = walk(q, t->entries[i].st, t->entries[i].target, false, false);
		if (!n->same || n->same->type != 'd')
			lab_die(t->entries[i].st, "a loop leads to a folder");
		n->number = 0;
		q->loops = true;
	}
}

static void truth_below(sq *q, const sq_node *dir, gh_bytes path, lab_tree *t)
{
	for (const sq_node *n = dir->children; n; n = n->next) {
		lab_out name = lab_out_in(q->l->arena);
		lab_add(&name, path);
		if (path.len)
			lab_fill(&name, '/', 1);
		lab_add(&name, n->name);
		t->entries = lab_array_grow(q->l->arena, t->entries, t->n, &t->cap, sizeof(*t->entries));
		lab_entry *e = &t->entries[t->n++];
		*e = n->e ? *n->e : (lab_entry){ .type = n->type, .mode = n->mode, .mtime = n->mtime };
		e->path = lab_view(&name);
		if (n->type == 'd')
			truth_below(q, n, lab_view(&name), t);
	}
}

lab_tree sq_tree_truth(sq *q)
{
	lab_tree t = { 0 };
	truth_below(q, q->root, gh_view("", 0), &t);
	return t;
}
