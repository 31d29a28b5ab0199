/* SPDX-License-Identifier: Apache-2.0 */
/* What a mount of a SquashFS does not show: an inode that no directory names, blocks that no file has. */
#include "unit/format/flash_tests.h"
#include "unit/format/squashfs_build.h"

static uint8_t *raw;
static gh_bytes all;

static uint64_t u64(size_t at)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 8; i++)
		v |= (uint64_t)raw[at + i] << (8 * i);
	return v;
}

static bool make(void)
{
	static const char *const argv_of[] = { "mksquashfs",    "-noappend",  "-noI",        "-noD",
					       "-no-fragments", "-no-xattrs", "-all-root",   "-b",
					       "4096",          "-quiet",     "-no-progress" };
	const char *argv[16] = { "mksquashfs", flash_in("tree"), flash_in("image") };
	for (size_t i = 1; i < GH_COUNT(argv_of); i++)
		argv[i + 2] = argv_of[i];
	if (!flash_tool(argv)) {
		print_message("mksquashfs is not installed\n");
		return false;
	}
	all = flash_load(flash_in("image"));
	raw = (uint8_t *)(uintptr_t)all.ptr;
	return true;
}

/* Is any byte of the extent not in use? */
static bool unused(const gh_volume *v, uint64_t at, uint64_t size)
{
	for (uint64_t k = at; k < at + size; k++) {
		bool in = false;
		for (size_t i = 0; i < v->n_used && !in; i++)
			in = k >= v->used[i].at && k - v->used[i].at < v->used[i].size;
		if (!in)
			return true;
	}
	return false;
}

static void nothing_is_hidden(void **state)
{
	(void)state;
	if (!make())
		return;
	struct run r = run(&gh_format_squashfs, all, 0x400);
	EQ(r.code, GH_OK, "clean");
	EQ(r.node->volume->count, 2, "clean");
	TRUE(!noted(r.node->notes, GH_OK), "clean");
	TRUE(!unused(r.node->volume, 0x400, u64(40)), "clean: all is used");
	done(&r);
	free(raw);
}

/* The last name of the root goes: the listing's header says one name less, and the inode so many bytes less. */
static void an_inode_without_a_name(void **state)
{
	(void)state;
	if (!make())
		return;
	size_t inodes = (size_t)u64(64), dirs = (size_t)u64(72);
	size_t root = inodes + 2 + (size_t)(u64(32) & 0xffff);
	EQ(raw[root], 1, "the root is a directory");
	raw[root + 24] = (uint8_t)(raw[root + 24] - (8 + 6)); /* "hidden" */
	EQ(raw[dirs + 2], 1, "two names");
	raw[dirs + 2] = 0;
	struct run r = run(&gh_format_squashfs, all, 0);
	EQ(r.code, GH_OK, "hidden");
	EQ(r.node->volume->count, 2, "hidden");
	const gh_entry *e = &r.node->volume->entries[1];
	TRUE(gh_bytes_start(e->path, GH_LIT("(nameless)/inode-")), "hidden");
	EQ(e->past, GH_DELETED, "hidden");
	EQ(e->size, 9000, "hidden");
	TRUE(noted(r.node->notes, GH_OK), "it is said");
	gh_bytes want = flash_load(flash_in("tree/hidden"));
	char path[64];
	(void)snprintf(path, sizeof path, "%.*s", (int)e->path.len, (const char *)e->path.ptr);
	read_all(&r, path, want, "its content");
	done(&r);
	free((void *)(uintptr_t)want.ptr);
	free(raw);
}

/* A file that says it is empty leaves its blocks to nobody. */
static void blocks_without_a_file(void **state)
{
	(void)state;
	if (!make())
		return;
	size_t inode = (size_t)u64(64) + 2;
	while (raw[inode] != 2 || raw[inode + 28] != (9000 & 0xff) || raw[inode + 29] != 9000 >> 8)
		inode++;
	uint64_t start = raw[inode + 16] | (uint64_t)raw[inode + 17] << 8 | (uint64_t)raw[inode + 18] << 16;
	raw[inode + 28] = raw[inode + 29] = 0;
	struct run r = run(&gh_format_squashfs, all, 0x400);
	EQ(r.code, GH_OK, "slack");
	TRUE(unused(r.node->volume, 0x400 + start, 9000), "slack");
	done(&r);
	free(raw);
}

/* A folder with a file in it, a file, and a link, none of which is named; in every version and byte order. */
static void nameless_in_every_version(void **state)
{
	static const char *const magics[][2] = {
		{ "hsqs", "sqsh" }, { "shsq", "sqsh" }, { "hsqt", "qshs" }, { "sqlz", "sqsh" }
	};
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct image *m = calloc(1, sizeof *m);
		assert_non_null(m);
		m->major = i / 2 + 1;
		m->big = i & 1;
		m->magic = magics[i / 2][i & 1];
		uint32_t seen = image_file(m, GH_LIT("seen"));
		(void)image_file(m, GH_LIT("a file that nobody names"));
		(void)image_link(m, "nowhere");
		uint32_t inner = image_file(m, GH_LIT("inside"));
		(void)image_dir(m, (struct name[]){ { "inner", inner, 2, 0 } }, 1);
		m->root = image_dir(m, (struct name[]){ { "seen", seen, 2, 0 } }, 1);
		struct run r = run(&gh_format_squashfs, image_finish(m), 0);
		EQ(r.code, GH_OK, m->magic);
		EQ(r.node->volume->count, 5, m->magic);
		size_t files = 0, inside = 0, links = 0;
		for (size_t k = 1; k < r.node->volume->count; k++) {
			const gh_entry *e = &r.node->volume->entries[k];
			EQ(e->past, GH_DELETED, m->magic);
			TRUE(gh_bytes_start(e->path, GH_LIT("(nameless)/inode-")), m->magic);
			files += e->size == 24;
			inside += gh_bytes_end(e->path, GH_LIT("/inner")) && e->size == 6;
			links += e->type == GH_ENTRY_LINK && gh_bytes_eq(e->target, GH_LIT("nowhere"));
		}
		TRUE(files == 1 && inside == 1 && links == 1, m->magic);
		read_all(&r, NULL, gh_view(NULL, 0), m->magic);
		done(&r);
		free(m);
	}
}

static int make_tree(void **state)
{
	(void)state;
	(void)strcpy(flash_folder, "/tmp/gifthorse-hidden-XXXXXX");
	if (!mkdtemp(flash_folder) || mkdir(flash_in("tree"), 0755) != 0)
		return -1;
	flash_file("tree/a", 5000, 't');
	flash_file("tree/hidden", 9000, 'r');
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_hidden),
		cmocka_unit_test(an_inode_without_a_name),
		cmocka_unit_test(blocks_without_a_file),
		cmocka_unit_test(nameless_in_every_version),
	};
	return cmocka_run_group_tests_name("format/squashfs_hidden", tests, make_tree, flash_end);
}
