/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/glyph - bytes from an image as text that a terminal and a JSON parser can bear.
 *
 * The one rule: what leaves here is valid UTF-8 without controls. Bytes that are not UTF-8, control
 * characters, and characters that turn, hide or overwrite text (bidirectional marks, zero-width
 * and private ones, line separators) come out as \xNN, and so does the backslash, so that an escape
 * cannot be forged.
 *
 *	gh_glyph g;
 *	while (gh_glyph_next(&rest, &g))
 *		fwrite(g.text, 1, g.len, out);
 */
#ifndef GH_REPORT_GLYPH_IN_H
#define GH_REPORT_GLYPH_IN_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef struct gh_glyph {
	char text[8];
	size_t len;
	unsigned columns;
	bool escaped;
} gh_glyph;

/* Takes one glyph from the front; false at the end. */
bool gh_glyph_next(gh_bytes *rest, gh_glyph *ret);

/* How many bytes at the front are printable ASCII without quote or backslash: as they are, everywhere. */
size_t gh_text_run(gh_bytes text);

/* True when nothing has to be escaped. */
bool gh_text_is_plain(gh_bytes text);

/* The whole, escaped, in the arena; text of more than `most` columns (0: no limit) loses its
 * middle. NULL when memory is out. */
const char *gh_text_safe(gh_arena *arena, gh_bytes text, size_t most) GH_MUST;

#endif
