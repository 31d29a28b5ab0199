/* SPDX-License-Identifier: Apache-2.0 */
#include "format/view_volume_in.h"

enum { GROUP = 32 };

gh_code gh_entries_add(gh_ctx *ctx, gh_entries *list, gh_entry **ret)
{
	gh_code code = gh_spend_nodes(ctx, 1);
	if (code != GH_OK)
		return code;
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 32;
		gh_entry *grown =
			gh_arena_grow(ctx->arena, list->items, list->room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		list->items = grown;
		list->room = room;
	}
	gh_entry *e = &list->items[list->count++];
	*e = (gh_entry){ .at = GH_NOWHERE };
	*ret = e;
	return GH_OK;
}

gh_code gh_entries_volume(gh_ctx *ctx, gh_entries *list, const gh_volume_ops *ops, gh_node *out)
{
	gh_volume *volume = gh_arena_zalloc(ctx->arena, sizeof *volume);
	if (!volume)
		return gh_nomem(ctx);
	bool views = true;
	for (size_t i = 0; i < list->count; i++) {
		const gh_entry *e = &list->items[i];
		views &= e->type != GH_ENTRY_FILE || e->hard_link || e->size == 0 || e->at != GH_NOWHERE;
	}
	volume->entries = list->items;
	volume->count = list->count;
	volume->groups = list->count > 0;
	volume->ops = ops;
	if (views)
		gh_volume_apart(volume);
	gh_node_volume(out, volume);
	return GH_OK;
}

void gh_volume_apart(gh_volume *volume)
{
	for (size_t i = 0; i < volume->count; i++)
		volume->entries[i].group = (uint32_t)(i / GROUP);
	volume->groups = (uint32_t)((volume->count + GROUP - 1) / GROUP);
}

gh_code gh_path_join(gh_ctx *ctx, gh_bytes folder, gh_bytes name, gh_bytes *ret)
{
	bool root = folder.len == 0 || gh_bytes_eq(folder, GH_LIT("."));
	size_t n = root ? 0 : folder.len + 1;
	uint8_t *path = gh_arena_alloc(ctx->arena, n + name.len);
	if (!path)
		return gh_nomem(ctx);
	if (!root && folder.ptr) {
		memcpy(path, folder.ptr, folder.len);
		path[folder.len] = '/';
	}
	memcpy(path + n, name.ptr, name.len);
	*ret = gh_view(path, n + name.len);
	return GH_OK;
}

gh_code gh_view_read(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	if (entry->size == 0) {
		*ret = gh_view(NULL, 0);
		return GH_OK;
	}
	if (entry->at == GH_NOWHERE || entry->at < reader->pos)
		return gh_fail(ctx, GH_CORRUPT, reader->pos, "the content is not in the archive");
	gh_bytes content = gh_bytes_part(reader->bytes, entry->at - reader->pos, entry->size);
	*ret = content;
	if (content.len < entry->size)
		return gh_fail(ctx, GH_TRUNCATED, entry->at + content.len, "the content is cut short");
	return GH_OK;
}

gh_code gh_entry_path(gh_ctx *ctx, gh_entry *entry, gh_bytes stored, uint64_t at)
{
	entry->path = gh_path_plain(stored);
	if (stored.len > 1 && stored.ptr[0] == '/')
		return gh_entry_note(ctx, entry, GH_OK, at, "stored with an absolute path");
	return GH_OK;
}

gh_code gh_entries_file(gh_ctx *ctx, gh_entries *list, gh_bytes path, uint64_t size, uint64_t at, gh_entry **ret)
{
	gh_entry *e;
	gh_code code = gh_entries_add(ctx, list, &e);
	if (code != GH_OK)
		return code;
	e->type = GH_ENTRY_FILE;
	e->mode = 0644;
	e->nlink = 1;
	e->path = path;
	e->size = size;
	e->at = at;
	if (ret)
		*ret = e;
	return GH_OK;
}

gh_code gh_entries_end(gh_ctx *ctx, gh_entries *list, const gh_volume_ops *ops, gh_node *out, gh_code code)
{
	if (code != GH_OK && !gh_is_about_input(code))
		return code;
	gh_code made = gh_entries_volume(ctx, list, ops, out);
	return made == GH_OK ? code : made;
}

gh_code gh_path_turned(gh_ctx *ctx, gh_bytes stored, gh_bytes *ret)
{
	uint8_t *path = gh_arena_alloc(ctx->arena, stored.len);
	if (!path)
		return gh_nomem(ctx);
	for (size_t i = 0; i < stored.len; i++)
		path[i] = stored.ptr[i] == '\\' ? '/' : stored.ptr[i];
	*ret = gh_view(path, stored.len);
	return GH_OK;
}
