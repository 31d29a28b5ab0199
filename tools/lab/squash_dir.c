/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders: runs of entries whose inodes begin in the same metadata block, each run behind a header.
 *
 *	1, 2	count-1:8 start:24			offset:13 type:3 size-1:8 name
 *	3	count-1:8 start:32 inode:32		offset:13 type:3 size-1:8 inode-difference:16 name
 *	4	count-1:32 start:32 inode:32		offset:16 inode-difference:16 type:16 size-1:16 name
 */
#include "squash.h"

enum { RUN = 256 };

static const sq_node *inode_of(const sq_node *n)
{
	return n->same ? n->same : n;
}

static unsigned type_in_dir(const sq_node *n)
{
	static const char types[] = "dflbcps";
	const char *at = strchr(types, inode_of(n)->type);
	return (unsigned)(at - types) + 1;
}

static size_t run_length(const sq_node *first)
{
	size_t n = 1;
	for (const sq_node *c = first->next; c && n < RUN; c = c->next, n++) {
		int64_t apart = (int64_t)inode_of(c)->number - inode_of(first)->number;
		if (inode_of(c)->ref >> 16 != inode_of(first)->ref >> 16 || apart > INT16_MAX || apart < INT16_MIN)
			break;
	}
	return n;
}

static void put_header(const sq *q, lab_out *out, const sq_node *first, size_t run)
{
	const sq_node *n = inode_of(first);
	if (q->version < 3)
		SQ_RECORD(out, q->order, { 8, run - 1 }, { 24, n->ref >> 16 });
	else
		SQ_RECORD(out, q->order, { q->version == 3 ? 8 : 32, run - 1 }, { 32, n->ref >> 16 },
			  { 32, n->number });
}

static void put_entry(const sq *q, lab_out *out, const sq_node *n, const sq_node *first)
{
	uint64_t at = inode_of(n)->ref & 0xffff, apart = (uint64_t)inode_of(n)->number - inode_of(first)->number;
	unsigned type = type_in_dir(n);
	if (q->version < 4)
		SQ_RECORD(out, q->order, { 13, at }, { 3, type }, { 8, n->name.len - 1 },
			  { q->version == 3 ? 16 : 0, apart });
	else
		SQ_RECORD(out, q->order, { 16, at }, { 16, apart }, { 16, type }, { 16, n->name.len - 1 });
	lab_add(out, n->name);
}

static void write_children(sq *q, sq_node *dir, unsigned depth)
{
	for (sq_node *n = dir->children; n; n = n->next) {
		if (n->type == 'd')
			sq_dir_write(q, n, depth + 1);
		else if (!n->same)
			sq_inode_write(q, n, 0, 0);
	}
}

void sq_dir_write(sq *q, sq_node *dir, unsigned depth)
{
	if (depth > SQ_DEEP)
		lab_die(q->st, "folders go %d deep", SQ_DEEP);
	write_children(q, dir, depth);
	lab_out list = lab_out_in(q->l->arena);
	for (const sq_node *n = dir->children; n;) {
		const sq_node *first = n;
		size_t run = run_length(first);
		put_header(q, &list, first, run);
		for (; run; run--, n = n->next)
			put_entry(q, &list, n, first);
	}
	uint64_t at = sq_meta_ref(&q->dirs);
	sq_meta_add(q, &q->dirs, lab_view(&list));
	/* from version 3 on, the size counts the entries "." and "..", which are not written */
	sq_inode_write(q, dir, at, list.len + (q->version >= 3 ? 3 : 0));
}
