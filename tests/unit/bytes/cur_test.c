/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static gh_cur over(gh_bytes b)
{
	return gh_cur_over(b, 0x1000);
}

static const struct {
	const char *label;
	gh_bytes in;
	unsigned width;
	uint64_t le, be;
	bool ok;
} ints[] = {
	{ "one byte", GH_INIT("\x80"), 1, 0x80, 0x80, true },
	{ "two bytes", GH_INIT("\x01\x02"), 2, 0x0201, 0x0102, true },
	{ "three bytes", GH_INIT("\x01\x02\x03"), 3, 0x030201, 0x010203, true },
	{ "top bit of four", GH_INIT("\xff\xff\xff\xff"), 4, 0xffffffff, 0xffffffff, true },
	{ "eight bytes", GH_INIT("\x01\x02\x03\x04\x05\x06\x07\x88"), 8, 0x8807060504030201, 0x0102030405060788, true },
	{ "one short", GH_INIT("\x01\x02\x03"), 4, 0, 0, false },
	{ "nothing at all", { NULL, 0 }, 1, 0, 0, false },
};

static void integers_have_two_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(ints); i++) {
		gh_cur le = over(ints[i].in), be = le;
		EQ(gh_uint_le(&le, ints[i].width), ints[i].le, ints[i].label);
		EQ(gh_uint_be(&be, ints[i].width), ints[i].be, ints[i].label);
		EQ(gh_cur_ok(&le), ints[i].ok, ints[i].label);
		EQ(gh_cur_ok(&be), ints[i].ok, ints[i].label);
		EQ(le.pos, 0x1000 + (ints[i].ok ? ints[i].width : 0), ints[i].label);
	}
}

static void a_bad_cursor_stays_bad(void **state)
{
	(void)state;
	gh_cur c = over(GH_LIT("abc"));
	gh_skip(&c, 4);
	assert_false(gh_cur_ok(&c));
	assert_int_equal(gh_u8(&c), 0);
	assert_int_equal(gh_take(&c, 1).len, 0);
	assert_false(gh_eat(&c, GH_LIT("a")));
	assert_false(gh_room(&c, 0, 1));
	gh_cur child = gh_sub(&c, 1);
	assert_false(gh_cur_ok(&child));
}

static void a_child_cannot_read_its_parents_bytes(void **state)
{
	(void)state;
	gh_cur c = over(GH_LIT("abcdef"));
	gh_cur child = gh_sub(&c, 2);
	assert_int_equal(gh_u16be(&child), 0x6162);
	assert_int_equal(gh_u8(&child), 0);
	assert_false(gh_cur_ok(&child));
	assert_true(gh_cur_ok(&c));
	assert_int_equal(gh_u8(&c), 'c');
}

static void looking_further_on_leaves_the_cursor_where_it_is(void **state)
{
	(void)state;
	gh_cur c = over(GH_LIT("abcdef"));
	gh_cur far = gh_at(c, 5), beyond = gh_at(c, 7);
	assert_int_equal(gh_u8(&far), 'f');
	assert_int_equal(far.pos, 0x1006);
	assert_false(gh_cur_ok(&beyond));
	assert_int_equal(c.pos, 0x1000);
}

static const struct {
	const char *label;
	uint64_t n;
	size_t size;
	bool there;
} rooms[] = {
	{ "none", 0, 16, true },
	{ "exactly", 3, 2, true },
	{ "one more", 4, 2, false },
	{ "product wraps", UINT64_MAX / 2, 4, false },
	{ "all ones", UINT64_MAX, 1, false },
};

static void room_is_asked_before_a_count_steers(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rooms); i++) {
		gh_cur c = over(GH_LIT("abcdef"));
		EQ(gh_room(&c, rooms[i].n, rooms[i].size), rooms[i].there, rooms[i].label);
	}
}

static void text_ends_at_its_nul_and_lines_at_their_end(void **state)
{
	(void)state;
	gh_cur c = over(GH_LIT("ab\0\0one\r\ntwo\nlast"));
	SAME(gh_text(&c, 4), GH_LIT("ab"), "text");
	SAME(gh_line(&c), GH_LIT("one"), "first");
	SAME(gh_line(&c), GH_LIT("two"), "second");
	SAME(gh_line(&c), GH_LIT("last"), "last");
	SAME(gh_line(&c), GH_LIT(""), "behind the end");
	assert_int_equal(c.left, 0);
}

static void parts_never_leave_the_view(void **state)
{
	(void)state;
	SAME(gh_bytes_part(GH_LIT("abcd"), 1, 2), GH_LIT("bc"), "inside");
	SAME(gh_bytes_part(GH_LIT("abcd"), 2, UINT64_MAX), GH_LIT("cd"), "to the end");
	SAME(gh_bytes_part(GH_LIT("abcd"), UINT64_MAX, UINT64_MAX), GH_LIT(""), "far away");
	assert_true(gh_bytes_cmp(GH_LIT("ab"), GH_LIT("abc")) < 0);
	assert_true(gh_bytes_cmp(GH_LIT("\xff"), GH_LIT("a")) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_have_two_orders),
		cmocka_unit_test(a_bad_cursor_stays_bad),
		cmocka_unit_test(a_child_cannot_read_its_parents_bytes),
		cmocka_unit_test(looking_further_on_leaves_the_cursor_where_it_is),
		cmocka_unit_test(room_is_asked_before_a_count_steers),
		cmocka_unit_test(text_ends_at_its_nul_and_lines_at_their_end),
		cmocka_unit_test(parts_never_leave_the_view),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
