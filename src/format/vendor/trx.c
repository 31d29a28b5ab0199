/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TRX, the image of Broadcom's boot loader (firmware-utils, trx.c). All little-endian.
 *
 *	0        4         8                  c          e           10
 *	+--------+---------+------------------+----------+-----------+-------------------------------+
 *	| "HDR0" | length  | CRC-32 of c..end | flags    | version   | 3 (version 1) or 4 offsets    |
 *	+--------+---------+------------------+----------+-----------+-------------------------------+
 *
 * The CRC starts with ffffffff and is not inverted at its end.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { CRC_FROM = 0xc, LENGTH_MOST = 256 << 20, PARTS_MOST = 4 };

struct trx {
	uint32_t length, crc;
	uint16_t flags, version;
	uint32_t offset[PARTS_MOST];
	unsigned offsets, header;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct trx *ret)
{
	struct trx t = { 0 };
	if (!gh_eat(&c, GH_LIT("HDR0")))
		return GH_NOT_MINE;
	t.length = gh_u32le(&c);
	t.crc = gh_u32le(&c);
	t.flags = gh_u16le(&c);
	t.version = gh_u16le(&c);
	if (gh_cur_ok(&c) && t.version != 1 && t.version != 2)
		return GH_NOT_MINE;
	t.offsets = t.version == 1 ? 3 : 4;
	t.header = 16 + 4 * t.offsets;
	for (unsigned i = 0; i < t.offsets; i++)
		t.offset[i] = gh_u32le(&c);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "TRX header is cut short");
	if (t.length < t.header || t.length > LENGTH_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "TRX length %u makes no sense", t.length);
	*ret = t;
	return GH_OK;
}

static uint32_t crc_of(gh_bytes all, uint32_t length)
{
	return ~gh_crc32(gh_bytes_part(all, CRC_FROM, length - CRC_FROM));
}

static bool offset_fits(const struct trx *t, unsigned i)
{
	return t->offset[i] >= t->header && t->offset[i] < t->length;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct trx t;
	gh_code code = read_header(ctx, c, &t);
	if (code != GH_OK)
		return code;
	unsigned named = 0, wrong = 0;
	for (unsigned i = 0; i < t.offsets; i++) {
		named += offset_fits(&t, i);
		wrong += t.offset[i] != 0 && !offset_fits(&t, i);
	}
	code = gh_effort(ctx, t.length);
	if (code != GH_OK)
		return code;
	bool right = t.length <= c.left && crc_of(gh_rest(&c), t.length) == t.crc;
	if (!right && (named == 0 || wrong > 1))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither the checksum nor the offsets of the TRX header hold");
	*ret = (gh_span){
		.size = GH_MIN((uint64_t)t.length, c.left),
		.proof = right   ? GH_PROOF_SUM
			 : wrong ? GH_PROOF_MAGIC
				 : GH_PROOF_SHAPE,
	};
	return GH_OK;
}

static gh_code add_parts(gh_ctx *ctx, gh_cur c, const struct trx *t, gh_node *out)
{
	/* What the offsets are for is custom, not law: loader, kernel, root file system; without loader
	 * the first two. */
	static const char *const names[][PARTS_MOST] = {
		{ "image" },
		{ "kernel", "rootfs" },
		{ "loader", "kernel", "rootfs" },
		{ "loader", "kernel", "rootfs", "part-3" },
	};
	uint32_t at[PARTS_MOST];
	unsigned n = 0;
	for (unsigned i = 0; i < t->offsets; i++) {
		if (t->offset[i] == 0)
			continue;
		if (!offset_fits(t, i) || (n > 0 && t->offset[i] <= at[n - 1])) {
			if (gh_node_note(ctx, out, GH_CORRUPT, c.pos + 16 + 4 * i,
					 "offset %u (0x%x) is not where a part could be: not trusted", i, t->offset[i]))
				return GH_NOMEM;
			continue;
		}
		at[n++] = t->offset[i];
	}
	gh_code code =
		gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, t->header));
	for (unsigned i = 0; i < n && code == GH_OK; i++) {
		uint64_t end = i + 1 < n ? at[i + 1] : t->length;
		gh_bytes part = gh_bytes_part(gh_rest(&c), at[i], end - at[i]);
		if (part.len > 0)
			code = gh_node_part(ctx, out, GH_NODE_PART, names[n - 1][i], c.pos + at[i], part);
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct trx t;
	gh_code code = read_header(ctx, c, &t);
	(void)span;
	if (code != GH_OK)
		return code;
	gh_sum sum = {
		.what = "image CRC",
		.algorithm = "crc32, not inverted",
		.at = c.pos + 8,
		.remark = "over everything behind the checksum",
	};
	if (gh_node_factf(ctx, out, "version", "%u", t.version) ||
	    gh_node_factf(ctx, out, "flags", "0x%04x", t.flags) ||
	    gh_node_factf(ctx, out, "image-length", "%u", t.length))
		return GH_NOMEM;
	if (t.length > c.left) {
		if (gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the header names %u bytes, %zu are there",
				 t.length, c.left))
			return GH_NOMEM;
		sum.remark = "not verifiable: the image is cut short";
	}
	code = gh_sum_u32(ctx, out, sum, t.crc, crc_of(gh_rest(&c), t.length), false);
	return code == GH_OK ? add_parts(ctx, c, &t, out) : code;
}

const gh_format gh_format_trx = {
	.name = "trx",
	.title = "TRX firmware image (Broadcom)",
	.spec = "firmware-utils: src/trx.c, src/otrx.c",
	.limits = "variants with another magic (Zyxel, Buffalo and others)",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "HDR0", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
