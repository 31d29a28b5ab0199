/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Android's boot and vendor boot images (source.android.com, "Boot image header"; mkbootimg's bootimg.h),
 *little-endian.
 *
 *	versions 0 to 2:
 *	0          8        c     10        14    18       1c    20    24        28       2c          30   40       240
 *	+----------+--------+-----+---------+-----+--------+-----+-----+---------+--------+-----------+----+--------+----+
 *	| ANDROID! | kernel | its | ramdisk | its | second | its | tags| page    | version| release   |name|command | id
 *| |          | bytes  | addr|         | addr|        | addr|     | size    |        |           | 16 |line 512| 32 |
 *	+----------+--------+-----+---------+-----+--------+-----+-----+---------+--------+-----------+----+--------+----+
 *
 * Then 1024 more of the command line, the recovery DTBO (1), the DTB (2). Versions 3 and 4 have pages of 4096 bytes,
 * the kernel, the ramdisk, 1536 bytes of command line, the size of a signature. Parts begin on pages. The id is the
 * SHA-1 of each part and its size.
 */
#include "codec/sum.h"
#include "format/boot/boot_in.h"

enum { PARTS = 6, PAGE_V3 = 4096 };

struct part {
	const char *name;
	uint64_t size;
};

struct image {
	bool vendor; /* vendor_boot */
	uint32_t version, page, release;
	uint64_t header; /* bytes */
	gh_bytes product, line, more_line, id;
	struct part parts[PARTS];
	size_t n;
};

static void add(struct image *i, const char *name, uint64_t size)
{
	i->parts[i->n++] = (struct part){ .name = name, .size = size };
}

static void read_old(gh_cur *c, struct image *i)
{
	uint32_t kernel = gh_u32le(c);
	gh_skip(c, 4);
	uint32_t ramdisk = gh_u32le(c);
	gh_skip(c, 4);
	uint32_t second = gh_u32le(c);
	gh_skip(c, 8);
	i->page = gh_u32le(c);
	i->version = gh_u32le(c);
	i->release = gh_u32le(c);
	i->product = gh_take(c, 16);
	i->line = gh_text(c, 512);
	i->id = gh_take(c, 32);
	i->more_line = gh_text(c, 1024);
	add(i, "kernel", kernel);
	add(i, "ramdisk", ramdisk);
	add(i, "second", second);
	i->header = 1632;
	if (i->version > 2) { /* before there were versions, the size of a device tree stood here */
		add(i, "dt", i->version);
		i->version = 0;
		return;
	}
	if (i->version >= 1) {
		add(i, "recovery-dtbo", gh_u32le(c));
		gh_skip(c, 8);
		i->header = gh_u32le(c);
	}
	if (i->version == 2)
		add(i, "dtb", gh_u32le(c));
}

static void read_new(gh_cur *c, struct image *i)
{
	uint32_t kernel = gh_u32le(c), ramdisk = gh_u32le(c);
	i->release = gh_u32le(c);
	i->header = gh_u32le(c);
	gh_skip(c, 16);
	i->version = gh_u32le(c);
	i->page = PAGE_V3;
	i->line = gh_text(c, 1536);
	add(i, "kernel", kernel);
	add(i, "ramdisk", ramdisk);
	if (i->version == 4)
		add(i, "signature", gh_u32le(c));
}

static void read_vendor(gh_cur *c, struct image *i)
{
	i->version = gh_u32le(c);
	i->page = gh_u32le(c);
	gh_skip(c, 8);
	uint32_t ramdisk = gh_u32le(c);
	i->line = gh_text(c, 2048);
	gh_skip(c, 4);
	i->product = gh_take(c, 16);
	i->header = gh_u32le(c);
	add(i, "ramdisk", ramdisk);
	add(i, "dtb", gh_u32le(c));
	gh_skip(c, 8);
	if (i->version == 4) {
		add(i, "ramdisk-table", gh_u32le(c));
		gh_skip(c, 8);
		add(i, "bootconfig", gh_u32le(c));
	}
}

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct image *i)
{
	gh_cur h = c, v = gh_at(c, 40);
	uint32_t version = gh_u32le(&v);
	gh_bytes magic = gh_take(&h, 8);
	*i = (struct image){ .vendor = magic.ptr && gh_bytes_eq(magic, GH_LIT("VNDRBOOT")) };
	if (!magic.ptr || (!i->vendor && !gh_bytes_eq(magic, GH_LIT("ANDROID!"))))
		return GH_NOT_MINE;
	if (i->vendor)
		read_vendor(&h, i);
	else if (version == 3 || version == 4)
		read_new(&h, i);
	else
		read_old(&h, i);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the header of the boot image is cut short");
	bool sensible = i->page >= 512 && i->page <= 65536 && (i->page & (i->page - 1)) == 0 && i->header <= 65536 &&
			(!i->vendor || i->version == 3 || i->version == 4) &&
			(i->parts[0].size > 0 || i->parts[1].size > 0);
	if (!sensible)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 8, "the numbers of the boot image make no sense");
	return GH_OK;
}

static uint64_t pages(const struct image *i, uint64_t size)
{
	return (size + i->page - 1) / i->page * i->page;
}

/* Where the last part ends; what pads it to a page belongs to the image as far as it is there. */
static uint64_t end_of(const struct image *i)
{
	uint64_t at = pages(i, i->header);
	for (size_t k = 0; k < i->n; k++)
		at += pages(i, i->parts[k].size);
	return at;
}

static void digest(const struct image *i, gh_bytes all, uint8_t ret[20])
{
	gh_bytes runs[2 * PARTS];
	uint8_t sizes[PARTS][4];
	uint64_t at = pages(i, i->header);
	size_t n = 0;
	for (size_t k = 0; k < i->n; k++) {
		uint64_t size = i->parts[k].size;
		for (unsigned b = 0; b < 4; b++)
			sizes[k][b] = (uint8_t)(size >> (8 * b));
		runs[n++] = gh_bytes_part(all, at, size);
		runs[n++] = gh_view(sizes[k], 4);
		at += pages(i, size);
	}
	gh_sha1(runs, n, ret);
}

static gh_sum_state id_state(gh_ctx *ctx, const struct image *i, gh_bytes all, uint8_t computed[20], gh_code *code)
{
	static const uint8_t none[32];
	*code = GH_OK;
	if (i->id.len == 0 || memcmp(i->id.ptr, none, sizeof none) == 0)
		return GH_SUM_ABSENT;
	*code = gh_effort(ctx, all.len);
	digest(i, all, computed);
	return memcmp(i->id.ptr, computed, 20) == 0 ? GH_SUM_RIGHT : GH_SUM_WRONG;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct image i;
	uint8_t computed[20];
	gh_code code = read_image(ctx, c, &i);
	if (code != GH_OK)
		return code;
	uint64_t size = GH_MIN(end_of(&i), (uint64_t)c.left);
	gh_sum_state state = id_state(ctx, &i, gh_bytes_part(gh_rest(&c), 0, size), computed, &code);
	*ret = (gh_span){ .size = size, .proof = state == GH_SUM_RIGHT ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return code;
}

static gh_code facts(gh_ctx *ctx, const struct image *i, gh_node *out)
{
	uint32_t os = i->release >> 11, level = i->release & 0x7ff;
	gh_code code = gh_node_factf(ctx, out, "header-version", "%u", i->version);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "product", i->product);
	if (code == GH_OK && os != 0)
		code = gh_node_factf(ctx, out, "version", "Android %u.%u.%u", os >> 14, os >> 7 & 0x7f, os & 0x7f);
	if (code == GH_OK && level != 0)
		code = gh_node_factf(ctx, out, "patch-level", "%u-%02u", 2000 + (level >> 4), level & 15);
	if (code == GH_OK && i->line.len > 0)
		code = gh_node_factf(ctx, out, "command-line", "%.*s%.*s", (int)i->line.len, (const char *)i->line.ptr,
				     (int)i->more_line.len, i->more_line.ptr ? (const char *)i->more_line.ptr : "");
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct image i;
	uint8_t computed[20] = { 0 };
	gh_code code = read_image(ctx, c, &i), spent = GH_OK;
	if (code != GH_OK)
		return code;
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	code = facts(ctx, &i, out);
	gh_sum sum = {
		.what = "image id", .algorithm = "sha1", .at = c.pos + 576, .remark = "over each part and its size"
	};
	sum.state = id_state(ctx, &i, all, computed, &spent);
	if (sum.state != GH_SUM_ABSENT) {
		sum.stored = gh_bytes_part(i.id, 0, 20);
		sum.computed = gh_view(computed, 20);
	}
	if (code == GH_OK && i.id.len > 0 && spent == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, i.header));
	uint64_t at = pages(&i, i.header);
	for (size_t k = 0; k < i.n && code == GH_OK; k++) {
		const struct part *p = &i.parts[k];
		gh_bytes content = gh_bytes_part(all, at, p->size);
		if (content.len < p->size)
			code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + all.len, "%s of %llu bytes is cut short",
					    p->name, (unsigned long long)p->size);
		if (code == GH_OK && content.len > 0)
			code = gh_node_part(ctx, out, GH_NODE_PART, p->name, c.pos + at, content);
		at += pages(&i, p->size);
	}
	return code;
}

const gh_format gh_format_android_boot = {
	.name = "android-boot",
	.title = "Android boot image, versions 0 to 4, and vendor boot image",
	.spec = "source.android.com: Boot image header; system/tools/mkbootimg: bootimg.h",
	.limits = "signatures behind the image are not read",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "ANDROID!", 8, 0 }, { "VNDRBOOT", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
