/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "tree/label.h"

static gh_node *child(gh_ctx *ctx, gh_node *up, gh_node_kind kind, const char *format, uint64_t at)
{
	gh_node *node = gh_node_new(ctx, kind);
	assert_non_null(node);
	node->format = format;
	node->at = at;
	node->opens_space = kind == GH_NODE_STREAM || kind == GH_NODE_FILE;
	if (up)
		gh_node_append(up, node);
	return node;
}

static gh_node *file_in(gh_ctx *ctx, gh_node *volume, gh_bytes path)
{
	gh_entry *entry = gh_arena_zalloc(ctx->arena, sizeof *entry);
	assert_non_null(entry);
	entry->path = path;
	gh_node *node = child(ctx, volume, GH_NODE_FILE, NULL, 0);
	node->entry = entry;
	return node;
}

static void is_called(gh_ctx *ctx, const gh_node *node, const char *want)
{
	const char *got = "";
	EQ(gh_node_folder(ctx, node, &got), GH_OK, want);
	assert_non_null(got);
	assert_string_equal(got, want);
}

static void a_label_tells_the_way_through_the_spaces(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_node *image = child(&ctx, NULL, GH_NODE_IMAGE, NULL, 0);
	gh_node *box = child(&ctx, image, GH_NODE_CONTAINER, "tplink-v1", 0);
	gh_node *part = child(&ctx, box, GH_NODE_PART, NULL, 0x40);
	gh_node *lzma = child(&ctx, part, GH_NODE_STREAM, "lzma", 0x40);
	gh_node *cpio = child(&ctx, lzma, GH_NODE_VOLUME, "cpio", 0x3f8000);
	gh_node *root = child(&ctx, image, GH_NODE_VOLUME, "squashfs", 0x120200);
	gh_node *file = file_in(&ctx, root, GH_LIT("usr/share/x.tar.gz"));
	gh_node *gzip = child(&ctx, file, GH_NODE_STREAM, "gzip", 0);
	gh_node *tar = child(&ctx, gzip, GH_NODE_VOLUME, "archive", 0);
	is_called(&ctx, lzma, "0x40-lzma.out");
	is_called(&ctx, cpio, "0x40-lzma/0x3f8000-cpio");
	is_called(&ctx, root, "0x120200-squashfs");
	is_called(&ctx, gzip, "0x120200-squashfs.inside/usr/share/x.tar.gz/0x0-gzip.out");
	is_called(&ctx, tar, "0x120200-squashfs.inside/usr/share/x.tar.gz/0x0-gzip/0x0-archive");
	gh_test_done(&ctx);
}

static void what_an_extraction_does_not_write_has_no_label(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_node *image = child(&ctx, NULL, GH_NODE_IMAGE, NULL, 0);
	gh_node *gap = child(&ctx, image, GH_NODE_GAP, NULL, 0x20000);
	const char *label = "";
	gap->profile.look = GH_LOOK_ERASED;
	EQ(gh_node_folder(&ctx, gap, &label), GH_OK, "padding");
	TRUE(label == NULL, "padding");
	gap->profile.look = GH_LOOK_DENSE;
	is_called(&ctx, gap, "0x20000-gap.bin");
	EQ(gh_node_folder(&ctx, image, &label), GH_OK, "image");
	TRUE(label == NULL, "image");
	gh_test_done(&ctx);
}

static const struct {
	gh_bytes path;
	const char *want;
} names[] = {
	{ GH_INIT("../../etc/passwd"), "%2e%2e/%2e%2e/etc/passwd" },
	{ GH_INIT("/a"), "%/a" },
	{ GH_INIT("./a"), "%2e/a" },
	{ GH_INIT("a\0b\n\x1b[2J"), "a%00b%0a%1b%5b2J" },
	{ GH_INIT("50%/\xc3\xa4"), "50%25/%c3%a4" },
	{ GH_INIT("0x0-gzip/0xa"), "%30x0-gzip/%30xa" },
	{ GH_INIT(""), "%" },
};

static void hostile_names_stay_names(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	for (size_t i = 0; i < GH_COUNT(names); i++) {
		gh_node *volume = child(&ctx, NULL, GH_NODE_VOLUME, "cpio", 0);
		gh_node *gzip = child(&ctx, file_in(&ctx, volume, names[i].path), GH_NODE_STREAM, "gzip", 0);
		const char *want = gh_arena_printf(ctx.arena, "0x0-cpio.inside/%s/0x0-gzip.out", names[i].want);
		is_called(&ctx, gzip, want);
	}
	gh_test_done(&ctx);
}

static void a_path_that_stands_there_twice_gives_two_labels(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_node *volume = child(&ctx, NULL, GH_NODE_VOLUME, "cpio", 0);
	gh_node *one = child(&ctx, file_in(&ctx, volume, GH_LIT("a")), GH_NODE_STREAM, "gzip", 0);
	gh_node *two = child(&ctx, file_in(&ctx, volume, GH_LIT("a")), GH_NODE_STREAM, "gzip", 0);
	is_called(&ctx, one, "0x0-cpio.inside/a/0x0-gzip.out");
	is_called(&ctx, two, "0x0-cpio.inside/a~2/0x0-gzip.out");
	gh_test_done(&ctx);
}

static void long_names_are_cut_and_stay_apart(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	char path[4000];
	const char *label[2];
	memset(path, 'a', sizeof path);
	for (size_t i = 0; i < 2; i++) {
		gh_node *volume = child(&ctx, NULL, GH_NODE_VOLUME, "cpio", 0);
		gh_node *file = file_in(&ctx, volume, gh_view(path, sizeof path - i));
		EQ(gh_node_folder(&ctx, child(&ctx, file, GH_NODE_STREAM, "gzip", 0), &label[i]), GH_OK, "long");
		TRUE(strlen(label[i]) < 300, "long");
	}
	assert_string_not_equal(label[0], label[1]);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_tells_the_way_through_the_spaces),
		cmocka_unit_test(what_an_extraction_does_not_write_has_no_label),
		cmocka_unit_test(hostile_names_stay_names),
		cmocka_unit_test(a_path_that_stands_there_twice_gives_two_labels),
		cmocka_unit_test(long_names_are_cut_and_stay_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
