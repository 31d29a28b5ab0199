/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/program - what the code of one executable does, as plain tables.
 *
 *	gh_program *p;
 *	gh_code code = gh_program_read(ctx, file, &p);
 *	for (uint32_t i = 0; i < p->n_calls; i++)
 *		if (gh_call_is(&p->calls[i], "execve"))
 *			say(gh_call_argument(p, &p->calls[i], 0));
 *
 * Functions, blocks, calls and uses stand in the order of their addresses and name each other by
 * index; a function's blocks, calls and uses are a run of the common tables. GH_NONE says that
 * there is none. Values are constants that hold on every path we follow; what is not certain is
 * GH_UNKNOWN, and what was not understood is counted.
 *
 * Everything lies in ctx->arena and borrows the bytes of the file.
 */
#ifndef GH_ASM_PROGRAM_H
#define GH_ASM_PROGRAM_H

#include "base/ctx.h"
#include "bytes/view.h"

#define GH_NONE UINT32_MAX // no such index

/* ---- values ---- */

typedef enum gh_value_kind {
	GH_UNKNOWN,
	GH_NUMBER,   /* `number`, as the register holds it: -1 on a 32-bit CPU is 0xffffffff */
	GH_DATA,     /* the address `number`; gh_value_view gives the bytes there */
	GH_STRING,   /* the address `number` of text that ends in NUL; `index` in strings */
	GH_FUNCTION, /* the address `number` of code; `index` in functions, or GH_NONE */
	GH_IMPORT,   /* the address of an imported symbol; `index` in imports */
	GH_STACK,    /* an address in the frame: `number` is the distance from the stack pointer at entry */
	GH_RESULT,   /* what call `index` returned */
	GH_PARAMETER, /* the function's own argument `index` */
} gh_value_kind;

typedef struct gh_value {
	uint64_t number;
	uint32_t index;
	uint32_t kind; /* gh_value_kind */
} gh_value;

/* ---- functions and blocks ---- */

/* How we know that a function begins here; several may be true. */
enum {
	GH_BY_SYMBOL = 1 << 0,
	GH_BY_CALL = 1 << 1,     /* a call goes there */
	GH_BY_PROLOGUE = 1 << 2, /* the code looks like a beginning */
	GH_BY_POINTER = 1 << 3,  /* a relocated pointer, a table or code holds its address */
	GH_BY_ENTRY = 1 << 4,    /* the entry point, init and fini arrays, main */
	GH_BY_REST = 1 << 5,     /* code behind the end of another one */
};

/* Characteristics. */
enum {
	GH_FN_LOOP = 1 << 0,
	GH_FN_RECURSIVE = 1 << 1,     /* calls itself */
	GH_FN_INDIRECT_CALL = 1 << 2, /* calls what only the run knows */
	GH_FN_TIGHT_XOR = 1 << 3,     /* nzxor inside a loop of one block */
	GH_FN_STACK_STRING = 1 << 4,  /* text put together on the stack from constants */
	GH_FN_NZXOR = 1 << 5,         /* an exclusive or that is not a way to write zero */
	GH_FN_THUNK = 1 << 6,         /* nothing but a jump to an import: a PLT entry, a stub */
	GH_FN_NO_RETURN = 1 << 7,     /* no block of it returns */
	GH_FN_PARTLY = 1 << 8,        /* words inside were not understood */
};

typedef struct gh_function {
	uint64_t    address; /* without the Thumb or MIPS16 bit */
	uint64_t    size;
	const char *name; /* NULL when the file does not say and we do not know */
	uint32_t    by, traits;
	uint32_t    block, n_blocks;
	uint32_t    call, n_calls;
	uint32_t    use, n_uses;
	uint8_t     mode; /* gh_mode */
} gh_function;

typedef enum gh_mode { GH_MODE_PLAIN, GH_MODE_THUMB, GH_MODE_MIPS16, GH_MODE_MICROMIPS } gh_mode;

enum {
	GH_BB_LOOP = 1 << 0,       /* an edge from behind or from itself comes here */
	GH_BB_TIGHT = 1 << 1,      /* its own successor */
	GH_BB_RETURN = 1 << 2,     /* leaves the function */
	GH_BB_SWITCH = 1 << 3,     /* ends in a jump through a table */
	GH_BB_UNKNOWN = 1 << 4,    /* ends in a jump that was not resolved */
	GH_BB_NZXOR = 1 << 5,
	GH_BB_STACK_STRING = 1 << 6,
};

typedef struct gh_block {
	uint64_t address;
	uint32_t size;
	uint32_t function;
	uint32_t next[2];  /* blocks: the way on and the way of the jump; GH_NONE */
	uint32_t edge, n_edges; /* more ways, of a switch: in edges */
	uint32_t call, n_calls;
	uint32_t flags;
} gh_block;

/* ---- calls ---- */

typedef enum gh_call_kind {
	GH_CALL_LOCAL,   /* a function of this file, by direct call */
	GH_CALL_IMPORT,  /* an imported function: through a stub, the PLT or the GOT */
	GH_CALL_GOT,     /* a function of this file through the GOT or a register that holds its address */
	GH_CALL_TABLE,   /* an entry of a table of pointers, which one is not known: `number` is the table */
	GH_CALL_SYSCALL, /* the kernel: `number` is the number, UINT64_MAX when not known */
	GH_CALL_UNRESOLVED,
} gh_call_kind;

typedef struct gh_call {
	uint64_t    address;
	uint64_t    number;
	const char *name; /* of the import, the function or the system call; NULL */
	uint32_t    block, function;
	uint32_t    target; /* in functions; GH_NONE */
	uint32_t    import; /* in imports; GH_NONE */
	uint32_t    value;  /* in values: `n_values` arguments, the rest is unknown */
	uint8_t     n_values;
	uint8_t     kind;     /* gh_call_kind */
	bool        tail;     /* a jump that ends the caller */
	bool        indirect; /* through a register or memory, however it was resolved */
} gh_call;

enum { GH_ARGUMENTS = 6 };

/* ---- uses: constants in code that are not arguments ---- */

typedef enum gh_use_how {
	GH_USE_PLAIN,   /* made in a register */
	GH_USE_COMPARE, /* something is compared with it */
	GH_USE_XOR,
	GH_USE_STORE, /* written to memory */
} gh_use_how;

typedef struct gh_use {
	uint64_t address;
	gh_value value;
	uint32_t block;
	uint32_t how; /* gh_use_how */
} gh_use;

/* ---- strings, imports ---- */

/* Text of at least four printable bytes, or shorter where code points to it. `bytes` without NUL. */
typedef struct gh_string {
	uint64_t address;
	gh_bytes bytes;
	uint32_t user, n_users; /* in users */
	bool     writable;
} gh_string;

typedef struct gh_string_user {
	uint64_t address;  /* of the instruction, or of the pointer in data */
	uint32_t string;
	uint32_t function; /* GH_NONE: a pointer in data */
	uint32_t call;     /* it is an argument of this one; GH_NONE */
} gh_string_user;

typedef struct gh_import {
	const char *name;
	uint32_t    n_calls;
	bool        taken; /* its address is used otherwise than to call it */
} gh_import;

/* ---- the whole ---- */

typedef struct gh_asm_counts {
	uint64_t code_bytes;   /* in functions */
	uint64_t instructions; /* decoded */
	uint64_t unknown;      /* words (bytes on x86) inside code that are no instruction of this CPU */
	uint64_t unread;       /* bytes of code that the budget left out, or past 64 MiB of one piece */
	uint64_t other_mode;   /* bytes of MIPS16e or microMIPS code, which is not decoded */
	uint64_t direct;       /* calls whose target stands in the instruction */
	uint64_t to_import, to_local, to_table, unresolved; /* calls through registers or memory */
	uint64_t syscalls, syscalls_unnamed;
	uint64_t jumps_unresolved; /* jumps through registers that are neither calls, returns nor switches we read */
	bool     cut; /* not all code was read */
} gh_asm_counts;

struct gh_span;

typedef struct gh_program {
	gh_bytes              file;
	bool                  big; /* the order of its code */
	const char           *cpu; /* "mips", "arm", …; NULL: code of a CPU that we do not decode */
	const gh_function    *functions;
	const gh_block       *blocks;
	const gh_call        *calls;
	const gh_use         *uses;
	const gh_value       *values;
	const uint32_t       *edges;
	const gh_string      *strings; /* by address */
	const gh_string_user *users;   /* by string */
	const gh_import      *imports;
	uint32_t              n_functions, n_blocks, n_calls, n_uses, n_values, n_edges;
	uint32_t              n_strings, n_users, n_imports;
	uint32_t              entry, main; /* functions; GH_NONE */
	const struct gh_span *spans;       /* the mapped bytes, for gh_value_view */
	uint32_t              n_spans;
	gh_asm_counts         counts;
} gh_program;

/* Reads all code of an ELF executable or library; GH_NOT_MINE for what is no ELF file. Files without
 * code that we know give a program that has only strings. A budget
 * that ends leaves what was read until then, and counts.cut. */
gh_code gh_program_read(gh_ctx *ctx, gh_bytes file, gh_program **ret) GH_MUST;

/* Argument i of a call, GH_UNKNOWN beyond what is known. */
gh_value gh_call_argument(const gh_program *p, const gh_call *call, unsigned i);

/* The bytes a value points at: text without its NUL, data to the end of its segment's bytes. Empty
 * for all others. */
gh_bytes gh_value_view(const gh_program *p, gh_value value);

/* The function that holds an address, GH_NONE. */
uint32_t gh_program_function_at(const gh_program *p, uint64_t address);

static inline bool gh_call_is(const gh_call *call, const char *name)
{
	return call->name && strcmp(call->name, name) == 0;
}

#endif
