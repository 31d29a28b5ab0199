/* SPDX-License-Identifier: Apache-2.0 */
/* Can a program do what its name does not explain? */
#include "check/check.h"

typedef struct telling {
	gh_check_ctx *check;
	const gh_file *file;
	const gh_program *program;
	gh_finding finding;
	unsigned more; /* capabilities that found no place in the title */
} telling;

enum { NAMED = 3 };

static gh_code add(telling *t, const gh_cap_match *m)
{
	gh_ctx *ctx = t->check->ctx;
	gh_finding *f = &t->finding;
	if (f->n_evidence < NAMED)
		f->title = gh_arena_printf(ctx->scratch, "%s%s%.80s", f->title ? f->title : "can ",
					   f->title ? "; " : "", m->rule->name);
	else
		t->more++;
	if (!f->attack && *m->rule->attack)
		f->attack = m->rule->attack;
	if (f->n_evidence == GH_EVIDENCE_MOST)
		return f->title ? GH_OK : gh_nomem(ctx);
	gh_evidence *e = &f->evidence[f->n_evidence++];
	const char *name = m->function != GH_NONE ? t->program->functions[m->function].name : NULL;
	*e = (gh_evidence){ .node = t->file->node->id, .path = t->file->path, .at = GH_NOWHERE };
	e->note = m->function == GH_NONE
			  ? gh_arena_printf(ctx->scratch, "rule \"%.80s\", in the file as a whole", m->rule->name)
			  : gh_arena_printf(ctx->scratch, "rule \"%.80s\", from 0x%llx%s%.60s on", m->rule->name,
					    (unsigned long long)m->address, name ? " " : "", name ? name : "");
	return f->title && e->note ? GH_OK : gh_nomem(ctx);
}

static gh_code tell(telling *t, const gh_cap_found *found)
{
	gh_ctx *ctx = t->check->ctx;
	for (uint32_t i = 0; i < found->n; i++) {
		const gh_cap_rule *r = found->matches[i].rule;
		if (r->weight != GH_CAP_NOTICE || gh_cap_at_home(r, t->file->path))
			continue;
		gh_code code = add(t, &found->matches[i]);
		if (code != GH_OK)
			return code;
	}
	if (t->finding.n_evidence == 0)
		return GH_OK;
	if (t->more) {
		t->finding.title = gh_arena_printf(ctx->scratch, "%s; and %u more", t->finding.title, t->more);
		if (!t->finding.title)
			return gh_nomem(ctx);
	}
	return gh_finding_add(ctx, t->check->out, &t->finding);
}

static gh_code look(gh_check_ctx *check, const gh_file *file)
{
	bool worth = false;
	if (!check->caps || !file->entry || !file->leaf || strcmp(file->leaf, "elf") != 0)
		return GH_OK;
	gh_code code = gh_caps_worth(check->ctx, check->caps, file->content, &worth);
	if (code != GH_OK || !worth)
		return code;
	gh_ctx own = *check->ctx;
	gh_program *program = NULL;
	gh_cap_found found;
	own.arena = check->ctx->scratch;
	code = gh_program_read(&own, file->content, &program);
	if (gh_is_about_input(code))
		return GH_OK;
	if (code == GH_OK)
		code = gh_caps_match(&own, check->caps, program, &found);
	if (code != GH_OK)
		return code;
	telling t = { .check = check, .file = file, .program = program };
	t.finding = (gh_finding){ .id = "CAPABILITY/out-of-place",
				  .check = gh_check_capability.id,
				  .level = GH_LEVEL_NOTICE,
				  .sure = GH_SURE_LOW,
				  .why = gh_check_capability.why,
				  .harmless = gh_check_capability.harmless };
	return tell(&t, &found);
}

/* Beside other signs against the same file it counts as what the program does. */
static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	for (const gh_finding *f = check->out->first; f && code == GH_OK; f = f->next) {
		if (strcmp(f->check, gh_check_capability.id) != 0)
			continue;
		gh_signal s = { .check = f->check,
				.witness = GH_WITNESS_ROLE,
				.weight = f->n_evidence > 1 ? 2 : 1,
				.evidence = f->evidence[0] };
		s.evidence.note = f->title;
		code = gh_signal_add(check->ctx, check->signals, &s);
	}
	return code;
}

const gh_check gh_check_capability = {
	.id = "CAPABILITY",
	.title = "Can a program do what its name does not explain?",
	.why = "Its code does what implants do: gifthorse caps --program PATH IMAGE lists all of it, --why RULE shows "
	       "the code.",
	.harmless = "A server or tool of the vendor's whose name is not known for this.",
	.kinds = "out-of-place",
	.look = look,
	.conclude = conclude,
};
