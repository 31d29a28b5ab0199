/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack/space - the candidates of a space, found in one pass, however many containers lie in it.
 *
 * A region inside a region of the same space is not searched again: it takes the candidates that
 * stand in it. And while one thread proves the first of them, others may already prove the next ones
 * with a telling magic; who comes to such a candidate later takes what was foreseen, if it ends inside
 * his region and is strong enough not to depend on where that ends.
 */
#ifndef GH_UNPACK_SPACE_H
#define GH_UNPACK_SPACE_H

#include "unpack/unpack_in.h"

typedef struct gh_candidate {
	uint64_t at; /* absolute in the space */
	unsigned format;
} gh_candidate;

struct gh_foreseen;

struct gh_space {
	gh_bytes bytes;
	uint64_t pos; /* absolute offset of bytes.ptr */
	gh_candidate *items; /* by place, then format; no two alike */
	size_t count;
	uint64_t searched; /* where the search gave up, or UINT64_MAX */
	struct gh_foreseen *foreseen;
	size_t n_foreseen;
};

/* Searches; the space lives in m's results. `whole`: it may be a device as a whole, so that formats without
 * a magic are candidates at its start, before all others. */
gh_code gh_space_new(gh_member *m, gh_bytes bytes, uint64_t pos, bool whole, gh_space **ret) GH_MUST;

/* Does this region belong to the space? */
bool gh_space_holds(const gh_space *space, gh_bytes bytes, uint64_t pos);

/* The first candidate at `at` or behind. */
size_t gh_space_from(const gh_space *space, uint64_t at);

/* Lets other threads prove telling candidates of a space whose bytes stay to the end. */
gh_code gh_space_foresee(gh_member *m, gh_space *space) GH_MUST;

/* What was foreseen of this candidate, if it is there and ends at `end` or before: the claim is the
 * caller's then. While another thread is just proving it, the next ones are proven here. */
bool gh_space_take(gh_member *m, gh_space *space, const gh_candidate *candidate, uint64_t end, gh_claim *ret);

/* Frees what was foreseen and never taken. */
void gh_space_done(gh_space *space);

/* A magic of fixed bytes, long enough not to be chance. */
bool gh_magic_telling(const gh_format *format);

/* claim.c: proves one candidate in bytes; a claim that fails leaves nothing behind. */
gh_code gh_claim_measure(gh_member *m, const gh_format *format, gh_bytes bytes, uint64_t pos, uint64_t at,
			 gh_claim *ret) GH_MUST;

#endif
