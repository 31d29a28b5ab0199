/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TP-Link firmware header, second layout: 0x200 bytes, big-endian (firmware-utils, mktplinkfw2.c);
 * unused fields are all ones. Boards with MediaTek chips store the two addresses little-endian.
 *
 *	00 version 02 or 03 00 00 00     68 kernel load address   6c entry point   70 length of the image
 *	04 firmware version [48]     74 kernel offset, length 7c root file system 84 boot loader
 *	34 hardware id, 38 revision  8c 55aa    8e version    90 a5
 *	3c hardware version add      fill up to 200
 *	40 MD5 [16]
 *	54 second MD5 [16]
 *
 * Version 2 is that of boards with Lantiq chips; other images of that version have the first layout (tplink_v1.c).
 *
 * With a boot loader the offsets do not count it: what stands at field + 0x200 + its padded size.
 */
#include "format/vendor/tplink_in.h"

static const gh_tplink_salts salts = { {
	{ 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37 },
	{ 0x8c, 0xef, 0x33, 0x5f, 0xd5, 0xc5, 0xce, 0xfa, 0xac, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42 },
} };

static gh_code read_header(gh_ctx *ctx, gh_cur c, gh_tplink *ret)
{
	gh_tplink t = { .all = gh_rest(&c), .pos = c.pos, .digest_at = 0x40, .salts = &salts };
	gh_cur h = gh_sub(&c, GH_TPLINK_HEADER);
	uint32_t version = gh_u32be(&h);
	gh_cur text = h;
	t.fw_version = gh_text(&h, 48);
	t.hw_id = gh_u32be(&h);
	t.hw_rev = gh_u32be(&h);
	t.hw_add = gh_u32be(&h);
	gh_skip(&h, 16 + 4 + 16 + 4);
	t.load = gh_u32be(&h);
	t.entry = gh_u32be(&h);
	t.length = gh_u32be(&h);
	t.kernel_at = gh_u32be(&h);
	t.kernel_len = gh_u32be(&h);
	t.rootfs_at = gh_u32be(&h);
	t.rootfs_len = gh_u32be(&h);
	t.boot_at = gh_u32be(&h);
	t.boot_len = gh_u32be(&h);
	uint16_t mark = gh_u16be(&h);
	t.version[0] = gh_u8(&h);
	t.version[1] = gh_u8(&h);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "TP-Link header is cut short");
	if ((version != 0x03000000 && (version != 0x02000000 || mark != 0x55aa)) ||
	    !gh_field_is_text(gh_take(&text, 48), 3))
		return GH_NOT_MINE;
	while (t.fw_version.len > 0 && t.fw_version.ptr[t.fw_version.len - 1] == 0xff)
		t.fw_version.len--;
	t.known_vendor = mark == 0x55aa && gh_bytes_start(t.fw_version, GH_LIT("ver. "));
	*ret = t;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_tplink t;
	gh_code code = read_header(ctx, c, &t);
	return code == GH_OK ? gh_tplink_prove(ctx, &t, ret) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_tplink t;
	gh_code code = read_header(ctx, c, &t);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "firmware-version", t.fw_version) ||
	    gh_node_factf(ctx, out, "image-version", "%u.%u", t.version[0], t.version[1]) ||
	    gh_node_factf(ctx, out, "hardware-id", "0x%08x", t.hw_id) ||
	    gh_node_factf(ctx, out, "hardware-revision", "%u", t.hw_rev) ||
	    gh_node_factf(ctx, out, "hardware-version-add", "0x%08x", t.hw_add))
		return GH_NOMEM;
	return gh_tplink_name(ctx, &t, span, out);
}

const gh_format gh_format_tplink_v2 = {
	.name = "tplink-v2",
	.title = "TP-Link firmware, second layout (versions 2 and 3)",
	.spec = "firmware-utils: src/mktplinkfw2.c",
	.limits = "the second digest field is not verified",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[\\x02\\x03]\\x00\\x00\\x00[\\x20-\\x7e]{3}[\\x00\\xff\\x20-\\x7e].{40}[\\x00\\xff]{4}", 52,
		     0 } },
	.measure = measure,
	.unpack = unpack,
};
