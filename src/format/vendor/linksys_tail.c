/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images of Belkin's Linksys routers (EA, WRT AC, MR, MX), told by their last 256 bytes of text (OpenWrt,
 * scripts/linksys-image.sh).
 *
 *	end - 256   +9         +17     +32               +40   +48               +64
 *	+-----------+----------+-------+-----------------+-----+-----------------+-------+
 *	| .LINKSYS. | 01000409 | model | cksum, 8 digits | 0   | key K0000000F…  | zeros |
 *	+-----------+----------+-------+-----------------+-----+-----------------+-------+
 *
 * The checksum is what POSIX's cksum prints, in hexadecimal, of everything before. Nothing at the start tells of it.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { TAIL = 256 };

static bool is_tail(gh_bytes tail)
{
	return tail.len == TAIL && gh_bytes_start(tail, GH_LIT(".LINKSYS.")) &&
	       gh_field_is_text(gh_bytes_part(tail, 9, 23), 20);
}

static bool stored_sum(gh_bytes tail, uint32_t *ret)
{
	uint32_t v = 0;
	for (unsigned i = 32; i < 40; i++) {
		uint8_t d = tail.ptr[i];
		unsigned digit = d >= '0' && d <= '9' ? d - '0' : d >= 'A' && d <= 'F' ? d - 'A' + 10 : d - 'a' + 10;
		if (digit > 15)
			return false;
		v = v << 4 | digit;
	}
	*ret = v;
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes all = gh_rest(&c);
	if (all.len <= TAIL)
		return GH_NOT_MINE;
	gh_bytes tail = gh_bytes_part(all, all.len - TAIL, TAIL), body = gh_bytes_part(all, 0, all.len - TAIL);
	uint32_t stored = 0;
	if (!is_tail(tail))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, all.len);
	if (code != GH_OK)
		return code;
	bool right = stored_sum(tail, &stored) && gh_cksum(&body, 1) == stored;
	*ret = (gh_span){ .size = all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	(void)span;
	gh_bytes all = gh_rest(&c);
	gh_bytes tail = gh_bytes_part(all, all.len - TAIL, TAIL), body = gh_bytes_part(all, 0, all.len - TAIL);
	uint64_t at = c.pos + body.len;
	uint32_t stored = 0;
	if (!is_tail(tail))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no trailer of Linksys");
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Linksys")) ||
	    gh_fact_field(ctx, out, "model", gh_bytes_part(tail, 17, 15)) ||
	    gh_fact_field(ctx, out, "trailer-version", gh_bytes_part(tail, 9, 8)) ||
	    gh_fact_field(ctx, out, "key", gh_bytes_part(tail, tail.ptr[47] == 'K' ? 47 : 48, 16)))
		return GH_NOMEM;
	gh_sum sum = { .what = "image checksum", .algorithm = "cksum (posix)", .at = at + 32 };
	sum.remark = "over everything before the last 256 bytes";
	gh_code code = GH_OK;
	if (stored_sum(tail, &stored))
		code = gh_sum_u32(ctx, out, sum, stored, gh_cksum(&body, 1), true);
	else {
		sum.state = GH_SUM_ABSENT;
		sum.remark = "no eight digits are there";
		code = gh_node_sum(ctx, out, &sum);
	}
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos, body);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "trailer", at, tail) : code;
}

const gh_format gh_format_linksys_tail = {
	.name = "linksys-tail",
	.title = "Linksys image with a trailer (.LINKSYS.)",
	.spec = "OpenWrt: scripts/linksys-image.sh",
	.limits = "only where the trailer ends the file; what comes behind the model and key is not published",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
