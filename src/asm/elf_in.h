/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ASM_ELF_IN_H
#define GH_ASM_ELF_IN_H

#include "asm/abi_in.h"
#include "bytes/cur.h"

/* What the dynamic table says, by tag. */
typedef struct gh_dynamic {
	uint64_t pltrelsz, pltgot, hash, strtab, symtab, rela, relasz, init, fini, rel, relsz, pltrel, jmprel;
	uint64_t init_array, init_size, fini_array, fini_size, gnu_hash, relr, relrsz, strsz;
	uint64_t local_got, first_got, symbols; /* MIPS */
} gh_dynamic;

/* A file while its image is being made. */
typedef struct gh_file {
	gh_ctx    *ctx;
	gh_bytes   bytes;
	gh_image  *image;
	bool       big, wide;
	unsigned   width; /* of an address */
	unsigned   type, machine, flags;
	uint64_t   sections;
	unsigned   section_size, n_sections;
	gh_dynamic dynamic;
	uint64_t   dynamic_at, dynamic_size;
	uint32_t   n_dynsym;
} gh_file;

typedef struct gh_dynsym {
	uint64_t    value, size;
	const char *name;
	unsigned    type, section;
} gh_dynsym;

/* The bytes in memory from an address on, as far as the file has them. */
gh_bytes gh_file_memory(const gh_file *f, uint64_t address);
uint64_t gh_file_word(const gh_file *f, gh_bytes b, uint64_t at, unsigned width);

gh_dynsym gh_file_symbol(const gh_file *f, gh_bytes table, gh_bytes names, uint64_t i);

/* Notes a function or an object of this file. */
void gh_file_add_symbol(const gh_file *f, const gh_dynsym *s);
/* From the first function that dynamic symbols name to the end of the last; false: they name none. */
bool gh_file_functions(const gh_file *f, uint64_t *first, uint64_t *end);
/* Symbols and slots by address. */
void gh_file_sort_tables(const gh_file *f);
/* Whether most functions of an ARM file are Thumb. */
void gh_file_common_mode(const gh_file *f);
/* Sorted, and none reaches into the next: how many remain. */
uint32_t gh_spans_arrange(gh_span *s, uint32_t n);

gh_code gh_file_object(gh_file *f) GH_MUST;
gh_code gh_file_segments(gh_file *f, uint64_t at, unsigned size, unsigned n) GH_MUST;
gh_code gh_file_code(gh_file *f) GH_MUST;
gh_code gh_file_symbols(gh_file *f) GH_MUST;
gh_code gh_file_relocations(gh_file *f) GH_MUST;
gh_code gh_file_got(gh_file *f) GH_MUST;

#endif
