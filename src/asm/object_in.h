/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ASM_OBJECT_IN_H
#define GH_ASM_OBJECT_IN_H

#include "asm/elf_in.h"

/* Where objects are placed: no number that code has for other ends, and near enough for every jump. */
#define BASE UINT64_C(0x2c000000)

typedef struct gh_section {
	unsigned type, flags, link, info;
	uint64_t at, size, address; /* 0: not loaded */
	gh_bytes bytes;
	uint8_t *code; /* its bytes, where they are instructions that relocations change */
} gh_section;

typedef struct gh_object {
	gh_file    *f;
	gh_section *sections;
	unsigned    n;
	uint64_t    end;    /* of what was placed */
	uint64_t   *places; /* of symbols; 0: none */
	uint64_t    n_places;
} gh_object;

/* Applies a table of relocations to a section; at most `most` slots there are. */
void gh_object_relocate(gh_object *o, const gh_section *table, gh_section *to, bool addends, uint32_t most);

#endif
