/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/doc.h"

#include <stdlib.h>

#include "check/check.h"

/* One record: the largest is a node with all its facts and notes. */
enum { RECORD_MOST_MIB = 24, DOC_MOST_GIB = 4 };

struct gh_doc {
	gh_ctx ctx;
	gh_wire_stream stream;
	gh_report report;
	gh_hello hello;
	gh_done done;
	bool is_done, again, nonsense;
	uint64_t progress;
	uint64_t max_nodes;
	gh_node **nodes; /* by id */
	size_t n_nodes, room;
};

static gh_code start_over(gh_doc *d)
{
	d->ctx.arena = gh_arena_new(GH_GIB((size_t)DOC_MOST_GIB));
	d->ctx.scratch = gh_arena_new(GH_GIB((size_t)1));
	d->nodes = NULL;
	d->n_nodes = d->room = 0;
	d->is_done = d->again = d->nonsense = false;
	d->report.root = NULL;
	d->report.findings = (gh_findings){ 0 };
	d->report.programs = NULL;
	d->report.programs_end = &d->report.programs;
	d->report.arena = d->ctx.arena;
	if (!d->ctx.arena || !d->ctx.scratch)
		return GH_NOMEM;
	return gh_wire_stream_init(&d->ctx, &d->stream, GH_MIB(RECORD_MOST_MIB));
}

static void drop_memory(gh_doc *d)
{
	gh_wire_stream_free(&d->stream);
	gh_arena_free(d->ctx.arena);
	gh_arena_free(d->ctx.scratch);
	d->ctx.arena = d->ctx.scratch = NULL;
}

gh_code gh_doc_new(gh_ctx *ctx, gh_job job, const char *image, uint64_t size, uint64_t max_nodes, bool list_files,
		   gh_doc **ret)
{
	gh_doc *d = calloc(1, sizeof *d);
	if (!d)
		return gh_nomem(ctx);
	d->report.job = job;
	d->report.image = image;
	d->report.size = size;
	d->report.list_files = list_files;
	d->max_nodes = max_nodes;
	if (start_over(d) != GH_OK) {
		gh_doc_free(d);
		return gh_nomem(ctx);
	}
	*ret = d;
	return GH_OK;
}

void gh_doc_free(gh_doc *d)
{
	if (!d)
		return;
	drop_memory(d);
	free(d);
}

static bool store_node(gh_doc *d, gh_node *node)
{
	if (node->id > d->max_nodes + 1)
		return false;
	if (node->id >= d->room) {
		size_t room = GH_MAX((size_t)node->id + 1, d->room * 2 + 64);
		gh_node **grown =
			gh_arena_grow(d->ctx.arena, d->nodes, d->room * sizeof(gh_node *), room * sizeof(gh_node *));
		if (!grown)
			return false;
		memset(grown + d->room, 0, (room - d->room) * sizeof(gh_node *));
		d->nodes = grown;
		d->room = room;
	}
	if (d->nodes[node->id])
		return false;
	d->nodes[node->id] = node;
	d->n_nodes = GH_MAX(d->n_nodes, (size_t)node->id + 1);
	return true;
}

static bool hear_node(gh_doc *d, gh_wire *w)
{
	gh_node *node = gh_arena_zalloc(d->ctx.arena, sizeof *node);
	if (!node)
		return false;
	gh_wire_node(w, node);
	if (w->bad || !store_node(d, node))
		return false;
	gh_volume *v = node->volume;
	if (!v)
		return true;
	if (v->count > d->max_nodes)
		return false;
	if (!d->report.list_files) {
		v->count = 0;
		return true;
	}
	v->entries = gh_arena_array(d->ctx.arena, v->count, sizeof *v->entries);
	return v->entries != NULL;
}

/* A worker that need not list the files says only those that had trouble, one after another. */
static bool hear_entry(gh_doc *d, gh_wire *w)
{
	gh_wire_entry we = { 0 };
	gh_wire_entry_fields(w, &we);
	if (w->bad || we.node >= d->n_nodes || !d->nodes[we.node] || !d->nodes[we.node]->volume || !we.entry.path.ptr)
		return false;
	gh_volume *v = d->nodes[we.node]->volume;
	if (d->report.list_files) {
		if (we.index >= v->count)
			return false;
		v->entries[we.index] = we.entry;
		return true;
	}
	if (v->count >= d->max_nodes)
		return false;
	if ((v->count & (v->count - 1)) == 0) { /* a power of two: time to grow */
		size_t room = v->count ? v->count * 2 : 1;
		gh_entry *grown =
			gh_arena_grow(d->ctx.arena, v->entries, v->count * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return false;
		v->entries = grown;
	}
	v->entries[v->count++] = we.entry;
	return true;
}

static bool hear_finding(gh_doc *d, gh_wire *w)
{
	gh_finding f = { 0 };
	gh_wire_finding(w, &f);
	return !w->bad && gh_finding_add(&d->ctx, &d->report.findings, &f) == GH_OK;
}

static bool hear_program(gh_doc *d, gh_wire *w)
{
	gh_program_view *v = gh_arena_zalloc(d->ctx.arena, sizeof *v);
	if (!v || d->report.job < GH_JOB_CAPS)
		return false;
	gh_wire_program(w, v);
	if (w->bad)
		return false;
	*d->report.programs_end = v;
	d->report.programs_end = &v->next;
	return true;
}

static bool hear_record(gh_doc *d, gh_record kind, gh_wire *w)
{
	switch (kind) {
	case GH_RECORD_HELLO:
		gh_wire_hello(w, &d->hello);
		return !w->bad;
	case GH_RECORD_NODE:
		return hear_node(d, w);
	case GH_RECORD_ENTRY:
		return hear_entry(d, w);
	case GH_RECORD_FINDING:
		return hear_finding(d, w);
	case GH_RECORD_PROGRESS:
		gh_wire_u64(w, &d->progress);
		return !w->bad;
	case GH_RECORD_AGAIN:
		d->again = true;
		return true;
	case GH_RECORD_DONE:
		gh_wire_done(w, &d->done);
		d->is_done = !w->bad;
		return !w->bad;
	case GH_RECORD_PROGRAM:
		return hear_program(d, w);
	case GH_RECORD_CAPS:
	case GH_RECORD_WARNING:
	case GH_RECORD_RULES:
		break;
	}
	return false;
}

gh_code gh_doc_hear(gh_doc *d, gh_bytes more)
{
	gh_record kind;
	gh_wire wire;
	gh_code code = gh_wire_feed(&d->ctx, &d->stream, more);
	while (code == GH_OK && gh_wire_next(&d->ctx, &d->stream, &kind, &wire, &code))
		if (d->is_done || !hear_record(d, kind, &wire)) {
			d->nonsense = true;
			return gh_fail(&d->ctx, GH_CORRUPT, 0,
				       "the worker said something that makes no sense (record %u)", kind);
		}
	d->nonsense |= code != GH_OK;
	return code;
}

bool gh_doc_wants_again(const gh_doc *d)
{
	return d->again && !d->is_done;
}

void gh_doc_forget(gh_doc *d)
{
	drop_memory(d);
	if (start_over(d) != GH_OK)
		d->nonsense = true;
}

uint64_t gh_doc_progress(const gh_doc *d)
{
	return d->progress;
}

/* Only what hangs together with the image is shown; parents may come later than their children. Every
 * node is walked over once: what is known of one is remembered in `user`. */
static bool reaches_root(const gh_doc *d, gh_node *node)
{
	static char yes, no;
	gh_node *at = node;
	void *answer = NULL;
	for (size_t steps = 0; !answer && steps <= d->n_nodes; steps++) {
		if (at->id == 0 || at->user)
			answer = at->id == 0 ? &yes : at->user;
		else if (at->parent >= d->n_nodes || !d->nodes[at->parent])
			answer = &no;
		else
			at = d->nodes[at->parent];
	}
	if (!answer) /* round and round */
		answer = &no;
	for (at = node; at->id != 0 && !at->user && at->parent < d->n_nodes && d->nodes[at->parent];
	     at = d->nodes[at->parent])
		at->user = answer;
	return answer == &yes;
}

/* The image itself and containers are said last: where a worker died before, a stand-in is made. */
static gh_code make_up_missing(gh_doc *d)
{
	if (d->n_nodes == 0 || !d->nodes[0]) {
		gh_node *root = gh_arena_zalloc(d->ctx.arena, sizeof *root);
		if (!root)
			return GH_NOMEM;
		root->size = d->report.size;
		if (!store_node(d, root))
			return GH_NOMEM;
	}
	for (size_t i = 1; i < d->n_nodes; i++) {
		gh_node *n = d->nodes[i];
		if (!n || (n->parent < d->n_nodes && d->nodes[n->parent]) || n->parent > d->max_nodes)
			continue;
		gh_node *stand_in = gh_arena_zalloc(d->ctx.arena, sizeof *stand_in);
		if (!stand_in)
			return GH_NOMEM;
		*stand_in = (gh_node){ .id = n->parent, .kind = GH_NODE_PART, .at = n->at, .size = n->size };
		if (!store_node(d, stand_in))
			return GH_NOMEM;
	}
	return GH_OK;
}

static void drop_unread_entries(gh_volume *v)
{
	size_t kept = 0;
	if (!v || !v->entries)
		return;
	for (size_t i = 0; i < v->count; i++)
		if (v->entries[i].path.ptr)
			v->entries[kept++] = v->entries[i];
	v->count = kept;
}

static gh_code hang_up(gh_doc *d)
{
	gh_code code = make_up_missing(d);
	if (code != GH_OK)
		return code;
	for (size_t i = 1; i < d->n_nodes; i++)
		if (d->nodes[i] && reaches_root(d, d->nodes[i]))
			gh_node_append(d->nodes[d->nodes[i]->parent], d->nodes[i]);
	d->report.root = d->nodes[0];
	for (size_t i = 0; i < d->n_nodes && d->report.list_files; i++)
		if (d->nodes[i])
			drop_unread_entries(d->nodes[i]->volume);
	return GH_OK;
}

/* An image that was not looked at to its end is a finding about that image. A worker that was told
 * nonsense by it, or died of it, is worth more than a budget that ran out. */
static const struct {
	const char *id, *title;
	gh_level level;
} unfinished[] = {
	[GH_END_WHOLE] = { "UNFINISHED/unknown", "nothing in this image is in a known format: it was not judged",
			   GH_LEVEL_NOTICE },
	[GH_END_BUDGET] = { "UNFINISHED/budget", "a limit was reached before the end of the image", GH_LEVEL_NOTICE },
	[GH_END_TIMEOUT] = { "UNFINISHED/timeout", "the time given was over before the end of the image",
			     GH_LEVEL_NOTICE },
	[GH_END_CRASH] = { "UNFINISHED/crash", "the process that read the image died of it", GH_LEVEL_SUSPICIOUS },
	[GH_END_MEMORY] = { "UNFINISHED/memory", "memory ran out before the end of the image", GH_LEVEL_NOTICE },
	[GH_END_NONSENSE] = { "UNFINISHED/nonsense", "the process that read the image was made to talk nonsense",
			      GH_LEVEL_SUSPICIOUS },
};

/* Nothing but gaps: a whole look at something that nobody knows. */
static bool nothing_known(const gh_report *r)
{
	for (const gh_node *n = r->root->first; n; n = n->next)
		if (n->kind != GH_NODE_GAP)
			return false;
	return r->size > 0;
}

static gh_code add_unfinished(gh_doc *d)
{
	const gh_report *r = &d->report;
	if (r->end == GH_END_WHOLE && !(r->job == GH_JOB_SCAN && nothing_known(r)))
		return GH_OK;
	const gh_check *about = &gh_check_unfinished;
	gh_finding f = { .id = unfinished[r->end].id,
			 .check = about->id,
			 .level = unfinished[r->end].level,
			 .sure = GH_SURE_HIGH,
			 .why = about->why,
			 .harmless = about->harmless,
			 .attack = about->attack };
	f.title = r->end_detail ? gh_arena_printf(d->ctx.arena, "%s (%s)", unfinished[r->end].title, r->end_detail)
				: unfinished[r->end].title;
	return f.title ? gh_finding_add(&d->ctx, &d->report.findings, &f) : GH_NOMEM;
}

gh_code gh_doc_close(gh_doc *d, gh_end end, const char *detail)
{
	gh_report *r = &d->report;
	gh_code code = hang_up(d);
	if (code != GH_OK)
		return code;
	r->end = d->nonsense ? GH_END_NONSENSE : end;
	r->end_detail = detail;
	if (d->is_done && !d->nonsense) {
		r->end = d->done.code == GH_NOMEM ? GH_END_MEMORY : d->done.spent ? GH_END_BUDGET : GH_END_WHOLE;
		r->end_detail = d->done.detail;
		memcpy(r->sha256, d->done.sha256, sizeof r->sha256);
	} else if (r->end == GH_END_WHOLE) {
		r->end = GH_END_NONSENSE;
	}
	r->cage = d->hello.cage ? d->hello.cage : "";
	r->n_rules = (size_t)d->hello.n_rules;
	r->n_hashes = (size_t)d->hello.n_hashes;
	r->files = d->done.files;
	r->bytes_unpacked = d->done.bytes_unpacked;
	r->files_written = d->done.files_written;
	r->not_written = d->done.not_written;
	r->verified_regions = d->done.verified_regions;
	r->verified_files = d->done.verified_files;
	r->verified_bytes = d->done.verified_bytes;
	r->differ = d->done.differ;
	r->differs = d->done.differs;
	r->strip = d->done.strip;
	code = add_unfinished(d);
	return code == GH_OK ? gh_report_settle(&d->ctx, r) : code;
}

gh_report *gh_doc_report(gh_doc *d)
{
	return &d->report;
}

gh_code gh_doc_code(const gh_doc *d)
{
	return d->is_done ? (gh_code)d->done.code : GH_OK;
}

const char *gh_doc_detail(const gh_doc *d)
{
	return d->done.detail;
}
