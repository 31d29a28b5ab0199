/* SPDX-License-Identifier: Apache-2.0 */
/* rule/load_in - a loaded pack: what load.c makes and scan.c uses. */
#ifndef GH_RULE_LOAD_IN_H
#define GH_RULE_LOAD_IN_H

#include <pthread.h>
#include <yara.h>

#include "rule/blob_in.h"

enum { GH_RULE_SCANNERS = 64 };

/* Scanners that no thread uses at the moment. A scanner costs far more to make than to use. */
typedef struct gh_rule_pool {
	pthread_mutex_t lock;
	YR_SCANNER *idle[GH_RULE_SCANNERS];
	size_t n_idle;
} gh_rule_pool;

struct gh_rules {
	gh_arena *arena;
	bool initialized; /* yr_initialize was called for us */
	YR_RULES *yara;   /* NULL: no YARA rule */
	size_t n_yara;
	gh_rule_hash *hashes;
	size_t n_hashes;
	gh_bytes texts;
	uint8_t digest[32];
	gh_rule_pool *pool;
};

#endif
