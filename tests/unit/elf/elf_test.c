/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "elf/elf.h"
#include "unit/elf/made.h"

static void every_shape_reads_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(made_shapes); i++) {
		const char *label = made_shapes[i].name;
		gh_ctx ctx = gh_test_ctx();
		made_elf m;
		gh_elf *elf = NULL;
		made(&m, &made_shapes[i]);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, MADE_SIZE), &elf), GH_OK, label);
		EQ(elf->role, GH_ELF_PROGRAM, label);
		EQ(elf->wide, made_shapes[i].wide, label);
		EQ(elf->big, made_shapes[i].big, label);
		EQ(elf->flags, 0x1007, label);
		EQ(elf->base, 0x400000, label);
		EQ(elf->align, 0x10000, label);
		EQ(elf->faults, 0, label);
		EQ(elf->n_needed, 1, label);
		assert_string_equal(elf->needed[0], "libc.so.6");
		assert_string_equal(elf->rpath, "/lib/private");
		assert_string_equal(elf->interpreter, "/lib/ld-uClibc.so.0");
		EQ(elf->n_compilers, 2, label);
		assert_string_equal(elf->compiler[1], "GCC: (GNU) 3.4.2");
		EQ(elf->n_build_id, 4, label);
		EQ(elf->build_id[0], 0xde, label);
		TRUE(elf->sections && elf->dynamic && elf->sysv_hash && elf->bind_now, label);
		TRUE(elf->stack_said && elf->exec_stack && !elf->relro && !elf->gnu_hash && !elf->symbols, label);
		EQ(elf->end, 0x600 + 4 * (made_shapes[i].wide ? 64 : 40), label);
		TRUE(elf->start != 0 || made_shapes[i].machine == 40, label);
		gh_test_done(&ctx);
	}
}

static void what_contradicts_itself_is_a_fault(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		size_t at;
		uint64_t value;
		unsigned width;
		uint32_t want;
	} rows[] = {
		{ "nothing", 18, 8, 2, 0 },
		{ "entry outside", 24, 0x900000, 4, GH_ELF_ENTRY_ASTRAY | GH_ELF_SECTIONS_LIE },
		{ "sections outside", 32, 0x7000000, 4, GH_ELF_SECTIONS_LIE },
		{ "sections that overflow", 32, 0xffffffff, 4, GH_ELF_SECTIONS_LIE },
		{ "segment behind the end", 0x40 + 16, 0x10000, 4, GH_ELF_CUT },
		{ "written and run", 0x40 + 24, 7, 4, GH_ELF_WRITE_EXEC },
		{ "a second segment over the first", 0x60, 1, 4, GH_ELF_OVERLAP },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		made_elf m;
		gh_elf *elf = NULL;
		made(&m, &made_shapes[0]);
		made_put(&m, rows[i].at, rows[i].value, rows[i].width);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, MADE_SIZE), &elf), GH_OK, rows[i].label);
		EQ(elf->faults, rows[i].want, rows[i].label);
		gh_test_done(&ctx);
	}
}

static void a_cut_or_damaged_file_hurts_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(made_shapes); i++) {
		made_elf m;
		made(&m, &made_shapes[i]);
		for (size_t len = 0; len < MADE_SIZE; len++) {
			gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(1)), .scratch = gh_arena_new(GH_MIB(1)) };
			uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees the end */
			gh_elf *elf = NULL;
			memcpy(exact, m.bytes, len);
			gh_code code = gh_elf_read(&ctx, gh_view(exact, len), &elf);
			EQ(code,
			   len < 16                  ? GH_NOT_MINE
			   : len < 24 + 3 * m.w + 16 ? GH_TRUNCATED
						     : GH_OK,
			   made_shapes[i].name);
			TRUE(!elf || elf->end <= len, made_shapes[i].name);
			free(exact);
			gh_test_done(&ctx);
		}
		for (size_t bit = 0; bit < (size_t)8 * 0x160; bit++) {
			gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(1)), .scratch = gh_arena_new(GH_MIB(1)) };
			gh_elf *elf = NULL;
			made(&m, &made_shapes[i]);
			m.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
			gh_code code = gh_elf_read(&ctx, gh_view(m.bytes, MADE_SIZE), &elf);
			EQ(code, bit < 32 ? GH_NOT_MINE : GH_OK, made_shapes[i].name);
			TRUE(!elf || elf->end <= MADE_SIZE, made_shapes[i].name);
			gh_test_done(&ctx);
		}
	}
}

/* The test itself is a program that the compiler and the linker of this machine made. */
static void a_real_program_is_understood(void **state)
{
	(void)state;
	static uint8_t bytes[32 << 20];
	FILE *in = fopen("/proc/self/exe", "rb");
	assert_non_null(in);
	size_t n = fread(bytes, 1, sizeof bytes, in);
	(void)fclose(in);
	gh_ctx ctx = gh_test_ctx();
	gh_elf *elf = NULL;
	EQ(gh_elf_read(&ctx, gh_view(bytes, n), &elf), GH_OK, ctx.what);
	EQ(elf->role, GH_ELF_PROGRAM, NULL);
	EQ(elf->faults, 0, NULL);
	EQ(elf->end, n, NULL);
	EQ(elf->n_build_id, 20, NULL);
	TRUE(elf->dynamic && elf->sections && elf->symbols && elf->interpreter, NULL);
	TRUE(elf->n_compilers > 0 && elf->n_needed > 0 && gh_elf_machine(elf->machine), NULL);
	gh_test_done(&ctx);
}

static void traits_tell_builds_apart(void **state)
{
	(void)state;
	static const struct {
		gh_elf_trait trait;
		size_t at;
		uint64_t value;
	} rows[] = {
		{ GH_TRAIT_CPU, 36, 0x50001007 },       { GH_TRAIT_LINKING, MADE_INTERP + 4, 0x2f2f2f2f },
		{ GH_TRAIT_LAYOUT, 0x40 + 28, 0x1000 }, { GH_TRAIT_COMPILER, MADE_COMMENT + 12, 0x392e392e },
		{ GH_TRAIT_HARDENING, 0xc0 + 24, 6 },   { GH_TRAIT_START, MADE_CODE, 0x3c1c0000 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		made_elf m;
		gh_elf *one = NULL, *other = NULL;
		made(&m, &made_shapes[0]);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, MADE_SIZE), &one), GH_OK, NULL);
		made_put(&m, rows[i].at, rows[i].value, 4);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, MADE_SIZE), &other), GH_OK, NULL);
		for (unsigned t = 0; t < GH_TRAITS; t++) {
			const char *a, *b, *name = gh_elf_trait_name((gh_elf_trait)t);
			EQ(gh_elf_trait_text(&ctx, one, (gh_elf_trait)t, &a), GH_OK, name);
			EQ(gh_elf_trait_text(&ctx, other, (gh_elf_trait)t, &b), GH_OK, name);
			EQ(strcmp(a, b) == 0, t != rows[i].trait, name);
		}
		gh_test_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_reads_alike),
		cmocka_unit_test(what_contradicts_itself_is_a_fault),
		cmocka_unit_test(a_cut_or_damaged_file_hurts_nobody),
		cmocka_unit_test(a_real_program_is_understood),
		cmocka_unit_test(traits_tell_builds_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
