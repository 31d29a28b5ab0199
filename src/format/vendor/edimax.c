/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edimax' header of the Realtek and MediaTek boards (firmware-utils, edimax_fw_header.c). Big-endian, nothing aligned.
 *
 *	0          10         30      31      32      33       37      3b    3f          4d     4e        5e
 *	+----------+----------+-------+-------+-------+--------+-------+-----+-----------+------+---------+---------+
 *	| "eDiMaX" | model    | force | sum of| sum of| data's | start | end | version   | kind | mtd     | data    |
 *	| [16]     | [32]     |       | header| data  | length |       |     | [14]      |      | [16]    |         |
 *	+----------+----------+-------+-------+-------+--------+-------+-----+-----------+------+---------+---------+
 *
 * A sum is the sum of bytes, xor b9; that of the header with its own field zero.
 */
#include "format/room_in.h"

enum { HEADER = 0x5e, SUM_AT = 0x31, LENGTH_MOST = 128 << 20 };

struct edimax {
	gh_bytes all, data;
	uint32_t length, start, end;
};

static bool read_header(gh_cur c, struct edimax *ret)
{
	struct edimax e = { .all = gh_rest(&c) };
	gh_cur f = gh_at(c, 0x33);
	e.length = gh_u32be(&f);
	e.start = gh_u32be(&f);
	e.end = gh_u32be(&f);
	gh_skip(&c, HEADER);
	if (!gh_cur_ok(&c) || !gh_bytes_start(e.all, GH_LIT("eDiMaX\0\0\0\0\0\0\0\0\0\0")) || e.length == 0 ||
	    e.length > LENGTH_MOST || !gh_field_is_text(gh_bytes_part(e.all, 0x10, 32), 1) ||
	    !gh_field_is_text(gh_bytes_part(e.all, 0x3f, 14), 0) ||
	    !gh_field_is_text(gh_bytes_part(e.all, 0x4e, 16), 0))
		return false;
	e.data = gh_bytes_part(gh_rest(&c), 0, e.length);
	*ret = e;
	return true;
}

static uint8_t sum_of(gh_bytes b, size_t except)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < b.len; i++)
		sum = (uint8_t)(sum + (i == except ? 0 : b.ptr[i]));
	return sum ^ 0xb9;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct edimax e;
	if (!read_header(c, &e))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, e.data.len);
	/* A byte's sum proves little; the long magic and the fields of text do more. */
	*ret = (gh_span){ .size = HEADER + e.data.len, .proof = GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct edimax e;
	(void)span;
	if (!read_header(c, &e))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no Edimax header");
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Edimax")) ||
	    gh_fact_field(ctx, out, "model", gh_bytes_part(e.all, 0x10, 32)) ||
	    gh_fact_field(ctx, out, "version", gh_bytes_part(e.all, 0x3f, 14)) ||
	    gh_fact_field(ctx, out, "mtd", gh_bytes_part(e.all, 0x4e, 16)) ||
	    gh_node_factf(ctx, out, "flash", "0x%08x to 0x%08x", e.start, e.end) ||
	    gh_node_factf(ctx, out, "kind", "%u", e.all.ptr[0x4d]))
		return GH_NOMEM;
	gh_sum sum = { .what = "header sum", .algorithm = "sum of bytes, 8 bits, xor b9", .at = c.pos + SUM_AT };
	const uint8_t head = sum_of(gh_bytes_part(e.all, 0, HEADER), SUM_AT), data = sum_of(e.data, SIZE_MAX);
	gh_code code = gh_sum_digest(ctx, out, sum, gh_bytes_part(e.all, SUM_AT, 1), &head);
	sum.what = "data sum";
	sum.at++;
	sum.remark = e.data.len < e.length ? "the data is cut short" : NULL;
	if (code == GH_OK)
		code = gh_sum_digest(ctx, out, sum, gh_bytes_part(e.all, SUM_AT + 1, 1), &data);
	if (code == GH_OK && e.data.len < e.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + e.all.len,
				    "the header names %u bytes, %zu are there", e.length, e.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(e.all, 0, HEADER));
	return code == GH_OK && e.data.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "data", c.pos + HEADER, e.data)
					       : code;
}

const gh_format gh_format_edimax = {
	.name = "edimax",
	.title = "Edimax image (eDiMaX)",
	.spec = "openwrt/firmware-utils: edimax_fw_header.c",
	.limits = "other magics than eDiMaX",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "eDiMaX\\x00\\x00", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
