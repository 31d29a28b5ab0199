/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAND read with its spare bytes. See nand_in.h for the layout.
 */
#include "format/device/nand_in.h"

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_nand *n = gh_arena_zalloc(ctx->arena, sizeof *n);
	if (!n)
		return gh_nomem(ctx);
	n->bytes = gh_rest(&c);
	n->pos = c.pos;
	gh_code code = gh_nand_find(ctx, n);
	if (code != GH_OK)
		return code;
	/* Bytes that begin as YAFFS does are one image of it, page by page; its own handler reads that. */
	code = gh_nand_strip(ctx, n);
	if (code != GH_OK)
		return code;
	if (!n->code.name && n->n_runs > 0 && n->runs[0].keep_spare)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "an image of YAFFS with its spare bytes");
	*ret = (gh_span){ .size = gh_nand_at(n, n->pages), .state = n };
	ret->proof = n->code.name ? GH_PROOF_SUM : GH_PROOF_PARSED;
	return GH_OK;
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_nand *n)
{
	gh_code code = gh_node_factf(ctx, out, "page", "%u + %u spare bytes", n->shape.page, n->shape.spare);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "erase-block", "%u pages, %u bytes of data (taken to be so)",
				     n->shape.block, n->shape.block * n->shape.page);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "pages", "%llu, %llu of them erased", (unsigned long long)n->pages,
				     (unsigned long long)n->erased);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "ecc", "%s",
				     n->code.name ? n->code.name : "no code that is known here: not checked");
	if (code == GH_OK && n->code.name)
		code = gh_node_factf(ctx, out, "ecc-place", "spare byte %u%s", n->code.at[0][0],
				     n->code.steps > 1 ? " on for the first step" : "");
	if (code == GH_OK && n->bits > 0)
		code = gh_node_factf(ctx, out, "bits-mended", "%llu", (unsigned long long)n->bits);
	if (code == GH_OK && n->n_bad > 0)
		code = gh_node_factf(ctx, out, "bad-blocks", "%zu", n->n_bad);
	return code;
}

static gh_code add_sum(gh_ctx *ctx, gh_node *out, const gh_nand *n)
{
	gh_sum sum = { .what = "page ECC", .algorithm = n->code.name, .at = out->at };
	if (!n->code.name) {
		sum.algorithm = "unknown";
		sum.state = GH_SUM_UNVERIFIABLE;
		sum.remark = "the code is not one of those known here";
		return gh_node_sum(ctx, out, &sum);
	}
	sum.state = n->lost ? GH_SUM_WRONG : GH_SUM_RIGHT;
	sum.remark = gh_arena_printf(ctx->arena, "%llu right, %llu mended, %llu beyond mending",
				     (unsigned long long)n->right, (unsigned long long)n->mended,
				     (unsigned long long)n->lost);
	return sum.remark ? gh_node_sum(ctx, out, &sum) : gh_nomem(ctx);
}

static gh_code add_notes(gh_ctx *ctx, gh_node *out, const gh_nand *n)
{
	gh_code code = GH_OK;
	for (size_t i = 0; i < n->n_bad && code == GH_OK; i++)
		code = gh_node_note(ctx, out, GH_OK, out->at + gh_nand_at(n, n->bad[i]),
				    "block %llu is marked as bad and left out, as a boot loader skips it",
				    (unsigned long long)(n->bad[i] / n->shape.block));
	for (size_t i = 0; i < n->n_lost && code == GH_OK; i++)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at + n->lost_at[i],
				    "%u bytes have more flipped bits than their code can mend", n->code.step);
	return code;
}

static gh_code name_parts(gh_ctx *ctx, gh_node *out, const gh_nand *n)
{
	gh_code code = GH_OK;
	for (size_t i = 0; i < n->n_runs && code == GH_OK; i++) {
		const gh_nand_run *run = &n->runs[i];
		uint64_t at = gh_nand_at(n, run->first), end = gh_nand_at(n, run->end);
		const char *how = gh_arena_printf(
			ctx->scratch, "%s%s%s",
			run->keep_spare ? "pages with their spare bytes" : "pages without their spare bytes",
			n->code.name ? ", flipped bits mended" : "",
			n->n_bad ? ", bad blocks left out and made up for by the next erased one" : "");
		if (!how)
			return gh_nomem(ctx);
		code = gh_node_part_decoded(ctx, out, run->keep_spare ? "yaffs-pages" : "pages", how, out->at + at,
					    gh_bytes_part(n->bytes, at, end - at), run->decoded);
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const gh_nand *n = span->state;
	(void)c;
	gh_code code = facts(ctx, out, n);
	if (code == GH_OK)
		code = add_sum(ctx, out, n);
	if (code == GH_OK)
		code = add_notes(ctx, out, n);
	return code == GH_OK ? name_parts(ctx, out, n) : code;
}

const gh_format gh_format_nand = {
	.name = "nand",
	.title = "NAND flash read with its spare bytes",
	.spec = "linux/drivers/mtd/nand/raw/nand_ids.c, ecc-sw-hamming.c, lib/bch.c",
	.kind = GH_NODE_CONTAINER,
	.limits = "codes over more than the data of a step (Broadcom, Qualcomm), over 1024 bytes, Reed-Solomon and "
		  "scrambled pages "
		  "are named as unknown; the size of erase blocks is the usual one for the page",
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
