/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What D-Link's images for Russia end with (firmware-utils, sign_dlink_ru.c): a version as text, then records.
 *
 *	+------ … ------+---- … --+---------+-------------+---------+-------------+
 *	| image         | version | MD5[16] | 00 c0 ff ee | MD5[16] | 00 c0 ff ee | …
 *	+------ … ------+---- … --+---------+-------------+---------+-------------+
 *
 * Each digest is of a device's salt and of everything before the record. Nothing at the start tells of it.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { RECORD = 20, RECORDS_MOST = 4, VERSION_MOST = 64 };

static const gh_bytes mark = { (const uint8_t *)"\x00\xc0\xff\xee", 4 };

/* How many records the file ends with. */
static unsigned records_of(gh_bytes all)
{
	unsigned n = 0;
	while (n < RECORDS_MOST && all.len > (size_t)(n + 1) * RECORD &&
	       gh_bytes_eq(gh_bytes_part(all, all.len - (size_t)n * RECORD - 4, 4), mark))
		n++;
	return n;
}

/* The published salt with which the digest of the record at `at` holds, or NULL. */
static const gh_key *salt_of(gh_bytes all, uint64_t at)
{
	const gh_key *k = gh_key_next("dlink-ru", NULL);
	for (; k; k = gh_key_next("dlink-ru", k)) {
		const gh_bytes runs[] = { k->key, gh_bytes_part(all, 0, at) };
		uint8_t md5[16];
		gh_md5(runs, GH_COUNT(runs), md5);
		if (gh_bytes_eq(gh_view(md5, sizeof md5), gh_bytes_part(all, at, 16)))
			break;
	}
	return k;
}

static gh_code pay(gh_ctx *ctx, gh_bytes all, unsigned records)
{
	unsigned salts = 0;
	for (const gh_key *k = gh_key_next("dlink-ru", NULL); k; k = gh_key_next("dlink-ru", k))
		salts++;
	return gh_effort(ctx, (uint64_t)all.len * salts * records);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes all = gh_rest(&c);
	unsigned n = records_of(all);
	if (n == 0)
		return GH_NOT_MINE;
	gh_code code = pay(ctx, all, n);
	if (code != GH_OK)
		return code;
	bool right = false;
	for (unsigned i = 0; i < n && !right; i++)
		right = salt_of(all, all.len - (uint64_t)(n - i) * RECORD) != NULL;
	*ret = (gh_span){ .size = all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_record(gh_ctx *ctx, gh_cur c, unsigned nth, uint64_t at, gh_node *out)
{
	gh_bytes all = gh_rest(&c);
	const gh_key *salt = salt_of(all, at);
	const char *what = gh_arena_printf(ctx->arena, nth == 0 ? "image MD5" : "image MD5 %u", nth + 1);
	if (!what)
		return gh_nomem(ctx);
	gh_sum s = { .what = what,
		     .algorithm = "md5 with a public salt",
		     .at = c.pos + at,
		     .stored = gh_bytes_part(all, at, 16),
		     .state = GH_SUM_UNVERIFIABLE,
		     .remark = "the image was changed, or the salt is not published" };
	if (salt) {
		s.state = GH_SUM_RIGHT;
		s.computed = s.stored;
		s.remark = salt->device;
	}
	return gh_node_sum(ctx, out, &s);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes all = gh_rest(&c);
	unsigned n = records_of(all);
	(void)span;
	if (n == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no record of D-Link");
	uint64_t end = all.len - (uint64_t)n * RECORD, version = end;
	while (version > 0 && end - version < VERSION_MOST && all.ptr[version - 1] > 0x20 &&
	       all.ptr[version - 1] < 0x7f)
		version--;
	/* image that happens to be text is no version */
	if (end - version == VERSION_MOST || version == 0)
		version = end;
	gh_code code = pay(ctx, all, n);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link"));
	if (code == GH_OK && end - version > 2)
		code = gh_fact_field(ctx, out, "version", gh_bytes_part(all, version, end - version));
	for (unsigned i = 0; i < n && code == GH_OK; i++)
		code = add_record(ctx, c, i, end + (uint64_t)i * RECORD, out);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos, gh_bytes_part(all, 0, end));
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "records", c.pos + end,
					    gh_bytes_part(all, end, all.len - end))
			     : code;
}

const gh_format gh_format_dlink_ru = {
	.name = "dlink-ru",
	.title = "D-Link image with digests behind it (00 c0 ff ee)",
	.spec = "openwrt/firmware-utils: sign_dlink_ru.c",
	.limits = "only where the records end the file; a digest that holds with no published salt is called "
		  "unverifiable",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
