/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of Ubiquiti's airOS and of OpenWrt for it (firmware-utils, fw.h and mkfwimage.c). Big-endian.
 *
 *	0                        4                 104        108   10c
 *	+------------------------+-----------------+----------+-----+------------------ … -----------------+
 *	| "UBNT", "OPEN", "GEOS" | version, as text | CRC-32   | 0   | PART … PART, END or ENDS              |
 *	+------------------------+-----------------+----------+-----+------------------ … -----------------+
 *
 *	PART   name[16], 12 bytes, address in memory, index, address in flash, entry, size of data, size of the
 *	       partition; data; CRC-32 of header and data; 4 bytes
 *	END.   CRC-32 of all before it; 4 bytes.    ENDS   RSA signature of 256 bytes; 4 bytes
 *
 * A kernel may be longer than its partition: it goes on in the next PART, and only both together are one uImage.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEADER = 0x10c, PART = 56, PART_TAIL = 8, PARTS_MOST = 32, SIGNATURE = 256, UIMAGE = 64 };

struct part {
	gh_bytes name, whole, data;
	uint64_t at; /* of the data */
	uint32_t index, base, room, crc;
};

struct ubnt {
	gh_bytes version;
	uint32_t crc;
	struct part part[PARTS_MOST];
	unsigned n;
	uint64_t size, end_at;
	gh_bytes signature;
	uint32_t end_crc;
	bool ended, is_signed;
};

static bool read_part(gh_cur *c, struct part *p)
{
	gh_bytes all = gh_rest(c);
	gh_cur h = gh_sub(c, PART);
	gh_skip(&h, 4);
	p->name = gh_take(&h, 16);
	gh_skip(&h, 16);
	p->index = gh_u32be(&h);
	p->base = gh_u32be(&h);
	gh_skip(&h, 4);
	uint32_t size = gh_u32be(&h);
	p->room = gh_u32be(&h);
	p->at = c->pos;
	p->data = gh_take(c, size);
	p->whole = gh_bytes_part(all, 0, (uint64_t)PART + size);
	p->crc = gh_u32be(c);
	gh_skip(c, 4);
	return gh_cur_ok(&h) && gh_cur_ok(c) && gh_field_is_text(p->name, 1);
}

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct ubnt *ret)
{
	uint64_t start = c.pos;
	if (!gh_eat(&c, GH_LIT("UBNT")) && !gh_eat(&c, GH_LIT("OPEN")) && !gh_eat(&c, GH_LIT("GEOS")))
		return GH_NOT_MINE;
	*ret = (struct ubnt){ .version = gh_take(&c, 256) };
	ret->crc = gh_u32be(&c);
	gh_skip(&c, 4);
	if (!gh_cur_ok(&c) || !gh_field_is_text(ret->version, 4))
		return GH_NOT_MINE;
	while (ret->n < PARTS_MOST) {
		gh_cur look = c;
		uint64_t at = c.pos;
		if (gh_eat(&look, GH_LIT("PART"))) {
			if (!read_part(&c, &ret->part[ret->n]))
				break;
			ret->n++;
			ret->size = c.pos - start;
			continue;
		}
		if (gh_eat(&look, GH_LIT("END."))) {
			ret->end_crc = gh_u32be(&look);
			gh_skip(&look, 4);
		} else if (gh_eat(&look, GH_LIT("ENDS"))) {
			ret->signature = gh_take(&look, SIGNATURE);
			gh_skip(&look, 4);
			ret->is_signed = true;
		} else {
			break;
		}
		if (gh_cur_ok(&look)) {
			ret->ended = true;
			ret->end_at = at;
			ret->size = look.pos - start;
		}
		break;
	}
	return ret->n > 0 ? GH_OK : gh_fail(ctx, GH_CORRUPT, c.pos, "no PART follows the header of Ubiquiti's image");
}

static uint32_t head_crc(gh_cur c)
{
	return gh_crc32(gh_bytes_part(gh_rest(&c), 0, 0x104));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct ubnt u;
	gh_code code = read_image(ctx, c, &u);
	if (code == GH_OK)
		code = gh_effort(ctx, u.size);
	if (code != GH_OK)
		return code;
	bool right = head_crc(c) == u.crc;
	for (unsigned i = 0; i < u.n && right; i++)
		right = gh_crc32(u.part[i].whole) == u.part[i].crc;
	*ret = (gh_span){ .size = u.size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sums(gh_ctx *ctx, gh_cur c, const struct ubnt *u, gh_node *out)
{
	gh_sum sum = {
		.what = "header CRC", .algorithm = "crc32", .at = c.pos + 0x104, .remark = "over magic and version"
	};
	gh_code code = gh_sum_u32(ctx, out, sum, u->crc, head_crc(c), true);
	for (unsigned i = 0; i < u->n && code == GH_OK; i++) {
		const struct part *p = &u->part[i];
		sum.what = gh_arena_printf(ctx->arena, "CRC of part %u", i);
		sum.at = p->at + p->data.len;
		sum.remark = "over the part's header and data";
		code = sum.what ? gh_sum_u32(ctx, out, sum, p->crc, gh_crc32(p->whole), true) : gh_nomem(ctx);
	}
	if (code != GH_OK || !u->ended)
		return code;
	if (u->is_signed) {
		sum = (gh_sum){ .what = "signature",
				.algorithm = "rsa-2048",
				.state = GH_SUM_UNVERIFIABLE,
				.at = u->end_at + 4,
				.stored = gh_bytes_part(u->signature, 0, 32),
				.remark = "needs the vendor's key; its first 32 bytes are shown" };
		return gh_node_sum(ctx, out, &sum);
	}
	sum.what = "image CRC";
	sum.at = u->end_at + 4;
	sum.remark = "over all before END.";
	return gh_sum_u32(ctx, out, sum, u->end_crc, gh_crc32(gh_bytes_part(gh_rest(&c), 0, u->end_at - c.pos)), true);
}

/* How many parts the uImage that begins in part `i` needs, and how many bytes of the last of them; 1 where it fits, or
 * is none. */
static unsigned parts_of_kernel(const struct ubnt *u, unsigned i, uint64_t *used)
{
	gh_cur h = gh_cur_over(u->part[i].data, 0);
	*used = u->part[i].data.len;
	if (gh_u32be(&h) != 0x27051956)
		return 1;
	gh_skip(&h, 8);
	uint64_t need = (uint64_t)gh_u32be(&h) + UIMAGE;
	for (unsigned n = i; gh_cur_ok(&h) && n < u->n; n++) {
		*used = GH_MIN(need, (uint64_t)u->part[n].data.len);
		need -= *used;
		if (need == 0)
			return n == i ? 1 : n - i + 1;
	}
	*used = u->part[i].data.len;
	return 1;
}

static gh_code add_joined(gh_ctx *ctx, gh_cur c, const struct ubnt *u, unsigned i, unsigned n, uint64_t used,
			  gh_node *out)
{
	gh_buf all = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	const struct part *first = &u->part[i], *last = &u->part[i + n - 1];
	gh_code code = gh_spend_bytes(ctx, last->at + used - first->at);
	for (unsigned k = i; k < i + n && code == GH_OK; k++)
		code = gh_buf_add(ctx, &all,
				  k == i + n - 1 ? gh_bytes_part(u->part[k].data, 0, used) : u->part[k].data);
	if (code != GH_OK)
		return code;
	return gh_node_part_decoded(
		ctx, out, "kernel", "joining the data of neighbouring parts, without the headers between", first->at,
		gh_bytes_part(gh_rest(&c), first->at - c.pos, last->at + used - first->at), gh_buf_view(&all));
}

static gh_code add_part(gh_ctx *ctx, gh_cur c, const struct ubnt *u, unsigned i, gh_node *out, unsigned *took)
{
	const struct part *p = &u->part[i];
	uint64_t used, from = 0;
	gh_code code =
		gh_node_part(ctx, out, GH_NODE_HEADER, "part header", p->at - PART, gh_bytes_part(p->whole, 0, PART));
	*took = parts_of_kernel(u, i, &used);
	if (code == GH_OK && *took > 1) {
		code = add_joined(ctx, c, u, i, *took, used, out);
		from = used;
		p = &u->part[i + *took - 1];
	}
	char name[17] = { 0 };
	for (size_t k = 0; k < 16 && p->name.ptr[k] > 0x20 && p->name.ptr[k] < 0x7f; k++)
		name[k] = (char)p->name.ptr[k];
	if (code == GH_OK && p->data.len > from)
		code = gh_node_part(ctx, out, GH_NODE_PART, name, p->at + from,
				    gh_bytes_part(p->data, from, p->data.len));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "part CRC", p->at + p->data.len,
				    gh_bytes_part(gh_rest(&c), p->at + p->data.len - c.pos, PART_TAIL));
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct ubnt u = { .n = 0 };
	gh_code code = read_image(ctx, c, &u);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "vendor", GH_LIT("Ubiquiti"));
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "version", u.version);
	for (unsigned i = 0; i < u.n && code == GH_OK; i++)
		code = gh_node_factf(ctx, out, "part", "%.16s: index %u, flash 0x%08x, %zu of 0x%x bytes",
				     (const char *)u.part[i].name.ptr, u.part[i].index, u.part[i].base,
				     u.part[i].data.len, u.part[i].room);
	if (code == GH_OK)
		code = add_sums(ctx, c, &u, out);
	if (code == GH_OK && !u.ended)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + u.size,
				    "neither END. nor ENDS follows the last part");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, HEADER));
	for (unsigned i = 0, took = 1; i < u.n && code == GH_OK; i += took)
		code = add_part(ctx, c, &u, i, out, &took);
	if (code == GH_OK && u.ended)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "end", u.end_at,
				    gh_bytes_part(gh_rest(&c), u.end_at - c.pos, c.pos + span->size - u.end_at));
	return code;
}

const gh_format gh_format_ubnt = {
	.name = "ubnt",
	.title = "Ubiquiti image",
	.spec = "openwrt/firmware-utils: fw.h, mkfwimage.c",
	.limits = "signatures are named, not checked",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "UBNT[ -~]{3}", 7, 0 }, { "OPEN[ -~]{3}", 7, 0 }, { "GEOS[ -~]{3}", 7, 0 } },
	.measure = measure,
	.unpack = unpack,
};
