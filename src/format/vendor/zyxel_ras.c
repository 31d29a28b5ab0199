/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zyxel's image for its Linux routers, "ras.bin" (firmware-utils, mkrasimage.c). Big-endian.
 *
 *	0       4       8             28       2c           6c       70       74       … one erase block
 *	+-------+-------+-------------+--------+------------+--------+--------+---- … +------- … ---+------ … -+
 *	| sum of| length| version[32] | sum of | model[64]  | sum of | length | ff …  | root fs     | kernel   |
 *	| rootfs|       |             | header |            | kernel |        |       |             |          |
 *	+-------+-------+-------------+--------+------------+--------+--------+---- … +------- … ---+------ … -+
 *
 * Sums are those of bytes, carries added again to 16 bits; that of the header is over its first 2 KiB with the sum of
 * the root file system in its place. Nothing says how long the header is: the length is taken for which the sum holds.
 */
#include "format/room_in.h"

enum { FIELDS = 0x74, OVER = 0x800, LENGTH_MOST = 128 << 20 };

static const uint32_t heads[] = { 0x10000, 0x20000, 0x1000, 0x40000 };

struct ras {
	gh_bytes version, model, rootfs, kernel;
	uint32_t rootfs_sum, rootfs_len, head_sum, kernel_sum, kernel_len, head;
	bool rootfs_right, whole;
};

static uint32_t sum_of(gh_bytes b)
{
	uint64_t n = 0;
	for (size_t i = 0; i < b.len; i++)
		n += b.ptr[i];
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	return (uint32_t)n;
}

static uint32_t head_sum(gh_bytes all)
{
	uint8_t head[OVER];
	memcpy(head, all.ptr, sizeof head);
	memcpy(head + 0x28, head, 4);
	return sum_of(gh_view(head, sizeof head));
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct ras *ret)
{
	gh_bytes all = gh_rest(&c);
	struct ras r = { .rootfs_sum = gh_u32be(&c) };
	r.rootfs_len = gh_u32be(&c);
	r.version = gh_text(&c, 32);
	r.head_sum = gh_u32be(&c);
	r.model = gh_text(&c, 64);
	r.kernel_sum = gh_u32be(&c);
	r.kernel_len = gh_u32be(&c);
	if (!gh_cur_ok(&c) || all.len < OVER || r.rootfs_sum > 0xffff || r.head_sum > 0xffff || r.rootfs_len == 0 ||
	    r.rootfs_len > LENGTH_MOST || !gh_field_is_text(r.version, 4) || !gh_field_is_text(r.model, 2))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a Zyxel image make no sense");
	if (r.kernel_len > LENGTH_MOST)
		r.kernel_len = 0;
	*ret = r;
	return GH_OK;
}

/* Finds the length of the header. */
static gh_code settle(gh_ctx *ctx, gh_cur c, struct ras *r)
{
	gh_bytes all = gh_rest(&c);
	r->head = heads[0];
	for (unsigned i = 0; i < GH_COUNT(heads) && !r->rootfs_right; i++) {
		gh_bytes rootfs = gh_bytes_part(all, heads[i], r->rootfs_len);
		if (rootfs.len < r->rootfs_len)
			continue;
		gh_code code = gh_effort(ctx, rootfs.len);
		if (code != GH_OK)
			return code;
		r->rootfs_right = sum_of(rootfs) == r->rootfs_sum;
		if (r->rootfs_right)
			r->head = heads[i];
	}
	r->rootfs = gh_bytes_part(all, r->head, r->rootfs_len);
	r->kernel = gh_bytes_part(all, (uint64_t)r->head + r->rootfs_len, r->kernel_len);
	r->whole = r->rootfs.len == r->rootfs_len && r->kernel.len == r->kernel_len;
	return r->rootfs.len > 0 ? GH_OK
				 : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows the header of a Zyxel image");
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct ras r;
	gh_code code = read_header(ctx, c, &r);
	if (code == GH_OK)
		code = settle(ctx, c, &r);
	if (code != GH_OK)
		return code;
	bool head = head_sum(gh_rest(&c)) == r.head_sum;
	if (!head && !r.rootfs_right)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither sum of a Zyxel image holds");
	*ret = (gh_span){ .size = r.head + r.rootfs.len + r.kernel.len,
			  .proof = head && r.rootfs_right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sum(gh_ctx *ctx, gh_node *out, const char *what, uint64_t at, uint32_t stored, gh_bytes b,
		       uint32_t length)
{
	gh_sum s = { .what = what, .algorithm = "bytes, carries added", .at = at };
	if (b.len == length)
		return gh_sum_u32(ctx, out, s, stored, sum_of(b), true);
	const uint8_t raw[4] = { 0, 0, (uint8_t)(stored >> 8), (uint8_t)stored };
	s.state = GH_SUM_UNVERIFIABLE;
	s.stored = gh_view(raw, sizeof raw);
	s.remark = "the image is cut short";
	return gh_node_sum(ctx, out, &s);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct ras r;
	gh_bytes all = gh_rest(&c);
	(void)span;
	gh_code code = read_header(ctx, c, &r);
	if (code == GH_OK)
		code = settle(ctx, c, &r);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Zyxel")) || gh_fact_field(ctx, out, "model", r.model) ||
	    gh_fact_field(ctx, out, "version", r.version))
		return GH_NOMEM;
	gh_sum s = { .what = "header sum", .algorithm = "bytes, carries added", .at = c.pos + 0x28 };
	code = gh_sum_u32(ctx, out, s, r.head_sum, head_sum(all), true);
	if (code == GH_OK)
		code = add_sum(ctx, out, "rootfs sum", c.pos, r.rootfs_sum, r.rootfs, r.rootfs_len);
	if (code == GH_OK && r.kernel_len > 0)
		code = add_sum(ctx, out, "kernel sum", c.pos + 0x6c, r.kernel_sum, r.kernel, r.kernel_len);
	if (code == GH_OK && !r.whole)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + r.head,
				    "the header names more bytes than are there");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, FIELDS));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "rootfs", c.pos + r.head, r.rootfs);
	if (code == GH_OK && r.kernel.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "kernel", c.pos + r.head + r.rootfs_len, r.kernel);
	return code;
}

const gh_format gh_format_zyxel_ras = {
	.name = "zyxel-ras",
	.title = "Zyxel image with version and model (ras.bin)",
	.spec = "openwrt/firmware-utils: mkrasimage.c",
	.limits = "versions that are not written as V1.00(ABCD.0)",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00\\x00.{2}[\\x00-\\x07].{3}V[0-9]\\.[0-9]{2}\\([A-Z]{3}", 17, 0 },
		   { "\\x00\\x00.{2}[\\x00-\\x07].{3}[0-9]\\.[0-9]{2}\\([A-Z]{3}", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
