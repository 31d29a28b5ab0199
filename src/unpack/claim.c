/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From candidates to claims: the search nominates, measure() proves, the stronger proof wins.
 */
#include "unpack/space.h"

enum { REFUSED_MOST = 4 };

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

gh_code gh_claim_measure(gh_member *m, const gh_format *format, gh_bytes bytes, uint64_t pos, uint64_t at,
			 gh_claim *ret)
{
	gh_budget *budget = m->ctx.budget;
	int64_t left = budget ? atomic_load(&budget->bytes_left) : INT64_MAX;
	/* One stream may take half of what is left, so that a bomb starves nobody behind it. */
	uint64_t half = GH_MAX((uint64_t)(left < 0 ? 0 : left) / 2, GH_MIB(1));
	uint64_t ceiling = budget && budget->piece ? GH_MIN(half, budget->piece) : half;
	gh_arena *arena = gh_arena_new((size_t)GH_MIN(ceiling, (uint64_t)SIZE_MAX / 4));
	if (!arena)
		return gh_nomem(&m->ctx);
	gh_arena_use(arena, budget ? budget->store : NULL);
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
	code = gh_claim_measure(m, loser.format, before, pos, loser.at - pos, &again);
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

/* A telling magic that leads nowhere is worth a word in the gap it stands in; what any bytes may look
 * like is not. */
static bool worth_a_word(const gh_format *format, gh_code code)
{
	return code != GH_NOT_MINE && format->magic[0].length >= 4 && !strpbrk(format->magic[0].pattern, ".[");
}

static gh_code prove(gh_member *m, gh_space *space, const gh_candidate *c, gh_bytes bytes, uint64_t pos, gh_claim *ret)
{
	if (gh_space_take(m, space, c, pos + bytes.len, ret))
		return GH_OK;
	return gh_claim_measure(m, gh_formats[c->format], bytes, pos, c->at - pos, ret);
}

/* A part may begin where its container does (the container is all cipher, or has no head): what the container was
 * proven to be there it is not once more. */
static bool is_known(const gh_node *within, const gh_format *format, uint64_t at)
{
	for (const gh_node *n = within; n && n->at == at && !n->opens_space; n = n->up)
		if (n->kind == GH_NODE_CONTAINER && n->format && strcmp(n->format, format->name) == 0)
			return true;
	return false;
}

gh_code gh_claims_find(gh_member *m, gh_space *space, const gh_node *within, gh_arena *arena, gh_bytes bytes,
		       uint64_t pos, gh_claims *ret)
{
	unsigned refused = 0;
	gh_code code = GH_OK;
	*ret = (gh_claims){ 0 };
	if (space->searched < pos + bytes.len) {
		code = remember(&m->ctx, arena, &ret->refused, GH_LIMIT, GH_MAX(space->searched, pos),
				"too many candidates: what starts behind here was not looked for");
		if (code != GH_OK)
			return code;
	}
	for (size_t i = gh_space_from(space, pos); i < space->count && space->items[i].at < pos + bytes.len; i++) {
		const gh_candidate *c = &space->items[i];
		const gh_format *format = gh_formats[c->format];
		if (gh_given_up(m->job) || gh_cancelled(&m->ctx))
			break;
		if (!worth_measuring(ret->count ? &ret->items[ret->count - 1] : NULL, c->at) ||
		    is_known(within, format, c->at))
			continue;
		gh_claim claim;
		code = prove(m, space, c, bytes, pos, &claim);
		if (code == GH_OK)
			code = settle(m, arena, bytes, pos, &claim, ret);
		else if (worth_a_word(format, code) && gh_is_about_input(code) && refused++ < REFUSED_MOST) {
			char *text = gh_arena_printf(arena, "not %s: %s", format->name, m->ctx.what);
			code = text ? remember(&m->ctx, arena, &ret->refused, code, c->at, text) : gh_nomem(&m->ctx);
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
