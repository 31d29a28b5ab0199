/* SPDX-License-Identifier: Apache-2.0 */
/* The structure of an image, one node a line, as tree(1) draws folders. */
#include <inttypes.h>

#include "report/sections_in.h"
#include "report/words_in.h"
#include "tree/label.h"

enum { DRAWN = 64 }; /* layers that are drawn; deeper ones stand at the same column */

/* What stands left of a node (own: its own line) or of the lines that belong to it. */
static const char *branches(gh_paper *p, const gh_node *node, bool own)
{
	const gh_node *way[DRAWN];
	size_t n = 0;
	const char *text = "";
	for (const gh_node *up = node; up->up && n < DRAWN; up = up->up)
		way[n++] = up;
	for (size_t i = n; i > 0; i--) {
		bool last = !way[i - 1]->next, me = i == 1 && own;
		text = gh_paper_printf(p, "%s%s", text, me ? (last ? "└─ " : "├─ ") : (last ? "   " : "│  "));
	}
	return own || !node->first ? text : gh_paper_printf(p, "%s│  ", text);
}

static const char *name_of(gh_paper *p, const gh_node *n)
{
	const char *kind = gh_node_kind_name(n->kind);
	if (n->kind == GH_NODE_GAP)
		return gh_node_padding(n) ? gh_look_name(n->profile.look) : "gap";
	if (n->kind == GH_NODE_FILE && n->entry)
		return gh_paper_safe(p, n->entry->path);
	if (n->name && n->format)
		return gh_paper_printf(p, "%s: %s", gh_paper_word(p, n->name), gh_paper_word(p, n->format));
	return n->name || n->format ? gh_paper_word(p, n->name ? n->name : n->format) : kind;
}

static void detail(gh_paper *p, const gh_node *n, gh_ink ink, const char *text)
{
	const char *left = branches(p, n, false);
	unsigned indent = (unsigned)gh_paper_columns(left) + 2;
	unsigned width = p->style.width > indent + 40 ? p->style.width : indent + 40;
	gh_paper_put(p, GH_INK_DIM, left);
	gh_paper_put(p, GH_INK_PLAIN, "  ");
	if (gh_paper_columns(text) + indent <= width) {
		gh_paper_line(p, 0, ink, text);
		return;
	}
	/* Too long for one line: cut at a blank and go on behind the branches. */
	size_t cut = 0, columns = indent;
	for (size_t i = 0; text[i] && columns < width; i++) {
		columns += ((uint8_t)text[i] & 0xc0) != 0x80;
		if (text[i] == ' ')
			cut = i;
	}
	if (cut == 0) {
		gh_paper_line(p, 0, ink, text);
		return;
	}
	gh_paper_line(p, 0, ink, gh_paper_printf(p, "%.*s", (int)cut, text));
	while (text[cut] == ' ')
		cut++;
	gh_paper_put(p, GH_INK_DIM, left);
	gh_paper_put(p, GH_INK_PLAIN, "    ");
	gh_paper_line(p, 0, ink, text + cut);
}

static void print_facts(gh_paper *p, const gh_node *n)
{
	enum { KEY_FACTS = 6 };
	const char *text = "";
	unsigned shown = 0;
	for (const gh_fact *f = n->facts; f; f = f->next) {
		const char *one = gh_paper_printf(p, "%s %s", gh_paper_word(p, f->key), gh_paper_safe(p, f->value));
		if (p->style.verbose)
			detail(p, n, GH_INK_PLAIN, one);
		else if (shown++ < KEY_FACTS)
			text = gh_paper_printf(p, "%s%s%s", text, *text ? " · " : "", one);
	}
	if (shown > KEY_FACTS)
		text = gh_paper_printf(p, "%s · … %u more", text, shown - KEY_FACTS);
	if (*text)
		detail(p, n, GH_INK_PLAIN, text);
	for (const gh_sum *s = n->sums; s; s = s->next) {
		gh_ink ink = s->state == GH_SUM_RIGHT   ? GH_INK_GREEN
			     : s->state == GH_SUM_WRONG ? GH_INK_RED
							: GH_INK_DIM;
		const char *line = gh_paper_printf(p, "%s (%s) %s", gh_paper_word(p, s->what),
						   gh_paper_word(p, s->algorithm), gh_sum_state_name(s->state));
		if (s->remark)
			line = gh_paper_printf(p, "%s, %s", line, gh_paper_word(p, s->remark));
		if (s->state == GH_SUM_WRONG && s->stored.len > 0)
			line = gh_paper_printf(p, "%s: stored %s, computed %s", line,
					       gh_paper_digest(p, gh_bytes_part(s->stored, 0, 64)),
					       gh_paper_digest(p, gh_bytes_part(s->computed, 0, 64)));
		detail(p, n, ink, line);
	}
	for (const gh_note *note = n->notes; note; note = note->next)
		detail(p, n, note->code == GH_OK ? GH_INK_DIM : GH_INK_YELLOW,
		       gh_paper_printf(p, "! %s%s%s%s", note->code == GH_OK ? "" : gh_code_name(note->code),
				       note->code == GH_OK ? "" : ": ", gh_paper_word(p, note->text),
				       note->at == GH_NOWHERE ? "" : gh_paper_printf(p, " (0x%" PRIx64 ")", note->at)));
}

static void print_volume(gh_paper *p, const gh_node *n)
{
	const uint64_t *count = n->volume->total;
	uint64_t devices = count[GH_ENTRY_CHAR] + count[GH_ENTRY_BLOCK],
		 others = count[GH_ENTRY_FIFO] + count[GH_ENTRY_SOCKET];
	const char *text = gh_paper_printf(p, "%s, %s, %s, %s", gh_paper_many(p, count[GH_ENTRY_FILE], "file", "files"),
					   gh_paper_many(p, count[GH_ENTRY_DIR], "directory", "directories"),
					   gh_paper_many(p, count[GH_ENTRY_LINK], "link", "links"),
					   gh_paper_many(p, devices, "device", "devices"));
	if (others > 0)
		text = gh_paper_printf(p, "%s, %s", text,
				       gh_paper_many(p, others, "FIFO or socket", "FIFOs and sockets"));
	detail(p, n, GH_INK_PLAIN, text);
}

static void print_entry(gh_paper *p, const gh_node *n, const gh_entry *e)
{
	const char *tail = e->target.len == 0 ? "" : gh_paper_printf(p, " → %s", gh_paper_safe(p, e->target));
	if (e->type == GH_ENTRY_CHAR || e->type == GH_ENTRY_BLOCK)
		tail = gh_paper_printf(p, " (%" PRIu32 ":%" PRIu32 ")", e->major, e->minor);
	gh_paper_put(p, GH_INK_DIM, branches(p, n, false));
	gh_paper_line(p, 2, GH_INK_PLAIN,
		      gh_paper_printf(p, "%-6s %04o %5" PRIu32 " %5" PRIu32 " %10" PRIu64 "  %s%s",
				      gh_entry_type_name(e->type), (unsigned)e->mode, e->uid, e->gid, e->size,
				      gh_paper_safe(p, e->path), tail));
	for (const gh_note *note = e->notes; note; note = note->next)
		detail(p, n, GH_INK_YELLOW, gh_paper_printf(p, "! %s", gh_paper_word(p, note->text)));
	gh_paper_reset(p);
}

static void print_node(gh_paper *p, const gh_report *report, const gh_node *n)
{
	gh_paper_put(p, GH_INK_DIM, branches(p, n, true));
	gh_paper_put(p, GH_INK_PLAIN, n->kind == GH_NODE_FILE ? "" : gh_paper_printf(p, "0x%08" PRIx64 "  ", n->at));
	gh_paper_put(p, n->kind == GH_NODE_GAP ? (gh_node_padding(n) ? GH_INK_DIM : GH_INK_YELLOW) : GH_INK_BOLD,
		     name_of(p, n));
	gh_paper_put(p, GH_INK_PLAIN, gh_paper_printf(p, "  %s", gh_paper_size(p, n->size)));
	if (n->kind == GH_NODE_GAP && !gh_node_padding(n))
		gh_paper_put(p, GH_INK_PLAIN,
			     gh_paper_printf(p, "  %s, %u.%02u bits a byte", gh_look_name(n->profile.look),
					     n->profile.entropy_millibits / 1000U,
					     n->profile.entropy_millibits % 1000U / 10));
	if (n->proof != GH_PROOF_NONE)
		gh_paper_put(p, GH_INK_GREEN, gh_paper_printf(p, "  [%s]", gh_proof_name(n->proof)));
	if (gh_node_status(n) != GH_STATUS_OK)
		gh_paper_put(p, GH_INK_YELLOW, gh_paper_printf(p, "  [%s]", gh_status_name(gh_node_status(n))));
	gh_paper_blank(p);
	print_facts(p, n);
	if (n->transform)
		detail(p, n, GH_INK_PLAIN, gh_paper_printf(p, "by %s", gh_paper_word(p, n->transform)));
	if (n->kind == GH_NODE_STREAM && n->opens_space)
		detail(p, n, GH_INK_CYAN,
		       gh_paper_printf(p, "→ %s", gh_paper_many(p, n->decoded_size, "byte", "bytes")));
	gh_paper_reset(p);
	if (!n->volume)
		return;
	print_volume(p, n);
	for (size_t i = 0; report->list_files && n->volume->entries && i < n->volume->count; i++)
		print_entry(p, n, &n->volume->entries[i]);
}

static void print_verified(gh_paper *p, const gh_report *report)
{
	if (report->verified_regions == 0)
		return;
	const char *what = gh_paper_printf(p, "read again: %s, %s, %s",
					   gh_paper_many(p, report->verified_regions, "region", "regions"),
					   gh_paper_many(p, report->verified_files, "file", "files"),
					   gh_paper_many(p, report->verified_bytes, "byte", "bytes"));
	if (report->differ == 0)
		gh_paper_wrap(p, 0, GH_INK_GREEN, gh_paper_printf(p, "%s: all as told", what));
	else
		gh_paper_wrap(p, 0, GH_INK_RED,
			      gh_paper_printf(p, "%s: %s not as told; the first: %s", what,
					      gh_paper_many(p, report->differ, "thing is", "things are"),
					      gh_paper_word(p, report->differs ? report->differs : "unknown")));
}

gh_code gh_report_tree(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style)
{
	gh_paper p;
	gh_code code = gh_paper_begin(ctx, &p, out, style);
	if (code != GH_OK)
		return code;
	if (report->end != GH_END_WHOLE)
		gh_paper_wrap(&p, 0, GH_INK_YELLOW, gh_paper_printf(&p, "NOT WHOLE: %s", gh_end_sentence(&p, report)));
	gh_paper_put(&p, GH_INK_BOLD, gh_paper_word(&p, report->image));
	gh_paper_line(&p, 2, GH_INK_PLAIN, gh_paper_size(&p, report->size));
	if (!style->quiet)
		gh_paper_line(&p, 0, GH_INK_DIM,
			      gh_paper_printf(&p, "sha256 %s", gh_paper_digest(&p, gh_view(report->sha256, 32))));
	if (report->root && !style->quiet)
		gh_paper_strip(&p, report);
	if (report->root)
		print_facts(&p, report->root);
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n))
		if (n != report->root)
			print_node(&p, report, n);
	gh_paper_blank(&p);
	gh_paper_wrap(&p, 0, GH_INK_BOLD, gh_coverage_sentence(&p, report));
	print_verified(&p, report);
	return gh_paper_done(ctx, &p);
}
