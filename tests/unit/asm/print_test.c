/* SPDX-License-Identifier: Apache-2.0 */
/* What a person sees of the small programs: instructions by capstone, our names and texts beside them. */
#include "asm/print.h"
#include "unit/asm/machines.h"

static uint8_t image[ELF_SIZE];

typedef struct seen {
	unsigned lines;
	bool opened, text, in_order;
	uint64_t last;
} seen;

static void line(void *to, const gh_code_line *l)
{
	seen *s = to;
	s->in_order = s->in_order && l->address == s->last && l->bytes.len > 0 && l->text[0];
	s->last = l->address + l->bytes.len;
	s->opened = s->opened || strncmp(l->note, "open(\"/tmp/laboratory\", 0x241, 0x1a4", 35) == 0;
	s->text = s->text || strcmp(l->note, "\"hello\"") == 0;
	s->lines++;
}

static void names_and_texts_stand_beside_the_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(machines); i++) {
		const machine *m = &machines[i];
		gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(16)), .scratch = gh_arena_new(GH_MIB(16)) };
		gh_program *p = NULL;
		seen s = { .in_order = true, .last = CODE };
		elf_of(image, &m->elf, m->work, m->local);
		if (strcmp(m->name, "thumb") == 0)
			elf_put(&(elf_out){ image, false }, 0x214, CODE | 1, 4);
		EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, m->name);
		EQ(gh_print_code(&ctx, p, CODE, m->work.len, line, &s), GH_OK, m->name);
		TRUE(s.lines > 15 && s.in_order, m->name);
		TRUE(s.opened, m->name);
		TRUE(s.text, m->name);
		EQ(gh_print_code(&ctx, p, 0x99999999, 16, line, &s), GH_NOT_MINE, m->name);
		gh_arena_free(ctx.arena);
		gh_arena_free(ctx.scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_and_texts_stand_beside_the_code) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
