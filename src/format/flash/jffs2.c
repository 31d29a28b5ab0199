/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JFFS2: the writable file system of NOR flash. The whole partition is one volume, from the first node to where
 * something else begins, however far its nodes lie apart; see jffs2_in.h for the layout and the files.
 */
#include <stdio.h>
#include <stdlib.h>

#include "format/flash/jffs2_in.h"

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_jffs2 *j = gh_arena_zalloc(ctx->arena, sizeof *j);
	if (!j)
		return gh_nomem(ctx);
	gh_code code = gh_jffs2_scan(ctx, c, j);
	if (code != GH_OK)
		return code;
	bool any = j->log.n_items + j->log.n_names > 0;
	*ret = (gh_span){ .size = j->end,
			  .state = j,
			  .proof = !any            ? GH_PROOF_SHAPE
				   : j->wrong == 0 ? GH_PROOF_SUM
						   : GH_PROOF_PARSED };
	return GH_OK;
}

static int by_attr(const void *a, const void *b)
{
	const gh_jffs2_attr *x = a, *y = b;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static gh_code fact_counts(gh_ctx *ctx, gh_node *out, const gh_jffs2 *j)
{
	const struct {
		const char *what;
		uint32_t n;
	} kinds[] = {
		{ "inode", j->n_inode },          { "name", j->n_name },       { "clean marker", j->n_clean },
		{ "padding", j->n_padding },      { "summary", j->n_summary }, { "xattr", j->n_xattr },
		{ "xattr reference", j->n_xref }, { "unknown", j->n_other },
	};
	char text[200];
	size_t len = 0;
	for (size_t i = 0; i < GH_COUNT(kinds); i++)
		if (kinds[i].n > 0)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%u %s", len ? ", " : "", kinds[i].n,
						kinds[i].what);
	gh_code code = gh_node_fact(ctx, out, "nodes", gh_view(text, len));
	if (code == GH_OK && j->n_obsolete > 0)
		code = gh_node_factf(ctx, out, "obsolete-nodes", "%u", j->n_obsolete);
	return code;
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_jffs2 *j)
{
	char text[128];
	size_t len = 0;
	gh_code code = gh_node_fact(ctx, out, "byte-order", j->big ? GH_LIT("big") : GH_LIT("little"));
	if (code == GH_OK && j->erase_size > 0)
		code = gh_node_factf(ctx, out, "erase-block", "%u", j->erase_size);
	if (code == GH_OK)
		code = fact_counts(ctx, out, j);
	for (unsigned i = 0; i < 32; i++)
		if (j->compressors >> i & 1)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? " " : "",
						gh_jffs2_compressor(i));
	if (code == GH_OK && len > 0)
		code = gh_node_fact(ctx, out, "compression", gh_view(text, len));
	gh_sum sum = { .what = "node CRCs",
		       .algorithm = "crc32 started with 0",
		       .at = out->at,
		       .state = j->wrong ? GH_SUM_WRONG : GH_SUM_RIGHT };
	sum.remark = gh_arena_printf(ctx->arena, "%u of %u wrong", j->wrong, j->sums);
	if (code == GH_OK && j->sums > 0)
		code = sum.remark ? gh_node_sum(ctx, out, &sum) : gh_nomem(ctx);
	return code;
}

/* They were met last first. */
static gh_code add_notes(gh_ctx *ctx, gh_node *out, const gh_jffs2 *j)
{
	const gh_note *all[16];
	size_t n = 0;
	gh_code code = GH_OK;
	for (const gh_note *note = j->notes; note && n < GH_COUNT(all); note = note->next)
		all[n++] = note;
	while (n > 0 && code == GH_OK) {
		n--;
		code = gh_node_note(ctx, out, all[n]->code, all[n]->at, "%s", all[n]->text);
	}
	if (code == GH_OK && j->wrong > j->n_notes)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at, "%u more nodes are wrong", j->wrong - j->n_notes);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_jffs2 *j = span->state;
	j->log.bytes = gh_rest(&c);
	j->log.pos = c.pos;
	j->log.ops = &gh_jffs2_ops;
	j->log.state = j;
	j->log.root = 1;
	j->log.no_holes = true;
	j->log.no_counts = true;
	if (j->n_attrs > 1)
		qsort(j->attrs, j->n_attrs, sizeof *j->attrs, by_attr);
	gh_code code = facts(ctx, out, j);
	if (code == GH_OK)
		code = add_notes(ctx, out, j);
	if (code == GH_OK)
		code = gh_log_volume(ctx, &j->log, out);
	if (code != GH_OK || !out->volume)
		return code;
	gh_extents_to(&j->used, c.pos, out->volume);
	return GH_OK;
}

const gh_format gh_format_jffs2 = {
	.name = "jffs2", .title = "JFFS2 file system",
	.spec = "linux/include/uapi/linux/jffs2.h, linux/fs/jffs2", .kind = GH_NODE_VOLUME,
	.limits = "changes of owner, mode or time alone are not listed as versions; of each file the 16 newest older ones",
	.magic = {
		/* magic, type with or without the bit that says it counts, length below 16 MiB */
		{ "\\x85\\x19[\\x01\\x02\\x08\\x09][\\xe0\\xc0]...\\x00", 8, 0 },
		{ "\\x85\\x19[\\x03\\x04\\x06][\\x20\\x00]...\\x00", 8, 0 },
		{ "\\x19\\x85[\\xe0\\xc0][\\x01\\x02\\x08\\x09]\\x00...", 8, 0 },
		{ "\\x19\\x85[\\x20\\x00][\\x03\\x04\\x06]\\x00...", 8, 0 },
	},
	.measure = measure, .unpack = unpack,
};
