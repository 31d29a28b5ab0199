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
 * Vendors have signatures of their own (D-Link's F6LB, Mlnk, R6LB): such a row is taken when its sum is right and it
 * follows another, or loads where kernels load.
 */
#include "format/room_in.h"

enum { HEAD = 16, LENGTH_MOST = 64 << 20, ROWS_MOST = 16 };

static const struct {
	const char *part;
	char signature[5];
	bool web, word; /* word: an everyday word, so only a right sum convinces */
} kinds[] = {
	{ "boot loader", "boot", false, true }, { "kernel", "cs6b", false, false },
	{ "kernel", "cs6c", false, false },     { "kernel", "csys", false, false },
	{ "firmware", "csro", false, false },   { "firmware", "cr6b", false, false },
	{ "firmware", "cr6c", false, false },   { "rootfs", "r6br", false, false },
	{ "rootfs", "r6cr", false, false },     { "rootfs", "root", false, true },
	{ "web pages", "w6bg", true, false },   { "web pages", "w6bp", true, false },
	{ "web pages", "w6cg", true, false },   { "web pages", "w6cp", true, false },
	{ "web pages", "webp", true, true },    { "kernel", "F6LB", false, false },
	{ "rootfs", "R6LB", false, false },
};

struct row {
	const char *part; /* NULL: a signature that is not known */
	bool web, word, right;
	uint64_t at; /* of the header */
	uint32_t load, flash, length;
	gh_bytes head, data; /* data: with the sum */
};

struct rows {
	struct row row[ROWS_MOST];
	unsigned n;
	uint64_t size;
};

static uint32_t residue(const struct row *m)
{
	uint32_t n = 0;
	gh_cur c = gh_cur_over(m->data, 0);
	while (m->web && c.left > 0)
		n += gh_u8(&c);
	if (m->web)
		return n & 0xff;
	while (c.left > 1)
		n += gh_u16be(&c);
	if (c.left > 0)
		n += (uint32_t)gh_u8(&c) << 8;
	return n & 0xffff;
}

static bool kernel_loads(uint32_t address)
{
	return address == 0x80500000 || address == 0x80a00000 || address == 0x80c00000;
}

/* One row; false where there is none. What a row says is believed the more the less its signature does. */
static gh_code read_row(gh_ctx *ctx, gh_cur *c, bool first, struct row *ret, bool *there)
{
	gh_cur h = *c;
	struct row m = { .at = c->pos, .head = gh_take(&h, HEAD) };
	gh_cur f = gh_cur_over(m.head, m.at);
	gh_bytes signature = gh_take(&f, 4);
	m.load = gh_u32be(&f);
	m.flash = gh_u32be(&f);
	m.length = gh_u32be(&f);
	*there = false;
	if (!gh_cur_ok(&f) || !gh_field_is_text(signature, 4) || m.length < 8 || m.length > LENGTH_MOST ||
	    m.flash > LENGTH_MOST * 4u)
		return GH_OK;
	for (unsigned i = 0; i < GH_COUNT(kinds); i++)
		if (memcmp(signature.ptr, kinds[i].signature, 4) == 0) {
			m.part = kinds[i].part;
			m.web = kinds[i].web;
			m.word = kinds[i].word;
		}
	if ((!m.part || m.word) && m.length > h.left)
		return GH_OK;
	m.data = gh_take(&h, GH_MIN((uint64_t)m.length, (uint64_t)h.left));
	gh_code code = gh_effort(ctx, m.data.len);
	if (code != GH_OK)
		return code;
	m.right = m.data.len == m.length && residue(&m) == 0;
	bool sensible = m.load >> 28 == 8 || m.load >> 28 == 10 || m.load == m.flash;
	*there = m.data.len > 0 && (m.right ? m.part || !first || kernel_loads(m.load) : m.part && !m.word && sensible);
	if (*there) {
		*ret = m;
		*c = h;
	}
	return GH_OK;
}

static gh_code read_rows(gh_ctx *ctx, gh_cur c, struct rows *ret)
{
	uint64_t start = c.pos;
	bool there = true;
	ret->n = 0;
	while (ret->n < ROWS_MOST && there) {
		gh_code code = read_row(ctx, &c, ret->n == 0, &ret->row[ret->n], &there);
		if (code != GH_OK)
			return code;
		ret->n += there;
	}
	ret->size = c.pos - start;
	return ret->n > 0 ? GH_OK : GH_NOT_MINE;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct rows *rows = gh_arena_alloc(ctx->scratch, sizeof *rows);
	if (!rows)
		return gh_nomem(ctx);
	gh_code code = read_rows(ctx, c, rows);
	if (code != GH_OK)
		return code;
	bool right = true;
	for (unsigned i = 0; i < rows->n; i++)
		right &= rows->row[i].right;
	*ret = (gh_span){ .size = rows->size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sum(gh_ctx *ctx, const struct row *m, gh_node *out)
{
	size_t width = m->web ? 1 : 2;
	gh_bytes stored = gh_bytes_part(m->data, m->data.len - GH_MIN(width, m->data.len), width);
	gh_sum s = { .what = gh_arena_printf(ctx->scratch, "sum of %.4s", (const char *)m->head.ptr),
		     .algorithm = m->web ? "bytes, two's complement" : "16-bit words, two's complement",
		     .at = m->at + HEAD + m->data.len - stored.len,
		     .stored = stored };
	if (!s.what)
		return gh_nomem(ctx);
	if (m->data.len < m->length || stored.len < width || !stored.ptr) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.remark = "the image is cut short";
		return gh_node_sum(ctx, out, &s);
	}
	if (m->web) {
		const uint8_t should = (uint8_t)(stored.ptr[0] - residue(m));
		return gh_sum_digest(ctx, out, s, stored, &should);
	}
	/* An odd length puts the words askew: what is known then is the residue alone. */
	const uint16_t is = (uint16_t)(stored.ptr[0] << 8 | stored.ptr[1]);
	return gh_sum_u16(ctx, out, s, is, (uint16_t)(is - residue(m)), true);
}

static gh_code add_row(gh_ctx *ctx, const struct row *m, gh_node *out)
{
	gh_code code = gh_node_factf(ctx, out, "row", "%.4s: loads at 0x%08x, flash 0x%08x, 0x%x bytes",
				     (const char *)m->head.ptr, m->load, m->flash, m->length);
	if (code == GH_OK)
		code = add_sum(ctx, m, out);
	if (code == GH_OK && m->data.len < m->length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, m->at + HEAD + m->data.len,
				    "the header names %u bytes, %zu are there", m->length, m->data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", m->at, m->head);
	char name[5] = { 0 };
	memcpy(name, m->head.ptr, 4);
	size_t sum = m->data.len == m->length ? m->web ? 1 : 2 : 0;
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, m->part ? m->part : name, m->at + HEAD,
				    gh_bytes_part(m->data, 0, m->data.len - sum));
	if (code == GH_OK && sum > 0)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "sum", m->at + HEAD + m->data.len - sum,
				    gh_bytes_part(m->data, m->data.len - sum, sum));
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct rows *rows = gh_arena_alloc(ctx->scratch, sizeof *rows);
	(void)span;
	if (!rows)
		return gh_nomem(ctx);
	gh_code code = read_rows(ctx, c, rows);
	for (unsigned i = 0; i < rows->n && code == GH_OK; i++)
		code = add_row(ctx, &rows->row[i], out);
	return code;
}

const gh_format gh_format_realtek = {
	.name = "realtek",
	.title = "Realtek image (cs6c, r6cr, csro, F6LB, …)",
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
		   { "[ -~]{4}\\x80[\\x50\\xa0\\xc0]\\x00\\x00[\\x00-\\x0f].\\x00\\x00[\\x00-\\x03]", 13, 0 },
		   { "boot.{4}[\\x00-\\x0f].{3}[\\x00-\\x03]", 13, 0 } },
	.measure = measure,
	.unpack = unpack,
};
