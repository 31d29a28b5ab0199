/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack/unpack_in - what the files of this room share. A wall: nobody else includes it.
 */
#ifndef GH_UNPACK_UNPACK_IN_H
#define GH_UNPACK_UNPACK_IN_H

#include <pthread.h>

#include "base/team.h"
#include "unpack/unpack.h"

/* A proven instance of a format in a region. */
typedef struct gh_claim {
	uint64_t         at; /* absolute in its space */
	gh_span          span;
	const gh_format *format;
	gh_arena        *arena; /* what measure() decoded; the claim's own */
	bool             shared_ceiling; /* its measure was bounded by what the whole scan had left */
	gh_note         *notes; /* claims that lost against this one, in the claim's arena */
} gh_claim;

typedef struct gh_claims {
	gh_claim *items;
	size_t    count, room;
	gh_note  *refused; /* candidates with a telling magic that could not be proven */
} gh_claims;

/* Bytes that stay until the last task that needs them is done: what a stream gave, a file's copy. */
typedef struct gh_hold {
	gh_arena       *arena;
	_Atomic int     users;
	struct gh_hold *outer; /* the bytes these came from */
	struct gh_hold *next;  /* of the lasting ones */
} gh_hold;

typedef struct gh_unpacking gh_unpacking;
typedef struct gh_space     gh_space; /* space.h */

/* One thread's things. */
typedef struct gh_member {
	gh_unpacking *job;
	gh_ctx        ctx; /* arena: results; scratch: for one measure or visit */
	gh_searcher  *searcher;
} gh_member;

struct gh_unpacking {
	const gh_unpack_options *options;
	const gh_visitor        *visitor;
	gh_team                 *team;
	gh_member               *members;
	gh_unpacked             *result;
	_Atomic(gh_hold *)       lasting;
	_Atomic uint32_t         next_id;
	pthread_mutex_t          foresight; /* of space.c: guards what was foreseen … */
	pthread_cond_t           foreseen;  /* … and tells of it */
	gh_space                *image;     /* the first space */
	_Atomic int              failed; /* gh_code about us that ended the work */
};

/* Where a piece of work belongs: the gate it reports to and the bytes it lives on. */
typedef struct gh_site {
	gh_gate  *gate;
	gh_hold  *hold;
	gh_space *space; /* whose candidates are known; NULL: not searched yet */
} gh_site;

/* claim.c: all claims of a region of a space, in order, without overlap; allocated in `arena`. `within` is the node
 * that the region belongs to. */
gh_code gh_claims_find(gh_member *m, gh_space *space, const gh_node *within, gh_arena *arena, gh_bytes bytes,
		       uint64_t pos, gh_claims *ret) GH_MUST;
void    gh_claims_free(gh_claims *claims); /* the arenas of claims that nobody took over */

/* dense.c: a note on a gap that is compressed or encrypted, with what speaks for which. */
gh_code gh_dense_reasons(gh_ctx *ctx, gh_node *gap, gh_bytes bytes) GH_MUST;

/* look.c: grows the children of a node from the region it covers. */
gh_code gh_look_into(gh_member *m, gh_site site, gh_node *node, gh_bytes bytes, uint64_t pos) GH_MUST;
/* The same later, by whoever has time. */
gh_code gh_look_later(gh_member *m, gh_site site, gh_node *node, gh_bytes bytes, uint64_t pos) GH_MUST;

/* look.c: what a volume's structures do not use and is not padding becomes gaps below it. */
gh_code gh_volume_slack(gh_member *m, gh_node *node) GH_MUST;

/* volume.c: reads, visits and looks into the files of a volume, in tasks of about equal size. */
gh_code gh_volume_open(gh_member *m, gh_site site, gh_node *node) GH_MUST;

/* unpack.c */
/* `lasting`: the bytes live as long as the tree (tables of a volume, which its entries point into). */
gh_hold *gh_hold_new(gh_unpacking *job, gh_arena *arena, gh_hold *outer, bool lasting) GH_MUST;
void     gh_hold_use(gh_hold *hold);
void     gh_hold_drop(gh_hold *hold);
gh_code  gh_visit_region(gh_member *m, gh_node *node, gh_bytes content, uint64_t pos) GH_MUST;
gh_code  gh_settle(gh_member *m, gh_node *node) GH_MUST;
void     gh_number(gh_unpacking *job, gh_node *node);
/* Notes the trouble of `code` on the node; codes about us are passed on. */
gh_code gh_absorb(gh_member *m, gh_node *node, gh_code code) GH_MUST;
bool    gh_given_up(gh_unpacking *job);
void    gh_give_up(gh_unpacking *job, gh_code code);

#endif
