/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every version in both byte orders, on images written field by field. Corpora lack most of these.
 */
#include "unit/format/squashfs_build.h"
#include "unit/format/squashfs_tests.h"

static const struct {
	const char *label, *magic;
	unsigned major;
	bool big;
} cases[] = {
	{ "version 1, little-endian", "hsqs", 1, false },   { "version 1, big-endian", "sqsh", 1, true },
	{ "version 2, little-endian", "shsq", 2, false },   { "version 2, big-endian", "sqsh", 2, true },
	{ "version 3, little-endian", "hsqt", 3, false },   { "version 3, big-endian", "qshs", 3, true },
	{ "version 4, little-endian", "sqlz", 4, false },   { "version 4, big-endian", "sqsh", 4, true },
	{ "a magic of the other order", "sqsh", 4, false },
};

static uint8_t large[10000];

static gh_bytes build(struct image *m)
{
	uint32_t hello = image_file(m, GH_LIT("hello, router\n"));
	uint32_t big = image_file(m, gh_view(large, sizeof large));
	uint32_t empty = image_file(m, gh_view(large, 0));
	uint32_t link = image_link(m, "bin/busybox");
	uint32_t tty = image_device(m, 5, 5 << 8 | 1);
	uint32_t mtd = image_device(m, 4, 31 << 8 | 2);
	uint32_t none = image_dir(m, NULL, 0);
	uint32_t bin = image_dir(m, (struct name[]){ { "big", big, 2, 0 }, { "same", hello, 2, 0 } }, 2);
	m->root = image_dir(m,
			    (struct name[]){ { "bin", bin, 1, 0 },
					     { "console", tty, 5, 0 },
					     { "empty", empty, 2, 0 },
					     { "hello", hello, 2, 0 },
					     { "link", link, 3, 0 },
					     { "mtd", mtd, 4, 0 },
					     { "none", none, 1, 0 } },
			    7);
	return image_finish(m);
}

static const struct {
	const char *path;
	gh_entry_type type;
	uint16_t mode;
	uint64_t size;
} wanted[] = {
	{ "bin", GH_ENTRY_DIR, 0755, 0 },        { "bin/big", GH_ENTRY_FILE, 0644, sizeof large },
	{ "bin/same", GH_ENTRY_FILE, 0644, 14 }, { "console", GH_ENTRY_CHAR, 0600, 0 },
	{ "empty", GH_ENTRY_FILE, 0644, 0 },     { "hello", GH_ENTRY_FILE, 0644, 14 },
	{ "link", GH_ENTRY_LINK, 0777, 11 },     { "mtd", GH_ENTRY_BLOCK, 0600, 0 },
	{ "none", GH_ENTRY_DIR, 0755, 0 },
};

static void look_at_content(void *arg, const gh_entry *e, gh_code code, gh_bytes content)
{
	const char *label = arg;
	EQ(code, GH_OK, label);
	EQ(content.len, e->size, label);
	if (gh_bytes_end(e->path, GH_LIT("big")))
		SAME(content, gh_view(large, sizeof large), label);
	else if (e->size > 0)
		SAME(content, GH_LIT("hello, router\n"), label);
}

static void look_at_metadata(const struct opened *o, unsigned major, const char *label)
{
	const gh_volume *v = o->node->volume;
	const gh_entry *big = entry_named(v, "bin/big"), *console = entry_named(v, "console");
	const gh_entry *hello = entry_named(v, "hello"), *link = entry_named(v, "link");
	EQ(big->uid, 1000, label);
	EQ(big->gid, major == 4 ? 0 : 77, label);
	EQ(entry_named(v, "bin")->gid, 0, label);
	EQ(big->mtime, major < 3 ? 1234567890 : 1000001, label);
	EQ(link->mtime, major < 3 ? 1400000000 : 1000003, label);
	EQ(console->major, 5, label);
	EQ(console->minor, 1, label);
	EQ(entry_named(v, "mtd")->major, 31, label);
	SAME(link->target, GH_LIT("bin/busybox"), label);
	TRUE(hello->hard_link, label);
	SAME(hello->target, GH_LIT("bin/same"), label);
	EQ(big->inode, major < 3 ? 0 : 2, label);
	EQ(big->at, o->pos + header_of(major) + 14, label);
	SAME(fact_of(o->node, "created"), GH_LIT("2014-05-13T16:53:20Z"), label);
}

static void every_version_reads_in_both_byte_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		const char *label = cases[i].label;
		struct image *m = calloc(1, sizeof *m);
		assert_non_null(m);
		m->major = cases[i].major;
		m->big = cases[i].big;
		m->magic = cases[i].magic;
		gh_bytes bytes = build(m);
		struct opened o = open_squashfs(bytes, 0x20000, NULL);
		EQ(o.measured, GH_OK, label);
		EQ(o.span.proof, GH_PROOF_PARSED, label);
		EQ(o.span.size, bytes.len, label);
		EQ(o.unpacked, GH_OK, label);
		SAME(fact_of(o.node, "byte-order"), m->big ? GH_LIT("big-endian") : GH_LIT("little-endian"), label);
		EQ(o.node->volume->count, GH_COUNT(wanted), label);
		for (size_t k = 0; k < GH_COUNT(wanted); k++) {
			const gh_entry *e = &o.node->volume->entries[k];
			SAME(e->path, gh_view_text(wanted[k].path), label);
			EQ(e->type, wanted[k].type, wanted[k].path);
			EQ(e->mode, wanted[k].mode, wanted[k].path);
			EQ(e->size, wanted[k].size, wanted[k].path);
			TRUE(!e->notes, wanted[k].path);
		}
		look_at_metadata(&o, m->major, label);
		read_all(&o, look_at_content, (void *)(uintptr_t)label);
		close_squashfs(&o);
		free(m);
	}
}

static void a_stored_run_is_a_view_of_the_image(void **state)
{
	(void)state;
	struct image *m = calloc(1, sizeof *m);
	assert_non_null(m);
	m->major = 4;
	uint32_t file = image_file(m, gh_view(large, 2 << LOG));
	m->root = image_dir(m, (struct name[]){ { "file", file, 2, 0 } }, 1);
	struct opened o = open_squashfs(image_finish(m), 0, NULL);
	gh_reader r = { .volume = o.node->volume, .bytes = o.bytes, .keep = o.ctx.arena, .scratch = o.ctx.scratch };
	gh_bytes content;
	EQ(o.unpacked, GH_OK, "unpack");
	EQ(o.node->volume->ops->read(&o.ctx, &r, &o.node->volume->entries[0], &content), GH_OK, "read");
	TRUE(content.ptr == o.bytes.ptr + header_of(4), "not copied");
	EQ(content.len, 2 << LOG, "whole");
	close_squashfs(&o);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_reads_in_both_byte_orders),
		cmocka_unit_test(a_stored_run_is_a_view_of_the_image),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
