/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition table of MyLoader, the boot loader of Compex (openwrt: include/linux/myloader.h), in the order of the
 * processor.
 *
 *	0          4         10                                                   90
 *	+----------+---------+--------------------------------------------+--- … ---+       flags: 1 active, 2 ELF, 4
 *LZMA, | 20021103 | 0, 0, 0 | flags, type, address, size, parameter      | 8 times |       8 preload, 10 with a header
 *	+----------+---------+--------------------------------------------+--- … ---+
 */
#include <stdio.h>

#include "format/boot/boot_in.h"

enum { HEADER = 16, PARTS = 8, PART = 16, SIZE = HEADER + PARTS * PART, FLASH_MOST = 256 << 20 };

struct entry {
	unsigned flags, type;
	uint32_t at, size;
};

static gh_code read_table(gh_cur c, struct entry ret[PARTS])
{
	static const uint8_t none[12];
	bool big = gh_bytes_start(gh_rest(&c), GH_LIT("\x20\x02\x11\x03"));
	unsigned there = 0;
	uint32_t magic = gh_u32(&c, big);
	gh_bytes zeros = gh_take(&c, sizeof none);
	if (magic != 0x20021103 || zeros.len != sizeof none || memcmp(zeros.ptr, none, sizeof none) != 0)
		return GH_NOT_MINE;
	for (unsigned i = 0; i < PARTS; i++) {
		struct entry e = { .flags = gh_u16(&c, big), .type = gh_u16(&c, big) };
		e.at = gh_u32(&c, big);
		e.size = gh_u32(&c, big);
		gh_skip(&c, 4);
		if (e.type > 16 || e.flags > 0x1f || (e.type != 0 && (e.at > FLASH_MOST || e.size > FLASH_MOST)))
			return GH_NOT_MINE;
		there += e.type != 0 && e.size > 0;
		ret[i] = e;
	}
	return gh_cur_ok(&c) && there > 1 ? GH_OK : GH_NOT_MINE;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct entry e[PARTS];
	(void)ctx;
	*ret = (gh_span){ .size = SIZE, .proof = GH_PROOF_SHAPE };
	return read_table(c, e);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct entry e[PARTS];
	(void)span;
	if (read_table(c, e) != GH_OK)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no table of partitions");
	gh_code code = gh_node_fact(ctx, out, "vendor", GH_LIT("Compex"));
	for (unsigned i = 0; i < PARTS && code == GH_OK; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "%u%s", i + 1, e[i].flags & 1 ? " (active)" : "");
		if (e[i].type != 0 && e[i].size > 0)
			code = gh_fact_partition(ctx, out, gh_view_text(name), e[i].at, e[i].size, false);
	}
	return code == GH_OK
		       ? gh_node_part(ctx, out, GH_NODE_HEADER, "table", c.pos, gh_bytes_part(gh_rest(&c), 0, SIZE))
		       : code;
}

const gh_format gh_format_myloader = {
	.name = "myloader",
	.title = "Partition table of MyLoader (Compex)",
	.spec = "openwrt: include/linux/myloader.h",
	.limits = "its partitions are told of, and looked for as everything is: the table does not say where flash "
		  "begins",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x20\\x02\\x11\\x03\\x00{6}", 10, 0 }, { "\\x03\\x11\\x02\\x20\\x00{6}", 10, 0 } },
	.measure = measure,
	.unpack = unpack,
};
