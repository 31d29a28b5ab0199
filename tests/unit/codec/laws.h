/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every decoder of the codec room promises, as functions over one packed sample. Inputs are copied
 * into memory of their exact size, so that address sanitizer sees the edge.
 */
#ifndef GH_TESTS_CODEC_LAWS_H
#define GH_TESTS_CODEC_LAWS_H

#include "check.h"
#include "codec/codec.h"

typedef gh_code gh_decode(gh_ctx *ctx, gh_cur *in, gh_buf *out);

enum {
	LAW_STRONG = 1,   /* a checksum covers the content: wrong data are never GH_OK */
	LAW_UNENDED = 2,  /* nothing in the data marks the end: the input's end is it */
};

typedef struct gh_sample {
	const char *label;
	gh_decode  *decode;
	unsigned    laws;
	gh_bytes    packed, plain;
} gh_sample;

/* Text-like, deterministic, with near and far repetitions. */
static inline void fill(uint8_t *to, size_t n)
{
	uint32_t x = 12345;
	for (size_t i = 0; i < n; i++) {
		x = x * 1103515245 + 12345;
		to[i] = (x >> 16) % 5 ? (uint8_t)("the router's root "[i % 18]) : (uint8_t)(x >> 24);
		if (i > 700 && (x >> 20) % 7 < 4)
			to[i] = to[i - 700];
	}
}

static inline gh_bytes exact(gh_bytes b)
{
	uint8_t *copy = malloc(b.len ? b.len : 1);
	assert_non_null(copy);
	if (b.len)
		memcpy(copy, b.ptr, b.len);
	return gh_view(copy, b.len);
}

static inline void drop(gh_bytes b)
{
	union { const uint8_t *seen; void *owned; } p = { .seen = b.ptr };
	free(p.owned);
}

static inline bool is_prefix(gh_bytes of, const gh_buf *out)
{
	return gh_bytes_start(of, gh_buf_view(out));
}

static inline void law_round_trip(const gh_sample *s)
{
	gh_ctx ctx = gh_test_ctx();
	gh_bytes in = exact(s->packed);
	gh_cur c = gh_cur_over(in, 0x100);
	gh_buf out = gh_buf_in(ctx.arena, GH_MIB(64));
	EQ(gh_buf_add(&ctx, &out, GH_LIT("before")), GH_OK, s->label);
	EQ(s->decode(&ctx, &c, &out), GH_OK, s->label);
	EQ(c.left, 0, s->label);
	EQ(c.pos, 0x100 + s->packed.len, s->label);
	TRUE(gh_bytes_start(gh_buf_view(&out), GH_LIT("before")), s->label);
	SAME(gh_bytes_part(gh_buf_view(&out), 6, SIZE_MAX), s->plain, s->label);
	drop(in);
	gh_test_done(&ctx);
}

static inline void law_trailing_bytes_stay(const gh_sample *s)
{
	if (s->laws & LAW_UNENDED)
		return;
	gh_ctx ctx = gh_test_ctx();
	uint8_t *longer = malloc(s->packed.len + 40);
	assert_non_null(longer);
	memcpy(longer, s->packed.ptr, s->packed.len);
	for (size_t more = 1; more <= 40; more += 3) {
		memset(longer + s->packed.len, 0xff, more);
		gh_bytes in = exact(gh_view(longer, s->packed.len + more));
		gh_cur c = gh_cur_over(in, 0);
		gh_buf out = gh_buf_in(ctx.arena, GH_MIB(64));
		EQ(s->decode(&ctx, &c, &out), GH_OK, s->label);
		EQ(c.left, more, s->label);
		EQ(c.pos, s->packed.len, s->label);
		SAME(gh_buf_view(&out), s->plain, s->label);
		drop(in);
		gh_arena_reset(ctx.arena);
	}
	free(longer);
	gh_test_done(&ctx);
}

static inline void law_cut_input_is_not_ok(const gh_sample *s)
{
	gh_ctx ctx = gh_test_ctx();
	for (size_t n = 0; n < s->packed.len; n++) {
		gh_bytes in = exact(gh_view(s->packed.ptr, n));
		gh_cur c = gh_cur_over(in, 0);
		gh_buf out = gh_buf_in(ctx.arena, GH_MIB(64));
		gh_code code = s->decode(&ctx, &c, &out);
		if (s->laws & LAW_UNENDED && code == GH_OK)
			EQ(c.left, 0, s->label);
		else {
			TRUE(code == GH_TRUNCATED || (code == GH_NOT_MINE && n < 16), s->label);
			TRUE(c.ptr == in.ptr && c.left == n && c.pos == 0 && !c.bad, s->label);
		}
		TRUE(is_prefix(s->plain, &out), s->label);
		drop(in);
		gh_arena_reset(ctx.arena);
	}
	gh_test_done(&ctx);
}

static inline void law_flipped_bits_do_no_harm(const gh_sample *s)
{
	gh_ctx ctx = gh_test_ctx();
	for (size_t n = 0; n < s->packed.len * 8; n += 3) {
		gh_bytes in = exact(s->packed);
		uint8_t *flipped = malloc(in.len);
		assert_non_null(flipped);
		memcpy(flipped, in.ptr, in.len);
		flipped[n / 8] = (uint8_t)(flipped[n / 8] ^ 1u << n % 8);
		gh_cur c = gh_cur_over(gh_view(flipped, in.len), 0);
		gh_buf out = gh_buf_in(ctx.arena, GH_MIB(1));
		gh_code code = s->decode(&ctx, &c, &out);
		TRUE(code == GH_OK || gh_is_about_input(code), s->label);
		TRUE(c.left <= in.len && out.len <= GH_MIB(1), s->label);
		if (code != GH_OK)
			TRUE(c.ptr == flipped && !c.bad, s->label);
		if (s->laws & LAW_STRONG && code == GH_OK)
			SAME(gh_buf_view(&out), s->plain, s->label);
		free(flipped);
		drop(in);
		gh_arena_reset(ctx.arena);
	}
	gh_test_done(&ctx);
}

static inline void law_ceilings_hold(const gh_sample *s)
{
	gh_ctx ctx = gh_test_ctx();
	const size_t n = s->plain.len, tries[] = { 0, 1, n / 3, n - 1, n, n + 1 };
	gh_bytes in = exact(s->packed);
	for (size_t i = 0; i < GH_COUNT(tries); i++) {
		for (unsigned fixed = 0; fixed < 2; fixed++) {
			if (n == 0 && (i < 4 || i > 4))
				continue;
			gh_cur c = gh_cur_over(in, 0);
			uint8_t *memory = malloc(tries[i] ? tries[i] : 1);
			gh_buf out = fixed ? gh_buf_over(memory, tries[i]) : gh_buf_in(ctx.arena, tries[i]);
			gh_code code = s->decode(&ctx, &c, &out);
			EQ(code, tries[i] < n ? GH_LIMIT : GH_OK, s->label);
			EQ(out.len, GH_MIN(tries[i], n), s->label);
			EQ(c.left, tries[i] < n ? in.len : 0, s->label);
			TRUE(is_prefix(s->plain, &out), s->label);
			free(memory);
			gh_arena_reset(ctx.arena);
		}
	}
	drop(in);
	gh_test_done(&ctx);
}

static inline void law_a_budget_is_kept(const gh_sample *s)
{
	gh_ctx ctx = gh_test_ctx();
	gh_budget budget = { .bytes_left = 100, .nodes_left = 1 };
	ctx.budget = &budget;
	gh_cur c = gh_cur_over(s->packed, 0);
	gh_buf out = gh_buf_in(ctx.arena, GH_MIB(64));
	gh_code code = s->decode(&ctx, &c, &out);
	EQ(code, s->plain.len > 100 ? GH_LIMIT : code, s->label);
	TRUE(gh_arena_held(ctx.arena) < 32768, s->label);
	gh_test_done(&ctx);
}

static inline void law_all_of_them(const gh_sample *s)
{
	law_round_trip(s);
	law_trailing_bytes_stay(s);
	law_ceilings_hold(s);
	law_a_budget_is_kept(s);
	if (s->packed.len < 4096) {
		law_cut_input_is_not_ok(s);
		law_flipped_bits_do_no_harm(s);
	}
}

#endif
