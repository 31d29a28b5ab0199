/* SPDX-License-Identifier: Apache-2.0 */
#include "asm/state_in.h"

static void slot_lose(gh_state *s, unsigned i)
{
	s->live &= ~((uint32_t)1 << i);
}

/* Only whole words are kept; what is written beside them makes them unknown. */
void gh_slot_store(gh_state *s, const gh_abi *abi, int64_t at, unsigned width, gh_val v)
{
	unsigned i = gh_slot_place(abi, at);
	bool whole = width == abi->bytes && at % abi->bytes == 0 && at == (int32_t)at;
	if (whole || (abi->bytes == 8 && width == 4 && at % 8 == 0)) {
		slot_lose(s, i);
		s->live |= v ? (uint32_t)1 << i : 0;
		s->at[i] = (int32_t)at;
		s->slot[i] = v;
		return;
	}
	for (int64_t b = at; b < at + (int64_t)width; b += abi->bytes)
		slot_lose(s, gh_slot_place(abi, b));
	slot_lose(s, gh_slot_place(abi, at + (int64_t)width - 1));
}

void gh_eval_begin(gh_eval *e, gh_work *w)
{
	const gh_abi *abi = w->abi;
	e->w = w;
	e->abi = abi;
	e->image = w->image;
	e->steady = abi->zero != GH_R_NO ? gh_bit(abi->zero) : 0;
	if (abi->gp != GH_R_NO && w->image->gp && !w->many_gp)
		e->steady |= gh_bit(abi->gp);
}

void gh_state_forget(gh_eval *e, gh_val rest)
{
	const gh_abi *abi = e->abi;
	gh_state *s = &e->now;
	s->known = rest ? GH_REGS : 0;
	s->live = 0;
	for (unsigned i = 0; i < GH_N_REGS && rest; i++)
		s->r[i] = rest;
	gh_reg_put(s, abi->sp, gh_val_of(V_STACK, (uint64_t)e->lowest));
	if (abi->zero != GH_R_NO)
		gh_reg_put(s, abi->zero, gh_val_of(V_NUMBER, 0));
	if (abi->gp != GH_R_NO && e->steady & gh_bit(abi->gp))
		gh_reg_put(s, abi->gp, gh_image_address(e->image, e->image->gp));
}

void gh_state_enter(gh_eval *e, uint64_t address)
{
	const gh_abi *abi = e->abi;
	e->lowest = 0;
	gh_state_forget(e, 0);
	for (unsigned i = 0; i < GH_ARGUMENTS; i++) {
		if (i < abi->n_args)
			gh_reg_put(&e->now, abi->args[i], gh_val_of(V_PARAM, i));
		else if (abi->stack >= 0)
			gh_slot_store(&e->now, abi, abi->stack_in + (int)((i - abi->n_args) * abi->bytes), abi->bytes,
				      gh_val_of(V_PARAM, i));
	}
	if (abi->self != GH_R_NO)
		gh_reg_put(&e->now, abi->self, gh_image_address(e->image, address));
}

/* Registers that writes change. */
static uint64_t changed(const gh_eval *e, uint64_t writes)
{
	uint64_t mask = writes & GH_REGS & ~e->steady;
	if (gh_val_kind(gh_reg(&e->now, e->abi->sp)) == V_STACK)
		mask &= ~gh_bit(e->abi->sp); /* no loop moves it for long */
	return mask;
}

void gh_state_kill(gh_eval *e, uint64_t writes)
{
	e->now.known &= ~changed(e, writes);
	if (writes & GH_WRITES_MEMORY)
		e->now.live = 0;
}

void gh_state_lose(gh_eval *e, uint64_t writes, bool all)
{
	gh_state *s = &e->now;
	uint64_t lost = changed(e, writes);
	if (all)
		s->known |= lost;
	for (uint64_t m = lost & s->known; m; m &= m - 1)
		s->r[__builtin_ctzll(m)] = gh_val_of(V_LOST, 0);
	for (uint32_t m = writes & GH_WRITES_MEMORY ? s->live : 0; m; m &= m - 1)
		s->slot[__builtin_ctz(m)] = gh_val_of(V_LOST, 0);
}

void gh_state_copy(gh_state *to, const gh_state *from)
{
	to->known = from->known;
	to->live = from->live;
	memcpy(to->r, from->r, 32 * sizeof *to->r);
	for (uint64_t m = from->known >> 32 << 32; m; m &= m - 1)
		to->r[__builtin_ctzll(m)] = from->r[__builtin_ctzll(m)];
	for (uint32_t m = from->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctz(m);
		to->slot[i] = from->slot[i];
		to->at[i] = from->at[i];
	}
}

/* What both hold alike; where one way was lost, the other walk may know. */
static gh_val meet(gh_val a, gh_val b)
{
	if (a == b)
		return a;
	return gh_val_kind(a) == V_LOST || gh_val_kind(b) == V_LOST ? gh_val_of(V_LOST, 0) : 0;
}

void gh_state_meet(gh_state *to, const gh_state *with)
{
	to->known &= with->known;
	for (uint64_t m = to->known; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		if (to->r[i] != with->r[i])
			gh_reg_put(to, i, meet(to->r[i], with->r[i]));
	}
	to->live &= with->live;
	for (uint32_t m = to->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctz(m);
		to->slot[i] = to->at[i] == with->at[i] ? meet(to->slot[i], with->slot[i]) : 0;
		if (!to->slot[i])
			slot_lose(to, i);
	}
}
