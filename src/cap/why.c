/* SPDX-License-Identifier: Apache-2.0 */
/* The reason for a match, as a tree of what holds. */
#include "cap/hits_in.h"

enum { SHOWN = 3 }; /* places of one feature */

typedef struct telling {
	gh_ctx *ctx;
	gh_cap_hits *h;
	gh_cap_asking ask;
	gh_cap_reason_fn *fn;
	void *arg;
} telling;

static const char *const kinds[] = {
	[GH_F_API] = "api",     [GH_F_SYSCALL] = "syscall", [GH_F_STRING] = "string", [GH_F_SUBSTRING] = "substring",
	[GH_F_REGEX] = "regex", [GH_F_MATCH] = "match",     [GH_F_IMPORT] = "import", [GH_F_FUNCTION] = "function-name",
	[GH_F_OS] = "os",       [GH_F_ARCH] = "arch",       [GH_F_FORMAT] = "format",
};

static const char *words(const telling *t, const gh_feature *f)
{
	gh_arena *a = t->ctx->scratch;
	const gh_caps *c = t->h->caps;
	bool mips = t->h->p->cpu && strncmp(t->h->p->cpu, "mips", 4) == 0;
	unsigned long long n = mips ? f->mips : f->number;
	switch (f->kind) {
	case GH_F_COMPARE:
		return gh_arena_printf(a, "compare with 0x%llx", n);
	case GH_F_NUMBER:
		return gh_arena_printf(a, "number 0x%llx", n);
	case GH_F_ARG_NUMBER:
		return gh_arena_printf(a, "argument %u is 0x%llx", f->index, n);
	case GH_F_ARG_TEXT: {
		const gh_feature *of = &c->features[f->of];
		return gh_arena_printf(a, "argument %u: %s %s", f->index,
				       of->kind < GH_COUNT(kinds) ? kinds[of->kind] : "text", c->texts + of->text);
	}
	case GH_F_CHARACTERISTIC:
		return gh_arena_printf(a, "characteristic %s", gh_characteristic_names[f->index]);
	case GH_F_FOREIGN:
	case GH_F_BLOCKS:
		return "basic blocks";
	case GH_F_BYTES:
		return gh_arena_printf(a, "%u bytes", f->len);
	default:
		return gh_arena_printf(a, "%s %s", kinds[f->kind], c->texts + f->text);
	}
}

static gh_code say(const telling *t, unsigned depth, const char *text, const gh_cap_hit *hit)
{
	gh_cap_reason r = { text, hit ? hit->address : 0, hit ? hit->function : GH_NONE, hit ? hit->call : GH_NONE,
			    depth };
	return text ? t->fn(t->arg, &r) : gh_nomem(t->ctx);
}

static gh_code feature(const telling *t, uint32_t node, const gh_cap_place *in, unsigned depth)
{
	const gh_cap_node *n = &t->h->caps->nodes[node];
	const gh_cap_list *l = &t->h->lists[n->feature];
	const char *text = words(t, &t->h->caps->features[n->feature]);
	uint32_t first, end, shown = 0;
	gh_code code = GH_OK;
	gh_cap_range(t->h, n->feature, in, &first, &end);
	for (uint32_t i = first; i < end && shown < SHOWN && code == GH_OK; i++)
		if (gh_cap_inside(t->h, in, &l->items[i])) {
			code = say(t, depth, text, &l->items[i]);
			shown++;
		}
	return shown || code ? code : say(t, depth, text, NULL);
}

static gh_code tell(telling *t, uint32_t node, const gh_cap_place *in, unsigned depth);

static gh_code below(telling *t, uint32_t node, const gh_cap_place *in, unsigned depth)
{
	const gh_caps *c = t->h->caps;
	uint32_t scope = c->nodes[node].scope;
	for (uint32_t k = node + 1; k < c->nodes[node].end; k++) {
		if (c->nodes[k].op != GH_N_FEATURE)
			continue;
		const gh_cap_list *l = &t->h->lists[c->nodes[k].feature];
		uint32_t first, end;
		gh_cap_range(t->h, c->nodes[k].feature, in, &first, &end);
		for (uint32_t i = first; i < end; i++) {
			gh_cap_place place = gh_cap_around(in, scope, &l->items[i]);
			if (l->items[i].function != GH_NONE && gh_cap_inside(t->h, in, &l->items[i]) &&
			    gh_cap_holds(&t->ask, node + 1, &place))
				return tell(t, node + 1, &place, depth);
		}
	}
	return GH_OK;
}

static gh_code tell(telling *t, uint32_t node, const gh_cap_place *in, unsigned depth)
{
	static const char *const names[] = {
		[GH_N_AND] = "and", [GH_N_OR] = "or", [GH_N_NOT] = "not", [GH_N_SOME] = "some of"
	};
	const gh_cap_node *n = &t->h->caps->nodes[node];
	if (n->op == GH_N_FEATURE)
		return feature(t, node, in, depth);
	const char *name = n->op == GH_N_SCOPE ? gh_cap_scope_name(n->scope) : names[n->op];
	if (n->op == GH_N_SOME && n->least > 0)
		name = gh_arena_printf(t->ctx->scratch, "%u or more", n->least);
	/* An "and" of one thing says nothing. */
	bool plain = n->op == GH_N_AND && t->h->caps->nodes[node + 1].end == n->end;
	gh_code code = plain ? GH_OK : say(t, depth, name, NULL);
	depth += !plain;
	if (n->op == GH_N_NOT)
		return code;
	if (n->op == GH_N_SCOPE && n->scope < in->scope)
		return code ? code : below(t, node, in, depth);
	for (uint32_t k = node + 1; k < n->end && code == GH_OK; k = t->h->caps->nodes[k].end)
		if (gh_cap_holds(&t->ask, k, in))
			code = tell(t, k, in, depth);
	return code;
}

gh_code gh_caps_why(gh_ctx *ctx, const gh_caps *caps, const gh_program *p, const gh_cap_found *found,
		    const gh_cap_match *match, gh_cap_reason_fn *fn, void *arg)
{
	telling t = { .ctx = ctx, .h = found->hits, .ask = { found->hits, 0, UINT32_MAX }, .fn = fn, .arg = arg };
	gh_cap_place place;
	(void)caps;
	(void)p;
	gh_code code = gh_cap_place_of(ctx, found->hits, match, &place);
	return code == GH_OK ? tell(&t, match->rule->root, &place, 0) : code;
}
