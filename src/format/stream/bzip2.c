/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2: blocks with a CRC each and one over all. Streams right behind belong to it (pbzip2). */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	(void)info;
	return gh_bzip2(ctx, in, out);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	return gh_stream_measure(ctx, c, &(gh_stream){ .decode = decode, .proof = GH_PROOF_SUM, .members = true }, ret);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_cur h = c;
	gh_skip(&h, 3);
	if (gh_node_factf(ctx, out, "block-size", "%u00 kB", gh_u8(&h) - '0'))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_bzip2 = {
	.name = "bzip2",
	.title = "bzip2 stream",
	.spec = "bzip2 1.0.8, its decompressor",
	.kind = GH_NODE_STREAM,
	.magic = { { "BZh[1-9]\\x31\\x41\\x59\\x26\\x53\\x59", 10, 0 } },
	.measure = measure,
	.unpack = unpack,
};
