/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"
#include "check/accounts_in.h"

#define MD5 "$1$GTN.gpri$DlSyKvZKMR9A9Uj9e9wR3/"

static void passwords_are_of_these_kinds(void **state)
{
	(void)state;
	static const struct {
		const char *password, *scheme;
		gh_password kind;
	} rows[] = {
		{ "", NULL, GH_PASSWORD_EMPTY },
		{ "x", NULL, GH_PASSWORD_SHADOW },
		{ "*", NULL, GH_PASSWORD_LOCKED },
		{ "!", NULL, GH_PASSWORD_LOCKED },
		{ "!!", NULL, GH_PASSWORD_LOCKED },
		{ "!" MD5, "MD5 (crypt $1$)", GH_PASSWORD_LOCKED },
		{ MD5, "MD5 (crypt $1$)", GH_PASSWORD_HASH },
		{ "abSQTPcIskFGc", "DES (traditional)", GH_PASSWORD_HASH },
		{ "$2a$10$x", "Blowfish (bcrypt)", GH_PASSWORD_HASH },
		{ "$2y$10$x", "Blowfish (bcrypt)", GH_PASSWORD_HASH },
		{ "$5$a$b", "SHA-256 (crypt $5$)", GH_PASSWORD_HASH },
		{ "$6$a$b", "SHA-512 (crypt $6$)", GH_PASSWORD_HASH },
		{ "$y$a$b", "yescrypt", GH_PASSWORD_HASH },
		{ "_J9..CCCCXBrJUJV154M", "DES (BSDi extended)", GH_PASSWORD_HASH },
		{ "plain", NULL, GH_PASSWORD_UNKNOWN },
		{ "abSQTPcIskFG!", NULL, GH_PASSWORD_UNKNOWN },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		char line[200];
		gh_account a;
		uint32_t number = 0;
		(void)snprintf(line, sizeof line, "root:%s:0:0:root:/:/bin/sh\n", rows[i].password);
		gh_cur c = gh_cur_over(gh_view_text(line), 0);
		EQ(gh_account_read(&c, &number, &a), GH_LINE_ACCOUNT, line);
		EQ(a.kind, rows[i].kind, line);
		TRUE(!a.scheme == !rows[i].scheme, line);
		if (a.scheme)
			assert_string_equal(a.scheme, rows[i].scheme);
	}
}

static void lines_have_these_shapes(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		gh_line_kind want;
	} rows[] = {
		{ "", GH_LINE_EMPTY },
		{ "# root", GH_LINE_EMPTY },
		{ "root:x:0:0:root:/root:/bin/ash", GH_LINE_ACCOUNT },
		{ "root::0:0:99999:7:::", GH_LINE_ACCOUNT },
		{ "root:" MD5 ":15502:0:99999:7::", GH_LINE_ACCOUNT },
		{ "root:x:0", GH_LINE_MALFORMED },
		{ "root:x:-1:0:r:/:/bin/sh", GH_LINE_MALFORMED },
		{ "root:x:99999999999:0:r:/:/bin/sh", GH_LINE_MALFORMED },
		{ ":x:0:0:r:/:/bin/sh", GH_LINE_MALFORMED },
		{ "root:x:0x0:0:r:/:/bin/sh", GH_LINE_MALFORMED },
		{ "a:b:c:d:e:f:g:h:i", GH_LINE_MALFORMED },
		{ "a:b:c:d:e:f:g:h:i:j", GH_LINE_MALFORMED },
		{ "root:x:4294967296:0:r:/:/bin/sh", GH_LINE_MALFORMED },
		{ "::::::", GH_LINE_MALFORMED },
		{ "root:x:0:0:root:/root:/bin/ash\r", GH_LINE_ACCOUNT },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_account a;
		uint32_t number = 0;
		gh_cur c = gh_cur_over(gh_view_text(rows[i].line), 0);
		EQ(gh_account_read(&c, &number, &a), rows[i].want, rows[i].line);
	}
}

#define ROOT "root:" MD5 ":0:0:root:/root:/bin/sh\n"

/* A passwd (and shadow) file, and what is said about it. */
static void files_give_these_findings(void **state)
{
	(void)state;
	static const struct {
		const char *label, *passwd, *shadow;
		unsigned second, suspicious, empty, hashes, malformed;
	} rows[] = {
		{ "root alone", ROOT, NULL, 0, 0, 0, 1, 0 },
		{ "OpenWrt", "root:x:0:0:root:/root:/bin/ash\ndaemon:*:1:1:daemon:/var:/bin/false\n",
		  "root::0:0:99999:7:::\ndaemon:*:0:0:99999:7:::\n", 0, 0, 1, 0, 0 },
		{ "Realtek's SDK", "root:abSQTPcIskFGc:0:0:root:/:/bin/sh\nnobody:x:0:0:nobody:/:/dev/null\n", NULL, 1,
		  0, 0, 1, 0 },
		{ "a modem's admin", ROOT "admin:" MD5 ":0:0:admin:/:/bin/sh\n", NULL, 1, 0, 0, 2, 0 },
		{ "a stranger", ROOT "xupdate:" MD5 ":0:0::/:/bin/sh\n", NULL, 1, 1, 0, 2, 0 },
		{ "a stranger without password", ROOT "xupdate::0:0::/:\n", NULL, 1, 1, 1, 1, 0 },
		{ "a stranger who is locked out", ROOT "xupdate:*:0:0::/:/bin/sh\n", NULL, 1, 0, 0, 1, 0 },
		{ "a stranger without a shell", ROOT "xupdate:" MD5 ":0:0::/:/bin/false\n", NULL, 1, 0, 0, 2, 0 },
		{ "a stranger whose hash is in shadow", "root:x:0:0:r:/:/bin/sh\nxupdate:x:0:0::/:/bin/sh\n",
		  "root:" MD5 ":0:0:99999:7:::\nxupdate:" MD5 ":0:0:99999:7:::\n", 1, 1, 0, 2, 0 },
		{ "a stranger nobody has a hash for", "root:x:0:0:r:/:/bin/sh\nxupdate:x:0:0::/:/bin/sh\n", NULL, 1, 0,
		  0, 0, 0 },
		{ "uid 0 written 00", ROOT "xupdate:" MD5 ":00:0::/:/bin/sh\n", NULL, 1, 1, 0, 2, 0 },
		{ "the same name twice", ROOT ROOT, NULL, 0, 0, 0, 2, 0 },
		{ "other uids", ROOT "x:" MD5 ":1000:0::/:/bin/sh\n", NULL, 0, 0, 0, 2, 0 },
		{ "a broken line", ROOT "what is this\n", NULL, 0, 0, 0, 1, 1 },
		{ "not an account file", "usage: passwd\n", NULL, 0, 0, 0, 0, 0 },
		{ "windows lines", "root:x:0:0::/:/bin/sh\r\nxupdate:" MD5 ":0:0::/:/bin/sh\r\n", NULL, 1, 1, 0, 1, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		file files[] = { TEXT("etc/passwd", rows[i].passwd), TEXT("etc/shadow", rows[i].shadow) };
		gh_findings found = conclude_on(&ctx, &gh_check_accounts, files, rows[i].shadow ? 2 : 1, NULL);
		unsigned suspicious = 0;
		for (const gh_finding *f = found.first; f; f = f->next)
			suspicious += f->level >= GH_LEVEL_SUSPICIOUS;
		EQ(count_of(&found, "ACCOUNTS/second-root", NULL), rows[i].second, rows[i].label);
		EQ(suspicious, rows[i].suspicious, rows[i].label);
		EQ(count_of(&found, "ACCOUNTS/empty-password", NULL), rows[i].empty, rows[i].label);
		EQ(count_of(&found, "ACCOUNTS/password-hash", NULL), rows[i].hashes, rows[i].label);
		EQ(count_of(&found, "ACCOUNTS/malformed", NULL), rows[i].malformed, rows[i].label);
		gh_test_done(&ctx);
	}
}

static void a_second_root_is_shown_with_its_line(void **state)
{
	(void)state;
	static const file files[] = { TEXT("etc_ro/passwd.default",
					   ROOT "# comment\nxupdate:" MD5 ":0:0::/:/bin/sh\n") };
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_accounts, files, 1, NULL);
	const gh_finding *f = finding_of(&found, "ACCOUNTS/second-root", "\"xupdate\"");
	EQ(f->n_evidence, 2, "both lines");
	EQ(f->evidence[0].line, 3, "line");
	EQ(f->evidence[0].at, strlen(ROOT) + 10, "offset");
	SAME(f->evidence[0].path, GH_LIT("etc_ro/passwd.default"), "path");
	EQ(f->evidence[1].line, 1, "the first root");
	gh_test_done(&ctx);
}

static void accounts_are_found_through_links(void **state)
{
	(void)state;
	static const file files[] = {
		LINK("etc", "etc_ro"),
		TEXT("etc_ro/passwd", "root:x:0:0:r:/:/bin/sh\nxupdate:x:0:0::/:/bin/sh\n"),
		LINK("etc_ro/shadow", "../var/real"),
		TEXT("var/real", "xupdate:" MD5 ":0:0:99999:7:::\n"),
		LINK("usr/etc/passwd", "/tmp/passwd"),
		LINK("bin/passwd", "busybox"),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_accounts, files, GH_COUNT(files), NULL);
	/* var/real has no name by which it would be kept: the link leads to nothing that was kept */
	EQ(count_of(&found, "ACCOUNTS/made-at-run-time", "usr/etc/passwd is a link to /tmp/passwd"), 1, "link");
	EQ(count_of(&found, "ACCOUNTS/made-at-run-time", NULL), 1, "and no other");
	EQ(count_of(&found, "ACCOUNTS/second-root", NULL), 1, "second root");
	gh_test_done(&ctx);
}

static void a_file_with_a_million_accounts_ends(void **state)
{
	(void)state;
	static const char line[] = "a:" MD5 ":0:0::/:/bin/sh\n";
	size_t n = 250000 / (sizeof line - 1);
	char *text = malloc(n * (sizeof line - 1) + 1);
	assert_non_null(text);
	for (size_t i = 0; i < n; i++) {
		memcpy(text + i * (sizeof line - 1), line, sizeof line);
		text[i * (sizeof line - 1)] = (char)('a' + i % 26);
	}
	gh_ctx ctx = gh_test_ctx();
	file files[] = { TEXT("etc/passwd", text) };
	gh_findings found = conclude_on(&ctx, &gh_check_accounts, files, 1, NULL);
	TRUE(found.count < 400, "bounded");
	EQ(count_of(&found, "ACCOUNTS/many-accounts", NULL), 1, "said");
	free(text);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_of_these_kinds),
		cmocka_unit_test(lines_have_these_shapes),
		cmocka_unit_test(files_give_these_findings),
		cmocka_unit_test(a_second_root_is_shown_with_its_line),
		cmocka_unit_test(accounts_are_found_through_links),
		cmocka_unit_test(a_file_with_a_million_accounts_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
