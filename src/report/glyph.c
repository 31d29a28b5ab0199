/* SPDX-License-Identifier: Apache-2.0 */
#include "report/glyph_in.h"

#include <stdio.h>

/* Characters that change what a reader sees without being seen themselves: Unicode's format
 * controls (general category Cf), separators, fillers, variation selectors, private use and
 * noncharacters. Unicode 15, chapters 23.2 to 23.8. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },    { 0x034f, 0x034f },   { 0x0600, 0x0605 },
	{ 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },    { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },    { 0x2060, 0x206f },   { 0x2800, 0x2800 },
	{ 0x3164, 0x3164 },   { 0xd800, 0xf8ff },   { 0xfdd0, 0xfdef },    { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },    { 0x110bd, 0x110bd }, { 0x13430, 0x1345f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

static bool is_hidden(uint32_t point)
{
	if (point == '\\')
		return true;
	for (size_t i = 0; i < GH_COUNT(hidden); i++)
		if (point >= hidden[i].first && point <= hidden[i].last)
			return true;
	return (point & 0xfffe) == 0xfffe;
}

/* Length of the UTF-8 sequence at the front (RFC 3629, section 4), or 0. */
static size_t sequence(gh_bytes b, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t head = b.ptr[0];
	size_t len = head < 0x80 ? 1 : head < 0xc2 ? 0 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : head < 0xf5 ? 4 : 0;
	if (len == 0 || len > b.len)
		return 0;
	uint32_t point = len == 1 ? head : head & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((b.ptr[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (b.ptr[i] & 0x3fU);
	}
	if (point < least[len] || point > 0x10ffff)
		return 0;
	*ret = point;
	return len;
}

size_t gh_text_run(gh_bytes text)
{
	size_t n = 0;
	while (n < text.len && text.ptr[n] >= 0x20 && text.ptr[n] < 0x7f && text.ptr[n] != '"' && text.ptr[n] != '\\')
		n++;
	return n;
}

bool gh_glyph_next(gh_bytes *rest, gh_glyph *ret)
{
	uint32_t point = 0;
	if (rest->len == 0)
		return false;
	size_t len = sequence(*rest, &point);
	ret->escaped = len == 0 || is_hidden(point);
	if (ret->escaped) {
		/* One byte of it; the others are no sequence of their own and follow the same way. */
		len = 1;
		(void)snprintf(ret->text, sizeof ret->text, "\\x%02x", rest->ptr[0]);
		ret->len = ret->columns = 4;
	} else {
		memcpy(ret->text, rest->ptr, len);
		ret->len = len;
		ret->columns = 1;
	}
	*rest = gh_bytes_part(*rest, len, SIZE_MAX);
	return true;
}

bool gh_text_is_plain(gh_bytes text)
{
	size_t run = gh_text_run(text);
	if (run == text.len)
		return true;
	gh_glyph g;
	while (gh_glyph_next(&text, &g))
		if (g.escaped)
			return false;
	return true;
}

const char *gh_text_safe(gh_arena *arena, gh_bytes text, size_t most)
{
	gh_glyph g;
	size_t columns = 0, len = 0, at = 0, seen = 0;
	for (gh_bytes rest = text; gh_glyph_next(&rest, &g);) {
		columns += g.columns;
		len += g.len;
	}
	bool cut = most > 0 && columns > most;
	char *out = gh_arena_alloc(arena, len + sizeof " … ");
	if (!out)
		return NULL;
	size_t head = cut ? most * 2 / 3 : columns, tail = cut ? columns - (most - head) : 0;
	bool marked = !cut;
	for (gh_bytes rest = text; gh_glyph_next(&rest, &g); seen += g.columns) {
		if (cut && seen + g.columns > head && seen < tail) {
			if (!marked) {
				memcpy(out + at, " … ", sizeof " … " - 1);
				at += sizeof " … " - 1;
				marked = true;
			}
			continue;
		}
		memcpy(out + at, g.text, g.len);
		at += g.len;
	}
	out[at] = '\0';
	return out;
}
