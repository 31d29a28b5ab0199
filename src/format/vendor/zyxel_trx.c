/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zyxel's header in front of what its 4G and 5G routers flash (firmware-utils, zytrx.c). Big-endian.
 *
 *	0      4        8        c        10          50         54      60
 *	+------+--------+--------+--------+-----------+----------+-------+-------------------------------------- … -
 *	| 0RDH | header | total  | CRC of | versions  | length of| 0     | code[164], chip[8], board[16], model id, 8
 *bytes, |      | length | length | payload| of format | payload  |       | version[32] twice, 12 bytes, CRC of header,
 *4 bytes
 *	+------+--------+--------+--------+-----------+----------+-------+-------------------------------------- … -
 *
 * CRCs are not inverted at their end; that of the header is over all of it with itself as zero.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 380, CRC_AT = 372 };

struct zytrx {
	gh_bytes head, chip, board, inner, outer, payload;
	uint32_t length, crc, model, head_crc;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct zytrx *ret)
{
	gh_cur h = c;
	struct zytrx z = { .head = gh_take(&c, HEAD) };
	if (!gh_eat(&h, GH_LIT("0RDH")))
		return GH_NOT_MINE;
	uint32_t head = gh_u32be(&h);
	gh_skip(&h, 4);
	z.crc = gh_u32be(&h);
	gh_skip(&h, 64);
	z.length = gh_u32be(&h);
	gh_skip(&h, 12 + 164);
	z.chip = gh_take(&h, 8);
	z.board = gh_take(&h, 16);
	z.model = gh_u32be(&h);
	gh_skip(&h, 8);
	z.inner = gh_take(&h, 32);
	z.outer = gh_take(&h, 32);
	gh_skip(&h, 12);
	z.head_crc = gh_u32be(&h);
	if (!gh_cur_ok(&h) || head != HEAD || z.length == 0 || !gh_field_is_text(z.board, 1))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of Zyxel's TRX header make no sense");
	z.payload = gh_take(&c, GH_MIN((uint64_t)z.length, (uint64_t)c.left));
	*ret = z;
	return z.payload.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows Zyxel's TRX header");
}

static uint32_t head_crc(const struct zytrx *z)
{
	static const uint8_t zero[4];
	uint32_t crc = gh_crc32(gh_bytes_part(z->head, 0, CRC_AT));
	crc = gh_crc32_more(crc, gh_view(zero, sizeof zero));
	return ~gh_crc32_more(crc, gh_bytes_part(z->head, CRC_AT + 4, HEAD - CRC_AT - 4));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct zytrx z;
	gh_code code = read_header(ctx, c, &z);
	if (code == GH_OK)
		code = gh_effort(ctx, z.payload.len);
	if (code != GH_OK)
		return code;
	bool right = z.payload.len == z.length && ~gh_crc32(z.payload) == z.crc;
	*ret = (gh_span){ .size = HEAD + z.payload.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct zytrx z;
	(void)span;
	gh_code code = read_header(ctx, c, &z);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Zyxel")) || gh_fact_field(ctx, out, "board", z.board) ||
	    gh_node_factf(ctx, out, "model", "0x%08x", z.model) || gh_fact_field(ctx, out, "chip", z.chip) ||
	    gh_fact_field(ctx, out, "version", z.inner) ||
	    (!gh_bytes_eq(z.inner, z.outer) && gh_fact_field(ctx, out, "outer-version", z.outer)))
		return GH_NOMEM;
	gh_sum s = { .what = "header CRC", .algorithm = "crc32, not inverted", .at = c.pos + CRC_AT };
	code = gh_sum_u32(ctx, out, s, z.head_crc, head_crc(&z), true);
	s.what = "payload CRC";
	s.at = c.pos + 12;
	s.remark = z.payload.len < z.length ? "the image is cut short" : NULL;
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, s, z.crc, ~gh_crc32(z.payload), true);
	if (code == GH_OK && z.payload.len < z.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + z.payload.len,
				    "the header names %u bytes, %zu are there", z.length, z.payload.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, z.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "payload", c.pos + HEAD, z.payload);
	return code;
}

const gh_format gh_format_zyxel_trx = {
	.name = "zyxel-trx",
	.title = "Zyxel image with a reversed TRX magic",
	.spec = "openwrt/firmware-utils: zytrx.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "0RDH\\x00\\x00\\x01\\x7c", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
