/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot/fdt_in.h"

enum { END = 9, NOTHING = 4, SIZE_MOST = 512 << 20 };

gh_code gh_fdt_open(gh_ctx *ctx, gh_cur c, gh_fdt *ret)
{
	gh_cur h = c;
	gh_fdt f = { .pos = c.pos };
	if (!gh_eat(&h, GH_LIT("\xd0\x0d\xfe\xed")))
		return GH_NOT_MINE;
	f.stated = gh_u32be(&h);
	f.structure = gh_u32be(&h);
	f.strings = gh_u32be(&h);
	f.reserved = gh_u32be(&h);
	f.version = gh_u32be(&h);
	uint32_t compatible = gh_u32be(&h);
	gh_skip(&h, 4);
	f.strings_size = gh_u32be(&h);
	f.structure_size = gh_u32be(&h);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "device tree header is cut short");
	if (f.version < 16 || f.version > 64 || compatible > 17 || f.stated > SIZE_MOST)
		return GH_NOT_MINE;
	if (f.structure < GH_FDT_HEADER - 4 || f.structure % 4 != 0 || f.structure >= f.stated ||
	    f.strings > f.stated || f.strings_size > f.stated - f.strings || f.reserved > f.stated)
		return GH_NOT_MINE;
	if (f.version == 16)
		f.structure_size = (f.strings > f.structure ? f.strings : f.stated) - f.structure;
	if (f.structure_size > f.stated - f.structure)
		return GH_NOT_MINE;
	f.size = GH_MIN((uint64_t)f.stated, c.left);
	f.cut = f.stated > c.left;
	f.all = gh_bytes_part(gh_rest(&c), 0, f.size);
	*ret = f;
	return GH_OK;
}

gh_fdt_walk gh_fdt_start(const gh_fdt *f)
{
	gh_fdt_walk w = { .strings = gh_bytes_part(f->all, f->strings, f->strings_size) };
	w.c = gh_cur_over(gh_bytes_part(f->all, f->structure, f->structure_size), f->pos + f->structure);
	return w;
}

static gh_bytes until_nul(gh_bytes b)
{
	const uint8_t *nul = b.len ? memchr(b.ptr, 0, b.len) : NULL;
	return nul ? gh_view(b.ptr, (size_t)(nul - b.ptr)) : gh_view(NULL, 0);
}

static void align(gh_cur *c, uint64_t from)
{
	gh_skip(c, (4 - (c->pos - from) % 4) % 4);
}

static bool begin(gh_fdt_walk *w, gh_fdt_step *ret)
{
	uint64_t from = w->c.pos;
	gh_bytes name = until_nul(gh_rest(&w->c));
	if (!name.ptr || w->open == GH_FDT_DEEP)
		return false;
	gh_skip(&w->c, name.len + 1);
	align(&w->c, from);
	w->depth = w->open++;
	w->path[w->depth] = name;
	*ret = (gh_fdt_step){ .kind = GH_FDT_BEGIN, .name = name, .at = from };
	return gh_cur_ok(&w->c);
}

static bool property(gh_fdt_walk *w, gh_fdt_step *ret)
{
	uint32_t len = gh_u32be(&w->c), name = gh_u32be(&w->c);
	uint64_t from = w->c.pos;
	gh_bytes value = gh_take(&w->c, len), named = until_nul(gh_bytes_part(w->strings, name, w->strings.len));
	if (w->c.left > 0) /* the last one may lack its padding */
		align(&w->c, from);
	*ret = (gh_fdt_step){ .kind = GH_FDT_PROPERTY, .name = named, .value = value, .at = from };
	return gh_cur_ok(&w->c) && w->open > 0 && named.len > 0;
}

bool gh_fdt_next(gh_fdt_walk *w, gh_fdt_step *ret)
{
	for (;;) {
		uint32_t token = gh_u32be(&w->c);
		if (!gh_cur_ok(&w->c))
			return false;
		switch (token) {
		case NOTHING:
			continue;
		case GH_FDT_BEGIN:
			return begin(w, ret);
		case GH_FDT_PROPERTY:
			w->depth = w->open ? w->open - 1 : 0;
			return property(w, ret);
		case GH_FDT_CLOSE:
			if (w->open == 0)
				return false;
			w->depth = --w->open;
			*ret = (gh_fdt_step){ .kind = GH_FDT_CLOSE, .name = w->path[w->depth], .at = w->c.pos };
			return true;
		case END:
			w->whole = w->open == 0;
			return false;
		default:
			return false;
		}
	}
}

uint32_t gh_fdt_cell(gh_bytes value, unsigned n)
{
	gh_cur c = gh_cur_over(gh_bytes_part(value, (uint64_t)n * 4, 4), 0);
	return gh_u32be(&c);
}

gh_bytes gh_fdt_text(gh_bytes value)
{
	const uint8_t *nul = value.len ? memchr(value.ptr, 0, value.len) : NULL;
	return nul ? gh_view(value.ptr, (size_t)(nul - value.ptr)) : value;
}

bool gh_fdt_is(const gh_fdt_step *s, const char *name)
{
	return gh_bytes_eq(s->name, gh_view_text(name));
}
