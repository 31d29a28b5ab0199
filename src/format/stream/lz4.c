/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LZ4 frames (LZ4 Frame Format 1.6.x) and the older framing that Linux kernels and initramfs use.
 * FLG, the byte behind the magic: bit 4 block checksums, bit 2 content checksum.
 */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

enum { BLOCK_SUMS = 0x10, CONTENT_SUM = 0x04, LEGACY_LEAST = 64 };

static bool is_frame(gh_cur c)
{
	return gh_eat(&c, GH_LIT("\x04\x22\x4d\x18"));
}

static uint8_t flags(gh_cur c)
{
	gh_skip(&c, 4);
	return gh_u8(&c);
}

static gh_code decode_frame(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	(void)info;
	return gh_lz4_frame(ctx, in, out);
}

static gh_code decode_legacy(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	(void)info;
	return gh_lz4_legacy(ctx, in, out);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	bool sums = flags(c) & (BLOCK_SUMS | CONTENT_SUM);
	gh_stream frame = { .decode = decode_frame,
			    .ratio = 256,
			    .least = 1,
			    .members = true,
			    .proof = sums ? GH_PROOF_SUM : GH_PROOF_PARSED };
	gh_stream legacy = { .decode = decode_legacy, .ratio = 256, .least = LEGACY_LEAST, .proof = GH_PROOF_PARSED };
	return gh_stream_measure(ctx, c, is_frame(c) ? &frame : &legacy, ret);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	bool frame = is_frame(c);
	if (gh_node_fact(ctx, out, "framing", frame ? GH_LIT("frame") : GH_LIT("legacy")))
		return GH_NOMEM;
	if (frame && gh_node_factf(ctx, out, "check", "%s%s%s", flags(c) & CONTENT_SUM ? "content" : "",
				   (flags(c) & (CONTENT_SUM | BLOCK_SUMS)) == (CONTENT_SUM | BLOCK_SUMS) ? " and " : "",
				   flags(c) & BLOCK_SUMS    ? "blocks"
				   : flags(c) & CONTENT_SUM ? ""
							    : "none"))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_lz4 = {
	.name = "lz4",
	.title = "LZ4 stream, frame and legacy framing",
	.spec = "LZ4 Frame Format Description 1.6.1; Linux: lib/decompress_unlz4.c",
	.kind = GH_NODE_STREAM,
	.limits = "frames that need a dictionary",
	.magic = { { "\\x04\\x22\\x4d\\x18[\\x40-\\x7f]", 5, 0 }, { "\\x02\\x21\\x4c\\x18", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
