/* SPDX-License-Identifier: Apache-2.0 */
#include "format/flash/extents_in.h"

enum { FIRST_ROOM = 64 };

gh_code gh_extents_add(gh_ctx *ctx, gh_extents *e, uint64_t at, uint64_t size)
{
	if (e->count > 0 && gh_extents_end(e) == at) {
		e->items[e->count - 1].size += size;
		return GH_OK;
	}
	if (!e->items || e->count == e->room) {
		size_t room = e->room ? e->room * 2 : FIRST_ROOM;
		gh_extent *grown = gh_arena_grow(ctx->arena, e->items, e->room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		e->items = grown;
		e->room = room;
	}
	e->items[e->count++] = (gh_extent){ at, size };
	return GH_OK;
}

uint64_t gh_extents_end(const gh_extents *e)
{
	return e->count ? e->items[e->count - 1].at + e->items[e->count - 1].size : 0;
}

void gh_extents_to(gh_extents *e, uint64_t pos, gh_volume *volume)
{
	for (size_t i = 0; i < e->count; i++)
		e->items[i].at += pos;
	volume->used = e->items;
	volume->n_used = e->count;
}
