/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/eval - what instructions make of a state, in pieces that are shared by the evaluator of all CPUs and
 * by those that run the common words of one CPU.
 */
#ifndef GH_ASM_EVAL_IN_H
#define GH_ASM_EVAL_IN_H

#include "asm/state_in.h"

/* [base + by] = v, and what that tells. */
void gh_eval_store(gh_eval *e, gh_val base, int64_t by, unsigned width, gh_val v, uint64_t pc);

/* rd = v. What holds all over the function holds on. */
static inline void gh_eval_set(gh_eval *e, unsigned rd, gh_val v)
{
	if (e->steady >> rd & 1)
		return;
	gh_reg_put(&e->now, rd, v);
	if (rd == e->abi->sp && gh_val_kind(v) == V_STACK && gh_val_signed(v) < e->lowest)
		e->lowest = gh_val_signed(v);
}

/* Numbers that say something: neither small nor half of one. */
static inline bool gh_eval_is_plain(const gh_eval *e, gh_val v)
{
	int64_t n;
	if (gh_val_kind(v) == V_ADDRESS)
		return true;
	if (!gh_image_is_number(e->image, v, &n))
		return false;
	if (e->abi->bytes == 4)
		n = (int32_t)n;
	return (n > 255 || n < -255) && (n & 0xffff) != 0;
}

/* rd = v, a constant that code made. */
static inline void gh_eval_made(gh_eval *e, unsigned rd, gh_val v, uint64_t pc)
{
	gh_eval_set(e, rd, v);
	if (rd != e->abi->sp && rd != e->abi->gp && gh_eval_is_plain(e, v))
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
}

static inline void gh_eval_compare(gh_eval *e, gh_val v, uint64_t pc)
{
	if (gh_val_is_number(v))
		gh_eval_use(e, pc, v, GH_USE_COMPARE);
}

static inline gh_val gh_eval_plus(const gh_eval *e, gh_val v, int64_t by)
{
	switch (gh_val_kind(v)) {
	case V_NUMBER: {
		gh_val sum = gh_image_number(e->image, gh_val_signed(v) + by);
		bool high = (gh_val_plain(v) & 0xffff) == 0 && gh_val_plain(v) >= 0x10000;
		if (high && gh_image_is_address(e->image, gh_val_plain(sum)))
			return gh_image_address(e->image, gh_val_plain(sum));
		return sum;
	}
	case V_BIG: {
		int64_t n;
		(void)gh_image_is_number(e->image, v, &n);
		return gh_image_number(e->image, (int64_t)((uint64_t)n + (uint64_t)by));
	}
	case V_ADDRESS:
		return gh_image_address(e->image, gh_val_plain(v) + (uint64_t)by);
	case V_LOST:
		return v;
	case V_STACK:
	case V_INTO:
		return gh_val_of(gh_val_kind(v), (uint64_t)(gh_val_signed(v) + by));
	default:
		return by ? 0 : v;
	}
}

/* What stands at base + by. */
static inline gh_val gh_eval_at(gh_eval *e, gh_val base, int64_t by, unsigned width, bool sign)
{
	switch (gh_val_kind(base)) {
	case V_NUMBER:
	case V_ADDRESS:
		return gh_image_load(e->image, gh_val_plain(gh_eval_plus(e, base, by)), width);
	case V_STACK:
		return width == e->abi->bytes || width == 4 ? gh_slot_load(&e->now, e->abi, gh_val_signed(base) + by)
							    : 0;
	case V_INTO:
		e->row.width = (uint8_t)width;
		e->row.sign = sign;
		return gh_val_of(V_ENTRY, (uint64_t)(gh_val_signed(base) + by));
	case V_LOST:
		return base;
	default:
		return 0;
	}
}

/* An address that was loaded and is not that of a page, to which something will be added. */
static inline bool gh_eval_is_told(gh_val v)
{
	return gh_val_kind(v) == V_ADDRESS && (gh_val_plain(v) & 0xfff) != 0;
}

#endif
