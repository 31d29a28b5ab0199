/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/boot/fdt_in - walking a flattened device tree (Devicetree Specification 0.4, chapter 5). A wall.
 *
 *	0          4      8            c             10              14        18       1c         20   24    28
 *	+----------+------+------------+-------------+---------------+---------+--------+----------+----+-----+
 *	| d00dfeed | size | off_struct | off_strings | off_reserved  | version | compat | boot cpu | size of    |
 *	|          |      |            |             |               | 16, 17  | 16     |          | strings, structure (17) |
 *	+----------+------+------------+-------------+---------------+---------+--------+----------+----+-----+
 *
 * All numbers are big-endian. The structure is a row of tokens: 1 node begins (name), 2 node ends, 3 property
 * (length, name's offset in the strings, value), 4 nothing, 9 the end.
 *
 *	gh_fdt_walk w = gh_fdt_start(&fdt);
 *	gh_fdt_step s;
 *	while (gh_fdt_next(&w, &s))
 *		... s.kind, s.name, s.value, w.depth, w.path[] ...
 *	if (!w.whole) the structure breaks off at w.c.pos
 */
#ifndef GH_FORMAT_BOOT_FDT_IN_H
#define GH_FORMAT_BOOT_FDT_IN_H

#include "format/room_in.h"

enum { GH_FDT_DEEP = 32, GH_FDT_HEADER = 40 };

typedef struct gh_fdt {
	uint64_t pos;
	uint64_t size; /* as far as it is there */
	uint32_t stated, version, structure, strings, reserved, strings_size, structure_size;
	gh_bytes all;
	bool     cut;
} gh_fdt;

typedef enum gh_fdt_kind { GH_FDT_BEGIN = 1, GH_FDT_CLOSE, GH_FDT_PROPERTY } gh_fdt_kind;

typedef struct gh_fdt_step {
	gh_fdt_kind kind;
	gh_bytes    name, value;
	uint64_t    at; /* of the value, absolute */
} gh_fdt_step;

typedef struct gh_fdt_walk {
	gh_cur   c;
	gh_bytes strings;
	unsigned depth; /* of the node that BEGIN opened or a property belongs to; the root's is 0 */
	unsigned open;  /* nodes that are open */
	gh_bytes path[GH_FDT_DEEP];
	bool     whole; /* the end was met, with every node closed */
} gh_fdt_walk;

/* GH_NOT_MINE where the header makes no sense, so that the constant in a boot loader's code costs no word. */
gh_code     gh_fdt_open(gh_ctx *ctx, gh_cur c, gh_fdt *ret) GH_MUST;
gh_fdt_walk gh_fdt_start(const gh_fdt *fdt);
bool        gh_fdt_next(gh_fdt_walk *w, gh_fdt_step *ret);

/* A cell, and a text property without its NUL. */
uint32_t gh_fdt_cell(gh_bytes value, unsigned n);
gh_bytes gh_fdt_text(gh_bytes value);
bool     gh_fdt_is(const gh_fdt_step *s, const char *name);

/* The tree as source. */
gh_code gh_fdt_source(gh_ctx *ctx, const gh_fdt *fdt, gh_bytes *ret) GH_MUST;

#endif
