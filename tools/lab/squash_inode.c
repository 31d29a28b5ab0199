/* SPDX-License-Identifier: Apache-2.0 */
/* One inode, in the words of each version. */
#include "squash.h"

static unsigned id_of(const sq *q, uint32_t *ids, size_t *n, uint32_t id, size_t most)
{
	for (size_t i = 0; i < *n; i++) {
		if (ids[i] == id)
			return (unsigned)i;
	}
	if (*n >= most)
		lab_die(q->st, "more than %zu owners", most);
	ids[*n] = id;
	return (unsigned)(*n)++;
}

unsigned sq_id(sq *q, uint32_t id)
{
	return id_of(q, q->ids, &q->ids_n, id, q->version == 1 ? 48 : 256);
}

unsigned sq_gid(sq *q, uint32_t id)
{
	return id_of(q, q->gids, &q->gids_n, id, q->version == 1 ? 15 : 255);
}

static unsigned type_of(const sq_node *n)
{
	static const char types[] = "dflbcps";
	const char *at = strchr(types, n->type);
	if (!n->type || !at)
		lab_die(n->e->st, "no inode is of this type");
	return (unsigned)(at - types) + 1;
}

static uint64_t size_of(const sq_node *n)
{
	return n->claims ? n->claim : n->hole + (n->e ? n->e->content.len : 0);
}

/* Versions 1 to 3 hold 8 bits of each number. */
static uint64_t old_device(const sq_node *n)
{
	if (n->e->major > 255 || n->e->minor > 255)
		lab_die(n->e->st, "an old device number has 8 bits for each part");
	return n->e->major << 8 | n->e->minor;
}

/* The group's place in its table, or the word for "the same as the user". */
static unsigned group_of(sq *q, const sq_node *n, unsigned same)
{
	return n->gid == n->uid ? same : sq_gid(q, n->gid);
}

static void version_1(sq *q, lab_out *r, const sq_node *n, uint64_t dir, size_t size)
{
	unsigned type = type_of(n), user = sq_id(q, n->uid), group = group_of(q, n, 15);
	bool ipc = type >= SQ_FIFO;
	SQ_RECORD(r, q->order, { 4, ipc ? 0 : user / 16 * 5 + type }, { 12, n->mode }, { 4, user % 16 }, { 4, group });
	if (ipc) {
		SQ_RECORD(r, q->order, { 4, type }, { 4, user / 16 });
	} else if (type == SQ_DIR) {
		SQ_RECORD(r, q->order, { 19, size }, { 13, dir & 0xffff }, { 32, n->mtime }, { 24, dir >> 16 });
	} else if (type == SQ_REG) {
		SQ_RECORD(r, q->order, { 32, n->mtime }, { 32, n->start }, { 32, size_of(n) });
	} else if (type == SQ_LINK) {
		SQ_RECORD(r, q->order, { 16, n->e->target.len });
	} else {
		SQ_RECORD(r, q->order, { 16, old_device(n) });
	}
	if (type == SQ_DIR && size >= 1U << 19)
		lab_die(q->st, "a folder is too large for version 1");
}

static void version_2(sq *q, lab_out *r, const sq_node *n, uint64_t dir, size_t size)
{
	unsigned type = type_of(n), big = type == SQ_DIR && size >= 1U << 19 ? SQ_LONG - SQ_DIR : 0;
	SQ_RECORD(r, q->order, { 4, type + big }, { 12, n->mode }, { 8, sq_id(q, n->uid) }, { 8, group_of(q, n, 255) });
	if (big) {
		SQ_RECORD(r, q->order, { 27, size }, { 13, dir & 0xffff }, { 32, n->mtime }, { 24, dir >> 16 },
			  { 16, 0 });
	} else if (type == SQ_DIR) {
		SQ_RECORD(r, q->order, { 19, size }, { 13, dir & 0xffff }, { 32, n->mtime }, { 24, dir >> 16 });
	} else if (type == SQ_REG) {
		SQ_RECORD(r, q->order, { 32, n->mtime }, { 32, n->start }, { 32, n->fragment }, { 32, n->fragment_at },
			  { 32, size_of(n) });
	} else if (type == SQ_LINK) {
		SQ_RECORD(r, q->order, { 16, n->e->target.len });
	} else if (type == SQ_BLK || type == SQ_CHR) {
		SQ_RECORD(r, q->order, { 16, old_device(n) });
	}
}

static void version_3(sq *q, lab_out *r, const sq_node *n, uint64_t dir, size_t size)
{
	unsigned type = type_of(n), parent = n->parent ? n->parent->number : q->inodes_n + 1;
	bool big =
		(type == SQ_DIR && size >= 1U << 19) || (type == SQ_REG && (n->links > 1 || size_of(n) > UINT32_MAX));
	SQ_RECORD(r, q->order, { 4, big ? type + SQ_LONG - 1 : type }, { 12, n->mode }, { 8, sq_id(q, n->uid) },
		  { 8, group_of(q, n, 255) }, { 32, n->mtime }, { 32, n->number });
	if (type == SQ_REG && !big) {
		SQ_RECORD(r, q->order, { 64, n->start }, { 32, n->fragment }, { 32, n->fragment_at },
			  { 32, size_of(n) });
		return;
	}
	SQ_RECORD(r, q->order, { 32, n->links });
	if (type == SQ_REG) {
		SQ_RECORD(r, q->order, { 64, n->start }, { 32, n->fragment }, { 32, n->fragment_at },
			  { 64, size_of(n) });
	} else if (type == SQ_DIR && big) {
		SQ_RECORD(r, q->order, { 27, size }, { 13, dir & 0xffff }, { 32, dir >> 16 }, { 16, 0 },
			  { 32, parent });
	} else if (type == SQ_DIR) {
		SQ_RECORD(r, q->order, { 19, size }, { 13, dir & 0xffff }, { 32, dir >> 16 }, { 32, parent });
	} else if (type == SQ_LINK) {
		SQ_RECORD(r, q->order, { 16, n->e->target.len });
	} else if (type == SQ_BLK || type == SQ_CHR) {
		SQ_RECORD(r, q->order, { 16, old_device(n) });
	}
}

/* Linux' new_encode_dev */
static uint64_t new_device(const sq_node *n)
{
	return (n->e->minor & 0xff) | (uint64_t)n->e->major << 8 | (uint64_t)(n->e->minor & ~0xffU) << 12;
}

static void version_4(sq *q, lab_out *r, const sq_node *n, uint64_t dir, size_t size)
{
	unsigned type = type_of(n), parent = n->parent ? n->parent->number : q->inodes_n + 1;
	bool big = n->xattr != UINT32_MAX || (type == SQ_DIR && size > UINT16_MAX) ||
		   (type == SQ_REG && (n->links > 1 || n->sparse || size_of(n) > UINT32_MAX));
	SQ_RECORD(r, q->order, { 16, big ? type + SQ_LONG - 1 : type }, { 16, n->mode }, { 16, sq_id(q, n->uid) },
		  { 16, sq_id(q, n->gid) }, { 32, n->mtime }, { 32, n->number });
	if (type == SQ_REG && big) {
		SQ_RECORD(r, q->order, { 64, n->start }, { 64, size_of(n) }, { 64, n->sparse }, { 32, n->links },
			  { 32, n->fragment }, { 32, n->fragment_at }, { 32, n->xattr });
	} else if (type == SQ_REG) {
		SQ_RECORD(r, q->order, { 32, n->start }, { 32, n->fragment }, { 32, n->fragment_at },
			  { 32, size_of(n) });
	} else if (type == SQ_DIR && big) {
		SQ_RECORD(r, q->order, { 32, n->links }, { 32, size }, { 32, dir >> 16 }, { 32, parent }, { 16, 0 },
			  { 16, dir & 0xffff }, { 32, n->xattr });
	} else if (type == SQ_DIR) {
		SQ_RECORD(r, q->order, { 32, dir >> 16 }, { 32, n->links }, { 16, size }, { 16, dir & 0xffff },
			  { 32, parent });
	} else {
		SQ_RECORD(r, q->order, { 32, n->links });
		if (type == SQ_LINK)
			SQ_RECORD(r, q->order, { 32, n->e->target.len });
		else if (type == SQ_BLK || type == SQ_CHR)
			SQ_RECORD(r, q->order, { 32, new_device(n) });
		if (type == SQ_LINK)
			lab_add(r, n->e->target);
		if (big)
			SQ_RECORD(r, q->order, { 32, n->xattr });
	}
}

void sq_inode_write(sq *q, sq_node *n, uint64_t dir, size_t size)
{
	static void (*const write[])(sq *, lab_out *, const sq_node *, uint64_t, size_t) = { version_1, version_2,
											     version_3, version_4 };
	lab_out r = lab_out_in(q->l->arena);
	write[q->version - 1](q, &r, n, dir, size);
	if (n->type == 'l' && q->version < 4)
		lab_add(&r, n->e->target);
	for (size_t i = 0; i < n->blocks_n; i++)
		lab_put(&r, q->order, n->blocks[i], q->version == 1 ? 2 : 4);
	n->ref = sq_meta_ref(&q->inodes);
	n->written = true;
	sq_meta_add(q, &q->inodes, lab_view(&r));
	q->refs[n->number - 1] = n->ref;
}
