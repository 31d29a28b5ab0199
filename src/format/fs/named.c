/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems that are named and measured, not read: their super-blocks, all little-endian.
 *
 *	F2FS   400: f2f52010, version 2+2, logarithms, …, place of a CRC-32 at 420, blocks 8 at 424 (linux/f2fs_fs.h)
 *	minix  400: inodes 2, zones 2, …, zone size at 40a, 137f, 138f, 2468 or 2478 at 410, zones at 414
 *(linux/minix_fs.h) NTFS   0: eb 52 90 "NTFS    ", bytes of a sector at b, sectors at 28, of the MFT at 30 UDF    8000:
 *"BEA01", 8800: "NSR02" or "NSR03" (ECMA-167)
 *
 * What lies inside is looked for like everything else.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { SUPER_AT = 1024, F2FS_SUM_AT = 3068, BLOCK = 1024 };

static const uint32_t f2fs_magic = 0xf2f52010;

/* The head (of F2FS with its copy) is understood, the rest is a part, and both are said to be all that is known. */
static gh_code finish(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out, uint64_t at, uint64_t size)
{
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	gh_code code = gh_node_note(ctx, out, GH_UNSUPPORTED, c.pos, "named only: its files are not read");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "super-block", c.pos + at, gh_bytes_part(all, at, size));
	gh_bytes rest = gh_bytes_part(all, at + size, all.len);
	return code == GH_OK && rest.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "content", c.pos + at + size, rest)
					     : code;
}

static gh_code truncated(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out, uint64_t stated)
{
	if (stated <= span->size)
		return GH_OK;
	return gh_node_note(ctx, out, GH_TRUNCATED, c.pos + span->size, "%llu bytes are named, %llu are there",
			    (unsigned long long)stated, (unsigned long long)span->size);
}

/* ---- F2FS */

static gh_code f2fs_open(gh_ctx *ctx, gh_cur c, uint64_t *size, uint32_t *sum_at)
{
	gh_cur h = gh_at(c, SUPER_AT);
	if (gh_u32le(&h) != f2fs_magic)
		return GH_NOT_MINE;
	gh_skip(&h, 4);
	uint32_t sector = gh_u32le(&h), sectors = gh_u32le(&h), block = gh_u32le(&h), segment = gh_u32le(&h);
	gh_skip(&h, 8);
	*sum_at = gh_u32le(&h);
	uint64_t blocks = gh_u64le(&h);
	if (!gh_cur_ok(&h) || block != 12 || sector < 9 || sector > 12 || sector + sectors != block || segment != 9 ||
	    blocks == 0 || blocks > UINT64_MAX >> 13)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "the numbers of F2FS make no sense");
	*size = blocks << block;
	return GH_OK;
}

static bool f2fs_sum(gh_cur c, uint32_t sum_at, uint32_t *stored, uint32_t *computed)
{
	gh_bytes super = gh_bytes_part(gh_rest(&c), SUPER_AT, F2FS_SUM_AT);
	gh_cur s = gh_cur_over(gh_bytes_part(gh_rest(&c), SUPER_AT + F2FS_SUM_AT, 4), 0);
	*stored = gh_u32le(&s);
	*computed = ~gh_crc32_more(~f2fs_magic, super);
	return sum_at == F2FS_SUM_AT && super.len == F2FS_SUM_AT && gh_cur_ok(&s);
}

static gh_code f2fs_measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t size;
	uint32_t at, stored, computed;
	gh_code code = f2fs_open(ctx, c, &size, &at);
	if (code != GH_OK)
		return code;
	bool right = f2fs_sum(c, at, &stored, &computed) && stored == computed;
	*ret = (gh_span){ .size = GH_MIN(size, (uint64_t)c.left), .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code f2fs_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint64_t size;
	uint32_t at, stored, computed;
	gh_code code = f2fs_open(ctx, c, &size, &at);
	gh_cur v = gh_at(c, SUPER_AT + 4);
	unsigned major = gh_u16le(&v), minor = gh_u16le(&v);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "version", "%u.%u", major, minor);
	gh_sum sum = { .what = "super-block CRC",
		       .algorithm = "crc32 from f2f52010",
		       .at = c.pos + SUPER_AT + F2FS_SUM_AT };
	if (code == GH_OK && f2fs_sum(c, at, &stored, &computed))
		code = gh_sum_u32(ctx, out, sum, stored, computed, false);
	if (code == GH_OK)
		code = truncated(ctx, c, span, out, size);
	return code == GH_OK ? finish(ctx, c, span, out, SUPER_AT, 7168) : code;
}

const gh_format gh_format_f2fs = {
	.name = "f2fs",
	.title = "F2FS",
	.spec = "linux/include/linux/f2fs_fs.h",
	.limits = "named only",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x10\\x20\\xf5\\xf2\\x01\\x00.\\x00[\\x09-\\x0c]\\x00\\x00\\x00", 12, SUPER_AT } },
	.measure = f2fs_measure,
	.unpack = f2fs_unpack,
};

/* ---- minix */

static gh_code minix_open(gh_ctx *ctx, gh_cur c, uint64_t *size, unsigned *version)
{
	gh_cur h = gh_at(c, SUPER_AT);
	uint32_t inodes = gh_u16le(&h), zones = gh_u16le(&h), imap = gh_u16le(&h), zmap = gh_u16le(&h),
		 first = gh_u16le(&h), shift = gh_u16le(&h);
	gh_skip(&h, 4);
	unsigned magic = gh_u16le(&h);
	gh_skip(&h, 2);
	uint32_t more = gh_u32le(&h);
	if (magic != 0x137f && magic != 0x138f && magic != 0x2468 && magic != 0x2478)
		return GH_NOT_MINE;
	*version = magic < 0x2000 ? 1 : 2;
	zones = *version == 2 ? more : zones;
	if (!gh_cur_ok(&h) || inodes == 0 || zones < 4 || imap == 0 || zmap == 0 || first >= zones || shift > 4 ||
	    first < 2 + imap + zmap)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "the numbers of minix make no sense");
	*size = (uint64_t)zones * BLOCK << shift;
	return GH_OK;
}

static gh_code minix_measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t size;
	unsigned version;
	gh_code code = minix_open(ctx, c, &size, &version);
	if (code == GH_OK)
		*ret = (gh_span){ .size = GH_MIN(size, (uint64_t)c.left), .proof = GH_PROOF_SHAPE };
	return code;
}

static gh_code minix_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint64_t size;
	unsigned version;
	gh_code code = minix_open(ctx, c, &size, &version);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "version", "%u", version);
	if (code == GH_OK)
		code = truncated(ctx, c, span, out, size);
	return code == GH_OK ? finish(ctx, c, span, out, SUPER_AT, BLOCK) : code;
}

const gh_format gh_format_minix = {
	.name = "minix",
	.title = "minix file system, versions 1 and 2",
	.spec = "linux/include/uapi/linux/minix_fs.h",
	.limits = "named only",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[\\x00-\\x04]\\x00\\x00\\x1c\\x08\\x10[\\x7f\\x8f]\\x13", 8, 0x40a },
		   { "[\\x00-\\x04]\\x00\\xff\\xff\\xff\\x7f[\\x68\\x78]\\x24", 8, 0x40a } },
	.measure = minix_measure,
	.unpack = minix_unpack,
};

/* ---- NTFS */

static gh_code ntfs_open(gh_ctx *ctx, gh_cur c, uint64_t *size, uint32_t *cluster)
{
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("\xeb\x52\x90NTFS    ")))
		return GH_NOT_MINE;
	uint32_t sector = gh_u16le(&h), per = gh_u8(&h);
	gh_cur s = gh_at(c, 0x28);
	uint64_t sectors = gh_u64le(&s);
	if (!gh_cur_ok(&s) || sector < 256 || sector > 4096 || (sector & (sector - 1)) || per == 0 || sectors == 0 ||
	    sectors > UINT64_MAX >> 14)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 11, "the numbers of NTFS make no sense");
	*size = (sectors + 1) * sector; /* a copy of the first is the last */
	*cluster = per <= 128 ? sector * per : 0;
	return GH_OK;
}

static gh_code ntfs_measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t size;
	uint32_t cluster;
	gh_code code = ntfs_open(ctx, c, &size, &cluster);
	if (code == GH_OK)
		*ret = (gh_span){ .size = GH_MIN(size, (uint64_t)c.left), .proof = GH_PROOF_SHAPE };
	return code;
}

static gh_code ntfs_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint64_t size;
	uint32_t cluster;
	gh_code code = ntfs_open(ctx, c, &size, &cluster);
	if (code == GH_OK && cluster > 0)
		code = gh_node_factf(ctx, out, "cluster-size", "%u", cluster);
	if (code == GH_OK)
		code = truncated(ctx, c, span, out, size);
	return code == GH_OK ? finish(ctx, c, span, out, 0, 512) : code;
}

const gh_format gh_format_ntfs = {
	.name = "ntfs",
	.title = "NTFS",
	.spec = "linux/fs/ntfs3/ntfs.h",
	.limits = "named only",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xeb\\x52\\x90NTFS    ", 11, 0 } },
	.measure = ntfs_measure,
	.unpack = ntfs_unpack,
};

/* ---- UDF */

enum { UDF_FROM = 0x8000, UDF_SECTOR = 2048 };

static gh_code udf_measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes begin = gh_bytes_part(gh_rest(&c), UDF_FROM, 7),
		 nsr = gh_bytes_part(gh_rest(&c), UDF_FROM + UDF_SECTOR, 5);
	(void)ctx;
	if (!gh_bytes_eq(begin, GH_LIT("\0BEA01\1")) || !gh_bytes_eq(nsr, GH_LIT("\0NSR0")))
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = c.left, .proof = GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code udf_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_cur v = gh_at(c, UDF_FROM + UDF_SECTOR + 5);
	gh_code code = gh_node_fact(ctx, out, "version", gh_u8(&v) == '3' ? GH_LIT("NSR03") : GH_LIT("NSR02"));
	return code == GH_OK ? finish(ctx, c, span, out, UDF_FROM, 3 * (uint64_t)UDF_SECTOR) : code;
}

const gh_format gh_format_udf = {
	.name = "udf",
	.title = "UDF",
	.spec = "ECMA-167",
	.limits = "named only; it is taken to reach to the end of what it stands in",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00NSR0[23]\\x01", 7, UDF_FROM + UDF_SECTOR } },
	.measure = udf_measure,
	.unpack = udf_unpack,
};
