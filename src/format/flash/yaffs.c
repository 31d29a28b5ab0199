/* SPDX-License-Identifier: Apache-2.0 */
/* YAFFS 1 and 2, file systems of raw NAND, with their spare bytes. See yaffs_in.h for the layout and the files. */
#include "format/flash/yaffs_in.h"

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_yaffs_shape shape;
	gh_code code = gh_yaffs_find_shape(ctx, c, &shape);
	if (code != GH_OK)
		return code;
	gh_yaffs *y = gh_arena_zalloc(ctx->arena, sizeof *y);
	if (!y)
		return gh_nomem(ctx);
	y->shape = shape;
	y->bytes = gh_rest(&c);
	y->pos = c.pos;
	code = gh_yaffs_scan(ctx, y);
	*ret = (gh_span){ .size = y->size, .state = y, .proof = y->good > 1 ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return code;
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_yaffs *y)
{
	const gh_yaffs_shape *s = &y->shape;
	gh_code code = gh_node_factf(ctx, out, "version", "%u", s->version);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "byte-order", s->big ? GH_LIT("big") : GH_LIT("little"));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "page", "%u + %u", s->page, s->spare);
	if (code == GH_OK && s->version == 2)
		code = gh_node_factf(ctx, out, "tags", "%s byte %u, %s", s->spare ? "spare" : "page", s->tags_at,
				     s->big_tags ? "big-endian" : "little-endian");
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "pages", "%u in use, %zu of them headers, %u erased", y->good,
				     y->n_headers, y->erased);
	if (code == GH_OK && y->checkpoint > 0)
		code = gh_node_factf(ctx, out, "checkpoint", "%u pages", y->checkpoint);
	if (code == GH_OK && y->foreign > 0)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at, "%u pages with tags that make no sense are left out",
				    y->foreign);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_yaffs *y = span->state;
	y->log.bytes = y->bytes = gh_rest(&c);
	y->log.pos = c.pos;
	y->log.ops = &gh_yaffs_ops;
	y->log.state = y;
	y->log.root = GH_YAFFS_ROOT;
	y->log.one_clock = y->log.grows = y->log.no_counts = true;
	gh_code code = facts(ctx, out, y);
	if (code == GH_OK)
		code = gh_log_volume(ctx, &y->log, out);
	if (code != GH_OK || !out->volume)
		return code;
	gh_extents_to(&y->used, c.pos, out->volume);
	return GH_OK;
}

const gh_format gh_format_yaffs = {
	.name = "yaffs", .title = "YAFFS file system, versions 1 and 2",
	.spec = "yaffs2: yaffs_guts.h, yaffs_packedtags1.h, yaffs_packedtags2.h", .kind = GH_NODE_VOLUME,
	.limits = "starts at the first object header; a dump without spare bytes needs inband tags; page ECC is not applied",
	/* type, parent, unused ffff, the first byte of a name (none: a directory) */
	.magic = {
		{ "[\\x01-\\x05]\\x00\\x00\\x00..[\\x00-\\x07]\\x00\\xff\\xff[\\x21-\\x7e\\x80-\\xfe]", 11, 0 },
		{ "\\x03\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\xff\\xff\\x00", 11, 0 },
		{ "\\x00\\x00\\x00[\\x01-\\x05]\\x00[\\x00-\\x07]..\\xff\\xff[\\x21-\\x7e\\x80-\\xfe]", 11, 0 },
		{ "\\x00\\x00\\x00\\x03\\x00\\x00\\x00\\x01\\xff\\xff\\x00", 11, 0 },
	},
	.measure = measure, .unpack = unpack,
};
