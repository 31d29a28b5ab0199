/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asus' third kind of tail, behind the image (firmware-utils, asusuimage.c). Numbers big-endian.
 *
 *	0                 4       6    8    c             d              10         12        14         18
 *	+-----------------+-------+----+----+-------------+--------------+----------+---------+----------+
 *	| extended number | build | 0  | 0  | kind, flags | content's    | sum of   | sum of  | 2afed414 |
 *	|                 |       |    |    | 4 bits each | length (12)  | the last | content |          |
 *	|                 |       |    |    |             |              | 12 bytes |         |          |
 *	+-----------------+-------+----+----+-------------+--------------+----------+---------+----------+
 *
 * A sum is the inverted exclusive or of pairs of bytes, that of the last 12 bytes with its own field zero.
 */
#include "format/room_in.h"

enum { TAIL = 24, FOOTER = 12, SUM_AT = 0x10 };

static void pairs(gh_bytes b, uint8_t ret[2])
{
	ret[0] = ret[1] = 0xff;
	for (size_t i = 0; i + 1 < b.len; i += 2) {
		ret[0] ^= b.ptr[i];
		ret[1] ^= b.ptr[i + 1];
	}
}

static bool is_tail(gh_bytes b)
{
	return b.len == TAIL && b.ptr[12] >> 4 == 1 && b.ptr[13] == 0 && b.ptr[14] == 0 && b.ptr[15] == FOOTER &&
	       gh_bytes_end(b, GH_LIT("\x2a\xfe\xd4\x14"));
}

static void sums(gh_bytes tail, uint8_t footer[2], uint8_t content[2])
{
	uint8_t blank[FOOTER];
	memcpy(blank, tail.ptr + FOOTER, FOOTER);
	memset(blank + SUM_AT - FOOTER, 0, 2);
	pairs(gh_view(blank, FOOTER), footer);
	pairs(gh_bytes_part(tail, 0, FOOTER), content);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes tail = gh_bytes_part(gh_rest(&c), 0, TAIL);
	uint8_t footer[2], content[2];
	if (!is_tail(tail))
		return GH_NOT_MINE;
	sums(tail, footer, content);
	bool first = memcmp(footer, tail.ptr + SUM_AT, 2) == 0, second = memcmp(content, tail.ptr + SUM_AT + 2, 2) == 0;
	if (!first && !second)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither sum of an Asus tail holds");
	*ret = (gh_span){ .size = TAIL, .proof = first && second ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sum(gh_ctx *ctx, const char *what, uint64_t at, const uint8_t *stored, const uint8_t computed[2],
		       gh_node *out)
{
	gh_sum sum = { .what = what,
		       .algorithm = "exclusive or, 16 bits",
		       .at = at,
		       .stored = gh_view(stored, 2),
		       .computed = gh_view(computed, 2),
		       .state = memcmp(stored, computed, 2) == 0 ? GH_SUM_RIGHT : GH_SUM_WRONG };
	return gh_node_sum(ctx, out, &sum);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes tail = gh_bytes_part(gh_rest(&c), 0, TAIL);
	uint8_t footer[2], content[2];
	uint64_t at = c.pos;
	(void)span;
	if (!is_tail(tail))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no Asus tail");
	sums(tail, footer, content);
	uint32_t more = gh_u32be(&c);
	unsigned build = gh_u16be(&c);
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Asus")) ||
	    gh_node_factf(ctx, out, "build", "%u_%u", build, more) ||
	    add_sum(ctx, "tail sum", at + SUM_AT, tail.ptr + SUM_AT, footer, out) ||
	    add_sum(ctx, "content sum", at + SUM_AT + 2, tail.ptr + SUM_AT + 2, content, out))
		return GH_NOMEM;
	return gh_node_part(ctx, out, GH_NODE_HEADER, "tail", at, tail);
}

const gh_format gh_format_asus_tail = {
	.name = "asus-tail",
	.title = "Asus tail behind a uImage (build number)",
	.spec = "openwrt/firmware-utils: asusuimage.c",
	.limits = "tails with more content than the build number",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[\\x10-\\x1f]\\x00\\x00\\x0c.{4}\\x2a\\xfe\\xd4\\x14", 12, FOOTER } },
	.measure = measure,
	.unpack = unpack,
};
