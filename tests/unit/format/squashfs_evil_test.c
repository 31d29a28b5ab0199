/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that lie. What cannot be believed ends one name, one listing or one file, and is noted.
 */
#include "unit/format/squashfs_build.h"
#include "unit/format/squashfs_tests.h"

static struct image *image_new(unsigned major)
{
	struct image *m = calloc(1, sizeof *m);
	assert_non_null(m);
	m->major = major;
	return m;
}

static void ignore_content(void *arg, const gh_entry *e, gh_code code, gh_bytes content)
{
	uint64_t *sum = arg;
	TRUE(code == GH_OK || gh_is_about_input(code), "trouble about the input only");
	TRUE(content.len <= e->size, "never more than the size");
	for (size_t i = 0; i < content.len; i++)
		*sum += content.ptr[i];
}

/* Looks at everything in these bytes, in memory of exactly that size. */
static void look(gh_bytes bytes)
{
	uint64_t sum = 0;
	uint8_t *exact = malloc(bytes.len ? bytes.len : 1);
	assert_non_null(exact);
	memcpy(exact, bytes.ptr, bytes.len);
	gh_budget budget = { .bytes_left = (int64_t)GH_MIB(64), .nodes_left = 10000, .depth = 8 };
	struct opened o = open_squashfs(gh_view(exact, bytes.len), 512, &budget);
	TRUE(o.measured == GH_OK || gh_is_about_input(o.measured), "measure");
	if (o.measured == GH_OK) {
		TRUE(o.span.size > 0 && o.span.size <= bytes.len, "span");
		TRUE(o.unpacked == GH_OK || gh_is_about_input(o.unpacked), "unpack");
		if (o.node && o.node->volume)
			read_all(&o, ignore_content, &sum);
	}
	close_squashfs(&o);
	free(exact);
}

static gh_bytes small_image(struct image *m)
{
	static const uint8_t content[5000] = "content";
	uint32_t a = image_file(m, gh_view(content, sizeof content)), b = image_file(m, GH_LIT("second")),
		 l = image_link(m, "target"), t = image_device(m, 5, 1025);
	uint32_t sub = image_dir(m, (struct name[]){ { "b", b, 2, 0 }, { "tty", t, 5, 0 } }, 2);
	m->root = image_dir(
		m, (struct name[]){ { "a", a, 2, 0 }, { "b", b, 2, 0 }, { "l", l, 3, 0 }, { "sub", sub, 1, 0 } }, 4);
	return image_finish(m);
}

static void every_byte_may_be_wrong(void **state)
{
	static const uint8_t with[] = { 0x01, 0x80, 0xff };
	(void)state;
	for (unsigned major = 1; major <= 4; major++) {
		struct image *m = image_new(major);
		m->big = major & 1;
		gh_bytes bytes = small_image(m);
		uint8_t *copy = malloc(bytes.len);
		assert_non_null(copy);
		for (size_t i = 0; i < bytes.len; i++) {
			/* in the middle of the content nothing is decided */
			if (i > 200 && i < 5000)
				i = 5000;
			for (size_t k = 0; k < GH_COUNT(with); k++) {
				memcpy(copy, bytes.ptr, bytes.len);
				copy[i] ^= with[k];
				look(gh_view(copy, bytes.len));
			}
		}
		free(copy);
		free(m);
	}
}

static void every_superblock_field_may_be_extreme(void **state)
{
	static const uint64_t values[] = { 0, 1, UINT64_MAX, (uint64_t)1 << 31, (uint64_t)1 << 63, 0x7fffffff };
	(void)state;
	for (unsigned major = 1; major <= 4; major++) {
		struct image *m = image_new(major);
		gh_bytes bytes = small_image(m);
		uint8_t *copy = malloc(bytes.len);
		assert_non_null(copy);
		for (size_t at = 4; at + 8 <= header_of(major); at++) {
			for (size_t k = 0; k < GH_COUNT(values) * 3; k++) {
				size_t width = (size_t)2 << k % 3;
				memcpy(copy, bytes.ptr, bytes.len);
				memcpy(copy + at, &values[k / 3], width);
				look(gh_view(copy, bytes.len));
			}
		}
		free(copy);
		free(m);
	}
}

static void an_image_may_end_anywhere(void **state)
{
	(void)state;
	for (unsigned major = 1; major <= 4; major++) {
		struct image *m = image_new(major);
		gh_bytes bytes = small_image(m);
		for (size_t len = 0; len < bytes.len; len += len >= 200 && len < 4900 ? 97 : 1)
			look(gh_bytes_part(bytes, 0, len));
		free(m);
	}
}

static void a_cut_image_gives_what_is_there(void **state)
{
	(void)state;
	struct image *m = image_new(3);
	gh_bytes bytes = small_image(m);
	struct opened o = open_squashfs(gh_bytes_part(bytes, 0, bytes.len - 6), 0, NULL);
	EQ(o.measured, GH_OK, "measure");
	EQ(o.span.proof, GH_PROOF_PARSED, "proof");
	EQ(o.span.size, bytes.len - 6, "size is what is there");
	EQ(o.unpacked, GH_OK, "unpack");
	TRUE(has_note(o.node->notes, "bytes are there"), "noted");
	EQ(o.node->volume->count, 6, "entries");
	close_squashfs(&o);
	free(m);
}

static void a_directory_is_entered_once(void **state)
{
	(void)state;
	struct image *m = image_new(4);
	uint32_t one = image_dir(m, NULL, 0), root = (uint32_t)size_of(&m->inodes);
	m->root =
		image_dir(m, (struct name[]){ { "loop", root, 1, 0 }, { "one", one, 1, 0 }, { "two", one, 1, 0 } }, 3);
	struct opened o = open_squashfs(image_finish(m), 0, NULL);
	EQ(o.unpacked, GH_OK, "unpack");
	EQ(o.node->volume->count, 3, "entries");
	TRUE(has_note(entry_named(o.node->volume, "loop")->notes, "met before"), "root in itself");
	TRUE(!entry_named(o.node->volume, "one")->notes, "first");
	TRUE(has_note(entry_named(o.node->volume, "two")->notes, "met before"), "second");
	close_squashfs(&o);
	free(m);
}

static void odd_names_are_kept_and_noted(void **state)
{
	static const struct {
		struct name name;
		const char *note;
	} cases[] = {
		{ { "good", 0, 2, 0 }, NULL },  { { "../../etc/passwd", 0, 2, 0 }, "slash" },
		{ { "a\0b", 0, 2, 3 }, "NUL" }, { { ".", 0, 2, 0 }, "dot" },
		{ { "..", 0, 2, 0 }, "dot" },   { { "/", 0, 2, 0 }, "slash" },
		{ { "...", 0, 2, 0 }, NULL },
	};
	struct image *m = image_new(2);
	struct name names[GH_COUNT(cases)];
	(void)state;
	(void)image_file(m, GH_LIT("x"));
	for (size_t i = 0; i < GH_COUNT(cases); i++)
		names[i] = cases[i].name;
	m->root = image_dir(m, names, GH_COUNT(names));
	struct opened o = open_squashfs(image_finish(m), 0, NULL);
	EQ(o.unpacked, GH_OK, "unpack");
	EQ(o.node->volume->count, GH_COUNT(cases), "entries");
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		const gh_entry *e = &o.node->volume->entries[i];
		EQ(e->path.len, names[i].len ? names[i].len : strlen(names[i].text), "path");
		EQ(e->notes != NULL, cases[i].note != NULL, names[i].text);
		TRUE(!cases[i].note || has_note(e->notes, cases[i].note), names[i].text);
	}
	close_squashfs(&o);
	free(m);
}

static void a_tree_too_deep_ends_with_a_note(void **state)
{
	enum { LEVELS = 200, MOST = 128 };
	(void)state;
	struct image *m = image_new(4);
	uint32_t below = image_dir(m, NULL, 0);
	for (int i = 0; i < LEVELS; i++)
		below = image_dir(m, (struct name[]){ { "d", below, 1, 0 } }, 1);
	m->root = below;
	struct opened o = open_squashfs(image_finish(m), 0, NULL);
	EQ(o.unpacked, GH_OK, "unpack");
	EQ(o.node->volume->count, MOST, "entries");
	TRUE(has_note(o.node->volume->entries[MOST - 1].notes, "too deep"), "noted");
	close_squashfs(&o);
	free(m);
}

static void a_file_longer_than_its_list_is_noted(void **state)
{
	(void)state;
	struct image *m = image_new(4);
	uint32_t at = image_inode(m, 9, 0644, 0, 0);
	const uint64_t fields[][2] = { { 64, 96 }, { 64, (uint64_t)1 << 40 }, { 64, 0 }, { 32, 1 }, { 32, UINT32_MAX },
				       { 32, 0 },  { 32, UINT32_MAX } };
	for (size_t i = 0; i < GH_COUNT(fields); i++)
		put(&m->inodes, false, (unsigned)fields[i][0], fields[i][1]);
	m->root = image_dir(m, (struct name[]){ { "huge", at, 2, 0 } }, 1);
	struct opened o = open_squashfs(image_finish(m), 0, NULL);
	EQ(o.unpacked, GH_OK, "unpack");
	TRUE(has_note(entry_named(o.node->volume, "huge")->notes, "no room for its list"), "noted");
	EQ(entry_named(o.node->volume, "huge")->type, GH_ENTRY_FILE, "type of the listing");
	close_squashfs(&o);
	free(m);
}

static void holes_are_zeros_and_charged(void **state)
{
	static const uint8_t zeros[3 << LOG];
	static const struct {
		const char *label;
		int64_t left;
		gh_code want;
	} cases[] = { { "enough", (int64_t)GH_MIB(1), GH_OK }, { "too little", (3 << LOG) - 1, GH_LIMIT } };
	(void)state;
	struct image *m = image_new(4);
	uint32_t at = image_inode(m, 2, 0644, 0, 0);
	const uint64_t fields[] = { 96, UINT32_MAX, 0, sizeof zeros, 0, 0, 0 };
	for (size_t i = 0; i < GH_COUNT(fields); i++)
		put(&m->inodes, false, 32, fields[i]);
	m->root = image_dir(m, (struct name[]){ { "holes", at, 2, 0 } }, 1);
	gh_bytes bytes = image_finish(m);
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		struct opened o = open_squashfs(bytes, 0, NULL);
		gh_budget budget = { .bytes_left = cases[i].left, .nodes_left = 10 };
		gh_reader r = {
			.volume = o.node->volume, .bytes = o.bytes, .keep = o.ctx.arena, .scratch = o.ctx.scratch
		};
		gh_bytes content;
		o.ctx.budget = &budget;
		EQ(gh_format_squashfs.measure(&o.ctx, gh_cur_over(bytes, 0), &o.span), GH_OK, cases[i].label);
		atomic_store(&budget.bytes_left, cases[i].left);
		EQ(r.volume->ops->read(&o.ctx, &r, &r.volume->entries[0], &content), cases[i].want, cases[i].label);
		if (cases[i].want == GH_OK)
			SAME(content, gh_view(zeros, sizeof zeros), cases[i].label);
		close_squashfs(&o);
	}
	free(m);
}

static void the_budget_of_nodes_ends_the_walk(void **state)
{
	(void)state;
	struct image *m = image_new(4);
	gh_bytes bytes = small_image(m);
	gh_budget budget = { .bytes_left = (int64_t)GH_MIB(64), .nodes_left = 4 }; /* one is the volume's own */
	struct opened o = open_squashfs(bytes, 0, &budget);
	EQ(o.unpacked, GH_OK, "unpack");
	EQ(o.node->volume->count, 3, "entries kept");
	TRUE(has_note(o.node->notes, "budget of nodes"), "noted");
	close_squashfs(&o);
	free(m);
}

static void a_header_alone_is_a_shape(void **state)
{
	(void)state;
	struct image *m = image_new(4);
	gh_bytes bytes = small_image(m);
	memset(m->out.bytes + m->at_inodes, 0xa5, bytes.len - m->at_inodes);
	struct opened o = open_squashfs(bytes, 0, NULL);
	EQ(o.measured, GH_OK, "measure");
	EQ(o.span.proof, GH_PROOF_SHAPE, "proof");
	EQ(o.span.size, bytes.len, "size");
	EQ(o.unpacked, GH_OK, "unpack");
	TRUE(o.node->notes != NULL, "noted");
	close_squashfs(&o);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_may_be_wrong),
		cmocka_unit_test(every_superblock_field_may_be_extreme),
		cmocka_unit_test(an_image_may_end_anywhere),
		cmocka_unit_test(a_cut_image_gives_what_is_there),
		cmocka_unit_test(a_directory_is_entered_once),
		cmocka_unit_test(odd_names_are_kept_and_noted),
		cmocka_unit_test(a_tree_too_deep_ends_with_a_note),
		cmocka_unit_test(a_file_longer_than_its_list_is_noted),
		cmocka_unit_test(holes_are_zeros_and_charged),
		cmocka_unit_test(the_budget_of_nodes_ends_the_walk),
		cmocka_unit_test(a_header_alone_is_a_shape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
