/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ruckus' image, "RCKS" (firmware-utils, ruckus_fw_header.c). Big-endian, 160 bytes.
 *
 *	0      4            c       10     14      18      28      2c         3c          6c         7c     80      a0
 *	+------+------------+-------+------+-------+-------+-------+----------+-----------+----------+------+-------+-----
 *… -+ | RCKS |            | load  | size |       | MD5   |       | version  |           | version  |      | entry |
 *data    | |      |            | addr. |      |       | [16]  |       | [16]     |           | [16]     |      | | |
 *	+------+------------+-------+------+-------+-------+-------+----------+-----------+----------+------+-------+-----
 *… -+
 *
 * The MD5 is over the data. What the rest means has not been published.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 160, SIZE_MOST = 512 << 20 };

struct rcks {
	gh_bytes head, digest, version, second, data;
	uint32_t load, size, entry;
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct rcks *ret)
{
	gh_cur h = c;
	struct rcks r = { .head = gh_take(&c, HEAD) };
	gh_skip(&h, 12);
	r.load = gh_u32be(&h);
	r.size = gh_u32be(&h);
	gh_skip(&h, 4);
	r.digest = gh_take(&h, 16);
	gh_skip(&h, 4);
	r.version = gh_take(&h, 16);
	gh_skip(&h, 48);
	r.second = gh_take(&h, 16);
	gh_skip(&h, 4);
	r.entry = gh_u32be(&h);
	if (!gh_cur_ok(&c) || r.size == 0 || r.size > SIZE_MOST || !gh_field_is_text(r.version, 1))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a Ruckus header make no sense");
	r.data = gh_take(&c, GH_MIN((uint64_t)r.size, (uint64_t)c.left));
	*ret = r;
	return r.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a Ruckus header");
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct rcks r;
	uint8_t md5[16];
	gh_code code = read_header(ctx, c, &r);
	if (code == GH_OK)
		code = gh_effort(ctx, r.data.len);
	if (code != GH_OK)
		return code;
	gh_md5(&r.data, 1, md5);
	bool right = r.data.len == r.size && gh_bytes_eq(gh_view(md5, sizeof md5), r.digest);
	*ret = (gh_span){ .size = HEAD + r.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct rcks r;
	uint8_t md5[16];
	(void)span;
	gh_code code = read_header(ctx, c, &r);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Ruckus")) || gh_fact_field(ctx, out, "version", r.version) ||
	    (!gh_bytes_eq(r.version, r.second) && gh_fact_field(ctx, out, "second-version", r.second)) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", r.load) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", r.entry))
		return GH_NOMEM;
	gh_sum s = { .what = "image MD5", .algorithm = "md5", .at = c.pos + 0x18, .stored = r.digest };
	if (r.data.len < r.size) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.remark = "the image is cut short";
		code = gh_node_sum(ctx, out, &s);
		if (code == GH_OK)
			code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + r.data.len,
					    "the header names %u bytes, %zu are there", r.size, r.data.len);
	} else {
		gh_md5(&r.data, 1, md5);
		code = gh_sum_digest(ctx, out, s, r.digest, md5);
	}
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, r.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEAD, r.data);
	return code;
}

const gh_format gh_format_ruckus = {
	.name = "ruckus",
	.title = "Ruckus image (RCKS)",
	.spec = "openwrt/firmware-utils: ruckus_fw_header.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "RCKS\\x00.{39}[!-~]{2}", 46, 0 } },
	.measure = measure,
	.unpack = unpack,
};
