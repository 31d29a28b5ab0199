/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"
#include "codec/sum.h"
#include "format/packed/upx_in.h"

enum {
	INFO = 12,
	FILE_MOST = 64 << 20,
	BLOCKS_MOST = 4096,
	SLACK = 256 << 10, /* a stub and its header behind the blocks */
	PACK_HEADER = 32,
	METHOD_LZMA = 14,
	METHOD_DEFLATE = 15,
	FILTER_ARM = 0x50,
	PT_LOAD = 1,
	LOADS_MOST = 16,
};

struct packed {
	bool big, wide; /* of the program */
	unsigned machine;
	uint64_t at;          /* of l_info */
	uint32_t file, block; /* sizes */
	unsigned version, format, method, level;
	uint64_t end;
	uint64_t header; /* where the pack header stands; 0: there is none */
};

struct result {
	gh_code code; /* why not all came out */
	char what[160];
	uint64_t came;
	unsigned blocks, methods, filters;
	bool sum_right, laid_out;
	uint32_t adler;
};

/* l_info stands behind the program headers. */
static gh_code read_header(gh_ctx *ctx, gh_cur c, struct packed *ret)
{
	gh_bytes b = gh_rest(&c);
	if (b.len < 64 || !gh_bytes_start(b, GH_LIT("\x7f"
						    "ELF")))
		return GH_NOT_MINE;
	struct packed p = { .wide = b.ptr[4] == 2, .big = b.ptr[5] == 2 };
	gh_cur m = gh_at(c, 18), n = gh_at(c, p.wide ? 54 : 42);
	p.machine = gh_u16(&m, p.big);
	uint64_t each = gh_u16(&n, p.big), count = gh_u16(&n, p.big);
	p.at = (p.wide ? 64 : 52) + each * count;
	gh_cur i = gh_at(c, p.at);
	gh_skip(&i, 4);
	if (each != (p.wide ? 56 : 32) || !gh_eat(&i, GH_LIT("UPX!")))
		return GH_NOT_MINE;
	gh_skip(&i, 2);
	p.version = gh_u8(&i);
	p.format = gh_u8(&i);
	gh_skip(&i, 4);
	p.file = gh_u32(&i, p.big);
	p.block = gh_u32(&i, p.big);
	if (!gh_cur_ok(&i))
		return gh_fail(ctx, GH_TRUNCATED, c.pos + p.at, "the header of UPX is cut short");
	/* the header at the end is the last of its kind within reach */
	gh_bytes reach = gh_bytes_part(b, 0, (uint64_t)GH_MIN(p.file, (uint32_t)FILE_MOST) + SLACK);
	for (uint64_t at = p.at + INFO; at + PACK_HEADER <= reach.len;) {
		gh_bytes rest = gh_bytes_part(reach, at, reach.len);
		const uint8_t *hit = memmem(rest.ptr, rest.len, "UPX!", 4);
		if (!hit)
			break;
		at = (uint64_t)(hit - b.ptr);
		if (at + PACK_HEADER <= reach.len)
			p.header = at;
		at += 4;
	}
	p.end = p.header ? GH_MIN(p.header + PACK_HEADER + 4, (uint64_t)b.len) : b.len;
	if (p.header) {
		p.method = b.ptr[p.header + 6];
		p.level = b.ptr[p.header + 7];
	}
	*ret = p;
	return GH_OK;
}

static gh_code lzma(gh_ctx *ctx, gh_bytes in, uint64_t pos, gh_buf *out, size_t size)
{
	gh_cur c = gh_cur_over(in, pos);
	unsigned a = gh_u8(&c), b = gh_u8(&c), pb = a & 7, lp = b >> 4, lc = b & 15;
	if (!gh_cur_ok(&c) || lc + lp != a >> 3 || pb > 4 || lp > 4 || lc > 8)
		return gh_fail(ctx, GH_CORRUPT, pos, "LZMA with properties that cannot be");
	return gh_lzma_raw(ctx, &c, out, lc, lp, pb, 0, size);
}

static gh_code decode(gh_ctx *ctx, unsigned method, gh_bytes in, uint64_t pos, uint8_t *to, size_t size)
{
	static const unsigned widths[] = { 32, 8, 16 };
	gh_buf out = gh_buf_over(to, size);
	gh_cur c = gh_cur_over(in, pos);
	if (in.len == size) {
		if (size > 0)
			memcpy(to, in.ptr, size);
		return GH_OK;
	}
	if (method >= 2 && method <= 10)
		return gh_nrv_decode(ctx, (gh_nrv)((method - 2) / 3), widths[(method - 2) % 3], in, pos, to, size);
	if (method != METHOD_LZMA && method != METHOD_DEFLATE)
		return gh_fail(ctx, GH_UNSUPPORTED, pos, "method %u of UPX", method);
	gh_code code = method == METHOD_LZMA ? lzma(ctx, in, pos, &out, size) : gh_deflate_raw(ctx, &c, &out);
	if (code == GH_OK && out.len != size)
		code = gh_fail(ctx, GH_CORRUPT, pos, "%zu bytes come out, not %zu", out.len, size);
	return code;
}

/* Branches of ARM were made absolute, so that calls of one function look alike. */
static void unfilter_arm(uint8_t *b, size_t size)
{
	for (size_t i = 0; i + 4 <= size; i += 4) {
		if ((b[i + 3] & 0x0f) != 0x0b)
			continue;
		uint32_t v = b[i] | (uint32_t)b[i + 1] << 8 | (uint32_t)b[i + 2] << 16;
		v -= (uint32_t)(i / 4);
		b[i] = (uint8_t)v;
		b[i + 1] = (uint8_t)(v >> 8);
		b[i + 2] = (uint8_t)(v >> 16);
	}
}

/* All blocks, one behind the other, as far as they make sense. */
static gh_code unpack_blocks(gh_ctx *ctx, const struct packed *p, gh_bytes all, uint64_t pos, uint8_t *to,
			     struct result *r)
{
	gh_cur c = gh_cur_over(gh_bytes_part(all, p->at + 2 * INFO, all.len), pos + p->at + 2 * INFO);
	while (r->came < p->file && r->blocks < BLOCKS_MOST) {
		uint32_t out = gh_u32(&c, p->big), in = gh_u32(&c, p->big);
		unsigned method = gh_u8(&c), filter = gh_u8(&c);
		gh_skip(&c, 2);
		if (!gh_cur_ok(&c) || out == 0 || in > out || out > p->file - r->came)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "a block of UPX that makes no sense");
		uint64_t at = c.pos;
		gh_bytes data = gh_take(&c, in);
		if (!gh_cur_ok(&c))
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "a block of UPX is cut short");
		gh_code code = decode(ctx, method, data, at, to + r->came, out);
		if (code != GH_OK)
			return code;
		if (filter == FILTER_ARM)
			unfilter_arm(to + r->came, out);
		r->filters |= filter != 0 && filter != FILTER_ARM;
		r->methods |= in == out ? 0 : 1U << GH_MIN(method, 31U);
		r->came += out;
		r->blocks++;
	}
	return GH_OK;
}

struct load {
	uint64_t at, size;
};

/* Segments first, in their order, then what lies between them: back to where the file had it. */
static bool lay_out(const struct packed *p, gh_bytes stream, uint8_t *to, uint64_t size)
{
	gh_cur c = gh_cur_over(stream, 0), n = gh_at(c, p->wide ? 54 : 42), o = gh_at(c, p->wide ? 32 : 28);
	struct load loads[LOADS_MOST];
	size_t count = 0;
	gh_skip(&n, 2);
	unsigned headers = gh_u16(&n, p->big);
	uint64_t at = p->wide ? gh_u64(&o, p->big) : gh_u32(&o, p->big), done = 0, hole = 0;
	for (unsigned i = 0; i < headers && gh_cur_ok(&n) && gh_cur_ok(&o); i++) {
		gh_cur h = gh_at(c, at + (uint64_t)i * (p->wide ? 56 : 32));
		uint32_t type = gh_u32(&h, p->big);
		if (p->wide)
			gh_skip(&h, 4);
		struct load l = { .at = p->wide ? gh_u64(&h, p->big) : gh_u32(&h, p->big) };
		gh_skip(&h, p->wide ? 16 : 8);
		l.size = p->wide ? gh_u64(&h, p->big) : gh_u32(&h, p->big);
		if (!gh_cur_ok(&h))
			return false;
		if (type != PT_LOAD || l.size == 0)
			continue;
		if (count == LOADS_MOST || l.at < hole || l.at > size || l.size > size - l.at)
			return false;
		hole = l.at + l.size;
		loads[count++] = l;
	}
	if (count == 0 || loads[0].at != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		gh_bytes b = gh_bytes_part(stream, done, loads[i].size);
		if (b.len > 0)
			memcpy(to + loads[i].at, b.ptr, b.len);
		done += loads[i].size;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t from = loads[i].at + loads[i].size, end = i + 1 < count ? loads[i + 1].at : size;
		gh_bytes b = gh_bytes_part(stream, done, end - from);
		if (b.len > 0)
			memcpy(to + from, b.ptr, b.len);
		done += end - from;
	}
	return true;
}

/* The pack header has the Adler-32 of what came out in one of two places, by the order of the program. */
static bool sum_holds(const struct packed *p, gh_bytes all, uint32_t adler)
{
	gh_cur a = gh_cur_over(gh_bytes_part(all, p->header + 8, 4), 0),
	       b = gh_cur_over(gh_bytes_part(all, p->header + 16, 4), 0);
	return p->header != 0 && (gh_u32(&a, p->big) == adler || gh_u32(&b, p->big) == adler);
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct packed p;
	struct result *r = gh_arena_zalloc(ctx->arena, sizeof *r);
	if (!r)
		return gh_nomem(ctx);
	gh_code code = read_header(ctx, c, &p);
	if (code != GH_OK)
		return code;
	code = gh_effort(ctx, p.end);
	*ret = (gh_span){ .size = p.end, .proof = GH_PROOF_SHAPE, .state = r };
	if (code != GH_OK || p.file == 0 || p.file > FILE_MOST) {
		r->code = code != GH_OK ? code : GH_CORRUPT;
		return code; /* those who hide put zeros there: named nevertheless */
	}
	code = gh_spend_bytes(ctx, (uint64_t)p.file * 2);
	uint8_t *stream = code == GH_OK ? gh_arena_zalloc(ctx->arena, p.file) : NULL;
	if (!stream)
		return code != GH_OK ? code : gh_nomem(ctx);
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, p.end);
	r->code = unpack_blocks(ctx, &p, all, c.pos, stream, r);
	if (r->code != GH_OK && !gh_is_about_input(r->code))
		return r->code;
	if (r->code != GH_OK)
		memcpy(r->what, ctx->what, sizeof r->what);
	r->adler = gh_adler32(gh_view(stream, (size_t)r->came));
	r->sum_right = sum_holds(&p, all, r->adler);
	if (r->came == 0)
		return GH_OK;
	uint8_t *file = gh_arena_zalloc(ctx->arena, p.file);
	if (!file)
		return gh_nomem(ctx);
	r->laid_out = lay_out(&p, gh_view(stream, (size_t)r->came), file, p.file);
	ret->decoded = r->laid_out ? gh_view(file, p.file) : gh_view(stream, (size_t)r->came);
	if (r->code == GH_OK)
		ret->proof = r->sum_right ? GH_PROOF_SUM : GH_PROOF_PARSED;
	return GH_OK;
}

static const char *method_name(unsigned methods)
{
	static const char *const names[] = { "NRV2B", "NRV2D", "NRV2E" };
	for (unsigned m = 2; m <= 10; m++)
		if (methods >> m & 1)
			return names[(m - 2) / 3];
	return methods >> METHOD_LZMA & 1 ? "LZMA" : methods >> METHOD_DEFLATE & 1 ? "deflate" : "stored";
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct packed p;
	const struct result *r = span->state;
	gh_code code = read_header(ctx, c, &p);
	if (code != GH_OK)
		return code;
	code = gh_node_factf(ctx, out, "packer", "UPX, format %u of version %u", p.format, p.version);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "file-size", "%u", p.file);
	if (code == GH_OK && r->methods)
		code = gh_node_fact(ctx, out, "method", gh_view_text(method_name(r->methods)));
	if (code == GH_OK && !p.header)
		code = gh_node_note(ctx, out, GH_OK, c.pos,
				    "the header at the end is not there: cut off, or taken away so that "
				    "UPX does not undo it");
	uint8_t adler[4] = { (uint8_t)(r->adler >> 24), (uint8_t)(r->adler >> 16), (uint8_t)(r->adler >> 8),
			     (uint8_t)r->adler };
	gh_sum sum = { .what = "content Adler-32", .algorithm = "adler32", .at = c.pos + p.header + 8 };
	sum.state = r->sum_right ? GH_SUM_RIGHT : GH_SUM_UNVERIFIABLE;
	sum.stored = sum.computed = r->sum_right ? gh_view(adler, 4) : gh_view(NULL, 0);
	sum.remark = r->sum_right ? NULL : "not of all that came out, in its order";
	if (code == GH_OK && p.header && r->came > 0)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK && r->code != GH_OK)
		code = gh_node_note(ctx, out, r->code, c.pos + p.at, "packed with UPX: %llu of %u bytes come out%s%s",
				    (unsigned long long)r->came, p.file, r->what[0] ? ": " : "", r->what);
	if (code == GH_OK && r->filters)
		code = gh_node_note(ctx, out, GH_OK, c.pos, "branches are left as a filter of UPX made them");
	if (code == GH_OK && r->came > 0 && !r->laid_out)
		code = gh_node_note(ctx, out, GH_OK, c.pos,
				    "blocks one behind the other: segments could not be put in their places");
	if (span->decoded.len > 0)
		gh_node_decoded(out, span->decoded);
	return code;
}

const gh_format gh_format_upx = {
	.name = "upx",
	.title = "Program packed with UPX",
	.spec = "upx: src/stub/src/include/linux.h, src/packhead.cpp",
	.limits = "filters other than that of ARM are not undone; programs whose mark was changed are not known as "
		  "packed",
	.kind = GH_NODE_STREAM,
	/* two or three program headers, of 32 bits and of 64 */
	.magic = { { "UPX!", 4, 0x78 },
		   { "UPX!", 4, 0x98 },
		   { "UPX!", 4, 0xb8 },
		   { "UPX!", 4, 0xb4 },
		   { "UPX!", 4, 0xec },
		   { "UPX!", 4, 0x124 } },
	.measure = measure,
	.unpack = unpack,
};
