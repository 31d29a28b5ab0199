/* SPDX-License-Identifier: Apache-2.0 */
/* The input as unclaimed bytes, as a file of settings, as a picture, and as a list of digests. */
#include "check/check.h"
#include "check/md5_lists.h"
#include "must.h"

static void on_line(void *arg, const gh_md5_line *line)
{
	const gh_bytes *list = arg;
	must(line->path.len > 0 && line->path.ptr >= list->ptr &&
	     line->path.ptr + line->path.len <= list->ptr + list->len);
	must(line->at < list->len && line->line > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(16)), .scratch = gh_arena_new(GH_MIB(16)) };
	gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE), *gap = gh_node_new(&ctx, GH_NODE_GAP);
	gh_bytes bytes = gh_view(data, size);
	must(image && gap);
	gh_node_append(image, gap);
	gh_entry entry = { .path = GH_LIT("etc/nvram.default") };
	const gh_file files[] = {
		{ .node = gap, .content = bytes, .pos = 64 },
		{ .node = gap, .entry = &entry, .path = entry.path, .content = bytes, .leaf = "text" },
		{ .node = gap, .entry = &entry, .path = entry.path, .content = bytes, .leaf = "png" },
		{ .node = gap, .entry = &entry, .path = entry.path, .content = bytes, .leaf = "pe" },
	};
	gh_findings found = { 0 };
	gh_check_ctx c = { .ctx = &ctx, .out = &found };
	for (size_t i = 0; i < GH_COUNT(files); i++) {
		must(gh_check_nvram_hook.look(&c, &files[i]) == GH_OK);
		must(gh_check_hidden_data.look(&c, &files[i]) == GH_OK);
		must(gh_check_header_misfit.look(&c, &files[i]) == GH_OK);
	}
	must(found.count <= 24);
	for (const gh_finding *f = found.first; f; f = f->next)
		must(f->id && f->title && f->why && f->harmless && f->n_evidence > 0 &&
		     f->evidence[0].excerpt.len <= GH_EXCERPT);
	gh_md5_each(bytes, on_line, &bytes);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
