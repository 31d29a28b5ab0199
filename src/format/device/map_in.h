/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/device/map_in - what the files of the flash map share. A wall.
 *
 *	flash      the handler: the map that fits, its partitions as parts
 *	map_read   maps as the dump tells them
 *	map_check  held against what lies there; overlaps; banks
 *	areas      what small partitions hold: calibration, addresses, environments
 *
 * Sources: mtdparts of a kernel command line or an environment (linux/drivers/mtd/parsers/cmdlinepart.c); the tree
 * of a device ("fixed-partitions", Documentation/devicetree/bindings/mtd/partitions); the FIS directory of RedBoot
 * (linux/drivers/mtd/parsers/redboot.c); TP-Link's partition table as text (openwrt/firmware-utils tplink-safeloader.c).
 */
#ifndef GH_FORMAT_DEVICE_MAP_IN_H
#define GH_FORMAT_DEVICE_MAP_IN_H

#include "format/room_in.h"

enum { GH_MAP_PARTS = 48, GH_MAP_NAME = 40 };

typedef struct gh_map_part {
	char     name[GH_MAP_NAME];
	uint64_t at, size;
	const char *holds; /* what begins there, by its first bytes; NULL: nothing that is known */
	bool     covers;   /* others lie inside: they are the parts, this one is told of */
} gh_map_part;

typedef struct gh_map {
	gh_bytes    bytes;
	uint64_t    pos;
	const char *source; /* in words */
	uint64_t    source_at;
	bool        inferred;
	gh_map_part parts[GH_MAP_PARTS];
	size_t      n, fits; /* fits: parts behind the first that begin with something known */
} gh_map;

/* Hands every map that can be read from the dump to `take`, in order of their places. */
typedef void gh_map_take(void *arg, const gh_map *map);
gh_code gh_map_read(gh_ctx *ctx, gh_bytes bytes, gh_map_take *take, void *arg) GH_MUST;

/* What begins with these bytes, in one word; NULL when nothing is known. */
const char *gh_map_smell(gh_bytes b);

/* Cuts what does not fit, orders, finds what covers others and what begins where. False: not a map of this dump. */
bool gh_map_check(gh_map *map);

/* A map for a dump that tells none: a boot loader in front, calibration at the end. False: not a dump like that. */
bool gh_map_infer(gh_map *map);

/* Which of two like banks is the active one, as far as an environment tells. */
gh_code gh_map_banks(gh_ctx *ctx, gh_node *out, const gh_map *map) GH_MUST;

/* areas.c: what a small partition holds, as facts of its node. */
gh_code gh_area_facts(gh_ctx *ctx, gh_node *part, gh_bytes bytes) GH_MUST;
bool    gh_area_is_calibration(gh_bytes bytes);
/* The value of a variable in an environment of U-Boot or an NVRAM below these bytes; empty: not there. */
gh_bytes gh_area_variable(gh_bytes bytes, const char *name);
/* An environment whose checksum is right: its variables as rows ended by NUL. */
bool    gh_area_environment(gh_bytes bytes, gh_bytes *ret);

#endif
