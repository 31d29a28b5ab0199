/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/lab/volume - the entries of a file system or archive, and where it came to stand: the truth
 * that --manifest prints.
 *
 * A volume inside a compressed stream has more than one offset: 512>0 is offset 0 of what the
 * stream at offset 512 holds.
 */
#ifndef GH_TOOLS_LAB_VOLUME_H
#define GH_TOOLS_LAB_VOLUME_H

#include "lab.h"

typedef struct lab_entry {
	const lab_st *st;
	gh_bytes path; /* as the recipe says it; no leading slash is added or taken */
	char type;     /* d f l c b p s; L: a directory entry that names another directory's inode */
	unsigned mode, uid, gid, major, minor;
	uint64_t mtime;
	gh_bytes target; /* of a symbolic link; the path of the first name of a hard link; of a loop */
	bool hard;
	gh_bytes content;
	gh_bytes *xattrs; /* name=value */
	size_t xattrs_n;
} lab_entry;

typedef struct lab_tree {
	lab_entry *entries;
	size_t n, cap;
} lab_tree;

enum { LAB_LEVELS = 8 };
typedef struct lab_volume {
	uint64_t at[LAB_LEVELS]; /* outermost first */
	unsigned levels;
	lab_tree tree;
} lab_volume;

/* The entries of the block of `st`, in recipe order. Defaults for uid, gid and time from its keys. */
lab_tree lab_tree_read(lab *l, const lab_st *st);
lab_entry *lab_tree_find(const lab_tree *tree, gh_bytes path); /* the first of that name, or NULL */

void lab_volume_add(lab *l, lab_tree tree, uint64_t at);
void lab_volumes_shift(lab *l, size_t first, uint64_t by); /* those from `first` on stand `by` further on */
void lab_volumes_wrap(lab *l, size_t first);               /* … stand inside a compressed stream at 0 */
void lab_manifest(const lab *l, FILE *to);

#endif
