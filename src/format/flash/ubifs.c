/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UBIFS, the file system of UBI volumes. See ubifs_in.h for the layout and the files. The superblock is a node of
 * 4096 bytes at the start:
 *
 *	26 1 hash of keys   27 1 kind of keys  28 4 flags     32 4 least I/O   36 4 block size  40 4 blocks
 *	44 4 most blocks    56 4 log blocks    60 4 blocks of the table of properties           64 4 orphan blocks
 *	68 4 heads          72 4 fanout        80 4 version   84 2 compressor 108 16 UUID
 */
#include <stdio.h>

#include "format/flash/ubifs_in.h"

enum { BLOCK_LEAST = 4096, BLOCK_MOST = 32 << 20, ENCRYPTED = 0x10, SIGNED = 0x20 };

static gh_code read_super(gh_ctx *ctx, gh_cur c, gh_ubifs_super *s)
{
	gh_bytes node = gh_bytes_part(gh_rest(&c), 0, GH_UBIFS_SUPER);
	gh_cur h = gh_cur_over(node, c.pos);
	if (!gh_eat(&h, GH_LIT("\x31\x18\x10\x06")))
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no UBIFS node");
	uint32_t crc = gh_u32le(&h);
	gh_skip(&h, 8);
	uint32_t len = gh_u32le(&h);
	uint8_t type = gh_u8(&h);
	gh_skip(&h, 5);
	s->hash = gh_u8(&h);
	s->key = gh_u8(&h);
	s->flags = gh_u32le(&h);
	gh_skip(&h, 4);
	s->block_size = gh_u32le(&h);
	s->blocks = gh_u32le(&h);
	gh_skip(&h, 12);
	s->log_blocks = gh_u32le(&h);
	s->table_blocks = gh_u32le(&h);
	s->orphan_blocks = gh_u32le(&h);
	gh_skip(&h, 12);
	s->version = gh_u32le(&h);
	s->compressor = gh_u16le(&h);
	gh_skip(&h, 22);
	s->uuid = gh_take(&h, 16);
	if (type != GH_UBIFS_T_SUPER || len != GH_UBIFS_SUPER)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "not a superblock of UBIFS");
	if (node.len < GH_UBIFS_SUPER)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "UBIFS superblock is cut short");
	if (crc != gh_ubifs_crc(gh_bytes_part(node, 8, GH_UBIFS_SUPER)))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the CRC of the UBIFS superblock is wrong");
	if (s->block_size < BLOCK_LEAST || s->block_size > BLOCK_MOST || s->block_size % 8 || s->blocks == 0 ||
	    s->log_blocks >= s->blocks || s->table_blocks >= s->blocks || s->key != 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "UBIFS superblock contradicts itself");
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_ubifs *u = gh_arena_zalloc(ctx->arena, sizeof *u);
	if (!u)
		return gh_nomem(ctx);
	gh_code code = read_super(ctx, c, &u->super);
	if (code != GH_OK)
		return code;
	u->bytes = gh_bytes_part(gh_rest(&c), 0, u->super.blocks * (uint64_t)u->super.block_size);
	u->pos = c.pos;
	code = gh_ubifs_scan(ctx, u);
	if (code == GH_OK)
		code = gh_ubifs_index(ctx, u);
	*ret = (gh_span){ .size = u->bytes.len,
			  .state = u,
			  .proof = !u->indexed                        ? GH_PROOF_SHAPE
				   : u->wrong == 0 && u->missing == 0 ? GH_PROOF_SUM
								      : GH_PROOF_PARSED };
	return code;
}

static gh_code fact_counts(gh_ctx *ctx, gh_node *out, const gh_ubifs *u)
{
	static const char *const names[] = { "inode", "data", "name", "xattr name", "truncation",
					     NULL,    NULL,   NULL,   NULL,         "index" };
	char text[200];
	size_t len = 0;
	for (size_t i = 0; i < GH_COUNT(names); i++)
		if (names[i] && u->counts[i] > 0)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%u %s", len ? ", " : "", u->counts[i],
						names[i]);
	return gh_node_fact(ctx, out, "nodes", gh_view(text, len));
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_ubifs *u)
{
	const gh_ubifs_super *s = &u->super;
	char text[100];
	size_t len = 0;
	gh_code code = gh_node_factf(ctx, out, "version", "%u", s->version);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "compressor", "%s", gh_ubifs_compressor(s->compressor));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "logical-blocks", "%u of %u bytes", s->blocks, s->block_size);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "key-hash", "%s",
				     s->hash == 0   ? "r5"
				     : s->hash == 1 ? "test"
						    : "unknown");
	for (size_t i = 0; i < s->uuid.len; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%02x%s", s->uuid.ptr[i],
					i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "uuid", gh_view(text, len));
	if (code == GH_OK)
		code = fact_counts(ctx, out, u);
	len = 0;
	for (unsigned i = 0; i < 4; i++)
		if (u->compressors >> i & 1)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? " " : "",
						gh_ubifs_compressor(i));
	if (code == GH_OK && len > 0)
		code = gh_node_fact(ctx, out, "compression", gh_view(text, len));
	if (code == GH_OK && u->journal > 0)
		code = gh_node_factf(ctx, out, "journal", "%u records since the last commit", u->journal);
	return code;
}

static gh_code notes(gh_ctx *ctx, gh_node *out, const gh_ubifs *u)
{
	const gh_ubifs_super *s = &u->super;
	gh_sum sum = { .what = "node CRCs",
		       .algorithm = "crc32 without inversion",
		       .at = out->at,
		       .state = u->wrong ? GH_SUM_WRONG : GH_SUM_RIGHT };
	sum.remark = gh_arena_printf(ctx->arena, "%u of %u wrong", u->wrong, u->sums);
	if (!sum.remark)
		return gh_nomem(ctx);
	gh_code code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK && u->wrong > 0)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at + u->first_wrong,
				    "%u nodes with a wrong CRC are left out", u->wrong);
	if (code == GH_OK && u->index_trouble)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at + u->master_at,
				    "%s: the newest of all records are shown, deleted ones may be among them",
				    u->index_trouble);
	if (code == GH_OK && u->missing > 0)
		code = gh_node_note(ctx, out, GH_CORRUPT, out->at, "%u records that the index names are not there",
				    u->missing);
	if (code == GH_OK && (s->flags & ENCRYPTED))
		code = gh_node_note(ctx, out, GH_ENCRYPTED, out->at, "names and contents may be encrypted (fscrypt)");
	if (code == GH_OK && (s->flags & SIGNED))
		code = gh_node_note(ctx, out, GH_OK, out->at,
				    "authenticated with a key that is not here: not verified");
	if (code == GH_OK && u->bytes.len < s->blocks * (uint64_t)s->block_size)
		code = gh_node_note(ctx, out, GH_OK, out->at, "%llu bytes at the end are not there",
				    (unsigned long long)(s->blocks * (uint64_t)s->block_size - u->bytes.len));
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_ubifs *u = span->state;
	u->log.bytes = u->bytes = gh_rest(&c);
	u->log.pos = c.pos;
	u->log.ops = &gh_ubifs_ops;
	u->log.state = u;
	u->log.root = 1;
	u->log.one_clock = true;
	gh_ubifs_sort_attrs(u);
	gh_code code = facts(ctx, out, u);
	if (code == GH_OK)
		code = notes(ctx, out, u);
	if (code == GH_OK)
		code = gh_log_volume(ctx, &u->log, out);
	if (code != GH_OK || !out->volume)
		return code;
	gh_extents_to(&u->used, c.pos, out->volume);
	return GH_OK;
}

const gh_format gh_format_ubifs = {
	.name = "ubifs",
	.title = "UBIFS file system",
	.spec = "linux/fs/ubifs/ubifs-media.h",
	.kind = GH_NODE_VOLUME,
	.limits = "encrypted files (fscrypt) are listed, not read; signatures are not verified",
	/* magic, superblock of 4096 bytes */
	.magic = { { "\\x31\\x18\\x10\\x06.{12}\\x00\\x10\\x00\\x00\\x06", 21, 0 } },
	.measure = measure,
	.unpack = unpack,
};
