/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/check - a few words on top of cmocka, so that table-driven tests read as sentences.
 *
 * EQ(got, want, label) compares two integers and names the table row when they differ.
 */
#ifndef GH_TESTS_CHECK_H
#define GH_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "bytes/cur.h"

#define EQ(got, want, label) gh_check_eq((uintmax_t)(got), (uintmax_t)(want), #got, (label), __FILE__, __LINE__)
#define SAME(got, want, label) gh_check_same((got), (want), #got, (label), __FILE__, __LINE__)
#define TRUE(condition, label) gh_check_eq((uintmax_t) !!(condition), 1, #condition, (label), __FILE__, __LINE__)

static inline void gh_check_eq(uintmax_t got, uintmax_t want, const char *what, const char *label,
                               const char *file, int line)
{
	if (got == want)
		return;
	print_error("%s: %s is %ju (0x%jx), wanted %ju (0x%jx)\n", label ? label : "", what, got, got, want, want);
	_fail(file, line);
}

static inline void gh_check_same(gh_bytes got, gh_bytes want, const char *what, const char *label,
                                 const char *file, int line)
{
	if (gh_bytes_eq(got, want))
		return;
	size_t i = 0;
	while (i < got.len && i < want.len && got.ptr[i] == want.ptr[i])
		i++;
	print_error("%s: %s has %zu bytes, wanted %zu; they differ from byte %zu on\n", label, what, got.len,
	            want.len, i);
	_fail(file, line);
}

/* A context with two arenas and no budget, for the length of one test. */

static inline gh_ctx gh_test_ctx(void)
{
	return (gh_ctx){ .arena = gh_arena_new(GH_MIB(256)), .scratch = gh_arena_new(GH_MIB(256)) };
}

static inline void gh_test_done(gh_ctx *ctx)
{
	gh_arena_free(ctx->arena);
	gh_arena_free(ctx->scratch);
}

#endif
