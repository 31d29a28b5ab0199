/* SPDX-License-Identifier: Apache-2.0 */
/* A whole program: its tables name each other, its texts lie in the file, and the work is bounded by its size. */
#include "asm/program.h"
#include "must.h"

static void calls(const gh_program *p, const uint8_t *data, size_t size)
{
	for (uint32_t i = 0; i < p->n_calls; i++) {
		const gh_call *c = &p->calls[i];
		must(c->function < p->n_functions && c->block < p->n_blocks);
		must(c->target == GH_NONE || c->target < p->n_functions);
		must(c->import == GH_NONE || c->import < p->n_imports);
		for (unsigned j = 0; j < GH_ARGUMENTS; j++) {
			gh_bytes b = gh_value_view(p, gh_call_argument(p, c, j));
			must(b.len == 0 || (b.ptr >= data && b.ptr + b.len <= data + size));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(256)), .scratch = gh_arena_new(GH_MIB(256)) };
	gh_program *p = NULL;
	gh_code code = gh_program_read(&ctx, gh_view(data, size), &p);
	must(code == GH_OK || code == GH_NOT_MINE || code == GH_LIMIT);
	for (uint32_t i = 0; p && i < p->n_functions; i++) {
		const gh_function *f = &p->functions[i];
		must(f->block + f->n_blocks <= p->n_blocks && f->call + f->n_calls <= p->n_calls);
		must(i == 0 || p->functions[i - 1].address < f->address);
	}
	for (uint32_t i = 0; p && i < p->n_blocks; i++) {
		const gh_block *b = &p->blocks[i];
		must(b->function < p->n_functions && b->edge + b->n_edges <= p->n_edges);
		must(b->next[0] == GH_NONE || b->next[0] < p->n_blocks);
		must(b->next[1] == GH_NONE || b->next[1] < p->n_blocks);
	}
	for (uint32_t i = 0; p && i < p->n_users; i++)
		must(p->users[i].string < p->n_strings);
	for (uint32_t i = 0; p && i < p->n_strings; i++)
		must(p->strings[i].bytes.ptr >= data &&
		     p->strings[i].bytes.ptr + p->strings[i].bytes.len <= data + size);
	if (p)
		calls(p, data, size);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
