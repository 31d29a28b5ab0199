/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes/profile - what do unclaimed bytes look like? A histogram, its entropy, and one word.
 */
#ifndef GH_BYTES_PROFILE_H
#define GH_BYTES_PROFILE_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef enum gh_look {
	GH_LOOK_EMPTY,  /* no bytes                                             */
	GH_LOOK_ZERO,   /* padding 0x00                                         */
	GH_LOOK_ERASED, /* padding 0xff, as erased flash reads                  */
	GH_LOOK_FILL,   /* one other byte value                                 */
	GH_LOOK_TEXT,   /* printable                                            */
	GH_LOOK_CODE,   /* byte statistics of machine code or tables            */
	GH_LOOK_DENSE,  /* compressed or encrypted                              */
	GH_LOOK_MIXED,  /* none of these                                        */
} gh_look;

typedef struct gh_profile {
	gh_look  look;
	uint16_t entropy_millibits; /* Shannon, thousandths of a bit per byte: 0 … 8000 */
	uint8_t  fill;              /* the most frequent byte */
	uint32_t fill_permille;     /* how much of the run it is */
} gh_profile;

gh_profile  gh_profile_of(gh_bytes b);

/* The same in steps, for runs that need not be in memory as a whole. */
typedef struct gh_histogram {
	uint64_t count[256];
	uint64_t len;
} gh_histogram;

void       gh_histogram_add(gh_histogram *h, gh_bytes b);
gh_profile gh_profile_from(const gh_histogram *h);

/* How dense the bytes are along their way: one byte a cell, thirty-seconds of a bit of entropy a byte (0 …
 * 255, the last one for 8 bits). Every cell but the last covers gh_strip_step bytes. */
enum { GH_STRIP_CELLS = 1024 };
uint64_t gh_strip_step(uint64_t len);
gh_code  gh_strip_over(gh_ctx *ctx, gh_bytes b, gh_bytes *ret) GH_MUST;

const char *gh_look_name(gh_look look); /* "padding 0xff", "text", "compressed or encrypted", … */

#endif
