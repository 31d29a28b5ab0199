/* SPDX-License-Identifier: Apache-2.0 */
/* caps, strings and disasm as text and as JSON. */
#include <inttypes.h>

#include "report/glyph_in.h"
#include "report/json_in.h"
#include "report/sections_in.h"

static const char *safe_line(gh_paper *p, const char *text)
{
	const char *safe = gh_text_safe(p->arena, gh_view_text(text), 0);
	p->nomem |= !safe;
	return safe ? safe : "";
}

static void row(gh_paper *p, const gh_row *r, unsigned indent)
{
	const char *where = r->placed ? gh_paper_printf(p, "%08" PRIx64 "  ", r->address) : "";
	if (r->name) {
		gh_paper_blank(p);
		gh_paper_line(p, indent, GH_INK_BOLD, gh_paper_printf(p, "%s%s:", where, gh_paper_word(p, r->name)));
		return;
	}
	for (unsigned i = 0; i < indent; i += 2)
		gh_paper_put(p, GH_INK_PLAIN, "  ");
	gh_paper_put(p, GH_INK_DIM, where);
	const char *text = safe_line(p, r->text);
	if (!*r->note) {
		gh_paper_line(p, 0, GH_INK_PLAIN, text);
		return;
	}
	gh_paper_put(p, GH_INK_PLAIN, gh_paper_printf(p, "%-40s  ", text));
	gh_paper_line(p, 0, GH_INK_CYAN, safe_line(p, r->note));
}

static void capability(gh_paper *p, const gh_capability *c)
{
	const char *weight = !c->notice ? "" : c->home ? "  (at home here)" : "  notice";
	gh_ink ink = c->notice && !c->home ? GH_INK_YELLOW : GH_INK_PLAIN;
	gh_paper_put(p, ink, gh_paper_printf(p, "  %-44s", gh_paper_word(p, c->rule)));
	gh_paper_put(p, GH_INK_DIM, gh_paper_printf(p, " %-24s", gh_paper_word(p, c->attack)));
	gh_paper_put(p, GH_INK_PLAIN,
		     c->placed ? gh_paper_printf(p, " 0x%" PRIx64 " %s", c->address, gh_paper_word(p, c->function))
			       : " the file");
	gh_paper_line(p, 0, GH_INK_PLAIN, weight);
	if (p->style.verbose && *c->description)
		gh_paper_wrap(p, 6, GH_INK_DIM, gh_paper_word(p, c->description));
	gh_paper_reset(p);
	for (const gh_row *r = c->why; r; r = r->next) {
		row(p, r, 6 + 2 * GH_MIN(r->depth, 40U));
		gh_paper_reset(p);
	}
}

static bool goes_on(const gh_program_view *before, const gh_program_view *v)
{
	return before && before->node == v->node && gh_bytes_eq(before->path, v->path);
}

static void head(gh_paper *p, const gh_report *report, const gh_program_view *v)
{
	gh_bytes name = v->path.len ? v->path : gh_view_text(report->image);
	gh_paper_put(p, GH_INK_BOLD, gh_paper_safe(p, name));
	const char *cpu = v->cpu ? gh_paper_word(p, v->cpu) : "no code";
	gh_paper_line(p, 2, GH_INK_DIM,
		      gh_paper_printf(p, "%s, %s, %s, %s", cpu, gh_paper_many(p, v->functions, "function", "functions"),
				      gh_paper_many(p, v->calls, "call", "calls"),
				      gh_paper_many(p, v->strings, "string", "strings")));
	if (v->path.len && p->style.verbose)
		gh_paper_line(p, 2, GH_INK_DIM, gh_paper_where(p, report, v->node));
	if (v->trouble)
		gh_paper_line(p, 2, GH_INK_YELLOW, gh_paper_printf(p, "! %s", gh_paper_word(p, v->trouble)));
	gh_paper_reset(p);
}

gh_code gh_report_programs(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style)
{
	gh_paper p;
	const gh_program_view *before = NULL;
	gh_code code = gh_paper_begin(ctx, &p, out, style);
	if (code != GH_OK)
		return code;
	if (report->end != GH_END_WHOLE)
		gh_paper_wrap(&p, 0, GH_INK_YELLOW, gh_paper_printf(&p, "NOT WHOLE: %s", gh_end_sentence(&p, report)));
	for (const gh_program_view *v = report->programs; v; before = v, v = v->next) {
		bool silent = report->job == GH_JOB_CAPS && style->quiet && !v->caps;
		if (silent)
			continue;
		if (!goes_on(before, v)) {
			if (before)
				gh_paper_blank(&p);
			head(&p, report, v);
		}
		for (const gh_capability *c = v->caps; c; c = c->next)
			capability(&p, c);
		for (const gh_row *r = v->rows; r; r = r->next) {
			row(&p, r, 0);
			gh_paper_reset(&p);
		}
	}
	return gh_paper_done(ctx, &p);
}

static void json_rows(gh_pen *pen, const char *key, const gh_row *rows)
{
	if (!rows)
		return;
	gh_pen_open(pen, key, '[');
	for (const gh_row *r = rows; r; r = r->next) {
		gh_pen_flat(pen, NULL, '{');
		if (r->placed)
			gh_pen_number(pen, "address", r->address);
		if (r->depth)
			gh_pen_number(pen, "depth", r->depth);
		if (r->name)
			gh_pen_word(pen, "function", r->name);
		gh_pen_word(pen, "text", r->text);
		if (*r->note)
			gh_pen_word(pen, "note", r->note);
		gh_pen_close(pen, '}');
	}
	gh_pen_close(pen, ']');
}

static void json_capability(gh_pen *pen, const gh_capability *c)
{
	gh_pen_open(pen, NULL, '{');
	gh_pen_word(pen, "rule", c->rule);
	gh_pen_word(pen, "namespace", c->space);
	gh_pen_word(pen, "description", c->description);
	gh_pen_word(pen, "attack", c->attack);
	gh_pen_word(pen, "mbc", c->mbc);
	gh_pen_word(pen, "level", c->notice ? "notice" : "info");
	gh_pen_bool(pen, "at_home", c->home);
	gh_pen_number(pen, "count", c->count);
	if (c->placed) {
		gh_pen_number(pen, "address", c->address);
		gh_pen_word(pen, "function", c->function ? c->function : "");
	}
	json_rows(pen, "why", c->why);
	gh_pen_close(pen, '}');
}

void gh_json_programs(gh_pen *pen, gh_paper *p, const gh_report *report)
{
	if (report->job < GH_JOB_CAPS)
		return;
	gh_pen_open(pen, "programs", '[');
	for (const gh_program_view *v = report->programs; v; v = v->next) {
		gh_pen_open(pen, NULL, '{');
		gh_pen_safe(pen, "where", gh_paper_where(p, report, v->node));
		gh_pen_raw(pen, "path", v->path);
		gh_pen_word(pen, "cpu", v->cpu);
		gh_pen_word(pen, "trouble", v->trouble);
		gh_pen_number(pen, "functions", v->functions);
		gh_pen_number(pen, "calls", v->calls);
		gh_pen_number(pen, "calls_unresolved", v->unresolved);
		gh_pen_number(pen, "strings", v->strings);
		if (report->job == GH_JOB_CAPS) {
			gh_pen_open(pen, "capabilities", '[');
			for (const gh_capability *c = v->caps; c; c = c->next)
				json_capability(pen, c);
			gh_pen_close(pen, ']');
		}
		json_rows(pen, "rows", v->rows);
		gh_pen_close(pen, '}');
		gh_paper_reset(p);
	}
	gh_pen_close(pen, ']');
}
