/* SPDX-License-Identifier: Apache-2.0 */
/* Linksys' WRT400N and Arcadyan's BRN, written here from their layouts; each once right and once changed. */
#include "vendors_a.h"

static uint32_t filled(size_t from, size_t len, size_t place)
{
	static uint8_t b[0x300000];
	memset(b, 0xff, sizeof b);
	memcpy(b, image + from, len);
	return ~gh_crc32_more(UINT32_MAX, gh_view(b, place));
}

static gh_bytes wrt400n(void)
{
	start(60 + 300 + 400);
	memset(image + 44, 0xff, 16);
	text(4, "GMTKRT400N");
	be32(16, 300);
	be32(20, 1);
	be32(24, 400);
	be32(28, 1);
	be32(40, (uint32_t)n);
	noise(60, 700);
	be32(32, filled(60, 300, 0x100000));
	be32(36, filled(360, 400, 0x2fffc4));
	be32(0, crc(60, n));
	return all();
}

static void linksys_wrt400n(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_linksys_wrt400n, wrt400n(), 0);
	EQ(r.code, GH_OK, "WRT400N");
	EQ(r.span.size, n, "WRT400N");
	EQ(r.span.proof, GH_PROOF_SUM, "WRT400N");
	SAME(fact(r.node, "model"), GH_LIT("WRT400N"), "WRT400N");
	EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "WRT400N");
	EQ(state_of(r.node, "kernel sum"), GH_SUM_RIGHT, "WRT400N");
	EQ(state_of(r.node, "rootfs sum"), GH_SUM_RIGHT, "WRT400N");
	EQ(the(r.node, "kernel").size, 300, "WRT400N");
	EQ(the(r.node, "rootfs").at, 360, "WRT400N");
	done(&r);
	image[400] ^= 1;
	r = run(&gh_format_linksys_wrt400n, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
	EQ(state_of(r.node, "kernel sum"), GH_SUM_RIGHT, "changed");
	EQ(state_of(r.node, "rootfs sum"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_linksys_wrt400n, gh_view(image, 500), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	EQ(the(r.node, "rootfs").size, 140, "cut");
	done(&r);
	spoil(&gh_format_linksys_wrt400n, wrt400n(), 28);
}

static void brn_part(size_t at, uint32_t len, size_t with)
{
	memset(image + at, 0xff, with);
	noise(at, len);
	le32(at + with - 12, len);
	le32(at + with - 8, 0x12345678);
	le32(at + with - 4, crc(at, at + len));
}

static gh_bytes brn(void)
{
	start(2048 + 1024 + 10);
	brn_part(0, 1500, 2048);
	brn_part(2048, 1012, 1024);
	text(3072, "BRNLAB000");
	return all();
}

static void arcadyan(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_brn, brn(), 0x100);
	EQ(r.code, GH_OK, "BRN");
	EQ(r.span.size, n, "BRN");
	EQ(r.span.proof, GH_PROOF_SUM, "BRN");
	SAME(fact(r.node, "board"), GH_LIT("BRNLAB000"), "BRN");
	SAME(fact(r.node, "magic"), GH_LIT("0x12345678"), "BRN");
	EQ(state_of(r.node, "CRC of kernel"), GH_SUM_RIGHT, "BRN");
	EQ(state_of(r.node, "CRC of part-1"), GH_SUM_RIGHT, "BRN");
	EQ(the(r.node, "kernel").size, 1500, "BRN");
	EQ(the(r.node, "part-1").at, 0x100 + 2048, "BRN");
	done(&r);
	image[5] ^= 1;
	r = run(&gh_format_brn, all(), 0);
	EQ(r.span.proof, GH_PROOF_PARSED, "changed");
	EQ(state_of(r.node, "CRC of kernel"), GH_SUM_WRONG, "changed");
	EQ(state_of(r.node, "CRC of part-1"), GH_SUM_RIGHT, "changed");
	done(&r);
	(void)brn();
	le32(2048 - 12, 900); /* a length that leaves bytes before the first part */
	r = run(&gh_format_brn, all(), 0);
	EQ(r.code, GH_NOT_MINE, "parts that do not fill the image");
	done(&r);
	(void)brn();
	for (unsigned i = 0; i < 8; i++) {
		static const uint32_t lengths[] = { 0, 1, 1011, 1013, 0x7fffffff, 0x80000000, 0xffffffff, 3061 };
		le32(3072 - 12, lengths[i]);
		r = run(&gh_format_brn, all(), 0);
		TRUE(r.code != GH_OK || lengths[i] == 1 || lengths[i] == 1011, "other lengths");
		done(&r);
	}
	spoil(&gh_format_brn, brn(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linksys_wrt400n),
		cmocka_unit_test(arcadyan),
	};
	return cmocka_run_group_tests_name("format/vendors_a8", tests, NULL, NULL);
}
