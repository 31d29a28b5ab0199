/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the root down, parents before children, in the order of the listings. Names of one inode are
 * hard links of the first; a directory is entered once, so that no loop and no diamond of
 * directories can make the tree larger than the image. What is broken ends one name or one listing.
 */
#include "format/squashfs/squashfs_in.h"

enum { DEPTH = 128, PATH_MOST = 4096, SLOTS_FIRST = 1024 };

#define TEXT_MOST GH_MIB(64) /* of all paths together */

struct level {
	gh_sqfs_listing l;
	gh_bytes path;
	uint32_t entry; /* of the directory; UINT32_MAX for the root */
};

struct walk {
	gh_ctx *ctx;
	gh_sqfs *fs;
	gh_node *out;
	gh_volume *v;
	size_t room; /* of v->entries */
	uint64_t text;
	uint64_t *keys;   /* reference of an inode, plus one */
	uint32_t *values; /* its first entry */
	size_t slots, used;
	gh_past past; /* of what is found now */
	bool partial; /* a listing was not read to its end: what it named may seem nameless */
	unsigned depth;
	struct level levels[DEPTH];
};

static size_t slot_of(const struct walk *w, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (w->slots - 1);
	while (w->keys[i] && w->keys[i] != key)
		i = (i + 1) & (w->slots - 1);
	return i;
}

static gh_code slots_room(struct walk *w)
{
	if (w->slots && w->used < w->slots / 2)
		return GH_OK;
	size_t old = w->slots;
	uint64_t *keys = w->keys;
	uint32_t *values = w->values;
	w->slots = old ? old * 2 : SLOTS_FIRST;
	w->keys = gh_arena_array(w->ctx->scratch, w->slots, sizeof *w->keys);
	w->values = gh_arena_array(w->ctx->scratch, w->slots, sizeof *w->values);
	if (!w->keys || !w->values)
		return gh_nomem(w->ctx);
	for (size_t i = 0; i < old; i++) {
		if (!keys[i])
			continue;
		size_t at = slot_of(w, keys[i]);
		w->keys[at] = keys[i];
		w->values[at] = values[i];
	}
	return GH_OK;
}

/* The entry that first had this inode, or UINT32_MAX, and then `entry` is from now on. */
static gh_code first_of(struct walk *w, uint64_t key, uint32_t entry, uint32_t *ret)
{
	gh_code code = slots_room(w);
	if (code != GH_OK)
		return code;
	size_t at = slot_of(w, key);
	*ret = w->keys[at] ? w->values[at] : UINT32_MAX;
	if (!w->keys[at]) {
		w->keys[at] = key;
		w->values[at] = entry;
		w->used++;
	}
	return GH_OK;
}

static uint64_t key_of(uint64_t start, uint32_t offset)
{
	return (start << 16 | offset) + 1;
}

static gh_code entry_trouble(gh_ctx *ctx, gh_entry *e)
{
	return gh_is_about_input(ctx->code) ? gh_entry_note(ctx, e, ctx->code, ctx->at, "%s", ctx->what) : ctx->code;
}

static gh_code entries_room(struct walk *w)
{
	enum { FIRST = 256 };
	if (w->v->count < w->room)
		return GH_OK;
	size_t more = w->room ? w->room * 2 : FIRST, size = sizeof(gh_entry);
	gh_entry *grown = gh_arena_grow(w->ctx->arena, w->v->entries, w->room * size, more * size);
	if (!grown)
		return gh_nomem(w->ctx);
	w->v->entries = grown;
	w->room = more;
	return GH_OK;
}

static gh_code make_path(struct walk *w, gh_bytes parent, gh_bytes name, gh_bytes *ret)
{
	size_t slash = parent.len > 0, len = parent.len + slash + name.len;
	w->text += len;
	if (w->text > TEXT_MOST)
		return gh_fail(w->ctx, GH_LIMIT, w->fs->pos, "the paths of this SquashFS take more than %llu bytes",
			       (unsigned long long)TEXT_MOST);
	uint8_t *path = gh_arena_alloc(w->ctx->arena, len);
	if (!path)
		return gh_nomem(w->ctx);
	if (slash) {
		memcpy(path, parent.ptr, parent.len);
		path[parent.len] = '/';
	}
	memcpy(path + parent.len + slash, name.ptr, name.len);
	*ret = gh_view(path, len);
	return GH_OK;
}

static gh_code note_odd_name(gh_ctx *ctx, gh_entry *e, gh_bytes name, uint64_t at)
{
	if (memchr(name.ptr, '/', name.len))
		return gh_entry_note(ctx, e, GH_CORRUPT, at, "the name holds a slash");
	if (memchr(name.ptr, 0, name.len))
		return gh_entry_note(ctx, e, GH_CORRUPT, at, "the name holds a NUL");
	if (gh_bytes_eq(name, GH_LIT(".")) || gh_bytes_eq(name, GH_LIT("..")))
		return gh_entry_note(ctx, e, GH_CORRUPT, at, "the name is a dot name");
	return GH_OK;
}

static void set_device(const gh_sqfs *fs, uint32_t rdev, gh_entry *e)
{
	/* linux/kdev_t.h: version 4 stores new_encode_dev, the older ones old_encode_dev */
	if (fs->s.major == 4) {
		e->major = (rdev & 0xfff00) >> 8;
		e->minor = (rdev & 0xff) | (rdev >> 12 & 0xfff00);
	} else {
		e->major = rdev >> 8;
		e->minor = rdev & 0xff;
	}
}

static gh_code fill(struct walk *w, const gh_sqfs_inode *i, gh_entry *e)
{
	e->type = i->type;
	e->mode = i->mode;
	e->uid = i->uid;
	e->gid = i->gid;
	e->inode = i->number;
	e->nlink = i->nlink ? i->nlink : 1;
	e->mtime = i->mtime;
	e->size = i->type == GH_ENTRY_FILE || i->type == GH_ENTRY_LINK ? i->size : 0;
	e->target = i->target;
	if (i->type == GH_ENTRY_CHAR || i->type == GH_ENTRY_BLOCK)
		set_device(w->fs, i->rdev, e);
	if (i->type == GH_ENTRY_FILE) {
		e->locator[GH_SQFS_AT_LIST] = (uint64_t)i->list << 32 | i->blocks;
		e->locator[GH_SQFS_AT_START] = i->start;
		e->locator[GH_SQFS_AT_FRAGMENT] = (uint64_t)i->offset << 32 | i->fragment;
	}
	return gh_sqfs_xattrs(w->ctx, w->fs, i->xattr, e) == GH_OK ? GH_OK : entry_trouble(w->ctx, e);
}

/* A further name of a file seen before. */
static void repeat(struct walk *w, uint32_t first, gh_entry *e)
{
	const gh_entry *f = &w->v->entries[first];
	gh_bytes path = e->path;
	gh_note *notes = e->notes;
	*e = *f;
	e->path = path;
	e->past = w->past;
	e->notes = notes;
	e->target = f->path;
	e->hard_link = true;
	e->same_as = first;
}

static gh_code enter(struct walk *w, const gh_sqfs_inode *i, uint32_t index)
{
	gh_entry *e = &w->v->entries[index];
	gh_ctx *ctx = w->ctx;
	w->partial |= w->depth == DEPTH || e->path.len > PATH_MOST;
	if (w->depth == DEPTH || e->path.len > PATH_MOST)
		return gh_entry_note(ctx, e, GH_LIMIT, w->fs->pos, "too deep: not entered");
	struct level *l = &w->levels[w->depth];
	gh_code code = gh_sqfs_listing_open(ctx, w->fs, &w->fs->dirs, i, &l->l);
	w->partial |= code != GH_OK;
	if (code != GH_OK)
		return entry_trouble(ctx, e);
	l->path = e->path;
	l->entry = index;
	w->depth++;
	return GH_OK;
}

static gh_entry_type type_of_listing(unsigned type)
{
	static const gh_entry_type types[] = {
		GH_ENTRY_FILE,  GH_ENTRY_DIR,  GH_ENTRY_FILE, GH_ENTRY_LINK,
		GH_ENTRY_BLOCK, GH_ENTRY_CHAR, GH_ENTRY_FIFO, GH_ENTRY_SOCKET,
	};
	return type < GH_COUNT(types) ? types[type] : GH_ENTRY_FILE;
}

static gh_code look_at_inode(struct walk *w, const gh_sqfs_name *name, uint32_t index)
{
	gh_entry *e = &w->v->entries[index];
	gh_sqfs_inode inode;
	uint32_t first;
	gh_code code =
		gh_sqfs_inode_read(w->ctx, w->fs, gh_sqfs_table_at(&w->fs->inodes, name->start, name->offset), &inode);
	if (code != GH_OK) {
		w->partial = true;
		e->type = type_of_listing(name->type);
		return entry_trouble(w->ctx, e);
	}
	code = first_of(w, key_of(name->start, name->offset), index, &first);
	if (code != GH_OK)
		return code;
	if (first != UINT32_MAX && inode.type == GH_ENTRY_FILE) {
		repeat(w, first, e);
		return GH_OK;
	}
	code = fill(w, &inode, e);
	if (code != GH_OK || inode.type != GH_ENTRY_DIR)
		return code;
	if (first != UINT32_MAX || key_of(name->start, name->offset) == w->fs->s.root + 1)
		return gh_entry_note(w->ctx, e, GH_CORRUPT, w->fs->pos, "a directory met before: not entered again");
	return enter(w, &inode, index);
}

static gh_code add(struct walk *w, gh_bytes parent, const gh_sqfs_name *name)
{
	gh_bytes path;
	gh_code code = gh_spend_nodes(w->ctx, 1);
	if (code == GH_OK)
		code = make_path(w, parent, name->name, &path);
	if (code == GH_OK)
		code = entries_room(w);
	if (code != GH_OK)
		return code;
	uint32_t index = (uint32_t)w->v->count++;
	gh_entry *e = &w->v->entries[index];
	*e = (gh_entry){ .path = path, .at = GH_NOWHERE, .nlink = 1, .past = w->past };
	e->locator[GH_SQFS_AT_FRAGMENT] = GH_SQFS_NO_FRAGMENT;
	code = note_odd_name(w->ctx, e, name->name, w->fs->pos + w->fs->s.dir_table);
	return code == GH_OK ? look_at_inode(w, name, index) : code;
}

/* A listing that breaks off ends its directory; the note stands there. */
static gh_code broken_listing(struct walk *w, const struct level *l)
{
	w->partial = true;
	if (l->entry == UINT32_MAX)
		return gh_sqfs_trouble(w->ctx, w->fs, w->out);
	return entry_trouble(w->ctx, &w->v->entries[l->entry]);
}

static gh_code go(struct walk *w)
{
	gh_code code = GH_OK;
	while (w->depth > 0 && code == GH_OK) {
		struct level *l = &w->levels[w->depth - 1];
		gh_sqfs_name name;
		bool end = false;
		if (gh_sqfs_listing_next(w->ctx, w->fs, &l->l, &name, &end) != GH_OK) {
			code = broken_listing(w, l);
			end = true;
		}
		if (end)
			w->depth--;
		else
			code = add(w, l->path, &name);
	}
	return code;
}

static gh_code add_nameless(struct walk *w, const gh_sqfs_inode *i, size_t place, size_t block)
{
	gh_sqfs_name n = { .start = (uint32_t)(w->fs->inodes.starts[block] - w->fs->inodes.base),
			   .offset = (uint32_t)(place - w->fs->inodes.places[block]) };
	/* versions 1 and 2 have no numbers */
	char *name = i->number ? gh_arena_printf(w->ctx->scratch, "inode-%u", i->number)
			       : gh_arena_printf(w->ctx->scratch, "inode-at-0x%x-0x%x", n.start, n.offset);
	if (!name)
		return gh_nomem(w->ctx);
	n.name = gh_view_text(name);
	gh_code code = add(w, GH_LIT("(nameless)"), &n);
	return code == GH_OK ? go(w) : code;
}

/* Inodes stand one behind the other: those that no directory names are met here. Directories first, since what they
 * name is not nameless. A table that breaks off is not looked through to its end. */
static gh_code find_nameless(struct walk *w)
{
	const gh_sqfs *fs = w->fs;
	const gh_sqfs_table *t = &fs->inodes;
	uint64_t n = 0;
	gh_code code = GH_OK;
	if (t->bad > 0 || t->count == 0 || w->partial || fs->dirs.bad > 0)
		return GH_OK;
	w->past = GH_DELETED;
	for (unsigned pass = 0; pass < 2; pass++) {
		size_t block = 0, place = 0;
		while (place < t->data.len && code == GH_OK && !gh_cancelled(w->ctx)) {
			gh_ctx quiet = { .code = GH_OK };
			gh_sqfs_inode i;
			size_t here = place;
			gh_cur c = gh_cur_over(gh_bytes_part(t->data, place, t->data.len), place);
			if (gh_sqfs_inode_read(&quiet, fs, c, &i) != GH_OK || i.end <= place || i.end > t->data.len)
				break;
			place = (size_t)i.end;
			while (block + 1 < t->count && t->places[block + 1] <= here)
				block++;
			uint64_t key = key_of(t->starts[block] - t->base, (uint32_t)(here - t->places[block]));
			code = slots_room(w);
			if (code != GH_OK || (i.type == GH_ENTRY_DIR) != (pass == 0) || key == fs->s.root + 1 ||
			    w->keys[slot_of(w, key)] != 0)
				continue;
			n++;
			code = add_nameless(w, &i, here, block);
		}
	}
	if (code == GH_OK && n > 0)
		code = gh_node_note(w->ctx, w->out, GH_OK, fs->pos + fs->s.inode_table,
				    "%llu inodes that no directory names", (unsigned long long)n);
	return code;
}

static gh_code root_facts(gh_ctx *ctx, gh_node *out, const gh_sqfs_inode *root)
{
	gh_code code = gh_node_factf(ctx, out, "root-mode", "%04o", root->mode);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "root-owner", "%u:%u", root->uid, root->gid);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "root-mtime", "%lld", (long long)root->mtime);
	return code;
}

gh_code gh_sqfs_walk(gh_ctx *ctx, gh_sqfs *fs, gh_node *out, gh_volume *v)
{
	struct walk *w = gh_arena_zalloc(ctx->scratch, sizeof *w);
	gh_sqfs_inode root;
	if (!w)
		return gh_nomem(ctx);
	*w = (struct walk){ .ctx = ctx, .fs = fs, .out = out, .v = v };
	gh_cur c = gh_sqfs_table_at(&fs->inodes, fs->s.root >> 16, fs->s.root & 0xffff);
	gh_code code = gh_sqfs_inode_read(ctx, fs, c, &root);
	if (code == GH_OK && root.type != GH_ENTRY_DIR)
		code = gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.inode_table, "the root inode is not a directory");
	if (code == GH_OK) {
		code = root_facts(ctx, out, &root);
		if (code != GH_OK)
			return code;
		code = gh_sqfs_listing_open(ctx, fs, &fs->dirs, &root, &w->levels[0].l);
	}
	w->levels[0].entry = UINT32_MAX;
	w->depth = code == GH_OK;
	if (code == GH_OK)
		code = go(w);
	if (code == GH_OK)
		code = find_nameless(w);
	return code == GH_OK ? GH_OK : gh_sqfs_trouble(ctx, fs, out);
}
