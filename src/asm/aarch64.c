/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/aarch64 - the 64-bit instructions of ARMv8, one word each.
 *
 *	 31       28    25 24                  5 4     0
 *	+----------+------+---------------------+-------+
 *	|          | op0  |                     |  Rd   |   op0 100x immediate  101x branch
 *	+----------+------+---------------------+-------+   x1x0 load, store  x101 register  x111 SIMD
 *
 * "Arm Architecture Reference Manual for A-profile", C4.1. Register 31 is the stack pointer or
 * reads as zero; zero is 32 here.
 */
#include "asm/insn_in.h"

enum { LR = 30, SP = 31, ZERO = 32 };

typedef struct word {
	uint32_t w;
	uint64_t pc;
	unsigned rd, rn, rm; /* as written; 31 */
} word;

static unsigned zr(unsigned r)
{
	return r == SP ? ZERO : r;
}

static void flow(gh_insn *in, unsigned op, unsigned flags)
{
	in->op = (uint8_t)op;
	in->flags = (uint16_t)(in->flags | GH_I_FLOW | flags);
}

static void writes(gh_insn *in, unsigned op, unsigned rd)
{
	in->op = (uint8_t)(rd == ZERO ? GH_OP_OTHER : op);
	in->rd = (uint8_t)rd;
	in->writes = rd == ZERO ? 0 : gh_bit(rd);
}

static void add_immediate(gh_insn *in, const word *w)
{
	int64_t imm = w->w >> 10 & 0xfff;
	bool minus = w->w & 1 << 30, sets = w->w & 1 << 29;
	imm = w->w & 1 << 22 ? imm << 12 : imm;
	in->ra = (uint8_t)w->rn;
	in->imm = minus ? -imm : imm;
	if (sets && w->rd == SP) {
		in->op = GH_OP_COMPARE;
		in->imm = minus ? imm : -imm;
		return;
	}
	writes(in, GH_OP_ADD, w->rd);
	if (w->rd == SP && w->rn == SP && minus)
		in->flags |= GH_I_FRAME;
}

/* DecodeBitMasks: a run of ones, turned, repeated. False where there is none. */
static bool bit_mask(uint32_t n, uint32_t imms, uint32_t immr, bool wide, uint64_t *mask)
{
	uint32_t length = n << 6 | (~imms & 0x3f);
	if (length < 2)
		return false;
	unsigned size = 1u << (31 - __builtin_clz(length));
	unsigned ones = (imms & (size - 1)) + 1, turn = immr & (size - 1);
	if (ones == size || size > 64 || (!wide && n))
		return false;
	uint64_t all = size == 64 ? UINT64_MAX : ((uint64_t)1 << size) - 1;
	uint64_t m = ((uint64_t)1 << ones) - 1;
	m = turn ? (m >> turn | m << (size - turn)) & all : m;
	for (; size < 64; size *= 2)
		m |= m << size;
	*mask = wide ? m : (uint32_t)m;
	return true;
}

static void logical_immediate(gh_insn *in, const word *w)
{
	uint64_t mask;
	unsigned op = w->w >> 29 & 3;
	if (!bit_mask(w->w >> 22 & 1, w->w >> 10 & 63, w->w >> 16 & 63, w->w >> 31, &mask))
		return;
	in->imm = (int64_t)mask;
	in->ra = (uint8_t)zr(w->rn);
	if (op == 3 && w->rd == SP) {
		in->op = GH_OP_OTHER; /* tst */
		return;
	}
	writes(in,
	       op == 1   ? (w->rn == SP ? GH_OP_SET : GH_OP_OR)
	       : op == 2 ? GH_OP_XOR
			 : GH_OP_AND,
	       op == 3 ? zr(w->rd) : w->rd);
	in->flags |= op == 2 ? GH_I_NZXOR : 0;
}

static void move_wide(gh_insn *in, const word *w)
{
	unsigned op = w->w >> 29 & 3, by = w->w >> 17 & 0x30;
	uint64_t imm = w->w >> 5 & 0xffff;
	bool wide = w->w >> 31;
	if (op == 1 || (!wide && by > 16))
		return;
	in->shift = (uint8_t)by;
	writes(in, op == 3 ? GH_OP_INSERT : GH_OP_SET, zr(w->rd));
	if (op == 0)
		imm = wide ? ~(imm << by) : (uint32_t) ~(imm << by);
	else if (op == 2)
		imm <<= by;
	in->imm = (int64_t)imm;
}

static void bit_field(gh_insn *in, const word *w)
{
	unsigned r = w->w >> 16 & 63, s = w->w >> 10 & 63, top = w->w >> 31 ? 63 : 31;
	in->ra = (uint8_t)zr(w->rn);
	bool left = (w->w >> 29 & 3) == 2 && s != top && s + 1 == r;
	in->imm = top - s;
	writes(in, left ? GH_OP_SHL : GH_OP_OTHER, zr(w->rd));
}

static void immediate(gh_insn *in, const word *w)
{
	switch (w->w >> 23 & 7) {
	case 0:
	case 1: { /* adr, adrp */
		int64_t by = gh_sign((w->w >> 3 & 0x1ffffc) | (w->w >> 29 & 3), 21);
		bool page = w->w >> 31;
		in->imm = page ? (int64_t)((w->pc & ~(uint64_t)0xfff) + (uint64_t)(by * 4096)) : (int64_t)w->pc + by;
		writes(in, GH_OP_ADDRESS, zr(w->rd));
		return;
	}
	case 2:
	case 3:
		add_immediate(in, w);
		return;
	case 4:
		logical_immediate(in, w);
		return;
	case 5:
		move_wide(in, w);
		return;
	case 6:
		bit_field(in, w);
		return;
	default:
		writes(in, GH_OP_OTHER, zr(w->rd));
	}
}

static void jump_reg(gh_insn *in, const word *w)
{
	in->ra = (uint8_t)w->rn;
	switch (w->w >> 21 & 15) {
	case 0:
	case 8:
		flow(in, GH_OP_JUMP_REG, 0);
		return;
	case 1:
	case 9:
		flow(in, GH_OP_CALL_REG, 0);
		in->writes = gh_bit(LR);
		return;
	case 2:
	case 4:
		flow(in, GH_OP_RETURN, 0);
		return;
	default:
		return;
	}
}

static void exception(gh_insn *in, const word *w)
{
	in->op = GH_OP_OTHER;
	if ((w->w & 0xffe0001f) == 0xd4000001) {
		flow(in, GH_OP_SYSCALL, 0);
		in->imm = w->w >> 5 & 0xffff;
	} else if ((w->w & 0xffe0001f) == 0xd4200000 || (w->w & 0xffe0001f) == 0xd4400000) {
		flow(in, GH_OP_TRAP, 0);
	} else if ((w->w & 0xfff00000) == 0xd5300000) { /* mrs */
		in->writes = w->rd == SP ? 0 : gh_bit(w->rd);
	} else if (w->w == 0xd503201f) {
		in->flags |= GH_I_PAD;
	} else if (w->w == 0xd503233f || w->w == 0xd503237f) { /* paciasp, pacibsp */
		in->flags |= GH_I_FRAME;
	}
}

static void branch(gh_insn *in, const word *w)
{
	uint32_t v = w->w;
	if ((v & 0x7c000000) == 0x14000000) {
		flow(in, v >> 31 ? GH_OP_CALL : GH_OP_JUMP, 0);
		in->target = w->pc + (uint64_t)(gh_sign(v, 26) * 4);
		in->writes = v >> 31 ? gh_bit(LR) : 0;
	} else if ((v & 0xff000000) == 0x54000000) {
		flow(in, GH_OP_JUMP, (v & 15) < 14 ? GH_I_COND : 0);
		in->target = w->pc + (uint64_t)(gh_sign(v >> 5, 19) * 4);
	} else if ((v & 0x7e000000) == 0x34000000) {
		flow(in, GH_OP_JUMP, GH_I_COND);
		in->target = w->pc + (uint64_t)(gh_sign(v >> 5, 19) * 4);
	} else if ((v & 0x7e000000) == 0x36000000) {
		flow(in, GH_OP_JUMP, GH_I_COND);
		in->target = w->pc + (uint64_t)(gh_sign(v >> 5, 14) * 4);
	} else if ((v & 0xfe000000) == 0xd6000000) {
		jump_reg(in, w);
	} else if ((v & 0xfe000000) == 0xd4000000) {
		exception(in, w);
	}
}

static void moves_base(gh_insn *in, bool moves, bool post)
{
	in->flags |= (uint16_t)(moves ? GH_I_BASE | (post ? GH_I_POST : 0) : 0);
}

static void pair(gh_insn *in, const word *w)
{
	unsigned op = w->w >> 30, mode = w->w >> 23 & 3, second = w->w >> 10 & 31;
	bool simd = w->w & 1 << 26, load = w->w & 1 << 22;
	int64_t scale = simd ? 4 << op : op & 2 ? 8 : 4;
	in->op = GH_OP_LOAD_MANY;
	in->ra = (uint8_t)w->rn;
	in->imm = gh_sign(w->w >> 15, 7) * scale;
	moves_base(in, mode & 1, mode == 1);
	if (load && !simd)
		in->writes = (gh_bit(w->rd) | gh_bit(second)) & 0x7fffffff;
	if (!load && !simd && w->rn == SP && (second == LR || w->rd == LR || w->rd == 29))
		in->flags |= GH_I_FRAME;
}

static void single(gh_insn *in, const word *w)
{
	unsigned size = w->w >> 30, op = w->w >> 22 & 3;
	bool simd = w->w & 1 << 26, scaled = w->w & 1 << 24;
	unsigned kind = w->w >> 10 & 3;
	in->ra = (uint8_t)w->rn;
	in->width = (uint8_t)(1u << size);
	in->rb = (uint8_t)(simd ? GH_R_NO : zr(w->rd));
	in->imm = scaled ? (int64_t)(w->w >> 10 & 0xfff) << size : gh_sign(w->w >> 12, 9);
	in->flags |= op & 2 ? GH_I_SIGNED : 0;
	if (!scaled && !(w->w & 1 << 21))
		moves_base(in, kind & 1, kind == 1);
	if (!scaled && w->w & 1 << 21) {
		in->imm = 0;
		if (kind != 2) { /* atomics give rt */
			writes(in, GH_OP_OTHER, zr(w->rd));
			return;
		}
		in->rb = (uint8_t)zr(w->rm);
		in->shift = (uint8_t)(w->w & 1 << 12 ? size : 0);
		if (op == 0 || simd || (size == 3 && op == 2))
			in->op = GH_OP_OTHER;
		else
			writes(in, GH_OP_LOAD_REG, zr(w->rd));
		return;
	}
	if (simd || (size == 3 && op == 2)) {
		in->op = in->flags & GH_I_BASE ? GH_OP_LOAD_MANY : GH_OP_OTHER;
	} else if (op == 0) {
		in->op = GH_OP_STORE;
		in->flags |= w->rd == LR && w->rn == SP ? GH_I_FRAME : 0;
	} else if (w->rd == SP) {
		in->op = in->flags & GH_I_BASE ? GH_OP_LOAD_MANY : GH_OP_OTHER;
	} else {
		writes(in, GH_OP_LOAD, w->rd);
	}
}

static void memory(gh_insn *in, const word *w)
{
	uint32_t v = w->w;
	if ((v & 0x3b000000) == 0x18000000) {
		in->ra = GH_R_ABS;
		in->imm = (int64_t)w->pc + gh_sign(v >> 5, 19) * 4;
		in->width = v >> 30 == 1 ? 8 : 4;
		in->flags |= v >> 30 == 2 ? GH_I_SIGNED : 0;
		if (v & 1 << 26 || v >> 30 == 3)
			in->op = GH_OP_OTHER;
		else
			writes(in, GH_OP_LOAD, zr(w->rd));
		in->flags |= in->op == GH_OP_LOAD ? GH_I_LITERAL : 0;
	} else if ((v & 0x3a000000) == 0x28000000) {
		pair(in, w);
	} else if ((v & 0x3a000000) == 0x38000000) {
		single(in, w);
	} else if ((v & 0x3f000000) == 0x08000000) { /* exclusive */
		in->op = GH_OP_OTHER;
		in->writes = (v & 1 << 22 ? gh_bit(w->rd) | gh_bit(v >> 10 & 31) : gh_bit(w->rm)) & 0x7fffffff;
		in->writes |= (v & 0x00a00000) == 0x00a00000 && w->rm != SP ? gh_bit(w->rm) : 0; /* cas */
	} else {
		in->op = GH_OP_OTHER;
		in->writes = (v & 0xbe000000) == 0x0c000000 && v & 1 << 23 ? gh_bit(w->rn) : 0;
	}
}

static void logical_register(gh_insn *in, const word *w)
{
	unsigned op = w->w >> 29 & 3;
	bool plain = !(w->w & 1 << 21) && (w->w >> 10 & 63) == 0;
	in->ra = (uint8_t)zr(w->rn);
	in->rb = (uint8_t)zr(w->rm);
	if (op == 1 && plain && w->rn == SP) {
		in->ra = in->rb;
		writes(in, GH_OP_MOVE, zr(w->rd));
		return;
	}
	writes(in, !plain ? GH_OP_OTHER : op == 1 ? GH_OP_OR_REG : op == 2 ? GH_OP_XOR_REG : GH_OP_OTHER, zr(w->rd));
	in->flags |= op == 2 && w->rn != w->rm ? GH_I_NZXOR : 0;
}

static void add_register(gh_insn *in, const word *w)
{
	bool extended = w->w & 1 << 21, minus = w->w & 1 << 30, sets = w->w & 1 << 29;
	unsigned by = extended ? w->w >> 10 & 7 : w->w >> 10 & 63;
	bool left = extended || (w->w >> 22 & 3) == 0;
	in->ra = (uint8_t)(extended ? w->rn : zr(w->rn));
	in->rb = (uint8_t)zr(w->rm);
	in->shift = (uint8_t)by;
	if (sets && w->rd == SP) {
		in->op = minus && by == 0 ? GH_OP_COMPARE_REG : GH_OP_OTHER;
		return;
	}
	unsigned rd = extended && !sets ? w->rd : zr(w->rd);
	writes(in, !left ? GH_OP_OTHER : !minus ? GH_OP_ADD_REG : by ? GH_OP_OTHER : GH_OP_SUB_REG, rd);
}

static void registers(gh_insn *in, const word *w)
{
	uint32_t v = w->w;
	if ((v & 0x1f000000) == 0x0a000000) {
		logical_register(in, w);
	} else if ((v & 0x1f000000) == 0x0b000000) {
		add_register(in, w);
	} else if ((v & 0x1fe00000) == 0x1a400000) { /* ccmp */
		in->op = v & 1 << 11 ? GH_OP_COMPARE : GH_OP_OTHER;
		in->ra = (uint8_t)zr(w->rn);
		in->imm = v & 1 << 30 ? (int64_t)w->rm : -(int64_t)w->rm;
	} else {
		writes(in, GH_OP_OTHER, zr(w->rd));
	}
}

/* What moves from the vector registers to the others. */
static void simd(gh_insn *in, const word *w)
{
	uint32_t v = w->w, op = v >> 16 & 7;
	in->op = GH_OP_OTHER;
	bool converts = (v & 0x5f20fc00) == 0x1e200000 && op != 2 && op != 3 && op != 7;
	bool fixed = (v & 0x5f200000) == 0x1e000000 && op != 2 && op != 3;
	bool lane = (v & 0xbfe0fc00) == 0x0e003c00 || (v & 0xbfe0fc00) == 0x0e002c00 || (v & 0xbfe0dc00) == 0x0e001c00;
	if ((converts || fixed || lane) && w->rd != SP)
		in->writes = gh_bit(w->rd);
}

void gh_decode_aarch64(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	memset(in, 0, sizeof *in);
	if (left < 4)
		return;
	uint32_t v = gh_word(code, mode & ~(unsigned)GH_DECODE_BIG); /* code is little-endian in any case */
	word w = { v, pc, v & 31, v >> 5 & 31, v >> 16 & 31 };
	in->size = 4;
	switch (v >> 25 & 15) {
	case 8:
	case 9:
		immediate(in, &w);
		return;
	case 10:
	case 11:
		branch(in, &w);
		return;
	case 4:
	case 6:
	case 12:
	case 14:
		memory(in, &w);
		return;
	case 5:
	case 13:
		registers(in, &w);
		return;
	case 7:
	case 15:
		simd(in, &w);
		return;
	case 2:
		in->op = GH_OP_OTHER;
		return;
	default:
		in->flags |= v == 0 ? GH_I_PAD : 0;
	}
}
