/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine/wire - what a worker tells its parent, record by record.
 *
 * A record is a length (u32 LE), a kind (u8) and fields: integers of 8 bytes LE, texts and bytes
 * with a length before them. One function per record serves both directions, so the two cannot
 * drift apart. The parent trusts nothing: it reads through the cursor, every enum is held against
 * its last member, every count against the bytes that are there.
 */
#ifndef GH_ENGINE_WIRE_H
#define GH_ENGINE_WIRE_H

#include "bytes/buf.h"
#include "bytes/cur.h"
#include "finding/finding.h"
#include "report/program.h"
#include "tree/tree.h"

typedef enum gh_record {
	GH_RECORD_HELLO = 1,
	GH_RECORD_NODE,
	GH_RECORD_ENTRY,
	GH_RECORD_FINDING,
	GH_RECORD_WARNING, /* a rule file that cannot be used */
	GH_RECORD_RULES,   /* the compiled rules */
	GH_RECORD_CAPS,    /* … those for programs */
	GH_RECORD_PROGRAM, /* what was learned about one */
	GH_RECORD_PROGRESS,
	GH_RECORD_AGAIN,   /* a budget ended in parallel: once more with one thread */
	GH_RECORD_DONE,
} gh_record;

/* Either end: writes to `out`, or reads from `in` into `arena`. */
typedef struct gh_wire {
	gh_ctx  *ctx;
	gh_buf  *out; /* writing, else NULL */
	gh_cur   in;
	bool     bad; /* something did not fit: the record is worth nothing */
	gh_code  code;
} gh_wire;

typedef struct gh_hello {
	const char *cage;
	uint64_t    size;
	uint64_t    n_rules, n_hashes;
} gh_hello;

typedef struct gh_done {
	uint8_t  sha256[32];
	uint64_t files, bytes_unpacked, files_written, not_written;
	uint64_t code;      /* gh_code of the work */
	bool     spent;     /* a budget ended it */
	uint64_t    verified_regions, verified_files, verified_bytes, differ; /* a second reading */
	const char *differs;   /* the first thing that read differently; may be NULL */
	gh_bytes    strip;     /* gh_strip of the image, where it was asked for */
	const char *detail; /* about code; may be NULL */
} gh_done;

/* One entry of a volume, at its place in the volume's table. */
typedef struct gh_wire_entry {
	uint64_t node, index;
	gh_entry entry;
} gh_wire_entry;

void gh_wire_hello(gh_wire *w, gh_hello *hello);
void gh_wire_node(gh_wire *w, gh_node *node);
void gh_wire_entry_fields(gh_wire *w, gh_wire_entry *entry);
void gh_wire_finding(gh_wire *w, gh_finding *finding);
void gh_wire_program(gh_wire *w, gh_program_view *view);
void gh_wire_done(gh_wire *w, gh_done *done);
void gh_wire_text(gh_wire *w, const char **text); /* may be NULL */
void gh_wire_u64(gh_wire *w, uint64_t *value);

/* Writing: opens and closes a record in a buffer. */
gh_wire gh_wire_begin(gh_ctx *ctx, gh_buf *out, gh_record kind, size_t *ret_mark);
gh_code gh_wire_end(gh_wire *w, size_t mark) GH_MUST;

/* Reading: the next record of a stream that arrives in pieces. Feed it and take records until there
 * is none. GH_CORRUPT: nonsense; GH_LIMIT: a record larger than allowed. */
typedef struct gh_wire_stream {
	gh_arena *arena; /* of its own */
	uint8_t  *ptr;
	size_t    len, room, at;
	size_t    most; /* bytes one record may have */
} gh_wire_stream;

gh_code gh_wire_stream_init(gh_ctx *ctx, gh_wire_stream *s, size_t most) GH_MUST;
void    gh_wire_stream_free(gh_wire_stream *s);
gh_code gh_wire_feed(gh_ctx *ctx, gh_wire_stream *s, gh_bytes more) GH_MUST;
/* False: no whole record is there yet (or, with *ret_code set, never will be). The wire's views
 * live until the next feed; texts are copied into ctx->arena. */
bool gh_wire_next(gh_ctx *ctx, gh_wire_stream *s, gh_record *ret, gh_wire *ret_wire, gh_code *ret_code);

#endif
