/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image as a picture: its bytes from left to right, what stands there from top to bottom, a layer a row;
 * above it the density of the bytes, so that a person sees the odd block. One SVG without scripts, fonts or
 * links; every box tells on a closer look what it is.
 */
#include <inttypes.h>

#include "report/glyph_in.h"
#include "report/sections_in.h"
#include "report/words_in.h"

enum { WIDTH = 1200, MARGIN = 40, CURVE = 90, ROW = 22, TOP = 64, ROWS_MOST = 24, LETTER = 7, TICKS = 8 };

static const char *const colours[] = {
	[GH_CLASS_NONE] = "#ffffff",   [GH_CLASS_PADDING] = "#e4e4e4", [GH_CLASS_HEADER] = "#8da0cb",
	[GH_CLASS_STREAM] = "#66c2a5", [GH_CLASS_VOLUME] = "#a6d854",  [GH_CLASS_GAP] = "#fc8d62",
};

/* Text of an image between tags: safe for a terminal is not yet safe for XML. */
static const char *xml(gh_paper *p, const char *safe)
{
	const char *text = "";
	for (; *safe; safe++) {
		const char *word = *safe == '<'   ? "&lt;"
				   : *safe == '>' ? "&gt;"
				   : *safe == '&' ? "&amp;"
				   : *safe == '"' ? "&quot;"
						  : NULL;
		text = word ? gh_paper_printf(p, "%s%s", text, word) : gh_paper_printf(p, "%s%c", text, *safe);
	}
	return text;
}

static double x_of(const gh_report *r, uint64_t at)
{
	return MARGIN + (double)at / (double)r->size * (WIDTH - 2 * MARGIN);
}

static const char *label_of(gh_paper *p, const gh_node *n)
{
	if (n->kind == GH_NODE_GAP)
		return gh_look_name(n->profile.look);
	if (n->name && n->format)
		return gh_paper_printf(p, "%s: %s", gh_paper_word(p, n->name), gh_paper_word(p, n->format));
	const char *word = n->name ? n->name : n->format;
	return word ? gh_paper_word(p, word) : gh_node_kind_name(n->kind);
}

static void draw_node(gh_paper *p, const gh_report *r, const gh_node *n, unsigned row)
{
	double x = x_of(r, n->at), w = x_of(r, n->at + n->size) - x;
	unsigned y = TOP + CURVE + 12 + row * ROW;
	const char *label = xml(p, label_of(p, n));
	w = GH_MAX(w, 0.8);
	(void)fprintf(p->out,
		      "<g><title>%s\n0x%" PRIx64 " – 0x%" PRIx64 ", %" PRIu64 " bytes, %s</title>"
		      "<rect x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\" fill=\"%s\"/>",
		      label, n->at, n->at + n->size, n->size, gh_class_name(gh_class_of(n)), x, y, w, ROW - 2,
		      colours[gh_class_of(n)]);
	if (w > (double)(gh_paper_columns(label) * LETTER))
		(void)fprintf(p->out, "<text x=\"%.2f\" y=\"%u\">%s</text>", x + 3, y + ROW - 7, label);
	(void)fputs("</g>\n", p->out);
	gh_paper_reset(p);
}

/* Entropy, cell by cell: as a stair, since each cell is a mean. */
static void draw_curve(gh_paper *p, const gh_report *r)
{
	uint64_t step = gh_strip_step(r->size);
	(void)fprintf(p->out, "<path class=\"e\" d=\"M%d %d", MARGIN, TOP + CURVE);
	for (size_t i = 0; i < r->strip.len; i++) {
		double y = TOP + CURVE - r->strip.ptr[i] / 255.0 * CURVE;
		(void)fprintf(p->out, "L%.2f %.1fL%.2f %.1f", x_of(r, i * step), y,
			      x_of(r, GH_MIN((i + 1) * step, r->size)), y);
	}
	(void)fprintf(p->out, "L%d %dZ\"/>\n", WIDTH - MARGIN, TOP + CURVE);
	for (unsigned bits = 0; bits <= 8; bits += 4)
		(void)fprintf(p->out, "<text x=\"4\" y=\"%u\">%u bit</text>\n", TOP + CURVE + 4 - bits * CURVE / 8,
			      bits);
}

static void draw_legend(gh_paper *p, const gh_report *r, unsigned rows)
{
	unsigned y = TOP + CURVE + 12 + rows * ROW, x = MARGIN;
	for (unsigned i = 0; i <= TICKS; i++) {
		uint64_t at = (uint64_t)((double)r->size / TICKS * i);
		(void)fprintf(p->out, "<text x=\"%.2f\" y=\"%u\" text-anchor=\"middle\">0x%" PRIx64 "</text>\n",
			      x_of(r, at), y + 14, at);
	}
	for (size_t i = GH_CLASS_PADDING; i < GH_COUNT(colours); i++) {
		(void)fprintf(p->out,
			      "<rect x=\"%u\" y=\"%u\" width=\"14\" height=\"14\" fill=\"%s\"/>"
			      "<text x=\"%u\" y=\"%u\">%s</text>\n",
			      x, y + 28, colours[i], x + 20, y + 40, gh_class_name((gh_class)i));
		x += 180;
	}
}

/* The row of a node: how many nodes of the image's own space it stands in. */
static unsigned row_of(const gh_report *r, const gh_node *n)
{
	unsigned row = 0;
	for (const gh_node *up = n->up; up && up != r->root; up = up->up)
		row++;
	return GH_MIN(row, ROWS_MOST - 1U);
}

gh_code gh_report_map(gh_ctx *ctx, const gh_report *report, FILE *out)
{
	gh_paper p;
	gh_style style = { .width = 100 };
	gh_code code = gh_paper_begin(ctx, &p, out, &style);
	if (code != GH_OK)
		return code;
	unsigned rows = 1;
	for (const gh_node *n = report->root; n && report->size > 0; n = gh_next_in_space(report->root, n))
		rows = GH_MAX(rows, row_of(report, n) + 1);
	(void)fprintf(
		out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\">\n"
		"<style>text{font:11px sans-serif}.e{fill:#c8c8c8;stroke:#777}.h{font-size:15px}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
		"<text class=\"h\" x=\"%d\" y=\"22\">%s</text>\n<text x=\"%d\" y=\"40\">%s, sha256 %s; %s</text>\n",
		WIDTH, TOP + CURVE + rows * ROW + 80, MARGIN, xml(&p, gh_paper_word(&p, report->image)), MARGIN,
		gh_paper_size(&p, report->size), gh_paper_digest(&p, gh_view(report->sha256, 32)),
		gh_coverage_sentence(&p, report));
	if (report->size > 0) {
		draw_curve(&p, report);
		for (const gh_node *n = report->root; n; n = gh_next_in_space(report->root, n))
			if (n != report->root && n->size > 0)
				draw_node(&p, report, n, row_of(report, n));
		draw_legend(&p, report, rows);
	}
	(void)fputs("</svg>\n", out);
	return gh_paper_done(ctx, &p);
}
