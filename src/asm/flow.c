/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/flow - jumps, calls, switches and system calls.
 */
#include "asm/walk_in.h"
#include "bytes/cur.h"

enum { ESCAPES = 16 }; /* words of the frame that a callee may have changed behind an address it got */

static bool inside(const gh_walk *k, uint64_t a)
{
	return a >= k->start && a < k->end;
}

static bool is_code(const gh_walk *k, gh_val v)
{
	bool may = gh_val_kind(v) == V_ADDRESS || (gh_val_kind(v) == V_NUMBER && k->w->image->fixed);
	return may && gh_region_at(k->w, gh_code_at(k->w->abi, gh_val_plain(v)));
}

/* In registers, then on the stack. */
static void arguments(const gh_walk *k, gh_val *vals)
{
	const gh_abi *abi = k->w->abi;
	const gh_state *s = &k->e.now;
	gh_val sp = gh_reg(s, abi->sp);
	bool stack = abi->stack >= 0 && gh_val_kind(sp) == V_STACK && s->live;
	int64_t at = gh_val_signed(sp) + abi->stack;
	unsigned i = 0;
	for (; i < abi->n_args; i++)
		vals[i] = gh_reg(s, abi->args[i]);
	for (; i < GH_ARGUMENTS; i++, at += abi->bytes)
		vals[i] = stack ? gh_slot_load(s, abi, at) : 0;
}

static void put_arguments(gh_walk *k, gh_call *c, const gh_val *vals)
{
	unsigned n = 0;
	for (unsigned i = 0; i < GH_ARGUMENTS; i++)
		n = vals[i] && gh_val_kind(vals[i]) != V_LOST ? i + 1 : n;
	c->value = k->w->values.n;
	c->n_values = (uint8_t)n;
	for (unsigned i = 0; i < n; i++) {
		gh_value *v = gh_vec_add(k->w, &k->w->values);
		if (!v)
			return;
		*v = gh_value_of(k->w, vals[i]);
	}
}

/* What a callee may have changed of the frame: the words behind an address that it got. */
static void escape(gh_walk *k, const gh_val *vals)
{
	gh_state *s = &k->e.now;
	unsigned stack = 0;
	for (unsigned i = 0; i < GH_ARGUMENTS; i++)
		stack |= (unsigned)(gh_val_kind(vals[i]) == V_STACK) << i;
	for (; stack && s->live; stack &= stack - 1) {
		int64_t from = gh_val_signed(vals[__builtin_ctz(stack)]);
		for (uint32_t m = s->live; m; m &= m - 1) {
			unsigned j = (unsigned)__builtin_ctz(m);
			bool behind = s->at[j] >= from && s->at[j] < from + ESCAPES * k->w->abi->bytes;
			s->live &= ~((uint32_t)behind << j);
		}
	}
}

static gh_call *new_call(gh_walk *k, uint64_t pc, unsigned kind)
{
	gh_call *c = gh_vec_add(k->w, &k->w->calls);
	if (!c)
		return NULL;
	*c = (gh_call){ .address = pc,
			.block = k->e.block,
			.function = k->function,
			.target = GH_NONE,
			.import = GH_NONE,
			.kind = (uint8_t)kind };
	return c;
}

/* A lazy stub of MIPS: the linker is asked for the symbol whose index stands in $t8. */
static gh_val lazy(const gh_walk *k)
{
	gh_val t8 = gh_reg(&k->e.now, 24);
	uint64_t i = gh_val_plain(t8);
	bool known =
		gh_val_kind(t8) == V_NUMBER && i < k->w->image->n_by_symbol && k->w->image->by_symbol[i] != GH_NONE;
	return known ? gh_val_of(V_IMPORT, k->w->image->by_symbol[i]) : 0;
}

/* A PLT entry of PowerPC counts from the caller's r30: `lwz r11, x(r30); mtctr r11; bctr`, perhaps
 * behind `addis r11, r30, x`. What the caller knows is tried on it. */
static gh_val beside_r30(gh_walk *k, gh_val to)
{
	const gh_region *r = gh_region_at(k->w, gh_val_plain(to));
	gh_eval *e = &k->e;
	gh_state before = e->now;
	gh_val found = to;
	uint32_t uses = k->w->uses.n;
	for (uint64_t i = 0; r && i < 4; i++) {
		gh_insn in;
		uint64_t pc = gh_val_plain(to) + 4 * i;
		gh_bytes b = gh_bytes_part(r->code.bytes, pc - r->code.address, 4);
		gh_decode_ppc(&in, b.ptr, b.len, pc, k->mode);
		if (in.size == 0 || (in.flags & GH_I_FLOW && in.op != GH_OP_JUMP_REG) || (i == 0 && in.ra != 30))
			break;
		if (in.op == GH_OP_JUMP_REG) {
			found = gh_val_kind(gh_reg(&e->now, in.ra)) == V_IMPORT ? gh_reg(&e->now, in.ra) : to;
			break;
		}
		gh_eval_run(e, &in, pc);
	}
	k->w->uses.n = uses;
	e->now = before;
	return found;
}

/* i386 asks for its place by a call: `mov reg, [esp]; ret` gives the register the address behind it. */
static void tell_place(gh_walk *k, const gh_call *c, gh_val to)
{
	const gh_region *r = gh_region_at(k->w, gh_val_plain(to));
	gh_bytes b = r ? gh_bytes_part(r->code.bytes, gh_val_plain(to) - r->code.address, 4) : (gh_bytes){ NULL, 0 };
	if (b.len == 4 && b.ptr[0] == 0x8b && (b.ptr[1] & 0xc7) == 4 && b.ptr[2] == 0x24 && b.ptr[3] == 0xc3)
		k->place = (gh_place){ b.ptr[1] >> 3 & 7, c->address + 5 };
}

/* `to` is what is known of the callee. */
static void call_to(gh_walk *k, uint64_t pc, gh_val to, bool indirect, bool tail)
{
	gh_asm_counts *n = &k->w->p->counts;
	gh_call *c = new_call(k, pc, GH_CALL_UNRESOLVED);
	gh_val vals[GH_ARGUMENTS];
	if (!c)
		return;
	c->indirect = indirect;
	k->doubt = k->doubt || gh_val_kind(to) == V_LOST;
	c->tail = tail;
	if (gh_val_kind(to) == V_LINKER)
		to = lazy(k);
	if (k->w->abi->decode == gh_decode_ppc && k->w->abi->bytes == 4 && gh_val_kind(to) == V_ADDRESS) {
		gh_val slot = gh_image_load(k->w->image, gh_val_plain(to), 4); /* the old PLT is made at run time */
		to = gh_val_kind(slot) == V_IMPORT ? slot : beside_r30(k, to);
	}
	k->place.reg = GH_R_NO;
	if (k->w->abi->decode == gh_decode_x86 && k->w->abi->bytes == 4 && !indirect && is_code(k, to))
		tell_place(k, c, to);
	if (is_code(k, to)) {
		c->kind = indirect ? GH_CALL_GOT : GH_CALL_LOCAL;
		c->number = gh_val_plain(to);
	} else if (gh_val_kind(to) == V_IMPORT) {
		c->kind = GH_CALL_IMPORT;
		c->import = (uint32_t)gh_val_plain(to);
	} else if (gh_val_kind(to) == V_ENTRY) {
		c->kind = GH_CALL_TABLE;
		c->number = gh_val_plain(to);
	}
	n->direct += !indirect;
	arguments(k, vals);
	put_arguments(k, c, vals);
	escape(k, vals);
	gh_state_kill(&k->e, k->w->abi->clobbers);
	gh_reg_put(&k->e.now, k->w->abi->ret, gh_val_of(V_RESULT, k->w->calls.n - 1));
	if (k->place.reg != GH_R_NO)
		gh_reg_put(&k->e.now, k->place.reg, gh_image_address(k->w->image, k->place.address));
}

static void system_call(gh_walk *k, const gh_insn *in, uint64_t pc)
{
	const gh_abi *abi = k->w->abi;
	gh_val vals[GH_ARGUMENTS] = { 0 };
	gh_call *c = new_call(k, pc, GH_CALL_SYSCALL);
	if (!c)
		return;
	gh_val n = abi->sys == GH_R_NO ? 0 : gh_reg(&k->e.now, abi->sys);
	c->number = gh_val_kind(n) == V_NUMBER ? gh_val_plain(n) : UINT64_MAX;
	if (abi->unit == 2 && in->imm) /* the old ABI of ARM: 0x900000 + n */
		c->number = (uint64_t)in->imm & 0xfffff;
	for (unsigned i = 0; i < abi->n_sys; i++)
		vals[i] = gh_reg(&k->e.now, abi->sys_args[i]);
	put_arguments(k, c, vals);
	escape(k, vals);
	gh_reg_put(&k->e.now, abi->ret, gh_val_of(V_RESULT, k->w->calls.n - 1));
	k->w->p->counts.syscalls++;
}

/* The jump of a block that does not come back. */
static void leave_to(gh_walk *k, uint64_t pc, uint64_t target, bool maybe)
{
	gh_block *b = (gh_block *)k->w->blocks.ptr + k->e.block;
	if (!inside(k, target)) {
		gh_state before = k->e.now;
		call_to(k, pc, gh_image_address(k->w->image, target), false, true);
		if (maybe)
			k->e.now = before;
		else
			b->flags |= GH_BB_RETURN;
		return;
	}
	gh_walk_edge(k, target);
	gh_walk_leave(k, target);
	if (!maybe && target > pc) {
		gh_state_copy(&k->pool[GH_PENDING], &k->e.now);
		k->into = target;
	}
}

static uint64_t row_of_table(gh_walk *k, uint64_t base, uint32_t i, bool beside)
{
	const gh_row *row = &k->e.row;
	unsigned width = row->width ? row->width : k->w->abi->bytes;
	const gh_span *s = gh_span_at(k->w->image->spans, k->w->image->n_spans, base + (uint64_t)i * width);
	if (!s)
		return 0;
	if (!beside)
		return gh_val_plain(gh_image_load(k->w->image, base + (uint64_t)i * width, width));
	gh_cur c = gh_cur_over(gh_bytes_part(s->bytes, base + (uint64_t)i * width - s->address, width), 0);
	bool big = (k->w->image->mode & GH_DECODE_BIG) != 0;
	uint64_t raw = big ? gh_uint_be(&c, width) : gh_uint_le(&c, width);
	if (!gh_cur_ok(&c))
		return 0;
	int64_t off = row->sign || width >= 4 ? gh_sign(raw, width * 8) : (int64_t)raw;
	uint64_t a = row->base + ((uint64_t)off << row->shift);
	return k->w->abi->bytes == 4 ? (uint32_t)a : a;
}

/* Follows the rows of a table as long as they lead into this function. */
static bool switch_to(gh_walk *k, uint64_t pc, uint64_t base, bool beside)
{
	int64_t bound = k->e.compared >= 0 && k->e.compared < GH_ROWS ? k->e.compared + 1 : GH_ROWS;
	uint32_t n = 0;
	for (; n < bound && !k->w->code; n++) {
		uint64_t target = gh_code_at(k->w->abi, row_of_table(k, base, n, beside));
		if (!inside(k, target) || (target - k->r->code.address) & (k->w->abi->unit - 1u))
			break;
		k->r->marks[gh_unit_of(k->w, k->r, target)] |= GH_M_LEADER;
		gh_walk_edge(k, target);
		k->r->marks[gh_unit_of(k->w, k->r, target)] |= target <= pc ? GH_M_BACK : 0;
		gh_walk_leave(k, target);
	}
	if (n)
		((gh_block *)k->w->blocks.ptr)[k->e.block].flags |= GH_BB_SWITCH;
	return n > 0;
}

/* tbb, tbh, and tables of ARM behind the jump. The sweep knew them first. */
static void jump_table(gh_walk *k, const gh_insn *in)
{
	int64_t bound = k->e.compared >= 0 && k->e.compared < GH_ROWS ? k->e.compared + 1 : 0;
	for (int64_t i = 0; i < bound && !k->w->code; i++) {
		uint64_t target = gh_table_row(k->w, k->r, in, (uint32_t)i);
		if (!inside(k, target))
			break;
		gh_walk_edge(k, target);
		gh_walk_leave(k, target);
	}
	((gh_block *)k->w->blocks.ptr)[k->e.block].flags |= bound ? GH_BB_SWITCH : GH_BB_UNKNOWN;
	k->reach = (in->flags & GH_I_COND) != 0;
}

/* A jump through a register or through memory. */
static void jump_value(gh_walk *k, const gh_insn *in, uint64_t pc, gh_val to)
{
	gh_block *b = (gh_block *)k->w->blocks.ptr + k->e.block;
	uint64_t a = gh_val_plain(to);
	unsigned kind = gh_val_kind(to);
	if (!(in->flags & GH_I_COND))
		k->reach = false;
	if ((kind == V_ENTRY && switch_to(k, pc, a, false)) || (kind == V_BESIDE && switch_to(k, pc, a, true)))
		return;
	if (is_code(k, to) && inside(k, gh_code_at(k->w->abi, a))) {
		leave_to(k, pc, gh_code_at(k->w->abi, a), false);
		return;
	}
	gh_val link = k->w->abi->unit == 2 ? gh_reg(&k->e.now, 14) : 0; /* mov lr, pc: the way of ARMv4 to call */
	if (gh_val_kind(link) == V_ADDRESS && gh_code_at(k->w->abi, gh_val_plain(link)) == pc + in->size) {
		call_to(k, pc, to, true, false);
		k->reach = true;
		return;
	}
	bool callee = in->op == GH_OP_JUMP_MEM || in->ra == k->w->abi->self || kind == V_IMPORT || is_code(k, to) ||
		      kind == V_ENTRY;
	b->flags |= callee ? GH_BB_RETURN : GH_BB_UNKNOWN;
	if (callee)
		call_to(k, pc, to, true, true);
	else
		k->w->p->counts.jumps_unresolved++;
	k->doubt = k->doubt || kind == V_LOST;
}

void gh_flow(gh_walk *k, const gh_insn *in, uint64_t pc, gh_val reg)
{
	bool maybe = (in->flags & GH_I_COND) != 0;
	gh_block *b = (gh_block *)k->w->blocks.ptr + k->e.block;
	switch (in->op) {
	case GH_OP_JUMP:
		leave_to(k, pc, in->target, maybe);
		k->reach = maybe;
		return;
	case GH_OP_CALL:
		call_to(k, pc, gh_image_address(k->w->image, in->target), false, false);
		return;
	case GH_OP_CALL_REG:
		call_to(k, pc, reg, true, false);
		return;
	case GH_OP_CALL_MEM:
		call_to(k, pc, gh_eval_load(&k->e, in), true, false);
		return;
	case GH_OP_JUMP_REG:
		jump_value(k, in, pc, reg);
		return;
	case GH_OP_JUMP_MEM:
		jump_value(k, in, pc, gh_eval_load(&k->e, in));
		return;
	case GH_OP_JUMP_TABLE:
		jump_table(k, in);
		return;
	case GH_OP_RETURN:
		b->flags |= GH_BB_RETURN;
		k->reach = maybe;
		return;
	case GH_OP_SYSCALL:
		system_call(k, in, pc);
		return;
	default:
		k->reach = maybe;
	}
}
