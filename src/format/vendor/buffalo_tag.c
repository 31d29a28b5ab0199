/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffalo's tag before an image (firmware-utils, buffalo-tag.c). Big-endian.
 *
 *	0         20        40      48      50       52     56  58        60        68     6c        70    88
 *	+---------+---------+-------+-------+--------+------+---+---------+---------+------+---------+-----+--------+
 *	| product | brand   | major | minor | region | mask | ? | language| platform| "hwv"| version | ?   | length |
 *	| [32]    | "BUFFALO"| [8]  | [8]   |        |      |   | [8]     | [8]     |      |         |     | of all |
 *	+---------+---------+-------+-------+--------+------+---+---------+---------+------+---------+-----+--------+
 *
 *	8c          one image         two images                  DHP series
 *	checksum    90: 2 bases       90: length of the first     90: length
 *	            98: its length    94: length of the second    94: base
 *	            a0: the image     9c: the images              98: the image
 *
 * The checksum is what POSIX's cksum prints, its own field zero; some images have none. In the DHP series the length
 * of all is the image's and 200, whatever stands between.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { SUM_AT = 0x8c, HEAD_LEAST = 0x98, DHP_MORE = 200, LENGTH_MOST = 256 << 20 };

struct tag {
	gh_bytes all;
	uint32_t total, sum, first, second, third;
	uint64_t head, one, two; /* lengths of header and images */
	uint64_t size;
};

static gh_code read_tag(gh_ctx *ctx, gh_cur c, struct tag *ret)
{
	struct tag t = { .all = gh_rest(&c) };
	gh_cur f = gh_at(c, 0x88);
	t.total = gh_u32be(&f);
	t.sum = gh_u32be(&f);
	t.first = gh_u32be(&f);
	t.second = gh_u32be(&f);
	if (!gh_cur_ok(&f) || !gh_bytes_start(gh_bytes_part(t.all, 0x20, 32), GH_LIT("BUFFALO\0")) ||
	    !gh_field_is_text(gh_bytes_part(t.all, 0, 32), 2) || !gh_field_is_text(gh_bytes_part(t.all, 0x40, 8), 1))
		return GH_NOT_MINE;
	if (t.total <= HEAD_LEAST || t.total > LENGTH_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 0x88, "the length in a Buffalo tag makes no sense");
	t.third = gh_u32be(&f);
	if (gh_cur_ok(&f) && (uint64_t)t.third + 0xa0 == t.total) {
		t.head = 0xa0;
		t.one = t.third;
	} else if ((uint64_t)t.first + t.second + 0x9c == t.total) {
		t.head = 0x9c;
		t.one = t.first;
		t.two = t.second;
	} else if ((uint64_t)t.first + DHP_MORE == t.total) {
		t.head = HEAD_LEAST;
		t.one = t.first;
	} else {
		return gh_fail(ctx, GH_CORRUPT, c.pos + 0x88, "the lengths in a Buffalo tag do not add up");
	}
	t.size = t.head + t.one + t.two;
	if (t.head > t.all.len)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "a Buffalo tag is cut short");
	*ret = t;
	return GH_OK;
}

static uint32_t sum_of(const struct tag *t)
{
	const gh_bytes runs[] = { gh_bytes_part(t->all, 0, SUM_AT), GH_LIT("\0\0\0\0"),
				  gh_bytes_part(t->all, SUM_AT + 4, t->size - SUM_AT - 4) };
	return gh_cksum(runs, GH_COUNT(runs));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct tag t;
	gh_code code = read_tag(ctx, c, &t);
	if (code != GH_OK)
		return code;
	code = gh_effort(ctx, 4 * GH_MIN(t.size, (uint64_t)t.all.len));
	if (code != GH_OK)
		return code;
	bool right = t.sum != 0 && t.size <= t.all.len && sum_of(&t) == t.sum;
	*ret = (gh_span){ .size = GH_MIN(t.size, (uint64_t)t.all.len), .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_facts(gh_ctx *ctx, const struct tag *t, gh_node *out)
{
	static const struct {
		const char *key;
		uint32_t at, width;
	} fields[] = { { "product", 0, 32 },           { "version", 0x40, 8 },  { "minor-version", 0x48, 8 },
		       { "region", 0x50, 2 },          { "language", 0x58, 8 }, { "platform", 0x60, 8 },
		       { "hardware-version", 0x6c, 4 } };
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Buffalo")))
		return GH_NOMEM;
	for (size_t i = 0; i < GH_COUNT(fields); i++)
		if (gh_fact_field(ctx, out, fields[i].key, gh_bytes_part(t->all, fields[i].at, fields[i].width)))
			return GH_NOMEM;
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct tag t;
	gh_code code = read_tag(ctx, c, &t);
	(void)span;
	if (code != GH_OK)
		return code;
	gh_sum sum = { .what = "image checksum", .algorithm = "cksum (posix)", .at = c.pos + SUM_AT };
	bool cut = t.size > t.all.len;
	sum.remark = cut ? "the image is cut short" : "over everything, this field zero";
	if (t.sum == 0) {
		sum.state = GH_SUM_ABSENT;
		sum.remark = "the field is zero";
	}
	code = add_facts(ctx, &t, out);
	if (code == GH_OK)
		code = t.sum == 0 ? gh_node_sum(ctx, out, &sum) : gh_sum_u32(ctx, out, sum, t.sum, sum_of(&t), true);
	if (code == GH_OK && cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + t.all.len,
				    "the tag names %llu bytes, %zu are there", (unsigned long long)t.size, t.all.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "tag", c.pos, gh_bytes_part(t.all, 0, t.head));
	gh_bytes one = gh_bytes_part(t.all, t.head, t.one), two = gh_bytes_part(t.all, t.head + t.one, t.two);
	if (code == GH_OK && one.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, t.two ? "image-1" : "image", c.pos + t.head, one);
	return code == GH_OK && two.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_PART, "image-2", c.pos + t.head + t.one, two)
		       : code;
}

const gh_format gh_format_buffalo_tag = {
	.name = "buffalo-tag",
	.title = "Buffalo image with a tag",
	.spec = "openwrt/firmware-utils: buffalo-tag.c",
	.limits = "other brands than BUFFALO",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "BUFFALO\\x00\\x00", 9, 0x20 } },
	.measure = measure,
	.unpack = unpack,
};
