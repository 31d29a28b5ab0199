/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tag in front of images for Broadcom's DSL chips (firmware-utils, bcm_tag.h). Numbers are decimal text.
 *
 *	0          4        18       26      2c     3c    3e     48        54       5e        6a     74        80
 *	+----------+--------+--------+-------+------+-----+------+---------+--------+---------+------+---------+------+
 *	| version  | vendor | its    | chip  | board| big | size | CFE     | length | rootfs  | len  | kernel  | len  |
 *	+----------+--------+--------+-------+------+-----+------+ address +--------+ address +------+ address +------+
 *	… d8 CRC of all behind the tag, dc of the root file system, e0 of the kernel, ec of the tag up to here; 256
 *bytes
 *
 * CRC-32, starting with ffffffff, not inverted at the end, big-endian. Parts follow in the order of their addresses;
 * equal ones mean that the kernel comes first. The kernel is CFE's: load address, entry, length, then LZMA without a
 * length.
 */
#include "codec/codec.h"
#include "codec/sum.h"
#include "format/room_in.h"

enum { TAG = 256, TAG_CRC_OVER = 0xec, LZMA_HEAD = 12, LENGTH_MOST = 256 << 20 };

struct piece {
	const char *name;
	uint64_t address, size, at;
};

struct tag {
	gh_bytes head;
	uint64_t size;
	struct piece piece[3]; /* CFE, root file system, kernel; then in the order of the file */
	uint32_t image_crc, rootfs_crc, kernel_crc, tag_crc;
};

static bool decimal(gh_bytes field, uint64_t *ret)
{
	size_t n = 0;
	for (*ret = 0; n < field.len && field.ptr[n] >= '0' && field.ptr[n] <= '9'; n++)
		*ret = *ret * 10 + (field.ptr[n] - (unsigned)'0');
	return n > 0 && (n == field.len || field.ptr[n] == 0);
}

static uint32_t crc_of(gh_bytes b)
{
	return ~gh_crc32(b);
}

/* The order of the file: by address; the kernel before a root file system that claims the same one. */
static bool before(const struct piece *a, const struct piece *b)
{
	return a->address != b->address ? a->address < b->address : strcmp(a->name, b->name) < 0;
}

static void settle(struct tag *t)
{
	uint64_t at = TAG;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = i + 1; k < 3; k++)
			if (before(&t->piece[k], &t->piece[i])) {
				struct piece swap = t->piece[i];
				t->piece[i] = t->piece[k];
				t->piece[k] = swap;
			}
	for (unsigned i = 0; i < 3; i++) {
		t->piece[i].at = at;
		at += t->piece[i].size;
	}
}

static gh_code read_tag(gh_ctx *ctx, gh_cur c, struct tag *ret)
{
	static const struct {
		const char *name;
		unsigned address, size;
	} fields[3] = { { "cfe", 0x48, 0x54 }, { "rootfs", 0x5e, 0x6a }, { "kernel", 0x74, 0x80 } };
	gh_cur h = c;
	struct tag t = { .head = gh_take(&h, TAG) };
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the tag is cut short");
	if (!decimal(gh_bytes_part(t.head, 0x3e, 10), &t.size) || t.size == 0 || t.size > LENGTH_MOST)
		return GH_NOT_MINE;
	for (unsigned i = 0; i < 3; i++) {
		struct piece *p = &t.piece[i];
		p->name = fields[i].name;
		if (!decimal(gh_bytes_part(t.head, fields[i].address, 12), &p->address) ||
		    !decimal(gh_bytes_part(t.head, fields[i].size, 10), &p->size) || p->size > LENGTH_MOST)
			*p = (struct piece){ .name = fields[i].name };
	}
	gh_cur crc = gh_at(gh_cur_over(t.head, 0), 0xd8);
	t.image_crc = gh_u32be(&crc);
	t.rootfs_crc = gh_u32be(&crc);
	t.kernel_crc = gh_u32be(&crc);
	gh_skip(&crc, 8);
	t.tag_crc = gh_u32be(&crc);
	settle(&t);
	*ret = t;
	return GH_OK;
}

static gh_bytes bytes_of(gh_cur c, const struct piece *p)
{
	return gh_bytes_part(gh_rest(&c), p->at, p->size);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct tag t;
	gh_code code = read_tag(ctx, c, &t);
	if (code == GH_OK)
		code = gh_effort(ctx, GH_MIN(t.size, (uint64_t)c.left));
	if (code != GH_OK)
		return code;
	bool tag = crc_of(gh_bytes_part(t.head, 0, TAG_CRC_OVER)) == t.tag_crc, whole = TAG + t.size <= c.left;
	bool image = whole && crc_of(gh_bytes_part(gh_rest(&c), TAG, t.size)) == t.image_crc;
	if (!tag && !image)
		return gh_fail(ctx, GH_CORRUPT, c.pos + TAG_CRC_OVER, "neither checksum of Broadcom's tag holds");
	*ret = (gh_span){ .size = GH_MIN(TAG + t.size, (uint64_t)c.left),
			  .proof = image ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* CFE's kernel: what comes out of its LZMA is its own business, the length in front is not that of what comes out. */
static gh_code add_kernel(gh_ctx *ctx, gh_cur c, const struct piece *p, gh_node *out)
{
	gh_bytes all = bytes_of(c, p);
	gh_cur h = gh_cur_over(all, c.pos + p->at);
	uint32_t load = gh_u32be(&h), entry = gh_u32be(&h), size = gh_u32be(&h);
	gh_bytes packed = gh_take(&h, size);
	if (!gh_cur_ok(&h) || packed.len < 16 || packed.ptr[0] >= 9 * 5 * 5 || load >> 28 != 8)
		return gh_node_part(ctx, out, GH_NODE_PART, p->name, c.pos + p->at, all);
	gh_cur in = gh_cur_over(gh_bytes_part(packed, 5, packed.len), c.pos + p->at + LZMA_HEAD + 5);
	gh_buf plain = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	unsigned props = packed.ptr[0];
	gh_code code = gh_lzma_raw(ctx, &in, &plain, props % 9, props / 9 % 5, props / 45, 0, UINT64_MAX);
	if (code != GH_OK && !gh_is_about_input(code))
		return code;
	/* There is no end marker: the input ends it. */
	if (code != GH_OK && (code != GH_TRUNCATED || plain.len < packed.len))
		return gh_node_part(ctx, out, GH_NODE_PART, p->name, c.pos + p->at, all);
	if (gh_node_factf(ctx, out, "load-address", "0x%08x", load) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", entry) ||
	    gh_node_part(ctx, out, GH_NODE_HEADER, "kernel header", c.pos + p->at, gh_bytes_part(all, 0, LZMA_HEAD)))
		return GH_NOMEM;
	const char *how = gh_arena_printf(ctx->arena, "LZMA, lc=%u lp=%u pb=%u, without a length; the input ends it",
					  props % 9, props / 9 % 5, props / 45);
	if (!how)
		return gh_nomem(ctx);
	code = gh_node_part_decoded(ctx, out, p->name, how, c.pos + p->at + LZMA_HEAD, packed, gh_buf_view(&plain));
	gh_bytes rest = gh_rest(&h);
	if (code == GH_OK && rest.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "behind the kernel", h.pos, rest);
	return code;
}

static gh_code add_sums(gh_ctx *ctx, gh_cur c, const struct tag *t, gh_node *out)
{
	gh_sum s = { .algorithm = "crc32, not inverted",
		     .what = "tag CRC",
		     .at = c.pos + 0xec,
		     .remark = "over the tag up to here" };
	gh_code code = gh_sum_u32(ctx, out, s, t->tag_crc, crc_of(gh_bytes_part(t->head, 0, TAG_CRC_OVER)), true);
	s.remark = TAG + t->size > c.left ? "the image is cut short" : NULL;
	s.what = "image CRC";
	s.at = c.pos + 0xd8;
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, s, t->image_crc, crc_of(gh_bytes_part(gh_rest(&c), TAG, t->size)), true);
	for (unsigned i = 0; i < 3 && code == GH_OK; i++) {
		const struct piece *p = &t->piece[i];
		bool rootfs = strcmp(p->name, "rootfs") == 0, kernel = strcmp(p->name, "kernel") == 0;
		uint32_t stored = rootfs ? t->rootfs_crc : t->kernel_crc;
		if ((!rootfs && !kernel) || p->size == 0 || stored == 0)
			continue;
		s.what = rootfs ? "rootfs CRC" : "kernel CRC";
		s.at = c.pos + (rootfs ? 0xdc : 0xe0);
		uint32_t computed = crc_of(bytes_of(c, p));
		/* OpenWrt's tool takes the root file system to stand first, where the kernel does. */
		uint32_t other = crc_of(gh_bytes_part(gh_rest(&c), TAG, p->size));
		gh_sum one = s;
		if (rootfs && computed != stored && other == stored) {
			computed = other;
			one.remark = "over as many bytes from the end of the tag on, as OpenWrt's tool takes them";
		}
		code = gh_sum_u32(ctx, out, one, stored, computed, true);
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct tag t;
	gh_code code = read_tag(ctx, c, &t);
	if (code != GH_OK)
		return code;
	if (gh_fact_field(ctx, out, "vendor", gh_bytes_part(t.head, 4, 20)) ||
	    gh_fact_field(ctx, out, "chip", gh_bytes_part(t.head, 0x26, 6)) ||
	    gh_fact_field(ctx, out, "board", gh_bytes_part(t.head, 0x2c, 16)) ||
	    gh_fact_field(ctx, out, "signature-text", gh_bytes_part(t.head, 0x18, 14)))
		return GH_NOMEM;
	code = add_sums(ctx, c, &t, out);
	if (code == GH_OK && span->size < TAG + t.size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + span->size,
				    "the tag names more bytes than are there");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "tag", c.pos, t.head);
	for (unsigned i = 0; i < 3 && code == GH_OK; i++) {
		const struct piece *p = &t.piece[i];
		gh_bytes b = bytes_of(c, p);
		if (b.len == 0)
			continue;
		if (strcmp(p->name, "kernel") == 0)
			code = add_kernel(ctx, c, p, out);
		else
			code = gh_node_part(ctx, out, GH_NODE_PART, p->name, c.pos + p->at, b);
	}
	return code;
}

const gh_format gh_format_bcm63xx = {
	.name = "bcm63xx",
	.title = "Broadcom DSL image with a tag",
	.spec = "openwrt/firmware-utils: bcm_tag.h, imagetag.c",
	.limits = "tags of vendors that do not name Broadcom",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "Broadcom Corporatio", 19, 4 } },
	.measure = measure,
	.unpack = unpack,
};
