/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/boot/uboot_env_in - the environment of U-Boot (include/env_internal.h). A wall.
 *
 *	0        4        (5)
 *	+--------+------+--------------+---+-- … --+---+---+---------- … --+
 *	| CRC-32 | flag | name=value   | 0 |       | 0 | 0 | padding       |
 *	+--------+------+--------------+---+-- … --+---+---+---------- … --+
 *
 * The CRC is in the order of the processor and covers all behind it (and behind the flag), padding too. The flag is
 * there where two environments take turns: 1 for the one in use and 0 for the other on NOR flash, a counter elsewhere.
 * Nothing says how large it is: the size is that at which the CRC holds.
 */
#ifndef GH_FORMAT_BOOT_UBOOT_ENV_IN_H
#define GH_FORMAT_BOOT_UBOOT_ENV_IN_H

#include "format/room_in.h"

typedef struct gh_uboot_env {
	gh_bytes rows;      /* name=value, each ended by NUL */
	uint64_t size;      /* at which the CRC holds */
	uint64_t looked_at; /* bytes, also where none was found: to be paid for */
	uint32_t crc;
	bool big, flagged;
	uint8_t flag;
	unsigned n;
} gh_uboot_env;

/* True when the CRC holds. */
bool gh_uboot_env_find(gh_bytes b, gh_uboot_env *ret);

/* How many bytes of a variable may be shown though it belongs to one device; SIZE_MAX: it is no secret. */
size_t gh_variable_open(gh_bytes name);

/* Rows as facts "variable", those of one device masked. */
gh_code gh_variables(gh_ctx *ctx, gh_node *out, gh_bytes rows, uint64_t at) GH_MUST;

#endif
