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
	struct stat st;
	int into = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (into < 0)
		return refuse(ctx, folder, errno);
	if (!force && fstatat(into, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)close(into);
		return refuse(ctx, name, EEXIST);
	}
	*ret = (gh_save){ .folder = into, .name = name, .force = force };
	(void)snprintf(ret->temporary, sizeof ret->temporary, ".gifthorse-partial-%ld.tmp", (long)getpid());
	int fd = openat(into, ret->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	ret->out = fd >= 0 ? fdopen(fd, "w") : NULL; /* owns the descriptor from here on */
	if (ret->out) {
		(void)setvbuf(ret->out, NULL, _IOFBF, BUFFER);
		return GH_OK;
	}
	int error = errno;
	if (fd >= 0) {
		(void)close(fd);
		(void)unlinkat(into, ret->temporary, 0);
	}
	(void)close(into);
	return refuse(ctx, name, error);
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
