/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/path_in - a path as a message shows it: its end where it is long, no control bytes.
 *
 *	return gh_fail(ctx, GH_IO, 0, "%s: is a directory", gh_path_shown(path, shown));
 */
#ifndef GH_HOST_PATH_IN_H
#define GH_HOST_PATH_IN_H

#include "base/base.h"

enum { GH_PATH_SHOWN = 88 };

const char *gh_path_shown(const char *path, char shown[GH_PATH_SHOWN]);

/* errno in words; a constant. */
const char *gh_errno_text(int error);

#endif
