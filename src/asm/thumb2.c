/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/thumb2 - the instructions of Thumb that are two halfwords, A6.3 of the manual named in thumb.c.
 */
#include "asm/thumb_in.h"

enum { SP = GH_T_SP, LR = GH_T_LR, PC = GH_T_PC };

/* A6.3.4: b, bl, blx of 32 bits and what controls the processor. */
static void branches(gh_insn *in, uint32_t a, uint32_t b, uint64_t pc)
{
	uint32_t s = a >> 10 & 1, j1 = b >> 13 & 1, j2 = b >> 11 & 1;
	uint64_t far = s << 24 | (~(j1 ^ s) & 1) << 23 | (~(j2 ^ s) & 1) << 22 | (a & 0x3ff) << 12 | (b & 0x7ff) << 1;
	if (b & 0x4000) { /* link */
		bool arm = !(b & 0x1000);
		uint64_t from = arm ? pc & ~(uint64_t)3 : pc;
		in->target = (uint32_t)(from + (uint64_t)gh_sign(far, 25));
		in->writes = gh_bit(LR);
		gh_thumb_flow(in, GH_OP_CALL, arm ? GH_I_ARM : GH_I_THUMB);
	} else if (b & 0x1000) {
		in->target = (uint32_t)(pc + (uint64_t)gh_sign(far, 25));
		gh_thumb_flow(in, GH_OP_JUMP, 0);
	} else if ((a >> 7 & 7) != 7) {
		uint64_t near = s << 20 | j2 << 19 | j1 << 18 | (a & 0x3f) << 12 | (b & 0x7ff) << 1;
		in->target = (uint32_t)(pc + (uint64_t)gh_sign(near, 21));
		gh_thumb_flow(in, GH_OP_JUMP, GH_I_COND);
	} else if (a == 0xf7f0) {
		gh_thumb_flow(in, GH_OP_TRAP, 0); /* udf */
	} else {
		in->op = GH_OP_OTHER;
		in->flags |= a == 0xf3af && b == 0x8000 ? GH_I_PAD : 0;
		if ((a & 0xffe0) == 0xf3e0) /* mrs */
			in->writes = gh_bit(b >> 8 & 15);
	}
}

static uint32_t expand(uint32_t i)
{
	uint32_t c = i & 0xff;
	switch (i >> 8) {
	case 0:
		return c;
	case 1:
		return c << 16 | c;
	case 2:
		return c << 24 | c << 8;
	case 3:
		return c * 0x01010101u;
	default:
		break;
	}
	uint32_t v = 0x80 | (i & 0x7f), by = i >> 7;
	return v >> by | v << (32 - by);
}

static void modified(gh_insn *in, uint32_t op, unsigned rn, unsigned rd, uint32_t v, bool sets)
{
	in->ra = (uint8_t)rn;
	in->imm = (int64_t)v;
	bool compares = rd == PC && sets;
	switch (op) {
	case 0:
		gh_thumb_writes(in, GH_OP_AND, rd);
		break;
	case 1:
		in->imm = (int64_t)(uint32_t)~v;
		gh_thumb_writes(in, GH_OP_AND, rd);
		break;
	case 2:
		gh_thumb_writes(in, rn == PC ? GH_OP_SET : GH_OP_OR, rd);
		break;
	case 3:
		in->imm = (int64_t)(uint32_t)~v;
		gh_thumb_writes(in, rn == PC ? GH_OP_SET : GH_OP_OTHER, rd);
		break;
	case 4:
		gh_thumb_writes(in, GH_OP_XOR, rd);
		in->flags |= compares ? 0 : GH_I_NZXOR;
		break;
	case 8:
		gh_thumb_writes(in, GH_OP_ADD, rd);
		break;
	case 13:
		in->imm = -(int64_t)v;
		gh_thumb_writes(in, GH_OP_ADD, rd);
		break;
	default:
		gh_thumb_writes(in, GH_OP_OTHER, rd);
	}
	if (rd == SP && rn == SP && op == 13)
		in->flags |= GH_I_FRAME;
	if (compares) {
		in->op = op == 13 || op == 8 ? GH_OP_COMPARE : GH_OP_OTHER;
		in->imm = op == 8 ? -(int64_t)v : (int64_t)v;
		in->writes = 0;
	}
}

static void immediates(gh_insn *in, uint32_t a, uint32_t b, uint64_t pc)
{
	unsigned rn = a & 15, rd = b >> 8 & 15;
	uint32_t i = (a >> 10 & 1) << 11 | (b >> 12 & 7) << 8 | (b & 0xff);
	if (!(a & 0x200)) {
		modified(in, a >> 5 & 15, rn, rd, expand(i), a & 0x10);
		return;
	}
	switch (a >> 4 & 31) {
	case 0:
	case 10: { /* addw, subw, adr */
		int64_t by = a & 0xa0 ? -(int64_t)i : (int64_t)i;
		if (rn == PC)
			gh_thumb_with(in, GH_OP_ADDRESS, rd, 0, (int64_t)(pc & ~(uint64_t)3) + by);
		else
			gh_thumb_with(in, GH_OP_ADD, rd, rn, by);
		return;
	}
	case 4:
		gh_thumb_with(in, GH_OP_SET, rd, 0, (int64_t)(rn << 12 | i));
		return;
	case 12:
		gh_thumb_with(in, GH_OP_INSERT, rd, rd, (int64_t)(rn << 12 | i));
		in->shift = 16;
		return;
	default:
		gh_thumb_writes(in, GH_OP_OTHER, rd);
	}
}

/* ldm, stm; ldrd, strd, exclusives, tbb, tbh. */
static void many_or_two(gh_insn *in, uint32_t a, uint32_t b, uint64_t pc)
{
	unsigned rn = a & 15;
	bool load = a & 0x10;
	if (!(a & 0x40)) {
		int64_t bytes = 4 * __builtin_popcount(b);
		gh_thumb_many(in, rn, b, load, !(a & 0x20) ? 0 : (a & 0x80) ? bytes : -bytes);
		return;
	}
	if ((a & 0xfff0) == 0xe8d0 && (b & 0xffe0) == 0xf000) {
		in->width = b & 0x10 ? 2 : 1;
		in->ra = GH_R_NO;
		in->target = pc;
		if (rn == PC)
			gh_thumb_flow(in, GH_OP_JUMP_TABLE, 0);
		else
			gh_thumb_flow(in, GH_OP_JUMP_REG, 0);
		return;
	}
	in->op = GH_OP_OTHER;
	in->writes = load                     ? gh_bit(b >> 12) | gh_bit(b >> 8 & 15)
		     : (a & 0xfff0) == 0xe840 ? gh_bit(b >> 8 & 15)
		     : (a & 0xfff0) == 0xe8c0 ? gh_bit(b & 15)
					      : 0;
	if ((a & 0x120) == 0x120 || (a & 0x20)) /* strd, ldrd with a moving base */
		in->writes |= gh_bit(rn);
	in->writes &= 0xffff;
	if (rn == SP && in->writes & gh_bit(SP) && (a & 0x20)) {
		int64_t by = (int64_t)(b & 0xff) * 4;
		in->op = GH_OP_LOAD_MANY;
		in->ra = SP;
		in->imm = a & 0x80 ? by : -by;
		in->flags |= GH_I_BASE | (load ? 0 : GH_I_FRAME);
		in->writes &= ~gh_bit(SP);
	}
}

static void registers(gh_insn *in, uint32_t a, uint32_t b)
{
	unsigned op = a >> 5 & 15, rn = a & 15, rd = b >> 8 & 15, rm = b & 15;
	unsigned by = (b >> 10 & 28) | (b >> 6 & 3);
	bool plain = (b & 0x30) == 0;
	in->ra = (uint8_t)rn;
	in->rb = (uint8_t)rm;
	in->shift = (uint8_t)by;
	if (rd == PC && a & 0x10) {
		in->op = op == 13 && plain && by == 0 ? GH_OP_COMPARE_REG : GH_OP_OTHER;
		return;
	}
	unsigned known = GH_OP_OTHER;
	if (op == 8 && plain)
		known = GH_OP_ADD_REG;
	else if (plain && by == 0)
		known = op == 4 ? GH_OP_XOR_REG : op == 13 ? GH_OP_SUB_REG : op == 2 ? GH_OP_OR_REG : GH_OP_OTHER;
	gh_thumb_writes(in, known, rd);
	in->flags |= op == 4 && rn != rm ? GH_I_NZXOR : 0;
	if (op == 2 && rn == PC && plain)
		gh_thumb_with(in, by ? GH_OP_SHL : GH_OP_MOVE, rd, rm, (int64_t)by);
}

static void single(gh_insn *in, uint32_t a, uint32_t b, uint64_t pc)
{
	unsigned rn = a & 15, rt = b >> 12;
	bool load = a & 0x10;
	unsigned width = 1u << (a >> 5 & 3);
	if (width > 4)
		return;
	in->flags |= a & 0x100 ? GH_I_SIGNED : 0;
	if (rt == PC && load && width < 4) { /* pld */
		in->op = GH_OP_OTHER;
		return;
	}
	if (rn == PC) {
		int64_t off = (int64_t)(b & 0xfff);
		gh_thumb_load_store(in, load, rt, GH_R_ABS, (int64_t)(pc & ~(uint64_t)3) + (a & 0x80 ? off : -off),
				    width);
		in->flags |= GH_I_LITERAL;
	} else if (a & 0x80) {
		gh_thumb_load_store(in, load, rt, rn, (int64_t)(b & 0xfff), width);
	} else if (b & 0x800) {
		int64_t off = b & 0x200 ? (int64_t)(b & 0xff) : -(int64_t)(b & 0xff);
		gh_thumb_load_store(in, load, rt, rn, off, width);
		in->flags |= (uint16_t)(!(b & 0x400) ? GH_I_BASE | GH_I_POST : b & 0x100 ? GH_I_BASE : 0);
	} else if (load) {
		in->ra = (uint8_t)rn;
		in->rb = b & 15;
		in->shift = b >> 4 & 3;
		in->width = (uint8_t)width;
		in->flags |= rt == PC ? GH_I_INDEX : 0;
		gh_thumb_writes(in, GH_OP_LOAD_REG, rt);
	} else {
		in->op = GH_OP_STORE;
		in->ra = in->rb = GH_R_NO;
	}
	if (!load && rt == LR && rn == SP)
		in->flags |= GH_I_FRAME;
	if (load && rt == PC) {
		bool pops = rn == SP && in->flags & GH_I_POST;
		in->writes = 0;
		gh_thumb_flow(in, pops ? GH_OP_RETURN : GH_OP_JUMP_MEM, 0);
	}
}

static void coprocessor(gh_insn *in, uint32_t a, uint32_t b)
{
	in->op = GH_OP_OTHER;
	if ((a & 0xef00) == 0xee00 && b & 0x10 && a & 0x10 && b >> 12 != PC) {
		in->writes = gh_bit(b >> 12); /* mrc, vmov */
	} else if ((a & 0xefe0) == 0xec40) {
		in->writes = a & 0x10 ? gh_bit(b >> 12) | gh_bit(a & 15) : 0;
	} else if ((a & 0xee20) == 0xec20) { /* vpush, vpop */
		int64_t bytes = (int64_t)(b & 0xff) * 4;
		in->op = GH_OP_LOAD_MANY;
		in->ra = a & 15;
		in->imm = a & 0x80 ? bytes : -bytes;
		in->flags |= GH_I_BASE;
	} else if ((a & 0xff90) == 0xf900 && (b & 15) != 15) { /* vst1 and kin move their base */
		in->writes = gh_bit(a & 15);
	}
}

void gh_thumb_pair(gh_insn *in, uint32_t a, uint32_t b, uint64_t pc)
{
	in->size = 4;
	if ((a & 0xf800) == 0xf000) {
		if (b & 0x8000)
			branches(in, a, b, pc);
		else
			immediates(in, a, b, pc);
	} else if ((a & 0xfe00) == 0xe800) {
		many_or_two(in, a, b, pc);
	} else if ((a & 0xfe00) == 0xea00) {
		registers(in, a, b);
	} else if ((a & 0xec00) == 0xec00 || (a & 0xff10) == 0xf900) { /* SIMD */
		coprocessor(in, a, b);
	} else if ((a & 0xfe00) == 0xf800) {
		single(in, a, b, pc);
	} else { /* shifts, extensions, products */
		gh_thumb_writes(in, GH_OP_OTHER, b >> 8 & 15);
		in->writes |= (a & 0xff80) == 0xfb80 ? gh_bit(b >> 12) : 0;
	}
}
