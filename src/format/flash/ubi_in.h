/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/ubi_in - what the files of the UBI reader share. A wall.
 *
 *	ubi        the handler: volumes put in order, facts, sums
 *	ubi_scan   erase blocks: their size found out, their headers read, of two copies the right one
 *
 * Layout: linux/drivers/mtd/ubi/ubi-media.h, all big-endian, CRCs started with ffffffff and not inverted at the
 * end. Each physical erase block begins with
 *
 *	0   "UBI#" version 1, 3 unused, 8 erase counter, 4 offset of the next header, 4 offset of the data,
 *	    4 image sequence, 32 unused, 4 CRC of the 60 bytes before
 *	vid "UBI!" version, type (1 dynamic, 2 static), copy flag, compat, 4 volume, 4 logical block, 4 unused,
 *	    4 data size, 4 used blocks, 4 data pad, 4 data CRC, 4 unused, 8 sequence number, 12 unused, 4 CRC
 *
 * and two blocks hold the volume table: up to 128 records of 172 bytes, 4 reserved blocks, 4 alignment, 4 data
 * pad, 1 type, 1 update marker, 2 length of the name, 128 name, 1 flags, 23 unused, 4 CRC.
 */
#ifndef GH_FORMAT_FLASH_UBI_IN_H
#define GH_FORMAT_FLASH_UBI_IN_H

#include "format/room_in.h"

enum {
	GH_UBI_HEADER = 64,
	GH_UBI_RECORD = 172,
	GH_UBI_VOLUMES = 128,
	GH_UBI_LAYOUT = 0x7fffefff, /* the volume table; fastmap has the two numbers behind it */
};

/* What a physical erase block is. */
typedef enum gh_ubi_use {
	GH_UBI_MAPPED, /* holds a logical block */
	GH_UBI_FREE,   /* an erase counter and nothing else */
	GH_UBI_ERASED, /* nothing at all */
	GH_UBI_STALE,  /* a logical block that a newer one replaced */
	GH_UBI_LOST,   /* data without a sound header */
	GH_UBI_USES
} gh_ubi_use;

typedef struct gh_ubi_block {
	uint64_t at, sequence;
	uint32_t volume, logical, data_size, data_pad, data_crc, used_blocks;
	uint8_t  type;
	bool     copy, wrong; /* wrong: data CRC */
	gh_ubi_use use;
} gh_ubi_block;

typedef struct gh_ubi_volume {
	bool     there, named;
	uint8_t  type, flags, update;
	uint32_t reserved, alignment, data_pad;
	gh_bytes name;
	uint32_t mapped;
	uint64_t end, at, size; /* logical blocks; place and bytes in what comes out */
} gh_ubi_volume;

typedef struct gh_ubi {
	gh_bytes bytes;
	uint64_t pos;
	uint32_t block_size, vid_at, data_at, image;
	uint64_t size; /* of all */
	gh_ubi_block *blocks; /* by place while they are read; then by volume, logical block, newest first */
	size_t   n_blocks;
	size_t   uses[GH_UBI_USES];
	uint64_t counter_least, counter_most, counter_sum, counters;
	uint32_t headers, headers_wrong, data_sums, data_wrong, tables, tables_wrong;
	bool     fastmap;
	gh_ubi_volume volumes[GH_UBI_VOLUMES];
	uint64_t stale_at, stale_size; /* in what comes out: data that no volume uses */
} gh_ubi;

uint32_t gh_ubi_crc(gh_bytes b);

/* The data of a block, as much as is there. */
gh_bytes gh_ubi_data(const gh_ubi *u, const gh_ubi_block *b);

/* Block size, all blocks, which of them counts. */
gh_code gh_ubi_scan(gh_ctx *ctx, gh_cur c, gh_ubi *u) GH_MUST;

#endif
