/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of Broadcom's routers (bcmnvram.h; openwrt nvram: nvram.h), little-endian.
 *
 *	0      4        8       9         a              c        10     14
 *	+------+--------+-------+---------+--------------+--------+------+--------------+---+-- … --+---+---+
 *	| FLSH | length | CRC-8 | version | memory setup | memory setup  | name=value   | 0 |       | 0 | 0 |
 *	+------+--------+-------+---------+--------------+--------+------+--------------+---+-- … --+---+---+
 *
 * The CRC (x^8 + x^7 + x^6 + x^4 + x^2 + 1, reflected, starting with ff) is over all from byte 9 to the length.
 */
#include "format/boot/uboot_env_in.h"

enum { HEADER = 20, CRC_FROM = 9, SIZE_MOST = 256 << 10, POLYNOMIAL = 0xab };

static uint8_t crc8(gh_bytes b)
{
	uint8_t crc = 0xff;
	for (size_t i = 0; i < b.len; i++) {
		crc ^= b.ptr[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0));
	}
	return crc;
}

struct nvram {
	gh_bytes all, rows;
	uint8_t crc, version;
	unsigned n;
};

static gh_code read_nvram(gh_ctx *ctx, gh_cur c, struct nvram *ret)
{
	struct nvram v = { .n = 0 };
	gh_cur h = c;
	if (!gh_eat(&h, GH_LIT("FLSH")))
		return GH_NOT_MINE;
	uint32_t length = gh_u32le(&h);
	v.crc = gh_u8(&h);
	v.version = gh_u8(&h);
	if (!gh_cur_ok(&h) || length <= HEADER || length > SIZE_MOST || length > c.left || v.version > 8)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 4, "settings of %u bytes", length);
	v.all = gh_bytes_part(gh_rest(&c), 0, length);
	gh_bytes body = gh_bytes_part(v.all, HEADER, length);
	size_t at = 0;
	while (at < body.len && body.ptr[at] != 0) {
		const uint8_t *end = memchr(body.ptr + at, 0, body.len - at);
		size_t row = end ? (size_t)(end - (body.ptr + at)) : body.len - at;
		if (!memchr(body.ptr + at, '=', row))
			return gh_fail(ctx, GH_CORRUPT, c.pos + HEADER + at, "a row of settings without a value");
		at += row + 1;
		v.n++;
	}
	if (v.n == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos + HEADER, "settings without a row");
	v.rows = gh_bytes_part(body, 0, at);
	*ret = v;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct nvram v;
	gh_code code = read_nvram(ctx, c, &v);
	if (code != GH_OK)
		return code;
	bool right = crc8(gh_bytes_part(v.all, CRC_FROM, v.all.len)) == v.crc;
	*ret = (gh_span){ .size = v.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return gh_effort(ctx, v.all.len);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct nvram v;
	(void)span;
	gh_code code = read_nvram(ctx, c, &v);
	if (code != GH_OK)
		return code;
	uint8_t computed = crc8(gh_bytes_part(v.all, CRC_FROM, v.all.len));
	gh_sum sum = { .what = "settings CRC",
		       .algorithm = "crc8",
		       .at = c.pos + 8,
		       .state = computed == v.crc ? GH_SUM_RIGHT : GH_SUM_WRONG,
		       .stored = gh_view(&v.crc, 1),
		       .computed = gh_view(&computed, 1) };
	code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "version", "%u", v.version);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "variables", "%u", v.n);
	if (code == GH_OK)
		code = gh_variables(ctx, out, v.rows, c.pos + HEADER);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "variables", c.pos,
					    gh_bytes_part(v.all, 0, HEADER + v.rows.len))
			     : code;
}

const gh_format gh_format_nvram = {
	.name = "nvram",
	.title = "Settings of Broadcom's routers (NVRAM)",
	.spec = "bcmnvram.h; openwrt: package/utils/nvram",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "FLSH.{2}[\\x00-\\x03]\\x00.[\\x00-\\x08]", 10, 0 } },
	.measure = measure,
	.unpack = unpack,
};
