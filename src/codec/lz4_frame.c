/* SPDX-License-Identifier: Apache-2.0 */
/* The two framings of LZ4 blocks: the LZ4 Frame Format 1.6, and the older one that kernels are packed in. */
#include "codec/codec.h"
#include "codec/lz4_in.h"
#include "codec/sum.h"

enum { RATIO_MOST = 255, WINDOW = 64 << 10, LEGACY_BLOCK = 8 << 20 };
/* LZ4_compressBound(8 MiB): no encoder writes a longer one. */
enum { LEGACY_BOUND = LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16 };

struct frame {
	bool independent, block_sums, content_sum, has_size;
	size_t block_most;
	uint64_t size;
};

/* 04 22 4d 18 · FLG (version 01, B.Indep, B.Checksum, C.Size, C.Checksum, 0, DictID) · BD (0, size class 4 to 7,
 * 0000) · [content size 8] · [dictionary 4] · second byte of the xxh32 of all this behind the magic. */
static gh_code frame_head(gh_ctx *ctx, gh_cur *in, struct frame *ret)
{
	gh_cur c = *in;
	if (!gh_eat(&c, GH_LIT("\x04\x22\x4d\x18")))
		return GH_NOT_MINE;
	gh_cur from = c;
	unsigned flags = gh_u8(&c), block = gh_u8(&c), class = block >> 4;
	struct frame f = {
		.independent = flags & 0x20,
		.block_sums = flags & 0x10,
		.has_size = flags & 0x08,
		.content_sum = flags & 0x04,
	};
	if (f.has_size)
		f.size = gh_u64le(&c);
	if (flags & 0x01)
		gh_skip(&c, 4);
	gh_bytes head = { from.ptr, from.left - c.left };
	unsigned sum = gh_u8(&c);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the LZ4 frame header is cut short");
	if (sum != (gh_xxh32(head, 0) >> 8 & 0xff))
		return gh_fail(ctx, GH_CORRUPT, in->pos, "the LZ4 frame header's checksum is wrong");
	if (flags >> 6 != 1 || flags & 0x02 || block & 0x0f || class < 4 || class > 7)
		return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "an LZ4 frame of an unknown version (%02x %02x)", flags,
			       block);
	if (flags & 0x01)
		return gh_fail(ctx, GH_UNSUPPORTED, in->pos, "LZ4 data wants a dictionary of its own");
	f.block_most = (size_t)1 << (8 + 2 * class);
	*in = c;
	*ret = f;
	return GH_OK;
}

static gh_code frame_block(gh_ctx *ctx, gh_cur *c, gh_buf *out, size_t start, const struct frame *f, uint32_t word)
{
	uint64_t at = c->pos;
	size_t size = word & 0x7fffffff;
	gh_bytes data = gh_bytes_part(gh_rest(c), 0, size);
	gh_skip(c, size);
	uint32_t sum = f->block_sums ? gh_u32le(c) : 0;
	if (gh_cur_ok(c) && f->block_sums && sum != gh_xxh32(data, 0))
		return gh_fail(ctx, GH_CORRUPT, at, "the checksum of an LZ4 block is wrong");
	if (size > f->block_most)
		return gh_fail(ctx, GH_CORRUPT, at, "an LZ4 block of %zu bytes, where %zu are the most", size,
			       f->block_most);
	gh_code code;
	if (word >> 31) {
		code = data.len > 0 ? gh_buf_room(ctx, out, data.len) : GH_OK;
		size_t n = GH_MIN(data.len, out->cap - out->len);
		if (n > 0 && code != GH_NOMEM)
			code = gh_buf_add(ctx, out, gh_bytes_part(data, 0, n));
		if (code == GH_OK && n < data.len)
			code = gh_fail(ctx, GH_LIMIT, at, "more than %zu bytes come out of LZ4 data", out->len);
	} else {
		size_t dict = f->independent ? 0 : GH_MIN(out->len - start, (size_t)WINDOW);
		code = gh_lz4_one(ctx, data, at, out, dict, f->block_most,
				  GH_MIN(data.len * RATIO_MOST, f->block_most));
	}
	/* What is there of a block that is cut short was decoded all the same. */
	if (code != GH_LIMIT && code != GH_NOMEM && !gh_cur_ok(c))
		return gh_fail(ctx, GH_TRUNCATED, c->pos, "an LZ4 block of %zu bytes is cut short", size);
	return code;
}

gh_code gh_lz4_frame(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	struct frame f;
	gh_cur c = *in;
	const size_t start = out->len;
	gh_code code = frame_head(ctx, &c, &f);
	while (code == GH_OK) {
		uint32_t word = gh_u32le(&c);
		if (!gh_cur_ok(&c))
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "the LZ4 frame has no end");
		if (word == 0)
			break;
		code = frame_block(ctx, &c, out, start, &f, word);
		if (code == GH_OK && gh_cancelled(ctx))
			code = gh_fail(ctx, GH_LIMIT, c.pos, "cancelled after %zu unpacked bytes", out->len);
	}
	if (code != GH_OK)
		return code;
	gh_bytes made = gh_bytes_part(gh_buf_view(out), start, SIZE_MAX);
	uint64_t at = c.pos;
	uint32_t sum = f.content_sum ? gh_u32le(&c) : 0;
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the LZ4 frame's checksum is cut short");
	if (f.content_sum && sum != gh_xxh32(made, 0))
		return gh_fail(ctx, GH_CORRUPT, at, "the checksum of an LZ4 frame's content is wrong");
	if (f.has_size && f.size != made.len)
		return gh_fail(ctx, GH_CORRUPT, at, "an LZ4 frame says %llu bytes, %zu came out",
			       (unsigned long long)f.size, made.len);
	*in = c;
	return GH_OK;
}

/* Nothing marks the end: it is where no block can follow. A block may only be doubted behind one that was
 * not full, since encoders fill all but the last; there a kernel has its own length, or another part begins. */
gh_code gh_lz4_legacy(gh_ctx *ctx, gh_cur *in, gh_buf *out)
{
	gh_cur c = *in;
	const size_t start = out->len;
	size_t blocks = 0, last = LEGACY_BLOCK;
	if (!gh_eat(&c, GH_LIT("\x02\x21\x4c\x18")))
		return GH_NOT_MINE;
	for (;; blocks++) {
		gh_cur next = c;
		uint32_t size = gh_u32le(&next);
		const size_t before = out->len;
		if (!gh_cur_ok(&next) || size == 0 || size > LEGACY_BOUND || (blocks > 0 && size == before - start))
			break;
		gh_bytes data = gh_bytes_part(gh_rest(&next), 0, size);
		bool doubtful = blocks > 0 && last < LEGACY_BLOCK;
		if (doubtful && (data.len < size || !gh_lz4_is_one(data, LEGACY_BLOCK)))
			break;
		gh_code code = gh_lz4_one(ctx, data, next.pos, out, 0, LEGACY_BLOCK,
					  GH_MIN(data.len * RATIO_MOST, (size_t)LEGACY_BLOCK));
		gh_skip(&next, size);
		if (!gh_cur_ok(&next) && code != GH_LIMIT && code != GH_NOMEM)
			return gh_fail(ctx, GH_TRUNCATED, next.pos, "an LZ4 block of %u bytes is cut short", size);
		if (code != GH_OK)
			return code;
		if (gh_cancelled(ctx))
			return gh_fail(ctx, GH_LIMIT, next.pos, "cancelled after %zu unpacked bytes", out->len);
		last = out->len - before;
		c = next;
	}
	if (blocks == 0)
		return gh_fail(ctx, c.left < 4 ? GH_TRUNCATED : GH_CORRUPT, c.pos,
			       "no LZ4 block behind the legacy magic");
	*in = c;
	return GH_OK;
}
