/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DrayTek's image for Vigor routers without Linux, ".all" and ".rst" (infobyte/draytek-arsenal, draytools).
 * Big-endian.
 *
 *	0      4         8                100                     size-4
 *	+------+---------+------------- … +---------------- … ----+-----+------+--------+-------------- … -+-----+
 *	| size | version |                | boot loader, system   | sum | size | packed | web pages, LZO   | sum |
 *	+------+---------+------------- … +---------------- … ----+-----+------+--------+-------------- … -+-----+
 *
 * The system is one LZO block behind a5 a5 a5 5a a5 5a (or 5a 5a …) and its length. A sum is the words before it added
 *up, every bit turned. Sizes are rounded up to words.
 */
#include "codec/codec.h"
#include "format/room_in.h"

enum { HEAD = 0x100, SIZE_LEAST = 0x1000, SIZE_MOST = 64 << 20, MARK = 6, WEB_HEAD = 8 };

struct draytek {
	gh_bytes all, system, web; /* sections with their sums */
	uint32_t version;
};

static uint32_t sum_of(gh_bytes section)
{
	uint32_t n = 0;
	gh_cur c = gh_cur_over(gh_bytes_part(section, 0, section.len - 4), 0);
	while (c.left >= 4)
		n += gh_u32be(&c);
	return ~n;
}

static uint32_t stored_sum(gh_bytes section)
{
	gh_cur c = gh_at(gh_cur_over(section, 0), section.len - 4);
	return gh_u32be(&c);
}

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct draytek *ret)
{
	struct draytek d = { .all = gh_rest(&c) };
	gh_cur h = c;
	uint64_t size = ((uint64_t)gh_u32be(&h) + 3) & ~3ULL;
	d.version = gh_u32be(&h);
	if (!gh_cur_ok(&h) || size < SIZE_LEAST || size > SIZE_MOST || size > c.left)
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, size);
	if (code != GH_OK)
		return code;
	d.system = gh_bytes_part(d.all, 0, size);
	gh_bytes behind = gh_bytes_part(d.all, size, d.all.len);
	gh_cur w = gh_cur_over(behind, 0);
	uint64_t web = ((uint64_t)gh_u32be(&w) + 3) & ~3ULL;
	if (gh_cur_ok(&w) && web > WEB_HEAD + 4 && web <= behind.len)
		d.web = gh_bytes_part(behind, 0, web);
	*ret = d;
	return GH_OK;
}

static bool holds(gh_bytes section)
{
	/* a row of zeros would do */
	return section.len > 4 && stored_sum(section) != UINT32_MAX && sum_of(section) == stored_sum(section);
}

/* Where the packed system begins. */
static bool find_mark(gh_bytes system, uint64_t *at)
{
	for (uint64_t i = HEAD; i + MARK + 4 < system.len; i += 2) {
		const uint8_t *p = system.ptr + i;
		if (p[2] == 0xa5 && p[3] == 0x5a && p[4] == 0xa5 && p[5] == 0x5a && p[0] == p[1] &&
		    (p[0] == 0xa5 || p[0] == 0x5a)) {
			*at = i;
			return true;
		}
	}
	return false;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct draytek d;
	uint64_t mark;
	gh_code code = read_image(ctx, c, &d);
	if (code != GH_OK)
		return code;
	bool system = holds(d.system), web = holds(d.web), marked = find_mark(d.system, &mark);
	if (!marked && !(system && web))
		return GH_NOT_MINE;
	if (!system && !web)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither sum of a DrayTek image holds");
	*ret = (gh_span){ .size = d.system.len + d.web.len,
			  .proof = system && (web || d.web.len == 0) ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* A run of LZO; where it breaks off, what came out before. */
static gh_code add_lzo(gh_ctx *ctx, gh_node *out, const char *name, uint64_t at, gh_bytes packed)
{
	gh_buf plain = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_cur in = gh_cur_over(packed, at);
	gh_code code = packed.len > 0 ? gh_lzo1x(ctx, &in, &plain) : GH_OK;
	if (code != GH_OK && !gh_is_about_input(code))
		return code;
	if (plain.len <= packed.len)
		return packed.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, name, at, packed) : GH_OK;
	if (code != GH_OK && gh_node_trouble(ctx, out))
		return GH_NOMEM;
	return gh_node_part_decoded(ctx, out, name, "LZO1X, one block", at, packed, gh_buf_view(&plain));
}

static gh_code add_system(gh_ctx *ctx, uint64_t start, gh_bytes s, gh_node *out)
{
	uint64_t at, end = s.len - 4;
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", start, gh_bytes_part(s, 0, HEAD));
	if (code != GH_OK)
		return code;
	if (!find_mark(s, &at)) {
		code = gh_node_part(ctx, out, GH_NODE_PART, "system", start + HEAD, gh_bytes_part(s, HEAD, end - HEAD));
	} else {
		gh_cur h = gh_at(gh_cur_over(s, 0), at + MARK);
		uint32_t size = gh_u32be(&h);
		uint64_t from = at + MARK + 4;
		uint64_t len = GH_MIN((uint64_t)size, end > from ? end - from : 0);
		code = gh_node_part(ctx, out, GH_NODE_PART, "boot loader", start + HEAD,
				    gh_bytes_part(s, HEAD, at - HEAD));
		if (code == GH_OK)
			code = gh_node_part(ctx, out, GH_NODE_HEADER, "mark", start + at,
					    gh_bytes_part(s, at, MARK + 4));
		if (code == GH_OK)
			code = add_lzo(ctx, out, "system", start + from, gh_bytes_part(s, from, len));
	}
	return code != GH_OK ? code
			     : gh_node_part(ctx, out, GH_NODE_HEADER, "sum", start + end, gh_bytes_part(s, end, 4));
}

static gh_code add_web(gh_ctx *ctx, uint64_t start, gh_bytes s, gh_node *out)
{
	gh_cur h = gh_at(gh_cur_over(s, 0), 4);
	uint64_t stated = gh_u32be(&h), len = GH_MIN(stated, (uint64_t)s.len - WEB_HEAD - 4);
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "web header", start, gh_bytes_part(s, 0, WEB_HEAD));
	if (code == GH_OK)
		code = add_lzo(ctx, out, "web pages", start + WEB_HEAD, gh_bytes_part(s, WEB_HEAD, len));
	return code != GH_OK ? code
			     : gh_node_part(ctx, out, GH_NODE_HEADER, "web sum", start + s.len - 4,
					    gh_bytes_part(s, s.len - 4, 4));
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct draytek d;
	(void)span;
	gh_code code = read_image(ctx, c, &d);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("DrayTek")) ||
	    gh_node_factf(ctx, out, "board", "%u", d.version >> 24 & 15) ||
	    gh_node_factf(ctx, out, "boot-loader-version", "%u", d.version >> 28))
		return GH_NOMEM;
	gh_sum s = { .what = "system sum", .algorithm = "32-bit words, inverted", .at = c.pos + d.system.len - 4 };
	code = gh_sum_u32(ctx, out, s, stored_sum(d.system), sum_of(d.system), true);
	s.what = "web sum";
	s.at += d.web.len;
	if (code == GH_OK && d.web.len > 0)
		code = gh_sum_u32(ctx, out, s, stored_sum(d.web), sum_of(d.web), true);
	if (code == GH_OK && d.web.len == 0)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + d.system.len, "no web pages follow the system");
	if (code == GH_OK)
		code = add_system(ctx, c.pos, d.system, out);
	if (code == GH_OK && d.web.len > 0)
		code = add_web(ctx, c.pos + d.system.len, d.web, out);
	return code;
}

const gh_format gh_format_draytek = {
	.name = "draytek",
	.title = "DrayTek Vigor image without Linux",
	.spec = "infobyte/draytek-arsenal: draytek_fw.ksy; draytools",
	.limits = "the image must begin the file; newer, enciphered ones",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
