/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/pen - JSON as a stream: nothing is held back, so a report of a million files needs no memory
 * for its document, and a 64-bit number stays one.
 *
 * The one rule: open and close in pairs. What is opened flat stands on one line with all it holds.
 *
 *	gh_pen_open(&pen, NULL, '{');
 *	gh_pen_number(&pen, "size", 42);
 *	gh_pen_close(&pen, '}');
 */
#ifndef GH_REPORT_PEN_IN_H
#define GH_REPORT_PEN_IN_H

#include <stdio.h>

#include "base/ctx.h"
#include "bytes/view.h"

typedef struct gh_pen {
	FILE *out;
	unsigned depth, flat;
	bool more; /* something stands before, in the same object or array */
} gh_pen;

/* `key` is NULL inside an array. Numbers are never negative but for gh_pen_signed. */
void gh_pen_open(gh_pen *pen, const char *key, char bracket);
void gh_pen_flat(gh_pen *pen, const char *key, char bracket);
void gh_pen_close(gh_pen *pen, char bracket);
void gh_pen_number(gh_pen *pen, const char *key, uint64_t value);
void gh_pen_signed(gh_pen *pen, const char *key, int64_t value);
void gh_pen_bool(gh_pen *pen, const char *key, bool value);
void gh_pen_null(gh_pen *pen, const char *key);
/* Text, escaped where it has to be; NULL gives null. */
void gh_pen_word(gh_pen *pen, const char *key, const char *text);
void gh_pen_text(gh_pen *pen, const char *key, gh_bytes text);
/* Text that is escaped already: only quoted. */
void gh_pen_safe(gh_pen *pen, const char *key, const char *text);
/* Text as found in an image: where something was escaped, "<key>_hex" has the bytes themselves. */
void gh_pen_raw(gh_pen *pen, const char *key, gh_bytes text);
void gh_pen_hex(gh_pen *pen, const char *key, gh_bytes bytes);

#endif
