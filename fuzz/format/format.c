/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One handler (-DGH_FORMAT=name) against the laws of format.h: a span lies inside the input and is
 * the same when measured alone, parts lie inside the span, every file of a volume can be asked for,
 * and whatever goes wrong is about the input or about memory.
 */
#include "format/format.h"
#include "must.h"

#define GLUE2(a, b) a##b
#define GLUE(a, b) GLUE2(a, b)

enum { ENTRIES_READ = 64 };

static bool fair(gh_code code)
{
	return code == GH_OK || gh_is_about_input(code) || code == GH_NOMEM;
}

static void read_files(gh_ctx *ctx, const gh_node *node, gh_bytes bytes, uint64_t pos)
{
	const gh_volume *v = node->volume;
	gh_reader reader = { .volume = v,
			     .bytes = bytes,
			     .pos = pos,
			     .keep = gh_arena_new(GH_MIB(32)),
			     .scratch = gh_arena_new(GH_MIB(32)) };
	must(reader.keep && reader.scratch);
	for (size_t i = 0; i < v->count; i++) {
		const gh_entry *e = &v->entries[i];
		must(e->group < v->groups);
		must(!e->hard_link || e->same_as < i);
		if (e->type != GH_ENTRY_FILE || e->hard_link || i >= ENTRIES_READ)
			continue;
		gh_bytes content = { NULL, 0 };
		gh_arena_reset(reader.scratch);
		must(fair(v->ops->read(ctx, &reader, e, &content)));
		uint64_t sum = 0;
		for (size_t n = 0; n < content.len; n++)
			sum += content.ptr[n];
		must(sum <= (uint64_t)content.len * 255);
		if (e->at != GH_NOWHERE)
			must(e->at >= pos && e->at - pos <= bytes.len);
	}
	if (v->ops->close)
		v->ops->close(&reader);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
}

static void unpack(const gh_format *f, gh_ctx *ctx, gh_cur exact, const gh_span *span)
{
	gh_bytes bytes = gh_rest(&exact);
	gh_node *node = gh_node_new(ctx, f->kind);
	if (!node)
		return;
	node->at = exact.pos;
	node->size = bytes.len;
	node->content = bytes;
	must(fair(f->unpack(ctx, exact, span, node)));
	/* Parts that a stream names stand in what came out. */
	uint64_t from = node->opens_space ? 0 : exact.pos, room = node->opens_space ? node->decoded.len : bytes.len;
	for (const gh_node *p = node->first; p; p = p->next) {
		must(p->at >= from && p->size <= room && p->at - from <= room - p->size);
		must(p->content.len == p->size);
	}
	if (node->volume)
		read_files(ctx, node, bytes, exact.pos);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const gh_format *f = &GLUE(gh_format_, GH_FORMAT);
	gh_budget budget = { .bytes_left = 64 << 20, .nodes_left = 1 << 16, .depth = 8 };
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(32)), .budget = &budget };
	must(ctx.arena && ctx.scratch);
	gh_cur whole = gh_cur_over(gh_view(data, size), 0);
	gh_span span = { 0 }, again = { 0 };
	gh_code code = f->measure(&ctx, whole, &span);
	must(fair(code));
	if (code == GH_OK) {
		must(span.size > 0 && span.size <= size && span.proof >= GH_PROOF_MAGIC);
		gh_cur exact = gh_cur_over(gh_view(data, (size_t)span.size), 0);
		budget.bytes_left = 64 << 20; /* what is measured is the format, not the budget */
		budget.spent = false;
		code = f->measure(&ctx, exact, &again);
		must(code == GH_OK || code == GH_NOMEM || code == GH_LIMIT);
		if (code == GH_OK)
			must(again.size == span.size && again.proof == span.proof);
		unpack(f, &ctx, exact, &span);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
