/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LUKS (cryptsetup: LUKS1 On-Disk Format Specification, LUKS2 On-Disk Format Specification), big-endian.
 *
 *	version 1: 0      6      8       28    48    68        6c        70       84    94          a8    d0
 *	           +------+------+-------+-----+-----+---------+---------+--------+-----+-----------+-----+----------+
 *	           | LUKS | 1    | cipher| mode| hash| payload | key     | digest | salt| iterations| UUID| 8 slots  |
 *	           | babe |      |       |     |     | sector  | bytes   |        |     |           |     |          |
 *	           +------+------+-------+-----+-----+---------+---------+--------+-----+-----------+-----+----------+
 *	version 2: 0      6      8       10       18     48         68    a8    d0         100      1c0       1000
 *	           +------+------+-------+--------+------+----------+-----+-----+----------+--------+---------+------+
 *	           | LUKS | 2    | header| number | label| checksum | salt| UUID| subsystem| offset | checksum| JSON |
 *	           +------+------+-------+--------+------+----------+-----+-----+----------+--------+---------+------+
 *
 * The second version has a second header behind the first, which begins with SKUL; the checksum is over the header and
 * the JSON, with zeros in its own place.
 */
#include <stdio.h>

#include "codec/sum.h"
#include "format/room_in.h"

enum { HEADER1 = 592, HEADER2 = 4096, SUM_AT = 0x1c0, SLOTS = 8, SECTOR = 512 };

static const uint32_t slot_in_use = 0x00ac71f3;

struct luks {
	unsigned version;
	uint64_t header, payload; /* where the encrypted data begins; 0: the JSON says it */
	gh_bytes all, json;
};

static gh_code open_luks(gh_ctx *ctx, gh_cur c, struct luks *ret)
{
	struct luks l = { .all = gh_rest(&c) };
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("LUKS\xba\xbe")))
		return GH_NOT_MINE;
	l.version = gh_u16be(&h);
	if (l.version == 1) {
		gh_skip(&h, 0x68 - 8);
		l.header = HEADER1;
		l.payload = (uint64_t)gh_u32be(&h) * SECTOR;
		uint32_t key = gh_u32be(&h);
		if (!gh_cur_ok(&h) || l.all.len < HEADER1 || key == 0 || key > 1024 ||
		    (l.payload != 0 && l.payload < HEADER1))
			return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of LUKS makes no sense");
	} else if (l.version == 2) {
		l.header = gh_u64be(&h);
		if (!gh_cur_ok(&h) || l.header < 0x4000 || l.header > 0x400000 || (l.header & (l.header - 1)) ||
		    l.all.len < HEADER2)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of LUKS makes no sense");
		l.json = gh_bytes_part(l.all, HEADER2, l.header - HEADER2);
	} else {
		return GH_NOT_MINE;
	}
	*ret = l;
	return GH_OK;
}

static bool header_sum(const struct luks *l, uint8_t computed[32])
{
	static const uint8_t zeros[64];
	gh_bytes runs[] = { gh_bytes_part(l->all, 0, SUM_AT), gh_view(zeros, sizeof zeros),
			    gh_bytes_part(l->all, SUM_AT + 64, l->header - SUM_AT - 64) };
	gh_bytes stored = gh_bytes_part(l->all, SUM_AT, 32);
	gh_sha256(runs, GH_COUNT(runs), computed);
	return stored.len == 32 && memcmp(stored.ptr, computed, 32) == 0;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct luks l;
	uint8_t computed[32] = { 0 };
	gh_code code = open_luks(ctx, c, &l);
	if (code != GH_OK)
		return code;
	bool right = l.version == 2 && header_sum(&l, computed);
	*ret = (gh_span){ .size = c.left, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return gh_effort(ctx, l.header);
}

static gh_code facts_1(gh_ctx *ctx, const struct luks *l, gh_node *out)
{
	char cipher[80];
	unsigned used = 0;
	gh_cur c = gh_cur_over(gh_bytes_part(l->all, 8, 64), 0),
	       s = gh_cur_over(gh_bytes_part(l->all, 0xd0, 48 * SLOTS), 0);
	gh_bytes name = gh_text(&c, 32), mode = gh_text(&c, 32);
	for (unsigned i = 0; i < SLOTS; i++) {
		used += gh_u32be(&s) == slot_in_use;
		gh_skip(&s, 44);
	}
	(void)snprintf(cipher, sizeof cipher, "%.*s-%.*s", (int)name.len, (const char *)name.ptr, (int)mode.len,
		       (const char *)mode.ptr);
	gh_code code = gh_fact_field(ctx, out, "cipher", gh_view_text(cipher));
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "hash", gh_bytes_part(l->all, 0x48, 32));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "key-slots", "%u of %d", used, SLOTS);
	return code;
}

/* The value of the first "key":"…" of the JSON; nobody needs more of it than that. */
static gh_code json_fact(gh_ctx *ctx, const struct luks *l, gh_node *out, const char *key, const char *quoted)
{
	const uint8_t *hit = l->json.len ? memmem(l->json.ptr, l->json.len, quoted, strlen(quoted)) : NULL;
	if (!hit)
		return GH_OK;
	gh_bytes rest = gh_bytes_part(l->json, (uint64_t)(hit - l->json.ptr) + strlen(quoted), 80);
	const uint8_t *end = rest.len ? memchr(rest.ptr, '"', rest.len) : NULL;
	return end ? gh_fact_field(ctx, out, key, gh_view(rest.ptr, (size_t)(end - rest.ptr))) : GH_OK;
}

static gh_code facts_2(gh_ctx *ctx, const struct luks *l, uint64_t pos, gh_node *out)
{
	uint8_t computed[32] = { 0 };
	gh_sum sum = {
		.what = "header SHA-256", .algorithm = "sha256", .at = pos + SUM_AT, .computed = gh_view(computed, 32)
	};
	sum.state = header_sum(l, computed) ? GH_SUM_RIGHT : GH_SUM_WRONG;
	sum.stored = gh_bytes_part(l->all, SUM_AT, 32);
	gh_code code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "name", gh_bytes_part(l->all, 0x18, 48));
	if (code == GH_OK)
		code = json_fact(ctx, l, out, "cipher", "\"encryption\":\"");
	return code == GH_OK ? json_fact(ctx, l, out, "key-derivation", "\"kdf\":{\"type\":\"") : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct luks l;
	(void)span;
	gh_code code = open_luks(ctx, c, &l);
	if (code != GH_OK)
		return code;
	code = gh_node_factf(ctx, out, "version", "LUKS%u", l.version);
	if (code == GH_OK)
		code = l.version == 1 ? facts_1(ctx, &l, out) : facts_2(ctx, &l, c.pos, out);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "uuid", gh_bytes_part(l.all, 0xa8, 40));
	if (code == GH_OK)
		code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos,
				    "a device encrypted with LUKS: its key is not known");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(l.all, 0, l.header));
	gh_bytes data = gh_bytes_part(l.all, l.payload, l.all.len);
	if (code == GH_OK && l.payload != 0 && data.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "encrypted data", c.pos + l.payload, data);
	return code;
}

const gh_format gh_format_luks = {
	.name = "luks",
	.title = "Device encrypted with LUKS",
	.spec = "cryptsetup: LUKS1 and LUKS2 On-Disk Format Specifications",
	.limits = "named only: there is no key; it is taken to reach to the end of what it stands in",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "LUKS\\xba\\xbe\\x00[\\x01\\x02]", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
