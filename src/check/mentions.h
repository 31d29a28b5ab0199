/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/mentions - which programs of a volume are named in which of its files?
 *
 * Planned once for a volume, before its files are read; each file's bytes are then looked through for the
 * names of programs, from any thread. What counts is a whole word: "httpd" in "/usr/bin/httpd -p 80", not in
 * "lighttpd", and where a program may be meant: "timer" in a sentence of a page is none. Libraries are counted like
 * programs. A file's own name does not count.
 *
 *	code = gh_mentions_plan(ctx, node);                 // when the volume is settled
 *	gh_mentions_look(node, entry, content);             // for each file
 *	n = gh_mentions_of(node, GH_LIT("udhcp"), &known);  // at the end: how many files name it
 */
#ifndef GH_CHECK_MENTIONS_H
#define GH_CHECK_MENTIONS_H

#include "tree/tree.h"

gh_code gh_mentions_plan(gh_ctx *ctx, gh_node *volume) GH_MUST;
void gh_mentions_look(const gh_node *volume, const gh_entry *entry, gh_bytes content);
/* In how many files this name was met; *known is false where nobody counted. */
unsigned gh_mentions_of(const gh_node *volume, gh_bytes name, bool *known);

#endif
