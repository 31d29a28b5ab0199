/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/view_volume_in - volumes whose files lie in the input as they are. A wall.
 *
 * The one rule: every entry with content has its absolute place in entry->at, so any reader can read
 * any entry, and entries are grouped only to share work.
 */
#ifndef GH_FORMAT_VIEW_VOLUME_IN_H
#define GH_FORMAT_VIEW_VOLUME_IN_H

#include "format/room_in.h"

/* A list of entries that grows in ctx->arena, each paid from the node budget. */
typedef struct gh_entries {
	gh_entry *items;
	size_t    count, room;
} gh_entries;

/* A zeroed entry at the end of the list, or ctx's trouble (GH_LIMIT when the budget is spent). */
gh_code gh_entries_add(gh_ctx *ctx, gh_entries *list, gh_entry **ret) GH_MUST;

/* The list as a volume of `out`: grouped freely when every entry is a view, else in one group. */
gh_code gh_entries_volume(gh_ctx *ctx, gh_entries *list, const gh_volume_ops *ops, gh_node *out) GH_MUST;

/* A plain file of mode 0644 at the end of the list; `ret` may be NULL. */
gh_code gh_entries_file(gh_ctx *ctx, gh_entries *list, gh_bytes path, uint64_t size, uint64_t at,
                        gh_entry **ret) GH_MUST;

/* gh_entries_volume for a list that ended with `code`: what came before trouble with the input is a volume all the
 * same, and the trouble is returned. */
gh_code gh_entries_end(gh_ctx *ctx, gh_entries *list, const gh_volume_ops *ops, gh_node *out, gh_code code) GH_MUST;

/* Each entry's reader needs no other: any number of readers may share the work. */
void gh_volume_apart(gh_volume *volume);

/* gh_volume_ops.read for entries that are views. */
gh_code gh_view_read(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret) GH_MUST;

/* `name` in `folder`, in ctx->arena; "." and nothing are the root. */
gh_code gh_path_join(gh_ctx *ctx, gh_bytes folder, gh_bytes name, gh_bytes *ret) GH_MUST;

/* A path of a system that has '\\' between names, in ctx->arena. */
gh_code gh_path_turned(gh_ctx *ctx, gh_bytes stored, gh_bytes *ret) GH_MUST;

/* The path as volumes give it, with a note where it was stored as an absolute one. */
gh_code gh_entry_path(gh_ctx *ctx, gh_entry *entry, gh_bytes stored, uint64_t at) GH_MUST;

#endif
