/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three headers of devices that Cameo and others built for D-Link and TRENDnet (firmware-utils, mkdapimg.c,
 * mkdapimg2.c, mkcameofw.c). Numbers are big-endian, the length of the header may be the builder's.
 *
 *	0       4          18            36         38     3c       40 … (50)
 *	| sum   | model[20]| signature   | partition| …    | length | region[4], version[12] if the header has 80 bytes
 *	|       |          | [30]       | , 40 or 50|      |        |
 *
 *	0       4        8        c         20            3e         42           4e         54
 *	| sum   | length | kernel | model   | signature   | region[4]| version[12]| 54, tgz, 0 |
 *	|       |        | length | [20]    | [30]        |          |            |            |
 *
 *	0             4       8        c        10            30          40         48
 *	| 48          | sum   | length | kernel | signature   | version[16]| region[8] |
 *	|             |       |        | length | [32]        |           |            |
 *
 * The sum is that of the bytes behind the header.
 */
#include "format/room_in.h"

enum { SIZE_MOST = 128 << 20 };

struct cameo {
	uint32_t sum, length, kernel;
	gh_bytes head, model, signature, region, version, data;
	uint64_t sum_at;
};

static bool first_way(gh_cur c, struct cameo *m)
{
	*m = (struct cameo){ .sum = gh_u32be(&c), .sum_at = 0 };
	gh_cur h = c;
	m->model = gh_take(&h, 20);
	m->signature = gh_take(&h, 30);
	gh_skip(&h, 1);
	uint8_t head = gh_u8(&h);
	gh_skip(&h, 4);
	m->length = gh_u32be(&h);
	if (head == 0x50) {
		m->region = gh_take(&h, 4);
		m->version = gh_take(&h, 12);
	}
	m->head.len = head;
	return gh_cur_ok(&h) && (head == 0x40 || head == 0x50);
}

static bool second_way(gh_cur c, struct cameo *m)
{
	*m = (struct cameo){ .sum = gh_u32be(&c) };
	m->length = gh_u32be(&c);
	m->kernel = gh_u32be(&c);
	m->model = gh_take(&c, 20);
	m->signature = gh_take(&c, 30);
	m->region = gh_take(&c, 4);
	m->version = gh_take(&c, 12);
	m->head.len = gh_u8(&c);
	return gh_cur_ok(&c) && m->head.len == 0x54 && m->kernel <= m->length && gh_field_is_text(m->version, 1);
}

static bool third_way(gh_cur c, struct cameo *m)
{
	uint32_t head = gh_u32be(&c);
	*m = (struct cameo){ .sum = gh_u32be(&c), .sum_at = 4 };
	m->length = gh_u32be(&c);
	m->kernel = gh_u32be(&c);
	m->signature = gh_take(&c, 32);
	m->version = gh_take(&c, 16);
	m->region = gh_take(&c, 8);
	m->head.len = 0x48;
	return gh_cur_ok(&c) && (head == 0x48 || head == 0x48000000) && gh_field_is_text(m->version, 0);
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct cameo *ret)
{
	static bool (*const ways[])(gh_cur, struct cameo *) = { third_way, second_way, first_way };
	gh_bytes all = gh_rest(&c);
	for (unsigned i = 0; i < GH_COUNT(ways); i++) {
		struct cameo m;
		if (!ways[i](c, &m) || m.length == 0 || m.length > SIZE_MOST || all.len <= m.head.len ||
		    !gh_field_is_text(m.signature, 4) || (m.model.len > 0 && !gh_field_is_text(m.model, 3)) ||
		    !gh_field_is_text(m.region, 0))
			continue;
		m.data = gh_bytes_part(all, m.head.len, m.length);
		m.head = gh_bytes_part(all, 0, m.head.len);
		*ret = m;
		return GH_OK;
	}
	return gh_fail(ctx, GH_NOT_MINE, c.pos, "none of Cameo's headers");
}

static uint32_t sum_of(gh_bytes b)
{
	uint32_t n = 0;
	for (gh_cur c = gh_cur_over(b, 0); c.left > 0;)
		n += gh_u8(&c);
	return n;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct cameo m;
	gh_code code = read_header(ctx, c, &m);
	if (code == GH_OK)
		code = gh_effort(ctx, m.data.len);
	if (code != GH_OK)
		return code;
	bool right = m.data.len == m.length && sum_of(m.data) == m.sum;
	*ret = (gh_span){ .size = m.head.len + m.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct cameo m;
	(void)span;
	gh_code code = read_header(ctx, c, &m);
	if (code != GH_OK)
		return code;
	if (gh_fact_field(ctx, out, "model", m.model) || gh_fact_field(ctx, out, "board", m.signature) ||
	    gh_fact_field(ctx, out, "region", m.region) || gh_fact_field(ctx, out, "version", m.version))
		return GH_NOMEM;
	gh_sum s = { .what = "image sum",
		     .algorithm = "bytes",
		     .at = c.pos + m.sum_at,
		     .remark = m.data.len < m.length ? "the image is cut short" : NULL };
	code = gh_sum_u32(ctx, out, s, m.sum, sum_of(m.data), true);
	if (code == GH_OK && m.data.len < m.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + m.head.len + m.data.len,
				    "the header names %u bytes, %zu are there", m.length, m.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, m.head);
	uint64_t at = c.pos + m.head.len, kernel = m.kernel < m.data.len ? m.kernel : 0;
	if (code == GH_OK && kernel > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "kernel", at, gh_bytes_part(m.data, 0, kernel));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, kernel > 0 ? "rootfs" : "image", at + kernel,
				    gh_bytes_part(m.data, kernel, m.data.len));
	return code;
}

const gh_format gh_format_cameo = {
	.name = "cameo",
	.title = "Cameo's image, D-Link and TRENDnet",
	.spec = "openwrt/firmware-utils: mkdapimg.c, mkdapimg2.c, mkcameofw.c",
	.limits = "models that are not written as three letters, a dash and three digits",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[A-Z]{3}-[0-9]{3}.{13}[A-Z0-9]{3}.{28}[\\x40\\x50]\\x00\\x00", 54, 4 },
		   { "[A-Z]{3}-[0-9]{3}.{13}[A-Z0-9]{3}.{43}\\x54[\\x00\\x01]", 68, 12 },
		   { "HONEYBEE-FIRMWARE-", 18, 16 } },
	.measure = measure,
	.unpack = unpack,
};
