/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TRX, the image of Broadcom's boot loader (firmware-utils, trx.c). All little-endian.
 *
 *	0        4         8                  c          e           10
 *	+--------+---------+------------------+----------+-----------+-------------------------------+
 *	| "HDR0" | length  | CRC-32 of c..end | flags    | version   | 3 (version 1) or 4 offsets    |
 *	+--------+---------+------------------+----------+-----------+-------------------------------+
 *
 * The CRC starts with ffffffff and is not inverted at its end. Belkin and Buffalo changed the magic only. Asus
 * writes into the last 64 bytes (asustrx.c; Tomato, trx_asus.c): kernel and file system version, 2 numbers each,
 * product [12], and since about 2014 build and extended number.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { CRC_FROM = 0xc, LENGTH_MOST = 256 << 20, PARTS_MOST = 4, ASUS_TAIL = 64 };

static const struct {
	char magic[5];
	const char *vendor, *product; /* NULL: the magic is everybody's */
} kinds[] = {
	{ "HDR0", NULL, NULL },
	{ "\x22\x03\x10\x20", "Belkin", "F7D3301 (Share Max)" },
	{ "\x28\x09\x09\x20", "Belkin", "F7D3302 (Share)" },
	{ "\x06\x10\x09\x20", "Belkin", "F7D4302 (Play)" },
	{ "\x16\x71\x01\x00", "Belkin", "F5D8235 v3" },
	{ "\x78\x56\x34\x12", "Belkin", "a trial firmware" },
	{ "\x5c\x43\x6f\x74", "Buffalo", "WCR-1166DS" },
	{ "DHP2", "Buffalo", "WSR-2533DHP2" },
};

struct trx {
	uint32_t length, crc;
	uint16_t flags, version;
	uint32_t offset[PARTS_MOST];
	unsigned offsets, header, kind;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct trx *ret)
{
	struct trx t = { 0 };
	while (t.kind < GH_COUNT(kinds) && !gh_eat(&c, gh_view(kinds[t.kind].magic, 4)))
		t.kind++;
	if (t.kind == GH_COUNT(kinds))
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

/* What Asus wrote at the end; empty where nothing of that kind is. */
static gh_bytes asus_tail(gh_cur c, const struct trx *t)
{
	gh_bytes tail = gh_bytes_part(gh_rest(&c), t->length - GH_MIN(t->length, (uint32_t)ASUS_TAIL), ASUS_TAIL);
	bool there = tail.len == ASUS_TAIL && t->length >= t->header + ASUS_TAIL && tail.ptr[0] < 100 &&
		     tail.ptr[1] < 100 && tail.ptr[2] < 100 && tail.ptr[3] < 100 &&
		     gh_asus_product(gh_bytes_part(tail, 4, 12)).len > 0;
	return there ? tail : gh_view(NULL, 0);
}

static gh_code add_asus(gh_ctx *ctx, gh_bytes tail, gh_node *out)
{
	gh_cur c = gh_cur_over(gh_bytes_part(tail, 16, 4), 0);
	unsigned build = gh_u16le(&c), more = gh_u16le(&c);
	const uint8_t *v = tail.ptr;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Asus")) ||
	    gh_node_fact(ctx, out, "product", gh_asus_product(gh_bytes_part(tail, 4, 12))) ||
	    gh_node_factf(ctx, out, "firmware-version", "%u.%u.%u.%u", v[0], v[1], v[2], v[3]))
		return GH_NOMEM;
	/* Older ones have versions of hardware here. */
	return build >= 360 && build < 500 ? gh_node_factf(ctx, out, "build", "%u_%u", build, more) : GH_OK;
}

static gh_code add_parts(gh_ctx *ctx, gh_cur c, const struct trx *t, uint64_t whole, gh_node *out)
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
		uint64_t end = GH_MIN(i + 1 < n ? (uint64_t)at[i + 1] : whole, whole);
		gh_bytes part = end > at[i] ? gh_bytes_part(gh_rest(&c), at[i], end - at[i]) : gh_view(NULL, 0);
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
	if (code == GH_OK && kinds[t.kind].vendor &&
	    (gh_node_fact(ctx, out, "vendor", gh_view_text(kinds[t.kind].vendor)) ||
	     gh_node_fact(ctx, out, "product", gh_view_text(kinds[t.kind].product))))
		return GH_NOMEM;
	gh_bytes tail = asus_tail(c, &t);
	if (code == GH_OK && tail.len > 0)
		code = add_asus(ctx, tail, out);
	if (code == GH_OK)
		code = add_parts(ctx, c, &t, t.length - tail.len, out);
	return code == GH_OK && tail.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_HEADER, "asus tail", c.pos + t.length - tail.len, tail)
		       : code;
}

const gh_format gh_format_trx = {
	.name = "trx",
	.title = "TRX firmware image (Broadcom)",
	.spec = "firmware-utils: src/trx.c, src/otrx.c, src/asustrx.c",
	.limits = "other vendors' magics than Belkin's and Buffalo's; Zyxel's is trendchip",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "HDR0", 4, 0 },
		   { "\\x22\\x03\\x10\\x20.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 },
		   { "\\x28\\x09\\x09\\x20.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 },
		   { "\\x06\\x10\\x09\\x20.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 },
		   { "\\x16\\x71\\x01\\x00.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 },
		   { "\\x78\\x56\\x34\\x12.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 },
		   { "\\x5c\\x43\\x6f\\x74.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 },
		   { "DHP2.{3}[\\x00-\\x0f].{6}[\\x01\\x02]\\x00", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
