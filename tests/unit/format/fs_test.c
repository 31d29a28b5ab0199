/* SPDX-License-Identifier: Apache-2.0 */
/* Read-only file systems: what the packaged tools pack comes out again, whatever is broken ends. */
#include "unit/format/flash_tests.h"

/* Each entry against the folder; these file systems keep no times, and romfs no modes. */
static void compare(struct run *r, bool modes, const char *label)
{
	const gh_volume *v = r->node->volume;
	size_t files = 0, dirs = 0, links = 0;
	assert_non_null(v);
	gh_reader reader = { .volume = v,
			     .bytes = r->bytes,
			     .pos = r->pos,
			     .keep = gh_arena_new(GH_MIB(64)),
			     .scratch = gh_arena_new(GH_MIB(64)) };
	for (size_t i = 0; i < v->count; i++) {
		const gh_entry *e = &v->entries[i];
		char path[4200];
		struct stat st;
		(void)snprintf(path, sizeof path, "%s/tree/%.*s", flash_folder, (int)e->path.len,
			       (const char *)e->path.ptr);
		EQ(lstat(path, &st), 0, path);
		TRUE(!e->notes, path);
		if (modes)
			EQ(e->mode, st.st_mode & 07777, path);
		if (e->type == GH_ENTRY_LINK)
			SAME(e->target, GH_LIT("../somewhere/else"), path);
		links += e->type == GH_ENTRY_LINK;
		dirs += e->type == GH_ENTRY_DIR;
		files += e->type == GH_ENTRY_FILE;
		if (e->type != GH_ENTRY_FILE || e->hard_link)
			continue;
		gh_bytes want = flash_load(path), got = { NULL, 0 };
		gh_arena_reset(reader.scratch);
		EQ(v->ops->read(&r->ctx, &reader, e, &got), GH_OK, path);
		SAME(got, want, path);
		free((void *)(uintptr_t)want.ptr);
	}
	EQ(files, 333, label);
	TRUE(dirs == 5 || dirs == 6, label); /* with the root, where it is an entry */
	EQ(links, 1, label);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
}

static const struct made {
	const char *label;
	const gh_format *format;
	const char *argv[8];
	gh_proof proof;
	bool modes;
} made[] = {
	{ "cramfs, little-endian",
	  &gh_format_cramfs,
	  { "mkfs.cramfs", "-N", "little", "-n", "lab" },
	  GH_PROOF_SUM,
	  true },
	{ "cramfs, big-endian", &gh_format_cramfs, { "mkfs.cramfs", "-N", "big", "-n", "lab" }, GH_PROOF_SUM, true },
	{ "romfs", &gh_format_romfs, { "genromfs", "-V", "lab", "-d" }, GH_PROOF_PARSED, false },
};

/* The image as malloc'd bytes; empty where the tool is missing. */
static gh_bytes make(const struct made *m, const char *folder)
{
	const char *argv[12];
	size_t n = 0;
	for (; m->argv[n]; n++)
		argv[n] = m->argv[n];
	argv[n++] = flash_in(folder);
	if (m->format == &gh_format_romfs)
		argv[n++] = "-f";
	argv[n++] = flash_in("image");
	argv[n] = NULL;
	return flash_tool(argv) ? flash_load(flash_in("image")) : gh_view(NULL, 0);
}

static void what_tools_pack_comes_out_again(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(made); i++) {
		gh_bytes b = make(&made[i], "tree");
		if (b.len == 0) {
			print_message("%s is not installed\n", made[i].argv[0]);
			continue;
		}
		struct run r = run(made[i].format, b, 0x2000);
		EQ(r.code, GH_OK, made[i].label);
		EQ(r.span.proof, made[i].proof, made[i].label);
		EQ(r.node->sums->state, GH_SUM_RIGHT, made[i].label);
		compare(&r, made[i].modes, made[i].label);
		done(&r);
		uint8_t *changed = (uint8_t *)(uintptr_t)b.ptr;
		changed[made[i].format == &gh_format_romfs ? 100 : b.len - 5000] ^= 1;
		r = run(made[i].format, b, 0);
		EQ(r.code, GH_OK, made[i].label);
		TRUE(r.span.proof < made[i].proof, made[i].label);
		EQ(r.node->sums->state, GH_SUM_WRONG, made[i].label);
		done(&r);
		free(changed);
	}
}

static void what_is_broken_ends(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(flash_in("small"), 0755), 0);
	assert_int_equal(mkdir(flash_in("small/folder"), 0755), 0);
	flash_file("small/folder/file", 5000, 't');
	for (size_t i = 0; i < GH_COUNT(made); i++) {
		gh_bytes b = make(&made[i], "small");
		if (b.len == 0)
			continue;
		spoil(made[i].format, b, 256);
		free((void *)(uintptr_t)b.ptr);
	}
}

/* A folder that holds itself, and a chain of files that turns back. */
static void what_turns_in_circles_ends(void **unused)
{
	static uint8_t cram[4096], rom[512];
	(void)unused;
	memcpy(cram, "\x45\x3d\xcd\x28\0\x10\0\0\0\0\0\0\0\0\0\0Compressed ROMFS", 32);
	memcpy(cram + 64, "\xed\x41\0\0\x10\0\0\0\0\x05\0\0", 12); /* 16 bytes at 0x50 */
	memcpy(cram + 80, "\xed\x41\0\0\x10\0\0\0\x01\x05\0\0self", 16);
	struct run r = run(&gh_format_cramfs, gh_view(cram, sizeof cram), 0);
	EQ(r.code, GH_OK, "cramfs");
	EQ(r.node->volume->count, 2, "the folder is there, and entered once");
	TRUE(noted(r.node->notes, GH_CORRUPT), "cramfs");
	done(&r);
	memcpy(rom, "-rom1fs-\0\0\2\0\0\0\0\0lab", 19);
	memcpy(rom + 32, "\0\0\0\x49\0\0\0\x40\0\0\0\0\0\0\0\0.", 17);    /* the root: a folder, first file at 64 */
	memcpy(rom + 64, "\0\0\0\x61\0\0\0\x40\0\0\0\0\0\0\0\0self", 20); /* holds what holds it */
	memcpy(rom + 96, "\0\0\0\x42\0\0\0\0\0\0\0\0\0\0\0\0back", 20);   /* next: 64 */
	r = run(&gh_format_romfs, gh_view(rom, sizeof rom), 0);
	EQ(r.code, GH_OK, "romfs");
	TRUE(r.node->volume->count <= 8, "romfs");
	TRUE(noted(r.node->notes, GH_CORRUPT), "romfs");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_tools_pack_comes_out_again),
		cmocka_unit_test(what_is_broken_ends),
		cmocka_unit_test(what_turns_in_circles_ends),
	};
	return cmocka_run_group_tests_name("format/fs", tests, flash_begin, flash_end);
}
