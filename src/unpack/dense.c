/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why dense bytes are taken to be compressed or encrypted: what their statistics say, in words.
 *
 * Repeated blocks at multiples of 8 or 16 bytes: neither a good cipher nor a compressor leaves any; a block cipher in
 * ECB mode leaves one for each that its plain text had. Bytes spread as evenly as chance would: ciphers do that always,
 * compressors nearly never over much data.
 */
#include "unpack/unpack_in.h"

#include <stdlib.h>

enum {
	LEAST = 4 << 10,
	EVEN_LEAST = 64 << 10,
	MOST = 1 << 20, /* looked at, from the start */
	REPEATS_LEAST = 4,
	EVEN = 330, /* chi-square over 255 degrees of freedom: chance gives 255, more than this once in 1000 */
};

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static uint64_t mix(const uint8_t *p, size_t n)
{
	uint64_t h = 0x9e3779b97f4a7c15U;
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word;
		memcpy(&word, p + i, sizeof word);
		h = (h ^ word) * 0xff51afd7ed558ccdU;
		h ^= h >> 32;
	}
	return h;
}

static bool is_fill(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (p[i] != p[0])
			return false;
	return true;
}

/* How many aligned blocks were there before. */
static size_t repeats(gh_bytes b, size_t block, uint64_t *hashes)
{
	size_t n = 0, again = 0;
	for (size_t at = 0; at + block <= b.len; at += block)
		if (!is_fill(b.ptr + at, block))
			hashes[n++] = mix(b.ptr + at, block);
	if (n == 0)
		return 0;
	qsort(hashes, n, sizeof *hashes, by_value);
	for (size_t i = 1; i < n; i++)
		again += hashes[i] == hashes[i - 1];
	return again;
}

static uint64_t chi_square(gh_bytes b)
{
	gh_histogram h = { .len = 0 };
	uint64_t squares = 0;
	gh_histogram_add(&h, b);
	for (unsigned v = 0; v < 256; v++)
		squares += h.count[v] * h.count[v];
	return squares * 256 / b.len - b.len;
}

gh_code gh_dense_reasons(gh_ctx *ctx, gh_node *gap, gh_bytes b)
{
	b = gh_bytes_part(b, 0, MOST);
	if (b.len < LEAST)
		return GH_OK;
	uint64_t *hashes = gh_arena_array(ctx->scratch, b.len / 8, sizeof *hashes);
	if (!hashes)
		return gh_nomem(ctx);
	for (size_t block = 16; block >= 8; block -= 8) {
		size_t again = repeats(b, block, hashes);
		if (again >= REPEATS_LEAST)
			return gh_node_note(
				ctx, gap, GH_OK, gap->at,
				"%zu of %zu blocks of %zu bytes repeat others: so does a block cipher in ECB mode",
				again, b.len / block, block);
	}
	uint64_t chi = chi_square(b);
	if (b.len < EVEN_LEAST)
		return GH_OK;
	if (chi <= EVEN)
		return gh_node_note(
			ctx, gap, GH_OK, gap->at,
			"bytes are spread as evenly as chance would (chi-square %llu): encrypted, or compressed "
			"very well",
			(unsigned long long)chi);
	return gh_node_note(
		ctx, gap, GH_OK, gap->at,
		"bytes are not spread evenly (chi-square %llu): compressed in a way that is not known, rather "
		"than encrypted",
		(unsigned long long)chi);
}
