/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Cisco's IOS images are packed in, big-endian: MZIP (bvanheu/linux-cisco, mziptools) and, inside an ELF, the
 * older header of a self-decompressing image (NAFT, iipf.py).
 *
 *	0       4         8             34          36         38           3c        40      44      48
 *	+------+---------+------ … ----+-----------+----------+------------+---------+-------+-------+--------- …
 *-+------ … -+ | MZIP | version | entry, …    | CRC-16 of | CRC-16 of| header size| load    | kind  | packed| plain
 *size, | segment,   | |      |         |             | segment   | header   |            | address |       | size  | in
 *memory … | a zip      |
 *	+------+---------+------ … ----+-----------+----------+------------+---------+-------+-------+--------- …
 *-+------ … -+
 *
 *	fe ed fa ce, plain size, packed size, sum of the packed, sum of the plain; a zip
 *
 * The CRC-16 has the polynomial 1021, begins with ffff, is inverted at its end; that of the segment is over the header
 * from its size on and the segment, that of the header over all before itself. The sum adds words of four bytes,
 *carries added again.
 */
#include "format/room_in.h"

enum { LEAST = 112, CRC_AT = 0x36, SIZE_AT = 0x38, HEAD_MOST = 4096, OLD = 20, SIZE_MOST = 512 << 20 };

struct mzip {
	gh_bytes head, data;
	uint32_t version, entry, load, kind, packed, plain, memory;
	uint16_t crc, head_crc;
};

static uint16_t crc16(uint16_t state, gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		/* the polynomial is sparse enough to do a byte at once */
		unsigned t = (unsigned)(state >> 8) ^ b.ptr[i];
		t ^= t >> 4;
		state = (uint16_t)((unsigned)state << 8 ^ t << 12 ^ t << 5 ^ t);
	}
	return state;
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct mzip *ret)
{
	gh_cur h = c;
	gh_skip(&h, 4);
	struct mzip m = { .version = gh_u32be(&h), .entry = gh_u32be(&h) };
	gh_skip(&h, 8 + 32);
	m.crc = gh_u16be(&h);
	m.head_crc = gh_u16be(&h);
	uint32_t size = gh_u32be(&h);
	m.load = gh_u32be(&h);
	m.kind = gh_u32be(&h);
	m.packed = gh_u32be(&h);
	m.plain = gh_u32be(&h);
	m.memory = gh_u32be(&h);
	if (!gh_cur_ok(&h) || size < LEAST || size > HEAD_MOST || m.kind > 1)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of an MZIP header make no sense");
	m.head = gh_take(&c, size);
	m.data = gh_take(&c, GH_MIN((uint64_t)(m.kind == 1 ? m.packed : m.plain), (uint64_t)c.left));
	if (!gh_cur_ok(&c) || m.data.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows an MZIP header");
	*ret = m;
	return GH_OK;
}

static uint16_t head_crc(const struct mzip *m)
{
	return (uint16_t)~crc16(0xffff, gh_bytes_part(m->head, 0, CRC_AT));
}

static uint16_t data_crc(const struct mzip *m)
{
	uint16_t state = crc16(0xffff, gh_bytes_part(m->head, SIZE_AT, m->head.len));
	return (uint16_t)~crc16(state, m->data);
}

static bool cut(const struct mzip *m)
{
	return m->data.len < (m->kind == 1 ? m->packed : m->plain);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct mzip m;
	gh_code code = read_header(ctx, c, &m);
	if (code == GH_OK)
		code = gh_effort(ctx, 4 * (uint64_t)m.data.len);
	if (code != GH_OK)
		return code;
	bool head = head_crc(&m) == m.head_crc, data = !cut(&m) && data_crc(&m) == m.crc;
	*ret = (gh_span){ .size = m.head.len + m.data.len, .proof = head && data ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct mzip m;
	(void)span;
	gh_code code = read_header(ctx, c, &m);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco")) ||
	    gh_node_factf(ctx, out, "format-version", "%u", m.version) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", m.entry) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", m.load) ||
	    gh_node_factf(ctx, out, "size", "%u bytes, %u of them packed, %u in memory", m.plain,
			  m.kind == 1 ? m.packed : 0, m.memory))
		return GH_NOMEM;
	gh_sum s = { .what = "header CRC", .algorithm = "crc16", .at = c.pos + CRC_AT };
	code = gh_sum_u16(ctx, out, s, m.head_crc, head_crc(&m), true);
	s.what = "segment CRC";
	s.at = c.pos + CRC_AT - 2;
	s.remark = cut(&m) ? "the segment is cut short" : "over the rest of the header and the segment";
	if (code == GH_OK)
		code = gh_sum_u16(ctx, out, s, m.crc, data_crc(&m), true);
	if (code == GH_OK && cut(&m))
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + m.head.len + m.data.len,
				    "the header names more bytes than are there");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, m.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "segment", c.pos + m.head.len, m.data);
	return code;
}

const gh_format gh_format_cisco_mzip = {
	.name = "cisco-mzip",
	.title = "Cisco IOS image, MZIP",
	.spec = "bvanheu/linux-cisco: mziptools",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "MZIP\\x00\\x00\\x00.", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};

/* ---- the older one */

struct ios {
	gh_bytes data;
	uint32_t plain, packed, packed_sum, plain_sum;
};

static uint32_t sum_of(gh_bytes b)
{
	uint64_t n = 0;
	gh_cur c = gh_cur_over(b, 0);
	while (c.left >= 4)
		n += gh_u32be(&c);
	unsigned rest = (unsigned)c.left;
	if (rest > 0)
		n += gh_uint_be(&c, rest) << (8 * (4 - rest));
	while (n >> 32)
		n = (n & UINT32_MAX) + (n >> 32);
	return (uint32_t)n;
}

static gh_code read_ios(gh_ctx *ctx, gh_cur c, struct ios *ret)
{
	gh_skip(&c, 4);
	struct ios i = { .plain = gh_u32be(&c), .packed = gh_u32be(&c) };
	i.packed_sum = gh_u32be(&c);
	i.plain_sum = gh_u32be(&c);
	if (!gh_cur_ok(&c) || i.packed < 22 || i.packed > SIZE_MOST || i.plain < i.packed / 2 || i.plain > SIZE_MOST ||
	    !gh_bytes_start(gh_rest(&c), GH_LIT("PK\3\4")))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the sizes before a packed IOS image make no sense");
	i.data = gh_take(&c, GH_MIN((uint64_t)i.packed, (uint64_t)c.left));
	*ret = i;
	return GH_OK;
}

static gh_code measure_ios(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct ios i;
	gh_code code = read_ios(ctx, c, &i);
	if (code == GH_OK)
		code = gh_effort(ctx, i.data.len);
	if (code != GH_OK)
		return code;
	uint32_t sum = sum_of(i.data);
	bool right = i.data.len == i.packed && (sum == i.packed_sum || ~sum == i.packed_sum);
	*ret = (gh_span){ .size = OLD + i.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack_ios(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct ios i;
	gh_bytes all = gh_rest(&c);
	(void)span;
	gh_code code = read_ios(ctx, c, &i);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco")) ||
	    gh_node_factf(ctx, out, "size", "%u bytes, %u of them packed", i.plain, i.packed))
		return GH_NOMEM;
	uint32_t sum = sum_of(i.data);
	gh_sum s = { .what = "packed sum", .algorithm = "32-bit words, carries added", .at = c.pos + 12 };
	code = gh_sum_u32(ctx, out, s, i.packed_sum, ~sum == i.packed_sum ? ~sum : sum, true);
	s = (gh_sum){ .what = "plain sum",
		      .algorithm = "32-bit words, carries added",
		      .state = GH_SUM_UNVERIFIABLE,
		      .at = c.pos + 16,
		      .stored = gh_bytes_part(all, 16, 4),
		      .remark = "over what comes out of the zip" };
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &s);
	if (code == GH_OK && i.data.len < i.packed)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + OLD + i.data.len,
				    "the header names %u bytes, %zu are there", i.packed, i.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, OLD));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + OLD, i.data);
	return code;
}

const gh_format gh_format_cisco_ios = {
	.name = "cisco-ios",
	.title = "Cisco IOS image that unpacks itself",
	.spec = "Didier Stevens, Network Appliance Forensic Toolkit: iipf.py",
	.limits = "the sum over the unpacked image is named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xfe\\xed\\xfa\\xce.{16}PK\\x03\\x04", 24, 0 } },
	.measure = measure_ios,
	.unpack = unpack_ios,
};
