/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chips as they are read: NAND with its spare bytes, dumps whose bytes stand in another order.
 *
 *	nand [page N] [spare N] [block PAGES] [size BYTES] [ecc hamming|none] [bad BLOCK] [flips N seed S] { … }
 *	swap 2|4|halves { … }
 *	mtds { part mtd0.bin { … } … }
 *
 * The code stands at the end of the spare bytes, the mark of bad blocks in the first (small pages: the sixth) of
 * them. What would lie in the bad block lies in the next one, up to an erased block that is left out. Each flip is
 * one bit in another step of a code, so that all can be mended.
 */
#include "volume.h"

#include "codec/ecc.h"

enum { STEP = 256 };

typedef struct chip {
	uint64_t page, spare, block, bad;
	bool ecc, has_bad;
} chip;

static bool erased(const uint8_t *b, size_t n)
{
	while (n > 0 && *b == 0xff) {
		b++;
		n--;
	}
	return n == 0;
}

static void put_spare(const chip *c, const uint8_t *data, uint8_t *spare)
{
	/* small pages: as drivers of SmartMedia lay it out, around the mark */
	static const uint8_t small[] = { 0, 1, 2, 3, 6, 7 };
	size_t steps = (size_t)c->page / STEP, at = (size_t)c->spare - 3 * steps;
	if (!c->ecc || erased(data, (size_t)c->page))
		return;
	for (size_t i = 0; i < steps; i++) {
		uint8_t code[GH_HAMMING_BYTES];
		gh_hamming(gh_view(data + i * STEP, STEP), code);
		for (size_t k = 0; k < sizeof code; k++)
			spare[c->page == 512 ? small[3 * i + k] : at + 3 * i + k] = code[k];
	}
}

static void put_page(const chip *c, const uint8_t *data, lab_out *out)
{
	uint8_t *at = lab_span(out, (size_t)(c->page + c->spare));
	memcpy(at, data, (size_t)c->page);
	memset(at + c->page, 0xff, (size_t)c->spare);
	put_spare(c, data, at + c->page);
}

static void put_bad_block(const chip *c, lab_out *out)
{
	for (uint64_t i = 0; i < c->block; i++) {
		uint8_t *at = lab_span(out, (size_t)(c->page + c->spare));
		if (i > 1)
			memset(at + c->page, 0xff, (size_t)c->spare);
	}
}

static void flip(lab *l, const lab_st *st, const chip *c, lab_out *out)
{
	uint64_t flips = lab_number_of(l, st, "flips", 0), state = lab_number_of(l, st, "seed", 1);
	uint64_t whole = c->page + c->spare, steps = out->len / whole * (c->page / STEP),
		 apart = flips ? steps / flips : 0;
	if (flips > steps)
		lab_die(st, "only one bit of each step can be flipped");
	for (uint64_t i = 0, step = 0; i < flips; i++, step += apart) {
		uint64_t at = step / (c->page / STEP) * whole + step % (c->page / STEP) * STEP;
		uint64_t chance = lab_random(&state) >> 40;
		if (!erased(out->ptr + at, STEP)) /* erased pages have no code */
			out->ptr[at + chance / 8 % STEP] ^= (uint8_t)(1U << chance % 8);
	}
}

void lab_nand(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const keys[] = { "page=", "spare=", "block=", "size=", "ecc=",
					    "bad=",  "flips=", "seed=",  NULL };
	static const char *const codes[] = { "hamming", "none" };
	lab_keys(st, 1, keys);
	chip c = { lab_number_of(l, st, "page", 2048),
		   lab_number_of(l, st, "spare", 64),
		   lab_number_of(l, st, "block", 64),
		   lab_number_of(l, st, "bad", 0),
		   lab_choice(st, lab_value(l, st, "ecc", "hamming"), codes, 2) == 0,
		   lab_has(st, "bad") };
	size_t first = l->volumes_n;
	lab_out data = lab_out_in(l->arena), made = lab_out_in(l->arena);
	if (c.page % STEP || c.page < 512 || c.page > 8192 || c.spare < 16 || c.spare > 1024 || c.block < 2 ||
	    c.block > 1024)
		lab_die(st, "no such page");
	lab_block_into(l, st, &data);
	lab_pad(&data, (size_t)(c.page * c.block), 0xff);
	uint64_t size = lab_number_of(l, st, "size", data.len);
	if (size < data.len || size % (c.page * c.block))
		lab_die(st, "0x%zx bytes do not fit in, or the size is not one of whole blocks", data.len);
	lab_fill(&data, 0xff, size - data.len);
	bool owed = false;
	for (uint64_t at = 0, one = c.page * c.block; at < size; at += one) {
		if (c.has_bad && at == c.bad * one) {
			put_bad_block(&c, &made);
			owed = true;
		}
		if (owed && erased(data.ptr + at, (size_t)one))
			owed = false;
		else
			for (uint64_t k = 0; k < one; k += c.page)
				put_page(&c, data.ptr + at + k, &made);
	}
	if (owed)
		lab_die(st, "there is no erased block behind the bad one");
	flip(l, st, &c, &made);
	lab_volumes_wrap(l, first);
	lab_volumes_shift(l, first, out->len);
	lab_add(out, lab_view(&made));
}

void lab_swap(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const ways[] = { "2", "4", "halves" };
	static const uint8_t orders[][4] = { { 1, 0, 3, 2 }, { 3, 2, 1, 0 }, { 2, 3, 0, 1 } };
	const uint8_t *order = orders[lab_choice(st, lab_word(l, st, 1), ways, GH_COUNT(ways))];
	size_t first = l->volumes_n;
	gh_bytes b = lab_block(l, st);
	lab_out made = lab_out_in(l->arena);
	lab_add(&made, b);
	for (size_t i = 0; i + 4 <= b.len; i++)
		made.ptr[i] = b.ptr[i / 4 * 4 + order[i % 4]];
	lab_volumes_wrap(l, first);
	lab_volumes_shift(l, first, out->len);
	lab_add(out, lab_view(&made));
}

/* part NAME { … }: one file of a ustar archive, by the rules of POSIX and no more. */
static void put_file(lab *l, const lab_st *st, lab_out *out)
{
	size_t listed = l->volumes_n;
	gh_bytes name = lab_word(l, st, 1), content = lab_block(l, st);
	l->volumes_n = listed; /* made again where it will stand */
	unsigned sum = 0;
	size_t head = out->len;
	if (!lab_is(st->words[0], "part") || name.len > 100)
		lab_die(st, "a device in files has only: part NAME { ... }");
	uint8_t *h = lab_span(out, 512);
	memcpy(h, name.ptr, name.len);
	memcpy(h + 100, "0000644\0000000000\0000000000", 23);
	(void)snprintf((char *)h + 124, 12, "%011zo", content.len);
	memcpy(h + 136, "00000000000\0        0", 21);
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < 512; i++)
		sum += h[i];
	(void)snprintf((char *)out->ptr + head + 148, 8, "%06o", sum);
}

/* A device as files of its partitions; unlike a tar, no volume of the manifest: what is in its parts is. */
void lab_mtds(lab *l, const lab_st *st, lab_out *out)
{
	size_t base = out->len;
	for (const lab_st *s = st->first; s; s = s->next) {
		put_file(l, s, out);
		lab_nest(l, s, out);
		lab_fill(out, 0, (512 - (out->len - base) % 512) % 512);
	}
	lab_fill(out, 0, 1024);
}
