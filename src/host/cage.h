/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/cage - a process gives up what it does not need, before it looks at the first hostile byte.
 *
 * In this order: descriptors, new privileges, limits, Landlock, seccomp. There is no way back and
 * no way to switch it off. What this kernel lacks is no error: it stands in the text that the
 * report prints ("rlimits, landlock (ABI 7), seccomp" or "rlimits, seccomp; no landlock: …").
 *
 *	gh_cage cage = { .keep = &out, .n_keep = 1, .output = -1, .memory = GH_GIB(4) };
 *	char text[GH_CAGE_TEXT];
 *	if (gh_cage_enter(ctx, &cage, text) != GH_OK)
 *		_exit(…);
 *
 * Inside: memory, threads, time, random bytes, and the descriptors that were kept. Opening a file is
 * not among it, so libraries that do so on first use (OpenSSL's configuration, time zones, locales)
 * are touched before; nor is pthread_exit or cancelling a thread, which load a library.
 */
#ifndef GH_HOST_CAGE_H
#define GH_HOST_CAGE_H

#include "base/ctx.h"

enum { GH_CAGE_TEXT = 192 };

typedef struct gh_cage {
	const int *keep;      /* descriptors that stay open; 0, 1 and 2 become /dev/null unless kept */
	size_t     n_keep;
	int        output;    /* the only folder beneath which may be written (kept too); -1: none */
	uint64_t   memory;    /* bytes of address space; 0: as before. Not under sanitizers */
	uint64_t   file_size; /* bytes one written file may have; 0 with an output: as before */
	unsigned   cpu_s;     /* seconds of processor time; 0: as before */
	unsigned   files;     /* descriptors; 0: 256 */
} gh_cage;

/* Call with one thread, in a process made for it. `text` gets the line for the report. GH_IO: the
 * process is not caged and must not go on. */
gh_code gh_cage_enter(gh_ctx *ctx, const gh_cage *cage, char text[GH_CAGE_TEXT]) GH_MUST;

/* The version of Landlock this kernel offers; 0: none. */
int gh_cage_landlock_abi(void);

#endif
