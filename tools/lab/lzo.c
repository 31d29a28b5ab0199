/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small LZO1X encoder, after the stream format that Documentation/staging/lzo.rst of Linux
 * describes. It only uses the 3-byte matches (length from 3, distance to 16384):
 *
 *	first byte 18…255	up to 238 literals at the start
 *	0000LLLL		4…18 literals (L = n - 3), longer: 0, then zero bytes of 255 each, then the rest
 *	001LLLLL DDDDDDSS DDDDDDDD	match of L + 2, longer as above; S literals (0 to 3) follow
 *	11 00 00		the end
 */
#include "lab.h"

enum { HASHES = 4096, FAR = 0x4000, SHORTEST = 4 };

static void extended(lab_out *out, size_t n, size_t most, uint8_t token)
{
	if (n <= most) {
		lab_fill(out, (uint8_t)(token | n), 1);
		return;
	}
	lab_fill(out, token, 1);
	for (n -= most; n > 255; n -= 255)
		lab_fill(out, 0, 1);
	lab_fill(out, (uint8_t)n, 1);
}

static void literals(lab_out *out, gh_bytes run, size_t last_match)
{
	if (!run.len)
		return;
	if (out->len == 0 && run.len <= 238)
		lab_fill(out, (uint8_t)(run.len + 17), 1);
	else if (last_match && run.len <= 3)
		out->ptr[last_match] |= (uint8_t)run.len;
	else
		extended(out, run.len - 3, 15, 0);
	lab_add(out, run);
}

static size_t match(lab_out *out, size_t len, size_t distance)
{
	extended(out, len - 2, 31, 0x20);
	lab_put(out, LAB_LITTLE, (distance - 1) << 2, 2);
	return out->len - 2;
}

gh_bytes lab_lzo1x(gh_arena *arena, gh_bytes in)
{
	lab_out out = lab_out_in(arena);
	size_t *seen = lab_alloc(arena, HASHES * sizeof(*seen)); /* position + 1 */
	size_t run = 0, last_match = 0;
	for (size_t i = 0; i + SHORTEST <= in.len;) {
		uint32_t word = (uint32_t)in.ptr[i] | (uint32_t)in.ptr[i + 1] << 8 | (uint32_t)in.ptr[i + 2] << 16 |
				(uint32_t)in.ptr[i + 3] << 24;
		size_t *slot = &seen[(word * 2654435761U) >> 20], before = *slot, len = 0;
		*slot = i + 1;
		if (before && i + 1 - before <= FAR) {
			while (i + len < in.len && in.ptr[before - 1 + len] == in.ptr[i + len])
				len++;
		}
		/* a first run of fewer than four literals has a form of its own meaning; start with more */
		if (len < SHORTEST || (out.len == 0 && i < SHORTEST)) {
			i++;
			continue;
		}
		literals(&out, gh_view(in.ptr + run, i - run), last_match);
		last_match = match(&out, len, i + 1 - before);
		i += len;
		run = i;
	}
	literals(&out, gh_view(in.ptr + run, in.len - run), last_match);
	lab_put(&out, LAB_LITTLE, 0x11, 3);
	return lab_view(&out);
}
