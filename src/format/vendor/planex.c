/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planex' header (firmware-utils, mkplanexfw.c). Big-endian.
 *
 *	0                       14               1c    1e            22
 *	+-----------------------+----------------+-----+-------------+------+
 *	| SHA-1 of seed and data| version "1.00.00"| ? | data's length | data |
 *	+-----------------------+----------------+-----+-------------+------+
 *
 * The seed is a number of 32 bits, another one for each board: 2 and 4 are known. No magic.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 0x22, SEEDS = 16, LENGTH_MOST = 64 << 20 };

struct planex {
	gh_bytes all, data;
	uint32_t length, seed;
	uint8_t sha1[20];
	bool right;
};

static void digest(gh_bytes data, uint32_t seed, uint8_t ret[20])
{
	const uint8_t word[4] = { 0, 0, 0, (uint8_t)seed };
	const gh_bytes runs[] = { gh_view(word, 4), data };
	gh_sha1(runs, 2, ret);
}

static bool is_digit(uint8_t b)
{
	return b >= '0' && b <= '9';
}

static bool is_version(const uint8_t *v)
{
	return is_digit(v[0]) && v[1] == '.' && is_digit(v[2]) && is_digit(v[3]) && v[4] == '.' && is_digit(v[5]) &&
	       is_digit(v[6]) && v[7] == 0;
}

/* What a payload of theirs begins with: where the digest is wrong, this has to stand for it. */
static bool known_start(gh_bytes data)
{
	return gh_bytes_start(data, GH_LIT("\x27\x05\x19\x56")) || gh_bytes_start(data, GH_LIT("\x5d\0\0")) ||
	       gh_smells_of_fs(data);
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct planex *ret)
{
	static const uint8_t seeds[] = { 2, 4, 0, 1, 3, 5, 6, 7, 8 };
	struct planex p = { .all = gh_rest(&c), .seed = UINT32_MAX };
	gh_bytes stored = gh_take(&c, 20), version = gh_take(&c, 8);
	gh_skip(&c, 2);
	p.length = gh_u32be(&c);
	if (!gh_cur_ok(&c) || !is_version(version.ptr) || p.length < 0x1000 || p.length > LENGTH_MOST)
		return GH_NOT_MINE;
	p.data = gh_bytes_part(gh_rest(&c), 0, p.length);
	bool known = known_start(p.data);
	for (size_t i = 0; i < (known ? GH_COUNT(seeds) : 2) && p.data.len == p.length && !p.right; i++) {
		gh_code code = gh_effort(ctx, p.length);
		if (code != GH_OK)
			return code;
		uint8_t sha1[20];
		digest(p.data, seeds[i], sha1);
		p.right = gh_bytes_eq(gh_view(sha1, 20), stored);
		if (p.right || i == 0)
			memcpy(p.sha1, sha1, 20);
		if (p.right)
			p.seed = seeds[i];
	}
	if (!p.right && !known)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither the SHA-1 nor the start of the data is Planex'");
	*ret = p;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct planex p;
	gh_code code = read_header(ctx, c, &p);
	if (code == GH_OK)
		*ret = (gh_span){ .size = HEADER + p.data.len, .proof = p.right ? GH_PROOF_SUM : GH_PROOF_MAGIC };
	return code;
}

static const char *board_of(uint32_t seed)
{
	return seed == 2 ? "MZK-W04NU" : seed == 4 ? "MZK-W300NH" : NULL;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct planex p;
	(void)span;
	gh_code code = read_header(ctx, c, &p);
	if (code != GH_OK)
		return code;
	bool cut = p.data.len < p.length;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Planex")) ||
	    gh_fact_field(ctx, out, "version", gh_bytes_part(p.all, 0x14, 8)) ||
	    (p.right && gh_node_factf(ctx, out, "seed", "%u", p.seed)) ||
	    (board_of(p.seed) && gh_node_fact(ctx, out, "board", gh_view_text(board_of(p.seed)))))
		return GH_NOMEM;
	gh_sum sum = { .what = "data SHA-1", .algorithm = "sha1", .at = c.pos, .stored = gh_bytes_part(p.all, 0, 20) };
	sum.state = p.right ? GH_SUM_RIGHT : cut ? GH_SUM_UNVERIFIABLE : GH_SUM_WRONG;
	sum.remark = p.right ? "over the seed and the data"
		     : cut   ? "the data is cut short"
			     : "with no seed from 0 to 8";
	if (!cut)
		sum.computed = gh_view(p.sha1, 20);
	if (gh_node_sum(ctx, out, &sum))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + p.all.len, "the header names %u bytes, %zu are there",
				p.length, p.data.len))
		return GH_NOMEM;
	code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(p.all, 0, HEADER));
	return code == GH_OK && p.data.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "data", c.pos + HEADER, p.data)
					       : code;
}

const gh_format gh_format_planex = {
	.name = "planex",
	.title = "Planex image",
	.spec = "openwrt/firmware-utils: mkplanexfw.c",
	.limits = "boards whose seed is above 8",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[0-9]\\.[0-9]{2}\\.[0-9]{2}\\x00..[\\x00-\\x03].{3}", 14, 0x14 } },
	.measure = measure,
	.unpack = unpack,
};
