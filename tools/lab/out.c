/* SPDX-License-Identifier: Apache-2.0 */
#include "lab.h"

#include <stdarg.h>
#include <stdlib.h>

noreturn void lab_die(const lab_st *st, const char *fmt, ...)
{
	va_list ap;
	if (st)
		(void)fprintf(stderr, "%s:%u: ", st->file, st->line);
	else
		(void)fputs("gifthorse-lab: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(2);
}

void *lab_alloc(gh_arena *arena, size_t size)
{
	void *p = gh_arena_zalloc(arena, size);
	if (!p)
		lab_die(NULL, "out of memory");
	return p;
}

/* Room for one more record behind the n that are there. */
void *lab_array_grow(gh_arena *arena, void *ptr, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return ptr;
	size_t more = *cap ? *cap * 2 : 16;
	void *p = *cap ? gh_arena_grow(arena, ptr, *cap * size, more * size) : gh_arena_alloc(arena, more * size);
	if (!p)
		lab_die(NULL, "out of memory");
	*cap = more;
	return p;
}

lab_out lab_out_in(gh_arena *arena)
{
	return (lab_out){ .arena = arena };
}

uint8_t *lab_span(lab_out *out, size_t n)
{
	if (!out->cap || n > out->cap - out->len) {
		size_t cap = GH_MAX(out->cap * 2, out->len + n + 64);
		uint8_t *p =
			out->cap ? gh_arena_grow(out->arena, out->ptr, out->cap, cap) : gh_arena_alloc(out->arena, cap);
		if (!p)
			lab_die(NULL, "out of memory");
		out->ptr = p;
		out->cap = cap;
	}
	uint8_t *at = out->ptr + out->len;
	memset(at, 0, n);
	out->len += n;
	return at;
}

void lab_add(lab_out *out, gh_bytes b)
{
	uint8_t *at = lab_span(out, b.len);
	if (b.len)
		memcpy(at, b.ptr, b.len);
}

void lab_fill(lab_out *out, uint8_t byte, uint64_t n)
{
	if (n > GH_GIB(1))
		lab_die(NULL, "%ju bytes of filling are too many", (uintmax_t)n);
	uint8_t *at = lab_span(out, (size_t)n);
	memset(at, byte, (size_t)n);
}

void lab_poke(uint8_t *at, lab_order order, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(v >> 8 * (order == LAB_BIG ? width - 1 - i : i));
}

void lab_put(lab_out *out, lab_order order, uint64_t v, unsigned width)
{
	lab_poke(lab_span(out, width), order, v, width);
}

void lab_text(lab_out *out, gh_bytes text, size_t width, uint8_t fill)
{
	size_t n = GH_MIN(text.len, width);
	uint8_t *at = lab_span(out, width);
	memset(at, fill, width);
	if (n)
		memcpy(at, text.ptr, n);
	if (n < width)
		at[n] = 0;
}

void lab_pad(lab_out *out, size_t multiple, uint8_t byte)
{
	if (multiple && out->len % multiple)
		lab_fill(out, byte, multiple - out->len % multiple);
}
