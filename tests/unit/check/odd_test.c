/* SPDX-License-Identifier: Apache-2.0 */
/* Populations of laboratory files: who stands out, and what several weak signs come to. */
#include "check/population_in.h"
#include "elf/elf.h"
#include "volume.h"

enum { PROGRAMS = 60 };

typedef struct lab {
	gh_ctx ctx;
	gh_elf usual, alien;
	gh_node *image, *volume;
	gh_entry *entries;
	gh_findings found;
	gh_signals signals;
} lab;

/* A root of sixty programs that one build made and one script packed. */
static void begin(lab *l)
{
	*l = (lab){ .ctx = gh_test_ctx() };
	gh_ctx *ctx = &l->ctx;
	l->usual = (gh_elf){ .role = GH_ELF_PROGRAM,
			     .big = true,
			     .machine = 8,
			     .flags = 0x1007,
			     .dynamic = true,
			     .interpreter = "/lib/ld-uClibc.so.0",
			     .needed = { "libc.so.0" },
			     .n_needed = 1,
			     .sysv_hash = true,
			     .segment_order = 1,
			     .dynamic_order = 2,
			     .start = 3,
			     .align = 0x1000 };
	l->alien = l->usual;
	l->alien.start = 4;
	l->alien.sections = true;
	l->alien.compiler[0] = "GCC: (Debian) 12.2";
	l->alien.n_compilers = 1;
	l->image = gh_node_new(ctx, GH_NODE_IMAGE);
	l->volume = gh_node_new(ctx, GH_NODE_VOLUME);
	gh_volume *volume = gh_arena_zalloc(ctx->arena, sizeof *volume);
	l->entries = gh_arena_array(ctx->arena, PROGRAMS, sizeof *l->entries);
	assert_true(l->image && l->volume && volume && l->entries);
	l->volume->id = 1;
	for (unsigned i = 0; i < PROGRAMS; i++) {
		const char *path = gh_arena_printf(ctx->arena, "bin/tool%02u", i);
		assert_non_null(path);
		l->entries[i] = (gh_entry){ .path = gh_view_text(path),
					    .type = GH_ENTRY_FILE,
					    .mode = 0755,
					    .mtime = 1400000000 + i % 3,
					    .elf = &l->usual };
	}
	*volume = (gh_volume){ .entries = l->entries, .count = PROGRAMS };
	gh_node_volume(l->volume, volume);
	gh_node_append(l->image, l->volume);
}

static void run(lab *l)
{
	gh_check_ctx c = { .ctx = &l->ctx, .root = l->image, .out = &l->found, .signals = &l->signals };
	EQ(gh_check_odd_toolchain.conclude(&c), GH_OK, l->ctx.what);
	EQ(gh_check_odd_metadata.conclude(&c), GH_OK, l->ctx.what);
	EQ(gh_check_convergence.weigh(&c), GH_OK, l->ctx.what);
}

static void nobody(lab *l)
{
	(void)l;
}

static void one_alien(lab *l)
{
	l->entries[7].elf = &l->alien;
}

static void half_aliens(lab *l)
{
	for (unsigned i = 0; i < PROGRAMS; i += 2)
		l->entries[i].elf = &l->alien;
}

static void one_that_kept_its_sections(lab *l)
{
	l->alien.start = l->usual.start;
	l->alien.n_compilers = 0;
	one_alien(l);
}

static void one_late(lab *l)
{
	l->entries[7].mtime = 1664000000;
}

static void all_late(lab *l)
{
	for (unsigned i = 0; i < PROGRAMS; i++)
		l->entries[i].mtime = 1400000000 + (int64_t)i * 86400;
}

static void one_of_another_owner(lab *l)
{
	l->entries[7].uid = 1000;
}

static void one_with_another_mode(lab *l)
{
	l->entries[7].mode = 0777;
}

static void an_alien_packed_late(lab *l)
{
	one_alien(l);
	one_late(l);
	one_of_another_owner(l);
}

static void an_alien_packed_late_that_hides(lab *l)
{
	an_alien_packed_late(l);
	gh_signal s = { .check = "LOOK-ALIKE", .witness = GH_WITNESS_NAME, .weight = 1 };
	s.evidence = (gh_evidence){
		.node = 1, .path = l->entries[7].path, .at = GH_NOWHERE, .note = "is called like tool08"
	};
	EQ(gh_signal_add(&l->ctx, &l->signals, &s), GH_OK, NULL);
}

static void three_signs_on_three_files(lab *l)
{
	one_alien(l);
	l->entries[8].mtime = 1664000000;
	gh_signal s = { .check = "LOOK-ALIKE", .witness = GH_WITNESS_NAME, .weight = 1 };
	s.evidence = (gh_evidence){
		.node = 1, .path = l->entries[9].path, .at = GH_NOWHERE, .note = "is called like tool08"
	};
	EQ(gh_signal_add(&l->ctx, &l->signals, &s), GH_OK, NULL);
}

static void signs_add_up_by_witness(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		void (*plant)(lab *);
		unsigned signals, odd_ones, singles, twos, suspects;
	} rows[] = {
		{ "a clean root", nobody, 0, 0, 0, 0, 0 },
		{ "built elsewhere", one_alien, 1, 1, 1, 0, 0 },
		{ "two builds met", half_aliens, 0, 0, 0, 0, 0 },
		{ "an honest singleton", one_that_kept_its_sections, 0, 0, 0, 0, 0 },
		{ "written later", one_late, 1, 0, 1, 0, 0 },
		{ "all written on days of their own", all_late, 0, 0, 0, 0, 0 },
		{ "another owner", one_of_another_owner, 1, 0, 1, 0, 0 },
		{ "another mode", one_with_another_mode, 1, 0, 1, 0, 0 },
		{ "two witnesses, three signs", an_alien_packed_late, 3, 1, 0, 1, 0 },
		{ "three witnesses", an_alien_packed_late_that_hides, 4, 1, 0, 0, 1 },
		{ "three files with one sign each", three_signs_on_three_files, 3, 1, 1, 0, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		lab l;
		begin(&l);
		rows[i].plant(&l);
		run(&l);
		EQ(l.signals.count, rows[i].signals, rows[i].label);
		EQ(count_of(&l.found, "ODD-TOOLCHAIN/odd-one", NULL), rows[i].odd_ones, rows[i].label);
		EQ(count_of(&l.found, "CONVERGENCE/single-signs", NULL), rows[i].singles, rows[i].label);
		EQ(count_of(&l.found, "CONVERGENCE/two-signs", NULL), rows[i].twos, rows[i].label);
		EQ(count_of(&l.found, "CONVERGENCE/suspect", NULL), rows[i].suspects, rows[i].label);
		gh_test_done(&l.ctx);
	}
}

static void a_suspect_comes_with_all_its_signs(void **state)
{
	(void)state;
	lab l;
	begin(&l);
	an_alien_packed_late_that_hides(&l);
	run(&l);
	const gh_finding *f = finding_of(&l.found, "CONVERGENCE/suspect", "bin/tool07");
	EQ(f->level, GH_LEVEL_SUSPICIOUS, NULL);
	EQ(f->n_evidence, 4, NULL);
	assert_non_null(strstr(f->title, "3 witnesses: build, packing, name"));
	const gh_finding *odd = finding_of(&l.found, "ODD-TOOLCHAIN/odd-one", NULL);
	EQ(odd->level, GH_LEVEL_NOTICE, NULL);
	assert_non_null(
		strstr(odd->evidence[1].note, "compiler: GCC: (Debian) 12.2; 1 of 60 have this, 59 have no mark"));
	gh_test_done(&l.ctx);
}

static void columns_know_who_is_odd(void **state)
{
	(void)state;
	static const struct {
		const char *label, *values; /* one letter a member, '.': has none */
		bool settled;
		const char *odd;
	} rows[] = {
		{ "all alike", "aaaaaaaaaa", true, "----------" },
		{ "one other", "aaaaabaaaa", true, "-----x----" },
		{ "too few", "aaaab", false, "-----" },
		{ "too few that have one", "aaaab.....", false, "----------" },
		{ "two builds", "aaaaabbbbb", true, "----------" },
		{ "two builds and one other", "aaaaaabbbbbc", true, "-----------x" },
		{ "all different", "abcdefghij", false, "----------" },
		{ "three singles of twelve", "aaaaaaaaabcd", false, "------------" },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		static const char *const letters[] = { "", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
		const char *values[16];
		unsigned n = (unsigned)strlen(rows[i].values);
		for (unsigned k = 0; k < n; k++)
			values[k] = letters[rows[i].values[k] == '.' ? 0 : rows[i].values[k] - 'a' + 1];
		gh_column c = { .values = values, .n = n };
		EQ(gh_column_count(&ctx, &c), GH_OK, rows[i].label);
		EQ(c.settled, rows[i].settled, rows[i].label);
		for (unsigned k = 0; k < n; k++)
			EQ(gh_column_is_odd(&c, k), rows[i].odd[k] == 'x', rows[i].label);
		gh_test_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_know_who_is_odd),
		cmocka_unit_test(signs_add_up_by_witness),
		cmocka_unit_test(a_suspect_comes_with_all_its_signs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
