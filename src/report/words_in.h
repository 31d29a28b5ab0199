/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/words - the sentences that text and JSON share.
 */
#ifndef GH_REPORT_WORDS_IN_H
#define GH_REPORT_WORDS_IN_H

#include "report/paper_in.h"

enum { GH_UNSEEN_MOST = 8 };

/* "whole", "budget", "timeout", "crash", "memory", "nonsense". */
const char *gh_end_name(gh_end end);
const char *gh_job_name(gh_job job);
/* "the worker died while it looked at the image (signal 11)"; safe text. */
const char *gh_end_sentence(gh_paper *p, const gh_report *report);

/* What this report says nothing about, as sentences without a full stop. Never empty. */
size_t gh_report_unseen(gh_paper *p, const gh_report *report, const char *ret[GH_UNSEEN_MOST]);

/* How many files of the tree could not be read whole. */
uint64_t gh_report_unread(const gh_report *report);
/* How many pieces (nodes but gaps, entries but those files) are noted as damaged or beyond a limit. */
uint64_t gh_report_damaged(const gh_report *report);
/* Is trouble among the notes? A lost claim or a plain remark is none. */
bool gh_notes_trouble(const gh_note *notes);

/* "2 suspicious, 1 notice, 40 info", without the levels that nothing has; "" when there is none. */
const char *gh_report_tally(gh_paper *p, const gh_report *report);
/* The heaviest finding, surest first among equals, or NULL. */
const gh_finding *gh_report_heaviest(const gh_report *report);

/* The next node of the image's own space in the order of the tree: nothing below one that opens a space, nor
 * files of volumes. Start with the root, go on until NULL. */
const gh_node *gh_next_in_space(const gh_node *root, const gh_node *node);

/* What a node is in a picture of the image. */
typedef enum gh_class {
	GH_CLASS_NONE,
	GH_CLASS_PADDING,
	GH_CLASS_HEADER, /* a container's own bytes */
	GH_CLASS_STREAM,
	GH_CLASS_VOLUME,
	GH_CLASS_GAP, /* nobody claims it */
} gh_class;
gh_class    gh_class_of(const gh_node *node);
const char *gh_class_name(gh_class class);

#endif
