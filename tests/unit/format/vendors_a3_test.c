/* SPDX-License-Identifier: Apache-2.0 */
/* What vendors made of TRX and uImage: other magics, tails, a name field that holds more. */
#include "vendors_a.h"

static void le16(size_t at, unsigned v)
{
	image[at] = (uint8_t)v;
	image[at + 1] = (uint8_t)(v >> 8);
}

/* ---- TRX */

static gh_bytes trx(const char *magic)
{
	start(28 + 1000);
	memcpy(image, magic, 4);
	le32(4, (uint32_t)n);
	image[14] = 1;
	le32(16, 28);
	le32(20, 28 + 600);
	noise(28, 1000);
	le32(8, ~crc(12, n));
	return all();
}

static gh_bytes trx_asus(unsigned build)
{
	(void)trx("HDR0");
	memset(image + n - 64, 0, 64);
	memcpy(image + n - 64, "\x03\x00\x00\x04", 4);
	text(n - 60, "LAB-000");
	le16(n - 48, build);
	le16(n - 46, 1234);
	le32(8, ~crc(12, n));
	return all();
}

static void trx_kinds(void **unused)
{
	(void)unused;
	static const struct {
		const char *magic, *vendor;
	} rows[] = {
		{ "HDR0", "" },
		{ "\x22\x03\x10\x20", "Belkin" },
		{ "\x16\x71\x01\x00", "Belkin" },
		{ "\x5c\x43\x6f\x74", "Buffalo" },
		{ "DHP2", "Buffalo" },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		struct run r = run(&gh_format_trx, trx(rows[i].magic), 0);
		EQ(r.code, GH_OK, rows[i].vendor);
		EQ(r.span.proof, GH_PROOF_SUM, rows[i].vendor);
		SAME(fact(r.node, "vendor"), gh_view_text(rows[i].vendor), rows[i].vendor);
		EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, rows[i].vendor);
		EQ(the(r.node, "rootfs").size, 400, rows[i].vendor);
		done(&r);
		image[600] ^= 1;
		r = run(&gh_format_trx, all(), 0);
		EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, rows[i].vendor);
		done(&r);
	}
	struct run r = run(&gh_format_trx, trx("HDR9"), 0);
	EQ(r.code, GH_NOT_MINE, "nobody's magic");
	done(&r);
}

static void trx_tail(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_trx, trx_asus(386), 0x20);
	SAME(fact(r.node, "vendor"), GH_LIT("Asus"), "Asus");
	SAME(fact(r.node, "product"), GH_LIT("LAB-000"), "Asus");
	SAME(fact(r.node, "firmware-version"), GH_LIT("3.0.0.4"), "Asus");
	SAME(fact(r.node, "build"), GH_LIT("386_1234"), "Asus");
	EQ(the(r.node, "asus tail").at, 0x20 + n - 64, "Asus");
	EQ(the(r.node, "rootfs").size, 400 - 64, "the tail is no part of the file system");
	done(&r);
	r = run(&gh_format_trx, trx_asus(0x0201), 0);
	SAME(fact(r.node, "build"), gh_view(NULL, 0), "versions of hardware");
	done(&r);
	image[n - 60] = '!';
	r = run(&gh_format_trx, all(), 0);
	TRUE(!part(r.node, "asus tail"), "no product, no tail");
	EQ(the(r.node, "rootfs").size, 400, "no product, no tail");
	done(&r);
	(void)trx_asus(386);
	le32(20, (uint32_t)n - 30); /* a part that starts inside the tail */
	le32(8, ~crc(12, n));
	r = run(&gh_format_trx, all(), 0);
	TRUE(!part(r.node, "rootfs") && part(r.node, "asus tail"), "nothing of it is left");
	done(&r);
	spoil(&gh_format_trx, trx_asus(386), 28);
}

/* ---- uImage */

static void seal(void)
{
	be32(0x18, crc(64, n));
	be32(4, 0);
	be32(4, crc(0, 64));
}

static void uimage(void)
{
	start(64 + 900);
	memcpy(image, "\x27\x05\x19\x56", 4);
	be32(0xc, 900);
	memcpy(image + 0x1c, "\5\5\2\3", 4);
	noise(64, 900);
	text(64 + 500, "hsqs");
	seal();
}

static void uimage_names(void **unused)
{
	(void)unused;
	uimage();
	memcpy(image + 32, "\x03\x00\x00\x04", 4);
	text(36, "LAB-000");
	le16(48, 388);
	le16(50, 4321);
	be32(60, 0xa9000000 | (64 + 500));
	seal();
	struct run r = run(&gh_format_uimage, all(), 0);
	EQ(r.span.proof, GH_PROOF_SUM, "Asus");
	SAME(fact(r.node, "vendor"), GH_LIT("Asus"), "Asus");
	SAME(fact(r.node, "product"), GH_LIT("LAB-000"), "Asus");
	SAME(fact(r.node, "firmware-version"), GH_LIT("3.0.0.4"), "Asus");
	SAME(fact(r.node, "build"), GH_LIT("388_4321"), "Asus");
	SAME(fact(r.node, "name"), gh_view(NULL, 0), "Asus");
	EQ(the(r.node, "kernel").size, 500, "Asus");
	EQ(the(r.node, "rootfs").at, 64 + 500, "Asus");
	done(&r);
	spoil(&gh_format_uimage, all(), 64);
	uimage();
	text(32, "Linux Kernel Image");
	be32(60, 64 + 500);
	seal();
	r = run(&gh_format_uimage, all(), 0);
	SAME(fact(r.node, "name"), GH_LIT("Linux Kernel Image"), "JCG");
	EQ(the(r.node, "rootfs").size, 400, "JCG");
	done(&r);
	be32(60, 64 + 501);
	seal();
	r = run(&gh_format_uimage, all(), 0);
	TRUE(!part(r.node, "rootfs"), "no file system where one is named");
	EQ(the(r.node, "payload").size, 900, "no file system where one is named");
	done(&r);
}

/* ---- tails */

static gh_bytes asus_tail(void)
{
	start(24);
	be32(0, 51234);
	image[4] = 0x01;
	image[5] = 0x84;
	image[12] = 0x10;
	image[15] = 12;
	be32(20, 0x2afed414);
	for (unsigned i = 0; i < 2; i++)
		image[18 + i] = image[16 + i] = 0xff;
	for (size_t i = 0; i < 12; i++)
		image[18 + i % 2] ^= image[i];
	for (size_t i = 12; i < 24; i++)
		if (i < 16 || i > 17)
			image[16 + i % 2] ^= image[i];
	return all();
}

static void tails(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_asus_tail, asus_tail(), 0x500);
	EQ(r.code, GH_OK, "tail");
	EQ(r.span.size, 24, "tail");
	EQ(r.span.proof, GH_PROOF_SUM, "tail");
	SAME(fact(r.node, "build"), GH_LIT("388_51234"), "tail");
	EQ(state_of(r.node, "tail sum"), GH_SUM_RIGHT, "tail");
	EQ(state_of(r.node, "content sum"), GH_SUM_RIGHT, "tail");
	done(&r);
	image[5] ^= 1;
	r = run(&gh_format_asus_tail, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "another build");
	EQ(state_of(r.node, "tail sum"), GH_SUM_RIGHT, "another build");
	EQ(state_of(r.node, "content sum"), GH_SUM_WRONG, "another build");
	done(&r);
	image[12] = 0x1f;
	r = run(&gh_format_asus_tail, all(), 0);
	EQ(r.code, GH_CORRUPT, "neither sum holds");
	done(&r);
	spoil(&gh_format_asus_tail, asus_tail(), 24);
}

static gh_bytes wfi(bool big, bool asus)
{
	void (*u32)(size_t, uint32_t) = big ? be32 : le32;
	start(900 + 64 + 20);
	noise(0, 900 + 64);
	if (asus) {
		memset(image + 900, 0, 64);
		memcpy(image + 900, "\x03\x00\x00\x04", 4);
		le16(904, 384);
		le16(906, 21140);
		text(908, "LAB-000");
		le32(928, 81622);
		image[963] = 1;
	}
	u32(964, ~crc(0, 964));
	u32(968, 0x5732);
	u32(972, 0xfffff);
	u32(976, 3);
	return all();
}

static void whole_flash(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		bool asus = i & 1;
		struct run r = run(&gh_format_broadcom_wfi, wfi(i & 2, asus), 0);
		EQ(r.code, GH_OK, "whole flash");
		EQ(r.span.size, n, "whole flash");
		EQ(r.span.proof, GH_PROOF_SUM, "whole flash");
		SAME(fact(r.node, "chip"), GH_LIT("BCMfffff"), "whole flash");
		SAME(fact(r.node, "flash"), GH_LIT("NAND, 128 KiB"), "whole flash");
		SAME(fact(r.node, "product"), asus ? GH_LIT("LAB-000") : gh_view(NULL, 0), "whole flash");
		SAME(fact(r.node, "build"), asus ? GH_LIT("384_81622") : gh_view(NULL, 0), "whole flash");
		EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "whole flash");
		EQ(the(r.node, "image").size, asus ? 900 : 964, "whole flash");
		done(&r);
		image[77] ^= 1;
		r = run(&gh_format_broadcom_wfi, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_broadcom_wfi, wfi(false, true), 2);
	image[n - 15] ^= 1;
	struct run r = run(&gh_format_broadcom_wfi, all(), 0);
	EQ(r.code, GH_NOT_MINE, "another version");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trx_kinds), cmocka_unit_test(trx_tail),    cmocka_unit_test(uimage_names),
		cmocka_unit_test(tails),     cmocka_unit_test(whole_flash),
	};
	return cmocka_run_group_tests_name("format/vendors_a3", tests, NULL, NULL);
}
