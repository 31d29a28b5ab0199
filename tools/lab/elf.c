/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf machine M kind exec|lib|static … { needed L; import F; export F; string "…"; data { … }; code N seed S }
 *
 * Small, well-formed, and inert: the entry point is one branch to itself, an exported function is
 * one return. Layout after the System V gABI and the psABI supplements.
 */
#include "elf.h"

#include <elf.h>
#include <stdlib.h>

static const elf_machine machines[] = {
	/* name, e_machine, class, order, e_flags, branch to itself (and delay slot), return, width */
	{ "mips-be", EM_MIPS, 4, LAB_BIG, 0x70001007, { 0x1000ffff, 0 }, { 0x03e00008, 0 }, 4 },
	{ "mips-le", EM_MIPS, 4, LAB_LITTLE, 0x70001007, { 0x1000ffff, 0 }, { 0x03e00008, 0 }, 4 },
	{ "arm", EM_ARM, 4, LAB_LITTLE, 0x05000200, { 0xeafffffe, 0xe1a00000 }, { 0xe12fff1e, 0xe1a00000 }, 4 },
	{ "aarch64", EM_AARCH64, 8, LAB_LITTLE, 0, { 0x14000000, 0xd503201f }, { 0xd65f03c0, 0xd503201f }, 4 },
	{ "ppc-be", EM_PPC, 4, LAB_BIG, 0, { 0x48000000, 0x60000000 }, { 0x4e800020, 0x60000000 }, 4 },
	{ "x86-64", EM_X86_64, 8, LAB_LITTLE, 0, { 0x9090feeb, 0x90909090 }, { 0x909090c3, 0x90909090 }, 4 },
};

enum { PAGE = 0x10000 };

static void collect(elf *e, const lab_st *st)
{
	static const char *const names[] = { "needed", "import", "export", "string", "data", "code" };
	for (const lab_st *s = st->first; s; s = s->next) {
		unsigned what = lab_choice(s, s->words[0], names, GH_COUNT(names));
		for (size_t i = 1; what < 4 && i < s->n; i++) {
			gh_bytes w = lab_word(e->l, s, i);
			if (what == 3) {
				lab_text(&e->rodata, w, w.len + 1, 0);
				continue;
			}
			elf_names *to = what == 0 ? &e->needed : what == 1 ? &e->imports : &e->exports;
			to->v = lab_array_grow(e->l->arena, to->v, to->n, &to->cap, sizeof(*to->v));
			to->v[to->n++] = w;
		}
		if (what == 4)
			lab_block_into(e->l, s, &e->data);
		else if (what == 5)
			lab_code(&e->code, lab_number(s, lab_word(e->l, s, 1), 0) & ~3ULL,
				 lab_number_of(e->l, s, "seed", 1), e->m->order);
	}
}

size_t elf_section(elf *e, const char *name, unsigned type, unsigned flags, gh_bytes b, size_t align, size_t entry,
		   unsigned link, unsigned info)
{
	lab_pad(&e->file, align, 0);
	size_t at = e->file.len, len = strlen(name) + 1;
	if (e->sections_n == ELF_SECTIONS)
		lab_die(e->st, "too many sections");
	e->sections[++e->sections_n] =
		(elf_part){ type,  flags, at,           b.len, (flags & SHF_ALLOC) ? elf_address(e, at) : 0,
			    align, entry, e->names.len, link,  info };
	lab_text(&e->names, gh_view(name, len - 1), len, 0);
	lab_add(&e->file, b);
	return at;
}

uint64_t elf_address(const elf *e, size_t at)
{
	return e->base + (e->writable ? PAGE : 0) + at;
}

static void segment(elf *e, uint8_t *h, unsigned type, unsigned flags, size_t at, size_t len, uint64_t address,
		    size_t align)
{
	lab_order o = e->m->order;
	unsigned w = e->m->word;
	const uint64_t v32[] = { type, at, address, address, len, len, flags, align };
	lab_poke(h, o, type, 4);
	if (w == 4) {
		for (size_t i = 0; i < 8; i++)
			lab_poke(h + 4 * i, o, v32[i], 4);
		return;
	}
	lab_poke(h + 4, o, flags, 4);
	for (size_t i = 1; i < 6; i++)
		lab_poke(h + 8 * i, o, v32[i], 8);
	lab_poke(h + 48, o, align, 8);
}

static void segments(elf *e, size_t split, size_t data_end)
{
	size_t one = e->m->word == 4 ? 32 : 56, n = 0;
	uint8_t *h = e->file.ptr + (e->m->word == 4 ? 52 : 64);
	if (e->interp)
		segment(e, h + one * n++, PT_INTERP, PF_R, e->sections[e->interp].at, e->sections[e->interp].len,
			e->sections[e->interp].address, 1);
	segment(e, h + one * n++, PT_LOAD, PF_R | PF_X, 0, split, e->base, PAGE);
	segment(e, h + one * n++, PT_LOAD, PF_R | PF_W, split, data_end - split, e->base + PAGE + split, PAGE);
	if (e->dynamic)
		segment(e, h + one * n++, PT_DYNAMIC, PF_R | PF_W, e->sections[e->dynamic].at,
			e->sections[e->dynamic].len, e->sections[e->dynamic].address, e->m->word);
	segment(e, h + one * n++, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
	e->segments = n;
}

static size_t section_headers(elf *e)
{
	lab_order o = e->m->order;
	unsigned w = e->m->word;
	lab_pad(&e->file, w, 0);
	size_t at = e->file.len;
	for (unsigned i = 0; i <= e->sections_n; i++) {
		const elf_part *s = &e->sections[i];
		lab_put(&e->file, o, s->name, 4);
		lab_put(&e->file, o, s->type, 4);
		lab_put(&e->file, o, s->flags, w);
		lab_put(&e->file, o, s->address, w);
		lab_put(&e->file, o, s->at, w);
		lab_put(&e->file, o, s->len, w);
		lab_put(&e->file, o, s->link, 4);
		lab_put(&e->file, o, s->info, 4);
		lab_put(&e->file, o, s->align, w);
		lab_put(&e->file, o, s->entry, w);
	}
	return at;
}

static void header(elf *e, unsigned type, uint64_t entry, size_t sections_at, uint64_t flags)
{
	lab_order o = e->m->order;
	unsigned w = e->m->word, head = w == 4 ? 52 : 64;
	lab_out h = lab_out_in(e->l->arena);
	lab_add(&h, GH_LIT("\x7f"
			   "ELF"));
	lab_put(&h, o, w == 4 ? ELFCLASS32 : ELFCLASS64, 1);
	lab_put(&h, o, o == LAB_BIG ? ELFDATA2MSB : ELFDATA2LSB, 1);
	lab_put(&h, o, EV_CURRENT, 1);
	lab_fill(&h, 0, 9);
	lab_put(&h, o, type, 2);
	lab_put(&h, o, e->m->machine, 2);
	lab_put(&h, o, EV_CURRENT, 4);
	lab_put(&h, o, entry, w);
	lab_put(&h, o, head, w);
	lab_put(&h, o, sections_at, w);
	lab_put(&h, o, flags, 4);
	lab_put(&h, o, head, 2);
	lab_put(&h, o, w == 4 ? 32 : 56, 2);
	lab_put(&h, o, e->segments, 2);
	lab_put(&h, o, w == 4 ? 40 : 64, 2);
	lab_put(&h, o, sections_at ? e->sections_n + 1 : 0, 2);
	lab_put(&h, o, sections_at ? e->sections_n : 0, 2);
	memcpy(e->file.ptr, h.ptr, h.len);
}

static uint64_t text_section(elf *e)
{
	lab_out text = lab_out_in(e->l->arena);
	for (size_t i = 0; i < 2; i++)
		lab_put(&text, e->m->order, e->m->stay[i], e->m->code);
	e->returns = text.len;
	for (size_t i = 0; i < 2 * e->exports.n; i++)
		lab_put(&text, e->m->order, e->m->back[i % 2], e->m->code);
	lab_add(&text, lab_view(&e->code));
	size_t at = elf_section(e, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, lab_view(&text), 16, 0, 0, 0);
	e->text = e->sections_n;
	return elf_address(e, at);
}

void lab_elf(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const kinds[] = { "exec", "lib", "static" };
	const char *names[GH_COUNT(machines)];
	for (size_t i = 0; i < GH_COUNT(machines); i++)
		names[i] = machines[i].name;
	elf e = { .l = l, .st = st };
	e.m = &machines[lab_choice(st, lab_value(l, st, "machine", "mips-be"), names, GH_COUNT(names))];
	e.kind = lab_choice(st, lab_value(l, st, "kind", "exec"), kinds, GH_COUNT(kinds));
	e.file = e.names = e.rodata = e.data = e.code = lab_out_in(l->arena);
	e.base = e.kind == ELF_LIB ? 0 : 0x400000;
	collect(&e, st);
	lab_fill(&e.names, 0, 1);
	bool dynamic = e.kind != ELF_STATIC;
	size_t head = e.m->word == 4 ? 52 : 64, one = e.m->word == 4 ? 32 : 56;
	e.interp = e.kind == ELF_EXEC; /* its section comes first */
	(void)lab_span(&e.file, head + one * (3U + dynamic + e.interp));
	if (dynamic)
		elf_dynamic_begin(&e, lab_value(l, st, "interp", "/lib/ld-uClibc.so.0"),
				  lab_value(l, st, "soname", ""));
	uint64_t entry = text_section(&e);
	if (e.rodata.len)
		elf_section(&e, ".rodata", SHT_PROGBITS, SHF_ALLOC, lab_view(&e.rodata), 16, 0, 0, 0);
	lab_pad(&e.file, 16, 0);
	size_t split = e.file.len;
	e.writable = true;
	if (dynamic)
		elf_dynamic_end(&e);
	elf_section(&e, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, lab_view(&e.data), 16, 0, 0, 0);
	size_t data_end = e.file.len, sections_at = 0;
	if (!lab_flag(st, "strip")) {
		gh_bytes comment = lab_value(l, st, "comment", "gifthorse laboratory, inert");
		elf_section(&e, ".comment", SHT_PROGBITS, SHF_MERGE | SHF_STRINGS,
			    gh_view(comment.ptr, comment.len + 1), 1, 1, 0, 0);
		lab_add(&e.names, GH_LIT(".shstrtab\0")); /* its own name must be in before it is written */
		size_t name = e.names.len - sizeof(".shstrtab");
		elf_section(&e, "", SHT_STRTAB, 0, lab_view(&e.names), 1, 0, 0, 0);
		e.sections[e.sections_n].name = name;
		sections_at = section_headers(&e);
	}
	segments(&e, split, data_end);
	header(&e, e.kind == ELF_LIB ? ET_DYN : ET_EXEC, entry, sections_at, lab_number_of(l, st, "flags", e.m->flags));
	lab_add(out, lab_view(&e.file));
}
