/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cap/hits_in - where a program has what rules ask for.
 */
#ifndef GH_CAP_HITS_IN_H
#define GH_CAP_HITS_IN_H

#include "cap/pack_in.h"

typedef struct gh_cap_hit {
	uint64_t address;
	uint32_t function, block, call; /* GH_NONE; functions ascend within a list */
} gh_cap_hit;

typedef struct gh_cap_list {
	gh_cap_hit *items;
	uint32_t n, room;
} gh_cap_list;

typedef struct gh_cap_hits {
	const gh_caps *caps;
	const gh_program *p;
	gh_cap_list *lists; /* by feature */
	bool *everywhere;   /* by feature: it holds for the file as a whole (os, arch, format) */
	const char **wrapped; /* by function: the system call that is all it does; NULL */
	uint32_t *reached;  /* by function: the last root that leads here */
	uint32_t *stack;    /* of gh_cap_reach */
	bool cut;
} gh_cap_hits;

enum { GH_CAP_HITS_MOST = 1 << 16 }; /* of one feature */

gh_code gh_cap_add(gh_ctx *ctx, gh_cap_hits *h, uint32_t feature, gh_cap_hit hit) GH_MUST;
gh_code gh_cap_extract(gh_ctx *ctx, gh_cap_hits *h) GH_MUST;

/* A place in which a condition is asked. */
typedef struct gh_cap_place {
	uint32_t scope, function, block, call;
	uint64_t address;
	uint32_t stamp; /* program: functions that bear it belong to it */
	bool     wide;  /* program: from its very beginning, so that data of nobody belong to it, too */
} gh_cap_place;

/* The hits of a feature from the first to the last that may lie in a place; ask gh_cap_inside. */
void gh_cap_range(const gh_cap_hits *h, uint32_t feature, const gh_cap_place *in, uint32_t *first, uint32_t *end);
bool gh_cap_inside(const gh_cap_hits *h, const gh_cap_place *in, const gh_cap_hit *hit);
/* The smaller place around a hit. */
gh_cap_place gh_cap_around(const gh_cap_place *in, uint32_t scope, const gh_cap_hit *hit);

/* Marks with `stamp` all functions that `root` leads to. */
gh_code gh_cap_reach(gh_ctx *ctx, gh_cap_hits *h, uint32_t root, uint32_t stamp, uint64_t *steps) GH_MUST;
/* The place of a match, as it was when it matched. */
gh_code gh_cap_place_of(gh_ctx *ctx, gh_cap_hits *h, const gh_cap_match *match, gh_cap_place *ret) GH_MUST;

/* Does node i hold? `steps` are counted, and nothing holds once there were too many. */
typedef struct gh_cap_asking {
	const gh_cap_hits *h;
	uint64_t steps, most;
} gh_cap_asking;
bool gh_cap_holds(gh_cap_asking *a, uint32_t node, const gh_cap_place *in);

#endif
