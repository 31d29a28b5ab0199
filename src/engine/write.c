/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was unpacked, as files: one folder per file system, one file per decoded stream and gap.
 */
#include "engine/scan_in.h"
#include "tree/label.h"

/* The top-level folders and files made so far; labels of nodes share their first component. */
struct gh_tops {
	const char *name;
	gh_place place;
	struct gh_tops *next;
};

/* Where the entries of one volume go. */
struct places {
	gh_place *items;
};

static gh_code top_of(gh_scan *scan, gh_ctx *ctx, const char *name, gh_place_kind kind, gh_place *ret)
{
	gh_code code = GH_OK;
	pthread_mutex_lock(&scan->lock);
	struct gh_tops *t = scan->tops;
	while (t && strcmp(t->name, name) != 0)
		t = t->next;
	if (!t) {
		t = gh_arena_zalloc(ctx->arena, sizeof *t);
		const char *copy = gh_arena_text(ctx->arena, name, strlen(name));
		if (!t || !copy)
			code = gh_nomem(ctx);
		else
			code = gh_output_top(ctx, scan->order->output, copy, kind, &t->place);
		if (code == GH_OK) {
			t->name = copy;
			t->next = scan->tops;
			scan->tops = t;
		}
	}
	if (code == GH_OK)
		*ret = t->place;
	pthread_mutex_unlock(&scan->lock);
	return code;
}

/* The place of a node by its label: below the top-level folder that the label starts with. */
static gh_code place_of(gh_scan *scan, gh_ctx *ctx, const gh_node *node, const char *behind, gh_place_kind kind,
			gh_place *ret)
{
	const char *label;
	gh_code code = gh_node_folder(ctx, node, &label);
	if (code != GH_OK)
		return code;
	if (!label)
		return GH_NOT_MINE;
	label = gh_arena_printf(ctx->arena, "%s%s", label, behind);
	if (!label)
		return gh_nomem(ctx);
	size_t first = strcspn(label, "/");
	char *top_name = gh_arena_text(ctx->arena, label, first);
	if (!top_name)
		return gh_nomem(ctx);
	gh_place top;
	if (!label[first]) {
		code = top_of(scan, ctx, top_name, kind, ret);
		return code;
	}
	code = top_of(scan, ctx, top_name, GH_PLACE_DIR, &top);
	if (code != GH_OK)
		return code;
	return gh_output_plan(ctx, scan->order->output, &top, gh_view_text(label + first + 1), kind, ret);
}

static gh_place_kind kind_of(const gh_entry *e)
{
	return e->type == GH_ENTRY_DIR ? GH_PLACE_DIR : e->type == GH_ENTRY_LINK ? GH_PLACE_LINK : GH_PLACE_FILE;
}

static bool can_be_made(const gh_entry *e)
{
	return e->type == GH_ENTRY_FILE || e->type == GH_ENTRY_DIR || e->type == GH_ENTRY_LINK;
}

/* Trouble with one name is a note of its entry; a full disk has been noted by the output itself. */
static gh_code note_place(gh_scan *scan, gh_ctx *ctx, gh_entry *e, const gh_place *place, gh_code code)
{
	if (code == GH_NOMEM || code == GH_IO)
		return code;
	if (code != GH_OK) {
		atomic_fetch_add(&scan->not_written, 1);
		return gh_entry_note(ctx, e, code, e->at, "not written: %s", place->why ? place->why : ctx->what);
	}
	if (!place->why)
		return GH_OK;
	const char *used = gh_output_used(ctx, scan->order->output, place);
	return used ? gh_entry_note(ctx, e, GH_OK, e->at, "written as %s: %s", used, place->why) : gh_nomem(ctx);
}

static gh_code write_entry(gh_scan *scan, gh_ctx *ctx, const gh_place *top, gh_entry *e, gh_place *place)
{
	if (!can_be_made(e)) {
		atomic_fetch_add(&scan->not_written, 1);
		return GH_OK; /* a device, FIFO or socket: recorded, never created */
	}
	gh_code code = gh_output_plan(ctx, scan->order->output, top, e->path, kind_of(e), place);
	if (code != GH_OK)
		return code;
	if (e->type == GH_ENTRY_DIR)
		code = gh_output_dir(ctx, scan->order->output, place);
	else if (e->type == GH_ENTRY_LINK)
		code = gh_output_link(ctx, scan->order->output, place, e->target, e->mtime);
	else
		return GH_OK; /* when it is read */
	return note_place(scan, ctx, e, place, code);
}

/* What a mount would not show either: left out, or in a folder of its own. */
static bool left_out(const gh_scan *scan, const gh_entry *e)
{
	return e->past != GH_NOW && !scan->order->history;
}

gh_code gh_write_volume(gh_scan *scan, gh_ctx *ctx, gh_node *node)
{
	gh_volume *v = node->volume;
	struct places *places = gh_arena_zalloc(ctx->arena, sizeof *places);
	gh_place top, past;
	bool has_past = false;
	if (!places)
		return gh_nomem(ctx);
	gh_code code = place_of(scan, ctx, node, "", GH_PLACE_DIR, &top);
	if (code != GH_OK)
		return code;
	code = gh_output_dir(ctx, scan->order->output, &top);
	places->items = gh_arena_array(ctx->arena, v->count, sizeof *places->items);
	if (!places->items)
		return gh_nomem(ctx);
	node->user = places;
	for (size_t i = 0; i < v->count && code == GH_OK; i++) {
		gh_entry *e = &v->entries[i];
		if (left_out(scan, e))
			continue;
		if (e->past != GH_NOW && !has_past) {
			code = place_of(scan, ctx, node, ".history", GH_PLACE_DIR, &past);
			has_past = true;
		}
		if (code == GH_OK)
			code = write_entry(scan, ctx, e->past != GH_NOW ? &past : &top, e, &places->items[i]);
	}
	return code;
}

gh_code gh_write_file(gh_scan *scan, gh_ctx *ctx, const gh_visit *visit)
{
	const struct places *places = visit->node->user;
	gh_entry *e = visit->entry;
	if (!places || left_out(scan, e))
		return GH_OK;
	gh_place *place = &places->items[e - visit->node->volume->entries];
	gh_code code = gh_output_file(ctx, scan->order->output, place, e->mode, e->mtime, visit->content);
	if (code == GH_OK)
		atomic_fetch_add(&scan->written, 1);
	return note_place(scan, ctx, e, place, code);
}

gh_code gh_write_region(gh_scan *scan, gh_ctx *ctx, const gh_visit *visit)
{
	gh_place place;
	if (visit->node->kind != GH_NODE_GAP && visit->node->kind != GH_NODE_STREAM)
		return GH_OK;
	gh_code code = place_of(scan, ctx, visit->node, "", GH_PLACE_FILE, &place);
	if (code == GH_NOT_MINE)
		return GH_OK;
	if (code == GH_OK)
		code = gh_output_file(ctx, scan->order->output, &place, 0644, -1, visit->content);
	if (code == GH_OK)
		atomic_fetch_add(&scan->written, 1);
	return code;
}
