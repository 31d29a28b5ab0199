/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/profile.h"

#include <math.h>

static void count_bytes(gh_bytes b, uint64_t count[256])
{
	uint32_t lane[4][256] = { { 0 } }; /* four, so that runs of one byte do not wait for memory */
	size_t i = 0;
	for (size_t stop = b.len; i < stop;) {
		size_t end = GH_MIN(stop, i + (1U << 30));
		for (; i + 4 <= end; i += 4) {
			lane[0][b.ptr[i]]++;
			lane[1][b.ptr[i + 1]]++;
			lane[2][b.ptr[i + 2]]++;
			lane[3][b.ptr[i + 3]]++;
		}
		for (; i < end; i++)
			lane[0][b.ptr[i]]++;
		for (size_t v = 0; v < 256; v++) {
			count[v] += (uint64_t)lane[0][v] + lane[1][v] + lane[2][v] + lane[3][v];
			lane[0][v] = lane[1][v] = lane[2][v] = lane[3][v] = 0;
		}
	}
}

static bool is_text(uint8_t v)
{
	return (v >= 0x20 && v < 0x7f) || v == '\t' || v == '\n' || v == '\r';
}

gh_profile gh_profile_of(gh_bytes b)
{
	gh_profile p = { .look = GH_LOOK_EMPTY };
	uint64_t count[256] = { 0 }, printable = 0, most = 0;
	double bits = 0;
	if (b.len == 0)
		return p;
	count_bytes(b, count);
	for (unsigned v = 0; v < 256; v++) {
		if (count[v] > most) {
			most = count[v];
			p.fill = (uint8_t)v;
		}
		printable += is_text((uint8_t)v) ? count[v] : 0;
		if (count[v] > 0) {
			double share = (double)count[v] / (double)b.len;
			bits -= share * log2(share);
		}
	}
	p.entropy_millibits = (uint16_t)lround(bits * 1000 < 0 ? 0 : bits * 1000);
	p.fill_permille = (uint32_t)(most * 1000 / b.len);
	/* A short run cannot reach 8 bits: compare with what its length allows. */
	double ceiling = b.len < 256 ? log2((double)b.len) : 8.0;
	if (most == b.len)
		p.look = p.fill == 0 ? GH_LOOK_ZERO : p.fill == 0xff ? GH_LOOK_ERASED : GH_LOOK_FILL;
	else if (printable * 100 >= (uint64_t)b.len * 95)
		p.look = GH_LOOK_TEXT;
	else if (b.len >= 64 && bits >= ceiling * 0.96)
		p.look = GH_LOOK_DENSE;
	else if (bits >= 4.0 && bits < ceiling * 0.93)
		p.look = GH_LOOK_CODE;
	else
		p.look = GH_LOOK_MIXED;
	return p;
}

const char *gh_look_name(gh_look look)
{
	static const char *const names[] = {
		[GH_LOOK_EMPTY] = "empty",
		[GH_LOOK_ZERO] = "padding 0x00",
		[GH_LOOK_ERASED] = "padding 0xff",
		[GH_LOOK_FILL] = "padding",
		[GH_LOOK_TEXT] = "text",
		[GH_LOOK_CODE] = "code or tables",
		[GH_LOOK_DENSE] = "compressed or encrypted",
		[GH_LOOK_MIXED] = "mixed",
	};
	return (size_t)look < GH_COUNT(names) ? names[look] : "unknown";
}
