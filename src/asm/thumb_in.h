/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ASM_THUMB_IN_H
#define GH_ASM_THUMB_IN_H

#include "asm/insn_in.h"

enum { GH_T_SP = 13, GH_T_LR = 14, GH_T_PC = 15 };

static inline void gh_thumb_flow(gh_insn *in, unsigned op, unsigned flags)
{
	in->op = (uint8_t)op;
	in->flags = (uint16_t)(in->flags | GH_I_FLOW | flags);
}

static inline void gh_thumb_writes(gh_insn *in, unsigned op, unsigned rd)
{
	in->op = (uint8_t)op;
	in->rd = (uint8_t)rd;
	in->writes = gh_bit(rd);
}

static inline void gh_thumb_with(gh_insn *in, unsigned op, unsigned rd, unsigned ra, int64_t imm)
{
	gh_thumb_writes(in, op, rd);
	in->ra = (uint8_t)ra;
	in->imm = imm;
}

static inline void gh_thumb_load_store(gh_insn *in, bool load, unsigned rt, unsigned rn, int64_t imm, unsigned width)
{
	in->width = (uint8_t)width;
	if (load) {
		gh_thumb_with(in, GH_OP_LOAD, rt, rn, imm);
		return;
	}
	in->op = GH_OP_STORE;
	in->ra = (uint8_t)rn;
	in->rb = (uint8_t)rt;
	in->imm = imm;
}

static inline void gh_thumb_many(gh_insn *in, unsigned rn, uint32_t list, bool load, int64_t moves)
{
	in->op = GH_OP_LOAD_MANY;
	in->ra = (uint8_t)rn;
	in->imm = moves;
	in->flags |= moves ? GH_I_BASE : 0;
	in->writes = load ? list & 0x7fff : 0;
	if (load && list & 1 << GH_T_PC)
		gh_thumb_flow(in, GH_OP_RETURN, 0);
	else if (!load && rn == GH_T_SP && list & 1 << GH_T_LR)
		in->flags |= GH_I_FRAME;
}

/* Two halfwords; `pc` is what the instruction reads. */
void gh_thumb_pair(gh_insn *in, uint32_t a, uint32_t b, uint64_t pc);

#endif
