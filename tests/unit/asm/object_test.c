/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One module on each CPU: init_module() { return printk("laboratory"); }, where only relocations tell what is
 * called and with what. Code at 0x100, texts at 0x140, then symbols, names, relocations and sections.
 */
#include "asm/program.h"
#include "unit/asm/elf_of.h"

enum {
	TEXT = 0x100,
	DATA = 0x140,
	SYMBOLS = 0x180,
	NAMES = 0x200,
	RELOCATIONS = 0x240,
	SECTIONS = 0x2c0,
	SIZE = 0x500
};
enum { BASE = 0x2c000000, ADDEND = 16, ROWS = 3 };

typedef struct module {
	const char *name;
	elf_cpu cpu;
	gh_bytes code;
	bool addends, thumb;
	struct {
		unsigned at, kind, symbol; /* 1: texts, 3: printk */
		int add;
	} rows[ROWS];
} module;

#define CODE_OF(text)                                                                                                  \
	{                                                                                                              \
		(const uint8_t *)(text), sizeof(text) - 1                                                              \
	}

static const module modules[] = {
	{ "mips",
	  { 8, 0x1000, true, false, 0 },
	  CODE_OF("\x3c\x04\0\0\x24\x84\0\x10\x0c\0\0\0\0\0\0\0\x03\xe0\0\x08\0\0\0\0"),
	  false,
	  false,
	  { { 0, 5, 1, 0 }, { 4, 6, 1, 0 }, { 8, 4, 3, 0 } } },
	{ "arm",
	  { 40, 0x05000000, false, false, 0 },
	  CODE_OF("\x10\x40\x2d\xe9\x10\0\0\xe3\0\0\x40\xe3\xfe\xff\xff\xeb\x10\x80\xbd\xe8"),
	  false,
	  false,
	  { { 4, 43, 1, 0 }, { 8, 44, 1, 0 }, { 12, 28, 3, 0 } } },
	{ "thumb",
	  { 40, 0x05000000, false, false, 0 },
	  CODE_OF("\x10\xb5\x40\xf2\x10\0\xc0\xf2\0\0\xff\xf7\xfe\xff\x10\xbd"),
	  false,
	  true,
	  { { 2, 47, 1, 0 }, { 6, 48, 1, 0 }, { 10, 10, 3, 0 } } },
	{ "aarch64",
	  { 183, 0, false, true, 0 },
	  CODE_OF("\0\0\0\x90\0\0\0\x91\0\0\0\x94\xc0\x03\x5f\xd6"),
	  true,
	  false,
	  { { 0, 275, 1, ADDEND }, { 4, 277, 1, ADDEND }, { 8, 283, 3, 0 } } },
	{ "powerpc",
	  { 20, 0, true, false, 0 },
	  CODE_OF("\x3c\x60\0\0\x38\x63\0\0\x48\0\0\x01\x4e\x80\0\x20"),
	  true,
	  false,
	  { { 2, 6, 1, ADDEND }, { 6, 4, 1, ADDEND }, { 8, 10, 3, 0 } } },
	{ "amd64",
	  { 62, 0, false, true, 0 },
	  CODE_OF("\x48\xc7\xc7\0\0\0\0\xe8\0\0\0\0\xc3"),
	  true,
	  false,
	  { { 3, 11, 1, ADDEND }, { 8, 4, 3, -4 }, { 0, 0, 0, 0 } } },
};

static uint8_t image[SIZE];

static void section(const elf_out *o, bool wide, unsigned i, unsigned type, unsigned flags, uint64_t at, uint64_t size,
		    unsigned link, unsigned info)
{
	unsigned w = wide ? 8 : 4;
	size_t row = SECTIONS + i * (wide ? 64 : 40);
	elf_put(o, row + 4, type, 4);
	elf_put(o, row + 8, flags, w);
	elf_put(o, row + 8 + 2 * w, at, w);
	elf_put(o, row + 8 + 3 * w, size, w);
	elf_put(o, row + 8 + 4 * w, link, 4);
	elf_put(o, row + 12 + 4 * w, info, 4);
}

static void symbol(const elf_out *o, bool wide, unsigned i, unsigned name, unsigned value, unsigned type, unsigned in)
{
	size_t row = SYMBOLS + i * (wide ? 24 : 16);
	elf_put(o, row, name, 4);
	elf_put(o, row + (wide ? 8 : 4), value, 4);
	o->p[row + (wide ? 4 : 12)] = (uint8_t)(type | 0x10);
	elf_put(o, row + (wide ? 6 : 14), in, 2);
}

static void build(const module *m)
{
	static const char names[] = "\0init_module\0printk";
	elf_out o = { image, m->cpu.big };
	bool wide = m->cpu.wide;
	unsigned w = wide ? 8 : 4, tail = 24 + 3 * w, row = (m->addends ? 3 : 2) * w;
	memset(image, 0, sizeof image);
	memcpy(image, "\177ELF", 4);
	image[4] = wide ? 2 : 1;
	image[5] = m->cpu.big ? 2 : 1;
	elf_put(&o, 16, 1, 2);
	elf_put(&o, 18, m->cpu.machine, 2);
	elf_put(&o, 24 + 2 * w, SECTIONS, w);
	elf_put(&o, tail, m->cpu.flags, 4);
	elf_put(&o, tail + 10, wide ? 64 : 40, 2);
	elf_put(&o, tail + 12, 6, 2);
	memcpy(image + TEXT, m->code.ptr, m->code.len);
	memcpy(image + DATA + ADDEND, "laboratory", 11);
	memcpy(image + NAMES, names, sizeof names);
	section(&o, wide, 1, 1, 6, TEXT, m->code.len, 0, 0);
	section(&o, wide, 2, 1, 2, DATA, ADDEND + 11, 0, 0);
	section(&o, wide, 3, 2, 0, SYMBOLS, wide ? 96 : 64, 4, 0);
	section(&o, wide, 4, 3, 0, NAMES, sizeof names, 0, 0);
	section(&o, wide, 5, m->addends ? 4 : 9, 0, RELOCATIONS, ROWS * row, 3, 1);
	symbol(&o, wide, 1, 0, 0, 3, 2);
	symbol(&o, wide, 2, 1, m->thumb, 2, 1);
	symbol(&o, wide, 3, 13, 0, 0, 0);
	for (unsigned i = 0; i < ROWS; i++) {
		size_t at = RELOCATIONS + i * row;
		elf_put(&o, at, m->rows[i].at, w);
		elf_put(&o, at + w, (uint64_t)m->rows[i].symbol << (wide ? 32 : 8) | m->rows[i].kind, w);
		if (m->addends)
			elf_put(&o, at + 2 * w, (uint64_t)(int64_t)m->rows[i].add, w);
	}
}

static gh_ctx fresh(void)
{
	return (gh_ctx){ .arena = gh_arena_new(GH_MIB(16)), .scratch = gh_arena_new(GH_MIB(16)) };
}

static void done(gh_ctx *ctx)
{
	gh_arena_free(ctx->arena);
	gh_arena_free(ctx->scratch);
}

static void relocations_name_what_is_called(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(modules); i++) {
		const module *m = &modules[i];
		gh_ctx ctx = fresh();
		gh_program *p = NULL;
		build(m);
		EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, m->name);
		EQ(p->n_functions, 1, m->name);
		TRUE(p->functions[0].name && strcmp(p->functions[0].name, "init_module") == 0, m->name);
		EQ(p->functions[0].address, BASE + TEXT, m->name);
		EQ(p->entry, 0, m->name);
		EQ(p->n_calls, 1, m->name);
		TRUE(gh_call_is(&p->calls[0], "printk"), m->name);
		EQ(p->calls[0].kind, GH_CALL_IMPORT, m->name);
		gh_value v = gh_call_argument(p, &p->calls[0], 0);
		EQ(v.kind, GH_STRING, m->name);
		TRUE(gh_bytes_eq(gh_value_view(p, v), gh_view_text("laboratory")), m->name);
		done(&ctx);
	}
}

/* Every word of the file in turn is as large as it can be, and the file ends at every place. */
static void a_spoilt_module_ends_well(void **state)
{
	(void)state;
	for (size_t at = 16; at < SECTIONS + 6 * 40; at += 4) {
		gh_program *p = NULL;
		gh_ctx ctx = fresh();
		build(&modules[at / 4 % GH_COUNT(modules)]);
		memset(image + at, 0xff, 4);
		gh_code code = gh_program_read(&ctx, gh_view(image, sizeof image), &p);
		EQ(code, GH_OK, "spoilt");
		done(&ctx);
	}
	for (size_t size = 64; size < SIZE; size += 7) {
		gh_program *p = NULL;
		gh_ctx ctx = fresh();
		build(&modules[size % GH_COUNT(modules)]);
		uint8_t *exact = malloc(size);
		memcpy(exact, image, size);
		EQ(gh_program_read(&ctx, gh_view(exact, size), &p), GH_OK, "cut");
		free(exact);
		done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relocations_name_what_is_called),
		cmocka_unit_test(a_spoilt_module_ends_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
