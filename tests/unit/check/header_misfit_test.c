/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#include "elf/elf.h"

#define ELF                                                                                                            \
	"\x7f"                                                                                                         \
	"ELF"

typedef struct lab {
	gh_ctx ctx;
	gh_findings found;
	gh_node *image;
} lab;

static void begin(lab *l, const file *files, size_t n)
{
	*l = (lab){ .ctx = gh_test_ctx() };
	const gh_node *image = volume_of(&l->ctx, &gh_check_header_misfit, files, n);
	l->image = image->first->up;
}

static void look(lab *l, gh_bytes text)
{
	gh_file region = { .node = l->image, .content = text, .pos = 0x100 };
	gh_check_ctx c = { .ctx = &l->ctx, .out = &l->found };
	EQ(gh_check_header_misfit.look(&c, &region), GH_OK, "look");
}

static void conclude(lab *l)
{
	gh_check_ctx c = { .ctx = &l->ctx, .root = l->image, .out = &l->found };
	EQ(gh_check_header_misfit.conclude(&c), GH_OK, "conclude");
}

static void kernels_and_modules_are_compared(void **state)
{
	(void)state;
	static const file files[] = { FOLDER("lib/modules/2.6.31"), TEXT("lib/modules/2.6.31/net/a.ko", ELF),
				      TEXT("lib/modules/2.6.31/b.ko", ELF) };
	static const struct row {
		const char *banner, *second;
		unsigned misfits;
	} rows[] = {
		{ "xxLinux version 2.6.31 (builder@laboratory) (gcc) #1\n", NULL, 0 },
		{ "xxLinux version 2.6.31--LSDK-9.2.0 (builder@laboratory)\n", NULL, 0 },
		{ "xxLinux version 2.6.30 (builder@laboratory)\n", NULL, 1 },
		{ "xxLinux version 2.6.3 (builder@laboratory)\n", NULL, 1 },
		{ "xxLinux version 3.10.14 (builder@laboratory)\n", "Linux version 2.6.31 (other bank)\n", 0 },
		{ "no kernel at all", NULL, 0 },
		{ "Linux version %s is not supported by this tool\n", NULL, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		lab l;
		begin(&l, files, GH_COUNT(files));
		look(&l, gh_view_text(rows[i].banner));
		if (rows[i].second)
			look(&l, gh_view_text(rows[i].second));
		conclude(&l);
		EQ(count_of(&l.found, "HEADER-MISFIT/modules", NULL), rows[i].misfits, rows[i].banner);
		gh_test_done(&l.ctx);
	}
}

static void the_kernel_is_quoted(void **state)
{
	(void)state;
	lab l;
	begin(&l, NULL, 0);
	look(&l, GH_LIT("\0\0Linux version 4.4.1 (a@b) (gcc 5.3) #2 Mon\n\0more"));
	const gh_finding *f =
		finding_of(&l.found, "HEADER-MISFIT/kernel", "Linux version 4.4.1 (a@b) (gcc 5.3) #2 Mon");
	EQ(f->evidence[0].at, 0x102, "where it stands");
	EQ(f->level, GH_LEVEL_INFO, "a fact");
	look(&l, GH_LIT("Linux version "));
	look(&l, GH_LIT("Linux version 4."));
	EQ(l.found.count, 1, "cut short");
	gh_test_done(&l.ctx);
}

static void processors_are_compared(void **state)
{
	(void)state;
	static const file files[] = { TEXT("bin/a", ELF), TEXT("bin/b", ELF), TEXT("bin/c", ELF), TEXT("bin/d", ELF),
				      TEXT("bin/e", ELF), TEXT("bin/f", ELF), TEXT("bin/g", ELF), TEXT("bin/h", ELF),
				      TEXT("bin/i", ELF), TEXT("bin/j", ELF) };
	static const struct row {
		const char *header;
		uint16_t machine;
		unsigned others, misfits;
	} rows[] = {
		{ "MIPS", 8, 0, 0 }, { "ARM", 8, 0, 1 },     { "ARM", 8, 1, 1 },   { "ARM", 8, 3, 0 },
		{ "ARM", 40, 0, 0 }, { "ARM 64", 40, 0, 0 }, { "MIPS", 40, 1, 1 }, { "Blackfin", 8, 0, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		lab l;
		gh_elf elf = { .machine = rows[i].machine }, other = { .machine = 62 };
		begin(&l, files, GH_COUNT(files));
		gh_node *node = l.image->first;
		for (size_t e = 0; e < node->volume->count; e++)
			node->volume->entries[e].elf = e < rows[i].others ? &other : &elf;
		EQ(gh_node_fact(&l.ctx, l.image, "architecture", gh_view_text(rows[i].header)), GH_OK, "fact");
		conclude(&l);
		EQ(count_of(&l.found, "HEADER-MISFIT/processor", NULL), rows[i].misfits, rows[i].header);
		gh_test_done(&l.ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_and_modules_are_compared),
		cmocka_unit_test(the_kernel_is_quoted),
		cmocka_unit_test(processors_are_compared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
