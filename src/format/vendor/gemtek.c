/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gemtek's header: Linksys WRT100 and WRT110, Airlink101, Asante (firmware-utils, mkheader_gemtek.c). Little-endian.
 *
 *	0        4         8         c              10            14             18      1c         20
 *	+--------+---------+---------+--------------+-------------+--------------+-------+----------+---------+
 *	| "GMTK" | version | product | length of all| CRC-32 of   | CRC-32 of    | build | language | payload |
 *	| "A600" | "1007"  |         |              | all         | some of it   | [4]   | "EN"     |         |
 *	+--------+---------+---------+--------------+-------------+--------------+-------+----------+---------+
 *
 * The CRC has its own field zero, and the other one, too.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x20, CRC_AT = 0x10, LENGTH_MOST = 64 << 20 };

struct gemtek {
	gh_bytes all;
	uint32_t product, length, crc, fast;
};

static bool read_header(gh_cur c, struct gemtek *ret)
{
	struct gemtek g = { .all = gh_rest(&c) };
	if (!gh_eat(&c, GH_LIT("GMTK")) && !gh_eat(&c, GH_LIT("A600")))
		return false;
	gh_bytes version = gh_take(&c, 4);
	g.product = gh_u32le(&c);
	g.length = gh_u32le(&c);
	g.crc = gh_u32le(&c);
	g.fast = gh_u32le(&c);
	gh_bytes words = gh_take(&c, 8);
	if (!gh_cur_ok(&c) || !gh_field_is_text(version, 1) || g.length <= HEADER || g.length > LENGTH_MOST ||
	    !gh_field_is_text(gh_bytes_part(words, 0, 4), 0) || !gh_field_is_text(gh_bytes_part(words, 4, 4), 0))
		return false;
	*ret = g;
	return true;
}

static uint32_t crc_of(const struct gemtek *g)
{
	uint32_t crc = gh_crc32_more(gh_crc32(gh_bytes_part(g->all, 0, CRC_AT)), GH_LIT("\0\0\0\0\0\0\0\0"));
	return gh_crc32_more(crc, gh_bytes_part(g->all, CRC_AT + 8, g->length - CRC_AT - 8));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct gemtek g;
	if (!read_header(c, &g))
		return GH_NOT_MINE;
	uint64_t size = GH_MIN((uint64_t)g.length, (uint64_t)g.all.len);
	gh_code code = gh_effort(ctx, size);
	if (code != GH_OK)
		return code;
	bool right = g.length <= g.all.len && crc_of(&g) == g.crc;
	*ret = (gh_span){ .size = size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct gemtek g;
	(void)span;
	if (!read_header(c, &g))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no Gemtek header");
	bool cut = g.length > g.all.len;
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32", .at = c.pos + CRC_AT };
	sum.remark = cut ? "the image is cut short" : "over everything, both checksums zero";
	gh_sum fast = { .what = "short CRC", .algorithm = "crc32", .at = c.pos + CRC_AT + 4 };
	fast.state = g.fast ? GH_SUM_UNVERIFIABLE : GH_SUM_ABSENT;
	fast.remark = g.fast ? "over parts nobody named exactly" : "the field is zero";
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Gemtek")) ||
	    gh_fact_field(ctx, out, "version", gh_bytes_part(g.all, 4, 4)) ||
	    gh_fact_field(ctx, out, "build", gh_bytes_part(g.all, 0x18, 4)) ||
	    gh_fact_field(ctx, out, "language", gh_bytes_part(g.all, 0x1c, 4)) ||
	    gh_node_factf(ctx, out, "product", "0x%08x", g.product) ||
	    gh_sum_u32(ctx, out, sum, g.crc, crc_of(&g), false) || gh_node_sum(ctx, out, &fast))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + g.all.len, "the header names %u bytes, %zu are there",
				g.length, g.all.len))
		return GH_NOMEM;
	gh_bytes payload = gh_bytes_part(g.all, HEADER, g.length - HEADER);
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(g.all, 0, HEADER));
	return code == GH_OK && payload.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, payload)
						: code;
}

const gh_format gh_format_gemtek = {
	.name = "gemtek",
	.title = "Gemtek image (Linksys WRT100, WRT110 and others)",
	.spec = "openwrt/firmware-utils: mkheader_gemtek.c",
	.limits = "the second, short checksum",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "GMTK[0-9]{3}.{4}.{3}[\\x00-\\x03]", 15, 0 }, { "A600[0-9]{3}.{4}.{3}[\\x00-\\x03]", 15, 0 } },
	.measure = measure,
	.unpack = unpack,
};
