/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder is a row of records that fill its blocks: inode 4, length of the record 2, length of the name 1, kind 1,
 * name. A deleted name stays where it was, in the record before it, which was made longer. Where folders have an index,
 * its blocks look like empty records.
 */
#include "format/flash/extents_in.h"
#include "format/fs/ext_in.h"

enum {
	RECORD = 8,
	PATH_MOST = 16 << 10,
	DELETED_MOST = 256, /* names of one folder */
	RESIZE_INODE = 7,
	UNINIT = 1,
	BITMAPS = 2,
};

struct walk {
	gh_ctx *ctx;
	const gh_ext *f;
	gh_node *out;
	gh_entries list;
	gh_extents used;
	gh_ext_runs runs;
	uint32_t *seen; /* by inode: 1 + its first entry, UINT32_MAX where there is none */
	gh_past past;   /* of what is found now */
	gh_arena *scratch;
	uint64_t nameless;
};

static gh_code note(struct walk *w, uint64_t at, const char *what)
{
	return gh_node_note(w->ctx, w->out, GH_CORRUPT, w->f->pos + at, "%s", what);
}

static gh_code use(struct walk *w, uint64_t at, uint64_t size)
{
	return size ? gh_extents_add(w->ctx, &w->used, at, size) : GH_OK;
}

static gh_code use_block(void *arg, uint64_t block)
{
	struct walk *w = arg;
	return use(w, block * w->f->block, w->f->block);
}

/* What an inode holds outside itself; `e` learns where its content lies when it lies in one piece. */
static gh_code use_content(struct walk *w, const gh_ext_inode *i, gh_entry *e, bool data)
{
	const gh_ext *f = w->f;
	gh_code code = i->attributes ? use_block(w, i->attributes) : GH_OK;
	unsigned kind = i->mode >> 12;
	bool fast_link = kind == 10 && i->size < GH_EXT_BLOCK_AREA && !(i->flags & GH_EXT_EXTENTS);
	if (code != GH_OK || (kind != 8 && kind != 4 && kind != 10) || fast_link || (i->flags & GH_EXT_INLINE))
		return code;
	code = gh_ext_runs_of(w->ctx, f, i, &w->runs);
	for (size_t k = 0; k < w->runs.count && data; k++) {
		const gh_ext_run *r = &w->runs.items[k];
		uint64_t from = r->logical * f->block, size = r->count * f->block;
		if (i->size > from) /* the slack of the last block is nobody's */
			size = GH_MIN(size, i->size - from);
		gh_code other = use(w, r->physical * f->block, size);
		if (other != GH_OK)
			return other;
	}
	const gh_ext_run *r = w->runs.items;
	if (e && code == GH_OK && w->runs.count == 1 && r->logical == 0 && r->count * f->block >= i->size &&
	    gh_bytes_part(f->all, r->physical * f->block, i->size).len == i->size && !(i->flags & GH_EXT_ENCRYPTED))
		e->at = f->pos + r->physical * f->block;
	if (e && gh_is_about_input(code))
		code = gh_entry_note(w->ctx, e, code, f->pos + i->at, "%s", w->ctx->what);
	return gh_is_about_input(code) ? GH_OK : code;
}

static const gh_entry_type types[16] = {
	[1] = GH_ENTRY_FIFO, [2] = GH_ENTRY_CHAR,  [4] = GH_ENTRY_DIR,     [6] = GH_ENTRY_BLOCK,
	[8] = GH_ENTRY_FILE, [10] = GH_ENTRY_LINK, [12] = GH_ENTRY_SOCKET,
};

static gh_code link_target(struct walk *w, const gh_ext_inode *i, gh_entry *e)
{
	if (i->size < GH_EXT_BLOCK_AREA && !(i->flags & (GH_EXT_EXTENTS | GH_EXT_ENCRYPTED))) {
		e->target = gh_bytes_part(i->area, 0, i->size);
		return GH_OK;
	}
	if (i->size > PATH_MOST)
		return gh_entry_note(w->ctx, e, GH_CORRUPT, w->f->pos + i->at, "a link of %llu bytes",
				     (unsigned long long)i->size);
	gh_code code = gh_ext_content(w->ctx, w->f, i, w->ctx->arena, &e->target);
	return gh_is_about_input(code) ? gh_entry_note(w->ctx, e, code, w->f->pos + i->at, "%s", w->ctx->what) : code;
}

static void device(const gh_ext_inode *i, gh_entry *e)
{
	gh_cur c = gh_cur_over(i->area, 0);
	uint32_t old = gh_u32le(&c), new = gh_u32le(&c);
	e->major = old ? old >> 8 & 0xff : new >> 8 & 0xfff;
	e->minor = old ? old & 0xff : (new & 0xff) | (new >> 12 & 0xfff00);
}

/* An entry for an inode that was not met before. */
static gh_code describe(struct walk *w, const gh_ext_inode *i, gh_entry *e)
{
	unsigned kind = i->mode >> 12;
	e->type = types[kind];
	e->mode = i->mode & 07777;
	e->uid = i->uid;
	e->gid = i->gid;
	e->nlink = i->links;
	e->mtime = i->mtime;
	if (e->type == GH_ENTRY_FILE && kind == 8)
		e->size = i->size;
	gh_code code = use_content(w, i, e->type == GH_ENTRY_FILE ? e : NULL, true);
	if (code == GH_OK && e->type == GH_ENTRY_LINK)
		code = link_target(w, i, e);
	if (e->type == GH_ENTRY_CHAR || e->type == GH_ENTRY_BLOCK)
		device(i, e);
	if (kind != 8 && types[kind] == GH_ENTRY_FILE && code == GH_OK)
		code = gh_entry_note(w->ctx, e, GH_CORRUPT, w->f->pos + i->at, "an inode of no kind");
	return code == GH_OK ? gh_ext_attributes(w->ctx, w->f, i, e) : code;
}

static void repeat(struct walk *w, gh_entry *e, uint32_t first)
{
	const gh_entry *of = &w->list.items[first];
	gh_bytes path = e->path;
	gh_past past = e->past;
	*e = *of;
	e->path = path;
	e->past = past;
	e->hard_link = of->type == GH_ENTRY_FILE;
	e->same_as = e->hard_link ? first : 0;
	if (e->hard_link)
		e->target = of->path;
}

static gh_code add(struct walk *w, gh_bytes path, uint32_t number)
{
	gh_ext_inode i;
	gh_entry *e;
	if (!gh_ext_inode_read(w->f, number, &i))
		return note(w, 0, "a name leads to an inode that is not there");
	gh_code code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	e->past = w->past;
	e->inode = number;
	if (w->seen[number] != 0 && w->seen[number] != UINT32_MAX &&
	    w->list.items[w->seen[number] - 1].type != GH_ENTRY_DIR) {
		repeat(w, e, w->seen[number] - 1);
		return GH_OK;
	}
	bool again = w->seen[number] != 0; /* a folder with two names, or the root in itself */
	if (!again)
		w->seen[number] = (uint32_t)w->list.count;
	code = describe(w, &i, e);
	e->locator[0] = e->type == GH_ENTRY_DIR && !again;
	if (code == GH_OK && again)
		code = gh_entry_note(w->ctx, e, GH_CORRUPT, w->f->pos + i.at,
				     "a folder with two names is entered once");
	return code;
}

struct record {
	uint32_t inode;
	size_t at, size, name_end; /* of the record */
	gh_bytes name;
	unsigned kind;
};

static bool read_record(gh_bytes block, size_t at, struct record *ret)
{
	gh_cur c = gh_cur_over(gh_bytes_part(block, at, block.len), 0);
	ret->inode = gh_u32le(&c);
	ret->at = at;
	ret->size = gh_u16le(&c);
	if (ret->size == 0 || ret->size == 0xffff) /* of blocks of 64 KiB */
		ret->size = 0x10000;
	size_t name = gh_u8(&c);
	ret->kind = gh_u8(&c);
	ret->name = gh_take(&c, name);
	ret->name_end = at + RECORD + (name + 3) / 4 * 4;
	return gh_cur_ok(&c) && ret->size >= RECORD + name && ret->size % 4 == 0 && at + ret->size <= block.len;
}

static bool is_name(gh_bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] < ' ' || name.ptr[i] == 0x7f || name.ptr[i] == '/')
			return false;
	return name.len > 0 && !gh_bytes_eq(name, GH_LIT(".")) && !gh_bytes_eq(name, GH_LIT(".."));
}

/* Does the folder still have this name? Its entries stand from `first` on. */
static bool is_alive(const struct walk *w, size_t first, gh_bytes name)
{
	for (size_t i = first; i < w->list.count; i++) {
		gh_bytes path = w->list.items[i].path;
		if (w->list.items[i].past == GH_NOW && gh_bytes_end(path, name) &&
		    (path.len == name.len || path.ptr[path.len - name.len - 1] == '/'))
			return true;
	}
	return false;
}

static gh_code add_deleted(struct walk *w, gh_bytes folder, const struct record *r)
{
	static const gh_entry_type kinds[] = { GH_ENTRY_FILE,  GH_ENTRY_FILE, GH_ENTRY_DIR,    GH_ENTRY_CHAR,
					       GH_ENTRY_BLOCK, GH_ENTRY_FIFO, GH_ENTRY_SOCKET, GH_ENTRY_LINK };
	gh_ext_inode i;
	gh_entry *e;
	gh_bytes path;
	gh_code code = gh_path_join(w->ctx, folder, r->name, &path);
	if (code == GH_OK)
		code = gh_entries_add(w->ctx, &w->list, &e);
	if (code != GH_OK)
		return code;
	e->path = path;
	e->past = GH_DELETED;
	e->inode = r->inode;
	e->type = kinds[r->kind & 7];
	/* its inode may be another file's by now */
	if (e->type == GH_ENTRY_FILE && gh_ext_inode_read(w->f, r->inode, &i) && i.links == 0 && i.mode >> 12 == 8) {
		e->mtime = i.mtime;
		e->mode = i.mode & 07777;
		e->size = i.size;
		if (i.size > 0 && w->seen[r->inode] == 0) {
			w->seen[r->inode] = (uint32_t)w->list.count;
			code = use_content(w, &i, e, true);
		}
	}
	return code;
}

/* What stands between the end of a name and the end of its record. */
static gh_code deleted(struct walk *w, gh_bytes block, const struct record *r, gh_bytes folder, size_t first,
		       unsigned *n)
{
	gh_code code = GH_OK;
	struct record d;
	for (size_t at = r->name_end; at + RECORD < r->at + r->size && *n < DELETED_MOST && code == GH_OK;) {
		gh_bytes inside = gh_bytes_part(block, 0, r->at + r->size);
		if (!read_record(inside, at, &d) || d.inode < w->f->first_inode || d.inode > w->f->inodes ||
		    d.kind == 0 || d.kind > 7 || !is_name(d.name))
			break;
		if (!is_alive(w, first, d.name)) {
			++*n;
			code = add_deleted(w, folder, &d);
		}
		at = d.name_end;
	}
	return code;
}

/* One block of a folder, twice: first the names, then those that were deleted. */
static gh_code block_of_folder(struct walk *w, gh_bytes block, gh_bytes folder, size_t first, bool live, bool index,
			       unsigned *n)
{
	gh_code code = GH_OK;
	struct record r;
	for (size_t at = 0; at + RECORD <= block.len && code == GH_OK; at += r.size) {
		if (!read_record(block, at, &r))
			return live ? note(w, 0,
					   "the records of a folder are broken: the rest of the block is not read")
				    : GH_OK;
		bool dots = gh_bytes_eq(r.name, GH_LIT(".")) || gh_bytes_eq(r.name, GH_LIT(".."));
		if (r.inode == 0)
			continue;
		gh_bytes path;
		if (!live && !(dots && index)) {
			code = deleted(w, block, &r, folder, first, n);
		} else if (live && !dots && r.name.len > 0) {
			code = gh_path_join(w->ctx, folder, r.name, &path);
			if (code == GH_OK)
				code = add(w, path, r.inode);
		}
	}
	return code;
}

static gh_code folder(struct walk *w, uint32_t number, gh_bytes path)
{
	gh_ext_inode i;
	gh_bytes content;
	if (path.len > PATH_MOST)
		return note(w, 0, "folders lie deeper than is followed");
	if (!gh_ext_inode_read(w->f, number, &i))
		return note(w, 0, "the inode of a folder is not there");
	gh_arena_reset(w->scratch);
	if (i.size > w->f->all.len)
		return note(w, i.at, "a folder is larger than the file system");
	gh_code code = gh_ext_content(w->ctx, w->f, &i, w->scratch, &content);
	if (gh_is_about_input(code))
		code = gh_node_note(w->ctx, w->out, code, w->f->pos + i.at, "a folder (inode %u): %s", number,
				    w->ctx->what);
	size_t first = w->list.count, step = w->f->block;
	unsigned n = 0;
	for (unsigned pass = 0; pass < 2; pass++) {
		/* in the inode: the parent, then records to the end of the area, then those in the attribute */
		bool small = i.flags & GH_EXT_INLINE;
		for (size_t at = small ? 4 : 0; at < content.len && code == GH_OK;) {
			size_t size = !small ? step : at == 4 ? GH_EXT_BLOCK_AREA - 4 : content.len - at;
			code = block_of_folder(w, gh_bytes_part(content, at, size), path, first, pass == 0,
					       i.flags & GH_EXT_INDEX, &n);
			at += size;
		}
	}
	return code;
}

/* Folders are entered in the order they were met: the list is its own queue. */
static gh_code follow(struct walk *w, size_t from)
{
	gh_code code = GH_OK;
	for (size_t i = from; i < w->list.count && code == GH_OK && !gh_cancelled(w->ctx); i++)
		if (w->list.items[i].locator[0]) {
			w->list.items[i].locator[0] = 0;
			code = folder(w, w->list.items[i].inode, w->list.items[i].path);
		}
	return code;
}

/* Has it content though no name leads to it? */
static bool holds(const gh_ext_inode *i)
{
	static const uint8_t none[GH_EXT_BLOCK_AREA];
	if (i->mode == 0 || (types[i->mode >> 12] == GH_ENTRY_FILE && i->mode >> 12 != 8))
		return false;
	if (i->links > 0)
		return i->dtime == 0;
	bool empty = i->flags & GH_EXT_EXTENTS ? i->area.ptr[2] == 0 && i->area.ptr[3] == 0
					       : memcmp(i->area.ptr, none, sizeof none) == 0;
	return i->size > 0 && !empty && !(i->flags & GH_EXT_INLINE);
}

static gh_code add_nameless(struct walk *w, uint32_t number)
{
	gh_code code = gh_spend_nodes(w->ctx, 1);
	char *path = gh_arena_printf(w->ctx->arena, "(nameless)/inode-%u", number);
	size_t from = w->list.count;
	if (!path)
		return gh_nomem(w->ctx);
	w->nameless++;
	if (code == GH_OK)
		code = add(w, gh_view_text(path), number);
	return code == GH_OK ? follow(w, from) : code;
}

/* Inodes of a group that are used, as far as it says. */
static uint32_t used_inodes(const gh_ext *f, gh_bytes raw)
{
	if (!(f->ro_compat & (GH_EXT_RO_GDT_CSUM | GH_EXT_RO_METADATA_CSUM)))
		return f->inodes_per_group;
	gh_cur c = gh_cur_over(gh_bytes_part(raw, 0x12, 2), 0), d = gh_cur_over(gh_bytes_part(raw, 0x1c, 2), 0),
	       h = gh_cur_over(gh_bytes_part(raw, 0x32, 2), 0);
	if (gh_u16le(&c) & UNINIT)
		return 0;
	uint32_t none = gh_u16le(&d) | (uint32_t)gh_u16le(&h) << 16;
	return none > f->inodes_per_group ? f->inodes_per_group : f->inodes_per_group - none;
}

static gh_code nameless_of(struct walk *w, uint32_t group, bool folders)
{
	const gh_ext *f = w->f;
	gh_bytes raw;
	uint64_t table;
	gh_ext_inode i;
	gh_code code = GH_OK;
	if (!gh_ext_group(f, group, &raw, &table))
		return GH_OK;
	uint32_t n = used_inodes(f, raw), first = group * f->inodes_per_group + 1;
	for (uint32_t k = 0; k < n && code == GH_OK; k++) {
		uint32_t number = first + k;
		if (number < f->first_inode || number > f->inodes || w->seen[number] != 0 ||
		    !gh_ext_inode_read(f, number, &i) || !holds(&i) || (i.mode >> 12 == 4) != folders)
			continue;
		code = add_nameless(w, number);
	}
	return code;
}

/* Copies of the super-block and the descriptors stand in groups 0, 1 and powers of 3, 5 and 7, or in all. */
static bool has_super(const gh_ext *f, uint32_t group)
{
	if (group <= 1 || !(f->ro_compat & 1))
		return true;
	for (uint32_t base = 3; base <= 7; base += 2) {
		uint64_t n = base;
		while (n < group)
			n *= base;
		if (n == group)
			return true;
	}
	return false;
}

static gh_code use_group(struct walk *w, uint32_t group)
{
	const gh_ext *f = w->f;
	gh_bytes raw;
	uint64_t table;
	if (!gh_ext_group(f, group, &raw, &table))
		return GH_OK;
	uint64_t start = f->first_block + (uint64_t)group * f->blocks_per_group;
	uint64_t descs = ((uint64_t)f->groups * f->desc_size + f->block - 1) / f->block;
	gh_code code = has_super(f, group) ? use(w, start * f->block, (1 + descs) * f->block) : GH_OK;
	gh_cur c = gh_cur_over(raw, 0), h = gh_at(c, 0x20);
	for (unsigned k = 0; k < BITMAPS && code == GH_OK; k++) {
		uint64_t low = gh_u32le(&c), high = f->desc_size >= 64 ? gh_u32le(&h) : 0;
		code = use_block(w, (low | high << 32) % f->blocks);
	}
	return code == GH_OK && table < f->blocks
		       ? use(w, table * f->block, (uint64_t)used_inodes(f, raw) * f->inode_size)
		       : code;
}

/* Inodes that the file system keeps for itself: the journal, what it grows into, quotas. */
static gh_code reserved(struct walk *w)
{
	static const uint16_t others[] = { 0x240, 0x244, 0x26c, 0x280 };
	gh_bytes super = gh_bytes_part(w->f->all, 1024, 1024);
	gh_ext_inode i;
	gh_code code = GH_OK;
	uint32_t n = w->f->first_inode - 1;
	for (uint32_t k = 1; k <= n + GH_COUNT(others) && code == GH_OK; k++) {
		uint32_t number = k;
		if (k > n) {
			gh_cur c = gh_cur_over(gh_bytes_part(super, others[k - n - 1], 4), 0);
			number = gh_u32le(&c);
		}
		if (number == 0 || number == GH_EXT_ROOT || number > w->f->inodes || w->seen[number] != 0 ||
		    !gh_ext_inode_read(w->f, number, &i) || i.mode == 0)
			continue;
		w->seen[number] = UINT32_MAX;
		code = use_content(w, &i, NULL, number != RESIZE_INODE);
	}
	return code;
}

static gh_code everything(struct walk *w)
{
	const gh_ext *f = w->f;
	gh_ext_inode root;
	gh_code code = use(w, 1024, 1024);
	for (uint32_t g = 0; g < f->groups && code == GH_OK; g++)
		code = use_group(w, g);
	if (code == GH_OK)
		code = reserved(w);
	w->seen[GH_EXT_ROOT] = UINT32_MAX;
	if (code == GH_OK && gh_ext_inode_read(f, GH_EXT_ROOT, &root))
		code = use_content(w, &root, NULL, true);
	if (code == GH_OK)
		code = folder(w, GH_EXT_ROOT, gh_view(NULL, 0));
	if (code == GH_OK)
		code = follow(w, 0);
	w->past = GH_DELETED;
	for (unsigned pass = 0; pass < 2; pass++)
		for (uint32_t g = 0; g < f->groups && code == GH_OK && !gh_cancelled(w->ctx); g++)
			code = nameless_of(w, g, pass == 0);
	if (code == GH_OK && w->nameless > 0)
		code = gh_node_note(w->ctx, w->out, GH_OK, f->pos, "%llu inodes in use that no folder names",
				    (unsigned long long)w->nameless);
	return code;
}

gh_code gh_ext_walk(gh_ctx *ctx, const gh_ext *f, gh_node *out)
{
	struct walk *w = gh_arena_zalloc(ctx->arena, sizeof *w);
	if (!w)
		return gh_nomem(ctx);
	*w = (struct walk){ .ctx = ctx, .f = f, .out = out };
	w->runs = (gh_ext_runs){ .arena = ctx->arena, .pointers = use_block, .arg = w };
	w->seen = gh_arena_array(ctx->arena, (size_t)f->inodes + 1, sizeof *w->seen);
	w->scratch = gh_arena_new(GH_MIB(64));
	if (!w->seen || !w->scratch) {
		gh_arena_free(w->scratch);
		return gh_nomem(ctx);
	}
	gh_code trouble = everything(w);
	gh_arena_free(w->scratch);
	for (size_t i = 0; i < w->list.count; i++)
		w->list.items[i].locator[0] = 0;
	trouble = gh_entries_end(ctx, &w->list, &gh_ext_ops, out, trouble);
	if (!out->volume)
		return trouble;
	gh_volume_apart(out->volume);
	gh_extents_to(&w->used, f->pos, out->volume);
	return trouble;
}
