/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8878. The content checksum is optional: bit 2 of the frame header descriptor (3.1.1.1.1). */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

static bool has_checksum(gh_cur c)
{
	gh_skip(&c, 4);
	return gh_u8(&c) & 0x04;
}

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	(void)info;
	return gh_zstd(ctx, in, out);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	return gh_stream_measure(
		ctx, c,
		&(gh_stream){ .decode = decode, .least = 1, .proof = has_checksum(c) ? GH_PROOF_SUM : GH_PROOF_PARSED },
		ret);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	if (gh_node_fact(ctx, out, "check", has_checksum(c) ? GH_LIT("xxh64") : GH_LIT("none")))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_zstd = {
	.name = "zstd",
	.title = "Zstandard stream",
	.spec = "RFC 8878",
	.limits = "frames that need a dictionary",
	.kind = GH_NODE_STREAM,
	.magic = { { "\\x28\\xb5\\x2f\\xfd", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
