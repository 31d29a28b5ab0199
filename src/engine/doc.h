/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine/doc - the parent's side: a report grows from what a worker says.
 *
 * Records come in any order that threads make of them; nodes are hung up by their numbers when the
 * worker is done or dead. Nothing a worker says is taken on trust: a node without a parent, a
 * number that comes twice, a volume larger than allowed make the report one that ended in nonsense.
 */
#ifndef GH_ENGINE_DOC_H
#define GH_ENGINE_DOC_H

#include "engine/wire.h"
#include "report/report.h"

typedef struct gh_doc gh_doc;

/* A report on `image`, which lives as long as the doc. */
gh_code gh_doc_new(gh_ctx *ctx, gh_job job, const char *image, uint64_t size, uint64_t max_nodes, bool list_files,
                   gh_doc **ret) GH_MUST;
void    gh_doc_free(gh_doc *doc);

/* Bytes from the worker. GH_CORRUPT: it said nonsense and should be stopped. */
gh_code gh_doc_hear(gh_doc *doc, gh_bytes more) GH_MUST;

/* Did the worker ask to be started once more, alone? Forgets all it said. */
bool gh_doc_wants_again(const gh_doc *doc);
void gh_doc_forget(gh_doc *doc);
/* Bytes the worker says it has produced. */
uint64_t gh_doc_progress(const gh_doc *doc);

/* The worker is gone: hang up the tree, sort. `end` says how it went when no DONE arrived. */
gh_code gh_doc_close(gh_doc *doc, gh_end end, const char *detail) GH_MUST;

/* Valid after gh_doc_close, as long as the doc. The trouble the worker named, if any. */
gh_report  *gh_doc_report(gh_doc *doc);
gh_code     gh_doc_code(const gh_doc *doc);
const char *gh_doc_detail(const gh_doc *doc);

#endif
