/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand in a block: statements that add bytes and statements that change the bytes that
 * the block has so far.
 */
#include "volume.h"

#include <stdlib.h>

enum { DEEP = 32 };

static void text(lab *l, const lab_st *st, lab_out *out)
{
	for (size_t i = 1; i < st->n; i++)
		lab_add(out, lab_word(l, st, i));
}

static void line(lab *l, const lab_st *st, lab_out *out)
{
	for (size_t i = 1; i < st->n; i++) {
		lab_add(out, lab_word(l, st, i));
		lab_fill(out, '\n', 1);
	}
	if (st->n == 1)
		lab_fill(out, '\n', 1);
}

static void hex(lab *l, const lab_st *st, lab_out *out)
{
	int high = -1;
	for (size_t i = 1; i < st->n; i++) {
		gh_bytes w = lab_word(l, st, i);
		for (size_t k = 0; k < w.len; k++) {
			const char *at = strchr("0123456789abcdef", w.ptr[k]);
			if (!at || !w.ptr[k]) {
				if (w.ptr[k] == ' ')
					continue;
				lab_die(st, "hex takes digits 0-9 a-f");
			}
			int digit = (int)(at - "0123456789abcdef");
			if (high >= 0)
				lab_fill(out, (uint8_t)(high << 4 | digit), 1);
			high = high >= 0 ? -1 : digit;
		}
	}
	if (high >= 0)
		lab_die(st, "hex takes an even number of digits");
}

static void integer(lab *l, const lab_st *st, lab_out *out)
{
	unsigned width = (unsigned)strtoul((const char *)st->words[0].ptr + 1, NULL, 10) / 8;
	lab_order order = gh_bytes_end(st->words[0], GH_LIT("be")) ? LAB_BIG : LAB_LITTLE;
	for (size_t i = 1; i < st->n; i++)
		lab_put(out, order, lab_number(st, lab_word(l, st, i), 0), width);
}

static uint64_t seed_of(lab *l, const lab_st *st)
{
	return lab_number_of(l, st, "seed", 1);
}

/* zeros N, fill BYTE N, random N seed S, prose N seed S, code N seed S order little|big */
static void filler(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const orders[] = { "little", "big" };
	gh_bytes what = st->words[0];
	uint64_t n = lab_number(st, lab_word(l, st, 1), 0);
	if (lab_is(what, "zeros")) {
		lab_fill(out, 0, n);
	} else if (lab_is(what, "fill")) {
		lab_fill(out, (uint8_t)n, lab_number(st, lab_word(l, st, 2), 0));
	} else if (n > GH_MIB(64)) {
		lab_die(st, "more than 64 MiB of filler");
	} else if (lab_is(what, "prose")) {
		lab_prose(out, n, seed_of(l, st));
	} else if (lab_is(what, "code")) {
		lab_code(out, n, seed_of(l, st),
			 (lab_order)lab_choice(st, lab_value(l, st, "order", "big"), orders, 2));
	} else {
		uint64_t state = seed_of(l, st);
		for (uint64_t i = 0; i < n; i++)
			lab_fill(out, (uint8_t)(lab_random(&state) >> 56), 1);
	}
}

/* at OFFSET [fill BYTE]; align N [fill BYTE] */
static void place(lab *l, const lab_st *st, lab_out *out)
{
	uint64_t n = lab_number(st, lab_word(l, st, 1), 0);
	uint8_t byte = (uint8_t)lab_number_of(l, st, "fill", 0xff);
	if (lab_is(st->words[0], "align")) {
		lab_pad(out, (size_t)n, byte);
		return;
	}
	if (n < out->len)
		lab_die(st, "0x%jx is taken: the block is 0x%zx long already", (uintmax_t)n, out->len);
	lab_fill(out, byte, n - out->len);
}

static void repeat(lab *l, const lab_st *st, lab_out *out)
{
	uint64_t times = lab_number(st, lab_word(l, st, 1), 0), before = l->turn;
	bool was = l->turning;
	l->turning = true;
	for (l->turn = 0; l->turn < times; l->turn++)
		lab_nest(l, st, out);
	l->turn = before;
	l->turning = was;
}

/* times N { … }: the same bytes again and again */
static void times(lab *l, const lab_st *st, lab_out *out)
{
	uint64_t n = lab_number(st, lab_word(l, st, 1), 0), most = GH_MIB(256);
	gh_bytes b = lab_block(l, st);
	if (b.len && n > most / b.len)
		lab_die(st, "more than 256 MiB");
	for (uint64_t i = 0; i < n; i++)
		lab_add(out, b);
}

/* overwrite at N { … }; flip at N bit B; truncate N (negative numbers are not known: "less N") */
static void patch(lab *l, const lab_st *st, lab_out *out)
{
	gh_bytes what = st->words[0];
	if (lab_is(what, "truncate")) {
		uint64_t n = lab_has(st, "less") ? out->len - GH_MIN(out->len, lab_number_of(l, st, "less", 0))
						 : lab_number(st, lab_word(l, st, 1), 0);
		if (n > out->len)
			lab_die(st, "the block is only 0x%zx long", out->len);
		out->len = (size_t)n;
		return;
	}
	uint64_t at = lab_number_of(l, st, "at", 0);
	gh_bytes b = lab_is(what, "overwrite") ? lab_block(l, st) : GH_LIT("\0");
	if (at > out->len || b.len > out->len - at)
		lab_die(st, "offset 0x%jx lies behind the 0x%zx bytes of the block", (uintmax_t)at, out->len);
	if (lab_is(what, "overwrite"))
		memcpy(out->ptr + at, b.ptr, b.len);
	else
		out->ptr[at] ^= (uint8_t)(1U << (lab_number_of(l, st, "bit", 0) & 7));
}

/* substitute OLD NEW: every place, at least one */
static void substitute(lab *l, const lab_st *st, lab_out *out)
{
	gh_bytes old = lab_word(l, st, 1), new = lab_word(l, st, 2), in = lab_view(out);
	lab_out made = lab_out_in(l->arena);
	bool met = false;
	for (size_t i = 0; i < in.len;) {
		if (old.len && gh_bytes_start(gh_view(in.ptr + i, in.len - i), old)) {
			lab_add(&made, new);
			i += old.len;
			met = true;
		} else {
			lab_fill(&made, in.ptr[i++], 1);
		}
	}
	if (!met)
		lab_die(st, "\"%s\" is not there", (const char *)old.ptr);
	*out = made;
}

static const struct {
	const char *name;
	lab_maker *make;
} makers[] = {
	{ "text", text },
	{ "line", line },
	{ "hex", hex },
	{ "u8", integer },
	{ "u16le", integer },
	{ "u16be", integer },
	{ "u32le", integer },
	{ "u32be", integer },
	{ "u64le", integer },
	{ "u64be", integer },
	{ "zeros", filler },
	{ "fill", filler },
	{ "random", filler },
	{ "prose", filler },
	{ "code", filler },
	{ "at", place },
	{ "align", place },
	{ "repeat", repeat },
	{ "times", times },
	{ "image", lab_nest },
	{ "overwrite", patch },
	{ "flip", patch },
	{ "truncate", patch },
	{ "substitute", substitute },
	{ "tplink-v1", lab_tplink_v1 },
	{ "tplink-v2", lab_tplink_v2 },
	{ "uimage", lab_uimage },
	{ "trx", lab_trx },
	{ "tar", lab_tar },
	{ "cpio", lab_cpio },
	{ "zip", lab_zip },
	{ "squashfs", lab_squashfs },
	{ "elf", lab_elf },
	{ "mtds", lab_mtds },
	{ "nand", lab_nand },
	{ "swap", lab_swap },
};

void lab_content(lab *l, const lab_st *st, lab_out *out)
{
	if (++l->depth > DEEP)
		lab_die(st, "blocks go %d deep", DEEP);
	size_t i = 0;
	while (i < GH_COUNT(makers) && !lab_is(st->words[0], makers[i].name))
		i++;
	if (i < GH_COUNT(makers))
		makers[i].make(l, st, out);
	else if (!lab_stream(l, st, out))
		lab_die(st, "nobody knows how to make \"%s\"", (const char *)st->words[0].ptr);
	l->depth--;
}

void lab_block_into(lab *l, const lab_st *st, lab_out *out)
{
	for (const lab_st *s = st->first; s; s = s->next)
		lab_content(l, s, out);
}

gh_bytes lab_block(lab *l, const lab_st *st)
{
	lab_out out = lab_out_in(l->arena);
	lab_block_into(l, st, &out);
	return lab_view(&out);
}

void lab_nest(lab *l, const lab_st *st, lab_out *out)
{
	size_t first = l->volumes_n;
	gh_bytes b = lab_block(l, st);
	lab_volumes_shift(l, first, out->len);
	lab_add(out, b);
}
