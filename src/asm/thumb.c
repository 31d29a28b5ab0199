/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/thumb - Thumb and Thumb-2: halfwords, of which 0xe800 to 0xffff begin a pair.
 *
 * "ARM Architecture Reference Manual ARMv7-A and ARMv7-R edition", A6. A program counter that is
 * read is four further on, for literals rounded down to a word.
 */
#include "asm/thumb_in.h"

enum { SP = GH_T_SP, LR = GH_T_LR, PC = GH_T_PC };

static void jump_reg(gh_insn *in, unsigned rm)
{
	in->ra = (uint8_t)rm;
	gh_thumb_flow(in, rm == LR ? GH_OP_RETURN : GH_OP_JUMP_REG, 0);
}

static void low_registers(gh_insn *in, uint32_t h)
{
	unsigned rd = h & 7, rm = h >> 3 & 7;
	in->ra = (uint8_t)rd;
	in->rb = (uint8_t)rm;
	switch (h >> 6 & 15) {
	case 1:
		gh_thumb_writes(in, GH_OP_XOR_REG, rd);
		in->flags |= rd != rm ? GH_I_NZXOR : 0;
		return;
	case 8:
	case 11:
		in->op = GH_OP_OTHER;
		return;
	case 10:
		in->op = GH_OP_COMPARE_REG;
		return;
	case 12:
		gh_thumb_writes(in, GH_OP_OR_REG, rd);
		return;
	default:
		gh_thumb_writes(in, GH_OP_OTHER, rd);
	}
}

static void high_registers(gh_insn *in, uint32_t h, uint64_t pc)
{
	unsigned rd = (h & 7) | (h >> 4 & 8), rm = h >> 3 & 15;
	in->ra = (uint8_t)rd;
	in->rb = (uint8_t)rm;
	switch (h >> 8 & 3) {
	case 0:
		if (rd == PC) {
			in->ra = GH_R_NO;
			gh_thumb_flow(in, GH_OP_JUMP_REG, 0);
		} else if (rm == PC) {
			gh_thumb_with(in, GH_OP_ADD_PC, rd, rd, (int64_t)pc);
		} else {
			gh_thumb_writes(in, GH_OP_ADD_REG, rd);
		}
		return;
	case 1:
		in->op = GH_OP_COMPARE_REG;
		return;
	case 2:
		if (rd == PC)
			jump_reg(in, rm);
		else if (rm == PC)
			gh_thumb_with(in, GH_OP_ADDRESS, rd, 0, (int64_t)pc);
		else
			gh_thumb_with(in, GH_OP_MOVE, rd, rm, 0);
		return;
	default:
		if (h & 0x80) {
			in->ra = (uint8_t)rm;
			in->writes = gh_bit(LR);
			gh_thumb_flow(in, GH_OP_CALL_REG, 0);
		} else if (rm == PC) { /* the way from Thumb to what follows */
			in->target = pc & ~(uint64_t)3;
			gh_thumb_flow(in, GH_OP_JUMP, GH_I_ARM);
		} else {
			jump_reg(in, rm);
		}
	}
}

static void shifts_and_sums(gh_insn *in, uint32_t h)
{
	unsigned rd = h & 7, rn = h >> 3 & 7, by = h >> 6 & 31;
	switch (h >> 11) {
	case 0:
		gh_thumb_with(in, by ? GH_OP_SHL : GH_OP_MOVE, rd, rn, (int64_t)by);
		return;
	case 3:
		in->rb = h >> 6 & 7;
		if (h & 0x400)
			gh_thumb_with(in, GH_OP_ADD, rd, rn, h & 0x200 ? -(int64_t)in->rb : in->rb);
		else
			gh_thumb_with(in, h & 0x200 ? GH_OP_SUB_REG : GH_OP_ADD_REG, rd, rn, 0);
		return;
	case 4:
		gh_thumb_with(in, GH_OP_SET, h >> 8 & 7, 0, h & 0xff);
		return;
	case 5:
		in->op = GH_OP_COMPARE;
		in->ra = h >> 8 & 7;
		in->imm = h & 0xff;
		return;
	case 6:
		gh_thumb_with(in, GH_OP_ADD, h >> 8 & 7, h >> 8 & 7, h & 0xff);
		return;
	case 7:
		gh_thumb_with(in, GH_OP_ADD, h >> 8 & 7, h >> 8 & 7, -(int64_t)(h & 0xff));
		return;
	default:
		gh_thumb_writes(in, GH_OP_OTHER, rd);
	}
}

static void by_register(gh_insn *in, uint32_t h)
{
	static const uint8_t width[8] = { 4, 2, 1, 1, 4, 2, 1, 2 };
	unsigned op = h >> 9 & 7;
	in->ra = h >> 3 & 7;
	in->rb = h >> 6 & 7;
	in->width = width[op];
	if (op >= 3) {
		gh_thumb_writes(in, GH_OP_LOAD_REG, h & 7);
		in->flags |= op == 3 || op == 7 ? GH_I_SIGNED : 0;
	} else {
		in->op = GH_OP_STORE;
		in->ra = in->rb = GH_R_NO;
	}
}

static void miscellaneous(gh_insn *in, uint32_t h, uint64_t pc)
{
	unsigned op = h >> 8 & 15;
	switch (op) {
	case 0:
		gh_thumb_with(in, GH_OP_ADD, SP, SP, (int64_t)(h & 0x7f) * (h & 0x80 ? -4 : 4));
		in->flags |= h & 0x80 ? GH_I_FRAME : 0;
		return;
	case 1:
	case 3:
	case 9:
	case 11: /* cbz, cbnz */
		in->target = pc + ((h >> 2 & 0x3e) | (h >> 3 & 0x40));
		gh_thumb_flow(in, GH_OP_JUMP, GH_I_COND);
		return;
	case 4:
	case 5:
		gh_thumb_many(in, SP, (h & 0xff) | (h & 0x100) << 6, false, -4 * __builtin_popcount(h & 0x1ff));
		return;
	case 12:
	case 13:
		gh_thumb_many(in, SP, (h & 0xff) | (h & 0x100) << 7, true, 4 * __builtin_popcount(h & 0x1ff));
		return;
	case 14:
		gh_thumb_flow(in, GH_OP_TRAP, 0);
		return;
	case 15:
		in->op = h & 15 ? GH_OP_IT : GH_OP_OTHER;
		in->shift = (uint8_t)(h & 15 ? 4 - __builtin_ctz(h & 15) : 0);
		in->flags |= h == 0xbf00 ? GH_I_PAD : 0;
		return;
	case 6:
		in->op = GH_OP_OTHER; /* cps, setend */
		return;
	case 2:
	case 10: /* extensions, reversals */
		gh_thumb_writes(in, GH_OP_OTHER, h & 7);
		return;
	default:
		return;
	}
}

static void half(gh_insn *in, uint32_t h, uint64_t pc)
{
	unsigned rd = h & 7, rn = h >> 3 & 7, five = h >> 6 & 31, rt = h >> 8 & 7;
	uint64_t word = pc & ~(uint64_t)3;
	in->size = 2;
	switch (h >> 11) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
		shifts_and_sums(in, h);
		in->flags |= h == 0 ? GH_I_PAD : 0;
		return;
	case 8:
		if (h & 0x400)
			high_registers(in, h, pc);
		else
			low_registers(in, h);
		return;
	case 9:
		gh_thumb_load_store(in, true, rt, GH_R_ABS, (int64_t)(word + (h & 0xff) * 4), 4);
		in->flags |= GH_I_LITERAL;
		return;
	case 10:
	case 11:
		by_register(in, h);
		return;
	case 12:
	case 13:
		gh_thumb_load_store(in, h & 0x800, rd, rn, five * 4, 4);
		return;
	case 14:
	case 15:
		gh_thumb_load_store(in, h & 0x800, rd, rn, five, 1);
		return;
	case 16:
	case 17:
		gh_thumb_load_store(in, h & 0x800, rd, rn, five * 2, 2);
		return;
	case 18:
	case 19:
		gh_thumb_load_store(in, h & 0x800, rt, SP, (h & 0xff) * 4, 4);
		return;
	case 20:
		gh_thumb_with(in, GH_OP_ADDRESS, rt, 0, (int64_t)(word + (h & 0xff) * 4));
		return;
	case 21:
		gh_thumb_with(in, GH_OP_ADD, rt, SP, (h & 0xff) * 4);
		return;
	case 22:
	case 23:
		miscellaneous(in, h, pc);
		return;
	case 24:
		gh_thumb_many(in, rt, h & 0xff, false, 4 * __builtin_popcount(h & 0xff));
		return;
	case 25:
		gh_thumb_many(in, rt, h & 0xff, true, h >> rt & 1 ? 0 : 4 * __builtin_popcount(h & 0xff));
		return;
	case 26:
	case 27:
		if ((h >> 8 & 15) == 14) {
			gh_thumb_flow(in, GH_OP_TRAP, 0);
		} else if ((h >> 8 & 15) == 15) {
			gh_thumb_flow(in, GH_OP_SYSCALL, 0);
			in->imm = h & 0xff;
		} else {
			in->target = (uint32_t)(pc + (uint64_t)(gh_sign(h, 8) * 2));
			gh_thumb_flow(in, GH_OP_JUMP, GH_I_COND);
		}
		return;
	default: /* 28; the others begin a pair */
		in->target = (uint32_t)(pc + (uint64_t)(gh_sign(h, 11) * 2));
		gh_thumb_flow(in, GH_OP_JUMP, 0);
	}
}

static uint32_t halfword(const uint8_t *p, unsigned mode)
{
	return mode & GH_DECODE_BIG ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

void gh_decode_thumb(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	memset(in, 0, sizeof *in);
	if (left < 2)
		return;
	uint32_t a = halfword(code, mode);
	if (a < 0xe800)
		half(in, a, pc + 4);
	else if (left >= 4)
		gh_thumb_pair(in, a, halfword(code + 2, mode), pc + 4);
}
