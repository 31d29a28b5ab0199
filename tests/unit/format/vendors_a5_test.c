/* SPDX-License-Identifier: Apache-2.0 */
/* Edimax' headers, written here from their layouts; each once right and once with a byte changed. */
#include "vendors_a.h"

static void put16(size_t at, unsigned v, bool big)
{
	image[at + !big] = (uint8_t)(v >> 8);
	image[at + big] = (uint8_t)v;
}

static unsigned words(size_t from, size_t to, bool big)
{
	unsigned sum = 0;
	for (size_t i = from; i < to; i++)
		sum += big == ((i - from) % 2 == 0) ? image[i] * 256u : image[i];
	return sum;
}

/* ---- eDiMaX */

static gh_bytes edimax(void)
{
	uint8_t bytes = 0;
	start(0x5e + 500);
	text(0, "eDiMaX");
	text(0x10, "LABORATORY");
	be32(0x33, 500);
	text(0x3f, "0.00");
	text(0x4e, "linux");
	noise(0x5e, 500);
	for (size_t i = 0x5e; i < n; i++)
		bytes = (uint8_t)(bytes + image[i]);
	image[0x32] = bytes ^ 0xb9;
	bytes = 0;
	for (size_t i = 0; i < 0x5e; i++)
		bytes = (uint8_t)(bytes + image[i]);
	image[0x31] = bytes ^ 0xb9;
	return all();
}

static void edimax_image(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_edimax, edimax(), 0);
	EQ(r.code, GH_OK, "eDiMaX");
	EQ(r.span.size, n, "eDiMaX");
	SAME(fact(r.node, "model"), GH_LIT("LABORATORY"), "eDiMaX");
	SAME(fact(r.node, "version"), GH_LIT("0.00"), "eDiMaX");
	SAME(fact(r.node, "mtd"), GH_LIT("linux"), "eDiMaX");
	EQ(state_of(r.node, "header sum"), GH_SUM_RIGHT, "eDiMaX");
	EQ(state_of(r.node, "data sum"), GH_SUM_RIGHT, "eDiMaX");
	EQ(the(r.node, "data").size, 500, "eDiMaX");
	done(&r);
	image[0x40] ^= 1;
	r = run(&gh_format_edimax, all(), 0);
	EQ(state_of(r.node, "header sum"), GH_SUM_WRONG, "header changed");
	EQ(state_of(r.node, "data sum"), GH_SUM_RIGHT, "header changed");
	done(&r);
	r = run(&gh_format_edimax, gh_view(image, 300), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_edimax, edimax(), 0x5e);
}

/* ---- CSYS */

static gh_bytes csys_long(bool big, bool odd)
{
	void (*u32)(size_t, uint32_t) = big ? be32 : le32;
	const size_t payload = odd ? 501 : 500;
	start(20 + (odd ? 504 : 502));
	text(0, "CSYS");
	u32(4, 0xffffffff);
	u32(8, 0x70000);
	text(12, "LAB0");
	u32(16, (uint32_t)n - 20);
	noise(20, payload);
	put16(n - 2, 0u - words(20, 20 + 500, big), big);
	return all();
}

static gh_bytes csys_short(void)
{
	start(12 + 501 + 2);
	text(0, "CSYS");
	le32(4, 0x80500000);
	le32(8, 501);
	noise(12, 501);
	put16(n - 2, 0u - words(12, 12 + 501, false), false);
	return all();
}

static void csys(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 5; i++) {
		bool is_short = i == 4;
		struct run r = run(&gh_format_edimax_csys, is_short ? csys_short() : csys_long(i & 1, i & 2), 0x40);
		EQ(r.code, GH_OK, "CSYS");
		EQ(r.span.size, n, "CSYS");
		EQ(r.span.proof, GH_PROOF_SUM, "CSYS");
		SAME(fact(r.node, "model"), is_short ? gh_view(NULL, 0) : GH_LIT("LAB0"), "CSYS");
		EQ(state_of(r.node, "payload sum"), GH_SUM_RIGHT, "CSYS");
		EQ(the(r.node, "image").at, 0x40 + (is_short ? 12 : 20), "CSYS");
		done(&r);
		image[60] ^= 1;
		r = run(&gh_format_edimax_csys, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "payload sum"), GH_SUM_WRONG, "changed");
		done(&r);
		r = run(&gh_format_edimax_csys, gh_view(image, 400), 0);
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		done(&r);
		spoil(&gh_format_edimax_csys, is_short ? csys_short() : csys_long(i & 1, i & 2), 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edimax_image),
		cmocka_unit_test(csys),
	};
	return cmocka_run_group_tests_name("format/vendors_a5", tests, NULL, NULL);
}
