/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/ranges_in - which bytes of a file are already known: disjoint ranges in order. A wall.
 *
 * Content of a log is read from the newest record back; what a newer one gave is not asked of an older
 * one. Ranges that touch become one, so a file written in a row is one range, whichever way it is read.
 */
#ifndef GH_FORMAT_FLASH_RANGES_IN_H
#define GH_FORMAT_FLASH_RANGES_IN_H

#include "format/room_in.h"

typedef struct gh_range {
	uint64_t from, to;
} gh_range;

typedef struct gh_ranges {
	gh_range *items;
	size_t    count, room;
	gh_arena *arena;
} gh_ranges;

/* Is any byte of [from, to) in there? */
bool gh_ranges_touch(const gh_ranges *r, uint64_t from, uint64_t to);

/* The first run of [from, to) that is not in there; false when all of it is. */
bool gh_ranges_hole(const gh_ranges *r, uint64_t from, uint64_t to, gh_range *ret);

/* Adds [from, to); moving ranges about is paid as effort. */
gh_code gh_ranges_add(gh_ctx *ctx, gh_ranges *r, uint64_t from, uint64_t to) GH_MUST;

/* How many bytes below `end` are in there. */
uint64_t gh_ranges_sum(const gh_ranges *r, uint64_t end);

#endif
