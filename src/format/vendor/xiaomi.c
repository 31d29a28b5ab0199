/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Xiaomi's router image (firmware-utils, xiaomifw.c; unblob, xiaomi/hdr.py). Little-endian.
 *
 *	0        4            8                c    e         10                  30
 *	+--------+------------+----------------+----+---------+-------------------+
 *	| "HDR1" | signature  | CRC-32 of      | 0  | device  | where 8 blobs are |
 *	|        | is where   | c..end         |    |         |                   |
 *	+--------+------------+----------------+----+---------+-------------------+
 *	| "HDR2" | same       | same           | 0            | 10: device [8], region [8], 16 bytes, then the 8 blobs
 *	+--------+------------+----------------+--------------+
 *
 *	blob       "\xbe\xba\0\0" · where on flash · length · type (16 bits) · 0 (16 bits) · name [32] · content
 *	signature  length · 12 bytes · RSA
 *
 * The CRC starts with ffffffff and is not inverted at its end.
 */
#include "format/boot/boot_in.h"

#include "codec/sum.h"

enum { BLOBS = 8, BLOB = 0x30, SIGNATURE = 0x110, LENGTH_MOST = 512 << 20 };

struct xiaomi {
	gh_bytes all, device, region;
	bool second;
	uint32_t header, signature, crc, blob[BLOBS];
	uint16_t number;
	uint64_t size;
};

struct blob {
	uint32_t flash, size;
	uint16_t type;
	gh_bytes name, content;
};

static bool read_blob(const struct xiaomi *x, uint32_t at, struct blob *ret)
{
	gh_cur c = gh_at(gh_cur_over(x->all, 0), at);
	if (!gh_eat(&c, GH_LIT("\xbe\xba\x00\x00")))
		return false;
	ret->flash = gh_u32le(&c);
	ret->size = gh_u32le(&c);
	ret->type = gh_u16le(&c);
	gh_skip(&c, 2);
	ret->name = gh_text(&c, 32);
	ret->content = gh_cur_ok(&c) ? gh_bytes_part(gh_rest(&c), 0, ret->size) : gh_view(NULL, 0);
	return gh_cur_ok(&c);
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct xiaomi *ret)
{
	struct xiaomi x = { .all = gh_rest(&c) };
	struct blob first;
	if (!gh_eat(&c, GH_LIT("HDR")))
		return GH_NOT_MINE;
	uint8_t kind = gh_u8(&c);
	x.second = kind == '2';
	x.signature = gh_u32le(&c);
	x.crc = gh_u32le(&c);
	gh_skip(&c, 2);
	x.number = gh_u16le(&c);
	if (x.second) {
		x.device = gh_take(&c, 8);
		x.region = gh_take(&c, 8);
		gh_skip(&c, 16);
	}
	for (unsigned i = 0; i < BLOBS; i++)
		x.blob[i] = gh_u32le(&c);
	x.header = x.second ? 0x50 : 0x30;
	if (!gh_cur_ok(&c) || (kind != '1' && kind != '2') || x.signature < x.header || x.signature > LENGTH_MOST ||
	    x.blob[0] < x.header || x.blob[0] >= x.signature || !read_blob(&x, x.blob[0], &first))
		return GH_NOT_MINE;
	if (!gh_field_is_text(first.name, 0))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the first blob's name is no text");
	/* A length that cannot be one: the signature of OpenWrt's images is all zero. */
	gh_cur s = gh_at(gh_cur_over(x.all, 0), x.signature);
	uint32_t length = gh_u32le(&s);
	x.size = (uint64_t)x.signature + (length > 0 && length <= 0x1000 ? length + 16 : SIGNATURE);
	*ret = x;
	return GH_OK;
}

static uint32_t crc_of(const struct xiaomi *x)
{
	return ~gh_crc32(gh_bytes_part(x->all, 0xc, x->size - 0xc));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct xiaomi x;
	gh_code code = read_header(ctx, c, &x);
	if (code != GH_OK)
		return code;
	uint64_t size = GH_MIN(x.size, (uint64_t)x.all.len);
	code = gh_effort(ctx, size);
	if (code != GH_OK)
		return code;
	bool right = x.size <= x.all.len && crc_of(&x) == x.crc;
	*ret = (gh_span){ .size = size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static const char *device_of(uint16_t number)
{
	static const struct {
		uint16_t number;
		const char *name;
	} devices[] = { { 3, "R1CM" },  { 4, "R2D" },     { 5, "R1CL" },     { 7, "R3" },     { 8, "R3D" },
			{ 0xd, "R3G" }, { 0x12, "R4CM" }, { 0x16, "R2100" }, { 0x25, "RA70" } };
	for (size_t i = 0; i < GH_COUNT(devices); i++)
		if (devices[i].number == number)
			return devices[i].name;
	return NULL;
}

static gh_code add_facts(gh_ctx *ctx, const struct xiaomi *x, gh_node *out)
{
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Xiaomi")))
		return GH_NOMEM;
	if (x->second)
		return gh_fact_field(ctx, out, "board", x->device) || gh_fact_field(ctx, out, "region", x->region)
			       ? GH_NOMEM
			       : GH_OK;
	const char *name = device_of(x->number);
	return name ? gh_node_factf(ctx, out, "board", "%s (0x%04x)", name, x->number)
		    : gh_node_factf(ctx, out, "board", "0x%04x", x->number);
}

static gh_code add_blob(gh_ctx *ctx, gh_cur c, const struct xiaomi *x, unsigned i, uint64_t *behind, gh_node *out)
{
	struct blob b;
	uint64_t at = x->blob[i];
	char name[32];
	if (at < *behind || !read_blob(x, x->blob[i], &b))
		return gh_node_note(ctx, out, GH_CORRUPT, c.pos + at, "no blob %u is here", i);
	gh_part_name(b.name, "blob", name);
	if (gh_node_factf(ctx, out, "blob", "%s flash 0x%08x type %u", name, b.flash, b.type))
		return GH_NOMEM;
	if (b.content.len < b.size &&
	    gh_node_note(ctx, out, GH_TRUNCATED, c.pos + at, "%s is not there to its end", name))
		return GH_NOMEM;
	*behind = at + BLOB + b.content.len;
	gh_code code =
		gh_node_part(ctx, out, GH_NODE_HEADER, "blob header", c.pos + at, gh_bytes_part(x->all, at, BLOB));
	return code == GH_OK && b.content.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_PART, name, c.pos + at + BLOB, b.content)
		       : code;
}

static gh_code add_signature(gh_ctx *ctx, gh_cur c, const struct xiaomi *x, gh_node *out)
{
	gh_bytes part = gh_bytes_part(x->all, x->signature, x->size - x->signature);
	gh_sum sum = { .what = "signature", .algorithm = "rsa", .at = c.pos + x->signature };
	size_t n = 0;
	while (n < part.len && part.ptr[n] == 0)
		n++;
	sum.state = n < part.len ? GH_SUM_UNVERIFIABLE : GH_SUM_ABSENT;
	sum.remark = n < part.len ? "needs the vendor's key" : "all zero";
	if (part.len == 0)
		return GH_OK;
	return gh_node_sum(ctx, out, &sum)
		       ? GH_NOMEM
		       : gh_node_part(ctx, out, GH_NODE_HEADER, "signature", c.pos + x->signature, part);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct xiaomi x;
	(void)span;
	gh_code code = read_header(ctx, c, &x);
	if (code != GH_OK)
		return code;
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos + 8 };
	sum.remark = x.size > x.all.len ? "the image is cut short" : "over everything behind the checksum";
	code = add_facts(ctx, &x, out);
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, x.crc, crc_of(&x), false);
	if (code == GH_OK && x.size > x.all.len)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + x.all.len,
				    "the image ends before its signature does");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(x.all, 0, x.header));
	uint64_t behind = x.header;
	for (unsigned i = 0; i < BLOBS && x.blob[i] != 0 && code == GH_OK; i++)
		code = add_blob(ctx, c, &x, i, &behind, out);
	if (code == GH_OK && x.signature < behind)
		return gh_node_note(ctx, out, GH_CORRUPT, c.pos + x.signature, "the last blob runs into the signature");
	return code == GH_OK ? add_signature(ctx, c, &x, out) : code;
}

const gh_format gh_format_xiaomi = {
	.name = "xiaomi",
	.title = "Xiaomi router image (HDR1, HDR2)",
	.spec = "openwrt/firmware-utils: xiaomifw.c; onekey-sec/unblob: xiaomi/hdr.py",
	.limits = "the signature is named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "HDR[12].{3}[\\x00-\\x1f].{4}\\x00\\x00", 14, 0 } },
	.measure = measure,
	.unpack = unpack,
};
