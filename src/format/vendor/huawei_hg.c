/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "upgrade packet" of Huawei's HG5xx DSL routers, found out on a real one: the router's flash from its first
 * byte, between a signature and a checksum. No magic of its own. Numbers big-endian, the last one little-endian.
 *
 *	0                80                  10080                      11080             end - 4
 *	+----------------+-------------------+--------------------------+-----------------+-------------------+
 *	| signature, 128 | boot loader       | 0, length, flash address | image (HDR2,    | CRC-32 of 80..here|
 *	|                |                   | and both again; ff       | trendchip)      |                   |
 *	+----------------+-------------------+--------------------------+-----------------+-------------------+
 *
 * The length in the table is the image's. The CRC starts with zero and is not inverted at its end.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { SIGNATURE = 0x80, TABLE = 0x10080, IMAGE = 0x11080, TAIL = 4, LENGTH_MOST = 64 << 20 };

struct packet {
	gh_bytes all;
	uint32_t length, told[2], address;
	uint64_t size;
};

static gh_code read_packet(gh_ctx *ctx, gh_cur c, struct packet *ret)
{
	struct packet p = { .all = gh_rest(&c) };
	gh_cur image = gh_at(c, IMAGE), table = gh_at(c, TABLE);
	if (!gh_eat(&image, GH_LIT("2RDH\x00\x00\x01\x00")))
		return GH_NOT_MINE;
	p.length = gh_u32be(&image);
	gh_skip(&table, 4);
	p.told[0] = gh_u32be(&table);
	p.address = gh_u32be(&table);
	p.told[1] = gh_u32be(&table);
	if (!gh_cur_ok(&image) || !gh_cur_ok(&table) || p.length <= 0x100 || p.length > LENGTH_MOST)
		return GH_NOT_MINE;
	if (p.length != p.told[0] && p.length != p.told[1])
		return gh_fail(ctx, GH_CORRUPT, c.pos + TABLE, "the loader's table does not know this image");
	p.size = (uint64_t)IMAGE + p.length + TAIL;
	*ret = p;
	return GH_OK;
}

static uint32_t crc_of(const struct packet *p)
{
	return ~gh_crc32_more(UINT32_MAX, gh_bytes_part(p->all, SIGNATURE, p->size - TAIL - SIGNATURE));
}

static uint32_t stored_crc(const struct packet *p)
{
	gh_cur tail = gh_cur_over(gh_bytes_part(p->all, p->size - TAIL, TAIL), 0);
	return gh_u32le(&tail);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct packet p;
	gh_code code = read_packet(ctx, c, &p);
	if (code != GH_OK)
		return code;
	code = gh_effort(ctx, GH_MIN(p.size, (uint64_t)p.all.len));
	if (code != GH_OK)
		return code;
	bool right = p.size <= p.all.len && crc_of(&p) == stored_crc(&p);
	*ret = (gh_span){ .size = GH_MIN(p.size, (uint64_t)p.all.len), .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sums(gh_ctx *ctx, gh_cur c, const struct packet *p, gh_node *out)
{
	gh_sum signature = { .what = "signature", .algorithm = "128 bytes", .at = c.pos, .state = GH_SUM_UNVERIFIABLE };
	signature.remark = "needs the vendor's key";
	if (gh_node_sum(ctx, out, &signature))
		return GH_NOMEM;
	if (p->size > p->all.len)
		return gh_node_note(ctx, out, GH_TRUNCATED, c.pos + p->all.len,
				    "the packet should have %llu bytes, %zu are there", (unsigned long long)p->size,
				    p->all.len);
	gh_sum crc = { .what = "packet CRC", .algorithm = "crc32 from 0, not inverted", .at = c.pos + p->size - TAIL };
	crc.remark = "over everything between signature and checksum";
	return gh_sum_u32(ctx, out, crc, stored_crc(p), crc_of(p), false);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct packet p;
	(void)span;
	gh_code code = read_packet(ctx, c, &p);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Huawei")) ||
	    gh_node_factf(ctx, out, "flash-address", "0x%08x", p.address) || add_sums(ctx, c, &p, out))
		return GH_NOMEM;
	const struct {
		const char *name;
		gh_node_kind kind;
		uint64_t at, end;
	} parts[] = { { "signature", GH_NODE_HEADER, 0, SIGNATURE },
		      { "loader", GH_NODE_PART, SIGNATURE, TABLE },
		      { "table", GH_NODE_HEADER, TABLE, TABLE + 0x14 },
		      { "image", GH_NODE_PART, IMAGE, p.size - TAIL },
		      { "checksum", GH_NODE_HEADER, p.size - TAIL, p.size } };
	for (unsigned i = 0; i < GH_COUNT(parts) && code == GH_OK; i++) {
		gh_bytes part = gh_bytes_part(p.all, parts[i].at, parts[i].end - parts[i].at);
		if (part.len > 0)
			code = gh_node_part(ctx, out, parts[i].kind, parts[i].name, c.pos + parts[i].at, part);
	}
	return code;
}

const gh_format gh_format_huawei_hg = {
	.name = "huawei-hg",
	.title = "Huawei HG5xx upgrade packet",
	.spec = "found out on an image of the HG532e",
	.limits = "only the layout with a boot loader of 64 KiB; the signature is named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "2RDH\\x00\\x00\\x01\\x00", 8, IMAGE } },
	.measure = measure,
	.unpack = unpack,
};
