/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes without meaning that look like something: noise, prose, code. Same seed, same bytes. */
#include "lab.h"

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled") */
uint64_t lab_random(uint64_t *state)
{
	uint64_t x = *state ? *state : 0x9e3779b97f4a7c15;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1d;
}

void lab_prose(lab_out *out, uint64_t n, uint64_t seed)
{
	static const char *const words[] = {
		"laboratory", "router", "bridge",   "lan",     "wan",     "port",  "table",  "driver",
		"queue",      "frame",  "the",      "of",      "is",      "not",   "set",    "registered",
		"failed",     "buffer", "memory",   "clock",   "timer",   "flash", "sector", "initialised",
		"version",    "unit",   "wireless", "channel", "address", "route", "packet", "filter",
	};
	uint64_t state = seed;
	size_t end = out->len + (size_t)n;
	for (unsigned column = 0; out->len < end; column++) {
		uint64_t r = lab_random(&state) >> 32;
		lab_add(out, gh_view_text(words[r % GH_COUNT(words)]));
		if (r >> 8 & 1 && column % 9 == 8) {
			char number[16];
			(void)snprintf(number, sizeof(number), " %u", (unsigned)(r >> 12 & 0xfff));
			lab_add(out, gh_view_text(number));
		}
		lab_fill(out, column % 9 == 8 ? '\n' : ' ', 1);
	}
	out->len = end;
}

/* Words with the look of MIPS instructions: register moves and loads that are never reached. */
void lab_code(lab_out *out, uint64_t n, uint64_t seed, lab_order order)
{
	static const uint32_t shapes[] = { 0x00000021, 0x24000000, 0x8c000000, 0xac000000,
					   0x3c000000, 0x00000025, 0x30000000 };
	uint64_t state = seed;
	size_t end = out->len + (size_t)n;
	while (out->len < end) {
		uint64_t r = lab_random(&state) >> 24;
		uint32_t word = shapes[r % GH_COUNT(shapes)];
		word |= (uint32_t)(r >> 4 & 0x1f) << 21 | (uint32_t)(r >> 9 & 0x0f) << 16;
		word |= (uint32_t)((word >> 26) ? (r >> 14 & 0xff) << 2 : (r >> 14 & 0x1f) << 11);
		lab_put(out, order, word, 4);
	}
	out->len = end;
}
