/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ROM file system of eCos, also D-Link's of the DIR-600 and others (eCos romfs.c; armijnhemel/binaryanalysis-ng,
 * dlink_romfs.ksy). In the order of the CPU, here little-endian.
 *
 *	0      4       8      c        10             20
 *	+------+-------+------+--------+--------------+------ … ------+------- … -------+
 *	| .moR | nodes | size | device | ROMFS v1.0   | nodes         | contents        |
 *	+------+-------+------+--------+--------------+------ … ------+------- … -------+
 *
 *	a node:	0      4       8     a     c      10     14     18
 *		+------+-------+-----+-----+------+------+------+---------------------------------------+
 *		| mode | links | uid | gid | size | time | at   | "<000012>", or unpacked size and "0012" |
 *		+------+-------+-----+-----+------+------+------+---------------------------------------+
 *
 * Places count from the start. A folder is rows: node, place of the next row in the folder, name with NUL. Bits of the
 * mode: 0 folder, 1 and 2 devices, 3 file, 4 FIFO, 5 link, from 16 the nine rights, owner's reading lowest.
 */
#include "format/view_volume_in.h"

enum { HEAD = 32, NODE = 32, NODES_MOST = 1 << 16, NAME_MOST = 256, DEEP = 64 };

struct romfs {
	gh_bytes all;
	uint64_t pos;
	uint32_t nodes, size;
	bool big;
};

struct node {
	uint32_t mode, links, size, time, at;
	uint16_t uid, gid;
	bool sane;
};

static struct node read_node(const struct romfs *f, uint32_t nth)
{
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, HEAD + (uint64_t)nth * NODE, NODE), 0);
	struct node n = { .mode = gh_u32(&c, f->big) };
	n.links = gh_u32(&c, f->big);
	n.uid = gh_u16(&c, f->big);
	n.gid = gh_u16(&c, f->big);
	n.size = gh_u32(&c, f->big);
	n.time = gh_u32(&c, f->big);
	n.at = gh_u32(&c, f->big);
	uint32_t kind = n.mode & 0x3f;
	n.sane = gh_cur_ok(&c) && kind != 0 && (kind & (kind - 1)) == 0 &&
		 (n.size == 0 || n.at >= HEAD + (uint64_t)f->nodes * NODE);
	return n;
}

static gh_code read_head(gh_ctx *ctx, gh_cur c, struct romfs *ret)
{
	gh_cur h = c;
	uint32_t magic = gh_u32be(&h);
	if (magic != 0x526f6d2e && magic != 0x2e6d6f52)
		return GH_NOT_MINE;
	struct romfs f = { .all = gh_rest(&c), .pos = c.pos, .big = magic == 0x526f6d2e };
	f.nodes = gh_u32(&h, f.big);
	f.size = gh_u32(&h, f.big);
	if (!gh_cur_ok(&h) || f.nodes == 0 || f.nodes > NODES_MOST || HEAD + (uint64_t)f.nodes * NODE > f.all.len)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of an eCos file system makes no sense");
	gh_code code = gh_effort(ctx, (uint64_t)f.nodes * NODE);
	if (code != GH_OK)
		return code;
	uint64_t end = HEAD + (uint64_t)f.nodes * NODE;
	for (uint32_t i = 0; i < f.nodes; i++) {
		struct node n = read_node(&f, i);
		if (!n.sane || (i == 0 && !(n.mode & 1)))
			return gh_fail(ctx, GH_CORRUPT, c.pos + HEAD + (uint64_t)i * NODE,
				       "node %u of an eCos file system makes no sense", i);
		end = GH_MAX(end, (uint64_t)n.at + n.size);
	}
	if (f.size < end || f.size > end + (uint64_t)(1 << 20))
		f.size = (uint32_t)GH_MIN(end, (uint64_t)UINT32_MAX);
	f.all = gh_bytes_part(f.all, 0, f.size);
	*ret = f;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct romfs f;
	gh_code code = read_head(ctx, c, &f);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = f.all.len, .proof = GH_PROOF_PARSED };
	return GH_OK;
}

struct folder {
	gh_bytes path;
	uint32_t node, deep;
};

struct walk {
	const struct romfs *f;
	struct folder *todo;
	uint8_t *seen;
	uint32_t n, room;
	gh_entries list;
};

static gh_entry_type type_of(const struct node *n)
{
	return n->mode & 1    ? GH_ENTRY_DIR
	       : n->mode & 2  ? GH_ENTRY_CHAR
	       : n->mode & 4  ? GH_ENTRY_BLOCK
	       : n->mode & 16 ? GH_ENTRY_FIFO
	       : n->mode & 32 ? GH_ENTRY_LINK
			      : GH_ENTRY_FILE;
}

static uint16_t mode_of(const struct node *n)
{
	uint32_t rights = n->mode >> 16;
	uint16_t mode = 0;
	for (unsigned i = 0; i < 9; i++)
		if (rights >> i & 1)
			mode |= (uint16_t)(1U << (8 - (i / 3 * 3 + i % 3)));
	return mode;
}

static gh_code add(gh_ctx *ctx, struct walk *w, const struct folder *in, uint32_t nth, gh_bytes name)
{
	struct node n = read_node(w->f, nth);
	gh_entry *e;
	gh_code code = gh_entries_add(ctx, &w->list, &e);
	if (code == GH_OK)
		code = gh_path_join(ctx, in->path, name, &e->path);
	if (code != GH_OK)
		return code;
	e->type = type_of(&n);
	e->mode = mode_of(&n);
	e->uid = n.uid;
	e->gid = n.gid;
	e->nlink = n.links;
	e->inode = nth;
	e->mtime = n.time;
	if (e->type == GH_ENTRY_LINK)
		e->target = gh_bytes_part(w->f->all, n.at, n.size);
	if (e->type == GH_ENTRY_FILE) {
		e->size = n.size;
		if (n.at <= w->f->all.len)
			e->at = w->f->pos + n.at;
	}
	if (e->type != GH_ENTRY_DIR || w->seen[nth])
		return GH_OK;
	if (in->deep >= DEEP)
		return gh_entry_note(ctx, e, GH_LIMIT, w->f->pos + n.at, "deeper than %u folders", DEEP);
	w->seen[nth] = 1;
	w->todo[w->n++] = (struct folder){ .path = e->path, .node = nth, .deep = in->deep + 1 };
	return GH_OK;
}

static gh_code list_folder(gh_ctx *ctx, struct walk *w, const struct folder *in)
{
	struct node n = read_node(w->f, in->node);
	gh_bytes rows = gh_bytes_part(w->f->all, n.at, n.size);
	gh_code paid = gh_effort(ctx, rows.len);
	if (paid != GH_OK)
		return paid;
	for (uint64_t at = 0; at + 8 < rows.len;) {
		gh_cur c = gh_cur_over(gh_bytes_part(rows, at, rows.len), 0);
		uint32_t nth = gh_u32(&c, w->f->big), next = gh_u32(&c, w->f->big);
		gh_bytes name = gh_text(&c, GH_MIN(c.left, (size_t)NAME_MOST));
		if (nth >= w->f->nodes || name.len == 0 || next < at + 8 || memchr(name.ptr, '/', name.len))
			return gh_fail(ctx, GH_CORRUPT, w->f->pos + n.at + at, "a row of a folder makes no sense");
		bool self = gh_bytes_eq(name, GH_LIT(".")) || gh_bytes_eq(name, GH_LIT(".."));
		gh_code code = self ? GH_OK : add(ctx, w, in, nth, name);
		if (code != GH_OK)
			return code;
		at = next;
	}
	return GH_OK;
}

static const gh_volume_ops ops = { .read = gh_view_read };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct romfs f;
	(void)span;
	gh_code code = read_head(ctx, c, &f);
	if (code != GH_OK)
		return code;
	struct walk w = { .f = &f };
	w.seen = gh_arena_zalloc(ctx->arena, f.nodes);
	w.todo = gh_arena_alloc(ctx->arena, f.nodes * sizeof *w.todo);
	if (!w.seen || !w.todo)
		return gh_nomem(ctx);
	w.todo[w.n++] = (struct folder){ .path = GH_LIT("."), .node = 0 };
	w.seen[0] = 1;
	code = gh_fact_field(ctx, out, "format-version", gh_bytes_part(f.all, 0x16, 10));
	for (uint32_t i = 0; code == GH_OK && i < w.n; i++)
		code = list_folder(ctx, &w, &w.todo[i]);
	return gh_entries_end(ctx, &w.list, &ops, out, code);
}

const gh_format gh_format_ecos_romfs = {
	.name = "ecos-romfs",
	.title = "ROM file system of eCos (D-Link ROMFS)",
	.spec = "eCos romfs.c; armijnhemel/binaryanalysis-ng: dlink_romfs.ksy",
	.limits = "files that are packed one by one stay so",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\.moR.{12}ROMFS v", 23, 0 }, { "Rom\\..{12}ROMFS v", 23, 0 } },
	.measure = measure,
	.unpack = unpack,
};
