/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a program's tables to the places of features. Functions are taken in their order, so that the
 * hits of each feature are sorted by function.
 */
#include <stdlib.h>

#include "cap/hits_in.h"

/* A function that wraps a system call is small; the tail of a long text is looked up with the whole of it. */
enum { WRAPPER_SIZE = 256, WRAPPER_CALLS = 3, HANDED_CALLS = 6, TAIL_MOST = 4096 };

typedef struct extract {
	gh_ctx *ctx;
	gh_cap_hits *h;
	gh_searcher *texts;
	bool mips;
	uint32_t *pool, n_pool, room_pool; /* features of texts */
	uint32_t *first;                   /* by string: its features in pool */
	uint32_t *bytes, n_bytes;          /* features that are bytes and stand in the file … */
	uint64_t *bytes_at;                /* … there */
	gh_code code;
} extract;

gh_code gh_cap_add(gh_ctx *ctx, gh_cap_hits *h, uint32_t feature, gh_cap_hit hit)
{
	gh_cap_list *l = &h->lists[feature];
	if (l->n == GH_CAP_HITS_MOST) {
		h->cut = true;
		return GH_OK;
	}
	if (l->n == l->room) {
		uint32_t room = l->room ? l->room * 2 : 8;
		gh_cap_hit *items = gh_arena_grow(ctx->arena, l->items, l->room * sizeof *items, room * sizeof *items);
		if (!items)
			return gh_nomem(ctx);
		l->items = items;
		l->room = room;
	}
	l->items[l->n++] = hit;
	return GH_OK;
}

static void add(extract *e, uint32_t feature, gh_cap_hit hit)
{
	if (feature != GH_NONE && e->code == GH_OK)
		e->code = gh_cap_add(e->ctx, e->h, feature, hit);
}

/* ---- texts ---- */

static void push(extract *e, uint32_t feature)
{
	if (feature == GH_NONE || e->code)
		return;
	if (e->n_pool == e->room_pool) {
		uint32_t room = e->room_pool ? e->room_pool * 2 : 256;
		uint32_t *grown =
			gh_arena_grow(e->ctx->scratch, e->pool, e->room_pool * sizeof *grown, room * sizeof *grown);
		if (!grown) {
			e->code = gh_nomem(e->ctx);
			return;
		}
		e->pool = grown;
		e->room_pool = room;
	}
	e->pool[e->n_pool++] = feature;
}

static bool on_text(void *arg, unsigned id, uint64_t at)
{
	(void)at;
	push(arg, id);
	return true;
}

static void look_up(extract *e, gh_bytes text)
{
	push(e, gh_caps_text(e->h->caps, GH_F_STRING, text));
	if (e->texts && e->code == GH_OK)
		e->code = gh_searcher_run(e->ctx, e->texts, text, on_text, e);
}

static void all_texts(extract *e)
{
	const gh_program *p = e->h->p;
	for (uint32_t i = 0; i < p->n_strings && e->code == GH_OK; i++) {
		e->first[i] = e->n_pool;
		look_up(e, p->strings[i].bytes);
	}
	e->first[p->n_strings] = e->n_pool;
}

/* A value that is text, or points to bytes that rules know. */
static void text_value(extract *e, gh_value v, gh_cap_hit hit, int argument)
{
	const gh_program *p = e->h->p;
	gh_bytes text = gh_value_view(p, v);
	for (uint32_t i = 0; i < e->n_bytes; i++)
		if (gh_bytes_start(text, gh_feature_text(e->h->caps, &e->h->caps->features[e->bytes[i]])))
			add(e, e->bytes[i], hit);
	if (v.kind != GH_STRING || v.index >= p->n_strings)
		return;
	uint32_t from = e->first[v.index], end = e->first[v.index + 1], keep = e->n_pool;
	bool tail = v.number != p->strings[v.index].address && text.len <= TAIL_MOST;
	if (tail) {
		from = e->n_pool;
		look_up(e, text);
		end = e->n_pool;
	}
	for (uint32_t i = from; i < end; i++) {
		uint32_t feature = e->pool[i];
		add(e, feature, hit);
		if (argument >= 0)
			add(e, gh_caps_arg_text(e->h->caps, (unsigned)argument, feature), hit);
	}
	e->n_pool = keep;
}

/* Texts that no code uses, those that data point to among them, and bytes. */
static void of_nobody(extract *e, const bool *used)
{
	const gh_program *p = e->h->p;
	for (uint32_t i = 0; i < p->n_strings; i++)
		for (uint32_t k = e->first[i]; !used[i] && k < e->first[i + 1]; k++)
			add(e, e->pool[k], (gh_cap_hit){ p->strings[i].address, GH_NONE, GH_NONE, GH_NONE });
	for (uint32_t i = 0; i < e->n_bytes; i++)
		add(e, e->bytes[i], (gh_cap_hit){ e->bytes_at[i], GH_NONE, GH_NONE, GH_NONE });
}

static bool on_bytes(void *arg, unsigned id, uint64_t at)
{
	extract *e = arg;
	if (e->n_bytes < e->h->caps->n_features) {
		e->bytes_at[e->n_bytes] = at;
		e->bytes[e->n_bytes++] = id;
	}
	return true;
}

static void find_bytes(extract *e)
{
	gh_searcher *s = e->h->caps->searches[GH_SEARCH_BYTES]
				 ? gh_searcher_new(e->ctx, e->h->caps->searches[GH_SEARCH_BYTES])
				 : NULL;
	e->bytes = gh_arena_array(e->ctx->scratch, e->h->caps->n_features + 1, sizeof *e->bytes);
	e->bytes_at = gh_arena_array(e->ctx->scratch, e->h->caps->n_features + 1, sizeof *e->bytes_at);
	if (!e->bytes || !e->bytes_at || (e->h->caps->searches[GH_SEARCH_BYTES] && !s))
		e->code = gh_nomem(e->ctx);
	else if (s)
		e->code = gh_searcher_run(e->ctx, s, e->h->p->file, on_bytes, e);
	gh_searcher_free(s);
}

/* ---- numbers ---- */

static void number(extract *e, gh_feature_kind kind, unsigned index, uint64_t n, gh_cap_hit hit)
{
	const gh_caps *c = e->h->caps;
	n = gh_cap_number(n);
	add(e, gh_caps_number(c, kind, index, n, e->mips), hit);
	for (uint32_t i = 0; i < c->n_masked; i++) {
		const gh_feature *f = &c->features[c->masked[i]];
		if (f->kind == kind && f->index == index && (n & f->mask) == (e->mips ? f->mips : f->number) &&
		    n >> 32 == 0)
			add(e, c->masked[i], hit);
	}
}

/* ---- names ---- */

/* The same function goes by several names: "__read_chk" and "open64" are what rules call read and open. */
static void name(extract *e, gh_feature_kind kind, const char *text, gh_cap_hit hit)
{
	gh_bytes b = gh_view_text(text);
	add(e, gh_caps_text(e->h->caps, kind, b), hit);
	gh_bytes plain = b;
	if (gh_bytes_start(b, GH_LIT("__GI_")))
		plain = gh_bytes_part(b, 5, b.len);
	else if (gh_bytes_start(b, GH_LIT("__isoc99_")) || gh_bytes_start(b, GH_LIT("__isoc23_")))
		plain = gh_bytes_part(b, 9, b.len);
	else if (gh_bytes_start(b, GH_LIT("__libc_")))
		plain = gh_bytes_part(b, 7, b.len);
	else if (gh_bytes_start(b, GH_LIT("__")))
		plain = gh_bytes_part(b, 2, b.len);
	if (gh_bytes_end(plain, GH_LIT("_chk")))
		plain.len -= 4;
	if (gh_bytes_end(plain, GH_LIT("64")))
		plain.len -= 2;
	if (plain.len > 1 && plain.len < b.len)
		add(e, gh_caps_text(e->h->caps, kind, plain), hit);
}

/* Programs without a C library of their own name: functions that do nothing but a system call. */
static void find_wrappers(extract *e)
{
	const gh_program *p = e->h->p;
	for (uint32_t i = 0; i < p->n_functions; i++) {
		const gh_function *f = &p->functions[i];
		const char *only = NULL;
		unsigned n = 0;
		for (uint32_t k = f->call; k < f->call + f->n_calls && f->n_calls <= WRAPPER_CALLS; k++)
			if (p->calls[k].kind == GH_CALL_SYSCALL) {
				only = p->calls[k].name;
				n++;
			}
		e->h->wrapped[i] = n == 1 && f->size <= WRAPPER_SIZE ? only : NULL;
	}
}

/* ---- functions ---- */

static void characteristic(extract *e, gh_characteristic which, gh_cap_hit hit, bool there)
{
	if (there)
		add(e, gh_caps_number(e->h->caps, GH_F_CHARACTERISTIC, which, 0, false), hit);
}

static void traits(extract *e, uint32_t i)
{
	const gh_function *f = &e->h->p->functions[i];
	gh_cap_hit hit = { f->address, i, GH_NONE, GH_NONE };
	characteristic(e, GH_CH_LOOP, hit, f->traits & GH_FN_LOOP);
	characteristic(e, GH_CH_RECURSIVE, hit, f->traits & GH_FN_RECURSIVE);
	characteristic(e, GH_CH_INDIRECT, hit, f->traits & GH_FN_INDIRECT_CALL);
	characteristic(e, GH_CH_TIGHT_XOR, hit, f->traits & GH_FN_TIGHT_XOR);
	characteristic(e, GH_CH_CALLS_FROM, hit, f->n_calls > 0);
	characteristic(e, GH_CH_CALLS_TO, hit, f->by & GH_BY_CALL);
	if (f->name)
		name(e, GH_F_FUNCTION, f->name, hit);
}

static void block(extract *e, uint32_t i, uint32_t blocks)
{
	const gh_block *b = &e->h->p->blocks[i];
	gh_cap_hit hit = { b->address, b->function, i, GH_NONE };
	characteristic(e, GH_CH_TIGHT_LOOP, hit, b->flags & GH_BB_TIGHT);
	characteristic(e, GH_CH_NZXOR, hit, b->flags & GH_BB_NZXOR);
	characteristic(e, GH_CH_STACK_STRING, hit, b->flags & GH_BB_STACK_STRING);
	characteristic(e, GH_CH_SWITCH, hit, b->flags & GH_BB_SWITCH);
	add(e, blocks, hit);
}

static void argument(extract *e, unsigned index, gh_value v, gh_cap_hit hit)
{
	if (v.kind == GH_NUMBER)
		number(e, GH_F_ARG_NUMBER, index, v.number, hit);
	else if (v.kind == GH_STRING || v.kind == GH_DATA)
		text_value(e, v, hit, (int)index);
}

/* A small function that hands its arguments on, as xsocket() of busybox does: who calls it calls what it calls. True
 * where it is one. */
static bool through(extract *e, const gh_call *c, gh_cap_hit hit)
{
	const gh_program *p = e->h->p;
	const gh_function *f = &p->functions[c->target];
	bool found = false;
	if (f->n_calls > HANDED_CALLS || f->traits & GH_FN_THUNK)
		return false;
	for (uint32_t i = f->call; i < f->call + f->n_calls; i++) {
		const gh_call *inner = &p->calls[i];
		bool handed = false;
		for (unsigned k = 0; k < inner->n_values; k++)
			handed |= gh_call_argument(p, inner, k).kind == GH_PARAMETER;
		if (!handed || (inner->kind != GH_CALL_IMPORT && inner->kind != GH_CALL_SYSCALL) || !inner->name)
			continue;
		found = true;
		name(e, GH_F_API, inner->name, hit);
		for (unsigned k = 0; k < inner->n_values; k++) {
			gh_value v = gh_call_argument(p, inner, k);
			argument(e, k, v.kind == GH_PARAMETER ? gh_call_argument(p, c, v.index) : v, hit);
		}
	}
	return found;
}

static void call(extract *e, uint32_t i)
{
	const gh_program *p = e->h->p;
	const gh_call *c = &p->calls[i];
	gh_cap_hit hit = { c->address, c->function, c->block, i };
	const char *wrapped = c->target != GH_NONE ? e->h->wrapped[c->target] : NULL;
	if (c->name) {
		name(e, GH_F_API, c->name, hit);
		if (c->kind == GH_CALL_SYSCALL)
			name(e, GH_F_SYSCALL, c->name, hit);
	}
	if (wrapped && (!c->name || strcmp(wrapped, c->name) != 0))
		name(e, GH_F_API, wrapped, hit);
	bool handed = !wrapped && c->target != GH_NONE && through(e, c, hit);
	for (unsigned k = 0; k < c->n_values; k++) {
		gh_value v = gh_call_argument(p, c, k);
		if (v.kind == GH_NUMBER)
			number(e, GH_F_NUMBER, 0, v.number, hit);
		if (!handed)
			argument(e, k, v, hit);
		else if (v.kind == GH_STRING || v.kind == GH_DATA)
			text_value(e, v, hit, -1);
	}
}

static void use(extract *e, uint32_t function, const gh_use *u)
{
	gh_cap_hit hit = { u->address, function, u->block, GH_NONE };
	if (u->value.kind == GH_NUMBER) {
		number(e, GH_F_NUMBER, 0, u->value.number, hit);
		if (u->how == GH_USE_COMPARE)
			number(e, GH_F_COMPARE, 0, u->value.number, hit);
	}
	if (u->value.kind == GH_STRING || u->value.kind == GH_DATA)
		text_value(e, u->value, hit, -1);
}

static void mark_used(const gh_program *p, bool *used)
{
	for (uint32_t i = 0; i < p->n_users; i++)
		if (p->users[i].function != GH_NONE)
			used[p->users[i].string] = true;
}

static void functions(extract *e)
{
	const gh_program *p = e->h->p;
	uint32_t blocks = e->h->caps->has_blocks ? gh_caps_text(e->h->caps, GH_F_BLOCKS, GH_LIT("")) : GH_NONE;
	for (uint32_t i = 0; i < p->n_functions && e->code == GH_OK; i++) {
		const gh_function *f = &p->functions[i];
		traits(e, i);
		for (uint32_t k = f->block; k < f->block + f->n_blocks; k++)
			block(e, k, blocks);
		/* What a stub jumps to is told of its callers. */
		for (uint32_t k = f->call; k < f->call + f->n_calls && !(f->traits & GH_FN_THUNK); k++)
			call(e, k);
		for (uint32_t k = f->use; k < f->use + f->n_uses; k++)
			use(e, i, &p->uses[k]);
	}
}

static void whole_file(extract *e)
{
	const gh_caps *c = e->h->caps;
	const char *cpu = e->h->p->cpu ? e->h->p->cpu : "";
	for (uint32_t i = 0; i < c->n_features; i++) {
		const gh_feature *f = &c->features[i];
		gh_bytes text = gh_feature_text(c, f);
		bool any = gh_bytes_eq(text, GH_LIT("any"));
		e->h->everywhere[i] = (f->kind == GH_F_OS && (any || gh_bytes_eq(text, GH_LIT("linux")))) ||
				      (f->kind == GH_F_ARCH && (any || gh_bytes_eq(text, gh_view_text(cpu)))) ||
				      (f->kind == GH_F_FORMAT && (any || gh_bytes_eq(text, GH_LIT("elf"))));
	}
	for (uint32_t i = 0; i < e->h->p->n_imports; i++)
		name(e, GH_F_IMPORT, e->h->p->imports[i].name, (gh_cap_hit){ 0, GH_NONE, GH_NONE, GH_NONE });
}

static gh_code prepare(extract *e)
{
	gh_cap_hits *h = e->h;
	const gh_program *p = h->p;
	h->lists = gh_arena_array(e->ctx->arena, h->caps->n_features + 1, sizeof *h->lists);
	h->everywhere = gh_arena_array(e->ctx->arena, h->caps->n_features + 1, sizeof *h->everywhere);
	h->wrapped = gh_arena_array(e->ctx->arena, p->n_functions + 1, sizeof *h->wrapped);
	h->reached = gh_arena_array(e->ctx->arena, p->n_functions + 1, sizeof *h->reached);
	e->first = gh_arena_array(e->ctx->scratch, p->n_strings + 1, sizeof *e->first);
	if (!h->lists || !h->everywhere || !h->wrapped || !h->reached || !e->first)
		return gh_nomem(e->ctx);
	if (h->caps->searches[GH_SEARCH_TEXTS] &&
	    !(e->texts = gh_searcher_new(e->ctx, h->caps->searches[GH_SEARCH_TEXTS])))
		return GH_NOMEM;
	return GH_OK;
}

gh_code gh_cap_extract(gh_ctx *ctx, gh_cap_hits *h)
{
	extract e = { .ctx = ctx, .h = h };
	e.mips = h->p->cpu && strncmp(h->p->cpu, "mips", 4) == 0;
	bool *used = gh_arena_array(ctx->scratch, h->p->n_strings + 1, sizeof *used);
	e.code = used ? prepare(&e) : gh_nomem(ctx);
	if (e.code == GH_OK) {
		mark_used(h->p, used);
		find_wrappers(&e);
		all_texts(&e);
	}
	if (e.code == GH_OK)
		find_bytes(&e);
	if (e.code == GH_OK) {
		functions(&e);
		of_nobody(&e, used);
		whole_file(&e);
	}
	gh_searcher_free(e.texts);
	return e.code;
}
