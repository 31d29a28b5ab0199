/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/device/nand_in - what the files of the NAND reader share. A wall.
 *
 *	nand        the handler: facts, sums, parts
 *	nand_find   the shape of pages and the code in their spare bytes: found out, nothing says it
 *	nand_strip  one pass over all pages: spare bytes taken off, flipped bits turned back, bad blocks
 *
 * A chip read with its spare bytes is a row of pages, each of `page` bytes of data and `spare` bytes that hold a
 * mark of bad blocks (first byte of the first two pages of a block; sixth of small pages), codes that mend flipped
 * bits, and what a file system puts there. Sizes: ONFI and the chips' data sheets, linux/drivers/mtd/nand/raw/nand_ids.c.
 */
#ifndef GH_FORMAT_DEVICE_NAND_IN_H
#define GH_FORMAT_DEVICE_NAND_IN_H

#include "codec/ecc.h"
#include "format/room_in.h"

enum {
	GH_NAND_STEPS = 32,      /* of the code in a page, at most */
	GH_NAND_CODE_BYTES = 16, /* of one step, at most */
	GH_NAND_PAGE_MOST = 8192,
	GH_NAND_SPARE_MOST = 1024,
};

typedef struct gh_nand_shape {
	uint32_t page, spare, block; /* block: pages in an erase block */
} gh_nand_shape;

/* How the code of a step is computed, and at which spare byte each of its bytes stands. */
typedef struct gh_nand_code {
	const char *name; /* NULL: none that is known */
	uint32_t step, steps, bytes;
	unsigned t;           /* 0: Hamming; else BCH of so many bits */
	bool     low_first;
	const gh_bch *bch;
	uint16_t at[GH_NAND_STEPS][GH_NAND_CODE_BYTES];
	uint8_t  mask[GH_NAND_STEPS][GH_NAND_CODE_BYTES]; /* drivers invert codes so that erased pages fit */
} gh_nand_code;

/* A run of blocks that is one part. YAFFS keeps its tags in the spare bytes: there they stay. */
typedef struct gh_nand_run {
	bool     keep_spare;
	uint64_t first, end; /* pages */
	gh_bytes decoded;
} gh_nand_run;

typedef struct gh_nand {
	gh_bytes      bytes;
	uint64_t      pos, pages;
	gh_nand_shape shape;
	gh_nand_code  code;
	uint32_t      quiet;  /* spare bytes that are nearly always erased */
	bool          marked; /* the byte of the mark is one of them */
	uint64_t      right, mended, lost, bits, erased; /* steps; bits turned back; erased pages */
	uint64_t     *lost_at;
	size_t        n_lost;
	uint64_t     *bad; /* first pages of bad blocks */
	size_t        n_bad;
	gh_nand_run  *runs;
	size_t        n_runs;
} gh_nand;

enum { GH_NAND_LOST_NOTED = 16 };

static inline uint64_t gh_nand_at(const gh_nand *n, uint64_t page)
{
	return page * ((uint64_t)n->shape.page + n->shape.spare);
}

static inline gh_bytes gh_nand_data(const gh_nand *n, uint64_t page)
{
	return gh_bytes_part(n->bytes, gh_nand_at(n, page), n->shape.page);
}

static inline gh_bytes gh_nand_spare(const gh_nand *n, uint64_t page)
{
	return gh_bytes_part(n->bytes, gh_nand_at(n, page) + n->shape.page, n->shape.spare);
}

bool gh_nand_is_erased(gh_bytes b);

/* The shape in which spare bytes are spare bytes; what code they hold, if it is a known one. */
gh_code gh_nand_find(gh_ctx *ctx, gh_nand *n) GH_MUST;

/* Bad blocks, runs, and what each of them comes to. */
gh_code gh_nand_strip(gh_ctx *ctx, gh_nand *n) GH_MUST;

/* nand_find.c: the code over one step; and turning bits back. */
void   gh_nand_compute(const gh_nand_code *code, gh_bytes step, uint8_t *ret);
gh_ecc gh_nand_mend(const gh_nand_code *code, uint8_t *step, const uint8_t *stored, const uint8_t *computed,
                    unsigned *bits);

#endif
