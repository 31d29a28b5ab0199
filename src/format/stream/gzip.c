/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 1952. Members that follow one another are one file, as the RFC wants it. */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	return gh_gzip(ctx, in, out, info);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_gzip_info *info = gh_arena_zalloc(ctx->arena, sizeof *info);
	if (!info)
		return gh_nomem(ctx);
	/* 1032 is deflate's best: 258 bytes from two bits. */
	return gh_stream_measure(
		ctx, c,
		&(gh_stream){ .decode = decode, .info = info, .ratio = 1032, .proof = GH_PROOF_SUM, .members = true },
		ret);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const systems[] = {
		"FAT",       "Amiga",    "VMS",  "Unix",    "VM/CMS", "Atari", "HPFS",
		"Macintosh", "Z-System", "CP/M", "TOPS-20", "NTFS",   "QDOS",  "RISCOS"
	};
	const gh_gzip_info *info = gh_stream_info(span);
	if (info->name.len && gh_node_fact(ctx, out, "name", info->name))
		return GH_NOMEM;
	if (info->comment.len && gh_node_fact(ctx, out, "comment", info->comment))
		return GH_NOMEM;
	if (info->mtime) {
		const char *when = gh_utc(ctx, info->mtime);
		if (!when || gh_node_fact(ctx, out, "modified", gh_view_text(when)))
			return GH_NOMEM;
	}
	if (info->os < GH_COUNT(systems) && gh_node_fact(ctx, out, "system", gh_view_text(systems[info->os])))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_gzip = {
	.name = "gzip",
	.title = "gzip stream",
	.spec = "RFC 1952",
	.kind = GH_NODE_STREAM,
	.magic = { { "\\x1f\\x8b\\x08[\\x00-\\x1f]", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
