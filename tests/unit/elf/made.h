/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/unit/elf/made - a small ELF program in four shapes, for whoever needs one in a test.
 *
 *	made_elf m;
 *	made(&m, &made_shapes[0]);
 *	look_at(gh_view(m.bytes, MADE_SIZE));
 */
#ifndef GH_TESTS_MADE_H
#define GH_TESTS_MADE_H

#include "check.h"

enum { MADE_SIZE = 0x800, MADE_INTERP = 0x200, MADE_DYNAMIC = 0x240, MADE_STRINGS = 0x300, MADE_NOTE = 0x380, MADE_CODE = 0x400, MADE_COMMENT = 0x500 };

/* One program in all four shapes: segments LOAD, MADE_INTERP, MADE_DYNAMIC, MADE_NOTE, GNU_STACK; sections .comment and .text. */
typedef struct made_shape {
	const char *name;
	unsigned machine;
	bool big, wide;
} made_shape;

__attribute__((unused)) static const made_shape made_shapes[] = {
	{ "MIPS, big", 8, true, false },
	{ "ARM", 40, false, false },
	{ "AArch64", 183, false, true },
	{ "PowerPC64", 21, true, true },
};

typedef struct made_elf {
	uint8_t bytes[MADE_SIZE];
	bool big;
	unsigned w;
} made_elf;

static inline void made_put(made_elf *m, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		m->bytes[at + i] = (uint8_t)(v >> 8 * (m->big ? width - 1 - i : i));
}

static inline void made_segment(made_elf *m, unsigned i, unsigned type, unsigned flags, uint64_t at, uint64_t size)
{
	const bool wide = m->w == 8;
	size_t p = 0x40 + i * (size_t)(wide ? 56 : 32), o = p + (wide ? 8 : 4);
	made_put(m, p, type, 4);
	made_put(m, p + (wide ? 4 : 24), flags, 4);
	made_put(m, o, at, m->w);
	made_put(m, o + m->w, at ? 0x400000 + at : 0x400000, m->w);
	made_put(m, o + 3 * m->w, size, m->w);
	made_put(m, o + 4 * m->w, size, m->w);
	made_put(m, p + (wide ? 48 : 28), 0x10000, m->w);
}

static inline void made_section(made_elf *m, unsigned i, unsigned name, unsigned type, unsigned flags, uint64_t address, uint64_t at,
		    uint64_t size)
{
	size_t s = 0x600 + (size_t)i * (m->w == 8 ? 64 : 40);
	made_put(m, s, name, 4);
	made_put(m, s + 4, type, 4);
	made_put(m, s + 8, flags, m->w);
	made_put(m, s + 8 + m->w, address, m->w);
	made_put(m, s + 8 + 2 * m->w, at, m->w);
	made_put(m, s + 8 + 3 * m->w, size, m->w);
}

static inline void made_tag(made_elf *m, unsigned i, uint64_t tag, uint64_t value)
{
	made_put(m, MADE_DYNAMIC + 2 * i * (size_t)m->w, tag, m->w);
	made_put(m, MADE_DYNAMIC + (2 * i + 1) * (size_t)m->w, value, m->w);
}

static inline void made(made_elf *m, const made_shape *s)
{
	static const char names[] = "\0.text\0.comment\0.shstrtab";
	static const char strings[] = "\0libc.so.6\0/lib/private";
	static const char comment[] = "GCC: (GNU) 4.3.3\0GCC: (GNU) 4.3.3\0GCC: (GNU) 3.4.2";
	*m = (made_elf){ .big = s->big, .w = s->wide ? 8 : 4 };
	const unsigned w = m->w, tail = 24 + 3 * w;
	memcpy(m->bytes, "\177ELF", 4);
	m->bytes[4] = s->wide ? 2 : 1;
	m->bytes[5] = s->big ? 2 : 1;
	made_put(m, 16, 2, 2);
	made_put(m, 18, s->machine, 2);
	made_put(m, 24, 0x400000 + MADE_CODE, w);
	made_put(m, 24 + w, 0x40, w);
	made_put(m, 24 + 2 * w, 0x600, w);
	made_put(m, tail, 0x1007, 4);
	made_put(m, tail + 6, s->wide ? 56 : 32, 2);
	made_put(m, tail + 8, 5, 2);
	made_put(m, tail + 10, s->wide ? 64 : 40, 2);
	made_put(m, tail + 12, 4, 2);
	made_put(m, tail + 14, 3, 2);
	made_segment(m, 0, 1, 5, 0, MADE_COMMENT);
	made_segment(m, 1, 3, 4, MADE_INTERP, 0x20);
	made_segment(m, 2, 2, 6, MADE_DYNAMIC, 0xa0);
	made_segment(m, 3, 4, 4, MADE_NOTE, 0x20);
	made_segment(m, 4, 0x6474e551, 7, 0, 0);
	memcpy(m->bytes + MADE_INTERP, "/lib/ld-uClibc.so.0", 20);
	memcpy(m->bytes + MADE_STRINGS, strings, sizeof strings);
	made_tag(m, 0, 1, 1);
	made_tag(m, 1, 15, 11);
	made_tag(m, 2, 4, 0x400380);
	made_tag(m, 3, 5, 0x400000 + MADE_STRINGS);
	made_tag(m, 4, 24, 0);
	made_put(m, MADE_NOTE, 4, 4);
	made_put(m, MADE_NOTE + 4, 4, 4);
	made_put(m, MADE_NOTE + 8, 3, 4);
	memcpy(m->bytes + MADE_NOTE + 12, "GNU\0\xde\xad\xbe\xef", 8);
	memcpy(m->bytes + MADE_COMMENT, comment, sizeof comment);
	memcpy(m->bytes + 0x580, names, sizeof names);
	made_section(m, 1, 1, 1, 6, 0x400000 + MADE_CODE, MADE_CODE, 0x80);
	made_section(m, 2, 7, 1, 0, 0, MADE_COMMENT, sizeof comment);
	made_section(m, 3, 16, 3, 0, 0, 0x580, sizeof names);
}

#endif
