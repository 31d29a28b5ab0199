/* SPDX-License-Identifier: Apache-2.0 */
#include "asm/work_in.h"
#include "bytes/cur.h"

enum { SHARE = 16, MOST_ROWS = 1 << 26 };

bool gh_vec_grow(gh_work *w, gh_vec *v)
{
	uint32_t cap = v->cap ? v->cap * 2 : 64;
	void *grown = NULL;
	if (cap <= MOST_ROWS)
		grown = gh_arena_grow(w->ctx->arena, v->ptr, (size_t)v->cap * v->size, (size_t)cap * v->size);
	if (grown) {
		v->ptr = grown;
		v->cap = cap;
		return true;
	}
	bool full = cap > MOST_ROWS || gh_arena_left(w->ctx->arena) < (size_t)cap * v->size;
	w->code =
		full ? gh_fail(w->ctx, GH_LIMIT, 0, "code makes more than %u rows of a table", v->n) : gh_nomem(w->ctx);
	return false;
}

uint64_t gh_table_row(const gh_work *w, const gh_region *r, const gh_insn *in, uint32_t i)
{
	if (in->width == 0) /* a row of branches */
		return in->target + (uint64_t)i * 4;
	gh_cur c = gh_cur_over(
		gh_bytes_part(r->code.bytes, in->target + (uint64_t)i * in->width - r->code.address, in->width), 0);
	bool big = (w->image->mode & GH_DECODE_BIG) != 0;
	uint64_t v = big ? gh_uint_be(&c, in->width) : gh_uint_le(&c, in->width);
	if (!gh_cur_ok(&c))
		return 0;
	return in->width == 4 ? v : in->target + 2 * v;
}

uint64_t gh_outer_entry(const gh_work *w, uint64_t address)
{
	const gh_region *r = w->abi->self == 12 ? gh_region_at(w, address - 8) : NULL;
	gh_bytes b = r ? gh_bytes_part(r->code.bytes, address - 8 - r->code.address, 4) : (gh_bytes){ NULL, 0 };
	return b.len == 4 && gh_word(b.ptr, w->image->mode) >> 16 == 0x3c4c ? address - 8 : address;
}

static gh_code regions(gh_work *w)
{
	const gh_image *image = w->image;
	gh_arena *scratch = w->ctx->scratch;
	w->regions = gh_arena_array(scratch, image->n_code, sizeof *w->regions);
	if (!w->regions)
		return gh_nomem(w->ctx);
	for (uint32_t i = 0; i < image->n_code; i++) {
		gh_region *r = &w->regions[w->n_regions];
		r->code = image->code[i];
		r->units = r->code.bytes.len / w->abi->unit;
		if (r->units == 0)
			continue;
		gh_code code = gh_spend_bytes(w->ctx, r->code.bytes.len / SHARE);
		r->marks = code ? NULL : gh_arena_zalloc(scratch, r->units + 1);
		r->waits = code ? NULL : gh_arena_zalloc(scratch, r->units + 1);
		r->chunks = code ? NULL : gh_arena_array(scratch, (r->units >> GH_CHUNK) + 1, sizeof *r->chunks);
		if (!r->marks || !r->waits || !r->chunks) {
			w->p->counts.cut = true; /* the rest is not read: counted, not silent */
			w->p->counts.unread += r->code.bytes.len;
			continue;
		}
		w->n_regions++;
		if (!w->main || r->units > w->main->units)
			w->main = r;
	}
	return GH_OK;
}

static void tables(gh_work *w)
{
	w->backs.size = sizeof(gh_back);
	w->functions.size = sizeof(gh_function);
	w->blocks.size = sizeof(gh_block);
	w->calls.size = sizeof(gh_call);
	w->uses.size = sizeof(gh_use);
	w->values.size = sizeof(gh_value);
	w->edges.size = sizeof(uint32_t);
	w->pointers.size = sizeof(uint64_t);
	w->runs.size = sizeof(gh_string);
}

/* Room for as many rows as code of this size usually makes, where there is plenty: tables that grow are copied. */
static void reserve(gh_work *w, gh_vec *v, uint64_t rows)
{
	uint64_t size = rows * v->size;
	if (rows == 0 || rows > MOST_ROWS || size > gh_arena_left(w->ctx->arena) / 16)
		return;
	v->ptr = gh_arena_alloc(w->ctx->arena, size);
	v->cap = v->ptr ? (uint32_t)rows : 0;
}

static void reserve_all(gh_work *w)
{
	uint64_t words = 0;
	for (uint32_t i = 0; i < w->n_regions; i++)
		words += w->regions[i].code.bytes.len / 4;
	reserve(w, &w->blocks, words / 7);
	reserve(w, &w->calls, words / 12);
	reserve(w, &w->uses, words / 7);
	reserve(w, &w->values, words / 6);
}

static gh_code read_code(gh_work *w)
{
	gh_code code = regions(w);
	if (!code)
		reserve_all(w);
	if (!code)
		code = gh_code_sweep(w);
	if (!code && w->abi->decode == gh_decode_mips && w->image->gp)
		w->many_gp = gh_mips_has_many_gp(w);
	if (!code)
		code = gh_code_walk(w);
	if (code == GH_LIMIT) {
		w->p->counts.cut = true;
		w->code = GH_OK;
		code = GH_OK;
	}
	return code ? code : gh_code_settle(w);
}

gh_code gh_program_read(gh_ctx *ctx, gh_bytes file, gh_program **ret)
{
	gh_image *image;
	gh_program *p = gh_arena_zalloc(ctx->arena, sizeof *p);
	gh_work *w = gh_arena_zalloc(ctx->scratch, sizeof *w);
	if (!p || !w)
		return gh_nomem(ctx);
	gh_code code = gh_image_read(ctx, file, &image);
	if (code)
		return code;
	*w = (gh_work){ .ctx = ctx, .image = image, .abi = image->abi, .p = p };
	w->shift = image->abi ? (unsigned)__builtin_ctz(image->abi->unit) : 0;
	*p = (gh_program){ .file = file,
			   .imports = image->imports,
			   .n_imports = image->n_imports,
			   .entry = GH_NONE,
			   .main = GH_NONE,
			   .spans = image->spans,
			   .n_spans = image->n_spans,
			   .counts = { .unread = image->unread, .cut = image->unread > 0 } };
	tables(w);
	code = gh_runs_find(w);
	if (!code && image->abi) {
		p->cpu = image->abi->cpu;
		p->big = (image->mode & GH_DECODE_BIG) != 0;
		code = read_code(w);
	}
	if (!code)
		code = gh_strings_settle(w);
	if (!code)
		*ret = p;
	return code;
}

gh_value gh_call_argument(const gh_program *p, const gh_call *call, unsigned i)
{
	return i < call->n_values ? p->values[call->value + i] : (gh_value){ 0, GH_NONE, GH_UNKNOWN };
}

gh_bytes gh_value_view(const gh_program *p, gh_value value)
{
	if (value.kind == GH_STRING && value.index < p->n_strings) {
		const gh_string *s = &p->strings[value.index];
		return gh_bytes_part(s->bytes, value.number - s->address, s->bytes.len);
	}
	if (value.kind != GH_DATA)
		return (gh_bytes){ NULL, 0 };
	const gh_span *s = gh_span_at(p->spans, p->n_spans, value.number);
	return s ? gh_bytes_part(s->bytes, value.number - s->address, s->bytes.len) : (gh_bytes){ NULL, 0 };
}

uint32_t gh_program_function_at(const gh_program *p, uint64_t address)
{
	uint32_t low = 0, high = p->n_functions;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (p->functions[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low && address - p->functions[low - 1].address < p->functions[low - 1].size ? low - 1 : GH_NONE;
}
