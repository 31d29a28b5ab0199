/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of D-Link's DAP-1325 and DAP-1610 B (binwalk-ng/delink dap1325.rs): 64 bytes in the clear that begin with
 * the name of the device, then a tar, AES-128-ECB, to the end of the file. There is no digest.
 */
#include "format/vendor/keys_in.h"

enum { HEAD = 0x40, USTAR = 0x100 };

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes all = gh_rest(&c);
	uint8_t block[GH_AES_BLOCK];
	const gh_key *key = gh_key_next("dlink-dap", NULL);
	const gh_aes aes = { .key = key->key, .ecb = true };
	(void)ctx;
	if (!gh_bytes_start(all, GH_LIT("DAP-1325")) && !gh_bytes_start(all, GH_LIT("DAP-1610")))
		return GH_NOT_MINE;
	if (gh_aes_decipher(&aes, gh_bytes_part(all, HEAD + USTAR, sizeof block), block) == 0 ||
	    memcmp(block + 1, "ustar", 5) != 0)
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = all.len - (all.len - HEAD) % GH_AES_BLOCK, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const gh_key *key = gh_key_next("dlink-dap", NULL);
	const gh_aes aes = { .key = key->key, .ecb = true };
	gh_bytes head = gh_bytes_part(gh_rest(&c), 0, HEAD);
	gh_bytes data = gh_bytes_part(gh_rest(&c), HEAD, span->size - HEAD);
	uint8_t last[GH_AES_BLOCK];
	gh_cur h = gh_cur_over(head, 0);
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link")) || gh_node_fact(ctx, out, "model", gh_text(&h, HEAD)) ||
	    gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, head))
		return GH_NOMEM;
	gh_sum sum = { .what = "image digest", .algorithm = "none", .state = GH_SUM_ABSENT, .at = c.pos };
	gh_code code = gh_node_sum(ctx, out, &sum);
	(void)gh_aes_decipher(&aes, gh_bytes_part(data, data.len - GH_AES_BLOCK, GH_AES_BLOCK), last);
	return code != GH_OK ? code
			     : gh_part_aes(ctx, out, "image", &aes, key, c.pos + HEAD, data,
					   data.len - gh_pkcs7(gh_view(last, sizeof last)), NULL);
}

const gh_format gh_format_dlink_dap = {
	.name = "dlink-dap",
	.title = "D-Link encrypted image of range extenders",
	.spec = "binwalk-ng/delink: dap1325.rs",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "DAP-1325", 8, 0 }, { "DAP-1610", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
