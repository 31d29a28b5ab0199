/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ProgramStore, the image of Broadcom's cable modems (firmware-utils, bcmalgo.c; jclehner/bcm2-utils). Big-endian.
 *
 *	0          2     3          4          8           c       10        14       44    4c       50      54     58
 *	+----------+-----+----------+----------+-----------+-------+---------+--------+-----+--------+-------+------+-----+
 *	| signature| dual| compress.| version  | build time| length| load    | name   | 0   | first  | second| HCS  |
 *CRC | |          |     |          | 2 × u16  |           |       | address | [48]   |     | length | length|      | |
 *	+----------+-----+----------+----------+-----------+-------+---------+--------+-----+--------+-------+------+-----+
 *
 * HCS is a CRC-16 (1021, from ffff, inverted) over what stands before it, the CRC that of bzip2 over the data.
 */
#include "format/room_in.h"

enum { HEAD = 92, HCS_AT = 0x54, LENGTH_MOST = 64 << 20 };

struct store {
	gh_bytes head, name, data;
	uint32_t time, length, load, first, crc;
	uint16_t signature, major, minor, hcs;
	uint8_t dual, compression;
};

static const char *const compressions[] = { "none", "lz", "lzo", "reserved", "nrv2d99", "lzma", "none", "none" };

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct store *ret)
{
	gh_cur h = c;
	struct store s = { .head = gh_take(&c, HEAD) };
	s.signature = gh_u16be(&h);
	s.dual = gh_u8(&h);
	s.compression = gh_u8(&h);
	s.major = gh_u16be(&h);
	s.minor = gh_u16be(&h);
	s.time = gh_u32be(&h);
	s.length = gh_u32be(&h);
	s.load = gh_u32be(&h);
	s.name = gh_take(&h, 48);
	gh_skip(&h, 8);
	s.first = gh_u32be(&h);
	gh_skip(&h, 4);
	s.hcs = gh_u16be(&h);
	gh_skip(&h, 2);
	s.crc = gh_u32be(&h);
	if (!gh_cur_ok(&h) || s.length < 16 || s.length > LENGTH_MOST || s.dual > 1 ||
	    s.compression >= GH_COUNT(compressions) || !gh_field_is_text(s.name, 1))
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no header of a ProgramStore");
	s.data = gh_take(&c, GH_MIN((uint64_t)s.length, (uint64_t)c.left));
	*ret = s;
	return s.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a ProgramStore header");
}

static uint16_t hcs_of(const struct store *s)
{
	unsigned state = 0xffff;
	for (size_t i = 0; i < HCS_AT; i++) {
		unsigned t = (state >> 8) ^ s->head.ptr[i];
		t ^= t >> 4;
		state = (state << 8 ^ t << 12 ^ t << 5 ^ t) & 0xffff;
	}
	return (uint16_t)~state;
}

/* Highest bit first, by halves of bytes. */
static uint32_t crc_of(gh_bytes b)
{
	static const uint32_t table[16] = { 0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9, 0x130476dc, 0x17c56b6b,
					    0x1a864db2, 0x1e475005, 0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
					    0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd };
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < b.len; i++) {
		crc = crc << 4 ^ table[crc >> 28 ^ b.ptr[i] >> 4];
		crc = crc << 4 ^ table[crc >> 28 ^ (b.ptr[i] & 15U)];
	}
	return ~crc;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct store s;
	gh_code code = read_header(ctx, c, &s);
	if (code != GH_OK)
		return code;
	bool head = hcs_of(&s) == s.hcs;
	code = gh_effort(ctx, head || s.data.len == s.length ? 4 * (uint64_t)s.data.len : 0);
	if (code != GH_OK)
		return code;
	bool data = s.data.len == s.length && crc_of(s.data) == s.crc;
	if (!head && !data)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "neither checksum of a ProgramStore holds");
	*ret = (gh_span){ .size = HEAD + s.data.len, .proof = head && data ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct store s;
	(void)span;
	gh_code code = read_header(ctx, c, &s);
	if (code != GH_OK)
		return code;
	const char *created = gh_utc(ctx, s.time);
	if (!created || gh_node_factf(ctx, out, "board", "0x%04x", s.signature) ||
	    gh_node_factf(ctx, out, "version", "%u.%u", s.major, s.minor) ||
	    gh_node_fact(ctx, out, "created", gh_view_text(created)) || gh_fact_field(ctx, out, "name", s.name) ||
	    gh_node_fact(ctx, out, "compression", gh_view_text(compressions[s.compression])) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", s.load))
		return GH_NOMEM;
	gh_sum sum = { .what = "header CRC", .algorithm = "crc16", .at = c.pos + HCS_AT };
	code = gh_sum_u16(ctx, out, sum, s.hcs, hcs_of(&s), true);
	sum = (gh_sum){ .what = "data CRC",
			.algorithm = "crc32 of bzip2",
			.at = c.pos + 0x58,
			.remark = s.data.len < s.length ? "the image is cut short" : NULL };
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, s.crc, crc_of(s.data), true);
	if (code == GH_OK && s.data.len < s.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + s.data.len,
				    "the header names %u bytes, %zu are there", s.length, s.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, s.head);
	/* a dual image has two halves */
	uint64_t first = s.dual && s.first < s.data.len ? s.first : 0;
	if (code == GH_OK && first > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "first image", c.pos + HEAD,
				    gh_bytes_part(s.data, 0, first));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, first > 0 ? "second image" : "image", c.pos + HEAD + first,
				    gh_bytes_part(s.data, first, s.data.len));
	return code;
}

const gh_format gh_format_program_store = {
	.name = "program-store",
	.title = "Broadcom ProgramStore, cable modems",
	.spec = "openwrt/firmware-utils: bcmalgo.c; jclehner/bcm2-utils",
	.limits = "at the start of a file; LZ, LZO and NRV are named, not undone; images that load outside of "
		  "80000000 … 87ffffff",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "^.{2}[\\x00\\x01][\\x00-\\x07].{8}[\\x00-\\x03].{3}[\\x80-\\x87].{2}\\x00[!-~]{3}", 24, 0 } },
	.measure = measure,
	.unpack = unpack,
};
