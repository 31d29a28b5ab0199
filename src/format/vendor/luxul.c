/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Luxul's header (firmware-utils, lxlfw.c). Little-endian.
 *
 *	0        4         8        c       10      20
 *	+--------+---------+--------+-------+-------+---------+
 *	| "LXL#" | layout, | its    | flags | board | release |
 *	|        | 0 to 2  | length |       | [16]  | [4]     |
 *	+--------+---------+--------+-------+-------+---------+
 *
 * Flags and board from layout 1 on, release from 2 on. No length of what follows, no checksum.
 */
#include "format/room_in.h"

enum { LAYOUTS = 3, LENGTH_MOST = 0x1000 };

static const uint32_t lengths[LAYOUTS] = { 0xc, 0x20, 0x24 };

static bool read_header(gh_cur c, uint32_t *layout, uint32_t *length)
{
	if (!gh_eat(&c, GH_LIT("LXL#")))
		return false;
	*layout = gh_u32le(&c);
	*length = gh_u32le(&c);
	return gh_cur_ok(&c) && *layout < 16 && *length >= lengths[GH_MIN(*layout, LAYOUTS - 1u)] &&
	       *length <= LENGTH_MOST && *length - 0xc <= c.left;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint32_t layout, length;
	(void)ctx;
	if (!read_header(c, &layout, &length))
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = length, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint32_t layout, length;
	(void)span;
	if (!read_header(c, &layout, &length))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no Luxul header");
	gh_bytes head = gh_bytes_part(gh_rest(&c), 0, length);
	const uint8_t *r = head.ptr + 0x20;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Luxul")) || gh_node_factf(ctx, out, "layout", "%u", layout) ||
	    (layout >= 1 && gh_fact_field(ctx, out, "board", gh_bytes_part(head, 0x10, 16))) ||
	    (layout >= 2 && gh_node_factf(ctx, out, "version", "%u.%u.%u.%u", r[0], r[1], r[2], r[3])))
		return GH_NOMEM;
	return gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, head);
}

const gh_format gh_format_luxul = {
	.name = "luxul",
	.title = "Luxul header (LXL#)",
	.spec = "openwrt/firmware-utils: lxlfw.c",
	.limits = "only the header is claimed: it states no length of what follows; what layouts above 2 add",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "LXL#[\\x00-\\x0f]\\x00\\x00\\x00.[\\x00-\\x10]\\x00\\x00", 12, 0 } },
	.measure = measure,
	.unpack = unpack,
};
