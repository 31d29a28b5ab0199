/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files, ours and the user's, compiled in a caged process: they are untrusted input too.
 */
#include "engine/session_in.h"

#include <stdlib.h>

enum { RULES_MOST_MIB = 256, RULES_TIME_S = 120, RULE_FILES_MOST = 65536 };

struct listing {
	gifthorse_session *session;
	gh_rule_file *files;
	gh_input *inputs;
	size_t count, room;
	bool programs; /* the user has rules about programs */
};

static void warn(gifthorse_session *s, const char *line)
{
	gh_warning *w = gh_arena_zalloc(s->ctx.arena, sizeof *w);
	if (!w)
		return;
	w->line = gh_arena_text(s->ctx.arena, line, strlen(line));
	*s->warnings_end = w;
	s->warnings_end = &w->next;
}

static bool ends_with(const char *path, const char *tail)
{
	return gh_bytes_end(gh_view_text(path), gh_view_text(tail));
}

static gh_code on_file(void *arg, const char *path)
{
	struct listing *l = arg;
	gh_ctx *ctx = &l->session->ctx;
	bool hashes = ends_with(path, ".tsv"), program = ends_with(path, ".yml") || ends_with(path, ".yaml");
	if (!hashes && !program && !ends_with(path, ".yar") && !ends_with(path, ".yara"))
		return GH_OK;
	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : 64, old = l->room;
		gh_rule_file *files = gh_arena_grow(ctx->arena, l->files, old * sizeof *files, room * sizeof *files);
		gh_input *inputs = gh_arena_grow(ctx->arena, l->inputs, old * sizeof *inputs, room * sizeof *inputs);
		if (!files || !inputs)
			return gh_nomem(ctx);
		l->files = files;
		l->inputs = inputs;
		l->room = room;
	}
	if (l->count >= RULE_FILES_MOST)
		return gh_fail(ctx, GH_LIMIT, 0, "more than %d rule files", RULE_FILES_MOST);
	gh_input *in = &l->inputs[l->count];
	if (gh_input_open(ctx, path, 0, in) != GH_OK) {
		warn(l->session, ctx->what);
		return GH_OK;
	}
	l->programs |= program;
	l->files[l->count++] = (gh_rule_file){ .name = path, .text = in->bytes, .hashes = hashes, .program = program };
	return GH_OK;
}

static void on_trouble(void *arg, const char *path, const char *line)
{
	struct listing *l = arg;
	(void)path;
	warn(l->session, line);
}

static gh_code list_files(gifthorse_session *s, struct listing *l)
{
	size_t n_builtin;
	const gh_rule_file *builtin = gh_rules_builtin(&n_builtin);
	l->room = n_builtin + 64;
	l->files = gh_arena_array(s->ctx.arena, l->room, sizeof *l->files);
	l->inputs = gh_arena_array(s->ctx.arena, l->room, sizeof *l->inputs);
	if (!l->files || !l->inputs)
		return gh_nomem(&s->ctx);
	for (size_t i = 0; i < n_builtin; i++)
		l->files[i] = builtin[i];
	l->count = n_builtin;
	gh_walk walk = { l, on_file, on_trouble };
	for (size_t i = 0; i < s->options.n_rules; i++) {
		const char *folder = s->options.rules[i];
		if (!gh_input_is_folder(folder))
			return gh_fail(&s->ctx, GH_IO, 0, "%s: is not a folder of rules", folder);
		gh_code code = gh_input_walk(&s->ctx, folder, &walk);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

/* The compiling worker, heard. */
struct hearing {
	gifthorse_session *session;
	gh_rule_order order;
	gh_wire_stream stream;
	bool done;
	char why[64];
};

static gh_code hear(void *arg, gh_bytes more)
{
	struct hearing *h = arg;
	gh_ctx *ctx = &h->session->ctx;
	gh_record kind;
	gh_wire w;
	gh_code code = gh_wire_feed(ctx, &h->stream, more);
	while (code == GH_OK && gh_wire_next(ctx, &h->stream, &kind, &w, &code)) {
		gh_bytes rest = gh_rest(&w.in);
		const char *line = NULL;
		gh_done done = { 0 };
		if (kind == GH_RECORD_WARNING) {
			gh_wire_text(&w, &line);
			if (line)
				warn(h->session, line);
		} else if (kind == GH_RECORD_RULES || kind == GH_RECORD_CAPS) {
			char *blob = gh_arena_text(ctx->arena, rest.ptr, rest.len);
			if (!blob)
				return gh_nomem(ctx);
			*(kind == GH_RECORD_RULES ? &h->session->rules : &h->session->caps) = gh_view(blob, rest.len);
		} else if (kind == GH_RECORD_DONE) {
			gh_wire_done(&w, &done);
			h->done = !w.bad && done.code == GH_OK;
		}
	}
	return code;
}

static void ended(void *arg, const gh_worker_result *result)
{
	struct hearing *h = arg;
	char text[48];
	(void)snprintf(h->why, sizeof h->why, "%s", gh_worker_end_text(result, text));
}

/* In the child. */
static int work(void *arg, int out, const char *cage)
{
	struct hearing *h = arg;
	return gh_rules_run(&h->order, out, cage);
}

static gifthorse_status compile(gifthorse_session *s, struct listing *l)
{
	struct hearing h = { .session = s, .order = { l->files, l->count, l->programs } };
	gh_worker_job job = { .run = work,
			      .bytes = hear,
			      .done = ended,
			      .arg = &h,
			      .cage = { .output = -1, .memory = GH_GIB((uint64_t)3) },
			      .timeout_ms = (uint64_t)RULES_TIME_S * 1000 };
	unsigned slot;
	gh_workers *set = gh_workers_new(&s->ctx, 1);
	if (!set || gh_wire_stream_init(&s->ctx, &h.stream, GH_MIB(RULES_MOST_MIB)) != GH_OK)
		return gh_session_fail(s, GIFTHORSE_NOMEM, "out of memory");
	gh_code code = gh_worker_start(&s->ctx, set, &job, &slot);
	while (code == GH_OK && gh_workers_running(set) > 0)
		code = gh_workers_poll(&s->ctx, set, 1000);
	gh_workers_free(set);
	gh_wire_stream_free(&h.stream);
	if (code != GH_OK)
		return gh_session_fail(s, GIFTHORSE_INTERNAL, "%s", s->ctx.what);
	if (!l->programs)
		s->caps = gh_session_own_caps();
	if (!h.done)
		return gh_session_fail(s, GIFTHORSE_INTERNAL, "the rules could not be compiled (%s)", h.why);
	return GIFTHORSE_OK;
}

gifthorse_status gh_session_rules(gifthorse_session *s)
{
	struct listing l = { .session = s };
	if (s->rules_ready)
		return GIFTHORSE_OK;
	gh_code code = list_files(s, &l);
	gifthorse_status status = code == GH_OK      ? compile(s, &l)
				  : code == GH_NOMEM ? gh_session_fail(s, GIFTHORSE_NOMEM, "out of memory")
						     : gh_session_fail(s, GIFTHORSE_UNREADABLE, "%s", s->ctx.what);
	size_t n_builtin;
	(void)gh_rules_builtin(&n_builtin);
	for (size_t i = n_builtin; i < l.count; i++)
		gh_input_close(&l.inputs[i]);
	s->rules_ready = status == GIFTHORSE_OK;
	return status;
}
