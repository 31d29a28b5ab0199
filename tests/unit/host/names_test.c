/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan makes of hostile paths, and that it comes about on disk, and nothing anywhere else. */
#include "host/output.h"

#include "folder.h"
#include "host/names_in.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A250 A50 A50 A50 A50 A50
#define DEEP8 "d/d/d/d/d/d/d/d/"
#define DEEP64 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8

struct entry {
	gh_bytes path;
	gh_place_kind kind;
	const char *used; /* below "top"; NULL: only that it is short and safe */
	const char *why;  /* a part of the reason; NULL: none */
};

struct volume {
	const char *label;
	struct entry entries[8]; /* up to the first without `path.ptr` */
};

#define F(path, used, why)                                                                                             \
	{                                                                                                              \
		GH_INIT(path), GH_PLACE_FILE, used, why                                                                \
	}
#define D(path, used, why)                                                                                             \
	{                                                                                                              \
		GH_INIT(path), GH_PLACE_DIR, used, why                                                                 \
	}
#define L(path, used, why)                                                                                             \
	{                                                                                                              \
		GH_INIT(path), GH_PLACE_LINK, used, why                                                                \
	}
#define END                                                                                                            \
	{                                                                                                              \
		{ NULL, 0 }, GH_PLACE_FILE, NULL, NULL                                                                 \
	}

static const struct volume volumes[] = {
	{ "ordinary",
	  { D("bin", "bin", NULL), F("bin/sh", "bin/sh", NULL), L("bin/ls", "bin/ls", NULL),
	    F("./etc/passwd", "etc/passwd", NULL), D("lib/", "lib", NULL), D(".", "", NULL), D("", "", NULL), END } },
	{ "dots",
	  { F("../../canary", "%2e%2e/%2e%2e/canary", "dots"), F("..", "%2e%2e~2", "dots"),
	    F("a/../b", "a/%2e%2e/b", "dots"), D("a/..", "a/%2e%2e", "dots"), F("a/.", "a/%2e", "dots"),
	    F("...", "...", NULL), F("a/..b", "a/..b", NULL), END } },
	{ "absolute",
	  { F("/etc/passwd", "etc/passwd", "absolute"), F("//x", "x", "absolute"), F("/", "%", "absolute"), END } },
	{ "empty", { F("", "%", "empty"), F("a//b", "a/b", "empty"), END } },
	{ "control",
	  { F("a\nb", "a%0ab", "bytes"), F("a\0b", "a%00b", "bytes"), D("\x1b[2J", "%1b[2J", "bytes"),
	    F("\x1b[2J/x", "%1b[2J/x", "bytes"), F("a\x7f", "a%7f", "bytes"), F("\xff\xfe", "\xff\xfe", NULL), END } },
	{ "twice",
	  { F("a", "a", NULL), F("a", "a~2", "twice"), F("a~2", "a~2~2", "twice"), L("a", "a~3", "twice"),
	    D("d", "d", NULL), D("d", "d", NULL), F("d", "d~2", "folder"), END } },
	{ "a file where a folder was",
	  { F("x/y", "x/y", NULL), F("x", "x~2", "folder"), L("x", "x~3", "folder"), END } },
	{ "a folder where a file was",
	  { F("x", "x", NULL), F("x/y", "x~2/y", "no folder"), F("x/z", "x~2/z", "no folder"),
	    D("x", "x~2", "no folder"), END } },
	{ "through a link", { L("out", "out", NULL), F("out/canary", "out~2/canary", "no folder"), END } },
	{ "an alias is not its twin",
	  { F("x", "x", NULL), F("x/y", "x~2/y", "no folder"), F("x~2/y", "x~2~2/y", "no folder"), END } },
	{ "an escape is not its twin",
	  { F("..", "%2e%2e", "dots"), F("%2e%2e", "%2e%2e~2", "twice"), F("../x", "%2e%2e~3/x", "dots"),
	    F("%2e%2e/x", "%2e%2e~4/x", "no folder"), END } },
	{ "long names",
	  { F(A250 "bcdef", A250 "bcdef", NULL), F(A250 "bcdefg", NULL, "too long"), F(A250 "bcdefh", NULL, "too long"),
	    F(A250 "bcdef", NULL, "twice"), F(A250 A50 "/x", NULL, "too long"), END } },
	{ "deep paths",
	  { F(DEEP64 "x", DEEP64 "x", NULL), F(DEEP64 "e/x", DEEP64 "e%2fx", "deep"),
	    D(DEEP64 "e/f", DEEP64 "e%2ff", "deep"), F(DEEP64 DEEP64 DEEP64 "x", NULL, "deep"), END } },
	{ "long paths",
	  { F(A250 "/" A250 "/" A250 "/" A250 "/" A250 "/" A250 "/" A250 "/" A250 "/" A250 "/" A250 "/x", NULL, "long"),
	    END } },
};

static gh_code write_one(gh_ctx *ctx, gh_output *out, gh_place *place, const struct entry *e)
{
	switch (e->kind) {
	case GH_PLACE_DIR:
		return gh_output_dir(ctx, out, place);
	case GH_PLACE_LINK:
		return gh_output_link(ctx, out, place, GH_LIT("../.."), 0);
	default:
		return gh_output_file(ctx, out, place, 07777, 0, e->path);
	}
}

static void look(struct folder *f, const struct entry *e, const char *used)
{
	struct stat st;
	char *path = gh_arena_printf(f->ctx.arena, "%s/target/%s", f->at, used);
	assert_non_null(path);
	TRUE(strlen(used) < 2600, "length");
	assert_int_equal(lstat(path, &st), 0);
	EQ(st.st_mode & S_IFMT, e->kind == GH_PLACE_DIR ? S_IFDIR : e->kind == GH_PLACE_LINK ? S_IFLNK : S_IFREG, used);
	if (e->kind == GH_PLACE_FILE) {
		EQ(st.st_mode & 07777 & ~0755u, 0, used);
		SAME(folder_read(f, gh_arena_printf(f->ctx.arena, "target/%s", used)), e->path, used);
	}
}

static void every_path_gets_a_safe_place_of_its_own(void **state)
{
	(void)state;
	for (size_t v = 0; v < GH_COUNT(volumes); v++) {
		struct folder f = folder_new();
		gh_output *out;
		gh_place top, places[8];
		const char *used[8];
		const struct entry *e = volumes[v].entries;
		size_t n = 0;
		(void)folder_file(&f, "canary", GH_LIT("sings"));
		EQ(gh_output_open(&f.ctx, folder_path(&f, "target"), false, &out), GH_OK, volumes[v].label);
		EQ(gh_output_top(&f.ctx, out, "top", GH_PLACE_DIR, &top), GH_OK, volumes[v].label);
		for (; n < 8 && e[n].path.ptr; n++)
			EQ(gh_output_plan(&f.ctx, out, &top, e[n].path, e[n].kind, &places[n]), GH_OK,
			   volumes[v].label);
		/* written backward: the order of writing decides nothing */
		for (size_t i = n; i-- > 0;)
			EQ(write_one(&f.ctx, out, &places[i], &e[i]), GH_OK, volumes[v].label);
		for (size_t i = 0; i < n; i++) {
			const char *label = e[i].used ? e[i].used : volumes[v].label;
			used[i] = gh_output_used(&f.ctx, out, &places[i]);
			if (e[i].used && *e[i].used)
				SAME(gh_view_text(used[i]),
				     gh_view_text(gh_arena_printf(f.ctx.arena, "top/%s", e[i].used)), label);
			TRUE(!e[i].why == !places[i].why, label);
			if (e[i].why)
				TRUE(strstr(places[i].why, e[i].why) != NULL, places[i].why);
		}
		EQ(gh_output_finish(&f.ctx, out), GH_OK, volumes[v].label);
		assert_null(gh_output_close(out));
		for (size_t i = 0; i < n; i++)
			look(&f, &e[i], used[i]);
		EQ(folder_count(&f, "target"), 1, volumes[v].label);
		EQ(folder_count(&f, ""), 2, volumes[v].label);
		SAME(folder_read(&f, "canary"), GH_LIT("sings"), volumes[v].label);
		folder_remove(&f);
	}
}

static void a_hundred_thousand_times_the_same_name_is_no_trouble(void **state)
{
	enum { MANY = 100000 };
	(void)state;
	struct folder f = folder_new();
	gh_output *out;
	gh_place top, first, place;
	assert_int_equal(gh_output_open(&f.ctx, folder_path(&f, "target"), false, &out), GH_OK);
	assert_int_equal(gh_output_top(&f.ctx, out, "top", GH_PLACE_DIR, &top), GH_OK);
	assert_int_equal(gh_output_plan(&f.ctx, out, &top, GH_LIT("x"), GH_PLACE_FILE, &first), GH_OK);
	for (unsigned i = 1; i < MANY; i++)
		assert_int_equal(gh_output_plan(&f.ctx, out, &top, GH_LIT("x"), GH_PLACE_FILE, &place), GH_OK);
	SAME(gh_view_text(gh_output_used(&f.ctx, out, &place)), GH_LIT("top/x~100000"), "the last");
	EQ(gh_output_count(out).renamed, MANY - 1, "renamed");
	assert_null(gh_output_close(out));
	folder_remove(&f);
}

static void plain_names_are_short_and_of_letters(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	SAME(gh_name_plain(ctx.arena, GH_LIT("caf\xc3\xa9 1.txt")), GH_LIT("caf%c3%a9%201.txt"), "escaped");
	EQ(gh_name_plain(ctx.arena, GH_LIT(A250)).len, 100, "cut");
	gh_test_done(&ctx);
}

static void the_hash_tells_seed_folder_and_name_apart(void **state)
{
	(void)state;
	const uint64_t zero[2] = { 0, 0 }, other[2] = { 0, 1 };
	uint64_t h = gh_name_hash(zero, 1, GH_LIT("name"));
	TRUE(h == gh_name_hash(zero, 1, GH_LIT("name")), "same");
	TRUE(h != gh_name_hash(other, 1, GH_LIT("name")), "seed");
	TRUE(h != gh_name_hash(zero, 2, GH_LIT("name")), "folder");
	TRUE(h != gh_name_hash(zero, 1, GH_LIT("name\0")), "length");
	TRUE(gh_name_hash(zero, 1, GH_LIT("12345678")) != gh_name_hash(zero, 1, GH_LIT("1234567")), "a whole word");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_gets_a_safe_place_of_its_own),
		cmocka_unit_test(a_hundred_thousand_times_the_same_name_is_no_trouble),
		cmocka_unit_test(plain_names_are_short_and_of_letters),
		cmocka_unit_test(the_hash_tells_seed_folder_and_name_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
