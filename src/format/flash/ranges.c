/* SPDX-License-Identifier: Apache-2.0 */
#include "format/flash/ranges_in.h"

/* The first range that ends behind `at`. */
static size_t find(const gh_ranges *r, uint64_t at)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (r->items[mid].to > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

bool gh_ranges_touch(const gh_ranges *r, uint64_t from, uint64_t to)
{
	size_t i = find(r, from);
	return from < to && i < r->count && r->items[i].from < to;
}

bool gh_ranges_hole(const gh_ranges *r, uint64_t from, uint64_t to, gh_range *ret)
{
	size_t i = find(r, from);
	if (i < r->count && r->items[i].from <= from) {
		from = r->items[i].to;
		i++;
	}
	if (from >= to)
		return false;
	*ret = (gh_range){ from, i < r->count ? GH_MIN(to, r->items[i].from) : to };
	return true;
}

static gh_code more_room(gh_ctx *ctx, gh_ranges *r)
{
	size_t room = r->room ? r->room * 2 : 16;
	gh_range *grown = gh_arena_grow(r->arena, r->items, r->room * sizeof *grown, room * sizeof *grown);
	if (!grown)
		return gh_nomem(ctx);
	r->items = grown;
	r->room = room;
	return GH_OK;
}

gh_code gh_ranges_add(gh_ctx *ctx, gh_ranges *r, uint64_t from, uint64_t to)
{
	if (from >= to)
		return GH_OK;
	/* Those that touch the new one, also at an edge, become part of it. */
	size_t first = from > 0 ? find(r, from - 1) : 0, end = first;
	while (end < r->count && r->items[end].from <= to) {
		from = GH_MIN(from, r->items[end].from);
		to = GH_MAX(to, r->items[end].to);
		end++;
	}
	gh_code code = gh_effort(ctx, (r->count - end) * sizeof *r->items);
	if (code == GH_OK && end == first && r->count == r->room)
		code = more_room(ctx, r);
	if (code != GH_OK)
		return code;
	if (end != first + 1 && end < r->count)
		memmove(r->items + first + 1, r->items + end, (r->count - end) * sizeof *r->items);
	r->count = r->count + 1 - (end - first);
	r->items[first] = (gh_range){ from, to };
	return GH_OK;
}

uint64_t gh_ranges_sum(const gh_ranges *r, uint64_t end)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < r->count && r->items[i].from < end; i++)
		sum += GH_MIN(r->items[i].to, end) - r->items[i].from;
	return sum;
}
