/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From candidates to claims: the search nominates, measure() proves, the stronger proof wins.
 */
#include "unpack/nominate.h"
#include "unpack/unpack_in.h"

#include <stdlib.h>

/* More candidates than this in one region are chance or spite; the rest is told about. */
enum { CANDIDATES_MOST = 1 << 18, REFUSED_MOST = 4 };

struct candidate {
	uint64_t at; /* relative to the region */
	unsigned format;
};

struct candidates {
	gh_arena *arena;
	struct candidate *items;
	size_t count, room;
	bool full, no_memory;
};

static bool nominate(void *arg, unsigned id, uint64_t at)
{
	struct candidates *c = arg;
	uint64_t back = gh_nominate_magic(id)->at;
	if (at < back)
		return true;
	if (c->count == CANDIDATES_MOST) {
		c->full = true;
		return false;
	}
	if (c->count == c->room) {
		size_t room = c->room ? c->room * 2 : 64;
		struct candidate *grown =
			gh_arena_grow(c->arena, c->items, c->room * sizeof *grown, room * sizeof *grown);
		if (!grown) {
			c->no_memory = true;
			return false;
		}
		c->items = grown;
		c->room = room;
	}
	c->items[c->count++] = (struct candidate){ at - back, id / GH_MAGICS };
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->format > y->format) - (x->format < y->format);
}

static gh_code remember(gh_ctx *ctx, gh_arena *arena, gh_note **list, gh_code code, uint64_t at, const char *text)
{
	gh_note *note = gh_arena_zalloc(arena, sizeof *note);
	if (!note)
		return gh_nomem(ctx);
	*note = (gh_note){ .code = code, .at = at, .text = text };
	while (*list)
		list = &(*list)->next;
	*list = note;
	return GH_OK;
}

/* Proof before place: does `a` win an overlap against `b`? */
static bool wins(const gh_claim *a, const gh_claim *b)
{
	return a->span.proof > b->span.proof;
}

/* Measures format at `at` within bytes. A claim that fails leaves no arena behind. */
static gh_code measure(gh_member *m, const gh_format *format, gh_bytes bytes, uint64_t pos, uint64_t at, gh_claim *ret)
{
	gh_budget *budget = m->ctx.budget;
	int64_t left = budget ? atomic_load(&budget->bytes_left) : INT64_MAX;
	/* One stream may take half of what is left, so that a bomb starves nobody behind it. */
	uint64_t half = GH_MAX((uint64_t)(left < 0 ? 0 : left) / 2, GH_MIB(1));
	uint64_t ceiling = budget && budget->piece ? GH_MIN(half, budget->piece) : half;
	gh_arena *arena = gh_arena_new((size_t)GH_MIN(ceiling, (uint64_t)SIZE_MAX / 4));
	if (!arena)
		return gh_nomem(&m->ctx);
	gh_ctx ctx = { .arena = arena, .scratch = m->ctx.scratch, .budget = budget };
	gh_cur c = gh_cur_over(gh_bytes_part(bytes, at, bytes.len), pos + at);
	*ret = (gh_claim){ .at = pos + at, .format = format, .arena = arena };
	gh_arena_reset(m->ctx.scratch);
	gh_code code = format->measure(&ctx, c, &ret->span);
	if (code == GH_OK && (ret->span.size == 0 || ret->span.size > c.left))
		code = gh_fail(&ctx, GH_CORRUPT, c.pos, "%s says it has no size", format->name);
	if (code == GH_NOMEM && gh_arena_left(arena) < GH_MIB(1)) {
		if (budget)
			atomic_store(&budget->spent, true);
		code = gh_fail(&ctx, GH_LIMIT, c.pos, "%s needs more memory than one piece may have", format->name);
	}
	gh_bytes read = gh_bytes_part(bytes, at, code == GH_OK ? ret->span.size : bytes.len);
	gh_behind(&m->ctx, read.ptr, GH_MIN(read.len, (size_t)GH_PASS));
	ret->shared_ceiling = ceiling == half;
	if (code == GH_OK)
		return GH_OK;
	gh_arena_free(arena);
	*ret = (gh_claim){ 0 };
	if (ctx.code == code)
		gh_trouble(&m->ctx, code, ctx.at, "%s", ctx.what);
	else
		gh_trouble(&m->ctx, code, c.pos, "%s: %s", format->name, gh_code_name(code));
	return code;
}

static gh_code note_loser(gh_ctx *ctx, gh_claim *winner, const gh_format *format, uint64_t at, uint64_t size,
			  gh_proof proof)
{
	char *text =
		gh_arena_printf(winner->arena, "also reads as %s, %llu bytes from 0x%llx on (proof: %s)", format->name,
				(unsigned long long)size, (unsigned long long)at, gh_proof_name(proof));
	return text ? remember(ctx, winner->arena, &winner->notes, GH_OK, at, text) : gh_nomem(ctx);
}

static gh_code add_claim(gh_member *m, gh_arena *arena, gh_claims *claims, const gh_claim *claim)
{
	if (claims->count == claims->room) {
		size_t room = claims->room ? claims->room * 2 : 16;
		gh_claim *grown =
			gh_arena_grow(arena, claims->items, claims->room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(&m->ctx);
		claims->items = grown;
		claims->room = room;
	}
	claims->items[claims->count++] = *claim;
	return GH_OK;
}

/* A weaker claim gives way: what it has before the stronger one is measured anew. */
static gh_code clip(gh_member *m, gh_bytes bytes, uint64_t pos, gh_claims *claims, gh_claim *winner)
{
	gh_claim loser = claims->items[--claims->count];
	gh_code code = note_loser(&m->ctx, winner, loser.format, loser.at, loser.span.size, loser.span.proof);
	gh_arena_free(loser.arena);
	if (code != GH_OK || winner->at == loser.at)
		return code;
	gh_claim again;
	gh_bytes before = gh_bytes_part(bytes, 0, winner->at - pos);
	code = measure(m, loser.format, before, pos, loser.at - pos, &again);
	if (code == GH_OK)
		claims->items[claims->count++] = again; /* the room is there: it was just left */
	return gh_is_about_input(code) ? GH_OK : code;
}

/* Must this candidate be measured, given the claim it lies in? */
static bool worth_measuring(const gh_claim *over, uint64_t at)
{
	if (!over || at >= over->at + over->span.size)
		return true;
	return over->span.proof < GH_PROOF_PARSED;
}

static gh_code settle(gh_member *m, gh_arena *arena, gh_bytes bytes, uint64_t pos, gh_claim *claim, gh_claims *claims)
{
	gh_claim *last = claims->count ? &claims->items[claims->count - 1] : NULL;
	if (last && claim->at < last->at + last->span.size) {
		bool inside = claim->at + claim->span.size <= last->at + last->span.size;
		bool in_container = last->format->kind == GH_NODE_CONTAINER && claim->at > last->at;
		/* Inside a container it will be found again, as its child. */
		if ((inside && in_container) || !wins(claim, last)) {
			gh_code code = GH_OK;
			if (!in_container && !(inside && claim->at > last->at))
				code = note_loser(&m->ctx, last, claim->format, claim->at, claim->span.size,
						  claim->span.proof);
			gh_arena_free(claim->arena);
			return code;
		}
		gh_code code = clip(m, bytes, pos, claims, claim);
		if (code != GH_OK) {
			gh_arena_free(claim->arena);
			return code;
		}
	}
	gh_code code = add_claim(m, arena, claims, claim);
	if (code != GH_OK)
		gh_arena_free(claim->arena);
	return code;
}

/* A magic of four fixed bytes and more that leads nowhere is worth a word in the gap it stands in;
 * what any bytes may look like is not. */
static bool telling(const gh_format *format, gh_code code)
{
	const gh_magic *magic = &format->magic[0];
	return code != GH_NOT_MINE && magic->length >= 4 && !strpbrk(magic->pattern, ".[");
}

gh_code gh_claims_find(gh_member *m, gh_arena *arena, gh_bytes bytes, uint64_t pos, gh_claims *ret)
{
	struct candidates found = { .arena = arena };
	unsigned refused = 0;
	*ret = (gh_claims){ 0 };
	gh_code code = gh_searcher_run(&m->ctx, m->searcher, bytes, nominate, &found);
	if (code != GH_OK)
		return code;
	if (found.no_memory)
		return gh_nomem(&m->ctx);
	if (found.full) {
		code = remember(&m->ctx, arena, &ret->refused, GH_LIMIT, pos + found.items[found.count - 1].at,
				"too many candidates: what starts behind here was not looked for");
		if (code != GH_OK)
			return code;
	}
	if (found.count > 1)
		qsort(found.items, found.count, sizeof *found.items, by_place);
	for (size_t i = 0; i < found.count && !gh_given_up(m->job) && !gh_cancelled(&m->ctx); i++) {
		const struct candidate *c = &found.items[i];
		if (i > 0 && by_place(c, c - 1) == 0)
			continue;
		const gh_format *format = gh_formats[c->format];
		if (!worth_measuring(ret->count ? &ret->items[ret->count - 1] : NULL, pos + c->at))
			continue;
		gh_claim claim;
		code = measure(m, format, bytes, pos, c->at, &claim);
		if (code == GH_OK)
			code = settle(m, arena, bytes, pos, &claim, ret);
		else if (telling(format, code) && gh_is_about_input(code) && refused++ < REFUSED_MOST) {
			char *text = gh_arena_printf(arena, "not %s: %s", format->name, m->ctx.what);
			code = text ? remember(&m->ctx, arena, &ret->refused, code, pos + c->at, text)
				    : gh_nomem(&m->ctx);
		}
		if (code != GH_OK && !gh_is_about_input(code))
			return code;
	}
	return GH_OK;
}

void gh_claims_free(gh_claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		gh_arena_free(claims->items[i].arena);
	claims->count = 0;
}
