/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/settle - when all code was walked: edges, boundaries once more, loops, names.
 */
#include "asm/work_in.h"

enum { NEAR = 5 };

typedef struct settle {
	gh_work *w;
	gh_function *f;
	gh_block *b;
	gh_call *c;
	uint32_t *edges;
	uint32_t *least; /* the first block that this one or a later one of its function leads to */
} settle;

/* Where blocks begin: a bit for each place of 32, and the first block that begins there. */
typedef struct rank {
	uint32_t bits, first;
} rank;

static unsigned ones(uint32_t v)
{
	v -= v >> 1 & 0x55555555;
	v = (v & 0x33333333) + (v >> 2 & 0x33333333);
	return ((v + (v >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

/* The block of a function that begins at a place. */
static uint32_t block_at(const rank *ranks, const gh_function *f, uint32_t unit)
{
	const rank *r = &ranks[unit / 32];
	uint32_t bit = (uint32_t)1 << unit % 32;
	uint32_t block = r->first + ones(r->bits & (bit - 1));
	return r->bits & bit && block - f->block < f->n_blocks ? block : GH_NONE;
}

static void resolve_region(settle *s, const gh_region *r, rank *ranks, uint32_t from, uint32_t to)
{
	const gh_block *b = s->b;
	for (uint32_t i = s->f[from].block; from < to && i < s->f[to - 1].block + s->f[to - 1].n_blocks; i++) {
		uint64_t unit = gh_unit_of(s->w, r, b[i].address);
		rank *k = &ranks[unit / 32];
		k->first = k->bits ? k->first : i;
		k->bits |= (uint32_t)1 << unit % 32;
	}
	for (const gh_function *f = s->f + from; f < s->f + to; f++) {
		for (uint32_t i = f->block; i < f->block + f->n_blocks; i++) {
			for (unsigned j = 0; j < 2; j++)
				if (s->b[i].next[j] != GH_NONE)
					s->b[i].next[j] = block_at(ranks, f, s->b[i].next[j]);
			for (uint32_t j = s->b[i].edge; j < s->b[i].edge + s->b[i].n_edges; j++)
				s->edges[j] = block_at(ranks, f, s->edges[j]);
		}
	}
}

/* From places to blocks. A way into the middle of a block leads nowhere. */
static gh_code resolve(settle *s)
{
	uint32_t to = 0;
	for (uint32_t i = 0; i < s->w->n_regions; i++) {
		const gh_region *r = &s->w->regions[i];
		uint32_t from = to;
		while (to < s->w->functions.n && s->f[to].address - r->code.address < r->code.bytes.len)
			to++;
		rank *ranks =
			from < to ? gh_arena_zalloc(s->w->ctx->scratch, (r->units / 32 + 1) * sizeof *ranks) : NULL;
		if (ranks)
			resolve_region(s, r, ranks, from, to);
		else if (from < to)
			return gh_nomem(s->w->ctx);
	}
	return GH_OK;
}

static uint32_t farthest(const settle *s, uint32_t i, bool least)
{
	const gh_block *b = &s->b[i];
	uint32_t way = i;
	for (uint32_t j = 0; j < 2 + b->n_edges; j++) {
		uint32_t to = j < 2 ? b->next[j] : s->edges[b->edge + j - 2];
		if (to != GH_NONE)
			way = least ? GH_MIN(way, to) : GH_MAX(way, to);
	}
	return way;
}

/* Code that nothing before leads to, and that leads to nothing before, is a function of its own. */
static gh_code split(settle *s, gh_vec *out)
{
	gh_work *w = s->w;
	uint32_t use = 0;
	const gh_use *uses = w->uses.ptr;
	for (uint32_t n = 0; n < w->functions.n; n++) {
		const gh_function *f = &s->f[n];
		const gh_region *r = gh_region_at(w, f->address);
		uint32_t end = f->block + f->n_blocks, most = f->block;
		for (uint32_t i = end; i-- > f->block;)
			s->least[i] = GH_MIN(farthest(s, i, true), i + 1 < end ? s->least[i + 1] : GH_NONE);
		bool open = false;
		gh_function *now = NULL;
		for (uint32_t i = f->block; r && i < end; i++) {
			unsigned m = r->marks[gh_unit_of(w, r, s->b[i].address)];
			bool alone = i > f->block && (m & GH_M_ENDED) && most < i && s->least[i] >= i;
			if (!now || (alone && (!open || m & (GH_M_PROLOGUE | GH_M_POINTED)))) {
				now = gh_vec_add(w, out);
				if (!now)
					return w->code;
				*now = *f;
				now->block = i;
				now->call = s->b[i].call;
				now->n_blocks = now->n_calls = now->n_uses = 0;
				if (i > f->block) {
					now->by = (m & GH_M_PROLOGUE ? GH_BY_PROLOGUE : 0) |
						  (m & GH_M_POINTED ? GH_BY_POINTER : 0);
					now->by |= now->by ? 0 : GH_BY_REST;
				}
				now->address = s->b[i].address;
				now->use = use;
				open = false;
			}
			open = open || (s->b[i].flags & GH_BB_UNKNOWN);
			most = GH_MAX(most, farthest(s, i, false));
			s->b[i].function = out->n - 1;
			now->n_blocks++;
			now->n_calls += s->b[i].n_calls;
			now->size = s->b[i].address + s->b[i].size - now->address;
			for (; use < w->uses.n && uses[use].block == i; use++)
				now->n_uses++;
		}
	}
	return GH_OK;
}

static void loops(settle *s, gh_function *f)
{
	bool returns = false;
	for (uint32_t i = f->block; i < f->block + f->n_blocks; i++) {
		gh_block *b = &s->b[i];
		for (uint32_t j = 0; j < 2 + b->n_edges; j++) {
			uint32_t to = j < 2 ? b->next[j] : s->edges[b->edge + j - 2];
			if (to == GH_NONE || to > i)
				continue;
			s->b[to].flags |= GH_BB_LOOP;
			b->flags |= to == i ? GH_BB_TIGHT : 0;
			f->traits |= GH_FN_LOOP;
		}
		if (b->flags & GH_BB_NZXOR)
			f->traits |= GH_FN_NZXOR | (b->flags & GH_BB_TIGHT ? GH_FN_TIGHT_XOR : 0);
		f->traits |= b->flags & GH_BB_STACK_STRING ? GH_FN_STACK_STRING : 0;
		returns = returns || (b->flags & (GH_BB_RETURN | GH_BB_UNKNOWN));
		for (uint32_t j = b->call; j < b->call + b->n_calls; j++)
			s->c[j].function = b->function;
	}
	f->traits |= returns ? 0 : GH_FN_NO_RETURN;
	s->w->p->counts.code_bytes += f->size;
}

uint32_t gh_function_at(const gh_work *w, uint64_t address)
{
	const gh_function *f = w->p->functions;
	const gh_region *r = gh_region_at(w, address);
	if (!r || !r->near)
		return GH_NONE;
	uint32_t i = r->near[gh_unit_of(w, r, address) >> NEAR];
	while (i < w->p->n_functions && f[i].address <= address)
		i++;
	return i && address - f[i - 1].address < f[i - 1].size ? i - 1 : GH_NONE;
}

/* For each piece of a region the first function that begins in it or later. */
static gh_code functions_near(settle *s, gh_region *r)
{
	uint64_t n = (r->units >> NEAR) + 1;
	uint32_t *near = gh_arena_array(s->w->ctx->scratch, n, sizeof *near), at = 0;
	if (!near)
		return gh_nomem(s->w->ctx);
	while (at < s->w->p->n_functions && s->f[at].address < r->code.address)
		at++;
	for (uint64_t i = 0; i < n; i++) {
		while (at < s->w->p->n_functions && gh_unit_of(s->w, r, s->f[at].address) >> NEAR < i)
			at++;
		near[i] = at;
	}
	r->near = near;
	return GH_OK;
}

static const gh_symbol *symbol_at(const gh_symbol *t, uint32_t n, uint64_t address)
{
	uint32_t low = 0, high = n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (t[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && t[low].address == address ? &t[low] : NULL;
}

/* One way through it: something else that looked like a jump may have cut it in pieces. */
static bool is_straight(const settle *s, const gh_function *f)
{
	for (uint32_t i = f->block; i + 1 < f->block + f->n_blocks; i++)
		if (s->b[i].next[0] != i + 1 || s->b[i].next[1] != GH_NONE || s->b[i].n_edges ||
		    s->b[i].flags & GH_BB_RETURN)
			return false;
	return true;
}

/* Names from symbols; a jump to an import and nothing else bears its name. */
static void name(settle *s, gh_function *f)
{
	const gh_image *image = s->w->image;
	const gh_symbol *y = symbol_at(image->symbols, image->n_symbols, f->address);
	const gh_symbol *stub = symbol_at(image->stubs, image->n_stubs, f->address);
	const gh_call *c = f->n_calls ? &s->c[f->call] : NULL;
	if (y && y->code) {
		f->name = y->name;
		f->by |= GH_BY_SYMBOL;
	}
	for (uint32_t i = 0; i < image->n_starts; i++)
		if (gh_code_at(s->w->abi, image->starts[i]) == f->address)
			f->by |= GH_BY_ENTRY;
	bool jump = f->n_calls == 1 && c->tail && c->kind == GH_CALL_IMPORT && is_straight(s, f);
	uint32_t import = stub ? (uint32_t)stub->size : jump ? c->import : GH_NONE;
	if (import == GH_NONE || import >= image->n_imports)
		return;
	f->traits |= GH_FN_THUNK;
	f->name = f->name ? f->name : image->imports[import].name;
}

static uint32_t thunk_of(const settle *s, uint32_t function);

/* A jump to such a jump: from Thumb to the PLT. */
static void pass_on(settle *s, gh_function *f)
{
	gh_call *c = f->n_calls == 1 && is_straight(s, f) ? &s->c[f->call] : NULL;
	if (!c || !c->tail || c->kind != GH_CALL_LOCAL)
		return;
	uint32_t to = gh_function_at(s->w, gh_code_at(s->w->abi, c->number));
	if (to == GH_NONE || s->f[to].address != gh_code_at(s->w->abi, c->number) || !(s->f[to].traits & GH_FN_THUNK))
		return;
	c->import = thunk_of(s, to);
	c->kind = GH_CALL_IMPORT;
	f->traits |= GH_FN_THUNK;
	f->name = f->name ? f->name : s->f[to].name;
}

static uint32_t thunk_of(const settle *s, uint32_t function)
{
	const gh_function *f = &s->f[function];
	const gh_symbol *stub = symbol_at(s->w->image->stubs, s->w->image->n_stubs, f->address);
	return stub ? (uint32_t)stub->size : s->c[f->call].import;
}

static void call(settle *s, uint32_t i)
{
	gh_work *w = s->w;
	gh_asm_counts *n = &w->p->counts;
	gh_call *c = &s->c[i];
	gh_function *from = &s->f[c->function];
	if (c->kind == GH_CALL_LOCAL || c->kind == GH_CALL_GOT) {
		c->target = gh_function_at(w, gh_code_at(w->abi, c->number));
		gh_function *to = c->target == GH_NONE ? NULL : &s->f[c->target];
		if (to && to->address == gh_outer_entry(w, gh_code_at(w->abi, c->number)))
			to->by |= GH_BY_CALL;
		if (to && to->traits & GH_FN_THUNK) {
			c->kind = GH_CALL_IMPORT;
			c->import = thunk_of(s, c->target);
		} else if (to) {
			c->name = to->name;
			if (c->target == c->function && !c->tail)
				from->traits |= GH_FN_RECURSIVE;
		}
	}
	if (c->kind == GH_CALL_IMPORT && c->import < w->image->n_imports) {
		c->name = w->image->imports[c->import].name;
		w->image->imports[c->import].n_calls++;
	}
	if (c->kind == GH_CALL_SYSCALL) {
		uint64_t at = c->number - (uint64_t)w->abi->sys_first;
		if (c->number != UINT64_MAX && at < *w->abi->n_sys_names)
			c->name = w->abi->sys_names[at];
		n->syscalls_unnamed += c->name == NULL;
	}
	if (!c->indirect || from->traits & GH_FN_THUNK)
		return;
	n->to_import += c->kind == GH_CALL_IMPORT;
	n->to_local += c->kind == GH_CALL_GOT;
	n->to_table += c->kind == GH_CALL_TABLE;
	n->unresolved += c->kind == GH_CALL_UNRESOLVED;
	if (c->kind == GH_CALL_UNRESOLVED || c->kind == GH_CALL_TABLE)
		from->traits |= GH_FN_INDIRECT_CALL;
}

static void take_imports(settle *s)
{
	const gh_value *v = s->w->values.ptr;
	for (uint32_t i = 0; i < s->w->values.n; i++)
		if (v[i].kind == GH_IMPORT && v[i].index < s->w->image->n_imports)
			s->w->image->imports[v[i].index].taken = true;
}

/* The C library is started with main as its first argument, or as a word of a record. */
static void find_main(settle *s)
{
	gh_program *p = s->w->p;
	p->entry = gh_function_at(s->w, gh_code_at(s->w->abi, s->w->image->entry));
	for (uint32_t i = 0; i < p->n_functions && p->main == GH_NONE; i++)
		if (s->f[i].name && strcmp(s->f[i].name, "main") == 0)
			p->main = i;
	uint32_t from = p->entry;
	for (unsigned step = 0; step < 3 && from != GH_NONE && p->main == GH_NONE; step++) {
		const gh_function *f = &s->f[from];
		from = GH_NONE;
		for (uint32_t i = f->call; i < f->call + f->n_calls && p->main == GH_NONE; i++) {
			gh_value v = gh_call_argument(p, &s->c[i], 0), record = gh_call_argument(p, &s->c[i], 5);
			if (v.kind == GH_DATA || record.kind == GH_DATA) { /* PowerPC: {0, main, init, fini} */
				uint64_t at = (record.kind == GH_DATA ? record.number : v.number) + s->w->abi->bytes;
				gh_val word = gh_image_load(s->w->image, at, s->w->abi->bytes);
				if (v.kind != GH_FUNCTION)
					v = gh_value_of(s->w, word);
			}
			if (v.kind == GH_FUNCTION)
				p->main = gh_function_at(s->w, v.number);
			else if (from == GH_NONE)
				from = s->c[i].target;
		}
	}
	if (p->main != GH_NONE && !s->f[p->main].name) {
		s->f[p->main].name = "main";
		s->f[p->main].by |= GH_BY_ENTRY;
	}
}

gh_code gh_code_settle(gh_work *w)
{
	settle s = { .w = w, .f = w->functions.ptr, .b = w->blocks.ptr, .c = w->calls.ptr, .edges = w->edges.ptr };
	gh_vec out = { .size = sizeof(gh_function) };
	gh_program *p = w->p;
	s.least = gh_arena_array(w->ctx->scratch, w->blocks.n, sizeof *s.least);
	if (!s.least)
		return gh_nomem(w->ctx);
	gh_code code = resolve(&s);
	if (!code)
		code = split(&s, &out);
	if (code)
		return code;
	s.f = out.ptr;
	if (!s.f)
		return GH_OK; /* no code at all */
	p->functions = s.f;
	p->n_functions = out.n;
	p->blocks = s.b;
	p->n_blocks = w->blocks.n;
	p->calls = s.c;
	p->n_calls = w->calls.n;
	p->edges = s.edges;
	p->n_edges = w->edges.n;
	p->values = w->values.ptr;
	p->n_values = w->values.n;
	for (uint32_t i = 0; i < w->n_regions; i++) {
		code = functions_near(&s, &w->regions[i]);
		if (code)
			return code;
	}
	for (uint32_t i = 0; i < out.n; i++)
		loops(&s, &s.f[i]);
	for (uint32_t i = 0; i < out.n; i++)
		name(&s, &s.f[i]);
	for (uint32_t i = 0; i < out.n; i++)
		pass_on(&s, &s.f[i]);
	find_main(&s);
	for (uint32_t i = 0; i < p->n_calls; i++)
		call(&s, i);
	take_imports(&s);
	return GH_OK;
}
