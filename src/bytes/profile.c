/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/profile.h"

#include <math.h>

void gh_histogram_add(gh_histogram *h, gh_bytes b)
{
	uint64_t *count = h->count;
	uint32_t lane[4][256] = { { 0 } }; /* four, so that runs of one byte do not wait for memory */
	size_t i = 0;
	h->len += b.len;
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

gh_profile gh_profile_from(const gh_histogram *h)
{
	gh_profile p = { .look = GH_LOOK_EMPTY };
	uint64_t printable = 0, most = 0;
	double bits = 0;
	if (h->len == 0)
		return p;
	for (unsigned v = 0; v < 256; v++) {
		if (h->count[v] > most) {
			most = h->count[v];
			p.fill = (uint8_t)v;
		}
		printable += is_text((uint8_t)v) ? h->count[v] : 0;
		if (h->count[v] > 0) {
			double share = (double)h->count[v] / (double)h->len;
			bits -= share * log2(share);
		}
	}
	p.entropy_millibits = (uint16_t)lround(bits * 1000 < 0 ? 0 : bits * 1000);
	p.fill_permille = (uint32_t)(most * 1000 / h->len);
	/* A short run cannot reach 8 bits: compare with what its length allows. */
	double ceiling = h->len < 256 ? log2((double)h->len) : 8.0;
	if (most == h->len)
		p.look = p.fill == 0 ? GH_LOOK_ZERO : p.fill == 0xff ? GH_LOOK_ERASED : GH_LOOK_FILL;
	else if (printable * 100 >= h->len * 95)
		p.look = GH_LOOK_TEXT;
	else if (h->len >= 64 && bits >= ceiling * 0.96)
		p.look = GH_LOOK_DENSE;
	else if (bits >= 4.0 && bits < ceiling * 0.93)
		p.look = GH_LOOK_CODE;
	else
		p.look = GH_LOOK_MIXED;
	return p;
}

gh_profile gh_profile_of(gh_bytes b)
{
	gh_histogram h = { .len = 0 };
	gh_histogram_add(&h, b);
	return gh_profile_from(&h);
}

uint64_t gh_strip_step(uint64_t len)
{
	return GH_MAX((uint64_t)1, len / GH_STRIP_CELLS + (len % GH_STRIP_CELLS != 0));
}

gh_code gh_strip_over(gh_ctx *ctx, gh_bytes b, gh_bytes *ret)
{
	uint64_t step = gh_strip_step(b.len);
	uint8_t *cells = gh_arena_alloc(ctx->arena, GH_STRIP_CELLS);
	size_t n = 0;
	if (!cells)
		return gh_nomem(ctx);
	for (uint64_t at = 0; at < b.len; at += step) {
		gh_bytes cell = gh_bytes_part(b, at, step);
		unsigned entropy = gh_profile_of(cell).entropy_millibits * 32U / 1000;
		cells[n++] = (uint8_t)GH_MIN(entropy, 255U);
		gh_behind(ctx, cell.ptr, cell.len);
	}
	*ret = gh_view(cells, n);
	return GH_OK;
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
