/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/boot/boot_in - what the handlers of this folder share. A wall: nobody else includes it.
 *
 * The one rule: a place on flash is said in one form, whoever tells of it (device tree, command line, boot
 * loader's table), so that a reader of facts needs to know one form only:
 *
 *	partition   u-boot 0x0 0x30000 read-only
 */
#ifndef GH_FORMAT_BOOT_BOOT_IN_H
#define GH_FORMAT_BOOT_BOOT_IN_H

#include "format/room_in.h"

gh_code gh_fact_partition(gh_ctx *ctx, gh_node *out, gh_bytes name, uint64_t at, uint64_t size,
			  bool read_only) GH_MUST;

/* Bytes that may be printed as they are, for names that a header gives to a part; `ret` has room for 32. */
void gh_part_name(gh_bytes stored, const char *otherwise, char ret[32]);

#endif
