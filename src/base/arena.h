/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/arena - memory that lives and dies together.
 *
 * Results live in an arena and die with it; nobody frees a part. Every arena has a ceiling given
 * at birth: unbounded growth does not exist here. Objects of 32 KiB and more get a block of their
 * own, which gh_arena_grow may resize in place. Not for two threads at once.
 *
 * GH_FAIL_AT=n in the environment lets the n-th allocation of the process fail (tests only, builds
 * with -DGH_TORTURE). With -DGH_ARENA_EXACT every object is a malloc of its own, so that address
 * sanitizer sees both of its edges.
 */
#ifndef GH_BASE_ARENA_H
#define GH_BASE_ARENA_H

#include "base/base.h"

typedef struct gh_arena gh_arena;

/* Where very large objects may live instead of memory: a file, say. take() gives NULL when it is full. */
typedef struct gh_store {
	void  *arg;
	void *(*take)(void *arg, size_t size);
	void  (*give)(void *arg, void *ptr, size_t size);
} gh_store;

/* A new arena that will never hold more than `ceiling` bytes; NULL when memory is out. */
gh_arena *gh_arena_new(size_t ceiling) GH_MUST;
void      gh_arena_free(gh_arena *arena); /* NULL is fine */

/* Objects of 16 MiB and more go to `store` from now on, as far as it has room; it must outlive the arena. NULL is fine. */
void gh_arena_use(gh_arena *arena, const gh_store *store);

/* Forgets all objects, keeps one chunk for the next round. */
void gh_arena_reset(gh_arena *arena);

/* `size` bytes, zeroed by gh_arena_zalloc, aligned for any type. NULL beyond the ceiling or when
 * memory is out. A size of 0 gives a valid pointer to nothing. */
void *gh_arena_alloc(gh_arena *arena, size_t size) GH_MUST;
void *gh_arena_zalloc(gh_arena *arena, size_t size) GH_MUST;
/* n records of `size` bytes, zeroed; NULL when the product overflows. */
void *gh_arena_array(gh_arena *arena, size_t n, size_t size) GH_MUST;

/* Moves an object of `old` bytes to one of `size`; the old pointer is gone. On NULL it is not. */
void *gh_arena_grow(gh_arena *arena, void *ptr, size_t old, size_t size) GH_MUST;

/* Text copies, always ended by NUL. */
char *gh_arena_text(gh_arena *arena, const void *ptr, size_t len) GH_MUST;
char *gh_arena_printf(gh_arena *arena, const char *fmt, ...) GH_PRINTF(2, 3) GH_MUST;

/* Bytes held from the system now, and how many more the ceiling allows. */
size_t gh_arena_held(const gh_arena *arena);
size_t gh_arena_left(const gh_arena *arena);

#endif
