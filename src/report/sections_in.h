/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report/sections - the parts of a text report, one function each. A section that has nothing to say
 * prints nothing.
 */
#ifndef GH_REPORT_SECTIONS_IN_H
#define GH_REPORT_SECTIONS_IN_H

#include "report/paper_in.h"

void gh_section_findings(gh_paper *p, const gh_report *report); /* notice and heavier, with evidence */
void gh_section_facts(gh_paper *p, const gh_report *report);    /* infos: counted, or one line each */
void gh_section_unknown(gh_paper *p, const gh_report *report);  /* gaps, damage, notes */
void gh_section_written(gh_paper *p, const gh_report *report);  /* extract: what stands where */

/* gh_report_where, as a text of the paper. */
const char *gh_paper_where(gh_paper *p, const gh_report *report, uint32_t node);
/* Image, size, digest. */
void gh_paper_image(gh_paper *p, const gh_report *report);
/* The image as one line: what stands where, a sign a class, with a legend of the signs in it. */
void gh_paper_strip(gh_paper *p, const gh_report *report);
/* "99.1 % of the image explained, 3 gaps". */
const char *gh_coverage_sentence(gh_paper *p, const gh_report *report);

#endif
