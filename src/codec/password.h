/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/password - is this the password behind that hash? crypt(5), through libcrypt.
 *
 * Hashes are made to be slow: ask gh_password_cost before, and stay within what a scan may spend. A cost is
 * an estimate for one try and does not depend on the machine, so that the same is tried everywhere.
 */
#ifndef GH_CODEC_PASSWORD_H
#define GH_CODEC_PASSWORD_H

#include "bytes/view.h"

enum { GH_PASSWORD_SECOND = 1000000 }; /* what about a second can try */

/* 0: of a kind that is not tried, or dearer than a second. */
uint32_t gh_password_cost(gh_bytes hash);
bool gh_password_matches(const char *password, gh_bytes hash);

#endif
