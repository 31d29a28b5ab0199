/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of Cisco's ASA firewalls (nezlooy/cisco-binwalk, cisco_asa): a boot sector, loaders as a.out programs, a
 * Linux kernel and its first file system. Little-endian.
 *
 *	0                         200
 *	+-------------------------+----------+--------+--------+-------- … -+
 *	| fa 67 2e 0f 01 15 bc 7d | loaders  | kernel | rootfs | …          |
 *	+-------------------------+----------+--------+--------+-------- … -+
 *
 *	the loader that names them: 0b 01 64 00, text, data, bss, symbols, entry, 0, 0, … 54 kernel size, 58 rootfs size
 */
#include "format/room_in.h"

enum { SECTOR = 512, LOOK = 1 << 20, STEP = 16, SIZES_AT = 0x54, SIZE_MOST = 512 << 20 };

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	(void)ctx;
	if (c.left <= SECTOR)
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = c.left, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

/* The loader that knows how long kernel and root file system are. */
static bool find_sizes(gh_bytes all, uint32_t ret[2])
{
	for (uint64_t at = SECTOR; at + SIZES_AT + 8 <= GH_MIN(all.len, (size_t)LOOK); at += STEP) {
		gh_cur h = gh_cur_over(gh_bytes_part(all, at, SIZES_AT + 8), 0), s = gh_at(h, SIZES_AT);
		if (gh_u32le(&h) != 0x0064010b)
			continue;
		h = gh_at(h, 16);
		uint32_t entry = gh_u32le(&h), text_relocations = gh_u32le(&h), data_relocations = gh_u32le(&h);
		ret[0] = gh_u32le(&s);
		ret[1] = gh_u32le(&s);
		if (entry != 0 && text_relocations == 0 && data_relocations == 0 && ret[0] > 0 && ret[0] < SIZE_MOST &&
		    ret[1] > 0 && ret[1] < SIZE_MOST)
			return true;
	}
	return false;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes all = gh_rest(&c);
	uint32_t sizes[2];
	(void)span;
	gh_code code = gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco"));
	if (code == GH_OK && find_sizes(all, sizes))
		code = gh_node_factf(ctx, out, "sizes", "kernel %u, rootfs %u", sizes[0], sizes[1]);
	gh_sum sum = { .what = "image checksum",
		       .algorithm = "not published",
		       .state = GH_SUM_UNVERIFIABLE,
		       .at = c.pos,
		       .remark = "how Cisco signs it has not been published" };
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "boot sector", c.pos, gh_bytes_part(all, 0, SECTOR));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + SECTOR,
				    gh_bytes_part(all, SECTOR, all.len));
	return code;
}

const gh_format gh_format_cisco_asa = {
	.name = "cisco-asa",
	.title = "Cisco image of ASA firewalls",
	.spec = "nezlooy/cisco-binwalk: cisco_asa",
	.limits = "kernel and root file system are found by what they are; no checksum is known",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xfa\\x67\\x2e\\x0f\\x01\\x15\\xbc\\x7d", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
