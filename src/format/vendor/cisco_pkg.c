/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKG, the package of Cisco's FireSIGHT and FirePOWER appliances (nezlooy/cisco-binwalk). Little-endian.
 *
 *	0             4         8          9      a          12
 *	+-------------+---------+----------+------+----------+------ … -+------ … -+
 *	| c0 c5 00 00 | version | sections | kind | ignoreit | section  | section  | …
 *	+-------------+---------+----------+------+----------+------ … -+------ … -+
 *	section: kind, name[11], size u32, data
 *
 * Kinds: 1 a tar, 2 a checksum of the section before, 3 a key, 4 a signed checksum, 5 an enciphered tar: plain size
 *u64, IV[16], 56 bytes, AES-CBC. The key in the package is itself enciphered, with a key that has been published.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { HEAD = 18, SECTION = 16, CIPHER_HEAD = 80, SECTIONS_MOST = 32, KEY_MOST = 64 };

struct section {
	uint8_t kind;
	uint64_t at; /* of the header */
	uint32_t size;
	gh_bytes head, name, data;
};

struct package {
	struct section section[SECTIONS_MOST];
	unsigned n, named;
	uint32_t version;
	uint8_t kind;
	uint64_t size;
	bool cut;
};

static gh_code read_package(gh_ctx *ctx, gh_cur c, struct package *ret)
{
	uint64_t start = c.pos;
	if (!gh_eat(&c, GH_LIT("\xc0\xc5\x00\x00")))
		return GH_NOT_MINE;
	*ret = (struct package){ .version = gh_u32le(&c) };
	ret->named = gh_u8(&c);
	ret->kind = gh_u8(&c);
	if (!gh_eat(&c, GH_LIT("ignoreit")) || ret->named == 0 || ret->named > SECTIONS_MOST)
		return gh_fail(ctx, GH_CORRUPT, start, "the header of a Cisco package makes no sense");
	while (ret->n < ret->named) {
		struct section *s = &ret->section[ret->n];
		gh_cur h = c;
		*s = (struct section){ .at = c.pos, .head = gh_take(&h, SECTION) };
		gh_cur f = gh_cur_over(s->head, s->at);
		s->kind = gh_u8(&f);
		s->name = gh_text(&f, 11);
		s->size = gh_u32le(&f);
		if (!gh_cur_ok(&h) || (s->size > 0 && h.left == 0))
			break;
		s->data = gh_take(&h, GH_MIN((uint64_t)s->size, (uint64_t)h.left));
		c = h;
		ret->n++;
		if (s->data.len < s->size)
			break;
	}
	ret->size = c.pos - start;
	ret->cut = ret->n < ret->named || ret->section[ret->n - 1].data.len < ret->section[ret->n - 1].size;
	return ret->n > 0 ? GH_OK
			  : gh_fail(ctx, GH_TRUNCATED, c.pos, "no section follows the header of a Cisco package");
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct package p;
	gh_code code = read_package(ctx, c, &p);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = p.size, .proof = p.cut ? GH_PROOF_SHAPE : GH_PROOF_PARSED };
	return GH_OK;
}

static const char *kind_of(uint8_t kind)
{
	static const char *const kinds[] = { "section", "archive",         "checksum",
					     "key",     "signed checksum", "enciphered archive" };
	return kinds[kind < GH_COUNT(kinds) ? kind : 0];
}

/* The package's own key, or nothing. */
static size_t package_key(const struct package *p, uint8_t ret[KEY_MOST])
{
	const gh_key *key = gh_key_next("cisco-pkg", NULL);
	uint8_t raw[32];
	gh_sha256(&key->key, 1, raw);
	const gh_aes aes = { .key = gh_view(raw, sizeof raw) };
	for (unsigned i = 0; i < p->n; i++)
		if (p->section[i].kind == 3 && p->section[i].data.len <= KEY_MOST)
			return gh_aes_decipher(&aes, p->section[i].data, ret);
	return 0;
}

static gh_code add_enciphered(gh_ctx *ctx, const struct package *p, const struct section *s, gh_node *out)
{
	uint8_t raw[KEY_MOST], first[GH_AES_BLOCK];
	size_t len = package_key(p, raw);
	gh_cur h = gh_cur_over(s->data, s->at + SECTION);
	uint64_t plain = gh_u64le(&h);
	gh_bytes iv = gh_take(&h, GH_AES_BLOCK);
	gh_bytes head = gh_bytes_part(s->data, 0, CIPHER_HEAD),
		 cipher = gh_bytes_part(s->data, CIPHER_HEAD, s->data.len);
	gh_aes aes = { .key = gh_view(raw, len >= 32 ? 32 : 16) };
	if (gh_cur_ok(&h))
		memcpy(aes.iv, iv.ptr, sizeof aes.iv);
	if (len < 16 || gh_aes_decipher(&aes, gh_bytes_part(cipher, 0, sizeof first), first) == 0 ||
	    (memcmp(first, "BZh", 3) != 0 && memcmp(first, "\x1f\x8b\x08", 3) != 0)) {
		gh_code code = gh_node_note(ctx, out, GH_ENCRYPTED, s->at + SECTION,
					    "the published key opens no archive in this section");
		return code != GH_OK
			       ? code
			       : gh_node_part(ctx, out, GH_NODE_PART, "enciphered archive", s->at + SECTION, s->data);
	}
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "cipher header", s->at + SECTION, head);
	if (code != GH_OK || cipher.len == 0)
		return code;
	return gh_part_aes(ctx, out, "archive", &aes, gh_key_next("cisco-pkg", NULL), s->at + SECTION + CIPHER_HEAD,
			   cipher, plain, NULL);
}

static gh_code add_section(gh_ctx *ctx, const struct package *p, const struct section *s, gh_node *out)
{
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "section header", s->at, s->head);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "section", "%s \"%.*s\", %u bytes", kind_of(s->kind), (int)s->name.len,
				     s->name.ptr ? (const char *)s->name.ptr : "", s->size);
	if (code != GH_OK || s->data.len == 0)
		return code;
	if (s->kind == 5 && s->data.len > CIPHER_HEAD)
		return add_enciphered(ctx, p, s, out);
	gh_sum sum = { .what = kind_of(s->kind),
		       .algorithm = "of Cisco",
		       .state = GH_SUM_UNVERIFIABLE,
		       .at = s->at + SECTION,
		       .stored = gh_bytes_part(s->data, 0, 32),
		       .remark = s->kind == 4 ? "needs the vendor's key; its first 32 bytes are shown"
					      : "how it is computed has not been published" };
	if (s->kind == 2 || s->kind == 4)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, s->kind >= 2 && s->kind <= 4 ? GH_NODE_HEADER : GH_NODE_PART,
				    kind_of(s->kind), s->at + SECTION, s->data);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct package p;
	(void)span;
	gh_code code = read_package(ctx, c, &p);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Cisco")) ||
	    gh_node_factf(ctx, out, "format-version", "0x%x", p.version) ||
	    gh_node_factf(ctx, out, "kind", "%u", p.kind))
		return GH_NOMEM;
	if (p.cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + p.size, "%u sections are named, %u are there whole",
				    p.named, p.n);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEAD));
	for (unsigned i = 0; i < p.n && code == GH_OK; i++)
		code = add_section(ctx, &p, &p.section[i], out);
	return code;
}

const gh_format gh_format_cisco_pkg = {
	.name = "cisco-pkg",
	.title = "Cisco package (PKG)",
	.spec = "nezlooy/cisco-binwalk: cisco_pkg",
	.limits = "checksums and signatures are named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xc0\\xc5\\x00\\x00.{4}[\\x01-\\x20].ignoreit", 18, 0 } },
	.measure = measure,
	.unpack = unpack,
};
