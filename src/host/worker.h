/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/worker - functions that run in caged processes of their own, and one loop that hears them.
 *
 * The parent trusts nothing that arrives: bytes are handed on as they come, with a ceiling and a
 * time limit, and every way to end is an ordinary answer.
 *
 *	static int look(void *arg, int out, const char *cage) { … write(out, …); return 0; }
 *
 *	gh_workers *set = gh_workers_new(ctx, 2);
 *	gh_worker_job job = { .run = look, .bytes = hear, .done = ended, .arg = &mine,
 *	                      .cage = { .output = -1, .memory = GH_GIB(4) }, .timeout_ms = 60000 };
 *	code = gh_worker_start(ctx, set, &job, &slot);
 *	while (gh_workers_running(set) > 0)
 *		code = gh_workers_poll(ctx, set, 1000);
 *	gh_workers_free(set);
 *
 * Start workers from a single-threaded process: they are forks. They die with their parent, however
 * it dies. What the job needs is in memory (mappings of the input are inherited) or in cage.keep.
 */
#ifndef GH_HOST_WORKER_H
#define GH_HOST_WORKER_H

#include "bytes/view.h"
#include "host/cage.h"

typedef enum gh_worker_end {
	GH_WORKER_EXITED,    /* code: what run returned, 0 … 99                  */
	GH_WORKER_SIGNALLED, /* code: the signal                                 */
	GH_WORKER_TIMED_OUT, /* killed after timeout_ms                          */
	GH_WORKER_FLOODED,   /* killed after saying more than max_bytes          */
	GH_WORKER_CANCELLED, /* killed by gh_worker_cancel, or `bytes` said stop */
	GH_WORKER_UNCAGED,   /* the cage could not be closed; run was not called */
} gh_worker_end;

typedef struct gh_worker_result {
	gh_worker_end end;
	int      code;
	uint64_t bytes;    /* heard */
	uint64_t cpu_ms;   /* processor time it took */
	uint64_t peak_kib; /* most memory it held resident */
} gh_worker_result;

typedef struct gh_worker_job {
	/* In the child, caged: `out` is the pipe to the parent, `cage` the text of gh_cage_enter. */
	int     (*run)(void *arg, int out, const char *cage);
	/* In the parent: bytes that arrived, at most 64 KiB at a time, in order. While it runs the worker
	 * waits at its full pipe. Another code than GH_OK cancels the worker. */
	gh_code (*bytes)(void *arg, gh_bytes more);
	/* In the parent, once, behind the last bytes. A new worker may be started from here. */
	void    (*done)(void *arg, const gh_worker_result *result);
	void     *arg;
	gh_cage   cage;
	uint64_t  timeout_ms; /* by the clock on the wall; 0: none */
	uint64_t  max_bytes;  /* 0: none */
} gh_worker_job;

typedef struct gh_workers gh_workers;

/* Room for `most` workers at once, in ctx->arena. NULL: out of memory. */
gh_workers *gh_workers_new(gh_ctx *ctx, unsigned most) GH_MUST;
/* Kills and reaps what still runs, without a word to anybody. NULL is fine. */
void gh_workers_free(gh_workers *set);

/* GH_LIMIT when all places are taken, GH_IO when there can be no new process. The job is copied,
 * what it points to is not. */
gh_code  gh_worker_start(gh_ctx *ctx, gh_workers *set, const gh_worker_job *job, unsigned *ret_slot) GH_MUST;
unsigned gh_workers_running(const gh_workers *set);
/* Stops one; its `done` is called by a later gh_workers_poll. */
void gh_worker_cancel(gh_workers *set, unsigned slot);

/* Waits up to wait_ms (-1: until something happens) and calls back for what happened. Returns at
 * once when nothing runs, and early when a signal arrived. */
gh_code gh_workers_poll(gh_ctx *ctx, gh_workers *set, int wait_ms) GH_MUST;

/* "exited with 2", "signal 11", "timed out", … for logs; lives in `text`. */
const char *gh_worker_end_text(const gh_worker_result *result, char text[48]);

#endif
