/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/eval - one instruction after the other, whatever the CPU.
 */
#include "asm/eval_in.h"

void gh_eval_use(gh_eval *e, uint64_t pc, gh_val v, unsigned how)
{
	gh_use *u = gh_vec_add(e->w, &e->w->uses);
	if (!u)
		return;
	u->address = pc;
	u->value = gh_value_of(e->w, v);
	u->block = e->block;
	u->how = how;
}

static bool is_signed(const gh_insn *in)
{
	return (in->flags & GH_I_SIGNED) != 0;
}

/* ra + (rb << shift): an address and something unknown is a row of a table; an entry of a table and
 * an address is a place beside it. */
static gh_val sum(gh_eval *e, const gh_insn *in)
{
	gh_val a = gh_reg(&e->now, in->ra), b = gh_reg(&e->now, in->rb);
	if (gh_val_kind(b) == V_NUMBER)
		return gh_eval_plus(e, a, gh_val_signed(b) * ((int64_t)1 << (in->shift & 31)));
	if (gh_val_kind(a) == V_NUMBER && in->shift == 0 && gh_val_kind(b) != V_UNKNOWN)
		return gh_eval_plus(e, b, gh_val_signed(a));
	if (gh_val_kind(a) == V_ENTRY) { /* the address first */
		gh_val swap = a;
		a = b;
		b = swap;
	}
	bool base = gh_val_kind(a) == V_ADDRESS || (gh_val_kind(a) == V_NUMBER && gh_val_plain(a) >= 0x1000);
	if (gh_val_kind(b) == V_ENTRY && base) {
		e->row.base = gh_val_plain(a);
		e->row.shift = in->shift;
		return gh_val_of(V_BESIDE, gh_val_plain(b));
	}
	if (base)
		return gh_val_of(V_INTO, gh_val_plain(a));
	bool other = gh_val_kind(b) == V_ADDRESS || (gh_val_kind(b) == V_NUMBER && gh_val_plain(b) >= 0x1000);
	return other && in->shift == 0 ? gh_val_of(V_INTO, gh_val_plain(b)) : 0;
}

gh_val gh_eval_load(gh_eval *e, const gh_insn *in)
{
	if (in->flags & GH_I_INDEX) {
		gh_val base = in->ra == GH_R_ABS ? gh_image_address(e->image, (uint64_t)in->imm)
						 : gh_eval_plus(e, gh_reg(&e->now, in->ra), in->imm);
		if (gh_val_kind(base) != V_ADDRESS)
			return 0;
		return gh_eval_at(e, gh_val_of(V_INTO, gh_val_plain(base)), 0, in->width, is_signed(in));
	}
	if (in->ra == GH_R_ABS)
		return gh_image_load(e->image, (uint64_t)in->imm, in->width);
	return gh_eval_at(e, gh_reg(&e->now, in->ra), in->flags & GH_I_POST ? 0 : in->imm, in->width, is_signed(in));
}

static void base_moves(gh_eval *e, const gh_insn *in)
{
	if (!(in->flags & GH_I_BASE))
		return;
	gh_eval_set(e, in->ra, gh_eval_plus(e, gh_reg(&e->now, in->ra), in->imm));
}

static void load(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val v = gh_eval_load(e, in);
	base_moves(e, in);
	if (gh_eval_is_told(v) || (in->flags & GH_I_LITERAL && gh_eval_is_plain(e, v)))
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
	gh_eval_set(e, in->rd, v);
}

static void load_reg(gh_eval *e, const gh_insn *in)
{
	gh_eval_set(e, in->rd, gh_eval_at(e, sum(e, in), 0, in->width, is_signed(in)));
}

static void stack_text(gh_eval *e, uint64_t n, unsigned width)
{
	for (unsigned i = 0; i < width && i < 8; i++) {
		uint8_t c = (uint8_t)(n >> 8 * i);
		if (c == 0)
			continue;
		if (c < 0x20 || c > 0x7e)
			return;
		e->text++;
	}
	if (e->text > 8)
		e->flags |= GH_BB_STACK_STRING;
}

void gh_eval_store(gh_eval *e, gh_val base, int64_t by, unsigned width, gh_val v, uint64_t pc)
{
	if (gh_val_is_number(v))
		gh_eval_use(e, pc, v, GH_USE_STORE);
	if (gh_val_kind(base) != V_STACK)
		return;
	gh_slot_store(&e->now, e->abi, gh_val_signed(base) + by, width ? width : e->abi->bytes, v);
	int64_t n;
	if (gh_image_is_number(e->image, v, &n))
		stack_text(e, (uint64_t)n, width);
}

static void store(gh_eval *e, const gh_insn *in, uint64_t pc, gh_val v)
{
	gh_eval_store(e, gh_reg(&e->now, in->ra), in->flags & GH_I_POST ? 0 : in->imm, in->width, v, pc);
	base_moves(e, in);
}

static void push(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val v = in->rb == GH_R_ABS ? gh_image_number(e->image, in->imm) : gh_reg(&e->now, in->rb);
	if (gh_val_kind(v) == V_NUMBER && gh_image_is_address(e->image, gh_val_plain(v)))
		v = gh_image_address(e->image, gh_val_plain(v));
	gh_eval_set(e, in->ra, gh_eval_plus(e, gh_reg(&e->now, in->ra), -(int64_t)in->width));
	if (in->rb == GH_R_ABS && gh_eval_is_plain(e, v))
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
	if (gh_val_kind(gh_reg(&e->now, in->ra)) == V_STACK)
		gh_slot_store(&e->now, e->abi, gh_val_signed(gh_reg(&e->now, in->ra)), in->width, v);
}

static gh_val bits(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val v = gh_reg(&e->now, in->ra);
	int64_t n;
	bool known = gh_image_is_number(e->image, v, &n);
	if (in->op == GH_OP_XOR && in->imm != 0)
		gh_eval_use(e, pc, gh_image_number(e->image, in->imm), GH_USE_XOR);
	if (!known)
		return 0;
	switch (in->op) {
	case GH_OP_OR: {
		gh_val both = gh_image_number(e->image, n | in->imm);
		return (n & 0xffff) == 0 && gh_image_is_address(e->image, gh_val_plain(both))
			       ? gh_image_address(e->image, gh_val_plain(both))
			       : both;
	}
	case GH_OP_AND:
		return gh_image_number(e->image, n & in->imm);
	case GH_OP_XOR:
		return gh_image_number(e->image, n ^ in->imm);
	default:
		return in->imm < 64 ? gh_image_number(e->image, (int64_t)((uint64_t)n << in->imm)) : 0;
	}
}

static gh_val bits_reg(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val a = gh_reg(&e->now, in->ra), b = gh_reg(&e->now, in->rb);
	int64_t x, y;
	bool first = gh_image_is_number(e->image, a, &x), numbers = gh_image_is_number(e->image, b, &y) && first;
	if (in->op == GH_OP_XOR_REG && !numbers && in->ra != in->rb) {
		gh_val n = first ? a : b;
		if (gh_val_is_number(n))
			gh_eval_use(e, pc, n, GH_USE_XOR);
	}
	if (in->op == GH_OP_XOR_REG && in->ra == in->rb)
		return gh_val_of(V_NUMBER, 0);
	if (!numbers)
		return 0;
	y = (int64_t)((uint64_t)y << (in->shift & 31));
	int64_t n = in->op == GH_OP_OR_REG    ? x | y
		    : in->op == GH_OP_XOR_REG ? x ^ y
					      : (int64_t)((uint64_t)x - (uint64_t)y);
	return gh_image_number(e->image, n);
}

static gh_val insert(gh_eval *e, const gh_insn *in)
{
	int64_t old;
	if (!gh_image_is_number(e->image, gh_reg(&e->now, in->rd), &old))
		return 0;
	uint64_t n = ((uint64_t)old & ~((uint64_t)0xffff << in->shift)) | (uint64_t)in->imm << in->shift;
	gh_val made = gh_image_number(e->image, (int64_t)n);
	return gh_image_is_address(e->image, gh_val_plain(made)) ? gh_image_address(e->image, n) : made;
}

static gh_val pc_plus(gh_eval *e, const gh_insn *in)
{
	gh_val v = gh_reg(&e->now, in->ra);
	if (gh_val_kind(v) != V_NUMBER)
		return gh_val_of(V_INTO, (uint64_t)in->imm);
	return gh_image_address(e->image, (uint64_t)((int64_t)gh_val_plain(v) + in->imm));
}

static void forget(gh_eval *e, const gh_insn *in)
{
	e->now.known &= ~in->writes | e->steady;
}

static gh_val number(gh_eval *e, const gh_insn *in)
{
	gh_val v = gh_image_number(e->image, in->imm);
	bool whole = (in->flags & GH_I_LITERAL) && gh_image_is_address(e->image, gh_val_plain(v));
	return whole ? gh_image_address(e->image, gh_val_plain(v)) : v;
}

/* Where the program is fixed, an immediate of x86 may be an address: the flag says that it is whole. */
void gh_eval_run(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	e->flags |= in->flags & GH_I_NZXOR ? GH_BB_NZXOR : 0;
	if (in->flags & GH_I_COND && in->writes) { /* perhaps */
		forget(e, in);
		return;
	}
	if (in->flags & GH_I_COND && in->op == GH_OP_STORE) {
		store(e, in, pc, 0);
		return;
	}
	switch (in->op) {
	case GH_OP_SET:
		gh_eval_made(e, in->rd, number(e, in), pc);
		return;
	case GH_OP_ADDRESS:
		if (in->imm & 0xfff)
			gh_eval_made(e, in->rd, gh_image_address(e->image, (uint64_t)in->imm), pc);
		else
			gh_eval_set(e, in->rd, gh_image_address(e->image, (uint64_t)in->imm));
		return;
	case GH_OP_MOVE:
		gh_eval_set(e, in->rd, gh_reg(&e->now, in->ra));
		return;
	case GH_OP_ADD:
		gh_eval_made(e, in->rd, gh_eval_plus(e, gh_reg(&e->now, in->ra), in->imm), pc);
		return;
	case GH_OP_ADD_PC:
		gh_eval_made(e, in->rd, pc_plus(e, in), pc);
		return;
	case GH_OP_ADD_REG:
		gh_eval_made(e, in->rd, sum(e, in), pc);
		return;
	case GH_OP_OR:
	case GH_OP_AND:
	case GH_OP_XOR:
	case GH_OP_SHL:
		gh_eval_made(e, in->rd, bits(e, in, pc), pc);
		return;
	case GH_OP_OR_REG:
	case GH_OP_XOR_REG:
	case GH_OP_SUB_REG:
		gh_eval_set(e, in->rd, bits_reg(e, in, pc));
		return;
	case GH_OP_INSERT:
		gh_eval_made(e, in->rd, insert(e, in), pc);
		return;
	case GH_OP_LOAD:
		load(e, in, pc);
		return;
	case GH_OP_LOAD_REG:
		load_reg(e, in);
		return;
	case GH_OP_STORE:
		store(e, in, pc, gh_reg(&e->now, in->rb));
		return;
	case GH_OP_STORE_SET: {
		gh_val v = gh_image_number(e->image, (int64_t)in->number);
		bool address = gh_image_is_address(e->image, in->number);
		store(e, in, pc, address ? gh_image_address(e->image, in->number) : v);
		return;
	}
	case GH_OP_PUSH:
		push(e, in, pc);
		return;
	case GH_OP_COMPARE:
		e->compared = in->imm;
		gh_eval_compare(e, gh_image_number(e->image, in->imm), pc);
		forget(e, in);
		return;
	case GH_OP_COMPARE_REG:
		gh_eval_compare(e, gh_reg(&e->now, in->rb), pc);
		gh_eval_compare(e, gh_reg(&e->now, in->ra), pc);
		forget(e, in);
		return;
	case GH_OP_LOAD_MANY: {
		gh_val base = gh_reg(&e->now, in->ra);
		forget(e, in);
		if (in->flags & GH_I_BASE)
			gh_eval_set(e, in->ra, gh_eval_plus(e, base, in->imm));
		return;
	}
	default:
		forget(e, in);
	}
}
