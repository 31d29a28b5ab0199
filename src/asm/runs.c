/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/runs - the texts of a file, and what a value means: is there text where it points?
 *
 * A run is printable bytes that end in NUL, four or more of them, anywhere outside code. One pass over
 * the bytes; a table of every 64th byte leads to the runs near it, so that whatever points into a run
 * finds it in a step or two. Shorter texts count only where code points to them.
 */
#include "asm/work_in.h"

enum { SHORT = 4, NEAR = 6 };

/* Printable ASCII, the usual controls, and bytes that UTF-8 and the encodings of Asia are made of. */
static bool is_text(uint8_t c)
{
	static const uint64_t texts[4] = { UINT64_C(0xffffffff08003f80), UINT64_C(0x7fffffffffffffff),
					   UINT64_C(0xfffffffe00000000), UINT64_C(0x7fffffffffffffff) };
	return texts[c >> 6] >> (c & 63) & 1;
}

static bool is_run(const uint8_t *p, size_t len)
{
	size_t plain = 0;
	for (size_t i = 0; i < len && plain < SHORT; i++)
		plain = p[i] >= 0x20 && p[i] < 0x7f ? plain + 1 : 0;
	return plain >= SHORT;
}

/* How many bytes behind one are 0, as far as whole eights of them go. */
static size_t zeros(gh_bytes b, size_t at)
{
	size_t i = at + 1;
	for (uint64_t eight; i + 8 <= b.len; i += 8) {
		memcpy(&eight, b.ptr + i, 8);
		if (eight)
			break;
	}
	return i - at - 1;
}

static gh_code runs_in(gh_work *w, gh_bytes b, uint64_t address, bool writable)
{
	for (size_t i = 0; i < b.len; i++) {
		if (!is_text(b.ptr[i])) {
			i += zeros(b, i);
			continue;
		}
		size_t start = i;
		while (i < b.len && is_text(b.ptr[i]))
			i++;
		if (i - start < SHORT || i == b.len || b.ptr[i] != 0 || !is_run(b.ptr + start, i - start))
			continue;
		gh_string *s = gh_vec_add(w, &w->runs);
		if (!s)
			return w->code;
		*s = (gh_string){ address + start, { b.ptr + start, i - start }, 0, 0, writable };
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

/* For each piece of a span the first run that begins in it or later. */
static gh_code runs_near(gh_work *w, uint32_t span, uint32_t first)
{
	const gh_span *s = &w->image->spans[span];
	const gh_string *runs = w->runs.ptr;
	size_t n = (s->bytes.len >> NEAR) + 1;
	uint32_t *near = gh_arena_array(w->ctx->scratch, n, sizeof *near);
	if (!near)
		return gh_nomem(w->ctx);
	uint32_t run = first;
	for (size_t i = 0; i < n; i++) {
		while (run < w->runs.n && (runs[run].address - s->address) >> NEAR < i)
			run++;
		near[i] = run;
	}
	w->near[span] = near;
	return GH_OK;
}

gh_code gh_runs_find(gh_work *w)
{
	gh_code code = GH_OK;
	w->near = gh_arena_array(w->ctx->scratch, w->image->n_spans + 1, sizeof *w->near);
	if (!w->near)
		return gh_nomem(w->ctx);
	for (uint32_t i = 0; i < w->image->n_spans && !code; i++) {
		uint32_t first = w->runs.n;
		code = runs_of(w, &w->image->spans[i]);
		if (!code)
			code = runs_near(w, i, first);
	}
	return code;
}

/* The run that holds the byte at `off` of a span; GH_NONE. */
static uint32_t run_at(const gh_work *w, const gh_span *s, uint64_t off)
{
	const gh_string *runs = w->runs.ptr;
	if (off >= s->bytes.len)
		return GH_NONE;
	uint32_t run = w->near[s - w->image->spans][off >> NEAR];
	while (run < w->runs.n && runs[run].address <= s->address + off)
		run++;
	return run && s->address + off - runs[run - 1].address < runs[run - 1].bytes.len ? run - 1 : GH_NONE;
}

bool gh_text_at(const gh_work *w, uint64_t address, gh_told *text)
{
	const gh_span *s = gh_span_at(w->image->spans, w->image->n_spans, address);
	if (!s)
		return false;
	uint64_t off = address - s->address;
	gh_bytes b = gh_bytes_part(s->bytes, off, SHORT * 2);
	if (b.len == 0 || !is_text(b.ptr[0]))
		return false;
	text->run = run_at(w, s, off);
	if (text->run != GH_NONE) {
		const gh_string *run = (const gh_string *)w->runs.ptr + text->run;
		text->bytes = gh_bytes_part(run->bytes, address - run->address, run->bytes.len);
		return true;
	}
	size_t n = 0;
	while (n < b.len && is_text(b.ptr[n]))
		n++;
	text->bytes = (gh_bytes){ b.ptr, n };
	return n < b.len && b.ptr[n] == 0;
}

static gh_value address_value(const gh_work *w, uint64_t n)
{
	gh_told text;
	if (gh_region_at(w, n))
		return (gh_value){ gh_code_at(w->abi, n), GH_NONE, GH_FUNCTION };
	if (gh_text_at(w, n, &text))
		return (gh_value){ n, text.run, GH_STRING };
	return (gh_value){ n, GH_NONE, gh_span_at(w->image->spans, w->image->n_spans, n) ? GH_DATA : GH_NUMBER };
}

/* What most kinds mean: a number with its sign, or an index. */
gh_value gh_value_of(const gh_work *w, gh_val v)
{
	static const uint8_t kinds[16] = { [V_NUMBER] = GH_NUMBER,
					   [V_IMPORT] = GH_IMPORT,
					   [V_STACK] = GH_STACK,
					   [V_RESULT] = GH_RESULT,
					   [V_PARAM] = GH_PARAMETER };
	static const uint16_t numbers = 1 << V_NUMBER | 1 << V_STACK,
			      indices = 1 << V_IMPORT | 1 << V_RESULT | 1 << V_PARAM;
	unsigned kind = gh_val_kind(v);
	uint64_t n = gh_val_plain(v);
	if (kind == V_ADDRESS)
		return address_value(w, n);
	if (kind == V_BIG)
		return (gh_value){ w->image->bigs->numbers[n], GH_NONE, GH_NUMBER };
	uint64_t number = (uint64_t)gh_val_signed(v) & -(uint64_t)(numbers >> kind & 1);
	uint32_t index = (uint32_t)n | ((indices >> kind & 1) - 1U);
	return (gh_value){ number, index, kinds[kind] };
}
