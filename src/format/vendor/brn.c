/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of Arcadyan's BRN boot loader: Speedports, EasyBoxes and others (firmware-utils, mkbrnimg.c). It tells of
 * itself at its end only. Little-endian.
 *
 *	+------+---------+--------+-------+------------+------+-----+-- … --+---------------+
 *	| part | ff up to| length | magic | CRC-32 of  | part | …   |       | "BRNDTW502\0" |
 *	|      | 1024, 12|        |       | the part   |      |     |       |               |
 *	+------+---------+--------+-------+------------+------+-----+-- … --+---------------+
 *
 * A part with its filling and the 12 bytes behind is a multiple of 1024 bytes. Some boards reckon another CRC.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { FOOTER = 12, BLOCK = 1024, PARTS_MOST = 8, SIGNATURE_MOST = 24 };

struct brn {
	gh_bytes all, signature; /* with its NUL */
	unsigned n;              /* of parts, the last one first */
	struct {
		uint64_t at;
		uint32_t length, magic, crc;
	} part[PARTS_MOST];
};

static bool find_signature(gh_bytes all, gh_bytes *ret)
{
	if (all.len < BLOCK || all.ptr[all.len - 1] != 0)
		return false;
	size_t n = 1;
	while (n <= SIGNATURE_MOST && all.ptr[all.len - 1 - n] > 0x20 && all.ptr[all.len - 1 - n] < 0x7f)
		n++;
	/* Letters of the checksum may stand before it: the parts end at a block. */
	size_t tail = all.len % BLOCK;
	if (tail < 6 || tail > n || tail > SIGNATURE_MOST)
		return false;
	*ret = gh_bytes_part(all, all.len - tail, tail);
	return gh_bytes_start(*ret, GH_LIT("BRN"));
}

static bool read_parts(gh_bytes all, struct brn *ret)
{
	struct brn b = { .all = all };
	if (!find_signature(all, &b.signature))
		return false;
	uint64_t end = all.len - b.signature.len;
	while (end > 0 && b.n < PARTS_MOST) {
		gh_cur c = gh_cur_over(gh_bytes_part(all, end - FOOTER, FOOTER), 0);
		uint32_t length = gh_u32le(&c), magic = gh_u32le(&c), crc = gh_u32le(&c);
		uint64_t with = ((uint64_t)length + FOOTER + BLOCK - 1) / BLOCK * BLOCK;
		if (length == 0 || with > end || (b.n > 0 && magic != b.part[0].magic))
			return false;
		end -= with;
		b.part[b.n].at = end;
		b.part[b.n].length = length;
		b.part[b.n].magic = magic;
		b.part[b.n++].crc = crc;
	}
	*ret = b;
	return end == 0 && b.n > 0;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct brn b;
	if (!read_parts(gh_rest(&c), &b))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, b.all.len);
	if (code != GH_OK)
		return code;
	bool right = true;
	for (unsigned i = 0; i < b.n; i++)
		right = right && gh_crc32(gh_bytes_part(b.all, b.part[i].at, b.part[i].length)) == b.part[i].crc;
	*ret = (gh_span){ .size = b.all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_PARSED };
	return GH_OK;
}

static gh_code add_part(gh_ctx *ctx, gh_cur c, const struct brn *b, unsigned i, gh_node *out)
{
	/* The first is the kernel, by the tool's own word; the others are what the maker wants. */
	unsigned number = b->n - 1 - i;
	uint64_t at = b->part[i].at, end = i == 0 ? b->all.len - b->signature.len : b->part[i - 1].at;
	const char *name = number == 0 ? "kernel" : gh_arena_printf(ctx->arena, "part-%u", number);
	const char *what = name ? gh_arena_printf(ctx->arena, "CRC of %s", name) : NULL;
	if (!what)
		return gh_nomem(ctx);
	gh_bytes content = gh_bytes_part(b->all, at, b->part[i].length);
	gh_sum sum = { .what = what, .algorithm = "crc32", .at = c.pos + end - 4 };
	gh_code code = gh_sum_u32(ctx, out, sum, b->part[i].crc, gh_crc32(content), false);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, name, c.pos + at, content);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "footer", c.pos + end - FOOTER,
					    gh_bytes_part(b->all, end - FOOTER, FOOTER))
			     : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct brn b;
	(void)span;
	if (!read_parts(gh_rest(&c), &b))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no parts of a BRN image");
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Arcadyan")) || gh_fact_field(ctx, out, "board", b.signature) ||
	    gh_node_factf(ctx, out, "magic", "0x%08x", b.part[0].magic))
		return GH_NOMEM;
	gh_code code = GH_OK;
	for (unsigned i = b.n; i > 0 && code == GH_OK; i--)
		code = add_part(ctx, c, &b, i - 1, out);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "signature", c.pos + b.all.len - b.signature.len,
					    b.signature)
			     : code;
}

const gh_format gh_format_brn = {
	.name = "brn",
	.title = "Arcadyan BRN image (Speedport, EasyBox)",
	.spec = "openwrt/firmware-utils: mkbrnimg.c",
	.limits = "only where the signature ends the file; a CRC with another polynomial is told as wrong",
	.kind = GH_NODE_CONTAINER,
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
