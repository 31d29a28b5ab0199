/* SPDX-License-Identifier: Apache-2.0 */
/* The .xz file format 1.0.4, by liblzma: one stream. */
#include "codec/codec.h"
#include "codec/codec_in.h"

#include <lzma.h>

/* xz -9 needs 65 MiB; nothing that boots a router comes near. */
static const uint64_t MEMORY = 160 << 20;

static gh_code told(gh_ctx *ctx, lzma_ret rc, uint64_t at)
{
	switch (rc) {
	case LZMA_MEM_ERROR:
		return gh_nomem(ctx);
	case LZMA_MEMLIMIT_ERROR:
		return gh_fail(ctx, GH_LIMIT, at, "xz wants more than %u MiB to be unpacked", (unsigned)(MEMORY >> 20));
	case LZMA_FORMAT_ERROR:
		return GH_NOT_MINE;
	case LZMA_OPTIONS_ERROR:
		return gh_fail(ctx, GH_UNSUPPORTED, at, "xz uses a filter or an option that liblzma does not know");
	case LZMA_BUF_ERROR:
		return gh_fail(ctx, GH_TRUNCATED, at, "xz data is cut short");
	default:
		return gh_fail(ctx, GH_CORRUPT, at, "xz data is damaged, or a check over it is wrong");
	}
}

gh_code gh_xz(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur c = *in;
	if (!gh_bytes_start(gh_rest(&c), GH_LIT("\xfd"
						"7zXZ\0")))
		return GH_NOT_MINE;
	__attribute__((cleanup(lzma_end))) lzma_stream z = LZMA_STREAM_INIT;
	gh_sink sink = { .out = out };
	lzma_ret rc = lzma_stream_decoder(&z, MEMORY, 0);
	if (rc != LZMA_OK)
		return told(ctx, rc, in->pos);
	for (;;) {
		gh_code code = gh_sink_open(ctx, &sink);
		if (code != GH_OK)
			return code;
		z.next_out = sink.ptr;
		z.avail_out = sink.len;
		z.next_in = c.ptr;
		z.avail_in = c.left;
		rc = lzma_code(&z, LZMA_RUN);
		gh_skip(&c, c.left - z.avail_in);
		code = gh_sink_wrote(ctx, &sink, sink.len - z.avail_out);
		if (code != GH_OK)
			return code;
		if (rc == LZMA_STREAM_END)
			break;
		if (rc == LZMA_OK && c.left == 0 && z.avail_out > 0)
			rc = LZMA_BUF_ERROR;
		if (rc != LZMA_OK)
			return told(ctx, rc, c.pos);
	}
	*in = c;
	return GH_OK;
}
