/* SPDX-License-Identifier: Apache-2.0 */
/* Motorola, Gemtek and Luxul, written here from their layouts; each once right and once changed. */
#include "vendors_a.h"

static gh_bytes motorola(size_t behind)
{
	start(8 + 300 + behind);
	memcpy(image + 4, "\x10\x57\x70\xff", 4);
	noise(8, n - 8);
	text(8, "HDR0");
	le32(12, 300);
	be32(0, ~crc(4, n));
	return all();
}

static void motorola_image(void **unused)
{
	(void)unused;
	for (size_t behind = 0; behind < 20; behind += 10) {
		struct run r = run(&gh_format_motorola, motorola(behind), 0);
		EQ(r.code, GH_OK, "Motorola");
		EQ(r.span.size, n, "Motorola");
		EQ(r.span.proof, GH_PROOF_SUM, "Motorola");
		SAME(fact(r.node, "board"), GH_LIT("0x105770ff"), "Motorola");
		EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "Motorola");
		EQ(the(r.node, "image").size, n - 8, "Motorola");
		done(&r);
	}
	image[100] ^= 1;
	struct run r = run(&gh_format_motorola, all(), 0);
	EQ(r.span.size, 8 + 300, "changed");
	EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	image[7] = 0x50;
	r = run(&gh_format_motorola, gh_view(image, 200), 0);
	SAME(fact(r.node, "model"), GH_LIT("WR850G"), "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_motorola, motorola(0), 16);
}

static gh_bytes gemtek(void)
{
	start(0x20 + 300);
	text(0, "GMTK0000");
	le32(8, 0xffffffff);
	le32(0xc, (uint32_t)n);
	text(0x18, "00");
	text(0x1c, "XX");
	noise(0x20, 300);
	le32(0x10, crc(0, n));
	return all();
}

static void gemtek_image(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_gemtek, gemtek(), 0);
	EQ(r.code, GH_OK, "Gemtek");
	EQ(r.span.size, n, "Gemtek");
	EQ(r.span.proof, GH_PROOF_SUM, "Gemtek");
	SAME(fact(r.node, "version"), GH_LIT("0000"), "Gemtek");
	SAME(fact(r.node, "build"), GH_LIT("00"), "Gemtek");
	EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "Gemtek");
	EQ(state_of(r.node, "short CRC"), GH_SUM_ABSENT, "Gemtek");
	EQ(the(r.node, "image").size, 300, "Gemtek");
	done(&r);
	image[0x15] = 7;
	r = run(&gh_format_gemtek, all(), 0);
	EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "the short one counts as zero");
	EQ(state_of(r.node, "short CRC"), GH_SUM_UNVERIFIABLE, "the short one counts as zero");
	done(&r);
	image[0x50] ^= 1;
	r = run(&gh_format_gemtek, all(), 0);
	EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_gemtek, gh_view(image, 200), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_gemtek, gemtek(), 0x20);
}

static gh_bytes luxul(unsigned layout)
{
	start(0x24 + 100);
	text(0, "LXL#");
	le32(4, layout);
	le32(8, layout == 0 ? 0xc : layout == 1 ? 0x20 : 0x24);
	text(0x10, "LABORATORY");
	memcpy(image + 0x20, "\0\1\2\3", 4);
	return all();
}

static void luxul_header(void **unused)
{
	(void)unused;
	for (unsigned layout = 0; layout < 3; layout++) {
		struct run r = run(&gh_format_luxul, luxul(layout), 0);
		EQ(r.code, GH_OK, "Luxul");
		EQ(r.span.size, layout == 0 ? 0xc : layout == 1 ? 0x20 : 0x24, "Luxul");
		SAME(fact(r.node, "board"), layout ? GH_LIT("LABORATORY") : gh_view(NULL, 0), "Luxul");
		SAME(fact(r.node, "version"), layout == 2 ? GH_LIT("0.1.2.3") : gh_view(NULL, 0), "Luxul");
		done(&r);
		spoil(&gh_format_luxul, luxul(layout), 0x24);
	}
	le32(8, 0x10);
	struct run r = run(&gh_format_luxul, all(), 0);
	EQ(r.code, GH_NOT_MINE, "shorter than its layout");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(motorola_image),
		cmocka_unit_test(gemtek_image),
		cmocka_unit_test(luxul_header),
	};
	return cmocka_run_group_tests_name("format/vendors_a7", tests, NULL, NULL);
}
