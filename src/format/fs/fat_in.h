/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/fs/fat_in - what FAT and exFAT share: clusters, and a table that says which cluster follows which. A wall.
 *
 *	+-------------+--- … ---+-------+-------+--------------------+---------+---------+-- … --+
 *	| boot sector | reserved| table | table | root (FAT12/16)    | 2       | 3       |       |
 *	+-------------+--- … ---+-------+-------+--------------------+---------+---------+-- … --+
 *
 *	fat          boot sector and folders of FAT12, FAT16 and FAT32
 *	exfat        those of exFAT
 *	fat_chain    chains of clusters; what is in use, and what no name leads to
 */
#ifndef GH_FORMAT_FS_FAT_IN_H
#define GH_FORMAT_FS_FAT_IN_H

#include "format/flash/extents_in.h"
#include "format/view_volume_in.h"

enum { GH_FAT_RECORD = 32, GH_FAT_PATH_MOST = 16 << 10 };

typedef struct gh_fat {
	gh_bytes all;
	uint64_t pos, size;
	uint32_t sector, cluster;  /* bytes */
	uint64_t table, data;      /* where they stand */
	uint64_t table_size;       /* bytes of one */
	uint32_t tables, clusters; /* clusters are numbered from 2 on */
	unsigned width;            /* bits of an entry of the table: 12, 16, 32 */
	bool ex;
	uint32_t root;               /* a cluster */
	uint64_t root_at, root_size; /* or a place, in FAT12 and FAT16 */
} gh_fat;

/* A chain with a known start. */
typedef struct gh_fat_chain {
	uint32_t first;
	bool row;      /* clusters in a row: the table is not asked */
	uint64_t size; /* UINT64_MAX: to the end of the chain */
} gh_fat_chain;

enum { GH_FAT_FREE = 0, GH_FAT_END = 1 }; /* beside cluster numbers */

/* What follows cluster `n`. */
uint32_t gh_fat_next(const gh_fat *f, uint32_t n);

/* The bytes of a chain, in one piece; *at is where, or GH_NOWHERE when they had to be put together. */
gh_code gh_fat_content(gh_ctx *ctx, const gh_fat *f, gh_fat_chain chain, gh_arena *arena, gh_bytes *ret,
		       uint64_t *at) GH_MUST;

typedef struct gh_fat_walk gh_fat_walk;
struct gh_fat_walk {
	gh_ctx *ctx;
	const gh_fat *f;
	gh_node *out;
	gh_entries list;
	gh_extents used;
	uint8_t *seen; /* by cluster */
	gh_arena *scratch;
	uint64_t crossed;
	/* The records of a folder whose content is at hand. */
	gh_code (*records)(gh_fat_walk *w, gh_bytes content, gh_bytes path, uint64_t *end);
};

/* Marks a chain as in use, but for the slack behind its size. */
gh_code gh_fat_use(gh_fat_walk *w, gh_fat_chain chain, uint64_t size) GH_MUST;

/* Gives an entry its content; folders are entered later. */
gh_code gh_fat_give(gh_fat_walk *w, gh_entry *e, gh_fat_chain chain) GH_MUST;
/* The same for a deleted name, whose clusters can only be guessed to stand in a row. */
gh_code gh_fat_give_deleted(gh_fat_walk *w, gh_entry *e, gh_fat_chain chain) GH_MUST;

/* Walks from the root, whose chain or place `f` has, and makes the volume. */
gh_code gh_fat_walk_all(gh_ctx *ctx, const gh_fat *f, gh_node *out,
			gh_code (*records)(gh_fat_walk *, gh_bytes, gh_bytes, uint64_t *)) GH_MUST;

/* UTF-16 as UTF-8, in ctx->arena. */
gh_code gh_fat_utf8(gh_ctx *ctx, const uint16_t *units, size_t n, gh_bytes *ret) GH_MUST;

/* Date and time as both keep them. */
int64_t gh_fat_time(uint16_t date, uint16_t time);

#endif
