/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles the patterns of all formats at build time: patterns OUT writes them as a list of numbers.
 */
#include <stdio.h>

#include "unpack/nominate.h"

int main(int argc, char **argv)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	size_t n = 0;
	gh_buf bytes = gh_buf_in(ctx.arena, GH_MIB(32));
	const gh_pattern *patterns = ctx.arena && ctx.scratch ? gh_nominate_patterns(&ctx, &n) : NULL;
	gh_search *search = patterns ? gh_search_new(&ctx, patterns, n) : NULL;
	FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
	int status = 1;
	if (search && out && gh_search_save(&ctx, search, &bytes) == GH_OK) {
		for (size_t i = 0; i < bytes.len; i++)
			fprintf(out, "%u,%s", bytes.ptr[i], i % 24 == 23 ? "\n" : "");
		fputc('\n', out);
		status = 0;
	} else {
		fprintf(stderr, "patterns: %s\n", ctx.what[0] ? ctx.what : "cannot write");
	}
	if (out && fclose(out) != 0)
		status = 1;
	gh_search_free(search);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return status;
}
