/* SPDX-License-Identifier: Apache-2.0 */
/* A rule file: whatever compiles also loads. */
#include "cap/cap.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	must(ctx.arena && ctx.scratch);
	gh_cap_file file = { "fuzz", gh_view(data, size), true };
	gh_buf blob = gh_buf_in(ctx.arena, GH_MIB(16));
	gh_caps *caps = NULL;
	if (gh_caps_compile(&ctx, &file, 1, NULL, NULL, &blob) == GH_OK) {
		must(gh_caps_load(&ctx, gh_buf_view(&blob), &caps) == GH_OK);
		must(gh_caps_count(caps) <= 1);
		gh_caps_free(caps);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
