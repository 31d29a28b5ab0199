/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All rules over one program: those of small scopes first, then what an entry leads to, then the file.
 *
 * The first entry of a program is main, with all functions that pointers in its data name: handlers, modules. Others
 * are functions that nothing calls: threads, exported ones. Where one file is many programs (busybox), each function of
 * its table is an entry of its own. Who was reached from an entry before is no entry.
 */
#include <stdlib.h>

#include "bytes/cur.h"
#include "cap/hits_in.h"

/* What may be spent on a program: hits looked at, functions walked over. */
enum { STEPS_MOST = 50000000, REACH_LEAST = 1 << 16, REACH_EACH = 64 };

typedef struct matching {
	gh_ctx *ctx;
	gh_cap_hits *h;
	gh_cap_asking ask;
	gh_cap_match *first;                    /* by rule: where it matched first; count 0 where it did not */
	uint32_t *units, n_units, *marks, mark; /* places where a rule may hold */
	gh_code code;
} matching;

/* A rule holds there: it is remembered, and is a feature for those that build on it. */
static void found(matching *m, uint32_t r, const gh_cap_place *at)
{
	const gh_caps *c = m->h->caps;
	gh_cap_match *match = &m->first[r];
	if (match->count++ == 0)
		*match = (gh_cap_match){ &c->rules[r], at->address, at->function, at->block, at->call, 1 };
	for (uint32_t i = 0; i < c->n_matches && m->code == GH_OK; i++)
		if (gh_cap_rule_is(&c->rules[r], gh_feature_text(c, &c->features[c->matches[i]])))
			m->code = gh_cap_add(m->ctx, m->h, c->matches[i],
					     (gh_cap_hit){ at->address, at->function, at->block, at->call });
}

static uint32_t unit_of(uint32_t scope, const gh_cap_hit *hit)
{
	return scope == GH_S_FUNCTION ? hit->function : scope == GH_S_BLOCK ? hit->block : hit->call;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Functions, blocks or calls with at least one thing that the rule asks for. */
static void gather(matching *m, const gh_cap_rule *rule)
{
	const gh_caps *c = m->h->caps;
	m->n_units = 0;
	m->mark++;
	for (uint32_t k = rule->root; k < c->nodes[rule->root].end; k++) {
		if (c->nodes[k].op != GH_N_FEATURE)
			continue;
		const gh_cap_list *l = &m->h->lists[c->nodes[k].feature];
		for (uint32_t i = 0; i < l->n; i++) {
			uint32_t unit = unit_of(rule->scope, &l->items[i]);
			if (unit == GH_NONE || m->marks[unit] == m->mark)
				continue;
			m->marks[unit] = m->mark;
			m->units[m->n_units++] = unit;
		}
	}
	qsort(m->units, m->n_units, sizeof *m->units, by_number);
}

static gh_cap_place place_of_unit(const gh_program *p, uint32_t scope, uint32_t unit)
{
	gh_cap_place place = { .scope = scope, .function = unit, .block = GH_NONE, .call = GH_NONE };
	if (scope == GH_S_CALL) {
		place.call = unit;
		place.block = p->calls[unit].block;
		place.function = p->calls[unit].function;
		place.address = p->calls[unit].address;
	} else if (scope == GH_S_BLOCK) {
		place.block = unit;
		place.function = p->blocks[unit].function;
		place.address = p->blocks[unit].address;
	} else {
		place.address = p->functions[unit].address;
	}
	return place;
}

static void small_rule(matching *m, uint32_t r)
{
	const gh_cap_rule *rule = &m->h->caps->rules[r];
	uint32_t scope = rule->scope == GH_S_INSTRUCTION ? (uint32_t)GH_S_BLOCK : rule->scope;
	gh_cap_rule as = *rule;
	as.scope = (uint8_t)scope;
	gather(m, &as);
	for (uint32_t i = 0; i < m->n_units && m->code == GH_OK; i++) {
		gh_cap_place place = place_of_unit(m->h->p, scope, m->units[i]);
		if (gh_cap_holds(&m->ask, rule->root, &place))
			found(m, r, &place);
	}
}

static void rules_at(matching *m, const gh_cap_place *place)
{
	const gh_caps *c = m->h->caps;
	for (uint32_t r = 0; r < c->n_rules && m->code == GH_OK; r++)
		if (c->rules[r].scope == place->scope && (m->first[r].count == 0 || place->scope == GH_S_FILE) &&
		    gh_cap_holds(&m->ask, c->rules[r].root, place))
			found(m, r, place);
}

static bool is_called(const gh_program *p, uint32_t f)
{
	return (p->functions[f].by & GH_BY_CALL) || (p->functions[f].traits & GH_FN_THUNK);
}

gh_code gh_cap_reach(gh_ctx *ctx, gh_cap_hits *h, uint32_t root, uint32_t stamp, uint64_t *steps)
{
	const gh_program *p = h->p;
	uint32_t *stack = h->stack;
	uint32_t n = 0;
	if (!stack)
		stack = h->stack = gh_arena_array(ctx->arena, p->n_functions + 1, sizeof *stack);
	if (!stack)
		return gh_nomem(ctx);
#define TO(function)                                                                                                   \
	do {                                                                                                           \
		uint32_t to_ = (function);                                                                             \
		if (to_ < p->n_functions && h->reached[to_] != stamp) {                                                \
			h->reached[to_] = stamp;                                                                       \
			stack[n++] = to_;                                                                              \
		}                                                                                                      \
	} while (0)
	TO(root);
	while (n > 0) {
		const gh_function *f = &p->functions[stack[--n]];
		*steps += 1 + f->n_calls / 8 + f->n_uses / 16;
		for (uint32_t i = f->call; i < f->call + f->n_calls; i++) {
			TO(p->calls[i].target);
			for (unsigned k = 0; k < p->calls[i].n_values; k++) {
				gh_value v = gh_call_argument(p, &p->calls[i], k);
				if (v.kind == GH_FUNCTION)
					TO(v.index);
			}
		}
		for (uint32_t i = f->use; i < f->use + f->n_uses; i++)
			if (p->uses[i].value.kind == GH_FUNCTION)
				TO(p->uses[i].value.index);
	}
#undef TO
	return GH_OK;
}

/* Is it many programs in one file, chosen by a name? */
static bool is_many(const gh_program *p)
{
	static const gh_bytes words[] = { GH_INIT("applet not found"), GH_INIT("toybox") };
	for (uint32_t i = 0; i < p->n_strings; i++)
		for (size_t k = 0; k < GH_COUNT(words); k++)
			if (p->strings[i].bytes.len >= words[k].len &&
			    memmem(p->strings[i].bytes.ptr, p->strings[i].bytes.len, words[k].ptr, words[k].len))
				return true;
	return false;
}

static gh_code reach_place(gh_ctx *ctx, gh_cap_hits *h, const gh_cap_place *place, uint64_t *steps)
{
	const gh_program *p = h->p;
	gh_code code = gh_cap_reach(ctx, h, place->function, place->stamp, steps);
	if (!place->wide)
		return code;
	if (code == GH_OK && p->entry < p->n_functions)
		code = gh_cap_reach(ctx, h, p->entry, place->stamp, steps);
	bool many = is_many(p);
	for (uint32_t i = 0; i < p->n_functions && code == GH_OK && !many; i++)
		if ((p->functions[i].by & GH_BY_POINTER) && h->reached[i] != place->stamp)
			code = gh_cap_reach(ctx, h, i, place->stamp, steps);
	return code;
}

/* Has it a beginning? Of a library each exported function is one, whatever its header names as an entry. */
static bool is_program(const gh_program *p)
{
	gh_cur c = gh_cur_over(p->file, 0);
	gh_skip(&c, 16);
	uint16_t type = gh_u16(&c, p->file.len > 5 && p->file.ptr[5] == 2);
	return p->main < p->n_functions || type == 2; /* ET_EXEC */
}

static gh_cap_place root_place(const gh_program *p, uint32_t root)
{
	return (gh_cap_place){ .scope = GH_S_PROGRAM,
			       .function = root,
			       .block = GH_NONE,
			       .call = GH_NONE,
			       .address = p->functions[root].address,
			       .stamp = root + 1,
			       .wide = (root == p->main || root == p->entry) && is_program(p) };
}

gh_code gh_cap_place_of(gh_ctx *ctx, gh_cap_hits *h, const gh_cap_match *match, gh_cap_place *ret)
{
	uint64_t steps = 0;
	*ret = (gh_cap_place){
		match->rule->scope, match->function, match->block, match->call, match->address, 0, false
	};
	if (match->rule->scope == GH_S_INSTRUCTION)
		ret->scope = GH_S_BLOCK;
	if (match->rule->scope != GH_S_PROGRAM)
		return GH_OK;
	*ret = root_place(h->p, match->function);
	memset(h->reached, 0, h->p->n_functions * sizeof *h->reached);
	return reach_place(ctx, h, ret, &steps);
}

static void from_root(matching *m, uint32_t root, uint64_t *steps, bool *seen)
{
	const gh_program *p = m->h->p;
	uint64_t most = REACH_LEAST + (uint64_t)REACH_EACH * p->n_functions;
	if (root >= p->n_functions || seen[root] || m->code != GH_OK)
		return;
	if (*steps > most) {
		m->h->cut = true;
		return;
	}
	gh_cap_place place = root_place(p, root);
	m->code = reach_place(m->ctx, m->h, &place, steps);
	for (uint32_t i = 0; i < p->n_functions; i++)
		seen[i] |= m->h->reached[i] == place.stamp;
	rules_at(m, &place);
}

static void from_roots(matching *m)
{
	const gh_program *p = m->h->p;
	uint64_t steps = 0;
	bool *seen = gh_arena_array(m->ctx->scratch, p->n_functions + 1, sizeof *seen);
	if (!seen) {
		m->code = gh_nomem(m->ctx);
		return;
	}
	from_root(m, p->main, &steps, seen);
	from_root(m, p->entry, &steps, seen);
	/* What nothing names in a program that begins at main is what the linker took along. ARM puts many an
	 * address together in ways that are not seen. */
	bool begins = p->main < p->n_functions, arm = p->cpu && strcmp(p->cpu, "arm") == 0;
	uint32_t named = GH_BY_POINTER | GH_BY_ENTRY | GH_BY_SYMBOL;
	named = begins ? named | (arm ? (uint32_t)GH_BY_PROLOGUE : 0U) : UINT32_MAX;
	for (uint32_t i = 0; i < p->n_functions; i++)
		if (!is_called(p, i) && (p->functions[i].by & named))
			from_root(m, i, &steps, seen);
	for (uint32_t i = 0; i < p->n_functions && !begins; i++)
		from_root(m, i, &steps, seen);
}

static int by_name(const void *a, const void *b)
{
	const gh_cap_match *x = a, *y = b;
	return strcmp(x->rule->name, y->rule->name);
}

static gh_code collect(matching *m, gh_cap_found *ret)
{
	const gh_caps *c = m->h->caps;
	gh_cap_match *all = gh_arena_array(m->ctx->arena, c->n_rules + 1, sizeof *all);
	if (!all)
		return gh_nomem(m->ctx);
	for (uint32_t r = 0; r < c->n_rules; r++)
		if (m->first[r].count)
			all[ret->n++] = m->first[r];
	qsort(all, ret->n, sizeof *all, by_name);
	ret->matches = all;
	ret->cut = m->h->cut || m->ask.steps > m->ask.most;
	ret->hits = m->h;
	return GH_OK;
}

gh_code gh_caps_match(gh_ctx *ctx, const gh_caps *caps, const gh_program *p, gh_cap_found *ret)
{
	matching m = { .ctx = ctx, .h = gh_arena_zalloc(ctx->arena, sizeof *m.h) };
	size_t units = GH_MAX(GH_MAX(p->n_functions, p->n_blocks), p->n_calls) + (size_t)1;
	*ret = (gh_cap_found){ .n = 0 };
	m.first = gh_arena_array(ctx->arena, caps->n_rules + 1, sizeof *m.first);
	m.units = gh_arena_array(ctx->scratch, units, sizeof *m.units);
	m.marks = gh_arena_array(ctx->scratch, units, sizeof *m.marks);
	if (!m.h || !m.first || !m.units || !m.marks)
		return gh_nomem(ctx);
	m.h->caps = caps;
	m.h->p = p;
	m.ask = (gh_cap_asking){ m.h, 0, STEPS_MOST };
	m.code = gh_cap_extract(ctx, m.h);
	for (uint32_t r = 0; r < caps->n_rules && m.code == GH_OK; r++)
		if (caps->rules[r].scope < GH_S_PROGRAM)
			small_rule(&m, r);
	if (m.code == GH_OK)
		from_roots(&m);
	gh_cap_place file = { .scope = GH_S_FILE, .function = GH_NONE, .block = GH_NONE, .call = GH_NONE };
	if (m.code == GH_OK)
		rules_at(&m, &file);
	return m.code == GH_OK ? collect(&m, ret) : m.code;
}

bool gh_cap_at_home(const gh_cap_rule *rule, gh_bytes path)
{
	size_t start = path.len;
	while (start > 0 && path.ptr[start - 1] != '/')
		start--;
	gh_bytes name = gh_bytes_part(path, start, path.len);
	if (name.len == 0)
		return false;
	for (const char *line = rule->homes; *line;) {
		const char *end = strchr(line, '\n');
		size_t len = end ? (size_t)(end - line) : strlen(line);
		bool more = len > 0 && line[len - 1] == '*';
		gh_bytes home = gh_view(line, len - more);
		if (more ? gh_bytes_start(name, home) : gh_bytes_eq(name, home))
			return true;
		line += len + (end != NULL);
	}
	return false;
}
