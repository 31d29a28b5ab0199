/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a vendor's image by hand, for the tests of containers.
 *
 *	start(0x40 + 700);
 *	noise(0x40, 700);
 *	text(0, "CHDR");
 *	le32(8, ~crc(0xc, n));
 *	struct run r = run(&gh_format_linksys_chdr, all(), 0);
 *
 * The one rule: one image at a time, `image` up to `n`.
 */
#ifndef GH_TESTS_VENDORS_A_H
#define GH_TESTS_VENDORS_A_H

#include "codec/sum.h"
#include "formats.h"

enum { MOST = 1 << 17 };

static uint8_t image[MOST];
static size_t n;

static inline void be32(size_t at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		image[at + i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline void le32(size_t at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		image[at + i] = (uint8_t)(v >> 8 * i);
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

static inline void start(size_t len)
{
	memset(image, 0, sizeof image);
	n = len;
}

static inline uint32_t crc(size_t from, size_t to)
{
	return gh_crc32(gh_view(image + from, to - from));
}

static inline gh_bytes all(void)
{
	return gh_view(image, n);
}

/* What became of a checksum; -1 where there is none of that name. */
static inline int state_of(const gh_node *node, const char *what)
{
	const gh_sum *s = sum(node, what);
	return s ? (int)s->state : -1;
}

/* A part of that name, or one that is nothing. */
static inline gh_node the(const gh_node *node, const char *name)
{
	const gh_node *p = part(node, name);
	return p ? *p : (gh_node){ .at = GH_NOWHERE, .size = GH_NOWHERE };
}

#endif
