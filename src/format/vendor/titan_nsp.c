/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSP, the single image of TI's Titan DSL devices and their PSPBoot (firmware-utils, mktitanimg.h). The order of bytes
 * is the device's.
 *
 *	magic 4d 54 44 43, boot offset, flags, header version, header size, product, release, version, image size,
 *offsets of the names, of the list of sections, of the checksum; release name[64], file name[64]; number of sections,
 *size of a row, offset of the rows; per section: offset, size, size without padding, flags, checksum, kind, name[16]
 *
 * A version is 0xMMnnooxx. Checksums are those of cksum(1), over a section without padding and over the header to its
 * checksum; ffffffff as its offset means that there is none.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { FIXED = 48, ROW = 40, SECTIONS_MOST = 16, HEAD_MOST = 0x10000, SIZE_MOST = 256 << 20 };

struct section {
	uint32_t at, size, raw, sum, kind;
	gh_bytes name;
};

struct nsp {
	gh_bytes all, release, file;
	uint32_t head, version, size, sum_at, sum;
	struct section section[SECTIONS_MOST];
	unsigned n;
	bool big;
};

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct nsp *ret)
{
	gh_cur h = c;
	struct nsp s = { .big = gh_bytes_start(gh_rest(&c), GH_LIT("MTDC")) };
	gh_skip(&h, 16);
	s.head = gh_u32(&h, s.big);
	gh_skip(&h, 8);
	s.version = gh_u32(&h, s.big);
	s.size = gh_u32(&h, s.big);
	uint32_t names = gh_u32(&h, s.big), list = gh_u32(&h, s.big);
	s.sum_at = gh_u32(&h, s.big);
	if (!gh_cur_ok(&h) || s.head < FIXED || s.head > HEAD_MOST || s.size < s.head || s.size > SIZE_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the sizes of an NSP image make no sense");
	s.all = gh_bytes_part(gh_rest(&c), 0, s.size);
	gh_cur n = gh_at(gh_cur_over(s.all, c.pos), names), l = gh_at(gh_cur_over(s.all, c.pos), list);
	gh_cur m = gh_at(gh_cur_over(s.all, c.pos), s.sum_at == UINT32_MAX ? 0 : s.sum_at);
	s.release = gh_take(&n, 64);
	s.file = gh_take(&n, 64);
	s.sum = gh_u32(&m, s.big);
	uint32_t count = gh_u32(&l, s.big), row = gh_u32(&l, s.big), rows = gh_u32(&l, s.big);
	if (!gh_cur_ok(&n) || !gh_cur_ok(&l) || !gh_cur_ok(&m) || count == 0 || count > SECTIONS_MOST || row < ROW ||
	    row > 256 || !gh_field_is_text(s.release, 0))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the tables of an NSP image make no sense");
	for (unsigned i = 0; i < count; i++) {
		gh_cur r = gh_at(gh_cur_over(s.all, c.pos), rows + (uint64_t)i * row);
		struct section *k = &s.section[i];
		k->at = gh_u32(&r, s.big);
		k->size = gh_u32(&r, s.big);
		k->raw = gh_u32(&r, s.big);
		gh_skip(&r, 4);
		k->sum = gh_u32(&r, s.big);
		k->kind = gh_u32(&r, s.big);
		k->name = gh_take(&r, 16);
		if (!gh_cur_ok(&r) || k->raw > k->size || !gh_field_is_text(k->name, 1))
			return gh_fail(ctx, GH_CORRUPT, r.pos, "section %u of an NSP image makes no sense", i);
	}
	s.n = count;
	*ret = s;
	return GH_OK;
}

static gh_bytes raw_of(const struct nsp *s, const struct section *k)
{
	return gh_bytes_part(s->all, k->at, k->raw);
}

static bool holds(const struct nsp *s, const struct section *k)
{
	gh_bytes b = raw_of(s, k);
	return b.len == k->raw && gh_cksum(&b, 1) == k->sum;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct nsp s;
	gh_code code = read_image(ctx, c, &s);
	for (unsigned i = 0; i < s.n && code == GH_OK; i++)
		code = gh_effort(ctx, 4 * (uint64_t)raw_of(&s, &s.section[i]).len);
	if (code != GH_OK)
		return code;
	bool right = true;
	for (unsigned i = 0; i < s.n && right; i++)
		right = holds(&s, &s.section[i]);
	*ret = (gh_span){ .size = s.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_section(gh_ctx *ctx, uint64_t start, const struct nsp *s, const struct section *k, gh_node *out)
{
	char name[17] = { 0 };
	for (size_t i = 0; i < 16 && k->name.ptr[i] > 0x20 && k->name.ptr[i] < 0x7f; i++)
		name[i] = (char)k->name.ptr[i];
	gh_bytes b = raw_of(s, k);
	gh_sum sum = { .what = gh_arena_printf(ctx->scratch, "checksum of %s", name),
		       .algorithm = "cksum",
		       .at = start,
		       .remark = b.len < k->raw ? "the section is cut short" : NULL };
	if (!sum.what)
		return gh_nomem(ctx);
	gh_code code = gh_sum_u32(ctx, out, sum, k->sum, gh_cksum(&b, 1), s->big);
	if (code == GH_OK && b.len < k->raw)
		code = gh_node_note(ctx, out, GH_TRUNCATED, start + k->at + b.len,
				    "section %s has %u bytes, %zu are there", name, k->raw, b.len);
	if (code == GH_OK && b.len > 0 && k->at >= s->head)
		code = gh_node_part(ctx, out, GH_NODE_PART, name, start + k->at, b);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct nsp s;
	(void)span;
	gh_code code = read_image(ctx, c, &s);
	if (code != GH_OK)
		return code;
	if (gh_fact_field(ctx, out, "product", s.release) || gh_fact_field(ctx, out, "name", s.file) ||
	    gh_node_factf(ctx, out, "version", "%u.%u.%u-r%u", s.version >> 24, s.version >> 16 & 255,
			  s.version >> 8 & 255, s.version & 255))
		return GH_NOMEM;
	gh_bytes head = gh_bytes_part(s.all, 0, s.sum_at);
	gh_sum sum = { .what = "header checksum", .algorithm = "cksum", .state = GH_SUM_ABSENT, .at = c.pos };
	if (s.sum_at == UINT32_MAX) {
		code = gh_node_sum(ctx, out, &sum);
	} else {
		sum.at = c.pos + s.sum_at;
		code = gh_sum_u32(ctx, out, sum, s.sum, gh_cksum(&head, 1), s.big);
	}
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(s.all, 0, s.head));
	for (unsigned i = 0; i < s.n && code == GH_OK; i++)
		code = add_section(ctx, c.pos, &s, &s.section[i], out);
	return code;
}

const gh_format gh_format_titan_nsp = {
	.name = "titan-nsp",
	.title = "TI Titan image (NSP)",
	.spec = "openwrt/firmware-utils: mktitanimg.h",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "MTDC\\x00\\x00", 6, 0 }, { "CDTM.{2}\\x00\\x00", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
