/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bytes a SquashFS uses: the super-block, the blocks of its files, fragments of which a file has a part, and all
 * from its first table on. What else lies between super-block and tables, no file has: it becomes a gap.
 */
#include "format/flash/extents_in.h"
#include "format/squashfs/squashfs_in.h"

static gh_code use_files(gh_ctx *ctx, const gh_sqfs *fs, const gh_volume *v, gh_extents *used)
{
	gh_code code = GH_OK;
	for (size_t i = 0; i < v->count && code == GH_OK; i++) {
		const gh_entry *e = &v->entries[i];
		uint64_t size = 0;
		if (e->type != GH_ENTRY_FILE || e->hard_link)
			continue;
		for (uint32_t k = 0; k < gh_sqfs_low(e->locator[GH_SQFS_AT_LIST]); k++)
			size += gh_sqfs_block_size(fs, e, k) & ~(uint32_t)GH_SQFS_STORED;
		if (size > 0 && e->locator[GH_SQFS_AT_START] < fs->s.bytes_used)
			code = gh_extents_add(ctx, used, e->locator[GH_SQFS_AT_START], size);
	}
	return code;
}

static uint64_t first_table(const gh_sqfs_super *s)
{
	const uint64_t tables[] = { s->inode_table, s->dir_table, s->fragment_table, s->lookup,
				    s->ids,         s->guids,     s->xattrs };
	uint64_t first = s->bytes_used;
	for (size_t i = 0; i < GH_COUNT(tables); i++)
		if (tables[i] >= s->header) /* versions 1 to 3 say 0 for what is not there */
			first = GH_MIN(first, tables[i]);
	return first;
}

gh_code gh_sqfs_used(gh_ctx *ctx, const gh_sqfs *fs, gh_volume *v)
{
	enum { LENGTH = 0x7fff };
	gh_extents used = { 0 };
	uint64_t head = fs->s.header, tables = first_table(&fs->s);
	if (fs->s.major == 4 && fs->s.flags & GH_SQFS_OPTIONS) {
		gh_cur c = gh_cur_over(gh_bytes_part(fs->bytes, head, 2), 0);
		head += 2 + (uint64_t)(gh_u16(&c, fs->s.big) & LENGTH);
	}
	gh_code code = gh_extents_add(ctx, &used, 0, head);
	if (code == GH_OK)
		code = use_files(ctx, fs, v, &used);
	for (uint32_t i = 0; i < fs->n_fragments && code == GH_OK; i++) {
		const gh_sqfs_fragment *f = &fs->fragments[i];
		if (f->need > 0 && f->start < fs->s.bytes_used)
			code = gh_extents_add(ctx, &used, f->start, f->size & ~(uint32_t)GH_SQFS_STORED);
	}
	if (code == GH_OK)
		code = gh_extents_add(ctx, &used, tables, fs->s.bytes_used - tables);
	if (code == GH_OK)
		gh_extents_to(&used, fs->pos, v);
	return code;
}
