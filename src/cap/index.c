/* SPDX-License-Identifier: Apache-2.0 */
/* Features by what they ask for: a table of hashes, made when a pack is loaded. */
#include "cap/pack_in.h"

static uint32_t hash(uint32_t kind, uint32_t index, uint64_t number, gh_bytes text)
{
	uint64_t h = kind * 131U + index + 7;
	h = (h ^ number) * 0x9e3779b97f4a7c15U;
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ text.ptr[i]) * 0x100000001b3U;
	return (uint32_t)(h ^ h >> 32);
}

uint64_t gh_cap_number(uint64_t n)
{
	return n >> 31 == 0x1ffffffff ? n & UINT32_MAX : n;
}

enum { OF_MIPS = 1 << 16 }; /* in the index: the number is that of MIPS */

static void put(gh_caps *c, uint32_t h, uint32_t feature)
{
	while (c->slots[h & c->slot_mask] != UINT32_MAX)
		h++;
	c->slots[h & c->slot_mask] = feature;
}

static bool by_number(const gh_feature *f)
{
	return f->kind == GH_F_NUMBER || f->kind == GH_F_COMPARE || f->kind == GH_F_ARG_NUMBER;
}

static void put_feature(gh_caps *c, uint32_t i)
{
	const gh_feature *f = &c->features[i];
	gh_bytes none = { NULL, 0 };
	if (f->kind == GH_F_MATCH)
		c->matches[c->n_matches++] = i;
	if (f->kind == GH_F_BLOCKS)
		c->has_blocks = true;
	if (f->kind == GH_F_ARG_TEXT) {
		c->arg_texts[c->n_arg_texts++] = i;
		put(c, hash(f->kind, f->index, f->of, none), i);
	} else if (by_number(f) && f->mask != UINT64_MAX) {
		c->masked[c->n_masked++] = i;
	} else if (by_number(f)) {
		put(c, hash(f->kind, f->index, f->number, none), i);
		put(c, hash(f->kind, f->index | OF_MIPS, f->mips, none), i);
	} else {
		put(c, hash(f->kind, f->index, 0, gh_feature_text(c, f)), i);
	}
}

gh_code gh_caps_index(gh_ctx *ctx, gh_caps *c)
{
	uint32_t size = 1024;
	while (size < c->n_features * 4)
		size *= 2;
	c->slots = gh_arena_alloc(ctx->arena, size * sizeof *c->slots);
	c->masked = gh_arena_array(ctx->arena, c->n_features + 1, sizeof *c->masked);
	c->matches = gh_arena_array(ctx->arena, c->n_features + 1, sizeof *c->matches);
	c->arg_texts = gh_arena_array(ctx->arena, c->n_features + 1, sizeof *c->arg_texts);
	if (!c->slots || !c->masked || !c->matches || !c->arg_texts)
		return gh_nomem(ctx);
	memset(c->slots, 0xff, size * sizeof *c->slots);
	c->slot_mask = size - 1;
	for (uint32_t i = 0; i < c->n_features; i++)
		put_feature(c, i);
	return GH_OK;
}

uint32_t gh_caps_text(const gh_caps *c, gh_feature_kind kind, gh_bytes text)
{
	for (uint32_t h = hash(kind, 0, 0, text); c->slots[h & c->slot_mask] != UINT32_MAX; h++) {
		uint32_t i = c->slots[h & c->slot_mask];
		if (c->features[i].kind == kind && gh_bytes_eq(gh_feature_text(c, &c->features[i]), text))
			return i;
	}
	return GH_NONE;
}

uint32_t gh_caps_number(const gh_caps *c, gh_feature_kind kind, unsigned index, uint64_t number, bool mips)
{
	gh_bytes none = { NULL, 0 };
	for (uint32_t h = hash(kind, mips ? index | OF_MIPS : index, number, none);
	     c->slots[h & c->slot_mask] != UINT32_MAX; h++) {
		uint32_t i = c->slots[h & c->slot_mask];
		const gh_feature *f = &c->features[i];
		if (f->kind == kind && f->index == index && (mips ? f->mips : f->number) == number)
			return i;
	}
	return GH_NONE;
}

uint32_t gh_caps_arg_text(const gh_caps *c, unsigned index, uint32_t of)
{
	gh_bytes none = { NULL, 0 };
	for (uint32_t h = hash(GH_F_ARG_TEXT, index, of, none); c->slots[h & c->slot_mask] != UINT32_MAX; h++) {
		uint32_t i = c->slots[h & c->slot_mask];
		const gh_feature *f = &c->features[i];
		if (f->kind == GH_F_ARG_TEXT && f->index == index && f->of == of)
			return i;
	}
	return GH_NONE;
}
