/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"
#include "check/root_in.h"

static const file files[] = {
	LINK("etc", "etc_ro"),
	FOLDER("etc_ro"),
	TEXT("etc_ro/passwd", "x"),
	LINK("etc_ro/up", "../bin"),
	FOLDER("bin"),
	TEXT("bin/busybox", "x"),
	LINK("bin/sh", "busybox"),
	LINK("bin/ash", "/bin/sh"),
	LINK("a", "b"),
	LINK("b", "a"),
	LINK("tmp/passwd", "/var/none"),
	LINK("self", "self/self"),
	TEXT("etc_ro/rc.d/S10b", "x"),
	TEXT("etc_ro/rc.d/S05a", "x"),
	TEXT("etc_ro/rc.d/K10b", "x"),
	TEXT("etc_ro/rc.d/.S1", "x"),
	TEXT("etc_ro/rc.d/sub/S9", "x"),
	FOLDER("etc_ro/rc.d"),
	TEXT("./usr/dot", "x"),
	LINK("empty", ""),
};

static void paths_lead_here(void **state)
{
	(void)state;
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "/etc/passwd", "etc_ro/passwd" },
		{ "etc/passwd", "etc_ro/passwd" },
		{ "//etc/./passwd", "etc_ro/passwd" },
		{ "/etc/up/sh", "bin/busybox" },
		{ "/bin/ash", "bin/busybox" },
		{ "/../../bin/sh", "bin/busybox" },
		{ "/bin/../etc/passwd", "etc_ro/passwd" },
		{ "/a", NULL },
		{ "/self", NULL },
		{ "/tmp/passwd", NULL },
		{ "/none", NULL },
		{ "", NULL },
		{ "/", NULL },
		{ "usr/dot", "./usr/dot" },
		{ "/empty", NULL },
		{ "/bin/busybox/", "bin/busybox" },
	};
	gh_ctx ctx = gh_test_ctx();
	gh_root root;
	EQ(gh_root_over(&ctx, volume_of(&ctx, &gh_check_boot, files, GH_COUNT(files))->first, &root), GH_OK, "over");
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const gh_entry *e = gh_root_find(&root, gh_view_text(rows[i].path));
		TRUE(!e == !rows[i].want, rows[i].path);
		if (e)
			SAME(e->path, gh_view_text(rows[i].want), rows[i].path);
	}
	gh_test_done(&ctx);
}

typedef struct names {
	char text[400];
	size_t n;
} names;

static bool add(void *arg, const gh_root_name *name)
{
	names *v = arg;
	size_t used = strlen(v->text);
	(void)snprintf(v->text + used, sizeof v->text - used, "%.*s ", (int)name->path.len,
		       (const char *)name->path.ptr);
	v->n++;
	return true;
}

static void patterns_give_these_names(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *want;
	} rows[] = {
		{ "/etc/rc.d/S*", "etc_ro/rc.d/S05a etc_ro/rc.d/S10b " },
		{ "/etc/rc.d/*", "etc_ro/rc.d/K10b etc_ro/rc.d/S05a etc_ro/rc.d/S10b etc_ro/rc.d/sub " },
		{ "/etc/rc.d/S??b", "etc_ro/rc.d/S10b " },
		{ "/etc/rc.d/S[0-9]*", "etc_ro/rc.d/S05a etc_ro/rc.d/S10b " },
		{ "/etc/rc.d/*0*b", "etc_ro/rc.d/K10b etc_ro/rc.d/S10b " },
		{ "/etc/rc.d/", "" },
		{ "/none/*", "" },
		{ "", "" },
		{ "/self/*", "" },
	};
	static const file more = FOLDER("etc_ro/rc.d/sub");
	file all[GH_COUNT(files) + 1];
	memcpy(all, files, sizeof files);
	all[GH_COUNT(files)] = more;
	gh_ctx ctx = gh_test_ctx();
	gh_root root;
	EQ(gh_root_over(&ctx, volume_of(&ctx, &gh_check_boot, all, GH_COUNT(all))->first, &root), GH_OK, "over");
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		names v = { .n = 0 };
		gh_root_glob(&root, gh_view_text(rows[i].pattern), 10, add, &v);
		assert_string_equal(v.text, rows[i].want);
	}
	names v = { .n = 0 };
	gh_root_glob(&root, GH_LIT("/etc/rc.d/*"), 2, add, &v);
	EQ(v.n, 2, "at most");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_here),
		cmocka_unit_test(patterns_give_these_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
