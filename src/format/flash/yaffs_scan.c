/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over all pages, and what became of each object. An object has one name: that of its newest header. An older
 * header with another name or parent says what it was called before; one whose parent is the directory of unlinked or
 * deleted objects says that it is gone.
 */
#include <stdlib.h>

#include "format/flash/yaffs_in.h"

enum { FOREIGN_MOST = 512 }; /* pages in a row that make no sense: more than a bad block has */

static gh_code take_header(gh_ctx *ctx, gh_yaffs *y, uint32_t object, uint64_t rank, uint64_t at)
{
	if (y->n_headers == y->headers_room) {
		size_t room = y->headers_room ? y->headers_room * 2 : 64;
		gh_yaffs_header *grown =
			gh_arena_grow(ctx->arena, y->headers, y->headers_room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		y->headers = grown;
		y->headers_room = room;
	}
	y->headers[y->n_headers++] = (gh_yaffs_header){ object, rank, at };
	return GH_OK;
}

static gh_code take_data(gh_ctx *ctx, gh_yaffs *y, const gh_yaffs_tags *t, uint64_t rank, uint64_t at)
{
	gh_log_item *item;
	gh_code code = gh_log_add_item(ctx, &y->log, &item);
	if (code != GH_OK)
		return code;
	item->inode = t->object;
	item->seq = rank;
	item->at = at;
	item->offset = (t->page - UINT64_C(1)) * y->shape.data;
	item->len = t->bytes;
	item->now = !t->gone;
	return GH_OK;
}

static gh_code walk(gh_ctx *ctx, gh_yaffs *y)
{
	uint64_t step = (uint64_t)y->shape.page + y->shape.spare, paid = 0;
	unsigned foreign = 0;
	gh_code code = GH_OK;
	for (uint64_t at = 0, i = 0; at + step <= y->bytes.len && foreign <= FOREIGN_MOST && code == GH_OK;
	     at += step, i++) {
		gh_yaffs_tags t;
		if (at >= paid) {
			code = gh_effort(ctx, GH_MIB(1));
			if (paid > 0)
				gh_behind(ctx, y->bytes.ptr + paid - GH_MIB(1), GH_MIB(1));
			paid += GH_MIB(1);
		}
		gh_yaffs_state state = gh_yaffs_tags_at(y->bytes, at, &y->shape, &t);
		foreign = state == GH_YAFFS_FOREIGN ? foreign + 1 : 0;
		y->foreign += state == GH_YAFFS_FOREIGN;
		y->erased += state == GH_YAFFS_ERASED;
		y->checkpoint += state == GH_YAFFS_CHECKPOINT;
		if (state != GH_YAFFS_FOREIGN)
			y->size = at + step;
		if (code != GH_OK || (state != GH_YAFFS_GOOD && state != GH_YAFFS_CHECKPOINT))
			continue;
		code = gh_extents_add(ctx, &y->used, at, step);
		if (code != GH_OK || state != GH_YAFFS_GOOD)
			continue;
		y->good++;
		/* Blocks by their numbers, pages of one block by their place. */
		uint64_t rank = (uint64_t)t.seq << 28 | (i & 0xfffffff);
		code = t.page > 0 ? take_data(ctx, y, &t, rank, at) : take_header(ctx, y, t.object, rank, at);
	}
	y->foreign -= GH_MIN(y->foreign, foreign); /* those behind the last page are not its own */
	return code;
}

static int by_object(const void *a, const void *b)
{
	const gh_yaffs_header *x = a, *y = b;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

struct named {
	uint32_t type, parent, equal, size;
	gh_bytes name;
	bool shrinks;
};

static struct named read_header(const gh_yaffs *y, uint64_t at)
{
	bool big = y->shape.big;
	gh_cur c = gh_cur_over(gh_bytes_part(y->bytes, at, GH_YAFFS_HEADER), 0);
	struct named n = { .type = gh_u32(&c, big), .parent = gh_u32(&c, big) };
	gh_skip(&c, 2);
	n.name = gh_text(&c, 256);
	gh_skip(&c, 26);
	n.size = gh_u32(&c, big);
	n.equal = gh_u32(&c, big);
	gh_skip(&c, 208);
	n.shrinks = gh_u32(&c, big) == 1;
	return n;
}

static bool buried(const struct named *n)
{
	return n->parent == GH_YAFFS_UNLINKED || n->parent == GH_YAFFS_DELETED;
}

static gh_code add_item(gh_ctx *ctx, gh_yaffs *y, const gh_yaffs_header *h, const struct named *n, bool reborn)
{
	gh_log_item *item;
	gh_code code = n->type == 4 ? GH_OK : gh_log_add_item(ctx, &y->log, &item);
	if (code != GH_OK || n->type == 4)
		return code;
	item->inode = h->object;
	item->seq = h->rank;
	item->at = h->at;
	item->now = item->tells = true;
	item->cut = reborn ? 0 : n->shrinks ? n->size : UINT64_MAX;
	return GH_OK;
}

static gh_code add_name(gh_ctx *ctx, gh_yaffs *y, const gh_yaffs_header *h, const struct named *n, gh_log_name **ret)
{
	static const uint8_t types[] = {
		0, GH_ENTRY_FILE + 1, GH_ENTRY_LINK + 1, GH_ENTRY_DIR + 1, GH_ENTRY_FILE + 1, 0
	};
	gh_code code = gh_log_add_name(ctx, &y->log, ret);
	if (code != GH_OK)
		return code;
	**ret = (gh_log_name){ .name = n->name,
			       .seq = h->rank,
			       .at = h->at,
			       .parent = n->parent,
			       .now = true,
			       .inode = n->type == 4 ? n->equal : h->object,
			       .type = types[n->type] };
	return GH_OK;
}

/* The headers of one object, the oldest first. */
static gh_code live_through(gh_ctx *ctx, gh_yaffs *y, size_t first, size_t end)
{
	gh_log_name *last = NULL;
	bool reborn = false;
	for (size_t i = first; i < end; i++) {
		const gh_yaffs_header *h = &y->headers[i];
		struct named n = read_header(y, h->at);
		gh_code code = GH_OK;
		bool other = !last || last->parent != n.parent || !gh_bytes_eq(last->name, n.name);
		if (last && (other || buried(&n))) {
			last->now = false;
			last->until = h->rank - 1;
		}
		if (buried(&n)) {
			last = NULL;
			reborn = true;
			continue;
		}
		code = add_item(ctx, y, h, &n, reborn);
		reborn = false;
		/* The root leads to itself, and what is equal to nothing is no name. */
		if (code == GH_OK && other && h->object != GH_YAFFS_ROOT && (n.type != 4 || n.equal != 0))
			code = add_name(ctx, y, h, &n, &last);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

gh_code gh_yaffs_scan(gh_ctx *ctx, gh_yaffs *y)
{
	gh_code code = walk(ctx, y);
	if (y->n_headers > 1)
		qsort(y->headers, y->n_headers, sizeof *y->headers, by_object);
	for (size_t i = 0, end; i < y->n_headers && code == GH_OK; i = end) {
		for (end = i + 1; end < y->n_headers && y->headers[end].object == y->headers[i].object; end++)
			;
		code = live_through(ctx, y, i, end);
	}
	return code;
}

static gh_code meta(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_log_meta *ret)
{
	static const gh_entry_type kinds[16] = {
		[1] = GH_ENTRY_FIFO, [2] = GH_ENTRY_CHAR, [6] = GH_ENTRY_BLOCK, [12] = GH_ENTRY_SOCKET
	};
	const gh_yaffs *y = log->state;
	bool big = y->shape.big;
	gh_cur c = gh_cur_over(gh_bytes_part(log->bytes, item->at, GH_YAFFS_HEADER), log->pos + item->at);
	uint32_t type = gh_u32(&c, big);
	gh_skip(&c, 264);
	uint32_t mode = gh_u32(&c, big);
	*ret = (gh_log_meta){ .mode = mode & 07777, .uid = gh_u32(&c, big), .gid = gh_u32(&c, big) };
	gh_skip(&c, 4);
	ret->mtime = gh_u32(&c, big);
	gh_skip(&c, 4);
	uint32_t size = gh_u32(&c, big);
	gh_skip(&c, 4);
	gh_bytes target = gh_text(&c, 160);
	uint32_t device = gh_u32(&c, big);
	gh_skip(&c, 32);
	uint32_t high = gh_u32(&c, big);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "a header is cut short");
	ret->type = type == 2   ? GH_ENTRY_LINK
		    : type == 3 ? GH_ENTRY_DIR
		    : type == 5 ? kinds[mode >> 12 & 15]
				: GH_ENTRY_FILE;
	if (type == 1 && size != UINT32_MAX)
		ret->size = size | (high == UINT32_MAX ? 0 : (uint64_t)high << 32);
	if (type == 2)
		ret->target = target;
	if (type == 5) {
		ret->major = device >> 8 & 0xfff;
		ret->minor = (device & 0xff) | (device >> 12 & 0xfff00);
	}
	return GH_OK;
}

static gh_code content(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_buf *out)
{
	gh_bytes data = gh_bytes_part(log->bytes, item->at, item->len);
	gh_code code = gh_buf_add(ctx, out, data);
	return code == GH_OK && data.len < item->len ? gh_fail(ctx, GH_TRUNCATED, log->pos, "a page is cut short")
						     : code;
}

const gh_log_ops gh_yaffs_ops = { .meta = meta, .content = content };
