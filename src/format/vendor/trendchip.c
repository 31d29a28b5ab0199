/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of TrendChip, Ralink and EcoNet DSL and fibre routers, "tclinux" (Zyxel's and Asus' published sources,
 * trx.h; firmware-utils, zytrx.c). It took TRX's name and nothing else. Numbers in the router's order, mostly
 * big-endian, so that the magic "HDR2" stands there as "2RDH".
 *
 *	0        4         8        c              10       30        50       54       58        5c        80
 *	+--------+---------+--------+--------------+--------+---------+--------+--------+---------+---------+-----+
 *	| "2RDH" | header's| length | CRC-32 of all| version| customer| kernel | rootfs | romfile | model   | ... |
 *	|        | length  | of all | behind header| [32]   | version | length | length | length  | [32]    |     |
 *	+--------+---------+--------+--------------+--------+---------+--------+--------+---------+---------+-----+
 *
 * Zyxel's header is longer: behind the 100 bytes chip [8], board [16], model number, default configuration's length,
 * sequence, two versions [32], four checksums, the last of them of the header with its own field zero. The newer one
 * has one word more before the model. Both CRCs start with ffffffff and are not inverted at their end.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER_LEAST = 0x100, HEADER_MOST = 0x1000, ZYXEL = 0x174, ZYXEL_NEWER = 0x17c, LENGTH_MOST = 256 << 20 };

struct trend {
	bool big;
	char digit;
	uint32_t header, length, crc, kernel, rootfs, romfile;
	gh_bytes all, version, customer;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct trend *ret)
{
	struct trend t = { .all = gh_rest(&c) };
	gh_bytes magic = gh_take(&c, 4);
	if (!gh_cur_ok(&c))
		return GH_NOT_MINE;
	t.big = memcmp(magic.ptr + 1, "RDH", 3) == 0;
	if (!t.big && memcmp(magic.ptr, "HDR", 3) != 0)
		return GH_NOT_MINE;
	t.digit = (char)magic.ptr[t.big ? 0 : 3];
	t.header = gh_u32(&c, t.big);
	t.length = gh_u32(&c, t.big);
	t.crc = gh_u32(&c, t.big);
	t.version = gh_take(&c, 32);
	t.customer = gh_take(&c, 32);
	t.kernel = gh_u32(&c, t.big);
	t.rootfs = gh_u32(&c, t.big);
	t.romfile = gh_u32(&c, t.big);
	if (!gh_cur_ok(&c) || t.digit < '0' || t.digit > '3' || t.header < HEADER_LEAST || t.header > HEADER_MOST ||
	    t.length <= t.header || t.length > LENGTH_MOST)
		return GH_NOT_MINE;
	if (t.header > t.all.len)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the header of a TrendChip image is cut short");
	*ret = t;
	return GH_OK;
}

static uint64_t named(const struct trend *t)
{
	return (uint64_t)t->kernel + t->rootfs + t->romfile;
}

static uint32_t crc_of(const struct trend *t)
{
	return ~gh_crc32(gh_bytes_part(t->all, t->header, t->length - t->header));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct trend t;
	gh_code code = read_header(ctx, c, &t);
	if (code != GH_OK)
		return code;
	uint64_t size = GH_MIN((uint64_t)t.length, (uint64_t)t.all.len);
	code = gh_effort(ctx, size);
	if (code != GH_OK)
		return code;
	bool right = t.length <= t.all.len && crc_of(&t) == t.crc;
	bool add_up = t.kernel > 0 && named(&t) <= t.length - t.header;
	if (!right && !add_up)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither the checksum nor the lengths of the header hold");
	*ret = (gh_span){ .size = size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* Makers of images echo the version into its field, with the end of the line. */
static gh_code add_line(gh_ctx *ctx, gh_node *out, const char *key, gh_bytes field)
{
	gh_bytes line = field;
	const uint8_t *end = line.ptr ? memchr(line.ptr, '\n', line.len) : NULL;
	if (end)
		line.len = (size_t)(end - line.ptr);
	return gh_fact_field(ctx, out, key, line);
}

static gh_code add_zyxel(gh_ctx *ctx, gh_cur c, const struct trend *t, gh_node *out)
{
	uint32_t chip = t->header == ZYXEL ? 0x100 : 0x104, crc_at = t->header == ZYXEL ? 0x170 : 0x174;
	uint8_t head[ZYXEL_NEWER];
	gh_cur z = gh_at(c, chip), s = gh_at(c, crc_at);
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Zyxel")) || gh_fact_field(ctx, out, "chip", gh_take(&z, 8)) ||
	    gh_fact_field(ctx, out, "board", gh_take(&z, 16)))
		return GH_NOMEM;
	uint32_t model = gh_u32(&z, t->big);
	gh_skip(&z, 8);
	gh_bytes inner = gh_take(&z, 32), outer = gh_take(&z, 32);
	if (gh_node_factf(ctx, out, "model-number", "%08x", model) || add_line(ctx, out, "version", inner) ||
	    (!gh_bytes_eq(inner, outer) && add_line(ctx, out, "outer-version", outer)))
		return GH_NOMEM;
	memcpy(head, t->all.ptr, t->header);
	memset(head + crc_at, 0, 4);
	gh_sum sum = { .what = "header CRC", .algorithm = "crc32, not inverted", .at = c.pos + crc_at };
	sum.remark = "over the header, this field zero";
	return gh_sum_u32(ctx, out, sum, gh_u32(&s, t->big), ~gh_crc32(gh_view(head, t->header)), t->big);
}

static gh_code add_parts(gh_ctx *ctx, gh_cur c, const struct trend *t, gh_node *out)
{
	const struct {
		const char *name;
		uint32_t length;
	} parts[] = { { "kernel", t->kernel }, { "rootfs", t->rootfs }, { "romfile", t->romfile } };
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(t->all, 0, t->header));
	if (code != GH_OK)
		return code;
	if (t->kernel == 0 || named(t) > t->length - t->header) {
		gh_bytes rest = gh_bytes_part(t->all, t->header, t->length - t->header);
		return rest.len ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + t->header, rest) : GH_OK;
	}
	uint64_t at = t->header;
	for (unsigned i = 0; i < GH_COUNT(parts) && code == GH_OK; at += parts[i++].length) {
		gh_bytes part = gh_bytes_part(t->all, at, parts[i].length);
		if (part.len > 0)
			code = gh_node_part(ctx, out, GH_NODE_PART, parts[i].name, c.pos + at, part);
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct trend t;
	(void)span;
	gh_code code = read_header(ctx, c, &t);
	if (code != GH_OK)
		return code;
	bool zyxel = t.header == ZYXEL || t.header == ZYXEL_NEWER, cut = t.length > t.all.len;
	if (gh_node_factf(ctx, out, "magic", "HDR%c", t.digit) ||
	    add_line(ctx, out, zyxel ? "format-version" : "version", t.version) ||
	    add_line(ctx, out, "customer-version", t.customer) ||
	    add_line(ctx, out, "model", gh_bytes_part(t.all, t.header == ZYXEL_NEWER ? 0x60 : 0x5c, 32)))
		return GH_NOMEM;
	if (zyxel)
		code = add_zyxel(ctx, c, &t, out);
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos + 0xc };
	sum.remark = cut ? "the image is cut short" : "over everything behind the header";
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, t.crc, crc_of(&t), t.big);
	if (code == GH_OK && cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + t.all.len,
				    "the header names %u bytes, %zu are there", t.length, t.all.len);
	return code == GH_OK ? add_parts(ctx, c, &t, out) : code;
}

const gh_format gh_format_trendchip = {
	.name = "trendchip",
	.title = "TrendChip/EcoNet image, tclinux (Zyxel, Huawei, Asus DSL)",
	.spec = "published sources: tools/trx/trx.h; firmware-utils: src/zytrx.c",
	.limits = "the header's sums of kernel and root file system: nobody published how they are computed",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[0-3]RDH\\x00\\x00[\\x01-\\x0f].", 8, 0 }, { "HDR[0-3].[\\x01-\\x0f]\\x00\\x00", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
