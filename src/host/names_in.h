/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/names_in - one component of a path of an image, made into a name that can be.
 */
#ifndef GH_HOST_NAMES_IN_H
#define GH_HOST_NAMES_IN_H

#include "base/arena.h"
#include "bytes/view.h"

/* The component itself where it can be a name (borrowed), otherwise a copy with the offending bytes as
 * %xx, at most 255 bytes, and the reason. A view of no pointer: out of memory. */
gh_bytes gh_name_safe(gh_arena *arena, gh_bytes part, const char **ret_why) GH_MUST;

/* Only letters, digits and "._-+%", at most 100 bytes: for file systems with opinions. */
gh_bytes gh_name_plain(gh_arena *arena, gh_bytes part) GH_MUST;

/* SipHash-1-3: hostile names must not meet in one place of a table. */
uint64_t gh_name_hash(const uint64_t seed[2], uint64_t folder, gh_bytes name);

#endif
