/* SPDX-License-Identifier: Apache-2.0 */
/* The super-block, as a list of fields that a recipe may overrule by name: `super bytes-used 0x7fffffff`. */
#include "squash.h"

typedef struct named {
	const char *name;
	unsigned bits;
	uint64_t v;
} named;

static unsigned log_of(uint32_t block)
{
	unsigned n = 0;
	while (block >> n > 1)
		n++;
	return n;
}

static void put(sq *q, named *fields, size_t n)
{
	lab_out r = lab_out_in(q->l->arena);
	unsigned bit = 0;
	for (const lab_st *s = q->st->first; s; s = s->next) {
		if (!lab_is(s->words[0], "super"))
			continue;
		size_t i = 0;
		while (i < n && !lab_is(lab_word(q->l, s, 1), fields[i].name))
			i++;
		if (i == n)
			lab_die(s, "this super-block has no such field");
		fields[i].v = lab_number(s, lab_word(q->l, s, 2), 0);
	}
	for (size_t i = 0; i < n; i++)
		sq_bits(&r, q->order, &bit, fields[i].v, fields[i].bits);
	memcpy(q->out.ptr, r.ptr, r.len);
	gh_bytes magic = lab_value(q->l, q->st, "magic", q->order == LAB_BIG ? "sqsh" : "hsqs");
	if (magic.len != 4)
		lab_die(q->st, "a magic has four letters");
	memcpy(q->out.ptr, magic.ptr, 4);
}

static void old_super(sq *q)
{
	bool two = q->version < 3; /* 32-bit places; version 3 leaves them 0 and has 64-bit ones at the end */
	uint64_t minor = lab_number_of(q->l, q->st, "minor", q->version == 2 ? 1 : 0);
	named fields[] = {
		{ "magic", 32, 0 },
		{ "inodes", 32, q->inodes_n },
		{ two ? "bytes-used" : "bytes-used-2", 32, two ? q->out.len : 0 },
		{ two ? "uid-start" : "uid-start-2", 32, two ? q->id_start : 0 },
		{ two ? "guid-start" : "guid-start-2", 32, two ? q->gid_start : 0 },
		{ two ? "inode-table" : "inode-table-2", 32, two ? q->inode_start : 0 },
		{ two ? "directory-table" : "directory-table-2", 32, two ? q->dir_start : 0 },
		{ "major", 16, q->version },
		{ "minor", 16, minor },
		{ "block-size-1", 16, q->block },
		{ "block-log", 16, log_of(q->block) },
		{ "flags", 8, q->flags },
		{ "uids", 8, q->ids_n },
		{ "guids", 8, q->gids_n },
		{ "time", 32, lab_time_of(q->l, q->st, "time", 0) },
		{ "root", 64, q->root->ref },
		{ "block-size", 32, q->block },
		{ "fragments", 32, q->fragments_n },
		{ two ? "fragment-table" : "fragment-table-2", 32, two ? q->fragment_start : 0 },
		{ "bytes-used", 64, q->out.len },
		{ "uid-start", 64, q->id_start },
		{ "guid-start", 64, q->gid_start },
		{ "inode-table", 64, q->inode_start },
		{ "directory-table", 64, q->dir_start },
		{ "fragment-table", 64, q->fragment_start },
		{ "lookup-table", 64, q->export_start },
	};
	static const size_t lengths[] = { 0, 16, 19, GH_COUNT(fields) };
	put(q, fields, lengths[q->version]);
}

static unsigned compression_id(const sq *q)
{
	static const unsigned ids[] = {
		[LAB_STORE] = 1, [LAB_ZLIB] = 1, [LAB_LZMA] = 2, [LAB_LZMA_PROPS] = 2, [LAB_LZMA_RAW] = 2,
		[LAB_XZ] = 4,    [LAB_LZO] = 3,  [LAB_LZ4] = 5,  [LAB_ZSTD] = 6
	};
	return ids[q->pack.kind];
}

static void super_4(sq *q)
{
	named fields[] = {
		{ "magic", 32, 0 },
		{ "inodes", 32, q->inodes_n },
		{ "time", 32, lab_time_of(q->l, q->st, "time", 0) },
		{ "block-size", 32, q->block },
		{ "fragments", 32, q->fragments_n },
		{ "compression", 16, compression_id(q) },
		{ "block-log", 16, log_of(q->block) },
		{ "flags", 16, q->flags },
		{ "ids", 16, q->ids_n },
		{ "major", 16, 4 },
		{ "minor", 16, 0 },
		{ "root", 64, q->root->ref },
		{ "bytes-used", 64, q->out.len },
		{ "id-table", 64, q->id_start },
		{ "xattr-table", 64, q->xattr_start },
		{ "inode-table", 64, q->inode_start },
		{ "directory-table", 64, q->dir_start },
		{ "fragment-table", 64, q->fragment_start },
		{ "lookup-table", 64, q->export_start },
	};
	put(q, fields, GH_COUNT(fields));
}

void sq_super_write(sq *q)
{
	if (q->version == 4)
		super_4(q);
	else
		old_super(q);
}
