/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/arm - ARM instructions of 32 bits, ARMv4 to ARMv7. Thumb has a file of its own.
 *
 *	 31  28 27 25 24       20 19 16 15 12 11          0
 *	+------+-----+-----------+-----+-----+-------------+
 *	| cond | op  |           | Rn  | Rd  |   operand   |   0,1 data  2,3 load, store  4 many  5 branch
 *	+------+-----+-----------+-----+-----+-------------+   6,7 coprocessor, svc
 *
 * "ARM Architecture Reference Manual ARMv7-A and ARMv7-R edition", A5. A program counter that is
 * read is eight further on.
 */
#include "asm/insn_in.h"

enum { SP = 13, LR = 14, PC = 15 };

typedef struct word {
	uint32_t w;
	uint64_t pc; /* as an instruction reads it */
	unsigned rn, rd, rm;
} word;

static void flow(gh_insn *in, unsigned op, unsigned flags)
{
	in->op = (uint8_t)op;
	in->flags = (uint16_t)(in->flags | GH_I_FLOW | flags);
}

static void writes(gh_insn *in, unsigned op, unsigned rd)
{
	in->op = (uint8_t)op;
	in->rd = (uint8_t)rd;
	in->writes = gh_bit(rd);
}

/* Something is written to the program counter. */
static void jump_reg(gh_insn *in, unsigned rm)
{
	in->ra = (uint8_t)rm;
	flow(in, rm == LR ? GH_OP_RETURN : GH_OP_JUMP_REG, 0);
}

static void data_immediate(gh_insn *in, const word *w)
{
	uint32_t imm = w->w & 0xff, turn = w->w >> 7 & 30;
	unsigned op = w->w >> 21 & 15;
	imm = turn ? imm >> turn | imm << (32 - turn) : imm;
	in->ra = (uint8_t)w->rn;
	in->imm = (int64_t)imm;
	if (w->rd == PC && (op < 8 || op > 11)) {
		in->ra = GH_R_NO;
		flow(in, GH_OP_JUMP_REG, 0);
		return;
	}
	switch (op) {
	case 0:
		writes(in, GH_OP_AND, w->rd);
		return;
	case 1:
		writes(in, GH_OP_XOR, w->rd);
		in->flags |= GH_I_NZXOR;
		return;
	case 12:
		writes(in, GH_OP_OR, w->rd);
		return;
	case 13:
		writes(in, GH_OP_SET, w->rd);
		return;
	case 14:
		in->imm = (int64_t)(uint32_t)~imm;
		writes(in, GH_OP_AND, w->rd);
		return;
	case 15:
		in->imm = (int64_t)(uint32_t)~imm;
		writes(in, GH_OP_SET, w->rd);
		return;
	case 10:
		in->op = GH_OP_COMPARE;
		return;
	case 11:
		in->op = GH_OP_COMPARE;
		in->imm = -(int64_t)imm;
		return;
	case 8:
	case 9:
		in->op = GH_OP_OTHER;
		return;
	case 2:
		in->imm = -in->imm;
		break;
	case 4:
		break;
	default:
		writes(in, GH_OP_OTHER, w->rd);
		return;
	}
	writes(in, w->rn == PC ? GH_OP_ADDRESS : GH_OP_ADD, w->rd);
	in->imm += w->rn == PC ? (int64_t)w->pc : 0;
	if (w->rn == SP && w->rd == SP && in->imm < 0)
		in->flags |= GH_I_FRAME;
}

static void add_reg(gh_insn *in, const word *w, unsigned by)
{
	if (w->rd == PC) {
		in->width = 0;
		in->target = w->pc;
		in->ra = GH_R_NO;
		flow(in, w->rn == PC && by == 2 ? GH_OP_JUMP_TABLE : GH_OP_JUMP_REG, 0);
	} else if ((w->rn == PC || w->rm == PC) && by == 0) {
		in->ra = (uint8_t)(w->rn == PC ? w->rm : w->rn);
		in->imm = (int64_t)w->pc;
		writes(in, GH_OP_ADD_PC, w->rd);
	} else {
		writes(in, GH_OP_ADD_REG, w->rd);
	}
}

static void data_register(gh_insn *in, const word *w)
{
	unsigned op = w->w >> 21 & 15, by = w->w >> 7 & 31, kind = w->w >> 5 & 3;
	bool plain = (w->w & 0x10) == 0 && kind == 0;
	in->ra = (uint8_t)w->rn;
	in->rb = (uint8_t)w->rm;
	in->shift = (uint8_t)by;
	if (op >= 8 && op <= 11) {
		in->op = plain && by == 0 && op == 10 ? GH_OP_COMPARE_REG : GH_OP_OTHER;
		return;
	}
	if (op == 4 && plain) {
		add_reg(in, w, by);
		return;
	}
	if (op == 13 && plain) {
		in->ra = (uint8_t)w->rm;
		in->imm = (int64_t)by;
		if (w->rd == PC) {
			jump_reg(in, w->rm);
		} else if (w->rm == PC && by == 0) {
			in->imm = (int64_t)w->pc;
			writes(in, GH_OP_ADDRESS, w->rd);
		} else {
			writes(in, by ? GH_OP_SHL : GH_OP_MOVE, w->rd);
			in->flags |= (w->w & 0x0fffffff) == 0x01a00000 ? GH_I_PAD : 0;
		}
		return;
	}
	if (w->rd == PC) {
		in->ra = GH_R_NO;
		flow(in, GH_OP_JUMP_REG, 0);
		return;
	}
	unsigned known = op == 1 ? GH_OP_XOR_REG : op == 2 ? GH_OP_SUB_REG : op == 12 ? GH_OP_OR_REG : GH_OP_OTHER;
	writes(in, plain && by == 0 ? known : GH_OP_OTHER, w->rd);
	if (op == 1 && w->rn != w->rm)
		in->flags |= GH_I_NZXOR;
	if (w->w == 0)
		in->flags |= GH_I_PAD;
}

/* Compares without S are something else. */
static void other(gh_insn *in, const word *w)
{
	uint32_t v = w->w & 0x0fffffff;
	if ((v & 0x0ff00000) == 0x03000000 || (v & 0x0ff00000) == 0x03400000) { /* movw, movt */
		in->imm = (int64_t)((v >> 4 & 0xf000) | (v & 0xfff));
		in->shift = 16;
		writes(in, v & 0x00400000 ? GH_OP_INSERT : GH_OP_SET, w->rd);
	} else if ((v & 0x0ffffff0) == 0x012fff10) { /* bx */
		jump_reg(in, w->rm);
	} else if ((v & 0x0ffffff0) == 0x012fff30) { /* blx */
		in->ra = (uint8_t)w->rm;
		in->writes = gh_bit(LR);
		flow(in, GH_OP_CALL_REG, 0);
	} else if ((v & 0x0ff000f0) == 0x01200070) { /* bkpt */
		flow(in, GH_OP_TRAP, 0);
	} else if ((v & 0x0fb00000) == 0x03200000 || (v & 0x0fb000f0) == 0x01200000) { /* msr, hints */
		in->op = GH_OP_OTHER;
		in->flags |= v == 0x0320f000 ? GH_I_PAD : 0;
	} else {
		writes(in, GH_OP_OTHER, w->rd);     /* mrs, clz, saturating sums */
		if ((v & 0x0f900090) == 0x01000080) /* halfword multiplies */
			in->writes |= gh_bit(w->rn);
	}
}

/* ldrh, ldrd and kin; multiplies. */
static void extra(gh_insn *in, const word *w)
{
	unsigned kind = w->w >> 5 & 3;
	bool load = w->w & 1 << 20, up = w->w & 1 << 23, pre = w->w & 1 << 24;
	if (kind == 0) {
		writes(in, GH_OP_OTHER, w->rn);
		in->writes |= gh_bit(w->rd);
		return;
	}
	int64_t off = (w->w >> 4 & 0xf0) | (w->w & 15);
	in->ra = (uint8_t)w->rn;
	in->imm = up ? off : -off;
	in->width = kind == 2 ? 1 : 2;
	in->flags |= (uint16_t)((kind & 2 ? GH_I_SIGNED : 0) | (!pre             ? GH_I_BASE | GH_I_POST
								: w->w & 1 << 21 ? GH_I_BASE
										 : 0));
	if (!(w->w & 1 << 22)) { /* register offset */
		writes(in, GH_OP_OTHER, load ? w->rd : GH_R_NO);
		in->writes |= in->flags & GH_I_BASE ? gh_bit(w->rn) : 0;
		in->writes |= !load && kind == 2 ? gh_bit(w->rd) | gh_bit(w->rd + 1) : 0; /* ldrd */
		in->flags = (uint16_t)(in->flags & ~(GH_I_BASE | GH_I_POST));
	} else if (load) {
		writes(in, w->rn == PC ? GH_OP_OTHER : GH_OP_LOAD, w->rd);
	} else if (kind == 1) {
		in->op = GH_OP_STORE;
		in->rb = (uint8_t)w->rd;
	} else if (kind == 2) { /* ldrd */
		in->op = GH_OP_LOAD_MANY;
		in->writes = gh_bit(w->rd) | gh_bit(w->rd + 1);
	} else {
		in->op = GH_OP_STORE;
		in->rb = GH_R_NO;
		in->width = 8;
	}
}

static void load_pc(gh_insn *in, const word *w)
{
	bool pops = w->rn == SP && in->flags & GH_I_POST;
	flow(in, pops ? GH_OP_RETURN : GH_OP_JUMP_MEM, 0);
	in->width = 4;
	in->writes = 0;
}

static void single(gh_insn *in, const word *w)
{
	bool load = w->w & 1 << 20, byte = w->w & 1 << 22, up = w->w & 1 << 23, pre = w->w & 1 << 24;
	int64_t off = w->w & 0xfff;
	in->ra = (uint8_t)w->rn;
	in->imm = up ? off : -off;
	in->width = byte ? 1 : 4;
	in->flags |= (uint16_t)(!pre ? GH_I_BASE | GH_I_POST : w->w & 1 << 21 ? GH_I_BASE : 0);
	if (w->rn == PC && pre) {
		in->ra = GH_R_ABS;
		in->imm += (int64_t)w->pc;
		in->flags = (uint16_t)((in->flags & ~GH_I_BASE) | (load ? GH_I_LITERAL : 0));
	}
	if (load && w->rd == PC) {
		load_pc(in, w);
	} else if (load) {
		writes(in, GH_OP_LOAD, w->rd);
	} else {
		in->op = GH_OP_STORE;
		in->rb = (uint8_t)w->rd;
		in->flags |= w->rd == LR && w->rn == SP ? GH_I_FRAME : 0;
	}
}

static void single_register(gh_insn *in, const word *w)
{
	bool load = w->w & 1 << 20, up = w->w & 1 << 23, simple = (w->w >> 5 & 3) == 0, pre = w->w & 1 << 24;
	in->ra = (uint8_t)w->rn;
	in->rb = (uint8_t)w->rm;
	in->shift = w->w >> 7 & 31;
	in->width = w->w & 1 << 22 ? 1 : 4;
	if (load && w->rd == PC) {
		in->target = w->pc;
		in->flags |= w->rn == PC ? 0 : GH_I_INDEX;
		flow(in, w->rn == PC && in->shift == 2 ? GH_OP_JUMP_TABLE : GH_OP_JUMP_MEM, 0);
	} else if (load && w->rn == PC && up && simple && in->shift == 0) {
		in->ra = (uint8_t)w->rm;
		in->imm = (int64_t)w->pc;
		writes(in, GH_OP_LOAD, w->rd);
	} else if (load) {
		writes(in, up && simple && pre ? GH_OP_LOAD_REG : GH_OP_OTHER, w->rd);
	} else {
		in->op = GH_OP_STORE;
		in->ra = in->rb = GH_R_NO;
	}
	if (!pre || w->w & 1 << 21) {
		in->op = in->op == GH_OP_LOAD_REG || in->op == GH_OP_STORE ? GH_OP_OTHER : in->op;
		in->writes |= gh_bit(w->rn);
	}
}

static void many(gh_insn *in, const word *w)
{
	int64_t bytes = 4 * __builtin_popcount(w->w & 0xffff);
	bool load = w->w & 1 << 20;
	in->ra = (uint8_t)w->rn;
	in->imm = w->w & 1 << 23 ? bytes : -bytes;
	in->flags |= w->w & 1 << 21 ? GH_I_BASE : 0;
	in->op = GH_OP_LOAD_MANY;
	in->writes = load ? w->w & 0x7fff : 0;
	if (load && w->w & 1 << PC)
		flow(in, GH_OP_RETURN, 0);
	else if (!load && w->rn == SP && w->w & 1 << LR)
		in->flags |= GH_I_FRAME;
}

static void coprocessor(gh_insn *in, const word *w)
{
	bool load = w->w & 1 << 20;
	in->op = GH_OP_OTHER;
	if ((w->w & 0x0f000000) == 0x0f000000) {
		flow(in, GH_OP_SYSCALL, 0);
		in->imm = w->w & 0xffffff;
	} else if ((w->w & 0x0f000010) == 0x0e000010 && load && w->rd != PC) { /* mrc */
		in->writes = gh_bit(w->rd);
	} else if ((w->w & 0x0fe00000) == 0x0c400000) { /* mcrr, mrrc */
		in->writes = load ? gh_bit(w->rd) | gh_bit(w->rn) : 0;
	} else if ((w->w & 0x0e000000) == 0x0c000000 && w->w & 1 << 21) { /* vpush, vldm with a moving base */
		int64_t bytes = (int64_t)(w->w & 0xff) * 4;
		in->op = GH_OP_LOAD_MANY;
		in->ra = (uint8_t)w->rn;
		in->imm = w->w & 1 << 23 ? bytes : -bytes;
		in->flags |= GH_I_BASE;
	}
}

static void media(gh_insn *in, const word *w)
{
	if ((w->w & 0x0ff000f0) == 0x07f000f0) {
		flow(in, GH_OP_TRAP, 0);
		return;
	}
	bool product = (w->w >> 23 & 3) == 2;
	writes(in, GH_OP_OTHER, product ? w->rn : w->rd);
	in->writes |= product ? gh_bit(w->rd) : 0;
}

static void branch(gh_insn *in, const word *w, bool link)
{
	flow(in, link ? GH_OP_CALL : GH_OP_JUMP, 0);
	in->target = (uint32_t)(w->pc + (uint64_t)(gh_sign(w->w, 24) * 4));
	in->writes = link ? gh_bit(LR) : 0;
}

static void unconditional(gh_insn *in, const word *w)
{
	in->op = GH_OP_OTHER;
	if ((w->w & 0x0e000000) == 0x0a000000) { /* blx */
		branch(in, w, true);
		in->target += w->w >> 23 & 2;
		in->flags |= GH_I_THUMB;
	}
}

static void plain(gh_insn *in, const word *w)
{
	bool sets = w->w & 1 << 20;
	unsigned op = w->w >> 21 & 15;
	switch (w->w >> 25 & 7) {
	case 0:
		if ((w->w & 0x90) == 0x90)
			extra(in, w);
		else if (op >= 8 && op <= 11 && !sets)
			other(in, w);
		else
			data_register(in, w);
		return;
	case 1:
		if (op >= 8 && op <= 11 && !sets)
			other(in, w);
		else
			data_immediate(in, w);
		return;
	case 2:
		single(in, w);
		return;
	case 3:
		if (w->w & 0x10)
			media(in, w);
		else
			single_register(in, w);
		return;
	case 4:
		many(in, w);
		return;
	case 5:
		branch(in, w, w->w & 1 << 24);
		return;
	default:
		coprocessor(in, w);
	}
}

void gh_decode_arm(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	if ((mode & 0xff) == GH_DECODE_THUMB) {
		gh_decode_thumb(in, code, left, pc, mode);
		return;
	}
	memset(in, 0, sizeof *in);
	if (left < 4)
		return;
	uint32_t v = gh_word(code, mode);
	word w = { v, pc + 8, v >> 16 & 15, v >> 12 & 15, v & 15 };
	in->size = 4;
	if (v >> 28 == 15) {
		unconditional(in, &w);
		return;
	}
	plain(in, &w);
	if (v >> 28 != 14)
		in->flags |= GH_I_COND;
}
