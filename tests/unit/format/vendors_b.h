/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of vendors' containers share: one image, and writing into it. */
#ifndef GH_TESTS_VENDORS_B_H
#define GH_TESTS_VENDORS_B_H

#include "codec/sum.h"
#include "formats.h"

enum { MOST = 1 << 17 };

static uint8_t image[MOST];

static inline void put(size_t at, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		image[at + i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

static inline void text(size_t at, const char *t)
{
	memcpy(image + at, t, strlen(t));
}

/* Bytes that are no format's. */
static inline void noise(size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		image[at + i] = (uint8_t)(i * 7 + (i >> 8) * 13 + 1);
}

static inline void start(void)
{
	memset(image, 0, sizeof image);
}

static inline gh_sum_state sum_is(const gh_node *node, const char *what)
{
	const gh_sum *s = sum(node, what);
	assert_non_null(s);
	return s ? s->state : GH_SUM_ABSENT;
}

static inline const gh_node *part_of(const gh_node *node, const char *name)
{
	static const gh_node none;
	const gh_node *p = part(node, name);
	assert_non_null(p);
	return p ? p : &none;
}

static inline const gh_entry *entry_of(const gh_node *node, const char *path)
{
	static const gh_entry none;
	const gh_entry *e = entry(node, path);
	assert_non_null(e);
	return e ? e : &none;
}

#endif
