/* SPDX-License-Identifier: Apache-2.0 */
/* Extended attributes of version 4: entries in metadata blocks, sets of them by number. */
#include "squash.h"

enum { OUT_OF_LINE = 256, LONG_VALUE = 64 };

static const char *const prefixes[] = { "user.", "trusted.", "security." };

/* Values of 64 bytes and more stand by themselves and are pointed to, as mksquashfs does with shared ones. */
static void put_one(sq *q, const lab_entry *e, gh_bytes attribute)
{
	const uint8_t *equals = memchr(attribute.ptr, '=', attribute.len);
	unsigned type = 0;
	while (type < GH_COUNT(prefixes) && !gh_bytes_start(attribute, gh_view_text(prefixes[type])))
		type++;
	if (!equals || type == GH_COUNT(prefixes))
		lab_die(e->st, "an attribute is user., trusted. or security. NAME=VALUE");
	size_t head = strlen(prefixes[type]);
	gh_bytes name = gh_bytes_part(attribute, head, (size_t)(equals - attribute.ptr) - head);
	gh_bytes value = gh_bytes_part(attribute, (size_t)(equals - attribute.ptr) + 1, attribute.len);
	lab_out r = lab_out_in(q->l->arena);
	uint64_t elsewhere = sq_meta_ref(&q->xattrs);
	bool apart = value.len >= LONG_VALUE;
	if (apart) {
		SQ_RECORD(&r, q->order, { 32, value.len });
		lab_add(&r, value);
		sq_meta_add(q, &q->xattrs, lab_view(&r));
		r.len = 0;
	}
	SQ_RECORD(&q->xattrs_raw, q->order, { 16, type | (apart ? OUT_OF_LINE : 0) }, { 16, name.len });
	lab_add(&q->xattrs_raw, name);
	if (apart) {
		SQ_RECORD(&q->xattrs_raw, q->order, { 32, 8 }, { 64, elsewhere });
	} else {
		SQ_RECORD(&q->xattrs_raw, q->order, { 32, value.len });
		lab_add(&q->xattrs_raw, value);
	}
}

uint32_t sq_xattr_add(sq *q, const lab_entry *e)
{
	if (!e->xattrs_n)
		return UINT32_MAX;
	if (q->version != 4)
		lab_die(e->st, "only version 4 has attributes");
	q->xattrs_raw.len = 0;
	for (size_t i = 0; i < e->xattrs_n; i++)
		put_one(q, e, e->xattrs[i]);
	SQ_RECORD(&q->xattr_ids, q->order, { 64, sq_meta_ref(&q->xattrs) }, { 32, e->xattrs_n },
		  { 32, q->xattrs_raw.len });
	sq_meta_add(q, &q->xattrs, lab_view(&q->xattrs_raw));
	return q->xattrs_n++;
}

void sq_xattr_end(sq *q)
{
	q->xattr_start = UINT64_MAX;
	if (!q->xattrs_n)
		return;
	uint64_t values = sq_meta_place(q, &q->xattrs);
	lab_out index = lab_out_in(q->l->arena);
	gh_bytes ids = lab_view(&q->xattr_ids);
	for (size_t at = 0; at < ids.len; at += SQ_META) {
		lab_put(&index, q->order, q->out.len, 8);
		sq_meta m = { .raw = lab_out_in(q->l->arena), .packed = lab_out_in(q->l->arena) };
		sq_meta_add(q, &m, gh_bytes_part(ids, at, SQ_META));
		(void)sq_meta_place(q, &m);
	}
	q->xattr_start = q->out.len;
	SQ_RECORD(&q->out, q->order, { 64, values }, { 32, q->xattrs_n }, { 32, 0 });
	lab_add(&q->out, lab_view(&index));
}
