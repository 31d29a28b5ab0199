/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mark before the root file system in images of Alpha Networks for D-Link (binwalk packimg.rs). Little-endian.
 *
 *	0             c       10     14         20
 *	+-------------+-------+------+----------+------ … -+
 *	| --PaCkImGs- | 0     | size | 12 bytes | data     |
 *	| -           |       |      |          |          |
 *	+-------------+-------+------+----------+------ … -+
 *
 * There is no checksum. Big-endian devices have the size in their order.
 */
#include "format/room_in.h"

enum { HEAD = 32, SIZE_MOST = 256 << 20 };

static gh_code read_header(gh_ctx *ctx, gh_cur c, uint32_t *size, gh_bytes *data)
{
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("--PaCkImGs--")))
		return GH_NOT_MINE;
	gh_skip(&h, 4);
	gh_cur big = h;
	*size = gh_u32le(&h);
	if (*size > SIZE_MOST)
		*size = gh_u32be(&big);
	gh_skip(&h, 12);
	if (!gh_cur_ok(&h) || *size == 0 || *size > SIZE_MOST || h.left == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the size in a PackImg mark makes no sense");
	*data = gh_take(&h, GH_MIN((uint64_t)*size, (uint64_t)h.left));
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint32_t size;
	gh_bytes data;
	gh_code code = read_header(ctx, c, &size, &data);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = HEAD + data.len, .proof = gh_smells_of_fs(data) ? GH_PROOF_SHAPE : GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint32_t size;
	gh_bytes data;
	(void)span;
	gh_code code = read_header(ctx, c, &size, &data);
	if (code != GH_OK)
		return code;
	gh_sum s = { .what = "image checksum", .algorithm = "none", .state = GH_SUM_ABSENT, .at = c.pos };
	code = gh_node_sum(ctx, out, &s);
	if (code == GH_OK && data.len < size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + data.len,
				    "the mark names %u bytes, %zu are there", size, data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "mark", c.pos, gh_bytes_part(gh_rest(&c), 0, HEAD));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "rootfs", c.pos + HEAD, data);
	return code;
}

const gh_format gh_format_packimg = {
	.name = "packimg",
	.title = "PackImg mark, D-Link",
	.spec = "ReFirmLabs/binwalk: packimg.rs",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "--PaCkImGs--", 12, 0 } },
	.measure = measure,
	.unpack = unpack,
};
