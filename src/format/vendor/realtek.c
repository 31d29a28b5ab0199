/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header that Realtek's `cvimg` writes before kernel, root file system and web pages; images are rows of them
 * (firmware-utils, cvimg.c). Big-endian.
 *
 *	0           4             8              c         10
 *	+-----------+-------------+--------------+---------+------------ … -----+-----+
 *	| signature | load address| flash address| length  | data               | sum |
 *	+-----------+-------------+--------------+---------+------------ … -----+-----+
 *
 * The length counts the sum: 16-bit words of data and sum come to zero. Of web pages it is bytes, and the sum has one.
 */
#include "format/room_in.h"

enum { HEAD = 16, LENGTH_MOST = 64 << 20 };

static const struct {
	char signature[5];
	const char *part;
	bool web, word; /* word: an everyday word, so only a right sum convinces */
} kinds[] = {
	{ "boot", "boot loader", false, true }, { "cs6b", "kernel", false, false },
	{ "cs6c", "kernel", false, false },     { "csys", "kernel", false, false },
	{ "csro", "firmware", false, false },   { "cr6b", "firmware", false, false },
	{ "cr6c", "firmware", false, false },   { "r6br", "rootfs", false, false },
	{ "r6cr", "rootfs", false, false },     { "root", "rootfs", false, true },
	{ "w6bg", "web pages", true, false },   { "w6bp", "web pages", true, false },
	{ "w6cg", "web pages", true, false },   { "w6cp", "web pages", true, false },
	{ "webp", "web pages", true, true },
};

struct image {
	unsigned kind;
	uint32_t load, flash, length;
	gh_bytes data; /* with the sum */
};

static uint32_t residue(const struct image *m)
{
	uint32_t n = 0;
	gh_cur c = gh_cur_over(m->data, 0);
	while (kinds[m->kind].web && c.left > 0)
		n += gh_u8(&c);
	if (kinds[m->kind].web)
		return n & 0xff;
	while (c.left > 1)
		n += gh_u16be(&c);
	if (c.left > 0)
		n += (uint32_t)gh_u8(&c) << 8;
	return n & 0xffff;
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct image *ret)
{
	gh_bytes all = gh_rest(&c);
	struct image m = { .kind = 0 };
	while (m.kind < GH_COUNT(kinds) && !gh_bytes_start(all, gh_view(kinds[m.kind].signature, 4)))
		m.kind++;
	gh_skip(&c, 4);
	m.load = gh_u32be(&c);
	m.flash = gh_u32be(&c);
	m.length = gh_u32be(&c);
	if (m.kind == GH_COUNT(kinds) || !gh_cur_ok(&c))
		return GH_NOT_MINE;
	bool word = kinds[m.kind].word;
	if (m.length < 8 || m.length > LENGTH_MOST || (word && m.length > c.left) || m.flash > LENGTH_MOST * 4u)
		return word ? GH_NOT_MINE
			    : gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a Realtek header make no sense");
	m.data = gh_take(&c, GH_MIN((uint64_t)m.length, (uint64_t)c.left));
	*ret = m;
	return m.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a Realtek header");
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct image m;
	gh_code code = read_header(ctx, c, &m);
	if (code == GH_OK)
		code = gh_effort(ctx, m.data.len);
	if (code != GH_OK)
		return code;
	bool right = m.data.len == m.length && residue(&m) == 0;
	if (!right && (kinds[m.kind].word || (m.load >> 28 != 8 && m.load >> 28 != 10 && m.load != m.flash)))
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = HEAD + m.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sum(gh_ctx *ctx, uint64_t start, const struct image *m, gh_node *out)
{
	bool web = kinds[m->kind].web;
	size_t width = web ? 1 : 2;
	gh_bytes stored = gh_bytes_part(m->data, m->data.len - GH_MIN(width, m->data.len), width);
	gh_sum s = { .what = "data sum",
		     .algorithm = web ? "bytes, two's complement" : "16-bit words, two's complement",
		     .at = start + HEAD + m->data.len - stored.len,
		     .stored = stored };
	if (m->data.len < m->length) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.remark = "the image is cut short";
		return gh_node_sum(ctx, out, &s);
	}
	if (web) {
		const uint8_t should = (uint8_t)(stored.ptr[0] - residue(m));
		return gh_sum_digest(ctx, out, s, stored, &should);
	}
	/* An odd length puts the words askew: what is known then is the residue alone. */
	const uint16_t is = (uint16_t)(stored.ptr[0] << 8 | stored.ptr[1]);
	return gh_sum_u16(ctx, out, s, is, (uint16_t)(is - residue(m)), true);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct image m;
	(void)span;
	gh_code code = read_header(ctx, c, &m);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "signature-text", gh_view(kinds[m.kind].signature, 4)) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", m.load) ||
	    gh_node_factf(ctx, out, "flash", "0x%08x", m.flash))
		return GH_NOMEM;
	code = add_sum(ctx, c.pos, &m, out);
	if (code == GH_OK && m.data.len < m.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + m.data.len,
				    "the header names %u bytes, %zu are there", m.length, m.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEAD));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, kinds[m.kind].part, c.pos + HEAD, m.data);
	return code;
}

const gh_format gh_format_realtek = {
	.name = "realtek",
	.title = "Realtek image (cs6c, r6cr, csro, …)",
	.spec = "openwrt/firmware-utils: cvimg.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "cs6[bc].{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "csys.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "csro.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "cr6[bc].{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "r6[bc]r.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "w6[bc][gp].{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "webp.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "root.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 },
		   { "boot.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 } },
	.measure = measure,
	.unpack = unpack,
};
