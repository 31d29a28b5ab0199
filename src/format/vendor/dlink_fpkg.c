/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The package of D-Link's DFL firewalls (onekey-sec/unblob, fpkg.py). Big-endian.
 *
 *	0      4          8       c                    first                            1c
 *	+------+----------+-------+------- … ----------+------+------+---+------+-------+---- … -+ …
 *	| FPKG | 01000000 | first | 1, length, model   | 1c   | type |   | size | name  | content|
 *	+------+----------+-------+------- … ----------+------+------+---+------+-------+---- … -+ …
 *
 * CPKG has nothing between c and the first. Types: 100 file, 102 checksum, 103 signature. What a checksum is over has
 * not been published: MD5, SHA-1, SHA-256 and SHA-512 of the file in front of it are tried.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { ROW = 0x1c, NAME = 16, ROWS_MOST = 256, PLAIN = 0x100, CHECKSUM = 0x102, SIGNATURE = 0x103 };

struct row {
	gh_bytes head, name, content;
	uint64_t at;
	uint32_t size;
	uint16_t type;
};

static bool read_row(gh_cur *c, struct row *ret)
{
	gh_cur h = *c;
	gh_bytes all = gh_rest(c);
	if (gh_u32be(&h) != ROW)
		return false;
	*ret = (struct row){ .type = gh_u16be(&h), .head = gh_bytes_part(all, 0, ROW) };
	gh_skip(&h, 2);
	ret->size = gh_u32be(&h);
	gh_bytes name = gh_take(&h, NAME);
	if (!gh_cur_ok(&h) || ret->type < PLAIN || ret->type > SIGNATURE)
		return false;
	size_t len = 0;
	for (; len < name.len && name.ptr[len] != 0; len++)
		if (name.ptr[len] < 0x20 || name.ptr[len] > 0x7e)
			return false;
	while (len > 0 && name.ptr[len - 1] == ' ')
		len--;
	ret->name = gh_bytes_part(name, 0, len);
	ret->at = h.pos;
	ret->content = gh_take(&h, GH_MIN((uint64_t)ret->size, (uint64_t)h.left));
	*c = h;
	return true;
}

static gh_code read_head(gh_ctx *ctx, gh_cur c, gh_cur *rows, gh_bytes *model)
{
	gh_bytes all = gh_rest(&c);
	gh_cur h = c;
	bool package = gh_u8(&h) == 'F';
	gh_skip(&h, 7);
	uint32_t first = gh_u32be(&h);
	*model = gh_view(NULL, 0);
	if (!gh_cur_ok(&h) || first < 12 || first > 4096 || first >= all.len)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of a D-Link package makes no sense");
	if (package && first > 20) {
		gh_skip(&h, 4);
		uint32_t len = gh_u32be(&h);
		*model = gh_bytes_part(gh_bytes_part(all, 0, first), 20, len);
	}
	*rows = gh_at(c, first);
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_cur rows;
	gh_bytes model;
	struct row r;
	unsigned n = 0;
	gh_code code = read_head(ctx, c, &rows, &model);
	if (code != GH_OK)
		return code;
	while (n < ROWS_MOST && read_row(&rows, &r))
		n++;
	if (n == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no file follows the header of a D-Link package");
	*ret = (gh_span){ .size = rows.pos - c.pos, .proof = n > 1 ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

static int hex(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The digest as bytes, or as digits. */
static bool says(gh_bytes stored, const uint8_t *digest, size_t n)
{
	if (stored.len == n)
		return memcmp(stored.ptr, digest, n) == 0;
	if (stored.len < 2 * n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (hex(stored.ptr[2 * i]) != digest[i] >> 4 || hex(stored.ptr[2 * i + 1]) != (digest[i] & 15))
			return false;
	return true;
}

static gh_code add_sum(gh_ctx *ctx, const struct row *sum, const struct row *of, gh_node *out)
{
	uint8_t digest[64];
	gh_sum s = { .what = "checksum of the file in front",
		     .at = sum->at,
		     .stored = gh_bytes_part(sum->content, 0, 128),
		     .algorithm = "md5",
		     .state = GH_SUM_RIGHT };
	gh_code code = gh_effort(ctx, 4 * (uint64_t)of->content.len);
	if (code != GH_OK)
		return code;
	gh_md5(&of->content, 1, digest);
	if (says(sum->content, digest, 16))
		return gh_node_sum(ctx, out, &s);
	s.algorithm = "sha1";
	gh_sha1(&of->content, 1, digest);
	if (says(sum->content, digest, 20))
		return gh_node_sum(ctx, out, &s);
	s.algorithm = "sha256";
	gh_sha256(&of->content, 1, digest);
	if (says(sum->content, digest, 32))
		return gh_node_sum(ctx, out, &s);
	s.algorithm = "sha512";
	gh_sha512(&of->content, 1, digest);
	if (says(sum->content, digest, 64))
		return gh_node_sum(ctx, out, &s);
	s.algorithm = "not published";
	s.state = GH_SUM_UNVERIFIABLE;
	s.remark = "the file was changed, or it is none of MD5, SHA-1, SHA-256 and SHA-512";
	return gh_node_sum(ctx, out, &s);
}

static gh_code add_row(gh_ctx *ctx, const struct row *r, const struct row *last, gh_node *out)
{
	const char *name = gh_arena_printf(ctx->arena, "%.*s", (int)r->name.len, (const char *)r->name.ptr);
	if (!name)
		return gh_nomem(ctx);
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "entry", r->at - ROW, r->head);
	if (code == GH_OK && r->type == CHECKSUM && last)
		code = add_sum(ctx, r, last, out);
	if (code == GH_OK && r->type == SIGNATURE)
		code = gh_node_factf(ctx, out, "signature", "%u bytes; needs the vendor's key", r->size);
	if (code == GH_OK && r->content.len < r->size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, r->at + r->content.len, "%s has %u bytes, %zu are there",
				    name, r->size, r->content.len);
	return code != GH_OK ? code
			     : gh_node_part(ctx, out, GH_NODE_PART, r->name.len > 0 ? name : "file", r->at, r->content);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_cur rows;
	gh_bytes model;
	struct row r, last = { 0 };
	(void)span;
	gh_code code = read_head(ctx, c, &rows, &model);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link"));
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "model", model);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos,
				    gh_bytes_part(gh_rest(&c), 0, rows.pos - c.pos));
	for (unsigned n = 0; code == GH_OK && n < ROWS_MOST && read_row(&rows, &r); n++) {
		code = add_row(ctx, &r, last.at > 0 ? &last : NULL, out);
		if (r.type == PLAIN)
			last = r;
	}
	return code;
}

const gh_format gh_format_dlink_fpkg = {
	.name = "dlink-fpkg",
	.title = "D-Link package of DFL firewalls (FPKG, CPKG)",
	.spec = "onekey-sec/unblob: fpkg.py",
	.limits = "signatures are named, not checked; a checksum that holds in no known way is called unverifiable",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[CF]PKG\\x01\\x00\\x00\\x00", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
