/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "check/check.h"
#include "elf/elf.h"

enum { BYTES = 4096 };

typedef struct lab {
	gh_ctx ctx;
	gh_findings found;
	gh_node *image, *gap;
	uint8_t bytes[BYTES];
} lab;

static void begin(lab *l)
{
	*l = (lab){ .ctx = gh_test_ctx() };
	l->image = gh_node_new(&l->ctx, GH_NODE_IMAGE);
	l->gap = gh_node_new(&l->ctx, GH_NODE_GAP);
	gh_node_append(l->image, l->gap);
	l->image->opens_space = false;
	for (size_t i = 0; i < BYTES; i++)
		l->bytes[i] = (uint8_t)(i * 7);
}

/* A header of 32-bit big-endian MIPS that is right in every field. */
static void put_elf(uint8_t *at)
{
	static const uint8_t head[52] = { 0x7f, 'E', 'L', 'F', 1, 2,  1, 0,    0, 0, 0, 0, 0, 0,  0, 0, 0, 2,
					  0,    8,   0,   0,   0, 1,  0, 0x40, 1, 0, 0, 0, 0, 52, 0, 0, 0, 0,
					  0,    0,   0,   0,   0, 52, 0, 32,   0, 1, 0, 0, 0, 0,  0, 0 };
	memcpy(at, head, sizeof head);
}

static gh_code look(lab *l, const gh_node *node, const char *path, const char *leaf, gh_elf *elf)
{
	gh_entry *entry = gh_arena_zalloc(l->ctx.arena, sizeof *entry);
	gh_file file = { .node = node, .content = gh_view(l->bytes, BYTES), .pos = 0x100, .leaf = leaf };
	assert_non_null(entry);
	if (path) {
		entry->elf = elf;
		entry->leaf = leaf;
		entry->path = gh_view_text(path);
		file.entry = entry;
		file.path = entry->path;
		file.pos = 0;
	}
	gh_check_ctx c = { .ctx = &l->ctx, .out = &l->found };
	return gh_check_hidden_data.look(&c, &file);
}

static void said(lab *l, const char *id, gh_level level, uint64_t at)
{
	EQ(l->found.count, id ? 1 : 0, id ? id : "nothing");
	if (id) {
		SAME(gh_view_text(l->found.first->id), gh_view_text(id), id);
		EQ(l->found.first->level, level, id);
		EQ(l->found.first->evidence[0].at, at, id);
	}
	gh_test_done(&l->ctx);
}

static void programs_in_gaps_are_told(void **state)
{
	(void)state;
	lab l;
	begin(&l);
	EQ(look(&l, l.gap, NULL, NULL, NULL), GH_OK, "no program");
	said(&l, NULL, GH_LEVEL_INFO, 0);

	begin(&l);
	put_elf(l.bytes + 500);
	EQ(look(&l, l.gap, NULL, NULL, NULL), GH_OK, "one");
	said(&l, "HIDDEN-DATA/gap", GH_LEVEL_NOTICE, 0x100 + 500);

	begin(&l);
	for (size_t i = 0; i < 5; i++)
		put_elf(l.bytes + 100 * i);
	EQ(look(&l, l.gap, NULL, NULL, NULL), GH_OK, "five: a file system nobody knows");
	said(&l, "HIDDEN-DATA/gap", GH_LEVEL_INFO, 0x100);

	begin(&l);
	put_elf(l.bytes);
	memmove(l.bytes + BYTES - 51, l.bytes, 51);
	l.bytes[0] = 0;
	EQ(look(&l, l.gap, NULL, NULL, NULL), GH_OK, "cut short");
	said(&l, NULL, GH_LEVEL_INFO, 0);

	begin(&l);
	gh_node *kernel = gh_node_new(&l.ctx, GH_NODE_STREAM), *below = gh_node_new(&l.ctx, GH_NODE_GAP);
	kernel->opens_space = true;
	gh_node_append(l.image, kernel);
	gh_node_append(kernel, below);
	put_elf(l.bytes);
	EQ(look(&l, below, NULL, NULL, NULL), GH_OK, "a kernel's own vdso");
	said(&l, NULL, GH_LEVEL_INFO, 0);
}

static void every_field_of_the_header_counts(void **state)
{
	(void)state;
	static const struct row {
		size_t at;
		uint8_t value;
	} rows[] = { { 4, 0 },  { 4, 3 },   { 5, 0 },   { 6, 2 },  { 17, 9 }, { 18, 0x77 },
		     { 23, 0 }, { 41, 51 }, { 43, 56 }, { 45, 0 }, { 44, 1 } };
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		lab l;
		begin(&l);
		put_elf(l.bytes + 8);
		l.bytes[8 + rows[i].at] = rows[i].value;
		EQ(look(&l, l.gap, NULL, NULL, NULL), GH_OK, "a wrong field");
		said(&l, NULL, GH_LEVEL_INFO, 0);
	}
}

static void what_hangs_behind_a_program_is_told(void **state)
{
	(void)state;
	static const struct row {
		const char *overlay;
		size_t len;
		const char *id;
	} rows[] = {
		{ "\x1f\x8b\x08", 3, "HIDDEN-DATA/overlay" },
		{ "#!/bin/sh\n", 10, "HIDDEN-DATA/overlay" },
		{ "\0\0\0\0hsqs", 8, "HIDDEN-DATA/overlay" },
		{ "~Module signature appended~", 27, NULL },
		{ "\0\0\0\0\0", 5, NULL },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		lab l;
		begin(&l);
		put_elf(l.bytes);
		memcpy(l.bytes + 1000, rows[i].overlay, rows[i].len);
		gh_elf elf = { .end = 1000 };
		EQ(look(&l, l.gap, "bin/x", "elf", &elf), GH_OK, rows[i].overlay);
		said(&l, rows[i].id, GH_LEVEL_NOTICE, rows[i].overlay[0] ? 1000 : 1004);
	}
	lab l;
	begin(&l);
	gh_elf elf = { .end = BYTES - 8 };
	EQ(look(&l, l.gap, "bin/x", "elf", &elf), GH_OK, "a few bytes are no overlay");
	said(&l, NULL, GH_LEVEL_INFO, 0);
}

static void programs_inside_other_files_are_told(void **state)
{
	(void)state;
	lab l;
	begin(&l);
	put_elf(l.bytes + 2000);
	EQ(look(&l, l.gap, "www/logo.png", "png", NULL), GH_OK, "an image");
	said(&l, "HIDDEN-DATA/inside", GH_LEVEL_NOTICE, 2000);
	begin(&l);
	put_elf(l.bytes + 2000);
	EQ(look(&l, l.gap, "lib/firmware/x.bin", "data", NULL), GH_OK, "a radio's firmware holds what it likes");
	said(&l, NULL, GH_LEVEL_INFO, 0);
	begin(&l);
	memcpy(l.bytes, "MZ", 2);
	memcpy(l.bytes + 60, "\x80\0\0\0", 4);
	memcpy(l.bytes + 0x80, "PE\0\0", 4);
	EQ(look(&l, l.gap, "www/setup.exe", "pe", NULL), GH_OK, "a program for Windows");
	said(&l, "HIDDEN-DATA/windows-program", GH_LEVEL_INFO, 0);
	begin(&l);
	memcpy(l.bytes, "MZ", 2);
	memcpy(l.bytes + 60, "\xff\xff\xff\xff", 4);
	EQ(look(&l, l.gap, "www/setup.exe", "pe", NULL), GH_OK, "only its first letters");
	said(&l, NULL, GH_LEVEL_INFO, 0);
}

static void files_without_a_name_are_told(void **state)
{
	(void)state;
	gh_entry entries[] = { { .path = GH_LIT("bin/a") },
			       { .path = GH_LIT("(nameless)/1"), .past = GH_DELETED },
			       { .path = GH_LIT("(nameless)/2"), .past = GH_DELETED, .type = GH_ENTRY_DIR } };
	gh_volume volume = { .entries = entries, .count = GH_COUNT(entries) };
	static const char *const formats[] = { "squashfs", "jffs2" };
	for (size_t i = 0; i < GH_COUNT(formats); i++) {
		lab l;
		begin(&l);
		l.gap->volume = &volume;
		l.gap->format = formats[i];
		gh_check_ctx c = { .ctx = &l.ctx, .root = l.image, .out = &l.found };
		EQ(gh_check_hidden_data.conclude(&c), GH_OK, formats[i]);
		EQ(l.found.count, i == 0, "JFFS2 keeps deleted files by its nature");
		if (i == 0)
			SAME(l.found.first->evidence[0].path, GH_LIT("(nameless)/1"), "the file");
		gh_test_done(&l.ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_in_gaps_are_told),
		cmocka_unit_test(every_field_of_the_header_counts),
		cmocka_unit_test(what_hangs_behind_a_program_is_told),
		cmocka_unit_test(programs_inside_other_files_are_told),
		cmocka_unit_test(files_without_a_name_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
