/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen_in.h"

#include <inttypes.h>

#include "report/glyph_in.h"

/* One thread writes a report: the unlocked forms spare a lock for each of its hundred thousand pieces. */
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
	(void)putc_unlocked('"', pen->out);
	/* Nearly all text is plain for long runs. */
	while (text.len > 0) {
		size_t run = gh_text_run(text);
		(void)fwrite_unlocked(text.ptr, 1, run, pen->out);
		text = gh_bytes_part(text, run, text.len);
		if (!gh_glyph_next(&text, &g))
			break;
		if (g.text[0] == '"' || g.text[0] == '\\')
			(void)putc_unlocked('\\', pen->out);
		(void)fwrite_unlocked(g.text, 1, g.len, pen->out);
	}
	(void)putc_unlocked('"', pen->out);
}

static void before(gh_pen *pen, const char *key)
{
	if (pen->more)
		(void)fputs_unlocked(pen->flat > 0 ? ", " : ",", pen->out);
	if (pen->depth > 0)
		fresh_line(pen);
	if (key) {
		quote(pen, gh_view_text(key));
		(void)fputs_unlocked(": ", pen->out);
	}
	pen->more = true;
}

void gh_pen_open(gh_pen *pen, const char *key, char bracket)
{
	before(pen, key);
	(void)putc_unlocked(bracket, pen->out);
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
	(void)putc_unlocked(bracket, pen->out);
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
	(void)fputs_unlocked(value ? "true" : "false", pen->out);
}

void gh_pen_null(gh_pen *pen, const char *key)
{
	before(pen, key);
	(void)fputs_unlocked("null", pen->out);
}

void gh_pen_text(gh_pen *pen, const char *key, gh_bytes text)
{
	before(pen, key);
	quote(pen, text);
}

void gh_pen_safe(gh_pen *pen, const char *key, const char *text)
{
	before(pen, key);
	(void)putc_unlocked('"', pen->out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)putc_unlocked('\\', pen->out);
		(void)putc_unlocked(*text, pen->out);
	}
	(void)putc_unlocked('"', pen->out);
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
	(void)putc_unlocked('"', pen->out);
	char pairs[64];
	for (size_t i = 0, n = 0; i < bytes.len; i++) {
		pairs[n++] = digits[bytes.ptr[i] >> 4];
		pairs[n++] = digits[bytes.ptr[i] & 15];
		if (n == sizeof pairs || i + 1 == bytes.len) {
			(void)fwrite_unlocked(pairs, 1, n, pen->out);
			n = 0;
		}
	}
	(void)putc_unlocked('"', pen->out);
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
