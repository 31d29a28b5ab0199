/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TP-Link firmware header, first layout: 0x200 bytes, big-endian (firmware-utils, mktplinkfw.c).
 *
 *	00 version 01/02 00 00 00    60 second MD5 (RSA-signed ones: part of the signature's area)
 *	04 vendor name [24]          74 kernel load address   78 entry point   7c length of the image
 *	1c firmware version [36]     80 kernel offset, length 88 root file system 90 boot loader
 *	40 hardware id, 44 revision  98 version high, middle, low (16 bits each)
 *	48 region code               120 region names [32] twice
 *	4c MD5 [16]                  fill up to 200
 */
#include "format/vendor/tplink_in.h"

static const gh_tplink_salts salts = { {
	{ 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38 },
	{ 0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa, 0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42 },
} };

struct extras {
	gh_bytes second_md5, region[2];
};

static gh_code read_header(gh_ctx *ctx, gh_cur c, gh_tplink *ret, struct extras *extras)
{
	gh_tplink t = { .all = gh_rest(&c), .pos = c.pos, .digest_at = 0x4c, .salts = &salts };
	gh_cur h = gh_sub(&c, GH_TPLINK_HEADER);
	uint32_t version = gh_u32be(&h);
	gh_cur texts = h;
	t.vendor = gh_text(&h, 24);
	t.fw_version = gh_text(&h, 36);
	t.hw_id = gh_u32be(&h);
	t.hw_rev = gh_u32be(&h);
	t.region = gh_u32be(&h);
	gh_skip(&h, 16 + 4);
	extras->second_md5 = gh_take(&h, 16);
	gh_skip(&h, 4);
	t.load = gh_u32be(&h);
	t.entry = gh_u32be(&h);
	t.length = gh_u32be(&h);
	t.kernel_at = gh_u32be(&h);
	t.kernel_len = gh_u32be(&h);
	t.rootfs_at = gh_u32be(&h);
	t.rootfs_len = gh_u32be(&h);
	t.boot_at = gh_u32be(&h);
	t.boot_len = gh_u32be(&h);
	for (unsigned i = 0; i < 3; i++)
		t.version[i] = gh_u16be(&h);
	gh_skip(&h, 0x120 - 0x9e);
	extras->region[0] = gh_text(&h, 32);
	extras->region[1] = gh_text(&h, 32);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "TP-Link header is cut short");
	if ((version != 0x01000000 && version != 0x02000000) || !gh_field_is_text(gh_take(&texts, 24), 3) ||
	    !gh_field_is_text(gh_take(&texts, 36), 0))
		return GH_NOT_MINE;
	t.known_vendor = gh_bytes_start(t.vendor, GH_LIT("TP-LINK Tech"));
	*ret = t;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_tplink t;
	struct extras extras;
	gh_code code = read_header(ctx, c, &t, &extras);
	return code == GH_OK ? gh_tplink_prove(ctx, &t, ret) : code;
}

static bool blank(gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.ptr[i] != 0 && b.ptr[i] != 0xff)
			return false;
	return true;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_tplink t;
	struct extras extras;
	gh_code code = read_header(ctx, c, &t, &extras);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", t.vendor) || gh_node_fact(ctx, out, "firmware-version", t.fw_version) ||
	    gh_node_factf(ctx, out, "image-version", "%u.%u.%u", t.version[0], t.version[1], t.version[2]) ||
	    gh_node_factf(ctx, out, "hardware-id", "0x%08x", t.hw_id) ||
	    gh_node_factf(ctx, out, "hardware-revision", "%u", t.hw_rev) ||
	    gh_node_factf(ctx, out, "region-code", "%u", t.region))
		return GH_NOMEM;
	for (unsigned i = 0; i < 2; i++)
		if (!blank(extras.region[i]) && gh_node_fact(ctx, out, "region", extras.region[i]))
			return GH_NOMEM;
	gh_sum second = {
		.what = "second digest field",
		.algorithm = "not published",
		.state = GH_SUM_UNVERIFIABLE,
		.at = c.pos + 0x60,
		.stored = extras.second_md5,
		.remark = "filled by the vendor's own tool; signed images keep signature data here",
	};
	if (!blank(extras.second_md5) && gh_node_sum(ctx, out, &second))
		return GH_NOMEM;
	return gh_tplink_name(ctx, &t, span, out);
}

const gh_format gh_format_tplink_v1 = {
	.name = "tplink-v1",
	.title = "TP-Link firmware, header version 1 and 2",
	.spec = "firmware-utils: src/mktplinkfw.c, src/mktplinkfw-lib.c",
	.limits = "the second digest field and the signature of signed images are shown, not verified",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[\\x01\\x02]\\x00\\x00\\x00[\\x20-\\x7e]{3}[\\x00\\x20-\\x7e].{16}[\\x00\\xff]{4}", 28, 0 } },
	.measure = measure,
	.unpack = unpack,
};
