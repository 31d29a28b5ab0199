/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which program was not built with the others?
 *
 * A root file system is made by one build. What came later from elsewhere differs from it in several traits
 * that have little to do with each other: ABI, linking, what strip left, compiler, hardening, start-up code. An
 * honest singleton differs in one. Programs and libraries are populations of their own; the C library and its
 * kin are linked like nothing else and are left out.
 */
#include "check/population_in.h"
#include "check/root_in.h"
#include "elf/elf.h"

enum { MEMBERS_MOST = 4096, SIGNAL = 2, FINDING = 3 };

typedef struct population {
	gh_check_ctx *check;
	const gh_node *volume;
	gh_elf_role role;
	const gh_entry **members;
	unsigned n;
	gh_column column[GH_TRAITS];
} population;

static bool starts(gh_bytes base, const char *word)
{
	return gh_bytes_start(base, gh_view_text(word));
}

/* The C library in its parts, and the compiler's own. */
static bool is_runtime(gh_bytes base)
{
	static const char *const names[] = { "ld-",         "ld.",        "libc.",        "libc-",  "libcrypt",
					     "libdl",       "libgcc_s",   "libm-",        "libm.",  "libnsl",
					     "libnss",      "libpthread", "libresolv",    "librt",  "libstdc++",
					     "libuClibc",   "libutil",    "libthread_db", "libanl", "libmemusage",
					     "libSegFault", "libBroken" };
	for (size_t i = 0; i < GH_COUNT(names); i++)
		if (starts(base, names[i]))
			return true;
	return false;
}

/* Some libraries bear no name of their own, and name an interpreter, so that the file's name must tell. */
static gh_elf_role role_of(const gh_entry *e)
{
	gh_bytes base = gh_path_base(e->path);
	bool library = (starts(base, "lib") || starts(base, "ld-")) && base.len && memmem(base.ptr, base.len, ".so", 3);
	return library && e->elf->role == GH_ELF_PROGRAM ? GH_ELF_LIBRARY : e->elf->role;
}

static gh_code gather(population *p)
{
	const gh_volume *v = p->volume->volume;
	gh_ctx *ctx = p->check->ctx;
	p->n = 0;
	p->members = gh_arena_array(ctx->scratch, GH_MIN(v->count, (size_t)MEMBERS_MOST) + 1, sizeof(gh_entry *));
	if (!p->members)
		return gh_nomem(ctx);
	for (size_t i = 0; i < v->count && p->n < MEMBERS_MOST; i++) {
		const gh_entry *e = &v->entries[i];
		if (e->elf && !e->hard_link && e->past == GH_NOW && role_of(e) == p->role &&
		    (p->role != GH_ELF_LIBRARY || !is_runtime(gh_path_base(e->path))))
			p->members[p->n++] = e;
	}
	return GH_OK;
}

static gh_code count(population *p)
{
	gh_ctx *ctx = p->check->ctx;
	for (unsigned t = 0; t < GH_TRAITS; t++) {
		const char **values = gh_arena_array(ctx->scratch, p->n, sizeof *values);
		if (!values)
			return gh_nomem(ctx);
		gh_ctx words = { .arena = ctx->scratch, .scratch = ctx->scratch };
		for (unsigned i = 0; i < p->n; i++)
			if (gh_elf_trait_text(&words, p->members[i]->elf, (gh_elf_trait)t, &values[i]))
				return gh_nomem(ctx);
		p->column[t] = (gh_column){ .values = values, .n = p->n };
		gh_code code = gh_column_count(ctx, &p->column[t]);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

/* In how many things that do not follow from each other does it differ? A program that is linked otherwise is
 * laid out otherwise. */
static unsigned oddities(const population *p, unsigned member, bool odd[GH_TRAITS])
{
	unsigned n = 0;
	for (unsigned t = 0; t < GH_TRAITS; t++)
		n += odd[t] = gh_column_is_odd(&p->column[t], member);
	return n - (odd[GH_TRAIT_LINKING] && odd[GH_TRAIT_LAYOUT]);
}

static gh_code add_evidence(population *p, unsigned member, const bool odd[GH_TRAITS], gh_finding *f)
{
	gh_ctx *ctx = p->check->ctx;
	for (unsigned t = 0; t < GH_TRAITS && f->n_evidence < GH_EVIDENCE_MOST; t++) {
		const gh_column *c = &p->column[t];
		if (!odd[t])
			continue;
		const char *note = gh_arena_printf(ctx->scratch, "%s: %s; %u of %u have this, %u have %s",
						   gh_elf_trait_name((gh_elf_trait)t), c->values[member],
						   c->alike[member], c->given, c->most, c->common);
		if (!note)
			return gh_nomem(ctx);
		f->evidence[f->n_evidence++] = (gh_evidence){
			.node = p->volume->id, .path = p->members[member]->path, .at = GH_NOWHERE, .note = note
		};
	}
	return GH_OK;
}

static gh_code say(population *p, unsigned member, unsigned n, const bool odd[GH_TRAITS])
{
	gh_ctx *ctx = p->check->ctx;
	const char *kind = p->role == GH_ELF_LIBRARY ? "libraries" : "programs";
	gh_finding f = {
		.id = "ODD-TOOLCHAIN/odd-one",
		.check = gh_check_odd_toolchain.id,
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_MEDIUM,
		.why = gh_check_odd_toolchain.why,
		.harmless = gh_check_odd_toolchain.harmless,
		.attack = gh_check_odd_toolchain.attack,
	};
	gh_code code = add_evidence(p, member, odd, &f);
	if (code != GH_OK)
		return code;
	f.title = gh_arena_printf(ctx->scratch, "built unlike the %u %s beside it, in %u things", p->n - 1, kind, n);
	gh_signal s = {
		.check = f.check, .witness = GH_WITNESS_BUILD, .weight = n >= FINDING ? 2 : 1, .evidence = f.evidence[0]
	};
	s.evidence.note = gh_arena_printf(ctx->scratch, "%s (%s)", f.title, f.evidence[0].note);
	if (!f.title || !s.evidence.note)
		return gh_nomem(ctx);
	code = gh_signal_add(ctx, p->check->signals, &s);
	return code == GH_OK && n >= FINDING ? gh_finding_add(ctx, p->check->out, &f) : code;
}

static gh_code look_at(population *p)
{
	gh_code code = gather(p);
	if (code != GH_OK || p->n < GH_POPULATION_LEAST)
		return code;
	code = count(p);
	for (unsigned i = 0; i < p->n && code == GH_OK; i++) {
		bool odd[GH_TRAITS];
		unsigned n = oddities(p, i, odd);
		if (n >= SIGNAL)
			code = say(p, i, n, odd);
	}
	return code;
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	population p = { .check = check, .volume = node, .role = GH_ELF_PROGRAM };
	gh_code code = look_at(&p);
	p.role = GH_ELF_LIBRARY;
	return code == GH_OK ? look_at(&p) : code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_odd_toolchain = {
	.id = "ODD-TOOLCHAIN",
	.title = "Which program was not built with the others?",
	.why = "A maker builds all programs of an image with one set of tools. What an intruder adds was built "
	       "elsewhere.",
	.harmless =
		"A program that the maker got from somebody else as it is: its name and its documents say from whom.",
	.attack = "T1601.001",
	.kinds = "odd-one",
	.conclude = conclude,
};
