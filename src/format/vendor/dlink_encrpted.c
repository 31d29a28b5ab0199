/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "encrpted_img" (so spelled) of D-Link's DIR-X devices (unblob encrpted_img.py).
 *
 *	0              c          10
 *	+--------------+----------+------ … ------+------ … ------+--
 *	| encrpted_img | size, BE | 128 KiB       | 128 KiB       | …    each AES-256-CBC from the same IV
 *	+--------------+----------+------ … ------+------ … ------+--
 *
 * What comes out is UBI, one block of flash each. There is no digest.
 */
#include "format/vendor/keys_in.h"

enum { HEAD = 16, BLOCK = 0x20000 };

static void aes_of(gh_aes *ret)
{
	const gh_key *key = gh_key_next("dlink-encrpted", NULL);
	*ret = (gh_aes){ .key = key->key };
	memcpy(ret->iv, key->iv.ptr, sizeof ret->iv);
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, uint64_t *size, gh_bytes *data)
{
	if (!gh_eat(&c, GH_LIT("encrpted_img")))
		return GH_NOT_MINE;
	*size = gh_u32be(&c);
	if (!gh_cur_ok(&c) || *size < GH_AES_BLOCK || c.left < GH_AES_BLOCK)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows the header of an encrpted_img");
	*data = gh_take(&c, GH_MIN(*size, (uint64_t)c.left));
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes data;
	gh_aes aes;
	uint64_t size;
	uint8_t first[GH_AES_BLOCK];
	gh_code code = read_header(ctx, c, &size, &data);
	if (code != GH_OK)
		return code;
	aes_of(&aes);
	(void)gh_aes_decipher(&aes, gh_bytes_part(data, 0, sizeof first), first);
	bool ubi = gh_bytes_start(gh_view(first, sizeof first), GH_LIT("UBI#"));
	*ret = (gh_span){ .size = HEAD + data.len, .proof = ubi ? GH_PROOF_SHAPE : GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code add_image(gh_ctx *ctx, gh_cur c, gh_bytes data, gh_node *out)
{
	gh_aes aes;
	const gh_key *key = gh_key_next("dlink-encrpted", NULL);
	gh_buf plain = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_code code = gh_buf_room(ctx, &plain, data.len);
	if (code != GH_OK)
		return code;
	aes_of(&aes);
	if (plain.cap < data.len)
		return gh_fail(ctx, GH_LIMIT, c.pos, "deciphering needs more memory than there is");
	for (uint64_t at = 0; at < data.len; at += BLOCK)
		plain.len += gh_aes_decipher(&aes, gh_bytes_part(data, at, BLOCK), plain.ptr + plain.len);
	const char *how = gh_arena_printf(ctx->scratch, "aes-256-cbc in blocks of 128 KiB, key of %s (%s)", key->device,
					  key->source);
	if (!how)
		return gh_nomem(ctx);
	return gh_node_part_decoded(ctx, out, "image", how, c.pos + HEAD, data, gh_buf_view(&plain));
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes data;
	uint64_t size;
	gh_code code = read_header(ctx, c, &size, &data);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link")) ||
	    gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEAD)))
		return GH_NOMEM;
	gh_sum sum = { .what = "image digest", .algorithm = "none", .state = GH_SUM_ABSENT, .at = c.pos };
	code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK && data.len < size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + data.len,
				    "the header names %llu bytes, %zu are there", (unsigned long long)size, data.len);
	if (code != GH_OK)
		return code;
	if (span->proof == GH_PROOF_SHAPE)
		return add_image(ctx, c, data, out);
	code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos + HEAD,
			    "the key published for this format gives no UBI: another device's key");
	return code != GH_OK ? code : gh_node_part(ctx, out, GH_NODE_PART, "enciphered image", c.pos + HEAD, data);
}

const gh_format gh_format_dlink_encrpted = {
	.name = "dlink-encrpted",
	.title = "D-Link encrypted image (encrpted_img)",
	.spec = "onekey-sec/unblob: encrpted_img.py",
	.limits = "one key is published",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "encrpted_img", 12, 0 } },
	.measure = measure,
	.unpack = unpack,
};
