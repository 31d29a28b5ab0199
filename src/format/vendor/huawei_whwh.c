/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header that Huawei puts before each piece on an ONT's flash, inside HWNP's items and in dumps alike (published
 * by makers of HWNP tools, HWFW_GUI.hpp). Little-endian.
 *
 *	0        4         44     48     4c       50          54
 *	+--------+---------+------+------+--------+-----------+------+
 *	| "whwh" | version | time | kind | data's | CRC-32 of | data |
 *	|        | [64]    |      |      | length | data      |      |
 *	+--------+---------+------+------+--------+-----------+------+
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x54, KINDS = 12, LENGTH_MOST = 256 << 20 };

struct whwh {
	gh_bytes all, version, data;
	uint32_t time, kind, length, crc;
};

static const char *kind_of(uint32_t kind)
{
	static const char *const kinds[KINDS] = {
		[1] = "kernel",      [2] = "rootfs", [3] = "system",     [4] = "minisys",
		[7] = "boot loader", [8] = "u-boot", [11] = "signatures"
	};
	return kinds[kind] ? kinds[kind] : "data";
}

static bool read_header(gh_cur c, struct whwh *ret)
{
	struct whwh w = { .all = gh_rest(&c) };
	if (!gh_eat(&c, GH_LIT("whwh")))
		return false;
	w.version = gh_take(&c, 64);
	w.time = gh_u32le(&c);
	w.kind = gh_u32le(&c);
	w.length = gh_u32le(&c);
	w.crc = gh_u32le(&c);
	if (!gh_cur_ok(&c) || !gh_field_is_text(w.version, 4) || w.kind == 0 || w.kind >= KINDS || w.length == 0 ||
	    w.length > LENGTH_MOST)
		return false;
	w.data = gh_bytes_part(gh_rest(&c), 0, w.length);
	*ret = w;
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct whwh w;
	if (!read_header(c, &w))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, w.data.len);
	if (code != GH_OK)
		return code;
	bool right = w.data.len == w.length && gh_crc32(w.data) == w.crc;
	*ret = (gh_span){ .size = HEADER + w.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct whwh w;
	(void)span;
	if (!read_header(c, &w))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no header of Huawei's");
	const char *created = gh_utc(ctx, w.time);
	bool cut = w.data.len < w.length;
	gh_sum sum = { .what = "data CRC", .algorithm = "crc32", .at = c.pos + 0x50 };
	sum.remark = cut ? "the data is cut short" : NULL;
	if (!created || gh_node_fact(ctx, out, "vendor", GH_LIT("Huawei")) ||
	    gh_fact_field(ctx, out, "version", w.version) || gh_node_fact(ctx, out, "created", gh_view_text(created)) ||
	    gh_node_factf(ctx, out, "kind", "%u (%s)", w.kind, kind_of(w.kind)) ||
	    gh_sum_u32(ctx, out, sum, w.crc, gh_crc32(w.data), false))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + w.all.len, "the header names %u bytes, %zu are there",
				w.length, w.data.len))
		return GH_NOMEM;
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(w.all, 0, HEADER));
	return code == GH_OK && w.data.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_PART, kind_of(w.kind), c.pos + HEADER, w.data)
		       : code;
}

const gh_format gh_format_huawei_whwh = {
	.name = "huawei-whwh",
	.title = "Huawei ONT piece (whwh)",
	.spec = "published HWNP tools: HWFW_GUI.hpp",
	.limits = "kinds 5, 6, 9 and 10 have no known name",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "whwh[!-~]{4}", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
