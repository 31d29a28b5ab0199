/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TP-Link's image for devices without Linux (binwalk tplink.rs). Big-endian.
 *
 *	0             4         14     18     1c     1e         94
 *	+-------------+---------+------+------+------+------ … -+------ … -+
 *	| 00 14 2f c0 | MD5     | IMG0 | size | model| revision  | image    |
 *	+-------------+---------+------+------+------+------ … -+------ … -+
 *
 * The size counts from IMG0. What the digest covers has not been published: the salts of TP-Link's other formats are
 * tried in front of and in place of it, and none.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 0x94, FROM = 0x14, SIZE_MOST = 256 << 20 };

static const uint8_t salts[][16] = {
	{ 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d, 0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e },
	{ 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38 },
	{ 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37 },
};

struct rtos {
	gh_bytes head, image, digest, all;
	uint32_t size;
	uint16_t model;
	uint8_t revision;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct rtos *ret)
{
	gh_cur h = c;
	gh_skip(&h, 4);
	struct rtos r = { .digest = gh_take(&h, 16) };
	if (!gh_eat(&h, GH_LIT("IMG0")))
		return GH_NOT_MINE;
	r.size = gh_u32be(&h);
	r.model = gh_u16be(&h);
	r.revision = gh_u8(&h);
	if (!gh_cur_ok(&h) || r.size <= HEAD - FROM || r.size > SIZE_MOST || c.left <= HEAD)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the size of a TP-Link RTOS image makes no sense");
	r.all = gh_bytes_part(gh_rest(&c), 0, (uint64_t)FROM + r.size);
	r.head = gh_bytes_part(r.all, 0, HEAD);
	r.image = gh_bytes_part(r.all, HEAD, r.all.len);
	*ret = r;
	return GH_OK;
}

static bool cut(const struct rtos *r)
{
	return r->all.len < (uint64_t)FROM + r->size;
}

/* The way in which the digest holds: 0 none, 1 without a salt, then by salt; 2 in front, 3 in its place. */
static bool digest_holds(const struct rtos *r, const char **how)
{
	gh_bytes behind = gh_bytes_part(r->all, FROM, r->all.len), magic = gh_bytes_part(r->all, 0, 4);
	uint8_t md5[16];
	gh_md5(&behind, 1, md5);
	*how = "over all behind it";
	if (gh_bytes_eq(gh_view(md5, sizeof md5), r->digest))
		return true;
	for (unsigned i = 0; i < GH_COUNT(salts); i++) {
		const gh_bytes runs[] = { magic, gh_view(salts[i], 16), behind };
		gh_md5(runs + 1, 2, md5);
		*how = "over a published salt and all behind it";
		if (gh_bytes_eq(gh_view(md5, sizeof md5), r->digest))
			return true;
		gh_md5(runs, 3, md5);
		*how = "over all, a published salt in its place";
		if (gh_bytes_eq(gh_view(md5, sizeof md5), r->digest))
			return true;
	}
	return false;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct rtos r;
	const char *how;
	gh_code code = read_header(ctx, c, &r);
	if (code == GH_OK)
		code = gh_effort(ctx, 7 * (uint64_t)r.all.len);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = r.all.len,
			  .proof = !cut(&r) && digest_holds(&r, &how) ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct rtos r;
	gh_code code = read_header(ctx, c, &r);
	if (code == GH_OK)
		code = gh_effort(ctx, 7 * (uint64_t)r.all.len);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("TP-Link")) ||
	    gh_node_factf(ctx, out, "model", "0x%04x", r.model) ||
	    gh_node_factf(ctx, out, "board", "revision %u", r.revision))
		return GH_NOMEM;
	gh_sum s = { .what = "image MD5", .algorithm = "md5", .at = c.pos + 4, .stored = r.digest };
	if (span->proof == GH_PROOF_SUM) {
		(void)digest_holds(&r, &s.remark);
		s.state = GH_SUM_RIGHT;
		s.computed = r.digest;
	} else {
		s.state = GH_SUM_UNVERIFIABLE;
		s.remark = cut(&r) ? "the image is cut short" : "the image was changed, or the salt is not published";
	}
	code = gh_node_sum(ctx, out, &s);
	if (code == GH_OK && cut(&r))
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + r.all.len,
				    "the header names %u bytes, %zu are there", r.size + FROM, r.all.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, r.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEAD, r.image);
	return code;
}

const gh_format gh_format_tplink_rtos = {
	.name = "tplink-rtos",
	.title = "TP-Link image without Linux (IMG0)",
	.spec = "ReFirmLabs/binwalk: tplink.rs",
	.limits = "a digest that holds with no published salt is called unverifiable",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00\\x14\\x2f\\xc0.{16}IMG0", 24, 0 } },
	.measure = measure,
	.unpack = unpack,
};
