/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/insn - one instruction, said in the few words that matter for constants, addresses and control.
 *
 * Each CPU has one function that turns bytes into a gh_insn; everything behind it is common. A
 * decoder need not know what an instruction computes, only which registers it may write: those are
 * forgotten. It is pure, and reads no more than the view it was given.
 */
#ifndef GH_ASM_INSN_IN_H
#define GH_ASM_INSN_IN_H

#include "bytes/view.h"

typedef enum gh_op {
	GH_OP_BAD,     /* no instruction of this CPU */
	GH_OP_OTHER,   /* writes the registers of `writes`, what is not told */
	GH_OP_SET,     /* rd = imm */
	GH_OP_ADDRESS, /* rd = imm, which counts from the program counter and so is an address */
	GH_OP_MOVE,    /* rd = ra */
	GH_OP_ADD,     /* rd = ra + imm */
	GH_OP_ADD_PC,  /* rd = ra + imm, an address because imm counts from the program counter */
	GH_OP_ADD_REG, /* rd = ra + (rb << shift) */
	GH_OP_SUB_REG, /* rd = ra - rb */
	GH_OP_OR,      /* rd = ra | imm */
	GH_OP_AND,
	GH_OP_XOR,
	GH_OP_OR_REG,
	GH_OP_XOR_REG,
	GH_OP_SHL,    /* rd = ra << imm */
	GH_OP_INSERT, /* 16 bits of rd at `shift` = imm */
	GH_OP_LOAD,   /* rd = [ra + imm]; ra GH_R_ABS: [imm] */
	GH_OP_LOAD_REG,  /* rd = [ra + (rb << shift)] */
	GH_OP_LOAD_MANY, /* pop, ldm: registers `writes`, from memory */
	GH_OP_STORE,     /* [ra + imm] = rb */
	GH_OP_STORE_SET, /* [ra + imm] = number, x86 */
	GH_OP_PUSH,      /* ra -= width, [ra] = rb; rb GH_R_ABS: = imm */
	GH_OP_COMPARE,   /* ra with imm */
	GH_OP_COMPARE_REG, /* ra with rb */
	GH_OP_JUMP,      /* to target; with GH_I_COND perhaps */
	GH_OP_CALL,
	GH_OP_JUMP_REG,  /* to ra */
	GH_OP_CALL_REG,
	GH_OP_JUMP_MEM, /* to what stands at [ra + imm]; GH_R_ABS: at [imm] */
	GH_OP_CALL_MEM,
	GH_OP_JUMP_TABLE, /* tbb, tbh: table at `target`, entries of `width` bytes; [ra + (rb << shift)] */
	GH_OP_RETURN,
	GH_OP_SYSCALL, /* imm: what the instruction itself carries */
	GH_OP_TRAP,    /* does not go on */
	GH_OP_IT,      /* Thumb: the next `shift` instructions are conditional */
} gh_op;

enum {
	GH_R_ABS = 40, /* no base register */
	GH_R_NO = 41,  /* none */
	GH_N_REGS = 40,
};

enum {
	GH_I_COND = 1 << 0,    /* may not happen */
	GH_I_DELAY = 1 << 1,   /* the next instruction is executed first */
	GH_I_LIKELY = 1 << 2,  /* … only when the branch is taken */
	GH_I_COMPARE = 1 << 3, /* a branch that compares ra with rb */
	GH_I_THUMB = 1 << 4,   /* the target is Thumb code */
	GH_I_ARM = 1 << 5,     /* the target is ARM code */
	GH_I_BASE = 1 << 6,    /* ra is moved by imm: before the access, if GH_I_POST is not there */
	GH_I_POST = 1 << 7,
	GH_I_SIGNED = 1 << 8,
	GH_I_PAD = 1 << 9,     /* fills space between functions: nop and the like */
	GH_I_FRAME = 1 << 10,  /* how a function begins: makes a frame or saves the return address */
	GH_I_NZXOR = 1 << 11,
	GH_I_LITERAL = 1 << 12, /* what is loaded stands in the code */
	GH_I_INDEX = 1 << 13,   /* something unknown is added to the address */
	GH_I_FLOW = 1 << 14,   /* control: jumps, calls, returns, system calls, traps */
};

typedef struct gh_insn {
	uint8_t  size; /* bytes; 0: the view ends inside */
	uint8_t  op;
	uint8_t  rd, ra, rb;
	uint8_t  width; /* of what is loaded or stored */
	uint8_t  shift;
	uint16_t flags;
	uint64_t writes; /* registers whose value changes, rd among them */
	int64_t  imm;
	uint64_t target;
	uint64_t number; /* of GH_OP_STORE_SET */
} gh_insn;

typedef void gh_decode_fn(gh_insn *in, const uint8_t *code, size_t left, uint64_t pc, unsigned mode);

gh_decode_fn gh_decode_mips;
gh_decode_fn gh_decode_arm;   /* mode: gh_mode */
gh_decode_fn gh_decode_thumb;
gh_decode_fn gh_decode_aarch64;
gh_decode_fn gh_decode_ppc;
gh_decode_fn gh_decode_x86;

/* For decoders: what `mode` may hold besides gh_mode. */
enum { GH_DECODE_THUMB = 1, GH_DECODE_BIG = 1 << 8, GH_DECODE_64 = 1 << 9 };

static inline uint32_t gh_word(const uint8_t *p, unsigned mode)
{
	uint32_t w;
	memcpy(&w, p, 4);
	bool big = (mode & GH_DECODE_BIG) != 0;
	return big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? w : __builtin_bswap32(w);
}

static inline uint64_t gh_bit(unsigned r)
{
	return r < 64 ? (uint64_t)1 << r : 0;
}

/* A word of `bits` bits, its top bit the sign. */
static inline int64_t gh_sign(uint64_t v, unsigned bits)
{
	uint64_t top = (uint64_t)1 << (bits - 1);
	v &= (top << 1) - 1;
	return (int64_t)((v ^ top) - top);
}

#endif
