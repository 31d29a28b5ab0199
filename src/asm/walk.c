/* SPDX-License-Identifier: Apache-2.0 */
#include "asm/eval_in.h"
#include "asm/walk_in.h"

static gh_block *present(gh_walk *k)
{
	return (gh_block *)k->w->blocks.ptr + k->e.block;
}

static uint32_t unit32(const gh_walk *k, uint64_t a)
{
	return (uint32_t)gh_unit_of(k->w, k->r, a);
}

static void block_end(gh_walk *k, uint64_t pc)
{
	if (!k->open)
		return;
	gh_block *b = present(k);
	b->size = (uint32_t)(pc - b->address);
	b->n_calls = k->w->calls.n - b->call;
	b->flags |= k->e.flags;
	if (k->reach && pc < k->end)
		b->next[0] = unit32(k, pc);
	k->open = false;
}

static void block_begin(gh_walk *k, uint64_t pc)
{
	gh_block *b = gh_vec_add(k->w, &k->w->blocks);
	if (!b)
		return;
	k->e.block = k->w->blocks.n - 1;
	k->e.flags = 0;
	k->e.text = 0;
	*b = (gh_block){ .address = pc,
			 .function = k->function,
			 .next = { GH_NONE, GH_NONE },
			 .edge = k->w->edges.n,
			 .call = k->w->calls.n };
	k->open = true;
}

void gh_walk_edge(gh_walk *k, uint64_t target)
{
	gh_block *b = present(k);
	if (b->next[1] == GH_NONE && b->n_edges == 0) {
		b->next[1] = unit32(k, target);
		return;
	}
	uint32_t *edge = gh_vec_add(k->w, &k->w->edges);
	if (!edge)
		return;
	*edge = unit32(k, target);
	if (b->n_edges++ == 0)
		b->edge = k->w->edges.n - 1;
}

static gh_state *behind_at(gh_walk *k, uint64_t target)
{
	for (uint32_t i = 0; i < k->n_behind; i++)
		if (k->heads[i] == target)
			return &k->behind[i];
	return NULL;
}

static void leave_behind(gh_walk *k, uint64_t target)
{
	gh_state *known = behind_at(k, target);
	if (k->again)
		return;
	if (known) {
		gh_state_meet(known, &k->e.now);
	} else if (k->n_behind < GH_BEHIND) {
		k->heads[k->n_behind] = target;
		gh_state_copy(&k->behind[k->n_behind++], &k->e.now);
	} else {
		k->too_many = true;
	}
}

void gh_walk_leave(gh_walk *k, uint64_t target)
{
	if (target <= k->pc) {
		leave_behind(k, target);
		return;
	}
	uint64_t unit = gh_unit_of(k->w, k->r, target);
	uint8_t *waits = &k->r->waits[unit];
	if (*waits) {
		gh_state_meet(&k->pool[*waits - 1], &k->e.now);
	} else if (k->n_idle == 0) {
		k->lost = GH_MAX(k->lost, target);
	} else {
		unsigned i = k->idle[--k->n_idle];
		*waits = (uint8_t)(i + 1);
		k->waits[i] = unit;
		gh_state_copy(&k->pool[i], &k->e.now);
	}
}

/* The state that branches left here; it is free after the next leave. */
static gh_state *arrived(gh_walk *k, uint64_t pc)
{
	uint8_t *waits = &k->r->waits[gh_unit_of(k->w, k->r, pc)];
	if (*waits == 0)
		return NULL;
	unsigned i = *waits - 1u;
	*waits = 0;
	k->waits[i] = UINT64_MAX;
	k->idle[k->n_idle++] = (uint8_t)i;
	return &k->pool[i];
}

/* Some wait where the walk never came: between two instructions, or in data. */
static void nothing_waits(gh_walk *k)
{
	for (unsigned i = 0; i < GH_PENDING && k->n_idle < GH_PENDING; i++) {
		if (k->waits[i] == UINT64_MAX)
			continue;
		k->r->waits[k->waits[i]] = 0;
		k->waits[i] = UINT64_MAX;
		k->idle[k->n_idle++] = (uint8_t)i;
	}
}

static const gh_back *loop_at(gh_walk *k, uint64_t pc)
{
	const gh_back *b = k->w->backs.ptr;
	while (k->next_back < k->w->backs.n && b[k->next_back].head < pc)
		k->next_back++;
	return k->next_back < k->w->backs.n && b[k->next_back].head == pc ? &b[k->next_back] : NULL;
}

/* What is known where ways meet. */
static void join(gh_walk *k, uint64_t pc, unsigned marks)
{
	gh_state *left = arrived(k, pc);
	const gh_state *back = k->again && marks & GH_M_BACK ? behind_at(k, pc) : NULL;
	const gh_back *loop = marks & GH_M_BACK ? loop_at(k, pc) : NULL;
	if (loop && pc == k->start && loop->last >= k->end)
		loop = NULL; /* functions behind end in a jump to this one */
	bool known = k->reach || left, into = false;
	if (k->reach && left) {
		gh_state_meet(&k->e.now, left);
	} else if (left) {
		gh_state_copy(&k->e.now, left);
	} else if (!k->reach && !k->again && loop && k->into > pc && k->into <= loop->last) {
		gh_state_copy(&k->e.now, &k->pool[GH_PENDING]); /* the jump over the body to the test of the loop */
		known = into = true;
	}
	if (back && known)
		gh_state_meet(&k->e.now, back);
	else if (back)
		gh_state_copy(&k->e.now, back);
	if (pc <= k->lost || !(known || back))
		gh_state_forget(&k->e, k->again ? 0 : gh_val_of(V_LOST, 0));
	if (loop && !back && k->again)
		gh_state_kill(&k->e, loop->kills);
	else if (loop && !back)
		gh_state_lose(&k->e, loop->kills, into);
}

static void count(gh_walk *k, const gh_insn *in)
{
	gh_asm_counts *c = &k->w->p->counts;
	if (in->op == GH_OP_BAD && in->flags & GH_I_PAD)
		return;
	if (in->op == GH_OP_BAD) {
		c->unknown++;
		k->foreign = k->w->image->mixed;
		((gh_function *)k->w->functions.ptr)[k->function].traits |= GH_FN_PARTLY;
	} else {
		c->instructions++;
	}
}

static void decode(const gh_walk *k, gh_insn *in, uint64_t pc)
{
	uint64_t at = pc - k->r->code.address;
	k->w->abi->decode(in, k->r->code.bytes.ptr + at, k->r->code.bytes.len - at, pc, k->mode);
}

/* How many bytes from here on, `most` places at the utmost, are common words; they are evaluated. */
static uint64_t run(gh_walk *k, uint64_t pc, uint64_t most)
{
	uint64_t at = pc - k->r->code.address, u = at >> k->w->shift;
	if (!k->w->abi->run)
		return 0;
	uint64_t n = k->w->abi->run(&k->e, k->r->code.bytes.ptr + at, k->r->marks + u, most, pc, k->mode);
	k->w->p->counts.instructions += n;
	return n << k->w->shift;
}

/* What is executed before a jump takes effect; false: nothing that may stand there. */
static bool delay_slot(gh_walk *k, uint64_t pc, uint64_t *next, bool keep)
{
	gh_insn slot;
	if (keep)
		gh_state_copy(&k->pool[GH_PENDING + 1], &k->e.now);
	uint64_t size = run(k, pc, 1);
	if (size == 0) {
		decode(k, &slot, pc);
		if (slot.size == 0 || slot.flags & GH_I_FLOW)
			return false;
		count(k, &slot);
		gh_eval_run(&k->e, &slot, pc);
		size = slot.size;
	}
	*next = pc + size;
	return true;
}

static uint64_t control(gh_walk *k, const gh_insn *in, uint64_t pc)
{
	k->pc = pc;
	uint64_t next = pc + in->size;
	gh_val reg = gh_reg(&k->e.now, in->ra);
	k->reach = true;
	if (in->flags & GH_I_COMPARE) {
		gh_eval_compare(&k->e, gh_reg(&k->e.now, in->rb), pc);
		gh_eval_compare(&k->e, reg, pc);
	}
	bool likely = false;
	if (in->flags & GH_I_DELAY && next < k->end)
		likely = delay_slot(k, next, &next, in->flags & GH_I_LIKELY) && in->flags & GH_I_LIKELY;
	gh_flow(k, in, pc, reg);
	if (likely)
		gh_state_copy(&k->e.now, &k->pool[GH_PENDING + 1]); /* who goes on has not executed it */
	return next;
}

static uint64_t skip_data(const gh_walk *k, uint64_t pc)
{
	const gh_region *r = k->r;
	while (pc < k->end && r->marks[gh_unit_of(k->w, r, pc)] & GH_M_DATA)
		pc += k->w->abi->unit;
	return pc;
}

/* A PLT entry of i386 counts from ebx, which holds the GOT: `jmp [ebx + x]`, perhaps behind endbr32. */
static void enter(gh_walk *k)
{
	gh_bytes b = gh_bytes_part(k->r->code.bytes, k->start - k->r->code.address, 6);
	gh_state_enter(&k->e, k->start);
	if (k->w->abi->decode != gh_decode_x86 || k->w->abi->bytes != 4 || !k->w->image->gp)
		return;
	if (gh_bytes_start(b, GH_LIT("\xff\xa3")) || gh_bytes_start(b, GH_LIT("\xf3\x0f\x1e\xfb\xff\xa3")))
		gh_reg_put(&k->e.now, 3, gh_image_address(k->w->image, k->w->image->gp));
}

/* What may fill the space between functions; a word that is reached is none. */
static bool is_padding(const gh_walk *k, const gh_insn *in, uint64_t pc, unsigned marks)
{
	return !k->reach && (in->flags & GH_I_PAD) && !(marks & GH_M_LEADER) && pc > k->start;
}

/* One instruction that was decoded; false where the block ends behind it. */
static bool step(gh_walk *k, gh_insn *in, uint64_t *pc)
{
	count(k, in);
	gh_it(&k->it, in);
	if (!(in->flags & GH_I_FLOW)) {
		gh_eval_run(&k->e, in, *pc);
		*pc += in->size;
		return true;
	}
	bool call =
		in->op == GH_OP_CALL || in->op == GH_OP_CALL_REG || in->op == GH_OP_CALL_MEM || in->op == GH_OP_SYSCALL;
	*pc = control(k, in, *pc);
	if (call && k->reach)
		return true;
	block_end(k, GH_MIN(*pc, k->end));
	return false;
}

static void walk_function(gh_walk *k)
{
	gh_work *w = k->w;
	gh_insn in;
	bool fresh = true;
	k->reach = true;
	k->foreign = false;
	k->lost = k->into = 0;
	k->it = 0;
	nothing_waits(k);
	enter(k);
	for (uint64_t pc = k->start; pc < k->end && !w->code && !k->foreign;) {
		unsigned marks = k->r->marks[gh_unit_of(w, k->r, pc)];
		if (marks & GH_M_DATA) {
			block_end(k, pc);
			k->reach = false;
			pc = skip_data(k, pc);
			fresh = true;
			continue;
		}
		bool known = !w->abi->run || !k->reach;
		if (known)
			decode(k, &in, pc);
		if (known && in.size == 0) {
			w->p->counts.unknown++;
			break;
		}
		if (known && is_padding(k, &in, pc, marks)) {
			block_end(k, pc);
			pc += in.size;
			fresh = true;
			continue;
		}
		if (fresh || marks & (GH_M_LEADER | GH_M_BACK)) {
			block_end(k, pc);
			join(k, pc, marks);
			block_begin(k, pc);
			k->reach = true;
			fresh = false;
			if (w->code)
				break;
		}
		uint64_t size = run(k, pc, (k->end - pc) >> w->shift);
		pc += size;
		if (size && (pc >= k->end || k->r->marks[gh_unit_of(w, k->r, pc)] & GH_M_STOPS))
			continue;
		if (size || !known)
			decode(k, &in, pc);
		fresh = !step(k, &in, &pc);
	}
	block_end(k, k->end);
}

/* What was written of a function goes. */
static void take_back(gh_walk *k)
{
	gh_work *w = k->w;
	const gh_function *f = (gh_function *)w->functions.ptr + k->function;
	w->blocks.n = f->block;
	w->calls.n = f->call;
	w->uses.n = f->use;
	w->values.n = k->first_value;
	w->edges.n = k->first_edge;
	w->p->counts = k->before;
}

/* Where files mix MIPS16e or microMIPS with MIPS, words that are none tell it: one block of unknown code. */
static void other_mode(gh_walk *k)
{
	gh_function *f = (gh_function *)k->w->functions.ptr + k->function;
	take_back(k);
	f->mode = GH_MODE_MIPS16;
	k->w->p->counts.other_mode += f->size;
	block_begin(k, k->start);
	k->reach = false;
	block_end(k, k->end);
}

/* The first walk's states of ways back stay. */
static void walk_again(gh_walk *k)
{
	gh_function *f = (gh_function *)k->w->functions.ptr + k->function;
	take_back(k);
	f->traits = 0;
	k->next_back = k->first_back;
	k->again = true;
	walk_function(k);
}

static void function_begin(gh_walk *k, unsigned marks)
{
	gh_work *w = k->w;
	gh_function *f = gh_vec_add(w, &w->functions);
	if (!f)
		return;
	k->function = w->functions.n - 1;
	*f = (gh_function){ .address = k->start,
			    .size = k->end - k->start,
			    .block = w->blocks.n,
			    .call = w->calls.n,
			    .use = w->uses.n };
	f->by = (marks & GH_M_PROLOGUE ? GH_BY_PROLOGUE : 0) | (marks & GH_M_POINTED ? GH_BY_POINTER : 0);
	f->mode = (uint8_t)(k->mode & 0xff);
}

static void function_end(gh_walk *k)
{
	gh_function *f = (gh_function *)k->w->functions.ptr + k->function;
	f->n_blocks = k->w->blocks.n - f->block;
	f->n_calls = k->w->calls.n - f->call;
	f->n_uses = k->w->uses.n - f->use;
}

static void walk_region(gh_walk *k)
{
	gh_region *r = k->r;
	unsigned unit = k->w->abi->unit;
	k->mode = k->w->image->mode;
	for (uint64_t u = 0; u < r->units && !k->w->code;) {
		unsigned marks = r->marks[u];
		uint64_t to = gh_marked(r, u + 1, GH_M_START);
		if (unit == 2)
			k->mode = (k->mode & ~0xffU) | (marks & GH_M_THUMB ? GH_MODE_THUMB : GH_MODE_PLAIN);
		k->start = r->code.address + u * unit;
		k->end = r->code.address + to * unit;
		function_begin(k, marks);
		if (k->w->code)
			return;
		k->again = k->too_many = k->doubt = false;
		k->n_behind = 0;
		k->first_value = k->w->values.n;
		k->first_edge = k->w->edges.n;
		k->first_back = k->next_back;
		k->before = k->w->p->counts;
		walk_function(k);
		if (k->n_behind && !k->too_many && !k->w->code && k->doubt && !k->foreign)
			walk_again(k);
		if (k->foreign)
			other_mode(k);
		function_end(k);
		u = to;
		if (gh_cancelled(k->w->ctx))
			k->w->code = gh_fail(k->w->ctx, GH_LIMIT, 0, "cancelled");
	}
}

gh_code gh_code_walk(gh_work *w)
{
	gh_walk *k = gh_arena_zalloc(w->ctx->scratch, sizeof *k);
	gh_state *pool = gh_arena_alloc(w->ctx->scratch, (GH_PENDING + 2 + GH_BEHIND) * sizeof *pool);
	if (!k || !pool)
		return gh_nomem(w->ctx);
	k->w = w;
	k->pool = pool;
	k->behind = pool + GH_PENDING + 2;
	gh_eval_begin(&k->e, w);
	for (unsigned i = 0; i < GH_PENDING; i++) {
		k->idle[k->n_idle++] = (uint8_t)i;
		k->waits[i] = UINT64_MAX;
	}
	for (uint32_t i = 0; i < w->n_regions && !w->code; i++) {
		k->r = &w->regions[i];
		k->next_back = 0;
		walk_region(k);
		nothing_waits(k);
	}
	return w->code;
}
