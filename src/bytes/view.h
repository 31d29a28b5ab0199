/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes/view - a borrowed run of bytes. It lives exactly as long as what it points into.
 *
 * GH_LIT makes one from a string literal inside an expression, GH_INIT inside a static table.
 */
#ifndef GH_BYTES_VIEW_H
#define GH_BYTES_VIEW_H

#include "base/base.h"

typedef struct gh_bytes {
	const uint8_t *ptr;
	size_t         len;
} gh_bytes;

#define GH_INIT(literal) { (const uint8_t *)("" literal), sizeof(literal) - 1 }
#define GH_LIT(literal) ((gh_bytes)GH_INIT(literal))

static inline gh_bytes gh_view(const void *ptr, size_t len)
{
	return (gh_bytes){ ptr, len };
}

static inline gh_bytes gh_view_text(const char *text)
{
	return (gh_bytes){ (const uint8_t *)text, strlen(text) };
}

static inline bool gh_bytes_eq(gh_bytes a, gh_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Byte order of unsigned bytes, a prefix before the longer one; <0, 0 or >0. */
static inline int gh_bytes_cmp(gh_bytes a, gh_bytes b)
{
	size_t n = GH_MIN(a.len, b.len);
	int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool gh_bytes_start(gh_bytes b, gh_bytes head)
{
	return b.len >= head.len && (head.len == 0 || (b.ptr && memcmp(b.ptr, head.ptr, head.len) == 0));
}

static inline bool gh_bytes_end(gh_bytes b, gh_bytes tail)
{
	return b.len >= tail.len &&
	       (tail.len == 0 || memcmp(b.ptr + b.len - tail.len, tail.ptr, tail.len) == 0);
}

/* The part [at, at+len) as far as it exists; never leaves the view. */
static inline gh_bytes gh_bytes_part(gh_bytes b, uint64_t at, uint64_t len)
{
	if (at >= b.len)
		return (gh_bytes){ NULL, 0 };
	return (gh_bytes){ b.ptr + at, (size_t)GH_MIN(len, (uint64_t)b.len - at) };
}

#endif
