/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/walk - one function after the other, in the order of addresses, with the values of its registers.
 *
 * A branch that goes on leaves its state at its target; where ways meet, what is equal stays. At
 * the head of a loop everything that the loop writes is forgotten, and a block that nothing before leads
 * to knows only what holds all over the function. All that is then true, but less than could be known;
 * so a function with ways back that calls or jumps where nobody knows is walked once more, with the
 * states that those ways brought in the first walk.
 */
#ifndef GH_ASM_WALK_IN_H
#define GH_ASM_WALK_IN_H

#include "asm/state_in.h"

enum { GH_PENDING = 96, GH_BEHIND = 48 };

/* A register that a call gave the address behind it. */
typedef struct gh_place {
	unsigned reg;
	uint64_t address;
} gh_place;

typedef struct gh_walk {
	gh_eval      e;
	gh_work     *w;
	gh_region   *r;
	uint32_t     function;
	uint64_t     start, end;
	unsigned     mode;
	bool         foreign; /* this is MIPS16e or microMIPS */
	bool         reach; /* what stands before runs on to here */
	gh_state    *pool;  /* GH_PENDING and two: of the jump into a loop, and before a delay slot */
	uint64_t     waits[GH_PENDING]; /* where a state of the pool waits: its unit */
	uint8_t      idle[GH_PENDING];  /* states of the pool: those of no use first */
	uint32_t     n_idle;
	uint64_t     lost;    /* up to here targets may lack a state */
	uint64_t     into;    /* where the jump went whose state is kept; 0 */
	uint32_t     next_back;
	gh_state    *behind; /* GH_BEHIND states that ways back left at `heads` */
	uint64_t     heads[GH_BEHIND];
	uint32_t     n_behind;
	bool         too_many; /* more ways back than that */
	bool         doubt;    /* a call or a jump goes where the second walk may know */
	bool         again;    /* this is the second walk */
	uint64_t     pc;   /* of the present jump */
	gh_place     place;
	unsigned     it;   /* Thumb: so many instructions are still conditional */
	bool         open; /* a block is */
	uint32_t     first_value, first_edge, first_back; /* before the first walk */
	gh_asm_counts before;
} gh_walk;

/* Leaves the present state at a target. */
void gh_walk_leave(gh_walk *k, uint64_t target);
/* An edge from the present block. */
void gh_walk_edge(gh_walk *k, uint64_t target);

/* Control: `reg` is what ra held before a delay slot. */
void gh_flow(gh_walk *k, const gh_insn *in, uint64_t pc, gh_val reg);

#endif
