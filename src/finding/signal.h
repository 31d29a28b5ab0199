/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding/signal - a weak sign against one file, that is no finding alone.
 *
 *	gh_signal s = { .check = "ODD-METADATA", .witness = GH_WITNESS_PACKING, .weight = 1,
 *		.evidence = { .node = volume->id, .path = entry->path, .at = GH_NOWHERE, .note = "…" } };
 *	code = gh_signal_add(ctx, check->signals, &s);
 *
 * Clean images show each of these signs now and then. What they do not show is several that have nothing to do
 * with each other on one and the same file; CONVERGENCE looks for that. docs/verdict.md is the model.
 */
#ifndef GH_FINDING_SIGNAL_H
#define GH_FINDING_SIGNAL_H

#include "finding/finding.h"

/* Kinds of evidence that do not follow from each other: two signs of one witness are one sign. */
typedef enum gh_witness {
	GH_WITNESS_BUILD,   /* who compiled and linked it */
	GH_WITNESS_PACKING, /* who put it into the image, and when: times, owners, modes */
	GH_WITNESS_NAME,    /* what it calls itself */
	GH_WITNESS_START,   /* who starts it */
	GH_WITNESS_ROLE,    /* what it does, by its code or its words, held against what it is for */
	GH_WITNESS_OWNER,   /* which package it belongs to */
	GH_WITNESS_CARGO,   /* what it carries beside itself */
	GH_WITNESSES,
} gh_witness;

typedef struct gh_signal gh_signal;
struct gh_signal {
	const char *check;
	gh_witness  witness;
	unsigned    weight;   /* 1: a clean image shows it now and then; 2: rarely */
	gh_bytes    about;    /* the file it speaks against, where the evidence lies in another; else empty */
	gh_evidence evidence; /* .note says what was seen, as a sentence without a subject */
	uint32_t    order;    /* for whoever sorts them */
	gh_signal  *next;
};

typedef struct gh_signals {
	gh_signal *first, *last;
	size_t     count;
} gh_signals;

/* Copies the signal into ctx's arena and appends it; `list` NULL: nobody wants to know. */
gh_code gh_signal_add(gh_ctx *ctx, gh_signals *list, const gh_signal *signal) GH_MUST;

/* Appends all of `more` (same or longer-living arena) to `list`. */
void gh_signals_join(gh_signals *list, gh_signals *more);

const char *gh_witness_name(gh_witness witness); /* "build", "packing", … */

#endif
