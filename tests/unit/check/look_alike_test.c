/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#define ELF                                                                                                            \
	"\x7f"                                                                                                         \
	"ELF"

typedef struct row {
	const char *path, *text, *id; /* NULL: no finding */
	gh_level level;
	unsigned signs;
} row;

static void check_rows(const row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		gh_ctx ctx = gh_test_ctx();
		gh_signals signs = { 0 };
		const file files[] = { TEXT("bin/busybox", ELF), LINK("sbin/udhcpc", "../bin/busybox"),
				       TEXT("usr/sbin/dnsmasq", ELF), TEXT(rows[i].path, rows[i].text) };
		gh_findings found = conclude_with_signs(&ctx, &gh_check_look_alike, files, GH_COUNT(files), &signs);
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].path);
		EQ(signs.count, rows[i].signs, rows[i].path);
		if (rows[i].id) {
			SAME(gh_view_text(found.first->id), gh_view_text(rows[i].id), rows[i].path);
			EQ(found.first->level, rows[i].level, rows[i].path);
		}
		for (const gh_signal *s = signs.first; s; s = s->next)
			SAME(s->evidence.path, gh_view_text(rows[i].path), rows[i].path);
		gh_test_done(&ctx);
	}
}

static void names_that_hide_are_told(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "usr/bin/[kworker/0:1]", ELF, "LOOK-ALIKE/kernel-thread", GH_LEVEL_SUSPICIOUS, 1 },
		{ "var/.sys/httpd", ELF, "LOOK-ALIKE/hidden", GH_LEVEL_NOTICE, 1 },
		{ "usr/bin/[kworker]", ELF, "LOOK-ALIKE/kernel-thread", GH_LEVEL_SUSPICIOUS, 1 },
		{ "usr/bin/[kworker]", "#!/bin/sh\n", "LOOK-ALIKE/kernel-thread", GH_LEVEL_SUSPICIOUS, 1 },
		{ "sbin/ksoftirqd", ELF, "LOOK-ALIKE/kernel-thread", GH_LEVEL_SUSPICIOUS, 1 },
		{ "sbin/httpd ", ELF, "LOOK-ALIKE/invisible", GH_LEVEL_SUSPICIOUS, 1 },
		{ "sbin/httpd ", "#!/bin/sh\n", "LOOK-ALIKE/invisible", GH_LEVEL_NOTICE, 1 },
		{ "sbin/ht\x01tpd", ELF, "LOOK-ALIKE/invisible", GH_LEVEL_SUSPICIOUS, 1 },
		{ "bin/.x", ELF, "LOOK-ALIKE/hidden", GH_LEVEL_NOTICE, 1 },
		{ "dev/shm", ELF, "LOOK-ALIKE/odd-place", GH_LEVEL_NOTICE, 1 },
		{ "tmp/a.out", ELF, "LOOK-ALIKE/odd-place", GH_LEVEL_NOTICE, 1 },
		{ "usr/bin/te1netd", ELF, "LOOK-ALIKE/confusable", GH_LEVEL_NOTICE, 1 },
		{ "usr/bin/Dropbear", ELF, "LOOK-ALIKE/confusable", GH_LEVEL_NOTICE, 1 },
		{ "usr/bin/htt\xd1\x80"
		  "d",
		  ELF, "LOOK-ALIKE/confusable", GH_LEVEL_SUSPICIOUS, 1 },
		{ "usr/bin/dropbear\xe2\x80\x8b", ELF, "LOOK-ALIKE/confusable", GH_LEVEL_SUSPICIOUS, 1 },
	};
	check_rows(rows, GH_COUNT(rows));
}

static void one_letter_is_a_sign_only(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "usr/bin/udhcp", ELF, NULL, GH_LEVEL_INFO, 1 },
		{ "usr/bin/dnssmasq", ELF, NULL, GH_LEVEL_INFO, 1 },
		{ "usr/bin/dnsmsaq", ELF, NULL, GH_LEVEL_INFO, 1 },
		{ "usr/bin/dropbaer", ELF, NULL, GH_LEVEL_INFO, 1 },
		{ "usr/bin/dnssmasq", "text", NULL, GH_LEVEL_INFO, 0 },
		{ "etc/dnssmasq", ELF, NULL, GH_LEVEL_INFO, 0 },
		{ "bin/busybox-rel", ELF, NULL, GH_LEVEL_INFO, 1 },
		{ "usr/bin/busybox.bak", ELF, NULL, GH_LEVEL_INFO, 0 }, /* not beside it */
	};
	check_rows(rows, GH_COUNT(rows));
}

static void honest_names_are_left_alone(void **state)
{
	(void)state;
	static const char *const names[] = {
		"bin/[",           "usr/bin/[[",      "bin/umount",     "sbin/ip6tables",
		"usr/sbin/udhcpd", "sbin/logd",       "usr/bin/httpc",  "sbin/dhcpc",
		"usr/sbin/ntpd2",  "bin/pppd",        "usr/sbin/pptpd", "sbin/xl2tpd",
		"usr/sbin/sntp",   "sbin/klogd",      "bin/xyz",        "usr/sbin/hotplug2",
		"lib/.lib.so",     "bin/\xe4\xb8\xad"
	};
	for (size_t i = 0; i < GH_COUNT(names); i++) {
		bool library = strncmp(names[i], "lib/", 4) == 0;
		const row one = { names[i], library ? "text" : ELF, NULL, GH_LEVEL_INFO, 0 };
		check_rows(&one, 1);
	}
}

static void copies_with_more_rights_are_told(void **state)
{
	(void)state;
	static const file files[] = { TEXT("bin/busybox", ELF), TEXT("usr/bin/ping6s", ELF),
				      TEXT("usr/bin/other", ELF "x") };
	for (unsigned same = 0; same < 2; same++) {
		gh_ctx ctx = gh_test_ctx();
		gh_findings found = { 0 };
		const gh_node *image = volume_of(&ctx, &gh_check_look_alike, files, GH_COUNT(files));
		gh_entry *e = image->first->volume->entries;
		for (size_t i = 0; i < GH_COUNT(files); i++)
			e[i].read = true;
		e[1].mode = 04755;
		e[0].sha256[0] = same ? 0 : 1;
		e[2].sha256[0] = 2;
		gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found };
		EQ(gh_check_look_alike.conclude(&c), GH_OK, "conclude");
		EQ(count_of(&found, "LOOK-ALIKE/root-copy", "/usr/bin/ping6s is a copy of /bin/busybox"), same,
		   "the copy");
		EQ(found.count, same, "nothing else");
		gh_test_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_hide_are_told),
		cmocka_unit_test(one_letter_is_a_sign_only),
		cmocka_unit_test(honest_names_are_left_alone),
		cmocka_unit_test(copies_with_more_rights_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
