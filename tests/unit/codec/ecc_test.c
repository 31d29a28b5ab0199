/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of flash: every single flipped bit is turned back, more are said to be lost. */
#include "codec/ecc.h"

#include "check.h"

static void fill(uint8_t *data, size_t len)
{
	uint32_t state = 12345;
	for (size_t i = 0; i < len; i++) {
		state = state * 1103515245 + 12345;
		data[i] = (uint8_t)(state >> 16);
	}
}

/* Line parity by its definition: bit 2k is over the bytes whose index has bit k clear, 2k+1 set. */
static void slow_code(const uint8_t *data, size_t len, uint8_t ret[3])
{
	uint32_t line = 0, column = 0;
	for (size_t i = 0; i < len; i++)
		for (unsigned b = 0; b < 8; b++) {
			uint32_t bit = data[i] >> b & 1;
			for (unsigned k = 0; k < (len == 512 ? 9U : 8U); k++)
				line ^= bit << (2 * k + (i >> k & 1));
			for (unsigned k = 0; k < 3; k++)
				column ^= bit << (2 * k + (b >> k & 1));
		}
	ret[0] = (uint8_t) ~(line >> 8);
	ret[1] = (uint8_t)~line;
	ret[2] = (uint8_t) ~(column << 2 | line >> 16);
}

static void hamming_is_what_it_says(void **unused)
{
	static const size_t lengths[] = { 256, 512 };
	uint8_t data[512], code[3], want[3];
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(lengths); i++) {
		memset(data, 0xff, sizeof data);
		gh_hamming(gh_view(data, lengths[i]), code);
		SAME(gh_view(code, 3), GH_LIT("\xff\xff\xff"), "erased bytes have an erased code");
		fill(data, sizeof data);
		gh_hamming(gh_view(data, lengths[i]), code);
		slow_code(data, lengths[i], want);
		SAME(gh_view(code, 3), gh_view(want, 3), "by definition");
	}
}

static void every_flipped_bit_is_turned_back(void **unused)
{
	static const size_t lengths[] = { 256, 512 };
	uint8_t good[512], bad[512], code[3], other[3];
	(void)unused;
	fill(good, sizeof good);
	for (size_t i = 0; i < GH_COUNT(lengths); i++) {
		gh_bytes all = gh_view(good, lengths[i]);
		gh_hamming(all, code);
		for (size_t bit = 0; bit < lengths[i] * 8; bit++) {
			unsigned mended = 0;
			memcpy(bad, good, sizeof bad);
			bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
			gh_hamming(gh_view(bad, lengths[i]), other);
			EQ(gh_hamming_mend(bad, lengths[i], code, other, &mended), GH_ECC_MENDED, "one bit");
			EQ(mended, 1, "one bit");
			SAME(gh_view(bad, lengths[i]), all, "one bit");
		}
		for (unsigned bit = 0; bit < 24; bit++) {
			unsigned mended = 0;
			memcpy(other, code, sizeof other);
			other[bit / 8] ^= (uint8_t)(1U << bit % 8);
			memcpy(bad, good, sizeof bad);
			EQ(gh_hamming_mend(bad, lengths[i], other, code, &mended), GH_ECC_RIGHT, "a bit of the code");
			SAME(gh_view(bad, lengths[i]), all, "a bit of the code");
		}
	}
}

static void two_flipped_bits_are_lost(void **unused)
{
	uint8_t good[256], bad[256], code[3], other[3];
	(void)unused;
	fill(good, sizeof good);
	gh_hamming(gh_view(good, sizeof good), code);
	for (size_t bit = 1; bit < 2048; bit++) {
		unsigned mended = 0;
		memcpy(bad, good, sizeof bad);
		bad[0] ^= 1;
		bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
		gh_hamming(gh_view(bad, sizeof bad), other);
		EQ(gh_hamming_mend(bad, sizeof bad, code, other, &mended), GH_ECC_LOST, "two bits");
		EQ(mended, 0, "two bits");
	}
}

/* By definition: as a polynomial, data and code together are zero at the first 2t powers of the field's generator. */
static void bch_is_what_it_says(void **unused)
{
	gh_arena *a = gh_arena_new(GH_MIB(4));
	uint8_t data[512 + 16];
	(void)unused;
	for (unsigned t = 4; t <= 8; t += 4) {
		const gh_bch *bch = gh_bch_new(a, t);
		assert_non_null(bch);
		fill(data, 512);
		memset(data + 512, 0, 16);
		gh_bch_code(bch, gh_view(data, 512), false, data + 512);
		uint32_t power = 1;
		for (unsigned j = 1; j <= 2 * t; j++) {
			uint32_t sum = 0;
			power <<= 1;
			power ^= power >> 13 ? 0x201b : 0;
			for (unsigned bit = 0; bit < 4096 + 13 * t; bit++) {
				uint32_t product = 0;
				for (unsigned k = 0; k < 13; k++) {
					product <<= 1;
					product ^= product >> 13 ? 0x201b : 0;
					product ^= power >> (12 - k) & 1 ? sum : 0;
				}
				sum = product ^ (data[bit / 8] >> (7 - bit % 8) & 1);
			}
			EQ(sum, 0, "a root");
		}
	}
	gh_arena_free(a);
}

static void bch_mends_t_bits_and_tells_of_more(void **unused)
{
	gh_arena *a = gh_arena_new(GH_MIB(4));
	uint8_t good[512], bad[512], code[16], other[16];
	uint32_t state = 77;
	const gh_bch *bch[2] = { gh_bch_new(a, 4), gh_bch_new(a, 8) };
	(void)unused;
	assert_true(bch[0] && bch[1]);
	fill(good, sizeof good);
	for (unsigned round = 0; round < 400; round++) {
		unsigned t = round & 1 ? 8 : 4, flips = round / 4 % (t + 1), mended = 0;
		bool low_first = round & 2;
		gh_bch_code(bch[t / 8], gh_view(good, 512), low_first, code);
		memcpy(bad, good, sizeof bad);
		for (unsigned i = 0; i < flips; i++) {
			state = state * 1103515245 + 12345;
			unsigned bit = (state >> 8) % 512 + i * 500; /* no two alike */
			bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
		gh_bch_code(bch[t / 8], gh_view(bad, 512), low_first, other);
		EQ(gh_bch_mend(bch[t / 8], bad, low_first, code, other, &mended), flips ? GH_ECC_MENDED : GH_ECC_RIGHT,
		   "within reach");
		EQ(mended, flips, "within reach");
		SAME(gh_view(bad, 512), gh_view(good, 512), "within reach");
		code[0] ^= 0x40;
		gh_bch_code(bch[t / 8], gh_view(good, 512), low_first, other);
		EQ(gh_bch_mend(bch[t / 8], bad, low_first, code, other, &mended), GH_ECC_RIGHT, "a bit of the code");
	}
	const gh_bch *four = gh_bch_new(a, 4);
	gh_bch_code(four, gh_view(good, 512), false, code);
	memcpy(bad, good, sizeof bad);
	for (unsigned i = 0; i < 6; i++)
		bad[i * 70] ^= 0x10;
	unsigned mended = 0;
	gh_bch_code(four, gh_view(bad, 512), false, other);
	EQ(gh_bch_mend(four, bad, false, code, other, &mended), GH_ECC_LOST, "six bits of four");
	gh_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hamming_is_what_it_says),
		cmocka_unit_test(every_flipped_bit_is_turned_back),
		cmocka_unit_test(two_flipped_bits_are_lost),
		cmocka_unit_test(bch_is_what_it_says),
		cmocka_unit_test(bch_mends_t_bits_and_tells_of_more),
	};
	return cmocka_run_group_tests_name("codec/ecc", tests, NULL, NULL);
}
