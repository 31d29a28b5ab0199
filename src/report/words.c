/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words_in.h"

#include "tree/label.h"

const char *gh_end_name(gh_end end)
{
	static const char *const names[] = {
		[GH_END_WHOLE] = "whole", [GH_END_BUDGET] = "budget", [GH_END_TIMEOUT] = "timeout",
		[GH_END_CRASH] = "crash", [GH_END_MEMORY] = "memory", [GH_END_NONSENSE] = "nonsense",
	};
	return (size_t)end < GH_COUNT(names) ? names[end] : "nonsense";
}

const char *gh_job_name(gh_job job)
{
	static const char *const names[] = {
		[GH_JOB_SCAN] = "scan", [GH_JOB_TREE] = "tree",       [GH_JOB_EXTRACT] = "extract",
		[GH_JOB_CAPS] = "caps", [GH_JOB_STRINGS] = "strings", [GH_JOB_DISASM] = "disasm",
	};
	return (size_t)job < GH_COUNT(names) ? names[job] : "unknown";
}

const char *gh_end_sentence(gh_paper *p, const gh_report *report)
{
	static const char *const sentences[] = {
		[GH_END_WHOLE] = "the image was looked at to its end",
		[GH_END_BUDGET] = "a limit ended the work before the image did",
		[GH_END_TIMEOUT] = "time was up before the image was done",
		[GH_END_CRASH] = "the worker died while it looked at the image",
		[GH_END_MEMORY] = "the worker ran out of memory",
		[GH_END_NONSENSE] = "the worker said things that make no sense",
	};
	size_t end = (size_t)report->end < GH_COUNT(sentences) ? (size_t)report->end : (size_t)GH_END_NONSENSE;
	if (!report->end_detail)
		return sentences[end];
	return gh_paper_printf(p, "%s (%s)", sentences[end], gh_paper_word(p, report->end_detail));
}

uint64_t gh_report_unread(const gh_report *report)
{
	uint64_t unread = 0;
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n))
		for (size_t i = 0; n->volume && n->volume->entries && i < n->volume->count; i++) {
			const gh_entry *e = &n->volume->entries[i];
			unread += e->type == GH_ENTRY_FILE && !e->hard_link && !e->read;
		}
	return unread;
}

bool gh_notes_trouble(const gh_note *notes)
{
	while (notes && notes->code == GH_OK)
		notes = notes->next;
	return notes != NULL;
}

uint64_t gh_report_damaged(const gh_report *report)
{
	uint64_t damaged = 0;
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n)) {
		damaged += n->kind != GH_NODE_GAP && gh_notes_trouble(n->notes);
		for (size_t i = 0; n->volume && n->volume->entries && i < n->volume->count; i++) {
			const gh_entry *e = &n->volume->entries[i];
			bool unread = e->type == GH_ENTRY_FILE && !e->hard_link && !e->read;
			damaged += !unread && gh_notes_trouble(e->notes);
		}
	}
	return damaged;
}

static void look_at_gaps(const gh_report *report, uint64_t *gaps, uint64_t *bytes, uint64_t *dense)
{
	*gaps = *bytes = *dense = 0;
	for (const gh_node *n = report->root; n; n = gh_node_after(report->root, n))
		if (n->kind == GH_NODE_GAP && !gh_node_padding(n)) {
			*gaps += 1;
			*dense += n->profile.look == GH_LOOK_DENSE;
			*bytes += GH_MIN(n->size, UINT64_MAX - *bytes);
		}
}

bool gh_report_is_damaged(const gh_report *report)
{
	return gh_report_damaged(report) > 0 || gh_report_unread(report) > 0;
}

size_t gh_report_unseen(gh_paper *p, const gh_report *report, const char *ret[GH_UNSEEN_MOST])
{
	size_t n = 0;
	uint64_t gaps, bytes, dense, unread = report->job == GH_JOB_SCAN ? gh_report_unread(report) : 0;
	uint64_t damaged = gh_report_damaged(report);
	look_at_gaps(report, &gaps, &bytes, &dense);
	if (report->end != GH_END_WHOLE)
		ret[n++] = gh_paper_printf(p, "the rest of this image: %s", gh_end_sentence(p, report));
	if (unread > 0)
		ret[n++] = gh_paper_printf(p, "%s of this image that could not be read whole",
					   gh_paper_many(p, unread, "file", "files"));
	if (damaged > 0)
		ret[n++] = gh_paper_printf(p, "the rest of %s damaged, unsupported or beyond a limit",
					   gh_paper_many(p, damaged, "piece that is", "pieces that are"));
	if (gaps > 0)
		ret[n++] =
			gh_paper_printf(p, "what is in %s (%s) that nothing known claims%s",
					gh_paper_many(p, gaps, "gap", "gaps"), gh_paper_many(p, bytes, "byte", "bytes"),
					dense > 0 ? "; some look compressed or encrypted" : "");
	if (report->job == GH_JOB_TREE)
		ret[n++] = "the files inside: a tree is the structure only, nothing was judged";
	if (report->job == GH_JOB_EXTRACT)
		ret[n++] = "whether the files are harmless: extraction judges nothing, and they come from an image "
			   "that may be "
			   "hostile";
	if (report->job == GH_JOB_SCAN)
		ret[n++] = "anything no check asks for yet: `gifthorse checks` lists what was asked";
	ret[n++] = "the device itself: its memory (RAM), its running programs, and every flash partition that is not "
		   "in this "
		   "image (boot loader, settings, radio data)";
	ret[n++] = "how the device is set up: passwords, keys, DNS and forwarding rules that live in its settings";
	return n;
}

const char *gh_report_tally(gh_paper *p, const gh_report *report)
{
	uint64_t counts[4] = { 0 };
	const char *text = "";
	for (const gh_finding *f = report->findings.first; f; f = f->next)
		counts[GH_MIN((size_t)f->level, 3)]++;
	for (size_t level = 4; level > 0; level--)
		if (counts[level - 1] > 0)
			text = gh_paper_printf(p, "%s%s%s %s", text, *text ? ", " : "",
					       gh_paper_count(p, counts[level - 1]),
					       gh_level_name((gh_level)(level - 1)));
	return text;
}

const gh_finding *gh_report_heaviest(const gh_report *report)
{
	const gh_finding *best = NULL;
	for (const gh_finding *f = report->findings.first; f; f = f->next)
		if (!best || f->level > best->level || (f->level == best->level && f->sure > best->sure))
			best = f;
	return best;
}

gh_class gh_class_of(const gh_node *node)
{
	switch (node->kind) {
	case GH_NODE_GAP:
		return gh_node_padding(node) ? GH_CLASS_PADDING : GH_CLASS_GAP;
	case GH_NODE_STREAM:
		return GH_CLASS_STREAM;
	case GH_NODE_VOLUME:
		return GH_CLASS_VOLUME;
	case GH_NODE_IMAGE:
	case GH_NODE_CONTAINER:
	case GH_NODE_PART:
	case GH_NODE_HEADER:
	case GH_NODE_FILE:
		break;
	}
	return GH_CLASS_HEADER;
}

const char *gh_class_name(gh_class class)
{
	static const char *const names[] = {
		[GH_CLASS_NONE] = "nothing",       [GH_CLASS_PADDING] = "padding",
		[GH_CLASS_HEADER] = "header",      [GH_CLASS_STREAM] = "compressed stream",
		[GH_CLASS_VOLUME] = "file system", [GH_CLASS_GAP] = "gap",
	};
	return (size_t) class < GH_COUNT(names) ? names[class] : "unknown";
}
