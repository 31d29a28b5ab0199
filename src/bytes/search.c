/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/search.h"

#include <hs.h>
#include <stdlib.h>

struct gh_search {
	hs_database_t *db;
	uint64_t digest; /* of the patterns: which bytes belong to which table */
	size_t n;
	unsigned *lengths; /* by index of the pattern */
	unsigned *ids;
};

struct gh_searcher {
	const gh_search *search;
	hs_scratch_t *scratch;
};

static gh_code compile(gh_ctx *ctx, gh_search *s, const gh_pattern *patterns)
{
	const char **expressions = gh_arena_array(ctx->scratch, s->n, sizeof *expressions);
	unsigned *flags = gh_arena_array(ctx->scratch, s->n, sizeof *flags);
	unsigned *numbers = gh_arena_array(ctx->scratch, s->n, sizeof *numbers);
	if (!expressions || !flags || !numbers)
		return gh_nomem(ctx);
	for (size_t i = 0; i < s->n; i++) {
		expressions[i] = patterns[i].expression;
		flags[i] = HS_FLAG_DOTALL | HS_FLAG_ALLOWEMPTY | (patterns[i].once ? HS_FLAG_SINGLEMATCH : 0);
		numbers[i] = (unsigned)i;
	}
	hs_compile_error_t *error = NULL;
	if (hs_compile_multi(expressions, flags, numbers, (unsigned)s->n, HS_MODE_BLOCK, NULL, &s->db, &error) ==
	    HS_SUCCESS)
		return GH_OK;
	gh_trouble(ctx, GH_NOMEM, 0, "search pattern %d: %s", error ? error->expression : -1,
		   error ? error->message : "out of memory");
	hs_free_compile_error(error);
	return GH_NOMEM;
}

/* FNV-1a over the expressions, so that saved bytes are not used with another table. */
static uint64_t digest_of(const gh_pattern *patterns, size_t n)
{
	uint64_t digest = 0xcbf29ce484222325;
	for (size_t i = 0; i < n; i++)
		for (const char *c = patterns[i].expression;; c++) {
			digest = (digest ^ (uint8_t)*c) * 0x100000001b3;
			if (!*c)
				break;
		}
	return digest;
}

static gh_search *search_bare(const gh_pattern *patterns, size_t n)
{
	gh_search *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->n = n;
	s->digest = digest_of(patterns, n);
	s->lengths = calloc(n, sizeof *s->lengths);
	s->ids = calloc(n, sizeof *s->ids);
	if (!s->lengths || !s->ids) {
		gh_search_free(s);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		s->lengths[i] = patterns[i].length;
		s->ids[i] = patterns[i].id;
	}
	return s;
}

gh_search *gh_search_new(gh_ctx *ctx, const gh_pattern *patterns, size_t n)
{
	gh_search *s = search_bare(patterns, n);
	if (!s) {
		(void)gh_nomem(ctx);
		return NULL;
	}
	if (compile(ctx, s, patterns) == GH_OK)
		return s;
	gh_search_free(s);
	return NULL;
}

gh_code gh_search_save(gh_ctx *ctx, const gh_search *s, gh_buf *out)
{
	char *bytes;
	size_t len;
	if (hs_serialize_database(s->db, &bytes, &len) != HS_SUCCESS)
		return gh_nomem(ctx);
	gh_code code = gh_buf_add(ctx, out, gh_view(&s->digest, sizeof s->digest));
	if (code == GH_OK)
		code = gh_buf_add(ctx, out, gh_view(bytes, len));
	free(bytes);
	return code;
}

gh_search *gh_search_load(gh_ctx *ctx, const gh_pattern *patterns, size_t n, gh_bytes saved)
{
	gh_search *s = search_bare(patterns, n);
	(void)ctx;
	gh_bytes digest = gh_bytes_part(saved, 0, sizeof s->digest);
	gh_bytes db = gh_bytes_part(saved, sizeof s->digest, saved.len);
	if (s && gh_bytes_eq(digest, gh_view(&s->digest, sizeof s->digest)) &&
	    hs_deserialize_database((const char *)db.ptr, db.len, &s->db) == HS_SUCCESS)
		return s;
	gh_search_free(s);
	return NULL;
}

void gh_search_free(gh_search *s)
{
	if (!s)
		return;
	hs_free_database(s->db);
	free(s->lengths);
	free(s->ids);
	free(s);
}

gh_searcher *gh_searcher_new(gh_ctx *ctx, const gh_search *search)
{
	gh_searcher *s = calloc(1, sizeof *s);
	if (s) {
		s->search = search;
		if (hs_alloc_scratch(search->db, &s->scratch) == HS_SUCCESS)
			return s;
		free(s);
	}
	(void)gh_nomem(ctx);
	return NULL;
}

void gh_searcher_free(gh_searcher *s)
{
	if (!s)
		return;
	hs_free_scratch(s->scratch);
	free(s);
}

struct run {
	const gh_search *search;
	bool (*hit)(void *arg, unsigned id, uint64_t at);
	void *arg;
	uint64_t base;
	bool stopped;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	struct run *run = arg;
	(void)from;
	(void)flags;
	uint64_t at = run->base + to - run->search->lengths[id];
	run->stopped = !run->hit(run->arg, run->search->ids[id], at);
	return run->stopped;
}

/* Long inputs go in windows that overlap by the longest pattern, and a match is told by the window it
 * starts in. (vectorscan takes 32-bit lengths; memory likes less.) */
enum { WINDOW = GH_PASS, OVERLAP = 1 << 12 };

struct window {
	struct run run;
	uint64_t stop; /* matches that start here or later belong to the next window */
};

static int on_window_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	struct window *w = arg;
	if (w->run.base + to - w->run.search->lengths[id] >= w->stop)
		return 0;
	return on_match(id, from, to, flags, &w->run);
}

gh_code gh_searcher_run(gh_ctx *ctx, gh_searcher *s, gh_bytes in, bool (*hit)(void *arg, unsigned id, uint64_t at),
			void *arg)
{
	struct window w = { .run = { .search = s->search, .hit = hit, .arg = arg } };
	for (uint64_t at = 0; at < in.len && !w.run.stopped; at += WINDOW) {
		gh_bytes part = gh_bytes_part(in, at, (uint64_t)WINDOW + OVERLAP);
		w.run.base = at;
		w.stop = at + WINDOW;
		hs_error_t error = hs_scan(s->search->db, (const char *)part.ptr, (unsigned)part.len, 0, s->scratch,
					   on_window_match, &w);
		if (error != HS_SUCCESS && error != HS_SCAN_TERMINATED)
			return gh_fail(ctx, GH_NOMEM, at, "the pattern search failed (%d)", error);
		if (in.len > WINDOW)
			gh_behind(ctx, part.ptr, part.len);
	}
	return GH_OK;
}
