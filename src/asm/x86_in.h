/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ASM_X86_IN_H
#define GH_ASM_X86_IN_H

#include "asm/insn_in.h"

/* The parts of one instruction. */
typedef struct gh_x86 {
	bool     wide;    /* amd64 */
	bool     bad;     /* no instruction, whatever follows */
	bool     vector;  /* VEX or EVEX */
	unsigned rex;
	unsigned segment; /* 0x64, 0x65 */
	unsigned repeat;  /* 0xf2, 0xf3 */
	bool     half, near; /* prefixes 66 and 67 */
	unsigned map;     /* 0: one byte, 1: 0f, 2: 0f 38, 3: 0f 3a */
	unsigned op;
	unsigned width;   /* of the operand: 1, 2, 4, 8 */
	unsigned low;     /* register in the opcode */
	unsigned reg, rm, other;
	bool     memory;  /* rm is base, index, disp */
	unsigned base, index, scale;
	int64_t  disp, imm;
	uint64_t next;
} gh_x86;

/* How many bytes; 0: none, or the view ends inside. */
unsigned gh_x86_measure(gh_x86 *x, const uint8_t *code, size_t left, uint64_t pc, unsigned mode);

#endif
