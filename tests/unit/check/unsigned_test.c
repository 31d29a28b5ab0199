/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "check/check.h"

static void containers_say_what_they_carry(void **state)
{
	(void)state;
	static const struct row {
		const char *what, *algorithm, *fact, *part, *id;
		gh_sum_state state;
	} rows[] = {
		{ "image MD5", "md5", NULL, NULL, "UNSIGNED/none", GH_SUM_RIGHT },
		{ "signature", "128 bytes", NULL, NULL, "UNSIGNED/not-verified", GH_SUM_UNVERIFIABLE },
		{ "signature", "rsa", NULL, NULL, "UNSIGNED/none", GH_SUM_ABSENT },
		{ "hash", "sha256,rsa2048", NULL, NULL, "UNSIGNED/not-verified", GH_SUM_UNVERIFIABLE },
		{ "CRC", "crc32", "signature-of-header", NULL, "UNSIGNED/not-verified", GH_SUM_RIGHT },
		{ "CRC", "crc32", NULL, "signature", "UNSIGNED/not-verified", GH_SUM_RIGHT },
		{ "CRC", "crc32", "signature-text", NULL, "UNSIGNED/none", GH_SUM_RIGHT },
		{ "CRC", "crc32", "designed-for", "rootfs", "UNSIGNED/none", GH_SUM_RIGHT },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		gh_findings found = { 0 };
		gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE), *box = gh_node_new(&ctx, GH_NODE_CONTAINER);
		gh_node_append(image, box);
		box->format = "laboratory";
		gh_sum sum = { .what = rows[i].what, .algorithm = rows[i].algorithm, .state = rows[i].state };
		EQ(gh_node_sum(&ctx, box, &sum), GH_OK, rows[i].what);
		if (rows[i].fact)
			EQ(gh_node_fact(&ctx, box, rows[i].fact, GH_LIT("x")), GH_OK, rows[i].fact);
		if (rows[i].part)
			EQ(gh_node_part(&ctx, box, GH_NODE_PART, rows[i].part, 0, GH_LIT("x")), GH_OK, rows[i].part);
		gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found };
		EQ(gh_check_unsigned.conclude(&c), GH_OK, rows[i].what);
		EQ(found.count, 1, rows[i].what);
		SAME(gh_view_text(found.first->id), gh_view_text(rows[i].id), rows[i].what);
		EQ(found.first->level, GH_LEVEL_INFO, "a statement, no accusation");
		gh_test_done(&ctx);
	}
}

static void what_is_no_container_is_not_asked(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = { 0 };
	gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE), *root = gh_node_new(&ctx, GH_NODE_VOLUME);
	gh_node_append(image, root);
	gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found };
	EQ(gh_check_unsigned.conclude(&c), GH_OK, "a file system alone");
	EQ(found.count, 0, "says nothing");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers_say_what_they_carry),
		cmocka_unit_test(what_is_no_container_is_not_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
