/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our decoders against capstone: over words of all kinds for the CPUs whose instructions are words,
 * over this program's own code for amd64. Where both see a branch they must see it go to one place,
 * what capstone calls a jump must be control to us, and lengths are equal.
 */
#include <capstone/capstone.h>

#include "asm/insn_in.h"
#include "check.h"

enum { WORDS = 400000, AT = 0x400000 };

typedef struct cpu {
	const char *name;
	cs_arch arch;
	unsigned cs_mode;
	gh_decode_fn *decode;
	unsigned mode;
} cpu;

static const cpu cpus[] = {
	{ "mips", CS_ARCH_MIPS, CS_MODE_MIPS32, gh_decode_mips, 0 },
	{ "mips64", CS_ARCH_MIPS, CS_MODE_MIPS64, gh_decode_mips, GH_DECODE_64 },
	{ "arm", CS_ARCH_ARM, CS_MODE_ARM, gh_decode_arm, 0 },
	{ "thumb", CS_ARCH_ARM, CS_MODE_THUMB, gh_decode_arm, GH_DECODE_THUMB },
	{ "aarch64", CS_ARCH_ARM64, CS_MODE_ARM, gh_decode_aarch64, GH_DECODE_64 },
	{ "ppc", CS_ARCH_PPC, CS_MODE_32, gh_decode_ppc, 0 },
	{ "ppc64", CS_ARCH_PPC, CS_MODE_64, gh_decode_ppc, GH_DECODE_64 },
};

/* The last number of the operands, where capstone writes a branch's target. */
static bool last_number(const char *text, uint64_t *n)
{
	const char *last = NULL;
	for (const char *p = text; (p = strstr(p, "0x")) != NULL; p++)
		last = p;
	if (last)
		*n = strtoull(last, NULL, 16);
	return last != NULL;
}

static void agree(const char *name, const gh_insn *in, const cs_insn *cs, bool jump)
{
	char label[300];
	uint64_t target = 0;
	snprintf(label, sizeof label, "%s %02x%02x%02x%02x %s %s", name, cs->bytes[0], cs->bytes[1], cs->bytes[2],
		 cs->bytes[3], cs->mnemonic, cs->op_str);
	if (in->op == GH_OP_BAD)
		return; /* counted, not guessed */
	if (strncmp(name, "mips", 4) == 0 && (strstr(cs->mnemonic, "dc2") || strstr(cs->mnemonic, "wc2")))
		return; /* we take them for what Octeon makes of them */
	EQ(in->size, cs->size, label);
	bool direct = in->op == GH_OP_JUMP || in->op == GH_OP_CALL;
	if (direct && last_number(cs->op_str, &target))
		EQ((uint32_t)in->target, (uint32_t)target, label);
	bool doubtful = strncmp(cs->mnemonic, "bc0", 3) == 0 ||
			strncmp(cs->mnemonic, "bc3", 3) == 0; /* capstone 4.0.2 sees them in sdc1 */
	if (jump && !doubtful)
		TRUE(in->flags & GH_I_FLOW || in->op == GH_OP_ADDRESS, label);
}

static void words_mean_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(cpus); i++) {
		const cpu *c = &cpus[i];
		csh handle;
		EQ(cs_open(c->arch, (cs_mode)c->cs_mode, &handle), CS_ERR_OK, c->name);
		cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
		cs_insn *cs = cs_malloc(handle);
		uint64_t seed = 88172645463325252u;
		unsigned both = 0;
		for (unsigned n = 0; n < WORDS; n++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			uint8_t word[4];
			memcpy(word, &seed, 4);
			const uint8_t *p = word;
			size_t left = 4;
			uint64_t at = AT;
			gh_insn in;
			c->decode(&in, word, 4, AT, c->mode);
			if (!cs_disasm_iter(handle, &p, &left, &at, cs))
				continue;
			agree(c->name, &in, cs,
			      cs_insn_group(handle, cs, CS_GRP_CALL) ||
				      (cs_insn_group(handle, cs, CS_GRP_JUMP) && c->arch != CS_ARCH_ARM));
			both += in.op != GH_OP_BAD;
		}
		TRUE(both > WORDS / 20, c->name);
		cs_free(cs, 1);
		cs_close(&handle);
	}
}

#ifdef __x86_64__
extern const uint8_t __executable_start[], etext[];
#endif

static void lengths_of_our_own_code_are_right(void **state)
{
	(void)state;
#ifndef __x86_64__
	skip();
#else
	csh handle;
	EQ(cs_open(CS_ARCH_X86, CS_MODE_64, &handle), CS_ERR_OK, "amd64");
	cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	cs_insn *cs = cs_malloc(handle);
	const uint8_t *p = (const uint8_t *)(uintptr_t)gh_decode_arm; /* functions begin with instructions */
	size_t left = GH_MIN((size_t)(etext - p), (size_t)20000);
	uint64_t at = AT;
	unsigned n = 0;
	while (left >= 32) {
		gh_insn in;
		gh_decode_x86(&in, p, left, at, GH_DECODE_64);
		if (!cs_disasm_iter(handle, &p, &left, &at, cs))
			break;
		TRUE(in.op != GH_OP_BAD, cs->mnemonic);
		agree("amd64", &in, cs,
		      cs_insn_group(handle, cs, CS_GRP_JUMP) || cs_insn_group(handle, cs, CS_GRP_CALL));
		n++;
	}
	TRUE(n > 500, "instructions of our own");
	cs_free(cs, 1);
	cs_close(&handle);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_mean_the_same),
		cmocka_unit_test(lengths_of_our_own_code_are_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
