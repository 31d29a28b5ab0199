/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Broadcom's whole flash image, told by its last 20 bytes (firmware-utils, bcm4908img.c, bcm4908asus.c). Numbers in
 * the router's order: little-endian on ARM, big-endian on MIPS.
 *
 *	end - 20              +4              +8     +12                  +16
 *	+---------------------+---------------+------+--------------------+-------+
 *	| CRC-32 of all before| version, 5732 | chip | kind of flash, 1.. | flags |
 *	+---------------------+---------------+------+--------------------+-------+
 *
 * Asus writes into the 64 bytes before: version (4 numbers), build, extended number, product [12], …; 28: extended
 * number with 32 bits, where the last byte's lowest bit is set. The CRC starts with ffffffff and is not inverted.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { TAIL = 20, ASUS = 64 };

struct wfi {
	uint32_t crc, version, chip, flash, flags;
	bool big;
	gh_bytes all, body;
};

static bool read_tail(gh_bytes all, struct wfi *ret)
{
	if (all.len <= TAIL + ASUS)
		return false;
	for (unsigned big = 0; big < 2; big++) {
		gh_cur c = gh_cur_over(gh_bytes_part(all, all.len - TAIL, TAIL), 0);
		struct wfi w = { .big = big, .all = all, .body = gh_bytes_part(all, 0, all.len - TAIL) };
		w.crc = gh_u32(&c, big);
		w.version = gh_u32(&c, big);
		w.chip = gh_u32(&c, big);
		w.flash = gh_u32(&c, big);
		w.flags = gh_u32(&c, big);
		if (w.version >= 0x5730 && w.version <= 0x5732 && w.chip != 0 && w.chip <= 0xfffff && w.flash >= 1 &&
		    w.flash <= 7) {
			*ret = w;
			return true;
		}
	}
	return false;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct wfi w;
	if (!read_tail(gh_rest(&c), &w))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, w.all.len);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = w.all.len, .proof = ~gh_crc32(w.body) == w.crc ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_asus(gh_ctx *ctx, gh_bytes tail, gh_node *out)
{
	gh_cur c = gh_cur_over(tail, 0), more = gh_at(c, 28), flags = gh_at(c, 63);
	gh_bytes version = gh_take(&c, 4);
	unsigned build = gh_u16le(&c), low = gh_u16le(&c);
	if (!version.ptr)
		return GH_OK;
	uint32_t extended = gh_u8(&flags) & 1 ? gh_u32le(&more) : low;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Asus")) ||
	    gh_node_fact(ctx, out, "product", gh_asus_product(gh_take(&c, 12))) ||
	    gh_node_factf(ctx, out, "version", "%u.%u.%u.%u", version.ptr[0], version.ptr[1], version.ptr[2],
			  version.ptr[3]) ||
	    gh_node_factf(ctx, out, "build", "%u_%u", build, extended))
		return GH_NOMEM;
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const flashes[] = { "NOR",           "NAND, 16 KiB", "NAND, 128 KiB", "NAND, 256 KiB",
					       "NAND, 512 KiB", "NAND, 1 MiB",  "NAND, 2 MiB" };
	struct wfi w;
	(void)span;
	if (!read_tail(gh_rest(&c), &w))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no tag of a whole flash image");
	gh_bytes tail = gh_bytes_part(w.body, w.body.len - ASUS, ASUS);
	bool asus = gh_asus_product(gh_bytes_part(tail, 8, 12)).len > 0;
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos + w.body.len };
	sum.remark = "over everything before the tag";
	if ((asus && add_asus(ctx, tail, out)) || gh_node_factf(ctx, out, "chip", "BCM%x", w.chip) ||
	    gh_node_factf(ctx, out, "flash", "%s", flashes[w.flash - 1]) ||
	    gh_node_factf(ctx, out, "flags", "0x%08x", w.flags) ||
	    gh_sum_u32(ctx, out, sum, w.crc, ~gh_crc32(w.body), w.big))
		return GH_NOMEM;
	gh_bytes image = gh_bytes_part(w.body, 0, w.body.len - (asus ? ASUS : 0));
	gh_code code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos, image);
	if (code == GH_OK && asus)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "asus tail", c.pos + image.len, tail);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "tag", c.pos + w.body.len,
					    gh_bytes_part(w.all, w.body.len, TAIL))
			     : code;
}

const gh_format gh_format_broadcom_wfi = {
	.name = "broadcom-wfi",
	.title = "Broadcom whole flash image (BCM4908 and others, Asus)",
	.spec = "openwrt/firmware-utils: bcm4908img.c, bcm4908asus.c",
	.limits = "only where the tag ends the file",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
