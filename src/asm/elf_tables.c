/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/elf_tables - symbols, relocations and the global offset table, as the loader would leave them.
 */
#include <stdlib.h>

#include "asm/elf_in.h"

gh_dynsym gh_file_symbol(const gh_file *f, gh_bytes table, gh_bytes names, uint64_t i)
{
	unsigned size = f->wide ? 24 : 16, w = f->width;
	gh_bytes s = gh_bytes_part(table, i * size, size);
	gh_bytes name = gh_bytes_part(names, gh_file_word(f, s, 0, 4), SIZE_MAX);
	bool ends = name.len && memchr(name.ptr, 0, name.len);
	return (gh_dynsym){
		.value = gh_file_word(f, s, f->wide ? 8 : 4, w),
		.size = gh_file_word(f, s, f->wide ? 16 : 8, w),
		.type = gh_file_word(f, s, f->wide ? 4 : 12, 1) & 15,
		.section = (unsigned)gh_file_word(f, s, f->wide ? 6 : 14, 2),
		.name = ends ? (const char *)name.ptr : "",
	};
}

/* The table has no size; the hash tables know the last symbol. */
static uint64_t count_symbols(const gh_file *f)
{
	const gh_dynamic *d = &f->dynamic;
	gh_bytes h = gh_file_memory(f, d->hash), g = gh_file_memory(f, d->gnu_hash);
	if (d->symbols)
		return d->symbols;
	if (d->hash && h.len >= 8)
		return gh_file_word(f, h, 4, 4);
	/* A hash table of the GNU kind does not count a program that exports nothing: its symbols end where its names,
	 * which follow them, begin. */
	uint64_t beside = d->strtab > d->symtab ? (d->strtab - d->symtab) / (f->wide ? 24 : 16) : 0;
	if (!d->gnu_hash || g.len < 16)
		return beside;
	uint64_t buckets = gh_file_word(f, g, 0, 4), first = gh_file_word(f, g, 4, 4), last = 0;
	uint64_t at = 16 + gh_file_word(f, g, 8, 4) * f->width, chains = at + buckets * 4;
	for (uint64_t i = 0; i < buckets && at + i * 4 < g.len; i++)
		last = GH_MAX(last, gh_file_word(f, g, at + i * 4, 4));
	if (last < first)
		return GH_MAX(first, beside);
	while (chains + (last - first) * 4 < g.len && !(gh_file_word(f, g, chains + (last - first) * 4, 4) & 1))
		last++;
	return last + 1;
}

bool gh_file_functions(const gh_file *f, uint64_t *first, uint64_t *end)
{
	unsigned size = f->wide ? 24 : 16;
	gh_bytes table = gh_file_memory(f, f->dynamic.symtab);
	uint64_t n = f->dynamic.symtab ? GH_MIN(count_symbols(f), table.len / size) : 0;
	*first = UINT64_MAX;
	*end = 0;
	for (uint64_t i = 1; i < n; i++) {
		gh_dynsym s = gh_file_symbol(f, table, (gh_bytes){ NULL, 0 }, i);
		if (s.value == 0 || s.type != 2 || s.section >= 0xff00)
			continue;
		s.value = gh_code_at(f->image->abi, s.value);
		*first = GH_MIN(*first, s.value);
		*end = GH_MAX(*end, s.value + GH_MIN(s.section ? s.size : 0, (uint64_t)1 << 24));
	}
	return *end != 0;
}

static int by_address(const void *a, const void *b)
{
	const gh_symbol *x = a, *y = b;
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->code != y->code)
		return x->code ? -1 : 1;
	return strcmp(x->name, y->name);
}

void gh_file_add_symbol(const gh_file *f, const gh_dynsym *s)
{
	gh_image *image = f->image;
	bool thumb = f->machine == 40 && s->type == 2 && (s->value & 1), code = s->type == 2 || s->type == 10;
	if (s->value == 0 || (s->type != 1 && !code) || s->section >= 0xff00)
		return;
	image->symbols[image->n_symbols++] =
		(gh_symbol){ s->value - thumb, s->size, s->name, thumb ? GH_MODE_THUMB : GH_MODE_PLAIN, code };
}

/* The table that is not needed to run, if it is still there. */
static gh_bytes full_table(const gh_file *f, gh_bytes *names)
{
	unsigned w = f->width;
	for (unsigned i = 0; i < f->n_sections; i++) {
		gh_bytes s = gh_bytes_part(f->bytes, f->sections + (uint64_t)i * f->section_size, f->section_size);
		if (gh_file_word(f, s, 4, 4) != 2)
			continue;
		uint64_t link = gh_file_word(f, s, 8 + 4 * w, 4);
		gh_bytes n = gh_bytes_part(f->bytes, f->sections + link * f->section_size, f->section_size);
		*names = gh_bytes_part(f->bytes, gh_file_word(f, n, 8 + 2 * w, w), gh_file_word(f, n, 8 + 3 * w, w));
		return gh_bytes_part(f->bytes, gh_file_word(f, s, 8 + 2 * w, w), gh_file_word(f, s, 8 + 3 * w, w));
	}
	return (gh_bytes){ NULL, 0 };
}

/* Most ARM instructions are unconditional: their words begin with 0xe. Of Thumb's pairs few do. */
static bool looks_like_thumb(const gh_image *image)
{
	uint64_t words = 0, always = 0;
	for (uint32_t i = 0; i < image->n_code; i++)
		for (size_t at = 0; at + 4 <= image->code[i].bytes.len; at += 4, words++)
			always += gh_word(image->code[i].bytes.ptr + at, image->mode) >> 28 == 14;
	return always < words / 2;
}

void gh_file_common_mode(const gh_file *f)
{
	gh_image *image = f->image;
	int64_t thumb = image->entry & 1 ? 1 : 0;
	bool told = false;
	for (uint32_t i = 0; i < image->n_symbols; i++) {
		if (image->symbols[i].code) {
			told = true;
			thumb += image->symbols[i].mode == GH_MODE_THUMB ? 1 : -1;
		}
	}
	if (f->machine == 40 && (told ? thumb > 0 : looks_like_thumb(image)))
		image->mode |= GH_MODE_THUMB;
}

static int by_place(const void *a, const void *b)
{
	const gh_slot *x = a, *y = b;
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->val < y->val ? -1 : x->val > y->val;
}

void gh_file_sort_tables(const gh_file *f)
{
	gh_image *image = f->image;
	if (image->n_symbols > 1)
		qsort(image->symbols, image->n_symbols, sizeof *image->symbols, by_address);
	if (image->n_slots > 1)
		qsort(image->slots, image->n_slots, sizeof *image->slots, by_place);
}

gh_code gh_file_symbols(gh_file *f)
{
	gh_image *image = f->image;
	unsigned size = f->wide ? 24 : 16;
	gh_bytes table = gh_file_memory(f, f->dynamic.symtab), names = gh_file_memory(f, f->dynamic.strtab), more_names;
	gh_bytes more = full_table(f, &more_names);
	uint64_t n = f->dynamic.symtab ? GH_MIN(count_symbols(f), table.len / size) : 0, full = more.len / size;
	gh_arena *arena = f->ctx->arena;
	image->symbols = gh_arena_array(arena, n + full + 1, sizeof *image->symbols);
	image->stubs = gh_arena_array(arena, n + 1, sizeof *image->stubs);
	image->imports = gh_arena_array(arena, n + 1, sizeof *image->imports);
	image->by_symbol = gh_arena_array(arena, n + 1, sizeof *image->by_symbol);
	if (!image->symbols || !image->stubs || !image->imports || !image->by_symbol)
		return gh_nomem(f->ctx);
	f->n_dynsym = image->n_by_symbol = (uint32_t)n;
	for (uint64_t i = 0; i < n; i++) {
		gh_dynsym s = gh_file_symbol(f, table, names, i);
		image->by_symbol[i] = GH_NONE;
		if (i == 0)
			continue;
		if (s.section != 0) {
			gh_file_add_symbol(f, &s);
			continue;
		}
		if (s.value)
			image->stubs[image->n_stubs++] = (gh_symbol){ s.value, image->n_imports, s.name, 0, true };
		image->by_symbol[i] = image->n_imports;
		image->imports[image->n_imports++].name = s.name;
	}
	for (uint64_t i = 1; i < full; i++) {
		gh_dynsym s = gh_file_symbol(f, more, more_names, i);
		if (s.section)
			gh_file_add_symbol(f, &s);
	}
	if (image->n_stubs > 1)
		qsort(image->stubs, image->n_stubs, sizeof *image->stubs, by_address);
	gh_file_sort_tables(f);
	gh_file_common_mode(f);
	return GH_OK;
}

static gh_val bound(const gh_file *f, uint64_t symbol, uint64_t add)
{
	gh_bytes table = gh_file_memory(f, f->dynamic.symtab), names = gh_file_memory(f, f->dynamic.strtab);
	if (symbol >= f->n_dynsym)
		return 0;
	gh_dynsym s = gh_file_symbol(f, table, names, symbol);
	if (s.section == 0)
		return gh_val_of(V_IMPORT, f->image->by_symbol[symbol]);
	return gh_image_address(f->image, s.value + add);
}

/* The kinds that put an address into a word: with the symbol's, from the GOT or PLT, and the base's. */
static const struct {
	uint16_t machine, plain, got, plt, base;
} kinds[] = {
	{ 8, 2, 51, 127, 3 },  { 40, 2, 21, 22, 23 },  { 183, 257, 1025, 1026, 1027 },
	{ 20, 1, 20, 21, 22 }, { 21, 38, 20, 21, 22 }, { 3, 1, 6, 7, 8 },
	{ 62, 1, 6, 7, 8 },
};

static void relocate(gh_file *f, uint64_t where, uint64_t kind, uint64_t symbol, uint64_t add)
{
	gh_image *image = f->image;
	for (size_t i = 0; i < GH_COUNT(kinds); i++) {
		if (kinds[i].machine != f->machine)
			continue;
		bool base = kind == kinds[i].base, plain = kind == kinds[i].plain;
		if (!base && !plain && kind != kinds[i].got && kind != kinds[i].plt)
			return;
		bool named = symbol && (!base || f->machine == 8);
		gh_val v = named ? bound(f, symbol, plain ? add : 0) : gh_image_address(image, add);
		if (v)
			image->slots[image->n_slots++] = (gh_slot){ where, v };
	}
}

static void table(gh_file *f, uint64_t address, uint64_t size, bool addends)
{
	unsigned w = f->width, row = (addends ? 3 : 2) * w;
	gh_bytes b = gh_bytes_part(gh_file_memory(f, address), 0, size);
	for (uint64_t at = 0; at + row <= b.len; at += row) {
		uint64_t where = gh_file_word(f, b, at, w), info = gh_file_word(f, b, at + w, w);
		uint64_t kind = f->wide ? info & UINT32_MAX : info & 0xff, symbol = f->wide ? info >> 32 : info >> 8;
		if (f->wide && f->machine == 8) { /* three kinds in a row of their own order */
			symbol = gh_file_word(f, b, at + 8, 4);
			kind = gh_file_word(f, b, at + 15, 1);
		}
		uint64_t add = gh_file_word(f, addends ? b : gh_file_memory(f, where), addends ? at + 2 * w : 0, w);
		relocate(f, where, kind, symbol, add);
	}
}

/* DT_RELR: an address, then words whose bits stand for those that follow. */
static void relative(gh_file *f, gh_bytes b, uint32_t most)
{
	unsigned w = f->width;
	uint64_t base = 0;
	for (uint64_t at = 0; at + w <= b.len; at += w) {
		uint64_t word = gh_file_word(f, b, at, w);
		uint64_t bits = word & 1 ? word >> 1 : 1;
		if (!(word & 1))
			base = word;
		for (unsigned i = 0; bits && f->image->n_slots < most; i++, bits >>= 1) {
			uint64_t where = base + (uint64_t)i * w;
			gh_val v = gh_image_address(f->image, gh_file_word(f, gh_file_memory(f, where), 0, w));
			if (bits & 1)
				f->image->slots[f->image->n_slots++] = (gh_slot){ where, v };
		}
		base += word & 1 ? (uint64_t)(w * 8 - 1) * w : w;
	}
}

gh_code gh_file_relocations(gh_file *f)
{
	gh_image *image = f->image;
	const gh_dynamic *d = &f->dynamic;
	gh_bytes packed = gh_bytes_part(gh_file_memory(f, d->relr), 0, d->relr ? d->relrsz : 0);
	const struct {
		uint64_t at, size;
		bool addends;
	} tables[] = { { d->rel, d->relsz, false },
		       { d->rela, d->relasz, true },
		       { d->jmprel, d->pltrelsz, d->pltrel == 7 } };
	uint64_t most = packed.len * 8;
	for (size_t i = 0; i < GH_COUNT(tables); i++)
		most += tables[i].at
				? GH_MIN(tables[i].size, (uint64_t)gh_file_memory(f, tables[i].at).len) / (2 * f->width)
				: 0;
	image->slots = gh_arena_array(f->ctx->arena, most + 1, sizeof *image->slots);
	if (!image->slots)
		return gh_nomem(f->ctx);
	for (size_t i = 0; i < GH_COUNT(tables); i++)
		if (tables[i].at)
			table(f, tables[i].at, tables[i].size, tables[i].addends);
	relative(f, packed, (uint32_t)most);
	gh_file_sort_tables(f);
	return GH_OK;
}

/* "MIPS supplement", 5: the first entries are addresses of the file itself, the others those of the
 * dynamic symbols from DT_MIPS_GOTSYM on. The global pointer stands 0x7ff0 behind its beginning. */
static gh_code got_of_mips(gh_file *f)
{
	gh_image *image = f->image;
	const gh_dynamic *d = &f->dynamic;
	gh_bytes got = gh_file_memory(f, d->pltgot);
	uint64_t globals = f->n_dynsym > d->first_got ? f->n_dynsym - d->first_got : 0;
	uint64_t n = GH_MIN(d->local_got, got.len / f->width);
	n = GH_MIN(n + globals, got.len / f->width);
	image->got_vals = gh_arena_array(f->ctx->arena, n + 1, sizeof *image->got_vals);
	if (!image->got_vals)
		return gh_nomem(f->ctx);
	image->gp = d->pltgot + 0x7ff0;
	image->got = d->pltgot;
	image->got_end = d->pltgot + n * f->width;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t word = gh_file_word(f, got, i * f->width, f->width);
		if (i == 0)
			image->got_vals[i] = gh_val_of(V_LINKER, 0);
		else if (i >= d->local_got)
			image->got_vals[i] = bound(f, d->first_got + i - d->local_got, 0);
		else
			image->got_vals[i] = gh_image_address(image, word);
	}
	return GH_OK;
}

/* PowerPC64: functions make r2 from their own address, all the same one. */
static void toc(gh_file *f)
{
	gh_image *image = f->image;
	for (uint32_t i = 0; i < image->n_code && !image->gp; i++) {
		const gh_span *c = &image->code[i];
		for (size_t at = 0; at + 8 <= c->bytes.len && !image->gp; at += 4) {
			uint32_t a = gh_word(c->bytes.ptr + at, image->mode),
				 b = gh_word(c->bytes.ptr + at + 4, image->mode);
			if (a >> 16 == 0x3c4c && b >> 16 == 0x3842)
				image->gp =
					c->address + at + (uint64_t)(gh_sign(a, 16) * 65536) + (uint64_t)gh_sign(b, 16);
		}
	}
}

gh_code gh_file_got(gh_file *f)
{
	if (f->machine == 21)
		toc(f);
	else if (f->machine == 3)
		f->image->gp = f->dynamic.pltgot;
	return f->machine == 8 && f->dynamic.pltgot ? got_of_mips(f) : GH_OK;
}
