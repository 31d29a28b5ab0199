/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

static void findings_stand_by_weight_whatever_order_they_came_in(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	const gh_finding *f = r.findings.first;
	static const char *const want[] = { "ACCOUNTS/second-root", "ACCOUNTS/hash", "BOOT/starts" };
	for (size_t i = 0; i < GH_COUNT(want); i++, f = f->next) {
		assert_non_null(f);
		assert_string_equal(f->id, want[i]);
	}
	assert_null(f);
	EQ(gh_report_verdict(&r), GH_LEVEL_SUSPICIOUS, "the heaviest");
	gh_test_done(&ctx);
}

static void one_id_is_sorted_by_place_then_path_then_offset(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	r.findings = (gh_findings){ 0 };
	static const gh_evidence seen[] = {
		{ .node = 10, .at = 1 },
		{ .node = 7, .path = GH_INIT("b"), .at = 5 },
		{ .node = 7, .path = GH_INIT("a"), .at = 9 },
		{ .node = 7, .path = GH_INIT("a"), .at = 2 },
		{ .node = 4711, .at = 0 },
	};
	static const size_t want[] = { 3, 2, 1, 0, 4 };
	for (size_t i = 0; i < GH_COUNT(seen); i++)
		sample_finding(&ctx, &r, "X/y", GH_LEVEL_NOTICE, "t", seen[i]);
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	size_t i = 0;
	for (const gh_finding *f = r.findings.first; f; f = f->next, i++) {
		EQ(f->evidence[0].at, seen[want[i]].at, "place");
		EQ(f->evidence[0].node, seen[want[i]].node, "node");
	}
	EQ(i, GH_COUNT(seen), "all of them");
	TRUE(r.findings.last && !r.findings.last->next, "the list ends");
	gh_test_done(&ctx);
}

static void children_are_put_in_offset_order(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = { .size = 100 };
	r.root = sample_node(&ctx, NULL, 0, GH_NODE_IMAGE, NULL, 0, 100);
	static const uint64_t at[] = { 50, 0, 90, 20 };
	for (uint32_t i = 0; i < GH_COUNT(at); i++)
		sample_node(&ctx, r.root, i + 1, GH_NODE_GAP, NULL, at[i], 10)->profile.look = GH_LOOK_DENSE;
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	uint64_t before = 0;
	size_t n = 0;
	for (const gh_node *c = r.root->first; c; c = c->next, n++) {
		TRUE(c->at >= before, "in order");
		before = c->at;
		TRUE(gh_report_node(&r, c->id) == c, "found by its number");
	}
	EQ(n, GH_COUNT(at), "none is lost");
	EQ(r.root->last->at, 90, "the last one");
	TRUE(gh_report_node(&r, 99) == NULL, "a stranger");
	gh_test_done(&ctx);
}

static void nodes_are_numbered_as_they_stand_whatever_number_they_came_with(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = { .size = 100 };
	r.root = sample_node(&ctx, NULL, 0, GH_NODE_IMAGE, NULL, 0, 100);
	gh_node *second = sample_node(&ctx, r.root, 1, GH_NODE_VOLUME, "cpio", 50, 50);
	gh_node *first = sample_node(&ctx, r.root, 7, GH_NODE_STREAM, "gzip", 0, 50);
	static const gh_entry b = { .path = GH_INIT("b") }, a = { .path = GH_INIT("a") };
	gh_node *file_b = sample_node(&ctx, second, 2, GH_NODE_FILE, NULL, 0, 9);
	gh_node *file_a = sample_node(&ctx, second, 3, GH_NODE_FILE, NULL, 0, 9);
	file_b->entry = &b;
	file_a->entry = &a;
	sample_finding(&ctx, &r, "X/y", GH_LEVEL_NOTICE, "t", (gh_evidence){ .node = 7 });
	sample_finding(&ctx, &r, "X/z", GH_LEVEL_NOTICE, "t", (gh_evidence){ .node = 4 });
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	EQ(first->id, 1, "the first child");
	EQ(second->id, 2, "the second");
	EQ(file_a->id, 3, "a before b");
	EQ(file_b->id, 4, "b");
	EQ(file_b->parent, 2, "the parent's new number");
	TRUE(gh_report_node(&r, 4) == file_b, "found by the new number");
	EQ(r.findings.first->evidence[0].node, 1, "evidence follows its node");
	TRUE(gh_report_node(&r, r.findings.last->evidence[0].node) == NULL, "a stranger gets nobody's number");
	gh_test_done(&ctx);
}

static void the_way_to_a_node_names_every_layer_and_no_raw_byte(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	assert_string_equal(gh_report_where(&ctx, &r, 9), "tplink-v1@0x0 / rootfs@0x100000 / opt/x.gz / gzip@0x0");
	assert_string_equal(gh_report_where(&ctx, &r, 0), "image");
	r.root->first->name = "evil\x1b";
	assert_string_equal(gh_report_where(&ctx, &r, 1), "evil\\x1b@0x0");
	gh_test_done(&ctx);
}

static void coverage_counts_padding_as_explained_and_gaps_not(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	gh_coverage c = gh_report_coverage(&r);
	EQ(c.total, 0x3c0000, "total");
	EQ(c.gaps, 0x10000, "gaps; those in a decoded space do not count");
	EQ(c.n_gaps, 1, "one");
	EQ(c.padding, 0xfe00, "padding");
	EQ(c.explained, 0x3b0000, "explained");
	gh_report dead = { .size = 4096 };
	EQ(gh_report_coverage(&dead).explained, 0, "without a tree nothing is explained");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_stand_by_weight_whatever_order_they_came_in),
		cmocka_unit_test(one_id_is_sorted_by_place_then_path_then_offset),
		cmocka_unit_test(children_are_put_in_offset_order),
		cmocka_unit_test(nodes_are_numbered_as_they_stand_whatever_number_they_came_with),
		cmocka_unit_test(the_way_to_a_node_names_every_layer_and_no_raw_byte),
		cmocka_unit_test(coverage_counts_padding_as_explained_and_gaps_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
