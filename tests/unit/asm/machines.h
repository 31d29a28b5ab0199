/* SPDX-License-Identifier: Apache-2.0 */
/* The small programs of programs.inc with what their files say. */
#ifndef GH_TESTS_MACHINES_H
#define GH_TESTS_MACHINES_H

#include "unit/asm/elf_of.h"
#include "unit/asm/programs.inc"

typedef struct machine {
	const char *name;
	elf_cpu elf;
	gh_bytes work, local;
} machine;

#define OF(cpu)                                                                                                        \
	{ cpu##_work, sizeof cpu##_work },                                                                             \
	{                                                                                                              \
		cpu##_local, sizeof cpu##_local                                                                        \
	}

static const machine machines[] = {
	{ "mips", { 8, 0x1000, true, false, 0 }, OF(mips) },
	{ "arm", { 40, 0x05000000, false, false, 21 }, OF(arm) },
	{ "thumb", { 40, 0x05000000, false, false, 21 }, OF(thumb) },
	{ "aarch64", { 183, 0, false, true, 1025 }, OF(aarch64) },
	{ "powerpc", { 20, 0, true, false, 20 }, OF(ppc) },
	{ "amd64", { 62, 0, false, true, 6 }, OF(amd64) },
};

#endif
