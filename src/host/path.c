/* SPDX-License-Identifier: Apache-2.0 */
#include "host/path_in.h"

#include <errno.h>

const char *gh_path_shown(const char *path, char shown[GH_PATH_SHOWN])
{
	static const char dots[] = "...";
	size_t len = strlen(path), at = 0;
	if (len >= GH_PATH_SHOWN) {
		memcpy(shown, dots, sizeof dots - 1);
		at = sizeof dots - 1;
		path += len - (GH_PATH_SHOWN - sizeof dots);
	}
	for (; *path; path++)
		shown[at++] = (unsigned char)*path < 0x20 || *path == 0x7f ? '?' : *path;
	shown[at] = 0;
	return shown;
}

/* Ours and not strerror's: short, and the same in every locale. */
const char *gh_errno_text(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "permission denied";
	case ENOENT:
		return "no such file or directory";
	case ENOTDIR:
		return "a part of the path is not a directory";
	case EISDIR:
		return "is a directory";
	case ELOOP:
		return "too many symbolic links";
	case ENAMETOOLONG:
		return "the name is too long";
	case EMFILE:
	case ENFILE:
		return "too many open files";
	case ENOMEM:
		return "out of memory";
	case EIO:
		return "input/output error";
	case ENXIO:
		return "is a socket or a device without a driver";
	case ENOSPC:
		return "no space left on the device";
	case EDQUOT:
		return "the disk quota is used up";
	case EFBIG:
		return "the file would be too large";
	case EROFS:
		return "the file system is read-only";
	case EEXIST:
		return "exists already";
	case ENOTEMPTY:
		return "the directory is not empty";
	default:
		return strerrordesc_np(error) ? strerrordesc_np(error) : "unknown error";
	}
}
