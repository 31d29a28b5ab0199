/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dumps whose bytes stand in another order, because the chip was read over a bus of 16 or 32 bits of the other
 * sense. Headers that prove themselves (a checksum of their own, or fields that must agree) are counted as the
 * bytes stand and in each other order. Where one of them is sound as it stands there is nothing to turn; where none
 * is and another order brings some, that order is taken.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 64, EXAMPLES = 4, ENOUGH = 64, FILTER = 1 << 16, STEP = 1 << 20 };

typedef enum order { AS_IT_STANDS, TURNED_2, TURNED_4, HALVES, ORDERS } order;

static const struct {
	const char *name;
	uint8_t from[4];
} orders[ORDERS] = {
	{ "as it stands", { 0, 1, 2, 3 } },
	{ "bytes of 16 bits turned round", { 1, 0, 3, 2 } },
	{ "bytes of 32 bits turned round", { 3, 2, 1, 0 } },
	{ "halves of 32 bits exchanged", { 2, 3, 0, 1 } },
};

typedef bool proof(gh_bytes head);

/* U-Boot include/image.h: the CRC over the header, its own field zero. */
static bool uimage(gh_bytes b)
{
	uint8_t head[HEAD];
	gh_cur c = gh_cur_over(b, 0);
	gh_skip(&c, 4);
	uint32_t crc = gh_u32be(&c);
	memcpy(head, b.ptr, sizeof head);
	memset(head + 4, 0, 4);
	return gh_crc32(gh_view(head, sizeof head)) == crc;
}

/* The size of a block and its logarithm, where version 4, or 2 and 3, have them. */
static bool squashfs(gh_bytes b)
{
	bool big = b.ptr[0] == 's';
	gh_cur at_12 = gh_at(gh_cur_over(b, 0), 12), at_22 = gh_at(gh_cur_over(b, 0), 22),
	       at_28 = gh_at(gh_cur_over(b, 0), 28);
	uint32_t block = gh_u32(&at_12, big);
	uint16_t log = gh_u16(&at_22, big), major = gh_u16(&at_28, big);
	gh_skip(&at_28, 2);
	uint16_t old_block = gh_u16(&at_28, big), old_log = gh_u16(&at_28, big);
	if (major == 4)
		return log >= 12 && log <= 20 && block == 1U << log;
	return (major == 2 || major == 3) && old_log >= 12 && old_log <= 16 &&
	       (old_block == 1U << old_log || old_log == 16);
}

/* linux/include/uapi/linux/jffs2.h: the CRC of the first eight bytes. */
static bool jffs2(gh_bytes b)
{
	gh_cur c = gh_at(gh_cur_over(b, 0), 8);
	return gh_u32(&c, b.ptr[0] == 0x19) == (uint32_t)~gh_crc32_more(UINT32_MAX, gh_bytes_part(b, 0, 8));
}

/* linux/drivers/mtd/ubi/ubi-media.h */
static bool ubi(gh_bytes b)
{
	gh_cur c = gh_at(gh_cur_over(b, 0), 60);
	return gh_u32be(&c) == (uint32_t)~gh_crc32(gh_bytes_part(b, 0, 60));
}

/* Devicetree Specification: sizes that fit, version 16 or 17. */
static bool dtb(gh_bytes b)
{
	gh_cur c = gh_at(gh_cur_over(b, 0), 4);
	uint32_t size = gh_u32be(&c), tree = gh_u32be(&c), strings = gh_u32be(&c), reserved = gh_u32be(&c);
	uint32_t version = gh_u32be(&c), last = gh_u32be(&c);
	return (version == 16 || version == 17) && last == 16 && tree < size && strings < size && reserved < size;
}

/* openwrt/firmware-utils trx.c: parts inside the length, the first behind the header. */
static bool trx(gh_bytes b)
{
	gh_cur c = gh_at(gh_cur_over(b, 0), 4);
	uint32_t size = gh_u32le(&c);
	gh_skip(&c, 6);
	uint16_t version = gh_u16le(&c);
	uint32_t first = gh_u32le(&c), second = gh_u32le(&c);
	return (version == 1 || version == 2) && (first == 28 || first == 32) && size > first && second < size;
}

/* openwrt/firmware-utils mktplinkfw.c: the vendor behind the version. */
static bool tplink(gh_bytes b)
{
	return gh_bytes_start(gh_bytes_part(b, 4, 20), GH_LIT("TP-LINK Technologies"));
}

static const struct {
	char magic[5];
	const char *name;
	proof *proof;
} heads[] = {
	{ "\x27\x05\x19\x56", "uimage", uimage }, { "hsqs", "squashfs", squashfs },
	{ "sqsh", "squashfs", squashfs },         { "\x85\x19\x01\xe0", "jffs2", jffs2 },
	{ "\x85\x19\x02\xe0", "jffs2", jffs2 },   { "\x85\x19\x03\x20", "jffs2", jffs2 },
	{ "\x19\x85\xe0\x01", "jffs2", jffs2 },   { "\x19\x85\xe0\x02", "jffs2", jffs2 },
	{ "\x19\x85\x20\x03", "jffs2", jffs2 },   { "UBI#", "ubi", ubi },
	{ "\xd0\x0d\xfe\xed", "dtb", dtb },       { "HDR0", "trx", trx },
	{ "\x01\0\0\0", "tplink-v1", tplink },    { "\x02\0\0\0", "tplink-v1", tplink },
};

typedef struct found {
	uint64_t at;
	const char *name;
} found;

typedef struct turned {
	order order;
	gh_bytes decoded;
	size_t count[ORDERS];
	found examples[ORDERS][EXAMPLES];
} turned;

static uint32_t word_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static unsigned slot(uint32_t word)
{
	return word * 0x9e3779b1U >> 16;
}

static void turn(uint8_t *to, const uint8_t *from, size_t n, order how)
{
	const uint8_t *o = orders[how].from;
	for (size_t i = 0; i + 4 <= n; i += 4)
		for (size_t k = 0; k < 4; k++)
			to[i + k] = from[i + o[k]];
}

/* Which heads could stand at this word, in any order? */
static void try_word(turned *t, gh_bytes b, size_t at)
{
	uint8_t head[HEAD];
	gh_bytes here = gh_bytes_part(b, at, HEAD);
	if (here.len < HEAD)
		return;
	for (order how = AS_IT_STANDS; how < ORDERS; how++) {
		turn(head, here.ptr, HEAD, how);
		for (size_t i = 0; i < GH_COUNT(heads); i++) {
			if (memcmp(head, heads[i].magic, 4) != 0 || !heads[i].proof(gh_view(head, HEAD)))
				continue;
			if (t->count[how] < EXAMPLES)
				t->examples[how][t->count[how]] = (found){ at, heads[i].name };
			t->count[how]++;
		}
	}
}

/* One pass; ends as soon as something is sound as it stands, or enough is seen. */
static gh_code look(gh_ctx *ctx, gh_bytes b, turned *t)
{
	uint8_t *filter = gh_arena_zalloc(ctx->scratch, FILTER);
	if (!filter)
		return gh_nomem(ctx);
	for (size_t i = 0; i < GH_COUNT(heads); i++)
		for (order how = AS_IT_STANDS; how < ORDERS; how++) {
			uint8_t raw[4];
			turn(raw, (const uint8_t *)heads[i].magic, 4, how); /* each order is its own inverse */
			filter[slot(word_at(raw))] = 1;
		}
	for (size_t done = 0; done < b.len; done += STEP) {
		gh_bytes part = gh_bytes_part(b, done, STEP);
		gh_code code = gh_effort(ctx, part.len);
		if (code != GH_OK)
			return code;
		for (size_t i = 0; i + 4 <= part.len; i += 4) {
			if (filter[slot(word_at(part.ptr + i))])
				try_word(t, b, done + i);
		}
		gh_behind(ctx, part.ptr, part.len);
		if (t->count[AS_IT_STANDS] > 0 || t->count[TURNED_2] + t->count[TURNED_4] + t->count[HALVES] > ENOUGH)
			break;
	}
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes b = gh_rest(&c);
	turned *t = gh_arena_zalloc(ctx->arena, sizeof *t);
	if (!t)
		return gh_nomem(ctx);
	gh_code code = look(ctx, b, t);
	if (code != GH_OK)
		return code;
	for (order how = TURNED_2; how < ORDERS; how++)
		if (t->count[how] > t->count[t->order])
			t->order = how;
	if (t->order == AS_IT_STANDS || t->count[AS_IT_STANDS] > 0)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no other order of bytes brings more");
	size_t size = b.len & ~(size_t)3;
	code = size > gh_arena_left(ctx->arena)
		       ? gh_fail(ctx, GH_LIMIT, c.pos, "%zu bytes in another order are more than may come out", size)
		       : gh_spend_bytes(ctx, size);
	if (code != GH_OK)
		return code;
	uint8_t *out = gh_arena_alloc(ctx->arena, size);
	if (!out)
		return gh_nomem(ctx);
	for (size_t done = 0; done < size; done += STEP) {
		size_t n = GH_MIN((size_t)STEP, size - done);
		turn(out + done, b.ptr + done, n, t->order);
		gh_behind(ctx, b.ptr + done, n);
		gh_behind(ctx, out + done, n);
	}
	t->decoded = gh_view(out, size);
	*ret = (gh_span){ .size = size, .proof = GH_PROOF_PARSED, .decoded = t->decoded, .state = t };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const turned *t = span->state;
	(void)c;
	gh_node_decoded(out, span->decoded);
	out->transform = orders[t->order].name;
	gh_code code = gh_node_factf(ctx, out, "order", "%s", orders[t->order].name);
	for (size_t i = 0; i < GH_MIN(t->count[t->order], (size_t)EXAMPLES) && code == GH_OK; i++)
		code = gh_node_factf(ctx, out, "sound-in-this-order", "%s at 0x%llx", t->examples[t->order][i].name,
				     (unsigned long long)t->examples[t->order][i].at);
	return code;
}

const gh_format gh_format_swapped = {
	.name = "swapped",
	.title = "Dump with its bytes in another order",
	.spec = "headers of U-Boot, SquashFS, JFFS2, UBI, device trees, TRX and TP-Link that prove themselves",
	.kind = GH_NODE_STREAM,
	.limits = "a dump without such a header is taken as it stands",
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
