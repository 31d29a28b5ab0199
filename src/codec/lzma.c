/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The coats of LZMA1: the ".lzma" header, and none at all.
 *
 *	0  properties (pb * 5 + lp) * 9 + lc    1  dictionary size LE    5  size LE, ff…: unknown
 */
#include "codec/codec.h"
#include "codec/codec_in.h"
#include "codec/lzma1_in.h"

enum { PROPERTIES = 9 * 5 * 5, DICT_LEAST = 4096 };

/* On trouble *in is where the stream began. */
static gh_code decode(gh_ctx *ctx, gh_cur *in, gh_buf *out, const gh_lzma1_ask *ask, gh_lzma1_met *met)
{
	gh_cur c = *in;
	gh_code code = ask->size == UINT64_MAX ? GH_OK : gh_sink_reserve(ctx, out, ask->size, in->left);
	if (code == GH_OK)
		code = gh_lzma1(ctx, &c, out, ask, met);
	if (code == GH_OK)
		*in = c;
	return code;
}

gh_code gh_lzma_alone(gh_ctx *ctx, gh_cur *in, gh_buf *out, gh_lzma_info *info)
{
	gh_cur c = *in;
	gh_lzma1_met met;
	size_t before = out->len;
	unsigned props = gh_u8(&c);
	gh_lzma_info head = { .dict_size = gh_u32le(&c), .size = gh_u64le(&c) };
	if (!gh_cur_ok(&c) || props >= PROPERTIES || (c.left > 0 && c.ptr[0] != 0))
		return GH_NOT_MINE;
	head.lc = (uint8_t)(props % 9);
	head.lp = (uint8_t)(props / 9 % 5);
	head.pb = (uint8_t)(props / 45);
	gh_code code = decode(ctx, &c, out, &(gh_lzma1_ask){ head.lc, head.lp, head.pb, head.size }, &met);
	if (code != GH_OK)
		return code;
	uint64_t made = out->len - before;
	if (head.size != UINT64_MAX && made < head.size)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "LZMA data ends after %llu of %llu bytes",
			       (unsigned long long)made, (unsigned long long)head.size);
	if (!met.clean && met.starved)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "LZMA data is cut short behind its %llu bytes",
			       (unsigned long long)made);
	if (!met.clean)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "LZMA data does not end after its %llu bytes",
			       (unsigned long long)made);
	head.end_marker = met.end_marker;
	head.beyond_dict = met.farthest >= GH_MAX(head.dict_size, (uint32_t)DICT_LEAST);
	*in = c;
	if (info)
		*info = head;
	return GH_OK;
}

gh_code gh_lzma_raw(gh_ctx *ctx, gh_cur *in, gh_buf *out, unsigned lc, unsigned lp, unsigned pb, uint32_t dict_size,
		    uint64_t size)
{
	(void)dict_size; /* see codec.h */
	gh_lzma1_met met;
	if (lc > 8 || lp > 4 || pb > 4)
		return gh_fail(ctx, GH_NOT_MINE, in->pos, "there is no LZMA with lc %u, lp %u, pb %u", lc, lp, pb);
	return decode(ctx, in, out, &(gh_lzma1_ask){ lc, lp, pb, size }, &met);
}
