/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/sweep - all code once, in a line: where do functions and blocks begin?
 *
 * A function begins where a symbol, a call or a pointer says so, and where something that looks
 * like a beginning stands behind an end. Pointers that code puts together (lui and addiu, adrp and
 * add, a page of the GOT and an offset) count when the code before does not run on into them.
 *
 * A branch that goes back makes a loop; the registers that are written between its ends are
 * collected sixteen places at a time, so that no loop costs more than its share.
 */
#include <stdlib.h>

#include "asm/sweep_in.h"

enum {
	AROUND = 1 << 17,
	LONGEST = 1 << 16, /* a loop of more places is taken to change everything */
	OFTEN = 1 << 16,   /* so many places between two questions whether to go on */
	AGAIN = 2,         /* times that a region may be swept in another mode */
};

typedef struct sweep {
	gh_track t;
	gh_work *w;
	gh_region *r;
	bool ended;      /* nothing runs on to here */
	uint64_t behind; /* the place where it ended */
	bool delay;      /* the instruction before has its effect after this one */
	bool stops;      /* … and does not go on */
	gh_back back;    /* … and goes back to `head`; UINT64_MAX */
	unsigned mode, usual;
	int64_t compared; /* the last number that something was compared with */
	unsigned it;      /* Thumb: so many instructions are still conditional */
	bool again;       /* a start in another mode was found behind us */
} sweep;

static void mark(gh_work *w, uint64_t address, unsigned marks)
{
	gh_region *r = gh_region_at(w, address);
	if (r && ((address - r->code.address) & (w->abi->unit - 1u)) == 0)
		r->marks[gh_unit_of(w, r, address)] |= (uint8_t)marks;
}

static void mark_start(sweep *s, uint64_t address, uint64_t pc, bool other)
{
	gh_region *r = gh_region_at(s->w, address);
	if (!r || (address - r->code.address) & (s->w->abi->unit - 1u))
		return;
	uint8_t *m = &r->marks[gh_unit_of(s->w, r, address)];
	bool is_new = (*m & GH_M_START) == 0 || !!(*m & GH_M_THUMB) != other;
	if (is_new && address <= pc && other != ((s->mode & 0xff) == GH_MODE_THUMB))
		s->again = true;
	*m = (uint8_t)((*m & ~GH_M_THUMB) | GH_M_START | (other ? GH_M_THUMB : 0));
}

void gh_track_pointed(const gh_track *t, gh_val v)
{
	uint64_t a = gh_val_plain(v);
	if (gh_val_kind(v) == V_ADDRESS || (gh_val_kind(v) == V_NUMBER && t->w->image->fixed && a >= 0x1000))
		mark(t->w, gh_code_at(t->w->abi, a), GH_M_POINTED);
}

gh_val gh_track_moved(const gh_track *t, gh_val v, int64_t by)
{
	const gh_image *image = t->w->image;
	if (gh_val_kind(v) == V_NUMBER)
		return gh_image_number(image, gh_val_signed(v) + by);
	return gh_val_kind(v) == V_ADDRESS ? gh_image_address(image, gh_val_plain(v) + (uint64_t)by) : 0;
}

/* Follows addresses that are put together, without asking how control came here. */
static void track(sweep *s, const gh_insn *in)
{
	const gh_image *image = s->w->image;
	gh_val v = 0;
	switch (in->op) {
	case GH_OP_SET:
		v = gh_image_number(image, in->imm);
		break;
	case GH_OP_ADDRESS:
		v = gh_image_address(image, (uint64_t)in->imm);
		break;
	case GH_OP_MOVE:
		v = s->t.last[in->ra];
		break;
	case GH_OP_INSERT: {
		uint64_t low = (uint64_t)0xffff << in->shift, half = (uint64_t)in->imm << in->shift;
		if (gh_val_kind(s->t.last[in->rd]) == V_NUMBER)
			v = gh_image_number(image,
					    (int64_t)(((uint64_t)gh_val_signed(s->t.last[in->rd]) & ~low) | half));
		gh_track_pointed(&s->t, v);
		break;
	}
	case GH_OP_ADD:
		v = gh_track_moved(&s->t, s->t.last[in->ra], in->imm);
		gh_track_pointed(&s->t, v);
		break;
	case GH_OP_ADD_PC:
		if (gh_val_kind(s->t.last[in->ra]) == V_NUMBER)
			v = gh_image_address(image, (uint64_t)(gh_val_signed(s->t.last[in->ra]) + in->imm));
		gh_track_pointed(&s->t, v);
		break;
	case GH_OP_LOAD:
		if (in->ra == GH_R_ABS)
			v = gh_image_load(image, (uint64_t)in->imm, in->width);
		else if (image->gp && in->ra == s->w->abi->gp && in->width == s->w->abi->bytes)
			v = gh_image_load(image, image->gp + (uint64_t)in->imm, in->width);
		if (in->ra == GH_R_ABS)
			gh_track_pointed(&s->t, v);
		break;
	default:
		break;
	}
	if (in->writes)
		gh_track_set(&s->t, in->rd, v);
}

/* What places from one up to another change, where the sweep did not write it down. */
static uint64_t writes_of(const sweep *s, uint64_t from, uint64_t to)
{
	const gh_abi *abi = s->w->abi;
	return abi->writes(s->r->code.bytes.ptr + from * abi->unit, to - from, abi, s->mode);
}

/* … exactly; whole chunks are asked for once. */
static uint64_t writes_between(const sweep *s, uint64_t from, uint64_t to)
{
	uint64_t *chunks = s->r->chunks, first = (from + (1 << GH_CHUNK) - 1) >> GH_CHUNK, last = to >> GH_CHUNK;
	if (first >= last)
		return writes_of(s, from, to);
	uint64_t writes = writes_of(s, from, first << GH_CHUNK) | writes_of(s, last << GH_CHUNK, to);
	for (uint64_t c = first; c < last; c++) {
		if (!(chunks[c] & GH_WRITES_TOLD))
			chunks[c] = GH_WRITES_TOLD | writes_of(s, c << GH_CHUNK, (c + 1) << GH_CHUNK);
		writes |= chunks[c];
	}
	return writes & ~GH_WRITES_TOLD;
}

/* The rest of the chunk in which a loop begins: before it stands what the loop does not do. */
static uint64_t head_writes(const sweep *s, uint64_t from, uint64_t to)
{
	const gh_region *r = s->r;
	uint64_t writes = 0, end = GH_MIN(to, from | ((1 << GH_CHUNK) - 1));
	for (uint64_t u = from; u <= end;) {
		gh_insn in;
		uint64_t at = u * s->w->abi->unit;
		s->w->abi->decode(&in, r->code.bytes.ptr + at, r->code.bytes.len - at, r->code.address + at, s->mode);
		if (in.size == 0)
			break;
		writes |= gh_insn_writes(&in, s->w->abi);
		u += GH_MAX(in.size / s->w->abi->unit, 1);
	}
	return writes;
}

/* What a loop changes. Of its last chunk no more was seen than belongs to it. */
static uint64_t changed(const sweep *s, uint64_t from, uint64_t to)
{
	if (to - from > LONGEST)
		return UINT64_MAX;
	if (s->w->abi->writes)
		return writes_between(s, from, to + 1);
	uint64_t kills = head_writes(s, from, to);
	for (uint64_t c = (from >> GH_CHUNK) + 1; c <= to >> GH_CHUNK; c++)
		kills |= s->r->chunks[c];
	return kills;
}

static void branch_back(sweep *s, uint64_t unit)
{
	gh_back *b = gh_vec_add(s->w, &s->w->backs);
	if (!b)
		return;
	*b = s->back;
	b->last = s->r->code.address + unit * s->w->abi->unit;
	b->kills = changed(s, gh_unit_of(s->w, s->r, b->head), unit);
	s->back.head = UINT64_MAX;
}

static void flow(sweep *s, const gh_insn *in, uint64_t pc)
{
	switch (in->op) {
	case GH_OP_CALL:
		mark_start(s, gh_outer_entry(s->w, in->target), pc,
			   in->flags & GH_I_ARM ? false
						: (in->flags & GH_I_THUMB) || (s->mode & 0xff) == GH_MODE_THUMB);
		break;
	case GH_OP_JUMP:
		if (in->flags & GH_I_ARM) {
			mark_start(s, in->target, pc, false);
			break;
		}
		mark(s->w, in->target, GH_M_LEADER | (in->target <= pc ? GH_M_BACK : 0));
		if (in->target <= pc && in->target >= s->r->code.address && (in->target & (s->w->abi->unit - 1u)) == 0)
			s->back.head = in->target;
		break;
	default:
		break;
	}
	s->stops = !(in->flags & GH_I_COND) && in->op != GH_OP_CALL && in->op != GH_OP_CALL_REG &&
		   in->op != GH_OP_CALL_MEM && in->op != GH_OP_SYSCALL;
	s->t.since = GH_NEAR; /* what follows a jump is no beginning */
}

/* Behind a jump and its delay slot. */
static void take_effect(sweep *s, uint64_t unit)
{
	if (s->back.head != UINT64_MAX)
		branch_back(s, unit);
	s->ended = s->ended || s->stops;
	s->stops = false;
}

/* One instruction; what the one before it did with control takes effect behind its delay slot. */
static void step(sweep *s, const gh_insn *in, uint64_t pc, uint64_t unit)
{
	bool effect = !s->delay;
	s->delay = false;
	if (s->ended) {
		uint8_t *m = &s->r->marks[unit];
		bool thumb = (s->mode & 0xff) == GH_MODE_THUMB;
		*m = (uint8_t)(*m | GH_M_ENDED | (thumb && !(*m & GH_M_START) ? GH_M_THUMB : 0));
		s->behind = unit;
		s->t.since = 0;
		s->ended = (in->flags & GH_I_PAD) != 0;
	}
	if ((in->flags & GH_I_FRAME) && s->t.since < GH_NEAR)
		s->r->marks[s->behind] |= GH_M_PROLOGUE;
	s->t.since += s->t.since < GH_NEAR;
	if (in->flags & GH_I_FLOW && effect) {
		flow(s, in, pc);
		s->delay = in->flags & GH_I_DELAY;
	}
	if (!s->w->abi->writes)
		s->r->chunks[unit >> GH_CHUNK] |= gh_insn_writes(in, s->w->abi);
	track(s, in);
	if (!s->delay)
		take_effect(s, unit);
}

static void literal(sweep *s, const gh_insn *in)
{
	for (unsigned i = 0; i < in->width; i += s->w->abi->unit)
		mark(s->w, (uint64_t)in->imm + i, GH_M_DATA);
}

/* A table that stands in the code: its rows are no instructions, and blocks begin where they lead. */
static void inline_table(sweep *s, const gh_insn *in)
{
	int64_t rows = s->compared >= 0 && s->compared < GH_ROWS ? s->compared + 1 : 0;
	for (int64_t i = 0; i < rows; i++) {
		mark(s->w, gh_table_row(s->w, s->r, in, (uint32_t)i), GH_M_LEADER);
		for (unsigned j = 0; j < in->width; j += s->w->abi->unit)
			mark(s->w, gh_code_at(s->w->abi, in->target + (uint64_t)i * in->width + j), GH_M_DATA);
	}
}

/* The mode of code that nobody names: that of the file, but ARM in a region of which only ARM starts are
 * known, as in a PLT. */
static void usual_mode(sweep *s)
{
	unsigned arm = 0, thumb = 0;
	s->usual = s->mode = s->w->image->mode;
	for (uint64_t u = 0; s->w->abi->unit == 2 && u < s->r->units; u++) {
		arm += (s->r->marks[u] & (GH_M_START | GH_M_THUMB)) == GH_M_START;
		thumb += (s->r->marks[u] & (GH_M_START | GH_M_THUMB)) == (GH_M_START | GH_M_THUMB);
	}
	if (thumb == 0 && arm >= 4)
		s->usual = s->mode = s->mode & ~0xffU;
}

/* Most words of a block only change registers: how many of those stand here. */
static uint64_t skim(sweep *s, uint64_t u)
{
	gh_region *r = s->r;
	if (!s->w->abi->skim || s->ended)
		return 0;
	uint64_t n = s->w->abi->skim(&s->t, r, u, s->delay ? u + 1 : r->units, s->mode);
	if (n && s->delay) {
		s->delay = false;
		take_effect(s, u);
		n += s->ended ? 0 : s->w->abi->skim(&s->t, r, u + 1, r->units, s->mode);
	}
	return n;
}

static gh_code sweep_region(sweep *s)
{
	gh_region *r = s->r;
	unsigned unit = s->w->abi->unit;
	gh_insn in;
	s->ended = true;
	s->t.known = 0;
	s->it = 0;
	s->compared = -1;
	s->back.head = UINT64_MAX;
	for (uint64_t u = 0, look = 0; u < r->units;) {
		uint64_t at = u * unit;
		if (u >= look && gh_cancelled(s->w->ctx))
			return gh_fail(s->w->ctx, GH_LIMIT, 0, "cancelled");
		look = u >= look ? u + OFTEN : look;
		uint64_t n = skim(s, u);
		if (n) {
			u += n;
			continue;
		}
		if (r->marks[u] & GH_M_DATA) {
			u++;
			s->ended = true;
			continue;
		}
		if (r->marks[u] & GH_M_START && unit == 2)
			s->mode = (s->mode & ~0xffU) | (r->marks[u] & GH_M_THUMB ? GH_MODE_THUMB : GH_MODE_PLAIN);
		else if (unit == 2 && s->ended)
			s->mode = s->usual;
		s->w->abi->decode(&in, r->code.bytes.ptr + at, r->code.bytes.len - at, r->code.address + at, s->mode);
		if (in.size == 0)
			break;
		if (in.flags & GH_I_LITERAL)
			literal(s, &in);
		if (in.op == GH_OP_COMPARE)
			s->compared = in.imm;
		else if (in.op == GH_OP_JUMP_TABLE)
			inline_table(s, &in);
		gh_it(&s->it, &in);
		step(s, &in, r->code.address + at, u);
		if (s->w->code)
			return s->w->code;
		u += in.size / unit ? in.size / unit : 1;
	}
	return GH_OK;
}

static int by_head(const void *a, const void *b)
{
	const gh_back *x = a, *y = b;
	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	return x->last < y->last ? -1 : x->last > y->last;
}

/* Loops with one head become one. */
static void join_backs(gh_vec *v)
{
	gh_back *b = v->ptr;
	uint32_t n = 0;
	if (v->n > 1)
		qsort(b, v->n, sizeof *b, by_head);
	for (uint32_t i = 0; i < v->n; i++) {
		if (n && b[n - 1].head == b[i].head) {
			b[n - 1].last = b[i].last;
			b[n - 1].kills |= b[i].kills;
		} else {
			b[n++] = b[i];
		}
	}
	v->n = n;
}

/* A pointer that the loader writes tells the mode, too. */
static void pointer(sweep *s, uint64_t address)
{
	if (s->w->abi->unit == 2)
		mark_start(s, address & ~(uint64_t)1, 0, address & 1);
	else
		mark(s->w, address, GH_M_POINTED);
}

static void known_starts(sweep *s)
{
	const gh_image *image = s->w->image;
	uint64_t bit = s->w->abi->unit == 2;
	for (uint32_t i = 0; i < image->n_symbols; i++)
		if (image->symbols[i].code)
			mark_start(s, image->symbols[i].address, 0, image->symbols[i].mode == GH_MODE_THUMB);
	for (uint32_t i = 0; i < image->n_starts; i++)
		mark_start(s, image->starts[i] & ~bit, 0, image->starts[i] & bit);
	for (uint32_t i = 0; i < image->n_slots; i++)
		if (gh_val_kind(image->slots[i].val) == V_ADDRESS)
			pointer(s, gh_val_plain(image->slots[i].val));
	for (uint64_t i = 0; i < (image->got_end - image->got) / s->w->abi->bytes; i++)
		if (image->got_vals && gh_val_kind(image->got_vals[i]) == V_ADDRESS)
			gh_track_pointed(&s->t, image->got_vals[i]);
}

/* What was nominated becomes a start, or not. Most places are not marked at all. */
static void choose(gh_region *r)
{
	r->marks[0] |= GH_M_START;
	for (uint64_t u = gh_marked(r, 0, 0xff); u < r->units; u = gh_marked(r, u + 1, 0xff)) {
		unsigned m = r->marks[u];
		bool by_pointer = (m & (GH_M_POINTED | GH_M_ENDED)) == (GH_M_POINTED | GH_M_ENDED);
		bool by_look = (m & (GH_M_PROLOGUE | GH_M_LEADER)) == GH_M_PROLOGUE;
		r->marks[u] = (uint8_t)(m | (by_pointer || by_look ? GH_M_START : 0));
	}
}

gh_code gh_code_sweep(gh_work *w)
{
	sweep s = { .t.w = w, .w = w, .mode = w->image->mode };
	s.t.low = UINT64_MAX;
	for (uint32_t i = 0; i < w->n_regions; i++) {
		const gh_span *c = &w->regions[i].code;
		s.t.low = GH_MIN(s.t.low, c->address > AROUND ? c->address - AROUND : 0);
		s.t.high = GH_MAX(s.t.high, c->address + c->bytes.len + AROUND);
	}
	known_starts(&s);
	for (unsigned round = 0; round <= AGAIN; round++) {
		s.again = false;
		for (uint32_t i = 0; i < w->n_regions; i++) {
			s.r = &w->regions[i];
			usual_mode(&s);
			memset(s.t.last, 0, sizeof s.t.last);
			gh_code code = sweep_region(&s);
			if (code)
				return code;
		}
		if (!s.again)
			break;
	}
	join_backs(&w->backs);
	for (uint32_t i = 0; i < w->n_regions; i++)
		if (w->regions[i].units)
			choose(&w->regions[i]);
	return GH_OK;
}
