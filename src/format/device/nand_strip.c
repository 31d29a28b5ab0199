/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spare bytes taken off. A bad block is left out, as the boot loader skips it; the next erased block is given
 * twice for it, so that what lies behind keeps the offset it has on the chip.
 */
#include "format/device/nand_in.h"
#include "format/flash/yaffs_in.h"

/* A run of YAFFS goes on over this many blocks without a header. */
enum { YAFFS_HOLE = 32 };

static bool block_erased(const gh_nand *n, uint64_t first)
{
	for (uint64_t p = first; p < GH_MIN(first + n->shape.block, n->pages); p++)
		if (!gh_nand_is_erased(gh_nand_data(n, p)))
			return false;
	return true;
}

static bool block_bad(const gh_nand *n, uint64_t first)
{
	uint32_t mark = n->shape.page == 512 ? 5 : 0;
	for (uint64_t p = first; n->marked && p < GH_MIN(first + 2, n->pages); p++) {
		gh_bytes spare = gh_nand_spare(n, p);
		if (mark < spare.len && __builtin_popcount(spare.ptr[mark]) < 7) /* one flipped bit is no mark */
			return true;
	}
	return false;
}

static bool block_yaffs(const gh_nand *n, uint64_t first)
{
	for (uint64_t p = first; p < GH_MIN(first + n->shape.block, n->pages); p++) {
		gh_bytes data = gh_nand_data(n, p);
		if (gh_yaffs_header_like(data, false) || gh_yaffs_header_like(data, true))
			return true;
	}
	return false;
}

static gh_code add_run(gh_ctx *ctx, gh_nand *n, gh_nand_run run)
{
	gh_nand_run *last = n->n_runs ? &n->runs[n->n_runs - 1] : NULL;
	if (run.first == run.end)
		return GH_OK;
	if (last && last->keep_spare == run.keep_spare) {
		last->end = run.end;
		return GH_OK;
	}
	gh_nand_run *grown =
		gh_arena_grow(ctx->arena, n->runs, n->n_runs * sizeof *grown, (n->n_runs + 1) * sizeof *grown);
	if (!grown)
		return gh_nomem(ctx);
	n->runs = grown;
	n->runs[n->n_runs++] = run;
	return GH_OK;
}

/* Pages up to `page` were read and are not needed for now. */
static void passed(const gh_ctx *ctx, const gh_nand *n, uint64_t page, uint64_t *seen)
{
	uint64_t at = gh_nand_at(n, page);
	if (at - *seen < GH_PASS && page < n->pages)
		return;
	gh_behind(ctx, n->bytes.ptr + *seen, (size_t)(at - *seen));
	*seen = at;
}

/* Which blocks are bad, and where YAFFS lies. */
static gh_code find_runs(gh_ctx *ctx, gh_nand *n)
{
	uint64_t done = 0, yaffs_from = UINT64_MAX, yaffs_end = 0, blocks = n->pages / n->shape.block + 1;
	n->bad = gh_arena_array(ctx->arena, (size_t)blocks, sizeof *n->bad);
	if (!n->bad)
		return gh_nomem(ctx);
	gh_code code = GH_OK;
	uint64_t seen = 0;
	for (uint64_t p = 0; p < n->pages && code == GH_OK; p += n->shape.block) {
		uint64_t end = GH_MIN(p + n->shape.block, n->pages);
		bool bad = block_bad(n, p);
		if (bad)
			n->bad[n->n_bad++] = p;
		else if (block_yaffs(n, p)) {
			yaffs_from = GH_MIN(yaffs_from, p);
			yaffs_end = end;
		}
		bool over = yaffs_end > 0 && (end - yaffs_end > (uint64_t)YAFFS_HOLE * n->shape.block ||
					      (!bad && yaffs_end < end && block_erased(n, p)));
		if (yaffs_end > 0 && (over || end == n->pages)) {
			/* data without a header goes with the run up to an erased block or the end */
			uint64_t stop = !over ? end : GH_MAX(yaffs_end, end - n->shape.block);
			stop = over && end - yaffs_end > (uint64_t)YAFFS_HOLE * n->shape.block ? yaffs_end : stop;
			code = add_run(ctx, n, (gh_nand_run){ .first = done, .end = yaffs_from });
			if (code == GH_OK)
				code = add_run(ctx, n,
					       (gh_nand_run){ .keep_spare = true, .first = yaffs_from, .end = stop });
			done = stop;
			yaffs_from = UINT64_MAX;
			yaffs_end = 0;
		}
		passed(ctx, n, end, &seen);
	}
	return code == GH_OK ? add_run(ctx, n, (gh_nand_run){ .first = done, .end = n->pages }) : code;
}

static bool code_erased(const gh_nand_code *code, gh_bytes spare, uint32_t step)
{
	uint32_t k = 0;
	while (k < code->bytes && spare.ptr[code->at[step][k]] == 0xff)
		k++;
	return k == code->bytes;
}

static void check_page(gh_nand *n, uint64_t page, uint8_t *data)
{
	const gh_nand_code *code = &n->code;
	gh_bytes spare = gh_nand_spare(n, page);
	for (uint32_t step = 0; spare.ptr && step < code->steps; step++) {
		uint8_t stored[GH_NAND_CODE_BYTES], computed[GH_NAND_CODE_BYTES],
			*at = data + (size_t)step * code->step;
		unsigned bits = 0;
		for (uint32_t k = 0; k < code->bytes; k++)
			stored[k] = spare.ptr[code->at[step][k]] ^ code->mask[step][k];
		gh_nand_compute(code, gh_view(at, code->step), computed);
		switch (gh_nand_mend(code, at, stored, computed, &bits)) {
		case GH_ECC_RIGHT:
			n->right++;
			break;
		case GH_ECC_MENDED:
			n->mended++;
			n->bits += bits;
			break;
		case GH_ECC_LOST:
			/* a page that was written without its code has none to fit */
			if (code_erased(code, spare, step))
				break;
			if (n->n_lost < GH_NAND_LOST_NOTED)
				n->lost_at[n->n_lost++] = gh_nand_at(n, page) + (uint64_t)step * code->step;
			n->lost++;
			break;
		}
	}
}

static size_t put_page(gh_nand *n, const gh_nand_run *run, uint64_t page, uint8_t *out)
{
	gh_bytes data = gh_nand_data(n, page), spare = gh_nand_spare(n, page);
	if (!data.ptr || !spare.ptr)
		return 0;
	memcpy(out, data.ptr, data.len);
	if (gh_nand_is_erased(data))
		n->erased++;
	else if (n->code.name)
		check_page(n, page, out);
	if (!run->keep_spare)
		return data.len;
	memcpy(out + data.len, spare.ptr, spare.len);
	return data.len + spare.len;
}

static bool is_bad(const gh_nand *n, uint64_t block, size_t *next)
{
	while (*next < n->n_bad && n->bad[*next] < block)
		++*next;
	return *next < n->n_bad && n->bad[*next] == block;
}

static gh_code put_run(gh_ctx *ctx, gh_nand *n, gh_nand_run *run)
{
	size_t whole = (size_t)n->shape.page + (run->keep_spare ? n->shape.spare : 0), at = 0, bad = 0;
	size_t size = (size_t)(run->end - run->first) * whole;
	gh_code code = size > gh_arena_left(ctx->arena)
			       ? gh_fail(ctx, GH_LIMIT, n->pos, "%zu bytes of pages are more than may come out", size)
			       : gh_spend_bytes(ctx, size);
	if (code != GH_OK)
		return code;
	uint8_t *out = gh_arena_alloc(ctx->arena, size);
	if (!out)
		return gh_nomem(ctx);
	uint64_t owed = 0; /* pages that were left out */
	size_t behind = 0;
	uint64_t seen = gh_nand_at(n, run->first);
	for (uint64_t p = run->first; p < run->end; p += n->shape.block) {
		uint64_t end = GH_MIN(p + n->shape.block, run->end);
		size_t one = (size_t)(end - p) * whole;
		if (is_bad(n, p, &bad)) {
			owed += end - p;
			continue;
		}
		if (owed >= n->shape.block && end - p == n->shape.block && block_erased(n, p)) {
			memset(out + at, 0xff, one);
			at += one;
			owed -= n->shape.block;
		}
		for (uint64_t k = p; k < end; k++)
			at += put_page(n, run, k, out + at);
		passed(ctx, n, end, &seen);
		if (at - behind >= GH_PASS) {
			gh_behind(ctx, out + behind, at - behind);
			behind = at;
		}
	}
	memset(out + at, 0xff, size - at);
	run->decoded = gh_view(out, size);
	return GH_OK;
}

gh_code gh_nand_strip(gh_ctx *ctx, gh_nand *n)
{
	gh_code code = gh_effort(ctx, n->bytes.len);
	n->lost_at = gh_arena_array(ctx->arena, GH_NAND_LOST_NOTED, sizeof *n->lost_at);
	if (!n->lost_at)
		return gh_nomem(ctx);
	if (code == GH_OK)
		code = find_runs(ctx, n);
	for (size_t i = 0; i < n->n_runs && code == GH_OK; i++)
		code = put_run(ctx, n, &n->runs[i]);
	return code;
}
