/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of PSPBoot, which followed ADAM2 on Texas Instruments' AR7 (linux/arch/mips/ar7/prom.c).
 *
 *	0            10                                          each chunk: 0    1      2     4       5
 *	+------------+-------+-------+--- … ---+---- ff … ----+              +----+------+-----+-------+---------+
 *	| "TIENV0.8" | chunk | chunk |         |              |              | no | ctrl | sum | chunks| data 11 |
 *	+------------+-------+-------+--- … ---+---- ff … ----+              +----+------+-----+-------+---------+
 *
 * Chunks have 16 bytes; a variable takes as many as it says, its data goes on over them. A number stands for a name,
 * 0 for one that is written in front of the value. All ends at 1000.
 */
#include "format/boot/uboot_env_in.h"

enum { SIZE = 0x1000, CHUNK = 16, HEAD = 5, END = 0xff };

static const char *name_of(unsigned number)
{
	static const struct {
		uint8_t number;
		const char *name;
	} known[] = { { 1, "cpufrequency" }, { 2, "memsize" },       { 3, "flashsize" },
		      { 4, "modetty0" },     { 5, "modetty1" },      { 8, "maca" },
		      { 9, "macb" },         { 28, "sysfrequency" }, { 38, "mipsfrequency" } };
	for (size_t i = 0; i < GH_COUNT(known); i++)
		if (known[i].number == number)
			return known[i].name;
	return NULL;
}

/* The next variable; false at the end. */
static bool next(gh_cur *c, unsigned *number, gh_bytes *data)
{
	gh_cur h = *c;
	*number = gh_u8(&h);
	gh_skip(&h, 3);
	uint64_t chunks = gh_u8(&h);
	gh_bytes all = gh_take(c, chunks * CHUNK);
	*data = gh_bytes_part(all, HEAD, all.len);
	return gh_cur_ok(&h) && gh_cur_ok(c) && *number != END && chunks > 0;
}

static gh_cur chunks_of(gh_cur c)
{
	return gh_cur_over(gh_bytes_part(gh_rest(&c), CHUNK, SIZE - CHUNK), c.pos + CHUNK);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_cur chunks = chunks_of(c);
	unsigned number, n = 0;
	gh_bytes data;
	if (!gh_bytes_start(gh_rest(&c), GH_LIT("TIENV0.8")))
		return GH_NOT_MINE;
	while (next(&chunks, &number, &data) && data.len > 0 && data.ptr[0] >= ' ' && data.ptr[0] < 0x7f)
		n++;
	if (n == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos + CHUNK, "an environment without a variable");
	*ret = (gh_span){ .size = GH_MIN((size_t)SIZE, c.left), .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_bytes text_of(gh_bytes b)
{
	gh_cur c = gh_cur_over(b, 0);
	return gh_text(&c, b.len);
}

static gh_code add_variable(gh_ctx *ctx, unsigned number, gh_bytes data, gh_node *out)
{
	const char *known = name_of(number);
	gh_bytes name = known ? gh_view_text(known) : text_of(data), value = text_of(data);
	if (number == 0)
		value = text_of(gh_bytes_part(data, name.len + 1, data.len));
	char *row = number == 0 || known ? gh_arena_printf(ctx->arena, "%.*s=%.*s", (int)name.len,
							   name.ptr ? (const char *)name.ptr : "", (int)value.len,
							   value.ptr ? (const char *)value.ptr : "")
					 : gh_arena_printf(ctx->arena, "%u=%.*s", number, (int)value.len,
							   value.ptr ? (const char *)value.ptr : "");
	if (!row)
		return gh_nomem(ctx);
	size_t open = gh_variable_open(name);
	if (open == SIZE_MAX)
		return gh_node_fact(ctx, out, "variable", gh_view_text(row));
	return gh_node_secret(ctx, out, "variable", gh_view_text(row), name.len + 1 + open);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_cur chunks = chunks_of(c);
	unsigned number;
	gh_bytes data;
	gh_code code = gh_node_fact(ctx, out, "version", GH_LIT("TIENV0.8"));
	uint64_t end = chunks.pos;
	while (code == GH_OK && next(&chunks, &number, &data)) {
		code = add_variable(ctx, number, data, out);
		end = chunks.pos;
	}
	if (code == GH_OK && span->size < SIZE)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + span->size, "%llu of %d bytes are there",
				    (unsigned long long)span->size, SIZE);
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "variables", c.pos,
					    gh_bytes_part(gh_rest(&c), 0, end - c.pos))
			     : code;
}

const gh_format gh_format_psp_env = {
	.name = "psp-env",
	.title = "Environment of PSPBoot (Texas Instruments AR7, after ADAM2)",
	.spec = "linux/arch/mips/ar7/prom.c",
	.limits = "the sums of its chunks are not verified",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "TIENV0\\.8", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
