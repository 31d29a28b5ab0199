/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files: what is refused, and in which words; our own pack compiles without a word. */
#include "packs.h"
#include "rule/rule.h"

#define HEAD "rule:\n  meta:\n    name: x\n  features:\n"

static void a_mistake_names_its_line_and_reason(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text;
		unsigned line; /* 0: none is named */
		const char *why;
	} rows[] = {
		{ "good", HEAD "    - api: open\n", 0, "" },
		{ "not YAML", "rule: [\n", 2, "not YAML" },
		{ "no rule", "a: b\n", 1, "no 'rule'" },
		{ "no features", "rule:\n  meta:\n    name: x\n", 1, "no 'features'" },
		{ "no name", "rule:\n  meta:\n    author: x\n  features:\n    - api: open\n", 2, "no name" },
		{ "an alias", HEAD "    - or: &a\n      - api: x\n      - *a\n", 0, "anchors" },
		{ "unsupported feature", HEAD "    - mnemonic: xor\n", 5, "'mnemonic' is not supported" },
		{ "unsupported characteristic", HEAD "    - characteristic: odd\n", 5, "'odd'" },
		{ "of another system",
		  HEAD
		  "    - or:\n      - characteristic: peb access\n      - property/read: a::b\n      - api: open\n",
		  0, "" },
		{ "unknown scope",
		  "rule:\n  meta:\n    name: x\n    scopes:\n      static: galaxy\n  features:\n    - api: x\n", 5,
		  "'galaxy'" },
		{ "only for traces",
		  "rule:\n  meta:\n    name: x\n    scopes:\n      static: unsupported\n      dynamic: call\n"
		  "  features:\n    - api: x\n",
		  5, "running program" },
		{ "unknown constant", HEAD "    - number: SOCK_MAGIC\n", 5, "SOCK_MAGIC" },
		{ "odd bytes", HEAD "    - bytes: 01 02 03 0\n", 5, "hexadecimal" },
		{ "few bytes", HEAD "    - bytes: 01 02\n", 5, "from 4" },
		{ "bad regex", HEAD "    - string: /a(/\n", 5, "pattern" },
		{ "two statements", HEAD "    - api: a\n    - api: b\n", 4, "one statement" },
		{ "two keys", HEAD "    - api: a\n      string: b\n", 6, "stand in one statement" },
		{ "empty and", HEAD "    - and: []\n", 5, "empty" },
		{ "not of two", HEAD "    - not:\n      - api: a\n      - api: b\n", 5, "one statement" },
		{ "bad count", HEAD "    - count(api(x)): many\n", 5, "N or more" },
		{ "open count", HEAD "    - count(api(x): 2\n", 5, "count(feature" },
		{ "argument 9", HEAD "    - call: {api: a, arguments: {9: 1}}\n", 5, "'9'" },
		{ "bad severity", "rule:\n  meta:\n    name: x\n    severity: malicious\n  features:\n    - api: x\n",
		  4, "info or notice" },
		{ "builds on nothing", HEAD "    - match: y\n", 0, "builds on 'y'" },
		{ "builds on itself", HEAD "    - match: x\n", 0, "builds on 'x'" },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		troubles t = { .count = 0 };
		gh_cap_file file = { rows[i].label, gh_view_text(rows[i].text), false };
		gh_caps *caps = pack_of(&ctx, &file, 1, &t);
		bool good = rows[i].why[0] == '\0';
		EQ(gh_caps_count(caps), good, rows[i].label);
		EQ(t.count, !good, rows[i].label);
		EQ(t.line, rows[i].line, rows[i].label);
		TRUE(good || strstr(t.message, rows[i].why), t.message);
		gh_caps_free(caps);
		gh_test_done(&ctx);
	}
}

static void a_bad_rule_stops_only_those_that_build_on_it(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	const gh_cap_file files[] = {
		{ "above", GH_INIT(RULE("above", "function", "    - match: middle\n")), false },
		{ "middle", GH_INIT(RULE("middle", "function", "    - match: bad\n")), false },
		{ "bad", GH_INIT(RULE("bad", "function", "    - offset: 1\n")), false },
		{ "good", GH_INIT(RULE("good", "function", "    - api: open\n")), false },
		{ "on good", GH_INIT(RULE("on good", "function", "    - match: good\n")), false },
		{ "twice", GH_INIT(RULE("good", "function", "    - api: close\n")), false },
		{ "one", GH_INIT(RULE("one", "function", "    - match: two\n")), false },
		{ "two", GH_INIT(RULE("two", "function", "    - match: one\n")), false },
	};
	gh_caps *caps = pack_of(&ctx, files, GH_COUNT(files), &t);
	EQ(gh_caps_count(caps), 2, "rules");
	EQ(t.count, 6, "troubles");
	gh_caps_free(caps);
	gh_test_done(&ctx);
}

static void our_own_pack_compiles_without_a_word(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	size_t n, used = 0;
	const gh_rule_file *all = gh_rules_builtin(&n);
	gh_cap_file *files = gh_arena_array(ctx.arena, n, sizeof *files);
	for (size_t i = 0; i < n; i++)
		if (all[i].program) /* as if it were the user's: expressions are looked at one by one */
			files[used++] = (gh_cap_file){ all[i].name, all[i].text, false };
	gh_caps *caps = pack_of(&ctx, files, used, &t);
	TRUE(t.count == 0, t.message);
	EQ(gh_caps_count(caps), used, "rules");
	TRUE(used > 40, "rules");
	gh_caps_free(caps);
	gh_test_done(&ctx);
}

static void a_damaged_blob_is_refused(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_cap_file file = { "f", GH_INIT(RULE("a", "function", "    - api: open\n")), false };
	gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(1));
	EQ(gh_caps_compile(&ctx, &file, 1, NULL, NULL, &blob), GH_OK, "compile");
	for (size_t len = 0; len < blob.len; len++) {
		gh_caps *caps = NULL;
		EQ(gh_caps_load(&ctx, gh_view(blob.ptr, len), &caps), GH_CORRUPT, "cut short");
	}
	for (size_t i = 8; i < 32; i++) {
		gh_caps *caps = NULL;
		blob.ptr[i] ^= 0x80;
		if (gh_caps_load(&ctx, gh_buf_view(&blob), &caps) == GH_OK)
			EQ(gh_caps_count(caps), 1, "another header");
		blob.ptr[i] ^= 0x80;
		gh_caps_free(caps);
	}
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_names_its_line_and_reason),
		cmocka_unit_test(a_bad_rule_stops_only_those_that_build_on_it),
		cmocka_unit_test(our_own_pack_compiles_without_a_word),
		cmocka_unit_test(a_damaged_blob_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
