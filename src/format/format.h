/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/format - what a container, stream or file system handler offers.
 *
 * measure() proves that the bytes at the cursor are one instance of the format and says how long
 * it is; unpack() names the parts of a proven instance. Both get the cursor by value, so a handler
 * cannot disturb its caller. Handlers keep no state between calls, open no files and free nothing.
 *
 * What measure() had to decode in order to prove the span (a whole LZMA stream has no other proof)
 * it leaves in span->decoded, in ctx->arena; unpack() of the same bytes is handed that span.
 *
 * A container's parts and headers need not cover it: what unpack() leaves unnamed becomes a gap
 * and is searched like everything else, so a header can hide nothing by claiming much.
 *
 * Adding one: a file in a folder of src/format/, a word in format/list.h, a fixture, a seed.
 * CONTRIBUTING.md has the recipe.
 */
#ifndef GH_FORMAT_FORMAT_H
#define GH_FORMAT_FORMAT_H

#include "bytes/buf.h"
#include "bytes/cur.h"
#include "format/list.h"
#include "tree/tree.h"

typedef struct gh_span {
	uint64_t size;
	gh_proof proof;
	gh_bytes decoded; /* of streams: what came out, in ctx->arena */
	void    *state;   /* the handler's own, from measure to unpack, in ctx->arena */
} gh_span;

/* Bytes that nominate a candidate; measure() decides. */
typedef struct gh_magic {
	const char *pattern; /* vectorscan regular expression of fixed length, dot matches all */
	unsigned    length;  /* bytes it matches */
	unsigned    at;      /* distance from the start of the format to the pattern */
} gh_magic;

enum { GH_MAGICS = 16 };

typedef struct gh_format {
	const char  *name;  /* fixture folder, fuzz target, docs anchor, JSON value: "tplink-v1" */
	const char  *title;
	const char  *spec;  /* where the layout is written down */
	const char  *limits; /* what it does not do yet; NULL when nothing is missing */
	gh_node_kind kind;  /* CONTAINER, STREAM or VOLUME */
	bool         whole; /* no bytes nominate it: a flash dump and what came out of one are asked from their start */
	gh_magic     magic[GH_MAGICS];
	gh_code    (*measure)(gh_ctx *ctx, gh_cur c, gh_span *ret);
	gh_code    (*unpack)(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out);
} gh_format;

/* One thread's way into a volume: what it keeps from one file to the next (a decoded fragment, an
 * open archive). `keep` lives as long as the reader, `scratch` until the next read. */
typedef struct gh_reader {
	const gh_volume *volume;
	gh_bytes         bytes; /* of the volume */
	uint64_t         pos;   /* absolute offset of bytes.ptr */
	gh_arena        *keep, *scratch;
	void            *state; /* the handler's own; starts as NULL */
} gh_reader;

typedef struct gh_volume_ops {
	/* The content of a regular file, valid until the next read of this reader. Entries of one
	 * group come in order. Trouble about the input may still give the bytes before it. */
	gh_code (*read)(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret);
	/* Gives back what the reader holds outside its arenas; may be NULL. */
	void (*close)(gh_reader *reader);
} gh_volume_ops;

#define GH_FORMAT_DECLARE(name) extern const gh_format gh_format_##name;
GH_FORMATS(GH_FORMAT_DECLARE)
#undef GH_FORMAT_DECLARE

/* The table, in that order. */
extern const gh_format *const gh_formats[];
extern const size_t           gh_formats_count;

const gh_format *gh_format_named(const char *name); /* NULL when there is none */

#endif
