/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of Buffalo's DHP series (firmware-utils, mkdhpimg.c). Big-endian.
 *
 *	0         4    b    c               10                    14
 *	+---------+----+----+---------------+---------------------+---------+
 *	| "bgn\0" | 0  | b1 | length of all | cksum, this field 0 | payload |
 *	+---------+----+----+---------------+---------------------+---------+
 *
 * The checksum is what POSIX's cksum prints.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x14, LENGTH_MOST = 256 << 20 };

static bool read_header(gh_cur c, uint32_t *length, uint32_t *sum)
{
	if (!gh_eat(&c, GH_LIT("bgn\0\0\0\0\0\0\0\0\xb1")))
		return false;
	*length = gh_u32be(&c);
	*sum = gh_u32be(&c);
	return gh_cur_ok(&c) && *length > HEADER && *length <= LENGTH_MOST;
}

static uint32_t sum_of(gh_bytes all, uint32_t length)
{
	const gh_bytes runs[] = { gh_bytes_part(all, 0, 0x10), GH_LIT("\0\0\0\0"),
				  gh_bytes_part(all, HEADER, length - HEADER) };
	return gh_cksum(runs, GH_COUNT(runs));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint32_t length, sum;
	if (!read_header(c, &length, &sum))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, 4 * GH_MIN((uint64_t)length, (uint64_t)c.left));
	if (code != GH_OK)
		return code;
	bool right = length <= c.left && sum_of(gh_rest(&c), length) == sum;
	*ret = (gh_span){ .size = GH_MIN((uint64_t)length, (uint64_t)c.left),
			  .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint32_t length, stored;
	(void)span;
	if (!read_header(c, &length, &stored))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no header of Buffalo's DHP series");
	bool cut = length > c.left;
	gh_sum sum = { .what = "image checksum", .algorithm = "cksum (posix)", .at = c.pos + 0x10 };
	sum.remark = cut ? "the image is cut short" : "over everything, this field zero";
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Buffalo")) ||
	    gh_sum_u32(ctx, out, sum, stored, sum_of(gh_rest(&c), length), true))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the header names %u bytes, %zu are there",
				length, c.left))
		return GH_NOMEM;
	gh_bytes payload = gh_bytes_part(gh_rest(&c), HEADER, length - HEADER);
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEADER));
	return code == GH_OK && payload.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, payload)
						: code;
}

const gh_format gh_format_buffalo_bgn = {
	.name = "buffalo-bgn",
	.title = "Buffalo DHP series image (bgn)",
	.spec = "openwrt/firmware-utils: mkdhpimg.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "bgn\\x00{8}\\xb1[\\x00-\\x0f]", 13, 0 } },
	.measure = measure,
	.unpack = unpack,
};
