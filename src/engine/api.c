/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading half of the public header: what a report says, and what gifthorse knows.
 */
#include "engine/session_in.h"

#include <stdlib.h>

void gifthorse_report_free(gifthorse_report *report)
{
	if (!report)
		return;
	gh_doc_free(report->doc);
	free(report);
}

gifthorse_level gifthorse_report_verdict(const gifthorse_report *report)
{
	return (gifthorse_level)gh_report_verdict(gh_doc_report(report->doc));
}

bool gifthorse_report_complete(const gifthorse_report *report)
{
	return gh_doc_report(report->doc)->end == GH_END_WHOLE;
}

size_t gifthorse_report_findings(const gifthorse_report *report, gifthorse_level at_least)
{
	size_t n = 0;
	for (const gh_finding *f = gh_doc_report(report->doc)->findings.first; f; f = f->next)
		n += f->level >= (gh_level)at_least;
	return n;
}

typedef gh_code render_fn(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style);

static bool render(const gifthorse_report *report, FILE *out, const gifthorse_style *style, render_fn *fn)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB((size_t)1)), .scratch = gh_arena_new(GH_GIB((size_t)1)) };
	gh_style inner = { style->color, style->verbose, style->quiet, style->width };
	bool ok = ctx.arena && ctx.scratch && fn(&ctx, gh_doc_report(report->doc), out, &inner) == GH_OK;
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return ok;
}

bool gifthorse_report_text(const gifthorse_report *report, FILE *out, const gifthorse_style *style)
{
	return render(report, out, style, gh_report_text);
}

bool gifthorse_report_tree_text(const gifthorse_report *report, FILE *out, const gifthorse_style *style)
{
	return render(report, out, style, gh_report_tree);
}

bool gifthorse_report_programs_text(const gifthorse_report *report, FILE *out, const gifthorse_style *style)
{
	return render(report, out, style, gh_report_programs);
}

size_t gifthorse_report_programs(const gifthorse_report *report)
{
	size_t n = 0;
	for (const gh_program_view *v = gh_doc_report(report->doc)->programs; v; v = v->next)
		n++;
	return n;
}

bool gifthorse_report_map(const gifthorse_report *report, FILE *out)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB((size_t)1)), .scratch = gh_arena_new(GH_GIB((size_t)1)) };
	bool ok = ctx.arena && ctx.scratch && gh_report_map(&ctx, gh_doc_report(report->doc), out) == GH_OK;
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return ok;
}

bool gifthorse_report_damaged(const gifthorse_report *report)
{
	return gh_report_is_damaged(gh_doc_report(report->doc));
}

uint64_t gifthorse_report_differing(const gifthorse_report *report)
{
	return gh_doc_report(report->doc)->differ;
}

bool gifthorse_json_begin(FILE *out)
{
	return gh_json_begin(out) == GH_OK;
}

bool gifthorse_report_json(const gifthorse_report *report, FILE *out, bool first)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB((size_t)1)), .scratch = gh_arena_new(GH_GIB((size_t)1)) };
	bool ok = ctx.arena && ctx.scratch && gh_report_json(&ctx, gh_doc_report(report->doc), out, first) == GH_OK;
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return ok;
}

bool gifthorse_json_unread(const char *path, const char *error, FILE *out, bool first)
{
	return gh_json_unread(path, error, out, first) == GH_OK;
}

bool gifthorse_json_end(FILE *out)
{
	return gh_json_end(out) == GH_OK;
}

const char *gifthorse_level_name(gifthorse_level level)
{
	return gh_level_name((gh_level)level);
}

bool gifthorse_level_of(const char *word, gifthorse_level *ret)
{
	gh_level level;
	if (!gh_level_of(word, &level))
		return false;
	*ret = (gifthorse_level)level;
	return true;
}

bool gifthorse_format_at(size_t i, gifthorse_format *ret)
{
	if (i >= gh_formats_count)
		return false;
	const gh_format *f = gh_formats[i];
	*ret = (gifthorse_format){ f->name, f->title, gh_node_kind_name(f->kind), f->spec, f->limits };
	return true;
}

bool gifthorse_check_at(size_t i, gifthorse_check *ret)
{
	if (i >= gh_checks_count)
		return false;
	const gh_check *c = gh_checks[i];
	*ret = (gifthorse_check){ c->id, c->title, c->why, c->harmless, c->attack, c->kinds };
	return true;
}
