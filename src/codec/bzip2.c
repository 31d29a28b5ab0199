/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2, by libbz2: one stream; its block and stream CRCs are verified there. */
#include "codec/codec.h"
#include "codec/codec_in.h"

#include <bzlib.h>

static void bz_done(bz_stream *z)
{
	(void)BZ2_bzDecompressEnd(z);
}

/* "BZh", '1' to '9', then the mark of a block (pi) or of the end (its root), which nothing else has. */
static bool is_bzip2(gh_cur c)
{
	if (!gh_eat(&c, GH_LIT("BZh")))
		return false;
	unsigned level = gh_u8(&c);
	return level >= '1' && level <= '9' &&
	       (c.left < 6 || gh_eat(&c, GH_LIT("\x31\x41\x59\x26\x53\x59")) ||
		gh_eat(&c, GH_LIT("\x17\x72\x45\x38\x50\x90")));
}

gh_code gh_bzip2(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur c = *in;
	gh_sink sink = { .out = out };
	if (!is_bzip2(c))
		return GH_NOT_MINE;
	__attribute__((cleanup(bz_done))) bz_stream z = { .bzalloc = NULL };
	if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
		return gh_nomem(ctx);
	for (;;) {
		gh_code code = gh_sink_open(ctx, &sink);
		if (code != GH_OK)
			return code;
		unsigned room = (unsigned)GH_MIN(sink.len, (size_t)UINT32_MAX);
		gh_bytes food = gh_bytes_part(gh_rest(&c), 0, UINT32_MAX);
		z.next_out = (char *)sink.ptr;
		z.avail_out = room;
		union {
			const uint8_t *read;
			char *lent;
		} next = { .read = food.ptr }; /* libbz2 only reads it */
		z.next_in = next.lent;
		z.avail_in = (unsigned)food.len;
		int rc = BZ2_bzDecompress(&z);
		gh_skip(&c, food.len - z.avail_in);
		code = gh_sink_wrote(ctx, &sink, room - z.avail_out);
		if (code != GH_OK)
			return code;
		if (rc == BZ_STREAM_END)
			break;
		if (rc == BZ_MEM_ERROR)
			return gh_nomem(ctx);
		if (rc != BZ_OK)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "bzip2 data is damaged, or a CRC in it is wrong");
		if (c.left == 0 && z.avail_out > 0)
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "bzip2 data is cut short");
	}
	*in = c;
	return GH_OK;
}
