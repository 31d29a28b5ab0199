/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles our own rules about programs at build time: capabilities OUT writes the pack as a list of numbers. A rule
 * that does not compile stops the build.
 */
#include <stdio.h>

#include "cap/cap.h"
#include "rule/rule.h"

static void on_trouble(void *arg, const char *file, unsigned line, const char *message)
{
	fprintf(stderr, "%s:%u: %s\n", file, line, message);
	*(int *)arg = 1;
}

static int compile(gh_ctx *ctx, gh_buf *bytes)
{
	size_t n, used = 0;
	int status = 0;
	const gh_rule_file *all = gh_rules_builtin(&n);
	gh_cap_file *files = gh_arena_array(ctx->arena, n, sizeof *files);
	if (!files)
		return 1;
	for (size_t i = 0; i < n; i++)
		if (all[i].program)
			files[used++] = (gh_cap_file){ all[i].name, all[i].text, true };
	return gh_caps_compile(ctx, files, used, on_trouble, &status, bytes) == GH_OK ? status : 1;
}

int main(int argc, char **argv)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(256)), .scratch = gh_arena_new(GH_MIB(256)) };
	gh_buf bytes = gh_buf_in(ctx.arena, GH_MIB(64));
	int status = ctx.arena && ctx.scratch ? compile(&ctx, &bytes) : 1;
	FILE *out = argc == 2 && status == 0 ? fopen(argv[1], "w") : NULL;
	if (out) {
		for (size_t i = 0; i < bytes.len; i++)
			fprintf(out, "%u,%s", bytes.ptr[i], i % 24 == 23 ? "\n" : "");
		fputc('\n', out);
		if (fclose(out) != 0)
			status = 1;
	} else {
		fprintf(stderr, "capabilities: nothing was written\n");
		status = 1;
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return status;
}
