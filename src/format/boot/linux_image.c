/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bare Linux kernel for 64-bit ARM or RISC-V (linux/Documentation/arch/arm64/booting.rst,
 *riscv/boot-image-header.rst), little-endian.
 *
 *	0      4      8             10           18      20            30         38        3c
 *	+------+------+-------------+------------+-------+-------------+----------+---------+----+
 *	| code | code | text offset | image size | flags | 0           | 0        | ARM 64  | PE |
 *	+------+------+-------------+------------+-------+-------------+----------+---------+----+
 *	                                                 | version, 0  | RISCV    | RSC 05  |
 *
 * The size covers what the kernel clears at its start, too: the file is shorter.
 */
#include "format/boot/boot_in.h"

enum { HEADER = 64, SIZE_MOST = 256 << 20 };

struct image {
	bool riscv;
	uint64_t offset, size, flags;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct image *ret)
{
	struct image i = { .riscv = false };
	uint64_t pos = c.pos;
	gh_skip(&c, 8);
	i.offset = gh_u64le(&c);
	i.size = gh_u64le(&c);
	i.flags = gh_u64le(&c);
	gh_skip(&c, 16);
	gh_skip(&c, 8);
	uint32_t magic = gh_u32le(&c);
	gh_skip(&c, 4);
	if (!gh_cur_ok(&c) || (magic != 0x644d5241 && magic != 0x05435352))
		return GH_NOT_MINE;
	i.riscv = magic == 0x05435352;
	if (i.size < GH_KIB(64) || i.size > SIZE_MOST || i.size % 4 != 0 || i.offset > GH_MIB(64) || i.flags > 0xff)
		return gh_fail(ctx, GH_CORRUPT, pos + 16, "the numbers of the kernel image make no sense");
	*ret = i;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct image i;
	gh_code code = read_header(ctx, c, &i);
	if (code == GH_OK)
		*ret = (gh_span){ .size = GH_MIN(i.size, (uint64_t)c.left), .proof = GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const pages[] = { NULL, "4 KiB", "16 KiB", "64 KiB" };
	struct image i;
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	gh_code code = read_header(ctx, c, &i);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "architecture", i.riscv ? GH_LIT("RISC-V") : GH_LIT("ARM64"));
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "byte-order",
				    i.flags & 1 ? GH_LIT("big-endian") : GH_LIT("little-endian"));
	if (code == GH_OK && !i.riscv && pages[i.flags >> 1 & 3])
		code = gh_node_fact(ctx, out, "page-size", gh_view_text(pages[i.flags >> 1 & 3]));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "image-size", "%llu", (unsigned long long)i.size);
	if (code == GH_OK)
		code = gh_fact_linux(ctx, out, all);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, HEADER));
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_PART, "kernel", c.pos + HEADER,
					    gh_bytes_part(all, HEADER, all.len))
			     : code;
}

const gh_format gh_format_linux_image = {
	.name = "linux-image",
	.title = "Linux kernel for 64-bit ARM or RISC-V (Image)",
	.spec = "linux/Documentation/arch/arm64/booting.rst",
	.limits = "the header does not say how long the file is: what follows may be taken for part of it",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00{24}ARM\\x64", 28, 0x20 }, { "RISCV\\x00\\x00\\x00RSC\\x05", 12, 0x30 } },
	.measure = measure,
	.unpack = unpack,
};
