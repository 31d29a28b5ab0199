/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an inode node tells:
 *
 *	24 16 key (4 inode, 4 kind)  40 8 born         48 8 size       56 8 atime  64 8 ctime  72 8 mtime
 *	80 12 nanoseconds            92 4 links        96 4 uid       100 4 gid   104 4 mode  108 4 flags
 *	112 4 length of the data    116 12 attributes 132 2 compressor           160 data
 *
 * A link's target, a device's number and an attribute's value are the data. A data node: 24 16 key (4 inode, 4 page
 * and kind), 40 4 size, 44 2 compressor, 46 2 packed size when encrypted, 48 data.
 */
#include <stdlib.h>

#include "codec/codec.h"
#include "format/flash/ubifs_in.h"

static gh_cur node_cur(const gh_log *log, uint64_t at)
{
	const gh_ubifs *u = log->state;
	gh_ubifs_node n;
	bool right;
	if (!gh_ubifs_node_at(u, at, &n, &right))
		n.len = 0;
	return gh_cur_over(gh_bytes_part(log->bytes, at, n.len), log->pos + at);
}

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

static gh_code meta(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_log_meta *ret)
{
	gh_cur c = gh_at(node_cur(log, item->at), 48);
	*ret = (gh_log_meta){ .size = gh_u64le(&c) };
	gh_skip(&c, 16);
	ret->mtime = (int64_t)gh_u64le(&c);
	gh_skip(&c, 12);
	ret->nlink = gh_u32le(&c);
	ret->uid = gh_u32le(&c);
	ret->gid = gh_u32le(&c);
	uint32_t mode = gh_u32le(&c);
	gh_skip(&c, 4);
	uint32_t data_len = gh_u32le(&c);
	gh_skip(&c, GH_UBIFS_INODE - 116);
	gh_bytes data = gh_take(&c, data_len);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "an inode node is cut short");
	ret->mode = mode & 07777;
	ret->type = type_of(mode);
	if (ret->type == GH_ENTRY_LINK) {
		ret->target = data;
	} else if (ret->type == GH_ENTRY_CHAR || ret->type == GH_ENTRY_BLOCK) {
		gh_cur d = gh_cur_over(data, 0);
		uint32_t dev = gh_u32le(&d);
		ret->major = dev >> 8 & 0xfff;
		ret->minor = (dev & 0xff) | (dev >> 12 & 0xfff00);
	}
	return GH_OK;
}

const char *gh_ubifs_compressor(unsigned number)
{
	static const char *const names[] = { "none", "lzo", "zlib", "zstd" };
	return number < GH_COUNT(names) ? names[number] : "unknown";
}

static gh_code content(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_buf *out)
{
	const gh_ubifs *u = log->state;
	gh_cur c = gh_at(node_cur(log, item->at), 44);
	uint16_t compressor = gh_u16le(&c), packed = gh_u16le(&c);
	gh_code code = GH_OK;
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "a data node is cut short");
	if ((u->super.flags & 0x10) && packed > 0)
		return gh_fail(ctx, GH_ENCRYPTED, c.pos, "the content is encrypted");
	switch (compressor) {
	case 0:
		code = gh_buf_add(ctx, out, gh_bytes_part(gh_rest(&c), 0, item->len));
		break;
	case 1:
		code = gh_lzo1x(ctx, &c, out);
		break;
	case 2:
		code = gh_deflate_raw(ctx, &c, out);
		break;
	case 3:
		code = gh_zstd(ctx, &c, out);
		break;
	default:
		return gh_fail(ctx, GH_UNSUPPORTED, c.pos, "a data node with the unknown compressor %u", compressor);
	}
	/* The room is what the node says comes out. */
	if (code == GH_LIMIT && out->len == out->most)
		code = GH_OK;
	if (code == GH_OK && out->len < out->most)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "a data node gives %zu bytes, not %zu", out->len, out->most);
	return code;
}

static int by_host(const void *a, const void *b)
{
	const gh_ubifs_attr *x = a, *y = b;
	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	/* values: by inode; names: all of a host, the newest first */
	if (x->host == 0 && x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq > y->seq ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void gh_ubifs_sort_attrs(gh_ubifs *u)
{
	if (u->n_attrs > 1)
		qsort(u->attrs, u->n_attrs, sizeof *u->attrs, by_host);
}

static size_t lower(const gh_ubifs *u, uint32_t host, uint32_t inode)
{
	size_t low = 0, high = u->n_attrs;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const gh_ubifs_attr *a = &u->attrs[mid];
		if (a->host < host || (a->host == host && host == 0 && a->inode < inode))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static gh_bytes value_of(const gh_log *log, const gh_ubifs *u, uint32_t inode)
{
	for (size_t i = lower(u, 0, inode); i < u->n_attrs && u->attrs[i].host == 0 && u->attrs[i].inode == inode;
	     i++) {
		if (!u->attrs[i].now)
			continue;
		gh_cur c = gh_at(node_cur(log, u->attrs[i].at), 112);
		uint32_t len = gh_u32le(&c);
		gh_skip(&c, GH_UBIFS_INODE - 116);
		return gh_take(&c, len);
	}
	return gh_view(NULL, 0);
}

static gh_bytes attr_name(const gh_log *log, const gh_ubifs_attr *a)
{
	gh_cur c = gh_at(node_cur(log, a->at), 50);
	uint16_t len = gh_u16le(&c);
	gh_skip(&c, 4);
	return gh_take(&c, len);
}

static gh_code xattrs(gh_ctx *ctx, const gh_log *log, gh_entry *entry)
{
	enum { ATTRS_MOST = 128 };
	const gh_ubifs *u = log->state;
	gh_xattr all[ATTRS_MOST], deleted[ATTRS_MOST];
	size_t n = 0, gone = 0;
	if (u->n_attrs == 0 || entry->inode == 0)
		return GH_OK;
	for (size_t i = lower(u, entry->inode, 0);
	     i < u->n_attrs && u->attrs[i].host == entry->inode && n < ATTRS_MOST && gone < ATTRS_MOST; i++) {
		const gh_ubifs_attr *a = &u->attrs[i];
		gh_bytes name = attr_name(log, a);
		bool newer = !a->now || name.len == 0;
		for (size_t k = 0; k < n && !newer; k++)
			newer = gh_bytes_eq(all[k].name, name);
		for (size_t k = 0; k < gone && !newer; k++)
			newer = gh_bytes_eq(deleted[k].name, name);
		if (newer)
			continue;
		if (a->inode == 0)
			deleted[gone++] = (gh_xattr){ .name = name };
		else
			all[n++] = (gh_xattr){ name, value_of(log, u, a->inode) };
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

const gh_log_ops gh_ubifs_ops = { .meta = meta, .content = content, .xattrs = xattrs };
