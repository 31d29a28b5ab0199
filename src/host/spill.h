/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/spill - room on disk for what is too large for memory: a file without a name, mapped.
 *
 * It is opened before a worker is forked and inherited as a mapping, so that the cage need not know of it. What
 * lies in it can be read and written like memory, and leaves memory when nobody looks at it.
 *
 *	gh_spill spill;
 *	gh_spill_open(&spill, GH_GIB(2));              // no room, no disk: then it stays empty and takes nothing
 *	gh_arena_use(arena, &spill.store);
 *	… gh_spill_behind(&spill, ptr, len) …          // these bytes are not needed for now
 *	gh_spill_close(&spill);
 */
#ifndef GH_HOST_SPILL_H
#define GH_HOST_SPILL_H

#include <pthread.h>

#include "base/arena.h"

enum { GH_SPILL_HOLES = 64 };

typedef struct gh_spill {
	gh_store        store; /* its arg is this spill: it must not be moved */
	uint8_t        *ptr;
	size_t          size, used; /* used: nothing lies behind */
	pthread_mutex_t lock;
	struct {
		size_t at, size;
	} holes[GH_SPILL_HOLES]; /* given back, and not at the end */
	size_t n_holes;
} gh_spill;

/* An open file without a name, in $TMPDIR, /var/tmp or memory; -1: none can be made. */
int gh_nameless_file(void);

/* At most `size` bytes, and at most half of what the disk has left, in $TMPDIR or /var/tmp. */
void gh_spill_open(gh_spill *spill, size_t size);
void gh_spill_close(gh_spill *spill);

/* Lets the pages go that lie wholly in [ptr, ptr+len), if they are of the spill; their bytes stay. */
void gh_spill_behind(gh_spill *spill, const void *ptr, size_t len);

#endif
