/* SPDX-License-Identifier: Apache-2.0 */
/* Large objects in a file without a name: they hold what was written, come back, and give way to memory when it is
 * full. */
#include "host/spill.h"

#include "check.h"

enum { PIECE = 20 << 20 };

static uint8_t *piece(gh_arena *a, uint8_t byte)
{
	uint8_t *p = gh_arena_alloc(a, PIECE);
	assert_non_null(p);
	memset(p, byte, PIECE);
	return p;
}

static bool inside(const gh_spill *s, const uint8_t *p)
{
	return p >= s->ptr && p < s->ptr + s->size;
}

static void large_objects_lie_in_the_file(void **unused)
{
	gh_spill s;
	(void)unused;
	gh_spill_open(&s, GH_MIB(64));
	if (!s.ptr)
		skip(); /* no disk to speak of */
	gh_arena *a = gh_arena_new(GH_MIB(512));
	gh_arena_use(a, &s.store);
	uint8_t *one = piece(a, 1), *two = piece(a, 2), *small = gh_arena_alloc(a, 1000);
	assert_non_null(small);
#ifndef GH_ARENA_EXACT
	TRUE(inside(&s, one) && inside(&s, two), "large");
#endif
	TRUE(!inside(&s, small), "small");
	gh_spill_behind(&s, one, PIECE);
	gh_spill_behind(&s, two, PIECE);
	EQ(one[0], 1, "what left memory is still there");
	EQ(one[PIECE - 1], 1, "what left memory is still there");
	EQ(two[PIECE / 2], 2, "what left memory is still there");
	uint8_t *three = piece(a, 3), *four = piece(a, 4); /* together more than the file takes */
	TRUE(!inside(&s, three) || !inside(&s, four), "full: memory");
	EQ(two[0], 2, "full: memory");
	gh_arena_free(a);
	EQ(s.used <= s.size, true, "given back");
	a = gh_arena_new(GH_MIB(512));
	gh_arena_use(a, &s.store);
	one = piece(a, 5);
#ifndef GH_ARENA_EXACT
	TRUE(inside(&s, one), "room again");
#endif
	gh_arena_free(a);
	gh_spill_close(&s);
}

static void objects_grow_into_the_file(void **unused)
{
	gh_spill s;
	(void)unused;
	gh_spill_open(&s, GH_MIB(128));
	gh_arena *a = gh_arena_new(GH_MIB(512));
	gh_arena_use(a, &s.store);
	uint8_t *p = gh_arena_alloc(a, 1 << 20);
	assert_non_null(p);
	memset(p, 7, 1 << 20);
	for (size_t size = 1 << 20; size < GH_MIB(40); size *= 2) {
		p = gh_arena_grow(a, p, size, size * 2);
		assert_non_null(p);
		EQ(p[0], 7, "grown");
		EQ(p[(1 << 20) - 1], 7, "grown");
		memset(p + size, 8, size);
	}
#ifndef GH_ARENA_EXACT
	TRUE(!s.ptr || inside(&s, p), "grown");
#endif
	gh_arena_reset(a);
	gh_arena_free(a);
	gh_spill_close(&s);
}

static void without_a_file_memory_serves(void **unused)
{
	gh_spill s;
	(void)unused;
	gh_spill_open(&s, 0);
	gh_arena *a = gh_arena_new(GH_MIB(512));
	gh_arena_use(a, &s.store);
	EQ(piece(a, 9)[5], 9, "no file");
	gh_spill_behind(&s, &s, sizeof s);
	gh_arena_free(a);
	gh_spill_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_objects_lie_in_the_file),
		cmocka_unit_test(objects_grow_into_the_file),
		cmocka_unit_test(without_a_file_memory_serves),
	};
	return cmocka_run_group_tests_name("host/spill", tests, NULL, NULL);
}
