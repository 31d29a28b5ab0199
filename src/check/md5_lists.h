/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/md5_lists - lists of MD5 digests that lie in a volume, as md5sum(1) writes them.
 *
 * Digests of files are only computed where a volume has such a list: gh_md5_plan says so before the files
 * are read.
 */
#ifndef GH_CHECK_MD5_LISTS_H
#define GH_CHECK_MD5_LISTS_H

#include "tree/tree.h"

typedef struct gh_md5_line {
	uint8_t md5[16];
	gh_bytes path, source;
	uint64_t at;
	uint32_t line;
} gh_md5_line;

/* Is it the name of such a list? "md5.txt", "MD5SUMS", "busybox.md5sums", … */
bool gh_md5_is_list(gh_bytes path);
/* What the paths in a list start from: its own folder with '/', or the root for dpkg's lists. */
gh_bytes gh_md5_folder(gh_bytes list);
void gh_md5_each(gh_bytes list, void (*each)(void *arg, const gh_md5_line *line), void *arg);
/* Sets volume->wants_md5. */
void gh_md5_plan(gh_volume *volume);

#endif
