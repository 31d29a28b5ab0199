/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LZMA-alone (LZMA SDK, lzma-specification.txt):
 *
 *	0            1                     5                       d
 *	+------------+---------------------+-----------------------+-------------------------------+
 *	| properties | dictionary size LE  | length LE, or all ff  | 00, then the range coder's 4  |
 *	+------------+---------------------+-----------------------+-------------------------------+
 *
 * No magic and no checksum: what proves it is that all of it decodes. The first thing a stream holds
 * is a literal, so the range coder's first bit is 0: byte 0e is below 80.
 */
#include "format/stream/stream_in.h"

#include "codec/codec.h"

enum { HEADER = 13, LEAST = 65, DENSE_LOOK = 1024, DENSE_LEAST = 128 };

static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, void *info)
{
	return gh_lzma_alone(ctx, in, out, info);
}

static bool legal_dictionary(uint32_t d)
{
	if (d == UINT32_MAX)
		return true;
	uint32_t top = d ? (uint32_t)1 << (31 - (unsigned)__builtin_clz(d)) : 0;
	return d >= 4 << 10 && top <= 256u << 20 && (d == top || d == top + top / 2);
}

static bool header_is_legal(gh_cur c)
{
	uint8_t props = gh_u8(&c);
	uint32_t dict = gh_u32le(&c);
	uint64_t size = gh_u64le(&c);
	uint8_t first = gh_u8(&c), second = gh_u8(&c);
	return gh_cur_ok(&c) && props < 225 && legal_dictionary(dict) && first == 0 && second < 0x80 &&
	       (size == UINT64_MAX || (size >= LEAST && size <= UINT32_MAX));
}

/* Decoding zeros gives zeros for as long as one likes. */
static bool one_value(gh_bytes b)
{
	return b.len > 1 && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0;
}

/* Compressed bytes know no favourites: a stream that breaks off must at least look like one. */
static bool dense(gh_cur c)
{
	bool seen[256] = { false };
	unsigned distinct = 0;
	gh_bytes b = gh_bytes_part(gh_rest(&c), HEADER, DENSE_LOOK);
	for (size_t i = 0; i < b.len; i++) {
		distinct += !seen[b.ptr[i]];
		seen[b.ptr[i]] = true;
	}
	return distinct >= DENSE_LEAST;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	if (!header_is_legal(c))
		return GH_NOT_MINE;
	gh_lzma_info *info = gh_arena_zalloc(ctx->arena, sizeof *info);
	if (!info)
		return gh_nomem(ctx);
	/* What the header says stands also when the data breaks off. */
	gh_cur header = c;
	uint8_t props = gh_u8(&header);
	*info = (gh_lzma_info){ .lc = props % 9, .lp = props / 9 % 5, .pb = props / 45 };
	info->dict_size = gh_u32le(&header);
	info->size = gh_u64le(&header);
	gh_stream stream = { .decode = decode,
			     .info = info,
			     .least = LEAST,
			     .proof = GH_PROOF_PARSED,
			     .steady = true,
			     .whole_only = !dense(c) };
	gh_code code = gh_stream_measure(ctx, c, &stream, ret);
	if (code == GH_OK && one_value(ret->decoded))
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "only one value comes out: taken for chance");
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const gh_lzma_info *info = gh_stream_info(span);
	if (gh_node_factf(ctx, out, "properties", "lc=%u lp=%u pb=%u", info->lc, info->lp, info->pb) ||
	    gh_node_factf(ctx, out, "dictionary-size", "%u", info->dict_size))
		return GH_NOMEM;
	if (info->size != UINT64_MAX &&
	    gh_node_factf(ctx, out, "stated-length", "%llu", (unsigned long long)info->size))
		return GH_NOMEM;
	if (gh_node_fact(ctx, out, "end-marker", info->end_marker ? GH_LIT("yes") : GH_LIT("no")))
		return GH_NOMEM;
	return gh_stream_unpack(ctx, c, span, out);
}

const gh_format gh_format_lzma = {
	.name = "lzma", .title = "LZMA stream (\"alone\")", .spec = "LZMA SDK: lzma-specification.txt",
	.limits = "streams of 64 bytes and less, or of 4 GiB and more; other dictionary sizes than 2^n and 3*2^n",
	.kind = GH_NODE_STREAM,
	.magic = {
		/* Patterns that the search runs through at the speed of memory; header_is_legal does the
		 * rest. A known length: the dictionary size, then zeros where the length and the range coder
		 * have theirs. An unknown one: its eight ff and that zero. */
		{ "\\x00\\x00[\\x01-\\x04\\x06\\x08\\x0c\\x10\\x18\\x20\\x30\\x40\\x60\\x80\\xc0]\\x00.{4}\\x00{5}", 13, 1 },
		{ "\\x00[\\x10\\x20\\x40\\x80]\\x00\\x00.{4}\\x00{5}", 13, 1 },
		{ "\\x00\\x00\\x00[\\x01\\x02\\x04\\x08\\x10].{4}\\x00{5}", 13, 1 },
		{ "\\xff{8}\\x00", 9, 5 },
	},
	.measure = measure, .unpack = unpack,
};
