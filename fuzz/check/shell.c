/* SPDX-License-Identifier: Apache-2.0 */
/* The shell parser: its words lie in its own room, its lines in the script, and it comes to an end. */
#include "check/shell_in.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(1)), .scratch = gh_arena_new(GH_MIB(1)) };
	gh_shell *sh = gh_shell_new(&ctx);
	must(sh);
	gh_shell_read(sh, gh_view(data, size));
	gh_shell_set(sh, GH_LIT("1"), GH_LIT("start"));
	uint64_t before = 0;
	size_t n = 0;
	for (gh_command c; gh_shell_next(sh, &c); n++) {
		must(c.n > 0 && c.n <= GH_SHELL_WORDS);
		must(c.at < size && c.at >= before && c.line > 0 && c.line <= size + 1);
		must(c.source.len == 0 || (c.source.ptr >= data && c.source.ptr + c.source.len <= data + size));
		size_t text = 0;
		for (size_t i = 0; i < c.n; i++)
			text += c.words[i].len;
		must(text <= GH_SHELL_TEXT);
		before = c.at;
	}
	must(n <= size);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
