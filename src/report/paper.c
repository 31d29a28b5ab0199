/* SPDX-License-Identifier: Apache-2.0 */
#include "report/paper_in.h"

#include <inttypes.h>
#include <stdarg.h>

#include "report/glyph_in.h"

enum { LABEL = 10, LONG_TEXT = 320, NARROW = 40, WIDE = 1000 };

static const char *const inks[] = {
	[GH_INK_PLAIN] = "",         [GH_INK_BOLD] = "\x1b[1m",      [GH_INK_DIM] = "\x1b[2m",
	[GH_INK_RED] = "\x1b[1;31m", [GH_INK_YELLOW] = "\x1b[1;33m", [GH_INK_CYAN] = "\x1b[36m",
	[GH_INK_GREEN] = "\x1b[32m",
};

gh_code gh_paper_begin(gh_ctx *ctx, gh_paper *p, FILE *out, const gh_style *style)
{
	*p = (gh_paper){ .out = out, .style = *style, .arena = gh_arena_new(GH_MIB(64)) };
	if (!p->arena)
		return gh_nomem(ctx);
	p->style.width = style->width == 0 ? 100 : GH_MIN(GH_MAX(style->width, (unsigned)NARROW), (unsigned)WIDE);
	return GH_OK;
}

gh_code gh_paper_done(gh_ctx *ctx, gh_paper *p)
{
	gh_arena_free(p->arena);
	p->arena = NULL;
	if (fflush(p->out) != 0 || ferror(p->out))
		return gh_fail(ctx, GH_IO, 0, "the report could not be written");
	return p->nomem ? gh_nomem(ctx) : GH_OK;
}

void gh_paper_reset(gh_paper *p)
{
	gh_arena_reset(p->arena);
}

static const char *or_empty(gh_paper *p, const char *text)
{
	p->nomem |= !text;
	return text ? text : "";
}

const char *gh_paper_safe(gh_paper *p, gh_bytes text)
{
	return or_empty(p, gh_text_safe(p->arena, text, LONG_TEXT));
}

const char *gh_paper_word(gh_paper *p, const char *text)
{
	return text ? gh_paper_safe(p, gh_view_text(text)) : "";
}

const char *gh_paper_printf(gh_paper *p, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *text = len < 0 ? NULL : gh_arena_alloc(p->arena, (size_t)len + 1);
	if (text)
		(void)vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return or_empty(p, text);
}

const char *gh_paper_count(gh_paper *p, uint64_t n)
{
	char text[32];
	size_t at = sizeof text;
	text[--at] = '\0';
	for (unsigned digits = 0; digits == 0 || n > 0; digits++, n /= 10) {
		if (digits > 0 && digits % 3 == 0)
			text[--at] = ' ';
		text[--at] = (char)('0' + n % 10);
	}
	return gh_paper_printf(p, "%s", text + at);
}

const char *gh_paper_many(gh_paper *p, uint64_t n, const char *one, const char *many)
{
	return gh_paper_printf(p, "%s %s", gh_paper_count(p, n), n == 1 ? one : many);
}

const char *gh_paper_size(gh_paper *p, uint64_t n)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	const char *exact = gh_paper_many(p, n, "byte", "bytes");
	if (n < 1024)
		return exact;
	size_t unit = 0;
	uint64_t scale = 1024;
	for (; unit + 1 < GH_COUNT(units) && n / scale >= 1024; unit++)
		scale *= 1024;
	uint64_t whole = n / scale, tenth = (n % scale) / (scale / 64) * 10 / 64;
	if (n % scale == 0)
		return gh_paper_printf(p, "%s (%" PRIu64 " %s)", exact, whole, units[unit]);
	return gh_paper_printf(p, "%s (%" PRIu64 ".%" PRIu64 " %s)", exact, whole, tenth, units[unit]);
}

const char *gh_paper_digest(gh_paper *p, gh_bytes digest)
{
	static const char digits[] = "0123456789abcdef";
	char *text = gh_arena_alloc(p->arena, digest.len * 2 + 1);
	if (!text)
		return or_empty(p, NULL);
	for (size_t i = 0; i < digest.len; i++) {
		text[2 * i] = digits[digest.ptr[i] >> 4];
		text[2 * i + 1] = digits[digest.ptr[i] & 15];
	}
	text[2 * digest.len] = '\0';
	return text;
}

size_t gh_paper_columns(const char *text)
{
	size_t columns = 0;
	for (; *text; text++)
		columns += ((uint8_t)*text & 0xc0) != 0x80;
	return columns;
}

gh_ink gh_paper_level(gh_level level)
{
	return level == GH_LEVEL_MALICIOUS    ? GH_INK_RED
	       : level == GH_LEVEL_SUSPICIOUS ? GH_INK_YELLOW
	       : level == GH_LEVEL_NOTICE     ? GH_INK_CYAN
					      : GH_INK_DIM;
}

static void put_run(gh_paper *p, gh_ink ink, const char *text, size_t len)
{
	bool inked = p->style.color && ink != GH_INK_PLAIN && len > 0;
	if (inked)
		(void)fputs(inks[ink], p->out);
	(void)fwrite(text, 1, len, p->out);
	if (inked)
		(void)fputs("\x1b[0m", p->out);
}

void gh_paper_put(gh_paper *p, gh_ink ink, const char *text)
{
	put_run(p, ink, text, strlen(text));
}

static void indent_by(gh_paper *p, unsigned columns)
{
	(void)fprintf(p->out, "%*s", (int)columns, "");
}

void gh_paper_line(gh_paper *p, unsigned indent, gh_ink ink, const char *text)
{
	indent_by(p, indent);
	gh_paper_put(p, ink, text);
	gh_paper_blank(p);
}

void gh_paper_blank(gh_paper *p)
{
	(void)fputc('\n', p->out);
}

void gh_paper_heading(gh_paper *p, const char *text)
{
	gh_paper_blank(p);
	gh_paper_line(p, 0, GH_INK_BOLD, text);
}

/* A blank that a line may end at: not the one inside a grouped number. */
static bool breaks(const char *text, size_t at)
{
	bool digits =
		at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
	return text[at] == ' ' && at > 0 && !digits;
}

void gh_paper_flow(gh_paper *p, unsigned indent, gh_ink ink, const char *text)
{
	size_t room = p->style.width > indent + NARROW / 2 ? p->style.width - indent : NARROW / 2;
	for (bool first = true; *text || first; first = false) {
		size_t len = 0, columns = 0, fit = 0;
		for (; text[len] && columns <= room; len++) {
			columns += ((uint8_t)text[len] & 0xc0) != 0x80;
			if (breaks(text, len))
				fit = len;
		}
		if (columns > room && fit == 0) /* a word longer than the line stays whole */
			while (text[len] && text[len] != ' ')
				len++;
		else if (columns > room)
			len = fit;
		if (!first)
			indent_by(p, indent);
		put_run(p, ink, text, len);
		gh_paper_blank(p);
		for (text += len; *text == ' ';)
			text++;
	}
}

void gh_paper_wrap(gh_paper *p, unsigned indent, gh_ink ink, const char *text)
{
	indent_by(p, indent);
	gh_paper_flow(p, indent, ink, text);
}

void gh_paper_field(gh_paper *p, unsigned indent, const char *label, gh_ink ink, const char *text)
{
	indent_by(p, indent);
	put_run(p, GH_INK_DIM, label, strlen(label));
	size_t columns = gh_paper_columns(label);
	indent_by(p, columns < LABEL ? LABEL - (unsigned)columns : 1);
	gh_paper_flow(p, indent + LABEL, ink, text);
}

void gh_paper_hex(gh_paper *p, unsigned indent, gh_bytes bytes, uint64_t at, size_t rows)
{
	for (size_t row = 0; row < rows && row * 16 < bytes.len; row++) {
		gh_bytes part = gh_bytes_part(bytes, row * 16, 16);
		indent_by(p, indent);
		(void)fprintf(p->out, "%08" PRIx64 " ", at + row * 16);
		for (size_t i = 0; i < 16; i++) {
			if (i < part.len)
				(void)fprintf(p->out, "%s%02x", i == 8 ? "  " : " ", part.ptr[i]);
			else
				(void)fputs(i == 8 ? "    " : "   ", p->out);
		}
		(void)fputs("  |", p->out);
		for (size_t i = 0; i < part.len; i++)
			(void)fputc(part.ptr[i] >= 0x20 && part.ptr[i] < 0x7f ? part.ptr[i] : '.', p->out);
		(void)fputs("|\n", p->out);
	}
	if (bytes.len > rows * 16)
		gh_paper_line(p, indent, GH_INK_DIM, gh_paper_printf(p, "… %zu bytes more", bytes.len - rows * 16));
}
