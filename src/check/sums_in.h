/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/sums_in - what the containers' own checksums say, once for all containers.
 *
 * A right checksum says nothing about origin: every one of these can be computed by anybody. A wrong
 * one is met in clean images too (a kernel cut in two by an outer container, vendors' own boot
 * loaders), so it is a notice and never more.
 */
#ifndef GH_CHECK_SUMS_IN_H
#define GH_CHECK_SUMS_IN_H

#include "check/check.h"

/* Reports the sums of all nodes whose format is `format` or starts with `format` and a dash; NULL: those of all
 * containers that no other check asks. */
gh_code gh_sums_report(gh_check_ctx *check, const gh_check *self, const char *format) GH_MUST;

#endif
