/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/base - the words every other room speaks.
 *
 * Two kinds of trouble, never mixed. About the input (GH_NOT_MINE … GH_LIMIT): ends one node of
 * the tree and becomes a note in the report. About us (GH_IO, GH_NOMEM): ends the scan.
 */
#ifndef GH_BASE_BASE_H
#define GH_BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GH_MUST __attribute__((warn_unused_result))
#define GH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define GH_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GH_MIN(a, b) ((a) < (b) ? (a) : (b))
#define GH_MAX(a, b) ((a) > (b) ? (a) : (b))
#define GH_KIB(n) ((uint64_t)(n) << 10)
#define GH_MIB(n) ((uint64_t)(n) << 20)
#define GH_GIB(n) ((uint64_t)(n) << 30)

typedef enum gh_code {
	GH_OK = 0,
	GH_NOT_MINE,    /* other bytes than this parser knows: ask the next one */
	GH_TRUNCATED,   /* right shape, but the input ends inside it            */
	GH_CORRUPT,     /* the input contradicts itself                         */
	GH_UNSUPPORTED, /* valid, but a variant nobody has written yet          */
	GH_ENCRYPTED,   /* sound, but its key is not known                      */
	GH_LIMIT,       /* our budget ended, not the input                      */
	GH_IO,          /* the operating system said no                         */
	GH_NOMEM,
} gh_code;

/* True for the codes that say something about the input: the scan goes on. */
static inline bool gh_is_about_input(gh_code code)
{
	return code >= GH_NOT_MINE && code <= GH_LIMIT;
}

/* One lower-case word per code, as reports print it. */
const char *gh_code_name(gh_code code);

#endif
