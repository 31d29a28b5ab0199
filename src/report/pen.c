/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen_in.h"

#include <inttypes.h>

#include "report/glyph_in.h"

enum { DEEP = 40 }; /* deeper lines are not indented further */

static void fresh_line(gh_pen *pen)
{
	if (pen->flat == 0)
		(void)fprintf(pen->out, "\n%*s", (int)GH_MIN(pen->depth, (unsigned)DEEP), "");
}

/* RFC 8259, section 7. Glyphs hold no controls, so two characters are left to escape. */
static void quote(gh_pen *pen, gh_bytes text)
{
	gh_glyph g;
	(void)fputc('"', pen->out);
	while (gh_glyph_next(&text, &g)) {
		if (g.text[0] == '"' || g.text[0] == '\\')
			(void)fputc('\\', pen->out);
		(void)fwrite(g.text, 1, g.len, pen->out);
	}
	(void)fputc('"', pen->out);
}

static void before(gh_pen *pen, const char *key)
{
	if (pen->more)
		(void)fputs(pen->flat > 0 ? ", " : ",", pen->out);
	if (pen->depth > 0)
		fresh_line(pen);
	if (key) {
		quote(pen, gh_view_text(key));
		(void)fputs(": ", pen->out);
	}
	pen->more = true;
}

void gh_pen_open(gh_pen *pen, const char *key, char bracket)
{
	before(pen, key);
	(void)fputc(bracket, pen->out);
	pen->depth++;
	pen->flat += pen->flat > 0;
	pen->more = false;
}

void gh_pen_flat(gh_pen *pen, const char *key, char bracket)
{
	gh_pen_open(pen, key, bracket);
	if (pen->flat == 0)
		pen->flat = 1;
}

void gh_pen_close(gh_pen *pen, char bracket)
{
	pen->depth--;
	if (pen->flat > 0)
		pen->flat--;
	else if (pen->more)
		fresh_line(pen);
	(void)fputc(bracket, pen->out);
	pen->more = true;
}

void gh_pen_number(gh_pen *pen, const char *key, uint64_t value)
{
	before(pen, key);
	(void)fprintf(pen->out, "%" PRIu64, value);
}

void gh_pen_signed(gh_pen *pen, const char *key, int64_t value)
{
	before(pen, key);
	(void)fprintf(pen->out, "%" PRId64, value);
}

void gh_pen_bool(gh_pen *pen, const char *key, bool value)
{
	before(pen, key);
	(void)fputs(value ? "true" : "false", pen->out);
}

void gh_pen_null(gh_pen *pen, const char *key)
{
	before(pen, key);
	(void)fputs("null", pen->out);
}

void gh_pen_text(gh_pen *pen, const char *key, gh_bytes text)
{
	before(pen, key);
	quote(pen, text);
}

void gh_pen_safe(gh_pen *pen, const char *key, const char *text)
{
	before(pen, key);
	(void)fputc('"', pen->out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)fputc('\\', pen->out);
		(void)fputc(*text, pen->out);
	}
	(void)fputc('"', pen->out);
}

void gh_pen_word(gh_pen *pen, const char *key, const char *text)
{
	if (text)
		gh_pen_text(pen, key, gh_view_text(text));
	else
		gh_pen_null(pen, key);
}

void gh_pen_hex(gh_pen *pen, const char *key, gh_bytes bytes)
{
	static const char digits[] = "0123456789abcdef";
	before(pen, key);
	(void)fputc('"', pen->out);
	for (size_t i = 0; i < bytes.len; i++) {
		(void)fputc(digits[bytes.ptr[i] >> 4], pen->out);
		(void)fputc(digits[bytes.ptr[i] & 15], pen->out);
	}
	(void)fputc('"', pen->out);
}

void gh_pen_raw(gh_pen *pen, const char *key, gh_bytes text)
{
	char name[64];
	gh_pen_text(pen, key, text);
	if (gh_text_is_plain(text))
		return;
	(void)snprintf(name, sizeof name, "%s_hex", key);
	gh_pen_hex(pen, name, text);
}
