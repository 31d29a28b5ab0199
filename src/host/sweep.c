/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a tree without recursion and without following anything: what is a folder with content is
 * moved up beside its parent under a number, so that however deep the tree was, two levels are open.
 */
#include "host/output_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct sweep {
	int top;
	uint64_t moved; /* the next number */
	bool did;       /* something went away in this pass */
	int error;
};

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *read_folder(int at, const char *name)
{
	int fd = gh_open_beneath(at, name, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (fd >= 0 && !dir)
		(void)close(fd);
	return dir;
}

/* A folder that its owner may not write to can neither be emptied nor moved. */
static void make_writable(int at, const char *name)
{
	int fd = gh_open_beneath(at, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return;
	(void)fchmod(fd, 0700);
	(void)close(fd);
}

static bool move_up(struct sweep *s, int from, const char *name)
{
	char number[48];
	(void)snprintf(number, sizeof number, ".gifthorse-sweep-%llu", (unsigned long long)s->moved++);
	if (renameat2(from, name, s->top, number, RENAME_NOREPLACE) == 0)
		return true;
	make_writable(from, name);
	return renameat2(from, name, s->top, number, 0) == 0;
}

static void take_away(struct sweep *s, int from, const char *name)
{
	if (unlinkat(from, name, 0) == 0 || unlinkat(from, name, AT_REMOVEDIR) == 0)
		s->did = true;
	else if (errno == ENOTEMPTY && move_up(s, from, name))
		s->did = true;
	else if (errno != ENOENT)
		s->error = errno;
}

/* Empties one folder that stands in the top one, then removes it. */
static void empty(struct sweep *s, const char *name)
{
	make_writable(s->top, name);
	DIR *dir = read_folder(s->top, name);
	if (!dir) {
		s->error = errno;
		return;
	}
	for (const struct dirent *e; (e = readdir(dir)) != NULL;)
		if (!is_dots(e->d_name))
			take_away(s, dirfd(dir), e->d_name);
	(void)closedir(dir);
	if (unlinkat(s->top, name, AT_REMOVEDIR) == 0)
		s->did = true;
}

int gh_sweep(int folder)
{
	struct sweep s = { .top = folder };
	bool left = true;
	/* every pass takes at least one name away or is the last */
	do {
		DIR *dir = read_folder(folder, ".");
		if (!dir)
			return errno;
		s.did = false;
		s.error = 0;
		left = false;
		for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
			if (is_dots(e->d_name))
				continue;
			left = true;
			if (unlinkat(folder, e->d_name, 0) == 0)
				s.did = true;
			else if (errno != ENOENT)
				empty(&s, e->d_name);
		}
		(void)closedir(dir);
	} while (left && s.did);
	return left ? (s.error ? s.error : ENOTEMPTY) : 0;
}
