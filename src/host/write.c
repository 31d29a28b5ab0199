/* SPDX-License-Identifier: Apache-2.0 */
/* Making what was planned: for a file one open, the write, its time and a close. */
#include "host/output_in.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/path_in.h"

/* mtimes that were set on purpose: the range of the 32 bits that file systems of routers store. */
static bool sane(int64_t mtime)
{
	return mtime >= 0 && mtime <= (int64_t)UINT32_MAX;
}

static void times_of(int64_t mtime, struct timespec times[2])
{
	times[0] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	times[1] = (struct timespec){ .tv_sec = (time_t)mtime };
}

const char *gh_output_path(gh_ctx *ctx, const gh_output *out, uint32_t dir, gh_bytes name)
{
	size_t size = name.len + 1;
	for (uint32_t d = dir; d != 0; d = out->folders[d].parent)
		size += out->folders[d].len + (size_t)1;
	char *text = gh_arena_alloc(ctx->arena, size);
	if (!text)
		return NULL;
	size_t at = size - 1;
	text[at] = 0;
	if (name.len) {
		at -= name.len;
		memcpy(text + at, name.ptr, name.len);
	}
	for (uint32_t d = dir; d != 0; d = out->folders[d].parent) {
		const struct folder *f = &out->folders[d];
		if (text[at])
			text[--at] = '/';
		at -= f->len;
		memcpy(text + at, f->name, f->len);
	}
	/* a folder without a name behind it leaves the byte for its '/' unused, in front */
	return text + at;
}

const char *gh_output_used(gh_ctx *ctx, gh_output *out, const gh_place *place)
{
	(void)pthread_mutex_lock(&out->lock);
	gh_bytes name = { (const uint8_t *)place->name, place->kind == GH_PLACE_DIR ? 0 : place->len };
	const char *path = gh_output_path(ctx, out, place->dir, name);
	(void)pthread_mutex_unlock(&out->lock);
	return path;
}

/* Called with or without the lock: only the first failure of all is told, the others count. */
gh_code gh_output_fail(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes name, int error)
{
	char shown[GH_PATH_SHOWN];
	const char *path = gh_output_path(ctx, out, dir, name);
	gh_code code = gh_fail(ctx, GH_IO, 0, "%s: %s", gh_path_shown(path ? path : "", shown), gh_errno_text(error));
	if (!out->failed) {
		memcpy(out->what, ctx->what, sizeof out->what);
		out->error = error;
	}
	out->failed = true;
	return code;
}

static gh_code fail_locked(gh_ctx *ctx, gh_output *out, const gh_place *place, int error)
{
	(void)pthread_mutex_lock(&out->lock);
	gh_code code = gh_output_fail(ctx, out, place->dir, gh_view(place->name, place->len), error);
	(void)pthread_mutex_unlock(&out->lock);
	return code;
}

static gh_code failed_before(gh_ctx *ctx, gh_output *out)
{
	out->missing++;
	return gh_fail(ctx, GH_IO, 0, "%s", out->what);
}

/* Another name after the file system said `error` to this one. */
static bool rename_place(gh_ctx *ctx, gh_output *out, gh_place *place, int error)
{
	gh_bytes name = { (const uint8_t *)place->name, place->len };
	const char *why = place->why;
	(void)pthread_mutex_lock(&out->lock);
	bool ok = gh_plan_other_name(ctx, out, place->dir, error, &name, &why);
	(void)pthread_mutex_unlock(&out->lock);
	if (!ok)
		return false;
	out->renamed += place->why == NULL;
	place->why = why;
	place->name = (const char *)name.ptr;
	place->len = (uint8_t)name.len;
	return true;
}

/* A folder above it may have got another name when it was made. */
static void take_why(gh_output *out, gh_place *place)
{
	if (place->why)
		return;
	(void)pthread_mutex_lock(&out->lock);
	place->why = out->folders[place->dir].why;
	(void)pthread_mutex_unlock(&out->lock);
	out->renamed += place->why != NULL;
}

/* One attempt under the name as it stands now; an errno, or 0. */
typedef int make_fn(gh_output *out, int dir, const char *name, const void *what);

static gh_code make(gh_ctx *ctx, gh_output *out, gh_place *place, make_fn *one, const void *what)
{
	char text[GH_NAME_MOST + 1];
	int dir;
	if (out->failed)
		return failed_before(ctx, out);
	gh_code code = gh_folder_get(ctx, out, place->dir, &dir);
	if (code != GH_OK) {
		out->missing++;
		return code;
	}
	for (;;) {
		memcpy(text, place->name, place->len);
		text[place->len] = 0;
		int error = one(out, dir, text, what);
		if (error == 0)
			break;
		if (rename_place(ctx, out, place, error))
			continue;
		code = fail_locked(ctx, out, place, error);
		out->missing++;
		break;
	}
	gh_folder_put(out, place->dir, dir);
	take_why(out, place);
	return code;
}

struct file {
	gh_bytes content;
	int64_t mtime;
	unsigned mode;
};

static int write_all(int fd, gh_bytes b)
{
	while (b.len > 0) {
		ssize_t n = write(fd, b.ptr, b.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		b = gh_bytes_part(b, (uint64_t)n, b.len);
	}
	return 0;
}

static int make_file(gh_output *out, int dir, const char *name, const void *what)
{
	const struct file *file = what;
	int fd = gh_open_beneath(dir, name, O_WRONLY | O_CREAT | O_EXCL, file->mode);
	if (fd < 0)
		return errno;
	int error = write_all(fd, file->content);
	if (error == 0 && sane(file->mtime)) {
		struct timespec times[2];
		times_of(file->mtime, times);
		(void)futimens(fd, times); /* a file system without times keeps the content all the same */
	}
	/* a full disk or quota on another machine may be told only here */
	if (close(fd) != 0 && error == 0 && errno != EINTR)
		error = errno;
	if (error != 0) {
		(void)unlinkat(dir, name, 0); /* a cut file must not pass for a whole one */
		/* these two came from writing, not from the name */
		return error == EINVAL || error == EEXIST ? EIO : error;
	}
	out->files++;
	out->bytes += file->content.len;
	return 0;
}

gh_code gh_output_file(gh_ctx *ctx, gh_output *out, gh_place *place, uint16_t mode, int64_t mtime, gh_bytes content)
{
	const struct file file = { content, mtime, (mode & 0755u) | 0600u };
	return make(ctx, out, place, make_file, &file);
}

struct link {
	const char *target;
	int64_t mtime;
};

static int make_link(gh_output *out, int dir, const char *name, const void *what)
{
	const struct link *link = what;
	if (symlinkat(link->target, dir, name) != 0)
		return errno;
	if (sane(link->mtime)) {
		struct timespec times[2];
		times_of(link->mtime, times);
		(void)utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW);
	}
	out->links++;
	return 0;
}

gh_code gh_output_link(gh_ctx *ctx, gh_output *out, gh_place *place, gh_bytes target, int64_t mtime)
{
	const char *why = target.len == 0                     ? "a link with no target cannot be made"
			  : target.len >= PATH_MAX            ? "a link with so long a target cannot be made"
			  : memchr(target.ptr, 0, target.len) ? "a link with a NUL in its target cannot be made"
							      : NULL;
	if (why) {
		place->why = why;
		return gh_fail(ctx, GH_UNSUPPORTED, 0, "%s", why);
	}
	char text[PATH_MAX];
	memcpy(text, target.ptr, target.len);
	text[target.len] = 0;
	const struct link link = { text, mtime };
	return make(ctx, out, place, make_link, &link);
}

gh_code gh_output_dir(gh_ctx *ctx, gh_output *out, gh_place *place)
{
	int dir;
	if (out->failed)
		return failed_before(ctx, out);
	gh_code code = gh_folder_get(ctx, out, place->dir, &dir);
	if (code != GH_OK) {
		out->missing++;
		return code;
	}
	gh_folder_put(out, place->dir, dir);
	(void)pthread_mutex_lock(&out->lock);
	const struct folder *f = &out->folders[place->dir];
	place->name = f->name;
	place->len = f->len;
	place->why = place->why ? place->why : f->why;
	(void)pthread_mutex_unlock(&out->lock);
	return GH_OK;
}
