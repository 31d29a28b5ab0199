/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "report/glyph_in.h"

static const struct {
	const char *label;
	gh_bytes in;
	const char *want;
} rows[] = {
	{ "plain text stays", GH_INIT("etc/init.d/rcS"), "etc/init.d/rcS" },
	{ "letters of the world stay", GH_INIT("\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x90\xb4"),
	  "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x90\xb4" },
	{ "an escape sequence", GH_INIT("\x1b[2J"), "\\x1b[2J" },
	{ "newline, tab, NUL, DEL", GH_INIT("\n\t\0\x7f"), "\\x0a\\x09\\x00\\x7f" },
	{ "a C1 control in UTF-8",
	  GH_INIT("\xc2\x9b"
		  "2J"),
	  "\\xc2\\x9b2J" },
	{ "a bare C1 byte",
	  GH_INIT("\x9b"
		  "2J"),
	  "\\x9b2J" },
	{ "the backslash, so that escapes cannot be forged", GH_INIT("\\x41"), "\\x5cx41" },
	{ "right-to-left override",
	  GH_INIT("a\xe2\x80\xae"
		  "b"),
	  "a\\xe2\\x80\\xaeb" },
	{ "bidirectional isolate", GH_INIT("\xe2\x81\xa6"), "\\xe2\\x81\\xa6" },
	{ "zero width space", GH_INIT("\xe2\x80\x8b"), "\\xe2\\x80\\x8b" },
	{ "byte order mark", GH_INIT("\xef\xbb\xbf"), "\\xef\\xbb\\xbf" },
	{ "line separator", GH_INIT("\xe2\x80\xa8"), "\\xe2\\x80\\xa8" },
	{ "tag characters", GH_INIT("\xf3\xa0\x80\xa1"), "\\xf3\\xa0\\x80\\xa1" },
	{ "overlong slash", GH_INIT("\xc0\xaf\xe0\x80\xaf"), "\\xc0\\xaf\\xe0\\x80\\xaf" },
	{ "a surrogate", GH_INIT("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
	{ "beyond Unicode", GH_INIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ "cut short", GH_INIT("a\xe4\xb8"), "a\\xe4\\xb8" },
	{ "nothing", { NULL, 0 }, "" },
};

static void what_leaves_is_safe(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const char *got = gh_text_safe(ctx.arena, rows[i].in, 0);
		assert_non_null(got);
		SAME(gh_view_text(got), gh_view_text(rows[i].want), rows[i].label);
		bool same = gh_bytes_eq(rows[i].in, gh_view_text(rows[i].want));
		EQ(gh_text_is_plain(rows[i].in), same, rows[i].label);
	}
	gh_test_done(&ctx);
}

static void every_pair_of_bytes_leaves_as_printable_text(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		uint8_t in[2] = { (uint8_t)(pair >> 8), (uint8_t)pair };
		const char *got = gh_text_safe(ctx.arena, gh_view(in, 2), 0);
		assert_non_null(got);
		TRUE(gh_text_is_plain(gh_view_text(got)) || strchr(got, '\\'), "escaped where not plain");
		for (const char *c = got; *c; c++)
			TRUE((uint8_t)*c >= 0x20 && *c != 0x7f, "no control leaves");
		gh_arena_reset(ctx.arena);
	}
	gh_test_done(&ctx);
}

static void long_text_loses_its_middle(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	char long_text[1000];
	memset(long_text, 'm', sizeof long_text);
	memcpy(long_text, "head", 4);
	memcpy(long_text + sizeof long_text - 4, "tail", 4);
	const char *got = gh_text_safe(ctx.arena, gh_view(long_text, sizeof long_text), 60);
	assert_non_null(got);
	TRUE(strlen(got) <= 60 + sizeof " … ", "short");
	TRUE(gh_bytes_start(gh_view_text(got), GH_LIT("head")), "head");
	TRUE(gh_bytes_end(gh_view_text(got), GH_LIT("tail")), "tail");
	assert_non_null(strstr(got, " … "));
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leaves_is_safe),
		cmocka_unit_test(every_pair_of_bytes_leaves_as_printable_text),
		cmocka_unit_test(long_text_loses_its_middle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
