/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Linux kernel for 32-bit ARM that unpacks itself (linux/arch/arm/boot/compressed/head.S).
 *
 *	0             24         28      2c    30         34
 *	+-------------+----------+-------+-----+----------+---- … ----+--------------------+-----+
 *	| instructions| 016f2818 | start | end | 04030201 | code      | compressed kernel  | … |
 *	+-------------+----------+-------+-----+----------+---- … ----+--------------------+-----+
 *
 * Words are in the order of the processor; the word at 30 is there since Linux 3.17. Nothing says where the compressed
 * kernel stands: it is the first stream behind the code.
 */
#include "format/boot/boot_in.h"

enum { MAGIC_AT = 0x24, HEADER = 0x34, SIZE_LEAST = 4096, SIZE_MOST = 128 << 20 };

static const uint32_t no_operation = 0xe1a00000, order_mark = 0x04030201;

struct zimage {
	bool big, marked;
	uint32_t start, end;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct zimage *ret)
{
	struct zimage z = { .big = false };
	uint64_t pos = c.pos;
	gh_cur before = gh_at(c, MAGIC_AT - 8);
	gh_skip(&c, MAGIC_AT);
	uint32_t magic = gh_u32le(&c);
	z.big = magic == 0x18286f01;
	if (!z.big && magic != 0x016f2818)
		return GH_NOT_MINE;
	z.start = gh_u32(&c, z.big);
	z.end = gh_u32(&c, z.big);
	z.marked = gh_u32(&c, z.big) == order_mark;
	/* code stays little-endian where data is not (BE8) */
	bool begins = gh_u32le(&before) == no_operation;
	if (!gh_cur_ok(&c) || c.left == 0)
		return gh_fail(ctx, GH_TRUNCATED, pos, "the header of the zImage is cut short");
	if ((!begins && !z.marked) || z.end <= z.start || z.end - z.start < SIZE_LEAST || z.end - z.start > SIZE_MOST)
		return gh_fail(ctx, GH_CORRUPT, pos + MAGIC_AT, "start and end of the zImage make no sense");
	*ret = z;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct zimage z;
	gh_code code = read_header(ctx, c, &z);
	if (code == GH_OK)
		*ret = (gh_span){ .size = GH_MIN((uint64_t)(z.end - z.start), (uint64_t)c.left),
				  .proof = GH_PROOF_SHAPE };
	return code;
}

/* The first place behind the header that begins like a stream; the end where there is none. */
static uint64_t payload_of(gh_bytes all)
{
	static const gh_bytes starts[] = {
		GH_INIT("\x1f\x8b\x08\x00"),
		GH_INIT("\xfd"
			"7zXZ\x00"),
		GH_INIT("\x89LZO\x00\x0d\x0a"),
		GH_INIT("\x02\x21\x4c\x18"),
		GH_INIT("\x5d\x00\x00\x00\x04\xff"),
		GH_INIT("\x5d\x00\x00\x80\x00\xff"),
		GH_INIT("\x28\xb5\x2f\xfd"),
		GH_INIT("BZh91AY&SY"),
	};
	uint64_t first = all.len;
	for (size_t i = 0; i < GH_COUNT(starts); i++) {
		gh_bytes there = gh_bytes_part(all, HEADER, first - GH_MIN(first, (uint64_t)HEADER));
		const uint8_t *hit = there.ptr ? memmem(there.ptr, there.len, starts[i].ptr, starts[i].len) : NULL;
		if (hit)
			first = (uint64_t)(hit - all.ptr);
	}
	return first;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct zimage z;
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	gh_code code = read_header(ctx, c, &z);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "byte-order", z.big ? GH_LIT("big-endian") : GH_LIT("little-endian"));
	if (code == GH_OK && all.len < z.end - z.start)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + all.len, "%u bytes are named, %zu are there",
				    z.end - z.start, all.len);
	if (code == GH_OK)
		code = gh_effort(ctx, all.len);
	uint64_t at = payload_of(all);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, HEADER));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "decompressor", c.pos + HEADER,
				    gh_bytes_part(all, HEADER, at - HEADER));
	if (code == GH_OK && at < all.len)
		code = gh_node_part(ctx, out, GH_NODE_PART, "payload", c.pos + at, gh_bytes_part(all, at, all.len));
	else if (code == GH_OK)
		code = gh_node_note(ctx, out, GH_OK, c.pos, "no compressed kernel is seen behind the code");
	return code;
}

const gh_format gh_format_arm_zimage = {
	.name = "arm-zimage",
	.title = "Linux kernel for 32-bit ARM that unpacks itself (zImage)",
	.spec = "linux/arch/arm/boot/compressed/head.S",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x18\\x28\\x6f\\x01", 4, MAGIC_AT }, { "\\x01\\x6f\\x28\\x18", 4, MAGIC_AT } },
	.measure = measure,
	.unpack = unpack,
};
