/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#define ELF                                                                                                            \
	"\x7f"                                                                                                         \
	"ELF"
#define SH "#!/bin/sh\n"
#define LONG                                                                                                           \
	SH "mount -a\nmkdir /var/run\nmkdir /var/log\nmkdir /var/tmp\nmkdir /var/lock\nifconfig lo "                   \
	   "up\n/usr/bin/httpd &\n"

static void what_only_one_line_knows_is_an_orphan(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/rc.d/rcS\n::respawn:/sbin/getty ttyS0\n"),
		TEXT("etc/rc.d/rcS", LONG "/usr/bin/early\n\n\n\nsleep 1\nsleep 2\nsleep 3\n/usr/bin/udhcp -x &\n"),
		TEXT("usr/bin/httpd", ELF " lighttpd udhcpd"),
		TEXT("usr/bin/udhcp", ELF " its own name is udhcp"),
		TEXT("usr/bin/early", ELF),
		TEXT("usr/bin/caller", ELF " \"/usr/bin/httpd\""),
		TEXT("bin/busybox", ELF),
		LINK("sbin/getty", "../bin/busybox"),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_signals signs = { 0 };
	gh_findings found = conclude_with_signs(&ctx, &gh_check_orphan_starter, files, GH_COUNT(files), &signs);
	EQ(found.count, 2, "httpd is known to its caller, getty is a link");
	const gh_finding *tail =
		finding_of(&found, "ORPHAN-STARTER/tail", "/usr/bin/udhcp is started by the last lines");
	EQ(tail->evidence[0].line, 16, "the line that starts it");
	EQ(tail->level, GH_LEVEL_INFO, "one weak sign is no verdict");
	EQ(count_of(&found, "ORPHAN-STARTER/alone", "/usr/bin/early"), 1, "early is in the middle");
	EQ(signs.count, 2, "a sign each");
	EQ(signs.last->weight, 2, "the tail weighs more");
	SAME(signs.last->about, GH_LIT("usr/bin/udhcp"), "the sign speaks against the program, not the script");
	gh_test_done(&ctx);
}

/* Where many programs are known to one line only, the last of them is no odder than the others. */
static void many_orphans_weigh_less(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/rc.d/rcS\n"),
		TEXT("etc/rc.d/rcS",
		     LONG "/usr/bin/aaa\n/usr/bin/bbb\n/usr/bin/ccc\n/usr/bin/ddd\n/usr/bin/telnetd &\n"),
		TEXT("usr/bin/httpd", ELF),
		TEXT("usr/bin/aaa", ELF),
		TEXT("usr/bin/bbb", ELF),
		TEXT("usr/bin/ccc", ELF),
		TEXT("usr/bin/ddd", ELF),
		TEXT("usr/bin/telnetd", ELF),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_signals signs = { 0 };
	gh_findings found = conclude_with_signs(&ctx, &gh_check_orphan_starter, files, GH_COUNT(files), &signs);
	EQ(found.count, 4, "httpd and telnetd are services that every router has");
	EQ(count_of(&found, "ORPHAN-STARTER/tail", "/usr/bin/ddd"), 1, "ddd is in the tail");
	for (const gh_signal *s = signs.first; s; s = s->next)
		EQ(s->weight, 1, "none weighs more");
	gh_test_done(&ctx);
}

static void a_package_list_knows_its_programs(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/rc.d/rcS\n"),
		TEXT("etc/rc.d/rcS", LONG "/usr/bin/extra.\n/usr/bin/more &\n"),
		TEXT("usr/bin/httpd", ELF),
		TEXT("usr/bin/more", ELF),
		TEXT("usr/lib/opkg/info/more.list", "/usr/bin/more\n/usr/bin/httpd\n"),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_signals signs = { 0 };
	gh_findings found = conclude_with_signs(&ctx, &gh_check_orphan_starter, files, GH_COUNT(files), &signs);
	EQ(found.count, 0, "all are known");
	gh_test_done(&ctx);
}

static void words_are_counted_whole_and_once(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("bin/tool", ELF),
		TEXT("a", "#!/bin/sh\ntool tool tool"),
		TEXT("b", "a toolbox, a stool, tool_x, tool-y"),
		TEXT("c", "run /bin/tool."),
		TEXT("f", "use the tool, it is a tool."),
		TEXT("g", ELF "\nno tool here"),
		TEXT("h", ELF "\nkillall tool"),
		TEXT("d", "x=/bin/tool;"),
		TEXT("e/tool", "tool"),
	};
	gh_ctx ctx = gh_test_ctx();
	const gh_node *image = volume_of(&ctx, &gh_check_boot, files, GH_COUNT(files));
	bool known;
	EQ(gh_mentions_of(image->first, GH_LIT("tool"), &known), 0, "nothing is planned");
	TRUE(!known, "and nobody counted");
	EQ(gh_mentions_plan(&ctx, image->first), GH_OK, "planned");
	for (size_t i = 0; i < GH_COUNT(files); i++)
		gh_mentions_look(image->first, &image->first->volume->entries[i], gh_view_text(files[i].text));
	EQ(gh_mentions_of(image->first, GH_LIT("tool"), &known), 4, "a, c, d and h");
	TRUE(known, "it is a program");
	EQ(gh_mentions_of(image->first, GH_LIT("box"), &known), 0, "no program");
	TRUE(!known, "nobody counted");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_one_line_knows_is_an_orphan),
		cmocka_unit_test(many_orphans_weigh_less),
		cmocka_unit_test(a_package_list_knows_its_programs),
		cmocka_unit_test(words_are_counted_whole_and_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
