/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/object - kernel modules and other objects (ET_REL), as if they were loaded.
 *
 * Their sections have no addresses and their code no targets: both come with relocations. We place
 * each section at BASE and its offset in the file, what has no bytes behind the file, and behind that
 * one place for each symbol that another must bring, so that every call reaches. Code is copied and
 * its relocations are applied; words of data that hold an address become slots.
 *
 *	BASE            BASE + size of the file
 *	| file as it is | sections without bytes | imports, a page each |
 *
 * "System V Application Binary Interface", chapter 4; the supplements for each processor.
 */
#include <stdlib.h>

#include "asm/object_in.h"

enum {
	MOST_SECTIONS = 1024,
	MOST_IMPORTS = 1 << 13,
	MOST_SIZE = 64 << 20,
	PROGBITS = 1,
	SYMTAB = 2,
	RELA = 4,
	NOBITS = 8,
	REL = 9
};

static gh_section section_of(const gh_file *f, unsigned i)
{
	unsigned w = f->width;
	gh_bytes s = gh_bytes_part(f->bytes, f->sections + (uint64_t)i * f->section_size, f->section_size);
	gh_section x = {
		.type = (unsigned)gh_file_word(f, s, 4, 4),
		.flags = (unsigned)gh_file_word(f, s, 8, w),
		.at = gh_file_word(f, s, 8 + 2 * w, w),
		.size = gh_file_word(f, s, 8 + 3 * w, w),
		.link = (unsigned)gh_file_word(f, s, 8 + 4 * w, 4),
		.info = (unsigned)gh_file_word(f, s, 12 + 4 * w, 4),
	};
	if (x.type != NOBITS)
		x.bytes = gh_bytes_part(f->bytes, x.at, x.size);
	return x;
}

/* An address for all that is loaded; code gets bytes of its own. */
static gh_code place(gh_object *o)
{
	gh_image *image = o->f->image;
	o->end = BASE + ((o->f->bytes.len + 0xfff) & ~(uint64_t)0xfff);
	for (unsigned i = 0; i < o->n; i++) {
		gh_section *s = &o->sections[i];
		*s = section_of(o->f, i);
		bool bits = s->type != NOBITS;
		if (!(s->flags & 2) || s->size == 0 || s->type == 0 || s->size > MOST_SIZE || (bits && !s->bytes.len))
			continue;
		s->address = bits ? BASE + s->at : o->end;
		o->end += bits ? 0 : (s->size + 15) & ~(uint64_t)15;
		image->spans[image->n_spans++] =
			(gh_span){ s->address, s->bytes, s->size, s->flags & 4, (s->flags & 1) != 0 };
		if (!(s->flags & 4) || s->type != PROGBITS)
			continue;
		s->code = gh_arena_alloc(o->f->ctx->arena, s->bytes.len);
		if (!s->code)
			return gh_nomem(o->f->ctx);
		memcpy(s->code, s->bytes.ptr, s->bytes.len);
		image->code[image->n_code++] =
			(gh_span){ s->address, { s->code, s->bytes.len }, s->bytes.len, true, false };
	}
	return GH_OK;
}

/* What others must bring gets a place of its own. */
static gh_code symbols(gh_object *o, const gh_section *table)
{
	gh_file *f = o->f;
	gh_image *image = f->image;
	gh_bytes names = table->link < o->n ? o->sections[table->link].bytes : (gh_bytes){ NULL, 0 };
	gh_arena *arena = f->ctx->arena;
	uint64_t n = table->bytes.len / (f->wide ? 24 : 16);
	image->symbols = gh_arena_array(arena, n + 1, sizeof *image->symbols);
	image->imports = gh_arena_array(arena, n + 1, sizeof *image->imports);
	o->places = gh_arena_array(f->ctx->scratch, n + 1, sizeof *o->places);
	if (!image->symbols || !image->imports || !o->places)
		return gh_nomem(f->ctx);
	image->imports_at = o->end;
	o->n_places = n;
	for (uint64_t i = 1; i < n; i++) {
		gh_dynsym s = gh_file_symbol(f, table->bytes, names, i);
		if (s.section == 0 && s.name[0] && image->n_imports < MOST_IMPORTS) {
			o->places[i] = image->imports_at + (uint64_t)image->n_imports * GH_IMPORT_ROOM + GH_IMPORT_AT;
			image->imports[image->n_imports++].name = s.name;
		} else if (s.section < o->n && o->sections[s.section].address) {
			s.value += o->sections[s.section].address;
			o->places[i] = s.value;
			gh_file_add_symbol(f, &s);
			if (strcmp(s.name, "init_module") == 0)
				image->entry = s.value;
		}
	}
	image->imports_size = (uint64_t)image->n_imports * GH_IMPORT_ROOM;
	if (image->imports_size)
		image->spans[image->n_spans++] =
			(gh_span){ image->imports_at, { NULL, 0 }, image->imports_size, false, false };
	return GH_OK;
}

static gh_code relocate_all(gh_object *o)
{
	gh_file *f = o->f;
	gh_image *image = f->image;
	uint64_t most = 0;
	for (unsigned i = 0; i < o->n; i++)
		if (o->sections[i].type == REL || o->sections[i].type == RELA)
			most += o->sections[i].bytes.len / (2 * f->width);
	image->slots = gh_arena_array(f->ctx->arena, most + 1, sizeof *image->slots);
	if (!image->slots)
		return gh_nomem(f->ctx);
	for (unsigned i = 0; i < o->n; i++) {
		const gh_section *s = &o->sections[i];
		gh_section *to = s->info < o->n ? &o->sections[s->info] : NULL;
		if ((s->type == REL || s->type == RELA) && to && to->address && image->n_slots < most)
			gh_object_relocate(o, s, to, s->type == RELA, (uint32_t)most);
	}
	gh_file_sort_tables(f);
	gh_file_common_mode(f);
	return GH_OK;
}

gh_code gh_file_object(gh_file *f)
{
	gh_image *image = f->image;
	gh_object o = { .f = f, .n = GH_MIN(f->n_sections, (unsigned)MOST_SECTIONS) };
	gh_arena *arena = f->ctx->arena;
	o.sections = gh_arena_array(f->ctx->scratch, o.n + 1, sizeof *o.sections);
	image->spans = gh_arena_array(arena, o.n + 2, sizeof *image->spans);
	image->code = gh_arena_array(arena, o.n + 1, sizeof *image->code);
	image->starts = gh_arena_array(arena, 1, sizeof *image->starts);
	if (!o.sections || !image->spans || !image->code || !image->starts)
		return gh_nomem(f->ctx);
	image->fixed = true;
	gh_code code = place(&o);
	for (unsigned i = 0; i < o.n && !code; i++) {
		if (o.sections[i].type != SYMTAB)
			continue;
		code = symbols(&o, &o.sections[i]);
		break;
	}
	if (!code && o.places)
		code = relocate_all(&o);
	image->n_spans = gh_spans_arrange(image->spans, image->n_spans);
	image->n_code = gh_spans_arrange(image->code, image->n_code);
	return code;
}
