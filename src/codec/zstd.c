/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard (RFC 8878), by libzstd: frames one after the other, as long as another one begins. */
#include "codec/codec.h"
#include "codec/codec_in.h"

#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MOST = 27 /* 128 MiB, as the zstd command has it */, CAREFUL = 512 };

static bool frame_begins(gh_cur c)
{
	uint32_t magic = gh_u32le(&c);
	return gh_cur_ok(&c) &&
	       (magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START);
}

static gh_code told(gh_ctx *ctx, size_t rc, uint64_t at)
{
	switch (ZSTD_getErrorCode(rc)) {
	case ZSTD_error_memory_allocation:
		return gh_nomem(ctx);
	case ZSTD_error_frameParameter_windowTooLarge:
		return gh_fail(ctx, GH_LIMIT, at, "zstd wants a window of more than %u MiB",
			       (1u << WINDOW_LOG_MOST) >> 20);
	case ZSTD_error_dictionary_wrong:
		return gh_fail(ctx, GH_UNSUPPORTED, at, "zstd data wants a dictionary of its own");
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_version_unsupported:
		return gh_fail(ctx, GH_UNSUPPORTED, at, "zstd: %s", ZSTD_getErrorName(rc));
	default:
		return gh_fail(ctx, GH_CORRUPT, at, "zstd data is damaged: %s", ZSTD_getErrorName(rc));
	}
}

static gh_code frames(gh_ctx *ctx, ZSTD_DCtx *z, gh_cur *c, gh_buf *out, size_t step)
{
	gh_sink sink = { .out = out, .most = step };
	for (;;) {
		gh_code code = gh_sink_open(ctx, &sink);
		if (code != GH_OK)
			return code;
		ZSTD_outBuffer to = { sink.ptr, sink.len, 0 };
		ZSTD_inBuffer from = { c->ptr, c->left, 0 };
		size_t rc = ZSTD_decompressStream(z, &to, &from);
		gh_skip(c, from.pos);
		code = gh_sink_wrote(ctx, &sink, to.pos);
		if (code != GH_OK)
			return code;
		if (ZSTD_isError(rc))
			return told(ctx, rc, c->pos);
		if (rc == 0 && !frame_begins(*c))
			return GH_OK;
		if (rc != 0 && c->left == 0 && to.pos < to.size)
			return gh_fail(ctx, GH_TRUNCATED, c->pos, "zstd data is cut short");
	}
}

static void zstd_done(ZSTD_DCtx **z)
{
	(void)ZSTD_freeDCtx(*z);
}

gh_code gh_zstd(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur c = *in;
	size_t before = out->len;
	if (!frame_begins(c))
		return GH_NOT_MINE;
	__attribute__((cleanup(zstd_done))) ZSTD_DCtx *z = ZSTD_createDCtx();
	if (!z || ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG_MOST)))
		return gh_nomem(ctx);
	unsigned long long size = ZSTD_getFrameContentSize(c.ptr, c.left);
	gh_code code = GH_OK;
	if (size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR)
		code = gh_sink_reserve(ctx, out, size, c.left);
	if (code == GH_OK)
		code = frames(ctx, z, &c, out, 0);
	if (code == GH_CORRUPT) {
		/* A frame that fits whole is decoded in one go, which on damage tells nothing about the
		 * blocks before it. Small steps forbid that short cut. */
		(void)ZSTD_DCtx_reset(z, ZSTD_reset_session_only);
		out->len = before;
		c = *in;
		code = frames(ctx, z, &c, out, CAREFUL);
	}
	if (code == GH_OK)
		*in = c;
	return code;
}
