/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wind River's memory file system, the web pages of VxWorks routers (binwalk 2; LeeXiaolan, unow2fs.py). Big-endian;
 * some that begin in capitals are little-endian.
 *
 *	0             20     24      28
 *	+-------------+------+-------+-------------------------------+ … +------ … -+
 *	| owow … owow | way  | files | name[40], size, place         |   | contents |
 *	+-------------+------+-------+-------------------------------+ … +------ … -+
 *
 * Ways: 1 compressed, 2 plain. Rows have names of 40 or 64 bytes and one, two or three numbers behind them, and begin
 * at 28 or 2c: the shape is taken in which every row makes sense. Places count from the start.
 */
#include "format/view_volume_in.h"

enum { MAGIC = 32, HEAD = 40, FILES_MOST = 8192 };

struct shape {
	uint8_t start, name, row;
};

static const struct shape shapes[] = {
	{ 44, 40, 48 }, { 40, 40, 48 }, { 40, 64, 76 }, { 44, 64, 76 }, { 40, 64, 72 }, { 44, 64, 72 },
};

struct memfs {
	uint32_t way, files;
	struct shape shape;
	uint64_t size;
	bool big, capitals;
};

struct file {
	gh_bytes name;
	uint32_t size, at;
};

static struct file read_row(gh_cur *c, const struct memfs *m)
{
	gh_cur r = gh_sub(c, m->shape.row);
	struct file f = { .name = gh_text(&r, m->shape.name) };
	f.size = gh_u32(&r, m->big);
	f.at = gh_u32(&r, m->big);
	return f;
}

static bool plausible(gh_cur c, struct memfs *m, const struct shape *shape)
{
	m->shape = *shape;
	uint64_t data = shape->start + (uint64_t)m->files * shape->row;
	m->size = data;
	gh_cur rows = gh_at(c, shape->start);
	for (uint32_t i = 0; i < m->files; i++) {
		struct file f = read_row(&rows, m);
		if (!gh_cur_ok(&rows) || f.name.len == 0 || f.name.len == shape->name || f.at < data)
			return false;
		for (size_t k = 0; k < f.name.len; k++)
			if (f.name.ptr[k] < 0x20 || f.name.ptr[k] > 0x7e)
				return false;
		m->size = GH_MAX(m->size, (uint64_t)f.at + f.size);
	}
	return m->size <= c.left + (uint64_t)c.left / 2;
}

static gh_code read_table(gh_ctx *ctx, gh_cur c, struct memfs *ret)
{
	gh_cur h = c;
	gh_bytes magic = gh_take(&h, MAGIC);
	if (magic.len < MAGIC)
		return GH_NOT_MINE;
	struct memfs m = { .capitals = magic.ptr[0] == 'O' };
	for (size_t i = 0; i < MAGIC; i++)
		if (magic.ptr[i] != (uint8_t)(m.capitals ? "OW" : "ow")[i % 2])
			return GH_NOT_MINE;
	gh_cur look = h;
	m.big = gh_u32be(&look) <= 2;
	m.way = gh_u32(&h, m.big);
	m.files = gh_u32(&h, m.big);
	if (!gh_cur_ok(&h) || m.way < 1 || m.way > 2 || m.files == 0 || m.files > FILES_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of a memory file system makes no sense");
	gh_code code = gh_effort(ctx, (uint64_t)m.files * 76 * GH_COUNT(shapes));
	if (code != GH_OK)
		return code;
	unsigned i = 0;
	while (i < GH_COUNT(shapes) && !plausible(c, &m, &shapes[i]))
		i++;
	if (i == GH_COUNT(shapes))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the table of a memory file system makes no sense");
	m.size = GH_MIN(m.size, (uint64_t)c.left);
	*ret = m;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct memfs m;
	gh_code code = read_table(ctx, c, &m);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = m.size, .proof = GH_PROOF_PARSED };
	return GH_OK;
}

static gh_code add_file(gh_ctx *ctx, uint64_t pos, const struct memfs *m, const struct file *f, gh_entries *list)
{
	gh_bytes path;
	gh_entry *e;
	gh_code code = gh_path_turned(ctx, f->name, &path);
	if (code == GH_OK)
		code = gh_entries_file(ctx, list, path, f->size, f->at <= m->size ? pos + f->at : GH_NOWHERE, &e);
	return code == GH_OK ? gh_entry_path(ctx, e, path, pos) : code;
}

static const gh_volume_ops ops = { .read = gh_view_read };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct memfs m = { 0 };
	gh_entries list = { 0 };
	(void)span;
	gh_code code = read_table(ctx, c, &m);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "contents", m.way == 1 ? GH_LIT("compressed") : GH_LIT("plain"));
	gh_cur rows = gh_at(c, m.shape.start);
	for (uint32_t i = 0; code == GH_OK && i < m.files; i++) {
		struct file f = read_row(&rows, &m);
		code = add_file(ctx, c.pos, &m, &f, &list);
	}
	return gh_entries_end(ctx, &list, &ops, out, code);
}

const gh_format gh_format_memfs = {
	.name = "memfs",
	.title = "Wind River MemFS (owow)",
	.spec = "binwalk 2: filesystems; LeeXiaolan/tplink-vxworks-based-firmware: unow2fs.py",
	.limits = "files that are packed one by one stay so",
	.kind = GH_NODE_VOLUME,
	.magic = { { "(ow){16}", 32, 0 }, { "(OW){16}", 32, 0 } },
	.measure = measure,
	.unpack = unpack,
};
