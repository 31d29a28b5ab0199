/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recipe language:
 *
 *	statement = word { word } [ "{" { statement } "}" ]
 *
 * A statement ends with its line, with ';' or with its block. '#' starts a comment. Words stand
 * bare or in double quotes with \n \t \r \0 \\ \" \xHH; a backslash at the end of a line inside
 * quotes joins it with the next. `include "other"` at the outermost level puts the statements of
 * another file, named relative to this one, in its place.
 */
#include "lab.h"

#include <ctype.h>
#include <stdlib.h>

enum { BLOCKS_DEEP = 40, INCLUDES_DEEP = 8 };

typedef struct reader {
	gh_arena *arena;
	const char *file;
	const char *p; /* the text, ended by NUL */
	unsigned line, depth, includes;
} reader;

static noreturn void wrong(const reader *r, const char *what)
{
	lab_st here = { .file = r->file, .line = r->line };
	lab_die(&here, "%s", what);
}

static char *file_text(gh_arena *arena, const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		lab_die(NULL, "cannot read %s", path);
	lab_out out = lab_out_in(arena);
	char piece[4096];
	size_t n;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		lab_add(&out, gh_view(piece, n));
	if (ferror(f))
		lab_die(NULL, "cannot read %s", path);
	(void)fclose(f);
	if (out.len && memchr(out.ptr, 0, out.len))
		lab_die(NULL, "%s holds a NUL byte", path);
	lab_fill(&out, 0, 1);
	return (char *)out.ptr;
}

static int digit(int c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static void escape(reader *r, lab_out *out)
{
	static const char from[] = "ntr0\\\"", to[] = "\n\t\r\0\\\"";
	char c = *r->p++;
	const char *known = c ? strchr(from, c) : NULL;
	if (known) {
		lab_fill(out, (uint8_t)to[known - from], 1);
	} else if (c == 'x' && digit(r->p[0]) >= 0 && digit(r->p[1]) >= 0) {
		lab_fill(out, (uint8_t)(digit(r->p[0]) << 4 | digit(r->p[1])), 1);
		r->p += 2;
	} else if (c == '\n') {
		r->line++;
	} else {
		wrong(r, "unknown escape");
	}
}

static gh_bytes read_word(reader *r)
{
	lab_out out = lab_out_in(r->arena);
	if (*r->p == '"') {
		for (r->p++; *r->p != '"';) {
			if (*r->p == 0 || *r->p == '\n')
				wrong(r, "text without end");
			if (*r->p == '\\') {
				r->p++;
				escape(r, &out);
			} else {
				lab_fill(&out, (uint8_t)*r->p++, 1);
			}
		}
		r->p++;
	} else {
		while (*r->p && !isspace((unsigned char)*r->p) && !strchr("{};\"#", *r->p))
			lab_fill(&out, (uint8_t)*r->p++, 1);
	}
	lab_fill(&out, 0, 1);
	return gh_view(out.ptr, out.len - 1);
}

/* Moves to the next word, '{', '}', ';' or the end of the line (which it stays before). */
static char peek(reader *r)
{
	while (*r->p == ' ' || *r->p == '\t' || *r->p == '\r')
		r->p++;
	if (*r->p == '#')
		r->p += strcspn(r->p, "\n");
	return *r->p;
}

static lab_st *read_block(reader *r, bool inner);

static lab_st *include(reader *r, const lab_st *st)
{
	if (st->n != 2 || r->depth || r->includes >= INCLUDES_DEEP)
		lab_die(st, "include takes one file, stands outside of blocks, and goes %d deep", INCLUDES_DEEP);
	const char *slash = strrchr(r->file, '/');
	int folder = slash ? (int)(slash - r->file + 1) : 0;
	char *path = gh_arena_printf(r->arena, "%.*s%s", folder, r->file, (const char *)st->words[1].ptr);
	if (!path)
		lab_die(st, "out of memory");
	reader other = {
		.arena = r->arena, .file = path, .p = file_text(r->arena, path), .line = 1, .includes = r->includes + 1
	};
	return read_block(&other, false);
}

static lab_st *read_statement(reader *r)
{
	lab_st *st = lab_alloc(r->arena, sizeof(*st));
	size_t cap = 0;
	st->file = r->file;
	st->line = r->line;
	for (char c = peek(r); c && c != '\n' && c != ';' && c != '}' && c != '{'; c = peek(r)) {
		st->words = lab_array_grow(r->arena, st->words, st->n, &cap, sizeof(*st->words));
		st->words[st->n++] = read_word(r);
	}
	if (*r->p == '{') {
		if (!st->n || ++r->depth > BLOCKS_DEEP)
			wrong(r, "a block needs a statement before it, and goes 40 deep");
		r->p++;
		st->has_block = true;
		st->first = read_block(r, true);
		r->depth--;
	}
	return st;
}

static lab_st *read_block(reader *r, bool inner)
{
	lab_st *first = NULL, **end = &first;
	for (;;) {
		char c = peek(r);
		if (c == '\n') {
			r->line++;
			r->p++;
		} else if (c == ';') {
			r->p++;
		} else if (c == '}' && inner) {
			r->p++;
			return first;
		} else if (c == 0 && !inner) {
			return first;
		} else if (c == 0 || c == '}' || c == '{') {
			wrong(r, c ? "a brace without its partner" : "the file ends inside a block");
		} else {
			lab_st *st = read_statement(r);
			*end = lab_is(st->words[0], "include") ? include(r, st) : st;
			while (*end)
				end = &(*end)->next;
		}
	}
}

lab_st *lab_recipe_read(gh_arena *arena, const char *path)
{
	reader r = { .arena = arena, .file = path, .p = file_text(arena, path), .line = 1 };
	lab_st *whole = lab_alloc(arena, sizeof(*whole));
	whole->file = path;
	whole->line = 1;
	whole->has_block = true;
	whole->first = read_block(&r, false);
	lab_recipe_edit(arena, whole);
	return whole;
}
