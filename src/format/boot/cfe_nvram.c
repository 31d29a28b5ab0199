/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the boot loader of Broadcom's DSL chips (CFE) keeps of the board, at 580 of its flash, or 10580
 * (linux/include/linux/bcm963xx_nvram.h), big-endian.
 *
 *	0         4             104       114        118   11c         120     126  128      … 3fc
 *	+---------+-------------+---------+----------+-----+-----------+-------+----+--------+---+--------+
 *	| version | boot line   | board   | number   | PSI | addresses | first | 0  | CRC    | … | CRC    |
 *	|         | e=… h=… f=… | 16      |          |     |           | MAC   |    | (to 4) |   | (5 on) |
 *	+---------+-------------+---------+----------+-----+-----------+-------+----+--------+---+--------+
 *
 * The CRC-32, not inverted at its end, is over 300 bytes up to version 4, and 1024 since 5, with zeros in its place.
 */
#include <stdio.h>

#include "codec/sum.h"
#include "format/room_in.h"

enum { SIZE_OLD = 300, SIZE = 1024, BOOT_LINE = 256, BOARD_AT = 0x104, MAC_AT = 0x120, MAC = 6, VENDOR_OF_MAC = 8 };

static uint32_t u32_at(gh_bytes b, uint64_t at)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, 4), 0);
	return gh_u32be(&c);
}

struct nvram {
	uint32_t version, stored, computed;
	size_t size;
	gh_bytes all;
};

static gh_code read_nvram(gh_cur c, struct nvram *ret)
{
	static const uint8_t zero[4];
	struct nvram v = { .version = u32_at(gh_rest(&c), 0) };
	v.size = v.version < 5 ? SIZE_OLD : SIZE;
	v.all = gh_bytes_part(gh_rest(&c), 0, v.size);
	if (v.version == 0 || v.version > 16 || v.all.len < v.size ||
	    !gh_field_is_text(gh_bytes_part(v.all, 4, BOOT_LINE), 4) ||
	    !gh_field_is_text(gh_bytes_part(v.all, BOARD_AT, 16), 1))
		return GH_NOT_MINE;
	v.stored = u32_at(v.all, v.size - 4);
	uint32_t crc = gh_crc32(gh_bytes_part(v.all, 0, v.size - 4));
	v.computed = ~gh_crc32_more(crc, gh_view(zero, 4));
	*ret = v;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct nvram v;
	(void)ctx;
	gh_code code = read_nvram(c, &v);
	if (code == GH_OK)
		*ret = (gh_span){ .size = v.size, .proof = v.stored == v.computed ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return code;
}

static gh_code fact_mac(gh_ctx *ctx, gh_node *out, gh_bytes m)
{
	char text[3 * MAC];
	int n = snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m.ptr[0], m.ptr[1], m.ptr[2], m.ptr[3],
			 m.ptr[4], m.ptr[5]);
	return gh_node_secret(ctx, out, "mac", gh_view(text, (size_t)n), VENDOR_OF_MAC);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct nvram v;
	(void)span;
	if (read_nvram(c, &v) != GH_OK)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no settings of a board");
	gh_sum sum = { .what = "board CRC", .algorithm = "crc32, not inverted", .at = c.pos + v.size - 4 };
	gh_code code = gh_sum_u32(ctx, out, sum, v.stored, v.computed, true);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "version", "%u", v.version);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "board", gh_bytes_part(v.all, BOARD_AT, 16));
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "boot-line", gh_bytes_part(v.all, 4, BOOT_LINE));
	if (code == GH_OK)
		code = fact_mac(ctx, out, gh_bytes_part(v.all, MAC_AT, MAC));
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "board", c.pos, v.all) : code;
}

const gh_format gh_format_cfe_nvram = {
	.name = "cfe-nvram",
	.title = "Board settings of Broadcom's DSL boot loader (CFE)",
	.spec = "linux/include/linux/bcm963xx_nvram.h",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00\\x00\\x00[\\x01-\\x10]e=[0-9]", 7, 0 } },
	.measure = measure,
	.unpack = unpack,
};
