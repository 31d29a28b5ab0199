/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QNAP's image (unblob qnap_nas.py, qnap_networking.py): a gzip whose first part is enciphered, and a tail of 74 bytes.
 * Little-endian.
 *
 *	… end-4a  -44       -40         -30         -20        -10
 *	+--------+---------+-----------+-----------+----------+-----------+
 *	| icpnas | bytes   | device[16]| version   | date     | revision  |
 *	|        | of ciph.|           | [16]      | [16]     | [16]      |
 *	+--------+---------+-----------+-----------+----------+-----------+
 *
 * The cipher is PC1. Its key is, of a NAS, "QNAPNASVERSION" and the first digit of the version; of other devices the
 * name of the device in the tail. There is no digest.
 */
#include "format/vendor/keys_in.h"

enum { TAIL = 74, PEEK = 8 };

struct qnap {
	gh_bytes all, tail, device, version, date, revision;
	uint32_t enciphered;
};

static gh_code read_tail(gh_ctx *ctx, gh_cur c, struct qnap *ret)
{
	struct qnap q = { .all = gh_rest(&c) };
	if (q.all.len < TAIL + 64)
		return GH_NOT_MINE;
	q.tail = gh_bytes_part(q.all, q.all.len - TAIL, TAIL);
	gh_cur t = gh_cur_over(q.tail, c.pos + q.all.len - TAIL);
	if (!gh_eat(&t, GH_LIT("icpnas")))
		return GH_NOT_MINE;
	q.enciphered = gh_u32le(&t);
	q.device = gh_text(&t, 16);
	q.version = gh_text(&t, 16);
	q.date = gh_text(&t, 16);
	q.revision = gh_text(&t, 16);
	if (q.enciphered == 0 || q.enciphered > q.all.len - TAIL || q.device.len < 2 || q.version.len == 0)
		return gh_fail(ctx, GH_CORRUPT, t.pos, "the fields in the tail of a QNAP image make no sense");
	*ret = q;
	return GH_OK;
}

/* Of the two keys the one under which something known begins. */
static bool find_key(const struct qnap *q, uint8_t ret[16], size_t *len)
{
	static const char known[][5] = { "\x1f\x8b\x08",    "BZh", "\xfd\x37zX", "hsqs", "\x27\x05\x19\x56",
					 "\xd0\x0d\xfe\xed" };
	gh_bytes prefix = gh_key_next("qnap", NULL)->key;
	for (unsigned way = 0; way < 2; way++) {
		uint8_t plain[PEEK];
		memcpy(ret, prefix.ptr, prefix.len);
		ret[prefix.len] = q->version.ptr[0];
		*len = prefix.len + 1;
		if (way == 1) {
			memcpy(ret, q->device.ptr, q->device.len);
			*len = q->device.len;
		}
		(void)gh_pc1_decipher(gh_view(ret, *len),
				      gh_bytes_part(q->all, 0, GH_MIN(q->enciphered, (uint32_t)PEEK)), plain);
		for (unsigned i = 0; i < GH_COUNT(known) && q->enciphered >= PEEK; i++)
			if (memcmp(plain, known[i], strlen(known[i])) == 0)
				return true;
	}
	return false;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct qnap q;
	uint8_t key[16];
	size_t len;
	gh_code code = read_tail(ctx, c, &q);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = q.all.len, .proof = find_key(&q, key, &len) ? GH_PROOF_SHAPE : GH_PROOF_MAGIC };
	return GH_OK;
}

static gh_code add_image(gh_ctx *ctx, gh_cur c, const struct qnap *q, gh_bytes key, gh_node *out)
{
	gh_bytes image = gh_bytes_part(q->all, 0, q->all.len - TAIL);
	gh_buf plain = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_code code = gh_buf_room(ctx, &plain, image.len);
	if (code != GH_OK)
		return code;
	if (plain.cap < image.len)
		return gh_fail(ctx, GH_LIMIT, c.pos, "deciphering needs more memory than there is");
	plain.len = gh_pc1_decipher(key, gh_bytes_part(image, 0, q->enciphered), plain.ptr);
	gh_bytes rest = gh_bytes_part(image, q->enciphered, image.len);
	if (rest.len > 0)
		memcpy(plain.ptr + plain.len, rest.ptr, rest.len);
	plain.len += rest.len;
	const char *how = gh_arena_printf(ctx->scratch, "PC1 over the first %u bytes, key %.*s (unblob _qnap.py)",
					  q->enciphered, (int)key.len, (const char *)key.ptr);
	if (!how)
		return gh_nomem(ctx);
	return gh_node_part_decoded(ctx, out, "image", how, c.pos, image, gh_buf_view(&plain));
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct qnap q;
	uint8_t key[16];
	size_t len;
	(void)span;
	gh_code code = read_tail(ctx, c, &q);
	if (code != GH_OK)
		return code;
	uint64_t tail = c.pos + q.all.len - TAIL;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("QNAP")) || gh_node_fact(ctx, out, "model", q.device) ||
	    gh_node_fact(ctx, out, "version", q.version) || gh_fact_field(ctx, out, "created", q.date) ||
	    gh_fact_field(ctx, out, "build", q.revision) ||
	    gh_node_factf(ctx, out, "enciphered", "%u bytes", q.enciphered))
		return GH_NOMEM;
	gh_sum s = { .what = "image digest", .algorithm = "none", .state = GH_SUM_ABSENT, .at = tail };
	code = gh_node_sum(ctx, out, &s);
	if (code != GH_OK)
		return code;
	if (find_key(&q, key, &len)) {
		code = add_image(ctx, c, &q, gh_view(key, len), out);
	} else {
		code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos,
				    "neither of the keys that are published for QNAP gives anything known");
		if (code == GH_OK)
			code = gh_node_part(ctx, out, GH_NODE_PART, "enciphered image", c.pos,
					    gh_bytes_part(q.all, 0, q.all.len - TAIL));
	}
	return code != GH_OK ? code : gh_node_part(ctx, out, GH_NODE_HEADER, "tail", tail, q.tail);
}

const gh_format gh_format_qnap = {
	.name = "qnap",
	.title = "QNAP image",
	.spec = "onekey-sec/unblob: _qnap.py, qnap_nas.py, qnap_networking.py",
	.limits = "the tail must end the file",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
