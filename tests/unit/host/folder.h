/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/unit/host/folder - a folder of one test's own, and what is in it.
 *
 *	struct folder f = folder_new();
 *	… folder_path(&f, "image.bin") …
 *	folder_remove(&f);
 */
#ifndef GH_TESTS_FOLDER_H
#define GH_TESTS_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

struct folder {
	char at[64];
	gh_ctx ctx;
};

static inline struct folder folder_new(void)
{
	struct folder f = { .at = "/tmp/gifthorse-test-XXXXXX", .ctx = gh_test_ctx() };
	assert_non_null(mkdtemp(f.at));
	return f;
}

static inline int folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void folder_remove(struct folder *f)
{
	assert_int_equal(nftw(f->at, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	gh_test_done(&f->ctx);
}

static inline char *folder_path(struct folder *f, const char *name)
{
	char *path = gh_arena_printf(f->ctx.arena, "%s/%s", f->at, name);
	assert_non_null(path);
	return path;
}

static inline char *folder_file(struct folder *f, const char *name, gh_bytes content)
{
	char *path = folder_path(f, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.ptr, content.len), content.len);
	assert_int_equal(close(fd), 0);
	return path;
}

static inline gh_bytes folder_read(struct folder *f, const char *name)
{
	static const size_t most = 1 << 20;
	int fd = open(folder_path(f, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return (gh_bytes){ NULL, 0 };
	uint8_t *content = gh_arena_alloc(f->ctx.arena, most);
	assert_non_null(content);
	ssize_t n = read(fd, content, most);
	assert_true(n >= 0);
	(void)close(fd);
	return gh_view(content, (size_t)n);
}

/* Names in a folder, without the dots; -1 where there is no such folder. */
static inline int folder_count(struct folder *f, const char *name)
{
	int n = 0;
	DIR *dir = opendir(folder_path(f, name));
	if (!dir)
		return -1;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(dir);
	return n;
}

#endif
