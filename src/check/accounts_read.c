/* SPDX-License-Identifier: Apache-2.0 */
#include "check/accounts_in.h"

enum { FIELDS = 9, LINES_TO_ASK = 64 };

const char *gh_password_scheme(gh_bytes password)
{
	static const struct {
		const char *start, *name;
	} schemes[] = {
		{ "$1$", "MD5 (crypt $1$)" },
		{ "$2a$", "Blowfish (bcrypt)" },
		{ "$2b$", "Blowfish (bcrypt)" },
		{ "$2y$", "Blowfish (bcrypt)" },
		{ "$2$", "Blowfish (bcrypt)" },
		{ "$2x$", "Blowfish (bcrypt)" },
		{ "$3$", "NT hash" },
		{ "$5$", "SHA-256 (crypt $5$)" },
		{ "$6$", "SHA-512 (crypt $6$)" },
		{ "$7$", "scrypt" },
		{ "$y$", "yescrypt" },
		{ "$gy$", "gost-yescrypt" },
		{ "$md5", "Sun MD5" },
		{ "$sha1$", "SHA-1 (PBKDF1)" },
	};
	for (size_t i = 0; i < GH_COUNT(schemes); i++)
		if (gh_bytes_start(password, gh_view_text(schemes[i].start)))
			return schemes[i].name;
	bool extended = password.len == 20 && password.ptr[0] == '_';
	if (password.len != 13 && !extended)
		return NULL;
	for (size_t i = extended; i < password.len; i++) {
		uint8_t c = password.ptr[i];
		bool ok = c == '.' || c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			  (c >= 'a' && c <= 'z');
		if (!ok)
			return NULL;
	}
	return extended ? "DES (BSDi extended)" : "DES (traditional)";
}

static void judge(gh_account *a)
{
	gh_bytes p = a->password;
	if (p.len == 0) {
		a->kind = GH_PASSWORD_EMPTY;
	} else if (gh_bytes_eq(p, GH_LIT("x"))) {
		a->kind = GH_PASSWORD_SHADOW;
	} else if (p.ptr[0] == '!' || p.ptr[0] == '*' || gh_bytes_eq(p, GH_LIT("NP")) || gh_bytes_eq(p, GH_LIT("LK"))) {
		a->kind = GH_PASSWORD_LOCKED;
		while (p.len && (p.ptr[0] == '!' || p.ptr[0] == '*'))
			p = gh_bytes_part(p, 1, p.len);
		a->scheme = gh_password_scheme(p);
	} else {
		a->scheme = gh_password_scheme(p);
		a->kind = a->scheme ? GH_PASSWORD_HASH : GH_PASSWORD_UNKNOWN;
	}
}

static bool read_number(gh_bytes text, uint32_t *ret)
{
	uint64_t v = 0;
	if (text.len == 0 || text.len > 10)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	*ret = (uint32_t)v;
	return v <= UINT32_MAX;
}

/* Divides a line at its colons; the number of fields, or FIELDS + 1 when there are more. */
static size_t split(gh_bytes line, gh_bytes fields[FIELDS])
{
	size_t n = 0;
	for (;;) {
		const uint8_t *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
		if (n == FIELDS)
			return FIELDS + 1;
		fields[n++] = colon ? gh_bytes_part(line, 0, (size_t)(colon - line.ptr)) : line;
		if (!colon)
			return n;
		line = gh_bytes_part(line, (size_t)(colon - line.ptr) + 1, line.len);
	}
}

gh_line_kind gh_account_read(gh_cur *c, uint32_t *number, gh_account *ret)
{
	gh_bytes fields[FIELDS];
	gh_account a = { .line = ++*number, .at = c->pos };
	a.source = gh_line(c);
	if (a.source.len == 0 || a.source.ptr[0] == '#')
		return GH_LINE_EMPTY;
	size_t n = split(a.source, fields);
	/* passwd has 7 fields, shadow has 9, and vendors write shadow lines with 8 */
	if ((n != 7 && n != 8 && n != 9) || fields[0].len == 0)
		return GH_LINE_MALFORMED;
	a.name = fields[0];
	a.password = fields[1];
	uint32_t days;
	for (size_t i = 2; n != 7 && i < 5; i++) /* shadow: numbers, or nothing */
		if (fields[i].len && !read_number(fields[i], &days))
			return GH_LINE_MALFORMED;
	if (n == 7) {
		if (!read_number(fields[2], &a.uid) || !read_number(fields[3], &a.gid))
			return GH_LINE_MALFORMED;
		a.shell = fields[6];
		a.has_ids = true;
	}
	judge(&a);
	*ret = a;
	return GH_LINE_ACCOUNT;
}

bool gh_accounts_are(gh_bytes text)
{
	gh_cur c = gh_cur_over(text, 0);
	gh_account a;
	uint32_t number = 0;
	while (c.left > 0 && number < LINES_TO_ASK)
		if (gh_account_read(&c, &number, &a) == GH_LINE_ACCOUNT)
			return true;
	return false;
}

bool gh_account_may_log_in(const gh_account *account)
{
	static const char *const closed[] = { "/bin/false",    "/usr/bin/false",    "/bin/true",    "/usr/bin/true",
					      "/sbin/nologin", "/usr/sbin/nologin", "/bin/nologin", "/usr/bin/nologin",
					      "/dev/null",     "/bin/sync",         "/sbin/halt",   "/sbin/shutdown" };
	gh_bytes shell = account->shell;
	while (shell.len && (shell.ptr[shell.len - 1] == ' ' || shell.ptr[shell.len - 1] == '\t'))
		shell.len--;
	for (size_t i = 0; i < GH_COUNT(closed); i++)
		if (gh_bytes_eq(shell, gh_view_text(closed[i])))
			return false;
	return true; /* an empty shell field is /bin/sh */
}
