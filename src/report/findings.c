/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "report/glyph_in.h"
#include "report/sections_in.h"

enum {
	MOST = 100, /* findings told in full; --verbose and JSON have all */
	SHOWN = 4,  /* places of one finding, without --verbose */
	BESIDE = 5, /* indent of a finding's fields */
	UNDER = 15  /* … and of what stands under one */
};

const char *gh_paper_where(gh_paper *p, const gh_report *report, uint32_t node)
{
	gh_ctx ctx = { .arena = p->arena, .scratch = p->arena };
	const char *where = gh_report_where(&ctx, report, node);
	p->nomem |= !where;
	return where ? where : "";
}

static const char *word_of(gh_level level)
{
	static const char *const words[] = { "INFO", "NOTICE", "SUSPICIOUS", "MALICIOUS" };
	return (size_t)level < GH_COUNT(words) ? words[level] : "UNKNOWN";
}

/* "etc/passwd, line 2, byte 31 (0x1f)" */
static const char *spot(gh_paper *p, const gh_evidence *e)
{
	const char *text = gh_paper_safe(p, e->path);
	if (e->line > 0)
		text = gh_paper_printf(p, "%s%sline %" PRIu32, text, *text ? ", " : "", e->line);
	if (e->at != GH_NOWHERE)
		text = gh_paper_printf(p, "%s%soffset 0x%" PRIx64, text, *text ? ", " : "", e->at);
	return text;
}

static void print_evidence(gh_paper *p, const gh_report *report, const gh_evidence *e, bool same_node)
{
	const char *at = spot(p, e);
	gh_bytes excerpt = gh_bytes_part(e->excerpt, 0, GH_EXCERPT);
	bool text = excerpt.len > 0 && gh_text_is_plain(excerpt);
	if (!same_node)
		gh_paper_field(p, BESIDE, "where", GH_INK_PLAIN, gh_paper_where(p, report, e->node));
	if (*at)
		gh_paper_wrap(p, UNDER, GH_INK_BOLD, at);
	if (e->note)
		gh_paper_wrap(p, UNDER, GH_INK_DIM, gh_paper_word(p, e->note));
	if (text)
		gh_paper_line(p, UNDER, GH_INK_YELLOW, gh_paper_printf(p, "> %s", gh_paper_safe(p, excerpt)));
	if (excerpt.len > 0 && (!text || p->style.verbose))
		gh_paper_hex(p, UNDER, excerpt, e->at == GH_NOWHERE ? 0 : e->at,
			     p->style.verbose ? GH_EXCERPT / 16 : 2);
}

static void field_if(gh_paper *p, const char *label, const char *text)
{
	if (text && *text)
		gh_paper_field(p, BESIDE, label, GH_INK_PLAIN, gh_paper_word(p, text));
}

/* T1136.001 lives at …/techniques/T1136/001/. */
static const char *attack_link(gh_paper *p, const char *id)
{
	const char *dot = strchr(id, '.');
	int head = dot ? (int)(dot - id) : (int)strlen(id);
	return gh_paper_printf(p, "%s  https://attack.mitre.org/techniques/%.*s/%s%s", id, head, id, dot ? dot + 1 : "",
			       dot ? "/" : "");
}

static void print_finding(gh_paper *p, const gh_report *report, const gh_finding *f, unsigned number)
{
	const char *head = gh_paper_printf(p, "%3u  %s", number, word_of(f->level));
	gh_paper_blank(p);
	gh_paper_put(p, gh_paper_level(f->level), head);
	gh_paper_put(p, GH_INK_PLAIN, "  ");
	gh_paper_flow(p, (unsigned)gh_paper_columns(head) + 2, GH_INK_BOLD, gh_paper_word(p, f->title));
	gh_paper_field(p, BESIDE, "id", GH_INK_PLAIN,
		       gh_paper_printf(p, "%s (sure: %s)", gh_paper_word(p, f->id), gh_sure_name(f->sure)));
	size_t shown = p->style.verbose ? (size_t)GH_EVIDENCE_MOST : (size_t)SHOWN;
	for (size_t i = 0; i < f->n_evidence && i < shown; i++)
		print_evidence(p, report, &f->evidence[i], i > 0 && f->evidence[i].node == f->evidence[i - 1].node);
	if (f->n_evidence > shown)
		gh_paper_line(
			p, UNDER, GH_INK_DIM,
			gh_paper_printf(p, "… and %zu more: --verbose or --json has them", f->n_evidence - shown));
	field_if(p, "why", f->why);
	field_if(p, "harmless", f->harmless);
	if (f->attack && *f->attack)
		gh_paper_field(p, BESIDE, "att&ck", GH_INK_PLAIN, attack_link(p, gh_paper_word(p, f->attack)));
	field_if(p, "source", f->source);
	gh_paper_reset(p);
}

void gh_section_findings(gh_paper *p, const gh_report *report)
{
	unsigned number = 0;
	uint64_t left = 0;
	for (const gh_finding *f = report->findings.first; f; f = f->next) {
		if (f->level < GH_LEVEL_NOTICE)
			continue;
		if (number == 0)
			gh_paper_heading(p, "FINDINGS");
		if (number == MOST && !p->style.verbose)
			left++;
		else
			print_finding(p, report, f, ++number);
	}
	if (left > 0)
		gh_paper_line(p, 2, GH_INK_BOLD,
			      gh_paper_printf(p, "… and %s: --verbose or --json has them",
					      gh_paper_many(p, left, "finding more", "findings more")));
}

/* One fact, one line: where, then what. */
static void print_fact(gh_paper *p, const gh_report *report, const gh_finding *f)
{
	const gh_evidence *e = f->evidence;
	const char *at = f->n_evidence == 0 ? ""
			 : e->path.len > 0  ? gh_paper_safe(p, e->path)
					    : gh_paper_where(p, report, e->node);
	if (f->n_evidence > 0 && e->line > 0)
		at = gh_paper_printf(p, "%s:%" PRIu32, at, e->line);
	size_t columns = gh_paper_columns(at);
	gh_paper_put(p, GH_INK_PLAIN, "    ");
	gh_paper_put(p, GH_INK_DIM, at);
	gh_paper_put(p, GH_INK_PLAIN, gh_paper_printf(p, "%*s", columns < 30 ? (int)(32 - columns) : 2, ""));
	gh_paper_flow(p, 36, GH_INK_PLAIN, gh_paper_word(p, f->title));
	gh_paper_reset(p);
}

void gh_section_facts(gh_paper *p, const gh_report *report)
{
	const gh_finding *f = report->findings.first;
	while (f && f->level != GH_LEVEL_INFO)
		f = f->next;
	if (!f)
		return;
	gh_paper_heading(p, p->style.verbose ? "ALSO SEEN: facts, good or bad as the device wants them"
					     : "ALSO SEEN: facts; --verbose lists them");
	while (f) {
		/* The findings are sorted: those of one id stand together. */
		uint64_t n = 0;
		const gh_finding *end = f;
		for (; end && end->level == GH_LEVEL_INFO && strcmp(end->id, f->id) == 0; end = end->next)
			n++;
		if (n == 0)
			return;
		gh_paper_put(p, GH_INK_PLAIN, gh_paper_printf(p, "%6s  ", gh_paper_count(p, n)));
		gh_paper_put(p, GH_INK_BOLD, gh_paper_printf(p, "%-26s  ", gh_paper_word(p, f->id)));
		if (p->style.verbose) {
			gh_paper_blank(p);
			for (; f != end; f = f->next)
				print_fact(p, report, f);
		} else {
			gh_paper_flow(p, 36, GH_INK_DIM,
				      gh_paper_printf(p, "%s%s", n > 1 ? "such as: " : "", gh_paper_word(p, f->title)));
			f = end;
		}
		gh_paper_reset(p);
	}
}
