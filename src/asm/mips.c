/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/mips - MIPS I to MIPS64 release 5, one word each.
 *
 *	  31    26 25  21 20  16 15  11 10   6 5      0
 *	 +--------+------+------+------+------+--------+
 *	 | opcode |  rs  |  rt  |  rd  |  sa  |  func  |   opcode 0 SPECIAL, 28 SPECIAL2, 31 SPECIAL3
 *	 | opcode |  rs  |  rt  |      immediate       |   opcode 1 REGIMM: rt tells which
 *	 | opcode |               target               |   2 j, 3 jal, 29 jalx
 *
 * "MIPS32 Architecture For Programmers II", tables A.2 to A.9. Every jump and branch has a delay
 * slot. Of what vendors added only
 * Octeon's branches are known; the rest is bad here: it is counted, and forgets rd and rt.
 */
#include "asm/insn_in.h"

enum { ZERO = 0, GP = 28, SP = 29, RA = 31 };

typedef struct word {
	uint32_t w;
	uint64_t pc;
	unsigned rs, rt, rd;
	int64_t imm;
} word;

static void writes(gh_insn *in, unsigned op, unsigned rd)
{
	in->op = (uint8_t)op;
	in->rd = (uint8_t)rd;
	in->writes = gh_bit(rd) & ~(uint64_t)1;
	if (rd == ZERO)
		in->op = GH_OP_OTHER;
}

static void reg3(gh_insn *in, unsigned op, const word *w)
{
	in->ra = (uint8_t)w->rs;
	in->rb = (uint8_t)w->rt;
	writes(in, op, w->rd);
}

static void flow(gh_insn *in, unsigned op, unsigned flags)
{
	in->op = (uint8_t)op;
	in->flags = (uint16_t)(in->flags | GH_I_FLOW | flags);
}

/* A branch to imm words from the delay slot, which may be taken. */
static void branch(gh_insn *in, const word *w, unsigned op, unsigned flags)
{
	flow(in, op, GH_I_DELAY | flags);
	in->target = w->pc + 4 + (uint64_t)(w->imm * 4);
}

/* addu and or: a move when one side is $zero. */
static void plus(gh_insn *in, const word *w, unsigned op)
{
	reg3(in, op, w);
	if (w->rd == ZERO || (w->rs != ZERO && w->rt != ZERO))
		return;
	in->op = GH_OP_MOVE;
	in->ra = (uint8_t)(w->rs | w->rt);
}

static void jump_reg(gh_insn *in, const word *w, bool link)
{
	if (link && w->rd != ZERO) {
		writes(in, GH_OP_CALL_REG, w->rd);
		in->ra = (uint8_t)w->rs;
		flow(in, GH_OP_CALL_REG, GH_I_DELAY);
		return;
	}
	in->ra = (uint8_t)w->rs;
	flow(in, w->rs == RA ? GH_OP_RETURN : GH_OP_JUMP_REG, GH_I_DELAY);
}

static void shift(gh_insn *in, const word *w, unsigned more)
{
	unsigned by = (w->w >> 6 & 31) + more;
	in->ra = (uint8_t)w->rt;
	in->imm = by;
	writes(in, by ? GH_OP_SHL : GH_OP_MOVE, w->rd);
}

static void special(gh_insn *in, const word *w)
{
	unsigned func = w->w & 63;
	switch (func) {
	case 0: /* sll; nop is one of them */
		shift(in, w, 0);
		if (w->w == 0)
			in->flags |= GH_I_PAD;
		return;
	case 8: /* jr */
		jump_reg(in, w, false);
		return;
	case 9: /* jalr */
		jump_reg(in, w, true);
		return;
	case 12: /* syscall */
		flow(in, GH_OP_SYSCALL, 0);
		in->imm = w->w >> 6 & 0xfffff;
		return;
	case 13: /* break */
		flow(in, GH_OP_TRAP, 0);
		return;
	case 33: /* addu */
	case 45: /* daddu */
		plus(in, w, GH_OP_ADD_REG);
		return;
	case 37: /* or */
		plus(in, w, GH_OP_OR_REG);
		return;
	case 35: /* subu */
	case 47: /* dsubu */
		reg3(in, GH_OP_SUB_REG, w);
		return;
	case 38: /* xor */
		reg3(in, GH_OP_XOR_REG, w);
		if (w->rs != w->rt)
			in->flags |= GH_I_NZXOR;
		return;
	case 56: /* dsll */
		shift(in, w, 0);
		return;
	case 60: /* dsll32 */
		shift(in, w, 32);
		return;
	case 42: /* slt */
	case 43: /* sltu */
		reg3(in, GH_OP_COMPARE_REG, w);
		in->op = GH_OP_COMPARE_REG;
		return;
	case 17:
	case 19: /* mthi, mtlo */
	case 15: /* sync */
	case 24:
	case 25:
	case 26:
	case 27:
	case 28:
	case 29:
	case 30:
	case 31: /* mult, div */
	case 48:
	case 49:
	case 50:
	case 51:
	case 52:
	case 54: /* traps when a condition holds */
		in->op = GH_OP_OTHER;
		return;
	case 5:
	case 14:
	case 21:
	case 40:
	case 41:
	case 53:
	case 55:
	case 57:
	case 61:
		in->writes = gh_bit(w->rd) & ~(uint64_t)1;
		return;
	default:
		writes(in, GH_OP_OTHER, w->rd);
	}
}

static void regimm(gh_insn *in, const word *w)
{
	unsigned kind = w->rt;
	in->ra = (uint8_t)w->rs;
	if ((kind & 12) == 0 && kind < 20) { /* bltz bgez bltzl bgezl, with 16 and link */
		bool link = kind & 16, always = (kind & 1) && w->rs == ZERO;
		unsigned flags = (always ? 0 : GH_I_COND) | (kind & 2 ? GH_I_LIKELY : 0);
		branch(in, w, link ? GH_OP_CALL : GH_OP_JUMP, flags);
		if (link && in->target == w->pc + 8) { /* not a call: where am I? */
			in->flags = 0;
			in->imm = (int64_t)in->target;
			writes(in, GH_OP_ADDRESS, RA);
		} else if (link) {
			in->writes = gh_bit(RA);
		}
		return;
	}
	if ((kind >= 8 && kind <= 14 && kind != 13) || kind == 31) /* traps, synci */
		in->op = GH_OP_OTHER;
	else if (kind == 28) /* bposge32 */
		branch(in, w, GH_OP_JUMP, GH_I_COND);
}

/* Coprocessors: moves from them write rt, and each has its branches. */
static void coprocessor(gh_insn *in, const word *w, unsigned which)
{
	in->op = GH_OP_OTHER;
	if (w->rs < 4 || (which == 0 && w->rs == 11))
		in->writes = gh_bit(w->rt) & ~(uint64_t)1;
	else if (which == 0 && w->rs == 10)
		in->writes = gh_bit(w->rd) & ~(uint64_t)1;
	else if (which > 0 && w->rs == 8)
		branch(in, w, GH_OP_JUMP, GH_I_COND | (w->rt & 2 ? GH_I_LIKELY : 0));
	else if (which == 0 && w->w == 0x42000018)
		flow(in, GH_OP_RETURN, 0); /* eret has no delay slot */
	else if (which == 1 && (w->rs == 9 || w->rs == 10 || w->rs == 11 || w->rs == 15 || w->rs >= 24))
		branch(in, w, GH_OP_JUMP, GH_I_COND); /* on any of two or four conditions, on a vector */
	else if (which == 1 && w->rs != 16 && w->rs != 17 && w->rs != 20 && w->rs != 21 && w->rs != 22 && w->rs > 7)
		in->op = GH_OP_BAD;
}

static void special2(gh_insn *in, const word *w)
{
	switch (w->w & 63) {
	case 2:
	case 32:
	case 33:
	case 36:
	case 37: /* mul, clz, clo and their 64-bit kin */
		writes(in, GH_OP_OTHER, w->rd);
		return;
	case 0:
	case 1:
	case 4:
	case 5:
	case 63: /* madd, msub, sdbbp */
		in->op = GH_OP_OTHER;
		return;
	default:
		in->writes = (gh_bit(w->rd) | gh_bit(w->rt)) & ~(uint64_t)1;
	}
}

static void special3(gh_insn *in, const word *w)
{
	unsigned func = w->w & 63;
	if (func <= 7 || func == 59 || (func & 56) == 16 || (func >= 24 && func <= 25) || func == 10 || func == 12 ||
	    (func >= 32 && func <= 38) || (func >= 48 && func <= 57)) {
		in->op = GH_OP_OTHER;
		in->writes = gh_bit(w->rt);
		if (func == 32 || func == 36 || (func >= 10 && func < 32) || (func >= 48 && func < 56))
			in->writes = gh_bit(w->rd);
	}
	in->writes &= ~(uint64_t)1;
}

static void load(gh_insn *in, const word *w, unsigned width, bool sign)
{
	in->ra = (uint8_t)w->rs;
	in->imm = w->imm;
	in->width = (uint8_t)width;
	in->flags |= sign ? GH_I_SIGNED : 0;
	writes(in, GH_OP_LOAD, w->rt);
}

static void store(gh_insn *in, const word *w, unsigned width, unsigned from)
{
	in->op = GH_OP_STORE;
	in->ra = (uint8_t)w->rs;
	in->rb = (uint8_t)from;
	in->imm = w->imm;
	in->width = (uint8_t)width;
	if (from == RA && w->rs == SP)
		in->flags |= GH_I_FRAME;
}

static void immediate(gh_insn *in, const word *w, unsigned op, int64_t imm)
{
	in->ra = (uint8_t)w->rs;
	in->imm = imm;
	writes(in, op, w->rt);
}

static void add_immediate(gh_insn *in, const word *w)
{
	immediate(in, w, w->rs == ZERO ? GH_OP_SET : GH_OP_ADD, w->imm);
	if (w->rs == SP && w->rt == SP && w->imm < 0)
		in->flags |= GH_I_FRAME;
}

static void memory(gh_insn *in, const word *w, unsigned op)
{
	static const uint8_t width[64] = {
		[32] = 1, [33] = 2, [35] = 4, [36] = 1, [37] = 2, [39] = 4, [48] = 4, [52] = 8, [55] = 8,
		[40] = 1, [41] = 2, [43] = 4, [49] = 4, [53] = 8, [57] = 4, [61] = 8, [63] = 8,
	};
	switch (op) {
	case 32:
	case 33:
	case 35:
	case 36:
	case 37:
	case 39:
	case 48:
	case 52:
	case 55:
		load(in, w, width[op], op == 32 || op == 33 || op == 35);
		return;
	case 40:
	case 41:
	case 43:
	case 63:
		store(in, w, width[op], w->rt);
		return;
	case 57:
	case 61: /* swc1, sdc1 */
		store(in, w, width[op], GH_R_NO);
		return;
	case 26:
	case 27:
	case 34:
	case 38:
	case 56:
	case 60: /* ldl ldr lwl lwr sc scd */
		writes(in, GH_OP_OTHER, w->rt);
		return;
	default:
		in->op = GH_OP_OTHER;
	}
}

static void opcode(gh_insn *in, const word *w, unsigned op)
{
	switch (op) {
	case 0:
		special(in, w);
		return;
	case 1:
		regimm(in, w);
		return;
	case 16:
	case 17:
	case 18:
		coprocessor(in, w, op - 16);
		return;
	case 28:
		special2(in, w);
		return;
	case 31:
		special3(in, w);
		return;
	case 59: /* no instruction before release 6 */
		return;
	case 2:
	case 3:
	case 29: /* j, jal, jalx */
		flow(in, op == 2 ? GH_OP_JUMP : GH_OP_CALL, GH_I_DELAY | (op == 29 ? GH_I_THUMB : 0));
		in->target = ((w->pc + 4) & ~(uint64_t)0xfffffff) | (uint64_t)(w->w & 0x3ffffff) << 2;
		in->writes = op == 2 ? 0 : gh_bit(RA);
		return;
	case 4:
	case 5:
	case 20:
	case 21: /* beq, bne and likely */
		in->ra = (uint8_t)w->rs;
		in->rb = (uint8_t)w->rt;
		branch(in, w, GH_OP_JUMP,
		       GH_I_COMPARE | (op & 16 ? GH_I_LIKELY : 0) | ((op & 1) || w->rs != w->rt ? GH_I_COND : 0));
		return;
	case 6:
	case 7:
	case 22:
	case 23: /* blez, bgtz */
		in->ra = (uint8_t)w->rs;
		branch(in, w, GH_OP_JUMP, GH_I_COND | (op & 16 ? GH_I_LIKELY : 0));
		return;
	case 50:
	case 54:
	case 58:
	case 62: /* Octeon: bbit0, bbit1; elsewhere a coprocessor that nobody has */
		branch(in, w, GH_OP_JUMP, GH_I_COND);
		return;
	case 8:
	case 9:
	case 24:
	case 25: /* addi, addiu, daddi, daddiu */
		add_immediate(in, w);
		return;
	case 10:
	case 11: /* slti, sltiu */
		immediate(in, w, GH_OP_COMPARE, w->imm);
		in->op = GH_OP_COMPARE;
		return;
	case 12:
		immediate(in, w, GH_OP_AND, w->imm & 0xffff);
		return;
	case 13:
		immediate(in, w, w->rs == ZERO ? GH_OP_SET : GH_OP_OR, w->imm & 0xffff);
		return;
	case 14:
		immediate(in, w, GH_OP_XOR, w->imm & 0xffff);
		in->flags |= GH_I_NZXOR;
		return;
	case 15:
		immediate(in, w, GH_OP_SET, w->imm * 65536);
		if (w->rt == GP)
			in->flags |= GH_I_FRAME;
		return;
	default:
		memory(in, w, op);
	}
}

void gh_decode_mips(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	memset(in, 0, sizeof *in);
	if (left < 4)
		return;
	uint32_t v = gh_word(code, mode);
	word w = { v, pc, v >> 21 & 31, v >> 16 & 31, v >> 11 & 31, gh_sign(v, 16) };
	in->size = 4;
	opcode(in, &w, v >> 26);
}
