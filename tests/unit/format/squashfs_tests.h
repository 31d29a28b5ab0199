/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the SquashFS reader share: a volume out of bytes, and its content, group by group
 * as the unpacker reads it.
 */
#ifndef GH_TESTS_SQUASHFS_H
#define GH_TESTS_SQUASHFS_H

#include "check.h"
#include "codec/sum.h"
#include "format/format.h"

/* One SquashFS under test. */
struct opened {
	gh_ctx ctx;
	gh_span span;
	gh_code measured, unpacked;
	gh_node *node;
	gh_bytes bytes;
	uint64_t pos;
};

/* Measures and, where that went well, unpacks. The arenas live until closed. */
static inline struct opened open_squashfs(gh_bytes image, uint64_t pos, gh_budget *budget)
{
	struct opened o = { .ctx = gh_test_ctx(), .pos = pos };
	o.ctx.budget = budget;
	gh_cur c = gh_cur_over(image, pos);
	o.measured = o.unpacked = gh_format_squashfs.measure(&o.ctx, c, &o.span);
	if (o.measured != GH_OK)
		return o;
	o.bytes = gh_bytes_part(image, 0, o.span.size);
	o.node = gh_node_new(&o.ctx, GH_NODE_VOLUME);
	if (o.node)
		o.unpacked = gh_format_squashfs.unpack(&o.ctx, gh_cur_over(o.bytes, pos), &o.span, o.node);
	return o;
}

static inline void close_squashfs(struct opened *o)
{
	gh_test_done(&o->ctx);
}

typedef void (*content_fn)(void *arg, const gh_entry *e, gh_code code, gh_bytes content);

/* Reads every regular file, each group by a reader of its own, as the unpacker does. */
static inline void read_all(struct opened *o, content_fn fn, void *arg)
{
	const gh_volume *v = o->node->volume;
	/* entries sorted by group without moving them: a chain per group */
	size_t *next = calloc(v->count + 1, sizeof *next), *head = calloc(v->groups, sizeof *head);
	assert_non_null(next);
	assert_non_null(head);
	for (size_t i = v->count; i > 0; i--) {
		assert_true(v->entries[i - 1].group < v->groups);
		next[i] = head[v->entries[i - 1].group];
		head[v->entries[i - 1].group] = i;
	}
	for (uint32_t g = 0; g < v->groups; g++) {
		gh_reader r = { .volume = v, .bytes = o->bytes, .pos = o->pos };
		r.keep = gh_arena_new(GH_MIB(256));
		r.scratch = gh_arena_new(GH_MIB(256));
		for (size_t i = head[g]; i; i = next[i]) {
			const gh_entry *e = &v->entries[i - 1];
			gh_bytes content = { NULL, 0 };
			if (e->type != GH_ENTRY_FILE)
				continue;
			gh_code code = v->ops->read(&o->ctx, &r, e, &content);
			fn(arg, e, code, content);
			gh_arena_reset(r.scratch);
		}
		if (v->ops->close)
			v->ops->close(&r);
		gh_arena_free(r.keep);
		gh_arena_free(r.scratch);
	}
	free(next);
	free(head);
}

/* The entry of that path; the test fails when there is none, and then never returns. */
static inline const gh_entry *entry_named(const gh_volume *v, const char *path)
{
	static const gh_entry none;
	for (size_t i = 0; v && i < v->count; i++) {
		if (gh_bytes_eq(v->entries[i].path, gh_view_text(path)))
			return &v->entries[i];
	}
	print_error("no entry %s\n", path);
	fail();
	return &none;
}

static inline bool has_note(const gh_note *n, const char *part)
{
	for (; n; n = n->next) {
		if (strstr(n->text, part))
			return true;
	}
	return false;
}

static inline gh_bytes fact_of(const gh_node *node, const char *key)
{
	for (const gh_fact *f = node->facts; f; f = f->next) {
		if (strcmp(f->key, key) == 0)
			return f->value;
	}
	return (gh_bytes){ NULL, 0 };
}

#endif
