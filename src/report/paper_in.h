/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/paper - lines for people: columns, wrapping, ink, numbers.
 *
 * The one rule: text from an image goes through gh_paper_safe before it meets any other function
 * here. Texts live until gh_paper_reset; when memory is out they are empty and gh_paper_done says
 * so.
 *
 *	gh_paper_field(p, 2, "image", GH_INK_PLAIN, gh_paper_safe(p, name));
 */
#ifndef GH_REPORT_PAPER_IN_H
#define GH_REPORT_PAPER_IN_H

#include "report/report.h"

typedef enum gh_ink {
	GH_INK_PLAIN,
	GH_INK_BOLD,
	GH_INK_DIM,
	GH_INK_RED,
	GH_INK_YELLOW,
	GH_INK_CYAN,
	GH_INK_GREEN,
} gh_ink;

typedef struct gh_paper {
	FILE *out;
	gh_arena *arena; /* of the texts being printed */
	gh_style style;
	bool nomem;
} gh_paper;

gh_code gh_paper_begin(gh_ctx *ctx, gh_paper *p, FILE *out, const gh_style *style) GH_MUST;
/* GH_IO when the output took no more, GH_NOMEM when a text is missing. */
gh_code gh_paper_done(gh_ctx *ctx, gh_paper *p) GH_MUST;
void gh_paper_reset(gh_paper *p);

const char *gh_paper_safe(gh_paper *p, gh_bytes text);    /* escaped, the middle of long ones left out */
const char *gh_paper_word(gh_paper *p, const char *text); /* the same for a C string; NULL gives "" */
const char *gh_paper_printf(gh_paper *p, const char *fmt, ...) GH_PRINTF(2, 3);
const char *gh_paper_count(gh_paper *p, uint64_t n);       /* 3 932 160 */
const char *gh_paper_size(gh_paper *p, uint64_t n);        /* 3 932 160 bytes (3.8 MiB) */
const char *gh_paper_digest(gh_paper *p, gh_bytes digest); /* in hex */
/* "1 file", "3 files", "2 entries". */
const char *gh_paper_many(gh_paper *p, uint64_t n, const char *one, const char *many);

/* Columns of safe text on a terminal. */
size_t gh_paper_columns(const char *text);

gh_ink gh_paper_level(gh_level level);

void gh_paper_put(gh_paper *p, gh_ink ink, const char *text);
void gh_paper_line(gh_paper *p, unsigned indent, gh_ink ink, const char *text);
void gh_paper_blank(gh_paper *p);
void gh_paper_heading(gh_paper *p, const char *text);
/* Text broken at blanks, where the first line already stands `indent` columns in. */
void gh_paper_flow(gh_paper *p, unsigned indent, gh_ink ink, const char *text);
/* Text broken at blanks, all lines behind `indent` columns. */
void gh_paper_wrap(gh_paper *p, unsigned indent, gh_ink ink, const char *text);
/* A label in a column of its own, the text wrapped beside it. */
void gh_paper_field(gh_paper *p, unsigned indent, const char *label, gh_ink ink, const char *text);
/* Rows of 16 bytes, as hexdump -C draws them. */
void gh_paper_hex(gh_paper *p, unsigned indent, gh_bytes bytes, uint64_t at, size_t rows);

#endif
