/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and finishing an output: staging, the top-level names, all or none of them. */
#include "host/output_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/path_in.h"

enum { TRIES = 100 };

#define PARTIAL ".gifthorse-partial-"

static gh_code refuse(gh_ctx *ctx, const char *target, const char *name, const char *why)
{
	char shown[GH_PATH_SHOWN];
	return gh_fail(ctx, GH_IO, 0, "%s%s%s: %s", gh_path_shown(target, shown), *name ? "/" : "", name, why);
}

static int open_target(const char *target)
{
	if (mkdir(target, 0755) != 0 && errno != EEXIST)
		return -1;
	/* the user may name a link to a folder: his own word is the one that is followed */
	int fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fd > 2)
		return fd;
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	(void)close(fd);
	return higher;
}

static int open_staging(gh_output *out)
{
	for (int i = 0; i < TRIES; i++) {
		char more[16] = "";
		if (i > 0)
			(void)snprintf(more, sizeof more, "-%d", i + 1);
		(void)snprintf(out->staging_name, sizeof out->staging_name, PARTIAL "%ld%s", (long)getpid(), more);
		if (mkdirat(out->target, out->staging_name, 0700) == 0)
			return gh_open_beneath(out->target, out->staging_name, O_RDONLY | O_DIRECTORY, 0);
		if (errno != EEXIST)
			break;
	}
	return -1;
}

gh_code gh_output_open(gh_ctx *ctx, const char *target, bool force, gh_output **ret)
{
	gh_arena *arena = gh_arena_new(GH_GIB(1));
	gh_output *out = gh_arena_zalloc(ctx->arena, sizeof *out);
	uint32_t root;
	if (!arena || !out) {
		gh_arena_free(arena);
		return gh_nomem(ctx);
	}
	out->arena = arena;
	out->target_path = target;
	out->force = force;
	out->target = out->staging = -1;
	for (size_t i = 0; i < GH_FOLDER_SLOTS; i++)
		out->slots[i].fd = -1;
	(void)pthread_mutex_init(&out->lock, NULL);
	/* no chance from the kernel yet: a seed that can be guessed makes a table slow, not wrong */
	if (getrandom(out->seed, sizeof out->seed, GRND_NONBLOCK) != (ssize_t)sizeof out->seed)
		out->seed[0] = (uint64_t)getpid();
	gh_code code = gh_plan_folder(ctx, out, 0, GH_LIT(""), NULL, &root);
	if (code == GH_OK) {
		out->folders[root].made = true;
		out->target = open_target(target);
		out->staging = out->target >= 0 ? open_staging(out) : -1;
		if (out->staging < 0)
			code = refuse(ctx, target, "", errno == ENOTDIR ? "is not a folder" : gh_errno_text(errno));
	}
	if (code == GH_OK) {
		out->left = gh_arena_printf(ctx->arena, "%s/%s", target, out->staging_name);
		code = out->left ? GH_OK : gh_nomem(ctx);
	}
	if (code != GH_OK)
		(void)gh_output_close(out);
	else
		*ret = out;
	return code;
}

int gh_output_target_fd(const gh_output *out)
{
	return out->target;
}

int gh_output_staging_fd(const gh_output *out)
{
	return out->staging;
}

static bool exists(int dir, const char *name)
{
	struct stat st;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static gh_code add_top(gh_ctx *ctx, gh_output *out, const char *name)
{
	if (out->n_tops == out->tops_room) {
		size_t room = out->tops_room ? out->tops_room * 2 : 16, size = sizeof *out->tops;
		struct top *tops = gh_arena_grow(out->arena, out->tops, out->n_tops * size, room * size);
		if (!tops)
			return gh_nomem(ctx);
		out->tops = tops;
		out->tops_room = room;
	}
	out->tops[out->n_tops++] = (struct top){ .name = name };
	return GH_OK;
}

gh_code gh_output_top(gh_ctx *ctx, gh_output *out, const char *name, gh_place_kind kind, gh_place *ret)
{
	const gh_place staging = { .kind = GH_PLACE_DIR };
	gh_bytes part = gh_view_text(name);
	if (part.len == 0 || part.len > GH_NAME_MOST - 16 || name[0] == '.' || strchr(name, '/'))
		return gh_fail(ctx, GH_IO, 0, "\"%s\" cannot be the name of an output", name);
	char *copy = gh_arena_text(out->arena, name, part.len);
	if (!copy)
		return gh_nomem(ctx);
	gh_place place;
	gh_code code = gh_output_plan(ctx, out, &staging, gh_view_text(copy), kind, &place);
	if (code != GH_OK)
		return code;
	(void)pthread_mutex_lock(&out->lock);
	const char *used = gh_arena_text(out->arena, place.name, place.len);
	if (!used)
		code = gh_nomem(ctx);
	else if (!out->force && exists(out->target, used))
		code = refuse(ctx, out->target_path, used, "exists already");
	else
		code = add_top(ctx, out, used);
	(void)pthread_mutex_unlock(&out->lock);
	if (code == GH_OK)
		*ret = place;
	return code;
}

gh_output_counts gh_output_count(gh_output *out)
{
	return (gh_output_counts){ out->files, out->dirs, out->links, out->bytes, out->missing, out->renamed };
}

/* The file system has neither RENAME_NOREPLACE nor RENAME_EXCHANGE (NFS, FAT): look, then move. Two
 * runs may then meet between the two; a folder with content is never replaced even so. */
static int publish_plainly(gh_output *out, struct top *t, const char *aside)
{
	if (exists(out->target, t->name)) {
		if (!out->force)
			return EEXIST;
		if (renameat2(out->target, t->name, out->staging, aside, 0) != 0)
			return errno;
		t->state = TOP_ASIDE;
	}
	if (renameat2(out->staging, t->name, out->target, t->name, 0) != 0)
		return errno;
	t->state = t->state == TOP_ASIDE ? TOP_ASIDE : TOP_MOVED;
	return 0;
}

/* An errno, or 0 and t->state. What was there before is in staging then. */
static int publish(gh_output *out, struct top *t, const char *aside)
{
	if (!exists(out->staging, t->name)) /* planned, and nothing was ever written to it */
		return 0;
	if (renameat2(out->staging, t->name, out->target, t->name, RENAME_NOREPLACE) == 0) {
		t->state = TOP_MOVED;
		return 0;
	}
	if (errno == EEXIST && out->force &&
	    renameat2(out->staging, t->name, out->target, t->name, RENAME_EXCHANGE) == 0) {
		t->state = TOP_EXCHANGED;
		return 0;
	}
	return errno == EINVAL || errno == ENOSYS ? publish_plainly(out, t, aside) : errno;
}

static void take_back(gh_output *out, struct top *t, const char *aside)
{
	if (t->state == TOP_EXCHANGED)
		(void)renameat2(out->staging, t->name, out->target, t->name, RENAME_EXCHANGE);
	if (t->state == TOP_MOVED || t->state == TOP_ASIDE)
		(void)renameat2(out->target, t->name, out->staging, t->name, 0);
	if (t->state == TOP_ASIDE)
		(void)renameat2(out->staging, aside, out->target, t->name, 0);
	t->state = TOP_STAGED;
}

static void aside_name(char aside[48], size_t i)
{
	(void)snprintf(aside, 48, ".gifthorse-before-%zu", i);
}

static void close_folders(gh_output *out)
{
	for (size_t i = 0; i < GH_FOLDER_SLOTS; i++) {
		if (out->slots[i].fd >= 0)
			(void)close(out->slots[i].fd);
		out->slots[i].fd = -1;
	}
}

/* Whoever stops at the first failure never asks for the rest: what was planned and not made is missing. */
static gh_code tell_half(gh_ctx *ctx, const gh_output *out)
{
	char shown[GH_PATH_SHOWN];
	uint64_t made = out->files + out->links, planned = out->planned;
	uint64_t missing = GH_MAX((uint64_t)out->missing, planned > made ? planned - made : 0);
	return gh_fail(ctx, GH_IO, 0, "%s: %llu missing, half-written: %s", gh_errno_text(out->error),
		       (unsigned long long)missing, gh_path_shown(out->left, shown));
}

static gh_code clear_staging(gh_ctx *ctx, gh_output *out)
{
	int error = gh_sweep(out->staging);
	if (error == 0 && unlinkat(out->target, out->staging_name, AT_REMOVEDIR) == 0)
		return GH_OK;
	return refuse(ctx, out->left, "", gh_errno_text(error ? error : errno));
}

gh_code gh_output_finish(gh_ctx *ctx, gh_output *out)
{
	char aside[48];
	int error = 0;
	size_t i = 0;
	close_folders(out);
	if (out->failed)
		return tell_half(ctx, out);
	for (; i < out->n_tops && error == 0; i++) {
		aside_name(aside, i);
		error = publish(out, &out->tops[i], aside);
	}
	if (error == 0) {
		out->finished = true;
		return clear_staging(ctx, out);
	}
	gh_code code = refuse(ctx, out->target_path, out->tops[i - 1].name, gh_errno_text(error));
	while (i-- > 0) {
		aside_name(aside, i);
		take_back(out, &out->tops[i], aside);
	}
	if (error == EEXIST) { /* another run was first */
		gh_ctx aim = *ctx;
		(void)clear_staging(&aim, out);
	}
	return code;
}

const char *gh_output_close(gh_output *out)
{
	if (!out)
		return NULL;
	const char *left = NULL;
	close_folders(out);
	if (out->staging >= 0) {
		(void)close(out->staging);
		if (unlinkat(out->target, out->staging_name, AT_REMOVEDIR) != 0 && errno != ENOENT)
			left = out->left;
	}
	if (out->target >= 0)
		(void)close(out->target);
	(void)pthread_mutex_destroy(&out->lock);
	gh_arena_free(out->arena);
	return left;
}

void gh_output_discard(gh_output *out)
{
	gh_ctx nobody = { .arena = NULL };
	if (out && out->staging >= 0)
		(void)clear_staging(&nobody, out);
	(void)gh_output_close(out);
}
