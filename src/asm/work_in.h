/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/work - one program while it is being read, in three passes over its code.
 *
 *	sweep   in a line: where functions and blocks begin, which registers a loop changes
 *	walk    function by function: values, blocks, calls, uses
 *	settle  boundaries once more, edges, names, users of strings
 */
#ifndef GH_ASM_WORK_IN_H
#define GH_ASM_WORK_IN_H

#include "asm/image_in.h"

/* One byte for each place where an instruction may begin. */
enum {
	GH_M_START = 1 << 0,
	GH_M_LEADER = 1 << 1,   /* a branch comes here */
	GH_M_ENDED = 1 << 2,    /* what stands before does not run on into it */
	GH_M_DATA = 1 << 3,     /* a literal */
	GH_M_BACK = 1 << 4,     /* a branch from behind comes here */
	GH_M_PROLOGUE = 1 << 5, /* looks like the beginning of a function */
	GH_M_THUMB = 1 << 6,    /* with START: in the other mode */
	GH_M_POINTED = 1 << 7,  /* code holds this address */

	GH_M_STOPS = GH_M_LEADER | GH_M_DATA | GH_M_BACK, /* here a block ends */
};

/* Ranges of registers are asked for sixteen places at a time. */
enum { GH_CHUNK = 4, GH_ROWS = 1024 };
enum { GH_WRITES_MEMORY_BIT = 62 };
#define GH_WRITES_MEMORY ((uint64_t)1 << GH_WRITES_MEMORY_BIT)
#define GH_WRITES_TOLD ((uint64_t)1 << 63) /* this chunk was asked for */

typedef struct gh_region gh_region;

struct gh_region {
	gh_span   code;
	uint64_t  units;
	uint8_t  *marks;
	uint8_t  *waits; /* which state a branch left here, while a function is walked; 0: none */
	uint64_t *chunks;
	uint32_t *near; /* when functions are settled: the first that begins near a place or later */
};

typedef struct gh_back {
	uint64_t head, last;
	uint64_t kills;
} gh_back;

/* A table that grows. */
typedef struct gh_vec {
	void    *ptr;
	uint32_t n, cap;
	uint32_t size;
} gh_vec;

typedef struct gh_work {
	gh_ctx         *ctx;
	const gh_image *image;
	const gh_abi   *abi;
	unsigned        shift; /* of the unit of its code */
	gh_program     *p;
	gh_region      *regions;
	uint32_t        n_regions;
	gh_region      *main; /* the largest */
	gh_vec          backs, functions, blocks, calls, uses, values, edges, pointers;
	gh_vec          runs; /* text: gh_string */
	uint32_t      **near; /* of each span: which runs begin near a place */
	bool            many_gp; /* MIPS: functions make $gp differently */
	gh_code         code; /* what ended it early */
} gh_work;

bool gh_vec_grow(gh_work *w, gh_vec *v);

/* A new row, to be filled; NULL with w->code set. */
static inline void *gh_vec_add(gh_work *w, gh_vec *v)
{
	if (v->n == v->cap && !gh_vec_grow(w, v))
		return NULL;
	return (uint8_t *)v->ptr + (size_t)v->n++ * v->size;
}

gh_code gh_code_sweep(gh_work *w) GH_MUST;
gh_code gh_code_walk(gh_work *w) GH_MUST;
gh_code gh_code_settle(gh_work *w) GH_MUST;
gh_code gh_runs_find(gh_work *w) GH_MUST;
gh_code gh_strings_settle(gh_work *w) GH_MUST;

bool gh_mips_has_many_gp(const gh_work *w);

/* Where row i of a table that stands in the code behind its jump leads; 0 past the end. */
uint64_t gh_table_row(const gh_work *w, const gh_region *r, const gh_insn *in, uint32_t i);

/* Functions of PowerPC64 have two entries: the outer one makes r2 from r12 and stands eight before. */
uint64_t gh_outer_entry(const gh_work *w, uint64_t address);

/* What a packed value means to the reader of the program. */
gh_value gh_value_of(const gh_work *w, gh_val v);

/* Text that ends in NUL, and the run it is part of; GH_NONE: too short for one. */
typedef struct gh_told {
	gh_bytes bytes;
	uint32_t run;
} gh_told;

bool gh_text_at(const gh_work *w, uint64_t address, gh_told *text);

/* Like gh_program_function_at, for code; it knows only what was settled. */
uint32_t gh_function_at(const gh_work *w, uint64_t address);

/* The instructions behind an IT are conditional. */
static inline void gh_it(unsigned *left, gh_insn *in)
{
	if (in->op == GH_OP_IT) {
		*left = in->shift;
	} else if (*left > 0) {
		in->flags |= GH_I_COND;
		--*left;
	}
}

/* What an instruction changes; of a call, what it may change. */
static inline uint64_t gh_insn_writes(const gh_insn *in, const gh_abi *abi)
{
	switch (in->op) {
	case GH_OP_CALL:
	case GH_OP_CALL_REG:
	case GH_OP_CALL_MEM:
		return in->writes | abi->clobbers | GH_WRITES_MEMORY;
	case GH_OP_STORE:
	case GH_OP_STORE_SET:
	case GH_OP_PUSH:
		return in->writes | GH_WRITES_MEMORY;
	default:
		return in->writes;
	}
}

/* The region that holds an address, and its place there. */
static inline gh_region *gh_region_at(const gh_work *w, uint64_t a)
{
	if (w->main && a - w->main->code.address < w->main->code.bytes.len)
		return w->main;
	for (uint32_t i = 0; i < w->n_regions; i++)
		if (a - w->regions[i].code.address < w->regions[i].code.bytes.len)
			return &w->regions[i];
	return NULL;
}

/* The first place from `u` on that bears one of some marks; the end of the region. */
static inline uint64_t gh_marked(const gh_region *r, uint64_t u, uint8_t marks)
{
	const uint64_t all = UINT64_C(0x0101010101010101) * marks;
	for (uint64_t eight; u + 8 <= r->units; u += 8) {
		memcpy(&eight, r->marks + u, 8);
		if (eight & all)
			break;
	}
	while (u < r->units && !(r->marks[u] & marks))
		u++;
	return u;
}

static inline uint64_t gh_unit_of(const gh_work *w, const gh_region *r, uint64_t a)
{
	return (a - r->code.address) >> w->shift;
}

#endif
