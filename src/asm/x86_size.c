/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/x86_size - takes an instruction apart: prefixes, opcode, operand bytes, numbers.
 */
#include "asm/x86_in.h"
#include "bytes/cur.h"

enum { LONGEST = 15 };

/* One letter for each opcode: what follows it.
 *	. nothing   m operand byte   b number of 8 bits   z of 16 or 32   M operand byte and b   Z and z
 *	v 16, 32 or 64   w 16   e w and b   o an address   f far: z and w   g operand byte, number for /0 /1
 *	- no instruction   ! none in 64 bits */
static const char one[257] = "mmmmbz!!mmmmbz!."
			     "mmmmbz!!mmmmbz!!"
			     "mmmmbz.!mmmmbz.!"
			     "mmmmbz.!mmmmbz.!"
			     "................"
			     "................"
			     "!!mm....zZbM...."
			     "bbbbbbbbbbbbbbbb"
			     "MZMMmmmmmmmmmmmm"
			     "..........f....."
			     "oooo....bz......"
			     "bbbbbbbbvvvvvvvv"
			     "MMw.mmMZe.w..b!."
			     "mmmmbb!.mmmmmmmm"
			     "bbbbbbbbzzfb...."
			     "......gG......mm";
static const char two[257] = "mmmm-.....-.-m.M"
			     "mmmmmmmmmmmmmmmm"
			     "mmmm----mmmmmmmm"
			     "........-.-.----"
			     "mmmmmmmmmmmmmmmm"
			     "mmmmmmmmmmmmmmmm"
			     "mmmmmmmmmmmmmmmm"
			     "MMMMmmm.mmmmmmmm"
			     "zzzzzzzzzzzzzzzz"
			     "mmmmmmmmmmmmmmmm"
			     "...mMm--...mMmmm"
			     "mmmmmmmmmmMmmmmm"
			     "mmMmMMMm........"
			     "mmmmmmmmmmmmmmmm"
			     "mmmmmmmmmmmmmmmm"
			     "mmmmmmmmmmmmmmmm";

static void prefixes(gh_x86 *x, gh_cur *c)
{
	while (c->left) {
		unsigned b = c->ptr[0];
		if (b == 0x66)
			x->half = true;
		else if (b == 0x67)
			x->near = true;
		else if (b == 0x64 || b == 0x65)
			x->segment = b;
		else if (b == 0xf2 || b == 0xf3)
			x->repeat = b;
		else if (b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26 && b != 0xf0)
			break;
		gh_skip(c, 1);
	}
	if (x->wide && c->left && (c->ptr[0] & 0xf0) == 0x40)
		x->rex = gh_u8(c);
}

/* VEX and EVEX hold the map and the upper bits of the registers turned over. */
static void vector(gh_x86 *x, gh_cur *c)
{
	unsigned a = gh_u8(c), b = x->op == 0xc5 ? a : gh_u8(c);
	x->vector = true;
	x->rex = ~a >> 5 & 4;
	if (x->op == 0xc5) {
		x->map = 1;
	} else {
		x->map = x->op == 0x62 ? a & 7 : a & 31;
		x->rex = (~a >> 5 & 7) | (b >> 4 & 8);
	}
	x->other = ~b >> 3 & 15;
	if (x->op == 0x62)
		(void)gh_u8(c);
	x->op = gh_u8(c);
	x->bad = x->map == 0 || x->map > 3;
}

static void opcode(gh_x86 *x, gh_cur *c)
{
	x->op = gh_u8(c);
	bool three = x->op == 0xc4 || x->op == 0xc5 || x->op == 0x62;
	if (three && (x->wide || (c->left && c->ptr[0] >= 0xc0))) {
		vector(x, c);
		return;
	}
	if (x->op != 0x0f)
		return;
	x->map = 1;
	x->op = gh_u8(c);
	if (x->op == 0x38 || x->op == 0x3a) {
		x->map = x->op == 0x38 ? 2 : 3;
		x->op = gh_u8(c);
	}
}

static void near_operand(gh_x86 *x, gh_cur *c, unsigned mod, unsigned rm)
{
	x->base = GH_R_NO;
	x->disp = mod == 1 ? gh_sign(gh_u8(c), 8) : mod == 2 || rm == 6 ? gh_sign(gh_u16le(c), 16) : 0;
}

static void operand(gh_x86 *x, gh_cur *c)
{
	unsigned m = gh_u8(c), mod = m >> 6, rm = m & 7;
	x->reg = (m >> 3 & 7) | (x->rex << 1 & 8);
	x->rm = rm | (x->rex << 3 & 8);
	x->memory = mod != 3;
	if (!x->memory)
		return;
	if (x->near && !x->wide) {
		near_operand(x, c, mod, rm);
		return;
	}
	x->base = x->rm;
	if (rm == 4) {
		unsigned sib = gh_u8(c), index = (sib >> 3 & 7) | (x->rex << 2 & 8);
		x->base = (sib & 7) | (x->rex << 3 & 8);
		x->index = index == 4 ? GH_R_NO : index;
		x->scale = sib >> 6;
		if ((sib & 7) == 5 && mod == 0) {
			x->base = GH_R_ABS;
			x->disp = gh_sign(gh_u32le(c), 32);
		}
	} else if (rm == 5 && mod == 0) {
		x->disp = gh_sign(gh_u32le(c), 32);
		x->base = x->wide ? GH_R_NO : GH_R_ABS; /* the former until we know where it ends */
	}
	if (mod == 1)
		x->disp = gh_sign(gh_u8(c), 8);
	else if (mod == 2)
		x->disp = gh_sign(gh_u32le(c), 32);
}

static void number(gh_x86 *x, gh_cur *c, char what)
{
	unsigned z = x->half ? 2 : 4;
	bool jump = (x->map == 0 && (x->op == 0xe8 || x->op == 0xe9)) || (x->map == 1 && (x->op & 0xf0) == 0x80);
	if (jump && x->wide)
		z = 4;
	switch (what) {
	case 'b':
	case 'M':
		x->imm = gh_sign(gh_u8(c), 8);
		return;
	case 'g':
		x->imm = (x->reg & 7) < 2 ? gh_sign(gh_u8(c), 8) : 0;
		return;
	case 'G':
		if ((x->reg & 7) >= 2)
			return;
		__attribute__((fallthrough));
	case 'z':
	case 'Z':
		x->imm = z == 2 ? gh_sign(gh_u16le(c), 16) : gh_sign(gh_u32le(c), 32);
		return;
	case 'v':
		x->imm = x->rex & 8 ? (int64_t)gh_u64le(c) : z == 2 ? gh_u16le(c) : gh_sign(gh_u32le(c), 32);
		return;
	case 'w':
		x->imm = gh_u16le(c);
		return;
	case 'e':
		gh_skip(c, 3);
		return;
	case 'o':
		x->disp = x->wide && !x->near ? (int64_t)gh_u64le(c) : gh_u32le(c);
		return;
	case 'f':
		gh_skip(c, z + 2);
		return;
	default:
		return;
	}
}

unsigned gh_x86_measure(gh_x86 *x, const uint8_t *code, size_t left, uint64_t pc, unsigned mode)
{
	gh_cur c = gh_cur_over((gh_bytes){ code, GH_MIN(left, (size_t)LONGEST) }, 0);
	*x = (gh_x86){ .wide = (mode & GH_DECODE_64) != 0, .base = GH_R_NO, .index = GH_R_NO };
	prefixes(x, &c);
	opcode(x, &c);
	char what = x->map == 0 ? one[x->op & 0xff] : x->map == 1 ? two[x->op & 0xff] : x->map == 2 ? 'm' : 'M';
	if (what == '!' && !x->wide)
		what = x->op == 0xd4 || x->op == 0xd5 ? 'b' : x->op == 0x62 ? 'm' : '.';
	if (what == 'f' && x->wide && x->op != 0xe9)
		what = '-';
	x->bad = x->bad || (gh_cur_ok(&c) && (what == '-' || what == '!'));
	if (x->bad || !gh_cur_ok(&c))
		return 0;
	if (what == 'm' || what == 'M' || what == 'Z' || what == 'g' || what == 'G')
		operand(x, &c);
	x->width = x->map == 0 && !(x->op & 1) && x->op < 0xc8 && !(x->op >= 0x40 && x->op < 0x80) &&
				   !(x->op >= 0xb8 && x->op < 0xc0) && x->op != 0x8c && x->op != 0x8e
			   ? 1
		   : x->rex & 8 ? 8
		   : x->half    ? 2
				: 4;
	if (x->map == 0 && (x->op == 0xf6 || x->op == 0xfe))
		x->width = 1;
	number(x, &c, what);
	x->low = (x->op & 7) | (x->rex << 3 & 8);
	x->next = pc + c.pos;
	bool beside = x->wide && x->memory && x->base == GH_R_NO && x->index == GH_R_NO;
	if (beside) {
		x->base = GH_R_ABS;
		x->disp += (int64_t)x->next;
	}
	return gh_cur_ok(&c) ? (unsigned)c.pos : 0;
}
