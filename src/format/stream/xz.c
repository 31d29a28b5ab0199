/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .xz file format 1.1.0. Proof is a checksum over the content unless the stream has none. Streams
 * right behind one another stay apart: in firmware they are blocks of a SquashFS, not one file.
 */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

/* Section 2.1.1.2: the low four bits of the second flag byte. */
static uint8_t check_kind(gh_cur c)
{
	gh_skip(&c, 7);
	return gh_u8(&c) & 0x0f;
}

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	(void)info;
	return gh_xz(ctx, in, out);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	return gh_stream_measure(
		ctx, c, &(gh_stream){ .decode = decode, .proof = check_kind(c) ? GH_PROOF_SUM : GH_PROOF_PARSED }, ret);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const checks[16] = { [0] = "none", [1] = "crc32", [4] = "crc64", [10] = "sha256" };
	const char *check = checks[check_kind(c)];
	if (gh_node_fact(ctx, out, "check", gh_view_text(check ? check : "reserved")))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_xz = {
	.name = "xz",
	.title = "xz stream",
	.spec = "The .xz File Format, version 1.1.0",
	.kind = GH_NODE_STREAM,
	.magic = { { "\\xfd7zXZ\\x00\\x00[\\x00-\\x0f]", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
