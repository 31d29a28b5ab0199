/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/room_in - small things the handlers of this room share. A wall: nobody else includes it.
 *
 * The one rule: whoever reads bytes that may be read again for the next candidate (a digest over
 * all the rest of the image, a walk over a million headers) pays for it first, so that a row of
 * false headers is paid by the budget and not by the analyst's time:
 *
 *	gh_code code = gh_effort(ctx, length);
 *	if (code != GH_OK)
 *		return code;
 */
#ifndef GH_FORMAT_ROOM_IN_H
#define GH_FORMAT_ROOM_IN_H

#include "format/format.h"

/* Takes a sixteenth of n from the byte budget: looking is that much cheaper than making. */
gh_code gh_effort(gh_ctx *ctx, uint64_t n) GH_MUST;

/* A fixed field of printable ASCII, ended or filled by NUL (or erased flash) and by nothing else,
 * with at least `least` characters. */
bool gh_field_is_text(gh_bytes field, size_t least);

/* A fact from a fixed field of text; nothing where the field is empty or no text. */
gh_code gh_fact_field(gh_ctx *ctx, gh_node *node, const char *key, gh_bytes field) GH_MUST;

/* "2016-06-17T08:11:29Z" in ctx's scratch arena; NULL when memory is out. */
const char *gh_utc(gh_ctx *ctx, int64_t seconds) GH_MUST;

/* The first place of `what`, whose first byte should be none that fills the bytes. NULL: it is not there. */
const uint8_t *gh_find(gh_bytes b, gh_bytes what);

/* A fact "kernel" where the bytes hold Linux' own name: "Linux version 4.14.180 (…) …". */
gh_code gh_fact_linux(gh_ctx *ctx, gh_node *node, gh_bytes bytes) GH_MUST;

/* A checksum of four bytes as the header stores it. `ret` points into ctx's scratch. */
gh_code gh_sum_u32(gh_ctx *ctx, gh_node *node, gh_sum sum, uint32_t stored, uint32_t computed, bool big) GH_MUST;

/* The same of two bytes, and of a digest or any other bytes. */
gh_code gh_sum_u16(gh_ctx *ctx, gh_node *node, gh_sum sum, uint16_t stored, uint16_t computed, bool big) GH_MUST;
gh_code gh_sum_digest(gh_ctx *ctx, gh_node *node, gh_sum sum, gh_bytes stored, const uint8_t *computed) GH_MUST;

/* OpenWrt's fwtool appends records to an image, each ended by 16 bytes: "FWx0", crc32, type, 3 bytes
 * of padding, size BE with the trailer (fwtool.h). How many bytes at the end of `b` are such. */
uint64_t gh_fwtool_tail(gh_bytes b);

/* Asus' name of a product at the start of a field, "RT-AC68U", ended by NUL; empty where there is none. */
gh_bytes gh_asus_product(gh_bytes field);

/* Does a file system of flash start here? Only a few fixed bytes: a hint, no proof. */
bool gh_smells_of_fs(gh_bytes b);

/* Does a disk or a file system that fills one start here (MBR, GPT, FAT, ext)? A hint as well. */
bool gh_smells_of_disk(gh_bytes b);

/* A path as volumes give it: without leading "./" or "/", without "/" at the end; "." for the root. */
gh_bytes gh_path_plain(gh_bytes stored);

#endif
