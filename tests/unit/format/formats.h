/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a handler over bytes as the unpacker does, with the laws that every handler keeps.
 *
 *	struct run r = run(&gh_format_trx, image, 0);
 *	EQ(r.code, GH_OK, "a TRX");
 *	SAME(fact(r.node, "version"), GH_LIT("1"), "a TRX");
 *	done(&r);
 *
 * The one rule: run() gives the handler a copy of exactly the bytes, so that a sanitizer sees both edges.
 */
#ifndef GH_TESTS_FORMATS_H
#define GH_TESTS_FORMATS_H

#include "check.h"
#include "format/format.h"

struct run {
	gh_ctx   ctx;
	gh_code  code, unpacked;
	gh_span  span;
	gh_node *node;
	uint8_t *copy;
	gh_bytes bytes; /* of the span */
	uint64_t pos;
};

static inline struct run run(const gh_format *f, gh_bytes in, uint64_t pos)
{
	struct run r = { .ctx = gh_test_ctx(), .copy = malloc(in.len ? in.len : 1), .pos = pos };
	assert_non_null(r.copy);
	if (in.len)
		memcpy(r.copy, in.ptr, in.len);
	r.code = f->measure(&r.ctx, gh_cur_over(gh_view(r.copy, in.len), pos), &r.span);
	if (r.code != GH_OK) {
		TRUE(gh_is_about_input(r.code), f->name);
		return r;
	}
	TRUE(r.span.size > 0 && r.span.size <= in.len && r.span.proof >= GH_PROOF_MAGIC, f->name);
	r.bytes = gh_view(r.copy, (size_t)r.span.size);
	gh_span again;
	EQ(f->measure(&r.ctx, gh_cur_over(r.bytes, pos), &again), GH_OK, f->name);
	EQ(again.size, r.span.size, f->name);
	EQ(again.proof, r.span.proof, f->name);
	r.node = gh_node_new(&r.ctx, f->kind);
	assert_non_null(r.node);
	r.node->at = pos;
	r.node->size = r.span.size;
	r.node->content = r.bytes;
	r.unpacked = f->unpack(&r.ctx, gh_cur_over(r.bytes, pos), &r.span, r.node);
	TRUE(r.unpacked == GH_OK || gh_is_about_input(r.unpacked), f->name);
	/* Parts that a stream names stand in what came out. */
	uint64_t from = r.node->opens_space ? 0 : pos, room = r.node->opens_space ? r.node->decoded.len : r.span.size;
	for (const gh_node *p = r.node->first; p; p = p->next)
		TRUE(p->at >= from && p->size <= room && p->at - from <= room - p->size && p->content.len == p->size, f->name);
	return r;
}

static inline void done(struct run *r)
{
	gh_test_done(&r->ctx);
	free(r->copy);
}

static inline gh_bytes fact(const gh_node *node, const char *key)
{
	for (const gh_fact *f = node->facts; f; f = f->next)
		if (strcmp(f->key, key) == 0)
			return f->value;
	return gh_view(NULL, 0);
}

static inline const gh_sum *sum(const gh_node *node, const char *what)
{
	for (const gh_sum *s = node->sums; s; s = s->next)
		if (strcmp(s->what, what) == 0)
			return s;
	return NULL;
}

static inline const gh_node *part(const gh_node *node, const char *name)
{
	for (const gh_node *p = node->first; p; p = p->next)
		if (p->name && strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static inline bool noted(const gh_note *n, gh_code code)
{
	while (n && n->code != code)
		n = n->next;
	return n != NULL;
}

static inline const gh_entry *entry(const gh_node *node, const char *path)
{
	for (size_t i = 0; node->volume && i < node->volume->count; i++)
		if (gh_bytes_eq(node->volume->entries[i].path, gh_view_text(path)))
			return &node->volume->entries[i];
	return NULL;
}

/* Reads every file in order; trouble about the input is an answer. The content of `path` is compared. */
static inline void read_all(struct run *r, const char *path, gh_bytes want, const char *label)
{
	const gh_volume *v = r->node->volume;
	bool seen = path == NULL;
	assert_non_null(v);
	gh_reader reader = { .volume = v, .bytes = r->bytes, .pos = r->pos, .keep = gh_arena_new(GH_MIB(64)),
		             .scratch = gh_arena_new(GH_MIB(256)) };
	for (size_t i = 0; i < v->count; i++) {
		const gh_entry *e = &v->entries[i];
		gh_bytes content = { NULL, 0 };
		TRUE(e->group < v->groups, label);
		TRUE(!e->hard_link || e->same_as < i, label);
		if (e->type != GH_ENTRY_FILE || e->hard_link)
			continue;
		gh_arena_reset(reader.scratch);
		gh_code code = v->ops->read(&r->ctx, &reader, e, &content);
		TRUE(code == GH_OK || gh_is_about_input(code), label);
		if (path && gh_bytes_eq(e->path, gh_view_text(path))) {
			SAME(content, want, label);
			seen = true;
		}
	}
	if (v->ops->close)
		v->ops->close(&reader);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
	TRUE(seen, label);
}

/* The bad inputs that every format meets: cut at each of the first `head` bytes and in the middle,
 * one bit flipped in each of them. run() holds the laws; here nothing more is asked than that they hold. */
static inline void spoil(const gh_format *f, gh_bytes good, size_t head)
{
	uint8_t *bad = malloc(good.len);
	assert_non_null(bad);
	for (size_t i = 0; i <= head && i <= good.len; i++) {
		struct run r = run(f, gh_bytes_part(good, 0, i), 0);
		done(&r);
	}
	struct run half = run(f, gh_bytes_part(good, 0, good.len / 2), 0);
	done(&half);
	for (size_t i = 0; i < head * 8 && i < good.len * 8; i++) {
		memcpy(bad, good.ptr, good.len);
		bad[i / 8] = (uint8_t)(bad[i / 8] ^ 1u << (i % 8));
		struct run r = run(f, gh_view(bad, good.len), 0);
		if (r.code == GH_OK && r.node->volume && r.node->volume->ops)
			read_all(&r, NULL, gh_view(NULL, 0), f->name);
		done(&r);
	}
	free(bad);
}

#endif
