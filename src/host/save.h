/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/save - one file of our own making, whole or not at all.
 *
 *	gh_save save;
 *	code = gh_save_begin(ctx, "folder", "report.json", false, &save);
 *	… fprintf(save.out, …) …
 *	code = gh_save_end(ctx, &save, ok);
 */
#ifndef GH_HOST_SAVE_H
#define GH_HOST_SAVE_H

#include <stdio.h>

#include "base/ctx.h"

typedef struct gh_save {
	FILE       *out;
	int         folder;
	const char *name;      /* borrowed */
	char        temporary[64];
	bool        force;
} gh_save;

/* A file beside the one it will be. GH_IO: "folder/name exists already", or cannot be made. */
gh_code gh_save_begin(gh_ctx *ctx, const char *folder, const char *name, bool force, gh_save *ret) GH_MUST;

/* Gives it its name if `ok` and all was written; otherwise nothing is left of it. */
gh_code gh_save_end(gh_ctx *ctx, gh_save *save, bool ok) GH_MUST;

#endif
