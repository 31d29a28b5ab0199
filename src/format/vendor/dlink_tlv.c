/* SPDX-License-Identifier: Apache-2.0 */
/*
 * D-Link's image for its routers made by Arcadyan and others, called TLV by binwalk (dlink_tlv.rs, delink tlv.rs).
 * Little-endian.
 *
 *	0             4          24         44       4c            6c        70           74
 *	+-------------+----------+----------+--------+-------------+---------+------------+---- … ----+
 *	| 64 80 19 40 | model[32]| board[32]| 8 bytes| MD5 in hex  | kind 1  | length     | data      |
 *	+-------------+----------+----------+--------+-------------+---------+------------+---- … ----+
 *
 * Data that OpenSSL's `enc` enciphered (AES-256-CBC, MD5) have the HMAC-SHA-1 of the model under the board as their
 * passphrase, in hex digits: the header holds what opens them.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { HEAD = 0x74, MD5_AT = 0x4c, SALTED = 16, KEY = 32 };

struct tlv {
	gh_bytes head, model, board, md5, data;
	uint32_t length;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct tlv *ret)
{
	gh_cur h = c;
	struct tlv t = { .head = gh_take(&c, HEAD) };
	if (!gh_eat(&h, GH_LIT("\x64\x80\x19\x40")))
		return GH_NOT_MINE;
	gh_bytes model = gh_take(&h, 32), board = gh_take(&h, 32);
	gh_skip(&h, 8);
	t.md5 = gh_text(&h, 32);
	uint32_t kind = gh_u32le(&h);
	t.length = gh_u32le(&h);
	if (!gh_cur_ok(&h) || kind != 1 || t.length == 0 || !gh_field_is_text(model, 2) || !gh_field_is_text(board, 1))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a D-Link TLV header make no sense");
	gh_cur m = gh_cur_over(model, 0), b = gh_cur_over(board, 0);
	t.model = gh_text(&m, 32);
	t.board = gh_text(&b, 32);
	t.data = gh_take(&c, GH_MIN((uint64_t)t.length, (uint64_t)c.left));
	*ret = t;
	return t.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a D-Link TLV header");
}

static void hex(const uint8_t *from, size_t n, char *to)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
}

static bool md5_holds(const struct tlv *t, uint8_t ret[32])
{
	uint8_t raw[16];
	char text[32];
	gh_md5(&t->data, 1, raw);
	hex(raw, sizeof raw, text);
	memcpy(ret, text, sizeof text);
	return gh_bytes_eq(gh_view(text, sizeof text), t->md5);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct tlv t;
	uint8_t md5[32];
	gh_code code = read_header(ctx, c, &t);
	if (code == GH_OK)
		code = gh_effort(ctx, t.data.len);
	if (code != GH_OK)
		return code;
	bool right = t.data.len == t.length && md5_holds(&t, md5);
	*ret = (gh_span){ .size = HEAD + t.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_md5(gh_ctx *ctx, uint64_t start, const struct tlv *t, gh_node *out)
{
	uint8_t md5[32];
	gh_sum s = { .what = "image MD5",
		     .algorithm = "md5, in hex digits",
		     .at = start + MD5_AT,
		     .stored = t->md5,
		     .remark = "over the data as they stand" };
	if (t->md5.len != 32 || t->data.len < t->length) {
		s.state = t->md5.len != 32 ? GH_SUM_ABSENT : GH_SUM_UNVERIFIABLE;
		s.remark = t->md5.len != 32 ? NULL : "the image is cut short";
		return gh_node_sum(ctx, out, &s);
	}
	(void)md5_holds(t, md5);
	return gh_sum_digest(ctx, out, s, t->md5, md5);
}

static gh_code add_data(gh_ctx *ctx, uint64_t at, const struct tlv *t, gh_node *out)
{
	uint8_t mac[20], raw[KEY + GH_AES_BLOCK];
	char passphrase[40];
	if (!gh_bytes_start(t->data, GH_LIT("Salted__")) || t->data.len <= SALTED)
		return gh_node_part(ctx, out, GH_NODE_PART, "image", at, t->data);
	gh_hmac_sha1(t->board, t->model, mac);
	hex(mac, sizeof mac, passphrase);
	gh_openssl_key(gh_view(passphrase, sizeof passphrase), gh_bytes_part(t->data, 8, 8), false, raw, sizeof raw);
	gh_aes aes = { .key = gh_view(raw, KEY) };
	memcpy(aes.iv, raw + KEY, sizeof aes.iv);
	const gh_key key = { .device = "the board and model in the header", .source = "binwalk-ng/delink tlv.rs" };
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "salt", at, gh_bytes_part(t->data, 0, SALTED));
	return code != GH_OK ? code
			     : gh_part_aes(ctx, out, "image", &aes, &key, at + SALTED,
					   gh_bytes_part(t->data, SALTED, t->data.len), t->data.len, NULL);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct tlv t;
	(void)span;
	gh_code code = read_header(ctx, c, &t);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link")) || gh_node_fact(ctx, out, "model", t.model) ||
	    gh_node_fact(ctx, out, "board", t.board))
		return GH_NOMEM;
	code = add_md5(ctx, c.pos, &t, out);
	if (code == GH_OK && t.data.len < t.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + t.data.len,
				    "the header names %u bytes of data, %zu are there", t.length, t.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, t.head);
	return code != GH_OK ? code : add_data(ctx, c.pos + HEAD, &t, out);
}

const gh_format gh_format_dlink_tlv = {
	.name = "dlink-tlv",
	.title = "D-Link image with records (TLV)",
	.spec = "ReFirmLabs/binwalk: dlink_tlv.rs; binwalk-ng/delink: tlv.rs",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x64\\x80\\x19\\x40[!-~]{2}", 6, 0 } },
	.measure = measure,
	.unpack = unpack,
};
