/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder: in every block a row of records (inode 8, place of the name 2, kind 1, 0), then the names; the first name's
 * place says how many records there are.
 */
#include "format/fs/erofs_in.h"

enum { RECORD = 12, PATH_MOST = 16 << 10, ATTRIBUTES_MOST = 256, ATTRIBUTE_HEADER = 12 };

struct walk {
	gh_ctx *ctx;
	const gh_erofs *f;
	gh_node *out;
	gh_entries list;
	gh_extents used;
	uint32_t *seen; /* by inode: 1 + its first entry */
	uint64_t slots;
	gh_arena *scratch;
};

static const gh_entry_type types[16] = {
	[1] = GH_ENTRY_FIFO, [2] = GH_ENTRY_CHAR,  [4] = GH_ENTRY_DIR,     [6] = GH_ENTRY_BLOCK,
	[8] = GH_ENTRY_FILE, [10] = GH_ENTRY_LINK, [12] = GH_ENTRY_SOCKET,
};

static gh_code use(void *arg, uint64_t at, uint64_t size)
{
	struct walk *w = arg;
	return gh_extents_add(w->ctx, &w->used, at, size);
}

static const char *prefix(unsigned index)
{
	static const char *const names[] = {
		"", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "", "security."
	};
	return index < GH_COUNT(names) ? names[index] : "";
}

/* One attribute: lengths of name and value, prefix, then both. */
static gh_code add_attribute(struct walk *w, gh_cur *c, gh_entry *e)
{
	uint64_t at = c->pos;
	size_t name_len = gh_u8(c);
	unsigned index = gh_u8(c);
	size_t value_len = gh_u16le(c);
	gh_bytes name = gh_take(c, name_len), value = gh_take(c, value_len);
	size_t odd = (4 + name_len + value_len) % 4;
	if (!gh_cur_ok(c)) {
		c->left = 0; /* no other is behind it */
		return gh_entry_note(w->ctx, e, GH_CORRUPT, w->f->pos + at, "an attribute is cut off");
	}
	gh_skip(c, GH_MIN(odd ? 4 - odd : 0, c->left));
	gh_xattr *grown =
		gh_arena_grow(w->ctx->arena, e->xattrs, e->n_xattrs * sizeof *grown, (e->n_xattrs + 1) * sizeof *grown);
	char *text = gh_arena_printf(w->ctx->arena, "%s%.*s", prefix(index), (int)name.len,
				     name.ptr ? (const char *)name.ptr : "");
	if (!grown || !text)
		return gh_nomem(w->ctx);
	grown[e->n_xattrs++] = (gh_xattr){ gh_view_text(text), value };
	e->xattrs = grown;
	return GH_OK;
}

/* Those that many inodes have stand in blocks of their own, those of one behind it. */
static gh_code attributes(struct walk *w, const gh_erofs_inode *i, gh_entry *e)
{
	gh_cur c = gh_cur_over(i->attribute_bytes, i->end - i->attributes);
	gh_code code = GH_OK;
	if (i->attributes == 0)
		return GH_OK;
	gh_skip(&c, 4);
	unsigned shared = gh_u8(&c);
	gh_skip(&c, 7);
	for (unsigned k = 0; k < shared && code == GH_OK && c.left >= 4; k++) {
		uint64_t at = w->f->attributes + (uint64_t)gh_u32le(&c) * 4;
		gh_cur s = gh_cur_over(gh_bytes_part(w->f->all, at, 65536 + 256), at);
		code = add_attribute(w, &s, e);
		if (code == GH_OK)
			code = use(w, at, s.pos - at);
	}
	while (code == GH_OK && c.left >= 4 && e->n_xattrs < ATTRIBUTES_MOST && memcmp(c.ptr, "\0\0\0\0", 4) != 0)
		code = add_attribute(w, &c, e);
	return code;
}

static gh_code describe(struct walk *w, const gh_erofs_inode *i, gh_entry *e)
{
	unsigned kind = i->mode >> 12;
	gh_bytes content;
	uint64_t at = GH_NOWHERE;
	e->type = types[kind];
	e->mode = i->mode & 07777;
	e->uid = i->uid;
	e->gid = i->gid;
	e->nlink = i->links;
	e->mtime = i->mtime;
	gh_code code = use(w, i->at, i->end - i->at);
	if (code != GH_OK)
		return code;
	if (e->type == GH_ENTRY_FILE) {
		e->size = kind == 8 ? i->size : 0;
		if (e->size > 0)
			code = gh_erofs_content(w->ctx, w->f, i, NULL, &content, &at, use, w);
		e->at = at;
	} else if (e->type == GH_ENTRY_LINK && i->size <= PATH_MOST) {
		code = gh_erofs_content(w->ctx, w->f, i, w->ctx->arena, &e->target, &at, use, w);
	} else if (e->type == GH_ENTRY_CHAR || e->type == GH_ENTRY_BLOCK) {
		e->major = i->u >> 8 & 0xfff;
		e->minor = (i->u & 0xff) | (i->u >> 12 & 0xfff00);
	}
	if (gh_is_about_input(code))
		code = gh_entry_note(w->ctx, e, code, w->f->pos + i->at, "%s", w->ctx->what);
	return code == GH_OK ? attributes(w, i, e) : code;
}

static gh_code add(struct walk *w, gh_bytes path, uint64_t nid)
{
	gh_erofs_inode i;
	gh_entry *e;
	if (!gh_erofs_inode_read(w->f, nid, &i) || nid >= w->slots)
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos,
				    "a name leads to an inode that is not there");
	gh_code code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	e->inode = (uint32_t)nid;
	e->locator[0] = nid;
	uint32_t first = w->seen[nid];
	if (first != 0 && first != UINT32_MAX && w->list.items[first - 1].type != GH_ENTRY_DIR) {
		*e = w->list.items[first - 1];
		e->path = path;
		e->hard_link = e->type == GH_ENTRY_FILE;
		e->same_as = e->hard_link ? first - 1 : 0;
		e->target = e->hard_link ? w->list.items[first - 1].path : e->target;
		return GH_OK;
	}
	w->seen[nid] = (uint32_t)w->list.count;
	code = describe(w, &i, e);
	e->locator[1] = e->type == GH_ENTRY_DIR && first == 0; /* to be entered */
	return code;
}

static gh_code block_of_folder(struct walk *w, gh_bytes block, gh_bytes folder)
{
	gh_cur c = gh_cur_over(block, 0), first = gh_at(c, 8);
	uint32_t start = gh_u16le(&first);
	gh_code code = GH_OK;
	if (!gh_cur_ok(&first) || start < RECORD || start % RECORD != 0 || start > block.len)
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos, "the records of a folder are broken");
	size_t n = start / RECORD;
	for (size_t i = 0; i < n && code == GH_OK; i++) {
		uint64_t nid = gh_u64le(&c);
		uint32_t from = gh_u16le(&c);
		gh_skip(&c, 2);
		gh_cur next = gh_at(c, 8);
		uint32_t to = i + 1 < n ? gh_u16le(&next) : (uint32_t)block.len;
		gh_bytes path, name = gh_bytes_part(block, from, to > from ? to - from : 0);
		const uint8_t *nul = name.len ? memchr(name.ptr, 0, name.len) : NULL;
		name.len = nul ? (size_t)(nul - name.ptr) : name.len;
		if (name.len == 0 || gh_bytes_eq(name, GH_LIT(".")) || gh_bytes_eq(name, GH_LIT("..")))
			continue;
		code = gh_path_join(w->ctx, folder, name, &path);
		if (code == GH_OK)
			code = add(w, path, nid);
	}
	return code;
}

static gh_code folder(struct walk *w, uint64_t nid, gh_bytes path)
{
	gh_erofs_inode i;
	gh_bytes content;
	uint64_t at;
	if (path.len > PATH_MOST || !gh_erofs_inode_read(w->f, nid, &i) || i.size > w->f->all.len)
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos, "a folder that cannot be entered");
	gh_arena_reset(w->scratch);
	gh_code code = gh_erofs_content(w->ctx, w->f, &i, w->scratch, &content, &at, use, w);
	if (gh_is_about_input(code))
		code = gh_node_note(w->ctx, w->out, code, w->f->pos + i.at, "a folder: %s", w->ctx->what);
	for (uint64_t done = 0; done < content.len && code == GH_OK; done += w->f->block)
		code = block_of_folder(w, gh_bytes_part(content, done, w->f->block), path);
	return code;
}

/* The inode with the fragments has no name. */
static gh_code use_fragments(struct walk *w)
{
	gh_erofs_inode i;
	gh_bytes content;
	uint64_t at;
	if (!gh_erofs_inode_read(w->f, w->f->packed, &i))
		return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos, "the inode of the fragments is not there");
	gh_code code = use(w, i.at, i.end - i.at);
	if (code == GH_OK)
		code = gh_erofs_content(w->ctx, w->f, &i, NULL, &content, &at, use, w);
	return gh_is_about_input(code)
		       ? gh_node_note(w->ctx, w->out, code, w->f->pos + i.at, "fragments: %s", w->ctx->what)
		       : code;
}

static gh_code everything(struct walk *w)
{
	gh_erofs_inode root;
	gh_code code = use(w, 1024, w->f->head - 1024);
	w->seen[w->f->root] = UINT32_MAX;
	if (code == GH_OK && gh_erofs_inode_read(w->f, w->f->root, &root))
		code = use(w, root.at, root.end - root.at);
	if (code == GH_OK && w->f->packed != 0)
		code = use_fragments(w);
	if (code == GH_OK)
		code = folder(w, w->f->root, gh_view(NULL, 0));
	for (size_t i = 0; i < w->list.count && code == GH_OK && !gh_cancelled(w->ctx); i++)
		if (w->list.items[i].locator[1]) {
			w->list.items[i].locator[1] = 0;
			code = folder(w, w->list.items[i].locator[0], w->list.items[i].path);
		}
	return code;
}

static gh_code read_file(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	gh_erofs f;
	gh_erofs_inode i;
	uint64_t at;
	*ret = gh_view(NULL, 0);
	if (entry->size == 0 || entry->at != GH_NOWHERE)
		return gh_view_read(ctx, reader, entry, ret);
	gh_code code = gh_erofs_open(ctx, gh_cur_over(reader->bytes, reader->pos), &f);
	if (code != GH_OK)
		return code;
	if (!gh_erofs_inode_read(&f, entry->locator[0], &i))
		return gh_fail(ctx, GH_CORRUPT, reader->pos, "the inode is not there");
	return gh_erofs_content(ctx, &f, &i, reader->scratch, ret, &at, NULL, NULL);
}

static const gh_volume_ops ops = { .read = read_file };

gh_code gh_erofs_walk(gh_ctx *ctx, const gh_erofs *f, gh_node *out)
{
	struct walk *w = gh_arena_zalloc(ctx->arena, sizeof *w);
	if (!w)
		return gh_nomem(ctx);
	*w = (struct walk){ .ctx = ctx, .f = f, .out = out, .slots = f->all.len / GH_EROFS_SLOT + 1 };
	w->seen = gh_arena_array(ctx->arena, (size_t)w->slots, sizeof *w->seen);
	w->scratch = gh_arena_new(GH_MIB(64));
	if (!w->seen || !w->scratch || f->root >= w->slots) {
		gh_arena_free(w->scratch);
		return f->root >= w->slots ? gh_fail(ctx, GH_CORRUPT, f->pos, "no root") : gh_nomem(ctx);
	}
	gh_code trouble = everything(w);
	gh_arena_free(w->scratch);
	trouble = gh_entries_end(ctx, &w->list, &ops, out, trouble);
	if (!out->volume)
		return trouble;
	gh_volume_apart(out->volume);
	gh_extents_to(&w->used, f->pos, out->volume);
	return trouble;
}
