/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHRS, D-Link's encrypted image since about 2017 (firmware-utils dlink-sge-image.c, unblob
 * shrs.py). Big-endian.
 *
 *	0      4       8       c      1c          5c          9c          dc         2dc        4dc        6dc
 *	+------+-------+-------+------+-----------+-----------+-----------+----------+----------+----------+---- … ----+
 *	| SHRS | size  | size  | IV   | SHA-512   | SHA-512   | SHA-512   | zeros    | RSA      | RSA      | image,    |
 *	|      | plain | padded|      | plain+key | plain     | enciphered|          |          |          | AES-CBC   |
 *	+------+-------+-------+------+-----------+-----------+-----------+----------+----------+----------+---- … ----+
 *
 * The digests of the plain image are over the plain size, that of the cipher over the padded one; both sizes are tried.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { HEAD = 0x6dc, DIGEST = 64, ZEROS = 0xdc, ZEROS_LEN = 0x200, SIGNATURE = 0x200, PADDING_MOST = 64 };

struct shrs {
	gh_bytes head, data;
	uint32_t padded, plain;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct shrs *ret)
{
	gh_cur h = c;
	struct shrs s = { .head = gh_take(&c, HEAD) };
	gh_skip(&h, 4);
	uint32_t first = gh_u32be(&h), second = gh_u32be(&h);
	/* the plain one stands first; readers of the format disagree, so both orders are taken */
	s.plain = GH_MIN(first, second);
	s.padded = GH_MAX(first, second);
	if (!gh_cur_ok(&c) || s.plain == 0 || s.padded - s.plain > PADDING_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the sizes of an SHRS header make no sense");
	for (size_t i = ZEROS; i < ZEROS + ZEROS_LEN; i++)
		if (s.head.ptr[i] != 0)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "an SHRS header has something where nothing should be");
	s.data = gh_take(&c, GH_MIN((uint64_t)s.padded, (uint64_t)c.left));
	*ret = s;
	return s.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows an SHRS header");
}

/* Does the digest hold for either size, with the key behind the bytes or not? `ret`: that of the plain size. */
static bool digest_holds(const struct shrs *s, gh_bytes bytes, gh_bytes key, size_t at, uint8_t ret[DIGEST])
{
	const uint32_t sizes[] = { s->padded, s->plain };
	for (unsigned i = 0; i < GH_COUNT(sizes); i++) {
		const gh_bytes runs[] = { gh_bytes_part(bytes, 0, sizes[i]), key };
		gh_sha512(runs, GH_COUNT(runs), ret);
		if (gh_bytes_eq(gh_view(ret, DIGEST), gh_bytes_part(s->head, at, DIGEST)))
			return true;
	}
	return false;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct shrs s;
	uint8_t digest[DIGEST];
	gh_code code = read_header(ctx, c, &s);
	if (code == GH_OK)
		code = gh_effort(ctx, 2 * (uint64_t)s.data.len);
	if (code != GH_OK)
		return code;
	bool right = s.data.len == s.padded && digest_holds(&s, s.data, gh_view(NULL, 0), 0x9c, digest);
	*ret = (gh_span){ .size = HEAD + s.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_digest(gh_ctx *ctx, gh_node *out, const struct shrs *s, gh_bytes bytes, gh_bytes key, gh_sum sum,
			  uint64_t start)
{
	uint8_t digest[DIGEST];
	size_t at = (size_t)(sum.at - start);
	sum.algorithm = "sha512";
	sum.stored = gh_bytes_part(s->head, at, DIGEST);
	if (s->data.len < s->padded) {
		sum.state = GH_SUM_UNVERIFIABLE;
		sum.remark = "the image is cut short";
		return gh_node_sum(ctx, out, &sum);
	}
	gh_code code = gh_effort(ctx, 2 * (uint64_t)bytes.len);
	if (code != GH_OK)
		return code;
	(void)digest_holds(s, bytes, key, at, digest);
	return gh_sum_digest(ctx, out, sum, sum.stored, digest);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct shrs s;
	(void)span;
	gh_code code = read_header(ctx, c, &s);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link"));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, s.head);
	if (code == GH_OK && s.data.len < s.padded)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + s.data.len,
				    "the header names %u bytes, %zu are there", s.padded, s.data.len);
	if (code != GH_OK)
		return code;
	const gh_key *key = gh_key_next("dlink-shrs", NULL);
	gh_aes aes = { .key = key->key };
	memcpy(aes.iv, s.head.ptr + 12, sizeof aes.iv);
	gh_bytes plain = { NULL, 0 };
	code = gh_part_aes(ctx, out, "image", &aes, key, c.pos + HEAD, s.data, s.plain, &plain);
	gh_sum sum = { .what = "enciphered SHA-512", .at = c.pos + 0x9c, .remark = "over the image as it stands" };
	if (code == GH_OK)
		code = add_digest(ctx, out, &s, s.data, gh_view(NULL, 0), sum, c.pos);
	sum = (gh_sum){ .what = "plain SHA-512", .at = c.pos + 0x5c, .remark = "over the deciphered image" };
	if (code == GH_OK)
		code = add_digest(ctx, out, &s, plain, gh_view(NULL, 0), sum, c.pos);
	sum = (gh_sum){ .what = "keyed SHA-512",
			.at = c.pos + 0x1c,
			.remark = "over the deciphered image and the key" };
	if (code == GH_OK)
		code = add_digest(ctx, out, &s, plain, key->key, sum, c.pos);
	for (unsigned i = 0; i < 2 && code == GH_OK; i++) {
		sum = (gh_sum){ .what = i ? "second signature" : "signature",
				.algorithm = "rsa-4096",
				.state = GH_SUM_UNVERIFIABLE,
				.at = c.pos + 0x2dc + i * SIGNATURE,
				.stored = gh_bytes_part(s.head, 0x2dc + i * SIGNATURE, 32),
				.remark = "needs the vendor's key; its first 32 bytes are shown" };
		code = gh_node_sum(ctx, out, &sum);
	}
	return code;
}

const gh_format gh_format_dlink_shrs = {
	.name = "dlink-shrs",
	.title = "D-Link encrypted image (SHRS)",
	.spec = "openwrt/firmware-utils: dlink-sge-image.c; onekey-sec/unblob: shrs.py",
	.limits = "signatures are named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "SHRS[\\x00-\\x0f].{3}[\\x00-\\x0f]", 9, 0 } },
	.measure = measure,
	.unpack = unpack,
};
