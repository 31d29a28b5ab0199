/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec_in.h"
#include "codec/lzma1_bits_in.h"
#include "codec/lzma1_in.h"

enum {
	STATES = 12,
	FIRST_REP_STATE = 7, /* states below it: the last symbol was a literal */
	SLOTS = 64,
	SPECIAL = 128, /* distance slots; probabilities of the reversed bits of slots 4 to 13 */
	LITERAL_SET = 0x300,
	LITERALS_INSIDE = 16, /* sets for lc + lp <= 4 lie on the stack */
	COPY_SLACK = 16,
};

struct lengths {
	uint16_t longer, longest;
	uint16_t near[16][8], middle[16][8], far[256];
};

struct model {
	uint16_t is_match[STATES][16], is_rep[STATES], is_rep_g0[STATES], is_rep_g1[STATES], is_rep_g2[STATES];
	uint16_t is_rep0_long[STATES][16];
	uint16_t slot[4][SLOTS], special[SPECIAL], align[16];
	struct lengths match, rep;
	uint16_t literal[]; /* LITERAL_SET << (lc + lp) */
};

struct lzma1 {
	struct coder coder;
	const uint8_t *turn; /* a symbol may begin up to here */
	struct model *m;
	uint32_t rep[4]; /* distances less one */
	unsigned state;
	uint32_t rest; /* of a match that did not fit */
	unsigned lc;
	uint32_t lp_mask, pb_mask;
	uint32_t farthest;
};

enum answer { FULL, HUNGRY, MARKER, TOO_FAR };

/* 2 to 273. */
INLINE uint32_t length(struct coder *c, struct lengths *l, uint32_t pos_state)
{
	if (!bit(c, &l->longer))
		return 2 + tree(c, l->near[pos_state], 3);
	if (!bit(c, &l->longest))
		return 10 + tree(c, l->middle[pos_state], 3);
	return 18 + tree(c, l->far, 8);
}

/* UINT32_MAX is the end marker. */
INLINE uint32_t distance(struct coder *c, struct model *m, uint32_t len)
{
	uint32_t slot = tree(c, m->slot[len < 6 ? len - 2 : 3], 6);
	if (slot < 4)
		return slot;
	unsigned bits = (slot >> 1) - 1;
	uint32_t far = (2 | (slot & 1)) << bits;
	if (slot < 14)
		return far + reversed_tree(c, m->special + far - slot, bits);
	uint32_t high = 0;
	for (bits -= 4; bits > 0; bits--)
		high = high << 1 | direct_bit(c);
	return far + (high << 4) + reversed_tree(c, m->align, 4);
}

/* Copies as LZ does, byte after byte, from `back` bytes ago; in strides where nothing overlaps and
 * the memory behind allows it. */
static inline void copy_match(uint8_t *to, size_t back, size_t len, const uint8_t *end)
{
	const uint8_t *from = to - back;
	if (back >= COPY_SLACK && (size_t)(end - to) >= len + COPY_SLACK) {
		const uint8_t *stop = to + len;
		do {
			memcpy(to, from, COPY_SLACK);
			to += COPY_SLACK;
			from += COPY_SLACK;
		} while (to < stop);
		return;
	}
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

/* Makes bytes base[*pos … limit). `end` is where the memory ends; bytes between limit and end may be
 * written, they are not output. *begun is where the last symbol began. */
static enum answer run(struct lzma1 *d, uint8_t *base, size_t *ret_pos, size_t limit, const uint8_t *end,
		       size_t *ret_begun)
{
	static const uint8_t after_literal[STATES] = { 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5 };
	struct model *m = d->m;
	struct coder c = d->coder;
	const uint8_t *turn = d->turn;
	uint32_t rep0 = d->rep[0], rep1 = d->rep[1], rep2 = d->rep[2], rep3 = d->rep[3];
	uint32_t len = d->rest, farthest = d->farthest;
	const uint32_t lp_mask = d->lp_mask, pb_mask = d->pb_mask;
	const unsigned lc = d->lc;
	unsigned state = d->state;
	size_t pos = *ret_pos, begun = pos;
	enum answer answer = FULL;

	if (len > 0)
		goto copy;
	while (pos < limit) {
		if (c.p > turn) {
			answer = HUNGRY;
			break;
		}
		begun = pos;
		uint32_t pos_state = (uint32_t)pos & pb_mask;
		if (!bit(&c, &m->is_match[state][pos_state])) {
			uint32_t before = pos > 0 ? base[pos - 1] : 0;
			uint32_t set = (((uint32_t)pos & lp_mask) << lc) + (before >> (8 - lc));
			uint16_t *probs = m->literal + (size_t)LITERAL_SET * set;
			base[pos] = (uint8_t)(state < FIRST_REP_STATE
						      ? tree(&c, probs, 8)
						      : literal_after_match(&c, probs, base[pos - rep0 - 1]));
			pos++;
			state = after_literal[state];
			continue;
		}
		if (!bit(&c, &m->is_rep[state])) {
			rep3 = rep2;
			rep2 = rep1;
			rep1 = rep0;
			state = state < FIRST_REP_STATE ? 7 : 10;
			len = length(&c, &m->match, pos_state);
			rep0 = distance(&c, m, len);
			if (rep0 >= pos) {
				answer = rep0 == UINT32_MAX ? MARKER : TOO_FAR;
				break;
			}
			if (rep0 > farthest)
				farthest = rep0;
		} else if (pos == 0) {
			answer = TOO_FAR;
			break;
		} else {
			if (!bit(&c, &m->is_rep_g0[state])) {
				if (!bit(&c, &m->is_rep0_long[state][pos_state])) {
					state = state < FIRST_REP_STATE ? 9 : 11;
					base[pos] = base[pos - rep0 - 1];
					pos++;
					continue;
				}
			} else {
				uint32_t back = rep1;
				if (bit(&c, &m->is_rep_g1[state])) {
					back = rep2;
					if (bit(&c, &m->is_rep_g2[state])) {
						back = rep3;
						rep3 = rep2;
					}
					rep2 = rep1;
				}
				rep1 = rep0;
				rep0 = back;
			}
			len = length(&c, &m->rep, pos_state);
			state = state < FIRST_REP_STATE ? 8 : 11;
		}
	copy:;
		size_t fits = GH_MIN((size_t)len, limit - pos);
		copy_match(base + pos, (size_t)rep0 + 1, fits, end);
		pos += fits;
		len -= (uint32_t)fits;
	}
	d->coder = c;
	d->rep[0] = rep0;
	d->rep[1] = rep1;
	d->rep[2] = rep2;
	d->rep[3] = rep3;
	d->state = state;
	d->rest = answer == FULL ? len : 0;
	d->farthest = farthest;
	*ret_pos = pos;
	*ret_begun = begun;
	return answer;
}

/* Is the next symbol an end marker? Asked where no byte may come any more; the model is spent then. On true
 * the coder stands behind it; *ret_p is where reading ended either way. */
static bool marker_is_next(struct lzma1 *d, size_t pos, const uint8_t **ret_p)
{
	struct coder c = d->coder;
	uint32_t pos_state = (uint32_t)pos & d->pb_mask;
	bool marker = bit(&c, &d->m->is_match[d->state][pos_state]) && !bit(&c, &d->m->is_rep[d->state]) &&
		      distance(&c, d->m, length(&c, &d->m->match, pos_state)) == UINT32_MAX;
	if (marker)
		d->coder = c;
	*ret_p = c.p;
	return marker;
}

/* The input, and a copy of its last bytes with zeros behind, from which the last symbols are read:
 * so no single read has to ask whether there is a byte. */
struct food {
	const uint8_t *from, *end; /* what the coder runs through now, and where its true bytes end */
	size_t eaten;              /* bytes before `from` */
	bool tail;
	uint8_t last[3 * SYMBOL_MOST];
};

static void turn_to_tail(struct lzma1 *d, struct food *f)
{
	size_t n = (size_t)(f->end - d->coder.p);
	memset(f->last, 0, sizeof f->last);
	memcpy(f->last, d->coder.p, n);
	f->eaten += (size_t)(d->coder.p - f->from);
	f->from = d->coder.p = f->last;
	f->end = d->turn = f->last + n;
	f->tail = true;
}

static gh_code cut_short(gh_ctx *ctx, gh_cur *in, gh_buf *out, size_t base, size_t begun)
{
	out->len = base + begun;
	gh_skip(in, in->left);
	return gh_fail(ctx, GH_TRUNCATED, in->pos, "LZMA data is cut short after %zu unpacked bytes", begun);
}

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, const gh_lzma1_ask *ask, gh_lzma1_met *met, struct lzma1 *d,
		      struct food *f)
{
	const size_t base = out->len;
	size_t pos = 0, begun = 0;
	gh_sink sink = { .out = out };
	bool full = false;
	enum answer answer = FULL;
	while (answer == FULL && pos < ask->size && !full) {
		gh_code code = gh_sink_open(ctx, &sink);
		if (code != GH_OK)
			return code;
		full = sink.ptr == &sink.spare;
		if (full)
			break;
		size_t limit = pos + (size_t)GH_MIN((uint64_t)sink.len, ask->size - pos);
		answer = run(d, out->ptr + base, &pos, limit, out->ptr + out->cap, &begun);
		if (answer == HUNGRY && !f->tail) {
			turn_to_tail(d, f);
			answer = run(d, out->ptr + base, &pos, limit, out->ptr + out->cap, &begun);
		}
		out->len = base + pos;
		met->farthest = d->farthest;
		if (f->tail && d->coder.p > f->end)
			return cut_short(ctx, in, out, base, begun);
	}
	if (answer == FULL && d->rest == 0) {
		/* An encoder that stops here leaves a code of 0; one that wrote a marker does not. */
		if (!f->tail && f->end - d->coder.p < SYMBOL_MOST)
			turn_to_tail(d, f);
		normalize(&d->coder);
		met->clean = d->coder.code == 0 && pos == ask->size;
		if (!met->clean) {
			const uint8_t *p;
			answer = marker_is_next(d, pos, &p) ? MARKER : FULL;
			met->starved = f->tail && p > f->end;
		}
		if (f->tail && d->coder.p > f->end)
			return cut_short(ctx, in, out, base, pos);
	}
	if (answer == MARKER) {
		normalize(&d->coder);
		if (f->tail && d->coder.p > f->end)
			return cut_short(ctx, in, out, base, pos);
		met->end_marker = true;
		met->clean = d->coder.code == 0;
	}
	gh_skip(in, f->eaten + (size_t)(d->coder.p - f->from));
	if (answer == TOO_FAR)
		return gh_fail(ctx, GH_CORRUPT, in->pos,
			       "LZMA data is damaged: a match before the start, after %zu bytes", pos);
	if (full && answer == FULL)
		return gh_fail(ctx, GH_LIMIT, in->pos, "more than %zu bytes come out of LZMA data", pos);
	return GH_OK;
}

static void arena_done(gh_arena **arena)
{
	gh_arena_free(*arena);
}

gh_code gh_lzma1(gh_ctx *ctx, gh_cur *in, gh_buf *out, const gh_lzma1_ask *ask, gh_lzma1_met *met)
{
	struct food f = { .from = in->ptr, .end = in->ptr + in->left };
	/* Hardened builds would fill all of it with zeros, for the smallest stream too. */
	__attribute__((uninitialized)) union {
		struct model m;
		uint16_t probs[sizeof(struct model) / 2 + (size_t)LITERAL_SET * LITERALS_INSIDE];
	} small;
	__attribute__((cleanup(arena_done))) gh_arena *own = NULL;
	size_t n = sizeof(struct model) / 2 + ((size_t)LITERAL_SET << (ask->lc + ask->lp));
	uint16_t *probs = small.probs;
	*met = (gh_lzma1_met){ 0 };
	if (in->left < 5)
		return gh_fail(ctx, GH_TRUNCATED, in->pos + in->left, "LZMA data is cut short at its start");
	if (in->ptr[0] != 0)
		return gh_fail(ctx, GH_NOT_MINE, in->pos, "LZMA data begins with a byte of 0");
	if (n > GH_COUNT(small.probs)) {
		own = gh_arena_new(n * sizeof *probs + 4096);
		probs = own ? gh_arena_alloc(own, n * sizeof *probs) : NULL;
		if (!probs)
			return gh_nomem(ctx);
	}
	probs[0] = HALF;
	for (size_t done = 1; done < n; done *= 2)
		memcpy(probs + done, probs, GH_MIN(done, n - done) * sizeof *probs);
	gh_cur c = *in;
	gh_skip(&c, 1);
	struct lzma1 d = {
		.m = (struct model *)(void *)probs,
		.lc = ask->lc,
		.lp_mask = (1u << ask->lp) - 1,
		.pb_mask = (1u << ask->pb) - 1,
		.coder = { .range = UINT32_MAX, .code = gh_u32be(&c) },
	};
	d.coder.p = c.ptr;
	if (in->left >= SYMBOL_MOST)
		d.turn = f.end - SYMBOL_MOST;
	else
		turn_to_tail(&d, &f);
	return decode(ctx, in, out, ask, met, &d, &f);
}
