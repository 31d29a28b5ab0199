/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <stdlib.h>

struct row {
	gh_finding *finding;
	uint32_t order;
	size_t index;
};

static int order_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int order_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_id(const void *a, const void *b)
{
	const gh_rank *x = a, *y = b;
	int order = order_u64(x->id, y->id);
	return order ? order : order_u64(x->order, y->order);
}

static int by_extent(const gh_node *x, const gh_node *y)
{
	int order = order_u64(x->at, y->at);
	order = order ? order : order_u64(x->size, y->size);
	order = order ? order : order_u64(x->kind, y->kind);
	order = order ? order : order_text(x->format, y->format);
	order = order ? order : order_text(x->name, y->name);
	return order || !x->entry || !y->entry ? order : gh_bytes_cmp(x->entry->path, y->entry->path);
}

static int by_place(const void *a, const void *b)
{
	const gh_rank *x = a, *y = b;
	int order = by_extent(x->node, y->node);
	return order ? order : order_u64(x->order, y->order);
}

static int by_weight(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const gh_finding *f = x->finding, *g = y->finding;
	const gh_evidence *e = f->evidence, *h = g->evidence;
	int order = order_u64(g->level, f->level);
	order = order ? order : order_text(f->id, g->id);
	order = order ? order : order_u64(x->order, y->order);
	order = order ? order : gh_bytes_cmp(e->path, h->path);
	order = order ? order : order_u64(e->at, h->at);
	order = order ? order : order_u64(e->line, h->line);
	order = order ? order : order_text(f->title, g->title);
	order = order ? order : order_u64(g->sure, f->sure);
	order = order ? order : order_text(e->note, h->note);
	return order ? order : order_u64(x->index, y->index);
}

/* The engine adds children in order; a worker that says something else is put right here. */
static gh_code sort_children(gh_ctx *ctx, gh_node *node)
{
	size_t n = 0;
	bool sorted = true;
	for (gh_node *c = node->first; c; c = c->next, n++)
		sorted &= !c->next || by_extent(c, c->next) <= 0;
	if (sorted)
		return GH_OK;
	gh_rank *rows = gh_arena_array(ctx->scratch, n, sizeof *rows);
	if (!rows)
		return gh_nomem(ctx);
	n = 0;
	for (gh_node *c = node->first; c; c = c->next, n++)
		rows[n] = (gh_rank){ .order = (uint32_t)n, .node = c };
	qsort(rows, n, sizeof *rows, by_place);
	for (size_t i = 0; i < n; i++)
		rows[i].node->next = i + 1 < n ? rows[i + 1].node : NULL;
	node->first = rows[0].node;
	node->last = rows[n - 1].node;
	return GH_OK;
}

static gh_node *node_after(const gh_node *root, gh_node *node)
{
	if (node->first)
		return node->first;
	while (node != root && !node->next)
		node = node->up;
	return node == root ? NULL : node->next;
}

static gh_code settle_tree(gh_ctx *ctx, gh_report *report)
{
	size_t n = 0;
	report->places = NULL;
	report->n_places = 0;
	for (gh_node *node = report->root; node; node = node_after(report->root, node), n++) {
		gh_code code = sort_children(ctx, node);
		if (code != GH_OK)
			return code;
	}
	gh_rank *places = gh_arena_array(ctx->arena, n, sizeof *places);
	if (!places)
		return gh_nomem(ctx);
	n = 0;
	for (gh_node *node = report->root; node; node = node_after(report->root, node), n++)
		places[n] = (gh_rank){ .id = node->id, .order = (uint32_t)n, .node = node };
	if (n > 0)
		qsort(places, n, sizeof *places, by_id);
	report->places = places;
	report->n_places = n;
	return GH_OK;
}

static const gh_rank *place_of(const gh_report *report, uint32_t id)
{
	size_t low = 0, high = report->n_places;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (report->places[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < report->n_places && report->places[low].id == id ? &report->places[low] : NULL;
}

const gh_node *gh_report_node(const gh_report *report, uint32_t id)
{
	const gh_rank *place = place_of(report, id);
	return place ? place->node : NULL;
}

/* Threads number nodes as chance has it; a report counts them in the order of the tree. */
static void renumber(gh_report *report)
{
	for (gh_finding *f = report->findings.first; f; f = f->next)
		for (size_t i = 0; i < f->n_evidence; i++) {
			gh_evidence *e = &f->evidence[i];
			const gh_rank *place = place_of(report, e->node);
			if (place)
				e->node = place->order;
			else if (e->node < report->n_places)
				e->node = UINT32_MAX; /* a node that is not in the tree stays one */
		}
	for (gh_program_view *v = report->programs; v; v = v->next) {
		const gh_rank *place = place_of(report, v->node);
		v->node = place ? place->order : UINT32_MAX;
	}
	for (size_t i = 0; i < report->n_places; i++) {
		gh_rank *place = &report->places[i];
		place->id = place->node->id = place->order;
	}
	for (size_t i = 0; i < report->n_places; i++)
		if (report->places[i].node->up)
			report->places[i].node->parent = report->places[i].node->up->id;
	if (report->n_places > 0)
		qsort(report->places, report->n_places, sizeof *report->places, by_id);
}

struct program_row {
	gh_program_view *view;
	size_t index;
};

static int by_program(const void *a, const void *b)
{
	const struct program_row *x = a, *y = b;
	int order = order_u64(x->view->node, y->view->node);
	order = order ? order : gh_bytes_cmp(x->view->path, y->view->path);
	return order ? order : order_u64(x->index, y->index);
}

/* Threads tell of programs as chance has it. */
static gh_code sort_programs(gh_ctx *ctx, gh_report *report)
{
	size_t n = 0;
	for (gh_program_view *v = report->programs; v; v = v->next)
		n++;
	struct program_row *rows = gh_arena_array(ctx->scratch, n + 1, sizeof *rows);
	if (!rows)
		return gh_nomem(ctx);
	n = 0;
	for (gh_program_view *v = report->programs; v; v = v->next, n++)
		rows[n] = (struct program_row){ v, n };
	qsort(rows, n, sizeof *rows, by_program);
	gh_program_view **at = &report->programs;
	for (size_t i = 0; i < n; i++) {
		*at = rows[i].view;
		at = &(*at)->next;
	}
	*at = NULL;
	report->programs_end = at;
	return GH_OK;
}

static const char *limit_in(const gh_note *notes)
{
	while (notes && notes->code != GH_LIMIT)
		notes = notes->next;
	return notes ? notes->text : NULL;
}

/* Which limit ended the work: the first that the tree tells of. */
static const char *first_limit(const gh_report *report)
{
	const char *text = NULL;
	for (const gh_node *n = report->root; n && !text; n = gh_node_after(report->root, n)) {
		text = limit_in(n->notes);
		for (size_t i = 0; !text && n->volume && n->volume->entries && i < n->volume->count; i++)
			text = limit_in(n->volume->entries[i].notes);
	}
	return text;
}

gh_code gh_report_settle(gh_ctx *ctx, gh_report *report)
{
	gh_findings *list = &report->findings;
	gh_code code = settle_tree(ctx, report);
	if (code != GH_OK)
		return code;
	renumber(report);
	gh_code sorted = sort_programs(ctx, report);
	if (sorted != GH_OK)
		return sorted;
	if (report->end == GH_END_BUDGET && !report->end_detail)
		report->end_detail = first_limit(report);
	size_t n = 0;
	for (gh_finding *f = list->first; f; f = f->next)
		n++;
	list->count = n;
	struct row *rows = gh_arena_array(ctx->scratch, n, sizeof *rows);
	if (!rows)
		return gh_nomem(ctx);
	n = 0;
	for (gh_finding *f = list->first; f; f = f->next, n++) {
		const gh_rank *place = f->n_evidence ? place_of(report, f->evidence[0].node) : NULL;
		rows[n] = (struct row){ f, place ? place->order : UINT32_MAX, n };
	}
	if (n == 0)
		return GH_OK;
	qsort(rows, n, sizeof *rows, by_weight);
	for (size_t i = 0; i < n; i++)
		rows[i].finding->next = i + 1 < n ? rows[i + 1].finding : NULL;
	list->first = rows[0].finding;
	list->last = rows[n - 1].finding;
	return GH_OK;
}

gh_level gh_report_verdict(const gh_report *report)
{
	gh_level level = GH_LEVEL_INFO;
	for (const gh_finding *f = report->findings.first; f; f = f->next)
		level = GH_MAX(level, f->level);
	return level;
}
