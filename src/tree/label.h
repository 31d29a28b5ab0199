/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree/label - what a node is called below the folder of an extraction.
 *
 * The one rule: a label says where a node stands, and no two nodes of a tree share one. Offsets are
 * those of the tree, so that a folder and a line of a report find each other.
 *
 *	0x120200-squashfs                             a file system or archive, as a folder
 *	0x40-lzma.out                                 what came out of a stream
 *	0x40-lzma/0x3f8000-cpio                       a file system inside that stream
 *	0x120200-squashfs.inside/opt/x.gz/0x0-gzip.out  a stream that is a file of a file system
 *	0x20000-gap.bin                               bytes that nobody claims
 *
 * Path bytes outside [A-Za-z0-9._+@ -] are percent-escaped, as is a component that reads "." or
 * ".." or starts with "0x" (only our own components do); a component beyond 200 bytes is cut.
 */
#ifndef GH_TREE_LABEL_H
#define GH_TREE_LABEL_H

#include "tree/tree.h"

/* The label of a volume, of a stream's content or of a gap that is not padding, in ctx->arena; NULL
 * for a node that an extraction does not write. */
gh_code gh_node_folder(gh_ctx *ctx, const gh_node *node, const char **ret) GH_MUST;

/* True for a gap that is one byte value all over. */
bool gh_node_padding(const gh_node *node);

#endif
