/* SPDX-License-Identifier: Apache-2.0 */
#include "elf.h"

#include <elf.h>

/* gABI, "Hash Table Function" */
static uint32_t hash_of(gh_bytes name)
{
	uint32_t h = 0;
	for (size_t i = 0; i < name.len; i++) {
		h = (h << 4) + name.ptr[i];
		uint32_t g = h & 0xf0000000;
		h = (h ^ g >> 24) & ~g;
	}
	return h;
}

static gh_bytes symbol_name(const elf *e, size_t i)
{
	return i <= e->exports.n ? e->exports.v[i - 1] : e->imports.v[i - 1 - e->exports.n];
}

static size_t string(lab_out *strings, gh_bytes text)
{
	size_t at = strings->len;
	lab_text(strings, text, text.len + 1, 0);
	return at;
}

static gh_bytes hash_table(elf *e)
{
	size_t n = e->symbols_n, buckets = n / 2 + 1;
	lab_out h = lab_out_in(e->l->arena);
	(void)lab_span(&h, 4 * (2 + buckets + n));
	lab_poke(h.ptr, e->m->order, buckets, 4);
	lab_poke(h.ptr + 4, e->m->order, n, 4);
	size_t *last = lab_alloc(e->l->arena, buckets * sizeof(*last));
	for (size_t i = 1; i < n; i++) {
		size_t b = hash_of(symbol_name(e, i)) % buckets;
		lab_poke(h.ptr + 4 * (last[b] ? 2 + buckets + last[b] : 2 + b), e->m->order, i, 4);
		last[b] = i;
	}
	return lab_view(&h);
}

/* .interp .hash .dynsym .dynstr; the symbols' values follow once .text has its place. */
void elf_dynamic_begin(elf *e, gh_bytes interp, gh_bytes soname)
{
	lab_out strings = lab_out_in(e->l->arena), symbols = lab_out_in(e->l->arena);
	size_t entry = e->m->word == 4 ? 16 : 24;
	if (e->interp) {
		elf_section(e, ".interp", SHT_PROGBITS, SHF_ALLOC, gh_view(interp.ptr, interp.len + 1), 1, 0, 0, 0);
		e->interp = e->sections_n;
	}
	lab_fill(&strings, 0, 1);
	e->symbols_n = 1 + e->exports.n + e->imports.n;
	e->needed_at = lab_alloc(e->l->arena, e->needed.n * sizeof(size_t));
	e->symbol_at = lab_alloc(e->l->arena, e->symbols_n * sizeof(size_t));
	for (size_t i = 0; i < e->needed.n; i++)
		e->needed_at[i] = string(&strings, e->needed.v[i]);
	for (size_t i = 1; i < e->symbols_n; i++)
		e->symbol_at[i] = string(&strings, symbol_name(e, i));
	e->soname = soname.len ? string(&strings, soname) : 0;
	e->hash = e->sections_n + 1;
	e->symbols = e->hash + 1;
	e->strings = e->hash + 2;
	elf_section(e, ".hash", SHT_HASH, SHF_ALLOC, hash_table(e), e->m->word, 4, e->symbols, 0);
	(void)lab_span(&symbols, e->symbols_n * entry);
	elf_section(e, ".dynsym", SHT_DYNSYM, SHF_ALLOC, lab_view(&symbols), e->m->word, entry, e->strings, 1);
	elf_section(e, ".dynstr", SHT_STRTAB, SHF_ALLOC, lab_view(&strings), 1, 0, 0, 0);
}

static void fill_symbols(elf *e)
{
	lab_order o = e->m->order;
	for (size_t i = 1; i < e->symbols_n; i++) {
		bool here = i <= e->exports.n;
		uint64_t value = here ? e->sections[e->text].address + e->returns + (i - 1) * 2 * e->m->code : 0;
		uint64_t size = here ? 2 * e->m->code : 0;
		unsigned info = STB_GLOBAL << 4 | STT_FUNC, section = here ? e->text : SHN_UNDEF;
		uint8_t *s = e->file.ptr + e->sections[e->symbols].at + i * (e->m->word == 4 ? 16 : 24);
		lab_poke(s, o, e->symbol_at[i], 4);
		if (e->m->word == 4) {
			lab_poke(s + 4, o, value, 4);
			lab_poke(s + 8, o, size, 4);
			lab_poke(s + 12, o, info, 1);
			lab_poke(s + 14, o, section, 2);
		} else {
			lab_poke(s + 4, o, info, 1);
			lab_poke(s + 6, o, section, 2);
			lab_poke(s + 8, o, value, 8);
			lab_poke(s + 16, o, size, 8);
		}
	}
}

static void tag(elf *e, lab_out *d, uint64_t what, uint64_t v)
{
	lab_put(d, e->m->order, what, e->m->word);
	lab_put(d, e->m->order, v, e->m->word);
}

/* MIPS psABI: two reserved entries, then one for each imported symbol. */
static void mips_got(elf *e, lab_out *d)
{
	lab_out got = lab_out_in(e->l->arena);
	lab_put(&got, e->m->order, 0, 4);
	lab_put(&got, e->m->order, 0x80000000, 4);
	(void)lab_span(&got, 4 * e->imports.n);
	size_t at = elf_section(e, ".got", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, lab_view(&got), 16, 4, 0, 0);
	tag(e, d, DT_PLTGOT, elf_address(e, at));
	tag(e, d, DT_MIPS_RLD_VERSION, 1);
	tag(e, d, DT_MIPS_FLAGS, RHF_NOTPOT);
	tag(e, d, DT_MIPS_BASE_ADDRESS, e->base);
	tag(e, d, DT_MIPS_LOCAL_GOTNO, 2);
	tag(e, d, DT_MIPS_SYMTABNO, e->symbols_n);
	tag(e, d, DT_MIPS_GOTSYM, 1 + e->exports.n);
}

/* .got, .dynamic, and the values of the symbols. */
void elf_dynamic_end(elf *e)
{
	lab_out d = lab_out_in(e->l->arena);
	fill_symbols(e);
	for (size_t i = 0; i < e->needed.n; i++)
		tag(e, &d, DT_NEEDED, e->needed_at[i]);
	if (e->soname)
		tag(e, &d, DT_SONAME, e->soname);
	tag(e, &d, DT_HASH, e->sections[e->hash].address);
	tag(e, &d, DT_STRTAB, e->sections[e->strings].address);
	tag(e, &d, DT_SYMTAB, e->sections[e->symbols].address);
	tag(e, &d, DT_STRSZ, e->sections[e->strings].len);
	tag(e, &d, DT_SYMENT, e->sections[e->symbols].entry);
	if (e->m->machine == EM_MIPS)
		mips_got(e, &d);
	tag(e, &d, DT_NULL, 0);
	elf_section(e, ".dynamic", SHT_DYNAMIC, SHF_ALLOC | SHF_WRITE, lab_view(&d), 16, e->m->word * 2UL, e->strings,
		    0);
	e->dynamic = e->sections_n;
}
