/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zcomax' image (firmware-utils, mkzcfw.c). Lengths are little-endian, tails big-endian.
 *
 *	+------+--------+---+------+--------+---+-------- … -+-------+-----+------+-- … -+-------+-----+-------+-----+
 *	| firm | length | 0 | Kimg | length | 0 | kernel     | hw id | CRC | Rimg | …    | hw id | CRC | hw id | CRC |
 *	+------+--------+---+------+--------+---+-------- … -+-------+-----+------+-- … -+-------+-----+-------+-----+
 *
 * A header has 16 bytes, its length counts the tail. A CRC begins with zero, is not inverted, and covers what is
 *between the header and itself.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 16, TAIL = 8, PARTS_MOST = 8 };

struct block {
	gh_bytes body; /* data and tail */
	uint64_t at;   /* of the body */
	uint32_t length, id, crc;
};

static uint32_t crc_of(const struct block *b)
{
	return ~gh_crc32_more(UINT32_MAX, gh_bytes_part(b->body, 0, b->body.len - 4));
}

static bool read_block(gh_cur *c, struct block *ret)
{
	gh_cur h = gh_sub(c, HEAD);
	gh_skip(&h, 4);
	*ret = (struct block){ .length = gh_u32le(&h), .at = c->pos };
	ret->body = gh_take(c, GH_MIN((uint64_t)ret->length, (uint64_t)c->left));
	if (!gh_cur_ok(c) || ret->body.len <= TAIL)
		return false;
	gh_cur t = gh_at(gh_cur_over(ret->body, ret->at), ret->body.len - TAIL);
	ret->id = gh_u32be(&t);
	ret->crc = gh_u32be(&t);
	return true;
}

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct block *ret)
{
	if (!gh_bytes_start(gh_rest(&c), GH_LIT("firm")))
		return GH_NOT_MINE;
	if (!read_block(&c, ret))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows the header of a Zcomax image");
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct block b;
	gh_code code = read_image(ctx, c, &b);
	if (code == GH_OK)
		code = gh_effort(ctx, b.body.len);
	if (code != GH_OK)
		return code;
	bool right = b.body.len == b.length && crc_of(&b) == b.crc;
	*ret = (gh_span){ .size = HEAD + b.body.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_crc(gh_ctx *ctx, gh_node *out, const char *what, const struct block *b)
{
	gh_sum s = { .what = what, .algorithm = "crc32 from zero, not inverted", .at = b->at + b->body.len - 4 };
	if (b->body.len == b->length)
		return gh_sum_u32(ctx, out, s, b->crc, crc_of(b), true);
	s.state = GH_SUM_UNVERIFIABLE;
	s.stored = gh_view(NULL, 0);
	s.remark = "the image is cut short";
	return gh_node_sum(ctx, out, &s);
}

static gh_code add_part(gh_ctx *ctx, gh_node *out, bool kernel, gh_bytes head, const struct block *b)
{
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "block header", b->at - HEAD, head);
	if (code == GH_OK)
		code = add_crc(ctx, out, kernel ? "kernel CRC" : "rootfs CRC", b);
	size_t tail = b->body.len == b->length ? TAIL : 0;
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, kernel ? "kernel" : "rootfs", b->at,
				    gh_bytes_part(b->body, 0, b->body.len - tail));
	if (code == GH_OK && tail > 0)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "tail", b->at + b->body.len - tail,
				    gh_bytes_part(b->body, b->body.len - tail, tail));
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct block all, b;
	(void)span;
	gh_code code = read_image(ctx, c, &all);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Zcomax")) ||
	    (all.body.len == all.length && gh_node_factf(ctx, out, "board", "0x%08x", all.id)) ||
	    gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEAD)))
		return GH_NOMEM;
	code = add_crc(ctx, out, "image CRC", &all);
	if (code == GH_OK && all.body.len < all.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, all.at + all.body.len,
				    "the header names %u bytes, %zu are there", all.length, all.body.len);
	gh_cur in = gh_cur_over(all.body, all.at);
	for (unsigned i = 0; i < PARTS_MOST && code == GH_OK; i++) {
		bool kernel = gh_bytes_start(gh_rest(&in), GH_LIT("Kimg"));
		gh_bytes head = gh_bytes_part(gh_rest(&in), 0, HEAD);
		if ((!kernel && !gh_bytes_start(gh_rest(&in), GH_LIT("Rimg"))) || !read_block(&in, &b))
			break;
		code = add_part(ctx, out, kernel, head, &b);
	}
	return code;
}

const gh_format gh_format_zcomax = {
	.name = "zcomax",
	.title = "Zcomax image",
	.spec = "openwrt/firmware-utils: mkzcfw.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "firm.{12}[KR]img", 20, 0 } },
	.measure = measure,
	.unpack = unpack,
};
