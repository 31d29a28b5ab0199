/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sercomm's header, before and inside images of Netgear and others (firmware-utils, mksercommfw.c). Big-endian.
 *
 *	0           7         b          2d        37        3b    3f          46      1ff   200
 *	+-----------+---------+----------+---------+---------+-----+-----------+-------+-----+-----------------+
 *	| "sErCoMm" | control | hardware | version | version | 0   | "sErCoMm" | 0     | sum | ZIP of the image|
 *	|           |         | [34]     | of it   |         |     |           |       |     |                 |
 *	|           |         |          | [10]    |         |     |           |       |     |                 |
 *	+-----------+---------+----------+---------+---------+-----+-----------+-------+-----+-----------------+
 *
 * All bytes of the file make zero together. Inside, behind the kernel, only the first 46 bytes stand again.
 */
#include "format/room_in.h"

enum { HEADER = 0x200, INNER = 0x46, SUM_AT = 0x1ff };

struct sercomm {
	gh_bytes all, payload; /* payload: empty for the inner one */
	uint32_t version;
	uint8_t sum; /* what the byte should be */
};

static uint8_t minus_bytes(gh_bytes b, size_t except)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < b.len; i++)
		sum = (uint8_t)(sum - (i == except ? 0 : b.ptr[i]));
	return sum;
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct sercomm *ret)
{
	struct sercomm s = { .all = gh_rest(&c) };
	gh_cur v = gh_at(c, 0x37), mark = gh_at(c, 0x3f);
	s.version = gh_u32be(&v);
	if (!gh_eat(&c, GH_LIT("sErCoMm")) || !gh_eat(&mark, GH_LIT("sErCoMm")) ||
	    !gh_field_is_text(gh_bytes_part(s.all, 0xb, 34), 1) || !gh_field_is_text(gh_bytes_part(s.all, 0x2d, 10), 0))
		return GH_NOT_MINE;
	gh_bytes rest = gh_bytes_part(s.all, HEADER, s.all.len);
	if (gh_bytes_start(rest, GH_LIT("PK\x03\x04"))) {
		gh_code code = gh_effort(ctx, s.all.len);
		if (code != GH_OK)
			return code;
		s.payload = rest;
		s.sum = minus_bytes(s.all, SUM_AT);
	}
	*ret = s;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct sercomm s;
	gh_code code = read_header(ctx, c, &s);
	if (code == GH_OK)
		*ret = (gh_span){ .size = s.payload.len ? (uint64_t)s.all.len : INNER, .proof = GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct sercomm s;
	(void)span;
	gh_code code = read_header(ctx, c, &s);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Sercomm")) ||
	    gh_fact_field(ctx, out, "board", gh_bytes_part(s.all, 0xb, 34)) ||
	    gh_fact_field(ctx, out, "hardware-version", gh_bytes_part(s.all, 0x2d, 10)) ||
	    gh_node_factf(ctx, out, "version", "0x%08x", s.version))
		return GH_NOMEM;
	if (s.payload.len == 0)
		return gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(s.all, 0, INNER));
	gh_sum sum = { .what = "image sum", .algorithm = "sum of bytes, 8 bits", .at = c.pos + SUM_AT };
	sum.remark = "all bytes make zero";
	code = gh_sum_digest(ctx, out, sum, gh_bytes_part(s.all, SUM_AT, 1), &s.sum);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(s.all, 0, HEADER));
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, s.payload) : code;
}

const gh_format gh_format_sercomm = {
	.name = "sercomm",
	.title = "Sercomm image (Netgear and others)",
	.spec = "openwrt/firmware-utils: mksercommfw.c",
	.limits = "with anything but a ZIP behind it only the header is claimed: it states no length",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "sErCoMm.{56}sErCoMm", 70, 0 } },
	.measure = measure,
	.unpack = unpack,
};
