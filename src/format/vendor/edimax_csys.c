/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSYS, the older header of Edimax (firmware-utils, mkedimaximg.c and mkcsysimg.c), in two layouts.
 *
 *	0        4       8           c          10                        14
 *	+--------+-------+-----------+----------+-------------------------+---------+-------------+
 *	| "CSYS" | start | where on  | model    | length with the sum     | payload | sum, 2 bytes|
 *	| "RMDC" |       | flash     | "RN68"   | (either byte order)     |         |             |
 *	+--------+-------+-----------+----------+-------------------------+---------+-------------+
 *	| "CSYS" | start | length without the sum, little-endian | payload | sum                  |
 *	+--------+-------+---------------------------------------+---------+----------------------+
 *
 * The 16-bit words of the payload and the sum make zero together; of an odd payload the first layout leaves the last
 * byte out.
 */
#include "format/room_in.h"

enum { LONG = 0x14, SHORT = 0xc, LENGTH_MOST = 64 << 20 };

static const uint32_t adm_start = 0x80500000; /* where ADMtek's boards load their code */

struct csys {
	gh_bytes all, body, model;
	uint32_t start, flash, header;
	uint64_t size, sum_at; /* size of all; where the sum stands */
	uint16_t stored, wanted;
	bool big, right;
};

static uint16_t minus_words(gh_bytes b, bool big)
{
	uint16_t sum = 0;
	for (size_t i = 0; i < b.len; i++)
		sum = (uint16_t)(sum - (big == (i % 2 == 0) ? b.ptr[i] * 256u : b.ptr[i]));
	return sum;
}

static void weigh(struct csys *s)
{
	gh_cur c = gh_cur_over(gh_bytes_part(s->all, s->sum_at, 2), 0);
	s->stored = gh_u16(&c, s->big);
	if (!gh_cur_ok(&c))
		return;
	s->wanted = minus_words(s->body, s->big);
	s->right = s->stored == s->wanted;
	/* An odd payload was filled up with a byte that is not in the sum, nor is the one before. */
	if (!s->right && s->header == LONG && s->body.len > 2)
		s->right = minus_words(gh_bytes_part(s->body, 0, s->body.len - 2), s->big) == s->stored;
	if (s->right)
		s->wanted = s->stored;
}

static bool read_as(gh_bytes all, uint32_t header, bool big, struct csys *ret)
{
	struct csys s = { .all = all, .header = header, .big = big };
	gh_cur c = gh_cur_over(all, 0);
	gh_skip(&c, 4);
	s.start = gh_u32(&c, big);
	if (header == LONG) {
		s.flash = gh_u32(&c, big);
		s.model = gh_take(&c, 4);
	}
	uint32_t length = gh_u32(&c, big);
	if (!gh_cur_ok(&c) || length < 4 || length > LENGTH_MOST)
		return false;
	if (header == LONG && (!gh_field_is_text(s.model, 4) || s.flash > LENGTH_MOST))
		return false;
	s.size = (uint64_t)header + length + (header == SHORT ? 2 : 0);
	s.sum_at = s.size - 2;
	s.body = gh_bytes_part(all, header, s.sum_at - header);
	*ret = s;
	return true;
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct csys *ret)
{
	static const struct {
		uint32_t header;
		bool big;
	} ways[] = { { LONG, false }, { LONG, true }, { SHORT, false } };
	gh_bytes all = gh_rest(&c);
	bool any = false;
	if (!gh_bytes_start(all, GH_LIT("CSYS")) && !gh_bytes_start(all, GH_LIT("RMDC")))
		return GH_NOT_MINE;
	for (size_t i = 0; i < GH_COUNT(ways); i++) {
		struct csys s;
		if (!read_as(all, ways[i].header, ways[i].big, &s))
			continue;
		gh_code code = gh_effort(ctx, s.body.len);
		if (code != GH_OK)
			return code;
		weigh(&s);
		/* Without its sum the short layout has only an address to be known by. */
		if (!s.right && (any || (ways[i].header == SHORT && s.start != adm_start)))
			continue;
		*ret = s;
		if (s.right)
			return GH_OK;
		any = true;
	}
	return any ? GH_OK : gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a CSYS header make no sense");
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct csys s;
	gh_code code = read_header(ctx, c, &s);
	if (code == GH_OK)
		*ret = (gh_span){ .size = GH_MIN(s.size, (uint64_t)s.all.len),
				  .proof = s.right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct csys s;
	(void)span;
	gh_code code = read_header(ctx, c, &s);
	if (code != GH_OK)
		return code;
	bool cut = s.size > s.all.len;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Edimax")) || gh_fact_field(ctx, out, "model", s.model) ||
	    gh_node_factf(ctx, out, "start-address", "0x%08x", s.start) ||
	    (s.header == LONG && gh_node_factf(ctx, out, "flash-address", "0x%08x", s.flash)))
		return GH_NOMEM;
	gh_sum sum = { .what = "payload sum", .algorithm = "sum of words, 16 bits", .at = c.pos + s.sum_at };
	sum.remark = "payload and sum make zero";
	code = cut ? gh_node_note(ctx, out, GH_TRUNCATED, c.pos + s.all.len,
				  "the header names %llu bytes, %zu are there", (unsigned long long)s.size, s.all.len)
		   : gh_sum_u16(ctx, out, sum, s.stored, s.wanted, s.big);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(s.all, 0, s.header));
	if (code == GH_OK && s.body.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + s.header, s.body);
	return code == GH_OK && !cut ? gh_node_part(ctx, out, GH_NODE_HEADER, "sum", c.pos + s.sum_at,
						    gh_bytes_part(s.all, s.sum_at, 2))
				     : code;
}

const gh_format gh_format_edimax_csys = {
	.name = "edimax-csys",
	.title = "Edimax image (CSYS, RMDC)",
	.spec = "openwrt/firmware-utils: mkedimaximg.c, mkcsysimg.c",
	.limits = "blocks of web pages and boot code before CSYS, whose marks are each board's own",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "CSYS.{4}.{4}", 12, 0 }, { "RMDC.{4}.{4}[0-~]{4}", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
