/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file was not packed with the others?
 *
 * First the shape is learned: an image is packed in one go, or in few, or (patched images) in many. Only where
 * nearly all files were written in few goes, and belong to few owners, can one stand out. All signs here are
 * weak: a careful intruder copies every one of them, and honest images hold some.
 */
#include <stdlib.h>
#include <time.h>

#include "check/population_in.h"
#include "check/root_in.h"
#include "elf/elf.h"

enum { FILES_LEAST = 40, FILES_MOST = 1 << 16, SAME_GO = 3600, GOES_MOST = 3, SETTLED_OF_HUNDRED = 97 };

typedef struct packing {
	gh_check_ctx *check;
	const gh_node *volume;
	const gh_entry **files;
	unsigned n;
} packing;

static gh_code add(const packing *p, const gh_entry *e, const char *note)
{
	if (!note)
		return gh_nomem(p->check->ctx);
	gh_signal s = { .check = gh_check_odd_metadata.id, .witness = GH_WITNESS_PACKING, .weight = 1 };
	s.evidence = (gh_evidence){ .node = p->volume->id, .path = e->path, .at = GH_NOWHERE, .note = note };
	return gh_signal_add(p->check->ctx, p->check->signals, &s);
}

static gh_code gather(packing *p)
{
	const gh_volume *v = p->volume->volume;
	p->files = gh_arena_array(p->check->ctx->scratch, GH_MIN(v->count, (size_t)FILES_MOST) + 1, sizeof(gh_entry *));
	if (!p->files)
		return gh_nomem(p->check->ctx);
	for (size_t i = 0; i < v->count && p->n < FILES_MOST; i++) {
		const gh_entry *e = &v->entries[i];
		if (e->type == GH_ENTRY_FILE && e->past == GH_NOW && !e->hard_link)
			p->files[p->n++] = e;
	}
	return GH_OK;
}

static int by_time(const void *a, const void *b)
{
	const gh_entry *x = *(const gh_entry *const *)a, *y = *(const gh_entry *const *)b;
	if (x->mtime != y->mtime)
		return x->mtime < y->mtime ? -1 : 1;
	return gh_bytes_cmp(x->path, y->path);
}

static const char *date(gh_ctx *ctx, int64_t t)
{
	struct tm tm;
	time_t at = (time_t)t;
	if (!gmtime_r(&at, &tm))
		return "a time that cannot be";
	const char *text = gh_arena_printf(ctx->scratch, "%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year + 1900,
					   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return text ? text : "";
}

/* The end of a run of files, sorted by time, that were written in one go. */
static unsigned go_end(const packing *p, unsigned from)
{
	unsigned to = from + 1;
	while (to < p->n && p->files[to]->mtime - p->files[to - 1]->mtime <= SAME_GO)
		to++;
	return to;
}

static gh_code times(packing *p)
{
	gh_ctx *ctx = p->check->ctx;
	const unsigned rare = GH_MAX(p->n / 50, 1U);
	unsigned in_goes = 0, goes = 0, last = 0, to;
	qsort(p->files, p->n, sizeof *p->files, by_time);
	for (unsigned from = 0; from < p->n; from = to) {
		to = go_end(p, from);
		if (to - from <= rare)
			continue;
		in_goes += to - from;
		goes++;
		last = to;
	}
	if (goes == 0 || goes > GOES_MOST || in_goes * 100 < p->n * SETTLED_OF_HUNDRED)
		return GH_OK;
	const gh_entry *end = p->files[last - 1];
	gh_code code = GH_OK;
	for (unsigned i = last; i < p->n && code == GH_OK; i++)
		code = add(p, p->files[i],
			   gh_arena_printf(ctx->scratch, "written on %s, after %u of %u files were finished by %s",
					   date(ctx, p->files[i]->mtime), last, p->n, date(ctx, end->mtime)));
	return code;
}

static gh_code owners(packing *p)
{
	gh_ctx *ctx = p->check->ctx;
	const char **values = gh_arena_array(ctx->scratch, p->n, sizeof *values);
	if (!values)
		return gh_nomem(ctx);
	for (unsigned i = 0; i < p->n; i++) {
		values[i] = gh_arena_printf(ctx->scratch, "%u:%u", p->files[i]->uid, p->files[i]->gid);
		if (!values[i])
			return gh_nomem(ctx);
	}
	gh_column c = { .values = values, .n = p->n };
	gh_code code = gh_column_count(ctx, &c);
	if (code != GH_OK || c.most * 100 < p->n * SETTLED_OF_HUNDRED)
		return code;
	for (unsigned i = 0; i < p->n && code == GH_OK; i++)
		if (gh_column_is_odd(&c, i))
			code = add(p, p->files[i],
				   gh_arena_printf(ctx->scratch, "belongs to %s, where %u of %u files belong to %s",
						   values[i], c.most, p->n, c.common));
	return code;
}

/* Of programs alone: scripts and data have many modes, honestly. */
static gh_code modes(packing *p)
{
	gh_ctx *ctx = p->check->ctx;
	const char **values = gh_arena_array(ctx->scratch, p->n, sizeof *values);
	if (!values)
		return gh_nomem(ctx);
	for (unsigned i = 0; i < p->n; i++) {
		const gh_entry *e = p->files[i];
		bool program = e->elf && e->elf->role == GH_ELF_PROGRAM;
		values[i] = program ? gh_arena_printf(ctx->scratch, "%04o", e->mode) : "";
		if (!values[i])
			return gh_nomem(ctx);
	}
	gh_column c = { .values = values, .n = p->n };
	gh_code code = gh_column_count(ctx, &c);
	for (unsigned i = 0; i < p->n && code == GH_OK; i++)
		if (c.most * 100 >= c.given * 90 && gh_column_is_odd(&c, i))
			code = add(p, p->files[i],
				   gh_arena_printf(ctx->scratch, "has mode %s, where %u of %u programs have %s",
						   values[i], c.most, c.given, c.common));
	return code;
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	packing p = { .check = check, .volume = node };
	gh_code code = gather(&p);
	if (code != GH_OK || p.n < FILES_LEAST)
		return code;
	code = times(&p);
	if (code == GH_OK)
		code = owners(&p);
	return code == GH_OK ? modes(&p) : code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_odd_metadata = {
	.id = "ODD-METADATA",
	.title = "Which file was not packed with the others?",
	.why = "Times, owners and modes are set by the build for all files alike; a file that was added later differs.",
	.harmless =
		"Files that the maker changed by hand after the build. Never more than a weak sign: see CONVERGENCE.",
	.attack = "T1601.001",
	.kinds = "none of its own: it gives signs to CONVERGENCE",
	.conclude = conclude,
};
