/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a folder of images. The folder may come from anywhere, so its depth and names are hostile too. */
#include "host/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/path_in.h"

enum { DEEPEST = 64 };

struct name {
	char *text; /* a folder's ends with '/', so that sorting names sorts paths */
	bool folder;
};

struct names {
	struct name *at;
	size_t n, room;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static void tell(const gh_walk *walk, const char *path, const char *why)
{
	char shown[GH_PATH_SHOWN], line[160];
	(void)snprintf(line, sizeof line, "%s: %s", gh_path_shown(path, shown), why);
	walk->trouble(walk->arg, path, line);
}

static gh_code add(gh_ctx *ctx, struct names *names, const char *text, bool folder)
{
	if (names->n == names->room) {
		size_t room = names->room ? names->room * 2 : 32, size = sizeof *names->at;
		struct name *at = gh_arena_grow(ctx->arena, names->at, names->n * size, room * size);
		if (!at)
			return gh_nomem(ctx);
		names->at = at;
		names->room = room;
	}
	char *copy = gh_arena_printf(ctx->arena, folder ? "%s/" : "%s", text);
	if (!copy)
		return gh_nomem(ctx);
	names->at[names->n++] = (struct name){ copy, folder };
	return GH_OK;
}

/* The file type, asked where the file system does not say it in the folder. */
static mode_t type_of(int dir, const struct dirent *e)
{
	struct stat st;
	if (e->d_type != DT_UNKNOWN)
		return (mode_t)DTTOIF(e->d_type);
	return fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT : 0;
}

/* Takes `fd` over. */
static gh_code list(gh_ctx *ctx, int fd, const char *path, const gh_walk *walk, struct names *names)
{
	gh_code code = GH_OK;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return gh_nomem(ctx);
	}
	while (code == GH_OK) {
		errno = 0;
		const struct dirent *e = readdir(dir);
		if (!e) {
			if (errno)
				tell(walk, path, gh_errno_text(errno));
			break;
		}
		mode_t type = type_of(fd, e);
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && (S_ISREG(type) || S_ISDIR(type)))
			code = add(ctx, names, e->d_name, S_ISDIR(type));
	}
	(void)closedir(dir);
	if (names->n > 1)
		qsort(names->at, names->n, sizeof *names->at, by_bytes);
	return code;
}

static gh_code walk_below(gh_ctx *ctx, int fd, const char *path, const gh_walk *walk, unsigned depth)
{
	struct names names = { .at = gh_arena_alloc(ctx->arena, 0) };
	/* the names are read and the descriptor is given back before anything deeper is opened */
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	gh_code code =
		again < 0 ? gh_fail(ctx, GH_IO, 0, "%s", gh_errno_text(errno)) : list(ctx, again, path, walk, &names);
	const char *slash = *path && path[strlen(path) - 1] == '/' ? "" : "/";
	for (size_t i = 0; i < names.n && code == GH_OK; i++) {
		char *text = names.at[i].text;
		if (names.at[i].folder)
			text[strlen(text) - 1] = 0;
		const char *full = gh_arena_printf(ctx->arena, "%s%s%s", path, slash, text);
		if (!full)
			return gh_nomem(ctx);
		if (!names.at[i].folder) {
			code = walk->file(walk->arg, full);
			continue;
		}
		if (depth == DEEPEST) {
			tell(walk, full, "is too deep, not looked into");
			continue;
		}
		int sub = openat(fd, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0) {
			tell(walk, full, gh_errno_text(errno));
			continue;
		}
		code = walk_below(ctx, sub, full, walk, depth + 1);
		(void)close(sub);
	}
	return code;
}

gh_code gh_input_walk(gh_ctx *ctx, const char *folder, const gh_walk *walk)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		tell(walk, folder, gh_errno_text(errno));
		return GH_OK;
	}
	gh_code code = walk_below(ctx, fd, folder, walk, 1);
	(void)close(fd);
	return code;
}

bool gh_input_is_folder(const char *path)
{
	struct stat st;
	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
