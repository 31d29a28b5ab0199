/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cramfs (linux/include/uapi/linux/cramfs_fs.h), in either byte order.
 *
 *	0          4      8       c       10                   20     24        28       2c      30         40     4c
 *	+----------+------+-------+-------+--------------------+------+---------+--------+-------+----------+------+
 *	| 28cd3d45 | size | flags | 0     | "Compressed ROMFS" | CRC  | edition | blocks | files | name     | root |
 *	+----------+------+-------+-------+--------------------+------+---------+--------+-------+----------+------+
 *
 * An inode has 12 bytes of bit fields: mode 16, uid 16; size 24, gid 8; length of the name 6 (in fours), offset 26 (in
 * fours). A folder is a row of inodes with their names; a file a table of where its blocks end, then the blocks, each
 * of which is a zlib stream of a page. Devices keep their number in the size. There are no times.
 */
#include "codec/codec.h"
#include "codec/sum.h"
#include "format/view_volume_in.h"

enum {
	SUPER = 76,
	INODE = 12,
	PAGE = 4096,
	DEEP = 64,
	SIZE_LEAST = 76,
	FLAG_CRC = 1,
	FLAG_EXT = 0x800,
	FLAGS_KNOWN = 0xfff,
};

struct cramfs {
	gh_bytes all;
	uint64_t pos;
	bool big;
	uint32_t size, flags, crc, edition, blocks, files;
	gh_bytes name;
};

struct inode {
	uint32_t mode, uid, gid, size, name_len, offset;
};

static bool read_inode(const struct cramfs *f, uint64_t at, struct inode *ret)
{
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, at, INODE), 0);
	uint32_t a = gh_u32(&c, f->big), b = gh_u32(&c, f->big), d = gh_u32(&c, f->big);
	if (f->big)
		*ret = (struct inode){ a >> 16, a & 0xffff, b & 0xff, b >> 8, d >> 26, d & 0x3ffffff };
	else
		*ret = (struct inode){ a & 0xffff, a >> 16, b >> 24, b & 0xffffff, d & 0x3f, d >> 6 };
	ret->name_len *= 4;
	ret->offset *= 4;
	return gh_cur_ok(&c);
}

static gh_code read_super(gh_ctx *ctx, gh_cur c, struct cramfs *ret)
{
	gh_cur h = c;
	struct cramfs f = { .pos = c.pos };
	uint32_t magic = gh_u32be(&h);
	f.big = magic == 0x28cd3d45;
	if (!f.big && magic != 0x453dcd28)
		return GH_NOT_MINE;
	f.size = gh_u32(&h, f.big);
	f.flags = gh_u32(&h, f.big);
	gh_skip(&h, 4);
	if (!gh_eat(&h, GH_LIT("Compressed ROMFS")))
		return GH_NOT_MINE;
	f.crc = gh_u32(&h, f.big);
	f.edition = gh_u32(&h, f.big);
	f.blocks = gh_u32(&h, f.big);
	f.files = gh_u32(&h, f.big);
	f.name = gh_take(&h, 16);
	if (!gh_cur_ok(&h) || (f.flags & ~(uint32_t)FLAGS_KNOWN) != 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 8, "flags of cramfs that nobody has defined");
	/* Before version 2 of the super-block there was no size. */
	if (!(f.flags & FLAG_CRC) && f.size < SIZE_LEAST)
		f.size = (uint32_t)GH_MIN(c.left, (size_t)UINT32_MAX);
	if (f.size < SIZE_LEAST)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 4, "a cramfs of %u bytes", f.size);
	f.all = gh_bytes_part(gh_rest(&c), 0, f.size);
	*ret = f;
	return GH_OK;
}

static uint32_t crc_of(gh_bytes all)
{
	static const uint8_t zero[4];
	uint32_t crc = gh_crc32(gh_bytes_part(all, 0, 0x20));
	crc = gh_crc32_more(crc, gh_view(zero, 4));
	return gh_crc32_more(crc, gh_bytes_part(all, 0x24, all.len));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct cramfs f;
	struct inode root;
	gh_code code = read_super(ctx, c, &f);
	if (code != GH_OK)
		return code;
	code = gh_effort(ctx, f.all.len);
	if (code != GH_OK)
		return code;
	if (!read_inode(&f, 64, &root) || root.mode >> 12 != 4 || root.offset > f.size)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 64, "the root of the cramfs is no folder");
	bool whole = f.all.len == f.size, right = whole && (f.flags & FLAG_CRC) && crc_of(f.all) == f.crc;
	*ret = (gh_span){ .size = f.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* A folder being walked. */
struct level {
	uint64_t at, end;
	uint32_t offset;
	gh_bytes path;
};

struct walk {
	gh_ctx *ctx;
	const struct cramfs *f;
	gh_entries list;
	struct level level[DEEP];
	unsigned depth;
	gh_node *out;
};

static gh_code note(struct walk *w, uint64_t at, const char *what)
{
	return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos + at, "%s", what);
}

static gh_code open_folder(struct walk *w, const struct inode *i, gh_bytes path)
{
	for (unsigned k = 0; k < w->depth && i->size > 0; k++)
		if (w->level[k].offset == i->offset)
			return note(w, i->offset, "a folder that holds itself is not entered");
	if (w->depth == DEEP)
		return note(w, i->offset, "folders lie deeper than is followed");
	if (i->size > 0)
		w->level[w->depth++] = (struct level){ i->offset, (uint64_t)i->offset + i->size, i->offset, path };
	return GH_OK;
}

static const gh_entry_type types[16] = {
	[1] = GH_ENTRY_FIFO, [2] = GH_ENTRY_CHAR,  [4] = GH_ENTRY_DIR,     [6] = GH_ENTRY_BLOCK,
	[8] = GH_ENTRY_FILE, [10] = GH_ENTRY_LINK, [12] = GH_ENTRY_SOCKET,
};

static uint32_t blocks_of(uint64_t size)
{
	return (uint32_t)((size + PAGE - 1) / PAGE);
}

/* The bytes of block `n`: from where the one before it ends to where its own pointer says. */
static gh_code block(gh_ctx *ctx, const struct cramfs *f, const struct inode *i, uint32_t n, gh_bytes *ret, bool *plain)
{
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, i->offset + (uint64_t)4 * (n ? n - 1 : 0), 8), 0);
	uint32_t before = n ? gh_u32(&c, f->big) : 0, own = gh_u32(&c, f->big);
	bool ext = f->flags & FLAG_EXT;
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_CORRUPT, f->pos + i->offset, "the table of blocks ends behind the file system");
	*plain = ext && own >> 31;
	if (ext && ((own >> 30 & 1) || (n && (before >> 30 & 1))))
		return gh_fail(ctx, GH_UNSUPPORTED, f->pos + i->offset, "blocks with a pointer of their own");
	uint64_t end = ext ? own & 0x3fffffff : own;
	uint64_t from = n == 0 ? i->offset + (uint64_t)4 * blocks_of(i->size) : ext ? before & 0x3fffffff : before;
	*ret = gh_bytes_part(f->all, from, end >= from ? end - from : 0);
	if (end < from || ret->len < end - from || ret->len > 2 * PAGE)
		return gh_fail(ctx, GH_CORRUPT, f->pos + i->offset, "block %u stands where it cannot", n);
	return GH_OK;
}

static gh_code content(gh_ctx *ctx, const struct cramfs *f, const struct inode *i, gh_arena *arena, gh_bytes *ret)
{
	static const uint8_t hole[PAGE];
	gh_buf out = gh_buf_in(arena, i->size);
	gh_code code = gh_spend_bytes(ctx, i->size);
	for (uint32_t n = 0; n < blocks_of(i->size) && code == GH_OK; n++) {
		gh_bytes b = { NULL, 0 };
		bool plain = false;
		size_t want = GH_MIN((size_t)PAGE, i->size - (size_t)n * PAGE), before = out.len;
		code = block(ctx, f, i, n, &b, &plain);
		if (code != GH_OK)
			break;
		if (b.len == 0) {
			code = gh_buf_add(ctx, &out, gh_view(hole, want));
		} else if (plain) {
			code = gh_buf_add(ctx, &out, gh_bytes_part(b, 0, want));
		} else {
			gh_cur in = gh_cur_over(b, f->pos);
			code = gh_zlib(ctx, &in, &out);
		}
		if (code == GH_OK && out.len - before != want)
			code = gh_fail(ctx, GH_CORRUPT, f->pos + i->offset, "block %u gives %zu bytes, not %zu", n,
				       out.len - before, want);
	}
	*ret = gh_buf_view(&out);
	return code;
}

static gh_code add_entry(struct walk *w, const struct inode *i, gh_bytes path)
{
	gh_entry *e;
	gh_code code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	unsigned kind = i->mode >> 12;
	e->path = path;
	e->type = types[kind];
	e->mode = i->mode & 07777;
	e->uid = i->uid;
	e->gid = i->gid;
	e->nlink = 1;
	if (e->type == GH_ENTRY_CHAR || e->type == GH_ENTRY_BLOCK) {
		e->major = i->size >> 8 & 0xff;
		e->minor = i->size & 0xff;
	} else if (e->type == GH_ENTRY_FILE) {
		e->size = i->size;
		e->locator[0] = i->offset;
	} else if (e->type == GH_ENTRY_LINK) {
		code = content(w->ctx, w->f, i, w->ctx->arena, &e->target);
		if (gh_is_about_input(code))
			code = gh_entry_note(w->ctx, e, code, w->f->pos + i->offset,
					     "the link's target cannot be read");
	} else if (e->type == GH_ENTRY_DIR) {
		code = open_folder(w, i, path);
	}
	return code;
}

/* The next inode of the innermost folder. */
static gh_code step(struct walk *w)
{
	struct level *l = &w->level[w->depth - 1];
	struct inode i;
	if (l->at + INODE > l->end) {
		w->depth--;
		return GH_OK;
	}
	uint64_t at = l->at;
	if (!read_inode(w->f, at, &i)) {
		w->depth--;
		return note(w, at, "a folder ends behind the file system");
	}
	gh_bytes name = gh_bytes_part(w->f->all, at + INODE, i.name_len);
	l->at = at + INODE + i.name_len;
	while (name.len > 0 && name.ptr[name.len - 1] == 0)
		name.len--;
	unsigned kind = i.mode >> 12;
	if (name.len == 0 || (kind != 8 && types[kind] == GH_ENTRY_FILE)) {
		w->depth--;
		return note(w, at, "an inode without a name, or of no kind: the rest of its folder is not read");
	}
	gh_bytes path;
	gh_code code = gh_path_join(w->ctx, l->path, name, &path);
	return code == GH_OK ? add_entry(w, &i, path) : code;
}

static gh_code read_file(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	struct cramfs f;
	gh_code code = read_super(ctx, gh_cur_over(reader->bytes, reader->pos), &f);
	struct inode i = { .offset = (uint32_t)entry->locator[0], .size = (uint32_t)entry->size };
	*ret = gh_view(NULL, 0);
	return code == GH_OK ? content(ctx, &f, &i, reader->scratch, ret) : code;
}

static const gh_volume_ops ops = { .read = read_file };

static gh_code facts(gh_ctx *ctx, const struct cramfs *f, gh_node *out)
{
	if (gh_node_fact(ctx, out, "byte-order", f->big ? GH_LIT("big-endian") : GH_LIT("little-endian")) ||
	    gh_fact_field(ctx, out, "name", f->name) || gh_node_factf(ctx, out, "flags", "0x%x", f->flags) ||
	    gh_node_factf(ctx, out, "edition", "%u", f->edition) || gh_node_factf(ctx, out, "files", "%u", f->files))
		return GH_NOMEM;
	if (f->all.len < f->size)
		return gh_node_note(ctx, out, GH_TRUNCATED, f->pos + f->all.len, "%u bytes are named, %zu are there",
				    f->size, f->all.len);
	gh_sum sum = { .what = "image CRC",
		       .algorithm = "crc32",
		       .at = f->pos + 0x20,
		       .remark = "over the file system, this field zero" };
	return f->flags & FLAG_CRC ? gh_sum_u32(ctx, out, sum, f->crc, crc_of(f->all), f->big) : GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct cramfs f;
	struct inode root;
	(void)span;
	gh_code code = read_super(ctx, c, &f);
	if (code == GH_OK)
		code = facts(ctx, &f, out);
	if (code != GH_OK)
		return code;
	struct walk *w = gh_arena_zalloc(ctx->scratch, sizeof *w);
	if (!w)
		return gh_nomem(ctx);
	*w = (struct walk){ .ctx = ctx, .f = &f, .out = out };
	if (!read_inode(&f, 64, &root))
		return gh_fail(ctx, GH_TRUNCATED, c.pos + 64, "the root of the cramfs is cut off");
	code = add_entry(w, &root, GH_LIT("."));
	while (code == GH_OK && w->depth > 0 && !gh_cancelled(ctx))
		code = step(w);
	code = gh_entries_end(ctx, &w->list, &ops, out, code);
	if (out->volume)
		gh_volume_apart(out->volume);
	return code;
}

const gh_format gh_format_cramfs = {
	.name = "cramfs",
	.title = "cramfs",
	.spec = "linux/include/uapi/linux/cramfs_fs.h, fs/cramfs/inode.c",
	.limits =
		"a super-block 512 bytes behind the start; blocks with a pointer of their own; pages other than 4 KiB",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\x45\\x3d\\xcd\\x28.{12}Compressed ROMFS", 32, 0 },
		   { "\\x28\\xcd\\x3d\\x45.{12}Compressed ROMFS", 32, 0 } },
	.measure = measure,
	.unpack = unpack,
};
