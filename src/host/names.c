/* SPDX-License-Identifier: Apache-2.0 */
#include "host/names_in.h"

#include "bytes/cur.h"

enum { NAME_MOST = 255, PLAIN_MOST = 100, TAIL = 17 }; /* TAIL: "~" and 16 digits */

static bool is_control(uint8_t c)
{
	return c < 0x20 || c == 0x7f || c == '/';
}

static bool is_odd(uint8_t c)
{
	return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("._-+%", c)) ||
	       c == 0;
}

static char digit(unsigned n)
{
	return "0123456789abcdef"[n & 15];
}

/* Fowler, Noll and Vo's 1a: for telling cut names apart the same way on every run, not for safety. */
static uint64_t fnv(gh_bytes b)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ b.ptr[i]) * 0x100000001b3u;
	return h;
}

/* A copy with what `bad` names as %xx; where that is longer than `most`, its start and a hash of all. */
static gh_bytes escape(gh_arena *arena, gh_bytes part, bool (*bad)(uint8_t), bool all, size_t most)
{
	size_t at = 0, i = 0;
	char *text = gh_arena_alloc(arena, most + 4);
	if (!text)
		return (gh_bytes){ NULL, 0 };
	for (; i < part.len && at <= most; i++) {
		uint8_t c = part.ptr[i];
		if (all || bad(c)) {
			text[at++] = '%';
			text[at++] = digit(c >> 4);
			text[at++] = digit(c);
		} else {
			text[at++] = (char)c;
		}
	}
	if (at > most || i < part.len) {
		uint64_t h = fnv(part);
		at = most - TAIL;
		text[at++] = '~';
		for (int shift = 60; shift >= 0; shift -= 4)
			text[at++] = digit((unsigned)(h >> shift));
	}
	return gh_view(text, at);
}

gh_bytes gh_name_safe(gh_arena *arena, gh_bytes part, const char **ret_why)
{
	bool dots = part.len == 1 || part.len == 2, control = false;
	for (size_t i = 0; i < part.len; i++) {
		dots = dots && part.ptr[i] == '.';
		control = control || is_control(part.ptr[i]);
	}
	if (part.len == 0) {
		*ret_why = "the name is empty";
		return GH_LIT("%");
	}
	if (!dots && !control && part.len <= NAME_MOST)
		return part;
	*ret_why = dots      ? "the name is dots"
		   : control ? "bytes in the name that cannot stand there"
			     : "the name is too long";
	return escape(arena, part, is_control, dots, NAME_MOST);
}

gh_bytes gh_name_plain(gh_arena *arena, gh_bytes part)
{
	return escape(arena, part, is_odd, false, PLAIN_MOST);
}

static uint64_t turn(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = turn(v[1], 13) ^ v[0];
	v[3] = turn(v[3], 16) ^ v[2];
	v[0] = turn(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = turn(v[1], 17) ^ v[2];
	v[3] = turn(v[3], 21) ^ v[0];
	v[2] = turn(v[2], 32);
}

/* Aumasson and Bernstein, SipHash: one round a word, three at the end. The words are the folder, the
 * name and, in the last one, its length. */
uint64_t gh_name_hash(const uint64_t seed[2], uint64_t folder, gh_bytes name)
{
	uint64_t v[4] = { seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du, seed[0] ^ 0x6c7967656e657261u,
			  seed[1] ^ 0x7465646279746573u };
	gh_cur c = gh_cur_over(name, 0);
	uint64_t word = folder;
	for (bool last = false, end = false; !end;) {
		v[3] ^= word;
		mix(v);
		v[0] ^= word;
		end = last;
		last = c.left < 8;
		unsigned n = last ? (unsigned)c.left : 8;
		word = gh_uint_le(&c, n);
		if (last)
			word |= (uint64_t)name.len << 56;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
