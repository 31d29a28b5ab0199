/* SPDX-License-Identifier: Apache-2.0 */
#include "asm/state_in.h"

static unsigned place(const gh_abi *abi, int64_t at)
{
	return (unsigned)(at >> (abi->bytes == 8 ? 3 : 2)) % GH_SLOTS;
}

gh_val gh_slot_load(const gh_state *s, const gh_abi *abi, int64_t at)
{
	unsigned i = place(abi, at);
	return s->at[i] == at ? s->slot[i] : 0;
}

/* Only whole words are kept; what is written beside them makes them unknown. */
static void slot_store(gh_state *s, const gh_abi *abi, int64_t at, unsigned width, gh_val v)
{
	unsigned i = place(abi, at);
	bool whole = width == abi->bytes && at % abi->bytes == 0 && at == (int32_t)at;
	if (whole || (abi->bytes == 8 && width == 4 && at % 8 == 0)) {
		s->at[i] = (int32_t)at;
		s->slot[i] = v;
		return;
	}
	for (int64_t b = at; b < at + (int64_t)width; b += abi->bytes)
		s->slot[place(abi, b)] = 0;
	s->slot[place(abi, at + (int64_t)width - 1)] = 0;
}

static void constants(gh_eval *e)
{
	const gh_abi *abi = e->abi;
	if (abi->zero != GH_R_NO)
		e->now.r[abi->zero] = gh_val_of(V_NUMBER, 0);
	if (abi->gp != GH_R_NO && e->image->gp && !e->image->many_gp)
		e->now.r[abi->gp] = gh_image_address(e->image, e->image->gp);
}

void gh_state_forget(gh_eval *e, gh_val rest)
{
	memset(&e->now, 0, sizeof e->now);
	for (unsigned i = 0; i < GH_N_REGS && rest; i++)
		e->now.r[i] = rest;
	e->now.r[e->abi->sp] = gh_val_of(V_STACK, (uint64_t)e->lowest);
	constants(e);
}

void gh_state_enter(gh_eval *e, uint64_t address)
{
	const gh_abi *abi = e->abi;
	e->lowest = 0;
	gh_state_forget(e, 0);
	for (unsigned i = 0; i < GH_ARGUMENTS; i++) {
		if (i < abi->n_args)
			e->now.r[abi->args[i]] = gh_val_of(V_PARAM, i);
		else if (abi->stack >= 0)
			slot_store(&e->now, abi, abi->stack_in + (int)((i - abi->n_args) * abi->bytes), abi->bytes,
				   gh_val_of(V_PARAM, i));
	}
	if (abi->self != GH_R_NO)
		e->now.r[abi->self] = gh_image_address(e->image, address);
	if (abi->gp != GH_R_NO && e->image->many_gp)
		e->now.r[abi->gp] = 0;
}

void gh_state_kill(gh_eval *e, uint64_t writes, gh_val rest)
{
	for (unsigned i = 0; i < GH_SLOTS && writes & GH_WRITES_MEMORY; i++)
		e->now.slot[i] = rest;
	gh_val sp = e->now.r[e->abi->sp];
	for (uint64_t m = writes & (((uint64_t)1 << GH_N_REGS) - 1); m; m &= m - 1)
		e->now.r[__builtin_ctzll(m)] = rest;
	if (gh_val_kind(sp) == V_STACK)
		e->now.r[e->abi->sp] = sp; /* no loop moves it for long */
	constants(e);
}

void gh_state_meet(gh_state *to, const gh_state *with)
{
	for (unsigned i = 0; i < GH_N_REGS; i++)
		to->r[i] = to->r[i] == with->r[i] ? to->r[i] : 0;
	for (unsigned i = 0; i < GH_SLOTS; i++)
		to->slot[i] = to->slot[i] == with->slot[i] && to->at[i] == with->at[i] ? to->slot[i] : 0;
}

static bool is_plain(const gh_eval *e, gh_val v)
{
	int64_t n = gh_val_signed(v);
	if (gh_val_kind(v) == V_ADDRESS)
		return true;
	if (gh_val_kind(v) != V_NUMBER)
		return false;
	if (e->abi->bytes == 4)
		n = (int32_t)n;
	return (n > 255 || n < -255) && (n & 0xffff) != 0;
}

void gh_eval_use(gh_eval *e, uint64_t pc, gh_val v, unsigned how)
{
	if (how == GH_USE_PLAIN && !is_plain(e, v))
		return;
	gh_use *u = gh_vec_add(e->w, &e->w->uses);
	if (!u)
		return;
	u->address = pc;
	u->value = gh_value_of(e->w, v);
	u->block = e->block;
	u->how = how;
}

static void set(gh_eval *e, const gh_insn *in, gh_val v)
{
	e->now.r[in->rd] = v;
	if (in->rd == e->abi->sp && gh_val_kind(v) == V_STACK && gh_val_signed(v) < e->lowest)
		e->lowest = gh_val_signed(v);
	if (in->rd == e->abi->gp)
		constants(e);
}

static gh_val plus(const gh_eval *e, gh_val v, int64_t by)
{
	switch (gh_val_kind(v)) {
	case V_NUMBER: {
		gh_val sum = gh_image_number(e->image, gh_val_signed(v) + by);
		bool high = (gh_val_plain(v) & 0xffff) == 0 && gh_val_plain(v) >= 0x10000;
		if (high && gh_image_is_address(e->image, gh_val_plain(sum)))
			return gh_image_address(e->image, gh_val_plain(sum));
		return sum;
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

/* ra + (rb << shift): an address and something unknown is a row of a table; an entry of a table and
 * an address is a place beside it. */
static gh_val sum(gh_eval *e, const gh_insn *in)
{
	gh_val a = e->now.r[in->ra], b = e->now.r[in->rb];
	if (gh_val_kind(b) == V_NUMBER)
		return plus(e, a, gh_val_signed(b) * ((int64_t)1 << (in->shift & 31)));
	if (gh_val_kind(a) == V_NUMBER && in->shift == 0 && gh_val_kind(b) != V_UNKNOWN)
		return plus(e, b, gh_val_signed(a));
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

static gh_val at_address(gh_eval *e, const gh_insn *in, gh_val base, int64_t by)
{
	switch (gh_val_kind(base)) {
	case V_NUMBER:
	case V_ADDRESS:
		return gh_image_load(e->image, gh_val_plain(plus(e, base, by)), in->width);
	case V_STACK:
		return in->width == e->abi->bytes || in->width == 4
			       ? gh_slot_load(&e->now, e->abi, gh_val_signed(base) + by)
			       : 0;
	case V_INTO:
		e->row.width = in->width;
		e->row.sign = (in->flags & GH_I_SIGNED) != 0;
		return gh_val_of(V_ENTRY, (uint64_t)(gh_val_signed(base) + by));
	case V_LOST:
		return base;
	default:
		return 0;
	}
}

gh_val gh_eval_load(gh_eval *e, const gh_insn *in)
{
	if (in->flags & GH_I_INDEX) {
		gh_val base = in->ra == GH_R_ABS ? gh_image_address(e->image, (uint64_t)in->imm)
						 : plus(e, e->now.r[in->ra], in->imm);
		if (gh_val_kind(base) != V_ADDRESS)
			return 0;
		return at_address(e, in, gh_val_of(V_INTO, gh_val_plain(base)), 0);
	}
	if (in->ra == GH_R_ABS)
		return gh_image_load(e->image, (uint64_t)in->imm, in->width);
	return at_address(e, in, e->now.r[in->ra], in->flags & GH_I_POST ? 0 : in->imm);
}

static void base_moves(gh_eval *e, const gh_insn *in)
{
	if (!(in->flags & GH_I_BASE))
		return;
	gh_insn move = { .rd = in->ra };
	set(e, &move, plus(e, e->now.r[in->ra], in->imm));
}

static void load(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val v = gh_eval_load(e, in);
	base_moves(e, in);
	bool page = gh_val_kind(v) == V_ADDRESS && (gh_val_plain(v) & 0xfff) == 0;
	if ((gh_val_kind(v) == V_ADDRESS && !page) || (in->flags & GH_I_LITERAL))
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
	set(e, in, v);
}

static void load_reg(gh_eval *e, const gh_insn *in)
{
	gh_insn add = *in;
	add.op = GH_OP_ADD_REG;
	gh_val v = sum(e, &add);
	add.flags &= (uint16_t) ~(GH_I_BASE | GH_I_POST);
	set(e, in, at_address(e, &add, v, 0));
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

static void store(gh_eval *e, const gh_insn *in, uint64_t pc, gh_val v)
{
	gh_val base = e->now.r[in->ra];
	int64_t by = in->flags & GH_I_POST ? 0 : in->imm;
	if (gh_val_kind(v) == V_NUMBER && gh_val_plain(v) != 0)
		gh_eval_use(e, pc, v, GH_USE_STORE);
	if (gh_val_kind(base) == V_STACK) {
		slot_store(&e->now, e->abi, gh_val_signed(base) + by, in->width ? in->width : e->abi->bytes, v);
		if (gh_val_kind(v) == V_NUMBER)
			stack_text(e, gh_val_plain(v), in->width);
	}
	base_moves(e, in);
}

static void push(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val v = in->rb == GH_R_ABS ? gh_image_number(e->image, in->imm) : e->now.r[in->rb];
	gh_insn at = { .rd = in->ra, .ra = in->ra, .rb = in->rb, .width = in->width };
	if (gh_val_kind(v) == V_NUMBER && gh_image_is_address(e->image, gh_val_plain(v)))
		v = gh_image_address(e->image, gh_val_plain(v));
	set(e, &at, plus(e, e->now.r[in->ra], -(int64_t)in->width));
	if (in->rb == GH_R_ABS)
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
	if (gh_val_kind(e->now.r[in->ra]) == V_STACK)
		slot_store(&e->now, e->abi, gh_val_signed(e->now.r[in->ra]), in->width, v);
}

static void compare_with(gh_eval *e, gh_val v, uint64_t pc)
{
	if (gh_val_kind(v) == V_NUMBER && gh_val_plain(v) != 0)
		gh_eval_use(e, pc, v, GH_USE_COMPARE);
}

static gh_val bits(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val v = e->now.r[in->ra];
	int64_t n = gh_val_signed(v);
	if (in->op == GH_OP_XOR && in->imm != 0)
		gh_eval_use(e, pc, gh_image_number(e->image, in->imm), GH_USE_XOR);
	if (gh_val_kind(v) != V_NUMBER)
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
		return in->imm < 60 ? gh_image_number(e->image, (int64_t)((uint64_t)n << in->imm)) : 0;
	}
}

static gh_val bits_reg(gh_eval *e, const gh_insn *in, uint64_t pc)
{
	gh_val a = e->now.r[in->ra], b = e->now.r[in->rb];
	bool numbers = gh_val_kind(a) == V_NUMBER && gh_val_kind(b) == V_NUMBER;
	if (in->op == GH_OP_XOR_REG && !numbers && in->ra != in->rb) {
		gh_val n = gh_val_kind(a) == V_NUMBER ? a : b;
		if (gh_val_kind(n) == V_NUMBER && gh_val_plain(n))
			gh_eval_use(e, pc, n, GH_USE_XOR);
	}
	if (in->op == GH_OP_XOR_REG && in->ra == in->rb)
		return gh_val_of(V_NUMBER, 0);
	if (!numbers)
		return 0;
	int64_t x = gh_val_signed(a), y = (int64_t)((uint64_t)gh_val_signed(b) << (in->shift & 31));
	int64_t n = in->op == GH_OP_OR_REG ? x | y : in->op == GH_OP_XOR_REG ? x ^ y : x - y;
	return gh_image_number(e->image, n);
}

static gh_val insert(gh_eval *e, const gh_insn *in)
{
	gh_val v = e->now.r[in->rd];
	if (gh_val_kind(v) != V_NUMBER)
		return 0;
	uint64_t n = ((uint64_t)gh_val_signed(v) & ~((uint64_t)0xffff << in->shift)) | (uint64_t)in->imm << in->shift;
	gh_val made = gh_image_number(e->image, (int64_t)n);
	return gh_image_is_address(e->image, gh_val_plain(made)) ? gh_image_address(e->image, n) : made;
}

static void made(gh_eval *e, const gh_insn *in, uint64_t pc, gh_val v)
{
	set(e, in, v);
	if (v && in->rd != e->abi->sp && in->rd != e->abi->gp)
		gh_eval_use(e, pc, v, GH_USE_PLAIN);
}

static gh_val pc_plus(gh_eval *e, const gh_insn *in)
{
	gh_val v = e->now.r[in->ra];
	if (gh_val_kind(v) != V_NUMBER)
		return gh_val_of(V_INTO, (uint64_t)in->imm);
	return gh_image_address(e->image, (uint64_t)((int64_t)gh_val_plain(v) + in->imm));
}

static void forget(gh_eval *e, const gh_insn *in)
{
	for (uint64_t m = in->writes & (((uint64_t)1 << GH_N_REGS) - 1); m; m &= m - 1)
		e->now.r[__builtin_ctzll(m)] = 0;
	if (in->writes)
		constants(e);
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
		made(e, in, pc, number(e, in));
		return;
	case GH_OP_ADDRESS:
		if (in->imm & 0xfff)
			made(e, in, pc, gh_image_address(e->image, (uint64_t)in->imm));
		else
			set(e, in, gh_image_address(e->image, (uint64_t)in->imm));
		return;
	case GH_OP_MOVE:
		set(e, in, e->now.r[in->ra]);
		return;
	case GH_OP_ADD:
		made(e, in, pc, plus(e, e->now.r[in->ra], in->imm));
		return;
	case GH_OP_ADD_PC:
		made(e, in, pc, pc_plus(e, in));
		return;
	case GH_OP_ADD_REG:
		made(e, in, pc, sum(e, in));
		return;
	case GH_OP_OR:
	case GH_OP_AND:
	case GH_OP_XOR:
	case GH_OP_SHL:
		made(e, in, pc, bits(e, in, pc));
		return;
	case GH_OP_OR_REG:
	case GH_OP_XOR_REG:
	case GH_OP_SUB_REG:
		set(e, in, bits_reg(e, in, pc));
		return;
	case GH_OP_INSERT:
		made(e, in, pc, insert(e, in));
		return;
	case GH_OP_LOAD:
		load(e, in, pc);
		return;
	case GH_OP_LOAD_REG:
		load_reg(e, in);
		return;
	case GH_OP_STORE:
		store(e, in, pc, e->now.r[in->rb]);
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
		compare_with(e, gh_image_number(e->image, in->imm), pc);
		forget(e, in);
		return;
	case GH_OP_COMPARE_REG:
		compare_with(e, e->now.r[in->rb], pc);
		compare_with(e, e->now.r[in->ra], pc);
		forget(e, in);
		return;
	case GH_OP_LOAD_MANY: {
		gh_val base = e->now.r[in->ra];
		forget(e, in);
		if (in->flags & GH_I_BASE) {
			gh_insn at = { .rd = in->ra };
			set(e, &at, plus(e, base, in->imm));
		}
		return;
	}
	default:
		forget(e, in);
	}
}
