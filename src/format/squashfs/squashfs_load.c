/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All tables of a volume. Ids of version 4, fragments and xattr ids are indexed tables; the uids and
 * gids of older versions stand in the open. Xattrs (version 4):
 *
 *	at the superblock's offset   start of the values(64) ids(32) unused(32), then the index
 *	an id                        reference(64) count(32) size(32)
 *	a value                      prefix(16) length(16) name  length(32) value
 *
 * With 0x100 in the prefix the value is a reference (64) to the length and value meant.
 */
#include "format/squashfs/squashfs_in.h"

enum { NOTES_MOST = 24, XATTR_ID = 16, OUT_OF_LINE = 0x100, RECORD_LEAST = 8 };

gh_code gh_sqfs_trouble(gh_ctx *ctx, gh_sqfs *fs, gh_node *out)
{
	gh_code code = ctx->code;
	if (!gh_is_about_input(code))
		return code;
	if (fs->notes++ < NOTES_MOST)
		return gh_node_trouble(ctx, out);
	return GH_OK;
}

static gh_code load_run(gh_ctx *ctx, gh_sqfs *fs, gh_node *out, uint64_t start, uint64_t limit, const char *what,
			gh_sqfs_table *ret)
{
	gh_buf buf = gh_buf_in(ctx->arena, GH_SQFS_TABLE);
	gh_code code = gh_sqfs_table_load(ctx, fs, start, limit, SIZE_MAX, ctx->arena, &buf, ret);
	if (code == GH_OK)
		return GH_OK;
	code = gh_sqfs_trouble(ctx, fs, out);
	if (code == GH_OK && ret->bad)
		code = gh_node_note(ctx, out, GH_CORRUPT, fs->pos + start, "%zu of %zu blocks of %s do not decode",
				    ret->bad, ret->count, what);
	return code;
}

static gh_code load_ids(gh_ctx *ctx, gh_sqfs *fs)
{
	const gh_sqfs_super *s = &fs->s;
	if (s->major == 4)
		return gh_sqfs_indexed_load(ctx, fs, s->ids, s->no_ids, 4, &fs->ids);
	fs->ids = gh_bytes_part(fs->bytes, s->ids, (uint64_t)s->no_uids * 4);
	fs->guids = gh_bytes_part(fs->bytes, s->guids, (uint64_t)s->no_guids * 4);
	if (fs->ids.len < (size_t)s->no_uids * 4 || fs->guids.len < (size_t)s->no_guids * 4)
		return gh_fail(ctx, GH_TRUNCATED, fs->pos + s->ids, "the tables of uids and gids are cut short");
	return GH_OK;
}

/* Version 2: start(32) size(32). Version 3 and 4: start(64) size(32) unused(32). */
static gh_code load_fragments(gh_ctx *ctx, gh_sqfs *fs)
{
	size_t size = fs->s.major == 2 ? 8 : 16;
	unsigned width = fs->s.major == 2 ? 32 : 64;
	gh_bytes raw = { NULL, 0 };
	if (fs->s.fragments == 0 || fs->s.major == 1)
		return GH_OK;
	gh_code code = gh_sqfs_indexed_load(ctx, fs, fs->s.fragment_table, fs->s.fragments, size, &raw);
	uint32_t n = (uint32_t)(raw.len / size);
	fs->fragments = gh_arena_array(ctx->arena, n, sizeof *fs->fragments);
	if (!fs->fragments)
		return gh_nomem(ctx);
	gh_cur c = gh_cur_over(raw, 0);
	for (uint32_t i = 0; i < n; i++) {
		gh_sqfs_record r = gh_sqfs_record_take(&c, size, fs->s.big);
		fs->fragments[i].start = gh_sqfs_field(&r, width);
		fs->fragments[i].size = (uint32_t)gh_sqfs_field(&r, 32);
	}
	fs->n_fragments = n;
	return code;
}

static gh_code load_xattrs(gh_ctx *ctx, gh_sqfs *fs, gh_node *out)
{
	uint64_t at = fs->s.xattrs;
	if (fs->s.major != 4 || at == GH_SQFS_NONE)
		return GH_OK;
	gh_cur c = gh_cur_over(gh_bytes_part(fs->bytes, at, 24), fs->pos + at);
	bool big = fs->s.big;
	uint64_t start = gh_u64(&c, big);
	uint32_t ids = gh_u32(&c, big);
	gh_skip(&c, 4);
	uint64_t first = gh_u64(&c, big);
	if (!gh_cur_ok(&c) || start >= first || first >= at)
		return gh_fail(ctx, GH_CORRUPT, fs->pos + at, "the table of xattrs is not where the superblock says");
	gh_code code = gh_sqfs_indexed_load(ctx, fs, at + 16, ids, XATTR_ID, &fs->xattr_ids);
	return code == GH_OK ? load_run(ctx, fs, out, start, first, "xattrs", &fs->xattr_table) : code;
}

/* What one table lacks is noted; the others may still be whole. */
static gh_code noted(gh_ctx *ctx, gh_sqfs *fs, gh_node *out, gh_code code)
{
	return code == GH_OK ? GH_OK : gh_sqfs_trouble(ctx, fs, out);
}

gh_code gh_sqfs_tables_load(gh_ctx *ctx, gh_sqfs *fs, gh_node *out)
{
	const gh_sqfs_super *s = &fs->s;
	gh_code code = load_run(ctx, fs, out, s->inode_table, s->dir_table, "inodes", &fs->inodes);
	if (code == GH_OK)
		code = load_run(ctx, fs, out, s->dir_table, gh_sqfs_table_limit(fs, s->dir_table), "directories",
				&fs->dirs);
	if (code == GH_OK)
		code = noted(ctx, fs, out, load_ids(ctx, fs));
	if (code == GH_OK)
		code = noted(ctx, fs, out, load_fragments(ctx, fs));
	if (code == GH_OK)
		code = noted(ctx, fs, out, load_xattrs(ctx, fs, out));
	return code;
}

static gh_cur xattr_at(const gh_sqfs *fs, uint64_t reference)
{
	return gh_sqfs_table_at(&fs->xattr_table, reference >> 16, reference & 0xffff);
}

static gh_code xattr_name(gh_ctx *ctx, unsigned prefix, gh_bytes name, gh_bytes *ret)
{
	static const char *const prefixes[] = { "user.", "trusted.", "security." };
	const char *text = prefix < GH_COUNT(prefixes) ? prefixes[prefix] : "unknown.";
	size_t len = strlen(text);
	gh_code code = gh_spend_bytes(ctx, len + name.len);
	if (code != GH_OK)
		return code;
	char *whole = gh_arena_alloc(ctx->arena, len + name.len);
	if (!whole)
		return gh_nomem(ctx);
	memcpy(whole, text, len);
	if (name.len)
		memcpy(whole + len, name.ptr, name.len);
	*ret = gh_view(whole, len + name.len);
	return GH_OK;
}

static gh_code read_xattr(gh_ctx *ctx, const gh_sqfs *fs, gh_cur *c, gh_xattr *ret)
{
	bool big = fs->s.big;
	unsigned type = gh_u16(c, big), length = gh_u16(c, big);
	gh_bytes name = gh_take(c, length);
	uint32_t size = gh_u32(c, big);
	gh_cur value = gh_sub(c, size);
	if (type & OUT_OF_LINE) {
		value = xattr_at(fs, gh_u64(&value, big));
		size = gh_u32(&value, big);
	}
	ret->value = gh_take(&value, size);
	if (!gh_cur_ok(c) || !gh_cur_ok(&value))
		return gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.xattrs, "an xattr is cut short");
	return xattr_name(ctx, type & 0xff, name, &ret->name);
}

gh_code gh_sqfs_xattrs(gh_ctx *ctx, const gh_sqfs *fs, uint32_t index, gh_entry *entry)
{
	bool big = fs->s.big;
	/* Before there were xattrs, mksquashfs left a zero where their number stands now. */
	if (index == GH_SQFS_NO_XATTR || fs->s.xattrs == GH_SQFS_NONE)
		return GH_OK;
	gh_cur id = gh_cur_over(gh_bytes_part(fs->xattr_ids, (uint64_t)index * XATTR_ID, XATTR_ID), 0);
	gh_cur c = xattr_at(fs, gh_u64(&id, big));
	uint32_t count = gh_u32(&id, big);
	if (!gh_cur_ok(&id) || !gh_room(&c, count, RECORD_LEAST))
		return gh_fail(ctx, GH_CORRUPT, fs->pos + fs->s.xattrs, "no xattrs under number %u", index);
	gh_code code = gh_spend_bytes(ctx, (uint64_t)count * sizeof(gh_xattr));
	if (code != GH_OK)
		return code;
	entry->xattrs = gh_arena_array(ctx->arena, count, sizeof(gh_xattr));
	if (!entry->xattrs)
		return gh_nomem(ctx);
	for (uint32_t i = 0; i < count && code == GH_OK; i++) {
		code = read_xattr(ctx, fs, &c, &entry->xattrs[i]);
		entry->n_xattrs += code == GH_OK;
	}
	return code;
}
