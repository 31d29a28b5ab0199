/* SPDX-License-Identifier: Apache-2.0 */
#include "host/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/path_in.h"

enum { SPOOL_STEP = 1 << 18 };

static gh_code refuse(gh_ctx *ctx, const char *name, const char *why)
{
	char shown[GH_PATH_SHOWN];
	return gh_fail(ctx, GH_IO, 0, "%s: %s", gh_path_shown(name, shown), why);
}

static gh_code map(gh_ctx *ctx, gh_input *in, off_t size)
{
	if (size <= 0)
		return GH_OK;
	if ((uint64_t)size > SIZE_MAX / 2)
		return refuse(ctx, in->name, "is larger than this machine's address space");
	void *ptr = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, in->fd, 0);
	if (ptr == MAP_FAILED)
		return refuse(ctx, in->name, gh_errno_text(errno));
	in->bytes = gh_view(ptr, (size_t)size);
	return GH_OK;
}

/* Reads until the end; waits also where somebody made the pipe non-blocking. */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	for (;;) {
		ssize_t n = read(fd, buf, size);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		if (errno == EAGAIN && poll(&wait, 1, -1) < 0 && errno != EINTR)
			return -1;
	}
}

static bool write_all(int fd, const uint8_t *ptr, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, ptr, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		ptr += n;
		len -= (size_t)n;
	}
	return true;
}

static gh_code spool(gh_ctx *ctx, int from, uint64_t most, gh_input *in)
{
	uint8_t *step = gh_arena_alloc(ctx->scratch, SPOOL_STEP);
	if (!step)
		return gh_nomem(ctx);
	in->fd = memfd_create("gifthorse-input", MFD_CLOEXEC);
	if (in->fd < 0)
		return refuse(ctx, in->name, gh_errno_text(errno));
	uint64_t size = 0;
	for (;;) {
		ssize_t n = read_some(from, step, SPOOL_STEP);
		if (n < 0)
			return refuse(ctx, in->name, gh_errno_text(errno));
		if (n == 0)
			return map(ctx, in, (off_t)size);
		size += (uint64_t)n;
		if (size > most)
			return gh_fail(ctx, GH_IO, most, "%s: more than %llu bytes came through the pipe", in->name,
				       (unsigned long long)most);
		if (!write_all(in->fd, step, (size_t)n))
			return refuse(ctx, in->name, gh_errno_text(errno));
	}
}

/* NULL for what can be mapped. */
static const char *why_not(mode_t mode)
{
	if (S_ISREG(mode))
		return NULL;
	if (S_ISDIR(mode))
		return "is a directory";
	if (S_ISFIFO(mode))
		return "is a FIFO: pipe it to '-' instead";
	if (S_ISSOCK(mode))
		return "is a socket";
	return S_ISBLK(mode) || S_ISCHR(mode) ? "is a device: copy it to a file first" : "is not a file";
}

static gh_code open_standard(gh_ctx *ctx, uint64_t most, gh_input *in)
{
	struct stat st;
	in->name = "standard input";
	if (fstat(STDIN_FILENO, &st) != 0)
		return refuse(ctx, in->name, "is closed");
	if (S_ISREG(st.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0) {
		in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		return in->fd < 0 ? refuse(ctx, in->name, gh_errno_text(errno)) : map(ctx, in, st.st_size);
	}
	if (S_ISDIR(st.st_mode))
		return refuse(ctx, in->name, why_not(st.st_mode));
	if (gh_tty(STDIN_FILENO))
		return refuse(ctx, in->name, "is a terminal: pipe an image to it");
	return spool(ctx, STDIN_FILENO, most, in);
}

static gh_code open_named(gh_ctx *ctx, const char *path, gh_input *in)
{
	struct stat st;
	in->name = path;
	/* O_NONBLOCK: a FIFO must not hold us until somebody writes; O_NOCTTY: nor a terminal adopt us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		int error = errno;
		/* a socket or an unreadable FIFO says so better than open does */
		bool told = (error == ENXIO || error == EACCES) && stat(path, &st) == 0 && why_not(st.st_mode);
		return refuse(ctx, path, told && !S_ISDIR(st.st_mode) ? why_not(st.st_mode) : gh_errno_text(error));
	}
	/* where standard descriptors are closed: the worker makes /dev/null of the first three */
	in->fd = fd;
	if (fd < 3) {
		in->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		(void)close(fd);
	}
	if (in->fd < 0 || fstat(in->fd, &st) != 0)
		return refuse(ctx, path, gh_errno_text(errno));
	const char *why = why_not(st.st_mode);
	return why ? refuse(ctx, path, why) : map(ctx, in, st.st_size);
}

gh_code gh_input_open(gh_ctx *ctx, const char *path, uint64_t max_pipe, gh_input *ret)
{
	gh_input in = { .fd = -1 };
	gh_code code = strcmp(path, "-") == 0 ? open_standard(ctx, max_pipe ? max_pipe : GH_GIB(4), &in)
					      : open_named(ctx, path, &in);
	if (code == GH_OK)
		*ret = in;
	else
		gh_input_close(&in);
	return code;
}

void gh_input_close(gh_input *in)
{
	if (in->bytes.len > 0) {
		/* the view is const for everybody else; munmap wants the address alone */
		(void)munmap((void *)(uintptr_t)in->bytes.ptr, in->bytes.len);
	}
	if (in->fd >= 0)
		(void)close(in->fd);
	*in = (gh_input){ .fd = -1 };
}

/* An image of this size may stay in memory as a whole. */
enum { SMALL = 32 << 20 };

void gh_input_behind(void *arg, const void *ptr, size_t len)
{
	const gh_bytes *mapping = arg;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = (uintptr_t)mapping->ptr, last = first + mapping->len;
	uintptr_t from = GH_MAX((uintptr_t)ptr, first), to = GH_MIN((uintptr_t)ptr + len, last);
	if (mapping->len < SMALL || from >= to)
		return;
	from = (from + page - 1) & ~(page - 1);
	to &= ~(page - 1);
	if (from < to)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}
