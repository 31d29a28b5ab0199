/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

static bool has(gh_bytes text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static gh_bytes first_line(gh_bytes text)
{
	gh_cur c = gh_cur_over(text, 0);
	return gh_line(&c);
}

static void the_verdict_stands_first(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	gh_bytes text = sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text);
	SAME(first_line(text), GH_LIT("SUSPICIOUS: a second account has uid 0: toor (sure: high)"), "verdict");
	TRUE(has(text, "etc/passwd, line 2, offset 0x1f"), "where to look");
	TRUE(has(text, "> toor:x:0:0::/root:/bin/sh"), "what stands there");
	TRUE(has(text, "003b0010  00 01 02 24 31 24 61 62  63 24 ff fe 20 30 31 32  |...$1$abc$.. 012|"), "hexdump");
	TRUE(has(text, "a clean image is not a clean device"), "closing");
	TRUE(has(text, "1 notice"), "tally");
	TRUE(has(text, "\n      opt/x.gz, 0x131000: corrupt: block 3 does not inflate\n"), "damage");
	gh_test_done(&ctx);
}

/* The one entry of the sample that could not be read is whole after all. */
static void undamaged(gh_report *r)
{
	gh_volume *v = r->root->first->first->next->next->volume;
	v->entries[4].read = true;
	v->entries[4].notes = NULL;
}

static void what_is_damaged_or_unread_never_reads_as_clean(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	r.findings = (gh_findings){ 0 };
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)),
		 "FOUND NOTHING IN A PART: 0 pieces damaged or beyond a limit, 1 file not read whole"),
	     "a file");
	undamaged(&r);
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)), "NOTHING FOUND: "), "whole");
	assert_int_equal(gh_node_note(&ctx, r.root->first, GH_LIMIT, 0, "deeper than 3 layers"), GH_OK);
	gh_bytes text = sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text);
	TRUE(has(first_line(text), "FOUND NOTHING IN A PART: 1 piece damaged"), "a node");
	TRUE(has(text, "the rest of 1 piece that is damaged"), "told at the end, too");
	r.end = GH_END_BUDGET;
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)), "(deeper than 3 layers)"),
	     "the limit that ended the work has a name");
	gh_test_done(&ctx);
}

static const struct {
	const char *label;
	gh_end end;
	bool found;
	const char *head;
} ends[] = {
	{ "whole and clean", GH_END_WHOLE, false, "NOTHING FOUND" },
	{ "whole and found", GH_END_WHOLE, true, "SUSPICIOUS: " },
	{ "crash", GH_END_CRASH, false, "NOT JUDGED: " },
	{ "crash with a finding", GH_END_CRASH, true, "SUSPICIOUS, AND NOT LOOKED AT WHOLE: " },
	{ "timeout", GH_END_TIMEOUT, false, "NOT JUDGED: " },
	{ "budget", GH_END_BUDGET, false, "NOT JUDGED: " },
	{ "memory", GH_END_MEMORY, false, "NOT JUDGED: " },
	{ "nonsense", GH_END_NONSENSE, false, "NOT JUDGED: " },
	{ "an end that does not exist", (gh_end)77, false, "NOT JUDGED: " },
};

static void a_report_that_is_not_whole_never_reads_as_clean(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	for (size_t i = 0; i < GH_COUNT(ends); i++)
		for (int quiet = 0; quiet < 2; quiet++) {
			gh_report r = sample_report(&ctx);
			r.end = ends[i].end;
			if (!ends[i].found)
				r.findings = (gh_findings){ 0 };
			undamaged(&r);
			gh_bytes text = sample_print(&ctx, &r, &(gh_style){ .quiet = quiet }, gh_report_text);
			TRUE(has(first_line(text), ends[i].head), ends[i].label);
			EQ(has(text, "NOTHING FOUND"), ends[i].end == GH_END_WHOLE && !ends[i].found, ends[i].label);
		}
	gh_test_done(&ctx);
}

static void silence_about_what_was_not_understood_is_no_good_news(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = { .image = "sealed.bin", .size = 100 };
	r.root = sample_node(&ctx, NULL, 0, GH_NODE_IMAGE, NULL, 0, 100);
	gh_node *gap = sample_node(&ctx, r.root, 1, GH_NODE_GAP, NULL, 0, 100);
	gap->profile.look = GH_LOOK_DENSE;
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)), "NOT UNDERSTOOD: "),
	     "all of it");
	gap->size = 50;
	sample_node(&ctx, r.root, 2, GH_NODE_STREAM, "lzma", 50, 50);
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)),
		 "FOUND NOTHING IN A PART: 50 bytes of 100"),
	     "half of it");
	gap->size = 10;
	r.root->last->at = 10;
	r.root->last->size = 90;
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)), "NOTHING FOUND: "),
	     "a crumb of it");
	r.root->last->kind = GH_NODE_GAP;
	r.root->last->profile.look = GH_LOOK_ERASED;
	TRUE(has(first_line(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text)), "NOT UNDERSTOOD: "),
	     "a crumb in padding");
	gh_test_done(&ctx);
}

static void check_plain(gh_bytes text, bool color, unsigned width, const char *label)
{
	gh_cur c = gh_cur_over(text, 0);
	while (c.left > 0) {
		gh_bytes line = gh_line(&c);
		size_t columns = 0;
		for (size_t i = 0; i < line.len; i++) {
			TRUE(line.ptr[i] >= 0x20 || (color && line.ptr[i] == 0x1b), label);
			columns += (line.ptr[i] & 0xc0) != 0x80;
		}
		TRUE(color || columns <= width, label);
		TRUE(memmem(line.ptr, line.len, "\x1b]", 2) == NULL, label);
		TRUE(memmem(line.ptr, line.len, "\x1b[2J", 4) == NULL, label);
		TRUE(memmem(line.ptr, line.len, "\xe2\x80\xae", 3) == NULL, label);
	}
}

static void no_byte_of_an_image_reaches_the_terminal_raw(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	for (unsigned bits = 0; bits < 4; bits++) {
		gh_style style = { .color = bits & 1, .verbose = bits & 2, .width = 100 };
		gh_report r = sample_report(&ctx);
		r.image = HOSTILE;
		r.end = GH_END_CRASH;
		r.end_detail = HOSTILE;
		r.cage = HOSTILE;
		gh_bytes text = sample_print(&ctx, &r, &style, gh_report_text);
		check_plain(text, style.color, 110, "scan");
		EQ(has(text, "\x1b["), style.color, "colour only when asked");
		text = sample_print(&ctx, &r, &style, gh_report_tree);
		check_plain(text, style.color, 110, "tree");
		EQ(has(text, "\x1b["), style.color, "colour only when asked");
		r.job = GH_JOB_EXTRACT;
		r.target = HOSTILE;
		check_plain(sample_print(&ctx, &r, &style, gh_report_text), style.color, 110, "extract");
	}
	gh_test_done(&ctx);
}

static const char *const tree_lines[] = {
	"router.bin  3 932 160 bytes (3.7 MiB)\n",
	"└─ 0x00000000  tplink-v1  3 932 160 bytes (3.7 MiB)  [parsed]\n",
	"   │    image MD5 (md5) wrong, salt of the router: stored 0102, computed 0304\n",
	"   │  ├─ 0x00000200  lzma  983 040 bytes (960 KiB)  [parsed]\n",
	"   │  │  │    → 3 145 728 bytes\n",
	"   │  └─ 0x000f0200  padding 0xff  65 024 bytes (63.5 KiB)\n",
	"   │  │    2 files, 1 directory, 1 link, 1 device\n",
	"   │  │    char   0600     0     0          0  dev/console (5:1)\n",
	"   └─ 0x003b0000  gap  65 536 bytes (64 KiB)  compressed or encrypted, 7.99 bits a byte\n",
	"98.3 % of the image explained (65 024 bytes of it padding), 1 gap\n",
};

static void a_tree_shows_layers_sums_and_gaps(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	gh_bytes text = sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_tree);
	for (size_t i = 0; i < GH_COUNT(tree_lines); i++)
		TRUE(has(text, tree_lines[i]), tree_lines[i]);
	TRUE(!has(text, "read again"), "only where it was asked for");
	r.verified_regions = 1;
	TRUE(has(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_tree),
		 "read again: 1 region, 0 files, 0 bytes: all as told\n"),
	     "a second reading");
	r.differ = 1;
	r.differs = HOSTILE;
	TRUE(has(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_tree), "1 thing is not as told; the first:"),
	     "one that differs");
	gh_test_done(&ctx);
}

static void a_report_without_a_tree_can_be_printed(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = { .image = "x", .size = 10, .end = GH_END_CRASH };
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	TRUE(has(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_text), "NOT JUDGED"), "text");
	TRUE(has(sample_print(&ctx, &r, &(gh_style){ 0 }, gh_report_tree), "NOT WHOLE"), "tree");
	gh_test_done(&ctx);
}

static void a_full_disk_is_told(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	EQ(gh_report_text(&ctx, &r, full, &(gh_style){ 0 }), GH_IO, "text");
	EQ(gh_report_json(&ctx, &r, full, true), GH_IO, "json");
	(void)fclose(full);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_stands_first),
		cmocka_unit_test(what_is_damaged_or_unread_never_reads_as_clean),
		cmocka_unit_test(a_report_that_is_not_whole_never_reads_as_clean),
		cmocka_unit_test(silence_about_what_was_not_understood_is_no_good_news),
		cmocka_unit_test(no_byte_of_an_image_reaches_the_terminal_raw),
		cmocka_unit_test(a_tree_shows_layers_sums_and_gaps),
		cmocka_unit_test(a_report_without_a_tree_can_be_printed),
		cmocka_unit_test(a_full_disk_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
