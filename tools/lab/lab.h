/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/lab - the words of the laboratory image generator (see docs/laboratory.md).
 *
 * A recipe is read into statements; every statement either adds bytes to the block it stands in
 * or changes bytes that stand there already. A mistake in a recipe ends the program with file and
 * line: a generator has nothing to rescue. All memory is one arena.
 *
 *	gh_bytes inside = lab_block(lab, st);        // what the statements between { and } give
 *	lab_put(out, order, size, 4);
 */
#ifndef GH_TOOLS_LAB_H
#define GH_TOOLS_LAB_H

#include <stdio.h>
#include <stdnoreturn.h>

#include "base/arena.h"
#include "bytes/view.h"

typedef enum lab_order { LAB_LITTLE, LAB_BIG } lab_order;

/* One statement: `word word "text" … { statements }`. */
typedef struct lab_st {
	const char *file;
	unsigned line;
	gh_bytes *words; /* always ended by NUL behind the last byte, too */
	size_t n;
	struct lab_st *first, *next; /* the block; the next statement */
	bool has_block;
} lab_st;

/* Bytes being made. */
typedef struct lab_out {
	gh_arena *arena;
	uint8_t *ptr;
	size_t len, cap;
} lab_out;

struct lab_volume;

typedef struct lab {
	gh_arena *arena;
	uint64_t turn; /* %n inside `repeat` */
	bool turning;
	struct lab_volume *volumes; /* what --manifest prints */
	size_t volumes_n, volumes_cap;
	unsigned depth;
} lab;

noreturn void lab_die(const lab_st *st, const char *fmt, ...) GH_PRINTF(2, 3);
void *lab_alloc(gh_arena *arena, size_t size); /* zeroed, never NULL */
void *lab_array_grow(gh_arena *arena, void *ptr, size_t n, size_t *cap, size_t size);

/* out.c */
lab_out lab_out_in(gh_arena *arena);
void lab_add(lab_out *out, gh_bytes b);
void lab_fill(lab_out *out, uint8_t byte, uint64_t n);
void lab_put(lab_out *out, lab_order order, uint64_t v, unsigned width);
void lab_text(lab_out *out, gh_bytes text, size_t width, uint8_t fill); /* a fixed field, cut to fit */
uint8_t *lab_span(lab_out *out, size_t n);                              /* n new zero bytes to write into */
void lab_poke(uint8_t *at, lab_order order, uint64_t v, unsigned width);
void lab_pad(lab_out *out, size_t multiple, uint8_t byte);
static inline gh_bytes lab_view(const lab_out *out)
{
	return gh_view(out->ptr, out->len);
}

/* recipe.c, edit.c */
lab_st *lab_recipe_read(gh_arena *arena, const char *path); /* the block of a whole file, edits applied */
void lab_recipe_edit(gh_arena *arena, lab_st *whole);

/* args.c: words[from …] read as `key value` pairs or single flags, by name */
bool lab_is(gh_bytes word, const char *text);
bool lab_flag(const lab_st *st, const char *key);
gh_bytes lab_word(lab *l, const lab_st *st, size_t i); /* %n put in, error when missing */
bool lab_has(const lab_st *st, const char *key);
gh_bytes lab_value(lab *l, const lab_st *st, const char *key, const char *otherwise);
uint64_t lab_number(const lab_st *st, gh_bytes word, unsigned base); /* 0: C notation; k and m suffixes */
uint64_t lab_number_of(lab *l, const lab_st *st, const char *key, uint64_t otherwise);
uint64_t lab_time(const lab_st *st, gh_bytes word); /* seconds or 2014-06-13T01:02:03Z */
uint64_t lab_time_of(lab *l, const lab_st *st, const char *key, uint64_t otherwise);
unsigned lab_choice(const lab_st *st, gh_bytes word, const char *const *names, size_t n);
void lab_keys(const lab_st *st, size_t from, const char *const *keys); /* "key=" takes a value, "key" none */

/* content.c */
void lab_content(lab *l, const lab_st *st, lab_out *out);
void lab_block_into(lab *l, const lab_st *st, lab_out *out);
gh_bytes lab_block(lab *l, const lab_st *st);
/* The block rendered and added at the end of `out`; volumes inside learn their place. */
void lab_nest(lab *l, const lab_st *st, lab_out *out);

/* filler.c */
uint64_t lab_random(uint64_t *state);
void lab_prose(lab_out *out, uint64_t n, uint64_t seed);
void lab_code(lab_out *out, uint64_t n, uint64_t seed, lab_order order);

/* pack.c, lzo.c: encoders; ways of writing one compressed block */
typedef enum lab_packer {
	LAB_STORE,
	LAB_ZLIB,
	LAB_LZMA,
	LAB_LZMA_PROPS,
	LAB_LZMA_RAW,
	LAB_XZ,
	LAB_LZO,
	LAB_LZ4,
	LAB_ZSTD,
} lab_packer;
typedef struct lab_pack {
	lab_packer kind;
	unsigned lc, lp, pb, level;
	uint32_t dict;
	bool end_marker, unknown_size;
	const char *bcj; /* NULL, "mips"-less list of liblzma: x86 powerpc arm armthumb arm64 sparc ia64 */
} lab_pack;
gh_bytes lab_packed(gh_arena *arena, const lab_st *st, const lab_pack *how, gh_bytes in);
gh_bytes lab_lzo1x(gh_arena *arena, gh_bytes in);
bool lab_stream(lab *l, const lab_st *st, lab_out *out); /* gzip { … } and the like */

/* one maker per container */
typedef void lab_maker(lab *l, const lab_st *st, lab_out *out);
lab_maker lab_tplink_v1, lab_tplink_v2, lab_uimage, lab_trx, lab_tar, lab_cpio, lab_zip, lab_squashfs, lab_elf,
	lab_mtds, lab_nand, lab_swap;

#endif
