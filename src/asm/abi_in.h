/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GH_ASM_ABI_IN_H
#define GH_ASM_ABI_IN_H

#include "asm/image_in.h"

enum {
	GH_ABI_MIPS_O32,
	GH_ABI_MIPS_N32,
	GH_ABI_MIPS_N64,
	GH_ABI_ARM,
	GH_ABI_AARCH64,
	GH_ABI_PPC,
	GH_ABI_PPC64,
	GH_ABI_I386,
	GH_ABI_AMD64,
};

const gh_abi *gh_abi_of(unsigned which);

#endif
