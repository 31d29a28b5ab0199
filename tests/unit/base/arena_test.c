/* SPDX-License-Identifier: Apache-2.0 */
#include "base/team.h"
#include "check.h"

static void an_arena_ends_at_its_ceiling(void **state)
{
	(void)state;
	gh_arena *a = gh_arena_new(100000);
	assert_non_null(gh_arena_alloc(a, 50000));
	assert_null(gh_arena_alloc(a, 60000));
	assert_null(gh_arena_alloc(a, SIZE_MAX));
	assert_null(gh_arena_array(a, SIZE_MAX / 2, 8));
	assert_non_null(gh_arena_alloc(a, 30000));
	assert_true(gh_arena_held(a) + gh_arena_left(a) == 100000);
	gh_arena_reset(a);
	assert_non_null(gh_arena_alloc(a, 60000));
	gh_arena_free(a);
}

static void a_growing_object_keeps_its_bytes(void **state)
{
	(void)state;
	gh_arena *a = gh_arena_new(GH_MIB(8));
	size_t size = 10;
	uint8_t *p = gh_arena_alloc(a, size);
	memset(p, 0x5a, size);
	for (size_t next = 20; next < GH_MIB(2); next = next * 3 / 2 + 1) {
		void *other = gh_arena_alloc(a, 24); /* something of others in between */
		assert_non_null(other);
		p = gh_arena_grow(a, p, size, next);
		assert_non_null(p);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0x5a);
		memset(p, 0x5a, next);
		size = next;
	}
	gh_arena_free(a);
}

struct count {
	gh_team *team;
	_Atomic size_t done;
	gh_gate gate;
	size_t seen_at_gate;
};

static void leaf(void *what, unsigned member)
{
	struct count *c = what;
	(void)member;
	atomic_fetch_add(&c->done, 1);
}

static void branch(void *what, unsigned member)
{
	struct count *c = what;
	for (int i = 0; i < 100; i++)
		assert_true(gh_team_add(c->team, &c->gate, leaf, c));
	gh_gate_wait(c->team, &c->gate, member);
	c->seen_at_gate = atomic_load(&c->done);
}

static void a_gate_waits_for_its_own_tasks(void **state)
{
	(void)state;
	for (unsigned members = 1; members <= 4; members++) {
		struct count c = { .team = gh_team_new(members) };
		assert_true(gh_team_add(c.team, NULL, branch, &c));
		gh_team_run(c.team);
		EQ(c.seen_at_gate, 100, "at the gate");
		EQ(c.done, 100, "in the end");
		gh_team_free(c.team);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_ends_at_its_ceiling),
		cmocka_unit_test(a_growing_object_keeps_its_bytes),
		cmocka_unit_test(a_gate_waits_for_its_own_tasks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
