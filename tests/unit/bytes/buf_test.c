/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/buf.h"
#include "check.h"

static void a_buffer_says_limit_and_keeps_what_fitted(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_buf b = gh_buf_in(ctx.arena, 10);
	assert_int_equal(gh_buf_add(&ctx, &b, GH_LIT("12345678")), GH_OK);
	assert_int_equal(gh_buf_add(&ctx, &b, GH_LIT("abc")), GH_LIMIT);
	SAME(gh_buf_view(&b), GH_LIT("12345678"), "kept");
	uint8_t raw[4];
	gh_buf fixed = gh_buf_over(raw, sizeof raw);
	assert_int_equal(gh_buf_add(&ctx, &fixed, GH_LIT("1234")), GH_OK);
	assert_int_equal(gh_buf_add(&ctx, &fixed, GH_LIT("5")), GH_LIMIT);
	gh_test_done(&ctx);
}

static void growth_is_charged_to_the_budget(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_budget budget = { 0 };
	budget.bytes_left = 100000;
	ctx.budget = &budget;
	gh_buf b = gh_buf_in(ctx.arena, GH_MIB(64));
	assert_int_equal(gh_buf_room(&ctx, &b, 80000), GH_OK);
	assert_true(budget.bytes_left <= 20000);
	b.len = b.cap;
	assert_int_equal(gh_buf_room(&ctx, &b, 80000), GH_LIMIT);
	assert_true(budget.spent);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_says_limit_and_keeps_what_fitted),
		cmocka_unit_test(growth_is_charged_to_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
