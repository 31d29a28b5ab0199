/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/x86 - i386 and amd64: how long an instruction is, and what the common ones do.
 *
 *	+----------+-----+--------+---------+-----+--------------+-----------+
 *	| prefixes | REX | opcode | ModR/M  | SIB | displacement | immediate |
 *	+----------+-----+--------+---------+-----+--------------+-----------+
 *	             or VEX, EVEX   mod reg rm
 *
 * "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 2, appendix A. What is not
 * told here forgets every general register that its operands name.
 */
#include "asm/x86_in.h"

enum { AX, CX, DX, BX, SP, BP, SI, DI };

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

/* The memory operand becomes ra + imm. */
static void address(gh_insn *in, const gh_x86 *x, unsigned width)
{
	in->ra = (uint8_t)x->base;
	in->imm = x->disp;
	in->width = (uint8_t)width;
	in->flags |= x->index == GH_R_NO ? 0 : GH_I_INDEX;
}

static void load(gh_insn *in, const gh_x86 *x, unsigned width, bool sign)
{
	if (x->segment) { /* of the thread */
		writes(in, GH_OP_OTHER, x->reg);
		return;
	}
	address(in, x, width);
	in->flags |= sign ? GH_I_SIGNED : 0;
	writes(in, GH_OP_LOAD, x->reg);
}

static void store(gh_insn *in, const gh_x86 *x, unsigned width, unsigned from)
{
	address(in, x, width);
	in->op = GH_OP_STORE;
	in->rb = (uint8_t)from;
	if (x->index != GH_R_NO || x->segment)
		in->ra = GH_R_NO;
	in->flags = (uint16_t)(in->flags & ~GH_I_INDEX);
}

static void lea(gh_insn *in, const gh_x86 *x)
{
	in->ra = (uint8_t)x->base;
	in->imm = x->disp;
	if (x->index == GH_R_NO && x->base == GH_R_ABS) {
		writes(in, GH_OP_ADDRESS, x->reg);
	} else if (x->index == GH_R_NO) {
		writes(in, GH_OP_ADD, x->reg);
	} else if (x->disp == 0 && x->base != GH_R_ABS) {
		in->rb = (uint8_t)x->index;
		in->shift = (uint8_t)x->scale;
		writes(in, GH_OP_ADD_REG, x->reg);
	} else {
		writes(in, GH_OP_OTHER, x->reg);
	}
}

/* add, or, adc, sbb, and, sub, xor, cmp with a number. */
static void arithmetic(gh_insn *in, const gh_x86 *x, unsigned which, unsigned rd, bool memory, int64_t imm)
{
	static const uint8_t ops[8] = { GH_OP_ADD, GH_OP_OR,  GH_OP_OTHER, GH_OP_OTHER,
					GH_OP_AND, GH_OP_ADD, GH_OP_XOR,   GH_OP_COMPARE };
	in->flags |= which == 6 ? GH_I_NZXOR : 0;
	if (which == 7) {
		in->op = GH_OP_COMPARE;
		in->ra = (uint8_t)(memory ? GH_R_NO : rd);
		in->imm = imm;
		return;
	}
	if (memory) {
		store(in, x, x->width, GH_R_NO);
		return;
	}
	writes(in, x->width == 1 ? GH_OP_OTHER : ops[which], rd);
	in->ra = (uint8_t)rd;
	in->imm = which == 5 ? -imm : imm;
	if (which == 5 && rd == SP)
		in->flags |= GH_I_FRAME;
}

/* The same eight between operands: opcode & 7 of 1 to the operand, of 3 to the register. */
static void arithmetic_reg(gh_insn *in, const gh_x86 *x, unsigned which, bool to_reg)
{
	unsigned rd = to_reg ? x->reg : x->rm, other = to_reg ? x->rm : x->reg;
	if (which == 6 && (x->memory || x->reg != x->rm))
		in->flags |= GH_I_NZXOR;
	if (which == 7) {
		in->op = GH_OP_COMPARE_REG;
		in->ra = (uint8_t)(x->memory && !to_reg ? GH_R_NO : rd);
		in->rb = (uint8_t)(x->memory && to_reg ? GH_R_NO : other);
	} else if (x->memory && !to_reg) {
		store(in, x, x->width, GH_R_NO);
	} else if (x->memory || x->width == 1) {
		writes(in, GH_OP_OTHER, rd);
	} else {
		in->ra = (uint8_t)rd;
		in->rb = (uint8_t)other;
		writes(in,
		       which == 0   ? GH_OP_ADD_REG
		       : which == 5 ? GH_OP_SUB_REG
		       : which == 6 ? GH_OP_XOR_REG
		       : which == 1 ? GH_OP_OR_REG
				    : GH_OP_OTHER,
		       rd);
	}
}

static void indirect(gh_insn *in, const gh_x86 *x, bool call)
{
	if (x->segment == 0x65 && call && x->disp == 0x10 && !x->wide) { /* call *%gs:16: the kernel's page */
		flow(in, GH_OP_SYSCALL, 0);
		return;
	}
	if (x->memory) {
		address(in, x, x->wide ? 8 : 4);
		flow(in, call ? GH_OP_CALL_MEM : GH_OP_JUMP_MEM, 0);
	} else {
		in->ra = (uint8_t)x->rm;
		flow(in, call ? GH_OP_CALL_REG : GH_OP_JUMP_REG, 0);
	}
}

static void push(gh_insn *in, const gh_x86 *x, unsigned from)
{
	in->op = GH_OP_PUSH;
	in->ra = SP;
	in->rb = (uint8_t)from;
	in->width = x->wide ? 8 : 4;
	in->writes = gh_bit(SP);
	in->imm = x->imm;
	in->flags |= from == BP ? GH_I_FRAME : 0;
}

static void group_five(gh_insn *in, const gh_x86 *x)
{
	switch (x->reg & 7) {
	case 0:
	case 1:
		arithmetic(in, x, 0, x->rm, x->memory, (x->reg & 7) ? -1 : 1);
		return;
	case 2:
		indirect(in, x, true);
		return;
	case 4:
		indirect(in, x, false);
		return;
	case 6:
		push(in, x, GH_R_NO);
		return;
	default:
		in->op = (x->reg & 7) == 7 ? GH_OP_BAD : GH_OP_OTHER;
	}
}

static void group_three(gh_insn *in, const gh_x86 *x)
{
	in->op = GH_OP_OTHER;
	if ((x->reg & 7) >= 4)
		in->writes = gh_bit(AX) | gh_bit(DX);
	else if ((x->reg & 7) >= 2 && !x->memory)
		in->writes = gh_bit(x->rm);
}

static void set(gh_insn *in, unsigned rd, const gh_x86 *x)
{
	in->imm = x->wide && x->width == 4 ? (int64_t)(uint32_t)x->imm : x->imm;
	in->flags |= x->width >= 4 ? GH_I_LITERAL : 0;
	writes(in, x->width >= 4 ? GH_OP_SET : GH_OP_OTHER, rd);
}

static void stored_number(gh_insn *in, const gh_x86 *x)
{
	if (!x->memory) {
		set(in, x->rm, x);
		return;
	}
	store(in, x, x->width, GH_R_NO);
	in->op = x->segment ? GH_OP_OTHER : GH_OP_STORE_SET;
	in->number = (uint64_t)x->imm;
}

/* a register into another; less than 32 bits leave the rest of it */
static void moved(gh_insn *in, const gh_x86 *x, unsigned to, unsigned from)
{
	writes(in, x->width >= 4 ? GH_OP_MOVE : GH_OP_OTHER, to);
	in->ra = (uint8_t)from;
}

static void moves(gh_insn *in, const gh_x86 *x)
{
	switch (x->op) {
	case 0x88:
	case 0x89:
		if (x->memory)
			store(in, x, x->width, x->reg);
		else
			moved(in, x, x->rm, x->reg);
		return;
	case 0x8a:
	case 0x8b:
		if (x->memory)
			load(in, x, x->width, false);
		else
			moved(in, x, x->reg, x->rm);
		if (x->op == 0x8a && in->op == GH_OP_LOAD)
			in->op = GH_OP_OTHER; /* the rest of the register stays */
		return;
	case 0x8d:
		lea(in, x);
		return;
	case 0x8f:
	case 0x8c:
		in->op = GH_OP_OTHER;
		in->writes = x->memory ? 0 : gh_bit(x->rm);
		return;
	default:
		in->op = GH_OP_OTHER;
	}
}

static void relative(gh_insn *in, const gh_x86 *x, unsigned op, unsigned flags)
{
	in->target = x->wide ? x->next + (uint64_t)x->imm : (uint32_t)(x->next + (uint64_t)x->imm);
	flow(in, op, flags);
}

static void shifts(gh_insn *in, const gh_x86 *x)
{
	in->op = GH_OP_OTHER;
	if (x->memory)
		return;
	bool left = (x->reg & 7) == 4 && x->width >= 4 && (x->op == 0xc1 || x->op == 0xd1);
	in->ra = (uint8_t)x->rm;
	in->imm = x->op == 0xd1 ? 1 : x->imm & 63;
	writes(in, left ? GH_OP_SHL : GH_OP_OTHER, x->rm);
}

static void strings(gh_insn *in, const gh_x86 *x)
{
	in->op = GH_OP_OTHER;
	in->writes = gh_bit(CX) | gh_bit(SI) | gh_bit(DI) | (x->op == 0xac || x->op == 0xad ? gh_bit(AX) : 0);
}

/* Opcodes from 0xc0 on, and what has no operand byte. */
static void high(gh_insn *in, const gh_x86 *x)
{
	switch (x->op) {
	case 0xc0:
	case 0xc1:
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		shifts(in, x);
		return;
	case 0xc2:
	case 0xc3:
	case 0xca:
	case 0xcb:
	case 0xcf:
		flow(in, GH_OP_RETURN, 0);
		return;
	case 0xc6:
	case 0xc7:
		stored_number(in, x);
		return;
	case 0xc9:
		writes(in, GH_OP_MOVE, SP);
		in->ra = BP;
		in->writes |= gh_bit(BP);
		return;
	case 0xcc:
		flow(in, GH_OP_TRAP, GH_I_PAD);
		return;
	case 0xcd:
		flow(in, (x->imm & 0xff) == 0x80 ? GH_OP_SYSCALL : GH_OP_TRAP, 0);
		return;
	case 0xe0:
	case 0xe1:
	case 0xe2:
	case 0xe3:
		relative(in, x, GH_OP_JUMP, GH_I_COND);
		in->writes = gh_bit(CX);
		return;
	case 0xdf: /* fnstsw */
		in->op = GH_OP_OTHER;
		in->writes = x->memory || (x->reg & 7) != 4 ? 0 : gh_bit(AX);
		return;
	case 0xe8:
		relative(in, x, GH_OP_CALL, 0);
		return;
	case 0xe9:
	case 0xeb:
		relative(in, x, GH_OP_JUMP, 0);
		return;
	case 0xf4:
		flow(in, GH_OP_TRAP, 0);
		return;
	case 0xf6:
	case 0xf7:
		group_three(in, x);
		return;
	case 0xfe:
	case 0xff:
		group_five(in, x);
		return;
	case 0xe4:
	case 0xe5:
	case 0xec:
	case 0xed:
	case 0xd7:
		writes(in, GH_OP_OTHER, AX);
		return;
	case 0xd6:
	case 0xea:
	case 0xce:
	case 0x9a:
		in->op = x->wide ? GH_OP_BAD : GH_OP_OTHER;
		return;
	default:
		in->op = GH_OP_OTHER;
	}
}

static void middle(gh_insn *in, const gh_x86 *x)
{
	switch (x->op) {
	case 0x60:
	case 0x61:
		in->op = GH_OP_OTHER;
		in->writes = 0xff & ~gh_bit(SP);
		return;
	case 0x63:
		if (x->memory && x->wide)
			load(in, x, 4, true);
		else
			writes(in, GH_OP_OTHER, x->reg);
		return;
	case 0x68:
	case 0x6a:
		push(in, x, GH_R_ABS);
		return;
	case 0x69:
	case 0x6b:
		writes(in, GH_OP_OTHER, x->reg);
		return;
	case 0x80:
	case 0x81:
	case 0x82:
	case 0x83:
		arithmetic(in, x, x->reg & 7, x->rm, x->memory, x->imm);
		return;
	case 0x84:
	case 0x85:
	case 0x9b:
	case 0x9c:
	case 0x9e:
	case 0xa8:
	case 0xa9:
		in->op = GH_OP_OTHER;
		return;
	case 0x86:
	case 0x87:
		in->op = GH_OP_OTHER;
		in->writes = gh_bit(x->reg) | (x->memory ? 0 : gh_bit(x->rm));
		return;
	case 0x90:
		in->op = GH_OP_OTHER;
		in->flags |= GH_I_PAD;
		return;
	case 0x98:
	case 0x9f:
		writes(in, GH_OP_OTHER, AX);
		return;
	case 0x99:
		writes(in, GH_OP_OTHER, DX);
		return;
	case 0xa0:
	case 0xa1:
		in->ra = GH_R_ABS;
		in->imm = x->disp;
		in->width = (uint8_t)x->width;
		writes(in, x->op == 0xa1 && !x->segment ? GH_OP_LOAD : GH_OP_OTHER, AX);
		return;
	default:
		break;
	}
	in->op = GH_OP_OTHER;
	if (x->op >= 0x70 && x->op < 0x80)
		relative(in, x, GH_OP_JUMP, GH_I_COND);
	else if (x->op >= 0x88 && x->op < 0x90)
		moves(in, x);
	else if (x->op > 0x90 && x->op < 0x98)
		in->writes = gh_bit(AX) | gh_bit(x->low);
	else if (x->op >= 0xa4 && x->op < 0xb0)
		strings(in, x);
	else if (x->op >= 0xb8)
		set(in, x->low, x);
	else if (x->op >= 0xb0)
		writes(in, GH_OP_OTHER, x->low & (x->wide ? 15 : 3));
}

static void low(gh_insn *in, const gh_x86 *x)
{
	unsigned which = x->op >> 3;
	if (x->op >= 0x58) {
		in->ra = SP;
		in->imm = in->width = x->wide ? 8 : 4;
		in->flags |= GH_I_BASE | GH_I_POST;
		writes(in, GH_OP_LOAD, x->low);
		in->writes |= gh_bit(SP);
	} else if (x->op >= 0x50) {
		push(in, x, x->low);
	} else if (x->op >= 0x40) {
		in->ra = (uint8_t)x->low;
		in->imm = x->op < 0x48 ? 1 : -1;
		writes(in, GH_OP_ADD, x->low);
	} else if ((x->op & 7) < 4) {
		arithmetic_reg(in, x, which, x->op & 2);
	} else if ((x->op & 7) < 6) {
		arithmetic(in, x, which, AX, false, x->imm);
	} else {
		in->op = x->wide ? GH_OP_BAD : GH_OP_OTHER;
		in->writes = (x->op & 7) == 7 && x->op >= 0x27 ? gh_bit(AX) : 0;
	}
}

static void two_bytes(gh_insn *in, const gh_x86 *x)
{
	unsigned op = x->op;
	in->op = GH_OP_OTHER;
	if (op >= 0x80 && op < 0x90) {
		relative(in, x, GH_OP_JUMP, GH_I_COND);
	} else if (op == 0x05 || op == 0x34) {
		flow(in, GH_OP_SYSCALL, 0);
	} else if (op == 0x0b || op == 0xb9 || op == 0xff) {
		flow(in, GH_OP_TRAP, 0);
	} else if (op == 0x1e && x->repeat == 0xf3 && !x->memory) {
		in->flags |= (x->rm & 7) == 2 || (x->rm & 7) == 3 ? GH_I_FRAME : 0; /* endbr */
	} else if (op == 0x1f) {
		in->flags |= GH_I_PAD;
	} else if (op == 0xb6 || op == 0xb7 || op == 0xbe || op == 0xbf) {
		if (x->memory)
			load(in, x, op & 1 ? 2 : 1, op >= 0xbe);
		else
			writes(in, GH_OP_OTHER, x->reg);
	} else if (op >= 0xc8 && op < 0xd0) {
		in->writes = gh_bit(x->low);
	} else if (op == 0xa2 || op == 0x31 || op == 0x32 || op == 0x33) {
		in->writes = gh_bit(AX) | gh_bit(BX) | gh_bit(CX) | gh_bit(DX);
	} else if ((op >= 0x90 && op < 0xc2) || (op >= 0x40 && op < 0x50) || op == 0x2c || op == 0x2d || op == 0x50 ||
		   op == 0x7e || op == 0xd7 || op == 0xc5 || op == 0x00 || op == 0x01 || op == 0xc7 || op == 0x21 ||
		   op == 0x20) {
		in->writes = gh_bit(x->reg) | (x->memory ? 0 : gh_bit(x->rm)) | (op == 0xb0 || op == 0xb1 ? 1 : 0);
		in->writes |= op == 0x01   ? gh_bit(AX) | gh_bit(DX) | gh_bit(CX)
			      : op == 0xc7 ? gh_bit(AX) | gh_bit(DX)
					   : 0;
	}
}

void gh_decode_x86(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	gh_x86 x;
	memset(in, 0, sizeof *in);
	unsigned size = gh_x86_measure(&x, code, left, pc, mode);
	in->size = (uint8_t)(size ? size : left >= 15 || x.bad);
	if (size == 0)
		return;
	if (x.map == 0 && x.op < 0x60)
		low(in, &x);
	else if (x.map == 0 && x.op < 0xc0)
		middle(in, &x);
	else if (x.map == 0)
		high(in, &x);
	else if (x.map == 1 && !x.vector)
		two_bytes(in, &x);
	else { /* most have vectors; some write general registers */
		in->op = GH_OP_OTHER;
		in->writes = gh_bit(x.reg) | (x.memory ? 0 : gh_bit(x.rm)) | (x.vector ? gh_bit(x.other) : 0);
	}
}
