/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/blob_in - how a compiled rule pack is laid out, all integers little-endian:
 *
 *	 0  "GHRULES1"
 *	 8  SHA-256 of the sources
 *	40  number of hashes (4), size of the texts (4), size of the YARA part (8)
 *	56  hashes, sorted: SHA-256 (32), offset of its texts (4), 1 if built in (4)
 *	    texts: of each hash name, family, date, source, licence, each ended by NUL
 *	    what yr_rules_save_stream wrote; nothing when there is no YARA rule
 *
 * Only compile.c writes it and load.c reads it.
 */
#ifndef GH_RULE_BLOB_IN_H
#define GH_RULE_BLOB_IN_H

#include "rule/rule.h"

#define GH_RULE_MAGIC "GHRULES1"

enum { GH_RULE_HASH_SIZE = 40, GH_RULE_HASH_TEXTS = 5 };

typedef struct gh_rule_hash {
	uint8_t sha256[32];
	uint32_t texts;
	uint32_t builtin;
} gh_rule_hash;

/* The hashes and texts of all lists, while they are collected. */
typedef struct gh_rule_hashes {
	gh_rule_hash *items;
	size_t count, room;
	gh_buf texts;
} gh_rule_hashes;

/* Reads one hash list into `hashes`; lines it cannot use are told about. */
gh_code gh_rule_hashes_read(gh_ctx *ctx, const gh_rule_file *file, gh_rule_trouble *trouble, void *arg,
			    gh_rule_hashes *hashes) GH_MUST;
/* By digest, then in the order they were read. */
void gh_rule_hashes_sort(gh_rule_hashes *hashes);

#endif
