/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/val - what a register may hold, in one word: four bits of kind, sixty of content.
 *
 * Unknown is 0 and equal things are equal words, so that states meet by comparing. Numbers keep
 * their sign in sixty bits; what does not fit stands in a table, each once.
 */
#ifndef GH_ASM_VAL_IN_H
#define GH_ASM_VAL_IN_H

#include "base/base.h"

typedef uint64_t gh_val;

enum {
	V_UNKNOWN,
	V_NUMBER,
	V_ADDRESS,
	V_IMPORT, /* index of the import */
	V_STACK,  /* distance from the stack pointer at entry */
	V_RESULT, /* index of the call */
	V_PARAM,
	V_INTO,   /* an address with an unknown index added: a row of the table at … */
	V_ENTRY,  /* what a row of the table at … holds */
	V_LINKER, /* MIPS: the dynamic linker's own entry, called with the index of a symbol in $t8 */
	V_LOST,   /* unknown, but another walk may know it */
	V_BESIDE, /* an entry to which the place it counts from was added */
	V_BIG,    /* a number of more than sixty bits: index in the image's table of those */
};

static inline gh_val gh_val_of(unsigned kind, uint64_t content)
{
	return (gh_val)kind << 60 | (content & (UINT64_MAX >> 4));
}

static inline unsigned gh_val_kind(gh_val v)
{
	return (unsigned)(v >> 60);
}

/* The content with its sign. */
static inline int64_t gh_val_signed(gh_val v)
{
	return (int64_t)(v << 4) >> 4;
}

static inline uint64_t gh_val_plain(gh_val v)
{
	return v & (UINT64_MAX >> 4);
}

/* A number that is not 0. */
static inline bool gh_val_is_number(gh_val v)
{
	return gh_val_kind(v) == V_BIG || (gh_val_kind(v) == V_NUMBER && gh_val_plain(v) != 0);
}

#endif
