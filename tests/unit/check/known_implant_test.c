/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "check/check.h"

static const gh_rule_file files[] = {
	{ "a.yar",
	  GH_INIT("rule ours { meta: family = \"Horse Shell\" description = \"D\" level = \"malicious\" source = "
		  "\"https://x\" date = \"2023-05-16\" attack = \"T1542\" strings: $one = \"planted one\" $two = "
		  "\"planted two\" condition: all of them }"),
	  false, true, false },
	{ "b.yar",
	  GH_INIT("rule theirs { meta: reference = \"R\" strings: $a = \"user word\" condition: $a }\n"
		  "rule loud { meta: level = \"malicious\" strings: $a = \"loud word\" condition: $a }\n"
		  "rule quiet { meta: level = \"notice\" family = \"!!\" condition: filesize == 5 }\n"
		  "private rule hidden { condition: true }\n"),
	  false, false, false },
	{ "c.tsv",
	  GH_INIT("0000000000000000000000000000000000000000000000000000000000000001\tudhcp\tHorse "
		  "Shell\t2023-05-16\thttps://h\tfacts\n"),
	  true, true, false },
	{ "d.tsv", GH_INIT("0000000000000000000000000000000000000000000000000000000000000002\n"), true, false, false },
};

static gh_ctx ctx;
static gh_rules *rules;

static int set_up(void **state)
{
	(void)state;
	ctx = gh_test_ctx();
	gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(16));
	EQ(gh_rules_compile(&ctx, files, GH_COUNT(files), NULL, NULL, &blob), GH_OK, ctx.what);
	EQ(gh_rules_load(&ctx, gh_buf_view(&blob), &rules), GH_OK, ctx.what);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gh_rules_free(rules);
	gh_test_done(&ctx);
	return 0;
}

static void matches_become_findings(void **state)
{
	(void)state;
	static const struct row {
		const char *content;
		uint8_t digest;
		bool covered;
		const char *id;
		gh_level level;
		gh_sure sure;
		size_t evidence;
	} rows[] = {
		{ "nothing", 0, false, NULL, GH_LEVEL_INFO, GH_SURE_LOW, 0 },
		{ "xx planted one, planted two", 0, false, "KNOWN-IMPLANT/horse-shell", GH_LEVEL_MALICIOUS,
		  GH_SURE_HIGH, 2 },
		{ "xx planted one, planted two", 0, true, NULL, GH_LEVEL_INFO, GH_SURE_LOW, 0 },
		{ "a user word", 0, false, "KNOWN-IMPLANT/theirs", GH_LEVEL_SUSPICIOUS, GH_SURE_MEDIUM, 1 },
		{ "a loud word", 0, false, "KNOWN-IMPLANT/loud", GH_LEVEL_MALICIOUS, GH_SURE_MEDIUM, 1 },
		{ "12345", 0, false, "KNOWN-IMPLANT/unnamed", GH_LEVEL_NOTICE, GH_SURE_MEDIUM, 1 },
		{ "any", 1, false, "KNOWN-IMPLANT/horse-shell", GH_LEVEL_MALICIOUS, GH_SURE_HIGH, 1 },
		{ "any", 1, true, "KNOWN-IMPLANT/horse-shell", GH_LEVEL_MALICIOUS, GH_SURE_HIGH, 1 },
		{ "any", 2, false, "KNOWN-IMPLANT/hash-list", GH_LEVEL_SUSPICIOUS, GH_SURE_MEDIUM, 1 },
		{ "", 0, false, NULL, GH_LEVEL_INFO, GH_SURE_LOW, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		uint8_t sha256[32] = { [31] = rows[i].digest };
		gh_node node = { .id = 5 };
		gh_findings found = { 0 };
		gh_check_ctx check = { .ctx = &ctx, .rules = rules, .out = &found };
		gh_file file = { .node = &node,
				 .path = GH_LIT("bin/x"),
				 .content = gh_view_text(rows[i].content),
				 .sha256 = sha256,
				 .covered = rows[i].covered };
		EQ(gh_check_known_implant.look(&check, &file), GH_OK, rows[i].content);
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].content);
		if (!rows[i].id || !found.first)
			continue;
		const gh_finding *f = found.first;
		assert_string_equal(f->id, rows[i].id);
		EQ(f->level, rows[i].level, rows[i].content);
		EQ(f->sure, rows[i].sure, rows[i].content);
		EQ(f->n_evidence, rows[i].evidence, rows[i].content);
		SAME(f->evidence[0].path, file.path, "path");
		EQ(f->evidence[0].node, 5, "node");
	}
}

static void evidence_stands_at_absolute_offsets(void **state)
{
	(void)state;
	gh_node node = { .id = 9 };
	gh_findings found = { 0 };
	gh_check_ctx check = { .ctx = &ctx, .rules = rules, .out = &found };
	gh_file region = { .node = &node, .content = GH_LIT("xx planted one, planted two"), .pos = 0x1000 };
	EQ(gh_check_known_implant.look(&check, &region), GH_OK, "look");
	const gh_finding *f = found.first;
	TRUE(f && f->n_evidence == 2, "two strings");
	if (!f)
		return;
	EQ(f->evidence[0].at, 0x1003, "first");
	EQ(f->evidence[1].at, 0x1010, "second");
	SAME(f->evidence[1].excerpt, GH_LIT("planted two"), "excerpt");
	assert_string_equal(f->evidence[1].note, "string $two of rule ours");
	assert_string_equal(f->source, "https://x, 2023-05-16");
	assert_string_equal(f->attack, "T1542");
}

static void without_rules_there_is_nothing_to_say(void **state)
{
	(void)state;
	gh_node node = { .id = 1 };
	gh_findings found = { 0 };
	gh_check_ctx check = { .ctx = &ctx, .out = &found };
	gh_file file = { .node = &node, .content = GH_LIT("planted one planted two") };
	EQ(gh_check_known_implant.look(&check, &file), GH_OK, "look");
	EQ(found.count, 0, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_become_findings),
		cmocka_unit_test(evidence_stands_at_absolute_offsets),
		cmocka_unit_test(without_rules_there_is_nothing_to_say),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
