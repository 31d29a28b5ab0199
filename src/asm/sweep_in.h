/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/sweep - addresses that are put together, and how far behind an end we are: what the sweep and those
 * who pass over the common words of one CPU share.
 */
#ifndef GH_ASM_SWEEP_IN_H
#define GH_ASM_SWEEP_IN_H

#include "asm/work_in.h"

enum { GH_NEAR = 8 }; /* so soon behind an end a prologue shows itself */

typedef struct gh_track {
	gh_work *w;
	gh_val   last[GH_N_REGS + 2];
	uint64_t known; /* registers of `last` that are not unknown */
	uint64_t since; /* places since an end, while control only goes on */
	uint64_t low, high; /* round the code: addresses elsewhere cannot become one of it by a little more */
} gh_track;

/* A function may begin where this points. */
void gh_track_pointed(const gh_track *t, gh_val v);
/* v and a number, where it remains something that can point. */
gh_val gh_track_moved(const gh_track *t, gh_val v, int64_t by);

static inline void gh_track_set(gh_track *t, unsigned rd, gh_val v)
{
	t->last[rd] = v;
	t->known = v ? t->known | gh_bit(rd) : t->known & ~gh_bit(rd);
}

#endif
