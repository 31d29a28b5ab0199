/* SPDX-License-Identifier: Apache-2.0 */
/* A program out of its home is told of once, one at home or without weight is not. */
#include "check/check.h"
#include "unit/asm/machines.h"
#include "unit/cap/packs.h"

#define RULE_OF(name, meta, api)                                                                                       \
	{                                                                                                              \
		name,                                                                                                  \
			GH_INIT("rule:\n  meta:\n    name: " name "\n    scopes:\n      static: program\n" meta        \
				"  features:\n    - api: " api "\n"),                                                  \
			true                                                                                           \
	}

static const gh_cap_file files[] = {
	RULE_OF("open doors", "    severity: notice\n    att&ck:\n      - A::B [T1000]\n    homes:\n      - doorman\n",
		"open"),
	RULE_OF("shut doors", "    severity: notice\n    homes:\n      - doorman\n", "close"),
	RULE_OF("ring bells", "    severity: notice\n", "bell"),
	RULE_OF("write", "    severity: info\n", "write"),
};

static uint8_t image[ELF_SIZE];

static void one_finding_a_program(void **state)
{
	(void)state;
	static const struct {
		const char *path, *leaf;
		size_t findings;
	} rows[] = {
		{ "usr/sbin/other", "elf", 1 },
		{ "usr/sbin/doorman", "elf", 0 },
		{ "usr/sbin/other", "script", 0 },
		{ "usr/sbin/other", NULL, 0 },
	};
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	gh_caps *caps = pack_of(&ctx, files, GH_COUNT(files), &t);
	TRUE(t.count == 0, t.message);
	elf_of(image, &machines[0].elf, machines[0].work, machines[0].local);
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_findings found = { 0 };
		gh_signals signals = { 0 };
		gh_node node = { .id = 7 };
		gh_entry entry = { .type = GH_ENTRY_FILE };
		gh_file file = { .node = &node,
				 .entry = &entry,
				 .path = gh_view_text(rows[i].path),
				 .content = gh_view(image, sizeof image),
				 .leaf = rows[i].leaf };
		gh_check_ctx check = { .ctx = &ctx, .caps = caps, .out = &found, .signals = &signals };
		EQ(gh_check_capability.look(&check, &file), GH_OK, rows[i].path);
		EQ(gh_check_capability.conclude(&check), GH_OK, rows[i].path);
		EQ(found.count, rows[i].findings, rows[i].path);
		EQ(signals.count, rows[i].findings, "a sign for each");
		if (!found.first)
			continue;
		assert_string_equal(found.first->id, "CAPABILITY/out-of-place");
		assert_string_equal(found.first->title, "can open doors; shut doors");
		assert_string_equal(found.first->attack, "T1000");
		EQ(found.first->level, GH_LEVEL_NOTICE, "alone it is no more");
		EQ(found.first->n_evidence, 2, "evidence");
		EQ(signals.first->witness, GH_WITNESS_ROLE, "witness");
	}
	gh_caps_free(caps);
	gh_test_done(&ctx);
}

/* Without the word there is nothing to look for in the code. */
static void a_file_is_read_where_its_words_allow_it(void **state)
{
	(void)state;
	static const struct {
		const char *content;
		bool worth;
	} rows[] = {
		{ "open and close", true },
		{ "write", false },
		{ "", true }, /* says nothing of whom it calls: only its code can tell */
	};
	gh_ctx ctx = gh_test_ctx();
	troubles t = { .count = 0 };
	gh_caps *caps = pack_of(&ctx, files, GH_COUNT(files), &t);
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		bool worth;
		EQ(gh_caps_worth(&ctx, caps, gh_view_text(rows[i].content), &worth), GH_OK, rows[i].content);
		EQ(worth, rows[i].worth, rows[i].content);
	}
	gh_caps_free(caps);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_finding_a_program),
		cmocka_unit_test(a_file_is_read_where_its_words_allow_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
