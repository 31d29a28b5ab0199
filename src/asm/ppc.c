/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/ppc - PowerPC of 32 and 64 bits, one word each.
 *
 *	 0    5 6  10 11 15 16 20 21       31   (bit 0 is the highest)
 *	+------+-----+-----+-----+----------+
 *	|opcode| RT  | RA  | RB  |    XO    |   opcode 31; logic goes from RT (then RS) to RA
 *	|opcode| RT  | RA  |    immediate   |   RA 0 is no register in sums and addresses
 *	+------+-----+-----+-----+----------+
 *
 * "Power ISA Version 2.07", books I and II. 32 is the count register, 33 the link register.
 */
#include "asm/insn_in.h"

enum { SP = 1, CTR = 32, LR = 33 };

typedef struct word {
	uint32_t w;
	uint64_t pc;
	unsigned rt, ra, rb;
	int64_t imm;
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

static void add(gh_insn *in, const word *w, int64_t imm)
{
	in->ra = (uint8_t)w->ra;
	in->imm = imm;
	writes(in, w->ra ? GH_OP_ADD : GH_OP_SET, w->rt);
}

/* From RS to RA with an immediate. */
static void logic(gh_insn *in, const word *w, unsigned op, int64_t imm)
{
	in->ra = (uint8_t)w->rt;
	in->imm = imm;
	writes(in, op == GH_OP_OR && imm == 0 ? GH_OP_MOVE : op, w->ra);
	if (w->w == 0x60000000)
		in->flags |= GH_I_PAD;
	if (op == GH_OP_XOR && imm)
		in->flags |= GH_I_NZXOR;
}

static bool always(uint32_t bo)
{
	return (bo & 0x14) == 0x14;
}

static void branch_conditional(gh_insn *in, const word *w)
{
	int64_t to = gh_sign(w->w & 0xfffc, 16);
	bool link = w->w & 1;
	in->target = w->w & 2 ? (uint64_t)to : w->pc + (uint64_t)to;
	if (link && in->target == w->pc + 4) { /* where am I? */
		in->imm = (int64_t)in->target;
		writes(in, GH_OP_ADDRESS, LR);
		return;
	}
	flow(in, link ? GH_OP_CALL : GH_OP_JUMP, always(w->rt) ? 0 : GH_I_COND);
	in->writes = (link ? gh_bit(LR) : 0) | (w->rt & 4 ? 0 : gh_bit(CTR));
}

static void branch(gh_insn *in, const word *w)
{
	int64_t to = gh_sign(w->w & 0x3fffffc, 26);
	in->target = w->w & 2 ? (uint64_t)to : w->pc + (uint64_t)to;
	flow(in, w->w & 1 ? GH_OP_CALL : GH_OP_JUMP, 0);
	in->writes = w->w & 1 ? gh_bit(LR) : 0;
}

static void branch_register(gh_insn *in, const word *w)
{
	unsigned xo = w->w >> 1 & 0x3ff, flags = always(w->rt) ? 0 : GH_I_COND;
	bool link = w->w & 1;
	if (xo == 16) {
		in->ra = LR;
		flow(in, link ? GH_OP_CALL_REG : GH_OP_RETURN, flags);
	} else if (xo == 528) {
		in->ra = CTR;
		flow(in, link ? GH_OP_CALL_REG : GH_OP_JUMP_REG, flags);
	} else if (xo == 50 || xo == 18) {
		flow(in, GH_OP_RETURN, 0); /* rfi */
	} else {
		in->op = GH_OP_OTHER;
		return;
	}
	in->writes = link ? gh_bit(LR) : 0;
}

static void rotate(gh_insn *in, const word *w)
{
	unsigned by = w->rb, from = w->w >> 6 & 31, to = w->w >> 1 & 31;
	in->ra = (uint8_t)w->rt;
	in->imm = by;
	writes(in, from == 0 && to == 31 - by && by ? GH_OP_SHL : GH_OP_OTHER, w->ra);
}

static void load(gh_insn *in, const word *w, unsigned width, int64_t at, bool update)
{
	in->ra = (uint8_t)(w->ra ? w->ra : GH_R_ABS);
	in->imm = at;
	in->width = (uint8_t)width;
	in->flags |= update ? GH_I_BASE : 0;
	writes(in, GH_OP_LOAD, w->rt);
	in->writes |= update ? gh_bit(w->ra) : 0;
}

static void store(gh_insn *in, const word *w, unsigned width, int64_t at, bool update, unsigned from)
{
	in->op = GH_OP_STORE;
	in->ra = (uint8_t)(w->ra ? w->ra : GH_R_NO);
	in->rb = (uint8_t)from;
	in->imm = at;
	in->width = (uint8_t)width;
	in->flags |= (uint16_t)((update ? GH_I_BASE : 0) | (update && w->ra == SP && at < 0 ? GH_I_FRAME : 0));
	in->writes = update ? gh_bit(w->ra) : 0;
}

static void memory(gh_insn *in, const word *w, unsigned op)
{
	static const uint8_t width[16] = { 4, 4, 1, 1, 4, 4, 1, 1, 2, 2, 2, 2, 2, 2, 0, 0 };
	unsigned i = op - 32;
	if (op >= 48) { /* floating point */
		store(in, w, op & 2 ? 8 : 4, w->imm, op & 1, GH_R_NO);
		in->op = op < 52 ? (op & 1 ? GH_OP_LOAD_MANY : GH_OP_OTHER) : GH_OP_STORE;
		in->flags = (uint16_t)(in->flags & ~GH_I_FRAME);
	} else if (op == 46) { /* lmw */
		in->op = GH_OP_OTHER;
		in->writes = 0xffffffff & ~((1u << w->rt) - 1);
	} else if (op == 47) {
		in->op = GH_OP_OTHER;
		in->flags |= w->ra == SP ? GH_I_FRAME : 0;
	} else if (i < 4 || (i >= 8 && i < 12)) {
		load(in, w, width[i], w->imm, op & 1);
		in->flags |= op >= 42 ? GH_I_SIGNED : 0;
	} else {
		store(in, w, width[i], w->imm, op & 1, w->rt);
	}
}

static void doubleword(gh_insn *in, const word *w, bool is_store)
{
	unsigned kind = w->w & 3;
	int64_t at = gh_sign(w->w & 0xfffc, 16);
	if (is_store) {
		if (kind < 2)
			store(in, w, 8, at, kind == 1, w->rt);
		else
			in->op = GH_OP_OTHER;
		return;
	}
	if (kind < 3)
		load(in, w, kind == 2 ? 4 : 8, at, kind == 1);
	in->flags |= kind == 2 ? GH_I_SIGNED : 0;
}

static void special_register(gh_insn *in, const word *w, bool to)
{
	unsigned spr = (w->w >> 16 & 31) | (w->w >> 6 & 0x3e0);
	unsigned r = spr == 8 ? LR : spr == 9 ? CTR : GH_R_NO;
	in->op = GH_OP_OTHER;
	if (r == GH_R_NO) {
		in->writes = to ? 0 : gh_bit(w->rt);
		return;
	}
	in->ra = (uint8_t)(to ? w->rt : r);
	writes(in, GH_OP_MOVE, to ? r : w->rt);
	if (!to && r == LR && w->rt == 0)
		in->flags |= GH_I_FRAME;
}

static void indexed(gh_insn *in, const word *w, unsigned width, bool sign)
{
	in->width = (uint8_t)width;
	in->flags |= sign ? GH_I_SIGNED : 0;
	in->ra = (uint8_t)(w->ra ? w->ra : w->rb);
	in->rb = (uint8_t)w->rb;
	writes(in, w->ra ? GH_OP_LOAD_REG : GH_OP_LOAD, w->rt);
}

/* Opcode 31: what is not told writes RT and RA. */
static void extended(gh_insn *in, const word *w)
{
	unsigned xo = w->w >> 1 & 0x3ff;
	in->ra = (uint8_t)w->ra;
	in->rb = (uint8_t)w->rb;
	switch (xo) {
	case 266:
	case 266 + 512:
		writes(in, GH_OP_ADD_REG, w->rt);
		return;
	case 40:
	case 40 + 512: /* subf: RB - RA */
		in->ra = (uint8_t)w->rb;
		in->rb = (uint8_t)w->ra;
		writes(in, GH_OP_SUB_REG, w->rt);
		return;
	case 444:
	case 316: /* or, xor */
		in->ra = (uint8_t)w->rt;
		writes(in, xo == 316 ? GH_OP_XOR_REG : w->rt == w->rb ? GH_OP_MOVE : GH_OP_OR_REG, w->ra);
		in->flags |= xo == 316 && w->rt != w->rb ? GH_I_NZXOR : 0;
		return;
	case 0:
	case 32:
		in->op = GH_OP_COMPARE_REG;
		return;
	case 339:
		special_register(in, w, false);
		return;
	case 467:
		special_register(in, w, true);
		return;
	case 23:
		indexed(in, w, 4, false);
		return;
	case 87:
		indexed(in, w, 1, false);
		return;
	case 279:
		indexed(in, w, 2, false);
		return;
	case 343:
		indexed(in, w, 2, true);
		return;
	case 341:
		indexed(in, w, 4, true);
		return;
	case 21:
		indexed(in, w, 8, false);
		return;
	case 4:
	case 68: /* tw, td */
		in->op = GH_OP_OTHER;
		if (w->rt == 31)
			flow(in, GH_OP_TRAP, 0);
		return;
	case 28:
	case 60:
	case 124:
	case 284:
	case 412:
	case 476:
	case 24:
	case 27:
	case 536:
	case 539:
	case 792:
	case 794:
	case 824:
	case 826:
	case 827:
	case 26:
	case 58:
	case 954:
	case 922:
	case 986:
	case 122:
	case 378:
	case 506:
	case 508:
	case 890:
	case 891:
		writes(in, GH_OP_OTHER, w->ra);
		return;
	case 151:
	case 215:
	case 407:
	case 149:
	case 150:
	case 214:
	case 662:
	case 918:
	case 660:
	case 663:
	case 727:
	case 983:
	case 535:
	case 599:
	case 855:
	case 887:
	case 54:
	case 86:
	case 246:
	case 278:
	case 470:
	case 758:
	case 1014:
	case 982:
	case 598:
	case 854:
	case 144:
	case 512:
	case 306:
	case 566:
	case 694:
	case 726:
	case 7:
	case 39:
	case 71:
	case 103:
	case 359:
	case 135:
	case 167:
	case 199:
	case 231:
	case 487:
	case 6:
	case 38:
	case 146:
	case 178:
	case 62:
	case 30:
	case 278 + 512:
		in->op = GH_OP_OTHER;
		return;
	default:
		in->op = GH_OP_OTHER;
		in->writes = gh_bit(w->rt) | gh_bit(w->ra);
	}
}

static void opcode(gh_insn *in, const word *w)
{
	unsigned op = w->w >> 26;
	switch (op) {
	case 14:
		add(in, w, w->imm);
		return;
	case 15:
		add(in, w, w->imm * 65536);
		return;
	case 12:
	case 13:
		add(in, w, w->imm);
		in->op = GH_OP_ADD;
		return;
	case 10:
	case 11:
		in->op = GH_OP_COMPARE;
		in->ra = (uint8_t)w->ra;
		in->imm = op == 10 ? w->imm & 0xffff : w->imm;
		return;
	case 24:
		logic(in, w, GH_OP_OR, w->imm & 0xffff);
		return;
	case 25:
		logic(in, w, GH_OP_OR, (w->imm & 0xffff) << 16);
		return;
	case 26:
		logic(in, w, GH_OP_XOR, w->imm & 0xffff);
		return;
	case 27:
		logic(in, w, GH_OP_XOR, (w->imm & 0xffff) << 16);
		return;
	case 28:
		logic(in, w, GH_OP_AND, w->imm & 0xffff);
		return;
	case 29:
		logic(in, w, GH_OP_AND, (w->imm & 0xffff) << 16);
		return;
	case 16:
		branch_conditional(in, w);
		return;
	case 17:
		flow(in, GH_OP_SYSCALL, 0);
		in->imm = w->w >> 5 & 0x7f;
		return;
	case 18:
		branch(in, w);
		return;
	case 19:
		branch_register(in, w);
		return;
	case 21:
		rotate(in, w);
		return;
	case 20:
	case 23:
	case 30:
		writes(in, GH_OP_OTHER, w->ra);
		return;
	case 7:
	case 8:
		writes(in, GH_OP_OTHER, w->rt);
		return;
	case 31:
		extended(in, w);
		return;
	case 58:
		doubleword(in, w, false);
		return;
	case 62:
		doubleword(in, w, true);
		return;
	case 4:
		in->op = GH_OP_OTHER;
		in->writes = gh_bit(w->rt); /* the signal processing engine has its results there */
		return;
	case 2:
	case 3:
	case 56:
	case 57:
	case 59:
	case 60:
	case 61:
	case 63:
		in->op = GH_OP_OTHER;
		return;
	default:
		if (op >= 32 && op < 56)
			memory(in, w, op);
	}
}

void gh_decode_ppc(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	memset(in, 0, sizeof *in);
	if (left < 4)
		return;
	uint32_t v = gh_word(code, mode);
	word w = { v, pc, v >> 21 & 31, v >> 16 & 31, v >> 11 & 31, gh_sign(v, 16) };
	in->size = 4;
	opcode(in, &w);
	in->target = mode & GH_DECODE_64 ? in->target : (uint32_t)in->target;
	if (v == 0)
		in->flags |= GH_I_PAD;
}
