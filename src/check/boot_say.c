/* SPDX-License-Identifier: Apache-2.0 */
/* From a step to a finding: the line itself first, then the lines it was reached by. */
#include "check/boot_in.h"

enum { SAID_MOST = 200 };

static void add_way(const gh_boot *boot, const gh_boot_step *step, gh_finding *f)
{
	for (const gh_boot_step *s = step; s && f->n_evidence < GH_EVIDENCE_MOST; s = s->by)
		f->evidence[f->n_evidence++] = (gh_evidence){
			.node = boot->root.node->id,
			.path = s->file->path,
			.at = s->at,
			.line = s->line,
			.excerpt = s->source,
			.note = s == step ? "this line starts it" : "which is reached from here",
		};
}

gh_code gh_boot_cut(gh_boot *boot)
{
	if (boot->cut)
		return GH_OK;
	boot->cut = true;
	gh_finding f = {
		.id = "BOOT/cut",
		.check = gh_check_boot.id,
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_HIGH,
		.title = "boot starts more than fits into the list: the rest was not followed",
		.why = "What is not listed was not looked at.",
		.harmless = gh_check_boot.harmless,
		.n_evidence = 1,
	};
	f.evidence[0] = (gh_evidence){ .node = boot->root.node->id, .at = GH_NOWHERE };
	return gh_finding_add(boot->check->ctx, boot->check->out, &f);
}

/* A line that starts what KNOWN-IMPLANT flagged is named at the level of that finding. */
static gh_code say_implant(gh_boot *boot, const gh_boot_step *step, const gh_entry *entry)
{
	for (size_t i = 0; i < boot->n_flagged; i++) {
		const gh_finding *known = boot->flagged[i];
		if (!gh_bytes_eq(known->evidence[0].path, entry->path))
			continue;
		gh_ctx *ctx = boot->check->ctx;
		gh_finding f = {
			.id = "BOOT/starts-known-implant",
			.check = gh_check_boot.id,
			.level = known->level,
			.sure = known->sure,
			.title = gh_arena_printf(ctx->scratch, "boot starts /%.*s, a known implant (%.240s)",
						 (int)GH_MIN(entry->path.len, (size_t)SAID_MOST),
						 (const char *)entry->path.ptr, known->title),
			.why = "The implant is not only there: the device runs it each time it is switched on.",
			.harmless = known->harmless,
			.attack = gh_check_boot.attack,
			.source = known->source,
		};
		if (!f.title)
			return gh_nomem(ctx);
		add_way(boot, step, &f);
		gh_code code = gh_finding_add(ctx, boot->check->out, &f);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

gh_code gh_boot_say(gh_boot *boot, const gh_boot_step *step, gh_bytes program, const gh_entry *entry, bool background,
		    bool module)
{
	gh_ctx *ctx = boot->check->ctx;
	if (boot->findings++ >= GH_BOOT_FINDINGS)
		return gh_boot_cut(boot);
	gh_bytes found = entry ? gh_root_trim(entry->path) : program;
	bool other = entry && !gh_bytes_eq(gh_root_trim(program), found);
	gh_finding f = {
		.id = module  ? "BOOT/loads-module"
		      : entry ? "BOOT/starts"
			      : "BOOT/starts-missing",
		.check = gh_check_boot.id,
		.level = GH_LEVEL_INFO,
		.sure = boot->reached ? GH_SURE_HIGH : GH_SURE_MEDIUM,
		.why = gh_check_boot.why,
		.harmless = gh_check_boot.harmless,
	};
	f.title = gh_arena_printf(ctx->scratch, "%s %s%.*s%s%.*s%s%s%s (%s)", module ? "boot loads" : "boot starts",
				  entry ? "/" : "", (int)GH_MIN(found.len, (size_t)SAID_MOST), (const char *)found.ptr,
				  other ? " as " : "", other ? (int)GH_MIN(program.len, (size_t)SAID_MOST) : 0,
				  other ? (const char *)program.ptr : "", background ? " in the background" : "",
				  entry ? "" : ", which is not in this volume",
				  boot->reached ? "" : ", but no way from init to this line was found", boot->way);
	if (!f.title)
		return gh_nomem(ctx);
	add_way(boot, step, &f);
	gh_code code = gh_finding_add(ctx, boot->check->out, &f);
	return code == GH_OK && entry ? say_implant(boot, step, entry) : code;
}
