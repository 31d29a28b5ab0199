/* SPDX-License-Identifier: Apache-2.0 */
/* Our own part of a compiled pack. The YARA part is libyara's output by contract, so it is cut off. */
#include "must.h"
#include "rule/rule.h"

static gh_code ignore(void *arg, const gh_rule_match *match)
{
	(void)arg;
	must(strlen(match->rule) == 64);
	return GH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t no_yara[8];
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	must(ctx.arena && ctx.scratch);
	uint8_t *copy = gh_arena_alloc(ctx.arena, size);
	must(copy);
	if (size)
		memcpy(copy, data, size);
	if (size >= 56)
		memcpy(copy + 48, no_yara, sizeof no_yara);
	gh_rules *rules;
	if (gh_rules_load(&ctx, gh_view(copy, size), &rules) == GH_OK) {
		size_t hashes;
		must(gh_rules_count(rules, &hashes) == 0 && hashes <= size / 40);
		if (size >= 56 + 32)
			must(gh_rules_hash(&ctx, rules, copy + 56, ignore, NULL) == GH_OK);
		gh_rules_free(rules);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
