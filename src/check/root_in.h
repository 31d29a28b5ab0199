/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/root_in - a volume as the device sees it: names to entries, through links.
 *
 *	gh_root root;
 *	code = gh_root_over(ctx, node, &root);
 *	const gh_entry *shadow = gh_root_find(&root, GH_LIT("/etc/shadow"));
 *
 * Links are followed inside the volume and never out of it; a path that cannot be followed (a
 * cycle, more than 16 links, a name that is only there at run time) gives NULL.
 */
#ifndef GH_CHECK_ROOT_IN_H
#define GH_CHECK_ROOT_IN_H

#include "check/check.h"

enum { GH_ROOT_PATH = 1024 };

/* Asks about every volume of the tree, in the order of the report, until one answer is trouble. */
gh_code gh_each_volume(gh_check_ctx *check, gh_code (*ask)(gh_check_ctx *check, const gh_node *volume)) GH_MUST;


typedef struct gh_root_name {
	gh_bytes path; /* without leading "./" or "/" */
	const gh_entry *entry;
} gh_root_name;

typedef struct gh_root {
	const gh_node *node;
	gh_root_name *names; /* sorted by path, one per path */
	size_t count;
} gh_root;

/* Sorts the names of a volume in ctx->scratch. */
gh_code gh_root_over(gh_ctx *ctx, const gh_node *volume, gh_root *ret) GH_MUST;

/* The entry at exactly this path, links not followed. */
const gh_entry *gh_root_at(const gh_root *root, gh_bytes path);
/* The entry that a path leads to, from the root of the volume whether it starts with '/' or not. */
const gh_entry *gh_root_find(const gh_root *root, gh_bytes path);

/* Calls each() for the names of one folder that match the last part of `pattern` (a shell pattern), in
 * their order; links in the folder's path are followed, the names themselves are given as they are.
 * At most `most` names. False from each() ends it. */
void gh_root_glob(const gh_root *root, gh_bytes pattern, size_t most, bool (*each)(void *arg, const gh_root_name *name),
		  void *arg);

/* The path without "./" and '/' at its start. */
gh_bytes gh_root_trim(gh_bytes path);
gh_bytes gh_path_base(gh_bytes path);

#endif
