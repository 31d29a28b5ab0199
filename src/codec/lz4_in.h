/* SPDX-License-Identifier: Apache-2.0 */
/* codec/lz4_in - one raw LZ4 block, for the three framings of it. Only for this room. */
#ifndef GH_CODEC_LZ4_IN_H
#define GH_CODEC_LZ4_IN_H

#include "bytes/buf.h"
#include "bytes/cur.h"

/* Appends what the block `in` holds, at most `most` bytes (more is GH_CORRUPT); `reserve` are made room
 * for at once. Matches may reach into the `dict` bytes of output before it. On trouble *out keeps what came before the damage. */
gh_code gh_lz4_one(gh_ctx *ctx, gh_bytes in, uint64_t pos, gh_buf *out, size_t dict, size_t most,
                   size_t reserve) GH_MUST;

/* Would it be GH_OK? Walks through the block without making anything; no dictionary. */
bool gh_lz4_is_one(gh_bytes in, size_t most);

#endif
