/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images on their way through workers: as many at a time as there are jobs, reports in order.
 */
#include "engine/session_in.h"

#include <stdlib.h>

#include "host/save.h"
#include "host/spill.h"

/* A worker's address space: room for the largest things inside, twice, and for threads. */
#define REPORT_NAME "gifthorse-report.json"
enum { MEMORY_GIB = 6, STACK_MIB = 64, AHEAD = 4 };

struct run {
	gifthorse_session *session;
	struct tour_state *tour;
	const char *path;
	gh_input input;
	gh_spill spill;
	bool open;
	gh_order order;
	gh_doc *doc;
	gh_output *output;
	gifthorse_report *report;
	gifthorse_status status;
	bool ended, delivered;
	char error[320];
};

struct tour_state {
	const gh_tour *tour;
	gh_workers *workers;
	struct run *runs;
	unsigned places;
};

static gh_code start_worker(struct run *r);

static void finish(struct run *r, gifthorse_status status)
{
	r->status = status;
	r->ended = true;
	if (status != GIFTHORSE_OK)
		(void)snprintf(r->error, sizeof r->error, "%s", r->session->error);
	if (r->open) {
		gh_input_close(&r->input);
		gh_spill_close(&r->spill);
	}
	r->open = false;
}

static gh_code hear(void *arg, gh_bytes more)
{
	struct run *r = arg;
	const gifthorse_options *o = &r->session->options;
	gh_code code = gh_doc_hear(r->doc, more);
	if (o->progress)
		o->progress(o->progress_arg, r->path, gh_doc_progress(r->doc), 0);
	return code;
}

static gh_end end_of(const gh_worker_result *result)
{
	if (result->end == GH_WORKER_TIMED_OUT)
		return GH_END_TIMEOUT;
	if (result->end == GH_WORKER_FLOODED || result->end == GH_WORKER_CANCELLED)
		return GH_END_NONSENSE;
	if (result->end == GH_WORKER_EXITED && result->code == GH_SCAN_NO_MEMORY)
		return GH_END_MEMORY;
	return result->end == GH_WORKER_EXITED && result->code == 0 ? GH_END_WHOLE : GH_END_CRASH;
}

/* An extraction that could not be finished: where the half of it lies, and why. */
static gifthorse_status close_output(struct run *r, bool whole)
{
	if (!r->output)
		return GIFTHORSE_OK;
	const char *left = gh_output_close(r->output);
	r->output = NULL;
	if (whole)
		return GIFTHORSE_OK;
	const char *why = gh_doc_detail(r->doc) ? gh_doc_detail(r->doc) : "the worker ended early";
	if (left)
		return gh_session_fail(r->session, GIFTHORSE_OUTPUT, "%s; what there is stands in %s", why, left);
	return gh_session_fail(r->session, GIFTHORSE_OUTPUT, "%s; nothing was written", why);
}

/* Beside what was extracted stands what could not be written: owners, devices, setuid bits, gaps. */
static gifthorse_status save_report(struct run *r)
{
	gh_save save;
	gh_ctx *ctx = &r->session->ctx;
	gh_code code = gh_save_begin(ctx, r->tour->tour->target, REPORT_NAME, r->session->options.force, &save);
	if (code == GH_OK) {
		bool ok = gifthorse_json_begin(save.out) && gifthorse_report_json(r->report, save.out, true) &&
			  gifthorse_json_end(save.out);
		code = gh_save_end(ctx, &save, ok);
	}
	return code == GH_OK ? GIFTHORSE_OK : gh_session_fail(r->session, GIFTHORSE_OUTPUT, "%s", ctx->what);
}

static void make_report(struct run *r, const gh_worker_result *result)
{
	char text[48];
	const char *detail = gh_worker_end_text(result, text);
	char *copy = gh_arena_text(r->session->ctx.arena, detail, strlen(detail));
	gh_code code = gh_doc_close(r->doc, end_of(result), copy);
	bool whole = code == GH_OK && gh_doc_code(r->doc) == GH_OK && gh_doc_report(r->doc)->end <= GH_END_BUDGET;
	gifthorse_status status = close_output(r, whole);
	r->report = code == GH_OK ? calloc(1, sizeof *r->report) : NULL;
	if (!r->report) {
		finish(r, gh_session_fail(r->session, GIFTHORSE_NOMEM, "out of memory"));
		return;
	}
	r->report->doc = r->doc;
	r->doc = NULL;
	if (status == GIFTHORSE_OK && r->order.job == GH_JOB_EXTRACT)
		status = save_report(r);
	finish(r, status);
}

static void ended(void *arg, const gh_worker_result *result)
{
	struct run *r = arg;
	if (result->end == GH_WORKER_UNCAGED) {
		finish(r, gh_session_fail(r->session, GIFTHORSE_INTERNAL, "the worker could not be caged"));
		return;
	}
	if (result->end != GH_WORKER_EXITED || !gh_doc_wants_again(r->doc) || r->order.alone) {
		make_report(r, result);
		return;
	}
	gh_doc_forget(r->doc);
	r->order.alone = true;
	if (start_worker(r) != GH_OK)
		finish(r, gh_session_fail(r->session, GIFTHORSE_INTERNAL, "%s", r->session->ctx.what));
}

static gh_code open_output(struct run *r)
{
	gh_ctx *ctx = &r->session->ctx;
	if (r->order.job != GH_JOB_EXTRACT)
		return GH_OK;
	if (r->output) /* a first try that ran into a budget */
		gh_output_discard(r->output);
	r->output = NULL;
	gh_code code = gh_output_open(ctx, r->tour->tour->target, r->session->options.force, &r->output);
	r->order.output = r->output;
	return code;
}

/* In the child. */
static int work(void *arg, int out, const char *cage)
{
	struct run *r = arg;
	return gh_scan_run(&r->order, out, cage);
}

static gh_code start_worker(struct run *r)
{
	gifthorse_session *s = r->session;
	unsigned slot;
	gh_code code = open_output(r);
	if (code != GH_OK)
		return code;
	int keep[1] = { r->output ? gh_output_staging_fd(r->output) : -1 };
	gh_worker_job job = {
		.run = work, .bytes = hear, .done = ended, .arg = r, .timeout_ms = (uint64_t)s->options.timeout_s * 1000
	};
	job.cage = (gh_cage){ .keep = keep,
			      .n_keep = r->output ? 1 : 0,
			      .output = r->output ? gh_output_target_fd(r->output) : -1,
			      .memory = GH_GIB((uint64_t)MEMORY_GIB) + r->input.bytes.len + r->spill.size +
					r->order.jobs * GH_MIB((uint64_t)STACK_MIB) };
	return gh_worker_start(&s->ctx, r->tour->workers, &job, &slot);
}

/* What an image may unpack to, if nobody said: honest firmware stays below 10 times its size, a dump of
 * a GiB fits in, a bomb of 42 zips does not. */
static uint64_t bytes_for(const gifthorse_options *o, uint64_t size)
{
	uint64_t most = GH_GIB((uint64_t)8), least = GH_MIB(256), ratio = 200;
	if (o->max_bytes)
		return o->max_bytes;
	return size > most / ratio ? most : GH_MIN(most, least + ratio * size);
}

/* A small image needs none. What comes out of a large one (a chip without its spare bytes, the volumes in that, the
 * streams in those) lies on disk while nobody looks at it. */
static size_t spill_for(uint64_t size)
{
	return size < GH_MIB(64) ? 0 : (size_t)GH_MIN(4 * size, GH_GIB(8));
}

static void start(struct run *r)
{
	gifthorse_session *s = r->session;
	const gifthorse_options *o = &s->options;
	const gh_tour *tour = r->tour->tour;
	/* A scan of a folder is one of each of its files, if not told otherwise. */
	bool device = gh_input_is_folder(r->path) && (tour->job != GH_JOB_SCAN || o->device);
	gh_code code = device ? gh_input_open_folder(&s->ctx, r->path, &r->input)
			      : gh_input_open(&s->ctx, r->path, 0, &r->input);
	if (code != GH_OK) {
		finish(r, gh_session_fail(s, code == GH_NOMEM ? GIFTHORSE_NOMEM : GIFTHORSE_UNREADABLE, "%s",
					  s->ctx.what));
		return;
	}
	r->open = true;
	gh_spill_open(&r->spill, spill_for(r->input.bytes.len));
	r->order = (gh_order){ .job = tour->job,
			       .image = r->input.bytes,
			       .name = r->path,
			       .max_bytes = bytes_for(o, r->input.bytes.len),
			       .max_nodes = o->max_nodes,
			       .max_depth = o->max_depth,
			       .rules = s->rules,
			       .caps = s->caps,
			       .why = o->why,
			       .function = o->function,
			       .program = o->program,
			       .search = s->search };
	r->order.verify = o->verify && tour->job == GH_JOB_TREE;
	r->order.strip = o->map && tour->job == GH_JOB_TREE;
	r->order.list_files = o->list_files || tour->job == GH_JOB_EXTRACT;
	r->order.history = o->history;
	r->order.spill = &r->spill;
	r->order.show_secrets = o->show_secrets;
	/* Many images share the processors among them; one has them all. */
	r->order.jobs = GH_MAX(1U, o->jobs / (unsigned)GH_MIN(tour->n, (size_t)o->jobs));
	code = gh_doc_new(&s->ctx, tour->job, r->input.name, r->input.bytes.len, o->max_nodes, r->order.list_files,
			  &r->doc);
	if (code != GH_OK) {
		finish(r, gh_session_fail(s, GIFTHORSE_NOMEM, "out of memory"));
		return;
	}
	gh_doc_report(r->doc)->target = tour->target;
	code = start_worker(r);
	if (code != GH_OK)
		finish(r, gh_session_fail(s, tour->job == GH_JOB_EXTRACT ? GIFTHORSE_OUTPUT : GIFTHORSE_INTERNAL, "%s",
					  s->ctx.what));
}

static void deliver(struct run *r)
{
	const gh_tour *tour = r->tour->tour;
	(void)snprintf(r->session->error, sizeof r->session->error, "%s", r->error);
	tour->each(tour->arg, r->path, r->status, r->report);
	gh_doc_free(r->doc);
	r->report = NULL;
	r->doc = NULL;
	r->delivered = true;
}

static gh_code travel(gifthorse_session *s, struct tour_state *t)
{
	size_t next = 0, due = 0;
	const gifthorse_options *o = &s->options;
	while (due < t->tour->n) {
		while (next < t->tour->n && next < due + (size_t)t->places * AHEAD &&
		       gh_workers_running(t->workers) < t->places)
			start(&t->runs[next++]);
		if (gh_workers_running(t->workers) > 0) {
			gh_code code = gh_workers_poll(&s->ctx, t->workers, 200);
			if (code != GH_OK)
				return code;
			if (o->progress && due < next && !t->runs[due].ended && t->runs[due].doc)
				o->progress(o->progress_arg, t->runs[due].path, gh_doc_progress(t->runs[due].doc), 0);
		}
		while (due < next && t->runs[due].ended)
			deliver(&t->runs[due++]);
	}
	return GH_OK;
}

gifthorse_status gh_session_tour(gifthorse_session *s, const gh_tour *tour)
{
	struct tour_state t = { .tour = tour };
	t.places = (unsigned)GH_MAX((size_t)1, GH_MIN((size_t)s->options.jobs, tour->n));
	if (tour->job == GH_JOB_SCAN || tour->job == GH_JOB_CAPS) {
		gifthorse_status status = gh_session_rules(s);
		if (status != GIFTHORSE_OK)
			return status;
	}
	if (!s->search)
		s->search = gh_unpack_search_new(&s->ctx);
	t.workers = gh_workers_new(&s->ctx, t.places);
	t.runs = calloc(tour->n, sizeof *t.runs);
	if (!s->search || !t.workers || !t.runs) {
		free(t.runs);
		return gh_session_fail(s, GIFTHORSE_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < tour->n; i++) {
		t.runs[i].session = s;
		t.runs[i].tour = &t;
		t.runs[i].path = tour->paths[i];
	}
	gh_code code = travel(s, &t);
	gh_workers_free(t.workers);
	for (size_t i = 0; i < tour->n; i++)
		if (!t.runs[i].delivered && t.runs[i].doc)
			gh_doc_free(t.runs[i].doc);
	free(t.runs);
	return code == GH_OK ? GIFTHORSE_OK : gh_session_fail(s, GIFTHORSE_INTERNAL, "%s", s->ctx.what);
}
