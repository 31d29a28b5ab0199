/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object of ZyNOS, the system of Zyxel's older routers; their "ras" and boot extension images are rows of these
 * (firmware-utils, zynos.h and mkzynfw.c). Big-endian.
 *
 *	0       4      6     9     a      e      12     13   14     16     18           27         2b      30
 *	+-------+------+-----+-----+------+------+------+----+------+------+------------+----------+-------+---- … --+
 *	| load  | 0    | SIG | kind| size | size | flags| 0  | sum  | sum  | version[15]| address  | 0     | data    |
 *	| addr. |      |     |     | plain| pack.|      |    | plain| pack.|            | of map   |       |         |
 *	+-------+------+-----+-----+------+------+------+----+------+------+------------+----------+-------+---- … --+
 *
 * Flags: 80 packed, 40 the sum of the plain bytes is valid, 20 that of the packed ones. The sum is that of 16-bit words
 * with carries added again. A boot extension may state a plain size of two bytes: then the sum is just these.
 */
#include "format/room_in.h"

enum { HEAD = 48, PACKED = 0x80, PLAIN_SUM = 0x40, PACKED_SUM = 0x20, SIZE_MOST = 64 << 20, LEAST = 64 };

struct object {
	uint32_t load, plain, packed, map;
	uint16_t plain_sum, packed_sum;
	uint8_t kind, flags;
	gh_bytes version, data;
	uint64_t size; /* of the data, as stated */
};

static const char *kind_of(uint8_t kind)
{
	switch (kind) {
	case 0x01:
		return "ROM image";
	case 0x02:
		return "boot ROM";
	case 0x03:
		return "boot extension";
	case 0x04:
		return "ROM binary";
	case 0x05:
		return "ROM directory";
	case 0x06:
		return "kind 6";
	case 0x07:
		return "ROM map";
	case 0x80:
		return "RAM";
	case 0x81:
		return "RAM code";
	case 0x82:
		return "RAM boot";
	default:
		return NULL;
	}
}

static uint16_t sum_of(gh_bytes b)
{
	uint64_t n = 0;
	gh_cur c = gh_cur_over(b, 0);
	while (c.left > 1)
		n += gh_u16be(&c);
	if (c.left > 0)
		n += (uint64_t)gh_u8(&c) << 8;
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	return (uint16_t)n;
}

static gh_code read_object(gh_ctx *ctx, gh_cur c, struct object *ret)
{
	gh_cur h = gh_sub(&c, HEAD);
	struct object o = { .load = gh_u32be(&h) };
	gh_skip(&h, 2);
	if (!gh_eat(&h, GH_LIT("SIG")))
		return GH_NOT_MINE;
	o.kind = gh_u8(&h);
	o.plain = gh_u32be(&h);
	o.packed = gh_u32be(&h);
	o.flags = gh_u8(&h);
	gh_skip(&h, 1);
	o.plain_sum = gh_u16be(&h);
	o.packed_sum = gh_u16be(&h);
	o.version = gh_take(&h, 15);
	o.map = gh_u32be(&h);
	o.size = o.flags & PACKED ? o.packed : o.plain;
	if (!gh_cur_ok(&h) || !kind_of(o.kind) || o.load == 0 || o.load == UINT32_MAX || o.size > SIZE_MOST ||
	    (o.size < LEAST && !(o.kind == 3 && o.size == 2)) || (o.flags & (PLAIN_SUM | PACKED_SUM)) == 0 ||
	    !gh_field_is_text(o.version, 0))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a ZyNOS object make no sense");
	o.data = gh_take(&c, GH_MIN(o.size, (uint64_t)c.left));
	*ret = o;
	return o.data.len > 0 ? GH_OK
			      : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows the header of a ZyNOS object");
}

/* The sum that stands for the bytes as they are here, if there is one. */
static bool sum_here(const struct object *o, uint16_t *stored)
{
	*stored = o->flags & PACKED ? o->packed_sum : o->plain_sum;
	return (o->flags & (o->flags & PACKED ? PACKED_SUM : PLAIN_SUM)) != 0;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct object o;
	uint16_t stored;
	gh_code code = read_object(ctx, c, &o);
	if (code == GH_OK)
		code = gh_effort(ctx, o.data.len);
	if (code != GH_OK)
		return code;
	bool right = sum_here(&o, &stored) && o.data.len == o.size && sum_of(o.data) == stored;
	/* two bytes prove little */
	*ret = (gh_span){ .size = HEAD + o.data.len, .proof = right && o.size > 2 ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sum(gh_ctx *ctx, uint64_t start, const struct object *o, gh_node *out)
{
	uint16_t stored;
	gh_sum s = { .what = "data sum",
		     .algorithm = "16-bit words, carries added",
		     .at = start + (o->flags & PACKED ? 0x16 : 0x14) };
	uint8_t raw[2];
	gh_code code = GH_OK;
	if (sum_here(o, &stored) && o->data.len == o->size) {
		code = gh_sum_u16(ctx, out, s, stored, sum_of(o->data), true);
	} else if (sum_here(o, &stored)) {
		raw[0] = (uint8_t)(stored >> 8);
		raw[1] = (uint8_t)stored;
		s.state = GH_SUM_UNVERIFIABLE;
		s.stored = gh_view(raw, 2);
		s.remark = "the data are cut short";
		code = gh_node_sum(ctx, out, &s);
	}
	if (code != GH_OK || !(o->flags & PACKED) || !(o->flags & PLAIN_SUM))
		return code;
	raw[0] = (uint8_t)(o->plain_sum >> 8);
	raw[1] = (uint8_t)o->plain_sum;
	s = (gh_sum){ .what = "plain sum",
		      .algorithm = "16-bit words, carries added",
		      .state = GH_SUM_UNVERIFIABLE,
		      .at = start + 0x14,
		      .stored = gh_view(raw, 2),
		      .remark = "over what comes out when the data are unpacked" };
	return gh_node_sum(ctx, out, &s);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct object o;
	(void)span;
	gh_code code = read_object(ctx, c, &o);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Zyxel")) ||
	    gh_node_fact(ctx, out, "kind", gh_view_text(kind_of(o.kind))) ||
	    gh_fact_field(ctx, out, "version", o.version) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", o.load) ||
	    (o.map != 0 && gh_node_factf(ctx, out, "memory-map", "0x%08x", o.map)) ||
	    gh_node_factf(ctx, out, "size", "%u bytes, %u of them packed", o.plain, o.flags & PACKED ? o.packed : 0))
		return GH_NOMEM;
	code = add_sum(ctx, c.pos, &o, out);
	if (code == GH_OK && o.data.len < o.size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + HEAD + o.data.len,
				    "the header names %llu bytes, %zu are there", (unsigned long long)o.size,
				    o.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEAD));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "data", c.pos + HEAD, o.data);
	return code;
}

const gh_format gh_format_zyxel_zynos = {
	.name = "zyxel-zynos",
	.title = "ZyNOS object, Zyxel",
	.spec = "openwrt/firmware-utils: zynos.h, mkzynfw.c",
	.limits = "the sum over unpacked bytes is named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "SIG[\\x01-\\x07\\x80-\\x82][\\x00-\\x03].{3}[\\x00-\\x03]", 9, 6 } },
	.measure = measure,
	.unpack = unpack,
};
