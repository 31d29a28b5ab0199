/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/extents_in - which bytes of a volume hold something, gathered on a walk from front to back. A wall.
 */
#ifndef GH_FORMAT_FLASH_EXTENTS_IN_H
#define GH_FORMAT_FLASH_EXTENTS_IN_H

#include "format/room_in.h"

typedef struct gh_extents {
	gh_extent *items;
	size_t     count, room;
} gh_extents;

/* Adds bytes that stand behind all others; what touches the last extent makes it longer. */
gh_code  gh_extents_add(gh_ctx *ctx, gh_extents *e, uint64_t at, uint64_t size) GH_MUST;
uint64_t gh_extents_end(const gh_extents *e); /* where the last one ends; 0: there is none */
/* Gives them to a volume that stands at `pos`. Once: they are moved. */
void     gh_extents_to(gh_extents *e, uint64_t pos, gh_volume *volume);

#endif
