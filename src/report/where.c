/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include "report/glyph_in.h"
#include "report/words_in.h"
#include "tree/label.h"

enum { LAYERS = 512 };

static const char *step(gh_arena *arena, const gh_node *node)
{
	if (node->kind == GH_NODE_FILE && node->entry)
		return gh_text_safe(arena, node->entry->path, 0);
	const char *word = node->name ? node->name : node->format ? node->format : gh_node_kind_name(node->kind);
	const char *safe = gh_text_safe(arena, gh_view_text(word), 0);
	return safe ? gh_arena_printf(arena, "%s@0x%llx", safe, (unsigned long long)node->at) : NULL;
}

const char *gh_report_where(gh_ctx *ctx, const gh_report *report, uint32_t node)
{
	const gh_node *way[LAYERS];
	const char *steps[LAYERS];
	size_t n = 0, len = 0;
	for (const gh_node *up = gh_report_node(report, node); up && up->up && n < LAYERS; up = up->up)
		way[n++] = up;
	if (n == 0)
		return gh_arena_text(ctx->arena, "image", 5);
	for (size_t i = 0; i < n; i++) {
		steps[i] = step(ctx->arena, way[n - 1 - i]);
		if (!steps[i])
			return NULL;
		len += strlen(steps[i]) + 3;
	}
	char *text = gh_arena_alloc(ctx->arena, len + 1);
	if (!text)
		return NULL;
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		size_t more = strlen(steps[i]);
		memcpy(text + at, steps[i], more);
		at += more;
		if (i + 1 < n) {
			memcpy(text + at, " / ", 3);
			at += 3;
		}
	}
	text[at] = '\0';
	return text;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* Of the nodes below a volume, files hold bytes that the volume has explained; gaps are its slack. */
static const gh_node *of_volume(const gh_node *node)
{
	while (node && node->kind != GH_NODE_GAP)
		node = node->next;
	return node;
}

const gh_node *gh_next_in_space(const gh_node *root, const gh_node *node)
{
	bool closed = node->opens_space && node != root;
	const gh_node *next = closed ? NULL : node->first;
	if (node->kind == GH_NODE_VOLUME)
		next = of_volume(next);
	for (; !next && node != root; node = node->up)
		next = node->up->kind == GH_NODE_VOLUME ? of_volume(node->next) : node->next;
	return next;
}

gh_coverage gh_report_coverage(const gh_report *report)
{
	gh_coverage c = { .total = report->size };
	uint64_t unknown = report->root ? 0 : report->size;
	for (const gh_node *n = report->root; n; n = gh_next_in_space(report->root, n)) {
		/* A part without children was never looked into: a scan that ended early. */
		bool untouched = !n->first && (n->kind == GH_NODE_IMAGE || n->kind == GH_NODE_PART);
		if (gh_node_padding(n)) {
			c.padding = add(c.padding, n->size);
		} else if (n->kind == GH_NODE_GAP || (untouched && n->size > 0)) {
			unknown = add(unknown, n->size);
			c.n_gaps++;
		}
	}
	c.gaps = GH_MIN(unknown, c.total);
	c.padding = GH_MIN(c.padding, c.total - c.gaps);
	c.explained = c.total - c.gaps;
	return c;
}
