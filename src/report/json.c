/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_in.h"
#include "report/sections_in.h"

static gh_code ended(FILE *out)
{
	return fflush(out) != 0 || ferror(out) ? GH_IO : GH_OK;
}

/* Where the pen stands between two images: inside "images", which is inside the document. */
static gh_pen resume(FILE *out, bool first)
{
	return (gh_pen){ .out = out, .depth = 2, .more = !first };
}

gh_code gh_json_begin(FILE *out)
{
	gh_pen pen = { .out = out };
	gh_pen_open(&pen, NULL, '{');
	gh_pen_word(&pen, "schema", "gifthorse-report-1");
	gh_pen_word(&pen, "version", "1.1");
	gh_pen_flat(&pen, "tool", '{');
	gh_pen_word(&pen, "name", "gifthorse");
	gh_pen_word(&pen, "version", GH_VERSION);
	gh_pen_close(&pen, '}');
	gh_pen_open(&pen, "images", '[');
	return ended(out);
}

gh_code gh_json_end(FILE *out)
{
	gh_pen pen = resume(out, false);
	gh_pen_close(&pen, ']');
	gh_pen_close(&pen, '}');
	(void)fputc('\n', out);
	return ended(out);
}

gh_code gh_json_unread(const char *image, const char *error, FILE *out, bool first)
{
	gh_pen pen = resume(out, first);
	gh_pen_open(&pen, NULL, '{');
	gh_pen_raw(&pen, "name", gh_view_text(image));
	gh_pen_word(&pen, "error", error ? error : "unknown");
	gh_pen_close(&pen, '}');
	return ended(out);
}

static void evidence(gh_pen *pen, gh_paper *p, const gh_report *report, const gh_evidence *e)
{
	gh_pen_flat(pen, NULL, '{');
	gh_pen_number(pen, "node", e->node);
	gh_pen_safe(pen, "where", gh_paper_where(p, report, e->node));
	if (e->path.len > 0)
		gh_pen_raw(pen, "path", e->path);
	if (e->at != GH_NOWHERE)
		gh_pen_number(pen, "offset", e->at);
	if (e->line > 0)
		gh_pen_number(pen, "line", e->line);
	if (e->excerpt.len > 0) {
		gh_bytes excerpt = gh_bytes_part(e->excerpt, 0, GH_EXCERPT);
		gh_pen_text(pen, "excerpt", excerpt);
		gh_pen_hex(pen, "excerpt_hex", excerpt);
	}
	if (e->note)
		gh_pen_word(pen, "note", e->note);
	gh_pen_close(pen, '}');
}

static void findings(gh_pen *pen, gh_paper *p, const gh_report *report)
{
	gh_pen_open(pen, "findings", '[');
	for (const gh_finding *f = report->findings.first; f; f = f->next) {
		gh_pen_open(pen, NULL, '{');
		gh_pen_word(pen, "id", f->id);
		gh_pen_word(pen, "check", f->check);
		gh_pen_word(pen, "level", gh_level_name(f->level));
		gh_pen_word(pen, "sure", gh_sure_name(f->sure));
		gh_pen_word(pen, "title", f->title);
		gh_pen_word(pen, "why", f->why);
		gh_pen_word(pen, "harmless", f->harmless);
		gh_pen_word(pen, "attack", f->attack);
		gh_pen_word(pen, "source", f->source);
		gh_pen_open(pen, "evidence", '[');
		for (size_t i = 0; i < f->n_evidence && i < GH_EVIDENCE_MOST; i++)
			evidence(pen, p, report, &f->evidence[i]);
		gh_pen_close(pen, ']');
		gh_pen_close(pen, '}');
		gh_paper_reset(p);
	}
	gh_pen_close(pen, ']');
}

static void verdict(gh_pen *pen, const gh_report *report)
{
	size_t count[GH_LEVEL_MALICIOUS + 1] = { 0 };
	const gh_finding *heaviest = gh_report_heaviest(report);
	for (const gh_finding *f = report->findings.first; f; f = f->next)
		count[GH_MIN((size_t)f->level, GH_COUNT(count) - 1)]++;
	/* Only a scan judges. */
	gh_pen_word(pen, "verdict", report->job == GH_JOB_SCAN ? gh_level_name(gh_report_verdict(report)) : NULL);
	gh_pen_word(pen, "sure", heaviest && report->job == GH_JOB_SCAN ? gh_sure_name(heaviest->sure) : NULL);
	gh_pen_flat(pen, "count", '{');
	for (size_t i = GH_COUNT(count); i > 0; i--)
		gh_pen_number(pen, gh_level_name((gh_level)(i - 1)), count[i - 1]);
	gh_pen_close(pen, '}');
	gh_pen_bool(pen, "complete", report->end == GH_END_WHOLE);
	gh_pen_word(pen, "end", gh_end_name(report->end));
	gh_pen_word(pen, "end_detail", report->end_detail);
}

static void work(gh_pen *pen, const gh_report *report)
{
	gh_coverage c = gh_report_coverage(report);
	gh_pen_flat(pen, "coverage", '{');
	gh_pen_number(pen, "total", c.total);
	gh_pen_number(pen, "explained", c.explained);
	gh_pen_number(pen, "padding", c.padding);
	gh_pen_number(pen, "gaps", c.gaps);
	gh_pen_number(pen, "gap_count", c.n_gaps);
	gh_pen_close(pen, '}');
	gh_pen_number(pen, "files", report->files);
	gh_pen_number(pen, "bytes_unpacked", report->bytes_unpacked);
	gh_pen_flat(pen, "compared_with", '{');
	gh_pen_number(pen, "rules", report->n_rules);
	gh_pen_number(pen, "hashes", report->n_hashes);
	gh_pen_close(pen, '}');
	gh_pen_word(pen, "cage", report->cage);
	if (report->verified_regions > 0) {
		gh_pen_flat(pen, "read_again", '{');
		gh_pen_number(pen, "regions", report->verified_regions);
		gh_pen_number(pen, "files", report->verified_files);
		gh_pen_number(pen, "bytes", report->verified_bytes);
		gh_pen_number(pen, "differing", report->differ);
		gh_pen_word(pen, "first", report->differ ? report->differs : NULL);
		gh_pen_close(pen, '}');
	}
	if (report->job != GH_JOB_EXTRACT)
		return;
	gh_pen_flat(pen, "extracted", '{');
	gh_pen_raw(pen, "target", gh_view_text(report->target ? report->target : ""));
	gh_pen_number(pen, "files_written", report->files_written);
	gh_pen_number(pen, "not_written", report->not_written);
	gh_pen_close(pen, '}');
}

gh_code gh_report_json(gh_ctx *ctx, const gh_report *report, FILE *out, bool first)
{
	gh_pen pen = resume(out, first);
	gh_style plain = { 0 };
	gh_paper p;
	const char *lines[GH_UNSEEN_MOST];
	gh_code code = gh_paper_begin(ctx, &p, out, &plain);
	if (code != GH_OK)
		return code;
	gh_pen_open(&pen, NULL, '{');
	gh_pen_word(&pen, "job", gh_job_name(report->job));
	gh_pen_raw(&pen, "name", gh_view_text(report->image));
	gh_pen_number(&pen, "size", report->size);
	gh_pen_hex(&pen, "sha256", gh_view(report->sha256, sizeof report->sha256));
	verdict(&pen, report);
	work(&pen, report);
	findings(&pen, &p, report);
	size_t n = gh_report_unseen(&p, report, lines);
	gh_pen_open(&pen, "not_looked_at", '[');
	for (size_t i = 0; i < n; i++)
		gh_pen_safe(&pen, NULL, lines[i]);
	gh_pen_close(&pen, ']');
	gh_paper_reset(&p);
	gh_json_programs(&pen, &p, report);
	gh_json_tree(&pen, &p, report);
	gh_pen_close(&pen, '}');
	return gh_paper_done(ctx, &p);
}
