/* SPDX-License-Identifier: Apache-2.0 */
/* check/accounts_in - the lines of passwd(5) and shadow(5), and what kind of password they hold. */
#ifndef GH_CHECK_ACCOUNTS_IN_H
#define GH_CHECK_ACCOUNTS_IN_H

#include "bytes/cur.h"

typedef enum gh_password {
	GH_PASSWORD_EMPTY,  /* none is asked for */
	GH_PASSWORD_SHADOW, /* "x": see the shadow file */
	GH_PASSWORD_LOCKED, /* nothing matches it: "*", "!", … */
	GH_PASSWORD_HASH,
	GH_PASSWORD_UNKNOWN, /* text that is no known kind of hash */
} gh_password;

typedef struct gh_account {
	gh_bytes name, password, shell;
	gh_password kind;
	const char *scheme; /* "MD5 (crypt $1$)", … when there is a hash, locked or not; else NULL */
	bool has_ids;       /* a passwd line: uid, gid, shell are there */
	uint32_t uid, gid;
	uint32_t line;
	uint64_t at;
	gh_bytes source;
} gh_account;

typedef enum gh_line_kind { GH_LINE_ACCOUNT, GH_LINE_EMPTY, GH_LINE_MALFORMED } gh_line_kind;

/* The next line of a passwd or shadow file. *number counts lines. */
gh_line_kind gh_account_read(gh_cur *c, uint32_t *number, gh_account *ret);

/* Is this text a passwd or a shadow file at all? At least one line must have the right shape. */
bool gh_accounts_are(gh_bytes text);

/* The name of the scheme, or NULL when the text is no hash. crypt(5) */
const char *gh_password_scheme(gh_bytes password);
/* May somebody with the password get a shell? /bin/false and its like say no. */
bool gh_account_may_log_in(const gh_account *account);

#endif
