/* SPDX-License-Identifier: Apache-2.0 */
#include "host/cage_in.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/path_in.h"

enum { FILES = 256, TASKS = 16384, MOST_KEPT = 32 };

void gh_cage_say(char text[GH_CAGE_TEXT], const char *fmt, ...)
{
	size_t at = strlen(text);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text + at, GH_CAGE_TEXT - at, fmt, args);
	va_end(args);
}

static bool kept(const gh_cage *cage, int fd)
{
	for (size_t i = 0; i < cage->n_keep; i++)
		if (cage->keep[i] == fd)
			return true;
	return fd == cage->output;
}

/* Kernels before 5.9 have no close_range; descriptors beyond the limit cannot be there. */
static int close_between(unsigned first, unsigned last)
{
	if (first > last || close_range(first, last, 0) == 0)
		return 0;
	struct rlimit files;
	if (errno != ENOSYS || getrlimit(RLIMIT_NOFILE, &files) != 0)
		return -1;
	unsigned end = (unsigned)GH_MIN((rlim_t)last, GH_MIN(files.rlim_cur, (rlim_t)1 << 20));
	for (unsigned fd = first; fd <= end; fd++)
		(void)close((int)fd);
	return 0;
}

static int close_strangers(const gh_cage *cage)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++) {
#ifdef GH_SANITIZED
		if (fd == 2) /* where the sanitizers tell what they found */
			continue;
#endif
		/* in a jail without /dev/null the three are closed; nothing in the cage opens anything */
		if (kept(cage, fd) || fd == null)
			continue;
		if (null < 0)
			(void)close(fd);
		else if (dup2(null, fd) < 0)
			return -1;
	}
	unsigned next = 3;
	for (;;) {
		/* the smallest kept one from `next` on: kept ones are few */
		unsigned stop = UINT32_MAX;
		for (size_t i = 0; i <= cage->n_keep; i++) {
			int fd = i < cage->n_keep ? cage->keep[i] : cage->output;
			if (fd >= 0 && (unsigned)fd >= next && (unsigned)fd < stop)
				stop = (unsigned)fd;
		}
		if (stop == UINT32_MAX)
			return close_between(next, UINT32_MAX);
		if (stop > next && close_between(next, stop - 1) != 0)
			return -1;
		next = stop + 1;
	}
}

/* Both limits to `most`, or to the hard one where that is lower already. */
static int lower(__rlimit_resource_t what, uint64_t most)
{
	struct rlimit now;
	if (getrlimit(what, &now) != 0)
		return -1;
	rlim_t to = (rlim_t)GH_MIN(most, (uint64_t)now.rlim_max);
	return setrlimit(what, &(struct rlimit){ to, to });
}

static int set_limits(const gh_cage *cage)
{
	int bad = lower(RLIMIT_CORE, 0) | lower(RLIMIT_NOFILE, cage->files ? cage->files : FILES);
	/* NPROC counts all tasks of the user and does not bind root: a net below seccomp's, no more */
	bad |= lower(RLIMIT_NPROC, TASKS) | lower(RLIMIT_MEMLOCK, 0) | lower(RLIMIT_MSGQUEUE, 0);
#ifndef GH_SANITIZED
	if (cage->memory)
		bad |= lower(RLIMIT_AS, cage->memory);
#endif
	if (cage->cpu_s) /* the soft limit's SIGXCPU kills as well; the hard one is SIGKILL */
		bad |= lower(RLIMIT_CPU, cage->cpu_s);
	if (cage->output < 0 || cage->file_size)
		bad |= lower(RLIMIT_FSIZE, cage->file_size);
	/* a write beyond the limit is an error to be told, not a death */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		bad = -1;
	return bad;
}

gh_code gh_cage_enter(gh_ctx *ctx, const gh_cage *cage, char text[GH_CAGE_TEXT])
{
	char lacks[GH_CAGE_TEXT] = "";
	text[0] = 0;
	if (cage->n_keep > MOST_KEPT)
		return gh_fail(ctx, GH_IO, 0, "%zu descriptors to keep are too many", cage->n_keep);
	if (close_strangers(cage) != 0)
		return gh_fail(ctx, GH_IO, 0, "cannot close descriptors: %s", gh_errno_text(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return gh_fail(ctx, GH_IO, 0, "cannot give up new privileges: %s", gh_errno_text(errno));
#ifndef GH_SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no other process of this user looks in here */
#endif
	if (set_limits(cage) != 0)
		return gh_fail(ctx, GH_IO, 0, "cannot set limits: %s", gh_errno_text(errno));
	gh_cage_say(text, "rlimits");
	gh_code code = gh_cage_landlock(ctx, cage, text, lacks);
	if (code == GH_OK)
		code = gh_cage_seccomp(ctx, cage, text, lacks);
#ifdef GH_SANITIZED
	gh_cage_say(lacks, "; built with sanitizers: no memory limit, more calls");
#endif
	gh_cage_say(text, "%s", lacks);
	return code;
}
