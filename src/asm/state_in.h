/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/state - registers and stack slots at one place of a function, and what instructions make of them.
 */
#ifndef GH_ASM_STATE_IN_H
#define GH_ASM_STATE_IN_H

#include "asm/work_in.h"

enum { GH_SLOTS = 32 };

#define GH_REGS (((uint64_t)1 << GH_N_REGS) - 1)

/* Slots are words of the frame, each at one place of the table. Of both a bit tells whether anything
 * is known: most is not, and then nothing is written or compared. */
typedef struct gh_state {
	uint64_t known; /* registers */
	uint32_t live;  /* slots */
	int32_t  at[GH_SLOTS];
	gh_val   slot[GH_SLOTS];
	gh_val   r[GH_N_REGS + 2]; /* the last two stand for "none" and stay unknown */
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
	uint64_t       steady;   /* registers that hold the same all over the program: zero, the global pointer */
	int64_t        compared; /* the last number that something was compared with */
	int64_t        lowest;   /* of the stack pointer in this function */
	uint32_t       block;
	uint32_t       text;     /* printable bytes stored to the stack in this block */
	uint32_t       flags;    /* GH_BB_… */
} gh_eval;

void gh_eval_begin(gh_eval *e, gh_work *w);
/* Nothing known but what holds all over the function. */
void gh_state_forget(gh_eval *e, gh_val rest);
void gh_state_enter(gh_eval *e, uint64_t address);
void gh_state_kill(gh_eval *e, uint64_t writes);
/* … but another walk may know it: what was known before, or `all` registers. */
void gh_state_lose(gh_eval *e, uint64_t writes, bool all);
void gh_state_copy(gh_state *to, const gh_state *from);
void gh_state_meet(gh_state *to, const gh_state *with);

/* What a register holds; 0: unknown. */
static inline gh_val gh_reg(const gh_state *s, unsigned r)
{
	return s->known >> r & 1 ? s->r[r] : 0;
}

static inline void gh_reg_put(gh_state *s, unsigned r, gh_val v)
{
	s->known = (s->known & ~gh_bit(r)) | (v ? gh_bit(r) & GH_REGS : 0);
	s->r[r] = v;
}

/* One instruction that is not control. */
void gh_eval_run(gh_eval *e, const gh_insn *in, uint64_t pc);

/* What stands at ra + imm. */
gh_val gh_eval_load(gh_eval *e, const gh_insn *in);
static inline unsigned gh_slot_place(const gh_abi *abi, int64_t at)
{
	return (unsigned)(at >> (abi->bytes == 8 ? 3 : 2)) % GH_SLOTS;
}

static inline gh_val gh_slot_load(const gh_state *s, const gh_abi *abi, int64_t at)
{
	unsigned i = gh_slot_place(abi, at);
	return s->live >> i & 1 && s->at[i] == at ? s->slot[i] : 0;
}

void gh_slot_store(gh_state *s, const gh_abi *abi, int64_t at, unsigned width, gh_val v);

/* Notes a constant. */
void gh_eval_use(gh_eval *e, uint64_t pc, gh_val v, unsigned how);

#endif
