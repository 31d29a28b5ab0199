/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes/cur - read untrusted bytes without ever leaving them.
 *
 *	gh_cur c = gh_cur_over(image, 0);
 *	uint32_t magic = gh_u32be(&c), size = gh_u32be(&c);
 *	gh_bytes name = gh_take(&c, 32);
 *	if (!gh_cur_ok(&c))
 *		return gh_fail(ctx, GH_TRUNCATED, c.pos, "header cut short");
 *
 * A read past the window returns zero (or an empty view), moves nothing and turns the cursor bad;
 * a bad cursor stays bad. So a record is read in one breath and asked about once, before any of
 * its fields steers the program. Views borrow: they live as long as the bytes below them.
 */
#ifndef GH_BYTES_CUR_H
#define GH_BYTES_CUR_H

#include "bytes/view.h"

typedef struct gh_cur {
	const uint8_t *ptr;  /* next unread byte */
	size_t         left; /* bytes still readable in this window */
	uint64_t       pos;  /* absolute offset of ptr; where the first bad read was, once bad */
	bool           bad;
} gh_cur;

/* A cursor on a view whose first byte stands at offset `pos` of what the report speaks about. */
static inline gh_cur gh_cur_over(gh_bytes b, uint64_t pos)
{
	return (gh_cur){ b.ptr, b.len, pos, false };
}

static inline bool gh_cur_ok(const gh_cur *c)
{
	return !c->bad;
}

/* What is left, without moving. */
static inline gh_bytes gh_rest(const gh_cur *c)
{
	return (gh_bytes){ c->ptr, c->left };
}

/* The next n bytes. Every read in the project ends up here. */
static inline gh_bytes gh_take(gh_cur *c, uint64_t n)
{
	if (c->bad || n > c->left) {
		c->bad = true;
		return (gh_bytes){ NULL, 0 };
	}
	gh_bytes b = { c->ptr, (size_t)n };
	if (n > 0)
		c->ptr += n;
	c->left -= (size_t)n;
	c->pos += n;
	return b;
}

static inline void gh_skip(gh_cur *c, uint64_t n)
{
	(void)gh_take(c, n);
}

/* A window of n bytes of its own; the parent moves behind it. Bad begets bad. */
static inline gh_cur gh_sub(gh_cur *c, uint64_t n)
{
	uint64_t pos = c->pos;
	gh_cur s = gh_cur_over(gh_take(c, n), pos);
	s.bad = c->bad;
	return s;
}

/* A copy of this window that starts `off` bytes further on (offset tables). */
static inline gh_cur gh_at(gh_cur c, uint64_t off)
{
	gh_skip(&c, off);
	return c;
}

/* Is there room for `n` records of `size` bytes? Ask before a count from the input sizes a loop
 * or an allocation. */
static inline bool gh_room(gh_cur *c, uint64_t n, size_t size)
{
	uint64_t need;
	if (c->bad || __builtin_mul_overflow(n, size, &need) || need > c->left)
		c->bad = true;
	return !c->bad;
}

/* Moves past `want` if it comes next. A question, not a demand: false leaves the cursor good. */
static inline bool gh_eat(gh_cur *c, gh_bytes want)
{
	if (c->bad || !gh_bytes_start(gh_rest(c), want))
		return false;
	gh_skip(c, want.len);
	return true;
}

/* Integers of `width` bytes (1 to 8), either byte order. */
static inline uint64_t gh_uint_le(gh_cur *c, unsigned width)
{
	gh_bytes b = gh_take(c, width);
	uint64_t v = 0;
	for (size_t i = b.ptr ? b.len : 0; i > 0; i--)
		v = v << 8 | b.ptr[i - 1];
	return v;
}

static inline uint64_t gh_uint_be(gh_cur *c, unsigned width)
{
	gh_bytes b = gh_take(c, width);
	uint64_t v = 0;
	for (size_t i = 0; b.ptr && i < b.len; i++)
		v = v << 8 | b.ptr[i];
	return v;
}

static inline uint8_t  gh_u8(gh_cur *c) { return (uint8_t)gh_uint_le(c, 1); }
static inline uint16_t gh_u16le(gh_cur *c) { return (uint16_t)gh_uint_le(c, 2); }
static inline uint16_t gh_u16be(gh_cur *c) { return (uint16_t)gh_uint_be(c, 2); }
static inline uint32_t gh_u24le(gh_cur *c) { return (uint32_t)gh_uint_le(c, 3); }
static inline uint32_t gh_u24be(gh_cur *c) { return (uint32_t)gh_uint_be(c, 3); }
static inline uint32_t gh_u32le(gh_cur *c) { return (uint32_t)gh_uint_le(c, 4); }
static inline uint32_t gh_u32be(gh_cur *c) { return (uint32_t)gh_uint_be(c, 4); }
static inline uint64_t gh_u64le(gh_cur *c) { return gh_uint_le(c, 8); }
static inline uint64_t gh_u64be(gh_cur *c) { return gh_uint_be(c, 8); }

/* For formats that exist in both orders: `big` decides. */
static inline uint16_t gh_u16(gh_cur *c, bool big) { return big ? gh_u16be(c) : gh_u16le(c); }
static inline uint32_t gh_u32(gh_cur *c, bool big) { return big ? gh_u32be(c) : gh_u32le(c); }
static inline uint64_t gh_u64(gh_cur *c, bool big) { return big ? gh_u64be(c) : gh_u64le(c); }

/* A fixed field of `width` bytes that holds text: the bytes before its first NUL. */
static inline gh_bytes gh_text(gh_cur *c, size_t width)
{
	gh_bytes b = gh_take(c, width);
	const uint8_t *nul = b.ptr && b.len ? memchr(b.ptr, 0, b.len) : NULL;
	if (nul)
		b.len = (size_t)(nul - b.ptr);
	return b;
}

/* The next line without its end ("\n" or "\r\n"); the last one may lack it. Empty at the end. */
static inline gh_bytes gh_line(gh_cur *c)
{
	const uint8_t *nl = c->left ? memchr(c->ptr, '\n', c->left) : NULL;
	gh_bytes b = gh_take(c, nl ? (size_t)(nl - c->ptr) : c->left);
	if (nl)
		gh_skip(c, 1);
	if (b.ptr && b.len && b.ptr[b.len - 1] == '\r')
		b.len--;
	return b;
}

#endif
