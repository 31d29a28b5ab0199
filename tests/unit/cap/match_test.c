/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the small programs of room asm: the same answer on every CPU. */
#include "packs.h"
#include "unit/asm/machines.h"

static uint8_t image[ELF_SIZE];

#define IS(name, scope, features)                                                                                      \
	{                                                                                                              \
		name, GH_INIT(RULE(name, scope, features)), false                                                      \
	}
#define CALL(call) "    - call: " call "\n"

/* The programs do: r = open("/tmp/laboratory", 0x241, 0644); write(r, "hello", 5); local(7); getpid(); close(9). */
static const struct {
	gh_cap_file file;
	unsigned found;
} rows[] = {
	{ IS("of another system", "function", "    - characteristic: peb access\n"), 0 },
	{ IS("argument of a list", "function",
	     "    - call:\n      - and:\n        - api: open\n        - argument(1): 0x241\n"),
	  1 },
	{ IS("compare", "function", "    - compare: 0x12345\n"), 0 },
	{ IS("api", "function", "    - api: open\n"), 1 },
	{ IS("api of a library", "function", "    - api: libc.open\n"), 1 },
	{ IS("no such api", "function", "    - api: openat\n"), 0 },
	{ IS("described", "function", "    - number: 0x241 = O_CREAT and others\n"), 1 },
	{ IS("another number", "function", "    - number: 0x242\n"), 0 },
	{ IS("string", "function", "    - string: /tmp/laboratory\n"), 1 },
	{ IS("part of a string", "function", "    - string: /tmp/lab\n"), 0 },
	{ IS("substring", "function", "    - substring: labor\n"), 1 },
	{ IS("regex", "function", "    - string: /^.tmp.*RY$/i\n"), 1 },
	{ IS("regex, case", "function", "    - string: /^.tmp.*RY$/\n"), 0 },
	{ IS("and", "function", "    - and:\n      - api: open\n      - api: write\n"), 1 },
	{ IS("and not", "function", "    - and:\n      - api: open\n      - not:\n        - api: write\n"), 0 },
	{ IS("or", "function", "    - or:\n      - api: nothing\n      - api: close\n"), 1 },
	{ IS("two of", "function", "    - 2 or more:\n      - api: nothing\n      - api: close\n      - api: open\n"),
	  1 },
	{ IS("three of", "function", "    - 3 or more:\n      - api: nothing\n      - api: close\n      - api: open\n"),
	  0 },
	{ IS("optional", "function", "    - and:\n      - api: open\n      - optional:\n        - api: nothing\n"), 1 },
	{ IS("count", "function", "    - count(api(open)): 1\n"), 1 },
	{ IS("count more", "function", "    - count(api(open)): 2 or more\n"), 0 },
	{ IS("count range", "function", "    - count(api(write)): (1, 3)\n"), 1 },
	{ IS("argument", "function", CALL("{api: open, arguments: {0: /tmp/laboratory, 1: 0x241, 2: 0x1a4}}")), 1 },
	{ IS("masked argument", "function", CALL("{api: open, arguments: {1: O_WRONLY}}")), 1 },
	{ IS("wrong mask", "function", CALL("{api: open, arguments: {1: O_RDWR}}")), 0 },
	{ IS("argument of another", "function", CALL("{api: write, arguments: {1: /tmp/laboratory}}")), 0 },
	{ IS("one of arguments", "function", CALL("{api: [creat, open], arguments: {1: [1, 0x241]}}")), 1 },
	{ IS("regex argument", "function", CALL("{api: open, arguments: {0: \"/labor/\"}}")), 1 },
	{ IS("part argument", "function", CALL("{api: open, arguments: {0: {substring: labor}}}")), 1 },
	{ IS("argument of a wrong place", "function", CALL("{api: open, arguments: {1: {substring: labor}}}")), 0 },
	{ IS("in a call", "call", "    - and:\n      - api: write\n      - number: 5\n"), 1 },
	{ IS("not in one call", "call", "    - and:\n      - api: write\n      - api: open\n"), 0 },
	{ IS("in a block", "basic block", "    - and:\n      - api: write\n      - api: open\n"), 1 },
	{ IS("syscall", "function", "    - syscall: getpid\n"), 1 },
	{ IS("syscall as api", "function", "    - api: getpid\n"), 1 },
	{ IS("match", "function", "    - and:\n      - match: argument\n      - api: close\n"), 1 },
	{ IS("program", "program", "    - and:\n      - match: argument\n      - syscall: getpid\n"), 1 },
	{ IS("file", "file", "    - and:\n      - import: open\n      - os: linux\n      - format: elf\n"), 1 },
	{ IS("another system", "file", "    - and:\n      - import: open\n      - os: windows\n"), 0 },
};

static bool holds(const gh_cap_found *found, const char *name)
{
	for (uint32_t i = 0; i < found->n; i++)
		if (strcmp(found->matches[i].rule->name, name) == 0)
			return true;
	return false;
}

static gh_code count_reason(void *arg, const gh_cap_reason *r)
{
	unsigned *n = arg;
	*n += r->text[0] != '\0';
	return GH_OK;
}

static void every_cpu_gives_the_same_answers(void **state)
{
	(void)state;
	gh_cap_file files[GH_COUNT(rows)];
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	for (size_t i = 0; i < GH_COUNT(rows); i++)
		files[i] = rows[i].file;
	gh_caps *caps = pack_of(&ctx, files, GH_COUNT(rows), &t);
	TRUE(t.count == 0, t.message);
	for (size_t i = 0; i < GH_COUNT(machines); i++) {
		const machine *m = &machines[i];
		char label[64];
		gh_program *p = NULL;
		gh_cap_found found;
		elf_of(image, &m->elf, m->work, m->local);
		if (strcmp(m->name, "thumb") == 0)
			elf_put(&(elf_out){ image, false }, 0x214, CODE | 1, 4);
		EQ(gh_program_read(&ctx, gh_view(image, sizeof image), &p), GH_OK, m->name);
		EQ(gh_caps_match(&ctx, caps, p, &found), GH_OK, m->name);
		TRUE(!found.cut, m->name);
		for (size_t k = 0; k < GH_COUNT(rows); k++) {
			(void)snprintf(label, sizeof label, "%s: %s", m->name, rows[k].file.name);
			EQ(holds(&found, rows[k].file.name), rows[k].found, label);
		}
		for (uint32_t k = 0; k < found.n; k++) {
			unsigned n = 0;
			EQ(gh_caps_why(&ctx, caps, p, &found, &found.matches[k], count_reason, &n), GH_OK, m->name);
			TRUE(n > 0, found.matches[k].rule->name);
		}
	}
	gh_caps_free(caps);
	gh_test_done(&ctx);
}

/* main calls a function that hands its arguments on to socket(). */
static void arguments_are_followed_through_a_function(void **state)
{
	(void)state;
	static const gh_function functions[] = {
		{ .address = 0x1000,
		  .size = 0x20,
		  .by = GH_BY_ENTRY,
		  .block = 0,
		  .n_blocks = 1,
		  .call = 0,
		  .n_calls = 1 },
		{ .address = 0x2000,
		  .size = 0x20,
		  .by = GH_BY_CALL,
		  .block = 1,
		  .n_blocks = 1,
		  .call = 1,
		  .n_calls = 1 },
	};
	static const gh_block blocks[] = {
		{ .address = 0x1000, .size = 0x20, .n_calls = 1 },
		{ .address = 0x2000, .size = 0x20, .function = 1, .call = 1, .n_calls = 1 }
	};
	static const gh_value values[] = { { 17, 0, GH_NUMBER },   { 3, 0, GH_NUMBER },    { 0, 0, GH_NUMBER },
					   { 0, 0, GH_PARAMETER }, { 0, 1, GH_PARAMETER }, { 0, 2, GH_PARAMETER } };
	static const gh_call calls[] = {
		{ .address = 0x1008, .kind = GH_CALL_LOCAL, .target = 1, .import = GH_NONE, .n_values = 3 },
		{ .address = 0x2008,
		  .kind = GH_CALL_IMPORT,
		  .name = "socket",
		  .block = 1,
		  .function = 1,
		  .target = GH_NONE,
		  .import = 0,
		  .value = 3,
		  .n_values = 3,
		  .tail = true },
	};
	static const gh_import imports[] = { { .name = "socket", .n_calls = 1 } };
	const gh_program p = { .cpu = "amd64",
			       .functions = functions,
			       .n_functions = 2,
			       .blocks = blocks,
			       .n_blocks = 2,
			       .calls = calls,
			       .n_calls = 2,
			       .values = values,
			       .n_values = 6,
			       .imports = imports,
			       .n_imports = 1,
			       .entry = 0,
			       .main = 0 };
	static const gh_cap_file files[] = {
		IS("raw packets", "function", CALL("{api: socket, arguments: {0: AF_PACKET, 1: SOCK_RAW}}")),
		IS("another family", "function", CALL("{api: socket, arguments: {0: AF_INET}}")),
	};
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	gh_cap_found found;
	gh_caps *caps = pack_of(&ctx, files, GH_COUNT(files), &t);
	EQ(gh_caps_match(&ctx, caps, &p, &found), GH_OK, "match");
	TRUE(holds(&found, "raw packets") && !holds(&found, "another family"), "what main asks for");
	EQ(found.n, 1, "rules");
	EQ(found.matches[0].function, 0, "main");
	gh_caps_free(caps);
	gh_test_done(&ctx);
}

static void homes_are_names_of_programs(void **state)
{
	(void)state;
	const gh_cap_rule rule = { .homes = "telnetd\ndropbear*" };
	TRUE(gh_cap_at_home(&rule, GH_LIT("usr/sbin/telnetd")), "telnetd");
	TRUE(gh_cap_at_home(&rule, GH_LIT("dropbearmulti")), "a star");
	TRUE(!gh_cap_at_home(&rule, GH_LIT("usr/sbin/telnetd2")), "longer");
	TRUE(!gh_cap_at_home(&rule, GH_LIT("telnetd/shell")), "a folder");
	TRUE(!gh_cap_at_home(&rule, GH_LIT("telnetd/")) && !gh_cap_at_home(&rule, GH_LIT("")), "no name");
	TRUE(!gh_cap_at_home(&(gh_cap_rule){ .homes = "" }, GH_LIT("telnetd")), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cpu_gives_the_same_answers),
		cmocka_unit_test(arguments_are_followed_through_a_function),
		cmocka_unit_test(homes_are_names_of_programs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
