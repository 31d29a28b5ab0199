/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The headers before the kernels of Cisco Meraki's devices (firmware-utils, mkmerakifw.c and mkmerakifw-old.c).
 *
 *	0             4        8       c        20            24            28
 *	+-------------+--------+-------+--------+-------------+-------------+---------- … 400
 *	| 8e 73 ed 8a | header | image | SHA-1  | 8e 73 ed 8a | 0           | digest or offsets of kernel, ramdisk, tree
 *	|             | length | length| of image| or a1f0beef | or 00060001 |                                big-endian
 *	+-------------+--------+-------+--------+-------------+-------------+---------- …
 *
 *	0      4       8       c      10     14        20
 *	+------+-------+-------+------+------+---------+---------- … -+
 *	| MIPS | load  | image | entry| CRC  | 0, 0, 0 | image        |    in the device's order of bytes
 *	+------+-------+-------+------+------+---------+---------- … -+
 *
 * The CRC-32 is over words as numbers, most significant byte last, the header included with itself as zero.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { OLD = 32, CRC_AT = 16, SIZE_MOST = 256 << 20 };

struct image {
	gh_bytes head, data, digest;
	uint32_t head_len, length, second, offsets[3];
};

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct image *ret)
{
	gh_cur h = c;
	gh_skip(&h, 4);
	struct image m = { .head_len = gh_u32be(&h), .length = gh_u32be(&h) };
	m.digest = gh_take(&h, 20);
	m.second = gh_u32be(&h);
	gh_skip(&h, 4);
	for (unsigned i = 0; i < 3; i++)
		m.offsets[i] = gh_u32be(&h);
	if (!gh_cur_ok(&h) || (m.second != 0x8e73ed8a && m.second != 0xa1f0beef) || m.head_len < 0x40 ||
	    m.head_len > 0x10000 || m.length == 0 || m.length > SIZE_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a Meraki header make no sense");
	m.head = gh_take(&c, m.head_len);
	m.data = gh_take(&c, GH_MIN((uint64_t)m.length, (uint64_t)c.left));
	if (!gh_cur_ok(&c) || m.data.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a Meraki header");
	*ret = m;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct image m;
	uint8_t sha1[20];
	gh_code code = read_image(ctx, c, &m);
	if (code == GH_OK)
		code = gh_effort(ctx, m.data.len);
	if (code != GH_OK)
		return code;
	gh_sha1(&m.data, 1, sha1);
	bool right = m.data.len == m.length && gh_bytes_eq(gh_view(sha1, sizeof sha1), m.digest);
	*ret = (gh_span){ .size = m.head_len + m.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct image m;
	uint8_t sha1[20];
	(void)span;
	gh_code code = read_image(ctx, c, &m);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco Meraki")) ||
	    (m.second == 0xa1f0beef && gh_node_factf(ctx, out, "offsets", "kernel 0x%x, ramdisk 0x%x, device tree 0x%x",
						     m.offsets[0], m.offsets[1], m.offsets[2])))
		return GH_NOMEM;
	gh_sum s = { .what = "image SHA-1", .algorithm = "sha1", .at = c.pos + 12 };
	if (m.data.len < m.length) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.stored = m.digest;
		s.remark = "the image is cut short";
		code = gh_node_sum(ctx, out, &s);
		if (code == GH_OK)
			code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + m.head_len + m.data.len,
					    "the header names %u bytes, %zu are there", m.length, m.data.len);
	} else {
		gh_sha1(&m.data, 1, sha1);
		code = gh_sum_digest(ctx, out, s, m.digest, sha1);
	}
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, m.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + m.head_len, m.data);
	return code;
}

const gh_format gh_format_meraki = {
	.name = "meraki",
	.title = "Cisco Meraki image",
	.spec = "openwrt/firmware-utils: mkmerakifw.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x8e\\x73\\xed\\x8a\\x00.{27}\\x8e\\x73\\xed\\x8a", 36, 0 },
		   { "\\x8e\\x73\\xed\\x8a\\x00.{27}\\xa1\\xf0\\xbe\\xef", 36, 0 } },
	.measure = measure,
	.unpack = unpack,
};

/* ---- the older one */

struct old {
	gh_bytes data, all;
	uint32_t load, length, entry, crc;
	bool big;
};

static gh_code read_old(gh_ctx *ctx, gh_cur c, struct old *ret)
{
	gh_cur h = c;
	struct old o = { .big = gh_bytes_start(gh_rest(&c), GH_LIT("MIPS")) };
	gh_skip(&h, 4);
	o.load = gh_u32(&h, o.big);
	o.length = gh_u32(&h, o.big);
	o.entry = gh_u32(&h, o.big);
	o.crc = gh_u32(&h, o.big);
	gh_bytes zeros = gh_take(&h, 12);
	if (!gh_cur_ok(&h) || o.length == 0 || o.length > SIZE_MOST || o.load == 0 || (o.load & 3) != 0 ||
	    (o.entry & 3) != 0 || gh_profile_of(zeros).look != GH_LOOK_ZERO)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of an old Meraki header make no sense");
	o.data = gh_take(&h, GH_MIN((uint64_t)o.length, (uint64_t)h.left));
	o.all = gh_bytes_part(gh_rest(&c), 0, OLD + (uint64_t)o.data.len);
	*ret = o;
	return o.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows an old Meraki header");
}

static uint32_t crc_old(const struct old *o)
{
	uint32_t crc = 0;
	for (size_t at = 0; at < o->all.len; at += 4) {
		uint8_t word[4] = { 0xff, 0xff, 0xff, 0xff }; /* the tool pads with erased flash */
		for (size_t i = 0; i < 4 && at + i < o->all.len; i++)
			word[o->big ? 3 - i : i] = at == CRC_AT ? 0 : o->all.ptr[at + i];
		crc = gh_crc32_more(crc, gh_view(word, sizeof word));
	}
	return crc;
}

static gh_code measure_old(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct old o;
	gh_code code = read_old(ctx, c, &o);
	if (code == GH_OK)
		code = gh_effort(ctx, 8 * (uint64_t)o.all.len);
	if (code != GH_OK)
		return code;
	bool right = o.data.len == o.length && crc_old(&o) == o.crc;
	*ret = (gh_span){ .size = o.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code unpack_old(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct old o;
	(void)span;
	gh_code code = read_old(ctx, c, &o);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco Meraki")) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", o.load) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", o.entry))
		return GH_NOMEM;
	gh_sum s = { .what = "image CRC",
		     .algorithm = "crc32 over words",
		     .at = c.pos + CRC_AT,
		     .remark = o.data.len < o.length ? "the image is cut short" : "over header and image" };
	code = gh_sum_u32(ctx, out, s, o.crc, crc_old(&o), o.big);
	if (code == GH_OK && o.data.len < o.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + o.all.len,
				    "the header names %u bytes, %zu are there", o.length, o.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(o.all, 0, OLD));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + OLD, o.data);
	return code;
}

const gh_format gh_format_meraki_old = {
	.name = "meraki-old",
	.title = "Cisco Meraki image, old header",
	.spec = "openwrt/firmware-utils: mkmerakifw-old.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "MIPS.{16}\\x00{12}", 32, 0 }, { "SPIM.{16}\\x00{12}", 32, 0 } },
	.measure = measure_old,
	.unpack = unpack_old,
};
