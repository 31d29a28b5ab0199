/* SPDX-License-Identifier: Apache-2.0 */
#include "format/fs/erofs_in.h"

#include "codec/sum.h"

enum {
	SUPER_AT = 1024,
	SUPER = 128,
	SUM_AT = 4,
	COMPAT_SUM = 1,
	SLOT = 16,
	INCOMPAT_SETTINGS = 2,
	/* padded clusters, big ones, chunks, devices, second algorithms, tails, fragments, deduplicated, prefixes */
	INCOMPAT_KNOWN = 0x7f,
};

gh_code gh_erofs_open(gh_ctx *ctx, gh_cur c, gh_erofs *ret)
{
	gh_cur h = gh_at(c, SUPER_AT);
	gh_erofs f = { .pos = c.pos };
	if (!gh_eat(&h, GH_LIT("\xe2\xe1\xf5\xe0")))
		return GH_NOT_MINE;
	gh_skip(&h, 4);
	f.compat = gh_u32le(&h);
	f.bits = gh_u8(&h);
	unsigned slots = gh_u8(&h);
	f.root = gh_u16le(&h);
	gh_skip(&h, 8);
	f.built = gh_u64le(&h);
	gh_skip(&h, 4);
	f.blocks = gh_u32le(&h);
	uint32_t meta = gh_u32le(&h), attributes = gh_u32le(&h);
	gh_skip(&h, 32);
	f.incompat = gh_u32le(&h);
	uint32_t algorithms = gh_u16le(&h);
	gh_skip(&h, 10);
	f.packed = gh_u64le(&h);
	gh_skip(&h, 24);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the super-block of EROFS is cut short");
	if (f.bits < 9 || f.bits > 16 || f.blocks == 0 || meta >= f.blocks)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "the numbers of the super-block make no sense");
	/* settings of each algorithm stand behind the super-block */
	f.head = SUPER_AT + SUPER + (uint64_t)slots * SLOT;
	for (unsigned bit = 0; bit < 16 && (f.incompat & INCOMPAT_SETTINGS); bit++) {
		gh_cur s = gh_at(c, f.head);
		if (algorithms >> bit & 1)
			f.head += 2 + (uint64_t)gh_u16le(&s);
	}
	f.block = 1U << f.bits;
	f.meta = (uint64_t)meta << f.bits;
	f.attributes = (uint64_t)attributes << f.bits;
	f.all = gh_bytes_part(gh_rest(&c), 0, f.blocks << f.bits);
	*ret = f;
	return GH_OK;
}

/* Over the rest of the block that the super-block stands in, with zeros in its place; not inverted at its end. */
static bool sum_of(const gh_erofs *f, uint32_t *stored, uint32_t *computed)
{
	static const uint8_t zero[4];
	gh_bytes b = gh_bytes_part(f->all, SUPER_AT, f->block > SUPER_AT ? f->block - SUPER_AT : f->block);
	gh_cur c = gh_cur_over(gh_bytes_part(b, SUM_AT, 4), 0);
	uint32_t crc = gh_crc32c(gh_bytes_part(b, 0, SUM_AT));
	crc = gh_crc32c_more(crc, gh_view(zero, 4));
	*computed = ~gh_crc32c_more(crc, gh_bytes_part(b, SUM_AT + 4, b.len));
	*stored = gh_u32le(&c);
	return f->compat & COMPAT_SUM;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_erofs f;
	gh_erofs_inode root;
	uint32_t stored, computed;
	gh_code code = gh_erofs_open(ctx, c, &f);
	if (code != GH_OK)
		return code;
	bool rooted = gh_erofs_inode_read(&f, f.root, &root) && root.mode >> 12 == 4;
	bool right = sum_of(&f, &stored, &computed) && stored == computed;
	if (!rooted && !right)
		return gh_fail(ctx, GH_CORRUPT, c.pos + SUPER_AT, "the root of EROFS is no folder");
	*ret = (gh_span){ .size = f.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_PARSED };
	return GH_OK;
}

static gh_code facts(gh_ctx *ctx, const gh_erofs *f, gh_node *out)
{
	const char *built = gh_utc(ctx, (int64_t)f->built);
	uint32_t stored, computed;
	if (!built)
		return gh_nomem(ctx);
	gh_code code = gh_node_factf(ctx, out, "block-size", "%u", f->block);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "name", gh_bytes_part(f->all, SUPER_AT + 64, 16));
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "created", gh_view_text(built));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "features", "0x%x 0x%x", f->compat, f->incompat);
	gh_sum sum = { .what = "super-block CRC", .algorithm = "crc32c", .at = f->pos + SUPER_AT + SUM_AT };
	if (code == GH_OK && sum_of(f, &stored, &computed))
		code = gh_sum_u32(ctx, out, sum, stored, computed, false);
	if (code == GH_OK && f->all.len < f->blocks << f->bits)
		code = gh_node_note(ctx, out, GH_TRUNCATED, f->pos + f->all.len, "%llu bytes are named, %zu are there",
				    (unsigned long long)f->blocks << f->bits, f->all.len);
	if (code == GH_OK && (f->incompat & ~(uint32_t)INCOMPAT_KNOWN))
		code = gh_node_note(ctx, out, GH_UNSUPPORTED, f->pos + SUPER_AT + 80,
				    "features 0x%x that are not known", f->incompat & ~(uint32_t)INCOMPAT_KNOWN);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_erofs f;
	(void)span;
	gh_code code = gh_erofs_open(ctx, c, &f);
	if (code == GH_OK)
		code = facts(ctx, &f, out);
	return code == GH_OK ? gh_erofs_walk(ctx, &f, out) : code;
}

const gh_format gh_format_erofs = {
	.name = "erofs",
	.title = "EROFS",
	.spec = "linux/fs/erofs/erofs_fs.h",
	.limits = "content on other devices, and attributes with long prefixes are named "
		  "only",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\xe2\\xe1\\xf5\\xe0.{4}[\\x00-\\xff]\\x00\\x00\\x00[\\x09-\\x10]", 13, 0x400 } },
	.measure = measure,
	.unpack = unpack,
};
