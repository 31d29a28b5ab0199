/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/cage_in - the parts of the cage, in the order in which they close. Each adds to `text` what it
 * did, or to `lacks` why the kernel could not; GH_IO is for what should have worked.
 */
#ifndef GH_HOST_CAGE_IN_H
#define GH_HOST_CAGE_IN_H

#include "host/cage.h"

gh_code gh_cage_landlock(gh_ctx *ctx, const gh_cage *cage, char text[GH_CAGE_TEXT], char lacks[GH_CAGE_TEXT]) GH_MUST;
gh_code gh_cage_seccomp(gh_ctx *ctx, const gh_cage *cage, char text[GH_CAGE_TEXT], char lacks[GH_CAGE_TEXT]) GH_MUST;

/* Appends; what does not fit is cut off. */
void gh_cage_say(char text[GH_CAGE_TEXT], const char *fmt, ...) GH_PRINTF(2, 3);

#endif
