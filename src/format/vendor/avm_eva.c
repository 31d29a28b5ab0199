/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels as AVM's boot loader EVA (and TI's ADAM2 before it) takes them, and the signature behind a Fritz!Box'
 * kernel.image (firmware-utils, lzma2eva.c; freetz, tichksum). Little-endian.
 *
 *	record      fe ed 12 81 (or b0 07), length, load address, then of so many bytes:
 *	            kind 07 5a 02 01, length of cipher, plain length, CRC-32 of the data; properties, dictionary u32,
 *three zeros, LZMA data; then behind them: checksum, zero, entry point pair        fe ed 91 12, length, load address,
 *two records, checksum, zero, entry point signature   c4 53 de 23, CRC of all before as cksum(1) computes it: the last
 *eight bytes of the file
 *
 * The checksum makes length, load address, the bytes between and itself come to zero.
 */
#include "codec/codec.h"
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 12, TAIL = 12, LZMA_HEAD = 24, SIGNATURE = 8, PAYLOAD_MOST = 128 << 20 };

struct record {
	gh_bytes payload, tail;
	uint32_t magic, length, load, sum, entry;
};

static gh_code read_record(gh_ctx *ctx, gh_cur c, struct record *ret)
{
	struct record r = { .magic = gh_u32le(&c), .length = gh_u32le(&c), .load = gh_u32le(&c) };
	if (!gh_cur_ok(&c) || r.length <= LZMA_HEAD || r.length > PAYLOAD_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the length of an EVA record makes no sense");
	r.payload = gh_take(&c, GH_MIN((uint64_t)r.length, (uint64_t)c.left));
	r.tail = gh_bytes_part(gh_rest(&c), 0, TAIL);
	r.sum = gh_u32le(&c);
	gh_skip(&c, 4);
	r.entry = gh_u32le(&c);
	if (!gh_cur_ok(&c))
		r.tail.len = 0;
	*ret = r;
	return r.payload.len > 0 ? GH_OK
				 : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows the header of an EVA record");
}

static uint32_t sum_of(const struct record *r)
{
	uint32_t n = r->length + r->load;
	for (size_t i = 0; i < r->payload.len; i++)
		n += r->payload.ptr[i];
	return 0 - n;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct record r;
	gh_code code = read_record(ctx, c, &r);
	if (code == GH_OK)
		code = gh_effort(ctx, r.payload.len);
	if (code != GH_OK)
		return code;
	bool right = r.tail.len > 0 && sum_of(&r) == r.sum;
	*ret = (gh_span){ .size = HEAD + r.payload.len + r.tail.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_head(gh_ctx *ctx, gh_cur c, const struct record *r, gh_node *out)
{
	uint64_t end = c.pos + HEAD + r->payload.len;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("AVM")) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", r->load) ||
	    (r->tail.len > 0 && gh_node_factf(ctx, out, "entry-point", "0x%08x", r->entry)))
		return GH_NOMEM;
	gh_sum s = { .what = "record checksum",
		     .algorithm = "bytes, length and load address, two's complement",
		     .at = end };
	if (r->tail.len > 0)
		return gh_sum_u32(ctx, out, s, r->sum, sum_of(r), false);
	s.state = GH_SUM_ABSENT;
	gh_code code = gh_node_sum(ctx, out, &s);
	return code != GH_OK ? code
			     : gh_node_note(ctx, out, GH_TRUNCATED, end, "the header names %u bytes, %zu are there",
					    r->length, r->payload.len);
}

static gh_code add_kernel(gh_ctx *ctx, uint64_t at, const struct record *r, gh_node *out)
{
	gh_cur h = gh_cur_over(r->payload, at);
	uint32_t kind = gh_u32le(&h), packed = gh_u32le(&h), plain = gh_u32le(&h), crc = gh_u32le(&h);
	uint8_t props = gh_u8(&h);
	uint32_t dictionary = gh_u32le(&h);
	gh_skip(&h, 3);
	gh_bytes data = gh_bytes_part(gh_rest(&h), 0, packed);
	if (!gh_cur_ok(&h) || kind != 0x075a0201 || props >= 9 * 5 * 5 || data.len == 0)
		return gh_node_part(ctx, out, GH_NODE_PART, "payload", at, r->payload);
	gh_sum s = { .what = "data CRC",
		     .algorithm = "crc32",
		     .at = at + 12,
		     .remark = data.len < packed ? "the data are cut short" : "over the packed data" };
	gh_code code = gh_sum_u32(ctx, out, s, crc, gh_crc32(data), false);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "kernel header", at,
				    gh_bytes_part(r->payload, 0, LZMA_HEAD));
	if (code != GH_OK)
		return code;
	gh_buf out_buf = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_cur in = gh_cur_over(data, at + LZMA_HEAD);
	gh_code trouble = gh_lzma_raw(ctx, &in, &out_buf, props % 9, props / 9 % 5, props / 45, dictionary, plain);
	if (trouble != GH_OK && !gh_is_about_input(trouble))
		return trouble;
	if (trouble != GH_OK && gh_node_trouble(ctx, out))
		return GH_NOMEM;
	if (out_buf.len == 0)
		return gh_node_part(ctx, out, GH_NODE_PART, "kernel", at + LZMA_HEAD, data);
	const char *how = gh_arena_printf(ctx->scratch, "LZMA, lc=%u lp=%u pb=%u, %u bytes", props % 9, props / 9 % 5,
					  props / 45, plain);
	if (!how)
		return gh_nomem(ctx);
	return gh_node_part_decoded(ctx, out, "kernel", how, at + LZMA_HEAD, data, gh_buf_view(&out_buf));
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct record r;
	gh_bytes all = gh_rest(&c);
	(void)span;
	gh_code code = read_record(ctx, c, &r);
	if (code == GH_OK)
		code = add_head(ctx, c, &r, out);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "record header", c.pos, gh_bytes_part(all, 0, HEAD));
	if (code == GH_OK)
		code = r.magic == 0xfeed9112 ? gh_node_part(ctx, out, GH_NODE_PART, "records", c.pos + HEAD, r.payload)
					     : add_kernel(ctx, c.pos + HEAD, &r, out);
	if (code == GH_OK && r.tail.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "record end", c.pos + HEAD + r.payload.len, r.tail);
	return code;
}

const gh_format gh_format_avm_eva = {
	.name = "avm-eva",
	.title = "AVM EVA or TI kernel record",
	.spec = "openwrt/firmware-utils: lzma2eva.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x81\\x12\\xed\\xfe.{8}\\x01\\x02\\x5a\\x07", 16, 0 },
		   { "\\x07\\xb0\\xed\\xfe.{8}\\x01\\x02\\x5a\\x07", 16, 0 },
		   { "\\x12\\x91\\xed\\xfe.{8}\\x81\\x12\\xed\\xfe", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};

/* ---- the signature at the end of the file */

static gh_code read_signature(gh_cur c, gh_bytes *image, uint32_t *crc)
{
	gh_bytes all = gh_rest(&c);
	if (all.len < 64)
		return GH_NOT_MINE;
	gh_cur t = gh_at(c, all.len - SIGNATURE);
	if (gh_u32le(&t) != 0xc453de23)
		return GH_NOT_MINE;
	*crc = gh_u32le(&t);
	*image = gh_bytes_part(all, 0, all.len - SIGNATURE);
	return GH_OK;
}

static gh_code measure_signature(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes image;
	uint32_t crc;
	gh_code code = read_signature(c, &image, &crc);
	if (code == GH_OK)
		code = gh_effort(ctx, 4 * (uint64_t)image.len);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = c.left, .proof = gh_cksum(&image, 1) == crc ? GH_PROOF_SUM : GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code unpack_signature(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes image;
	uint32_t crc;
	(void)span;
	gh_code code = read_signature(c, &image, &crc);
	if (code != GH_OK)
		return code;
	gh_sum s = {
		.what = "file CRC", .algorithm = "cksum", .at = c.pos + image.len + 4, .remark = "over all before"
	};
	code = gh_sum_u32(ctx, out, s, crc, gh_cksum(&image, 1), false);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos, image);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "signature", c.pos + image.len,
				    gh_bytes_part(gh_rest(&c), image.len, SIGNATURE));
	return code;
}

const gh_format gh_format_avm_signature = {
	.name = "avm-signature",
	.title = "File with TI's checksum behind it, AVM",
	.spec = "freetz: tichksum; openwrt/firmware-utils: mktitanimg.c",
	.limits = "the signature must end the file",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure_signature,
	.unpack = unpack_signature,
};
