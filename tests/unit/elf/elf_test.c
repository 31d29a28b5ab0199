/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "check.h"
#include "elf/elf.h"

enum { SIZE = 0x800, INTERP = 0x200, DYNAMIC = 0x240, STRINGS = 0x300, NOTE = 0x380, CODE = 0x400, COMMENT = 0x500 };

/* One program in all four shapes: segments LOAD, INTERP, DYNAMIC, NOTE, GNU_STACK; sections .comment and .text. */
typedef struct shape {
	const char *name;
	unsigned machine;
	bool big, wide;
} shape;

static const shape shapes[] = {
	{ "MIPS, big", 8, true, false },
	{ "ARM", 40, false, false },
	{ "AArch64", 183, false, true },
	{ "PowerPC64", 21, true, true },
};

typedef struct maker {
	uint8_t bytes[SIZE];
	bool big;
	unsigned w;
} maker;

static void put(maker *m, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		m->bytes[at + i] = (uint8_t)(v >> 8 * (m->big ? width - 1 - i : i));
}

static void segment(maker *m, unsigned i, unsigned type, unsigned flags, uint64_t at, uint64_t size)
{
	const bool wide = m->w == 8;
	size_t p = 0x40 + i * (size_t)(wide ? 56 : 32), o = p + (wide ? 8 : 4);
	put(m, p, type, 4);
	put(m, p + (wide ? 4 : 24), flags, 4);
	put(m, o, at, m->w);
	put(m, o + m->w, at ? 0x400000 + at : 0x400000, m->w);
	put(m, o + 3 * m->w, size, m->w);
	put(m, o + 4 * m->w, size, m->w);
	put(m, p + (wide ? 48 : 28), 0x10000, m->w);
}

static void section(maker *m, unsigned i, unsigned name, unsigned type, unsigned flags, uint64_t address, uint64_t at,
		    uint64_t size)
{
	size_t s = 0x600 + (size_t)i * (m->w == 8 ? 64 : 40);
	put(m, s, name, 4);
	put(m, s + 4, type, 4);
	put(m, s + 8, flags, m->w);
	put(m, s + 8 + m->w, address, m->w);
	put(m, s + 8 + 2 * m->w, at, m->w);
	put(m, s + 8 + 3 * m->w, size, m->w);
}

static void tag(maker *m, unsigned i, uint64_t tag, uint64_t value)
{
	put(m, DYNAMIC + 2 * i * (size_t)m->w, tag, m->w);
	put(m, DYNAMIC + (2 * i + 1) * (size_t)m->w, value, m->w);
}

static void make(maker *m, const shape *s)
{
	static const char names[] = "\0.text\0.comment\0.shstrtab";
	static const char strings[] = "\0libc.so.6\0/lib/private";
	static const char comment[] = "GCC: (GNU) 4.3.3\0GCC: (GNU) 4.3.3\0GCC: (GNU) 3.4.2";
	*m = (maker){ .big = s->big, .w = s->wide ? 8 : 4 };
	const unsigned w = m->w, tail = 24 + 3 * w;
	memcpy(m->bytes, "\177ELF", 4);
	m->bytes[4] = s->wide ? 2 : 1;
	m->bytes[5] = s->big ? 2 : 1;
	put(m, 16, 2, 2);
	put(m, 18, s->machine, 2);
	put(m, 24, 0x400000 + CODE, w);
	put(m, 24 + w, 0x40, w);
	put(m, 24 + 2 * w, 0x600, w);
	put(m, tail, 0x1007, 4);
	put(m, tail + 6, s->wide ? 56 : 32, 2);
	put(m, tail + 8, 5, 2);
	put(m, tail + 10, s->wide ? 64 : 40, 2);
	put(m, tail + 12, 4, 2);
	put(m, tail + 14, 3, 2);
	segment(m, 0, 1, 5, 0, COMMENT);
	segment(m, 1, 3, 4, INTERP, 0x20);
	segment(m, 2, 2, 6, DYNAMIC, 0xa0);
	segment(m, 3, 4, 4, NOTE, 0x20);
	segment(m, 4, 0x6474e551, 7, 0, 0);
	memcpy(m->bytes + INTERP, "/lib/ld-uClibc.so.0", 20);
	memcpy(m->bytes + STRINGS, strings, sizeof strings);
	tag(m, 0, 1, 1);
	tag(m, 1, 15, 11);
	tag(m, 2, 4, 0x400380);
	tag(m, 3, 5, 0x400000 + STRINGS);
	tag(m, 4, 24, 0);
	put(m, NOTE, 4, 4);
	put(m, NOTE + 4, 4, 4);
	put(m, NOTE + 8, 3, 4);
	memcpy(m->bytes + NOTE + 12, "GNU\0\xde\xad\xbe\xef", 8);
	memcpy(m->bytes + COMMENT, comment, sizeof comment);
	memcpy(m->bytes + 0x580, names, sizeof names);
	section(m, 1, 1, 1, 6, 0x400000 + CODE, CODE, 0x80);
	section(m, 2, 7, 1, 0, 0, COMMENT, sizeof comment);
	section(m, 3, 16, 3, 0, 0, 0x580, sizeof names);
}

static void every_shape_reads_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(shapes); i++) {
		const char *label = shapes[i].name;
		gh_ctx ctx = gh_test_ctx();
		maker m;
		gh_elf *elf = NULL;
		make(&m, &shapes[i]);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, SIZE), &elf), GH_OK, label);
		EQ(elf->role, GH_ELF_PROGRAM, label);
		EQ(elf->wide, shapes[i].wide, label);
		EQ(elf->big, shapes[i].big, label);
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
		EQ(elf->end, 0x600 + 4 * (shapes[i].wide ? 64 : 40), label);
		TRUE(elf->start != 0 || shapes[i].machine == 40, label);
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
		maker m;
		gh_elf *elf = NULL;
		make(&m, &shapes[0]);
		put(&m, rows[i].at, rows[i].value, rows[i].width);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, SIZE), &elf), GH_OK, rows[i].label);
		EQ(elf->faults, rows[i].want, rows[i].label);
		gh_test_done(&ctx);
	}
}

static void a_cut_or_damaged_file_hurts_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(shapes); i++) {
		maker m;
		make(&m, &shapes[i]);
		for (size_t len = 0; len < SIZE; len++) {
			gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(1)), .scratch = gh_arena_new(GH_MIB(1)) };
			uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees the end */
			gh_elf *elf = NULL;
			memcpy(exact, m.bytes, len);
			gh_code code = gh_elf_read(&ctx, gh_view(exact, len), &elf);
			EQ(code,
			   len < 16                  ? GH_NOT_MINE
			   : len < 24 + 3 * m.w + 16 ? GH_TRUNCATED
						     : GH_OK,
			   shapes[i].name);
			TRUE(!elf || elf->end <= len, shapes[i].name);
			free(exact);
			gh_test_done(&ctx);
		}
		for (size_t bit = 0; bit < (size_t)8 * 0x160; bit++) {
			gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(1)), .scratch = gh_arena_new(GH_MIB(1)) };
			gh_elf *elf = NULL;
			make(&m, &shapes[i]);
			m.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
			gh_code code = gh_elf_read(&ctx, gh_view(m.bytes, SIZE), &elf);
			EQ(code, bit < 32 ? GH_NOT_MINE : GH_OK, shapes[i].name);
			TRUE(!elf || elf->end <= SIZE, shapes[i].name);
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
		{ GH_TRAIT_CPU, 36, 0x50001007 },       { GH_TRAIT_LINKING, INTERP + 4, 0x2f2f2f2f },
		{ GH_TRAIT_LAYOUT, 0x40 + 28, 0x1000 }, { GH_TRAIT_COMPILER, COMMENT + 12, 0x392e392e },
		{ GH_TRAIT_HARDENING, 0xc0 + 24, 6 },   { GH_TRAIT_START, CODE, 0x3c1c0000 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		maker m;
		gh_elf *one = NULL, *other = NULL;
		make(&m, &shapes[0]);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, SIZE), &one), GH_OK, NULL);
		put(&m, rows[i].at, rows[i].value, 4);
		EQ(gh_elf_read(&ctx, gh_view(m.bytes, SIZE), &other), GH_OK, NULL);
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
