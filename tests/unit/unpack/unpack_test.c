/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unpacker on images made of the real formats' smallest instances: gzip members and cpio
 * archives are written here, by hand and by zlib.
 */
#include <pthread.h>
#include <zlib.h>

#include "check.h"
#include "unpack/leaf.h"
#include "unpack/unpack.h"

struct seen {
	pthread_mutex_t lock;
	size_t files, regions, settled;
	uint64_t bytes;
};

static gh_code on_visit(void *arg, gh_ctx *ctx, const gh_visit *v)
{
	struct seen *s = arg;
	(void)ctx;
	pthread_mutex_lock(&s->lock);
	s->files += v->entry != NULL;
	s->regions += v->entry == NULL;
	s->bytes += v->content.len;
	pthread_mutex_unlock(&s->lock);
	return GH_OK;
}

static gh_code on_settled(void *arg, gh_ctx *ctx, gh_node *node)
{
	struct seen *s = arg;
	(void)ctx;
	(void)node;
	pthread_mutex_lock(&s->lock);
	s->settled++;
	pthread_mutex_unlock(&s->lock);
	return GH_OK;
}

static void add(gh_ctx *ctx, gh_buf *b, gh_bytes more)
{
	assert_int_equal(gh_buf_add(ctx, b, more), GH_OK);
}

static void add_fill(gh_ctx *ctx, gh_buf *b, uint8_t fill, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(ctx, b, gh_view(&fill, 1));
}

static gh_bytes gzipped(gh_ctx *ctx, gh_bytes in)
{
	z_stream z = { 0 };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	size_t room = in.len + 1000;
	uint8_t *out = gh_arena_alloc(ctx->arena, room);
	z.next_in = (uint8_t *)(uintptr_t)in.ptr;
	z.avail_in = (unsigned)in.len;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return gh_view(out, z.total_out);
}

/* One newc record (070701): name and content, each padded to four bytes. */
static void add_newc(gh_ctx *ctx, gh_buf *b, const char *name, unsigned mode, gh_bytes content)
{
	char *head =
		gh_arena_printf(ctx->arena, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1U, mode, 0U,
				0U, 1U, 0U, (unsigned)content.len, 0U, 0U, 0U, 0U, (unsigned)strlen(name) + 1, 0U);
	add(ctx, b, gh_view_text(head));
	add(ctx, b, gh_view(name, strlen(name) + 1));
	add_fill(ctx, b, 0, (4 - b->len % 4) % 4);
	add(ctx, b, content);
	add_fill(ctx, b, 0, (4 - b->len % 4) % 4);
}

static gh_bytes cpio_of(gh_ctx *ctx, const char *name, gh_bytes content)
{
	gh_buf b = gh_buf_in(ctx->arena, GH_MIB(16));
	add_newc(ctx, &b, name, 0100644, content);
	add_newc(ctx, &b, "TRAILER!!!", 0, GH_LIT(""));
	return gh_buf_view(&b);
}

static gh_unpacked *unpack(gh_ctx *ctx, gh_bytes image, gh_budget *budget, unsigned jobs, struct seen *seen)
{
	gh_search *search = gh_unpack_search_new(ctx);
	gh_unpack_options options = { .jobs = jobs, .files = true, .search = search, .budget = budget };
	gh_visitor visitor = { seen, on_visit, on_settled, NULL };
	gh_unpacked *u = NULL;
	assert_non_null(search);
	*seen = (struct seen){ .lock = PTHREAD_MUTEX_INITIALIZER };
	assert_int_equal(gh_unpack(ctx, image, &options, &visitor, &u), GH_OK);
	gh_search_free(search);
	return u;
}

/* The children of every node cover it, in order, without overlap. */
static void assert_partition(const gh_node *root)
{
	for (const gh_node *n = root; n; n = gh_node_after(root, n)) {
		if (!n->first || n->kind == GH_NODE_VOLUME)
			continue;
		uint64_t at = n->opens_space ? 0 : n->at, end = n->opens_space ? n->decoded_size : n->at + n->size;
		for (const gh_node *c = n->first; c; c = c->next) {
			EQ(c->at, at, "no hole and no overlap");
			at = c->at + c->size;
		}
		EQ(at, end, "to the end");
	}
}

static void what_nobody_claims_is_a_gap(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	struct seen seen;
	gh_buf b = gh_buf_in(ctx.arena, GH_MIB(1));
	add(&ctx, &b, GH_LIT("some words in front of it all, not claimed by anybody"));
	add_fill(&ctx, &b, 0xff, 2000);
	gh_bytes text = GH_LIT("the quick brown fox jumps over the lazy dog, and over again and again");
	add(&ctx, &b, gzipped(&ctx, text));
	add_fill(&ctx, &b, 0, 100);
	gh_unpacked *u = unpack(&ctx, gh_buf_view(&b), NULL, 1, &seen);
	const gh_node *n = gh_unpacked_root(u)->first;
	EQ(n->kind, GH_NODE_GAP, "words");
	EQ(n->profile.look, GH_LOOK_TEXT, "words");
	n = n->next;
	EQ(n->profile.look, GH_LOOK_ERASED, "erased");
	n = n->next;
	assert_string_equal(n->format, "gzip");
	EQ(n->at, 2053, "absolute");
	EQ(n->decoded_size, text.len, "decoded");
	EQ(n->proof, GH_PROOF_SUM, "proof");
	n = n->next;
	EQ(n->profile.look, GH_LOOK_ZERO, "zeros");
	assert_null(n->next);
	assert_partition(gh_unpacked_root(u));
	gh_unpacked_free(u);
	gh_test_done(&ctx);
}

static void layers_keep_their_offsets_and_threads_change_nothing(void **state)
{
	(void)state;
	for (unsigned jobs = 1; jobs <= 3; jobs++) {
		gh_ctx ctx = gh_test_ctx();
		struct seen seen;
		gh_bytes inner = cpio_of(&ctx, "etc/passwd", GH_LIT("root:x:0:0::/:/bin/sh\n"));
		gh_bytes packed = gzipped(&ctx, inner);
		gh_bytes outer = cpio_of(&ctx, "fw.gz", packed);
		gh_unpacked *u = unpack(&ctx, outer, NULL, jobs, &seen);
		const gh_node *n = gh_unpacked_root(u)->first;
		assert_string_equal(n->format, "cpio");
		EQ(n->volume->count, 1, "entries");
		n = n->first;
		EQ(n->kind, GH_NODE_FILE, "a file that holds more");
		SAME(n->entry->path, GH_LIT("fw.gz"), "its path");
		n = n->first;
		assert_string_equal(n->format, "gzip");
		EQ(n->at, n->up->at, "a stored file keeps its place in the image");
		n = n->first;
		assert_string_equal(n->format, "cpio");
		EQ(n->at, 0, "a space of its own");
		SAME(n->volume->entries[0].path, GH_LIT("etc/passwd"), "path");
		TRUE(n->volume->entries[0].read, "read");
		EQ(seen.files, 2, "both files met");
		assert_partition(gh_unpacked_root(u));
		gh_unpacked_free(u);
		gh_test_done(&ctx);
	}
}

static void a_stronger_claim_wins_and_the_loser_is_told(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	struct seen seen;
	/* A cpio that was cut claims to the end of the image; the gzip behind it is proven by its sum. */
	gh_buf b = gh_buf_in(ctx.arena, GH_MIB(1));
	uint8_t noise[3000];
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)(i * i >> 3);
	gh_bytes whole = cpio_of(&ctx, "a", gh_view(noise, sizeof noise));
	add(&ctx, &b, gh_bytes_part(whole, 0, whole.len - 130));
	gh_bytes text = GH_LIT("proof before place, place before length, and length before the name of it");
	size_t at = b.len;
	add(&ctx, &b, gzipped(&ctx, text));
	gh_unpacked *u = unpack(&ctx, gh_buf_view(&b), NULL, 1, &seen);
	const gh_node *last = gh_unpacked_root(u)->last;
	assert_string_equal(last->format, "gzip");
	EQ(last->at, at, "where it stands");
	assert_partition(gh_unpacked_root(u));
	gh_unpacked_free(u);
	gh_test_done(&ctx);
}

static const struct {
	const char *label;
	int64_t bytes, nodes;
	unsigned depth;
} budgets[] = {
	{ "no bytes", 10, 1000, 9 },
	{ "two nodes", 1 << 20, 2, 9 },
	{ "one layer", 1 << 20, 1000, 1 },
};

/* An image that is all cipher: its one part begins where it does itself, and is no image once more. */
static void a_container_is_not_its_own_part(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	struct seen seen;
	gh_buf b = gh_buf_in(ctx.arena, GH_MIB(1));
	add(&ctx, &b, GH_LIT("\x98\x9c\x3c\x2c\x6b\x19\x1b\x25\x6e\x03\xee\x0f\x72\x5c\x6c\xa0"));
	for (unsigned i = 0; i < 4096; i++)
		add(&ctx, &b, gh_view(&(uint8_t){ (uint8_t)(i * 167 + i / 7) }, 1));
	gh_unpacked *u = unpack(&ctx, gh_buf_view(&b), NULL, 2, &seen);
	unsigned containers = 0;
	for (const gh_node *n = gh_unpacked_root(u); n; n = gh_node_after(gh_unpacked_root(u), n))
		containers += n->kind == GH_NODE_CONTAINER;
	EQ(containers, 1, "containers");
	assert_string_equal(gh_unpacked_root(u)->first->format, "dlink-encimg");
	EQ(gh_unpacked_root(u)->first->first->kind, GH_NODE_PART, "its part");
	assert_partition(gh_unpacked_root(u));
	gh_unpacked_free(u);
	gh_test_done(&ctx);
}

static void budgets_end_a_node_and_not_the_scan(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(budgets); i++) {
		gh_ctx ctx = gh_test_ctx();
		struct seen seen;
		gh_bytes bomb = gzipped(&ctx, cpio_of(&ctx, "etc/passwd", GH_LIT("root:x:0:0::/:/bin/sh\n")));
		gh_budget budget = { .depth = budgets[i].depth };
		budget.bytes_left = budgets[i].bytes;
		budget.nodes_left = budgets[i].nodes;
		gh_unpacked *u = unpack(&ctx, bomb, &budget, 1, &seen);
		bool told = budget.spent;
		for (const gh_node *n = gh_unpacked_root(u); n; n = gh_node_after(gh_unpacked_root(u), n))
			for (const gh_note *note = n->notes; note; note = note->next)
				told |= note->code == GH_LIMIT;
		TRUE(told, budgets[i].label);
		EQ(seen.files, 0, budgets[i].label);
		gh_unpacked_free(u);
		gh_test_done(&ctx);
	}
}

static void nothing_is_an_image_too(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	struct seen seen;
	gh_unpacked *u = unpack(&ctx, (gh_bytes){ NULL, 0 }, NULL, 2, &seen);
	assert_null(gh_unpacked_root(u)->first);
	EQ(gh_unpacked_root(u)->size, 0, "size");
	gh_unpacked_free(u);
	gh_test_done(&ctx);
}

static const struct {
	gh_bytes head;
	const char *word;
	bool opaque;
} leaves[] = {
	{ GH_INIT("\x7f"
		  "ELF\1"),
	  "elf", true },
	{ GH_INIT("#!/bin/sh\n"), "script", true },
	{ GH_INIT("root:x:0:0\n"), "text", true },
	{ GH_INIT("\x1f\x8b\x08\0"), "data", false },
	{ GH_INIT(""), "empty", true },
};

static void a_file_has_one_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(leaves); i++) {
		gh_leaf leaf = gh_leaf_of(leaves[i].head);
		assert_string_equal(leaf.word, leaves[i].word);
		EQ(leaf.opaque, leaves[i].opaque, leaves[i].word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_claims_is_a_gap),
		cmocka_unit_test(layers_keep_their_offsets_and_threads_change_nothing),
		cmocka_unit_test(a_stronger_claim_wins_and_the_loser_is_told),
		cmocka_unit_test(a_container_is_not_its_own_part),
		cmocka_unit_test(budgets_end_a_node_and_not_the_scan),
		cmocka_unit_test(nothing_is_an_image_too),
		cmocka_unit_test(a_file_has_one_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
