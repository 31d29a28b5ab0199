/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HiLink's HLK-RM04 image (firmware-utils, mkhilinkfw.c): a uImage enciphered twice with DES, block for block, first
 * from its first byte, then from its fourth. The key is published: "H@L9K*(3". Bytes behind the last whole block stay.
 *
 * Nothing in it can be searched for, but the first 64 bytes are quickly tried.
 */
#include "format/vendor/keys_in.h"

#include "codec/sum.h"

enum { HEAD = 64, SHIFT = 3 };

static void decipher(uint8_t *data, size_t n)
{
	const uint8_t *key = gh_key_next("hilink", NULL)->key.ptr;
	gh_des_ecb_decipher(key, data + SHIFT, n - SHIFT);
	gh_des_ecb_decipher(key, data, n);
}

/* Tries the header; what it says of its length. */
static bool try_header(gh_bytes all, uint64_t *length)
{
	uint8_t head[HEAD + SHIFT];
	if (all.len < sizeof head)
		return false;
	memcpy(head, all.ptr, sizeof head);
	decipher(head, sizeof head);
	gh_cur c = gh_cur_over(gh_view(head, HEAD), 0);
	if (!gh_eat(&c, GH_LIT("\x27\x05\x19\x56")))
		return false;
	uint32_t crc = gh_u32be(&c);
	gh_skip(&c, 4);
	*length = (uint64_t)gh_u32be(&c) + HEAD;
	memset(head + 4, 0, 4);
	return gh_crc32(gh_view(head, HEAD)) == crc;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t length;
	(void)ctx;
	if (!try_header(gh_rest(&c), &length))
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = GH_MIN(length, (uint64_t)c.left), .proof = GH_PROOF_SUM };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes in = gh_bytes_part(gh_rest(&c), 0, span->size);
	if (in.len < HEAD)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "an enciphered image is shorter than its header");
	gh_code code = gh_spend_bytes(ctx, 2 * (uint64_t)in.len);
	if (code != GH_OK)
		return code;
	uint8_t *plain = gh_arena_alloc(ctx->arena, in.len);
	if (!plain)
		return gh_nomem(ctx);
	memcpy(plain, in.ptr, in.len);
	decipher(plain, in.len);
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("HiLink")) ||
	    gh_node_fact(ctx, out, "cipher", GH_LIT("des-ecb from byte 0, then from byte 3, key \"H@L9K*(3\"")))
		return GH_NOMEM;
	gh_node_decoded(out, gh_view(plain, in.len));
	return GH_OK;
}

const gh_format gh_format_hilink = {
	.name = "hilink",
	.title = "HiLink HLK-RM04 image, enciphered with DES",
	.spec = "openwrt/firmware-utils: mkhilinkfw.c",
	.limits = "only where it begins the file",
	.kind = GH_NODE_STREAM,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
