/* SPDX-License-Identifier: Apache-2.0 */
#include "host/save.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 1 << 18 };

static gh_code refuse(gh_ctx *ctx, const char *name, int error)
{
	return gh_fail(ctx, GH_IO, 0, "%s: %s", name, error == EEXIST ? "exists already" : strerrordesc_np(error));
}

gh_code gh_save_begin(gh_ctx *ctx, const char *folder, const char *name, bool force, gh_save *ret)
{
	gh_save s = { .name = name, .force = force };
	struct stat st;
	s.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s.folder < 0)
		return refuse(ctx, folder, errno);
	if (!force && fstatat(s.folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)close(s.folder);
		return refuse(ctx, name, EEXIST);
	}
	(void)snprintf(s.temporary, sizeof s.temporary, ".gifthorse-partial-%ld.tmp", (long)getpid());
	/* The stream owns the descriptor from fdopen on; fclose gives both back. */
	int fd = openat(s.folder, s.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	s.out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!s.out) {
		int error = errno;
		if (fd >= 0)
			(void)close(fd);
		(void)close(s.folder);
		return refuse(ctx, name, error);
	}
	(void)setvbuf(s.out, NULL, _IOFBF, BUFFER);
	*ret = s;
	return GH_OK;
}

gh_code gh_save_end(gh_ctx *ctx, gh_save *s, bool ok)
{
	int error = 0;
	if (fflush(s->out) != 0 || ferror(s->out))
		error = errno ? errno : EIO;
	if (fclose(s->out) != 0 && error == 0)
		error = errno;
	if (ok && error == 0 &&
	    renameat2(s->folder, s->temporary, s->folder, s->name, s->force ? 0 : RENAME_NOREPLACE) != 0)
		error = errno;
	if (!ok || error != 0)
		(void)unlinkat(s->folder, s->temporary, 0);
	(void)close(s->folder);
	if (!ok && error == 0)
		error = EIO;
	return error == 0 ? GH_OK : refuse(ctx, s->name, error);
}
