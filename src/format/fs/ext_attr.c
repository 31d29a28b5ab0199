/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extended attributes stand in what is left of a large inode, and in a block that inodes may share:
 *
 *	ea020000, entries, …, values        ea020000, references, blocks, hash, checksum, 3 zeros, entries, …, values
 *
 * An entry: length of the name, its prefix as a number, offset of the value, an inode that holds it or 0, size, hash,
 * the name. Offsets count from the first entry in an inode, and from its start in a block.
 */
#include "format/fs/ext_in.h"

enum { MAGIC_SIZE = 4, BLOCK_HEADER = 32, ENTRY = 16, ENTRIES_MOST = 256, INODE_LEAST = 128, SYSTEM = 7 };

static const uint32_t magic_of_attributes = 0xea020000;

static const char *prefix(unsigned index)
{
	static const char *const names[] = {
		"",          "user.",   "system.posix_acl_access", "system.posix_acl_default", "trusted.", "",
		"security.", "system.", "system.richacl"
	};
	return index < GH_COUNT(names) ? names[index] : "";
}

struct attribute {
	unsigned index;
	uint32_t inode;
	gh_bytes name, value;
	bool fits;
};

/* The next of a row; false at its end. */
static bool next(gh_cur *c, gh_bytes values, struct attribute *ret)
{
	if (c->left < 4 || !c->ptr || memcmp(c->ptr, "\0\0\0\0", 4) == 0)
		return false;
	size_t name = gh_u8(c);
	ret->index = gh_u8(c);
	uint32_t offset = gh_u16le(c);
	ret->inode = gh_u32le(c);
	uint32_t size = gh_u32le(c);
	gh_skip(c, 4);
	ret->name = gh_take(c, name);
	gh_skip(c, (4 - name % 4) % 4);
	ret->value = gh_bytes_part(values, offset, size);
	ret->fits = ret->value.len == size;
	return gh_cur_ok(c);
}

/* The row in an inode; values count from its start. */
static gh_bytes in_inode(const gh_ext_inode *inode)
{
	gh_cur c = gh_cur_over(gh_bytes_part(inode->raw, (uint64_t)INODE_LEAST + inode->extra, inode->raw.len), 0);
	if (inode->extra == 0 || gh_u32le(&c) != magic_of_attributes)
		return gh_view(NULL, 0);
	return gh_rest(&c);
}

gh_bytes gh_ext_inline_rest(const gh_ext_inode *inode)
{
	gh_bytes row = in_inode(inode);
	gh_cur c = gh_cur_over(row, 0);
	struct attribute a;
	while (next(&c, row, &a))
		if (a.index == SYSTEM && gh_bytes_eq(a.name, GH_LIT("data")))
			return a.value;
	return gh_view(NULL, 0);
}

static gh_code add(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_entry *entry, gh_bytes row,
		   gh_bytes values)
{
	gh_cur c = gh_cur_over(row, 0);
	struct attribute a;
	gh_code code = GH_OK;
	while (code == GH_OK && next(&c, values, &a) && entry->n_xattrs < ENTRIES_MOST) {
		if (a.index == SYSTEM && gh_bytes_eq(a.name, GH_LIT("data")))
			continue; /* content, told as such */
		if (a.inode != 0 || !a.fits)
			code = gh_entry_note(ctx, entry, a.inode ? GH_UNSUPPORTED : GH_CORRUPT, f->pos + inode->at,
					     a.inode ? "an attribute whose value is in an inode of its own"
						     : "an attribute whose value ends behind its block");
		if (code != GH_OK || a.inode != 0)
			continue;
		gh_xattr *grown = gh_arena_grow(ctx->arena, entry->xattrs, entry->n_xattrs * sizeof *grown,
						(entry->n_xattrs + 1) * sizeof *grown);
		const char *before = prefix(a.index);
		char *name = gh_arena_printf(ctx->arena, "%s%.*s", before, (int)a.name.len,
					     a.name.ptr ? (const char *)a.name.ptr : "");
		if (!grown || !name)
			return gh_nomem(ctx);
		grown[entry->n_xattrs++] = (gh_xattr){ gh_view_text(name), a.value };
		entry->xattrs = grown;
	}
	return code;
}

gh_code gh_ext_attributes(gh_ctx *ctx, const gh_ext *f, const gh_ext_inode *inode, gh_entry *entry)
{
	gh_bytes row = in_inode(inode);
	gh_code code = add(ctx, f, inode, entry, row, row);
	if (code != GH_OK || inode->attributes == 0)
		return code;
	gh_bytes block = gh_ext_block(f, inode->attributes);
	gh_cur c = gh_cur_over(block, 0);
	if (gh_u32le(&c) != magic_of_attributes || block.len < BLOCK_HEADER)
		return gh_entry_note(ctx, entry, GH_CORRUPT, f->pos + inode->at, "its block of attributes is none");
	return add(ctx, f, inode, entry, gh_bytes_part(block, BLOCK_HEADER, block.len), block);
}
