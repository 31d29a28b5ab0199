/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One small program on each CPU:
 *
 *	r = open("/tmp/laboratory", 0x241, 0644); write(r, "hello", 5); local(7); getpid(); return close(9);
 *
 * with the calls through the GOT, through PLT entries, direct, without libc, and as a jump.
 */
#include "asm/program.h"
#include "unit/asm/machines.h"

static uint8_t image[ELF_SIZE];

static gh_ctx fresh(void)
{
	return (gh_ctx){ .arena = gh_arena_new(GH_MIB(16)), .scratch = gh_arena_new(GH_MIB(16)) };
}

static void done(gh_ctx *ctx)
{
	gh_arena_free(ctx->arena);
	gh_arena_free(ctx->scratch);
}

static gh_program *read_program(gh_ctx *ctx, const machine *m)
{
	gh_program *p = NULL;
	elf_of(image, &m->elf, m->work, m->local);
	if (strcmp(m->name, "thumb") == 0)
		elf_put(&(elf_out){ image, false }, 0x214, CODE | 1, 4); /* DT_INIT tells the mode */
	EQ(gh_program_read(ctx, gh_view(image, sizeof image), &p), GH_OK, ctx->what);
	return p;
}

/* The calls of the function at CODE, without those of PLT entries. */
static const gh_call *call(const gh_program *p, const char *name)
{
	const gh_function *f = &p->functions[gh_program_function_at(p, CODE)];
	for (uint32_t i = f->call; i < f->call + f->n_calls; i++)
		if (gh_call_is(&p->calls[i], name))
			return &p->calls[i];
	return NULL;
}

static void number_is(const gh_program *p, const gh_call *c, unsigned i, uint64_t want, const char *label)
{
	gh_value v = gh_call_argument(p, c, i);
	EQ(v.kind, GH_NUMBER, label);
	EQ(v.number, want, label);
}

static void text_is(const gh_program *p, const gh_call *c, unsigned i, const char *want, const char *label)
{
	gh_value v = gh_call_argument(p, c, i);
	EQ(v.kind, GH_STRING, label);
	TRUE(gh_bytes_eq(gh_value_view(p, v), gh_view_text(want)), label);
}

static void calls_bear_names_and_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(machines); i++) {
		const char *name = machines[i].name;
		gh_ctx ctx = fresh();
		gh_program *p = read_program(&ctx, &machines[i]);
		const gh_call *opened = call(p, "open"), *written = call(p, "write"), *closed = call(p, "close");
		const gh_call *asked = call(p, "getpid");
		TRUE(opened && written && closed && asked, name);
		EQ(opened->kind, GH_CALL_IMPORT, name);
		text_is(p, opened, 0, "/tmp/laboratory", name);
		number_is(p, opened, 1, 0x241, name);
		number_is(p, opened, 2, 0x1a4, name);
		EQ(written->kind, GH_CALL_IMPORT, name);
		EQ(gh_call_argument(p, written, 0).kind, GH_RESULT, name);
		EQ(gh_call_argument(p, written, 0).index, opened - p->calls, name);
		text_is(p, written, 1, "hello", name);
		number_is(p, written, 2, 5, name);
		EQ(asked->kind, GH_CALL_SYSCALL, name);
		TRUE(closed->tail, name);
		number_is(p, closed, 0, 9, name);
		done(&ctx);
	}
}

static void the_local_function_is_found_and_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(machines); i++) {
		const char *name = machines[i].name;
		gh_ctx ctx = fresh();
		gh_program *p = read_program(&ctx, &machines[i]);
		uint32_t local = gh_program_function_at(p, LOCAL);
		TRUE(local != GH_NONE, name);
		const gh_function *f = &p->functions[local];
		EQ(f->address, LOCAL, name);
		TRUE(f->by & GH_BY_CALL, name);
		EQ(f->traits & (GH_FN_LOOP | GH_FN_TIGHT_XOR | GH_FN_NZXOR), GH_FN_LOOP | GH_FN_TIGHT_XOR | GH_FN_NZXOR,
		   name);
		const gh_call *called = NULL;
		for (uint32_t j = 0; j < p->n_calls; j++)
			if (p->calls[j].target == local)
				called = &p->calls[j];
		TRUE(called, name);
		number_is(p, called, 0, 7, name);
		EQ(p->counts.unknown, 0, name);
		EQ(p->counts.unresolved, 0, name);
		done(&ctx);
	}
}

static void strings_know_who_uses_them(void **state)
{
	(void)state;
	gh_ctx ctx = fresh();
	gh_program *p = read_program(&ctx, &machines[0]);
	const gh_string *found = NULL;
	for (uint32_t i = 0; i < p->n_strings; i++)
		if (p->strings[i].address == TEXTS)
			found = &p->strings[i];
	TRUE(found && found->n_users == 1, "the path");
	EQ(p->users[found->user].call, call(p, "open") - p->calls, "its call");
	done(&ctx);
}

/* Whatever a header says, reading ends, and what is listed lies in the file. */
static void a_damaged_file_ends_well(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(machines); i++) {
		for (size_t at = 4; at < 0x900; at++) {
			static const uint8_t values[] = { 0, 0xff, 0x80, 0x7f };
			for (size_t v = 0; v < GH_COUNT(values); v++) {
				gh_ctx ctx = fresh();
				gh_program *p = NULL;
				elf_of(image, &machines[i].elf, machines[i].work, machines[i].local);
				if (image[at] == values[v] || (at > 0x280 && image[at] == 0)) {
					done(&ctx);
					continue;
				}
				image[at] = values[v];
				gh_code code = gh_program_read(&ctx, gh_view(image, sizeof image), &p);
				TRUE(code == GH_OK || code == GH_NOT_MINE, ctx.what);
				for (uint32_t s = 0; p && s < p->n_strings; s++)
					TRUE(p->strings[s].bytes.ptr >= image &&
						     p->strings[s].bytes.ptr + p->strings[s].bytes.len <=
							     image + ELF_SIZE,
					     "a string");
				done(&ctx);
			}
		}
	}
}

/* SHA-512's first number: movz and three movk, then a call. */
static void numbers_of_sixty_four_bits_are_whole(void **state)
{
	static const uint32_t words[] = { 0xd2992101, 0xf2be7781, 0xf2dccce1, 0xf2ed4121, 0x9400003c, 0xd65f03c0 };
	const machine *m = &machines[3];
	uint8_t code[sizeof words];
	(void)state;
	for (size_t i = 0; i < sizeof code; i++)
		code[i] = (uint8_t)(words[i / 4] >> i % 4 * 8);
	gh_ctx ctx = fresh();
	gh_program *p = NULL;
	elf_of(image, &m->elf, (gh_bytes){ code, sizeof code }, m->local);
	EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, m->name);
	const gh_function *f = &p->functions[gh_program_function_at(p, CODE)];
	EQ(f->n_calls, 1, m->name);
	number_is(p, &p->calls[f->call], 1, UINT64_C(0x6a09e667f3bcc908), m->name);
	done(&ctx);
}

/* Neither sections nor DT_INIT: what the dynamic symbols name, up to the texts. */
static void code_is_where_symbols_say_when_nothing_else_does(void **state)
{
	enum { DYNAMIC = 0x200, SYMBOLS = 0x500 };
	const machine *m = &machines[0];
	elf_out o = { image, true };
	(void)state;
	gh_ctx ctx = fresh();
	gh_program *p = NULL;
	elf_of(image, &m->elf, m->work, m->local);
	for (size_t at = DYNAMIC; at < DYNAMIC + 0x60; at += 8) {
		unsigned tag = (unsigned)image[at] << 24 | image[at + 3];
		if (tag == 12 || tag == 13)
			elf_put(&o, at, 0x6ffffdff, 4);
		if (tag == 0x70000011)
			elf_put(&o, at + 4, 5, 4);
	}
	elf_put(&o, SYMBOLS + 4 * 16, 1, 4);
	elf_put(&o, SYMBOLS + 4 * 16 + 4, CODE, 4);
	elf_put(&o, SYMBOLS + 4 * 16 + 8, CODE_END - CODE, 4);
	image[SYMBOLS + 4 * 16 + 12] = 0x12;
	elf_put(&o, SYMBOLS + 4 * 16 + 14, 1, 2);
	EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, m->name);
	EQ(gh_program_function_at(p, TEXTS), GH_NONE, m->name);
	EQ(gh_program_function_at(p, SYMBOLS), GH_NONE, m->name);
	const gh_call *c = call(p, "open");
	TRUE(c != NULL, m->name);
	text_is(p, c, 0, "/tmp/laboratory", m->name);
	done(&ctx);
}

static void word(uint8_t *code, size_t *at, uint64_t v)
{
	for (unsigned i = 0; i < 4; i++)
		code[(*at)++] = (uint8_t)(v >> 8 * (3 - i));
}

/* Sixteen functions that use another GOT than the file names; the last calls what its first entry holds. */
static void a_second_got_has_a_pointer_of_its_own(void **state)
{
	enum { FUNCTIONS = 16, OTHER = GOT + 0x7ff0 + 4 };
	const machine *m = &machines[0];
	uint8_t code[CODE_END - CODE] = { 0 };
	size_t at = 0;
	(void)state;
	for (unsigned i = 0; i < FUNCTIONS; i++) {
		uint64_t far = OTHER - (CODE + at);
		word(code, &at, 0x3c1c0000 | ((far + 0x8000) >> 16));
		word(code, &at, 0x279c0000 | (far & 0xffff));
		word(code, &at, 0x0399e021);
		if (i == FUNCTIONS - 1) {
			word(code, &at, 0x8f990000 | ((GOT + 12 - OTHER) & 0xffff)); /* lw t9, (gp) */
			word(code, &at, 0x0320f809);
			word(code, &at, 0);
		}
		word(code, &at, 0x03e00008);
		word(code, &at, 0);
	}
	gh_ctx ctx = fresh();
	gh_program *p = NULL;
	elf_of(image, &m->elf, (gh_bytes){ code, LOCAL - CODE },
	       (gh_bytes){ code + (LOCAL - CODE), at - (LOCAL - CODE) });
	EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, "two tables");
	EQ(p->counts.to_import, 1, "two tables");
	TRUE(p->n_calls == 1 && gh_call_is(&p->calls[0], "open"), "two tables");
	done(&ctx);
}

/* Its hash table is empty and counts nothing; the symbols end where their names begin. */
static void a_program_that_exports_nothing_has_imports(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(machines); i++) {
		const machine *m = &machines[i];
		elf_out o = { image, m->elf.big };
		unsigned w = m->elf.wide ? 8 : 4;
		gh_program *p = NULL;
		if (m->elf.got == 0) /* MIPS counts them itself */
			continue;
		gh_ctx ctx = fresh();
		elf_of(image, &m->elf, m->work, m->local);
		if (strcmp(m->name, "thumb") == 0)
			elf_put(&o, 0x214, CODE | 1, 4);
		elf_put(&o, 0x200 + 8 * w, 0x6ffffef5, w);
		for (unsigned k = 0; k < 8; k++)
			elf_put(&o, 0x700 + 4 * k, k < 3, 4);
		EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, m->name);
		TRUE(call(p, "open") && call(p, "close"), m->name);
		done(&ctx);
	}
}

static void a_cut_file_ends_well(void **state)
{
	(void)state;
	for (size_t size = 0; size < ELF_SIZE; size += 13) {
		gh_ctx ctx = fresh();
		gh_program *p = NULL;
		elf_of(image, &machines[0].elf, machines[0].work, machines[0].local);
		uint8_t *exact = malloc(size + 1);
		memcpy(exact, image, size);
		gh_code code = gh_program_read(&ctx, gh_view(exact, size), &p);
		EQ(code, size < 64 ? GH_NOT_MINE : GH_OK, "cut");
		free(exact);
		done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_bear_names_and_arguments),
		cmocka_unit_test(the_local_function_is_found_and_described),
		cmocka_unit_test(strings_know_who_uses_them),
		cmocka_unit_test(a_damaged_file_ends_well),
		cmocka_unit_test(numbers_of_sixty_four_bits_are_whole),
		cmocka_unit_test(code_is_where_symbols_say_when_nothing_else_does),
		cmocka_unit_test(a_second_got_has_a_pointer_of_its_own),
		cmocka_unit_test(a_program_that_exports_nothing_has_imports),
		cmocka_unit_test(a_cut_file_ends_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
