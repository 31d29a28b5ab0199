/* SPDX-License-Identifier: Apache-2.0 */
/* Does a file, or a run of bytes that nobody claims, match an indicator that was published? */
#include <ctype.h>

#include "check/check.h"

enum { SLUG_MOST = 40 };

typedef struct match_ctx {
	gh_check_ctx *check;
	const gh_file *file;
	bool hash;
} match_ctx;

/* "UNC3886 TINYSHELL" becomes "unc3886-tinyshell". */
static const char *slug(const char *text, char into[SLUG_MOST + 1])
{
	size_t n = 0;
	for (; *text && n < SLUG_MOST; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x80 && isalnum(c))
			into[n++] = (char)tolower(c);
		else if (n > 0 && into[n - 1] != '-')
			into[n++] = '-';
	}
	while (n > 0 && into[n - 1] == '-')
		n--;
	into[n] = 0;
	return n > 0 ? into : "unnamed";
}

/* Our own pack says what it means in each rule. A user's pack is believed to be worth a look, and
 * more only where a rule asks for it. */
static gh_level level_of(const gh_rule_match *match)
{
	gh_level level = match->builtin ? GH_LEVEL_MALICIOUS : GH_LEVEL_SUSPICIOUS;
	if (match->level)
		(void)gh_level_of(match->level, &level);
	return level;
}

static gh_code add_evidence(const match_ctx *m, const gh_rule_match *match, gh_finding *f)
{
	gh_ctx *ctx = m->check->ctx;
	gh_evidence base = { .node = m->file->node->id, .path = m->file->path, .at = GH_NOWHERE };
	size_t n = GH_MIN(match->n_strings, (size_t)GH_EVIDENCE_MOST);
	for (size_t i = 0; i < n; i++) {
		gh_evidence *e = &f->evidence[f->n_evidence++];
		*e = base;
		e->at = m->file->pos + match->strings[i].at;
		e->excerpt = match->strings[i].bytes;
		e->note = gh_arena_printf(ctx->scratch, "string %.64s of rule %.64s", match->strings[i].identifier,
					  match->rule);
		if (!e->note)
			return gh_nomem(ctx);
	}
	if (n == 0) {
		gh_evidence *e = &f->evidence[f->n_evidence++];
		*e = base;
		e->note = gh_arena_printf(ctx->scratch,
					  m->hash ? "SHA-256 of all its bytes: %.64s" : "condition of rule %.64s",
					  match->rule);
		if (!e->note)
			return gh_nomem(ctx);
	}
	return GH_OK;
}

/* Words that implants share with some honest programs: no finding, a sign. A user's rule may ask for that, too. */
static gh_code add_sign(const match_ctx *m, const gh_rule_match *match)
{
	gh_ctx *ctx = m->check->ctx;
	const gh_rule_string *first = match->n_strings ? &match->strings[0] : NULL;
	gh_signal s = { .check = gh_check_known_implant.id, .witness = GH_WITNESS_ROLE, .weight = 1 };
	s.evidence = (gh_evidence){
		.node = m->file->node->id,
		.path = m->file->path,
		.at = first ? m->file->pos + first->at : GH_NOWHERE,
		.excerpt = first ? first->bytes : (gh_bytes){ NULL, 0 },
		.note = gh_arena_printf(ctx->scratch, "%.200s (rule %.64s)",
					match->description ? match->description : "it matches", match->rule),
	};
	if (!s.evidence.note)
		return gh_nomem(ctx);
	return m->file->path.len ? gh_signal_add(ctx, m->check->signals, &s) : GH_OK;
}

static gh_code on_match(void *arg, const gh_rule_match *match)
{
	const match_ctx *m = arg;
	gh_ctx *ctx = m->check->ctx;
	if (match->level && strcmp(match->level, "sign") == 0)
		return add_sign(m, match);
	char name[SLUG_MOST + 1];
	const char *family = match->family ? match->family : match->rule;
	gh_finding f = {
		.check = gh_check_known_implant.id,
		.level = level_of(match),
		.sure = match->builtin ? GH_SURE_HIGH : GH_SURE_MEDIUM,
		.why = gh_check_known_implant.why,
		.harmless = gh_check_known_implant.harmless,
		.attack = match->attack,
	};
	f.id = gh_arena_printf(ctx->scratch, "%s/%s", f.check,
			       m->hash && !match->family ? "hash-list" : slug(family, name));
	f.title =
		m->hash ? gh_arena_printf(ctx->scratch, "%.80s: the file is byte for byte a published sample (%.160s)",
					  family, match->description ? match->description : "no name given")
			: gh_arena_printf(ctx->scratch, "%.80s: rule %.64s%s%.240s", family, match->rule,
					  match->description ? ": " : "", match->description ? match->description : "");
	if (match->source)
		f.source = gh_arena_printf(ctx->scratch, "%.400s%s%.40s", match->source, match->date ? ", " : "",
					   match->date ? match->date : "");
	if (!f.id || !f.title || (match->source && !f.source))
		return gh_nomem(ctx);
	gh_code code = add_evidence(m, match, &f);
	return code == GH_OK ? gh_finding_add(ctx, m->check->out, &f) : code;
}

/* The rules ran out of time on these bytes: what they found until then stands, and this is said. */
static gh_code say_unfinished(const match_ctx *m)
{
	gh_finding f = {
		.id = "KNOWN-IMPLANT/unfinished",
		.check = "KNOWN-IMPLANT",
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_HIGH,
		.title = "the rules did not come to their end on these bytes",
		.n_evidence = 1,
		.why = "Part of the image was not compared with the published indicators.",
		.harmless = "A rule of a user's pack that is too slow for large files.",
	};
	f.evidence[0] = (gh_evidence){
		.node = m->file->node->id, .path = m->file->path, .at = GH_NOWHERE, .note = m->check->ctx->what
	};
	return gh_finding_add(m->check->ctx, m->check->out, &f);
}

static gh_code look(gh_check_ctx *check, const gh_file *file)
{
	if (!check->rules)
		return GH_OK;
	match_ctx m = { check, file, true };
	gh_code code = file->sha256 ? gh_rules_hash(check->ctx, check->rules, file->sha256, on_match, &m) : GH_OK;
	if (code != GH_OK)
		return code;
	if (file->covered)
		return GH_OK;
	m.hash = false;
	code = gh_rules_scan(check->ctx, check->rules, file->content, on_match, &m);
	return gh_is_about_input(code) ? say_unfinished(&m) : code;
}

const gh_check gh_check_known_implant = {
	.id = "KNOWN-IMPLANT",
	.title = "Does a file or an unclaimed region match a published indicator?",
	.why = "Somebody found these bytes in an implant before and published them: the device is not the owner's "
	       "alone.",
	.harmless = "A file that speaks about the implant without being it: a rule, a report, a scanner's own data.",
	.kinds = "one per family (as horse-shell), unfinished",
	.look = look,
};
