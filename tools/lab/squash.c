/* SPDX-License-Identifier: Apache-2.0 */
/*
 * squashfs version N order little|big compressor C [block N] [magic M] [time T] … { file tree }
 *
 * On disk: super-block, compressor options, data and fragments, inodes, folders, fragment table,
 * export table, owners, attributes.
 */
#include "squash.h"

static const char *const keys[] = {
	"version=",
	"minor=",
	"order=",
	"compressor=",
	"meta-compressor=",
	"lc=",
	"lp=",
	"pb=",
	"dict=",
	"bcj=",
	"end-marker",
	"unknown-size",
	"block=",
	"magic=",
	"time=",
	"mtime=",
	"uid=",
	"gid=",
	"pad=",
	"no-fragments",
	"tails",
	"export",
	"no-sparse",
	"no-duplicates",
	"store-inodes",
	"store-data",
	"store-fragments",
	NULL,
};

static lab_packer packer_of(const lab_st *st, gh_bytes word)
{
	static const char *const names[] = {
		[LAB_STORE] = "none",        [LAB_ZLIB] = "gzip", [LAB_LZMA] = "lzma", [LAB_LZMA_PROPS] = "lzma-props",
		[LAB_LZMA_RAW] = "lzma-raw", [LAB_XZ] = "xz",     [LAB_LZO] = "lzo",   [LAB_LZ4] = "lz4",
		[LAB_ZSTD] = "zstd"
	};
	return (lab_packer)lab_choice(st, word, names, GH_COUNT(names));
}

static sq options(lab *l, const lab_st *st)
{
	static const char *const orders[] = { "little", "big" };
	lab_keys(st, 1, keys);
	sq q = { .l = l, .st = st, .version = (unsigned)lab_number_of(l, st, "version", 4) };
	q.order = (lab_order)lab_choice(st, lab_value(l, st, "order", "little"), orders, 2);
	q.block = (uint32_t)lab_number_of(l, st, "block", q.version == 1 ? 32768 : q.version == 4 ? 131072 : 65536);
	if (q.version < 1 || q.version > 4 || q.block < 4096 || q.block > 1U << 20 || q.block & (q.block - 1) ||
	    (q.version == 1 && q.block > 32768))
		lab_die(st, "versions are 1 to 4, blocks 4096 to 1048576 (version 1: 32768) and a power of two");
	q.pack = (lab_pack){ .kind = packer_of(st, lab_value(l, st, "compressor", "gzip")),
			     .lc = (unsigned)lab_number_of(l, st, "lc", 3),
			     .lp = (unsigned)lab_number_of(l, st, "lp", 0),
			     .pb = (unsigned)lab_number_of(l, st, "pb", 2),
			     .dict = (uint32_t)lab_number_of(l, st, "dict", GH_MAX(q.block, 8192U)),
			     .end_marker = lab_flag(st, "end-marker"),
			     .unknown_size = lab_flag(st, "unknown-size") };
	q.pack_meta = q.pack;
	if (lab_has(st, "meta-compressor"))
		q.pack_meta.kind = packer_of(st, lab_value(l, st, "meta-compressor", ""));
	if (lab_has(st, "bcj"))
		q.pack.bcj = (const char *)lab_value(l, st, "bcj", "").ptr;
	q.fragments = q.version > 1 && !lab_flag(st, "no-fragments");
	q.tails = lab_flag(st, "tails");
	q.sparse = q.version >= 3 && !lab_flag(st, "no-sparse");
	q.duplicates = !lab_flag(st, "no-duplicates");
	q.inodes.store = q.dirs.store = lab_flag(st, "store-inodes");
	q.store_data = lab_flag(st, "store-data");
	q.store_fragments = lab_flag(st, "store-fragments");
	q.flags = q.inodes.store | (unsigned)q.store_data << 1 | (unsigned)q.store_fragments << 3 |
		  (unsigned)!q.fragments << 4 | (unsigned)q.tails << 5 | (unsigned)q.duplicates << 6 |
		  (unsigned)lab_flag(st, "export") << 7;
	return q;
}

/* Version 4 tells the settings of some compressors in a block behind the super-block. */
static void compressor_options(sq *q)
{
	lab_out r = lab_out_in(q->l->arena);
	if (q->pack.kind == LAB_LZ4) {
		SQ_RECORD(&r, q->order, { 32, 1 }, { 32, 0 });
	} else if (q->pack.kind == LAB_XZ && q->pack.bcj) {
		static const char *const filters[] = { "x86", "powerpc", "ia64", "arm", "armthumb", "sparc" };
		unsigned bit = lab_choice(q->st, gh_view_text(q->pack.bcj), filters, GH_COUNT(filters));
		SQ_RECORD(&r, q->order, { 32, q->pack.dict }, { 32, 1U << bit });
	} else {
		return;
	}
	q->flags |= 1U << 10;
	lab_put(&q->out, q->order, r.len | 0x8000, 2);
	lab_add(&q->out, lab_view(&r));
}

static void owners(sq *q)
{
	lab_out ids = lab_out_in(q->l->arena), gids = lab_out_in(q->l->arena);
	for (size_t i = 0; i < q->ids_n; i++)
		lab_put(&ids, q->order, q->ids[i], 4);
	for (size_t i = 0; i < q->gids_n; i++)
		lab_put(&gids, q->order, q->gids[i], 4);
	if (q->version == 4) {
		q->id_start = sq_table(q, lab_view(&ids), 8);
		return;
	}
	q->id_start = q->out.len;
	lab_add(&q->out, lab_view(&ids));
	q->gid_start = q->out.len;
	lab_add(&q->out, lab_view(&gids));
}

static void tables(sq *q)
{
	q->inode_start = sq_meta_place(q, &q->inodes);
	q->dir_start = sq_meta_place(q, &q->dirs);
	q->fragment_start = q->out.len;
	if (q->version > 1)
		q->fragment_start = sq_table(q, lab_view(&q->fragment_table), q->version == 2 ? 4 : 8);
	q->export_start = UINT64_MAX;
	if (q->version >= 3 && q->flags >> 7 & 1) {
		lab_out refs = lab_out_in(q->l->arena);
		for (unsigned i = 0; i < q->inodes_n; i++)
			lab_put(&refs, q->order, q->refs[i], 8);
		q->export_start = sq_table(q, lab_view(&refs), 8);
	}
	owners(q);
	if (q->version == 4)
		sq_xattr_end(q);
}

/* Inodes and folders. A loop names an inode that is not written yet: then everything is written
 * twice, and stored, so that nothing moves in between. */
static void inodes_and_dirs(sq *q)
{
	if (q->loops && !q->inodes.store)
		lab_die(q->st, "a loop needs store-inodes");
	for (int pass = 0; pass <= (q->loops ? 1 : 0); pass++) {
		sq_meta inodes = { .raw = lab_out_in(q->l->arena),
				   .packed = lab_out_in(q->l->arena),
				   .store = q->inodes.store };
		q->inodes = q->dirs = inodes;
		q->ids_n = q->gids_n = 0;
		sq_dir_write(q, q->root, 0);
	}
}

void lab_squashfs(lab *l, const lab_st *st, lab_out *out)
{
	static const size_t super_size[] = { 0, 51, 63, 119, 96 };
	sq q = options(l, st);
	q.out = q.fragment = q.fragment_table = q.xattrs_raw = q.xattr_ids = lab_out_in(l->arena);
	q.xattrs.raw = q.xattrs.packed = lab_out_in(l->arena);
	lab_tree t = lab_tree_read(l, st);
	sq_tree_build(&q, &t);
	q.refs = lab_alloc(l->arena, q.inodes_n * sizeof(*q.refs));
	(void)lab_span(&q.out, super_size[q.version]);
	if (q.version == 4)
		compressor_options(&q);
	sq_data_write(&q);
	inodes_and_dirs(&q);
	tables(&q);
	sq_super_write(&q);
	lab_volume_add(l, sq_tree_truth(&q), out->len);
	lab_pad(&q.out, (size_t)lab_number_of(l, st, "pad", 4096), 0);
	lab_add(out, lab_view(&q.out));
}
