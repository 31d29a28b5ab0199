/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way from bytes to a tree. Opinions: children cover their parent without hole or overlap,
 * a budget is never overdrawn, and two threads grow the tree that one grows.
 */
#include "codec/sum.h"
#include "must.h"
#include "unpack/unpack.h"

static gh_search *search;

static gh_code on_visit(void *arg, gh_ctx *ctx, const gh_visit *v)
{
	(void)arg;
	(void)ctx;
	must(v->content.len == 0 || v->content.ptr);
	if (v->entry) /* every byte must be there to be read */
		gh_sha256(&v->content, 1, v->entry->sha256);
	else
		gh_sha256(&v->content, 1, v->node->sha256);
	return GH_OK;
}

static void check_partition(const gh_node *root)
{
	for (const gh_node *n = root; n; n = gh_node_after(root, n)) {
		must(n->up == NULL || n->up->kind == GH_NODE_VOLUME || n->up->opens_space ||
		     (n->at >= n->up->at && n->at + n->size <= n->up->at + n->up->size));
		if (!n->first || n->kind == GH_NODE_VOLUME)
			continue;
		uint64_t at = n->opens_space ? 0 : n->at, end = n->opens_space ? n->decoded_size : n->at + n->size;
		for (const gh_node *c = n->first; c; c = c->next) {
			must(c->at == at);
			at += c->size;
		}
		must(at == end);
	}
}

static gh_unpacked *grow(gh_ctx *ctx, gh_bytes image, unsigned jobs, gh_budget *budget)
{
	gh_unpack_options options = { .jobs = jobs, .files = true, .search = search, .budget = budget };
	gh_visitor visitor = { .visit = on_visit };
	gh_unpacked *u = NULL;
	*budget = (gh_budget){ .depth = 24 };
	atomic_store(&budget->bytes_left, 4 << 20);
	atomic_store(&budget->nodes_left, 2000);
	gh_code code = gh_unpack(ctx, image, &options, &visitor, &u);
	must(code == GH_OK || code == GH_NOMEM);
	must(atomic_load(&budget->bytes_left) >= 0 && atomic_load(&budget->nodes_left) >= 0);
	return u;
}

/* The shape of a tree as one number. */
static uint64_t shape(const gh_node *root)
{
	uint64_t h = 0xcbf29ce484222325;
	for (const gh_node *n = root; n; n = gh_node_after(root, n)) {
		uint64_t facts[] = { (uint64_t)n->kind,
				     n->at,
				     n->size,
				     n->decoded_size,
				     n->depth,
				     n->sha256[0],
				     n->volume ? n->volume->count : 0 };
		for (size_t i = 0; i < GH_COUNT(facts); i++)
			h = (h ^ facts[i]) * 0x100000001b3;
	}
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	gh_budget budget, again;
	if (!ctx.arena || !ctx.scratch)
		abort();
	if (!search)
		search = gh_unpack_search_new(&ctx);
	must(search);
	gh_unpacked *one = grow(&ctx, gh_view(data, size), 1, &budget);
	if (one)
		check_partition(gh_unpacked_root(one));
	if (one && !budget.spent) {
		gh_unpacked *two = grow(&ctx, gh_view(data, size), 2, &again);
		must(!two || again.spent || shape(gh_unpacked_root(one)) == shape(gh_unpacked_root(two)));
		gh_unpacked_free(two);
	}
	gh_unpacked_free(one);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
