/* SPDX-License-Identifier: Apache-2.0 */
/* Every decoder: it takes no more than there is, and names only registers that exist. */
#include "asm/insn_in.h"
#include "must.h"

static const struct {
	gh_decode_fn *decode;
	unsigned mode;
} cpus[] = {
	{ gh_decode_mips, GH_DECODE_BIG },
	{ gh_decode_mips, GH_DECODE_64 },
	{ gh_decode_arm, 0 },
	{ gh_decode_arm, GH_DECODE_THUMB },
	{ gh_decode_aarch64, GH_DECODE_64 },
	{ gh_decode_ppc, GH_DECODE_BIG },
	{ gh_decode_ppc, GH_DECODE_64 },
	{ gh_decode_x86, 0 },
	{ gh_decode_x86, GH_DECODE_64 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	unsigned which = data[0] % GH_COUNT(cpus);
	for (size_t at = 1; at < size;) {
		gh_insn in;
		cpus[which].decode(&in, data + at, size - at, 0x10000 + at, cpus[which].mode);
		must(in.size <= size - at);
		must(in.rd <= GH_R_NO && in.ra <= GH_R_NO && in.rb <= GH_R_NO);
		must(in.writes >> GH_N_REGS == 0 || in.rd == GH_R_NO);
		must(in.op <= GH_OP_IT);
		at += in.size ? in.size : 1;
	}
	return 0;
}
