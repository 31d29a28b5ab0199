/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/codec - every decompressor has one face: cursor in, buffer out.
 *
 * The decoder reads from *in and, on success, leaves *in behind the last byte it used, so that a
 * caller learns where a stream ends. Output is appended to *out, whose ceiling is the caller's:
 * GH_LIMIT when more would come out, and *out then holds what fitted. On trouble *out keeps what
 * was decoded before it and *in is where the stream started. Decoders hold no state between calls.
 *
 * "block" forms are raw payloads inside somebody else's framing (SquashFS); the others carry their
 * own header and are what a file or a flash part starts with.
 */
#ifndef GH_CODEC_CODEC_H
#define GH_CODEC_CODEC_H

#include "bytes/buf.h"
#include "bytes/cur.h"

/* RFC 1950 zlib stream, RFC 1951 raw deflate. */
gh_code gh_zlib(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;
gh_code gh_deflate_raw(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;

/* RFC 1952, one member, CRC-32 and length verified. `info` may be NULL. */
typedef struct gh_gzip_info {
	gh_bytes name, comment;
	uint32_t mtime;
	uint8_t  os, extra_flags;
} gh_gzip_info;
gh_code gh_gzip(gh_ctx *ctx, gh_cur *in, gh_buf *out, gh_gzip_info *info) GH_MUST;

/* LZMA-alone (".lzma"): 1 property byte, 4 bytes dictionary size LE, 8 bytes length LE or all ff
 * (then an end marker ends it). Any legal property byte; a known length may also be followed by
 * an end marker, which is then consumed. */
typedef struct gh_lzma_info {
	uint8_t  lc, lp, pb;
	uint32_t dict_size;
	uint64_t size;       /* UINT64_MAX: unknown, end marker */
	bool     end_marker; /* one was met */
	bool     beyond_dict; /* a match reaches back farther than dict_size: strict decoders refuse it */
} gh_lzma_info;
gh_code gh_lzma_alone(gh_ctx *ctx, gh_cur *in, gh_buf *out, gh_lzma_info *info) GH_MUST;

/* LZMA1 data without any header, to exactly `size` bytes or an end marker, whichever comes first;
 * UINT64_MAX: only an end marker ends it. An end marker right behind `size` bytes is consumed, other
 * bytes there are not looked at. dict_size bounds nothing here: the output is the dictionary, so a
 * wrong one (vendors have them) does no harm, and 0 may be given. */
gh_code gh_lzma_raw(gh_ctx *ctx, gh_cur *in, gh_buf *out, unsigned lc, unsigned lp, unsigned pb,
                    uint32_t dict_size, uint64_t size) GH_MUST;

/* .xz: one stream (all blocks, index, footer; checks verified; BCJ filters as liblzma knows them). */
gh_code gh_xz(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;

gh_code gh_bzip2(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;

/* One or more concatenated frames, skippable frames included (RFC 8878). */
gh_code gh_zstd(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;

/* LZ4 block; frame (04 22 4d 18, LZ4 Frame Format 1.6); legacy kernel framing (02 21 4c 18: blocks
 * of up to 8 MiB, each with a LE length, until the input or a foreign length ends it). */
gh_code gh_lz4_block(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;
gh_code gh_lz4_frame(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;
gh_code gh_lz4_legacy(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;

/* LZO1X, own decoder (liblzo2 is GPL): one block ending in its end marker. */
gh_code gh_lzo1x(gh_ctx *ctx, gh_cur *in, gh_buf *out) GH_MUST;
/* lzop's container (89 4c 5a 4f 00 0d 0a 1a 0a), header and block checksums verified. */
typedef struct gh_lzop_info {
	uint16_t version;
	uint8_t  method, level;
	uint32_t flags, mode, mtime;
	gh_bytes name;
} gh_lzop_info;
gh_code gh_lzop(gh_ctx *ctx, gh_cur *in, gh_buf *out, gh_lzop_info *info) GH_MUST;

#endif
