/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MH01, D-Link's image for its E, R and M devices (binwalk-ng mh01.rs, delink). Little-endian.
 *
 *	0      4            8           c   10     14             18          1c  20
 *	+------+------------+-----------+---+------+--------------+-----------+---+--------- … -+---- … ---+----- …
 *----+ | MH01 | image size | tail size | 0 | MH01 | size of text | data size | 0 | text        | data     | signature |
 *	+------+------------+-----------+---+------+--------------+-----------+---+--------- … -+---- … ---+----- …
 *----+
 *
 * The data are what OpenSSL's `enc` writes ("Salted__", salt, AES-128-CBC, SHA-256), and then the text is the IV in hex
 * digits; or they are in the clear, and the text is a digest.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { HEAD = 32, TEXT_MOST = 256, SALTED = 16 };

struct mh01 {
	gh_bytes head, text, data, tail;
	uint32_t data_size, tail_size;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct mh01 *ret)
{
	gh_cur h = c;
	struct mh01 m = { .data_size = 0 };
	gh_skip(&h, 8);
	m.tail_size = gh_u32le(&h);
	gh_skip(&h, 4);
	bool again = gh_eat(&h, GH_LIT("MH01"));
	uint32_t text = gh_u32le(&h);
	m.data_size = gh_u32le(&h);
	if (!gh_cur_ok(&h) || !again || text > TEXT_MOST || m.data_size == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of an MH01 header make no sense");
	m.head = gh_take(&c, (uint64_t)HEAD + text);
	m.text = gh_bytes_part(m.head, HEAD, text);
	while (m.text.len > 0 && (m.text.ptr[m.text.len - 1] == '\n' || m.text.ptr[m.text.len - 1] == 0))
		m.text.len--;
	m.data = gh_take(&c, GH_MIN((uint64_t)m.data_size, (uint64_t)c.left));
	if (!gh_cur_ok(&c) || m.data.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows an MH01 header");
	if (m.data.len == m.data_size)
		m.tail = gh_take(&c, GH_MIN((uint64_t)m.tail_size, (uint64_t)c.left));
	*ret = m;
	return GH_OK;
}

/* Bytes from hex digits; false where there are other signs or another number of them. */
static bool from_hex(gh_bytes text, uint8_t *ret, size_t n)
{
	if (text.len != 2 * n)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned c = text.ptr[i], d;
		if (c - '0' <= 9)
			d = c - '0';
		else if ((c | 0x20) - 'a' <= 5)
			d = (c | 0x20) - 'a' + 10;
		else
			return false;
		ret[i / 2] = (uint8_t)((unsigned)ret[i / 2] << 4 | d);
	}
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct mh01 m;
	gh_code code = read_header(ctx, c, &m);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = m.head.len + m.data.len + m.tail.len, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

/* The first passphrase under which the first block reads MH01. */
static const gh_key *find_key(const struct mh01 *m, uint8_t raw[16], gh_aes *aes)
{
	uint8_t first[GH_AES_BLOCK];
	gh_bytes salt = gh_bytes_part(m->data, 8, 8);
	*aes = (gh_aes){ .key = gh_view(raw, 16) };
	if (!from_hex(m->text, aes->iv, sizeof aes->iv))
		return NULL;
	for (const gh_key *k = gh_key_next("dlink-mh01", NULL); k; k = gh_key_next("dlink-mh01", k)) {
		gh_openssl_key(k->key, salt, true, raw, 16);
		if (gh_aes_decipher(aes, gh_bytes_part(m->data, SALTED, sizeof first), first) > 0 &&
		    gh_bytes_start(gh_view(first, sizeof first), GH_LIT("MH01")))
			return k;
	}
	return NULL;
}

static gh_code add_enciphered(gh_ctx *ctx, uint64_t at, const struct mh01 *m, gh_node *out)
{
	gh_aes aes;
	uint8_t raw[16], last[GH_AES_BLOCK];
	gh_bytes cipher = gh_bytes_part(m->data, SALTED, m->data.len);
	const gh_key *key = find_key(m, raw, &aes);
	if (!key) {
		gh_code code = gh_node_note(ctx, out, GH_ENCRYPTED, at,
					    "enciphered by OpenSSL; none of the published passphrases opens it");
		return code != GH_OK ? code : gh_node_part(ctx, out, GH_NODE_PART, "enciphered image", at, m->data);
	}
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "salt", at, gh_bytes_part(m->data, 0, SALTED));
	if (code != GH_OK)
		return code;
	uint64_t keep = cipher.len;
	if (m->data.len == m->data_size && cipher.len >= 2 * GH_AES_BLOCK && cipher.len % GH_AES_BLOCK == 0) {
		gh_aes end = aes;
		memcpy(end.iv, cipher.ptr + cipher.len - 2 * (size_t)GH_AES_BLOCK, sizeof end.iv);
		(void)gh_aes_decipher(&end, gh_bytes_part(cipher, cipher.len - GH_AES_BLOCK, GH_AES_BLOCK), last);
		keep -= gh_pkcs7(gh_view(last, sizeof last));
	}
	return gh_part_aes(ctx, out, "image", &aes, key, at + SALTED, cipher, keep, NULL);
}

/* The text of an image in the clear: a digest by its length. */
static gh_code add_digest(gh_ctx *ctx, uint64_t start, const struct mh01 *m, gh_node *out)
{
	uint8_t stored[32] = { 0 }, computed[32];
	gh_sum s = { .what = "image digest", .at = start + HEAD, .remark = "over the data" };
	if (from_hex(m->text, stored, 16)) {
		s.algorithm = "md5";
		s.stored = gh_view(stored, 16);
		gh_md5(&m->data, 1, computed);
	} else if (from_hex(m->text, stored, 32)) {
		s.algorithm = "sha256";
		s.stored = gh_view(stored, 32);
		gh_sha256(&m->data, 1, computed);
	} else {
		return GH_OK;
	}
	gh_code code = gh_effort(ctx, m->data.len);
	if (code != GH_OK)
		return code;
	if (m->data.len < m->data_size) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.remark = "the image is cut short";
		return gh_node_sum(ctx, out, &s);
	}
	return gh_sum_digest(ctx, out, s, s.stored, computed);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct mh01 m;
	(void)span;
	gh_code code = read_header(ctx, c, &m);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link"));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, m.head);
	if (code == GH_OK && m.data.len < m.data_size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + m.head.len + m.data.len,
				    "the header names %u bytes of data, %zu are there", m.data_size, m.data.len);
	if (code != GH_OK)
		return code;
	uint64_t at = c.pos + m.head.len;
	if (gh_bytes_start(m.data, GH_LIT("Salted__")) && m.data.len > SALTED) {
		code = add_enciphered(ctx, at, &m, out);
	} else {
		code = add_digest(ctx, c.pos, &m, out);
		if (code == GH_OK)
			code = gh_node_part(ctx, out, GH_NODE_PART, "image", at, m.data);
	}
	if (code != GH_OK || m.tail.len == 0)
		return code;
	gh_sum s = { .what = "signature",
		     .algorithm = "of D-Link",
		     .state = GH_SUM_UNVERIFIABLE,
		     .at = at + m.data.len,
		     .stored = gh_bytes_part(m.tail, 0, 32),
		     .remark = "needs the vendor's key; its first 32 bytes are shown" };
	code = gh_node_sum(ctx, out, &s);
	return code != GH_OK ? code : gh_node_part(ctx, out, GH_NODE_HEADER, "signature", at + m.data.len, m.tail);
}

const gh_format gh_format_dlink_mh01 = {
	.name = "dlink-mh01",
	.title = "D-Link image MH01",
	.spec = "ReFirmLabs/binwalk: mh01.rs; binwalk-ng/delink: mh01.rs",
	.limits = "signatures are named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "MH01.{12}MH01", 20, 0 } },
	.measure = measure,
	.unpack = unpack,
};
