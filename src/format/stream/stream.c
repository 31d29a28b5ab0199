/* SPDX-License-Identifier: Apache-2.0 */
#include "format/stream/stream_in.h"

/* A look at the first bytes costs no arena; most candidates by chance end there. */
enum { PROBE = 4 << 10, BROKEN_LEAST = 64 << 10, MEMBERS_MOST = 1 << 16 };

struct result {
	void *info;
	gh_code code; /* of a stream that broke off … */
	uint64_t at;
	char what[160];
	unsigned members;
};

static uint64_t ceiling(const gh_stream *s, uint64_t in)
{
	uint64_t most = GH_GIB(1), by_ratio;
	if (s->ratio && !__builtin_mul_overflow(in + 64, s->ratio, &by_ratio))
		most = GH_MIN(most, by_ratio);
	return most;
}

/* Do not even the first bytes decode? GH_LIMIT means that they did. *all: nothing more can be learnt. */
static gh_code probe(gh_ctx *ctx, gh_cur c, const gh_stream *s, bool *all)
{
	uint8_t room[PROBE];
	gh_buf out = gh_buf_over(room, sizeof room);
	gh_code code = s->decode(ctx, &c, &out, NULL);
	*all = s->steady && gh_is_about_input(code) && code != GH_LIMIT && out.len < sizeof room;
	if (code == GH_LIMIT && out.len < sizeof room)
		return GH_OK; /* the budget, not the probe: the real one will tell */
	return code == GH_LIMIT ? GH_OK : code;
}

static gh_code broke_off(gh_ctx *ctx, gh_cur c, const gh_stream *s, gh_code code, const gh_buf *out, struct result *r)
{
	if (!gh_is_about_input(code) && code != GH_NOMEM)
		return code;
	if (s->whole_only || out->len < BROKEN_LEAST)
		return code;
	/* The arena's ceiling is a budget as well: much came out, more does not fit. */
	r->code = code == GH_NOMEM ? GH_LIMIT : code;
	r->at = ctx->at;
	if (ctx->code == code)
		memcpy(r->what, ctx->what, sizeof r->what);
	(void)c;
	return GH_OK;
}

static void more_members(gh_ctx *ctx, gh_cur *c, const gh_stream *s, gh_buf *out, unsigned *members)
{
	while (c->left > 0 && *members < MEMBERS_MOST) {
		gh_cur next = *c;
		size_t len = out->len;
		if (s->decode(ctx, &next, out, NULL) != GH_OK || next.left >= c->left) {
			out->len = len;
			break;
		}
		*c = next;
		++*members;
	}
}

gh_code gh_stream_measure(gh_ctx *ctx, gh_cur c, const gh_stream *s, gh_span *ret)
{
	gh_cur in = c;
	bool all;
	gh_code code = probe(ctx, c, s, &all);
	if (all || code == GH_NOT_MINE || code == GH_NOMEM || code == GH_UNSUPPORTED)
		return code;
	if (code != GH_OK && c.left < PROBE / 4)
		return code; /* nothing that small can hold enough to be claimed broken */
	struct result *r = gh_arena_zalloc(ctx->arena, sizeof *r);
	if (!r)
		return gh_nomem(ctx);
	r->info = s->info;
	gh_buf out = gh_buf_in(ctx->arena, ceiling(s, c.left));
	code = s->decode(ctx, &in, &out, s->info);
	if (code != GH_OK) {
		code = broke_off(ctx, c, s, code, &out, r);
		if (code != GH_OK)
			return code;
		*ret = (gh_span){ .size = c.left, .proof = GH_PROOF_SHAPE };
	} else {
		r->members = 1;
		if (s->members)
			more_members(ctx, &in, s, &out, &r->members);
		*ret = (gh_span){ .size = in.pos - c.pos, .proof = s->proof };
		if (out.len < s->least)
			return gh_fail(ctx, GH_NOT_MINE, c.pos, "only %zu bytes come out: taken for chance", out.len);
	}
	ret->decoded = gh_buf_view(&out);
	ret->state = r;
	return GH_OK;
}

gh_code gh_stream_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const struct result *r = span->state;
	gh_node_decoded(out, span->decoded);
	if (gh_node_factf(ctx, out, "decoded-length", "%zu", span->decoded.len))
		return GH_NOMEM;
	if (r->members > 1 && gh_node_factf(ctx, out, "members", "%u", r->members))
		return GH_NOMEM;
	if (gh_fact_linux(ctx, out, span->decoded) != GH_OK)
		return GH_NOMEM;
	if (r->code == GH_OK)
		return GH_OK;
	return gh_node_note(ctx, out, r->code, r->at ? r->at : c.pos,
			    "damaged: only the first %zu bytes come out (%s%s%s)", span->decoded.len,
			    gh_code_name(r->code), r->what[0] ? ": " : "", r->what);
}

const void *gh_stream_info(const gh_span *span)
{
	const struct result *r = span->state;
	return r->info;
}
