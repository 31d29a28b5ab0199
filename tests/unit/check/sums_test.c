/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "check/check.h"

static const gh_check *const digests[] = { &gh_check_tplink_digest, &gh_check_uimage_digest, &gh_check_trx_digest,
					   &gh_check_container_digest };

static void each_check_speaks_for_its_containers_only(void **state)
{
	(void)state;
	static const struct {
		const char *format;
		gh_sum_state state;
		const char *id;
		gh_level level;
	} rows[] = {
		{ "tplink-v1", GH_SUM_RIGHT, "TPLINK-DIGEST/right", GH_LEVEL_INFO },
		{ "tplink-v2", GH_SUM_WRONG, "TPLINK-DIGEST/wrong", GH_LEVEL_NOTICE },
		{ "tplink-v2", GH_SUM_UNVERIFIABLE, "TPLINK-DIGEST/unverifiable", GH_LEVEL_INFO },
		{ "uimage", GH_SUM_WRONG, "UIMAGE-DIGEST/wrong", GH_LEVEL_NOTICE },
		{ "trx", GH_SUM_ABSENT, "TRX-DIGEST/absent", GH_LEVEL_INFO },
		{ "trxx", GH_SUM_WRONG, "CONTAINER-DIGEST/wrong", GH_LEVEL_NOTICE },
		{ "ubnt", GH_SUM_RIGHT, "CONTAINER-DIGEST/right", GH_LEVEL_INFO },
		{ "tplink-safeloader", GH_SUM_WRONG, "TPLINK-DIGEST/wrong", GH_LEVEL_NOTICE },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE), *node = gh_node_new(&ctx, GH_NODE_CONTAINER);
		gh_sum sum = { .what = "image MD5",
			       .algorithm = "md5",
			       .state = rows[i].state,
			       .at = 0x4c,
			       .stored = GH_LIT("\x01\xab"),
			       .computed = GH_LIT("\x02\xcd"),
			       .remark = "salt" };
		gh_findings found = { 0 };
		gh_check_ctx check = { .ctx = &ctx, .root = image, .out = &found };
		TRUE(image && node, "nodes");
		node->format = rows[i].format;
		node->id = 3;
		EQ(gh_node_sum(&ctx, node, &sum), GH_OK, "sum");
		gh_node_append(image, node);
		for (size_t d = 0; d < GH_COUNT(digests); d++)
			EQ(digests[d]->conclude(&check), GH_OK, rows[i].format);
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].format);
		const gh_finding *f = found.first;
		if (rows[i].id && f) {
			assert_string_equal(f->id, rows[i].id);
			EQ(f->level, rows[i].level, rows[i].format);
			EQ(f->evidence[0].at, 0x4c, "where");
			EQ(f->evidence[0].node, 3, "node");
			assert_string_equal(f->evidence[0].note, "stored 01ab, computed 02cd; salt");
			TRUE(rows[i].state != GH_SUM_RIGHT || strstr(f->title, "proves nothing about origin"),
			     f->title);
		}
		gh_test_done(&ctx);
	}
}

static void a_million_sums_do_not_flood_the_report(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE);
	gh_sum sum = { .what = "CRC", .algorithm = "crc32", .state = GH_SUM_WRONG };
	TRUE(image, "image");
	for (unsigned i = 0; i < 5000; i++) {
		gh_node *node = gh_node_new(&ctx, GH_NODE_CONTAINER);
		TRUE(node, "node");
		node->format = "uimage";
		EQ(gh_node_sum(&ctx, node, &sum), GH_OK, "sum");
		gh_node_append(image, node);
	}
	gh_findings found = { 0 };
	gh_check_ctx check = { .ctx = &ctx, .root = image, .out = &found };
	EQ(gh_check_uimage_digest.conclude(&check), GH_OK, "conclude");
	EQ(found.count, 256, "at most");
	gh_test_done(&ctx);
}

static void checks_are_found_by_name(void **state)
{
	(void)state;
	TRUE(gh_check_named("ACCOUNTS/second-root") == &gh_check_accounts, "with a kind");
	TRUE(gh_check_named("BOOT") == &gh_check_boot, "alone");
	TRUE(gh_check_named("BOO") == NULL && gh_check_named("") == NULL, "others");
	for (size_t i = 0; i < gh_checks_count; i++) {
		TRUE(gh_checks[i]->title && gh_checks[i]->why && gh_checks[i]->harmless && gh_checks[i]->kinds,
		     gh_checks[i]->id);
		/* the parent process answers this one */
		TRUE(gh_checks[i]->look || gh_checks[i]->conclude || gh_checks[i]->weigh ||
			     gh_checks[i] == &gh_check_unfinished,
		     gh_checks[i]->id);
		TRUE(i == 0 || strcmp(gh_checks[i - 1]->id, gh_checks[i]->id) < 0, "alphabetical");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_check_speaks_for_its_containers_only),
		cmocka_unit_test(a_million_sums_do_not_flood_the_report),
		cmocka_unit_test(checks_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
