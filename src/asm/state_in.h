/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/state - registers and stack slots at one place of a function, and what instructions make of them.
 */
#ifndef GH_ASM_STATE_IN_H
#define GH_ASM_STATE_IN_H

#include "asm/work_in.h"

enum { GH_SLOTS = 32 };

/* Slots are words of the frame, each at one place of the table. */
typedef struct gh_state {
	gh_val  r[GH_N_REGS + 2]; /* the last two stand for "none" and stay unknown */
	gh_val  slot[GH_SLOTS];
	int32_t at[GH_SLOTS];
} gh_state;

/* How a table entry became an address, for switches. */
typedef struct gh_row {
	uint8_t  width, shift;
	bool     sign;
	uint64_t base; /* what was added */
} gh_row;

typedef struct gh_eval {
	gh_work       *w;
	const gh_abi  *abi;
	const gh_image *image;
	gh_state       now;
	gh_row         row;
	int64_t        compared; /* the last number that something was compared with */
	int64_t        lowest;   /* of the stack pointer in this function */
	uint32_t       block;
	uint32_t       text;     /* printable bytes stored to the stack in this block */
	uint32_t       flags;    /* GH_BB_… */
} gh_eval;

/* Nothing known but what holds all over the function. */
void gh_state_forget(gh_eval *e, gh_val rest);
void gh_state_enter(gh_eval *e, uint64_t address);
void gh_state_kill(gh_eval *e, uint64_t writes, gh_val rest);
void gh_state_meet(gh_state *to, const gh_state *with);

/* One instruction that is not control. */
void gh_eval_run(gh_eval *e, const gh_insn *in, uint64_t pc);

/* What stands at ra + imm. */
gh_val gh_eval_load(gh_eval *e, const gh_insn *in);
gh_val gh_slot_load(const gh_state *s, const gh_abi *abi, int64_t at);

/* Notes a constant. */
void gh_eval_use(gh_eval *e, uint64_t pc, gh_val v, unsigned how);

#endif
