/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/archive_in - the kinds of archives that libarchive reads for us, and where each ends. A wall.
 *
 * The one rule: libarchive is given exactly the bytes of one archive, as memory, with the one reader
 * that its magic calls for; it never opens a file, runs no program and sees no other bytes.
 */
#ifndef GH_FORMAT_ARCHIVE_IN_H
#define GH_FORMAT_ARCHIVE_IN_H

#include "format/room_in.h"

typedef enum gh_archive_kind {
	GH_ARCHIVE_NONE, GH_ARCHIVE_TAR, GH_ARCHIVE_ZIP, GH_ARCHIVE_7Z, GH_ARCHIVE_AR, GH_ARCHIVE_CAB,
	GH_ARCHIVE_RAR4, GH_ARCHIVE_RAR5, GH_ARCHIVE_ISO, GH_ARCHIVE_LHA,
} gh_archive_kind;

gh_archive_kind gh_archive_kind_of(gh_cur c);
const char     *gh_archive_kind_name(gh_archive_kind kind);

/* Where the archive ends by its own words. SUM and PARSED are only given by kinds whose metadata
 * this walks whole; SHAPE means that libarchive has to read it to its end as well. */
gh_code gh_archive_end(gh_ctx *ctx, gh_cur c, gh_archive_kind kind, gh_span *ret) GH_MUST;

struct archive;
/* A reader over `bytes`, or ctx's trouble. The caller gives it back with archive_read_free. */
gh_code gh_archive_open(gh_ctx *ctx, gh_bytes bytes, gh_archive_kind kind, struct archive **ret) GH_MUST;

gh_code gh_archive_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out) GH_MUST;

#endif
