/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffalo's encrypted image (firmware-utils, buffalo-lib.c). Big-endian.
 *
 *	0          6      7          b         +4        ...      +4        ...      +4          end
 *	+----------+------+----------+---------+---------+--------+---------+---------+-----------+
 *	| "start\0"| seed | length   | product | length  | version| length  | data    | checksum  |
 *	| "asar1\0"|      |          |         |         |        |         |         | of it     |
 *	+----------+------+----------+---------+---------+--------+---------+---------+-----------+
 *
 * Product, version and data are each enciphered with RC4 whose key is one byte and the published word "Buffalo"; the
 * byte is the seed, then the first byte of the enciphered product, then that of the version. Newer routers take a
 * state as long as the text instead of 256 bytes. The checksum is a CRC-32 without inversions that starts with the
 * length and takes bytes as signed numbers.
 */
#include "format/vendor/keys_in.h"

enum { MAGIC = 6, FIELD_MOST = 32, LENGTH_MOST = 128 << 20, STATE = 256 };

struct enc {
	gh_bytes all, product, version, data;
	uint8_t seed;
	uint32_t length, sum;
	uint64_t data_at;
	bool cut;
};

/* What the data became, and how. */
struct plain {
	uint8_t *data;
	uint32_t sum;
	bool longer, right;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct enc *ret)
{
	struct enc e = { .all = gh_rest(&c) };
	uint64_t start = c.pos;
	if (!gh_eat(&c, GH_LIT("start\0")) && !gh_eat(&c, GH_LIT("asar1\0")))
		return GH_NOT_MINE;
	e.seed = gh_u8(&c);
	uint32_t product = gh_u32be(&c);
	if (product == 0 || product > FIELD_MOST)
		return GH_NOT_MINE;
	e.product = gh_take(&c, product);
	uint32_t version = gh_u32be(&c);
	if (!gh_cur_ok(&c) || version == 0 || version > FIELD_MOST)
		return GH_NOT_MINE;
	e.version = gh_take(&c, version);
	e.length = gh_u32be(&c);
	if (!gh_cur_ok(&c) || e.length == 0 || e.length > LENGTH_MOST)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the data's length of a Buffalo image makes no sense");
	e.data_at = c.pos - start;
	e.cut = c.left < (uint64_t)e.length + 4;
	e.data = gh_take(&c, GH_MIN((uint64_t)e.length, (uint64_t)c.left));
	e.sum = e.cut ? 0 : gh_u32be(&c);
	*ret = e;
	return GH_OK;
}

/* `state` has room for `size` bytes; `out` may be where `in` is. */
static void rc4(uint8_t seed, gh_bytes in, uint8_t *out, uint8_t *state, size_t size)
{
	gh_bytes word = gh_key_next("buffalo-enc", NULL)->key;
	size_t k = 0;
	for (size_t i = 0; i < size; i++)
		state[i] = (uint8_t)i;
	for (size_t i = 0; i < size; i++) {
		size_t turn = i % (word.len + 1);
		uint8_t t = state[i];
		k = (k + (turn ? word.ptr[turn - 1] : seed) + t) % size;
		state[i] = state[k];
		state[k] = t;
	}
	uint8_t i = 0, j = 0;
	for (size_t n = 0; n < in.len; n++) {
		i = (uint8_t)((i + 1u) % size);
		j = (uint8_t)((j + state[i]) % size);
		uint8_t t = state[j];
		state[j] = state[i];
		state[i] = t;
		out[n] = in.ptr[n] ^ state[((size_t)state[i] + state[j]) % size];
	}
}

static uint32_t sum_of(const uint8_t *b, size_t n, uint32_t length)
{
	uint32_t table[256], crc = length;
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (unsigned bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	for (size_t i = 0; i < n; i++) {
		/* A negative byte turns the upper 24 bits over, too. */
		crc ^= b[i] & 0x80 ? 0xffffff00 | b[i] : b[i];
		crc = crc >> 8 ^ table[crc & 0xff];
	}
	return crc;
}

static gh_code decipher(gh_ctx *ctx, const struct enc *e, struct plain *ret)
{
	gh_code code = gh_spend_bytes(ctx, 3 * (uint64_t)e->data.len);
	if (code != GH_OK)
		return code;
	uint8_t small[STATE], *state = gh_arena_alloc(ctx->arena, e->data.len + 1);
	struct plain p = { .data = gh_arena_alloc(ctx->arena, e->data.len + 1) };
	if (!state || !p.data)
		return gh_nomem(ctx);
	for (unsigned longer = 0; longer < 2 && !p.right; longer++) {
		if (longer && e->cut)
			break;
		rc4(e->version.ptr[0], e->data, p.data, longer ? state : small, longer ? e->length : STATE);
		p.sum = sum_of(p.data, e->data.len, e->length);
		p.right = !e->cut && p.sum == e->sum;
		p.longer = longer;
	}
	*ret = p;
	return GH_OK;
}

static bool plain_field(const struct enc *e, gh_bytes field, uint8_t seed, bool longer, uint8_t ret[FIELD_MOST])
{
	uint8_t state[STATE];
	(void)e;
	rc4(seed, field, ret, state, longer ? field.len : STATE);
	return gh_field_is_text(gh_view(ret, field.len), 1) && ret[field.len - 1] == 0;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct enc e;
	uint8_t text[FIELD_MOST];
	gh_code code = read_header(ctx, c, &e);
	if (code != GH_OK)
		return code;
	/* The product is text in plain; that is asked before megabytes are deciphered. */
	if (!plain_field(&e, e.product, e.seed, false, text) && !plain_field(&e, e.product, e.seed, true, text))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the product of a Buffalo image does not become text");
	struct plain *p = gh_arena_zalloc(ctx->arena, sizeof *p);
	if (!p)
		return gh_nomem(ctx);
	code = decipher(ctx, &e, p);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = e.cut ? (uint64_t)e.all.len : e.data_at + e.length + 4,
			  .proof = p->right ? GH_PROOF_SUM : GH_PROOF_SHAPE,
			  .state = p };
	return GH_OK;
}

static gh_code add_field(gh_ctx *ctx, const struct enc *e, const char *key, gh_bytes field, uint8_t seed, bool longer,
			 gh_node *out)
{
	uint8_t text[FIELD_MOST];
	return plain_field(e, field, seed, longer, text) ? gh_fact_field(ctx, out, key, gh_view(text, field.len))
							 : GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct enc e;
	const struct plain *p = span->state;
	uint8_t text[FIELD_MOST];
	gh_code code = read_header(ctx, c, &e);
	if (code != GH_OK)
		return code;
	bool longer = p->right ? p->longer : !plain_field(&e, e.product, e.seed, false, text);
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Buffalo")) ||
	    add_field(ctx, &e, "product", e.product, e.seed, longer, out) ||
	    add_field(ctx, &e, "version", e.version, e.product.ptr[0], longer, out) ||
	    gh_node_fact(ctx, out, "state", longer ? GH_LIT("as long as the text") : GH_LIT("256 bytes")))
		return GH_NOMEM;
	gh_sum sum = { .what = "data checksum", .algorithm = "crc32 from the length, signed bytes" };
	sum.at = c.pos + e.data_at + e.length;
	sum.remark = "over the data in plain";
	if (!e.cut && gh_sum_u32(ctx, out, sum, e.sum, p->sum, true))
		return GH_NOMEM;
	if (e.cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + e.all.len,
				  "%u bytes of data are named, %zu are there", e.length, e.data.len))
		return GH_NOMEM;
	code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(e.all, 0, e.data_at));
	if (code == GH_OK && e.data.len > 0)
		code = gh_node_part_decoded(ctx, out, "data",
					    p->longer ? "rc4 with a state as long as the data, key: first byte of the "
							"enciphered version, \"Buffalo\""
						      : "rc4, key: first byte of the enciphered version, \"Buffalo\"",
					    c.pos + e.data_at, e.data, gh_view(p->data, e.data.len));
	return code == GH_OK && !e.cut ? gh_node_part(ctx, out, GH_NODE_HEADER, "checksum", sum.at,
						      gh_bytes_part(e.all, e.data_at + e.length, 4))
				       : code;
}

const gh_format gh_format_buffalo_enc = {
	.name = "buffalo-enc",
	.title = "Buffalo image, enciphered with the published word",
	.spec = "openwrt/firmware-utils: buffalo-lib.c",
	.limits = "other words than \"Buffalo\"; a damaged image whose state is as long as the data stays enciphered",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "start\\x00.\\x00\\x00\\x00[\\x01-\\x20]", 11, 0 },
		   { "asar1\\x00.\\x00\\x00\\x00[\\x01-\\x20]", 11, 0 } },
	.measure = measure,
	.unpack = unpack,
};
