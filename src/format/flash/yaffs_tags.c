/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags, and the shape of pages. Nothing in the image says how large pages and spare bytes are and where among these
 * the tags stand, since that is the driver's business. The first page holds a header: its tags must say so; and the
 * pages behind it must make sense in the same shape.
 */
#include "format/flash/yaffs_in.h"

#define SEQ_LEAST 0x1000U
#define SEQ_MOST 0xefffff00U
#define SEQ_CHECKPOINT 0x21U
#define EXTRA (1U << 31)

enum {
	TAGS = 16,
	TAGS_FROM_MOST = 256, /* how far into the spare bytes tags are sought */
	LOOKED_AT = 24,       /* pages by which a shape is judged */
	SPARE_MOST = 2048,
	TRIES_MOST = 4096, /* shapes that one header is tried with */
};

bool gh_yaffs_header_like(gh_bytes page, bool big)
{
	static const uint8_t modes[6] = { 0, 8, 10, 4, 0, 0 };
	gh_cur c = gh_cur_over(page, 0);
	uint32_t type = gh_u32(&c, big), parent = gh_u32(&c, big);
	gh_bytes sum = gh_take(&c, 2);
	gh_bytes name = gh_take(&c, 256);
	gh_skip(&c, 2);
	uint32_t mode = gh_u32(&c, big);
	if (!gh_cur_ok(&c) || !name.ptr || !sum.ptr || page.len < GH_YAFFS_HEADER || type < 1 || type > 5 ||
	    parent == 0 || parent >= GH_YAFFS_OBJECTS || sum.ptr[0] != 0xff || sum.ptr[1] != 0xff)
		return false;
	const uint8_t *end = memchr(name.ptr, 0, name.len);
	if (!end || (end == name.ptr && type != 3) || mode > 0xffff)
		return type == 4 && end && end != name.ptr; /* a hard link has no mode of its own */
	return type >= 4 || mode >> 12 == modes[type];
}

static bool all_ff(gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.ptr[i] != 0xff)
			return false;
	return true;
}

static gh_yaffs_state tags2(gh_bytes raw, bool big, gh_yaffs_tags *ret)
{
	gh_cur c = gh_cur_over(raw, 0);
	*ret = (gh_yaffs_tags){ gh_u32(&c, big), gh_u32(&c, big), gh_u32(&c, big), gh_u32(&c, big), false };
	if (ret->page & EXTRA) {
		ret->page = 0;
		ret->object &= 0x0fffffff;
	}
	if (!gh_cur_ok(&c))
		return GH_YAFFS_FOREIGN;
	if (ret->seq == SEQ_CHECKPOINT)
		return GH_YAFFS_CHECKPOINT;
	if (ret->seq < SEQ_LEAST || ret->seq > SEQ_MOST || ret->object == 0 || ret->object >= GH_YAFFS_OBJECTS)
		return GH_YAFFS_FOREIGN;
	return GH_YAFFS_GOOD;
}

/* Where the eight bytes stand: as YAFFS1 laid them out, as drivers with free bytes in a row do, at the start. */
static const uint8_t layouts[][8] = {
	{ 0, 1, 2, 3, 6, 7, 11, 12 },
	{ 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 0, 1, 2, 3, 4, 5, 6, 7 },
};

/* The code is the exclusive or of the numbers of all bits that are set. */
static bool tags1_right(const uint8_t raw[8], bool big, uint32_t stored)
{
	uint8_t b[8];
	unsigned code = 0, bit = 0;
	memcpy(b, raw, sizeof b);
	if (big) {
		b[6] &= 0xc0;
		b[7] &= 0x03;
	} else {
		b[6] &= 0x03;
		b[7] &= 0xc0;
	}
	for (unsigned i = 0; i < 8; i++)
		for (unsigned k = 0; k < 8; k++) {
			bit++;
			code ^= b[i] >> k & 1 ? bit : 0;
		}
	return code == stored;
}

static gh_yaffs_state tags1(gh_bytes spare, const gh_yaffs_shape *s, gh_yaffs_tags *ret)
{
	uint8_t raw[8];
	for (unsigned i = 0; i < 8; i++)
		raw[i] = spare.ptr[layouts[s->layout][i]];
	gh_cur c = gh_cur_over(gh_view(raw, sizeof raw), 0);
	uint32_t a = gh_u32(&c, s->big_tags), b = gh_u32(&c, s->big_tags), code;
	*ret = (gh_yaffs_tags){ .seq = SEQ_LEAST };
	if (s->big_tags) {
		ret->page = a >> 12;
		ret->object = b >> 14;
		ret->bytes = a & 0x3ff;
		code = b >> 2 & 0xfff;
	} else {
		ret->page = a & 0xfffff;
		ret->object = b & 0x3ffff;
		ret->bytes = a >> 22;
		code = b >> 18 & 0xfff;
	}
	/* A page is given up by clearing bits of a byte beside the tags. */
	ret->gone = s->layout == 0 && __builtin_popcount(spare.ptr[4]) < 7;
	return ret->object != 0 && tags1_right(raw, s->big_tags, code) ? GH_YAFFS_GOOD : GH_YAFFS_FOREIGN;
}

gh_yaffs_state gh_yaffs_tags_at(gh_bytes bytes, uint64_t at, const gh_yaffs_shape *s, gh_yaffs_tags *ret)
{
	gh_bytes page = gh_bytes_part(bytes, at, s->page), spare = gh_bytes_part(bytes, at + s->page, s->spare);
	gh_bytes tags = s->spare ? gh_bytes_part(spare, s->tags_at, TAGS) : gh_bytes_part(page, s->tags_at, TAGS);
	if (page.len < s->page || spare.len < s->spare)
		return GH_YAFFS_FOREIGN;
	if (all_ff(s->version == 1 ? spare : tags))
		return all_ff(gh_bytes_part(page, 0, 64)) ? GH_YAFFS_ERASED : GH_YAFFS_FOREIGN;
	gh_yaffs_state state = s->version == 1 ? tags1(spare, s, ret) : tags2(tags, s->big_tags, ret);
	if (state != GH_YAFFS_GOOD)
		return state;
	if (ret->page == 0 ? !gh_yaffs_header_like(page, s->big) : ret->bytes > s->data)
		return GH_YAFFS_FOREIGN;
	return GH_YAFFS_GOOD;
}

/* Does the page belong to something that was met before? A header to its directory, a piece to its file. */
static bool belongs(gh_bytes bytes, uint64_t at, const gh_yaffs_shape *s, const gh_yaffs_tags *tags,
		    const uint32_t *met, unsigned n)
{
	gh_cur c = gh_cur_over(gh_bytes_part(bytes, at + 4, 4), 0);
	uint32_t up = tags->page == 0 ? gh_u32(&c, s->big) : tags->object;
	for (unsigned i = 0; i < n; i++)
		if (met[i] == up)
			return true;
	return up == GH_YAFFS_ROOT;
}

enum { WORTH_GOOD = 10000, WORTH_BELONGS = 100, ERASED_ENOUGH = 8 };

/* Pages that make sense from the first on: those with something in them, then how these fit together, then
 * empty ones. */
static unsigned judge(gh_bytes bytes, const gh_yaffs_shape *s)
{
	unsigned worth = 0, headers = 0;
	uint32_t met[LOOKED_AT];
	for (unsigned i = 0; i < LOOKED_AT; i++) {
		gh_yaffs_tags tags = { 0 };
		uint64_t at = i * ((uint64_t)s->page + s->spare);
		gh_yaffs_state state = gh_yaffs_tags_at(bytes, at, s, &tags);
		if (state == GH_YAFFS_FOREIGN || (i == 0 && (state != GH_YAFFS_GOOD || tags.page != 0)))
			break;
		worth += state == GH_YAFFS_ERASED ? 1 : WORTH_GOOD;
		if (state != GH_YAFFS_GOOD)
			continue;
		worth += belongs(bytes, at, s, &tags, met, headers) ? WORTH_BELONGS : 0;
		if (tags.page == 0)
			met[headers++] = tags.object;
	}
	return worth;
}

struct best {
	gh_yaffs_shape shape;
	unsigned worth, tries;
};

static void try_shape(gh_bytes bytes, gh_yaffs_shape s, struct best *best)
{
	if (best->tries++ >= TRIES_MOST)
		return;
	unsigned worth = judge(bytes, &s);
	if (worth > best->worth)
		*best = (struct best){ s, worth, best->tries };
}

/* Sizes that chips have come first, so that they win where several fit. */
static void try_usual(gh_bytes bytes, gh_yaffs_shape s, struct best *best)
{
	static const uint16_t usual[] = {
		64, 16, 128, 112, 218, 224, 232, 256, 376, 436, 448, 512, 640, 744, 1024, 1280
	};
	s.spare = s.page / 32;
	if (s.spare >= s.tags_at + TAGS)
		try_shape(bytes, s, best);
	for (size_t i = 0; i < GH_COUNT(usual); i++) {
		s.spare = usual[i];
		if (s.spare >= s.tags_at + TAGS && s.spare <= s.page / 2)
			try_shape(bytes, s, best);
	}
}

static void try_any(gh_bytes bytes, gh_yaffs_shape s, struct best *best)
{
	uint32_t most = GH_MIN(s.page / 4, (uint32_t)SPARE_MOST);
	for (s.spare = (s.tags_at + TAGS + 1) & ~1U; s.spare <= most; s.spare += 2)
		try_shape(bytes, s, best);
}

static bool first_tags_fit(gh_bytes bytes, const gh_yaffs_shape *s, uint64_t at)
{
	gh_yaffs_tags tags;
	return tags2(gh_bytes_part(bytes, at, TAGS), s->big_tags, &tags) == GH_YAFFS_GOOD && tags.page == 0;
}

static void try_yaffs2(gh_bytes bytes, bool big, bool odd, struct best *best)
{
	for (uint32_t page = 512; page <= 16384; page *= 2)
		for (unsigned other = 0; other < 2; other++) {
			gh_yaffs_shape s = {
				.version = 2, .page = page, .data = page, .big = big, .big_tags = big ^ (other != 0)
			};
			for (s.tags_at = 0; s.tags_at < TAGS_FROM_MOST; s.tags_at++)
				if (first_tags_fit(bytes, &s, page + (uint64_t)s.tags_at))
					(odd ? try_any : try_usual)(bytes, s, best);
			s.tags_at = s.data = page - TAGS;
			s.spare = 0;
			if (!odd && page > GH_YAFFS_HEADER && first_tags_fit(bytes, &s, s.tags_at))
				try_shape(bytes, s, best);
		}
}

static void try_yaffs1(gh_bytes bytes, bool big, struct best *best)
{
	for (unsigned layout = 0; layout < GH_COUNT(layouts); layout++)
		for (unsigned other = 0; other < 2; other++)
			try_shape(bytes,
				  (gh_yaffs_shape){ .version = 1,
						    .page = 512,
						    .spare = 16,
						    .data = 512,
						    .layout = (uint8_t)layout,
						    .big = big,
						    .big_tags = big ^ (other != 0) },
				  best);
}

gh_code gh_yaffs_find_shape(gh_ctx *ctx, gh_cur c, gh_yaffs_shape *ret)
{
	enum { COST = 64 << 10, TRY_COST = 2 << 10 };
	gh_bytes bytes = gh_rest(&c);
	bool big = bytes.len > 0 && bytes.ptr[0] == 0;
	struct best best = { .worth = 0 };
	if (!gh_yaffs_header_like(gh_bytes_part(bytes, 0, GH_YAFFS_HEADER), big))
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no header of a YAFFS object");
	gh_code code = gh_effort(ctx, COST);
	if (code != GH_OK)
		return code;
	try_yaffs1(bytes, big, &best);
	try_yaffs2(bytes, big, false, &best);
	/* Only where none of them goes beyond the first page. */
	if (best.worth < 2 * WORTH_GOOD)
		try_yaffs2(bytes, big, true, &best);
	code = gh_effort(ctx, best.tries * (uint64_t)TRY_COST);
	if (code != GH_OK)
		return code;
	/* One page alone may be chance, unless erased ones stand behind it. */
	if (best.worth < WORTH_GOOD + WORTH_BELONGS + ERASED_ENOUGH)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "a YAFFS header without tags in any place that is known");
	*ret = best.shape;
	return GH_OK;
}
