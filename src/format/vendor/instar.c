/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instar's image of cameras (onekey-sec/unblob, bneg.py). Little-endian. There is no checksum.
 *
 *	0      4           8           c         10        14
 *	+------+-----------+-----------+---------+---------+------- … ---+------- … ---+
 *	| BNEG | major = 1 | minor = 1 | size    | size    | partition 1 | partition 2 |
 *	+------+-----------+-----------+---------+---------+------- … ---+------- … ---+
 */
#include "format/room_in.h"

enum { HEAD = 20, SIZE_MOST = 512 << 20 };

struct bneg {
	gh_bytes head, part[2];
	uint32_t size[2];
};

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct bneg *ret)
{
	gh_bytes all = gh_rest(&c);
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("BNEG\1\0\0\0\1\0\0\0")))
		return GH_NOT_MINE;
	ret->size[0] = gh_u32le(&h);
	ret->size[1] = gh_u32le(&h);
	if (!gh_cur_ok(&h) || h.left == 0 || ret->size[0] == 0 || ret->size[0] > SIZE_MOST || ret->size[1] == 0 ||
	    ret->size[1] > SIZE_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the sizes of an Instar image make no sense");
	ret->head = gh_bytes_part(all, 0, HEAD);
	ret->part[0] = gh_bytes_part(all, HEAD, ret->size[0]);
	ret->part[1] = gh_bytes_part(all, HEAD + (uint64_t)ret->size[0], ret->size[1]);
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct bneg b;
	gh_code code = read_image(ctx, c, &b);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = HEAD + (uint64_t)b.part[0].len + b.part[1].len, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const names[] = { "partition-1", "partition-2" };
	struct bneg b;
	uint64_t at = c.pos + HEAD;
	gh_code code = read_image(ctx, c, &b);
	(void)span;
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("Instar"));
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "format-version", GH_LIT("1.1"));
	gh_sum sum = { .what = "image checksum", .algorithm = "none", .state = GH_SUM_ABSENT, .at = c.pos };
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, b.head);
	for (unsigned i = 0; i < 2 && code == GH_OK; i++) {
		if (b.part[i].len < b.size[i])
			code = gh_node_note(ctx, out, GH_TRUNCATED, at + b.part[i].len,
					    "%s has %u bytes, %zu are there", names[i], b.size[i], b.part[i].len);
		if (code == GH_OK && b.part[i].len > 0)
			code = gh_node_part(ctx, out, GH_NODE_PART, names[i], at, b.part[i]);
		at += b.part[i].len;
	}
	return code;
}

const gh_format gh_format_instar = {
	.name = "instar",
	.title = "Instar image of cameras (BNEG)",
	.spec = "onekey-sec/unblob: bneg.py",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "BNEG\\x01\\x00\\x00\\x00\\x01\\x00\\x00\\x00", 12, 0 } },
	.measure = measure,
	.unpack = unpack,
};
