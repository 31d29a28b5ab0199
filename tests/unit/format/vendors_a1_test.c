/* SPDX-License-Identifier: Apache-2.0 */
/* Huawei's containers and TrendChip's, written here from their layouts; each once right and once with a byte changed.
 */
#include "vendors_a.h"

/* ---- HWNP */

static void item(uint32_t i, const char *target, const char *section, const char *version, uint32_t at, uint32_t size)
{
	size_t p = 0x24 + 32 + (size_t)i * 360;
	le32(p, i);
	le32(p + 4, crc(at, at + size));
	le32(p + 8, at);
	le32(p + 12, size);
	text(p + 16, target);
	text(p + 272, section);
	text(p + 288, version);
}

static gh_bytes hwnp(void)
{
	const size_t head = 0x24 + 32 + 2 * 360;
	start(head + 700);
	noise(head, 700);
	text(0, "HWNP");
	be32(4, (uint32_t)n - 0x4c);
	le32(0xc, (uint32_t)head);
	le32(0x14, 2);
	image[0x1a] = 32;
	le32(0x1c, 360);
	text(0x24, "000|LAB|;LABORATORY|");
	item(0, "flash:kernel", "KERNEL", "", (uint32_t)head, 300);
	item(1, "flash:rootfs", "ROOTFS", "V000R000C00", (uint32_t)head + 300, 400);
	le32(0x10, crc(0x14, head));
	le32(8, crc(0xc, n));
	return all();
}

static void huawei_hwnp(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_huawei_hwnp, hwnp(), 0x1000);
	EQ(r.code, GH_OK, "hwnp");
	EQ(r.span.size, n, "hwnp");
	EQ(r.span.proof, GH_PROOF_SUM, "hwnp");
	SAME(fact(r.node, "vendor"), GH_LIT("Huawei"), "hwnp");
	SAME(fact(r.node, "board"), GH_LIT("000|LAB|;LABORATORY|"), "hwnp");
	SAME(fact(r.node, "version"), GH_LIT("V000R000C00"), "hwnp");
	SAME(fact(r.node, "item"), GH_LIT("flash:kernel KERNEL - policy 0"), "hwnp");
	EQ(state_of(r.node, "header CRC"), GH_SUM_RIGHT, "hwnp");
	EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "hwnp");
	EQ(state_of(r.node, "CRC of flash:rootfs"), GH_SUM_RIGHT, "hwnp");
	EQ(the(r.node, "flash:kernel").size, 300, "hwnp");
	EQ(the(r.node, "flash:rootfs").size, 400, "hwnp");
	done(&r);
	(void)hwnp();
	image[n - 1] ^= 1;
	r = run(&gh_format_huawei_hwnp, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "header CRC"), GH_SUM_RIGHT, "changed");
	EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
	EQ(state_of(r.node, "CRC of flash:kernel"), GH_SUM_RIGHT, "changed");
	EQ(state_of(r.node, "CRC of flash:rootfs"), GH_SUM_WRONG, "changed");
	done(&r);
	(void)hwnp();
	le32(0x24 + 32 + 360 + 8, 0x24 + 32 + 2 * 360 + 100); /* the second item begins inside the first */
	r = run(&gh_format_huawei_hwnp, all(), 0);
	TRUE(noted(r.node->notes, GH_CORRUPT) && !part(r.node, "flash:rootfs"), "overlapping items");
	done(&r);
	(void)hwnp();
	r = run(&gh_format_huawei_hwnp, gh_view(image, n - 50), 0);
	EQ(r.span.size, n - 50, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	EQ(the(r.node, "flash:rootfs").size, 350, "cut");
	done(&r);
	spoil(&gh_format_huawei_hwnp, hwnp(), 0x24 + 32 + 2 * 360);
}

/* ---- TrendChip */

static void trend_at(size_t at, uint32_t kernel, uint32_t rootfs)
{
	uint32_t length = 0x100 + kernel + rootfs;
	text(at, "2RDH");
	be32(at + 4, 0x100);
	be32(at + 8, length);
	text(at + 0x10, "0.0.0\n");
	be32(at + 0x50, kernel);
	be32(at + 0x54, rootfs);
	text(at + 0x5c, "laboratory");
	noise(at + 0x100, kernel + rootfs);
	be32(at + 0xc, ~crc(at + 0x100, at + length));
}

static gh_bytes zyxel(bool newer, bool big)
{
	const size_t head = newer ? 0x17c : 0x174, more = newer ? 4 : 0;
	void (*u32)(size_t, uint32_t) = big ? be32 : le32;
	start(head + 500);
	noise(head, 500);
	text(0, big ? "0RDH" : "HDR0");
	u32(4, (uint32_t)head);
	u32(8, (uint32_t)n);
	u32(0xc, ~crc(head, n));
	text(0x10, "5.0.0.0\n");
	u32(0x50, 500);
	text(0x100 + more, "LAB0000");
	text(0x108 + more, "LABORATORY");
	u32(0x118 + more, 0xffffffff);
	text(0x124 + more, "0.00(LAB.0)D0");
	text(0x144 + more, "0.01(LAB.0)D0");
	u32(0x170 + more, ~crc(0, head));
	return all();
}

static void trendchip(void **unused)
{
	(void)unused;
	start(0x100 + 700);
	trend_at(0, 300, 400);
	struct run r = run(&gh_format_trendchip, all(), 0x40);
	EQ(r.code, GH_OK, "2RDH");
	EQ(r.span.size, n, "2RDH");
	EQ(r.span.proof, GH_PROOF_SUM, "2RDH");
	SAME(fact(r.node, "version"), GH_LIT("0.0.0"), "2RDH");
	SAME(fact(r.node, "model"), GH_LIT("laboratory"), "2RDH");
	SAME(fact(r.node, "magic"), GH_LIT("HDR2"), "2RDH");
	EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "2RDH");
	EQ(the(r.node, "kernel").size, 300, "2RDH");
	EQ(the(r.node, "rootfs").at, 0x40 + 0x100 + 300, "2RDH");
	done(&r);
	image[0x100] ^= 1;
	r = run(&gh_format_trendchip, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	be32(0x50, 0x7fffffff);
	r = run(&gh_format_trendchip, all(), 0);
	EQ(r.code, GH_CORRUPT, "nothing holds");
	done(&r);
	for (unsigned i = 0; i < 4; i++) {
		r = run(&gh_format_trendchip, zyxel(i & 1, i & 2), 0);
		EQ(r.span.proof, GH_PROOF_SUM, "Zyxel");
		SAME(fact(r.node, "vendor"), GH_LIT("Zyxel"), "Zyxel");
		SAME(fact(r.node, "board"), GH_LIT("LABORATORY"), "Zyxel");
		SAME(fact(r.node, "version"), GH_LIT("0.00(LAB.0)D0"), "Zyxel");
		SAME(fact(r.node, "outer-version"), GH_LIT("0.01(LAB.0)D0"), "Zyxel");
		SAME(fact(r.node, "format-version"), GH_LIT("5.0.0.0"), "Zyxel");
		EQ(state_of(r.node, "header CRC"), GH_SUM_RIGHT, "Zyxel");
		EQ(the(r.node, "kernel").size, 500, "Zyxel");
		done(&r);
		image[0x20] ^= 1;
		r = run(&gh_format_trendchip, all(), 0);
		EQ(state_of(r.node, "header CRC"), GH_SUM_WRONG, "Zyxel, header changed");
		EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "Zyxel, header changed");
		done(&r);
	}
	spoil(&gh_format_trendchip, zyxel(true, true), 0x180);
}

/* ---- the packet of the HG5xx */

static gh_bytes packet(void)
{
	start(0x11080 + 0x100 + 700 + 4);
	noise(0, 0x80);
	noise(0x80, 0x400);
	trend_at(0x11080, 300, 400);
	for (unsigned i = 0; i < 2; i++) {
		be32(0x10084 + 8 * i, 0x100 + 700);
		be32(0x10088 + 8 * i, 0xffffffff);
	}
	le32(n - 4, ~gh_crc32_more(UINT32_MAX, gh_view(image + 0x80, n - 4 - 0x80)));
	return all();
}

static void huawei_hg(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_huawei_hg, packet(), 0);
	EQ(r.code, GH_OK, "packet");
	EQ(r.span.size, n, "packet");
	EQ(r.span.proof, GH_PROOF_SUM, "packet");
	SAME(fact(r.node, "vendor"), GH_LIT("Huawei"), "packet");
	EQ(state_of(r.node, "signature"), GH_SUM_UNVERIFIABLE, "packet");
	EQ(state_of(r.node, "packet CRC"), GH_SUM_RIGHT, "packet");
	EQ(the(r.node, "loader").size, 0x10000, "packet");
	EQ(the(r.node, "image").at, 0x11080, "packet");
	done(&r);
	image[0x200] ^= 1;
	r = run(&gh_format_huawei_hg, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "packet CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_huawei_hg, gh_view(image, n - 2), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	be32(0x11088, 4); /* shorter than the header that says so */
	be32(0x10084, 4);
	r = run(&gh_format_huawei_hg, all(), 0);
	EQ(r.code, GH_NOT_MINE, "no room for its header");
	done(&r);
	(void)packet();
	be32(0x10084, 1);
	be32(0x1008c, 1);
	r = run(&gh_format_huawei_hg, all(), 0);
	EQ(r.code, GH_CORRUPT, "another table");
	done(&r);
	spoil(&gh_format_huawei_hg, packet(), 1);
	for (size_t i = 0x11080; i < 0x11090; i++) {
		r = run(&gh_format_huawei_hg, gh_view(image, i), 0);
		TRUE(r.code != GH_OK || i > 0x1108b, "cut in the image's header");
		done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(huawei_hwnp),
		cmocka_unit_test(trendchip),
		cmocka_unit_test(huawei_hg),
	};
	return cmocka_run_group_tests_name("format/vendors_a1", tests, NULL, NULL);
}
