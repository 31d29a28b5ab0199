/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JCG's header before a uImage (firmware-utils, jcgimage.c). Big-endian.
 *
 *	0        4         24     28        68        6c      6e      70    1f8          1fc         200
 *	+--------+---------+------+---------+---------+-------+-------+-----+------------+-----------+---------+
 *	| "YSZJ" | version | 1    | info    | created | major | minor | 0   | CRC-32 of  | CRC-32 of | payload |
 *	|        | [32]    |      | [64]    |         |       |       |     | payload    | header    |         |
 *	+--------+---------+------+---------+---------+-------+-------+-----+------------+-----------+---------+
 *
 * The header's CRC has its own field zero. No length: the payload is the rest of the file. Where version or info is
 * not empty, the payload is turned by xor with a key made of them, in a way nobody has published.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x200, CRC_AT = 0x1fc, UIMAGE = 64 };

struct jcg {
	gh_bytes all, payload;
	uint32_t time, data_crc, header_crc;
	uint16_t major, minor;
	bool turned, head_right, body_right;
};

static uint32_t header_crc(gh_bytes all)
{
	return gh_crc32_more(gh_crc32(gh_bytes_part(all, 0, CRC_AT)), GH_LIT("\0\0\0\0"));
}

static bool any_byte(gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.ptr[i] != 0)
			return true;
	return false;
}

/* The rest, or what the uImage in it names, with and without the four bytes that OpenWrt appends. */
static gh_code find_payload(gh_ctx *ctx, struct jcg *j)
{
	gh_bytes rest = gh_bytes_part(j->all, HEADER, j->all.len);
	uint64_t lengths[3] = { rest.len, 0, 0 };
	gh_cur c = gh_cur_over(rest, 0);
	if (gh_eat(&c, GH_LIT("\x27\x05\x19\x56"))) {
		gh_skip(&c, 8);
		uint32_t length = gh_u32be(&c);
		lengths[1] = (uint64_t)length + UIMAGE + 4;
		lengths[2] = (uint64_t)length + UIMAGE;
	}
	for (size_t i = 0; i < GH_COUNT(lengths) && !j->body_right; i++) {
		if (lengths[i] == 0 || lengths[i] > rest.len)
			continue;
		gh_code code = gh_effort(ctx, lengths[i]);
		if (code != GH_OK)
			return code;
		j->payload = gh_bytes_part(rest, 0, lengths[i]);
		j->body_right = gh_crc32(j->payload) == j->data_crc;
	}
	if (!j->body_right)
		j->payload = rest;
	return GH_OK;
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct jcg *ret)
{
	struct jcg j = { .all = gh_rest(&c) };
	gh_cur end = gh_at(c, 0x1f8);
	if (!gh_eat(&c, GH_LIT("YSZJ")))
		return GH_NOT_MINE;
	gh_skip(&c, 32);
	uint32_t type = gh_u32be(&c);
	gh_skip(&c, 64);
	j.time = gh_u32be(&c);
	j.major = gh_u16be(&c);
	j.minor = gh_u16be(&c);
	j.data_crc = gh_u32be(&end);
	j.header_crc = gh_u32be(&end);
	if (!gh_cur_ok(&end) || type != 1)
		return GH_NOT_MINE;
	j.turned = any_byte(gh_bytes_part(j.all, 4, 32)) || any_byte(gh_bytes_part(j.all, 0x28, 64));
	j.head_right = header_crc(j.all) == j.header_crc;
	gh_code code = find_payload(ctx, &j);
	if (code != GH_OK)
		return code;
	if (!j.head_right && !j.body_right)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither CRC of a JCG header holds");
	*ret = j;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct jcg j;
	gh_code code = read_header(ctx, c, &j);
	if (code == GH_OK)
		*ret = (gh_span){ .size = HEADER + j.payload.len,
				  .proof = j.body_right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct jcg j;
	(void)span;
	gh_code code = read_header(ctx, c, &j);
	if (code != GH_OK)
		return code;
	const char *created = gh_utc(ctx, j.time);
	if (!created || gh_node_fact(ctx, out, "vendor", GH_LIT("JCG")) ||
	    gh_node_factf(ctx, out, "version", "%u.%u", j.major, j.minor) ||
	    gh_fact_field(ctx, out, "product", gh_bytes_part(j.all, 4, 32)) ||
	    gh_fact_field(ctx, out, "info", gh_bytes_part(j.all, 0x28, 64)) ||
	    gh_node_fact(ctx, out, "created", gh_view_text(created)))
		return GH_NOMEM;
	gh_sum sum = { .what = "header CRC", .algorithm = "crc32", .at = c.pos + CRC_AT };
	sum.remark = "over the header, this field zero";
	code = gh_sum_u32(ctx, out, sum, j.header_crc, header_crc(j.all), true);
	sum.what = "payload CRC";
	sum.at = c.pos + 0x1f8;
	sum.remark = "over the rest of the file";
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, j.data_crc, gh_crc32(j.payload), true);
	if (code == GH_OK && j.turned)
		code = gh_node_note(
			ctx, out, GH_ENCRYPTED, c.pos + HEADER,
			"the payload is turned by xor with a key made of version and info; how is not published");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(j.all, 0, HEADER));
	return code == GH_OK && j.payload.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, j.payload)
		       : code;
}

const gh_format gh_format_jcg = {
	.name = "jcg",
	.title = "JCG image (YSZJ)",
	.spec = "openwrt/firmware-utils: jcgimage.c",
	.limits = "the vendor's own images are turned by xor with a key whose making is not published",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "YSZJ.{32}\\x00\\x00\\x00\\x01", 40, 0 } },
	.measure = measure,
	.unpack = unpack,
};
