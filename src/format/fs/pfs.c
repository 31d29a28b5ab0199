/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PFS, the file system of DrayTek's and other routers' web pages (draytools, binwalk 2). Little-endian.
 *
 *	0            e       10
 *	+------------+-------+-----------------------------------------------+ … +------ … -+
 *	| PFS/1.0 …  | files | name, 4 bytes, place, size: of each file      |   | contents |
 *	+------------+-------+-----------------------------------------------+ … +------ … -+
 *
 * Places count from the end of the table; '\' stands between the names of a path. How wide names are (32 bytes, mostly)
 * nothing says: the width is taken for which every row makes sense.
 */
#include "format/view_volume_in.h"

enum { HEAD = 16, FILES_MOST = 8192 };

struct pfs {
	gh_cur rows;
	uint32_t files, name, row;
	uint64_t data, size;
};

struct file {
	gh_bytes name;
	uint32_t at, size;
};

static struct file read_row(gh_cur *c, const struct pfs *p)
{
	gh_cur r = gh_sub(c, p->row);
	struct file f = { .name = gh_text(&r, p->name) };
	gh_skip(&r, p->row - p->name - 8);
	f.at = gh_u32le(&r);
	f.size = gh_u32le(&r);
	return f;
}

static bool plausible(gh_cur c, struct pfs *p, uint32_t name)
{
	uint32_t row = name + 12;
	*p = (struct pfs){ .rows = gh_at(c, HEAD), .files = p->files, .name = name, .row = row };
	p->data = HEAD + (uint64_t)p->files * row;
	p->size = p->data;
	if (p->data > c.left)
		return false;
	gh_cur rows = p->rows;
	for (uint32_t i = 0; i < p->files; i++) {
		struct file f = read_row(&rows, p);
		p->size = GH_MAX(p->size, p->data + f.at + f.size);
		if (f.name.len == 0 || f.name.len == name)
			return false;
		for (size_t k = 0; k < f.name.len; k++)
			if (f.name.ptr[k] < 0x20 || f.name.ptr[k] > 0x7e)
				return false;
	}
	return p->size <= c.left + (uint64_t)c.left / 2;
}

static gh_code read_table(gh_ctx *ctx, gh_cur c, struct pfs *ret)
{
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("PFS/")))
		return GH_NOT_MINE;
	gh_skip(&h, 10);
	struct pfs p = { .files = gh_u16le(&h) };
	if (!gh_cur_ok(&h) || p.files == 0 || p.files > FILES_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "a PFS without files");
	gh_code code = gh_effort(ctx, (uint64_t)p.files * 512);
	if (code != GH_OK)
		return code;
	static const uint8_t widths[] = { 32, 16, 20, 24, 28, 36, 40, 44, 48, 56, 64, 128 };
	unsigned i = 0;
	while (i < GH_COUNT(widths) && !plausible(c, &p, widths[i]))
		i++;
	if (i == GH_COUNT(widths))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the table of a PFS makes no sense");
	p.size = GH_MIN(p.size, (uint64_t)c.left);
	*ret = p;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct pfs p;
	gh_code code = read_table(ctx, c, &p);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = p.size, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_file(gh_ctx *ctx, uint64_t pos, const struct pfs *p, const struct file *f, gh_entries *list)
{
	gh_bytes path;
	uint64_t at = p->data + f->at;
	gh_code code = gh_path_turned(ctx, f->name, &path);
	return code == GH_OK ? gh_entries_file(ctx, list, gh_path_plain(path), f->size,
					       at <= p->size ? pos + at : GH_NOWHERE, NULL)
			     : code;
}

static const gh_volume_ops ops = { .read = gh_view_read };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct pfs p;
	gh_entries list = { 0 };
	(void)span;
	gh_code code = read_table(ctx, c, &p);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "format-version", gh_bytes_part(gh_rest(&c), 4, 3));
	gh_cur rows = p.rows;
	for (uint32_t i = 0; code == GH_OK && i < p.files; i++) {
		struct file f = read_row(&rows, &p);
		code = add_file(ctx, c.pos, &p, &f, &list);
	}
	return gh_entries_end(ctx, &list, &ops, out, code);
}

const gh_format gh_format_pfs = {
	.name = "pfs",
	.title = "PFS, web pages of DrayTek and others",
	.spec = "draytools; binwalk 2",
	.limits = "files that are packed one by one stay so",
	.kind = GH_NODE_VOLUME,
	.magic = { { "PFS/[01]\\.[0-9]", 7, 0 } },
	.measure = measure,
	.unpack = unpack,
};
