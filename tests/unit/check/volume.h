/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/unit/check/volume - a volume made from a table of files, as checks meet it.
 *
 *	static const file files[] = { TEXT("etc/passwd", "root:x:0:0::/:/bin/sh\n"), LINK("etc/shadow", "/tmp/s") };
 *	gh_findings found = conclude_on(&ctx, &gh_check_accounts, files, GH_COUNT(files), NULL);
 */
#ifndef GH_TESTS_VOLUME_H
#define GH_TESTS_VOLUME_H

#include "check.h"
#include "check/check.h"
#include "check/mentions.h"

typedef struct file {
	const char *path, *text, *link;
} file;

#define TEXT(path, text)                                                                                               \
	{                                                                                                              \
		path, text, NULL                                                                                       \
	}
#define LINK(path, target)                                                                                             \
	{                                                                                                              \
		path, NULL, target                                                                                     \
	}
#define FOLDER(path)                                                                                                   \
	{                                                                                                              \
		path, NULL, NULL                                                                                       \
	}

/* Fills an image node with one volume; the files that keep() wants are kept, as an engine does. */
static inline const gh_node *volume_of(gh_ctx *ctx, const gh_check *check, const file *files, size_t n)
{
	gh_node *image = gh_node_new(ctx, GH_NODE_IMAGE), *node = gh_node_new(ctx, GH_NODE_VOLUME);
	gh_volume *volume = gh_arena_zalloc(ctx->arena, sizeof *volume);
	gh_entry *entries = gh_arena_array(ctx->arena, n ? n : 1, sizeof *entries);
	assert_true(image && node && volume && entries);
	node->id = 1;
	node->format = "squashfs";
	for (size_t i = 0; i < n; i++) {
		entries[i].path = gh_view_text(files[i].path);
		entries[i].type = files[i].link ? GH_ENTRY_LINK : files[i].text ? GH_ENTRY_FILE : GH_ENTRY_DIR;
		entries[i].mode = 0755;
		if (files[i].text)
			entries[i].leaf = strncmp(files[i].text, "\x7f" "ELF", 4) == 0 ? "elf"
					  : strncmp(files[i].text, "#!", 2) == 0	   ? "script"
											   : "text";
		if (files[i].link)
			entries[i].target = gh_view_text(files[i].link);
		if (!files[i].text)
			continue;
		gh_bytes content = gh_view_text(files[i].text);
		gh_file f = { .node = node, .entry = &entries[i], .path = entries[i].path, .content = content };
		if (check->keeps && check->keeps(&f))
			entries[i].kept = content;
	}
	*volume = (gh_volume){ .entries = entries, .count = n };
	gh_node_volume(node, volume);
	gh_node_append(image, node);
	return image;
}

/* What the check says and signs; the names of programs are counted as while looking. */
static inline gh_findings conclude_with_signs(gh_ctx *ctx, const gh_check *check, const file *files, size_t n,
					      gh_signals *signs)
{
	gh_findings found = { 0 };
	const gh_node *image = volume_of(ctx, check, files, n);
	EQ(gh_mentions_plan(ctx, image->first), GH_OK, ctx->what);
	for (size_t i = 0; i < n; i++)
		if (files[i].text)
			gh_mentions_look(image->first, &image->first->volume->entries[i], gh_view_text(files[i].text));
	gh_check_ctx c = { .ctx = ctx, .root = image, .out = &found, .signals = signs };
	EQ(check->conclude(&c), GH_OK, ctx->what);
	return found;
}

static inline gh_findings conclude_on(gh_ctx *ctx, const gh_check *check, const file *files, size_t n,
				      gh_findings *before)
{
	gh_findings found = { 0 };
	if (before)
		found = *before;
	gh_check_ctx c = { .ctx = ctx, .root = volume_of(ctx, check, files, n), .out = &found };
	EQ(check->conclude(&c), GH_OK, ctx->what);
	return found;
}

/* How many findings have this id and this text in their title (NULL: any). */
static inline unsigned count_of(const gh_findings *found, const char *id, const char *title)
{
	unsigned n = 0;
	for (const gh_finding *f = found->first; f; f = f->next)
		n += strcmp(f->id, id) == 0 && (!title || strstr(f->title, title));
	return n;
}

/* The first of them; without one the test has failed. */
static inline const gh_finding *finding_of(const gh_findings *found, const char *id, const char *title)
{
	static const gh_finding none;
	for (const gh_finding *f = found->first; f; f = f->next)
		if (strcmp(f->id, id) == 0 && (!title || strstr(f->title, title)))
			return f;
	TRUE(false, id);
	return &none;
}

static inline void print_findings(const gh_findings *found)
{
	for (const gh_finding *f = found->first; f; f = f->next)
		print_error("%s: %s\n", f->id, f->title);
}

#endif
