/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts, collected by hand: single passwords, no list of anybody's was copied. The most usual come first, since
 * dear hashes are tried with the first of them only.
 *
 * MIRAI: the table in the source of Mirai that its author published in 2016, as US-CERT's alert TA16-288A and
 * many others print it. BETTER, VENDOR: danielmiessler/SecLists (MIT), Passwords/Default-Credentials, the lists
 * telnet- and ssh-betterdefaultpasslist.txt and Routers/<vendor>_default-passwords.txt. SEEN: it opens the hash of root
 * in clean images of the maker's (TP-Link TL-WR841N v9 and WR940N v4).
 */
#include "check/default_passwords_in.h"

#define MIRAI "bots try it: the list of Mirai, 2016"
#define BETTER "a published default: SecLists, betterdefaultpasslist"
#define VENDOR(name) "a published default of " name ": SecLists, Routers"
#define SEEN "the default of root in TP-Link's own images"
#define COMMON "one of the most common passwords"

const gh_default_password gh_default_passwords[] = {
	{ "", "no password at all" },
	{ "admin", MIRAI },
	{ "root", MIRAI },
	{ "password", MIRAI },
	{ "1234", MIRAI },
	{ "12345", MIRAI },
	{ "123456", MIRAI },
	{ "sohoadmin", SEEN },
	{ "5up", BETTER },
	{ "realtek", MIRAI },
	{ "default", MIRAI },
	{ "support", MIRAI },
	{ "user", MIRAI },
	{ "pass", MIRAI },
	{ "xc3511", MIRAI },
	{ "vizxv", MIRAI },
	{ "xmhdipc", MIRAI },
	{ "888888", MIRAI },
	{ "666666", MIRAI },
	{ "54321", MIRAI },
	{ "1111", MIRAI },
	{ "juantech", MIRAI },
	{ "admin1234", MIRAI },
	{ "smcadmin", MIRAI },
	{ "klv123", MIRAI },
	{ "klv1234", MIRAI },
	{ "service", MIRAI },
	{ "supervisor", MIRAI },
	{ "guest", MIRAI },
	{ "ubnt", MIRAI },
	{ "Zte521", MIRAI },
	{ "hi3518", MIRAI },
	{ "jvbzd", MIRAI },
	{ "anko", MIRAI },
	{ "zlxx.", MIRAI },
	{ "7ujMko0vizxv", MIRAI },
	{ "7ujMko0admin", MIRAI },
	{ "system", MIRAI },
	{ "ikwb", MIRAI },
	{ "dreambox", MIRAI },
	{ "00000000", MIRAI },
	{ "1111111", MIRAI },
	{ "meinsm", MIRAI },
	{ "tech", MIRAI },
	{ "administrator", COMMON },
	{ "root123", COMMON },
	{ "admin123", COMMON },
	{ "123456789", COMMON },
	{ "12345678", COMMON },
	{ "1234567890", COMMON },
	{ "123", COMMON },
	{ "0000", COMMON },
	{ "000000", COMMON },
	{ "111111", COMMON },
	{ "88888888", COMMON },
	{ "qwerty", COMMON },
	{ "public", BETTER },
	{ "private", BETTER },
	{ "test", COMMON },
	{ "toor", BETTER },
	{ "changeme", COMMON },
	{ "passwd", COMMON },
	{ "router", COMMON },
	{ "linux", BETTER },
	{ "telnet", BETTER },
	{ "cisco", BETTER },
	{ "PrOw!aN_fXp", "left in ZyXEL's firmware: CVE-2020-29583" },
	{ "admintelecom", VENDOR("Huawei") },
	{ "@HuaweiHgw", VENDOR("Huawei") },
	{ "adminHW", VENDOR("Huawei") },
	{ "fidel123", BETTER },
	{ "cat1029", BETTER },
	{ "123qwe", COMMON },
	{ "epicrouter", BETTER },
	{ "calvin", BETTER },
	{ "raspberry", BETTER },
	{ "alpine", BETTER },
	{ "oelinux123", BETTER },
	{ "uClinux", BETTER },
	{ "antslq", BETTER },
	{ "GM8182", BETTER },
	{ "tlJwpbo6", BETTER },
	{ "S2fGqNFs", BETTER },
};

const size_t gh_default_passwords_count = GH_COUNT(gh_default_passwords);
