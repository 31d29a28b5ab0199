/* SPDX-License-Identifier: Apache-2.0 */
/* Programs packed as UPX packs them, by an encoder of our own: the packer itself is not among Debian's packages. */
#include "codec/sum.h"
#include "format/packed/upx_in.h"
#include "formats.h"

enum { FILE_SIZE = 6000, MOST = 32 << 10, HEADERS = 52 + 2 * 32 };

/* ---- the encoder: words of bits and bytes in one output, in the order the decoder asks for them */

static uint8_t packed[MOST];
static size_t n, word_at;
static unsigned left, width;

static void put_bit(unsigned bit)
{
	if (left == 0) {
		word_at = n;
		n += width / 8;
		left = width;
	}
	left--;
	packed[word_at + left / 8] = (uint8_t)(packed[word_at + left / 8] | bit << left % 8);
}

static void put_high(gh_nrv kind, uint32_t v, bool last)
{
	uint32_t before = v >> 1;
	if (before > 1 && kind != GH_NRV2B) {
		put_high(kind, (before >> 1) + 1, false);
		put_bit(before & 1);
	} else if (before > 1) {
		put_high(kind, before, false);
	}
	put_bit(v & 1);
	put_bit(last);
}

static void put_number(uint32_t v, bool last)
{
	if (v >> 1 > 1)
		put_number(v >> 1, false);
	put_bit(v & 1);
	put_bit(last);
}

/* `len` as the decoder has it before it adds one: at least 1. Returns what of it goes into the offset. */
static uint32_t low_of(gh_nrv kind, uint32_t len)
{
	return kind == GH_NRV2D ? (len <= 3 ? len >> 1 : 0) : kind == GH_NRV2E ? len <= 2 : 0;
}

static void put_length(gh_nrv kind, uint32_t len)
{
	if (kind == GH_NRV2B) {
		put_bit(len <= 3 ? len >> 1 : 0);
		put_bit(len <= 3 ? len & 1 : 0);
		if (len > 3)
			put_number(len - 2, true);
	} else if (kind == GH_NRV2D) {
		put_bit(len <= 3 ? len & 1 : 0);
		if (len > 3)
			put_number(len - 2, true);
	} else if (len <= 2) {
		put_bit(len - 1);
	} else if (len <= 4) {
		put_bit(1);
		put_bit(len - 3);
	} else {
		put_bit(0);
		put_number(len - 3, true);
	}
}

static void put_match(gh_nrv kind, uint32_t offset, uint32_t len, uint32_t *last)
{
	len -= offset > (kind == GH_NRV2B ? 0xd00U : 0x500U) ? 2 : 1;
	uint32_t low = low_of(kind, len), full = offset - 1;
	put_bit(0);
	if (offset == *last) {
		put_high(kind, 2, true);
		if (kind != GH_NRV2B)
			put_bit(low);
	} else {
		full = kind == GH_NRV2B ? full : full << 1 | (low ^ 1);
		put_high(kind, (full >> 8) + 3, true);
		packed[n++] = (uint8_t)full;
		*last = offset;
	}
	put_length(kind, len);
}

static gh_bytes encode(gh_nrv kind, unsigned bits, gh_bytes in)
{
	uint32_t last = 1;
	memset(packed, 0, sizeof packed);
	n = left = 0;
	width = bits;
	for (size_t at = 0; at < in.len;) {
		uint32_t best = 0, far = 0;
		for (uint32_t offset = 1; offset <= at; offset++) {
			uint32_t len = 0;
			while (at + len < in.len && in.ptr[at + len] == in.ptr[at + len - offset])
				len++;
			if (len > best) {
				best = len;
				far = offset;
			}
		}
		if (best >= 4) {
			put_match(kind, far, best, &last);
			at += best;
		} else {
			put_bit(1);
			packed[n++] = in.ptr[at++];
		}
	}
	put_bit(0);
	put_high(kind, 0x1000002, true);
	packed[n++] = 0xff;
	return gh_view(packed, n);
}

/* ---- the program */

static uint8_t program[FILE_SIZE], image[MOST];

static void put32(uint8_t *at, uint32_t v, bool big)
{
	for (unsigned i = 0; i < 4; i++)
		at[big ? 3 - i : i] = (uint8_t)(v >> (8 * i));
}

static void put16(uint8_t *at, uint32_t v, bool big)
{
	at[big] = (uint8_t)v;
	at[!big] = (uint8_t)(v >> 8);
}

static void elf(uint8_t *to, bool big, unsigned machine)
{
	memcpy(to,
	       "\x7f"
	       "ELF\1\0\1",
	       7);
	to[5] = big ? 2 : 1;
	put16(to + 16, 2, big);
	put16(to + 18, machine, big);
	put32(to + 28, 52, big);
	put16(to + 42, 32, big);
	put16(to + 44, 2, big);
}

/* Two segments, 0 to 4000 and 4096 to 5000, and something between and behind them. */
static void make_program(bool big)
{
	memset(program, 0, sizeof program);
	for (size_t i = HEADERS; i < FILE_SIZE; i++)
		program[i] = (uint8_t)(i % 900 < 450 ? i % 17 : i * 7 + i / 256);
	elf(program, big, 8);
	for (unsigned k = 0; k < 2; k++) {
		uint8_t *h = program + 52 + 32 * (size_t)k;
		put32(h, 1, big);
		put32(h + 4, k ? 4096 : 0, big);
		put32(h + 16, k ? 904 : 4000, big);
	}
}

static size_t block(size_t at, unsigned method, gh_nrv kind, unsigned bits, gh_bytes in, bool big)
{
	gh_bytes b = method ? encode(kind, bits, in) : in;
	assert_true(!method || b.len < in.len);
	put32(image + at, (uint32_t)in.len, big);
	put32(image + at + 4, (uint32_t)b.len, big);
	image[at + 8] = (uint8_t)method;
	memcpy(image + at + 12, b.ptr, b.len);
	return at + 12 + b.len;
}

static gh_bytes pack(unsigned method, bool big)
{
	static const unsigned widths[] = { 32, 8, 16 };
	gh_nrv kind = (gh_nrv)((method - 2) / 3);
	unsigned bits = widths[(method - 2) % 3];
	uint8_t rest[FILE_SIZE];
	make_program(big);
	memset(image, 0, sizeof image);
	elf(image, big, 8);
	memcpy(image + HEADERS + 4, "UPX!", 4);
	image[HEADERS + 10] = 13;
	image[HEADERS + 11] = big ? 137 : 30;
	put32(image + HEADERS + 16, FILE_SIZE, big);
	put32(image + HEADERS + 20, FILE_SIZE, big);
	size_t at = block(HEADERS + 24, 0, kind, bits, gh_view(program, HEADERS), big);
	at = block(at, method, kind, bits, gh_view(program + HEADERS, 4000 - HEADERS), big);
	at = block(at, method, kind, bits, gh_view(program + 4096, 904), big);
	memcpy(rest, program + 4000, 96);
	memcpy(rest + 96, program + 5000, 1000);
	at = block(at, method, kind, bits, gh_view(rest, 1096), big);
	gh_bytes order[] = { { program, 4000 }, { program + 4096, 904 }, { rest, 1096 } };
	uint32_t adler = 1;
	for (size_t i = 0; i < GH_COUNT(order); i++)
		adler = gh_adler32_more(adler, order[i]);
	memcpy(image + at + 100, "UPX!", 4); /* behind a stub */
	image[at + 106] = (uint8_t)method;
	put32(image + at + 108 + (big ? 8 : 0), adler, big);
	return gh_view(image, at + 136);
}

static void what_was_packed_comes_out(void **unused)
{
	static const char *const names[] = { "NRV2B", "NRV2D", "NRV2E" };
	(void)unused;
	for (unsigned method = 2; method <= 10; method++)
		for (unsigned big = 0; big < 2; big++) {
			gh_bytes b = pack(method, big);
			struct run r = run(&gh_format_upx, b, 0x100);
			const char *label = names[(method - 2) / 3];
			EQ(r.code, GH_OK, label);
			EQ(r.span.size, b.len, label);
			EQ(r.span.proof, GH_PROOF_SUM, label);
			SAME(r.node->decoded, gh_view(program, FILE_SIZE), label);
			SAME(fact(r.node, "method"), gh_view_text(label), label);
			EQ(r.node->sums->state, GH_SUM_RIGHT, label);
			TRUE(!r.node->notes, label);
			done(&r);
		}
}

static void what_is_broken_is_still_named(void **unused)
{
	(void)unused;
	gh_bytes b = pack(8, true);
	put32(image + HEADERS + 16, 0, true);
	struct run r = run(&gh_format_upx, b, 0);
	EQ(r.code, GH_OK, "sizes were taken away");
	TRUE(noted(r.node->notes, GH_CORRUPT) && !r.node->opens_space, "sizes were taken away");
	done(&r);
	b = pack(8, true);
	image[700] ^= 0x55;
	r = run(&gh_format_upx, b, 0);
	EQ(r.code, GH_OK, "damaged");
	TRUE(r.span.proof < GH_PROOF_SUM, "damaged");
	done(&r);
	b = pack(8, false);
	r = run(&gh_format_upx, gh_bytes_part(b, 0, b.len - 60), 0);
	EQ(r.code, GH_OK, "the header at the end is gone");
	TRUE(noted(r.node->notes, GH_OK), "the header at the end is gone");
	SAME(r.node->decoded, gh_view(program, FILE_SIZE), "and it comes out");
	done(&r);
	image[HEADERS + 24 + 12 + HEADERS + 8] = 200;
	r = run(&gh_format_upx, b, 0);
	TRUE(noted(r.node->notes, GH_UNSUPPORTED), "a method that is not known");
	done(&r);
	spoil(&gh_format_upx, pack(8, false), HEADERS + 80);
	spoil(&gh_format_upx, pack(2, false), 60);
}

/* Branches with link: their 24 bits were made absolute, in words. */
static void arm_branches_are_turned_back(void **unused)
{
	(void)unused;
	uint8_t body[64] = { 0 };
	(void)pack(8, false);
	make_program(false);
	for (size_t i = 0; i < sizeof body; i += 4)
		put32(body + i, 0xeb000000 + 100 + (uint32_t)i / 4, false);
	memset(image + HEADERS + 24, 0, sizeof image - HEADERS - 24);
	put32(image + HEADERS + 16, HEADERS + sizeof body, false);
	size_t at = block(HEADERS + 24, 0, GH_NRV2E, 32, gh_view(program, HEADERS), false), second = at;
	at = block(at, 0, GH_NRV2E, 32, gh_view(body, sizeof body), false);
	image[second + 9] = 0x50;
	struct run r = run(&gh_format_upx, gh_view(image, at), 0);
	EQ(r.code, GH_OK, "ARM");
	EQ(r.node->decoded.len, HEADERS + sizeof body, "ARM");
	for (size_t i = 0; i < sizeof body; i += 4)
		SAME(gh_bytes_part(r.node->decoded, HEADERS + i, 4), GH_LIT("\x64\x00\x00\xeb"), "ARM");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(what_is_broken_is_still_named),
		cmocka_unit_test(arm_branches_are_turned_back),
	};
	return cmocka_run_group_tests_name("format/upx", tests, NULL, NULL);
}
