/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moxa's image (onekey-sec/unblob, frm.py). Little-endian. What the numbers are that may be checksums has not been
 * published.
 *
 *	0      4           8      c      e       10       40                            60
 *	+------+-----------+------+------+-------+--------+-----------------------------+------ … ------+
 *	| *FRM | 00 00 00 01 | size | 0060 | 0002  |        | two of: type, at, length, ? | sections      |
 *	+------+-----------+------+------+-------+--------+-----------------------------+------ … ------+
 *
 * Type 1 is the program, 2 the web pages:
 *
 *	0          20     24     28        30         34        38       3a       3c       40     42
 *	+----------+------+------+---------+----------+---------+--------+--------+--------+------+---------+
 *	| device   |      | time |         | table at | length  | of row | files  | length |      | files   |
 *	+----------+------+------+---------+----------+---------+--------+--------+--------+------+---------+
 *
 * A row: name[48], 8 bytes, length, place. Places count from the section; some files are gzip streams.
 */
#include "format/view_volume_in.h"

enum { HEAD = 0x60, SECTIONS = 2, PROGRAM = 1, PAGES = 2, NAME = 48, ROW_LEAST = 64, FILES_MOST = 8192 };

struct section {
	uint32_t type, at, size;
};

struct frm {
	gh_bytes all;
	struct section section[SECTIONS];
	uint32_t size;
};

static gh_code read_head(gh_ctx *ctx, gh_cur c, struct frm *ret)
{
	gh_bytes all = gh_rest(&c);
	gh_cur h = c;
	gh_skip(&h, 8);
	ret->size = gh_u32le(&h);
	h = gh_at(c, HEAD - 32);
	for (unsigned i = 0; i < SECTIONS; i++) {
		struct section *s = &ret->section[i];
		s->type = gh_u32le(&h);
		s->at = gh_u32le(&h);
		s->size = gh_u32le(&h);
		gh_skip(&h, 4);
		if (!gh_cur_ok(&h) || (s->type != PROGRAM && s->type != PAGES) || s->at < HEAD || s->at > ret->size ||
		    s->size > ret->size - s->at)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "section %u of a Moxa image makes no sense", i);
	}
	ret->all = gh_bytes_part(all, 0, ret->size);
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct frm f;
	gh_code code = read_head(ctx, c, &f);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = f.all.len, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_file(gh_ctx *ctx, gh_bytes path, uint64_t at, uint32_t size, int64_t time, uint64_t end,
			gh_entries *list)
{
	gh_entry *e;
	gh_code code = gh_entries_file(ctx, list, path, size, at <= end ? at : GH_NOWHERE, &e);
	if (code == GH_OK)
		e->mtime = time;
	return code;
}

static gh_code add_pages(gh_ctx *ctx, uint64_t base, gh_bytes section, gh_node *out, gh_entries *list)
{
	gh_cur h = gh_cur_over(section, 0), c = h;
	gh_bytes device = gh_take(&h, 32);
	gh_skip(&h, 4);
	uint32_t time = gh_u32le(&h);
	gh_skip(&h, 8);
	uint32_t table = gh_u32le(&h);
	gh_skip(&h, 4);
	uint16_t row = gh_u16le(&h), files = gh_u16le(&h);
	gh_skip(&h, 6);
	uint16_t others = gh_u16le(&h);
	if (files == 0)
		files = others;
	if (!gh_cur_ok(&h) || row < ROW_LEAST || files > FILES_MOST)
		return gh_fail(ctx, GH_CORRUPT, base, "the table of Moxa's pages makes no sense");
	gh_code code = gh_fact_field(ctx, out, "model", device);
	if (code == GH_OK && time > 0) {
		const char *utc = gh_utc(ctx, time);
		code = utc ? gh_node_factf(ctx, out, "created", "%s", utc) : GH_NOMEM;
	}
	c = gh_at(c, table);
	for (unsigned i = 0; i < files && code == GH_OK; i++) {
		gh_cur r = gh_sub(&c, row);
		gh_bytes name = gh_text(&r, NAME), path;
		gh_skip(&r, 8);
		uint32_t size = gh_u32le(&r), at = gh_u32le(&r);
		if (!gh_cur_ok(&r) || at > section.len)
			return gh_fail(ctx, GH_CORRUPT, base + table, "row %u of Moxa's pages makes no sense", i);
		if (name.len == 0)
			continue;
		code = gh_path_join(ctx, GH_LIT("web"), gh_path_plain(name), &path);
		if (code == GH_OK)
			code = add_file(ctx, path, base + at, size, time, base + section.len, list);
	}
	return code;
}

static const gh_volume_ops ops = { .read = gh_view_read };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct frm f;
	gh_entries list = { 0 };
	(void)span;
	gh_code code = read_head(ctx, c, &f);
	if (code != GH_OK)
		return code;
	gh_sum sum = { .what = "image checksum",
		       .algorithm = "not published",
		       .state = GH_SUM_UNVERIFIABLE,
		       .at = c.pos,
		       .remark = "which numbers are checksums has not been published" };
	code = gh_node_fact(ctx, out, "vendor", GH_LIT("Moxa"));
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	for (unsigned i = 0; i < SECTIONS && code == GH_OK; i++) {
		const struct section *s = &f.section[i];
		if (s->type == PROGRAM)
			code = add_file(ctx, GH_LIT("firmware.bin"), c.pos + s->at, s->size, 0, c.pos + f.all.len,
					&list);
		else
			code = add_pages(ctx, c.pos + s->at, gh_bytes_part(f.all, s->at, s->size), out, &list);
	}
	return gh_entries_end(ctx, &list, &ops, out, code);
}

const gh_format gh_format_moxa = {
	.name = "moxa",
	.title = "Moxa image of serial servers and gateways (*FRM)",
	.spec = "onekey-sec/unblob: frm.py",
	.limits = "checksums are not published; pages that are packed one by one stay so",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\*FRM\\x00\\x00\\x00\\x01.{4}\\x60\\x00\\x02\\x00", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
