/* SPDX-License-Identifier: Apache-2.0 */
/*
 * romfs (linux/Documentation/filesystems/romfs.rst). Big-endian, everything on multiples of 16.
 *
 *	0           8      c          10                    a file:  0      4      8      c          10
 *	+-----------+------+----------+---------- … --+              +------+------+------+----------+---- … --+------
 *	| "-rom1fs-"| size | checksum | name, padded  |              | next | info | size | checksum | name    | data
 *	+-----------+------+----------+---------- … --+              +------+------+------+----------+---- … --+------
 *
 * The low bits of `next` are the kind (0 hard link, 1 folder, 2 file, 3 link, 4 block, 5 char, 6 socket, 7 FIFO) and
 * whether it is executable. The words of a header, and of the first 512 bytes, add up to zero. There are no times.
 */
#include "format/view_volume_in.h"

enum { HEAD = 16, SUM_OVER = 512, DEEP = 64, NAME_MOST = 256 };

enum kind { HARD, FOLDER, FILE_, LINK, BLOCK, CHAR, SOCKET, FIFO };

struct romfs {
	gh_bytes all;
	uint64_t pos;
	uint32_t size, sum;
	gh_bytes name;
};

struct head {
	uint32_t next, info, size;
	enum kind kind;
	bool exec, right;
	gh_bytes name;
	uint64_t data;
};

static uint32_t words(gh_bytes b)
{
	gh_cur c = gh_cur_over(b, 0);
	uint32_t sum = 0;
	while (c.left >= 4)
		sum += gh_u32be(&c);
	return sum;
}

/* A name padded to 16, with where it ends. */
static bool padded_name(gh_bytes all, uint64_t at, gh_bytes *name, uint64_t *end)
{
	gh_bytes rest = gh_bytes_part(all, at, NAME_MOST);
	const uint8_t *nul = rest.ptr ? memchr(rest.ptr, 0, rest.len) : NULL;
	if (!nul)
		return false;
	*name = gh_view(rest.ptr, (size_t)(nul - rest.ptr));
	*end = GH_MIN(at + (name->len + 1 + 15) / 16 * 16, (uint64_t)all.len);
	return true;
}

static bool read_head(const struct romfs *f, uint64_t at, struct head *ret)
{
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, at, HEAD), 0);
	uint32_t next = gh_u32be(&c);
	*ret = (struct head){ .next = next & ~15U, .kind = next & 7, .exec = next & 8 };
	ret->info = gh_u32be(&c);
	ret->size = gh_u32be(&c);
	if (!gh_cur_ok(&c))
		return false;
	if (!padded_name(f->all, at + HEAD, &ret->name, &ret->data))
		return false;
	ret->right = words(gh_bytes_part(f->all, at, ret->data - at)) == 0;
	return true;
}

static gh_code read_super(gh_ctx *ctx, gh_cur c, struct romfs *ret, uint64_t *first)
{
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("-rom1fs-")))
		return GH_NOT_MINE;
	struct romfs f = { .pos = c.pos, .size = gh_u32be(&h), .sum = gh_u32be(&h) };
	if (!gh_cur_ok(&h) || f.size < 2 * HEAD)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 8, "a romfs of %u bytes", f.size);
	f.all = gh_bytes_part(gh_rest(&c), 0, f.size);
	if (!padded_name(f.all, HEAD, &f.name, first))
		return gh_fail(ctx, GH_CORRUPT, c.pos + HEAD, "the name of the romfs does not end");
	*ret = f;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct romfs f;
	struct head root;
	uint64_t first;
	gh_code code = read_super(ctx, c, &f, &first);
	if (code != GH_OK)
		return code;
	bool right = words(gh_bytes_part(f.all, 0, SUM_OVER)) == 0 && f.all.len >= GH_MIN(f.size, (uint32_t)SUM_OVER);
	bool rooted = read_head(&f, first, &root) && root.kind <= FOLDER;
	if (!right && !rooted)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither the checksum nor the root of the romfs holds");
	*ret = (gh_span){ .size = f.all.len, .proof = right && rooted ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

struct level {
	uint64_t at;
	gh_bytes path;
	uint32_t first;
};

struct walk {
	gh_ctx *ctx;
	const struct romfs *f;
	gh_entries list;
	struct level level[DEEP];
	unsigned depth;
	uint64_t wrong;
	gh_node *out;
};

static gh_code open_folder(struct walk *w, uint32_t first, gh_bytes path)
{
	for (unsigned k = 0; k < w->depth; k++)
		if (w->level[k].first == first)
			return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos + first,
					    "a folder that holds itself is not entered");
	if (w->depth == DEEP)
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos + first,
				    "folders lie deeper than is followed");
	w->level[w->depth++] = (struct level){ first, path, first };
	return GH_OK;
}

/* A second name; what it names may have been met already. */
static void hard_link(struct walk *w, gh_entry *e, const struct head *h)
{
	for (size_t i = 0; i + 1 < w->list.count; i++)
		if (w->list.items[i].inode == h->info && w->list.items[i].type == GH_ENTRY_FILE) {
			e->hard_link = true;
			e->same_as = (uint32_t)i;
			e->target = w->list.items[i].path;
			e->size = w->list.items[i].size;
			e->at = w->list.items[i].at;
			e->mode = w->list.items[i].mode;
			return;
		}
}

static gh_code add_entry(struct walk *w, const struct head *h, uint64_t at, gh_bytes path)
{
	static const gh_entry_type types[] = { GH_ENTRY_FILE,  GH_ENTRY_DIR,  GH_ENTRY_FILE,   GH_ENTRY_LINK,
					       GH_ENTRY_BLOCK, GH_ENTRY_CHAR, GH_ENTRY_SOCKET, GH_ENTRY_FIFO };
	struct head target;
	gh_entry *e;
	gh_code code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	e->type = types[h->kind];
	e->inode = (uint32_t)at;
	e->nlink = 1;
	e->mode = h->exec || h->kind == FOLDER ? 0755 : 0644;
	gh_bytes data = gh_bytes_part(w->f->all, h->data, h->size);
	switch (h->kind) {
	case HARD:
		hard_link(w, e, h);
		if (e->hard_link || !read_head(w->f, h->info, &target) || target.kind != FILE_)
			break;
		e->size = target.size;
		e->at = w->f->pos + target.data;
		break;
	case FILE_:
		e->size = h->size;
		e->at = w->f->pos + h->data;
		break;
	case LINK:
		e->mode = 0777;
		e->target = data;
		break;
	case BLOCK:
	case CHAR:
		e->major = h->info >> 16;
		e->minor = h->info & 0xffff;
		break;
	case FOLDER:
		if (h->info != 0)
			return open_folder(w, h->info, path);
		break;
	case SOCKET:
	case FIFO:
		break;
	}
	return GH_OK;
}

static gh_code step(struct walk *w)
{
	struct level *l = &w->level[w->depth - 1];
	struct head h;
	uint64_t at = l->at;
	if (at == 0) {
		w->depth--;
		return GH_OK;
	}
	if (!read_head(w->f, at, &h)) {
		w->depth--;
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos + at, "a file header is cut off");
	}
	/* Headers stand one behind the other: a chain that turns back would never end. */
	l->at = h.next > at ? h.next : 0;
	w->wrong += !h.right;
	bool dots = gh_bytes_eq(h.name, GH_LIT(".")) || gh_bytes_eq(h.name, GH_LIT(".."));
	if (h.next != 0 && h.next <= at) {
		gh_code code = gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos + at, "a chain of files turns back");
		if (code != GH_OK)
			return code;
	}
	if (dots || h.name.len == 0)
		return GH_OK;
	gh_bytes path;
	gh_code code = gh_path_join(w->ctx, l->path, h.name, &path);
	return code == GH_OK ? add_entry(w, &h, at, path) : code;
}

static const gh_volume_ops ops = { .read = gh_view_read };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct romfs f;
	uint64_t first;
	(void)span;
	gh_code code = read_super(ctx, c, &f, &first);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "name", f.name);
	if (code != GH_OK)
		return code;
	uint32_t over = words(gh_bytes_part(f.all, 0, SUM_OVER));
	gh_sum sum = { .what = "checksum",
		       .algorithm = "sum of 32-bit words",
		       .at = c.pos + 12,
		       .remark = "over the first 512 bytes" };
	code = gh_sum_u32(ctx, out, sum, f.sum, f.sum - over, true);
	if (code == GH_OK && f.all.len < f.size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + f.all.len, "%u bytes are named, %zu are there",
				    f.size, f.all.len);
	struct walk *w = gh_arena_zalloc(ctx->scratch, sizeof *w);
	if (!w)
		return gh_nomem(ctx);
	*w = (struct walk){ .ctx = ctx, .f = &f, .out = out };
	if (code == GH_OK)
		code = open_folder(w, (uint32_t)first, gh_view(NULL, 0));
	while (code == GH_OK && w->depth > 0 && !gh_cancelled(ctx))
		code = step(w);
	gh_code trouble = code;
	if (trouble != GH_OK && !gh_is_about_input(trouble))
		return trouble;
	if (w->wrong > 0 && trouble == GH_OK)
		trouble = gh_node_note(ctx, out, GH_CORRUPT, c.pos, "%llu file headers have a wrong checksum",
				       (unsigned long long)w->wrong);
	code = gh_entries_volume(ctx, &w->list, &ops, out);
	return code == GH_OK ? trouble : code;
}

const gh_format gh_format_romfs = {
	.name = "romfs",
	.title = "romfs",
	.spec = "linux/Documentation/filesystems/romfs.rst",
	.kind = GH_NODE_VOLUME,
	.magic = { { "-rom1fs-", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
