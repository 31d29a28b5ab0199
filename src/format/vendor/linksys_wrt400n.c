/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of Linksys' WRT400N (firmware-utils, wrt400n.c). Big-endian.
 *
 *	0           4              10       14    18       1c    20         24         28       2c     3c
 *	+-----------+--------------+--------+-----+--------+-----+----------+----------+--------+------+---------------+
 *	| CRC-32 of | "GMTKRT400N" | kernel | 1   | rootfs | 1   | kernel's | rootfs'  | length | ff   | kernel,       |
 *	| both parts| [12]         | length |     | length |     | sum      | sum      | of all | [16] | rootfs        |
 *	+-----------+--------------+--------+-----+--------+-----+----------+----------+--------+------+---------------+
 *
 * A part's sum is a CRC-32 from 0 without inversion over the part and as many ff as fill its place on flash:
 * 100000 and 2fffc4 bytes.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x3c, KERNEL_PLACE = 0x100000, ROOTFS_PLACE = 0x2fffc4 };

struct wrt {
	gh_bytes all, kernel, rootfs;
	uint32_t crc, kernel_length, rootfs_length, kernel_sum, rootfs_sum;
	uint64_t size;
};

static bool read_header(gh_cur c, struct wrt *ret)
{
	struct wrt w = { .all = gh_rest(&c) };
	w.crc = gh_u32be(&c);
	if (!gh_eat(&c, GH_LIT("GMTKRT400N\0")))
		return false;
	gh_skip(&c, 1);
	w.kernel_length = gh_u32be(&c);
	gh_skip(&c, 4);
	w.rootfs_length = gh_u32be(&c);
	gh_skip(&c, 4);
	w.kernel_sum = gh_u32be(&c);
	w.rootfs_sum = gh_u32be(&c);
	gh_skip(&c, 20);
	if (!gh_cur_ok(&c) || w.kernel_length == 0 || w.kernel_length > KERNEL_PLACE || w.rootfs_length > ROOTFS_PLACE)
		return false;
	w.size = (uint64_t)HEADER + w.kernel_length + w.rootfs_length;
	w.kernel = gh_bytes_part(w.all, HEADER, w.kernel_length);
	w.rootfs = gh_bytes_part(w.all, (uint64_t)HEADER + w.kernel_length, w.rootfs_length);
	*ret = w;
	return true;
}

static uint32_t sum_of(gh_bytes part, uint32_t place)
{
	uint8_t ff[4096];
	uint32_t crc = gh_crc32_more(UINT32_MAX, part);
	memset(ff, 0xff, sizeof ff);
	for (size_t left = place - part.len; left > 0;) {
		size_t n = GH_MIN(left, sizeof ff);
		crc = gh_crc32_more(crc, gh_view(ff, n));
		left -= n;
	}
	return ~crc;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct wrt w;
	if (!read_header(c, &w))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, GH_MIN(w.size, (uint64_t)w.all.len));
	if (code != GH_OK)
		return code;
	bool right = w.size <= w.all.len && gh_crc32(gh_bytes_part(w.all, HEADER, w.size - HEADER)) == w.crc;
	*ret = (gh_span){ .size = GH_MIN(w.size, (uint64_t)w.all.len), .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sums(gh_ctx *ctx, gh_cur c, const struct wrt *w, gh_node *out)
{
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32", .at = c.pos, .remark = "over both parts" };
	gh_code code =
		gh_sum_u32(ctx, out, sum, w->crc, gh_crc32(gh_bytes_part(w->all, HEADER, w->size - HEADER)), true);
	sum.algorithm = "crc32 from 0, not inverted";
	sum.what = "kernel sum";
	sum.at = c.pos + 0x20;
	sum.remark = "over the part and ff up to 1 MiB";
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, w->kernel_sum, sum_of(w->kernel, KERNEL_PLACE), true);
	sum.what = "rootfs sum";
	sum.at = c.pos + 0x24;
	sum.remark = "over the part and ff up to 3145668 bytes";
	return code == GH_OK ? gh_sum_u32(ctx, out, sum, w->rootfs_sum, sum_of(w->rootfs, ROOTFS_PLACE), true) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct wrt w;
	(void)span;
	if (!read_header(c, &w))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no header of a WRT400N");
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Linksys")) || gh_node_fact(ctx, out, "model", GH_LIT("WRT400N")))
		return GH_NOMEM;
	gh_code code = w.size <= w.all.len ? add_sums(ctx, c, &w, out)
					   : gh_node_note(ctx, out, GH_TRUNCATED, c.pos + w.all.len,
							  "the header names %llu bytes, %zu are there",
							  (unsigned long long)w.size, w.all.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(w.all, 0, HEADER));
	if (code == GH_OK && w.kernel.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "kernel", c.pos + HEADER, w.kernel);
	return code == GH_OK && w.rootfs.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_PART, "rootfs", c.pos + HEADER + w.kernel_length, w.rootfs)
		       : code;
}

const gh_format gh_format_linksys_wrt400n = {
	.name = "linksys-wrt400n",
	.title = "Linksys WRT400N image (GMTKRT400N)",
	.spec = "openwrt/firmware-utils: wrt400n.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "GMTKRT400N\\x00", 11, 4 } },
	.measure = measure,
	.unpack = unpack,
};
