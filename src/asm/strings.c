/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/strings - the table of all texts, and who uses them.
 *
 * Until here a value that points to text names a run; short texts have none yet. Both get their
 * place in the table; then users are collected in the order of functions, counted string by string,
 * and each is written at its string's place: what is an argument before what is not.
 */
#include <stdlib.h>

#include "asm/work_in.h"

typedef struct settle {
	gh_work *w;
	gh_string *all;
	uint32_t *places; /* of runs: in `all` */
	gh_string *shorts;
	uint32_t *short_places;
	uint32_t n_shorts;
	gh_vec users;
} settle;

static int by_address(const void *a, const void *b)
{
	const gh_string *x = a, *y = b;
	return (x->address > y->address) - (x->address < y->address);
}

/* A short text that code points to becomes a string of its own. */
static gh_code add_short(gh_work *w, const gh_value *v, gh_vec *more)
{
	gh_told text;
	if (v->kind != GH_STRING || v->index != GH_NONE || !gh_text_at(w, v->number, &text))
		return GH_OK;
	const gh_span *span = gh_span_at(w->image->spans, w->image->n_spans, v->number);
	gh_string *s = gh_vec_add(w, more);
	if (!s)
		return w->code;
	*s = (gh_string){ v->number, text.bytes, 0, 0, span && span->write };
	return GH_OK;
}

static gh_code find_shorts(settle *s)
{
	gh_work *w = s->w;
	gh_vec more = { .size = sizeof(gh_string) };
	gh_code code = GH_OK;
	for (uint32_t i = 0; i < w->uses.n && !code; i++)
		code = add_short(w, &((gh_use *)w->uses.ptr)[i].value, &more);
	for (uint32_t i = 0; i < w->values.n && !code; i++)
		code = add_short(w, (gh_value *)w->values.ptr + i, &more);
	if (more.n > 1)
		qsort(more.ptr, more.n, sizeof(gh_string), by_address);
	s->shorts = more.ptr;
	for (uint32_t i = 0; i < more.n; i++)
		if (s->n_shorts == 0 || s->shorts[s->n_shorts - 1].address != s->shorts[i].address)
			s->shorts[s->n_shorts++] = s->shorts[i];
	return code;
}

/* Runs and short texts, by address. */
static gh_code all_strings(settle *s)
{
	gh_work *w = s->w;
	const gh_string *runs = w->runs.ptr;
	uint32_t n = 0, j = 0;
	s->all = gh_arena_array(w->ctx->arena, (size_t)w->runs.n + s->n_shorts, sizeof *s->all);
	s->places = gh_arena_array(w->ctx->scratch, (size_t)w->runs.n, sizeof *s->places);
	s->short_places = gh_arena_array(w->ctx->scratch, (size_t)s->n_shorts, sizeof *s->short_places);
	if (!s->all || !s->places || !s->short_places)
		return gh_nomem(w->ctx);
	for (uint32_t i = 0; i <= w->runs.n; i++) {
		while (j < s->n_shorts && (i == w->runs.n || s->shorts[j].address < runs[i].address)) {
			s->short_places[j] = n;
			s->all[n++] = s->shorts[j++];
		}
		if (i == w->runs.n)
			break;
		s->places[i] = n;
		s->all[n++] = runs[i];
	}
	w->p->strings = s->all;
	w->p->n_strings = n;
	return GH_OK;
}

static uint32_t short_at(const settle *s, uint64_t address)
{
	gh_string key = { .address = address };
	const gh_string *found = s->n_shorts ? bsearch(&key, s->shorts, s->n_shorts, sizeof key, by_address) : NULL;
	return found ? s->short_places[found - s->shorts] : GH_NONE;
}

static void index_value(const settle *s, gh_value *v)
{
	if (v->kind == GH_STRING)
		v->index = v->index == GH_NONE ? short_at(s, v->number) : s->places[v->index];
	else if (v->kind == GH_FUNCTION)
		v->index = gh_function_at(s->w, v->number);
}

static void add_user(settle *s, const gh_value *v, uint64_t address, uint32_t function, uint32_t call)
{
	gh_string_user *u = v->index == GH_NONE ? NULL : gh_vec_add(s->w, &s->users);
	if (!u)
		return;
	*u = (gh_string_user){ address, v->index, function, call };
	s->all[v->index].n_users++;
}

static void users_of_function(settle *s, uint32_t function)
{
	const gh_work *w = s->w;
	const gh_function *f = &w->p->functions[function];
	gh_use *uses = w->uses.ptr;
	gh_value *values = w->values.ptr;
	for (uint32_t i = f->call; i < f->call + f->n_calls; i++) {
		const gh_call *c = &w->p->calls[i];
		for (unsigned j = 0; j < c->n_values; j++) {
			gh_value *v = &values[c->value + j];
			index_value(s, v);
			if (v->kind == GH_STRING)
				add_user(s, v, c->address, function, i);
		}
	}
	for (uint32_t i = f->use; i < f->use + f->n_uses; i++) {
		gh_use *u = &uses[i];
		index_value(s, &u->value);
		if (u->value.kind == GH_STRING)
			add_user(s, &u->value, u->address, function, GH_NONE);
	}
}

/* Pointers that the loader writes to the beginning of a text. */
static void users_in_data(settle *s)
{
	const gh_image *image = s->w->image;
	gh_told text;
	for (uint32_t i = 0; i < image->n_slots; i++) {
		uint64_t a = gh_val_plain(image->slots[i].val);
		if (gh_val_kind(image->slots[i].val) != V_ADDRESS || !gh_text_at(s->w, a, &text))
			continue;
		gh_value v = { a, text.run, GH_STRING };
		index_value(s, &v);
		if (v.index != GH_NONE && s->all[v.index].address == a)
			add_user(s, &v, image->slots[i].address, GH_NONE, GH_NONE);
	}
}

/* Is it listed already, as an argument of the call that it was made for? */
static bool again(const gh_string_user *last, const gh_string_user *u)
{
	return last->function == u->function && u->function != GH_NONE && u->call == GH_NONE && last->call != GH_NONE;
}

static gh_code list_users(settle *s)
{
	gh_program *p = s->w->p;
	const gh_string_user *u = s->users.ptr;
	gh_string_user *listed = gh_arena_array(s->w->ctx->arena, (size_t)s->users.n + 1, sizeof *listed);
	uint32_t n = 0;
	if (!listed)
		return gh_nomem(s->w->ctx);
	for (uint32_t i = 0; i < p->n_strings; i++) {
		s->all[i].user = n;
		n += s->all[i].n_users;
		s->all[i].n_users = 0;
	}
	for (uint32_t i = 0; i < s->users.n; i++, u++) {
		gh_string *to = &s->all[u->string];
		if (to->n_users == 0 || !again(&listed[to->user + to->n_users - 1], u))
			listed[to->user + to->n_users++] = *u;
	}
	p->users = listed;
	p->n_users = n;
	return GH_OK;
}

gh_code gh_strings_settle(gh_work *w)
{
	gh_program *p = w->p;
	settle s = { .w = w, .users.size = sizeof(gh_string_user) };
	gh_code code = find_shorts(&s);
	if (!code)
		code = all_strings(&s);
	if (code)
		return code;
	for (uint32_t i = 0; i < p->n_functions; i++)
		users_of_function(&s, i);
	users_in_data(&s);
	p->uses = w->uses.ptr;
	p->n_uses = w->uses.n;
	p->values = w->values.ptr;
	p->n_values = w->values.n;
	return w->code ? w->code : list_users(&s);
}
