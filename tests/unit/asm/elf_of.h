/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small library around a few instructions: one segment at address 0, code at 0x1000, texts at
 * 0x1800, the GOT at 0x2000. Imports `open`, `write`, `close`.
 *
 * DT_INIT and DT_FINI tell where the code is; there are no sections.
 */
#ifndef GH_TESTS_ELF_OF_H
#define GH_TESTS_ELF_OF_H

#include "check.h"

enum { CODE = 0x1000, LOCAL = 0x1100, CODE_END = 0x1160, TEXTS = 0x1800, GOT = 0x2000, ELF_SIZE = 0x2100 };

typedef struct elf_cpu {
	unsigned machine, flags;
	bool     big, wide;
	unsigned got; /* the kind of relocation that fills a slot; 0: MIPS */
} elf_cpu;

typedef struct elf_out {
	uint8_t *p;
	bool     big;
} elf_out;

static inline void elf_put(const elf_out *o, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		o->p[at + i] = (uint8_t)(v >> 8 * (o->big ? width - 1 - i : i));
}

static inline void elf_dynamic(const elf_out *o, unsigned w, size_t *at, uint64_t tag, uint64_t v)
{
	elf_put(o, *at, tag, w);
	elf_put(o, *at + w, v, w);
	*at += 2 * w;
}

static inline void elf_headers(const elf_out *o, const elf_cpu *c)
{
	unsigned w = c->wide ? 8 : 4, tail = 24 + 3 * w;
	size_t at = 0x80;
	memcpy(o->p, "\177ELF", 4);
	o->p[4] = c->wide ? 2 : 1;
	o->p[5] = c->big ? 2 : 1;
	o->p[6] = 1;
	elf_put(o, 16, 3, 2);
	elf_put(o, 18, c->machine, 2);
	elf_put(o, 24 + w, at, w);
	elf_put(o, tail, c->flags, 4);
	elf_put(o, tail + 6, c->wide ? 56 : 32, 2);
	elf_put(o, tail + 8, 2, 2);
	for (unsigned i = 0; i < 2; i++, at += c->wide ? 56 : 32) {
		unsigned first = c->wide ? 8 : 4;
		uint64_t from = i ? 0x200 : 0, size = i ? 0x200 : ELF_SIZE;
		elf_put(o, at, i ? 2 : 1, 4);
		elf_put(o, at + (c->wide ? 4 : 24), 7, 4);
		elf_put(o, at + first, from, w);
		elf_put(o, at + first + w, from, w);
		elf_put(o, at + first + 3 * w, size, w);
		elf_put(o, at + first + 4 * w, size, w);
	}
}

static inline void elf_tables(const elf_out *o, const elf_cpu *c)
{
	static const char names[] = "\0open\0write\0close";
	static const unsigned name[] = { 1, 6, 12 };
	unsigned w = c->wide ? 8 : 4, size = c->wide ? 24 : 16;
	size_t at = 0x200;
	memcpy(o->p + 0x600, names, sizeof names);
	for (unsigned i = 0; i < 3; i++)
		elf_put(o, 0x500 + (i + 1) * size, name[i], 4);
	elf_dynamic(o, w, &at, 5, 0x600);
	elf_dynamic(o, w, &at, 6, 0x500);
	elf_dynamic(o, w, &at, 12, CODE);
	elf_dynamic(o, w, &at, 13, CODE_END - 0x60);
	elf_dynamic(o, w, &at, 4, 0x700);
	elf_put(o, 0x704, 4, 4);
	if (c->got == 0) {
		elf_dynamic(o, w, &at, 3, GOT);
		elf_dynamic(o, w, &at, 0x7000000a, 3);
		elf_dynamic(o, w, &at, 0x70000013, 1);
		elf_dynamic(o, w, &at, 0x70000011, 4);
		return;
	}
	elf_dynamic(o, w, &at, 7, 0x800);
	elf_dynamic(o, w, &at, 8, 9 * w);
	for (unsigned i = 0; i < 3; i++) {
		elf_put(o, 0x800 + i * 3 * w, GOT + 0x10 + i * 8, w);
		elf_put(o, 0x800 + i * 3 * w + w, c->wide ? (uint64_t)(i + 1) << 32 | c->got : (i + 1) << 8 | c->got, w);
	}
}

/* Into `to`, which has ELF_SIZE bytes. */
static inline void elf_of(uint8_t *to, const elf_cpu *c, gh_bytes work, gh_bytes local)
{
	elf_out o = { to, c->big };
	memset(to, 0, ELF_SIZE);
	elf_headers(&o, c);
	elf_tables(&o, c);
	memcpy(to + CODE, work.ptr, work.len);
	memcpy(to + LOCAL, local.ptr, local.len);
	memcpy(to + TEXTS, "/tmp/laboratory", 16);
	memcpy(to + TEXTS + 0x20, "hello", 6);
}

#endif
