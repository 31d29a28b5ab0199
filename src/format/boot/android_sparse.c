/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Android's sparse image (system/core/libsparse/sparse_format.h), little-endian.
 *
 *	0          4       6       8        a        c       10       14       18
 *	+----------+-------+-------+--------+--------+-------+--------+--------+--------+
 *	| 3aff26ed | 1     | minor | header | chunk  | block | blocks | chunks | CRC-32 |
 *	+----------+-------+-------+--------+--------+-------+--------+--------+--------+
 *
 * A chunk: kind 2, 0 2, blocks 4, bytes with this header 4. cac1 brings its bytes, cac2 four that are repeated, cac3
 * leaves the flash as it is (zeros here), cac4 is a CRC of all that came before.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEADER = 28, CHUNK = 12, RAW = 0xcac1, FILL = 0xcac2, SKIP = 0xcac3, CRC = 0xcac4 };

struct sparse {
	uint32_t header, chunk, block, blocks, chunks, crc;
	unsigned minor;
};

struct result {
	uint64_t size; /* of the image */
	uint32_t skipped, crc_chunks, crc_wrong, crc;
	uint64_t crc_at; /* what the CRC has seen so far: each chunk of it goes on */
	bool cut;
};

static gh_code read_header(gh_ctx *ctx, gh_cur *c, struct sparse *ret)
{
	uint64_t pos = c->pos;
	if (!gh_eat(c, GH_LIT("\x3a\xff\x26\xed\x01\x00")))
		return GH_NOT_MINE;
	ret->minor = gh_u16le(c);
	ret->header = gh_u16le(c);
	ret->chunk = gh_u16le(c);
	ret->block = gh_u32le(c);
	ret->blocks = gh_u32le(c);
	ret->chunks = gh_u32le(c);
	ret->crc = gh_u32le(c);
	if (!gh_cur_ok(c) || ret->header < HEADER || ret->chunk < CHUNK || ret->block == 0 || ret->block % 4 != 0 ||
	    ret->block > GH_MIB(64) || ret->blocks == 0 || ret->chunks == 0)
		return gh_fail(ctx, GH_CORRUPT, pos + 6, "the numbers of the sparse image make no sense");
	gh_skip(c, ret->header - HEADER);
	return GH_OK;
}

/* One chunk: checked, and written when `to` is there. */
static bool take_chunk(gh_cur *c, const struct sparse *s, uint8_t *to, uint64_t *done, struct result *r)
{
	unsigned kind = gh_u16le(c);
	gh_skip(c, 2);
	uint64_t blocks = gh_u32le(c), size = blocks * s->block, bytes = gh_u32le(c);
	gh_skip(c, s->chunk - CHUNK);
	if (!gh_cur_ok(c) || bytes < s->chunk || size > (uint64_t)s->blocks * s->block - *done)
		return false;
	gh_bytes data = gh_take(c, bytes - s->chunk);
	uint64_t want = kind == RAW ? size : kind == FILL || kind == CRC ? 4 : 0;
	if (!gh_cur_ok(c) || data.len != want || (kind != RAW && kind != FILL && kind != SKIP && kind != CRC))
		return false;
	if (to && kind == RAW && data.len > 0)
		memcpy(to + *done, data.ptr, data.len);
	for (uint64_t i = 0; to && kind == FILL && i < size; i += 4)
		memcpy(to + *done + i, data.ptr, 4);
	if (kind == CRC && to) {
		gh_cur d = gh_cur_over(data, 0);
		r->crc_chunks++;
		r->crc = gh_crc32_more(r->crc, gh_view(to + r->crc_at, (size_t)(*done - r->crc_at)));
		r->crc_at = *done;
		r->crc_wrong += gh_u32le(&d) != r->crc;
	}
	if (kind != CRC)
		*done += size;
	r->skipped += kind == SKIP ? (uint32_t)blocks : 0;
	return true;
}

/* All chunks; where they stop making sense the image ends. */
static uint64_t take_chunks(gh_cur *c, const struct sparse *s, uint8_t *to, struct result *r)
{
	uint64_t done = 0;
	r->cut = false;
	for (uint32_t i = 0; i < s->chunks && !r->cut; i++) {
		gh_cur before = *c;
		if (!take_chunk(c, s, to, &done, r)) {
			*c = before;
			r->cut = true;
		}
	}
	r->cut |= done != (uint64_t)s->blocks * s->block;
	return done;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct sparse s;
	gh_cur h = c;
	struct result *r = gh_arena_zalloc(ctx->arena, sizeof *r), dry = { 0 };
	if (!r)
		return gh_nomem(ctx);
	gh_code code = read_header(ctx, &h, &s);
	if (code != GH_OK)
		return code;
	gh_cur chunks = h;
	uint64_t size = take_chunks(&h, &s, NULL, &dry), used = c.left - h.left;
	if (size == 0)
		return gh_fail(ctx, GH_CORRUPT, h.pos, "the first chunk of the sparse image makes no sense");
	code = gh_spend_bytes(ctx, size);
	if (code != GH_OK)
		return code;
	uint8_t *to = size <= SIZE_MAX / 2 ? gh_arena_zalloc(ctx->arena, (size_t)size) : NULL;
	if (!to)
		return gh_nomem(ctx);
	chunks.left = (size_t)(used - (c.left - chunks.left));
	(void)take_chunks(&chunks, &s, to, r);
	r->size = size;
	bool right = !r->cut && ((s.crc != 0 && gh_crc32(gh_view(to, (size_t)size)) == s.crc) ||
				 (r->crc_chunks > 0 && r->crc_wrong == 0));
	*ret = (gh_span){ .size = used,
			  .proof = right    ? GH_PROOF_SUM
				   : r->cut ? GH_PROOF_SHAPE
					    : GH_PROOF_PARSED,
			  .decoded = gh_view(to, (size_t)size),
			  .state = r };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct sparse s;
	gh_cur h = c;
	const struct result *r = span->state;
	gh_code code = read_header(ctx, &h, &s);
	if (code != GH_OK)
		return code;
	code = gh_node_factf(ctx, out, "version", "1.%u", s.minor);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "blocks", "%u of %u bytes, %u of them left as they are", s.blocks,
				     s.block, r->skipped);
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32", .at = c.pos + 24, .state = GH_SUM_ABSENT };
	if (code == GH_OK && s.crc != 0)
		code = gh_sum_u32(ctx, out, sum, s.crc, gh_crc32(span->decoded), false);
	else if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK && r->crc_wrong > 0)
		code = gh_node_note(ctx, out, GH_CORRUPT, c.pos, "%u of %u chunks with a checksum disagree",
				    r->crc_wrong, r->crc_chunks);
	if (code == GH_OK && r->cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + span->size, "%llu of %llu bytes came out",
				    (unsigned long long)r->size, (unsigned long long)s.blocks * s.block);
	gh_node_decoded(out, span->decoded);
	return code;
}

const gh_format gh_format_android_sparse = {
	.name = "android-sparse",
	.title = "Android sparse image",
	.spec = "system/core/libsparse: sparse_format.h",
	.limits = "blocks that are to be left as they are on flash come out as zeros",
	.kind = GH_NODE_STREAM,
	.magic = { { "\\x3a\\xff\\x26\\xed\\x01\\x00", 6, 0 } },
	.measure = measure,
	.unpack = unpack,
};
