/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "rules.h"

#define GOOD                                                                                                           \
	"rule good { meta: family = \"F\" level = \"notice\" reference = \"R\" strings: $word = \"planted word\" "     \
	"condition: $word }"

static void one_file_gives_these_troubles(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text;
		bool hashes;
		unsigned line;
		size_t rules, n_hashes;
		unsigned troubles;
	} rows[] = {
		{ "nothing", "", false, 0, 0, 0, 0 },
		{ "one rule", GOOD, false, 0, 1, 0, 0 },
		{ "syntax error on line 3", "\n\nrule x { condition: }", false, 3, 0, 0, 1 },
		{ "include", "include \"/etc/passwd\"\n" GOOD, false, 1, 0, 0, 1 },
		{ "unknown module", "import \"nothing\"\n" GOOD, false, 1, 0, 0, 1 },
		{ "variables of public packs",
		  "rule v { condition: filename == \"\" and filepath == \"\" and extension == \"\" and filetype == "
		  "\"\" and owner == \"\" and md5 == \"\" }",
		  false, 0, 1, 0, 0 },
		{ "modules",
		  "import \"elf\" import \"math\" import \"hash\" rule m { condition: math.entropy(0, filesize) > 9 }",
		  false, 0, 1, 0, 0 },
		{ "not a hash", "zz\tname\n", true, 1, 0, 0, 1 },
		{ "63 digits", "# a comment\n\n998788472cb1502c03675a15a9f09b12f3877a5aeb687f891458a414b8e0d66\tx\n",
		  true, 3, 0, 0, 1 },
		{ "a hash alone", "998788472cb1502c03675a15a9f09b12f3877a5aeb687f891458a414b8e0d66C", true, 0, 0, 1,
		  0 },
		{ "a hash and a wrong line",
		  "998788472cb1502c03675a15a9f09b12f3877a5aeb687f891458a414b8e0d66c\tn\tf\td\ts\tl\tmore\r\nx", true, 2,
		  0, 1, 1 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		troubles t = { .count = 0 };
		size_t hashes;
		gh_rule_file file = { "f", gh_view_text(rows[i].text), rows[i].hashes, false, false };
		gh_rules *rules = load_files(&ctx, &file, 1, &t);
		EQ(t.count, rows[i].troubles, rows[i].label);
		EQ(t.line, rows[i].line, rows[i].label);
		EQ(gh_rules_count(rules, &hashes), rows[i].rules, rows[i].label);
		EQ(hashes, rows[i].n_hashes, rows[i].label);
		gh_rules_free(rules);
		gh_test_done(&ctx);
	}
}

static void bad_files_do_not_spoil_good_ones(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	seen s = { .count = 0 };
	static const uint8_t binary[] = "rule \0 x";
	gh_rule_file files[] = {
		{ "one.yar", GH_INIT(GOOD), false, false, false },
		{ "broken.yar", GH_INIT("rule {"), false, false, false },
		{ "two.yar", GH_INIT(GOOD), false, true, false },
		{ "binary.yar", { binary, sizeof binary }, false, false, false },
		{ "three.yar", GH_INIT(GOOD), false, false, false },
		{ "last.yar", GH_INIT("rule z { condition: undefined_word }"), false, false, false },
	};
	gh_rules *rules = load_files(&ctx, files, GH_COUNT(files), &t);
	EQ(t.count, 3, "broken, binary, last");
	EQ(gh_rules_scan(&ctx, rules, GH_LIT("xx planted word, planted word"), see, &s), GH_OK, "scan");
	EQ(s.count, 3, "the same name in three files");
	TRUE(!s.last.builtin, "the last one is the user's");
	assert_string_equal(s.last.level, "notice");
	assert_string_equal(s.last.source, "R");
	EQ(s.last.n_strings, 1, "one string");
	EQ(s.last.strings[0].at, 3, "its first place");
	gh_rules_free(rules);
	gh_test_done(&ctx);
}

static void a_hash_is_found_with_its_texts(void **state)
{
	(void)state;
	static const char list[] = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\tlast\tL\n"
				   "0000000000000000000000000000000000000000000000000000000000000001\tfirst\tF\t2020-"
				   "01-01\thttps://x\tfacts\n"
				   "0000000000000000000000000000000000000000000000000000000000000001\tagain\tG\n";
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	seen s = { .count = 0 };
	gh_rule_file file = { "h.tsv", gh_view_text(list), true, true, false };
	gh_rules *rules = load_files(&ctx, &file, 1, &t);
	uint8_t digest[32] = { 0 };
	EQ(gh_rules_hash(&ctx, rules, digest, see, &s), GH_OK, "absent");
	EQ(s.count, 0, "absent");
	digest[31] = 1;
	EQ(gh_rules_hash(&ctx, rules, digest, see, &s), GH_OK, "twice");
	EQ(s.count, 2, "twice");
	assert_string_equal(s.last.description, "again");
	assert_string_equal(s.last.family, "G");
	assert_null(s.last.source);
	assert_string_equal(s.last.level, "malicious");
	memset(digest, 0xff, sizeof digest);
	EQ(gh_rules_hash(&ctx, rules, digest, see, &s), GH_OK, "last");
	EQ(s.count, 3, "last");
	gh_rules_free(rules);
	gh_test_done(&ctx);
}

/* A blob cut anywhere, or with a byte of our own part changed, is refused or loads; it never harms. */
static void a_broken_blob_is_refused(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(64));
	gh_rule_file file = {
		"h.tsv", GH_INIT("0000000000000000000000000000000000000000000000000000000000000001\tname\tfamily\n"),
		true, false, false
	};
	EQ(gh_rules_compile(&ctx, &file, 1, NULL, NULL, &blob), GH_OK, "compile");
	gh_rules *rules;
	for (size_t len = 0; len < blob.len; len++)
		TRUE(gh_rules_load(&ctx, gh_view(blob.ptr, len), &rules) != GH_OK, "cut short");
	for (size_t at = 0; at < blob.len; at++) {
		blob.ptr[at] ^= 0x80;
		if (gh_rules_load(&ctx, gh_buf_view(&blob), &rules) == GH_OK) {
			seen s = { .count = 0 };
			uint8_t digest[32] = { [31] = 1 };
			EQ(gh_rules_hash(&ctx, rules, digest, see, &s), GH_OK, "hash");
			gh_rules_free(rules);
		}
		blob.ptr[at] ^= 0x80;
	}
	gh_test_done(&ctx);
}

static void a_blob_too_large_for_its_buffer_is_a_limit(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_buf blob = gh_buf_in(ctx.arena, 100);
	gh_rule_file file = { "f", GH_INIT(GOOD), false, false, false };
	EQ(gh_rules_compile(&ctx, &file, 1, NULL, NULL, &blob), GH_LIMIT, "100 bytes");
	gh_test_done(&ctx);
}

static gh_code refuse(void *arg, const gh_rule_match *match)
{
	(void)match;
	++*(unsigned *)arg;
	return GH_LIMIT;
}

static void what_hit_says_ends_the_scan(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	unsigned calls = 0;
	gh_rule_file files[] = { { "a", GH_INIT(GOOD), false, false, false },
				 { "b", GH_INIT(GOOD), false, false, false } };
	gh_rules *rules = load_files(&ctx, files, 2, &t);
	EQ(gh_rules_scan(&ctx, rules, GH_LIT("planted word"), refuse, &calls), GH_LIMIT, "refused");
	EQ(calls, 1, "not asked again");
	EQ(gh_rules_scan(&ctx, rules, GH_LIT("other words"), refuse, &calls), GH_OK, "the scanner is whole again");
	gh_rules_free(rules);
	gh_test_done(&ctx);
}

typedef struct job {
	const gh_rules *rules;
	size_t found;
} job;

static void *scan_often(void *arg)
{
	job *j = arg;
	gh_ctx ctx = gh_test_ctx();
	for (unsigned i = 0; i < 200; i++) {
		seen s = { .count = 0 };
		if (gh_rules_scan(&ctx, j->rules, GH_LIT("a planted word"), see, &s) == GH_OK)
			j->found += s.count;
	}
	gh_test_done(&ctx);
	return NULL;
}

static void many_threads_scan_with_one_pack(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	gh_rule_file file = { "f", GH_INIT(GOOD), false, false, false };
	gh_rules *rules = load_files(&ctx, &file, 1, &t);
	pthread_t threads[4];
	job jobs[4] = { { 0 } };
	for (size_t i = 0; i < 4; i++) {
		jobs[i].rules = rules;
		EQ(pthread_create(&threads[i], NULL, scan_often, &jobs[i]), 0, "thread");
	}
	for (size_t i = 0; i < 4; i++) {
		EQ(pthread_join(threads[i], NULL), 0, "join");
		EQ(jobs[i].found, 200, "each scan finds it");
	}
	gh_rules_free(rules);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file_gives_these_troubles),
		cmocka_unit_test(bad_files_do_not_spoil_good_ones),
		cmocka_unit_test(a_hash_is_found_with_its_texts),
		cmocka_unit_test(a_broken_blob_is_refused),
		cmocka_unit_test(a_blob_too_large_for_its_buffer_is_a_limit),
		cmocka_unit_test(what_hit_says_ends_the_scan),
		cmocka_unit_test(many_threads_scan_with_one_pack),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
