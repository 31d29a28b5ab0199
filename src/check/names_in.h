/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/names_in - names of programs: which are usual on routers, and which resemble one.
 *
 *	const char *like = gh_name_like(GH_LIT("dnssmasq"), &how); // "dnsmasq", "one letter away"
 */
#ifndef GH_CHECK_NAMES_IN_H
#define GH_CHECK_NAMES_IN_H

#include "bytes/view.h"

typedef enum gh_likeness {
	GH_LIKE_NONE,
	GH_LIKE_EDIT,     /* one letter more, less, other, or two exchanged */
	GH_LIKE_CONFUSED, /* a digit for a letter that looks like it, another alphabet, other case */
} gh_likeness;

/* The usual program that this name resembles, or NULL; never for a name that is usual itself. */
const char *gh_name_like(gh_bytes name, gh_likeness *how);
/* Is it the name of a program that many routers have? */
bool gh_name_is_usual(gh_bytes name);
/* Is it what the kernel calls one of its own threads: "[kworker/0:1]", "ksoftirqd"? */
bool gh_name_is_kernel_thread(gh_bytes name);
/* Blanks at an end, or bytes that no terminal shows. */
bool gh_name_is_invisible(gh_bytes name);

#endif
