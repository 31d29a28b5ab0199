/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ASM_SYSCALLS_IN_H
#define GH_ASM_SYSCALLS_IN_H

#include "base/base.h"

#define GH_SYSCALLS(abi)                         \
	extern const char *const gh_syscalls_##abi[]; \
	extern const unsigned gh_n_syscalls_##abi

GH_SYSCALLS(mips_o32);
GH_SYSCALLS(mips_n32);
GH_SYSCALLS(mips_n64);
GH_SYSCALLS(arm);
GH_SYSCALLS(generic);
GH_SYSCALLS(ppc);
GH_SYSCALLS(ppc64);
GH_SYSCALLS(i386);
GH_SYSCALLS(amd64);

#endif
