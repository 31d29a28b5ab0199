/* SPDX-License-Identifier: Apache-2.0 */
#include "format/fs/ext_in.h"

#include "codec/sum.h"

enum {
	SUPER_AT = 1024,
	SUPER = 1024,
	SUM_AT = 0x3fc,
	BLOCK_SHIFT_MOST = 6,
	INODES_MOST = 1 << 27,
	GROUPS_MOST = 1 << 22,
};

static bool shape(gh_ext *f)
{
	uint64_t bits = (uint64_t)f->block * 8, groups;
	if (f->blocks_per_group == 0 || f->blocks_per_group > bits * 32 || f->inodes_per_group == 0 ||
	    f->inodes_per_group > bits || f->blocks <= f->first_block || f->first_block > 1)
		return false;
	groups = (f->blocks - f->first_block + f->blocks_per_group - 1) / f->blocks_per_group;
	f->groups = (uint32_t)groups;
	return groups <= GROUPS_MOST && groups * f->inodes_per_group == f->inodes && f->inodes <= INODES_MOST &&
	       f->inode_size >= 128 && f->inode_size <= f->block && (f->inode_size & (f->inode_size - 1)) == 0 &&
	       f->desc_size >= 32 && f->desc_size <= f->block && f->first_inode > GH_EXT_ROOT &&
	       f->first_inode <= f->inodes;
}

static gh_bytes super_of(gh_bytes all)
{
	return gh_bytes_part(all, SUPER_AT, SUPER);
}

static uint32_t u32_at(gh_bytes b, uint64_t at)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, 4), 0);
	return gh_u32le(&c);
}

static uint32_t u16_at(gh_bytes b, uint64_t at)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, 2), 0);
	return gh_u16le(&c);
}

gh_code gh_ext_open(gh_ctx *ctx, gh_cur c, gh_ext *ret)
{
	gh_bytes s = super_of(gh_rest(&c));
	if (s.len < SUPER || u16_at(s, 0x38) != 0xef53 || u16_at(s, 0x5a) != 0)
		return GH_NOT_MINE; /* or a copy of the super-block in another group */
	gh_ext f = { .pos = c.pos,
		     .inodes = u32_at(s, 0),
		     .blocks = u32_at(s, 4),
		     .first_block = u32_at(s, 0x14),
		     .blocks_per_group = u32_at(s, 0x20),
		     .inodes_per_group = u32_at(s, 0x28),
		     .state = (uint16_t)u16_at(s, 0x3a),
		     .revision = u32_at(s, 0x4c),
		     .first_inode = 11,
		     .inode_size = 128,
		     .desc_size = 32 };
	uint32_t shift = u32_at(s, 0x18);
	if (shift > BLOCK_SHIFT_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "ext with blocks of 2^%u bytes", 10 + shift);
	f.block = 1024U << shift;
	if (f.revision > 0) {
		f.first_inode = u32_at(s, 0x54);
		f.inode_size = u16_at(s, 0x58);
		f.compat = u32_at(s, 0x5c);
		f.incompat = u32_at(s, 0x60);
		f.ro_compat = u32_at(s, 0x64);
		f.journal = u32_at(s, 0xe0);
	}
	if (f.incompat & GH_EXT_64BIT) {
		f.desc_size = u16_at(s, 0xfe);
		f.blocks |= (uint64_t)u32_at(s, 0x150) << 32;
	}
	f.seed = f.incompat & GH_EXT_CSUM_SEED ? u32_at(s, 0x270) : ~gh_crc32c(gh_bytes_part(s, 0x68, 16));
	if (!shape(&f) || f.blocks > UINT64_MAX / f.block)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "the numbers of the super-block do not fit together");
	f.all = gh_bytes_part(gh_rest(&c), 0, f.blocks * f.block);
	*ret = f;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_ext f;
	gh_ext_inode root;
	gh_code code = gh_ext_open(ctx, c, &f);
	if (code != GH_OK)
		return code;
	bool journal = f.incompat & GH_EXT_JOURNAL_DEV;
	bool rooted = gh_ext_inode_read(&f, GH_EXT_ROOT, &root) && root.mode >> 12 == 4 && root.links > 0;
	gh_bytes s = super_of(f.all);
	bool right =
		(f.ro_compat & GH_EXT_RO_METADATA_CSUM) && ~gh_crc32c(gh_bytes_part(s, 0, SUM_AT)) == u32_at(s, SUM_AT);
	if (!rooted && !right && !journal)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "the root of the ext file system is no folder");
	*ret = (gh_span){ .size = f.all.len,
			  .proof = right    ? GH_PROOF_SUM
				   : rooted ? GH_PROOF_PARSED
					    : GH_PROOF_SHAPE };
	return GH_OK;
}

static const char *version(const gh_ext *f)
{
	/* extents, 64bit, flexible groups, inline data; large files and their kind; or a journal alone */
	if ((f->incompat & 0x82c0) || (f->ro_compat & 0x478))
		return "ext4";
	return f->compat & 4 ? "ext3" : "ext2";
}

static gh_code time_fact(gh_ctx *ctx, gh_node *out, const char *key, uint32_t seconds)
{
	const char *text = gh_utc(ctx, seconds);
	if (seconds == 0)
		return GH_OK;
	return text ? gh_node_fact(ctx, out, key, gh_view_text(text)) : gh_nomem(ctx);
}

static gh_code facts(gh_ctx *ctx, const gh_ext *f, gh_node *out)
{
	gh_bytes s = super_of(f->all);
	gh_code code = gh_node_fact(ctx, out, "version", gh_view_text(version(f)));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "block-size", "%u", f->block);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "inodes", "%u", f->inodes);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "features", "0x%x 0x%x 0x%x", f->compat, f->incompat, f->ro_compat);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "name", gh_bytes_part(s, 0x78, 16));
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "last-mounted", gh_bytes_part(s, 0x88, 64));
	if (code == GH_OK)
		code = time_fact(ctx, out, "created", u32_at(s, 0x108));
	if (code == GH_OK)
		code = time_fact(ctx, out, "written", u32_at(s, 0x30));
	return code;
}

/* How many descriptors of groups have a checksum that holds. */
static gh_code descriptor_sums(gh_ctx *ctx, const gh_ext *f, gh_node *out)
{
	static const uint8_t zero[2];
	uint32_t wrong = 0;
	for (uint32_t g = 0; g < f->groups; g++) {
		gh_bytes raw;
		uint64_t table;
		uint8_t number[4] = { (uint8_t)g, (uint8_t)(g >> 8), (uint8_t)(g >> 16), (uint8_t)(g >> 24) };
		if (!gh_ext_group(f, g, &raw, &table))
			break;
		uint32_t crc = gh_crc32c_more(~f->seed, gh_view(number, 4));
		crc = gh_crc32c_more(crc, gh_bytes_part(raw, 0, 0x1e));
		crc = gh_crc32c_more(crc, gh_view(zero, 2));
		crc = gh_crc32c_more(crc, gh_bytes_part(raw, 0x20, raw.len));
		wrong += (~crc & 0xffff) != u16_at(raw, 0x1e);
	}
	if (wrong == 0)
		return GH_OK;
	return gh_node_note(ctx, out, GH_CORRUPT, f->pos, "%u of %u descriptors of groups have a wrong checksum", wrong,
			    f->groups);
}

static gh_code sums(gh_ctx *ctx, const gh_ext *f, gh_node *out)
{
	gh_sum sum = { .what = "super-block CRC", .algorithm = "crc32c", .at = f->pos + SUPER_AT + SUM_AT };
	gh_bytes s = super_of(f->all);
	if (!(f->ro_compat & GH_EXT_RO_METADATA_CSUM))
		return GH_OK;
	gh_code code = gh_sum_u32(ctx, out, sum, u32_at(s, SUM_AT), ~gh_crc32c(gh_bytes_part(s, 0, SUM_AT)), false);
	return code == GH_OK ? descriptor_sums(ctx, f, out) : code;
}

static gh_code remarks(gh_ctx *ctx, const gh_ext *f, gh_node *out)
{
	gh_code code = GH_OK;
	if (f->all.len < f->blocks * f->block)
		code = gh_node_note(ctx, out, GH_TRUNCATED, f->pos + f->all.len, "%llu bytes are named, %zu are there",
				    (unsigned long long)f->blocks * f->block, f->all.len);
	if (code == GH_OK && (f->incompat & GH_EXT_RECOVER))
		code = gh_node_note(ctx, out, GH_OK, f->pos + SUPER_AT,
				    "it was not unmounted: the newest changes may stand in its journal alone");
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_ext f;
	(void)span;
	gh_code code = gh_ext_open(ctx, c, &f);
	if (code == GH_OK)
		code = facts(ctx, &f, out);
	if (code == GH_OK)
		code = sums(ctx, &f, out);
	if (code == GH_OK)
		code = remarks(ctx, &f, out);
	if (code != GH_OK)
		return code;
	if (f.incompat & (GH_EXT_JOURNAL_DEV | GH_EXT_META_BG | GH_EXT_COMPRESSION))
		return gh_node_note(ctx, out, GH_UNSUPPORTED, c.pos + SUPER_AT, "%s",
				    f.incompat & GH_EXT_JOURNAL_DEV ? "a journal on a device of its own"
				    : f.incompat & GH_EXT_META_BG   ? "descriptors of groups that stand in their groups"
								    : "compressed files");
	return gh_ext_walk(ctx, &f, out);
}

static gh_code read_file(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	gh_ext f;
	gh_ext_inode i;
	*ret = gh_view(NULL, 0);
	if (entry->size == 0 || entry->at != GH_NOWHERE)
		return gh_view_read(ctx, reader, entry, ret);
	gh_code code = gh_ext_open(ctx, gh_cur_over(reader->bytes, reader->pos), &f);
	if (code != GH_OK)
		return code;
	if (!gh_ext_inode_read(&f, entry->inode, &i))
		return gh_fail(ctx, GH_CORRUPT, reader->pos, "the inode is not there");
	return gh_ext_content(ctx, &f, &i, reader->scratch, ret);
}

const gh_volume_ops gh_ext_ops = { .read = read_file };

const gh_format gh_format_ext = {
	.name = "ext",
	.title = "ext2, ext3 and ext4",
	.spec = "linux/Documentation/filesystems/ext4",
	.limits = "the journal is not replayed; encrypted files, values of attributes in inodes of their own, "
		  "descriptors of "
		  "groups outside the first group, and journals on other devices are named only",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\x53\\xef[\\x00-\\x07]\\x00[\\x00-\\x03]\\x00.{10}[\\x00-\\x04]\\x00\\x00\\x00[\\x00\\x01]"
		     "\\x00\\x00\\x00",
		     24, 0x438 } },
	.measure = measure,
	.unpack = unpack,
};
