/* SPDX-License-Identifier: Apache-2.0 */
#include "host/clock.h"

#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

uint64_t gh_clock_ms(void)
{
	struct timespec now = { 0 };
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

unsigned gh_cpus(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return (unsigned)GH_MAX(CPU_COUNT(&set), 1);
	/* more processors than the set has bits for */
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

bool gh_tty(int fd)
{
	return isatty(fd) == 1;
}

unsigned gh_tty_columns(int fd)
{
	struct winsize size = { 0 };
	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
