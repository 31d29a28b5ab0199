/* SPDX-License-Identifier: Apache-2.0 */
/* A program against a few rules of every scope: matches stand inside it, and each has a reason. */
#include "cap/cap.h"
#include "must.h"

#define RULE(name, scope, features)                                                                                    \
	{                                                                                                              \
		name,                                                                                                  \
			GH_INIT("rule:\n  meta:\n    name: " name "\n    scopes:\n      static: " scope                \
				"\n  features:\n" features),                                                           \
			true                                                                                           \
	}

static const gh_cap_file files[] = {
	RULE("a", "function",
	     "    - or:\n      - characteristic: loop\n      - characteristic: indirect call\n      - api: open\n"),
	RULE("b", "program",
	     "    - and:\n      - match: a\n      - function:\n        - 1 or more:\n          - number: 5\n          "
	     "- number: 1\n"),
	RULE("c", "basic block", "    - call: {api: [open, write, read], arguments: {0: [0, 1, 2], 1: \"/[a-z]/\"}}\n"),
	RULE("d", "file", "    - or:\n      - substring: lab\n      - bytes: 00 00 00 00\n      - match: c\n"),
};

static gh_code reason(void *arg, const gh_cap_reason *r)
{
	const gh_program *p = arg;
	must(r->text && (r->function == GH_NONE || r->function < p->n_functions));
	return GH_OK;
}

/* Compiled once: it takes longer than to match. */
static const gh_caps *pack(void)
{
	static gh_caps *caps;
	if (caps)
		return caps;
	static gh_ctx ctx;
	ctx = (gh_ctx){ .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(16));
	must(gh_caps_compile(&ctx, files, GH_COUNT(files), NULL, NULL, &blob) == GH_OK);
	must(gh_caps_load(&ctx, gh_buf_view(&blob), &caps) == GH_OK && gh_caps_count(caps) == GH_COUNT(files));
	gh_arena_free(ctx.scratch);
	return caps;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(512)), .scratch = gh_arena_new(GH_MIB(512)) };
	gh_program *p = NULL;
	gh_cap_found found;
	if (gh_program_read(&ctx, gh_view(data, size), &p) == GH_OK && gh_caps_match(&ctx, pack(), p, &found) == GH_OK)
		for (uint32_t i = 0; i < found.n; i++) {
			const gh_cap_match *m = &found.matches[i];
			must(m->count > 0 && (m->function == GH_NONE || m->function < p->n_functions));
			must(gh_caps_why(&ctx, pack(), p, &found, m, reason, p) == GH_OK);
		}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
