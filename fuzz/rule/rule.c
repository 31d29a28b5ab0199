/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files: the first byte chooses YARA source or hash list; whatever compiles also loads and scans. */
#include "must.h"
#include "rule/rule.h"

static gh_code ignore(void *arg, const gh_rule_match *match)
{
	must(match->rule && match->n_strings <= GH_RULE_STRINGS);
	++*(unsigned *)arg;
	return GH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	must(ctx.arena && ctx.scratch);
	gh_bytes text = gh_bytes_part(gh_view(data, size), 1, size);
	gh_rule_file file = { "fuzz", text, size > 0 && data[0] % 2 != 0, false, false };
	gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(32));
	gh_rules *rules = NULL;
	unsigned hits = 0;
	if (gh_rules_compile(&ctx, &file, 1, NULL, NULL, &blob) == GH_OK) {
		must(gh_rules_load(&ctx, gh_buf_view(&blob), &rules) == GH_OK);
		must(gh_rules_scan(&ctx, rules, text, ignore, &hits) != GH_NOMEM);
		static const uint8_t digest[32];
		must(gh_rules_hash(&ctx, rules, digest, ignore, &hits) == GH_OK);
		gh_rules_free(rules);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
