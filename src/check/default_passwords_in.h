/* SPDX-License-Identifier: Apache-2.0 */
/* check/default_passwords_in - passwords that makers ship or that bots try, each with where it was published. */
#ifndef GH_CHECK_DEFAULT_PASSWORDS_IN_H
#define GH_CHECK_DEFAULT_PASSWORDS_IN_H

#include "bytes/view.h"

typedef struct gh_default_password {
	const char *password, *source;
} gh_default_password;

extern const gh_default_password gh_default_passwords[];
extern const size_t gh_default_passwords_count;

#endif
