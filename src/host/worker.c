/* SPDX-License-Identifier: Apache-2.0 */
/* The child's side of a worker, and how one ends. The parent's loop is in workers.c. */
#include "host/worker_in.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/path_in.h"

enum { MOST_KEPT = 31 };

/* What the parent had set up for itself means nothing here. */
static void forget_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	for (int n = 1; n < 32; n++)
		if (n != SIGKILL && n != SIGSTOP)
			(void)signal(n, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void child(gh_ctx *ctx, const gh_worker_job *job, int out, pid_t parent)
{
	int keep[MOST_KEPT + 1];
	char text[GH_CAGE_TEXT];
	gh_cage cage = job->cage;
	forget_signals();
	/* dies with its parent; who asks too late has been adopted by another one already */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent || cage.n_keep > MOST_KEPT)
		_exit(GH_WORKER_NO_CAGE);
	for (size_t i = 0; i < cage.n_keep; i++)
		keep[i] = cage.keep[i];
	keep[cage.n_keep++] = out;
	cage.keep = keep;
	if (gh_cage_enter(ctx, &cage, text) != GH_OK)
		_exit(GH_WORKER_NO_CAGE);
	int code = job->run(job->arg, out, text);
	/* _exit: nothing of the parent's (its streams, its atexit) is to run here */
	_exit(code >= 0 && code <= GH_WORKER_CODES ? code : GH_WORKER_CODES);
}

/* The reading end above the standard descriptors, whatever of these is closed here. */
static int make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (ends[i] > 2)
			continue;
		int higher = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		(void)close(ends[i]);
		ends[i] = higher;
	}
	if (ends[0] >= 0 && ends[1] >= 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
		return 0;
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			(void)close(ends[i]);
	return -1;
}

gh_code gh_worker_fork(gh_ctx *ctx, struct worker *w)
{
	int ends[2];
	if (make_pipe(ends) != 0)
		return gh_fail(ctx, GH_IO, 0, "no pipe to a worker: %s", gh_errno_text(errno));
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0)
		child(ctx, &w->job, ends[1], parent);
	int error = errno;
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return gh_fail(ctx, GH_IO, 0, "no process for a worker: %s", gh_errno_text(error));
	}
	w->pid = pid;
	w->out = ends[0];
	/* since Linux 5.3; without it the loop looks every few milliseconds */
	w->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	w->deadline = w->job.timeout_ms ? gh_clock_ms() + w->job.timeout_ms : UINT64_MAX;
	return GH_OK;
}

void gh_worker_kill(struct worker *w, gh_worker_end why)
{
	if (w->killed)
		return;
	w->killed = true;
	w->result.end = why;
	if (!w->reaped) /* afterwards the number may be somebody else's */
		(void)kill(w->pid, SIGKILL);
}

bool gh_worker_reap(struct worker *w, bool wait)
{
	struct rusage used;
	int status;
	pid_t got;
	do {
		got = wait4(w->pid, &status, wait ? 0 : WNOHANG, &used);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	w->reaped = true;
	gh_worker_result *r = &w->result;
	if (got < 0) { /* somebody else reaped it: all that is known is that it is gone */
		if (!w->killed)
			*r = (gh_worker_result){ .end = GH_WORKER_SIGNALLED, .code = SIGKILL, .bytes = r->bytes };
		return true;
	}
	r->cpu_ms = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
		    (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
	r->peak_kib = (uint64_t)used.ru_maxrss;
	bool by_us = w->killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (by_us || (w->killed && r->end != GH_WORKER_TIMED_OUT)) {
		r->code = SIGKILL; /* who ended by itself a moment before our time limit did so in time */
	} else if (WIFSIGNALED(status)) {
		r->end = GH_WORKER_SIGNALLED;
		r->code = WTERMSIG(status);
	} else {
		r->code = WEXITSTATUS(status);
		r->end = r->code == GH_WORKER_NO_CAGE ? GH_WORKER_UNCAGED : GH_WORKER_EXITED;
	}
	return true;
}

const char *gh_worker_end_text(const gh_worker_result *result, char text[48])
{
	static const char *const words[] = {
		[GH_WORKER_EXITED] = "exited with",  [GH_WORKER_SIGNALLED] = "signal",
		[GH_WORKER_TIMED_OUT] = "timed out", [GH_WORKER_FLOODED] = "said too much",
		[GH_WORKER_CANCELLED] = "cancelled", [GH_WORKER_UNCAGED] = "the cage could not be closed",
	};
	bool number = result->end <= GH_WORKER_SIGNALLED;
	(void)snprintf(text, 48, number ? "%s %d" : "%s", words[result->end], result->code);
	return text;
}
