/* SPDX-License-Identifier: Apache-2.0 */
/* YAFFS: pages of many shapes written here, and what became of objects; corpus images of others. */
#include "format/flash/yaffs_in.h"
#include "unit/format/formats.h"

enum { ROOM = 1 << 20 };

static uint8_t image[ROOM];
static size_t used;
static gh_yaffs_shape shape;
static uint32_t block; /* sequence number of pages that are written */

static void put(size_t at, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		image[at + i] = (uint8_t)(v >> 8 * (big ? width - 1 - i : i));
}

static void start(gh_yaffs_shape s)
{
	memset(image, 0xff, sizeof image);
	used = 0;
	block = 0x1000;
	shape = s;
}

/* 64 bits of YAFFS1, with the code over them. */
static void tags1(size_t spare, uint32_t object, uint32_t page, uint32_t bytes)
{
	static const uint8_t places[2][8] = { { 0, 1, 2, 3, 6, 7, 11, 12 }, { 8, 9, 10, 11, 12, 13, 14, 15 } };
	uint8_t b[8] = { 0 };
	unsigned code = 0;
	for (unsigned pass = 0; pass < 2; pass++) {
		uint32_t x = shape.big_tags ? page << 12 | (bytes & 0x3ff) : page | bytes << 22;
		uint32_t y = shape.big_tags ? object << 14 | code << 2 : object | code << 18;
		for (unsigned i = 0; i < 4; i++) {
			b[i] = (uint8_t)(x >> 8 * (shape.big_tags ? 3 - i : i));
			b[4 + i] = (uint8_t)(y >> 8 * (shape.big_tags ? 3 - i : i));
		}
		code = 0;
		for (unsigned bit = 0; bit < 64; bit++)
			code ^= b[bit / 8] >> bit % 8 & 1 ? bit + 1 : 0;
	}
	for (unsigned i = 0; i < 8; i++)
		image[spare + places[shape.layout][i]] = b[i];
}

static size_t end_page(uint32_t object, uint32_t page, uint32_t bytes)
{
	size_t at = used, tags = at + (shape.spare ? shape.page : 0) + shape.tags_at;
	assert_true(used + shape.page + shape.spare <= ROOM);
	if (shape.version == 1) {
		tags1(at + shape.page, object, page, bytes);
	} else {
		put(tags, block, 4, shape.big_tags);
		put(tags + 4, object, 4, shape.big_tags);
		put(tags + 8, page, 4, shape.big_tags);
		put(tags + 12, bytes, 4, shape.big_tags);
	}
	used += shape.page + shape.spare;
	return at;
}

struct object {
	unsigned number, type, parent, mode, size, equal;
	const char *name, *target;
	bool shrinks;
};

static size_t header(struct object o)
{
	size_t at = used;
	put(at, o.type, 4, shape.big);
	put(at + 4, o.parent, 4, shape.big);
	memset(image + at + 10, 0, 258);
	memcpy(image + at + 10, o.name, strlen(o.name));
	put(at + 268, o.mode, 4, shape.big);
	put(at + 272, 7, 4, shape.big);
	put(at + 276, 8, 4, shape.big);
	put(at + 284, 1000000000, 4, shape.big);
	put(at + 292, o.type == 1 ? o.size : UINT32_MAX, 4, shape.big);
	put(at + 296, o.equal, 4, shape.big);
	if (o.target)
		memcpy(image + at + 300, o.target, strlen(o.target) + 1);
	if (o.type == 5)
		put(at + 460, 0x501, 4, shape.big);
	if (o.shrinks)
		put(at + 508, 1, 4, shape.big);
	return end_page(o.number, 0, 0xffff);
}

static size_t piece(unsigned object, unsigned page, const char *text, size_t len)
{
	memset(image + used, 0, shape.data);
	memcpy(image + used, text, len);
	return end_page(object, page, (uint32_t)len);
}

static const gh_entry *past(const gh_node *node, const char *path, gh_past what)
{
	for (size_t i = 0; node->volume && i < node->volume->count; i++)
		if (node->volume->entries[i].past == what &&
		    gh_bytes_eq(node->volume->entries[i].path, gh_view_text(path)))
			return &node->volume->entries[i];
	return NULL;
}

static void holds(struct run *r, const gh_entry *e, gh_bytes want, const char *label)
{
	gh_reader reader = { .volume = r->node->volume,
			     .bytes = r->bytes,
			     .pos = r->pos,
			     .keep = gh_arena_new(GH_MIB(8)),
			     .scratch = gh_arena_new(GH_MIB(8)) };
	gh_bytes got = { NULL, 0 };
	TRUE(e != NULL, label);
	if (e)
		EQ(r->node->volume->ops->read(&r->ctx, &reader, e, &got), GH_OK, label);
	SAME(got, want, label);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
}

static char large[20000];

/* A directory, a file of several pages in it, links and a device. */
static void make(void)
{
	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)('a' + i / 100 % 26);
	(void)header((struct object){ 257, 3, 1, 040755, 0, 0, "etc", NULL, false });
	(void)header((struct object){ 258, 1, 257, 0104755, sizeof large, 0, "large", NULL, false });
	for (size_t at = 0, page = 1; at < sizeof large; at += shape.data, page++)
		(void)piece(258, (unsigned)page, large + at, GH_MIN((size_t)shape.data, sizeof large - at));
	(void)header((struct object){ 259, 2, 1, 0120777, 0, 0, "link", "etc/large", false });
	(void)header((struct object){ 260, 4, 1, 0, 0, 258, "hard", NULL, false });
	(void)header((struct object){ 261, 5, 1, 020600, 0, 0, "console", NULL, false });
	(void)header((struct object){ 262, 1, 1, 0100644, 0, 0, "empty", NULL, false });
}

static const struct {
	const char *label;
	gh_yaffs_shape shape;
} shapes[] = {
	{ "2048 + 64", { 2048, 64, 2048, 0, 2, 0, false, false } },
	{ "2048 + 64, big-endian, tags behind two bytes", { 2048, 64, 2048, 2, 2, 0, true, true } },
	{ "4096 + 128", { 4096, 128, 4096, 0, 2, 0, false, false } },
	{ "4096 + 224", { 4096, 224, 4096, 4, 2, 0, false, false } },
	{ "8192 + 256, tags of the other order", { 8192, 256, 8192, 0, 2, 0, true, false } },
	{ "2048 + 70, which nobody has", { 2048, 70, 2048, 30, 2, 0, false, false } },
	{ "512 + 16 of version 2", { 512, 16, 512, 0, 2, 0, false, false } },
	{ "2048, tags inband", { 2048, 0, 2032, 2032, 2, 0, false, false } },
	{ "version 1", { 512, 16, 512, 0, 1, 0, false, false } },
	{ "version 1, big-endian", { 512, 16, 512, 0, 1, 0, true, true } },
	{ "version 1, tags in a row", { 512, 16, 512, 0, 1, 1, false, false } },
};

static void pages_of_any_shape_are_read(void **state)
{
	(void)state;
	static const gh_entry none;
	for (size_t i = 0; i < GH_COUNT(shapes); i++) {
		const char *label = shapes[i].label;
		char page[40];
		start(shapes[i].shape);
		make();
		struct run r = run(&gh_format_yaffs, gh_view(image, used), 0x5000);
		EQ(r.code, GH_OK, label);
		EQ(r.span.size, used, label);
		EQ(r.span.proof, GH_PROOF_PARSED, label);
		(void)snprintf(page, sizeof page, "%u + %u", shape.page, shape.spare);
		SAME(fact(r.node, "page"), gh_view_text(page), label);
		EQ(r.node->volume->count, 6, label);
		const gh_entry *e = entry(r.node, "etc/large");
		holds(&r, e, gh_view(large, sizeof large), label);
		e = e ? e : &none;
		EQ(e->mode, 04755, label);
		EQ(e->uid, 7, label);
		EQ(e->nlink, 2, label);
		EQ(e->mtime, 1000000000, label);
		e = entry(r.node, "link");
		SAME(e ? e->target : none.target, GH_LIT("etc/large"), label);
		e = entry(r.node, "hard");
		TRUE(e && e->size == sizeof large, label);
		e = entry(r.node, "console");
		e = e ? e : &none;
		EQ(e->type, GH_ENTRY_CHAR, label);
		EQ(e->major * 256 + e->minor, 0x501, label);
		e = entry(r.node, "empty");
		TRUE(e && e->size == 0, label);
		done(&r);
	}
}

static void what_became_of_objects_is_history(void **state)
{
	(void)state;
	start(shapes[0].shape);
	(void)header((struct object){ 257, 1, 1, 0100644, 6, 0, "conf", NULL, false });
	(void)piece(257, 1, "before", 6);
	(void)header((struct object){ 258, 1, 1, 0100755, 4, 0, "implant", NULL, false });
	(void)piece(258, 1, "evil", 4);
	(void)header((struct object){ 259, 1, 1, 0100644, 3, 0, "new name.tmp", NULL, false });
	(void)piece(259, 1, "abc", 3);
	block++;
	(void)header((struct object){ 258, 1, GH_YAFFS_UNLINKED, 0100755, 4, 0, "unlinked", NULL, false });
	(void)header((struct object){ 258, 1, GH_YAFFS_DELETED, 0100755, 0, 0, "deleted", NULL, true });
	(void)header((struct object){ 257, 1, 1, 0100644, 0, 0, "conf", NULL, true });
	(void)piece(257, 1, "after!!", 7);
	(void)header((struct object){ 257, 1, 1, 0100644, 7, 0, "conf", NULL, false });
	(void)header((struct object){ 259, 1, 1, 0100644, 3, 0, "new name", NULL, false });
	(void)header((struct object){ 258, 1, 1, 0100644, 5, 0, "number again", NULL, false });
	struct run r = run(&gh_format_yaffs, gh_view(image, used), 0);
	EQ(r.code, GH_OK, "history");
	holds(&r, past(r.node, "conf", GH_NOW), GH_LIT("after!!"), "now");
	holds(&r, past(r.node, "conf", GH_OLDER), GH_LIT("before"), "before");
	holds(&r, past(r.node, "new name", GH_NOW), GH_LIT("abc"), "renamed");
	TRUE(past(r.node, "new name.tmp", GH_DELETED) != NULL, "its name before");
	holds(&r, past(r.node, "number again", GH_NOW), GH_LIT("\0\0\0\0\0"), "nothing of the one before");
	TRUE(past(r.node, "implant", GH_DELETED) != NULL, "deleted");
	done(&r);
	/* The later half of the blocks alone is older when its numbers say so. */
	for (size_t at = 0; at < used; at += 2048 + 64)
		if (at >= 6 * (2048 + 64))
			put(at + 2048, 0xfff + 1, 4, false);
		else
			put(at + 2048, 0x1005, 4, false);
	r = run(&gh_format_yaffs, gh_view(image, used), 0);
	holds(&r, past(r.node, "implant", GH_NOW), GH_LIT("evil"), "numbers count, not places");
	done(&r);
}

static void damage_and_foreign_pages_are_stepped_over(void **state)
{
	(void)state;
	start(shapes[0].shape);
	make();
	size_t last = used;
	memset(image + 3 * (2048 + 64), 0x5a, 2048 + 64);
	struct run r = run(&gh_format_yaffs, gh_view(image, last + 10 * (2048 + 64)), 0);
	EQ(r.span.size, last + 10 * (2048 + 64), "erased pages are part of it");
	TRUE(noted(r.node->notes, GH_CORRUPT), "told");
	TRUE(entry(r.node, "hard") != NULL, "behind it");
	done(&r);
	memset(image + last, 0x33, sizeof image - last);
	r = run(&gh_format_yaffs, gh_view(image, sizeof image), 0);
	EQ(r.span.size, last, "up to the last page that makes sense");
	done(&r);
}

static void a_loop_of_directories_ends(void **state)
{
	(void)state;
	start(shapes[0].shape);
	(void)header((struct object){ 257, 3, 258, 040755, 0, 0, "a", NULL, false });
	(void)header((struct object){ 258, 3, 257, 040755, 0, 0, "b", NULL, false });
	(void)header((struct object){ 259, 3, 259, 040755, 0, 0, "self", NULL, false });
	(void)header((struct object){ 260, 4, 1, 0, 0, 260, "of itself", NULL, false });
	(void)header((struct object){ 261, 4, 1, 0, 0, 257, "of a directory", NULL, false });
	(void)header((struct object){ 262, 1, 1, 0100644, 0xfffffff0, 0, "../up", NULL, false });
	struct run r = run(&gh_format_yaffs, gh_view(image, used), 0);
	EQ(r.unpacked, GH_OK, "it ends");
	const gh_entry *e = entry(r.node, "../up");
	TRUE(e && noted(e->notes, GH_CORRUPT), "a name with slashes is told");
	done(&r);
}

static void bad_headers_are_survived(void **state)
{
	(void)state;
	start(shapes[8].shape);
	(void)header((struct object){ 257, 3, 1, 040755, 0, 0, "etc", NULL, false });
	(void)header((struct object){ 258, 1, 257, 0100644, 5, 0, "f", NULL, false });
	(void)piece(258, 1, "hello", 5);
	spoil(&gh_format_yaffs, gh_view(image, used), 528);
}

static void images_that_others_made_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *file, *page, *entry;
		size_t count;
	} rows[] = {
		{ "bang_yaffs2-8192-256-be-dir-with-file.img", "8192 + 256", "test/test.ico", 2 },
		{ "binwalk_yaffs2.bin", "2048 + 64", "mkyaffs2image.c", 13 },
		{ "fact_yaffs2_be.img", "2048 + 64", "generic folder/test file 3_.txt", 4 },
		{ "fact_yaffs2_le.img", "2048 + 64", "generic folder/test file 3_.txt", 4 },
	};
	const char *corpus = getenv("GIFTHORSE_CORPUS");
	if (!corpus) {
		print_message("no corpus\n");
		skip();
	}
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		char path[4096];
		(void)snprintf(path, sizeof path, "%s/formats/%s", corpus, rows[i].file);
		FILE *f = fopen(path, "rb");
		if (!f)
			continue;
		size_t len = fread(image, 1, sizeof image, f);
		assert_int_equal(fclose(f), 0);
		struct run r = run(&gh_format_yaffs, gh_view(image, len), 0);
		EQ(r.span.size, len, rows[i].file);
		SAME(fact(r.node, "page"), gh_view_text(rows[i].page), rows[i].file);
		EQ(r.node->volume->count, rows[i].count, rows[i].file);
		TRUE(entry(r.node, rows[i].entry) != NULL, rows[i].file);
		done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_any_shape_are_read),
		cmocka_unit_test(what_became_of_objects_is_history),
		cmocka_unit_test(damage_and_foreign_pages_are_stepped_over),
		cmocka_unit_test(a_loop_of_directories_ends),
		cmocka_unit_test(bad_headers_are_survived),
		cmocka_unit_test(images_that_others_made_are_read),
	};
	return cmocka_run_group_tests_name("yaffs", tests, NULL, NULL);
}
