/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/check/volume_of - a volume of some files, and what a check concludes over it. */
#ifndef GH_FUZZ_VOLUME_OF_H
#define GH_FUZZ_VOLUME_OF_H

#include "must.h"
#include "check/check.h"
#include "check/mentions.h"

typedef struct fuzz_file {
	gh_bytes path, content;
} fuzz_file;

/* The number of findings; every one of them is whole. */
static inline size_t conclude_on(const gh_check *check, const fuzz_file *files, size_t n)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE), *node = gh_node_new(&ctx, GH_NODE_VOLUME);
	gh_volume *volume = gh_arena_zalloc(ctx.arena, sizeof *volume);
	gh_entry *entries = gh_arena_array(ctx.arena, n, sizeof *entries);
	must(image && node && volume && entries);
	for (size_t i = 0; i < n; i++) {
		entries[i] = (gh_entry){ .path = files[i].path, .type = GH_ENTRY_FILE, .size = files[i].content.len };
		entries[i].mode = 0755;
		entries[i].leaf = gh_bytes_start(files[i].content, GH_LIT("\x7f"
									  "ELF"))
					  ? "elf"
					  : "script";
		gh_file f = { .node = node, .entry = &entries[i], .path = files[i].path, .content = files[i].content };
		if (check->keeps && check->keeps(&f))
			entries[i].kept = f.content;
	}
	*volume = (gh_volume){ .entries = entries, .count = n };
	gh_node_volume(node, volume);
	gh_node_append(image, node);
	must(gh_mentions_plan(&ctx, node) == GH_OK);
	for (size_t i = 0; i < n; i++)
		gh_mentions_look(node, &entries[i], files[i].content);
	gh_findings found = { 0 };
	gh_signals signs = { 0 };
	gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found, .signals = &signs };
	must(check->conclude(&c) == GH_OK);
	for (const gh_finding *f = found.first; f; f = f->next) {
		must(f->id && f->title && f->why && f->harmless && strncmp(f->id, check->id, strlen(check->id)) == 0);
		must(f->n_evidence >= 1 && f->n_evidence <= GH_EVIDENCE_MOST);
		for (size_t i = 0; i < f->n_evidence; i++)
			must(f->evidence[i].excerpt.len <= GH_EXCERPT);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return found.count;
}

#endif
