/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/output_in - one output as its parts share it: output.c opens and finishes, plan.c chooses names,
 * write.c makes files, folders.c keeps descriptors of folders, sweep.c removes.
 *
 * Everything but the counts is under `lock`. Folder 0 is the staging folder.
 */
#ifndef GH_HOST_OUTPUT_IN_H
#define GH_HOST_OUTPUT_IN_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/output.h"

enum {
	GH_NAME_MOST = 255,   /* NAME_MAX */
	GH_FOLDER_SLOTS = 16, /* descriptors kept open */
};

struct folder {
	const char *name; /* not ended by NUL */
	const char *why;
	uint32_t    parent;
	uint32_t    twins;    /* numbers given to names that were taken here */
	uint16_t    path_len; /* below the staging folder */
	uint8_t     len, depth;
	bool        made;
};

/* A name that stands in a folder; or, with `dir`, the folder that an image calls so. */
struct record {
	const char *name;
	uint32_t    parent, hash, dir;
	uint32_t    len : 31, image : 1;
};

struct slot {
	uint32_t dir;
	unsigned users;
	uint64_t used;
	int      fd; /* -1: free */
};

struct top {
	const char *name; /* ended by NUL */
	enum { TOP_STAGED, TOP_MOVED, TOP_EXCHANGED, TOP_ASIDE } state;
};

struct gh_output {
	gh_arena   *arena;
	const char *target_path, *left; /* left: path of the staging folder */
	char        staging_name[48];
	int         target, staging;
	bool        force, finished;

	pthread_mutex_t lock;
	struct folder  *folders;
	size_t          n_folders, folders_room;
	struct record  *records;
	size_t          n_records, records_room; /* a power of two */
	uint64_t        seed[2];
	struct top     *tops;
	size_t          n_tops, tops_room;
	struct slot     slots[GH_FOLDER_SLOTS];
	uint64_t        clock;

	atomic_bool      failed;
	int              error;     /* the first failure; both written once, before `failed` */
	char             what[160];
	_Atomic uint64_t files, dirs, links, bytes, missing, renamed;
	_Atomic uint64_t planned; /* files and links */
};

/* plan.c, all under the lock. A name in folder `dir` that nothing has yet, made from `base`; recorded. */
gh_code gh_plan_free_name(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes base, gh_bytes *ret) GH_MUST;
/* The same with every byte that some file system dislikes written as %xx, and short. */
gh_code gh_plan_plain_name(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes base, gh_bytes *ret) GH_MUST;
gh_code gh_plan_folder(gh_ctx *ctx, gh_output *out, uint32_t parent, gh_bytes name, const char *why,
                       uint32_t *ret) GH_MUST;
/* One step of choosing another name after the file system refused one; false: it is no matter of names. */
bool gh_plan_other_name(gh_ctx *ctx, gh_output *out, uint32_t dir, int error, gh_bytes *name, const char **why);

/* folders.c: a descriptor of a folder, made with those above it when missing; give it back after use. */
gh_code gh_folder_get(gh_ctx *ctx, gh_output *out, uint32_t dir, int *ret_fd) GH_MUST;
void    gh_folder_put(gh_output *out, uint32_t dir, int fd);
int     gh_open_beneath(int dir, const char *name, int flags, unsigned mode);

/* output.c: the first failure stops all writing. */
gh_code gh_output_fail(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes name, int error);
/* The path of a folder, below the target, into ctx->arena; under the lock. */
const char *gh_output_path(gh_ctx *ctx, const gh_output *out, uint32_t dir, gh_bytes name) GH_MUST;

/* sweep.c: removes all that is in a folder of ours; 0 or an errno. */
int gh_sweep(int folder);

#endif
