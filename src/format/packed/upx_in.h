/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/packed/upx_in - what UPX makes of an ELF program (upx: src/stub/src/include/linux.h, src/packhead.cpp). A
 *wall.
 *
 *	ELF header, program headers | l_info 12 | p_info 12 | b_info 12, data | b_info, data | … | stub | pack header 36
 *
 *	l_info   checksum 4, "UPX!", size of the stub 2, version 1, format 1
 *	p_info   program 4, size of the file 4, size of a block 4
 *	b_info   bytes that come out 4, bytes here 4, method 1, filter 1, its parameter 1, 0
 *	header   "UPX!", version 1, format 1, method 1, level 1, Adler-32 of what comes out 4, of what is packed 4, …
 *
 * Numbers are in the order of the program. The first block is the ELF and program headers, then come the segments, then
 * what lies between them.
 *
 *	upx        the handler
 *	upx_nrv    the methods NRV2B, NRV2D and NRV2E
 */
#ifndef GH_FORMAT_PACKED_UPX_IN_H
#define GH_FORMAT_PACKED_UPX_IN_H

#include "format/room_in.h"

typedef enum gh_nrv { GH_NRV2B, GH_NRV2D, GH_NRV2E } gh_nrv;

/* Decodes to exactly `size` bytes; `bits`: of the words that bits are taken from, 8, 16 or 32. */
gh_code gh_nrv_decode(gh_ctx *ctx, gh_nrv kind, unsigned bits, gh_bytes in, uint64_t pos, uint8_t *to,
		      size_t size) GH_MUST;

#endif
