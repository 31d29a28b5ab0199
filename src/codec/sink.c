/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec_in.h"

/* The best ratio that a reserve believes; better ones exist and grow step by step. */
enum { PLAUSIBLE = 64 };

gh_code gh_sink_open(gh_ctx *ctx, gh_sink *s)
{
	if (gh_cancelled(ctx))
		return gh_fail(ctx, GH_LIMIT, ctx->at, "cancelled after %zu unpacked bytes", s->out->len);
	gh_code code = gh_buf_room(ctx, s->out, 1);
	if (code != GH_OK && code != GH_LIMIT)
		return code;
	if (code == GH_LIMIT) {
		s->ptr = &s->spare;
		s->len = 1;
		return GH_OK;
	}
	s->ptr = s->out->ptr + s->out->len;
	s->len = GH_MIN(s->out->cap - s->out->len, s->most ? s->most : (size_t)GH_SINK_STEP);
	return GH_OK;
}

gh_code gh_sink_wrote(gh_ctx *ctx, gh_sink *s, size_t n)
{
	if (s->ptr != &s->spare) {
		s->out->len += n;
		return GH_OK;
	}
	if (n == 0)
		return GH_OK;
	return gh_fail(ctx, GH_LIMIT, ctx->at, "more than %zu bytes come out", s->out->len);
}

gh_code gh_sink_reserve(gh_ctx *ctx, gh_buf *out, uint64_t size, size_t input)
{
	if (size == 0 || size / PLAUSIBLE > input || size > out->most - out->len)
		return GH_OK;
	gh_code code = gh_buf_room(ctx, out, (size_t)size);
	return code == GH_LIMIT ? GH_OK : code;
}
