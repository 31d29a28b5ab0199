/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CHDR, the wrapper of Linksys' E8350 and others (firmware-utils, linksys-addfwhdr.c). Little-endian.
 *
 *	0        4               8                      c     10
 *	+--------+---------------+----------------------+-----+---------+
 *	| "CHDR" | length of all | CRC-32 of c..end     | 1   | payload |
 *	+--------+---------------+----------------------+-----+---------+
 *
 * The CRC starts with ffffffff and is not inverted at its end.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x10, LENGTH_MOST = 256 << 20 };

static bool read_header(gh_cur c, uint32_t *length, uint32_t *crc)
{
	if (!gh_eat(&c, GH_LIT("CHDR")))
		return false;
	*length = gh_u32le(&c);
	*crc = gh_u32le(&c);
	gh_skip(&c, 4);
	return gh_cur_ok(&c) && *length > HEADER && *length <= LENGTH_MOST;
}

static uint32_t crc_of(gh_cur c, uint32_t length)
{
	return ~gh_crc32(gh_bytes_part(gh_rest(&c), 0xc, length - 0xc));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint32_t length, crc;
	if (!read_header(c, &length, &crc))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, GH_MIN((uint64_t)length, (uint64_t)c.left));
	if (code != GH_OK)
		return code;
	bool right = length <= c.left && crc_of(c, length) == crc;
	*ret = (gh_span){ .size = GH_MIN((uint64_t)length, (uint64_t)c.left),
			  .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint32_t length, crc;
	(void)span;
	if (!read_header(c, &length, &crc))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no CHDR header");
	bool cut = length > c.left;
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos + 8 };
	sum.remark = cut ? "the image is cut short" : "over everything behind the checksum";
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Linksys")) ||
	    gh_sum_u32(ctx, out, sum, crc, crc_of(c, length), false))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the header names %u bytes, %zu are there",
				length, c.left))
		return GH_NOMEM;
	gh_bytes payload = gh_bytes_part(gh_rest(&c), HEADER, length - HEADER);
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEADER));
	return code == GH_OK && payload.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, payload)
						: code;
}

const gh_format gh_format_linksys_chdr = {
	.name = "linksys-chdr",
	.title = "Linksys image with a CHDR header",
	.spec = "openwrt/firmware-utils: linksys-addfwhdr.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "CHDR.{3}[\\x00-\\x0f].{5}\\x00\\x00\\x00", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
