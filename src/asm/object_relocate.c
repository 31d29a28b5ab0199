/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/object_relocate - what relocations of an object write into its code and its data.
 *
 * S is where the symbol is, A what is added, P where it is written. Each kind is one of a few ways to
 * put a number into bytes; kinds that are not listed change nothing that we read.
 */
#include "asm/object_in.h"

typedef enum way {
	WORD,       /* S + A in a whole word, of the size of `bits` */
	BESIDE,     /* S + A - P in such a word */
	JUMP,       /* S + A in words of four bytes, the low `bits` of the instruction */
	BRANCH,     /* … S + A - P, signed */
	HIGH,       /* upper half of S + A, for a signed lower half: in the low 16 bits */
	HIGH_PLAIN, /* … for an unsigned one */
	LOW,        /* lower half */
	NOUGHT,     /* bits 32 and above, of which there are none here */
	PAGE,       /* AArch64, adrp: page of S + A from the page of P */
	OFFSET,     /* AArch64, add, ldr: the low 12 bits in units of 1 << bits */
	MOVE_LOW,   /* ARM, movw */
	MOVE_HIGH,  /* ARM, movt */
	THUMB_JUMP,
	THUMB_LOW,
	THUMB_HIGH,
} way;

static const struct {
	uint16_t machine, kind;
	uint8_t way, bits;
} ways[] = {
	{ 8, 2, WORD, 32 },       { 8, 18, WORD, 64 },       { 8, 4, JUMP, 26 },        { 8, 10, BRANCH, 16 },
	{ 8, 5, HIGH, 0 },        { 8, 6, LOW, 0 },          { 8, 28, NOUGHT, 0 },      { 8, 29, NOUGHT, 0 },
	{ 40, 2, WORD, 32 },      { 40, 1, BRANCH, 24 },     { 40, 28, BRANCH, 24 },    { 40, 29, BRANCH, 24 },
	{ 40, 43, MOVE_LOW, 0 },  { 40, 44, MOVE_HIGH, 0 },  { 40, 10, THUMB_JUMP, 0 }, { 40, 30, THUMB_JUMP, 0 },
	{ 40, 47, THUMB_LOW, 0 }, { 40, 48, THUMB_HIGH, 0 }, { 183, 257, WORD, 64 },    { 183, 258, WORD, 32 },
	{ 183, 275, PAGE, 0 },    { 183, 277, OFFSET, 0 },   { 183, 278, OFFSET, 0 },   { 183, 284, OFFSET, 1 },
	{ 183, 285, OFFSET, 2 },  { 183, 286, OFFSET, 3 },   { 183, 299, OFFSET, 4 },   { 183, 282, BRANCH, 26 },
	{ 183, 283, BRANCH, 26 }, { 20, 1, WORD, 32 },       { 20, 4, LOW, 0 },         { 20, 5, HIGH_PLAIN, 0 },
	{ 20, 6, HIGH, 0 },       { 20, 10, BRANCH, 0 },     { 20, 18, BRANCH, 0 },     { 20, 23, BRANCH, 0 },
	{ 21, 38, WORD, 64 },     { 21, 10, BRANCH, 0 },     { 3, 1, WORD, 32 },        { 3, 2, BESIDE, 32 },
	{ 3, 4, BESIDE, 32 },     { 62, 1, WORD, 64 },       { 62, 10, WORD, 32 },      { 62, 11, WORD, 32 },
	{ 62, 2, BESIDE, 32 },    { 62, 4, BESIDE, 32 },
};

typedef struct spot {
	const gh_object *o;
	gh_section *to;
	uint64_t at, place; /* in the section, and in memory */
	uint64_t s, add;
	bool named; /* the addend stands beside the relocation, not in what it changes */
	unsigned bits;
} spot;

static uint64_t get(const spot *p, unsigned width)
{
	return gh_file_word(p->o->f, (gh_bytes){ p->to->code, p->to->code ? p->to->bytes.len : 0 }, p->at, width);
}

static void put(const spot *p, uint64_t v, unsigned width)
{
	bool big = p->o->f->big;
	for (unsigned i = 0; p->to->code && i < width && p->at + width <= p->to->bytes.len; i++)
		p->to->code[p->at + i] = (uint8_t)(v >> 8 * (big ? width - 1 - i : i));
}

/* Some bits of the instruction. */
static void put_bits(const spot *p, uint64_t v, uint32_t mask)
{
	put(p, (get(p, 4) & ~(uint64_t)mask) | (v & mask), 4);
}

static void branch(const spot *p)
{
	bool ppc = p->bits == 0;
	uint32_t mask = ppc ? 0x03fffffc : ((uint32_t)1 << p->bits) - 1;
	uint64_t old = get(p, 4) & mask;
	int64_t add = p->named ? (int64_t)p->add : gh_sign(old, p->bits ? p->bits : 26) * (ppc ? 1 : 4);
	int64_t far = (int64_t)(p->s + (uint64_t)add - p->place);
	put_bits(p, (uint64_t)(ppc ? far : far >> 2), mask);
}

static void jump(const spot *p)
{
	uint64_t add = p->named ? p->add : (get(p, 4) & 0x3ffffff) << 2;
	put_bits(p, (p->s + add) >> 2, 0x3ffffff);
}

/* PowerPC names the half itself, MIPS the instruction. */
static void half(const spot *p, uint64_t v)
{
	if (p->o->f->machine == 8)
		put_bits(p, v, 0xffff);
	else
		put(p, v & 0xffff, 2);
}

static void arm_move(const spot *p, bool high)
{
	uint32_t old = (uint32_t)get(p, 4);
	uint64_t add = p->named ? p->add : (uint64_t)gh_sign((old >> 4 & 0xf000) | (old & 0xfff), 16);
	uint64_t v = (p->s + add) >> (high ? 16 : 0) & 0xffff;
	put_bits(p, (v & 0xf000) << 4 | (v & 0xfff), 0xf0fff);
}

/* Two halves, each in the order of the CPU. */
static uint32_t thumb_get(const spot *p)
{
	spot second = *p;
	second.at += 2;
	return (uint32_t)(get(p, 2) << 16 | get(&second, 2));
}

static void thumb_put(const spot *p, uint32_t v)
{
	spot second = *p;
	second.at += 2;
	put(p, v >> 16, 2);
	put(&second, v & 0xffff, 2);
}

static void thumb_move(const spot *p, bool high)
{
	uint32_t old = thumb_get(p);
	uint32_t in = (old >> 4 & 0xf000) | (old >> 15 & 0x800) | (old >> 4 & 0x700) | (old & 0xff);
	uint64_t add = p->named ? p->add : (uint64_t)gh_sign(in, 16);
	uint32_t v = (uint32_t)((p->s + add) >> (high ? 16 : 0)) & 0xffff;
	uint32_t bits = (v & 0xf000) << 4 | (v & 0x800) << 15 | (v & 0x700) << 4 | (v & 0xff);
	thumb_put(p, (old & ~0x040f70ffU) | bits);
}

static void thumb_jump(const spot *p)
{
	uint32_t old = thumb_get(p), s = old >> 26 & 1, i1 = ~(old >> 13 ^ s) & 1, i2 = ~(old >> 11 ^ s) & 1;
	uint32_t in = s << 24 | i1 << 23 | i2 << 22 | (old >> 16 & 0x3ff) << 12 | (old & 0x7ff) << 1;
	int64_t add = p->named ? (int64_t)p->add : gh_sign(in, 25);
	uint32_t far = (uint32_t)((p->s & ~(uint64_t)1) + (uint64_t)add - p->place);
	s = far >> 24 & 1;
	uint32_t j1 = ~(far >> 23 ^ s) & 1, j2 = ~(far >> 22 ^ s) & 1;
	uint32_t bits = s << 26 | (far >> 12 & 0x3ff) << 16 | j1 << 13 | j2 << 11 | (far >> 1 & 0x7ff);
	thumb_put(p, (old & ~0x07ff2fffU) | bits);
}

static void page(const spot *p)
{
	uint64_t far = ((p->s + p->add) >> 12) - (p->place >> 12);
	put_bits(p, (far & 3) << 29 | (far >> 2 & 0x7ffff) << 5, 0x60ffffe0);
}

/* A whole word: in data it becomes a slot, in code it is also written. */
static void word(const spot *p, bool beside, uint32_t most)
{
	const gh_file *f = p->o->f;
	unsigned width = p->bits / 8;
	bool sum = !p->named;
	gh_bytes b = p->to->bytes;
	uint64_t add = sum ? (uint64_t)gh_sign(gh_file_word(f, b, p->at, width), p->bits) : p->add;
	if (beside) {
		put(p, p->s + add - p->place, width);
		return;
	}
	put(p, p->s + add, width);
	gh_val v = gh_image_address(f->image, p->s + add);
	if (v && width == f->width && f->image->n_slots < most)
		f->image->slots[f->image->n_slots++] = (gh_slot){ p->place, v };
}

/* MIPS without addends: the upper half has to know the sign of the lower one, which follows. */
static uint64_t lower_half(const spot *p, gh_bytes rest, unsigned row)
{
	const gh_file *f = p->o->f;
	uint64_t symbol = gh_file_word(f, rest, f->width, f->width) >> 8;
	for (uint64_t at = row, n = 0; at + row <= rest.len && n < 64; at += row, n++) {
		uint64_t info = gh_file_word(f, rest, at + f->width, f->width);
		if ((info & 0xff) != 6 || info >> 8 != symbol)
			continue;
		spot low = *p;
		low.at = gh_file_word(f, rest, at, f->width);
		/* it may be written already, when another upper half was its first */
		return (uint64_t)gh_sign(gh_file_word(f, p->to->bytes, low.at, 4), 16);
	}
	return 0;
}

static void halves(const spot *p, way how, gh_bytes rest, unsigned row)
{
	uint64_t add = p->add;
	if (!p->named) { /* as the file has it */
		uint64_t old = gh_file_word(p->o->f, p->to->bytes, p->at, 4);
		add = how == LOW ? (uint64_t)gh_sign(old, 16) : (old << 16) + lower_half(p, rest, row);
	}
	uint64_t v = p->s + add;
	half(p, how == LOW ? v : how == HIGH_PLAIN ? v >> 16 : (v + 0x8000) >> 16);
}

static void apply(const spot *p, way how, gh_bytes rest, unsigned row, uint32_t most)
{
	switch (how) {
	case WORD:
	case BESIDE:
		word(p, how == BESIDE, most);
		return;
	case JUMP:
		jump(p);
		return;
	case BRANCH:
		branch(p);
		return;
	case HIGH:
	case HIGH_PLAIN:
	case LOW:
		halves(p, how, rest, row);
		return;
	case NOUGHT:
		half(p, 0);
		return;
	case PAGE:
		page(p);
		return;
	case OFFSET:
		put_bits(p, ((p->s + p->add) & 0xfff) >> p->bits << 10, 0x3ffc00);
		return;
	case MOVE_LOW:
	case MOVE_HIGH:
		arm_move(p, how == MOVE_HIGH);
		return;
	case THUMB_JUMP:
		thumb_jump(p);
		return;
	case THUMB_LOW:
	case THUMB_HIGH:
		thumb_move(p, how == THUMB_HIGH);
		return;
	}
}

void gh_object_relocate(gh_object *o, const gh_section *table, gh_section *to, bool addends, uint32_t most)
{
	const gh_file *f = o->f;
	unsigned w = f->width, row = (addends ? 3 : 2) * w;
	bool three = f->wide && f->machine == 8; /* kinds in a row, in an order of their own */
	for (uint64_t at = 0; at + row <= table->bytes.len; at += row) {
		gh_bytes rest = gh_bytes_part(table->bytes, at, SIZE_MAX);
		uint64_t info = gh_file_word(f, rest, w, w);
		uint64_t kind = f->wide ? info & UINT32_MAX : info & 0xff, symbol = f->wide ? info >> 32 : info >> 8;
		if (three) {
			symbol = gh_file_word(f, rest, 8, 4);
			kind = gh_file_word(f, rest, 15, 1);
		}
		spot p = { .o = o, .to = to, .at = gh_file_word(f, rest, 0, w), .named = addends };
		if (symbol >= o->n_places || !o->places[symbol] || p.at >= to->bytes.len)
			continue;
		p.place = to->address + p.at;
		p.s = o->places[symbol];
		p.add = addends ? gh_file_word(f, rest, 2 * w, w) : 0;
		p.add = addends && w == 4 ? (uint64_t)gh_sign(p.add, 32) : p.add;
		for (size_t i = 0; i < GH_COUNT(ways); i++) {
			if (ways[i].machine != f->machine || ways[i].kind != kind)
				continue;
			p.bits = ways[i].bits;
			apply(&p, (way)ways[i].way, rest, row, most);
			break;
		}
	}
}
