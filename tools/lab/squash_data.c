/* SPDX-License-Identifier: Apache-2.0 */
/* File contents: blocks, holes, fragments, and the same bytes only once. */
#include "squash.h"

static uint32_t put_block(sq *q, gh_bytes raw, bool store)
{
	gh_bytes b = store ? raw : lab_packed(q->l->arena, q->st, &q->pack, raw);
	bool stored = store || b.len >= raw.len || q->pack.kind == LAB_STORE;
	if (stored)
		b = raw;
	lab_add(&q->out, b);
	if (q->version == 1) /* 16 bits; 32768 itself is written as 0 */
		return (uint32_t)(b.len == 0x8000 ? 0 : b.len) | (stored ? 0x8000U : 0);
	return (uint32_t)b.len | (stored ? 1U << 24 : 0);
}

static void fragment_end(sq *q)
{
	if (!q->fragment.len)
		return;
	uint64_t at = q->out.len;
	uint32_t size = put_block(q, lab_view(&q->fragment), q->store_fragments);
	if (q->version == 2)
		SQ_RECORD(&q->fragment_table, q->order, { 32, at }, { 32, size });
	else
		SQ_RECORD(&q->fragment_table, q->order, { 64, at }, { 32, size }, { 32, 0 });
	q->fragments_n++;
	q->fragment.len = 0;
}

static void to_fragment(sq *q, sq_node *n, gh_bytes tail)
{
	if (q->fragment.len + tail.len > q->block)
		fragment_end(q);
	n->fragment = q->fragments_n;
	n->fragment_at = (uint32_t)q->fragment.len;
	lab_add(&q->fragment, tail);
}

static bool is_zeros(gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.ptr[i])
			return false;
	}
	return true;
}

static const sq_node *same_content(const sq *q, const sq_node *n)
{
	for (size_t i = 0; q->duplicates && i < q->files_n; i++) {
		const sq_node *f = q->files[i];
		if (n->e->content.len && f->hole == n->hole && gh_bytes_eq(f->e->content, n->e->content))
			return f;
	}
	return NULL;
}

static void write_file(sq *q, sq_node *n)
{
	const sq_node *before = same_content(q, n);
	if (before) {
		n->start = before->start;
		n->blocks = before->blocks;
		n->blocks_n = before->blocks_n;
		n->sparse = before->sparse;
		n->fragment = before->fragment;
		n->fragment_at = before->fragment_at;
		return;
	}
	gh_bytes c = n->e->content;
	if (n->hole % q->block)
		lab_die(n->e->st, "a hole is made of whole blocks");
	size_t holes = (size_t)(n->hole / q->block), blocks = c.len / q->block;
	gh_bytes tail = gh_bytes_part(c, (uint64_t)blocks * q->block, q->block);
	bool to = q->fragments && tail.len && (q->tails || (!blocks && !holes));
	if (tail.len && !to)
		blocks++;
	n->start = q->out.len;
	n->blocks_n = holes + blocks;
	n->blocks = lab_alloc(q->l->arena, n->blocks_n * sizeof(*n->blocks));
	n->sparse = (size_t)n->hole;
	for (size_t i = 0; i < blocks; i++) {
		gh_bytes b = gh_bytes_part(c, (uint64_t)i * q->block, q->block);
		if (q->sparse && is_zeros(b))
			n->sparse += b.len;
		else
			n->blocks[holes + i] = put_block(q, b, q->store_data);
	}
	if (to)
		to_fragment(q, n, tail);
	q->files = lab_array_grow(q->l->arena, q->files, q->files_n, &q->files_cap, sizeof(sq_node *));
	q->files[q->files_n++] = n;
}

static void write_below(sq *q, sq_node *dir)
{
	for (sq_node *n = dir->children; n; n = n->next) {
		if (n->type == 'd')
			write_below(q, n);
		else if (n->type == 'f' && !n->same)
			write_file(q, n);
		if (n->e && !n->same)
			n->xattr = sq_xattr_add(q, n->e);
	}
}

void sq_data_write(sq *q)
{
	write_below(q, q->root);
	fragment_end(q);
}
