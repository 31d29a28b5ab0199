/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One decoder, named by -DGH_CODEC=…, with the opinions that every decoder has to satisfy: it ends, it keeps to
 * its input and its ceiling, trouble leaves the cursor where it was, the same input gives the same output, and
 * a lower ceiling gives the beginning of what a higher one gives.
 */
#include "codec/codec.h"
#include "must.h"

/* Faces that differ from cursor in, buffer out. */
#define decode_gzip(ctx, in, out) gh_gzip((ctx), (in), (out), NULL)
#define decode_lzop(ctx, in, out) gh_lzop((ctx), (in), (out), NULL)
#define decode_lzma(ctx, in, out) gh_lzma_alone((ctx), (in), (out), NULL)
#define decode_lzma_raw(ctx, in, out) lzma_raw((ctx), (in), (out))
#define decode_zlib gh_zlib
#define decode_deflate gh_deflate_raw
#define decode_xz gh_xz
#define decode_bzip2 gh_bzip2
#define decode_zstd gh_zstd
#define decode_lz4_block gh_lz4_block
#define decode_lz4_frame gh_lz4_frame
#define decode_lz4_legacy gh_lz4_legacy
#define decode_lzo gh_lzo1x

/* The first three bytes say the properties and, if not ff, the size. */
__attribute__((unused)) static gh_code lzma_raw(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur c = *in;
	unsigned props = gh_u8(&c) % 225, size = gh_u16le(&c);
	if (!gh_cur_ok(&c))
		return GH_TRUNCATED;
	gh_code code = gh_lzma_raw(ctx, &c, out, props % 9, props / 9 % 5, props / 45, 0,
				   size == UINT16_MAX ? UINT64_MAX : size);
	if (code == GH_OK)
		*in = c;
	return code;
}

#define JOIN(a, b) a##b
#define NAME(codec) JOIN(decode_, codec)

static gh_code run(gh_ctx *ctx, const uint8_t *data, size_t size, gh_buf *out, size_t *ret_used)
{
	gh_cur c = gh_cur_over(gh_view(data, size), 0);
	gh_code code = NAME(GH_CODEC)(ctx, &c, out);
	must(!c.bad && c.left <= size && c.pos == size - c.left && c.ptr == data + c.pos);
	must(code == GH_OK || c.left == size);
	must(code == GH_OK || gh_is_about_input(code) || code == GH_NOMEM);
	must(out->len <= out->cap && out->cap <= out->most);
	*ret_used = size - c.left;
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	gh_budget budget = { .bytes_left = INT64_MAX, .nodes_left = 1 };
	size_t used, again;
	ctx.budget = &budget;
	if (!ctx.arena || !ctx.scratch)
		abort();
	gh_buf whole = gh_buf_in(ctx.arena, GH_MIB(1)), twice = whole;
	gh_code code = run(&ctx, data, size, &whole, &used);
	must(run(&ctx, data, size, &twice, &again) == code && again == used);
	must(gh_bytes_eq(gh_buf_view(&whole), gh_buf_view(&twice)));

	size_t least = whole.len / 2;
	uint8_t *memory = malloc(least ? least : 1);
	if (!memory)
		abort();
	gh_buf half = gh_buf_over(memory, least);
	gh_code less = run(&ctx, data, size, &half, &again);
	must(gh_bytes_start(gh_buf_view(&whole), gh_buf_view(&half)));
	must(code != GH_OK || less == (least < whole.len ? GH_LIMIT : GH_OK));
	must(code != GH_OK || half.len == least);
	if (code == GH_OK) {
		twice.len = 0;
		must(run(&ctx, data, used, &twice, &again) == GH_OK && again == used);
		must(gh_bytes_eq(gh_buf_view(&whole), gh_buf_view(&twice)));
	}
	free(memory);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
