/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of bytes that nobody claims and that are dense. */
#include "check.h"
#include "unpack/unpack_in.h"

static uint8_t bytes[256 << 10];

static void fill_random(void)
{
	uint64_t x = 88172645463325252U;
	for (size_t i = 0; i < sizeof bytes; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		bytes[i] = (uint8_t)(x >> 32);
	}
}

static void said(size_t len, const char *words, const char *label)
{
	gh_ctx ctx = gh_test_ctx();
	gh_node *gap = gh_node_new(&ctx, GH_NODE_GAP);
	assert_non_null(gap);
	EQ(gh_dense_reasons(&ctx, gap, gh_view(bytes, len)), GH_OK, label);
	if (words)
		TRUE(gap->notes && strstr(gap->notes->text, words) != NULL, label);
	else
		TRUE(!gap->notes, label);
	gh_test_done(&ctx);
}

static void reasons(void **unused)
{
	(void)unused;
	fill_random();
	said(sizeof bytes, "as evenly as chance", "random");
	said(8192, NULL, "too few to tell");
	said(100, NULL, "too few to look at");
	for (size_t i = 0; i < 5; i++)
		memcpy(bytes + 1600 + i * 4800, bytes + 160, 16);
	said(sizeof bytes, "blocks of 16 bytes repeat", "a block cipher without chaining");
	fill_random();
	for (size_t i = 0; i < 5; i++)
		memcpy(bytes + 1608 + i * 4800, bytes + 160, 8);
	said(sizeof bytes, "blocks of 8 bytes repeat", "one with small blocks");
	fill_random();
	for (size_t i = 0; i < 5; i++)
		memcpy(bytes + 1601 + i * 4803, bytes + 160, 16);
	said(sizeof bytes, "as evenly as chance", "repeated at other places");
	fill_random();
	for (size_t i = 0; i < sizeof bytes; i += 7)
		bytes[i] &= 0x7f;
	said(sizeof bytes, "not spread evenly", "uneven");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reasons) };
	return cmocka_run_group_tests_name("unpack/dense", tests, NULL, NULL);
}
