/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NPK, a package of MikroTik's RouterOS (firmware-utils npk_pack_kernel.c, rsa9000/npk-tools). Little-endian.
 *
 *	0             4                      8       a        e
 *	+-------------+----------------------+-------+--------+--------- … ---+-------+ …
 *	| 1e f1 d0 ba | length of the rest   | kind  | length | content       | kind  | …
 *	+-------------+----------------------+-------+--------+--------- … ---+-------+ …
 *
 * The first record is kind 1: name[16], version (revision, a letter, minor, major), time of the build.
 */
#include "format/room_in.h"

enum { HEAD = 8, RECORD = 6, RECORDS_MOST = 256 };

static const char *const kinds[] = {
	[1] = "info",           [2] = "description",      [3] = "dependencies", [4] = "files",
	[7] = "install script", [8] = "uninstall script", [9] = "signature",    [16] = "architecture",
	[18] = "package info",  [20] = "digest",          [21] = "squashfs",    [22] = "padding",
	[23] = "commit",        [24] = "channel",
};

static const char *kind_of(uint16_t kind)
{
	return kind < GH_COUNT(kinds) && kinds[kind] ? kinds[kind] : "record";
}

static gh_code read_length(gh_ctx *ctx, gh_cur c, uint64_t *ret)
{
	if (!gh_eat(&c, GH_LIT("\x1e\xf1\xd0\xba")))
		return GH_NOT_MINE;
	*ret = (uint64_t)gh_u32le(&c) + HEAD;
	uint16_t kind = gh_u16le(&c);
	uint32_t len = gh_u32le(&c);
	if (!gh_cur_ok(&c) || (kind != 1 && kind != 18) || (uint64_t)len + HEAD + RECORD > *ret)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the first record of an NPK says nothing of the package");
	return GH_OK;
}

/* Counts the records; false when they do not fill the package. */
static bool walk(gh_cur c, uint64_t size)
{
	gh_skip(&c, HEAD);
	gh_cur body = gh_sub(&c, GH_MIN(size - HEAD, (uint64_t)c.left));
	while (gh_cur_ok(&body) && body.left >= RECORD) {
		gh_skip(&body, 2);
		gh_skip(&body, gh_u32le(&body));
	}
	return gh_cur_ok(&body) && body.left == 0;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t size;
	gh_code code = read_length(ctx, c, &size);
	if (code == GH_OK)
		code = gh_effort(ctx, 4096);
	if (code != GH_OK)
		return code;
	bool whole = size <= c.left && walk(c, size);
	*ret = (gh_span){ .size = GH_MIN(size, (uint64_t)c.left), .proof = whole ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code info(gh_ctx *ctx, gh_bytes b, gh_node *out)
{
	gh_cur c = gh_cur_over(b, 0);
	gh_bytes name = gh_take(&c, 16);
	unsigned revision = gh_u8(&c), letter = gh_u8(&c), minor = gh_u8(&c), major = gh_u8(&c);
	uint32_t time = gh_u32le(&c);
	if (!gh_cur_ok(&c))
		return GH_OK;
	const char *created = gh_utc(ctx, time);
	/* the letter: f is a release, b a beta, c a candidate */
	const char *stage = letter == 'f' ? "" : letter == 'b' ? "beta" : letter == 'c' ? "rc" : "?";
	if (!created || gh_fact_field(ctx, out, "product", name) ||
	    gh_node_factf(ctx, out, "version", *stage ? "%u.%u%s%u" : "%u.%u%s.%u", major, minor, stage, revision) ||
	    gh_node_fact(ctx, out, "created", gh_view_text(created)))
		return GH_NOMEM;
	return GH_OK;
}

static gh_code add_record(gh_ctx *ctx, gh_node *out, uint16_t kind, uint64_t at, gh_bytes b)
{
	gh_code code = GH_OK;
	gh_sum sum = { .what = "signature",
		       .algorithm = "of MikroTik",
		       .state = GH_SUM_UNVERIFIABLE,
		       .at = at,
		       .stored = gh_bytes_part(b, 0, 32),
		       .remark = "needs the vendor's key" };
	if (kind == 1)
		code = info(ctx, b, out);
	else if (kind == 2 || kind == 16 || kind == 23 || kind == 24)
		code = b.len < 200 ? gh_fact_field(ctx, out, kind_of(kind), b) : GH_OK;
	else if (kind == 9 && b.len > 0)
		code = gh_node_sum(ctx, out, &sum);
	if (code != GH_OK || b.len == 0)
		return code;
	bool looked_into = kind == 4 || kind == 7 || kind == 8 || kind == 21 || kind == 22 ||
			   !kinds[GH_MIN((size_t)kind, GH_COUNT(kinds) - 1)];
	return gh_node_part(ctx, out, looked_into ? GH_NODE_PART : GH_NODE_HEADER, kind_of(kind), at, b);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	uint64_t size, start = c.pos;
	gh_bytes all = gh_rest(&c);
	gh_code code = read_length(ctx, c, &size);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("MikroTik"));
	if (code == GH_OK && size > span->size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + span->size, "%llu bytes are named, %llu are there",
				    (unsigned long long)size, (unsigned long long)span->size);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(all, 0, HEAD));
	gh_skip(&c, HEAD);
	gh_cur body = gh_sub(&c, span->size - HEAD);
	for (unsigned n = 0; code == GH_OK && body.left >= RECORD && n < RECORDS_MOST; n++) {
		uint64_t at = body.pos;
		uint16_t kind = gh_u16le(&body);
		uint32_t len = gh_u32le(&body);
		gh_bytes b = gh_take(&body, GH_MIN((uint64_t)len, (uint64_t)body.left));
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "record", at, gh_bytes_part(all, at - start, RECORD));
		if (code == GH_OK)
			code = add_record(ctx, out, kind, at + RECORD, b);
		if (code == GH_OK && b.len < len)
			code = gh_node_note(ctx, out, GH_CORRUPT, at, "a record is longer than the package");
	}
	return code;
}

const gh_format gh_format_npk = {
	.name = "npk",
	.title = "MikroTik RouterOS package",
	.spec = "openwrt/firmware-utils: npk_pack_kernel.c; rsa9000/npk-tools",
	.limits = "signatures are named, not checked; the list of files of old packages is given as a stream",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x1e\\xf1\\xd0\\xba.{4}[\\x01\\x12]\\x00", 10, 0 } },
	.measure = measure,
	.unpack = unpack,
};
