/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ELF_ELF_IN_H
#define GH_ELF_ELF_IN_H

#include "bytes/cur.h"
#include "elf/elf.h"

enum { GH_ELF_SEGMENTS = 64, GH_ELF_SECTIONS = 1024 };

typedef struct gh_elf_segment {
	uint32_t type, flags;
	uint64_t offset, address, stored, held, align;
} gh_elf_segment;

/* A file while it is read. */
typedef struct gh_elf_file {
	gh_ctx        *ctx;
	gh_bytes       bytes;
	gh_elf        *elf;
	unsigned       width; /* of an address: 4 or 8 */
	gh_elf_segment segments[GH_ELF_SEGMENTS];
	unsigned       n_segments;
	uint64_t       sections_at;
	unsigned       section_size, n_sections, names;
} gh_elf_file;

/* An integer of this file's byte order, 0 outside it. */
static inline uint64_t gh_elf_word(const gh_elf_file *f, gh_bytes b, uint64_t at, unsigned width)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, width), 0);
	return f->elf->big ? gh_uint_be(&c, width) : gh_uint_le(&c, width);
}

/* Fowler, Noll and Vo's 1a over one more word. */
static inline uint64_t gh_elf_digest(uint64_t before, uint64_t word)
{
	for (unsigned i = 0; i < 8; i++)
		before = (before ^ (word >> 8 * i & 0xff)) * 0x100000001b3;
	return before;
}
#define GH_ELF_DIGEST 0xcbf29ce484222325U

/* The stored bytes from an address on, to the end of their segment. */
gh_bytes gh_elf_memory(const gh_elf_file *f, uint64_t address);
/* A text of at most `most` bytes that begins here, copied; NULL where none does. */
gh_code gh_elf_text(const gh_elf_file *f, gh_bytes from, size_t most, const char **ret) GH_MUST;

gh_code gh_elf_dynamic(gh_elf_file *f, const gh_elf_segment *dynamic) GH_MUST;
gh_code gh_elf_sections(gh_elf_file *f) GH_MUST;
void    gh_elf_notes(gh_elf_file *f, gh_bytes notes, uint64_t align);

#endif
