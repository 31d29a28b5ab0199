/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors of the folders that are written to now. Every step is one component, opened beneath the
 * folder above it and never through a link, so no path of the image is ever given to the system.
 */
#include "host/output_in.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int gh_open_beneath(int dir, const char *name, int flags, unsigned mode)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	do {
		fd = syscall(SYS_openat2, dir, name, &how, sizeof how);
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	/* Before Linux 5.6: names here are single components and never dots, so O_NOFOLLOW says it all. */
	if (fd < 0 && errno == ENOSYS)
		fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	return (int)fd;
}

static struct slot *slot_of(gh_output *out, uint32_t dir)
{
	for (size_t i = 0; i < GH_FOLDER_SLOTS; i++)
		if (out->slots[i].fd >= 0 && out->slots[i].dir == dir)
			return &out->slots[i];
	return NULL;
}

/* Remembers a descriptor in place of the one that was not used for longest; false: all are in use. */
static bool keep(gh_output *out, uint32_t dir, int fd)
{
	struct slot *oldest = NULL;
	for (size_t i = 0; i < GH_FOLDER_SLOTS; i++) {
		struct slot *s = &out->slots[i];
		if (s->users == 0 && (!oldest || s->fd < 0 || (oldest->fd >= 0 && s->used < oldest->used)))
			oldest = s;
	}
	if (!oldest)
		return false;
	if (oldest->fd >= 0)
		(void)close(oldest->fd);
	*oldest = (struct slot){ .dir = dir, .fd = fd, .used = ++out->clock };
	return true;
}

/* Opens folder `dir` in `up`, its parent; makes it when this is the first time. */
static gh_code step(gh_ctx *ctx, gh_output *out, uint32_t dir, int up, int *ret_fd)
{
	char text[GH_NAME_MOST + 1];
	struct folder *f = &out->folders[dir];
	gh_bytes name = { (const uint8_t *)f->name, f->len };
	for (;;) {
		memcpy(text, name.ptr, name.len);
		text[name.len] = 0;
		if (f->made || mkdirat(up, text, 0755) == 0)
			break;
		int error = errno;
		if (!gh_plan_other_name(ctx, out, f->parent, error, &name, &f->why))
			return gh_output_fail(ctx, out, f->parent, name, error);
		f->name = (const char *)name.ptr;
		f->len = (uint8_t)name.len;
	}
	if (!f->made)
		out->dirs++;
	f->made = true;
	*ret_fd = gh_open_beneath(up, text, O_RDONLY | O_DIRECTORY, 0);
	return *ret_fd >= 0 ? GH_OK : gh_output_fail(ctx, out, f->parent, name, errno);
}

/* From the nearest folder that is open down to the one that is wanted; at most DEEPEST + 2 steps. */
static gh_code open_folder(gh_ctx *ctx, gh_output *out, uint32_t dir, int *ret_fd)
{
	uint32_t way[256];
	size_t n = 0;
	int at = out->staging;
	for (uint32_t d = dir; d != 0 && n < GH_COUNT(way); d = out->folders[d].parent) {
		const struct slot *s = slot_of(out, d);
		if (s) {
			at = s->fd;
			break;
		}
		way[n++] = d;
	}
	bool ours = false; /* `at` is to be closed here */
	while (n > 0) {
		int next = -1;
		gh_code code = step(ctx, out, way[--n], at, &next);
		if (ours)
			(void)close(at);
		if (code != GH_OK)
			return code;
		at = next;
		ours = !keep(out, way[n], next);
	}
	*ret_fd = at;
	return GH_OK;
}

gh_code gh_folder_get(gh_ctx *ctx, gh_output *out, uint32_t dir, int *ret_fd)
{
	gh_code code = GH_OK;
	(void)pthread_mutex_lock(&out->lock);
	struct slot *s = slot_of(out, dir);
	if (dir == 0)
		*ret_fd = out->staging;
	else if (s)
		*ret_fd = s->fd;
	else
		code = open_folder(ctx, out, dir, ret_fd);
	s = code == GH_OK ? slot_of(out, dir) : NULL;
	if (s) {
		s->users++;
		s->used = ++out->clock;
	}
	(void)pthread_mutex_unlock(&out->lock);
	return code;
}

void gh_folder_put(gh_output *out, uint32_t dir, int fd)
{
	(void)pthread_mutex_lock(&out->lock);
	struct slot *s = slot_of(out, dir);
	if (s && s->fd == fd)
		s->users--;
	else if (dir != 0)
		(void)close(fd);
	(void)pthread_mutex_unlock(&out->lock);
}
