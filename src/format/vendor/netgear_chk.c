/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CHK, the image of Netgear (firmware-utils, mkchkimg.c). Big-endian.
 *
 *	0           4                 8                   10       14       18       1c       20       24       28
 *	+-----------+-----------------+-------------------+--------+--------+--------+--------+--------+--------+----------+
 *	| 2a23245e  | header's length | region, version…  | sum of | sum of | kernel | rootfs | sum of | sum of | board
 *id | |           |                 |                   | kernel | rootfs | length | length | both   | header | as text
 *|
 *	+-----------+-----------------+-------------------+--------+--------+--------+--------+--------+--------+----------+
 *
 * The sum: a adds bytes, b adds a; both are folded to 16 bits, b above a. That of the header has its own field zero.
 */
#include "format/room_in.h"

enum { HEADER_LEAST = 0x28, HEADER_MOST = 0x400, SUM_AT = 0x24, LENGTH_MOST = 256 << 20 };

struct chk {
	uint32_t header, kernel_sum, rootfs_sum, kernel, rootfs, image_sum, header_sum;
	gh_bytes reserved, board;
};

static uint32_t fold(uint32_t v)
{
	v = (v & 0xffff) + (v >> 16);
	return ((v >> 16) + v) & 0xffff;
}

static uint32_t sum_of(gh_bytes x, gh_bytes y)
{
	uint32_t a = 0, b = 0;
	for (size_t i = 0; i < x.len; i++)
		b += a += x.ptr[i];
	for (size_t i = 0; i < y.len; i++)
		b += a += y.ptr[i];
	return fold(b) << 16 | fold(a);
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct chk *ret)
{
	if (!gh_eat(&c, GH_LIT("\x2a\x23\x24\x5e")))
		return GH_NOT_MINE;
	struct chk h = { .header = gh_u32be(&c) };
	h.reserved = gh_take(&c, 8);
	h.kernel_sum = gh_u32be(&c);
	h.rootfs_sum = gh_u32be(&c);
	h.kernel = gh_u32be(&c);
	h.rootfs = gh_u32be(&c);
	h.image_sum = gh_u32be(&c);
	h.header_sum = gh_u32be(&c);
	if (!gh_cur_ok(&c) || h.header < HEADER_LEAST || h.header > HEADER_MOST || h.kernel > LENGTH_MOST ||
	    h.rootfs > LENGTH_MOST || h.kernel + h.rootfs == 0)
		return GH_NOT_MINE;
	h.board = gh_take(&c, h.header - HEADER_LEAST);
	if (!gh_cur_ok(&c) || !gh_field_is_text(h.board, 1))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the board of a CHK header is no text");
	*ret = h;
	return GH_OK;
}

static uint32_t header_sum(gh_bytes all, const struct chk *h)
{
	uint8_t head[HEADER_MOST];
	memcpy(head, all.ptr, h->header);
	memset(head + SUM_AT, 0, 4);
	return sum_of(gh_view(head, h->header), gh_view(NULL, 0));
}

static gh_bytes kernel_of(gh_bytes all, const struct chk *h)
{
	return gh_bytes_part(all, h->header, h->kernel);
}

static gh_bytes rootfs_of(gh_bytes all, const struct chk *h)
{
	return gh_bytes_part(all, (uint64_t)h->header + h->kernel, h->rootfs);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct chk h;
	gh_bytes all = gh_rest(&c);
	gh_code code = read_header(ctx, c, &h);
	if (code != GH_OK)
		return code;
	uint64_t size = (uint64_t)h.header + h.kernel + h.rootfs;
	bool head = header_sum(all, &h) == h.header_sum;
	code = gh_effort(ctx, GH_MIN(size, (uint64_t)all.len));
	if (code != GH_OK)
		return code;
	bool body = size <= all.len && sum_of(kernel_of(all, &h), rootfs_of(all, &h)) == h.image_sum;
	if (!head && !body)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither sum of a CHK header holds");
	*ret = (gh_span){ .size = GH_MIN(size, (uint64_t)all.len), .proof = body ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sums(gh_ctx *ctx, gh_cur c, const struct chk *h, gh_node *out)
{
	gh_bytes all = gh_rest(&c), kernel = kernel_of(all, h), rootfs = rootfs_of(all, h), none = { NULL, 0 };
	bool cut = kernel.len + rootfs.len < (size_t)h->kernel + h->rootfs;
	gh_sum s = { .algorithm = "netgear chk", .what = "header sum", .at = c.pos + SUM_AT };
	s.remark = "over the header, this field zero";
	gh_code code = gh_sum_u32(ctx, out, s, h->header_sum, header_sum(all, h), true);
	s.remark = cut ? "the image is cut short" : NULL;
	s.what = "kernel sum";
	s.at = c.pos + 0x10;
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, s, h->kernel_sum, sum_of(kernel, none), true);
	s.what = "rootfs sum";
	s.at = c.pos + 0x14;
	if (code == GH_OK && h->rootfs > 0)
		code = gh_sum_u32(ctx, out, s, h->rootfs_sum, sum_of(rootfs, none), true);
	s.what = "image sum";
	s.at = c.pos + 0x20;
	return code == GH_OK ? gh_sum_u32(ctx, out, s, h->image_sum, sum_of(kernel, rootfs), true) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct chk h;
	gh_bytes all = gh_rest(&c);
	gh_code code = read_header(ctx, c, &h);
	if (code != GH_OK)
		return code;
	const uint8_t *r = h.reserved.ptr;
	bool cut = span->size < (uint64_t)h.header + h.kernel + h.rootfs;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Netgear")) || gh_fact_field(ctx, out, "board", h.board) ||
	    gh_node_factf(ctx, out, "region", "%u", r[0]) ||
	    gh_node_factf(ctx, out, "version", "%u.%u.%u.%u", r[1], r[2], r[3], r[4]))
		return GH_NOMEM;
	code = add_sums(ctx, c, &h, out);
	if (code == GH_OK && cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + all.len,
				    "the header names more bytes than are there");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, h.header));
	gh_bytes kernel = kernel_of(all, &h), rootfs = rootfs_of(all, &h);
	if (code == GH_OK && kernel.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, h.rootfs ? "kernel" : "image", c.pos + h.header, kernel);
	if (code == GH_OK && rootfs.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "rootfs", c.pos + h.header + h.kernel, rootfs);
	return code;
}

const gh_format gh_format_netgear_chk = {
	.name = "netgear-chk",
	.title = "Netgear CHK image",
	.spec = "openwrt/firmware-utils: mkchkimg.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x2a\\x23\\x24\\x5e\\x00\\x00[\\x00-\\x03].", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
