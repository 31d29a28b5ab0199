/* SPDX-License-Identifier: Apache-2.0 */
/* The image as a line of the terminal. */
#include "report/sections_in.h"
#include "report/words_in.h"

enum { CELLS_MOST = 96, INDENT = 2 };

static const struct {
	const char *sign;
	gh_ink ink;
} signs[] = {
	[GH_CLASS_NONE] = { " ", GH_INK_PLAIN },   [GH_CLASS_PADDING] = { ".", GH_INK_DIM },
	[GH_CLASS_HEADER] = { "=", GH_INK_BOLD },  [GH_CLASS_STREAM] = { "%", GH_INK_CYAN },
	[GH_CLASS_VOLUME] = { "#", GH_INK_GREEN }, [GH_CLASS_GAP] = { "?", GH_INK_YELLOW },
};

static unsigned cell_of(uint64_t at, uint64_t size, unsigned cells)
{
	return (unsigned)((double)at / (double)size * cells);
}

/* What is rarer and odder shows through: a gap of a few bytes among megabytes of file system. */
static void paint(const gh_report *report, uint8_t *cell, unsigned cells)
{
	for (const gh_node *n = report->root; n; n = gh_next_in_space(report->root, n)) {
		const gh_node *inner = n->opens_space && n != report->root ? NULL : n->first;
		if (n->size == 0 || (inner && n->kind != GH_NODE_VOLUME))
			continue;
		gh_class class = gh_class_of(n);
		unsigned first = GH_MIN(cell_of(n->at, report->size, cells), cells - 1);
		unsigned last = GH_MIN(cell_of(n->at + (n->size - 1), report->size, cells), cells - 1);
		for (unsigned i = first; i <= last; i++)
			cell[i] = (uint8_t)GH_MAX((gh_class)cell[i], class);
	}
}

void gh_paper_strip(gh_paper *p, const gh_report *report)
{
	uint8_t cell[CELLS_MOST] = { 0 };
	bool met[GH_CLASS_GAP + 1] = { false };
	unsigned cells = GH_MIN(p->style.width > 2 * INDENT ? p->style.width - 2 * INDENT : 1U, (unsigned)CELLS_MOST);
	if (!report->root || report->size == 0)
		return;
	paint(report, cell, cells);
	gh_paper_put(p, GH_INK_PLAIN, "  ");
	for (unsigned i = 0; i < cells; i++) {
		met[cell[i]] = true;
		gh_paper_put(p, signs[cell[i]].ink, signs[cell[i]].sign);
	}
	gh_paper_blank(p);
	const char *legend = gh_paper_printf(p, "%s a sign", gh_paper_size(p, report->size / cells + 1));
	for (size_t i = GH_CLASS_PADDING; i < GH_COUNT(met); i++)
		if (met[i])
			legend = gh_paper_printf(p, "%s · %s %s", legend, signs[i].sign, gh_class_name((gh_class)i));
	gh_paper_line(p, INDENT, GH_INK_DIM, legend);
}
