/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arcadyan's disguise of an LZMA stream, in the boot loaders and kernels of its DSL routers (binwalk arcadyan.rs).
 *
 *	0   4                   24                  68                  88
 *	+---+-------------------+-------------------+-------------------+------- … -+
 *	|   | 32 bytes of 68    |                   | 32 bytes of 4,    |           |
 *	|   |                   |                   | disguised         |           |
 *	+---+-------------------+-------------------+-------------------+------- … -+
 *
 * The two runs of 32 bytes have changed places; of what belongs at 4 the halves of each byte and then the bytes of each
 * pair have, too. The LZMA stream begins at 4. Its first bytes 5d 00 00 80 therefore read 00 d5 08 00 at 68.
 */
#include "codec/codec.h"
#include "format/room_in.h"

enum { FIRST = 4, SECOND = 0x68, RUN = 32, HEAD = 0x88, MOST = 32 << 20, LEAST = 256 };

/* The bytes in their right order, in scratch; nothing where there is no room. */
static uint8_t *undisguise(gh_ctx *ctx, gh_bytes b)
{
	uint8_t *p = gh_arena_alloc(ctx->scratch, b.len);
	if (!p)
		return NULL;
	memcpy(p, b.ptr, b.len);
	memcpy(p + SECOND, b.ptr + FIRST, RUN);
	for (size_t i = 0; i < RUN; i++) {
		uint8_t v = b.ptr[SECOND + (i ^ 1)];
		p[FIRST + i] = (uint8_t)(v << 4 | v >> 4);
	}
	return p;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes b = gh_bytes_part(gh_rest(&c), 0, MOST);
	if (b.len < LEAST || !gh_bytes_start(gh_bytes_part(b, SECOND, 4), GH_LIT("\x00\xd5\x08\x00")))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, b.len);
	if (code != GH_OK)
		return code;
	const uint8_t *p = undisguise(ctx, b);
	if (!p)
		return gh_fail(ctx, GH_LIMIT, c.pos, "no room to put %zu bytes in order", b.len);
	gh_cur in = gh_cur_over(gh_view(p + FIRST, b.len - FIRST), c.pos + FIRST);
	gh_buf out = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_lzma_info info;
	uint64_t start = in.pos;
	code = gh_lzma_alone(ctx, &in, &out, &info);
	if (code != GH_OK)
		return code;
	uint64_t size = FIRST + (in.pos - start);
	if (size < HEAD || out.len < LEAST)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "too little comes out of what may be Arcadyan's disguise");
	*ret = (gh_span){ .size = size, .proof = GH_PROOF_PARSED, .decoded = gh_buf_view(&out) };
	return GH_OK;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	(void)c;
	gh_node_decoded(out, span->decoded);
	gh_code code = gh_node_fact(ctx, out, "vendor", GH_LIT("Arcadyan"));
	return code != GH_OK ? code : gh_node_fact(ctx, out, "compression", GH_LIT("lzma"));
}

const gh_format gh_format_arcadyan = {
	.name = "arcadyan",
	.title = "Arcadyan's disguised LZMA stream",
	.spec = "ReFirmLabs/binwalk: arcadyan.rs",
	.limits = "streams of more than 32 MiB, or with other properties than 5d and a dictionary of 8 MiB",
	.kind = GH_NODE_STREAM,
	.magic = { { "\\x00\\xd5\\x08\\x00.\\x00.{2}\\x00.\\x00\\x00.\\x00", 14, SECOND } },
	.measure = measure,
	.unpack = unpack,
};
