/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums and digests against the values their specifications print. */
#include "check.h"
#include "codec/sum.h"

static void numbers(void **state)
{
	(void)state;
	EQ(gh_crc32(GH_LIT("123456789")), 0xcbf43926, "CRC-32 check value");
	EQ(gh_crc32(GH_LIT("")), 0, "CRC-32 of nothing");
	EQ(gh_crc32_more(gh_crc32(GH_LIT("12345")), GH_LIT("6789")), 0xcbf43926, "CRC-32 in two runs");
	EQ(gh_crc32_more(gh_crc32(GH_LIT("123456789")), GH_LIT("")), 0xcbf43926, "CRC-32, and nothing more");
	EQ(gh_crc32c(GH_LIT("123456789")), 0xe3069283, "CRC-32C check value");
	EQ(gh_crc32c_more(gh_crc32c(GH_LIT("12345")), GH_LIT("6789")), 0xe3069283, "CRC-32C in two runs");
	const gh_bytes digits[] = { GH_LIT("1234"), GH_LIT(""), GH_LIT("56789") };
	EQ(gh_cksum(digits, 3), 930766865, "as cksum prints it");
	EQ(gh_cksum(digits, 0), 4294967295, "cksum of nothing");
	EQ(gh_adler32(GH_LIT("Wikipedia")), 0x11e60398, "Adler-32");
	EQ(gh_adler32(GH_LIT("")), 1, "Adler-32 of nothing");
	EQ(gh_adler32_more(gh_adler32(GH_LIT("Wiki")), GH_LIT("pedia")), 0x11e60398, "Adler-32 in two runs");
	EQ(gh_xxh32(GH_LIT(""), 0), 0x02cc5d05, "xxh32 of nothing");
	EQ(gh_xxh32(GH_LIT("abc"), 0), 0x32d153ff, "xxh32, short");
	EQ(gh_xxh32(GH_LIT("Nobody inspects the spammish repetition"), 0), 0xe2293b2f, "xxh32, all lanes");
}

static gh_bytes hex(const uint8_t *from, size_t n, char *to)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(to + 2 * i, 3, "%02x", from[i]);
	return gh_view_text(to);
}

static const struct {
	const char *label;
	gh_bytes runs[2];
	gh_bytes md5, sha1, sha256;
} digests[] = {
	{ "nothing",
	  { GH_INIT(""), { NULL, 0 } },
	  GH_INIT("d41d8cd98f00b204e9800998ecf8427e"),
	  GH_INIT("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
	  GH_INIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") },
	{ "abc (RFC 1321, FIPS 180)",
	  { GH_INIT("abc"), GH_INIT("") },
	  GH_INIT("900150983cd24fb0d6963f7d28e17f72"),
	  GH_INIT("a9993e364706816aba3e25717850c26c9cd0d89d"),
	  GH_INIT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") },
	{ "abc in two runs",
	  { GH_INIT("a"), GH_INIT("bc") },
	  GH_INIT("900150983cd24fb0d6963f7d28e17f72"),
	  GH_INIT("a9993e364706816aba3e25717850c26c9cd0d89d"),
	  GH_INIT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") },
};

static void digests_of_runs(void **state)
{
	uint8_t raw[32];
	char text[65];
	(void)state;
	for (size_t i = 0; i < GH_COUNT(digests); i++) {
		gh_md5(digests[i].runs, 2, raw);
		SAME(hex(raw, 16, text), digests[i].md5, digests[i].label);
		gh_sha1(digests[i].runs, 2, raw);
		SAME(hex(raw, 20, text), digests[i].sha1, digests[i].label);
		gh_sha256(digests[i].runs, 2, raw);
		SAME(hex(raw, 32, text), digests[i].sha256, digests[i].label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(digests_of_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
