/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caged process: load the rules, grow the tree, meet the files, conclude, say it all.
 */
#include "engine/scan_in.h"

#include <malloc.h>
#include <unistd.h>

#include "host/input.h"
#include "host/spill.h"

/* A volume of files is not much deeper than this many nodes per layer: container, part, stream. */
enum { NODES_A_LAYER = 3 };

/* What one stream may give is in memory as a whole. */
enum { PIECE_MIB = 512, PIECE_RATIO = 4 };

static gh_code load_rules(gh_scan *scan, gh_ctx *ctx, gh_hello *hello)
{
	gh_job job = scan->order->job;
	gh_code code = GH_OK;
	if ((job == GH_JOB_SCAN || job == GH_JOB_CAPS) && scan->order->caps.len > 0)
		code = gh_caps_load(ctx, scan->order->caps, &scan->caps);
	if (code != GH_OK || job != GH_JOB_SCAN || scan->order->rules.len == 0)
		return code;
	code = gh_rules_load(ctx, scan->order->rules, &scan->rules);
	if (code == GH_OK) {
		size_t hashes = 0;
		hello->n_rules = gh_rules_count(scan->rules, &hashes);
		hello->n_hashes = hashes;
	}
	return code;
}

/* Grows the tree with `jobs` threads; true when a budget ended while several threads spent it, so
 * that who got what was chance. */
static gh_code grow(gh_scan *scan, gh_ctx *ctx, gh_budget *budget, gh_unpacked **ret)
{
	const gh_order *order = scan->order;
	gh_unpack_options options = {
		.jobs = order->alone ? 1 : order->jobs, .files = true, .search = order->search, .budget = budget
	};
	gh_visitor visitor = { scan, gh_scan_visit, gh_scan_settled, gh_scan_read };
	return gh_unpack(ctx, order->image, &options, &visitor, ret);
}

static void fill_budget(const gh_order *order, gh_budget *budget)
{
	budget->depth = order->max_depth * NODES_A_LAYER;
	budget->piece = GH_MAX(GH_MIB((uint64_t)PIECE_MIB), PIECE_RATIO * order->image.len);
	atomic_store(&budget->bytes_left, (int64_t)GH_MIN(order->max_bytes, (uint64_t)INT64_MAX));
	atomic_store(&budget->nodes_left, (int64_t)GH_MIN(order->max_nodes, (uint64_t)INT64_MAX));
}

/* The second reading has a purse of its own, as large as the first one's. */
static gh_code verify(gh_scan *scan, gh_ctx *ctx, const gh_node *root)
{
	gh_budget budget = { .behind = NULL };
	fill_budget(scan->order, &budget);
	gh_ctx own = *ctx;
	own.budget = &budget;
	return gh_verify(&own, root, scan->order->image, &scan->verified);
}

/* An image that is a program is nothing else to those who ask about programs. */
static gh_code look_at_program(gh_scan *scan, gh_ctx *ctx)
{
	gh_bytes image = scan->order->image;
	gh_node *root = gh_arena_zalloc(ctx->arena, sizeof *root);
	if (!root)
		return gh_nomem(ctx);
	root->size = image.len;
	gh_visit visit = { .node = root, .content = image, .whole = true };
	gh_code code = gh_scan_visit(scan, ctx, &visit);
	gh_say_node(scan->speaker, root);
	return code;
}

static gh_code work(gh_scan *scan, gh_ctx *ctx, gh_budget *budget, gh_unpacked **unpacked, bool *again)
{
	if (scan->order->job >= GH_JOB_CAPS && gh_bytes_start(scan->order->image, GH_LIT("\x7f"
											 "ELF")))
		return look_at_program(scan, ctx);
	gh_code code = grow(scan, ctx, budget, unpacked);
	*again = atomic_load(&budget->spent) && !scan->order->alone && scan->order->jobs > 1;
	/* A write that failed: the output knows what is missing. */
	if (code == GH_IO && scan->order->job == GH_JOB_EXTRACT && gh_output_count(scan->order->output).missing > 0)
		return gh_output_finish(ctx, scan->order->output);
	if (*again || code != GH_OK)
		return code;
	if (scan->order->strip)
		code = gh_strip_over(ctx, scan->order->image, &scan->strip);
	if (scan->order->verify && code == GH_OK)
		code = verify(scan, ctx, gh_unpacked_root(*unpacked));
	if (code != GH_OK)
		return code;
	if (scan->order->job == GH_JOB_SCAN)
		return gh_scan_conclude(scan, ctx, gh_unpacked_root(*unpacked));
	if (scan->order->job == GH_JOB_EXTRACT)
		return gh_output_finish(ctx, scan->order->output);
	return GH_OK;
}

/* Content of files comes and goes by the megabyte: giving it back to the kernel each time costs a page
 * fault for every four KiB. */
enum { KEPT_BY_MALLOC = 16 << 20 };

/* What is large enough to let go of: the image, and what lies in the spill. */
struct large {
	gh_bytes *image;
	gh_spill *spill;
};

static void behind(void *arg, const void *ptr, size_t len)
{
	const struct large *large = arg;
	gh_input_behind(large->image, ptr, len);
	if (large->spill)
		gh_spill_behind(large->spill, ptr, len);
}

int gh_scan_run(void *arg, int out, const char *cage)
{
	const gh_order *order = arg;
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BY_MALLOC);
	(void)mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BY_MALLOC);
	gh_speaker speaker;
	if (gh_speaker_init(&speaker, out) != GH_OK)
		return GH_SCAN_NO_MEMORY;
	gh_bytes image = order->image;
	struct large large = { &image, order->spill };
	gh_budget budget = { .behind = behind,
			     .behind_arg = &large,
			     .store = order->spill ? &order->spill->store : NULL };
	fill_budget(order, &budget);
	gh_scan scan = { .order = order, .speaker = &speaker };
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB(1)), .scratch = gh_arena_new(GH_GIB(1)), .budget = &budget };
	gh_hello hello = { .cage = cage, .size = order->image.len };
	gh_unpacked *unpacked = NULL;
	bool again = false;
	gh_code code = GH_NOMEM;
	if (ctx.arena && ctx.scratch && pthread_mutex_init(&scan.lock, NULL) == 0)
		code = load_rules(&scan, &ctx, &hello);
	gh_say_hello(&speaker, &hello);
	if (code == GH_OK)
		code = work(&scan, &ctx, &budget, &unpacked, &again);
	gh_done done = { .files = scan.files,
			 .bytes_unpacked = scan.bytes,
			 .files_written = scan.written,
			 .not_written = scan.not_written,
			 .code = code,
			 .spent = budget.spent || budget.cut,
			 .verified_regions = scan.verified.regions,
			 .verified_files = scan.verified.files,
			 .verified_bytes = scan.verified.bytes,
			 .differ = scan.verified.differ,
			 .differs = scan.verified.differ ? scan.verified.first : NULL,
			 .strip = scan.strip,
			 .detail = code != GH_OK && ctx.what[0] ? ctx.what : NULL };
	memcpy(done.sha256, scan.image_sha256, sizeof done.sha256);
	if (again)
		gh_say_again(&speaker);
	else
		gh_say_done(&speaker, &done);
	gh_unpacked_free(unpacked);
	gh_rules_free(scan.rules);
	gh_caps_free(scan.caps);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	gh_speaker_free(&speaker);
	return 0;
}

static void on_trouble(void *arg, const char *file, unsigned line, const char *message)
{
	gh_speaker *speaker = arg;
	char text[512];
	int n = line ? snprintf(text, sizeof text, "%s:%u: %s", file, line, message)
		     : snprintf(text, sizeof text, "%s: %s", file, message);
	if (n > 0)
		gh_say_warning(speaker, text);
}

/* The rules about programs among the files, as room cap takes them. */
static gh_code compile_caps(gh_ctx *ctx, const gh_rule_order *order, gh_speaker *speaker)
{
	gh_cap_file *files = gh_arena_array(ctx->scratch, order->n + 1, sizeof *files);
	gh_buf blob = gh_buf_in(ctx->arena, GH_MIB(256));
	size_t n = 0;
	if (!files)
		return gh_nomem(ctx);
	for (size_t i = 0; i < order->n; i++)
		if (order->files[i].program)
			files[n++] =
				(gh_cap_file){ order->files[i].name, order->files[i].text, order->files[i].builtin };
	gh_code code = gh_caps_compile(ctx, files, n, on_trouble, speaker, &blob);
	if (code == GH_OK)
		gh_say_caps(speaker, gh_buf_view(&blob));
	return code;
}

int gh_rules_run(void *arg, int out, const char *cage)
{
	const gh_rule_order *order = arg;
	gh_speaker speaker;
	(void)cage;
	if (gh_speaker_init(&speaker, out) != GH_OK)
		return GH_SCAN_NO_MEMORY;
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB(1)), .scratch = gh_arena_new(GH_GIB(1)) };
	gh_code code = GH_NOMEM;
	if (ctx.arena && ctx.scratch) {
		gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(256));
		code = gh_rules_compile(&ctx, order->files, order->n, on_trouble, &speaker, &blob);
		if (code == GH_OK)
			gh_say_rules(&speaker, gh_buf_view(&blob));
		if (code == GH_OK && order->programs)
			code = compile_caps(&ctx, order, &speaker);
	}
	gh_done done = { .code = code, .detail = code != GH_OK ? ctx.what : NULL };
	gh_say_done(&speaker, &done);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	gh_speaker_free(&speaker);
	return 0;
}
