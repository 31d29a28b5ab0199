/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/input - an image on disk, or on standard input, as a view.
 *
 * A regular file is mapped read-only and private; what comes through a pipe is first spooled into
 * memory that has no name. A FIFO, device, socket or folder is refused in one line, never waited
 * for. An empty file is a fine input of no bytes.
 *
 *	gh_input in;
 *	if (gh_input_open(ctx, "image.bin", 0, &in) != GH_OK)
 *		… ctx->what is "image.bin: is a directory" …
 *	look_at(in.bytes);
 *	gh_input_close(&in);
 *
 * A file that another program shortens while it is mapped makes reading it die of SIGBUS. Only the
 * caged worker reads, and a worker that dies becomes a line of the report: so that is borne.
 */
#ifndef GH_HOST_INPUT_H
#define GH_HOST_INPUT_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef struct gh_input {
	int         fd;    /* close-on-exec, above 2; the mapping lives without it */
	gh_bytes    bytes; /* survives fork; gone with gh_input_close */
	const char *name;  /* as the user wrote it; "standard input" for "-" */
} gh_input;

/* `path` is borrowed. `max_pipe` bounds what is spooled from a pipe; 0: 4 GiB. */
gh_code gh_input_open(gh_ctx *ctx, const char *path, uint64_t max_pipe, gh_input *ret) GH_MUST;
/* A folder of files that are one device (mtd0, mtd1, …): a tar of them, in the order of their names. A file that
 * cannot be read is trouble, not a silent gap. */
gh_code gh_input_open_folder(gh_ctx *ctx, const char *folder, gh_input *ret) GH_MUST;
void    gh_input_close(gh_input *in);

/* Lets the pages of a mapping go that lie wholly in [ptr, ptr+len); they come back when they are read
 * again. Small mappings are left alone. For gh_budget.behind: `arg` is the view that gh_input_open gave, other bytes are left alone. */
void gh_input_behind(void *arg, const void *ptr, size_t len);

/* Is it a folder, so that gh_input_walk is meant? False also where nothing can be seen. */
bool gh_input_is_folder(const char *path);

typedef struct gh_walk {
	void    *arg;
	/* A regular file; the path lives in ctx->arena. Another code than GH_OK ends the walk. */
	gh_code (*file)(void *arg, const char *path);
	/* A folder or name that cannot be read, in one line with its path; the walk goes on. */
	void    (*trouble)(void *arg, const char *path, const char *line);
} gh_walk;

/* Every regular file below `folder`, in byte order of the paths, following no links. What is neither
 * file nor folder is passed over. GH_OK also when parts could not be read: those were told. */
gh_code gh_input_walk(gh_ctx *ctx, const char *folder, const gh_walk *walk) GH_MUST;

#endif
