/* SPDX-License-Identifier: Apache-2.0 */
/* A scan or an extraction, for somebody who is tired: the verdict first, then why, then what nobody knows. */
#include "report/words_in.h"

#include "report/sections_in.h"

/* An image that is encrypted, or in a format of its own, has nothing that a check could meet: silence about
 * it is no good news. */
static const char *nothing_found(gh_paper *p, const gh_report *report, gh_ink *ink)
{
	gh_coverage c = gh_report_coverage(report);
	bool known = c.explained > c.padding;
	uint64_t unread = gh_report_unread(report), damaged = gh_report_damaged(report);
	bool small_gaps = c.gaps == 0 || (known && c.gaps <= c.total / 10);
	if (small_gaps && unread == 0 && damaged == 0)
		return "NOTHING FOUND: no check met anything that clean devices do not have";
	*ink = GH_INK_YELLOW;
	if (small_gaps)
		return gh_paper_printf(
			p,
			"FOUND NOTHING IN A PART: %s damaged or beyond a limit, %s not read whole; nothing in the rest",
			gh_paper_many(p, damaged, "piece", "pieces"), gh_paper_many(p, unread, "file", "files"));
	if (!known)
		return "NOT UNDERSTOOD: nothing in this image is in a known format, so nothing in it was judged";
	return gh_paper_printf(
		p, "FOUND NOTHING IN A PART: %s of %s were not understood, and nothing was found in the rest",
		gh_paper_many(p, c.gaps, "byte", "bytes"), gh_paper_count(p, c.total));
}

/* The first line. A report that is not whole never reads as clean. */
static const char *verdict_line(gh_paper *p, const gh_report *report, gh_ink *ink)
{
	const gh_finding *heaviest = gh_report_heaviest(report);
	gh_level level = gh_report_verdict(report);
	bool whole = report->end == GH_END_WHOLE;
	*ink = level >= GH_LEVEL_NOTICE ? gh_paper_level(level) : whole ? GH_INK_GREEN : GH_INK_YELLOW;
	if (report->job == GH_JOB_EXTRACT) {
		*ink = whole ? GH_INK_GREEN : GH_INK_YELLOW;
		return gh_paper_printf(p, "%s: %s written to %s", whole ? "EXTRACTED" : "EXTRACTED IN PART",
				       gh_paper_many(p, report->files_written, "file", "files"),
				       gh_paper_word(p, report->target));
	}
	if (!whole && level < GH_LEVEL_SUSPICIOUS) {
		*ink = GH_INK_YELLOW;
		return gh_paper_printf(p, "NOT JUDGED: %s", gh_end_sentence(p, report));
	}
	if (!heaviest || level == GH_LEVEL_INFO)
		return nothing_found(p, report, ink);
	return gh_paper_printf(p, "%s%s: %s (sure: %s)",
			       level == GH_LEVEL_MALICIOUS    ? "MALICIOUS"
			       : level == GH_LEVEL_SUSPICIOUS ? "SUSPICIOUS"
							      : "WORTH A LOOK",
			       whole ? "" : ", AND NOT LOOKED AT WHOLE", gh_paper_word(p, heaviest->title),
			       gh_sure_name(heaviest->sure));
}

/* The formats that were met, in the order of the tree, each once. */
static const char *formats_met(gh_paper *p, const gh_report *report)
{
	enum { MOST = 12 };
	const char *met[MOST];
	size_t n = 0;
	const char *text = "";
	for (const gh_node *node = report->root; node && n < MOST; node = gh_node_after(report->root, node)) {
		bool again = !node->format;
		for (size_t i = 0; i < n && !again; i++)
			again = strcmp(met[i], node->format) == 0;
		if (again)
			continue;
		met[n++] = node->format;
		text = gh_paper_printf(p, "%s%s%s", text, *text ? ", " : "", gh_paper_word(p, node->format));
	}
	return *text ? text : "nothing that is known";
}

const char *gh_coverage_sentence(gh_paper *p, const gh_report *report)
{
	gh_coverage c = gh_report_coverage(report);
	/* Thousandths, cut and never rounded up: 100.0 % means every byte. */
	uint64_t permille = c.total == 0 ? 1000 : (uint64_t)((double)c.explained / (double)c.total * 1000);
	if (c.gaps > 0 && permille >= 1000)
		permille = 999;
	const char *share = gh_paper_printf(p, "%u.%u %% of the image explained", (unsigned)(permille / 10),
					    (unsigned)(permille % 10));
	if (c.padding > 0)
		share = gh_paper_printf(p, "%s (%s of it padding)", share,
					gh_paper_many(p, c.padding, "byte", "bytes"));
	return c.n_gaps == 0 ? share : gh_paper_printf(p, "%s, %s", share, gh_paper_many(p, c.n_gaps, "gap", "gaps"));
}

void gh_paper_image(gh_paper *p, const gh_report *report)
{
	gh_paper_field(p, 2, "image", GH_INK_BOLD, gh_paper_word(p, report->image));
	gh_paper_field(p, 2, "size", GH_INK_PLAIN, gh_paper_size(p, report->size));
	gh_paper_field(p, 2, "sha256", GH_INK_PLAIN, gh_paper_digest(p, gh_view(report->sha256, 32)));
}

static void summary(gh_paper *p, const gh_report *report)
{
	const char *tally = gh_report_tally(p, report);
	gh_paper_image(p, report);
	gh_paper_field(p, 2, "inside", GH_INK_PLAIN, formats_met(p, report));
	gh_paper_field(p, 2, "looked at", GH_INK_PLAIN,
		       gh_paper_printf(p, "%s, %s unpacked; %s", gh_paper_many(p, report->files, "file", "files"),
				       gh_paper_many(p, report->bytes_unpacked, "byte", "bytes"),
				       gh_coverage_sentence(p, report)));
	if (report->job == GH_JOB_EXTRACT)
		gh_paper_field(
			p, 2, "written", report->not_written > 0 ? GH_INK_YELLOW : GH_INK_PLAIN,
			gh_paper_printf(p,
					"%s; %s recorded and not created (device nodes, sockets, what cannot be read)",
					gh_paper_many(p, report->files_written, "file", "files"),
					gh_paper_many(p, report->not_written, "entry", "entries")));
	else
		gh_paper_field(p, 2, "found", GH_INK_PLAIN, *tally ? tally : "nothing");
	if (report->end != GH_END_WHOLE)
		gh_paper_field(p, 2, "not whole", GH_INK_YELLOW, gh_end_sentence(p, report));
	gh_paper_reset(p);
}

static void closing(gh_paper *p, const gh_report *report)
{
	const char *lines[GH_UNSEEN_MOST];
	size_t n = gh_report_unseen(p, report, lines);
	gh_paper_heading(p, "NOT LOOKED AT: a clean image is not a clean device");
	for (size_t i = 0; i < n; i++) {
		gh_paper_put(p, GH_INK_PLAIN, "  - ");
		gh_paper_flow(p, 4, GH_INK_PLAIN, lines[i]);
	}
	gh_paper_blank(p);
	if (report->job == GH_JOB_SCAN)
		gh_paper_field(p, 2, "compared", GH_INK_DIM,
			       gh_paper_printf(p, "with %s and %s",
					       gh_paper_many(p, report->n_rules, "YARA rule", "YARA rules"),
					       gh_paper_many(p, report->n_hashes, "hash", "hashes")));
	gh_paper_field(p, 2, "cage", GH_INK_DIM,
		       report->cage ? gh_paper_word(p, report->cage) : "none: nothing is known of it");
	gh_paper_reset(p);
}

static void one_line(gh_paper *p, const gh_report *report)
{
	gh_ink ink;
	const char *line = verdict_line(p, report, &ink);
	gh_paper_put(p, GH_INK_BOLD, gh_paper_word(p, report->image));
	gh_paper_put(p, GH_INK_PLAIN, ": ");
	gh_paper_line(p, 0, ink, line);
}

gh_code gh_report_text(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style)
{
	gh_paper p;
	gh_code code = gh_paper_begin(ctx, &p, out, style);
	if (code != GH_OK)
		return code;
	if (style->quiet) {
		one_line(&p, report);
		return gh_paper_done(ctx, &p);
	}
	gh_ink ink;
	const char *line = verdict_line(&p, report, &ink);
	gh_paper_wrap(&p, 0, ink, line);
	gh_paper_blank(&p);
	summary(&p, report);
	if (report->job == GH_JOB_EXTRACT)
		gh_section_written(&p, report);
	gh_section_findings(&p, report);
	gh_section_facts(&p, report);
	gh_section_unknown(&p, report);
	closing(&p, report);
	return gh_paper_done(ctx, &p);
}
