/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/worker_in - one worker, as the parent's loop (workers.c) and the process itself (worker.c) share it.
 *
 * A place is free while pid is 0. `out` is -1 once the worker closed its end; it may live on then.
 */
#ifndef GH_HOST_WORKER_IN_H
#define GH_HOST_WORKER_IN_H

#include <sys/types.h>

#include "host/worker.h"

enum { GH_WORKER_CODES = 99, GH_WORKER_NO_CAGE = 120 };

struct worker {
	gh_worker_job    job;
	gh_worker_result result;
	uint64_t         deadline; /* gh_clock_ms; UINT64_MAX: none */
	pid_t            pid;
	int              out, pidfd; /* -1: none */
	bool             killed;   /* by us, for result.end */
	bool             reaped;
};

/* Fills pid, out, pidfd, deadline. */
gh_code gh_worker_fork(gh_ctx *ctx, struct worker *w) GH_MUST;
void    gh_worker_kill(struct worker *w, gh_worker_end why);
/* True once it is gone; then result is whole. */
bool    gh_worker_reap(struct worker *w, bool wait);

#endif
