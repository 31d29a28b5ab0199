/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USR0, the header of U.S. Robotics before a TRX (firmware-utils, trx2usr.c). Little-endian.
 *
 *	0        4                 8                  c         10              12         14    1c
 *	+--------+-----------------+------------------+---------+---------------+----------+-----+---------+
 *	| "USR0" | payload's length| CRC-32 of it     | version | compatible to | hardware | 0   | payload |
 *	+--------+-----------------+------------------+---------+---------------+----------+-----+---------+
 *
 * The CRC starts with ffffffff and is not inverted at its end.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x1c, LENGTH_MOST = 256 << 20 };

struct usr {
	uint32_t length, crc, version;
	uint16_t compatible, hardware;
	gh_bytes payload;
};

static bool read_header(gh_cur c, struct usr *ret)
{
	if (!gh_eat(&c, GH_LIT("USR0")))
		return false;
	ret->length = gh_u32le(&c);
	ret->crc = gh_u32le(&c);
	ret->version = gh_u32le(&c);
	ret->compatible = gh_u16le(&c);
	ret->hardware = gh_u16le(&c);
	gh_skip(&c, 8);
	if (!gh_cur_ok(&c) || ret->length == 0 || ret->length > LENGTH_MOST)
		return false;
	ret->payload = gh_bytes_part(gh_rest(&c), 0, ret->length);
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct usr u;
	if (!read_header(c, &u))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, u.payload.len);
	if (code != GH_OK)
		return code;
	bool right = u.payload.len == u.length && ~gh_crc32(u.payload) == u.crc;
	if (!right && !gh_bytes_start(u.payload, GH_LIT("HDR0")))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no TRX follows and the checksum does not hold");
	*ret = (gh_span){ .size = HEADER + u.payload.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct usr u;
	(void)span;
	if (!read_header(c, &u))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no USR0 header");
	bool cut = u.payload.len < u.length;
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos + 8 };
	sum.remark = cut ? "the image is cut short" : "over the payload";
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("U.S. Robotics")) ||
	    gh_node_factf(ctx, out, "board", "%u", u.compatible) ||
	    gh_node_factf(ctx, out, "version", "%u.%u.%u.%u", u.version >> 24, u.version >> 16 & 0xff,
			  u.version >> 8 & 0xff, u.version & 0xff) ||
	    gh_node_factf(ctx, out, "hardware-version", "%u", u.hardware) ||
	    gh_sum_u32(ctx, out, sum, u.crc, ~gh_crc32(u.payload), false))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the header names %u bytes, %zu are there",
				u.length, u.payload.len))
		return GH_NOMEM;
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEADER));
	return code == GH_OK && u.payload.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, u.payload)
		       : code;
}

const gh_format gh_format_usrobotics = {
	.name = "usrobotics",
	.title = "U.S. Robotics image (USR0)",
	.spec = "openwrt/firmware-utils: trx2usr.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "USR0.{3}[\\x00-\\x0f]", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
