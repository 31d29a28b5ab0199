/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/profile.h"
#include "bytes/search.h"
#include "check.h"

struct hits {
	size_t n;
	unsigned ids[16];
	uint64_t at[16];
	size_t stop_after;
};

static bool note(void *arg, unsigned id, uint64_t at)
{
	struct hits *h = arg;
	h->ids[h->n] = id;
	h->at[h->n++] = at;
	return h->n < h->stop_after;
}

static const gh_pattern patterns[] = {
	{ "hsqs", 4, 7, false },
	{ "\\x1f\\x8b\\x08", 3, 8, false },
	{ "h.q\\x00", 4, 9, false },
};

static void every_pattern_is_found_in_one_pass(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_search *s = gh_search_new(&ctx, patterns, GH_COUNT(patterns));
	gh_searcher *r = gh_searcher_new(&ctx, s);
	struct hits h = { .stop_after = 16 };
	gh_bytes in = GH_LIT("hsqs..\x1f\x8b\x08..h\nq\0hsqshsqs");
	assert_int_equal(gh_searcher_run(&ctx, r, in, note, &h), GH_OK);
	assert_int_equal(h.n, 5);
	const unsigned ids[] = { 7, 8, 9, 7, 7 };
	const uint64_t at[] = { 0, 6, 11, 15, 19 };
	for (size_t i = 0; i < 5; i++) {
		EQ(h.ids[i], ids[i], "id");
		EQ(h.at[i], at[i], "at");
	}
	h = (struct hits){ .stop_after = 2 };
	assert_int_equal(gh_searcher_run(&ctx, r, in, note, &h), GH_OK);
	assert_int_equal(h.n, 2);
	h = (struct hits){ .stop_after = 16 };
	assert_int_equal(gh_searcher_run(&ctx, r, (gh_bytes){ NULL, 0 }, note, &h), GH_OK);
	assert_int_equal(h.n, 0);
	gh_searcher_free(r);
	gh_search_free(s);
	gh_test_done(&ctx);
}

static void a_wrong_pattern_is_told(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	const gh_pattern wrong = { "(", 1, 0, false };
	assert_null(gh_search_new(&ctx, &wrong, 1));
	assert_non_null(strstr(ctx.what, "pattern 0"));
	gh_test_done(&ctx);
}

static const struct {
	const char *label;
	unsigned kind; /* 0 one byte, 1 text, 2 noise, 3 table */
	uint8_t fill;
	size_t len;
	gh_look look;
} looks[] = {
	{ "nothing", 0, 0, 0, GH_LOOK_EMPTY },       { "zeros", 0, 0, 5000, GH_LOOK_ZERO },
	{ "erased", 0, 0xff, 5000, GH_LOOK_ERASED }, { "one other byte", 0, 0x5a, 7, GH_LOOK_FILL },
	{ "text", 1, 0, 4000, GH_LOOK_TEXT },        { "noise", 2, 0, 65536, GH_LOOK_DENSE },
	{ "table", 3, 0, 8192, GH_LOOK_CODE },
};

static void unclaimed_bytes_get_a_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(looks); i++) {
		uint8_t *b = malloc(looks[i].len + 1);
		uint32_t x = 12345;
		for (size_t k = 0; k < looks[i].len; k++) {
			x = x * 1664525U + 1013904223U;
			b[k] = looks[i].kind == 0   ? looks[i].fill
			       : looks[i].kind == 1 ? (uint8_t)("the quick brown fox\n"[k % 20])
			       : looks[i].kind == 2 ? (uint8_t)(x >> 24)
						    : (uint8_t)(k % 4 == 0 ? x >> 24 : x >> 29);
		}
		gh_profile p = gh_profile_of(gh_view(b, looks[i].len));
		EQ(p.look, looks[i].look, looks[i].label);
		TRUE(p.entropy_millibits <= 8000, looks[i].label);
		free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pattern_is_found_in_one_pass),
		cmocka_unit_test(a_wrong_pattern_is_told),
		cmocka_unit_test(unclaimed_bytes_get_a_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
