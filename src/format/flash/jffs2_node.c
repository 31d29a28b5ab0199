/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an inode node tells:
 *
 *	12 4 inode     16 4 version   20 4 mode      24 2 uid      26 2 gid      28 4 size of the file
 *	32 4 atime     36 4 mtime     40 4 ctime     44 4 offset of the data     48 4 its length here
 *	52 4 its length unpacked      56 1 compressor 57 1 asked-for compressor  58 2 flags
 *	60 4 CRC of the data          64 4 CRC of the first 60 bytes             68 data
 *
 * and a node with an extended attribute: 12 id, 16 version, 20 1 prefix, 21 1 length of the name, 22 2 length
 * of the value, 24 CRC of the data, 28 CRC of the first 28 bytes, name, NUL, value. A reference to one: 12 inode,
 * 16 id, 20 number (odd: taken away), 24 CRC.
 */
#include <stdlib.h>

#include "format/flash/jffs2_in.h"

static gh_entry_type type_of(uint32_t mode)
{
	switch (mode >> 12 & 0xf) {
	case 1:
		return GH_ENTRY_FIFO;
	case 2:
		return GH_ENTRY_CHAR;
	case 4:
		return GH_ENTRY_DIR;
	case 6:
		return GH_ENTRY_BLOCK;
	case 10:
		return GH_ENTRY_LINK;
	case 12:
		return GH_ENTRY_SOCKET;
	default:
		return GH_ENTRY_FILE;
	}
}

static gh_cur at_node(const gh_log *log, uint64_t at)
{
	return gh_at(gh_cur_over(log->bytes, log->pos), at);
}

static gh_code content(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_buf *out)
{
	const gh_jffs2 *j = log->state;
	gh_cur c = at_node(log, item->at);
	gh_cur h = gh_at(c, 48);
	uint32_t packed = gh_u32(&h, j->big);
	gh_skip(&h, 4);
	uint8_t compressor = gh_u8(&h);
	gh_skip(&c, GH_JFFS2_INODE);
	gh_cur data = gh_sub(&c, packed);
	if (!gh_cur_ok(&h) || !gh_cur_ok(&data))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "a node's data is cut short");
	return gh_jffs2_unpack_data(ctx, compressor, data, out);
}

/* A link's target and a device's number are its node's data. */
static gh_code read_short(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_log_meta *m)
{
	enum { TARGET_MOST = 4096 };
	const gh_jffs2 *j = log->state;
	if (item->len == 0 || item->len > TARGET_MOST || item->hole) {
		m->bare = true;
		return GH_OK;
	}
	uint8_t *room = gh_arena_alloc(ctx->arena, item->len);
	if (!room)
		return gh_nomem(ctx);
	gh_buf out = gh_buf_over(room, item->len);
	if (content(ctx, log, item, &out) != GH_OK) {
		m->bare = true;
		return GH_OK;
	}
	gh_cur c = gh_cur_over(gh_buf_view(&out), 0);
	if (m->type == GH_ENTRY_LINK) {
		m->target = gh_text(&c, c.left);
	} else if (c.left >= 4) {
		uint32_t dev = gh_u32(&c, j->big);
		m->major = dev >> 8 & 0xfff;
		m->minor = (dev & 0xff) | (dev >> 12 & 0xfff00);
	} else {
		uint16_t dev = gh_u16(&c, j->big);
		m->major = dev >> 8;
		m->minor = dev & 0xff;
	}
	return GH_OK;
}

static gh_code meta(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_log_meta *ret)
{
	const gh_jffs2 *j = log->state;
	gh_cur c = gh_at(at_node(log, item->at), 20);
	uint32_t mode = gh_u32(&c, j->big);
	*ret = (gh_log_meta){ .type = type_of(mode), .mode = mode & 07777 };
	ret->uid = gh_u16(&c, j->big);
	ret->gid = gh_u16(&c, j->big);
	ret->size = gh_u32(&c, j->big);
	gh_skip(&c, 4);
	ret->mtime = gh_u32(&c, j->big);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "an inode node is cut short");
	if (ret->type == GH_ENTRY_LINK || ret->type == GH_ENTRY_CHAR || ret->type == GH_ENTRY_BLOCK)
		return read_short(ctx, log, item, ret);
	return GH_OK;
}

/* The first of the attributes and references, sorted by inode, id and number, that is not below. */
static size_t lower(const gh_jffs2 *j, uint32_t inode, uint32_t id)
{
	size_t low = 0, high = j->n_attrs;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const gh_jffs2_attr *a = &j->attrs[mid];
		if (a->inode < inode || (a->inode == inode && a->id < id))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static gh_code read_attr(gh_ctx *ctx, const gh_log *log, uint32_t id, gh_xattr *ret, bool *there)
{
	static const char *const prefixes[] = {
		"", "user.", "security.", "system.posix_acl_access", "system.posix_acl_default", "trusted.",
	};
	const gh_jffs2 *j = log->state;
	size_t i = lower(j, 0, id);
	while (i + 1 < j->n_attrs && j->attrs[i + 1].inode == 0 && j->attrs[i + 1].id == id)
		i++; /* the newest */
	*there = i < j->n_attrs && j->attrs[i].inode == 0 && j->attrs[i].id == id;
	if (!*there)
		return GH_OK;
	gh_cur c = gh_at(at_node(log, j->attrs[i].at), 20);
	uint8_t prefix = gh_u8(&c), name_len = gh_u8(&c);
	uint16_t value_len = gh_u16(&c, j->big);
	gh_skip(&c, 8);
	gh_bytes name = gh_take(&c, name_len);
	gh_skip(&c, 1);
	ret->value = gh_take(&c, value_len);
	*there = gh_cur_ok(&c);
	if (!*there)
		return GH_OK;
	const char *text = gh_arena_printf(ctx->arena, "%s%.*s", prefix < GH_COUNT(prefixes) ? prefixes[prefix] : "",
					   (int)name.len, (const char *)name.ptr);
	if (!text)
		return gh_nomem(ctx);
	ret->name = gh_view_text(text);
	return GH_OK;
}

static gh_code xattrs(gh_ctx *ctx, const gh_log *log, gh_entry *entry)
{
	enum { ATTRS_MOST = 256 };
	const gh_jffs2 *j = log->state;
	gh_xattr all[ATTRS_MOST];
	size_t n = 0;
	if (j->n_attrs == 0 || entry->inode == 0)
		return GH_OK;
	for (size_t i = lower(j, entry->inode, 0); i < j->n_attrs && j->attrs[i].inode == entry->inode; i++) {
		const gh_jffs2_attr *a = &j->attrs[i];
		bool newest = i + 1 == j->n_attrs || j->attrs[i + 1].inode != a->inode || j->attrs[i + 1].id != a->id;
		bool there = false;
		if (!newest || (a->seq & 1) || n == ATTRS_MOST)
			continue;
		gh_code code = read_attr(ctx, log, a->id, &all[n], &there);
		if (code != GH_OK)
			return code;
		n += there;
	}
	if (n == 0)
		return GH_OK;
	entry->xattrs = gh_arena_array(ctx->arena, n, sizeof *entry->xattrs);
	if (!entry->xattrs)
		return gh_nomem(ctx);
	memcpy(entry->xattrs, all, n * sizeof *all);
	entry->n_xattrs = n;
	return GH_OK;
}

const gh_log_ops gh_jffs2_ops = { .meta = meta, .content = content, .xattrs = xattrs };
