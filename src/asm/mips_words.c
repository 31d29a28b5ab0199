/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/mips_words - the words that most of a block is made of, passed over or evaluated as they stand.
 *
 * A word is found in a table by its opcode, or by its function where the opcode is 0. Of most words
 * nothing is known that they need: then what they write is unknown, too, and that is all. What the
 * table does not know is the decoder's: control, and what is rare.
 */
#include "asm/eval_in.h"
#include "asm/sweep_in.h"

enum { LOOK, PLAIN, LOAD, STORE, ADD, UPPER, LESS, AND, OR, XOR, SHIFT, SUM, OR_REG, LESS_REG };
enum {
	RS = 1 << 0, /* matters when it is known */
	RT = 1 << 1,
	MAY = 1 << 2,          /* of no interest when neither is */
	TELLS = 1 << 3,        /* half an address, or all of it */
	TELLS_MORE = 1 << 4,   /* … when rs is known */
	TELLS_GLOBAL = 1 << 5, /* … when rs is the global pointer */
	MEMORY = 1 << 6,       /* is written */
};

typedef struct kind {
	uint8_t is, needs;
	uint8_t writes, to; /* whether, and where in the word the register stands */
} kind;

typedef struct word {
	unsigned op, rs, rt, rd, sa;
	int32_t imm;
} word;

#define TO_RT 1, 16
#define TO_RD 1, 11
#define NOWHERE 0, 0
#define KIND_RT                                                                                                        \
	{                                                                                                              \
		PLAIN, MAY, TO_RT                                                                                      \
	}
#define KIND_RD                                                                                                        \
	{                                                                                                              \
		PLAIN, MAY, TO_RD                                                                                      \
	}
#define KIND_NO                                                                                                        \
	{                                                                                                              \
		PLAIN, MAY, NOWHERE                                                                                    \
	}
#define KIND_ADD                                                                                                       \
	{                                                                                                              \
		ADD, MAY | RS | TELLS_MORE, TO_RT                                                                      \
	}
#define KIND_LESS                                                                                                      \
	{                                                                                                              \
		LESS, 0, TO_RT                                                                                         \
	}
#define KIND_LOAD                                                                                                      \
	{                                                                                                              \
		LOAD, MAY | RS | TELLS_GLOBAL, TO_RT                                                                   \
	}
#define KIND_STORE                                                                                                     \
	{                                                                                                              \
		STORE, MAY | RS | RT | MEMORY, NOWHERE                                                                 \
	}
#define KIND_SUM                                                                                                       \
	{                                                                                                              \
		SUM, MAY | RS | RT, TO_RD                                                                              \
	}
#define KIND_LESS_REG                                                                                                  \
	{                                                                                                              \
		LESS_REG, MAY | RS | RT, TO_RD                                                                         \
	}

/* clang-format off */
static const kind kinds[128] = {
	[8] = KIND_ADD, [9] = KIND_ADD, [24] = KIND_ADD, [25] = KIND_ADD,
	[10] = KIND_LESS, [11] = KIND_LESS,
	[12] = { AND, MAY | RS, TO_RT }, [13] = { OR, MAY | RS, TO_RT }, [14] = { XOR, 0, TO_RT },
	[15] = { UPPER, TELLS, TO_RT },
	[26] = KIND_RT, [27] = KIND_RT, [34] = KIND_RT, [38] = KIND_RT, [56] = KIND_RT,
	[32] = KIND_LOAD, [33] = KIND_LOAD, [35] = KIND_LOAD, [36] = KIND_LOAD, [37] = KIND_LOAD, [39] = KIND_LOAD,
	[55] = KIND_LOAD,
	[40] = KIND_STORE, [41] = KIND_STORE, [43] = KIND_STORE, [63] = KIND_STORE,
	[42] = KIND_NO, [46] = KIND_NO, [49] = KIND_NO, [53] = KIND_NO,
	/* functions */
	[64 + 0] = { SHIFT, MAY | RT, TO_RD },
	[64 + 2] = KIND_RD, [64 + 3] = KIND_RD, [64 + 4] = KIND_RD, [64 + 6] = KIND_RD, [64 + 7] = KIND_RD,
	[64 + 10] = KIND_RD, [64 + 11] = KIND_RD, [64 + 16] = KIND_RD, [64 + 18] = KIND_RD,
	[64 + 24] = KIND_NO, [64 + 25] = KIND_NO, [64 + 26] = KIND_NO, [64 + 27] = KIND_NO,
	[64 + 32] = KIND_RD, [64 + 34] = KIND_RD, [64 + 36] = KIND_RD, [64 + 39] = KIND_RD,
	[64 + 33] = KIND_SUM, [64 + 45] = KIND_SUM, [64 + 37] = { OR_REG, MAY | RS | RT, TO_RD },
	[64 + 42] = KIND_LESS_REG, [64 + 43] = KIND_LESS_REG,
};
/* clang-format on */

/* Of loads and stores, by opcode. */
static const uint8_t widths[64] = {
	[32] = 1, [33] = 2, [35] = 4, [36] = 1, [37] = 2, [39] = 4, [55] = 8, [40] = 1, [41] = 2, [43] = 4, [63] = 8,
};

enum { GP = 28, SP = 29, RA = 31 };

static inline const kind *kind_of(uint32_t w)
{
	return &kinds[w >> 26 ? w >> 26 : 64 + (w & 63)];
}

/* Does a word matter, as far as registers are known? */
static inline unsigned matters(const kind *k, uint32_t w, uint64_t known)
{
	unsigned rs = known >> (w >> 21 & 31) & RS, rt = (unsigned)(known >> (w >> 16 & 31)) << 1 & RT;
	return ((rs | rt) & k->needs) | (~k->needs & MAY);
}

static void load(gh_eval *e, const word *w, uint64_t pc)
{
	gh_val base = gh_reg(&e->now, w->rs);
	gh_val v = gh_eval_at(e, base, w->imm, widths[w->op], w->op == 32 || w->op == 33 || w->op == 35);
	if (gh_eval_is_told(v))
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
	gh_eval_set(e, w->rt, v);
}

static gh_val or_number(const gh_eval *e, gh_val v, uint32_t n)
{
	gh_val both = gh_image_number(e->image, gh_val_signed(v) | n);
	bool whole = (gh_val_plain(v) & 0xffff) == 0 && gh_image_is_address(e->image, gh_val_plain(both));
	return whole ? gh_image_address(e->image, gh_val_plain(both)) : both;
}

/* andi, ori, xori. */
static void bits(gh_eval *e, const kind *k, const word *w, uint64_t pc)
{
	gh_val v = gh_reg(&e->now, w->rs), made = 0;
	uint32_t n = w->imm & 0xffff;
	if (k->is == XOR) {
		e->flags |= GH_BB_NZXOR;
		if (w->rt && n)
			gh_eval_use(e, pc, gh_image_number(e->image, n), GH_USE_XOR);
	}
	if (w->rt == 0)
		return;
	if (gh_val_kind(v) == V_NUMBER && k->is == OR)
		made = or_number(e, v, n);
	else if (gh_val_kind(v) == V_NUMBER)
		made = gh_image_number(e->image, k->is == AND ? gh_val_signed(v) & n : gh_val_signed(v) ^ n);
	gh_eval_made(e, w->rt, made, pc);
}

/* A word of which something is known; false: the decoder's. */
static bool evaluate(gh_eval *e, const kind *k, const word *w, uint64_t pc)
{
	gh_val a, b;
	switch (k->is) {
	case LOAD:
		if (w->rt)
			load(e, w, pc);
		return true;
	case STORE:
		b = gh_reg(&e->now, w->rt);
		gh_eval_store(e, gh_reg(&e->now, w->rs), w->imm, widths[w->op], b, pc);
		return true;
	case ADD:
		if (w->rt == 0)
			return true;
		a = w->rs ? gh_eval_plus(e, gh_reg(&e->now, w->rs), w->imm) : gh_image_number(e->image, w->imm);
		gh_eval_made(e, w->rt, a, pc);
		return true;
	case UPPER:
		if (w->rt)
			gh_eval_made(e, w->rt, gh_image_number(e->image, (int64_t)w->imm * 65536), pc);
		return true;
	case LESS:
		e->compared = w->imm;
		gh_eval_compare(e, gh_image_number(e->image, w->imm), pc);
		gh_eval_set(e, w->rt, 0);
		return true;
	case AND:
	case OR:
	case XOR:
		bits(e, k, w, pc);
		return true;
	case SHIFT:
		b = gh_reg(&e->now, w->rt);
		if (w->rd && w->sa && gh_val_kind(b) == V_NUMBER)
			return false;
		gh_eval_set(e, w->rd, w->sa ? 0 : b);
		return true;
	case SUM:
	case OR_REG:
		if (w->rd && w->rs && w->rt)
			return false;
		gh_eval_set(e, w->rd, gh_reg(&e->now, w->rs | w->rt));
		return true;
	case LESS_REG:
		gh_eval_compare(e, gh_reg(&e->now, w->rt), pc);
		gh_eval_compare(e, gh_reg(&e->now, w->rs), pc);
		gh_eval_set(e, w->rd, 0);
		return true;
	default:
		return false;
	}
}

uint64_t gh_run_mips(gh_eval *e, const uint8_t *code, const uint8_t *marks, uint64_t n, uint64_t pc, unsigned mode)
{
	const uint64_t steady = e->steady;
	uint64_t known = e->now.known, i = 0;
	for (; i < n && !(i && marks[i] & GH_M_STOPS); i++) {
		uint32_t v = gh_word(code + i * 4, mode);
		const kind *k = kind_of(v);
		if (!matters(k, v, known)) {
			known &= ~((uint64_t)k->writes << (v >> k->to & 31)) | steady;
			continue;
		}
		word w = { v >> 26, v >> 21 & 31, v >> 16 & 31, v >> 11 & 31, v >> 6 & 31, (int16_t)v };
		e->now.known = known;
		if (k->is == LOOK || !evaluate(e, k, &w, pc + i * 4))
			return i;
		known = e->now.known;
	}
	e->now.known = known;
	return i;
}

/* How a function begins: it makes a frame, saves the return address, or sets the global pointer. */
static bool is_frame(const kind *k, uint32_t w)
{
	unsigned rs = w >> 21 & 31, rt = w >> 16 & 31;
	if (k->is == ADD)
		return rs == SP && rt == SP && w & 0x8000;
	return (k->is == STORE && rs == SP && rt == RA) || (k->is == UPPER && rt == GP);
}

/* Only what is near code may come to point there. */
static gh_val near_code(const gh_track *t, gh_val v)
{
	return v && gh_val_plain(v) - t->low < t->high - t->low ? v : 0;
}

/* A word that puts an address together, or takes one apart. */
static void follow(gh_track *t, const kind *k, uint32_t w)
{
	const gh_image *image = t->w->image;
	unsigned rs = w >> 21 & 31, rt = w >> 16 & 31, rd = w >> k->to & 31;
	gh_val v = 0;
	switch (k->is) {
	case UPPER:
		v = image->fixed ? gh_image_number(image, (int64_t)(int16_t)w * 65536) : 0;
		break;
	case ADD:
		v = rs ? gh_track_moved(t, t->last[rs], (int16_t)w) : gh_image_number(image, (int16_t)w);
		if (rs && rt)
			gh_track_pointed(t, v);
		break;
	case OR:
		v = rs ? 0 : gh_image_number(image, w & 0xffff);
		break;
	case SUM:
	case OR_REG:
		v = rs && rt ? 0 : t->last[rs | rt];
		break;
	case SHIFT:
		v = w >> 6 & 31 ? 0 : t->last[rt];
		break;
	case LOAD:
		if (image->gp && rs == t->w->abi->gp && widths[w >> 26] == t->w->abi->bytes)
			v = gh_image_load(image, image->gp + (uint64_t)(int64_t)(int16_t)w, widths[w >> 26]);
		break;
	default:
		break;
	}
	if (k->writes && rd)
		gh_track_set(t, rd, near_code(t, v));
}

/* Soon behind an end: every word is followed, and one that begins a function is left to be looked at. */
static uint64_t skim_near(gh_track *t, const uint8_t *code, uint64_t u, uint64_t end, unsigned mode)
{
	for (; u < end && t->since < GH_NEAR; u++, t->since++) {
		uint32_t w = gh_word(code + u * 4, mode);
		const kind *k = kind_of(w);
		if (k->is == LOOK || is_frame(k, w))
			break;
		follow(t, k, w);
	}
	return u;
}

uint64_t gh_skim_mips(gh_track *t, const gh_region *r, uint64_t u, uint64_t end, unsigned mode)
{
	const uint8_t *code = r->code.bytes.ptr;
	uint64_t i = t->since < GH_NEAR ? skim_near(t, code, u, end, mode) : u;
	uint32_t known = (uint32_t)t->known;
	for (; i < end && t->since == GH_NEAR; i++) {
		uint32_t w = gh_word(code + i * 4, mode);
		const kind *k = kind_of(w);
		if (k->is == LOOK)
			break;
		unsigned rs = w >> 21 & 31;
		uint32_t tells = (known >> rs << 4 & TELLS_MORE) | (rs == GP ? TELLS_GLOBAL | TELLS : TELLS);
		if ((tells & k->needs) | (known >> (w >> k->to & 31) & k->writes)) {
			follow(t, k, w);
			known = (uint32_t)t->known;
		}
	}
	return i - u;
}

/* Opcodes that write nothing: j, beq, bne, blez, bgtz, and likely. */
#define BRANCHES (UINT64_C(0xf000f4))

uint64_t gh_writes_mips(const uint8_t *code, uint64_t n, const gh_abi *abi, unsigned mode)
{
	uint64_t changes = 0;
	for (uint64_t i = 0; i < n; i++) {
		uint32_t w = gh_word(code + i * 4, mode);
		const kind *k = kind_of(w);
		changes |= (uint64_t)k->writes << (w >> k->to & 31);
		changes |= (uint64_t)(k->needs & MEMORY) << (GH_WRITES_MEMORY_BIT - 6);
		if (k->is != LOOK || BRANCHES >> (w >> 26) & 1)
			continue;
		gh_insn in;
		gh_decode_mips(&in, code + i * 4, 4, 0, mode);
		changes |= gh_insn_writes(&in, abi);
	}
	return changes & ~(uint64_t)1;
}
