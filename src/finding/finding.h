/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding/finding - what we say about a device, before anyone prints it.
 *
 * A finding is an id that never changes, a level, a sentence, and evidence somebody can look up
 * with a hex editor. The verdict of a scan is its heaviest finding: nothing is averaged.
 */
#ifndef GH_FINDING_FINDING_H
#define GH_FINDING_FINDING_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef enum gh_level {
	GH_LEVEL_INFO,       /* a fact worth listing                                       */
	GH_LEVEL_NOTICE,     /* worth a look; clean devices have it too                    */
	GH_LEVEL_SUSPICIOUS, /* clean vendor images do not show this                       */
	GH_LEVEL_MALICIOUS,  /* matches a published indicator of a named threat            */
} gh_level;

typedef enum gh_sure { GH_SURE_LOW, GH_SURE_MEDIUM, GH_SURE_HIGH } gh_sure;

/* Where it was seen and what was seen there. */
typedef struct gh_evidence {
	uint32_t node;    /* gh_node.id of the node, volume or gap */
	gh_bytes path;    /* of the entry inside that volume; empty for the node itself */
	uint64_t at;      /* offset of the excerpt: inside the file where path is set, else absolute in
	                   * the node's space; GH_NOWHERE when there is none */
	uint32_t line;    /* 1-based line number in a text file, or 0 */
	gh_bytes excerpt; /* the bytes themselves, at most GH_EXCERPT of them */
	const char *note; /* what these bytes are: "string $usage of rule …"; may be NULL */
} gh_evidence;

enum { GH_EXCERPT = 128, GH_EVIDENCE_MOST = 8 };

typedef struct gh_finding gh_finding;
struct gh_finding {
	const char *id;    /* "ACCOUNTS/second-root": check, slash, kind; never changes */
	const char *check; /* "ACCOUNTS": what `gifthorse explain` takes */
	gh_level    level;
	gh_sure     sure;
	const char *title;    /* one sentence: what was seen */
	const char *why;      /* why it matters, in words an owner understands */
	const char *harmless; /* what would make it harmless */
	const char *attack;   /* MITRE ATT&CK technique id, or NULL */
	const char *source;   /* where the indicator was published, or NULL */
	gh_evidence evidence[GH_EVIDENCE_MOST];
	size_t      n_evidence;
	gh_finding *next;
};

typedef struct gh_findings {
	gh_finding *first, *last;
	size_t      count;
} gh_findings;

/* Copies the finding with all its texts into ctx's arena and appends it. */
gh_code gh_finding_add(gh_ctx *ctx, gh_findings *list, const gh_finding *finding) GH_MUST;

/* Appends all of `more` (same or longer-living arena) to `list`. */
void gh_findings_join(gh_findings *list, gh_findings *more);

const char *gh_level_name(gh_level level);
/* False when the word names no level. */
bool        gh_level_of(const char *word, gh_level *ret);
const char *gh_sure_name(gh_sure sure);

#endif
