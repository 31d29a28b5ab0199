/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over all logical blocks. Everything that is a sound node is kept, whether a mount would see it or not. */
#include "codec/sum.h"
#include "format/flash/ubifs_in.h"

enum { XATTR_INODE = 0x20 };

uint32_t gh_ubifs_crc(gh_bytes b)
{
	return ~gh_crc32(b);
}

bool gh_ubifs_node_at(const gh_ubifs *u, uint64_t at, gh_ubifs_node *ret, bool *right)
{
	gh_bytes h = gh_bytes_part(u->bytes, at, GH_UBIFS_HEADER);
	gh_cur c = gh_cur_over(h, 0);
	*right = false;
	if (!gh_eat(&c, GH_LIT("\x31\x18\x10\x06")))
		return false;
	uint32_t crc = gh_u32le(&c);
	ret->at = at;
	ret->seq = gh_u64le(&c);
	ret->len = gh_u32le(&c);
	ret->type = gh_u8(&c);
	uint64_t left = u->super.block_size - at % u->super.block_size;
	if (!gh_cur_ok(&c) || ret->len < GH_UBIFS_HEADER || ret->len > GH_MIN(left, u->bytes.len - at) ||
	    ret->type >= GH_UBIFS_TYPES)
		return false;
	*right = crc == gh_ubifs_crc(gh_bytes_part(u->bytes, at + 8, ret->len - UINT64_C(8)));
	return true;
}

static gh_code add_attr(gh_ctx *ctx, gh_ubifs *u, gh_ubifs_attr attr)
{
	if (u->n_attrs == u->attrs_room) {
		size_t room = u->attrs_room ? u->attrs_room * 2 : 16;
		gh_ubifs_attr *grown =
			gh_arena_grow(ctx->arena, u->attrs, u->attrs_room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		u->attrs = grown;
		u->attrs_room = room;
	}
	u->attrs[u->n_attrs++] = attr;
	return GH_OK;
}

static gh_code add_other(gh_ctx *ctx, gh_ubifs *u, const gh_ubifs_node *n)
{
	if (u->n_others == u->others_room) {
		size_t room = u->others_room ? u->others_room * 2 : 64;
		gh_ubifs_node *grown =
			gh_arena_grow(ctx->arena, u->others, u->others_room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		u->others = grown;
		u->others_room = room;
	}
	u->others[u->n_others++] = *n;
	return GH_OK;
}

static gh_code take_inode(gh_ctx *ctx, gh_ubifs *u, const gh_ubifs_node *n, gh_cur c)
{
	gh_log_item *item;
	uint32_t inode = gh_u32le(&c);
	gh_skip(&c, 64);
	uint32_t links = gh_u32le(&c);
	gh_skip(&c, 12);
	uint32_t flags = gh_u32le(&c);
	if (!gh_cur_ok(&c) || n->len < GH_UBIFS_INODE)
		return GH_OK;
	if (flags & XATTR_INODE)
		return add_attr(ctx, u, (gh_ubifs_attr){ .inode = inode, .seq = n->seq, .at = n->at });
	if (links == 0)
		return GH_OK; /* the record by which it was deleted: so are its names */
	gh_code code = gh_log_add_item(ctx, &u->log, &item);
	if (code != GH_OK)
		return code;
	item->inode = inode;
	item->seq = n->seq;
	item->at = n->at;
	item->tells = true;
	return GH_OK;
}

static gh_code take_data(gh_ctx *ctx, gh_ubifs *u, const gh_ubifs_node *n, gh_cur c)
{
	gh_log_item *item;
	uint32_t inode = gh_u32le(&c), page = gh_u32le(&c) & 0x1fffffff;
	gh_skip(&c, 8);
	uint32_t size = gh_u32le(&c);
	uint16_t compressor = gh_u16le(&c);
	if (!gh_cur_ok(&c) || n->len < GH_UBIFS_DATA || size > GH_UBIFS_PAGE)
		return GH_OK;
	gh_code code = gh_log_add_item(ctx, &u->log, &item);
	if (code != GH_OK)
		return code;
	u->compressors |= 1U << GH_MIN(compressor, (uint16_t)31);
	item->inode = inode;
	item->seq = n->seq;
	item->at = n->at;
	item->offset = page * (uint64_t)GH_UBIFS_PAGE;
	item->len = size;
	return GH_OK;
}

static gh_code take_name(gh_ctx *ctx, gh_ubifs *u, const gh_ubifs_node *n, gh_cur c)
{
	static const uint8_t types[] = { GH_ENTRY_FILE + 1, GH_ENTRY_DIR + 1,  GH_ENTRY_LINK + 1,  GH_ENTRY_BLOCK + 1,
					 GH_ENTRY_CHAR + 1, GH_ENTRY_FIFO + 1, GH_ENTRY_SOCKET + 1 };
	gh_log_name *name;
	uint32_t parent = gh_u32le(&c);
	gh_skip(&c, 12);
	uint64_t inode = gh_u64le(&c);
	gh_skip(&c, 1);
	uint8_t type = gh_u8(&c);
	uint16_t len = gh_u16le(&c);
	gh_skip(&c, 4);
	gh_bytes text = gh_take(&c, len);
	if (!gh_cur_ok(&c) || inode > UINT32_MAX)
		return GH_OK;
	if (n->type == GH_UBIFS_T_XNAME)
		return parent == 0 ? GH_OK
				   : add_attr(ctx, u,
					      (gh_ubifs_attr){ .host = parent,
							       .inode = (uint32_t)inode,
							       .seq = n->seq,
							       .at = n->at });
	gh_code code = gh_log_add_name(ctx, &u->log, &name);
	if (code != GH_OK)
		return code;
	name->name = text;
	name->seq = n->seq;
	name->at = n->at;
	name->parent = parent;
	name->inode = (uint32_t)inode;
	name->type = type < GH_COUNT(types) ? types[type] : 0;
	return GH_OK;
}

static gh_code take_cut(gh_ctx *ctx, gh_ubifs *u, const gh_ubifs_node *n, gh_cur c)
{
	gh_log_item *item;
	uint32_t inode = gh_u32le(&c);
	gh_skip(&c, 20);
	uint64_t size = gh_u64le(&c);
	if (!gh_cur_ok(&c))
		return GH_OK;
	gh_code code = gh_log_add_item(ctx, &u->log, &item);
	if (code != GH_OK)
		return code;
	item->inode = inode;
	item->seq = n->seq;
	item->at = n->at;
	item->cut = size;
	return GH_OK;
}

static gh_code take(gh_ctx *ctx, gh_ubifs *u, const gh_ubifs_node *n)
{
	gh_cur c = gh_cur_over(gh_bytes_part(u->bytes, n->at, n->len), n->at);
	gh_skip(&c, GH_UBIFS_HEADER);
	u->counts[n->type]++;
	switch (n->type) {
	case GH_UBIFS_T_INODE:
		return take_inode(ctx, u, n, c);
	case GH_UBIFS_T_DATA:
		return take_data(ctx, u, n, c);
	case GH_UBIFS_T_NAME:
	case GH_UBIFS_T_XNAME:
		return take_name(ctx, u, n, c);
	case GH_UBIFS_T_CUT:
		return take_cut(ctx, u, n, c);
	case GH_UBIFS_T_MASTER:
	case GH_UBIFS_T_REFERENCE:
	case GH_UBIFS_T_INDEX:
	case GH_UBIFS_T_COMMIT:
		return add_other(ctx, u, n);
	default:
		return GH_OK;
	}
}

/* Bytes behind the node that belong to it: up to a multiple of 8, and what a padding node says. */
static uint64_t whole(const gh_ubifs *u, const gh_ubifs_node *n)
{
	uint64_t size = (n->len + UINT64_C(7)) & ~UINT64_C(7);
	uint64_t left = GH_MIN(u->super.block_size - n->at % u->super.block_size, u->bytes.len - n->at);
	if (n->type == GH_UBIFS_T_PADDING) {
		gh_cur c = gh_at(gh_cur_over(gh_bytes_part(u->bytes, n->at, n->len), 0), GH_UBIFS_HEADER);
		size += gh_u32le(&c);
	}
	return GH_MIN(size, left);
}

static gh_code scan_block(gh_ctx *ctx, gh_ubifs *u, uint64_t start)
{
	uint64_t end = GH_MIN(start + u->super.block_size, (uint64_t)u->bytes.len);
	gh_code code = gh_effort(ctx, end - start);
	for (uint64_t at = start, size; at + GH_UBIFS_HEADER <= end && code == GH_OK; at += size) {
		gh_ubifs_node n;
		bool right;
		size = 8;
		if (u->bytes.ptr[at] == 0xff || !gh_ubifs_node_at(u, at, &n, &right))
			continue;
		u->sums++;
		if (!right) {
			u->first_wrong = u->wrong++ == 0 ? at : u->first_wrong;
			continue; /* not even the length is sure */
		}
		size = whole(u, &n);
		code = take(ctx, u, &n);
		if (code == GH_OK)
			code = gh_extents_add(ctx, &u->used, at, size);
	}
	gh_behind(ctx, u->bytes.ptr + start, (size_t)(end - start));
	return code;
}

gh_code gh_ubifs_scan(gh_ctx *ctx, gh_ubifs *u)
{
	const gh_ubifs_super *s = &u->super;
	uint64_t table = UINT64_C(3) + s->log_blocks, behind = table + s->table_blocks;
	gh_code code = GH_OK;
	for (uint64_t b = 0, at = 0; at < u->bytes.len && code == GH_OK && !gh_cancelled(ctx);
	     b++, at += s->block_size) {
		if (b < table || b >= behind)
			code = scan_block(ctx, u, at);
		else
			code = gh_extents_add(ctx, &u->used, at, GH_MIN(s->block_size, u->bytes.len - at));
	}
	return code;
}
