/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of Poray, Hame and Nexx pocket routers (firmware-utils, mkporayfw.c). Little-endian.
 *
 *	0       4               8          c      1c                     +length      +2
 *	+-------+---------------+----------+------+----------------------+------------+
 *	| board | data's length | 020e0000 | 0    | data                 | sum of it  |
 *	|       |               |          | [16] | both turned by xor with 15 bytes  |
 *	+-------+---------------+----------+------+-----------------------------------+
 *
 * The 15 bytes are the board's; all are published. The sum is the inverted one's complement sum of the 16-bit words
 * in plain, reckoned with a signed 32-bit number, one more and one less along the way.
 */
#include "format/vendor/keys_in.h"

enum { HEADER = 0x1c, KEY = 15, LENGTH_MOST = 16 << 20 };

static const struct {
	char board[5];
	const char *name;
} boards[] = {
	{ "R3G2", "MPR-A1, MPR-L8 or A5-V11" },
	{ "3051", "Poray R50B" },
	{ "3053", "Poray R50D" },
	{ "3054", "Poray R50E" },
	{ "5351", "Poray M3" },
	{ "5352", "Poray M4" },
	{ "5353", "Poray Q3" },
	{ "5355", "Poray X5 or X6" },
	{ "5356", "Poray X8" },
	{ "5358", "Poray X1" },
	{ "2350", "Nexx WT1520" },
	{ "3020", "Nexx WT3020" },
};

struct poray {
	gh_bytes all, data; /* data: with the sum, as far as it is there */
	uint32_t length;
};

/* What it became. */
struct plain {
	uint8_t *data;
	const gh_key *key;
	uint16_t stored, computed;
};

static bool read_header(gh_cur c, struct poray *ret)
{
	struct poray p = { .all = gh_rest(&c) };
	gh_skip(&c, 4);
	p.length = gh_u32le(&c);
	if (!gh_eat(&c, GH_LIT("\0\0\x0e\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")) || p.length < 16 ||
	    p.length > LENGTH_MOST)
		return false;
	p.data = gh_bytes_part(gh_rest(&c), 0, (uint64_t)p.length + 2);
	*ret = p;
	return p.data.len >= 16;
}

static uint16_t sum_of(const uint8_t *b, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)b[i + 1] << 8 | b[i];
	if (n % 2)
		sum += b[n - 1];
	sum += (uint32_t)((int32_t)sum >> 16) + 0xffff;
	return (uint16_t) ~(sum + (uint32_t)((int32_t)sum >> 16));
}

/* Does it begin with something in plain? A first word is enough to choose between eight keys. */
static bool fits(const struct poray *p, const gh_key *key)
{
	uint8_t head[8];
	for (unsigned i = 0; i < sizeof head; i++)
		head[i] = p->data.ptr[i] ^ key->key.ptr[i % KEY];
	gh_bytes b = gh_view(head, sizeof head);
	return gh_bytes_start(b, GH_LIT("\x27\x05\x19\x56")) || gh_smells_of_fs(b);
}

static gh_code decode(gh_ctx *ctx, const struct poray *p, struct plain *ret)
{
	bool whole = p->data.len == (uint64_t)p->length + 2, found = false;
	struct plain q = { .data = gh_arena_alloc(ctx->arena, p->data.len) };
	if (!q.data)
		return gh_nomem(ctx);
	for (const gh_key *k = gh_key_next("poray", NULL); k && !found; k = gh_key_next("poray", k)) {
		if (!whole && !fits(p, k))
			continue;
		gh_code code = gh_spend_bytes(ctx, p->data.len);
		if (code != GH_OK)
			return code;
		for (size_t i = 0; i < p->data.len; i++)
			q.data[i] = p->data.ptr[i] ^ k->key.ptr[i % KEY];
		q.key = k;
		if (whole) {
			q.stored = (uint16_t)(q.data[p->length] | q.data[p->length + 1] << 8);
			q.computed = sum_of(q.data, p->length);
		}
		found = fits(p, k) || (whole && q.stored == q.computed);
	}
	*ret = q;
	return found ? GH_OK : gh_fail(ctx, GH_CORRUPT, 0, "with none of the known keys the data makes sense");
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct poray p;
	if (!read_header(c, &p))
		return GH_NOT_MINE;
	struct plain *q = gh_arena_zalloc(ctx->arena, sizeof *q);
	if (!q)
		return gh_nomem(ctx);
	gh_code code = decode(ctx, &p, q);
	if (code != GH_OK)
		return code;
	bool right = p.data.len == (uint64_t)p.length + 2 && q->stored == q->computed;
	*ret = (gh_span){ .size = HEADER + p.data.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE, .state = q };
	return GH_OK;
}

static const char *name_of(gh_bytes board)
{
	for (size_t i = 0; i < GH_COUNT(boards); i++)
		if (gh_bytes_start(board, gh_view(boards[i].board, 4)))
			return boards[i].name;
	return "unknown";
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct poray p;
	const struct plain *q = span->state;
	if (!read_header(c, &p))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no Poray header");
	bool whole = p.data.len == (uint64_t)p.length + 2;
	gh_bytes board = gh_bytes_part(p.all, 0, 4), data = gh_bytes_part(p.data, 0, p.length);
	const char *transform =
		gh_arena_printf(ctx->scratch, "xor with 15 bytes, key of %s (%s)", q->key->device, q->key->source);
	if (!transform)
		return gh_nomem(ctx);
	if (gh_fact_field(ctx, out, "board", board) || gh_node_fact(ctx, out, "model", gh_view_text(name_of(board))) ||
	    gh_node_fact(ctx, out, "key-of", gh_view_text(q->key->device)))
		return GH_NOMEM;
	gh_sum sum = { .what = "data sum", .algorithm = "one's complement, 16 bits", .at = c.pos + HEADER + p.length };
	sum.remark = "over the data in plain; the sum is turned by xor, too";
	gh_code code = whole ? gh_sum_u16(ctx, out, sum, q->stored, q->computed, false)
			     : gh_node_note(ctx, out, GH_TRUNCATED, c.pos + p.all.len,
					    "the header names %u bytes, %zu are there", p.length, p.data.len);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(p.all, 0, HEADER));
	if (code == GH_OK)
		code = gh_node_part_decoded(ctx, out, "data", transform, c.pos + HEADER, data,
					    gh_view(q->data, data.len));
	gh_bytes rest = gh_bytes_part(p.data, p.length, 2);
	return code == GH_OK && rest.len > 0
		       ? gh_node_part(ctx, out, GH_NODE_HEADER, "sum", c.pos + HEADER + p.length, rest)
		       : code;
}

const gh_format gh_format_poray = {
	.name = "poray",
	.title = "Poray, Hame and Nexx image, turned by xor",
	.spec = "openwrt/firmware-utils: mkporayfw.c",
	.limits = "boards with another key than the eight published ones",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x00\\x00\\x0e\\x02\\x00{6}", 10, 8 } },
	.measure = measure,
	.unpack = unpack,
};
