/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of flash file systems share: a folder with everything a file system can hold, a packaged
 * tool run over it, and the volume that came out compared with the folder, which is the truth.
 */
#ifndef GH_TESTS_FLASH_H
#define GH_TESTS_FLASH_H

#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/format/formats.h"

extern char **environ;

static char flash_folder[64];

static inline const char *flash_in(const char *name)
{
	static char paths[8][4096];
	static unsigned turn;
	char *path = paths[turn++ % 8];
	int n = snprintf(path, sizeof paths[0], "%s/%s", flash_folder, name);
	assert_true(n > 0 && (size_t)n < sizeof paths[0]);
	return path;
}

static inline void flash_file(const char *name, size_t size, int how)
{
	uint64_t x = 88172645463325252u + size;
	FILE *f = fopen(flash_in(name), "wb");
	assert_non_null(f);
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		int c = how == 'r' ? (int)(x & 255) : how == 't' ? "the quick brown fox\n"[x % 20] : (int)(i / 1000 & 255);
		assert_int_not_equal(fputc(c, f), EOF);
	}
	assert_int_equal(fclose(f), 0);
}

/* The folder "tree", with files of many sizes, names, links. */
static inline void flash_make_tree(void)
{
	static const char *const dirs[] = { "tree", "tree/etc", "tree/deep", "tree/deep/a", "tree/deep/a/b", "tree/none" };
	static const size_t sizes[] = { 0, 1, 127, 128, 129, 4095, 4096, 4097, 8192, 50000 };
	char name[64];
	(void)strcpy(flash_folder, "/tmp/gifthorse-flash-XXXXXX");
	assert_non_null(mkdtemp(flash_folder));
	for (size_t i = 0; i < GH_COUNT(dirs); i++)
		assert_int_equal(mkdir(flash_in(dirs[i]), 0751), 0);
	for (size_t i = 0; i < GH_COUNT(sizes); i++)
		for (const char *how = "rtn"; *how; how++) {
			(void)snprintf(name, sizeof name, "tree/etc/file-%zu-%c", sizes[i], *how);
			flash_file(name, sizes[i], *how);
		}
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof name, "tree/deep/a/b/many %u", i);
		flash_file(name, i % 40, 't');
	}
	flash_file("tree/large", 700000, 't');
	flash_file("tree/\xff\xfe not utf-8", 9, 't');
	assert_int_equal(chmod(flash_in("tree/large"), 04755), 0);
	assert_int_equal(symlink("../somewhere/else", flash_in("tree/link")), 0);
	assert_int_equal(mkfifo(flash_in("tree/fifo"), 0622), 0);
	assert_int_equal(link(flash_in("tree/large"), flash_in("tree/deep/linked")), 0);
}

static inline int flash_forget(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void flash_remove_tree(void)
{
	(void)nftw(flash_folder, flash_forget, 16, FTW_DEPTH | FTW_PHYS);
}

/* Runs a program of /usr/sbin or /usr/bin; false where it is not installed. Its failure is the test's. */
static inline bool flash_tool(const char *const *argv)
{
	char path[128], *args[24] = { path };
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int status;
	(void)snprintf(path, sizeof path, "/usr/sbin/%s", argv[0]);
	if (access(path, X_OK) != 0)
		(void)snprintf(path, sizeof path, "/usr/bin/%s", argv[0]);
	if (access(path, X_OK) != 0)
		return false;
	for (size_t i = 1; argv[i]; i++) {
		assert_true(i + 1 < GH_COUNT(args));
		args[i] = strdup(argv[i]);
	}
	assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0), 0);
	assert_int_equal(posix_spawn(&pid, path, &quiet, NULL, args, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)posix_spawn_file_actions_destroy(&quiet);
	for (size_t i = 1; argv[i]; i++)
		free(args[i]);
	EQ(status, 0, argv[0]);
	return true;
}

/* A file as malloc'd bytes; empty where it cannot be read. */
static inline gh_bytes flash_load(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return gh_view(NULL, 0);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	long size = ftell(f);
	rewind(f);
	uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)size, f), (size_t)size);
	assert_int_equal(fclose(f), 0);
	return gh_view(bytes, (size_t)size);
}

static inline void flash_drop(gh_bytes b)
{
	free((void *)(uintptr_t)b.ptr);
}

/* Each entry against the folder; how many there are. What mke2fs adds of its own is passed over. */
static inline void __attribute__((unused)) flash_compare(struct run *r, const char *label)
{
	const gh_volume *v = r->node->volume;
	size_t kinds[GH_ENTRY_SOCKET + 1] = { 0 };
	assert_non_null(v);
	gh_reader reader = { .volume = v, .bytes = r->bytes, .pos = r->pos, .keep = gh_arena_new(GH_MIB(64)),
		             .scratch = gh_arena_new(GH_MIB(64)) };
	for (size_t i = 0; i < v->count; i++) {
		const gh_entry *e = &v->entries[i];
		char path[4200];
		struct stat st;
		if (gh_bytes_eq(e->path, GH_LIT("lost+found")))
			continue;
		(void)snprintf(path, sizeof path, "%s/tree/%.*s", flash_folder, (int)e->path.len, (const char *)e->path.ptr);
		EQ(e->past, GH_NOW, path);
		EQ(lstat(path, &st), 0, path);
		EQ(e->mode, st.st_mode & 07777, path);
		EQ(e->uid, st.st_uid, path);
		EQ(e->mtime, st.st_mtime, path);
		TRUE(!e->notes, path);
		if (e->type == GH_ENTRY_LINK)
			SAME(e->target, GH_LIT("../somewhere/else"), path);
		kinds[e->type]++;
		if (e->type != GH_ENTRY_FILE)
			continue;
		EQ(e->nlink, st.st_nlink, path);
		if (e->hard_link)
			continue;
		gh_bytes want = flash_load(path), got = { NULL, 0 };
		gh_arena_reset(reader.scratch);
		EQ(v->ops->read(&r->ctx, &reader, e, &got), GH_OK, path);
		SAME(got, want, path);
		flash_drop(want);
	}
	EQ(kinds[GH_ENTRY_FILE], 333, label);
	EQ(kinds[GH_ENTRY_DIR], 5, label);
	EQ(kinds[GH_ENTRY_LINK], 1, label);
	EQ(kinds[GH_ENTRY_FIFO], 1, label);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
}

/* For cmocka_run_group_tests: the tree is there while the tests of a file run. */
static inline int flash_begin(void **state)
{
	(void)state;
	flash_make_tree();
	return 0;
}

/* The same with an empty folder. */
static inline int flash_begin_empty(void **state)
{
	(void)state;
	(void)strcpy(flash_folder, "/tmp/gifthorse-flash-XXXXXX");
	return mkdtemp(flash_folder) ? 0 : -1;
}

static inline int flash_end(void **state)
{
	(void)state;
	flash_remove_tree();
	return 0;
}

#endif
