/* SPDX-License-Identifier: Apache-2.0 */
/* Each decoder over lines that the GNU assembler made of the sources beside them. */
#include "asm/insn_in.h"
#include "check.h"

enum { AT = 0x10000 };

typedef struct row {
	const char *source, *bytes;
	uint8_t size;
	gh_decode_fn *decode;
	unsigned mode;
	unsigned op, rd, ra;
	int64_t imm;
	uint64_t target;
} row;

static const row rows[] = {
#include "unit/asm/decode_rows.inc"
};

static void every_line_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const row *r = &rows[i];
		gh_insn in;
		r->decode(&in, (const uint8_t *)r->bytes, r->size, AT, r->mode);
		EQ(in.size, r->size, r->source);
		EQ(in.op, r->op, r->source);
		if (r->rd)
			EQ(in.rd, r->rd, r->source);
		if (r->ra)
			EQ(in.ra, r->ra, r->source);
		EQ(in.imm, r->imm, r->source);
		if (r->target)
			EQ(in.target, r->target, r->source);
	}
}

static void a_line_cut_short_is_no_instruction(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const row *r = &rows[i];
		for (size_t left = 0; left < r->size; left++) {
			gh_insn in;
			uint8_t *exact = malloc(left + 1);
			memcpy(exact + 1, r->bytes, left);
			r->decode(&in, exact + 1, left, AT, r->mode);
			TRUE(in.size <= left, r->source);
			free(exact);
		}
	}
}

/* A delay slot, a condition, a changed mode. */
static void flags_tell_how(void **state)
{
	static const struct {
		const char *source, *bytes;
		gh_decode_fn *decode;
		unsigned mode, flags;
	} table[] = {
		{ "jalr $t9", "\x03\x20\xf8\x09", gh_decode_mips, GH_DECODE_BIG, GH_I_FLOW | GH_I_DELAY },
		{ "bnel $a0, $zero, .+32", "\x54\x80\x00\x07", gh_decode_mips, GH_DECODE_BIG,
		  GH_I_FLOW | GH_I_DELAY | GH_I_LIKELY | GH_I_COND | GH_I_COMPARE },
		{ "nop", "\0\0\0\0", gh_decode_mips, 0, GH_I_PAD },
		{ "bleq .+8", "\0\0\0\x0b", gh_decode_arm, 0, GH_I_FLOW | GH_I_COND },
		{ "xori $v0, $v0, 0x5a", "\x38\x42\x00\x5a", gh_decode_mips, GH_DECODE_BIG, GH_I_NZXOR },
		{ "nop", "\x1f\x20\x03\xd5", gh_decode_aarch64, 0, GH_I_PAD },
		{ "nop", "\x60\0\0\0", gh_decode_ppc, GH_DECODE_BIG, GH_I_PAD },
	};
	(void)state;
	for (size_t i = 0; i < GH_COUNT(table); i++) {
		gh_insn in;
		table[i].decode(&in, (const uint8_t *)table[i].bytes, 4, AT, table[i].mode);
		EQ(in.flags, table[i].flags, table[i].source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_understood),
		cmocka_unit_test(a_line_cut_short_is_no_instruction),
		cmocka_unit_test(flags_tell_how),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
