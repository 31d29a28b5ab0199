/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/program - what was learned about one program of an image, for caps, strings and disasm.
 */
#ifndef GH_REPORT_PROGRAM_H
#define GH_REPORT_PROGRAM_H

#include "base/ctx.h"
#include "bytes/view.h"

/* One line about an address: a step of a reason, an instruction, a text. */
typedef struct gh_row gh_row;
struct gh_row {
	uint64_t    address;
	bool        placed; /* there is an address */
	uint32_t    depth;
	const char *name; /* a function begins here; NULL */
	const char *text, *note;
	gh_row     *next;
};

typedef struct gh_capability gh_capability;
struct gh_capability {
	const char *rule, *space, *description, *attack, *mbc;
	const char *function; /* where it was seen first */
	uint64_t    address;
	bool        placed;
	uint32_t    count;
	bool        notice; /* it weighs something … */
	bool        home;   /* … but this program may do it */
	gh_row     *why;
	gh_capability *next;
};

typedef struct gh_program_view gh_program_view;
struct gh_program_view {
	uint32_t    node;
	gh_bytes    path; /* empty: the image itself */
	const char *cpu;
	const char *trouble; /* NULL; why less is told than there is */
	uint64_t    functions, calls, unresolved, strings;
	gh_capability *caps;
	gh_row     *rows;
	gh_program_view *next;
};

#endif
