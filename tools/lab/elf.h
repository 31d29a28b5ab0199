/* SPDX-License-Identifier: Apache-2.0 */
/* tools/lab/elf - what the two halves of the ELF writer share: elf.c lays out, elf_dynamic.c links. */
#ifndef GH_TOOLS_LAB_ELF_H
#define GH_TOOLS_LAB_ELF_H

#include "lab.h"

enum { ELF_SECTIONS = 16 };
enum { ELF_EXEC, ELF_LIB, ELF_STATIC };

typedef struct elf_machine {
	const char *name;
	unsigned machine, word; /* word: bytes of an address */
	lab_order order;
	uint32_t flags, stay[2], back[2];
	unsigned code; /* bytes of an instruction unit */
} elf_machine;

typedef struct elf_names {
	gh_bytes *v;
	size_t n, cap;
} elf_names;

typedef struct elf_part {
	unsigned type, flags;
	size_t at, len;
	uint64_t address;
	size_t align, entry, name;
	unsigned link, info;
} elf_part;

typedef struct elf {
	lab *l;
	const lab_st *st;
	const elf_machine *m;
	unsigned kind;
	uint64_t base;
	bool writable; /* what is added now belongs to the second segment */
	lab_out file, names, rodata, data, code;
	elf_names needed, imports, exports;
	elf_part sections[ELF_SECTIONS + 1];
	unsigned sections_n, interp, hash, symbols, strings, dynamic, text;
	size_t soname, symbols_n, segments;
	size_t *needed_at, *symbol_at; /* names in the string table */
	size_t returns;                /* where the exported functions begin in .text */
} elf;

size_t elf_section(elf *e, const char *name, unsigned type, unsigned flags, gh_bytes b, size_t align, size_t entry,
		   unsigned link, unsigned info);
uint64_t elf_address(const elf *e, size_t at);
void elf_dynamic_begin(elf *e, gh_bytes interp, gh_bytes soname);
void elf_dynamic_end(elf *e);

#endif
