/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSP, the signed package of Cisco's small-business and firewall appliances (nezlooy/cisco-binwalk, cisco_csp).
 * Little-endian.
 *
 *	0         10     14         114       118      11c    120    124
 *	+---------+------+----------+---------+--------+------+------+-------------+
 *	| GUID    | flags| name     | password| names  | meta | sign | application |
 *	+---------+------+----------+---------+--------+------+------+-------------+
 *
 * Behind the lengths: the password (itself enciphered, with a key that has not been published), the names, the
 * metadata as JSON, its signature, the application as `openssl enc` writes it, its signature. Flags: type of the key in
 * two bits, its version in six, then the version of the format, 1.
 */
#include "format/room_in.h"

enum { HEAD = 0x12c, PARTS = 6, APPLICATION = 4, META = 2 };

static const char *const names[PARTS] = { "password",    "names",    "metadata", "signature of the metadata",
					  "application", "signature" };

struct csp {
	gh_bytes head, name, part[PARTS];
	uint64_t len[PARTS], size;
	uint32_t flags;
};

static gh_code read_package(gh_ctx *ctx, gh_cur c, struct csp *ret)
{
	gh_bytes all = gh_rest(&c);
	gh_cur h = c;
	gh_skip(&h, 16);
	*ret = (struct csp){ .flags = gh_u32le(&h), .head = gh_bytes_part(all, 0, HEAD) };
	ret->name = gh_text(&h, 256);
	for (unsigned i = 0; i < 4; i++)
		ret->len[i] = gh_u32le(&h);
	ret->len[5] = ret->len[3];
	ret->len[APPLICATION] = gh_u64le(&h);
	if (!gh_cur_ok(&h) || (ret->flags >> 8 & 0xff) != 1 || ret->len[APPLICATION] == 0 ||
	    ret->len[APPLICATION] > UINT32_MAX || all.len <= HEAD)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of a Cisco CSP makes no sense");
	uint64_t at = HEAD;
	for (unsigned i = 0; i < PARTS; i++) {
		ret->part[i] = gh_bytes_part(all, at, ret->len[i]);
		at += ret->part[i].len;
	}
	ret->size = at;
	return GH_OK;
}

static bool cut(const struct csp *p)
{
	uint64_t whole = HEAD;
	for (unsigned i = 0; i < PARTS; i++)
		whole += p->len[i];
	return p->size < whole;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct csp p;
	gh_code code = read_package(ctx, c, &p);
	if (code != GH_OK)
		return code;
	bool salted = gh_bytes_start(p.part[APPLICATION], GH_LIT("Salted__"));
	*ret = (gh_span){ .size = p.size, .proof = salted && !cut(&p) ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

/* "KEY": "what it says" in the metadata. */
static gh_code from_json(gh_ctx *ctx, gh_node *out, gh_bytes json, const char *word, const char *key)
{
	const uint8_t *at = json.ptr ? memmem(json.ptr, json.len, word, strlen(word)) : NULL;
	if (!at)
		return GH_OK;
	gh_cur c = gh_cur_over(json, 0);
	gh_skip(&c, (uint64_t)(at - json.ptr) + strlen(word));
	while (c.left > 0 && (c.ptr[0] == ' ' || c.ptr[0] == ':'))
		gh_skip(&c, 1);
	if (!gh_eat(&c, GH_LIT("\"")))
		return GH_OK;
	const uint8_t *end = c.left > 0 ? memchr(c.ptr, '"', c.left) : NULL;
	if (!end || end - c.ptr > 200)
		return GH_OK;
	return gh_fact_field(ctx, out, key, gh_view(c.ptr, (size_t)(end - c.ptr)));
}

static gh_code facts(gh_ctx *ctx, const struct csp *p, gh_node *out)
{
	static const char *const keys[] = { "do not use", "release", "development", "rollover" };
	gh_code code = gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco"));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "key", "%s, version %u", keys[p->flags & 3], p->flags >> 2 & 0x3f);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "name", p->name);
	if (code == GH_OK)
		code = from_json(ctx, out, p->part[META], "\"APPLICATION_NAME\"", "model");
	if (code == GH_OK)
		code = from_json(ctx, out, p->part[META], "\"APPLICATION_VERSION\"", "version");
	if (code == GH_OK)
		code = from_json(ctx, out, p->part[META], "\"APPLICATION_BUILD_DATE\"", "created");
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct csp p;
	uint64_t at = c.pos + HEAD;
	(void)span;
	gh_code code = read_package(ctx, c, &p);
	if (code == GH_OK)
		code = facts(ctx, &p, out);
	gh_sum sum = { .what = "signature",
		       .algorithm = "of Cisco",
		       .state = p.len[5] > 0 ? GH_SUM_UNVERIFIABLE : GH_SUM_ABSENT,
		       .at = c.pos + p.size - p.part[5].len,
		       .stored = gh_bytes_part(p.part[5], 0, 32),
		       .remark = "needs the vendor's key; its first 32 bytes are shown" };
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK && cut(&p))
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + p.size, "the parts are not there whole");
	if (code == GH_OK)
		code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos + HEAD,
				    "the password of the application is enciphered with a key that is not published");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, p.head);
	for (unsigned i = 0; i < PARTS && code == GH_OK; i++) {
		if (p.part[i].len > 0)
			code = gh_node_part(ctx, out, i == APPLICATION ? GH_NODE_PART : GH_NODE_HEADER, names[i], at,
					    p.part[i]);
		at += p.part[i].len;
	}
	return code;
}

const gh_format gh_format_cisco_csp = {
	.name = "cisco-csp",
	.title = "Cisco signed package (CSP)",
	.spec = "nezlooy/cisco-binwalk: cisco_csp",
	.limits = "named only: the key has not been published; the signature is not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x08\\x8f\\x2a\\x54\\x79\\x99\\x44\\xfc\\x8e\\x62\\x9a\\x01\\x45\\xaf\\x56\\xa5", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
