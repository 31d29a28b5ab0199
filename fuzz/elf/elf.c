/* SPDX-License-Identifier: Apache-2.0 */
/* An ELF file: what it accounts for lies inside it, its texts end, its counts are those of its tables. */
#include "elf/elf.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(4)), .scratch = gh_arena_new(GH_MIB(4)) };
	gh_elf *elf = NULL;
	gh_code code = gh_elf_read(&ctx, gh_view(data, size), &elf);
	must(code == GH_OK || code == GH_NOT_MINE || code == GH_TRUNCATED);
	must((code == GH_OK) == (elf != NULL));
	if (elf) {
		must(elf->end <= size && elf->n_needed <= GH_ELF_NEEDED && elf->n_compilers <= GH_ELF_COMPILERS);
		must(elf->n_build_id <= sizeof elf->build_id);
		for (unsigned i = 0; i < elf->n_needed; i++)
			must(elf->needed[i] && elf->needed[i][0]);
		for (unsigned t = 0; t < GH_TRAITS; t++) {
			const char *text = NULL;
			must(gh_elf_trait_text(&ctx, elf, (gh_elf_trait)t, &text) == GH_OK && text);
		}
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
