/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/elf - what code needs of an ELF file: segments, where code is, the dynamic table.
 *
 * Segments are believed before sections. Where the sections name executable parts of executable
 * segments, those are the code; where they do not, it is what lies between DT_INIT and DT_FINI, or
 * round the functions of the dynamic symbols, or the whole segment.
 *
 * "System V Application Binary Interface", chapters 4 and 5.
 */
#include <stdlib.h>

#include "asm/elf_in.h"

enum { MOST_SEGMENTS = 64, MOST_SECTIONS = 512, FINI_SIZE = 0x60, MOST_CODE = 64 << 20, TEXT = 12 };

uint64_t gh_file_word(const gh_file *f, gh_bytes b, uint64_t at, unsigned width)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, width), 0);
	return f->big ? gh_uint_be(&c, width) : gh_uint_le(&c, width);
}

gh_bytes gh_file_memory(const gh_file *f, uint64_t address)
{
	const gh_span *s = gh_span_at(f->image->spans, f->image->n_spans, address);
	return s ? gh_bytes_part(s->bytes, address - s->address, s->bytes.len) : (gh_bytes){ NULL, 0 };
}

static int by_address(const void *a, const void *b)
{
	const gh_span *x = a, *y = b;
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->bytes.ptr < y->bytes.ptr ? -1 : x->bytes.ptr > y->bytes.ptr;
}

uint32_t gh_spans_arrange(gh_span *s, uint32_t n)
{
	uint32_t kept = 0;
	if (n > 1)
		qsort(s, n, sizeof *s, by_address);
	for (uint32_t i = 0; i < n; i++) {
		if (kept && s[i].address - s[kept - 1].address < s[kept - 1].size) {
			uint64_t room = s[i].address - s[kept - 1].address;
			s[kept - 1].size = room;
			s[kept - 1].bytes.len = (size_t)GH_MIN((uint64_t)s[kept - 1].bytes.len, room);
		}
		if (kept && s[kept - 1].size == 0)
			kept--;
		s[kept++] = s[i];
	}
	return kept;
}

gh_code gh_file_segments(gh_file *f, uint64_t at, unsigned size, unsigned n)
{
	gh_image *image = f->image;
	n = GH_MIN(n, (unsigned)MOST_SEGMENTS);
	image->spans = gh_arena_array(f->ctx->arena, n + 1, sizeof *image->spans);
	if (!image->spans)
		return gh_nomem(f->ctx);
	for (unsigned i = 0; i < n; i++) {
		gh_bytes p = gh_bytes_part(f->bytes, at + (uint64_t)i * size, size);
		unsigned w = f->width, o = f->wide ? 8 : 4;
		uint64_t type = gh_file_word(f, p, 0, 4), flags = gh_file_word(f, p, f->wide ? 4 : 24, 4);
		uint64_t offset = gh_file_word(f, p, o, w), address = gh_file_word(f, p, o + w, w);
		uint64_t stored = gh_file_word(f, p, o + 3 * w, w), held = gh_file_word(f, p, o + 4 * w, w);
		uint64_t end;
		if (type == 2) {
			f->dynamic_at = address;
			f->dynamic_size = held;
		}
		if (type != 1 || held == 0 || __builtin_add_overflow(address, held, &end) || end >> 60)
			continue;
		gh_bytes bytes = gh_bytes_part(f->bytes, offset, GH_MIN(stored, held));
		image->spans[image->n_spans++] = (gh_span){ address, bytes, held, flags & 1, (flags & 2) != 0 };
	}
	image->n_spans = gh_spans_arrange(image->spans, image->n_spans);
	return GH_OK;
}

static void add_code(gh_file *f, uint64_t address, uint64_t size)
{
	gh_image *image = f->image;
	const gh_span *s = gh_span_at(image->spans, image->n_spans, address);
	if (!s || !s->exec || image->n_code == MOST_SEGMENTS)
		return;
	gh_bytes b = gh_bytes_part(s->bytes, address - s->address, size);
	image->unread += b.len > MOST_CODE ? b.len - MOST_CODE : 0;
	b.len = GH_MIN(b.len, (size_t)MOST_CODE);
	if (b.len)
		image->code[image->n_code++] = (gh_span){ address, b, b.len, true, false };
}

/* Sections that say they hold instructions. */
static void code_of_sections(gh_file *f)
{
	unsigned w = f->width;
	for (unsigned i = 0; i < GH_MIN(f->n_sections, (unsigned)MOST_SECTIONS); i++) {
		gh_bytes s = gh_bytes_part(f->bytes, f->sections + (uint64_t)i * f->section_size, f->section_size);
		uint64_t type = gh_file_word(f, s, 4, 4), flags = gh_file_word(f, s, 8, w);
		if (type == 1 && (flags & 6) == 6)
			add_code(f, gh_file_word(f, s, 8 + w, w), gh_file_word(f, s, 8 + 3 * w, w));
	}
}

static bool in_code(const gh_image *image, uint64_t address)
{
	return gh_span_at(image->code, image->n_code, address) != NULL;
}

/* How far code may go on behind its last known function: up to a text. */
static uint64_t up_to_text(gh_bytes b, uint64_t at)
{
	uint64_t plain = 0;
	for (; at < b.len; at++) {
		if (b.ptr[at] == 0 && plain >= TEXT)
			return at - plain;
		plain = b.ptr[at] >= 0x20 && b.ptr[at] < 0x7f ? plain + 1 : 0;
	}
	return b.len;
}

/* Libraries without DT_INIT, as uClibc's own: behind the tables of the linker, up to the texts. */
static bool code_by_symbols(gh_file *f, const gh_span *s)
{
	const gh_dynamic *d = &f->dynamic;
	const struct {
		uint64_t at, size;
	} tables[] = {
		{ d->strtab, d->strsz }, { d->rel, d->relsz }, { d->rela, d->relasz }, { d->jmprel, d->pltrelsz }
	};
	uint64_t from = 0, first, end;
	if (!gh_file_functions(f, &first, &end) || first - s->address >= s->bytes.len ||
	    end - s->address > s->bytes.len)
		return false;
	for (size_t i = 0; i < GH_COUNT(tables); i++) {
		uint64_t at = tables[i].at - s->address;
		if (tables[i].at && at < first - s->address && tables[i].size <= first - s->address - at)
			from = GH_MAX(from, at + tables[i].size);
	}
	from = (from + 15) & ~(uint64_t)15;
	end = up_to_text(s->bytes, end - s->address);
	if (from > first - s->address)
		from = first - s->address;
	add_code(f, s->address + from, end - from);
	return true;
}

static void code_of_segments(gh_file *f)
{
	const gh_image *image = f->image;
	const gh_dynamic *d = &f->dynamic;
	f->image->n_code = 0;
	f->image->unread = 0;
	for (uint32_t i = 0; i < image->n_spans; i++) {
		const gh_span *s = &image->spans[i];
		uint64_t from = s->address, size = s->bytes.len;
		if (!s->exec)
			continue;
		if (d->init - from < size && d->fini - from < size && d->init < d->fini) {
			size = GH_MIN(d->fini + FINI_SIZE, from + size) - d->init;
			from = d->init;
		} else if (code_by_symbols(f, s)) {
			continue;
		}
		add_code(f, from, size);
	}
}

/* A table of sections that leaves out the entry point is not believed. */
gh_code gh_file_code(gh_file *f)
{
	gh_image *image = f->image;
	image->code = gh_arena_array(f->ctx->arena, MOST_SEGMENTS, sizeof *image->code);
	if (!image->code)
		return gh_nomem(f->ctx);
	code_of_sections(f);
	image->n_code = gh_spans_arrange(image->code, image->n_code);
	bool lies = image->entry && !in_code(image, gh_code_at(image->abi, image->entry));
	if (image->n_code == 0 || lies)
		code_of_segments(f);
	image->n_code = gh_spans_arrange(image->code, image->n_code);
	return GH_OK;
}

static void dynamic(gh_file *f)
{
	gh_dynamic *d = &f->dynamic;
	const struct {
		uint64_t tag, *to;
	} tags[] = {
		{ 2, &d->pltrelsz },
		{ 3, &d->pltgot },
		{ 4, &d->hash },
		{ 5, &d->strtab },
		{ 6, &d->symtab },
		{ 7, &d->rela },
		{ 8, &d->relasz },
		{ 10, &d->strsz },
		{ 12, &d->init },
		{ 13, &d->fini },
		{ 17, &d->rel },
		{ 18, &d->relsz },
		{ 20, &d->pltrel },
		{ 23, &d->jmprel },
		{ 25, &d->init_array },
		{ 26, &d->fini_array },
		{ 27, &d->init_size },
		{ 28, &d->fini_size },
		{ 35, &d->relrsz },
		{ 36, &d->relr },
		{ 0x6ffffef5, &d->gnu_hash },
		{ 0x7000000a, &d->local_got },
		{ 0x70000011, &d->symbols },
		{ 0x70000013, &d->first_got },
	};
	gh_bytes b = gh_bytes_part(gh_file_memory(f, f->dynamic_at), 0, f->dynamic_size);
	for (uint64_t at = 0; f->dynamic_at && at + 2 * f->width <= b.len; at += 2 * f->width) {
		uint64_t tag = gh_file_word(f, b, at, f->width);
		if (tag == 0)
			break;
		for (size_t i = 0; i < GH_COUNT(tags); i++)
			if (tags[i].tag == tag)
				*tags[i].to = gh_file_word(f, b, at + f->width, f->width);
	}
}

static const gh_abi *abi(const gh_file *f)
{
	switch (f->machine) {
	case 8:
		return gh_abi_of(f->wide ? GH_ABI_MIPS_N64 : f->flags & 0x20 ? GH_ABI_MIPS_N32 : GH_ABI_MIPS_O32);
	case 40:
		return gh_abi_of(GH_ABI_ARM);
	case 183:
		return gh_abi_of(GH_ABI_AARCH64);
	case 20:
		return gh_abi_of(GH_ABI_PPC);
	case 21:
		return gh_abi_of(GH_ABI_PPC64);
	case 3:
		return gh_abi_of(GH_ABI_I386);
	case 62:
		return gh_abi_of(GH_ABI_AMD64);
	default:
		return NULL;
	}
}

static gh_code starts(gh_file *f)
{
	gh_image *image = f->image;
	const gh_dynamic *d = &f->dynamic;
	image->starts = gh_arena_array(f->ctx->arena, 3, sizeof *image->starts);
	if (!image->starts)
		return gh_nomem(f->ctx);
	if (image->entry)
		image->starts[image->n_starts++] = image->entry;
	if (d->init)
		image->starts[image->n_starts++] = d->init;
	if (d->fini)
		image->starts[image->n_starts++] = d->fini;
	return GH_OK;
}

gh_code gh_image_read(gh_ctx *ctx, gh_bytes file, gh_image **ret)
{
	gh_image *image = gh_arena_zalloc(ctx->arena, sizeof *image);
	if (!image)
		return gh_nomem(ctx);
	gh_file f = { .ctx = ctx, .bytes = file, .image = image };
	if (file.len < 64 || !gh_bytes_start(file, GH_LIT("\177ELF")))
		return gh_fail(ctx, GH_NOT_MINE, 0, "no ELF file");
	f.big = file.ptr[5] == 2;
	f.wide = file.ptr[4] == 2;
	unsigned w = f.width = f.wide ? 8 : 4, tail = 24 + 3 * w;
	f.type = (unsigned)gh_file_word(&f, file, 16, 2);
	f.machine = (unsigned)gh_file_word(&f, file, 18, 2);
	f.flags = (unsigned)gh_file_word(&f, file, tail, 4);
	f.sections = gh_file_word(&f, file, 24 + 2 * w, w);
	f.section_size = (unsigned)gh_file_word(&f, file, tail + 10, 2);
	f.n_sections = (unsigned)gh_file_word(&f, file, tail + 12, 2);
	image->entry = gh_file_word(&f, file, 24, w);
	image->fixed = f.type == 2;
	bool be8 = f.machine == 40 && f.flags & 0x800000; /* data is big-endian, code is not */
	image->mode = (f.big && !be8 ? GH_DECODE_BIG : 0) | (f.wide ? GH_DECODE_64 : 0);
	image->big = f.big;
	image->mixed = f.machine == 8 && f.flags & 0x06000000;
	*ret = image;
	gh_code code =
		gh_file_segments(&f, gh_file_word(&f, file, 24 + w, w), (unsigned)gh_file_word(&f, file, tail + 6, 2),
				 (unsigned)gh_file_word(&f, file, tail + 8, 2));
	image->abi = f.type >= 1 && f.type <= 3 ? abi(&f) : NULL;
	if (code || !image->abi)
		return code;
	if (f.wide) {
		image->bigs = gh_arena_zalloc(ctx->arena, sizeof *image->bigs);
		if (!image->bigs)
			return gh_nomem(ctx);
	}
	if (f.type == 1 && file.len <= MOST_CODE)
		return gh_file_object(&f);
	if (f.type == 1) {
		image->abi = NULL;
		image->unread = file.len;
		return GH_OK;
	}
	dynamic(&f);
	code = starts(&f);
	f.dynamic.init = gh_code_at(image->abi, f.dynamic.init);
	f.dynamic.fini = gh_code_at(image->abi, f.dynamic.fini);
	if (!code)
		code = gh_file_code(&f);
	if (!code)
		code = gh_file_symbols(&f);
	if (!code)
		code = gh_file_relocations(&f);
	return code ? code : gh_file_got(&f);
}
