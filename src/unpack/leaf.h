/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack/leaf - one word for what a file is, from its first bytes.
 */
#ifndef GH_UNPACK_LEAF_H
#define GH_UNPACK_LEAF_H

#include "bytes/view.h"

typedef struct gh_leaf {
	const char *word;   /* "elf", "script", "text", "png", … "empty", or "data" */
	bool        opaque; /* its insides are not searched for containers */
} gh_leaf;

gh_leaf gh_leaf_of(gh_bytes content);

#endif
