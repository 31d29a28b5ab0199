/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/clock - the few questions about this machine: what time, how many processors, a terminal?
 */
#ifndef GH_HOST_CLOCK_H
#define GH_HOST_CLOCK_H

#include "base/base.h"

/* Milliseconds of a clock that nobody sets: only differences mean something. */
uint64_t gh_clock_ms(void);

/* Processors this process may run on, at least 1. */
unsigned gh_cpus(void);

bool     gh_tty(int fd);
unsigned gh_tty_columns(int fd); /* 0: not a terminal, or it does not tell */

#endif
