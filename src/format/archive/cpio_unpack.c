/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a cpio archive as entries: types, hard links by inode, content as views. */
#include "format/archive/cpio_in.h"
#include "format/view_volume_in.h"

/* First entry of each file with several names, by device and inode, in open addressing. */
struct links {
	uint32_t *slots; /* index + 1 */
	size_t mask;
};

struct identity {
	uint32_t dev_major, dev_minor, inode;
};

static size_t hash(struct identity id)
{
	uint64_t h = id.inode * UINT64_C(0x9e3779b97f4a7c15);
	h ^= (((uint64_t)id.dev_major << 32) ^ id.dev_minor) * UINT64_C(0xc2b2ae3d27d4eb4f);
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(h ^ h >> 32);
}

/* The device is kept in locators: entries of one inode on two devices are two files. */
static struct identity identity(const gh_entry *e)
{
	return (struct identity){ (uint32_t)e->locator[0], (uint32_t)e->locator[1], e->inode };
}

/* Hash chains of a hostile archive are kept short: behind that many steps a link is not looked for. */
enum { STEPS_MOST = 64 };

static gh_entry *first_name(struct links *links, gh_entries *list, size_t i)
{
	struct identity id = identity(&list->items[i]);
	size_t at = hash(id) & links->mask;
	for (unsigned step = 0; step < STEPS_MOST; step++, at = (at + 1) & links->mask) {
		if (links->slots[at] == 0) {
			links->slots[at] = (uint32_t)i + 1;
			return NULL;
		}
		gh_entry *e = &list->items[links->slots[at] - 1];
		struct identity other = identity(e);
		if (other.inode == id.inode && other.dev_major == id.dev_major && other.dev_minor == id.dev_minor)
			return e;
	}
	return NULL;
}

/* In newc archives the content comes with the last name, in older kinds with each. The first name
 * becomes the file, whatever came later repeats it. */
static void join(gh_cur all, gh_entries *list, gh_entry *first, gh_entry *later)
{
	if (later->size > 0 && first->size == 0) {
		first->size = later->size;
		first->at = later->at;
	} else if (later->size > 0) {
		gh_bytes a = gh_bytes_part(gh_rest(&all), first->at - all.pos, first->size);
		gh_bytes b = gh_bytes_part(gh_rest(&all), later->at - all.pos, later->size);
		if (!gh_bytes_eq(a, b))
			return; /* one inode, two contents: shown as two files */
	}
	later->hard_link = true;
	later->same_as = (uint32_t)(first - list->items);
	later->target = first->path;
}

static gh_code find_links(gh_ctx *ctx, gh_cur all, gh_entries *list)
{
	size_t room = 64;
	while (room < list->count * 2)
		room *= 2;
	struct links links = { gh_arena_array(ctx->scratch, room, sizeof *links.slots), room - 1 };
	if (!links.slots)
		return gh_nomem(ctx);
	for (size_t i = 0; i < list->count; i++) {
		gh_entry *e = &list->items[i];
		if (e->type != GH_ENTRY_FILE || e->nlink < 2)
			continue;
		gh_entry *first = first_name(&links, list, i);
		if (first)
			join(all, list, first, e);
	}
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].hard_link) {
			const gh_entry *first = &list->items[list->items[i].same_as];
			list->items[i].size = first->size;
			list->items[i].at = first->at;
		}
	return GH_OK;
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

static gh_code fill(gh_ctx *ctx, const gh_cpio_member *m, gh_entry *e)
{
	e->type = type_of(m->mode);
	e->mode = m->mode & 07777;
	e->uid = m->uid;
	e->gid = m->gid;
	e->major = m->major;
	e->minor = m->minor;
	e->inode = m->inode;
	e->nlink = m->nlink;
	e->mtime = m->mtime;
	e->locator[0] = m->dev_major;
	e->locator[1] = m->dev_minor;
	if (e->type == GH_ENTRY_LINK) {
		/* Some archivers count the NUL; a kernel reads up to it. */
		gh_cur target = gh_cur_over(m->content, m->content_at);
		e->target = gh_text(&target, m->content.len);
	} else if (m->size > 0) {
		e->size = m->size;
		e->at = m->content_at;
	}
	gh_code code = gh_entry_path(ctx, e, m->name, m->at);
	if (code == GH_OK && e->type != GH_ENTRY_FILE && e->type != GH_ENTRY_LINK && m->size > 0)
		code = gh_entry_note(ctx, e, GH_CORRUPT, m->content_at, "%s with %u bytes of content",
				     gh_entry_type_name(e->type), m->size);
	if (code == GH_OK && gh_cpio_summed(m) && !gh_cpio_sum_right(m))
		code = gh_entry_note(ctx, e, GH_CORRUPT, m->content_at, "the checksum of the content is wrong");
	return code;
}

static const gh_volume_ops ops = { .read = gh_view_read };

gh_code gh_cpio_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const kinds[] = { "newc", "newc with checksums (crc)", "odc", "old binary" };
	gh_cur all = c;
	gh_cpio_member m = { 0 };
	gh_entries list = { 0 };
	gh_code code = GH_OK;
	while (c.left > 0) {
		gh_entry *e;
		code = gh_cpio_next(ctx, &c, all.pos, &m);
		if (code != GH_OK || m.trailer)
			break;
		code = gh_entries_add(ctx, &list, &e);
		if (code == GH_OK)
			code = fill(ctx, &m, e);
		if (code != GH_OK)
			break;
	}
	if (!gh_is_about_input(code) && code != GH_OK)
		return code;
	if (code != GH_OK && gh_node_trouble(ctx, out))
		return GH_NOMEM;
	if (code == GH_OK && span->proof == GH_PROOF_SHAPE &&
	    gh_node_note(ctx, out, GH_TRUNCATED, all.pos + all.left, "the archive breaks off behind %zu members",
			 list.count))
		return GH_NOMEM;
	if (list.count > 0 && gh_node_fact(ctx, out, "kind", gh_view_text(kinds[m.kind])))
		return GH_NOMEM;
	code = find_links(ctx, all, &list);
	return code == GH_OK ? gh_entries_volume(ctx, &list, &ops, out) : code;
}
