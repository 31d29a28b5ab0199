/* SPDX-License-Identifier: Apache-2.0 */
/* What was not understood: gaps, damage, lost claims. Also: what an extraction wrote. */
#include <inttypes.h>

#include "report/sections_in.h"
#include "tree/label.h"

enum { MOST = 20 }; /* lines of a kind; --verbose and JSON have all */

struct list {
	gh_paper *p;
	const char *title;
	uint64_t n;
};

/* True when the next line of a kind is to be printed; prints the title before the first. */
static bool one_more(struct list *l)
{
	if (l->n == 0)
		gh_paper_line(l->p, 2, GH_INK_BOLD, l->title);
	return l->n++ < MOST || l->p->style.verbose;
}

static void end_list(struct list *l)
{
	if (l->n > MOST && !l->p->style.verbose)
		gh_paper_line(l->p, 4, GH_INK_DIM,
			      gh_paper_printf(l->p, "… and %s more", gh_paper_count(l->p, l->n - MOST)));
	gh_paper_reset(l->p);
}

/* Which space the node stands in; "" for the image's own. */
static const char *space_of(gh_paper *p, const gh_report *report, const gh_node *node)
{
	const gh_node *up = node->up;
	while (up && !(up->opens_space && up->up))
		up = up->up;
	return up ? gh_paper_printf(p, "  in %s", gh_paper_where(p, report, up->id)) : "";
}

static void print_gaps(gh_paper *p, const gh_report *report)
{
	struct list l = { p, "gaps: bytes that nothing known claims", 0 };
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n)) {
		if (n->kind != GH_NODE_GAP || gh_node_padding(n) || !one_more(&l))
			continue;
		unsigned bits = n->profile.entropy_millibits;
		gh_paper_put(p, GH_INK_PLAIN, gh_paper_printf(p, "    0x%08" PRIx64 "  ", n->at));
		gh_paper_flow(p, 16, GH_INK_PLAIN,
			      gh_paper_printf(p, "%s  %s, %u.%02u bits a byte%s", gh_paper_size(p, n->size),
					      gh_look_name(n->profile.look), bits / 1000, bits % 1000 / 10,
					      space_of(p, report, n)));
		gh_paper_reset(p);
	}
	end_list(&l);
}

/* A node by name and offset; in a space of its own, with the node that opens it. */
static const char *place_of(gh_paper *p, const gh_report *report, const gh_node *node)
{
	const gh_node *up = node->up;
	while (up && up->up && !up->opens_space)
		up = up->up;
	if (up && up->up)
		return gh_paper_where(p, report, node->id);
	const char *name = node->name ? node->name : node->format ? node->format : gh_node_kind_name(node->kind);
	return gh_paper_printf(p, "%s@0x%" PRIx64, gh_paper_word(p, name), node->at);
}

static void print_note(gh_paper *p, unsigned indent, const char *where, const gh_note *note)
{
	const char *at = note->at == GH_NOWHERE ? "" : gh_paper_printf(p, ", 0x%" PRIx64, note->at);
	const char *code = note->code == GH_OK ? "" : gh_paper_printf(p, "%s: ", gh_code_name(note->code));
	gh_paper_put(p, GH_INK_PLAIN, gh_paper_printf(p, "%*s", (int)indent, ""));
	gh_paper_flow(p, indent + 4, GH_INK_PLAIN,
		      gh_paper_printf(p, "%s%s: %s%s", where, at, code, gh_paper_word(p, note->text)));
	gh_paper_reset(p);
}

static void print_node_notes(gh_paper *p, const gh_report *report, bool trouble, const char *title)
{
	struct list l = { p, title, 0 };
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n))
		for (const gh_note *note = n->notes; note; note = note->next)
			if ((note->code != GH_OK) == trouble && one_more(&l))
				print_note(p, 4, place_of(p, report, n), note);
	end_list(&l);
}

/* What is odd about files; plain remarks (a device node that was not created) only when asked for. */
static void print_entry_notes(gh_paper *p, const gh_report *report)
{
	struct list l = { p, "files: what is odd about them", 0 };
	uint64_t remarks = 0;
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n)) {
		bool named = false;
		for (size_t i = 0; n->volume && n->volume->entries && i < n->volume->count; i++) {
			const gh_entry *e = &n->volume->entries[i];
			for (const gh_note *note = e->notes; note; note = note->next) {
				if (note->code == GH_OK && !p->style.verbose) {
					remarks++;
					continue;
				}
				if (!one_more(&l))
					continue;
				if (!named)
					gh_paper_wrap(p, 4, GH_INK_DIM, place_of(p, report, n));
				named = true;
				print_note(p, 6, gh_paper_safe(p, e->path), note);
			}
		}
	}
	end_list(&l);
	if (remarks > 0)
		gh_paper_line(p, 2, GH_INK_DIM,
			      gh_paper_printf(p, "%s on single files: --verbose or --json --files has them",
					      gh_paper_many(p, remarks, "remark", "remarks")));
	gh_paper_reset(p);
}

static bool anything_unknown(const gh_report *report)
{
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n)) {
		if (n->notes || (n->kind == GH_NODE_GAP && !gh_node_padding(n)))
			return true;
		for (size_t i = 0; n->volume && n->volume->entries && i < n->volume->count; i++)
			if (n->volume->entries[i].notes)
				return true;
	}
	return false;
}

void gh_section_unknown(gh_paper *p, const gh_report *report)
{
	if (!anything_unknown(report))
		return;
	gh_paper_heading(p, "NOT UNDERSTOOD");
	print_gaps(p, report);
	print_node_notes(p, report, true, "damaged, unsupported or beyond a limit");
	print_node_notes(p, report, false, "remarks");
	print_entry_notes(p, report);
}

void gh_section_written(gh_paper *p, const gh_report *report)
{
	gh_ctx ctx = { .arena = p->arena, .scratch = p->arena };
	struct list l = { p, "", 0 };
	gh_paper_heading(p, "WRITTEN");
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n)) {
		const char *label = NULL;
		if (gh_node_folder(&ctx, n, &label) != GH_OK)
			p->nomem = true;
		if (!label || (l.n++ >= MOST && !p->style.verbose))
			continue;
		const char *what = n->kind == GH_NODE_VOLUME && n->volume
					   ? gh_paper_many(p, gh_volume_total(n->volume), "entry", "entries")
					   : gh_paper_size(p, n->opens_space ? n->decoded_size : n->size);
		gh_paper_wrap(p, 4, GH_INK_PLAIN,
			      gh_paper_printf(p, "%s%s  %s", gh_paper_word(p, label),
					      n->kind == GH_NODE_VOLUME ? "/" : "", what));
		gh_paper_reset(p);
	}
	if (l.n == 0)
		gh_paper_line(p, 4, GH_INK_PLAIN, "nothing: there was nothing to unpack");
	end_list(&l);
}
