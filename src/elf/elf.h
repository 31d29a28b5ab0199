/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf/elf - what an ELF file says of itself, and of who made it.
 *
 *	gh_elf *elf;
 *	gh_code code = gh_elf_read(ctx, file, &elf);
 *	if (code == GH_OK && elf->role == GH_ELF_PROGRAM && elf->exec_stack)
 *		…
 *
 * Segments are believed before sections: a loader looks at nothing else, and sections are what an
 * intruder forges or strips. What contradicts itself is kept as a fault, in words. Texts are copies in
 * ctx->arena; nothing borrows the bytes of the file.
 *
 * "System V Application Binary Interface", chapters 4 and 5; the MIPS and ARM supplements.
 */
#ifndef GH_ELF_ELF_H
#define GH_ELF_ELF_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef enum gh_elf_role {
	GH_ELF_PROGRAM, /* with an entry: ET_EXEC, or ET_DYN that names an interpreter */
	GH_ELF_LIBRARY,
	GH_ELF_MODULE, /* ET_REL: objects and kernel modules */
	GH_ELF_OTHER,  /* core images and what else there is */
} gh_elf_role;

/* What the file contradicts itself in; bits. */
enum {
	GH_ELF_OVERLAP = 1 << 0,     /* two loaded segments share addresses */
	GH_ELF_ENTRY_ASTRAY = 1 << 1, /* the entry point lies in no executable segment */
	GH_ELF_SECTIONS_LIE = 1 << 2, /* the section table lies outside the file, or leaves the entry out */
	GH_ELF_CUT = 1 << 3,         /* segments end behind the file's end */
	GH_ELF_WRITE_EXEC = 1 << 4,  /* a segment may be written and run */
};

enum { GH_ELF_NEEDED = 16, GH_ELF_COMPILERS = 4 };

typedef struct gh_elf {
	gh_elf_role role;
	bool        wide, big; /* 64 bits; most significant byte first */
	uint8_t     os_abi;
	uint16_t    type, machine;
	uint32_t    flags;
	uint64_t    entry, base; /* base: lowest loaded address */
	uint64_t    align;       /* largest of the loaded segments */

	bool        dynamic, sections, symbols; /* has a dynamic table, section headers, .symtab */
	bool        gnu_hash, sysv_hash, relro, bind_now;
	bool        stack_said, exec_stack; /* PT_GNU_STACK */
	const char *interpreter, *soname, *rpath; /* NULL where there is none */
	const char *needed[GH_ELF_NEEDED];
	const char *compiler[GH_ELF_COMPILERS]; /* texts of .comment, each once */
	unsigned    n_needed, n_compilers;
	uint8_t     build_id[20];
	unsigned    n_build_id;

	uint64_t    segment_order; /* a digest over the kinds of segments, in their order */
	uint64_t    dynamic_order; /* … over the tags that the linker writes into every file */
	uint64_t    start;         /* … over the first instructions at the entry, without their operands; 0 */
	uint64_t    end;           /* what segments, sections and headers account for; behind it lies an overlay */
	uint32_t    faults;
} gh_elf;

/* GH_NOT_MINE for what is no ELF file, GH_TRUNCATED where the header is cut short. */
gh_code gh_elf_read(gh_ctx *ctx, gh_bytes file, gh_elf **ret) GH_MUST;

/* "MIPS", "ARM", …; NULL for machines no router has. */
const char *gh_elf_machine(unsigned machine);

/* ---- who made it: traits ---- */

/* What one build has in common, in groups that depend on each other little: a program from elsewhere
 * differs in several of them, an honest singleton in one. */
typedef enum gh_elf_trait {
	GH_TRAIT_CPU,       /* machine, width, order, e_flags, OS ABI */
	GH_TRAIT_LINKING,   /* interpreter, C library, hash style, position independence */
	GH_TRAIT_LAYOUT,    /* kinds of segments, alignment, base address, order of the dynamic table */
	GH_TRAIT_REMAINS,   /* section headers, symbols, build id: what strip left */
	GH_TRAIT_COMPILER,  /* .comment */
	GH_TRAIT_HARDENING, /* RELRO, immediate binding, GNU_STACK */
	GH_TRAIT_START,     /* start-up code of the C library */
	GH_TRAITS,
} gh_elf_trait;

/* The value of a trait in words, for comparison and for people; in ctx->arena. "" says that this file cannot
 * have this trait (libraries have no start-up code). */
gh_code gh_elf_trait_text(gh_ctx *ctx, const gh_elf *elf, gh_elf_trait trait, const char **ret) GH_MUST;
const char *gh_elf_trait_name(gh_elf_trait trait);

#endif
