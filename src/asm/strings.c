/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/strings - the texts of a file and who uses them.
 *
 * A run is printable bytes that end in NUL, four or more of them, anywhere outside code. Shorter
 * ones count only where code points to them. One pass over the bytes; whatever points into a run is
 * found by search, so that a thousand pointers into one long text cost no more than a thousand steps.
 */
#include <stdlib.h>

#include "asm/work_in.h"

enum { SHORT = 4 };

/* Printable ASCII, the usual controls, and bytes that UTF-8 and the encodings of Asia are made of. */
static bool is_text(uint8_t c)
{
	if (c >= 0x20)
		return c < 0x7f || (c >= 0xa1 && c != 0xff);
	return (c >= 7 && c <= 13) || c == 0x1b;
}

static gh_code runs_in(gh_work *w, gh_bytes b, uint64_t address, bool writable)
{
	size_t start = 0;
	for (size_t i = 0; i < b.len; i++) {
		if (is_text(b.ptr[i]))
			continue;
		size_t plain = 0;
		if (b.ptr[i] == 0 && i - start >= SHORT) {
			for (size_t j = start; j < i && plain < SHORT; j++)
				plain = b.ptr[j] >= 0x20 && b.ptr[j] < 0x7f ? plain + 1 : 0;
		}
		if (plain >= SHORT) {
			gh_string *s = gh_vec_add(w, &w->runs);
			if (!s)
				return w->code;
			*s = (gh_string){ address + start, { b.ptr + start, i - start }, 0, 0, writable };
		}
		start = i + 1;
	}
	return GH_OK;
}

/* The parts of a span that are no code. */
static gh_code runs_of(gh_work *w, const gh_span *s)
{
	const gh_image *image = w->image;
	uint64_t at = s->address, end = s->address + s->bytes.len;
	gh_code code = GH_OK;
	for (uint32_t i = 0; i < image->n_code && !code; i++) {
		const gh_span *c = &image->code[i];
		if (c->address < at || c->address >= end)
			continue;
		code = runs_in(w, gh_bytes_part(s->bytes, at - s->address, c->address - at), at, s->write);
		at = GH_MIN(end, c->address + c->bytes.len);
	}
	return code ? code : runs_in(w, gh_bytes_part(s->bytes, at - s->address, end - at), at, s->write);
}

gh_code gh_runs_find(gh_work *w)
{
	for (uint32_t i = 0; i < w->image->n_spans; i++) {
		gh_code code = runs_of(w, &w->image->spans[i]);
		if (code)
			return code;
	}
	return GH_OK;
}

/* The last text that begins at or before an address; GH_NONE. */
static uint32_t string_at(const gh_string *s, uint32_t n, uint64_t address)
{
	uint32_t low = 0, high = n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (s[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low && address - s[low - 1].address < s[low - 1].bytes.len ? low - 1 : GH_NONE;
}

bool gh_text_at(const gh_work *w, uint64_t address, gh_bytes *text)
{
	const gh_span *s = gh_span_at(w->image->spans, w->image->n_spans, address);
	if (!s)
		return false;
	gh_bytes b = gh_bytes_part(s->bytes, address - s->address, SHORT * 2);
	size_t n = 0;
	while (n < b.len && is_text(b.ptr[n]))
		n++;
	if (n < b.len) { /* it ends here */
		*text = (gh_bytes){ b.ptr, n };
		return n > 0 && b.ptr[n] == 0;
	}
	uint32_t i = string_at(w->runs.ptr, w->runs.n, address);
	if (i == GH_NONE)
		return false;
	const gh_string *run = (const gh_string *)w->runs.ptr + i;
	*text = gh_bytes_part(run->bytes, address - run->address, run->bytes.len);
	return true;
}

gh_value gh_value_of(const gh_work *w, gh_val v)
{
	gh_bytes text;
	uint64_t n = gh_val_plain(v);
	switch (gh_val_kind(v)) {
	case V_NUMBER:
		return (gh_value){ w->abi->bytes == 4 ? (uint32_t)n : (uint64_t)gh_val_signed(v), GH_NONE, GH_NUMBER };
	case V_ADDRESS:
		if (gh_region_at(w, n))
			return (gh_value){ gh_code_at(w->abi, n), GH_NONE, GH_FUNCTION };
		if (gh_text_at(w, n, &text))
			return (gh_value){ n, GH_NONE, GH_STRING };
		return (gh_value){ n, GH_NONE,
				   gh_span_at(w->image->spans, w->image->n_spans, n) ? GH_DATA : GH_NUMBER };
	case V_IMPORT:
		return (gh_value){ 0, (uint32_t)n, GH_IMPORT };
	case V_STACK:
		return (gh_value){ (uint64_t)gh_val_signed(v), GH_NONE, GH_STACK };
	case V_RESULT:
		return (gh_value){ 0, (uint32_t)n, GH_RESULT };
	case V_PARAM:
		return (gh_value){ 0, (uint32_t)n, GH_PARAMETER };
	default:
		return (gh_value){ 0, GH_NONE, GH_UNKNOWN };
	}
}

static int by_address(const void *a, const void *b)
{
	const gh_string *x = a, *y = b;
	return (x->address > y->address) - (x->address < y->address);
}

/* A short text that code points to becomes a string of its own. */
static gh_code add_short(gh_work *w, const gh_value *v, gh_vec *more)
{
	gh_bytes text;
	if (v->kind != GH_STRING || string_at(w->runs.ptr, w->runs.n, v->number) != GH_NONE ||
	    !gh_text_at(w, v->number, &text))
		return GH_OK;
	const gh_span *span = gh_span_at(w->image->spans, w->image->n_spans, v->number);
	gh_string *s = gh_vec_add(w, more);
	if (!s)
		return w->code;
	*s = (gh_string){ v->number, text, 0, 0, span && span->write };
	return GH_OK;
}

static gh_code all_strings(gh_work *w)
{
	gh_program *p = w->p;
	gh_vec more = { .size = sizeof(gh_string) };
	gh_code code = GH_OK;
	for (uint32_t i = 0; i < w->uses.n && !code; i++)
		code = add_short(w, &((gh_use *)w->uses.ptr)[i].value, &more);
	for (uint32_t i = 0; i < w->values.n && !code; i++)
		code = add_short(w, (gh_value *)w->values.ptr + i, &more);
	if (code)
		return code;
	gh_string *all = gh_arena_array(w->ctx->arena, (size_t)w->runs.n + more.n, sizeof *all);
	if (!all)
		return gh_nomem(w->ctx);
	if (more.n > 1)
		qsort(more.ptr, more.n, sizeof(gh_string), by_address);
	const gh_string *a = w->runs.ptr, *b = more.ptr;
	uint32_t n = 0;
	for (uint32_t i = 0, j = 0; i < w->runs.n || j < more.n;) {
		bool first = j == more.n || (i < w->runs.n && a[i].address < b[j].address);
		const gh_string *s = first ? &a[i++] : &b[j++];
		if (n == 0 || all[n - 1].address != s->address)
			all[n++] = *s;
	}
	p->strings = all;
	p->n_strings = n;
	return GH_OK;
}

static void index_value(const gh_program *p, gh_value *v)
{
	if (v->kind == GH_STRING)
		v->index = string_at(p->strings, p->n_strings, v->number);
	else if (v->kind == GH_FUNCTION)
		v->index = gh_program_function_at(p, v->number);
}

/* Users are counted string by string, then written each at its string's place: by function, and what is
 * an argument before what is not. */
typedef struct listing {
	gh_work *w;
	gh_string *strings;
	gh_string_user *users; /* NULL while they are counted */
} listing;

static void list(listing *l, const gh_string_user *user)
{
	gh_string *s = &l->strings[user->string];
	if (!l->users) {
		s->n_users++;
		return;
	}
	const gh_string_user *last = s->n_users ? &l->users[s->user + s->n_users - 1] : NULL;
	bool again = last && last->function == user->function && user->function != GH_NONE && user->call == GH_NONE &&
		     last->call != GH_NONE;
	if (!again) /* or it was made for the call that is listed already */
		l->users[s->user + s->n_users++] = *user;
}

static void list_function(listing *l, uint32_t function)
{
	const gh_work *w = l->w;
	const gh_function *f = &w->p->functions[function];
	const gh_use *uses = w->uses.ptr;
	const gh_value *values = w->values.ptr;
	for (uint32_t i = f->call; i < f->call + f->n_calls; i++) {
		const gh_call *c = &w->p->calls[i];
		for (unsigned j = 0; j < c->n_values; j++) {
			const gh_value *v = &values[c->value + j];
			if (v->kind == GH_STRING && v->index != GH_NONE)
				list(l, &(gh_string_user){ c->address, v->index, function, i });
		}
	}
	for (uint32_t i = f->use; i < f->use + f->n_uses; i++) {
		const gh_value *v = &uses[i].value;
		if (v->kind == GH_STRING && v->index != GH_NONE)
			list(l, &(gh_string_user){ uses[i].address, v->index, function, GH_NONE });
	}
}

/* Pointers that the loader writes to the beginning of a text. */
static void list_data(listing *l)
{
	const gh_program *p = l->w->p;
	const gh_image *image = l->w->image;
	for (uint32_t i = 0; i < image->n_slots; i++) {
		gh_val v = image->slots[i].val;
		uint32_t s =
			gh_val_kind(v) == V_ADDRESS ? string_at(p->strings, p->n_strings, gh_val_plain(v)) : GH_NONE;
		if (s != GH_NONE && p->strings[s].address == gh_val_plain(v))
			list(l, &(gh_string_user){ image->slots[i].address, s, GH_NONE, GH_NONE });
	}
}

static void list_all(listing *l)
{
	for (uint32_t i = 0; i < l->w->p->n_functions; i++)
		list_function(l, i);
	list_data(l);
}

static gh_code users(gh_work *w)
{
	gh_program *p = w->p;
	listing l = { .w = w, .strings = (gh_string *)(uintptr_t)p->strings };
	uint64_t n = 0;
	list_all(&l);
	for (uint32_t i = 0; i < p->n_strings; i++) {
		l.strings[i].user = (uint32_t)n;
		n += l.strings[i].n_users;
		l.strings[i].n_users = 0;
	}
	l.users = gh_arena_array(w->ctx->arena, n + 1, sizeof *l.users);
	if (!l.users)
		return gh_nomem(w->ctx);
	list_all(&l);
	p->users = l.users;
	p->n_users = (uint32_t)n;
	return GH_OK;
}

gh_code gh_strings_settle(gh_work *w)
{
	gh_program *p = w->p;
	gh_use *uses = w->uses.ptr;
	gh_value *values = w->values.ptr;
	gh_code code = all_strings(w);
	if (code)
		return code;
	for (uint32_t i = 0; i < w->uses.n; i++)
		index_value(p, &uses[i].value);
	for (uint32_t i = 0; i < w->values.n; i++)
		index_value(p, &values[i]);
	p->uses = uses;
	p->n_uses = w->uses.n;
	p->values = values;
	p->n_values = w->values.n;
	return users(w);
}
