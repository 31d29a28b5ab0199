/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of pages. Of written pages some spare bytes are nearly always erased (the mark of bad blocks, free
 * bytes), which in the wrong shape they are not, since data lies there. The code is proven by computing it: for
 * each of its bytes the place among the spare bytes is sought where it stands in most pages, so no layout of a
 * driver need be known.
 */
#include "format/device/nand_in.h"

enum {
	LOOKED_AT = 256, /* written pages by which a shape is judged … */
	TRIED = 4096,    /* … of this many, at even distances */
	WRITTEN_LEAST = 12,
	QUIET_LEAST = 2, /* spare bytes that are erased, where the size fits the shape … */
	QUIET_UNFIT = 4, /* … and where it does not */
	CODE_PAGES = 48,
	CODE_LEAST = 8,
};

static const gh_nand_shape shapes[] = {
	{ 512, 16, 32 },    { 2048, 64, 64 },   { 2048, 96, 64 },   { 2048, 112, 64 },  { 2048, 128, 64 },
	{ 4096, 128, 64 },  { 4096, 208, 64 },  { 4096, 216, 64 },  { 4096, 218, 64 },  { 4096, 224, 64 },
	{ 4096, 232, 64 },  { 4096, 256, 64 },  { 8192, 256, 128 }, { 8192, 436, 128 }, { 8192, 448, 128 },
	{ 8192, 512, 128 }, { 8192, 640, 128 }, { 8192, 744, 128 },
};

static const struct {
	const char *name;
	uint32_t step, bytes;
	unsigned t;
	bool low_first;
} codes[] = {
	{ "hamming over 256 bytes", 256, GH_HAMMING_BYTES, 0, false },
	{ "hamming over 512 bytes", 512, GH_HAMMING_BYTES, 0, false },
	{ "bch of 4 bits over 512 bytes", 512, 7, 4, false },
	{ "bch of 8 bits over 512 bytes", 512, 13, 8, false },
	{ "bch of 4 bits over 512 bytes, low bits first", 512, 7, 4, true },
	{ "bch of 8 bits over 512 bytes, low bits first", 512, 13, 8, true },
};

/* The written pages of a sample. */
struct sample {
	uint64_t pages[LOOKED_AT];
	size_t count;
};

bool gh_nand_is_erased(gh_bytes b)
{
	uint64_t word, all = UINT64_MAX;
	size_t i = 0;
	for (; i + sizeof word <= b.len && all == UINT64_MAX; i += sizeof word) {
		memcpy(&word, b.ptr + i, sizeof word);
		all &= word;
	}
	for (; i < b.len && all == UINT64_MAX; i++)
		all = b.ptr[i] == 0xff ? all : 0;
	return all == UINT64_MAX;
}

void gh_nand_compute(const gh_nand_code *code, gh_bytes step, uint8_t *ret)
{
	if (code->t)
		gh_bch_code(code->bch, step, code->low_first, ret);
	else
		gh_hamming(step, ret);
}

gh_ecc gh_nand_mend(const gh_nand_code *code, uint8_t *step, const uint8_t *stored, const uint8_t *computed,
		    unsigned *bits)
{
	if (code->t)
		return gh_bch_mend(code->bch, step, code->low_first, stored, computed, bits);
	return gh_hamming_mend(step, code->step, stored, computed, bits);
}

static void take_sample(const gh_nand *n, struct sample *s)
{
	uint64_t stride = GH_MAX(n->pages / TRIED, (uint64_t)1);
	s->count = 0;
	for (uint64_t page = 0; page < n->pages && s->count < LOOKED_AT; page += stride)
		if (!gh_nand_is_erased(gh_nand_data(n, page)))
			s->pages[s->count++] = page;
}

/* How many spare bytes are erased in 15 of 16 written pages, given that the data before them is not. */
static uint32_t quiet_bytes(const gh_nand *n, const struct sample *s, bool *marked)
{
	uint16_t erased[GH_NAND_SPARE_MOST] = { 0 };
	uint32_t quiet = 0, in_data = 0;
	for (size_t i = 0; i < s->count; i++) {
		gh_bytes spare = gh_nand_spare(n, s->pages[i]), data = gh_nand_data(n, s->pages[i]);
		if (!data.ptr || !spare.ptr || data.len < 2)
			continue;
		for (size_t k = 0; k < spare.len; k++)
			erased[k] = (uint16_t)(erased[k] + (spare.ptr[k] == 0xff));
		in_data += data.ptr[data.len - 1] == 0xff && data.ptr[data.len - 2] == 0xff;
	}
	uint32_t enough = (uint32_t)(s->count - s->count / 16);
	for (size_t k = 0; k < n->shape.spare; k++)
		quiet += erased[k] >= enough;
	*marked = erased[n->shape.page == 512 ? 5 : 0] > s->count / 2; /* bad blocks count as written */
	/* where the data ends erased as well, erased bytes behind it say nothing */
	return in_data > s->count / 2 ? 0 : quiet;
}

/* The place of one byte of the code: where it stands in most of the pages, perhaps with some bits inverted. */
static bool place_byte(const gh_nand *n, const struct sample *s, const uint8_t *want, size_t count, uint16_t *ret,
		       uint8_t *mask)
{
	size_t best = 0;
	for (uint32_t k = 0; k < n->shape.spare; k++) {
		uint8_t differs[256] = { 0 }; /* CODE_PAGES are fewer */
		for (size_t i = 0; i < count; i++) {
			gh_bytes spare = gh_nand_spare(n, s->pages[i]);
			uint8_t by = spare.ptr ? spare.ptr[k] ^ want[i] : 0;
			if (++differs[by] > best) {
				best = differs[by];
				*ret = (uint16_t)k;
				*mask = by;
			}
		}
	}
	return best >= CODE_LEAST && best >= count - count / 4;
}

/* All of one value: its code is one value, too, and says nothing of where it stands. */
static bool is_uniform(gh_bytes b)
{
	return b.len < 2 || memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0;
}

/* How often the most frequent value stands among these. */
static size_t most_alike(const uint8_t *values, size_t count)
{
	uint8_t seen[256] = { 0 };
	size_t most = 0;
	for (size_t i = 0; i < count; i++) {
		size_t times = ++seen[values[i]];
		most = GH_MAX(most, times);
	}
	return most;
}

static bool place_step(gh_nand *n, const struct sample *s, uint32_t step)
{
	uint8_t want[GH_NAND_CODE_BYTES][CODE_PAGES], one[GH_NAND_CODE_BYTES];
	struct sample written = { 0 };
	gh_nand_code *code = &n->code;
	for (size_t i = 0; i < s->count && written.count < CODE_PAGES; i++) {
		gh_bytes part = gh_bytes_part(gh_nand_data(n, s->pages[i]), (uint64_t)step * code->step, code->step);
		if (is_uniform(part))
			continue;
		gh_nand_compute(code, part, one);
		for (uint32_t k = 0; k < code->bytes; k++)
			want[k][written.count] = one[k];
		written.pages[written.count++] = s->pages[i];
	}
	if (written.count < CODE_LEAST)
		return false;
	for (uint32_t k = 0; k < code->bytes; k++)
		if (most_alike(want[k], written.count) > written.count / 2 ||
		    !place_byte(n, &written, want[k], written.count, &code->at[step][k], &code->mask[step][k]))
			return false;
	return true;
}

static bool find_code(gh_nand *n, const struct sample *s, const gh_bch *const bch[2])
{
	for (size_t i = 0; i < GH_COUNT(codes); i++) {
		n->code = (gh_nand_code){ .name = codes[i].name,
					  .step = codes[i].step,
					  .steps = n->shape.page / codes[i].step,
					  .bytes = codes[i].bytes,
					  .t = codes[i].t,
					  .low_first = codes[i].low_first,
					  .bch = bch[codes[i].t == 8] };
		bool all = n->code.steps <= GH_NAND_STEPS && n->code.steps * n->code.bytes <= n->shape.spare;
		for (uint32_t step = 0; step < n->code.steps && all; step++)
			all = place_step(n, s, step);
		if (all)
			return true;
	}
	n->code = (gh_nand_code){ .name = NULL };
	return false;
}

gh_code gh_nand_find(gh_ctx *ctx, gh_nand *n)
{
	struct sample s = { 0 };
	const gh_bch *bch[2] = { gh_bch_new(ctx->arena, 4), gh_bch_new(ctx->arena, 8) };
	if (!bch[0] || !bch[1])
		return gh_nomem(ctx);
	gh_nand best = { .quiet = 0 };
	for (size_t i = 0; i < GH_COUNT(shapes); i++) {
		uint64_t whole = (uint64_t)shapes[i].page + shapes[i].spare;
		bool fits = n->bytes.len % whole == 0;
		n->shape = shapes[i];
		n->pages = n->bytes.len / whole;
		gh_code code = gh_effort(ctx, GH_MIN(n->pages, (uint64_t)TRIED) * whole);
		if (code != GH_OK)
			return code;
		take_sample(n, &s);
		if (s.count < WRITTEN_LEAST)
			continue;
		n->quiet = quiet_bytes(n, &s, &n->marked);
		bool quiet = n->quiet >= (fits ? QUIET_LEAST : QUIET_UNFIT) && (fits || s.count >= LOOKED_AT / 2);
		if (!fits && !quiet)
			continue;
		if (find_code(n, &s, bch)) {
			gh_behind(ctx, n->bytes.ptr, n->bytes.len);
			return GH_OK;
		}
		/* a shape of larger pages would have fewer erased bytes for what they are */
		if (quiet && n->marked && n->quiet > best.quiet)
			best = *n;
		gh_behind(ctx, n->bytes.ptr, n->bytes.len);
	}
	if (best.quiet == 0)
		return gh_fail(ctx, GH_NOT_MINE, n->pos, "no spare bytes beside pages of flash");
	*n = best;
	return GH_OK;
}
