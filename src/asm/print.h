/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/print - a piece of code as a person reads it, by capstone, with names and texts filled in.
 *
 *	static void line(void *to, const gh_code_line *l) { … l->address, l->text, l->note … }
 *	code = gh_print_code(ctx, p, f->address, f->size, line, to);
 */
#ifndef GH_ASM_PRINT_H
#define GH_ASM_PRINT_H

#include "asm/program.h"

typedef struct gh_code_line {
	uint64_t    address;
	gh_bytes    bytes;
	const char *text; /* mnemonic and operands; ".byte …" for what is no instruction */
	const char *note; /* what is called, which text or data is meant; "" */
	const char *name; /* a function begins here; NULL */
} gh_code_line;

typedef void gh_code_line_fn(void *to, const gh_code_line *line);

/* Lines from `address` on, `size` bytes at most. GH_NOT_MINE for a CPU that is not known. */
gh_code gh_print_code(gh_ctx *ctx, const gh_program *p, uint64_t address, uint64_t size, gh_code_line_fn *line,
                      void *to) GH_MUST;

#endif
