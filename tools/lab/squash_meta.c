/* SPDX-License-Identifier: Apache-2.0 */
#include "squash.h"

/* Appends `width` bits of v at bit *bit of the record that ends `out`. */
void sq_bits(lab_out *out, lab_order order, unsigned *bit, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++, ++*bit) {
		if (*bit % 8 == 0)
			lab_fill(out, 0, 1);
		uint64_t one = order == LAB_BIG ? v >> (width - 1 - i) & 1 : v >> i & 1;
		out->ptr[out->len - 1] |= (uint8_t)(one << (order == LAB_BIG ? 7 - *bit % 8 : *bit % 8));
	}
}

void sq_record(lab_out *out, lab_order order, const sq_field *fields, size_t n)
{
	unsigned bit = 0;
	for (size_t i = 0; i < n; i++)
		sq_bits(out, order, &bit, fields[i].v, fields[i].bits);
}

static void block_add(sq *q, lab_out *out, gh_bytes raw, bool store)
{
	gh_bytes b = store ? raw : lab_packed(q->l->arena, q->st, &q->pack_meta, raw);
	bool stored = b.len >= raw.len || q->pack_meta.kind == LAB_STORE || store;
	if (stored)
		b = raw;
	lab_put(out, q->order, b.len | (stored ? 0x8000U : 0), 2);
	lab_add(out, b);
}

uint64_t sq_meta_ref(const sq_meta *m)
{
	return (uint64_t)m->packed.len << 16 | m->raw.len;
}

void sq_meta_add(sq *q, sq_meta *m, gh_bytes record)
{
	lab_add(&m->raw, record);
	while (m->raw.len >= SQ_META) {
		block_add(q, &m->packed, gh_view(m->raw.ptr, SQ_META), m->store);
		m->raw.len -= SQ_META;
		memmove(m->raw.ptr, m->raw.ptr + SQ_META, m->raw.len);
	}
}

void sq_meta_end(sq *q, sq_meta *m)
{
	if (m->raw.len)
		block_add(q, &m->packed, lab_view(&m->raw), m->store);
	m->raw.len = 0;
}

uint64_t sq_meta_place(sq *q, sq_meta *m)
{
	uint64_t at = q->out.len;
	sq_meta_end(q, m);
	lab_add(&q->out, lab_view(&m->packed));
	return at;
}

uint64_t sq_table(sq *q, gh_bytes rows, unsigned pointer)
{
	lab_out index = lab_out_in(q->l->arena);
	bool store = (q->flags & 1) != 0;
	for (size_t at = 0; at < rows.len; at += SQ_META) {
		lab_put(&index, q->order, q->out.len, pointer);
		block_add(q, &q->out, gh_bytes_part(rows, at, SQ_META), store);
	}
	uint64_t at = q->out.len;
	lab_add(&q->out, lab_view(&index));
	return at;
}
