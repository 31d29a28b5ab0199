/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/json - the parts of the JSON document, as schema/report-1.json describes it.
 */
#ifndef GH_REPORT_JSON_IN_H
#define GH_REPORT_JSON_IN_H

#include "report/pen_in.h"
#include "report/words_in.h"

/* The member "tree": the root with everything below it. */
void gh_json_tree(gh_pen *pen, gh_paper *p, const gh_report *report);
/* The member "programs" of the jobs that are about programs. */
void gh_json_programs(gh_pen *pen, gh_paper *p, const gh_report *report);
void gh_json_entry(gh_pen *pen, const gh_entry *entry);
/* The member "notes", where there are any. */
void gh_json_notes(gh_pen *pen, const gh_note *notes);

#endif
