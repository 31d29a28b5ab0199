/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/image - what the loader would make of an ELF file, as far as code can see it.
 *
 * Spans are the mapped bytes of the file, code the parts of them that are to be decoded, slots the
 * words that the loader writes: the GOT, tables of pointers. All are sorted by address.
 */
#ifndef GH_ASM_IMAGE_IN_H
#define GH_ASM_IMAGE_IN_H

#include "asm/program.h"
#include "asm/insn_in.h"
#include "asm/val_in.h"

/* Passes over common words from place `u` to `end` that no one need look at; how many they are. */
struct gh_track;
struct gh_region;
typedef uint64_t gh_skim_fn(struct gh_track *t, const struct gh_region *r, uint64_t u, uint64_t end, unsigned mode);
gh_skim_fn gh_skim_mips;

/* What `n` words change: registers, memory. It is asked for loops alone. */
typedef struct gh_abi gh_abi;
typedef uint64_t gh_writes_fn(const uint8_t *code, uint64_t n, const gh_abi *abi, unsigned mode);
gh_writes_fn gh_writes_mips;

/* Evaluates the common words at the beginning of `n` that a walk has before it, up to the next block; how
 * many it took. */
struct gh_eval;
typedef uint64_t gh_run_fn(struct gh_eval *e, const uint8_t *code, const uint8_t *marks, uint64_t n, uint64_t pc,
			   unsigned mode);
gh_run_fn gh_run_mips;

/* How a CPU passes things on. */
struct gh_abi {
	const char   *cpu;
	gh_decode_fn *decode;
	gh_skim_fn   *skim; /* NULL: every word is decoded */
	gh_run_fn    *run;  /* NULL likewise */
	gh_writes_fn *writes; /* NULL: the sweep writes down what it sees, sixteen places at a time */
	uint64_t      clobbers; /* registers that a call may change */
	const char *const *sys_names;
	const unsigned *n_sys_names;
	int32_t       sys_first; /* system calls count from here */
	int16_t       stack;   /* the next argument, from the stack pointer at the call; -1: none follow */
	int16_t       stack_in; /* … at the entry of the function that was called */
	uint8_t       unit;    /* what instructions are aligned to */
	uint8_t       bytes;   /* of a register */
	uint8_t       sp, ret;
	uint8_t       n_args;  /* in registers */
	uint8_t       args[GH_ARGUMENTS];
	uint8_t       zero;    /* reads as 0; GH_R_NO */
	uint8_t       gp;      /* holds the same address wherever it is used; GH_R_NO */
	uint8_t       sys;     /* register of the system call's number; GH_R_NO: in the instruction */
	uint8_t       n_sys;
	uint8_t       sys_args[GH_ARGUMENTS];
	uint8_t       self;    /* register that holds a function's own address at its entry; GH_R_NO */
};

typedef struct gh_span {
	uint64_t address;
	gh_bytes bytes;
	uint64_t size; /* in memory: beyond bytes it is zero */
	bool     exec, write;
} gh_span;

typedef struct gh_slot {
	uint64_t address;
	gh_val   val;
} gh_slot;

typedef struct gh_symbol {
	uint64_t    address, size;
	const char *name;
	uint8_t     mode;
	bool        code;
} gh_symbol;

/* Large numbers, each once: `places` is searched from a number's hash on, 0 is free. */
enum { GH_BIGS = 2048, GH_BIG_PLACES = 4096 };

typedef struct gh_bigs {
	uint32_t n;
	uint16_t places[GH_BIG_PLACES]; /* of index + 1 */
	uint64_t numbers[GH_BIGS];
} gh_bigs;

typedef struct gh_image {
	const gh_abi *abi;
	gh_span      *spans, *code;
	gh_slot      *slots;
	gh_symbol    *symbols; /* functions and objects of this file */
	gh_bigs      *bigs; /* CPUs of 64 bits */
	gh_symbol    *stubs; /* where an import has an address of its own: `size` is its index */
	gh_import    *imports;
	uint32_t     *by_symbol; /* of the dynamic symbol table: which import it is, GH_NONE */
	uint64_t     *starts; /* entry, init and fini arrays: with the mode bit */
	uint64_t      entry;
	uint64_t      gp;     /* MIPS, PowerPC64: what the global pointer holds; 0 */
	uint64_t      imports_at, imports_size; /* objects: the places of what others must bring */
	uint64_t      got, got_end; /* MIPS: the table of addresses, one val a word */
	gh_val       *got_vals;
	uint64_t      unread; /* bytes of code past what is read of one piece */
	unsigned      mode; /* GH_DECODE_…, and gh_mode of most code */
	uint32_t      n_spans, n_code;
	uint32_t      n_slots;
	uint32_t      n_symbols;
	uint32_t      n_stubs;
	uint32_t      n_imports;
	uint32_t      n_by_symbol;
	uint32_t      n_starts;
	bool          big;   /* the order of data */
	bool          fixed; /* loaded where it says: numbers may be addresses */
	bool          mixed; /* MIPS: some code is MIPS16e or microMIPS, which nobody decodes here */
} gh_image;

gh_code gh_image_read(gh_ctx *ctx, gh_bytes file, gh_image **ret) GH_MUST;

const gh_span *gh_span_at(const gh_span *spans, uint32_t n, uint64_t address);

/* What a load of `width` bytes finds; unknown where only the run tells. */
gh_val gh_image_load(const gh_image *image, uint64_t address, unsigned width);

/* Where code stands that this address names: on ARM its lowest bit tells the mode. */
static inline uint64_t gh_code_at(const gh_abi *abi, uint64_t a)
{
	return abi->unit == 2 ? a & ~(uint64_t)1 : a;
}

/* An import is one place of its page: what is beside it is part of it, or a page to which something is added. */
enum { GH_IMPORT_ROOM = 4096, GH_IMPORT_AT = 16 };

/* A number that has no room in a value; unknown when there are too many of them. */
gh_val gh_image_big(const gh_image *image, uint64_t n);

/* A number as the registers of this CPU hold it. */
static inline gh_val gh_image_number(const gh_image *image, int64_t n)
{
	if (image->abi->bytes == 4)
		return gh_val_of(V_NUMBER, (uint32_t)n);
	return n >> 59 == 0 || n >> 59 == -1 ? gh_val_of(V_NUMBER, (uint64_t)n) : gh_image_big(image, (uint64_t)n);
}

/* Is it a number, and which? */
static inline bool gh_image_is_number(const gh_image *image, gh_val v, int64_t *n)
{
	*n = gh_val_kind(v) == V_BIG ? (int64_t)image->bigs->numbers[gh_val_plain(v)] : gh_val_signed(v);
	return gh_val_kind(v) == V_NUMBER || gh_val_kind(v) == V_BIG;
}

static inline gh_val gh_image_address(const gh_image *image, uint64_t a)
{
	uint64_t import = a - image->imports_at;
	if (import < image->imports_size && import % GH_IMPORT_ROOM == GH_IMPORT_AT)
		return gh_val_of(V_IMPORT, import / GH_IMPORT_ROOM);
	if (image->abi->bytes == 4)
		return gh_val_of(V_ADDRESS, (uint32_t)a);
	return a >> 60 ? 0 : gh_val_of(V_ADDRESS, a);
}

/* Is it a number that stands for an address of this file? */
bool gh_image_is_address(const gh_image *image, uint64_t n);

#endif
