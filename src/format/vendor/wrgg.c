/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image headers of Alpha Networks' older devices, most of them D-Link's (firmware-utils, mkwrgimg.c and
 * mkwrggimg.c). Numbers in the order of the device; the later form has the magics little-endian always.
 *
 *	0               20        24        28 … 90 of the later form
 *	+---------------+---------+---------+------+--------+-------------+---------+------ … ------+
 *	| signature[32] | magic   | magic   | size | offset | device[32]  | MD5[16] | data          |
 *	+---------------+---------+---------+------+--------+-------------+---------+------ … ------+
 *	                |         |         version[16], model[16], flag[2], reserve[2], build[16], then size …
 *
 *	magic   20040220, header of 96 bytes (WRG); 20080321, header of 160 bytes (WRGG)
 *	MD5     over offset, device and data
 *
 * The data of DAP-2xxx devices are enciphered as D-Link's encimg does (dlink_encimg.c), with the signature as the
 * board's name.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { OLD = 0x60, NEW = 0xa0 };

struct wrgg {
	gh_bytes signature, version, model, build, device, digested, digest, data;
	uint64_t head, size; /* size: of the data, as stated */
	bool later;
};

static bool read_header(gh_cur c, bool big, struct wrgg *ret)
{
	struct wrgg w = { .signature = gh_take(&c, 32) };
	uint32_t first = gh_u32le(&c), second = gh_u32le(&c);
	w.later = first == 0x20080321 || first == 0x21030820;
	w.head = w.later ? NEW : OLD;
	if (w.later) {
		w.version = gh_take(&c, 16);
		w.model = gh_take(&c, 16);
		gh_skip(&c, 16);
		w.build = gh_take(&c, 16);
	}
	w.size = gh_u32(&c, big);
	w.digested = gh_bytes_part(gh_rest(&c), 0, 4 + 32);
	gh_skip(&c, 4);
	w.device = gh_take(&c, 32);
	w.digest = gh_take(&c, 16);
	w.data = gh_take(&c, GH_MIN(w.size, (uint64_t)c.left));
	*ret = w;
	return gh_cur_ok(&c) && first == second && w.data.len > 0 && gh_field_is_text(w.signature, 4) &&
	       gh_field_is_text(w.device, 1);
}

/* Of the two orders the one whose size fits; where both do, the longer. */
static gh_code read_image(gh_ctx *ctx, gh_cur c, struct wrgg *ret)
{
	struct wrgg other;
	bool big = read_header(c, true, ret), little = read_header(c, false, &other);
	if (!big && !little)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the texts in the header of a WRGG image are none");
	bool big_fits = big && ret->data.len == ret->size, little_fits = little && other.data.len == other.size;
	if (!big || (little_fits && (!big_fits || other.size > ret->size)) ||
	    (little && !big_fits && other.size < ret->size))
		*ret = other;
	return GH_OK;
}

static void digest(const struct wrgg *w, uint8_t ret[16])
{
	const gh_bytes runs[] = { w->digested, w->data };
	gh_md5(runs, GH_COUNT(runs), ret);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct wrgg w;
	uint8_t md5[16];
	gh_code code = read_image(ctx, c, &w);
	if (code == GH_OK)
		code = gh_effort(ctx, w.data.len);
	if (code != GH_OK)
		return code;
	digest(&w, md5);
	bool right = w.data.len == w.size && gh_bytes_eq(gh_view(md5, sizeof md5), w.digest);
	*ret = (gh_span){ .size = w.head + w.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* Which published key makes something known of the first block? */
static const gh_key *encimg_key(const struct wrgg *w, uint8_t mixed[32], gh_aes *aes)
{
	static const char known[][5] = { "\x5e\xa3\xa4\x17", "\xd0\x0d\xfe\xed", "\x5d\x00\x00\x80",
					 "\x27\x05\x19\x56" };
	gh_cur c = gh_cur_over(w->signature, 0);
	gh_bytes board = gh_text(&c, w->signature.len);
	uint8_t first[GH_AES_BLOCK];
	if (w->data.len < sizeof first)
		return NULL;
	for (const gh_key *k = gh_key_next("dlink-encimg", NULL); k; k = gh_key_next("dlink-encimg", k)) {
		gh_encimg_aes(k, board, mixed, aes);
		(void)gh_aes_decipher(aes, gh_bytes_part(w->data, 0, sizeof first), first);
		for (unsigned i = 0; i < GH_COUNT(known); i++)
			if (gh_bytes_start(gh_view(first, sizeof first), gh_view(known[i], 4)))
				return k;
	}
	return NULL;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct wrgg w;
	uint8_t md5[16], mixed[32];
	gh_aes aes;
	gh_bytes all = gh_rest(&c);
	(void)span;
	gh_code code = read_image(ctx, c, &w);
	if (code != GH_OK)
		return code;
	if (gh_fact_field(ctx, out, "board", w.signature) || gh_fact_field(ctx, out, "model", w.model) ||
	    gh_fact_field(ctx, out, "version", w.version) || gh_fact_field(ctx, out, "build", w.build) ||
	    gh_fact_field(ctx, out, "device", w.device))
		return GH_NOMEM;
	gh_sum s = { .what = "image MD5",
		     .algorithm = "md5",
		     .at = c.pos + w.head - 16,
		     .stored = w.digest,
		     .remark = "over the offset, the device's name and the data" };
	if (w.data.len < w.size) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.remark = "the image is cut short";
		code = gh_node_sum(ctx, out, &s);
		if (code == GH_OK)
			code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + w.head + w.data.len,
					    "the header names %llu bytes of data, %zu are there",
					    (unsigned long long)w.size, w.data.len);
	} else {
		digest(&w, md5);
		code = gh_sum_digest(ctx, out, s, w.digest, md5);
	}
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, w.head));
	const gh_key *key = encimg_key(&w, mixed, &aes);
	if (code == GH_OK && key)
		code = gh_part_aes(ctx, out, "data", &aes, key, c.pos + w.head, w.data, w.data.len, NULL);
	else if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "data", c.pos + w.head, w.data);
	return code;
}

const gh_format gh_format_wrgg = {
	.name = "wrgg",
	.title = "WRG or WRGG image of Alpha Networks, D-Link",
	.spec = "openwrt/firmware-utils: mkwrgimg.c, mkwrggimg.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x21\\x03\\x08\\x20\\x21\\x03\\x08\\x20", 8, 0x20 },
		   { "\\x20\\x08\\x03\\x21\\x20\\x08\\x03\\x21", 8, 0x20 },
		   { "\\x20\\x02\\x04\\x20\\x20\\x02\\x04\\x20", 8, 0x20 },
		   { "\\x20\\x04\\x02\\x20\\x20\\x04\\x02\\x20", 8, 0x20 } },
	.measure = measure,
	.unpack = unpack,
};
