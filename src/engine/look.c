/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every file and every region meets the checks while its bytes are at hand.
 */
#include "check/md5_lists.h"
#include "check/mentions.h"
#include "codec/sum.h"
#include "elf/elf.h"
#include "engine/scan_in.h"

#include <stdlib.h>

/* Contents that a check keeps for its conclusion. */
enum { KEPT_MOST = 256 << 10, PROGRESS_STEP = 8 << 20 };

static gh_code take_findings(gh_scan *scan, gh_findings *found, gh_signals *signals)
{
	for (gh_finding *f = found->first; f; f = f->next)
		gh_say_finding(scan->speaker, f);
	if (found->first || signals->first) {
		pthread_mutex_lock(&scan->lock);
		gh_findings_join(&scan->findings, found);
		gh_signals_join(&scan->signals, signals);
		pthread_mutex_unlock(&scan->lock);
	}
	return GH_OK;
}

static gh_code run_checks(gh_scan *scan, gh_ctx *ctx, const gh_file *file)
{
	gh_findings found = { 0 };
	gh_signals signals = { 0 };
	gh_check_ctx check = {
		.ctx = ctx, .rules = scan->rules, .caps = scan->caps, .out = &found, .signals = &signals
	};
	for (size_t i = 0; i < gh_checks_count; i++) {
		if (!gh_checks[i]->look)
			continue;
		gh_code code = gh_checks[i]->look(&check, file);
		if (code != GH_OK)
			return code;
	}
	return take_findings(scan, &found, &signals);
}

static gh_code keep(gh_ctx *ctx, const gh_file *file, gh_entry *entry)
{
	for (size_t i = 0; i < gh_checks_count; i++) {
		if (!gh_checks[i]->keeps || file->content.len > KEPT_MOST || !gh_checks[i]->keeps(file))
			continue;
		char *copy = gh_arena_text(ctx->arena, file->content.ptr, file->content.len);
		if (!copy)
			return gh_nomem(ctx);
		entry->kept = gh_view(copy, file->content.len);
		return GH_OK;
	}
	return GH_OK;
}

/* Now and then the parent hears how far we are. */
static void count_bytes(gh_scan *scan, size_t n)
{
	uint64_t before = atomic_fetch_add(&scan->bytes, n);
	if (before / PROGRESS_STEP != (before + n) / PROGRESS_STEP)
		gh_say_progress(scan->speaker, before + n);
}

static gh_code visit_entry(gh_scan *scan, gh_ctx *ctx, const gh_visit *v)
{
	gh_code code = GH_OK;
	gh_sha256(&v->content, 1, v->entry->sha256);
	atomic_fetch_add(&scan->files, 1);
	count_bytes(scan, v->content.len);
	if (scan->order->job == GH_JOB_EXTRACT)
		return gh_write_file(scan, ctx, v);
	if (scan->order->job >= GH_JOB_CAPS)
		return gh_scan_program(scan, ctx, v);
	if (scan->order->job != GH_JOB_SCAN)
		return GH_OK;
	gh_file file = { .node = v->node,
			 .entry = v->entry,
			 .path = v->entry->path,
			 .content = v->content,
			 .sha256 = v->entry->sha256,
			 .leaf = v->entry->leaf };
	if (v->whole && file.leaf && strcmp(file.leaf, "elf") == 0)
		code = gh_elf_read(ctx, v->content, &v->entry->elf);
	if (gh_is_about_input(code)) /* what is no whole ELF file is looked at like any other */
		code = GH_OK;
	if (code == GH_OK && v->whole)
		code = keep(ctx, &file, v->entry);
	gh_mentions_look(v->node, v->entry, v->content);
	if (v->whole && v->node->volume->wants_md5) {
		gh_md5(&v->content, 1, v->entry->md5);
		v->entry->has_md5 = true;
	}
	return code == GH_OK ? run_checks(scan, ctx, &file) : code;
}

static void hash(const gh_ctx *ctx, gh_bytes b, uint8_t ret[32])
{
	gh_sha256_state state;
	gh_sha256_begin(&state);
	for (size_t at = 0; at < b.len; at += GH_PASS) {
		gh_bytes part = gh_bytes_part(b, at, GH_PASS);
		gh_sha256_more(&state, part);
		gh_behind(ctx, part.ptr, part.len);
	}
	gh_sha256_end(&state, ret);
}

static bool is_padding(const gh_node *node)
{
	return node->kind == GH_NODE_GAP &&
	       (node->profile.look == GH_LOOK_ZERO || node->profile.look == GH_LOOK_ERASED ||
		node->profile.look == GH_LOOK_FILL);
}

static gh_code visit_region(gh_scan *scan, gh_ctx *ctx, const gh_visit *v)
{
	hash(ctx, v->content, v->node->sha256);
	v->node->hashed = true;
	if (v->node->kind == GH_NODE_IMAGE)
		memcpy(scan->image_sha256, v->node->sha256, sizeof scan->image_sha256);
	if (v->node->kind == GH_NODE_STREAM)
		count_bytes(scan, v->content.len);
	if (scan->order->job == GH_JOB_EXTRACT)
		return gh_write_region(scan, ctx, v);
	if (scan->order->job >= GH_JOB_CAPS)
		return v->node->kind == GH_NODE_IMAGE || v->node->kind == GH_NODE_STREAM ? gh_scan_program(scan, ctx, v)
											 : GH_OK;
	if (scan->order->job != GH_JOB_SCAN || is_padding(v->node))
		return GH_OK;
	gh_file file = {
		.node = v->node, .content = v->content, .pos = v->pos, .sha256 = v->node->sha256, .covered = v->known
	};
	return run_checks(scan, ctx, &file);
}

gh_code gh_scan_visit(void *arg, gh_ctx *ctx, const gh_visit *visit)
{
	gh_scan *scan = arg;
	return visit->entry ? visit_entry(scan, ctx, visit) : visit_region(scan, ctx, visit);
}

/* An entry is said when it is wanted or when there is trouble with it. */
static void say_entry(const gh_scan *scan, const gh_node *volume, uint32_t index)
{
	if (scan->order->list_files || volume->volume->entries[index].notes)
		gh_say_entry(scan->speaker, volume, index);
}

/* What is gathered of a volume's files while they are read. */
static gh_code plan_volume(gh_ctx *ctx, gh_node *node)
{
	gh_md5_plan(node->volume);
	return gh_mentions_plan(ctx, node);
}

gh_code gh_scan_settled(void *arg, gh_ctx *ctx, gh_node *node)
{
	gh_scan *scan = arg;
	gh_code code = GH_OK;
	if (node->volume && scan->order->job == GH_JOB_EXTRACT)
		code = gh_write_volume(scan, ctx, node);
	if (node->volume && scan->order->job == GH_JOB_SCAN)
		code = plan_volume(ctx, node);
	if (code == GH_OK && !scan->order->show_secrets)
		code = gh_node_mask(ctx, node);
	gh_say_node(scan->speaker, node);
	/* Files are said when they were read. */
	for (size_t i = 0; node->volume && i < node->volume->count; i++)
		if (node->volume->entries[i].type != GH_ENTRY_FILE)
			say_entry(scan, node, (uint32_t)i);
	return code;
}

gh_code gh_scan_read(void *arg, gh_ctx *ctx, gh_node *volume, uint32_t index)
{
	gh_scan *scan = arg;
	(void)ctx;
	say_entry(scan, volume, index);
	return GH_OK;
}

/* The order in which look() found things depends on threads: settle it before anybody concludes. */
static int by_what(const void *a, const void *b)
{
	const gh_finding *x = *(const gh_finding *const *)a, *y = *(const gh_finding *const *)b;
	int order = strcmp(x->id, y->id);
	if (order == 0)
		order = gh_bytes_cmp(x->evidence[0].path, y->evidence[0].path);
	if (order == 0)
		order = (x->evidence[0].at > y->evidence[0].at) - (x->evidence[0].at < y->evidence[0].at);
	return order ? order : strcmp(x->title, y->title);
}

static gh_code sort_findings(gh_ctx *ctx, gh_findings *list)
{
	gh_finding **all = gh_arena_array(ctx->scratch, list->count, sizeof(gh_finding *));
	if (!all)
		return gh_nomem(ctx);
	size_t n = 0;
	for (gh_finding *f = list->first; f; f = f->next)
		all[n++] = f;
	qsort(all, n, sizeof(gh_finding *), by_what);
	list->first = list->last = NULL;
	for (size_t i = 0; i < n; i++) {
		all[i]->next = NULL;
		if (list->last)
			list->last->next = all[i];
		else
			list->first = all[i];
		list->last = all[i];
	}
	return GH_OK;
}

gh_code gh_scan_conclude(gh_scan *scan, gh_ctx *ctx, gh_node *root)
{
	gh_code code = sort_findings(ctx, &scan->findings);
	gh_check_ctx check = {
		.ctx = ctx, .rules = scan->rules, .root = root, .out = &scan->findings, .signals = &scan->signals
	};
	gh_finding *said = scan->findings.last;
	for (size_t i = 0; i < gh_checks_count && code == GH_OK; i++)
		if (gh_checks[i]->conclude)
			code = gh_checks[i]->conclude(&check);
	for (size_t i = 0; i < gh_checks_count && code == GH_OK; i++)
		if (gh_checks[i]->weigh)
			code = gh_checks[i]->weigh(&check);
	for (gh_finding *f = said ? said->next : scan->findings.first; f; f = f->next)
		gh_say_finding(scan->speaker, f);
	return code;
}
