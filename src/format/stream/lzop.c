/* SPDX-License-Identifier: Apache-2.0 */
/* lzop's container around LZO1X (lzop 1.04, its format as the kernel reads it: lib/decompress_unlzo.c). */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

enum { ADLER32_OF_DATA = 0x1, CRC32_OF_DATA = 0x100 };

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	return gh_lzop(ctx, in, out, info);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_lzop_info *info = gh_arena_zalloc(ctx->arena, sizeof *info);
	if (!info)
		return gh_nomem(ctx);
	gh_code code = gh_stream_measure(
		ctx, c,
		&(gh_stream){ .decode = decode, .info = info, .ratio = 256, .least = 1, .proof = GH_PROOF_PARSED },
		ret);
	if (code == GH_OK && ret->proof == GH_PROOF_PARSED && info->flags & (ADLER32_OF_DATA | CRC32_OF_DATA))
		ret->proof = GH_PROOF_SUM;
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const gh_lzop_info *info = gh_stream_info(span);
	const char *when = gh_utc(ctx, info->mtime);
	if (!when || gh_node_factf(ctx, out, "version", "0x%04x", info->version) ||
	    gh_node_factf(ctx, out, "method", "%u, level %u", info->method, info->level) ||
	    gh_node_fact(ctx, out, "modified", gh_view_text(when)))
		return GH_NOMEM;
	if (info->name.len && gh_node_fact(ctx, out, "name", info->name))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_lzop = {
	.name = "lzop",
	.title = "lzop stream",
	.spec = "lzop 1.04; Linux: lib/decompress_unlzo.c",
	.limits = "LZO1X only; filters of lzop are refused",
	.kind = GH_NODE_STREAM,
	.magic = { { "\\x89LZO\\x00\\x0d\\x0a\\x1a\\x0a", 9, 0 } },
	.measure = measure,
	.unpack = unpack,
};
