/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/abi - where each CPU keeps arguments, results and the numbers of system calls.
 *
 * "System V Application Binary Interface", the supplements for each processor; the numbers' places
 * are those of syscall(2).
 */
#include "asm/abi_in.h"
#include "asm/syscalls_in.h"

#define NAMES(abi) .sys_names = gh_syscalls_##abi, .n_sys_names = &gh_n_syscalls_##abi
#define BITS(low, high) ((((uint64_t)1 << ((high) - (low) + 1)) - 1) << (low))

static const gh_abi abis[] = {
	[GH_ABI_MIPS_O32] = { NAMES(mips_o32),
			      .cpu = "mips",
			      .decode = gh_decode_mips,
			      .glance = gh_glance_mips,
			      .unit = 4,
			      .bytes = 4,
			      .sp = 29,
			      .ret = 2,
			      .n_args = 4,
			      .args = { 4, 5, 6, 7 },
			      .stack = 16,
			      .stack_in = 16,
			      .zero = 0,
			      .gp = 28,
			      .sys = 2,
			      .n_sys = 4,
			      .sys_args = { 4, 5, 6, 7 },
			      .self = 25,
			      .clobbers = BITS(1, 15) | BITS(24, 25) | BITS(31, 31),
			      .sys_first = 4000 },
	[GH_ABI_MIPS_N32] = { NAMES(mips_n32), .cpu = "mips", .decode = gh_decode_mips, .glance = gh_glance_mips,
			      .unit = 4, .bytes = 4, .sp = 29, .ret = 2, .n_args = 6, .args = { 4, 5, 6, 7, 8, 9 },
			      .stack = -1, .zero = 0, .gp = 28, .sys = 2, .n_sys = 6, .sys_args = { 4, 5, 6, 7, 8, 9 },
			      .self = 25, .clobbers = BITS(1, 15) | BITS(24, 25) | BITS(31, 31), .sys_first = 6000 },
	[GH_ABI_MIPS_N64] = { NAMES(mips_n64), .cpu = "mips64", .decode = gh_decode_mips, .glance = gh_glance_mips,
			      .unit = 4, .bytes = 8, .sp = 29, .ret = 2, .n_args = 6, .args = { 4, 5, 6, 7, 8, 9 },
			      .stack = -1, .zero = 0, .gp = 28, .sys = 2, .n_sys = 6, .sys_args = { 4, 5, 6, 7, 8, 9 },
			      .self = 25, .clobbers = BITS(1, 15) | BITS(24, 25) | BITS(31, 31), .sys_first = 5000 },
	[GH_ABI_ARM] = { NAMES(arm), .cpu = "arm", .decode = gh_decode_arm, .unit = 2, .bytes = 4, .sp = 13, .ret = 0,
			 .n_args = 4, .args = { 0, 1, 2, 3 }, .stack = 0, .stack_in = 0, .zero = GH_R_NO, .gp = GH_R_NO,
			 .sys = 7, .n_sys = 6, .sys_args = { 0, 1, 2, 3, 4, 5 }, .self = GH_R_NO,
			 .clobbers = BITS(0, 3) | BITS(12, 12) | BITS(14, 14) },
	[GH_ABI_AARCH64] = { NAMES(generic), .cpu = "aarch64", .decode = gh_decode_aarch64, .unit = 4, .bytes = 8,
			     .sp = 31, .ret = 0, .n_args = 6, .args = { 0, 1, 2, 3, 4, 5 }, .stack = -1, .zero = 32,
			     .gp = GH_R_NO, .sys = 8, .n_sys = 6, .sys_args = { 0, 1, 2, 3, 4, 5 }, .self = GH_R_NO,
			     .clobbers = BITS(0, 18) | BITS(30, 30) },
	[GH_ABI_PPC] = { NAMES(ppc), .cpu = "powerpc", .decode = gh_decode_ppc, .unit = 4, .bytes = 4, .sp = 1,
			 .ret = 3, .n_args = 6, .args = { 3, 4, 5, 6, 7, 8 }, .stack = -1, .zero = GH_R_NO,
			 .gp = GH_R_NO, .sys = 0, .n_sys = 6, .sys_args = { 3, 4, 5, 6, 7, 8 }, .self = GH_R_NO,
			 .clobbers = BITS(0, 0) | BITS(3, 12) | BITS(32, 33) },
	[GH_ABI_PPC64] = { NAMES(ppc64), .cpu = "powerpc64", .decode = gh_decode_ppc, .unit = 4, .bytes = 8, .sp = 1,
			   .ret = 3, .n_args = 6, .args = { 3, 4, 5, 6, 7, 8 }, .stack = -1, .zero = GH_R_NO, .gp = 2,
			   .sys = 0, .n_sys = 6, .sys_args = { 3, 4, 5, 6, 7, 8 }, .self = 12,
			   .clobbers = BITS(0, 0) | BITS(3, 12) | BITS(32, 33) },
	[GH_ABI_I386] = { NAMES(i386), .cpu = "i386", .decode = gh_decode_x86, .unit = 1, .bytes = 4, .sp = 4, .ret = 0,
			  .n_args = 0, .stack = 0, .stack_in = 4, .zero = GH_R_NO, .gp = GH_R_NO, .sys = 0, .n_sys = 6,
			  .sys_args = { 3, 1, 2, 6, 7, 5 }, .self = GH_R_NO, .clobbers = BITS(0, 2) },
	[GH_ABI_AMD64] = { NAMES(amd64), .cpu = "amd64", .decode = gh_decode_x86, .unit = 1, .bytes = 8, .sp = 4,
			   .ret = 0, .n_args = 6, .args = { 7, 6, 2, 1, 8, 9 }, .stack = -1, .zero = GH_R_NO,
			   .gp = GH_R_NO, .sys = 0, .n_sys = 6, .sys_args = { 7, 6, 2, 10, 8, 9 }, .self = GH_R_NO,
			   .clobbers = BITS(0, 2) | BITS(6, 11) },
};

const gh_abi *gh_abi_of(unsigned which)
{
	return &abis[which];
}
