/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps, strings, disasm: one program after the other, each told as soon as it was read.
 */
#include <stdlib.h>

#include "asm/print.h"
#include "engine/scan_in.h"

enum {
	ROWS = 4096,     /* of one record */
	TEXT_MOST = 512, /* of a text that is shown */
	USERS = 4,       /* of a text, by name */
	BEFORE = 8,      /* instructions shown before what matters */
	EXCERPTS = 32,   /* pieces of code in one reason */
	EXCERPT_BYTES = 256,
	LONGEST = 16, /* bytes of an instruction */
};

typedef struct telling {
	gh_scan *scan;
	gh_ctx *ctx;
	const gh_program *p;
	gh_program_view view;
	gh_row **rows; /* where the next one goes */
	unsigned n;
	uint64_t last; /* address of the last instruction of an excerpt */
	gh_row *ring[BEFORE];
	unsigned n_ring, n_excerpts;
	uint64_t seen[EXCERPTS];
	unsigned depth;
	gh_code code;
} telling;

static const char *function_name(gh_ctx *ctx, const gh_program *p, uint32_t function)
{
	if (function == GH_NONE)
		return "";
	const gh_function *f = &p->functions[function];
	if (f->name)
		return f->name;
	const char *name = function == p->main ? "main" : NULL;
	return name ? name : gh_arena_printf(ctx->scratch, "sub_%llx", (unsigned long long)f->address);
}

static gh_row *new_row(telling *t, uint64_t address, bool placed, const char *text, const char *note)
{
	gh_row *row = gh_arena_zalloc(t->ctx->scratch, sizeof *row);
	if (!row || !text || !note) {
		t->code = gh_nomem(t->ctx);
		return NULL;
	}
	*row = (gh_row){ .address = address, .placed = placed, .depth = t->depth, .text = text, .note = note };
	return row;
}

static void add_row(telling *t, gh_row *row)
{
	if (!row)
		return;
	*t->rows = row;
	t->rows = &row->next;
	t->n++;
}

static const char *keep(telling *t, const char *text)
{
	return gh_arena_text(t->ctx->scratch, text, GH_MIN(strlen(text), (size_t)TEXT_MOST));
}

static void say(telling *t)
{
	gh_say_program(t->scan->speaker, &t->view);
	t->view.rows = NULL;
	t->rows = &t->view.rows;
	t->n = 0;
}

/* ---- strings ---- */

static const char *users_of(telling *t, const gh_string *s)
{
	const gh_program *p = t->p;
	const char *all = "";
	uint32_t shown = 0;
	for (uint32_t i = s->user; i < s->user + s->n_users && all; i++) {
		const gh_string_user *u = &p->users[i];
		const char *call = u->call != GH_NONE ? p->calls[u->call].name : NULL;
		if (shown++ == USERS)
			return gh_arena_printf(t->ctx->scratch, "%s, and %u more", all, s->n_users - USERS);
		const char *who = u->function == GH_NONE ? gh_arena_printf(t->ctx->scratch, "data 0x%llx",
									   (unsigned long long)u->address)
							 : function_name(t->ctx, p, u->function);
		all = gh_arena_printf(t->ctx->scratch, "%s%s%.100s%s%.100s%s", all, *all ? ", " : "", who ? who : "",
				      call ? " for " : "", call ? call : "", call ? "()" : "");
	}
	return all;
}

static void strings(telling *t)
{
	const gh_program *p = t->p;
	for (uint32_t i = 0; i < p->n_strings && t->code == GH_OK; i++) {
		gh_bytes b = gh_bytes_part(p->strings[i].bytes, 0, TEXT_MOST);
		add_row(t, new_row(t, p->strings[i].address, true, gh_arena_text(t->ctx->scratch, b.ptr, b.len),
				   users_of(t, &p->strings[i])));
		if (t->n >= ROWS)
			say(t);
	}
}

/* ---- code ---- */

static void on_line(void *arg, const gh_code_line *line)
{
	telling *t = arg;
	gh_row *row = t->code ? NULL : new_row(t, line->address, true, keep(t, line->text), keep(t, line->note));
	add_row(t, row);
	if (t->n >= ROWS)
		say(t);
}

static bool is_wanted(const gh_program *p, const gh_function *f, const char *what)
{
	char *end;
	uint64_t address = strtoull(what, &end, 0);
	if (*what && !*end)
		return address - f->address < f->size;
	if (f->name && strcmp(f->name, what) == 0)
		return true;
	if (strncmp(what, "sub_", 4) == 0)
		return strtoull(what + 4, &end, 16) == f->address && !*end;
	return strcmp(what, "main") == 0 && p->main != GH_NONE && f == &p->functions[p->main];
}

static void disasm(telling *t)
{
	const gh_program *p = t->p;
	const char *what = t->scan->order->function;
	for (uint32_t i = 0; i < p->n_functions && t->code == GH_OK; i++) {
		const gh_function *f = &p->functions[i];
		if (what ? !is_wanted(p, f, what) : f->size == 0)
			continue;
		gh_row *head = new_row(t, f->address, true, "", "");
		if (head)
			head->name = function_name(t->ctx, p, i);
		add_row(t, head);
		gh_code code = gh_print_code(t->ctx, p, f->address, f->size, on_line, t);
		if (code != GH_OK && !gh_is_about_input(code))
			t->code = code;
	}
}

/* ---- capabilities ---- */

/* The last lines before an address: a ring of rows. */
static void on_excerpt(void *arg, const gh_code_line *line)
{
	telling *t = arg;
	if (t->code || line->address > t->last)
		return;
	gh_row *row = new_row(t, line->address, true, keep(t, line->text), keep(t, line->note));
	if (row)
		t->ring[t->n_ring++ % BEFORE] = row;
}

static void excerpt(telling *t, uint64_t address, uint32_t function, unsigned depth)
{
	const gh_function *f = &t->p->functions[function];
	uint64_t start = f->address;
	for (unsigned i = 0; i < t->n_excerpts; i++)
		if (t->seen[i] == address)
			return;
	if (t->n_excerpts == EXCERPTS || address < f->address || address - f->address >= f->size)
		return;
	t->seen[t->n_excerpts++] = address;
	for (uint32_t i = f->block; i < f->block + f->n_blocks; i++)
		if (t->p->blocks[i].address <= address && address - t->p->blocks[i].address < t->p->blocks[i].size)
			start = t->p->blocks[i].address;
	/* Code of one width can begin anywhere; MIPS has a delay slot. */
	bool fixed = t->p->cpu && strstr(t->p->cpu, "86") == NULL && strcmp(t->p->cpu, "amd64") != 0;
	bool delay = t->p->cpu && strncmp(t->p->cpu, "mips", 4) == 0;
	if (address - start > EXCERPT_BYTES && fixed)
		start = address - 4 * (BEFORE - 1);
	t->n_ring = 0;
	t->depth = depth;
	t->last = address + (delay ? 4 : 0);
	/* Of an instruction of any length the whole is wanted, and of what follows nothing. */
	if (gh_print_code(t->ctx, t->p, start, t->last - start + LONGEST, on_excerpt, t) != GH_OK)
		return;
	for (unsigned i = t->n_ring > BEFORE ? t->n_ring - BEFORE : 0; i < t->n_ring; i++)
		add_row(t, t->ring[i % BEFORE]);
}

static gh_code on_reason(void *arg, const gh_cap_reason *r)
{
	telling *t = arg;
	t->depth = r->depth;
	const char *where = function_name(t->ctx, t->p, r->function);
	gh_row *row = new_row(t, r->address, r->address != 0, keep(t, r->text), where);
	add_row(t, row);
	if (row && r->function != GH_NONE && r->address != 0)
		excerpt(t, r->address, r->function, r->depth + 1);
	return t->code;
}

static bool is_asked_for(const gh_cap_rule *rule, const char *why)
{
	size_t n = strlen(why);
	return strcmp(rule->name, why) == 0 ||
	       (strncmp(rule->space, why, n) == 0 && (rule->space[n] == '\0' || rule->space[n] == '/'));
}

static void caps(telling *t)
{
	gh_cap_found found;
	const gh_order *order = t->scan->order;
	gh_capability **at = &t->view.caps;
	t->code = gh_caps_match(t->ctx, t->scan->caps, t->p, &found);
	for (uint32_t i = 0; t->code == GH_OK && i < found.n; i++) {
		const gh_cap_match *m = &found.matches[i];
		const gh_cap_rule *r = m->rule;
		bool wanted = order->why && is_asked_for(r, order->why);
		if (order->why ? !wanted : r->lib)
			continue;
		gh_capability *c = gh_arena_zalloc(t->ctx->scratch, sizeof *c);
		if (!c) {
			t->code = gh_nomem(t->ctx);
			return;
		}
		*c = (gh_capability){
			.rule = r->name,
			.space = r->space,
			.description = r->description,
			.attack = r->attack,
			.mbc = r->mbc,
			.function = m->function == GH_NONE ? NULL : function_name(t->ctx, t->p, m->function),
			.address = m->address,
			.placed = m->function != GH_NONE,
			.count = m->count,
			.notice = r->weight == GH_CAP_NOTICE,
			.home = gh_cap_at_home(r, t->view.path.len ? t->view.path : gh_view_text(order->name))
		};
		*at = c;
		at = &c->next;
		if (!wanted)
			continue;
		t->rows = &c->why;
		t->n_excerpts = 0;
		t->code = gh_caps_why(t->ctx, t->scan->caps, t->p, &found, m, on_reason, t);
	}
	if (t->code == GH_OK && found.cut)
		t->view.trouble = "the program was too large to follow every way through it";
	t->rows = &t->view.rows;
}

static bool is_program(const gh_scan *scan, const gh_visit *v)
{
	gh_bytes want = scan->order->program ? gh_view_text(scan->order->program) : (gh_bytes){ NULL, 0 };
	if (!gh_bytes_start(v->content, GH_LIT("\x7f"
					       "ELF")))
		return false;
	if (!v->entry)
		return want.len == 0;
	while (want.len > 0 && want.ptr[0] == '/')
		want = gh_bytes_part(want, 1, want.len);
	return want.len == 0 || gh_bytes_eq(v->entry->path, want);
}

gh_code gh_scan_program(gh_scan *scan, gh_ctx *ctx, const gh_visit *v)
{
	if (!is_program(scan, v))
		return GH_OK;
	gh_ctx own = *ctx;
	gh_program *p = NULL;
	own.arena = ctx->scratch;
	telling t = { .scan = scan, .ctx = &own, .view = { .node = v->node->id } };
	if (v->entry)
		t.view.path = v->entry->path;
	gh_code code = gh_program_read(&own, v->content, &p);
	if (code != GH_OK && !gh_is_about_input(code))
		return code;
	t.view.trouble = code != GH_OK ? own.what
			 : !p->cpu     ? "code that is not read: of an unknown processor, or not linked"
				       : NULL;
	t.rows = &t.view.rows;
	t.p = p;
	if (code == GH_OK) {
		t.view.cpu = p->cpu;
		t.view.functions = p->n_functions;
		t.view.calls = p->n_calls;
		t.view.strings = p->n_strings;
		t.view.unresolved = p->counts.unresolved;
		if (p->counts.cut)
			t.view.trouble = "the budget ended before the code did";
		if (scan->order->job == GH_JOB_CAPS)
			caps(&t);
		else if (scan->order->job == GH_JOB_STRINGS)
			strings(&t);
		else
			disasm(&t);
	}
	if (t.code != GH_OK)
		return t.code;
	say(&t);
	return GH_OK;
}
