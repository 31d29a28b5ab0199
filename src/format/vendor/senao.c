/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of Senao's routers: EnGenius, and some of D-Link and Araknis (firmware-utils, mksenaofw.c). Big-endian.
 *
 *	0      4        8         c         1c     20       24   28       38     58        5c      60
 *	+------+--------+---------+---------+------+--------+----+--------+------+---------+-------+-----------------+
 *	| head | vendor | product | version | kind | length | 0  | MD5 of | pad  | sum of  | magic | payload, byte i |
 *	|      |        |         | [16]    |      |        |    | plain  | [32] | header  |       | ^ magic>>(i mod |
 *	|      |        |         |         |      |        |    | payload|      | bytes   |       | 8)              |
 *	+------+--------+---------+---------+------+--------+----+--------+------+---------+-------+-----------------+
 *
 * Kind 0 has another header before the payload, which the sum takes in: module "all", SKU, three numbers of a
 * version, date code, three of another version, the model's length, the model.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x60, SUM_AT = 0x58, CAPWAP = 40, MODEL_MOST = 64, LENGTH_MOST = 256 << 20 };

struct senao {
	uint32_t vendor, product, kind, length, sum, magic;
	uint32_t firmware[3], date;
	gh_bytes all, version, md5, model;
	uint64_t head; /* with the second one */
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct senao *ret)
{
	struct senao s = { .all = gh_rest(&c), .head = HEADER };
	gh_skip(&c, 4);
	s.vendor = gh_u32be(&c);
	s.product = gh_u32be(&c);
	s.version = gh_take(&c, 16);
	s.kind = gh_u32be(&c);
	s.length = gh_u32be(&c);
	uint32_t zero = gh_u32be(&c);
	s.md5 = gh_take(&c, 16);
	gh_skip(&c, 32);
	s.sum = gh_u32be(&c);
	s.magic = gh_u32be(&c);
	if (!gh_cur_ok(&c) || s.magic != 0x12345678 || zero != 0 || s.kind > 0xc || s.length == 0 ||
	    s.length > LENGTH_MOST || s.sum > 0xffff || !gh_field_is_text(s.version, 0))
		return GH_NOT_MINE;
	if (s.kind == 0) {
		gh_skip(&c, 8);
		for (unsigned i = 0; i < 3; i++)
			s.firmware[i] = gh_u32be(&c);
		s.date = gh_u32be(&c);
		gh_skip(&c, 12);
		uint32_t model = gh_u32be(&c);
		if (!gh_cur_ok(&c) || model > MODEL_MOST)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "the second header of a Senao image makes no sense");
		s.model = gh_take(&c, model);
		s.head += CAPWAP + model;
	}
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the header of a Senao image is cut short");
	*ret = s;
	return GH_OK;
}

static uint32_t header_sum(const struct senao *s)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < s->head; i++)
		sum += i >= SUM_AT && i < SUM_AT + 4 ? 0 : s->all.ptr[i];
	return sum;
}

static gh_bytes payload(const struct senao *s)
{
	return gh_bytes_part(s->all, s->head, s->length);
}

static gh_code decode(gh_ctx *ctx, const struct senao *s, gh_bytes *ret)
{
	gh_bytes in = payload(s);
	gh_code code = gh_spend_bytes(ctx, in.len);
	if (code != GH_OK)
		return code;
	uint8_t *out = gh_arena_alloc(ctx->arena, in.len ? in.len : 1);
	if (!out)
		return gh_nomem(ctx);
	for (size_t i = 0; i < in.len; i++)
		out[i] = (uint8_t)(in.ptr[i] ^ (s->magic >> (i % 8) & 0xff));
	*ret = gh_view(out, in.len);
	return GH_OK;
}

static void md5_of(gh_bytes plain, uint8_t ret[16])
{
	gh_md5(&plain, 1, ret);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct senao s;
	gh_bytes plain;
	uint8_t md5[16];
	gh_code code = read_header(ctx, c, &s);
	if (code != GH_OK)
		return code;
	bool head = header_sum(&s) == s.sum;
	code = decode(ctx, &s, &plain);
	if (code != GH_OK)
		return code;
	md5_of(plain, md5);
	bool body = plain.len == s.length && gh_bytes_eq(gh_view(md5, 16), s.md5);
	if (!head && !body)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither the sum nor the MD5 of a Senao header holds");
	*ret = (gh_span){ .size = s.head + plain.len, .proof = body ? GH_PROOF_SUM : GH_PROOF_SHAPE, .decoded = plain };
	return GH_OK;
}

static const char *kind_of(uint32_t kind)
{
	static const char *const kinds[] = { "combo", "bootloader", "kernel", "kernelapp", "apps" };
	return kind < GH_COUNT(kinds) ? kinds[kind] : "apps or data";
}

static gh_code add_facts(gh_ctx *ctx, const struct senao *s, gh_node *out)
{
	if (gh_node_factf(ctx, out, "vendor", "Senao, number 0x%04x", s->vendor) ||
	    gh_node_factf(ctx, out, "product", "0x%04x", s->product) ||
	    gh_fact_field(ctx, out, "version", s->version) ||
	    gh_node_factf(ctx, out, "kind", "%u (%s)", s->kind, kind_of(s->kind)))
		return GH_NOMEM;
	if (s->kind != 0)
		return GH_OK;
	if (gh_fact_field(ctx, out, "model", s->model) ||
	    gh_node_factf(ctx, out, "firmware-version", "%u.%u.%u", s->firmware[0], s->firmware[1], s->firmware[2]))
		return GH_NOMEM;
	return s->date != UINT32_MAX ? gh_node_factf(ctx, out, "created", "20%02u-%02u-%02u", s->date / 10000 % 100,
						     s->date / 100 % 100, s->date % 100)
				     : GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct senao s;
	uint8_t md5[16];
	gh_bytes plain = span->decoded;
	gh_code code = read_header(ctx, c, &s);
	if (code != GH_OK)
		return code;
	gh_sum head = { .what = "header sum", .algorithm = "sum of bytes", .at = c.pos + SUM_AT };
	head.remark = "over the headers, this field zero";
	if (add_facts(ctx, &s, out) || gh_sum_u32(ctx, out, head, s.sum, header_sum(&s), true))
		return GH_NOMEM;
	md5_of(plain, md5);
	gh_sum body = { .what = "payload MD5",
			.algorithm = "md5",
			.at = c.pos + 0x28,
			.stored = s.md5,
			.computed = gh_view(md5, 16),
			.state = gh_bytes_eq(gh_view(md5, 16), s.md5) ? GH_SUM_RIGHT : GH_SUM_WRONG };
	body.remark = plain.len < s.length ? "the payload is cut short" : "over the payload in plain";
	if (gh_node_sum(ctx, out, &body))
		return GH_NOMEM;
	if (plain.len < s.length &&
	    gh_node_note(ctx, out, GH_TRUNCATED, c.pos + s.all.len,
			 "the header names %u bytes of payload, %zu are there", s.length, plain.len))
		return GH_NOMEM;
	code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(s.all, 0, s.head));
	return code == GH_OK && plain.len > 0
		       ? gh_node_part_decoded(ctx, out, "payload", "byte i xor 0x12345678 >> (i mod 8)", c.pos + s.head,
					      payload(&s), plain)
		       : code;
}

const gh_format gh_format_senao = {
	.name = "senao",
	.title = "Senao image (EnGenius and others), payload turned by xor",
	.spec = "openwrt/firmware-utils: mksenaofw.c",
	.limits = "other magics than 12345678",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00\\x00\\x00[\\x00-\\x0c][\\x00-\\x0f].{3}\\x00\\x00\\x00\\x00.{48}\\x00\\x00.."
		     "\\x12\\x34\\x56\\x78",
		     68, 0x1c } },
	.measure = measure,
	.unpack = unpack,
};
