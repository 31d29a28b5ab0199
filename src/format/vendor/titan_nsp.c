/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "single image" of Texas Instruments' AR7 and Titan DSL routers: Actiontec, Linksys, D-Link, Netgear
 * (firmware-utils, mktitanimg.h). Little-endian.
 *
 *	0        4      8       c        10        14       18       1c       20        24     28        2c
 *	+--------+------+-------+--------+---------+--------+--------+--------+---------+------+---------+--------+
 *	| "CDTM" | boot | flags | layout | header's| product| release| version| length  | info | sections| header |
 *	|        | at   |       | 1, 2   | length  |        |        | M.m.p.r| of all  | at   | told at | sum at |
 *	+--------+------+-------+--------+---------+--------+--------+--------+---------+------+---------+--------+
 *
 *	info      release [64] · file name [64]
 *	sections  how many · how long each · where
 *	section   where · length with filling · length · flags · sum · kind (1 kernel, 2 root, 3 other) · name [16]
 *	behind    often 23 de 53 c4 and the sum of everything before
 *
 * The sums are what POSIX's cksum prints.
 */
#include "format/boot/boot_in.h"

#include "codec/sum.h"

enum { HEAD = 0x30, SECTION = 40, SECTIONS_MOST = 16, TAIL = 8, LENGTH_MOST = 64 << 20 };

struct nsp {
	gh_bytes all, table;
	uint32_t layout, header, product, release, version, length, info, sections, each;
	bool tail; /* eight bytes with a sum of all */
};

struct section {
	uint32_t at, length, sum, kind;
	gh_bytes name;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct nsp *ret)
{
	struct nsp h = { .all = gh_rest(&c) };
	if (!gh_eat(&c, GH_LIT("CDTM")))
		return GH_NOT_MINE;
	gh_skip(&c, 8);
	h.layout = gh_u32le(&c);
	h.header = gh_u32le(&c);
	h.product = gh_u32le(&c);
	h.release = gh_u32le(&c);
	h.version = gh_u32le(&c);
	h.length = gh_u32le(&c);
	h.info = gh_u32le(&c);
	uint32_t told = gh_u32le(&c);
	if (!gh_cur_ok(&c) || h.header < HEAD || h.header > 0x10000 || h.length <= h.header || h.length > LENGTH_MOST ||
	    told < HEAD || told > h.header || h.info < HEAD || h.info > h.header)
		return GH_NOT_MINE;
	gh_cur s = gh_at(gh_cur_over(gh_bytes_part(h.all, 0, h.header), c.pos), told);
	h.sections = gh_u32le(&s);
	h.each = gh_u32le(&s);
	uint32_t table = gh_u32le(&s);
	if (!gh_cur_ok(&s))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the header of a Titan image is cut short");
	h.table = gh_bytes_part(gh_bytes_part(h.all, 0, h.header), table, (uint64_t)h.sections * h.each);
	if (h.sections == 0 || h.sections > SECTIONS_MOST || h.each < SECTION || h.each > 0x400 ||
	    h.table.len < (uint64_t)h.sections * h.each)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the sections of a Titan image make no sense");
	h.tail = gh_bytes_start(gh_bytes_part(h.all, h.length, TAIL), GH_LIT("\x23\xde\x53\xc4")) &&
		 h.all.len >= (uint64_t)h.length + TAIL;
	*ret = h;
	return GH_OK;
}

static struct section section_of(const struct nsp *h, uint32_t i)
{
	gh_cur c = gh_cur_over(gh_bytes_part(h->table, (uint64_t)i * h->each, h->each), 0);
	struct section s = { 0 };
	s.at = gh_u32le(&c);
	gh_skip(&c, 4);
	s.length = gh_u32le(&c);
	gh_skip(&c, 4);
	s.sum = gh_u32le(&c);
	s.kind = gh_u32le(&c);
	s.name = gh_text(&c, 16);
	return s;
}

/* What is there of a section; empty where it does not lie in the image. */
static gh_bytes content_of(const struct nsp *h, const struct section *s)
{
	bool fits = s->at >= h->header && s->at < h->length && s->length <= h->length - s->at;
	return fits ? gh_bytes_part(h->all, s->at, s->length) : gh_view(NULL, 0);
}

static uint32_t cksum_of(gh_bytes b)
{
	return gh_cksum(&b, 1);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct nsp h;
	gh_code code = read_header(ctx, c, &h);
	if (code != GH_OK)
		return code;
	uint64_t size = GH_MIN((uint64_t)h.length + (h.tail ? TAIL : 0), (uint64_t)h.all.len);
	code = gh_effort(ctx, 4 * size);
	if (code != GH_OK)
		return code;
	bool right = true;
	for (uint32_t i = 0; i < h.sections; i++) {
		struct section s = section_of(&h, i);
		gh_bytes b = content_of(&h, &s);
		right = right && b.len > 0 && b.len == s.length && cksum_of(b) == s.sum;
	}
	*ret = (gh_span){ .size = size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_section(gh_ctx *ctx, gh_cur c, const struct nsp *h, uint32_t i, uint64_t *behind, gh_node *out)
{
	struct section s = section_of(h, i);
	gh_bytes b = content_of(h, &s);
	char name[32];
	gh_part_name(s.name, s.kind == 1 ? "kernel" : s.kind == 2 ? "rootfs" : "section", name);
	if (b.len < s.length || s.at < *behind)
		return gh_node_note(ctx, out, GH_CORRUPT, c.pos + s.at, "section %u (%s) does not lie in the image", i,
				    name);
	if (b.len == 0)
		return GH_OK;
	*behind = (uint64_t)s.at + b.len;
	gh_sum sum = { .algorithm = "cksum (posix)" };
	sum.what = gh_arena_printf(ctx->arena, "sum of %s", name);
	sum.at = c.pos + (uint64_t)(h->table.ptr - h->all.ptr) + (uint64_t)i * h->each + 16;
	if (!sum.what)
		return gh_nomem(ctx);
	gh_code code = gh_sum_u32(ctx, out, sum, s.sum, cksum_of(b), false);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_PART, name, c.pos + s.at, b) : code;
}

static gh_code add_tail(gh_ctx *ctx, gh_cur c, const struct nsp *h, gh_node *out)
{
	gh_bytes tail = gh_bytes_part(h->all, h->length, TAIL);
	gh_cur t = gh_cur_over(gh_bytes_part(tail, 4, 4), 0);
	gh_sum sum = { .what = "image sum", .algorithm = "cksum (posix)", .at = c.pos + h->length + 4 };
	sum.remark = "over everything before the last eight bytes";
	gh_code code = gh_sum_u32(ctx, out, sum, gh_u32le(&t), cksum_of(gh_bytes_part(h->all, 0, h->length)), false);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "tail", c.pos + h->length, tail) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct nsp h;
	(void)span;
	gh_code code = read_header(ctx, c, &h);
	if (code != GH_OK)
		return code;
	gh_bytes header = gh_bytes_part(h.all, 0, h.header);
	if (gh_node_factf(ctx, out, "product", "0x%08x", h.product) ||
	    gh_node_factf(ctx, out, "release", "0x%08x", h.release) ||
	    gh_node_factf(ctx, out, "version", "%u.%u.%u.%u", h.version >> 24, h.version >> 16 & 0xff,
			  h.version >> 8 & 0xff, h.version & 0xff) ||
	    gh_fact_field(ctx, out, "release-name", gh_bytes_part(header, h.info, 64)) ||
	    gh_fact_field(ctx, out, "name", gh_bytes_part(header, (uint64_t)h.info + 64, 64)))
		return GH_NOMEM;
	if (h.length > h.all.len && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + h.all.len,
						 "the header names %u bytes, %zu are there", h.length, h.all.len))
		return GH_NOMEM;
	code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, header);
	uint64_t behind = h.header;
	for (uint32_t i = 0; i < h.sections && code == GH_OK; i++)
		code = add_section(ctx, c, &h, i, &behind, out);
	return code == GH_OK && h.tail ? add_tail(ctx, c, &h, out) : code;
}

const gh_format gh_format_titan_nsp = {
	.name = "titan-nsp",
	.title = "TI AR7/Titan single image (Actiontec, Linksys, D-Link)",
	.spec = "openwrt/firmware-utils: mktitanimg.h, mktitanimg.c",
	.limits = "the header's own sum, which published tools leave out",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "CDTM.{8}[\\x00-\\x0f]\\x00\\x00\\x00", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
