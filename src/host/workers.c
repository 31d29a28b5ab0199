/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's loop. Each round hears at most one buffer of each worker, so that none drowns the others. */
#include "host/worker_in.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/path_in.h"

/* LAST: buffers read after the end; a pipe holds 1 MiB at most, and where seccomp is missing a
 * grandchild might go on filling it. */
enum { BUFFER = 1 << 16, LOOK_MS = 20, LAST = 32 };

struct gh_workers {
	struct worker *at;
	struct pollfd *polls; /* two for each: its pipe, its end */
	uint8_t *buffer;
	unsigned most, running;
};

gh_workers *gh_workers_new(gh_ctx *ctx, unsigned most)
{
	gh_workers *set = gh_arena_zalloc(ctx->arena, sizeof *set);
	if (!set)
		return NULL;
	set->most = GH_MAX(most, 1u);
	set->at = gh_arena_array(ctx->arena, set->most, sizeof *set->at);
	set->polls = gh_arena_array(ctx->arena, set->most, 2 * sizeof *set->polls);
	set->buffer = gh_arena_alloc(ctx->arena, BUFFER);
	return set->at && set->polls && set->buffer ? set : NULL;
}

unsigned gh_workers_running(const gh_workers *set)
{
	return set->running;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void gh_workers_free(gh_workers *set)
{
	for (unsigned i = 0; set && i < set->most; i++) {
		struct worker *w = &set->at[i];
		if (w->pid == 0)
			continue;
		gh_worker_kill(w, GH_WORKER_CANCELLED);
		(void)gh_worker_reap(w, true);
		close_fd(&w->out);
		close_fd(&w->pidfd);
		w->pid = 0;
		set->running--;
	}
}

gh_code gh_worker_start(gh_ctx *ctx, gh_workers *set, const gh_worker_job *job, unsigned *ret_slot)
{
	unsigned slot = 0;
	while (slot < set->most && set->at[slot].pid != 0)
		slot++;
	if (slot == set->most)
		return gh_fail(ctx, GH_LIMIT, 0, "%u workers are running already", set->most);
	struct worker w = { .job = *job, .out = -1, .pidfd = -1 };
	gh_code code = gh_worker_fork(ctx, &w);
	if (code != GH_OK)
		return code;
	set->at[slot] = w;
	set->running++;
	*ret_slot = slot;
	return GH_OK;
}

void gh_worker_cancel(gh_workers *set, unsigned slot)
{
	if (slot < set->most && set->at[slot].pid != 0)
		gh_worker_kill(&set->at[slot], GH_WORKER_CANCELLED);
}

/* One read of its pipe: true while there may be more at once. */
static bool hear(gh_workers *set, struct worker *w)
{
	if (w->out < 0)
		return false;
	ssize_t n = read(w->out, set->buffer, BUFFER);
	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		close_fd(&w->out);
		return false;
	}
	if (w->killed) /* said after the verdict: read, so that the pipe empties, and not passed on */
		return true;
	w->result.bytes += (uint64_t)n;
	if (w->job.max_bytes && w->result.bytes > w->job.max_bytes)
		gh_worker_kill(w, GH_WORKER_FLOODED);
	else if (w->job.bytes && w->job.bytes(w->job.arg, gh_view(set->buffer, (size_t)n)) != GH_OK)
		gh_worker_kill(w, GH_WORKER_CANCELLED);
	return true;
}

/* Gone and reaped: what is still in the pipe was written before its end. */
static void bury(gh_workers *set, struct worker *w)
{
	for (int i = 0; i < LAST && hear(set, w); i++)
		;
	gh_worker_job job = w->job; /* copies, since `done` may start the next worker in this place */
	gh_worker_result result = w->result;
	close_fd(&w->out);
	close_fd(&w->pidfd);
	w->pid = 0;
	set->running--;
	if (job.done)
		job.done(job.arg, &result);
}

static int time_left(const gh_workers *set, int wait_ms)
{
	uint64_t now = gh_clock_ms(), left = wait_ms < 0 ? UINT64_MAX : (uint64_t)wait_ms;
	for (unsigned i = 0; i < set->most; i++) {
		const struct worker *w = &set->at[i];
		if (w->pid == 0)
			continue;
		if (!w->killed && w->deadline != UINT64_MAX)
			left = GH_MIN(left, w->deadline > now ? w->deadline - now : 0);
		if (w->pidfd < 0)
			left = GH_MIN(left, (uint64_t)LOOK_MS);
	}
	return left == UINT64_MAX ? -1 : (int)GH_MIN(left, (uint64_t)INT32_MAX);
}

gh_code gh_workers_poll(gh_ctx *ctx, gh_workers *set, int wait_ms)
{
	if (set->running == 0)
		return GH_OK;
	for (unsigned i = 0; i < set->most; i++) {
		const struct worker *w = &set->at[i];
		bool there = w->pid != 0;
		set->polls[2 * i] = (struct pollfd){ .fd = there ? w->out : -1, .events = POLLIN };
		set->polls[2 * i + 1] = (struct pollfd){ .fd = there ? w->pidfd : -1, .events = POLLIN };
	}
	int n = poll(set->polls, 2 * (nfds_t)set->most, time_left(set, wait_ms));
	if (n < 0 && errno == EINTR)
		return GH_OK;
	if (n < 0)
		return gh_fail(ctx, GH_IO, 0, "cannot wait for workers: %s", gh_errno_text(errno));
	uint64_t now = gh_clock_ms();
	for (unsigned i = 0; i < set->most; i++) {
		struct worker *w = &set->at[i];
		/* a worker that `done` started in this very round has no answer in polls yet */
		if (w->pid == 0 || (set->polls[2 * i].fd < 0 && set->polls[2 * i + 1].fd < 0 && w->pidfd >= 0))
			continue;
		if (set->polls[2 * i].revents)
			(void)hear(set, w);
		if (now >= w->deadline)
			gh_worker_kill(w, GH_WORKER_TIMED_OUT);
		if ((w->pidfd < 0 || set->polls[2 * i + 1].revents) && gh_worker_reap(w, false))
			bury(set, w);
	}
	return GH_OK;
}
