/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 16 << 10, BIG = 32 << 10, STORED = 16 << 20, ALIGN = _Alignof(max_align_t) };

/* A block from the system; small objects share one, a big object has its own. */
struct block {
	struct block *next, *prev;
	size_t size; /* usable bytes behind this head */
	bool stored; /* in the arena's store */
	_Alignas(max_align_t) uint8_t bytes[];
};

struct gh_arena {
	struct block *blocks; /* the newest first */
	struct block *open;   /* the block small objects come from */
	size_t used;          /* of the open block */
	size_t held, ceiling;
	const gh_store *store;
};

#ifdef GH_TORTURE
static bool torture_says_no(void)
{
	static long countdown = -1;
	if (countdown < 0) {
		const char *text = getenv("GH_FAIL_AT");
		countdown = text ? strtol(text, NULL, 10) : 0;
	}
	return countdown > 0 && --countdown == 0;
}
#else
static bool torture_says_no(void)
{
	return false;
}
#endif

static bool add_head(gh_arena *a, size_t size, size_t *ret)
{
	return !__builtin_add_overflow(size, sizeof(struct block), ret) && *ret <= a->ceiling - a->held;
}

/* From the store when it is large and there is room, else from the system. */
static struct block *raw_new(const gh_arena *a, size_t whole)
{
	struct block *b = NULL;
#ifndef GH_ARENA_EXACT
	if (a->store && whole >= STORED)
		b = a->store->take(a->store->arg, whole);
#else
	(void)a;
#endif
	bool stored = b != NULL;
	if (!b)
		b = malloc(whole);
	if (b)
		b->stored = stored;
	return b;
}

static void raw_free(const gh_arena *a, struct block *b)
{
	if (b->stored && a->store)
		a->store->give(a->store->arg, b, b->size + sizeof *b);
	else
		free(b);
}

static struct block *block_new(gh_arena *a, size_t size)
{
	size_t whole;
	if (!add_head(a, size, &whole) || torture_says_no())
		return NULL;
	struct block *b = raw_new(a, whole);
	if (!b)
		return NULL;
	*b = (struct block){ .next = a->blocks, .size = size, .stored = b->stored };
	if (a->blocks)
		a->blocks->prev = b;
	a->blocks = b;
	a->held += whole;
	return b;
}

gh_arena *gh_arena_new(size_t ceiling)
{
	if (torture_says_no())
		return NULL;
	gh_arena *a = malloc(sizeof *a);
	if (a)
		*a = (gh_arena){ .ceiling = ceiling };
	return a;
}

static void free_blocks(gh_arena *a, const struct block *keep)
{
	for (struct block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		if (b != keep)
			raw_free(a, b);
	}
}

void gh_arena_use(gh_arena *a, const gh_store *store)
{
	a->store = store;
}

void gh_arena_free(gh_arena *a)
{
	if (!a)
		return;
	free_blocks(a, NULL);
	free(a);
}

void gh_arena_reset(gh_arena *a)
{
	struct block *keep = a->open;
	free_blocks(a, keep);
	a->blocks = keep;
	a->used = 0;
	a->held = 0;
	if (keep) {
		keep->next = keep->prev = NULL;
		a->held = keep->size + sizeof *keep;
	}
}

void *gh_arena_alloc(gh_arena *a, size_t size)
{
#ifndef GH_ARENA_EXACT
	if (size < BIG) {
		size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
		if (!a->open || a->open->size - a->used < need) {
			size_t room = GH_MAX((size_t)CHUNK, need);
			struct block *b = block_new(a, room);
			if (!b && room > need)
				b = block_new(a, need);
			if (!b)
				return NULL;
			a->open = b;
			a->used = 0;
		}
		void *ptr = a->open->bytes + a->used;
		a->used += need;
		return ptr;
	}
#endif
	struct block *b = block_new(a, size);
	return b ? b->bytes : NULL;
}

void *gh_arena_zalloc(gh_arena *a, size_t size)
{
	void *ptr = gh_arena_alloc(a, size);
	return ptr ? memset(ptr, 0, size) : NULL;
}

void *gh_arena_array(gh_arena *a, size_t n, size_t size)
{
	size_t whole;
	return __builtin_mul_overflow(n, size, &whole) ? NULL : gh_arena_zalloc(a, whole);
}

#ifdef GH_ARENA_EXACT
static const bool every_object_has_a_block = true;
#else
static const bool every_object_has_a_block = false;
#endif

/* The bytes of a block in one of another size; the old one is gone, or NULL is given and it is not. */
static struct block *resize(const gh_arena *a, struct block *b, size_t size)
{
	bool to_store = a->store && size + sizeof *b >= STORED;
	if (!b->stored && !to_store)
		return realloc(b, size + sizeof *b);
	struct block *moved = raw_new(a, size + sizeof *b);
	if (!moved)
		return NULL;
	bool stored = moved->stored;
	memcpy(moved, b, sizeof *b + GH_MIN(b->size, size));
	moved->stored = stored;
	raw_free(a, b);
	return moved;
}

void *gh_arena_grow(gh_arena *a, void *ptr, size_t old, size_t size)
{
	bool own = ptr && (old >= BIG || every_object_has_a_block);
	if (!own || (size < BIG && !every_object_has_a_block)) {
		void *fresh = gh_arena_alloc(a, size);
		if (fresh && ptr && old > 0)
			memcpy(fresh, ptr, GH_MIN(old, size));
		return fresh;
	}
	struct block *b = (struct block *)(void *)((uint8_t *)ptr - offsetof(struct block, bytes));
	if (size > b->size && size - b->size > a->ceiling - a->held)
		return NULL;
	if (torture_says_no())
		return NULL;
	struct block *moved = resize(a, b, size);
	if (!moved)
		return NULL;
	a->held = a->held - moved->size + size;
	moved->size = size;
	if (moved->next)
		moved->next->prev = moved;
	if (moved->prev)
		moved->prev->next = moved;
	else
		a->blocks = moved;
	return moved->bytes;
}

char *gh_arena_text(gh_arena *a, const void *ptr, size_t len)
{
	char *text = gh_arena_alloc(a, len + 1);
	if (!text)
		return NULL;
	if (len > 0)
		memcpy(text, ptr, len);
	text[len] = '\0';
	return text;
}

char *gh_arena_printf(gh_arena *a, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	char *text = len < 0 ? NULL : gh_arena_alloc(a, (size_t)len + 1);
	if (text)
		(void)vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(args);
	return text;
}

size_t gh_arena_held(const gh_arena *a)
{
	return a->held;
}

size_t gh_arena_left(const gh_arena *a)
{
	return a->ceiling - a->held;
}
