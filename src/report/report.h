/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/report - a scan as a document: text for people, JSON for machines.
 *
 * Everything that came out of an image is escaped here, once, for each medium. Findings are sorted
 * here (level, id, path, offset), so that two reports of one input are the same bytes.
 */
#ifndef GH_REPORT_REPORT_H
#define GH_REPORT_REPORT_H

#include <stdio.h>

#include "finding/finding.h"
#include "report/program.h"
#include "tree/tree.h"

/* A node by its number, and its place in the order of the tree. */
typedef struct gh_rank {
	uint32_t id, order;
	gh_node *node;
} gh_rank;

/* Why a report is not whole. */
typedef enum gh_end {
	GH_END_WHOLE,
	GH_END_BUDGET,   /* a budget ended before the image did */
	GH_END_TIMEOUT,  /* the worker was stopped after the time given */
	GH_END_CRASH,    /* the worker died of a signal */
	GH_END_MEMORY,   /* the worker ran out of memory */
	GH_END_NONSENSE, /* the worker said something that makes no sense */
} gh_end;

typedef enum gh_job { GH_JOB_SCAN, GH_JOB_TREE, GH_JOB_EXTRACT, GH_JOB_CAPS, GH_JOB_STRINGS, GH_JOB_DISASM } gh_job;

typedef struct gh_report {
	gh_job job;
	const char *image; /* as the user named it */
	uint64_t size;
	uint8_t sha256[32];
	gh_node *root; /* contents are not there, only what was learned about them */
	gh_findings findings;
	gh_program_view *programs, **programs_end; /* caps, strings, disasm */
	gh_end end;
	const char *end_detail;         /* "signal 11", "--max-bytes 4 GiB"; may be NULL */
	const char *cage;               /* what the worker gave up: "seccomp, landlock, rlimits"; what it could not */
	size_t n_rules, n_hashes;       /* how much was looked for */
	bool list_files;                /* entries are in the tree */
	uint64_t files, bytes_unpacked; /* totals over all volumes */
	const char *target;             /* extract: where it went */
	uint64_t files_written, not_written; /* extract */
	uint64_t verified_regions, verified_files, verified_bytes; /* of a second reading; 0: there was none */
	uint64_t differ;                     /* of them, not as told … */
	const char *differs;                 /* … the first one; may be NULL */
	gh_bytes strip;                      /* gh_strip_over the image; may be empty */
	gh_arena *arena;                     /* all of the above lives here */
	struct gh_rank *places;              /* every node, by id; made by gh_report_settle */
	size_t n_places;
} gh_report;

typedef struct gh_style {
	bool color, verbose, quiet;
	unsigned width;
} gh_style;

/* Sorts the findings and the children of every node, numbers the nodes in the order of the tree (what
 * evidence says follows), and makes `places`, in ctx->arena; call once, before rendering. */
gh_code gh_report_settle(gh_ctx *ctx, gh_report *report) GH_MUST;
gh_level gh_report_verdict(const gh_report *report);
/* The node with this number, or NULL. Only after gh_report_settle. */
const gh_node *gh_report_node(const gh_report *report, uint32_t id);

/* "tplink-v1@0x0 / rootfs@0x120200 / squashfs@0x120200": the way to a node, escaped,
 * in ctx->arena; NULL when memory is out. */
const char *gh_report_where(gh_ctx *ctx, const gh_report *report, uint32_t node) GH_MUST;

/* How many bytes of the image's own space are explained (not gaps; padding counts as explained). */
typedef struct gh_coverage {
	uint64_t explained, padding, gaps, total;
	unsigned n_gaps; /* that are not padding */
} gh_coverage;
gh_coverage gh_report_coverage(const gh_report *report);

/* GH_IO when `out` took no more. */
gh_code gh_report_text(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style) GH_MUST;
gh_code gh_report_tree(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style) GH_MUST;

/* Its programs: what they can do, their texts, their code; whatever the job was. */
gh_code gh_report_programs(gh_ctx *ctx, const gh_report *report, FILE *out, const gh_style *style) GH_MUST;

/* The image as a picture: what stands where, layer by layer, and how dense it is. SVG. */
gh_code gh_report_map(gh_ctx *ctx, const gh_report *report, FILE *out) GH_MUST;
/* Is a piece of it cut short, damaged, unsupported, encrypted or beyond a limit? */
bool gh_report_is_damaged(const gh_report *report);

/* One document holds any number of images: begin, each of them (`first` for the first one), end. */
gh_code gh_json_begin(FILE *out) GH_MUST;
gh_code gh_report_json(gh_ctx *ctx, const gh_report *report, FILE *out, bool first) GH_MUST;
gh_code gh_json_unread(const char *image, const char *error, FILE *out, bool first) GH_MUST;
gh_code gh_json_end(FILE *out) GH_MUST;

#endif
