/* SPDX-License-Identifier: Apache-2.0 */
/* Xiaomi's and Linksys' containers, written here from their layouts; each once right and once with a byte changed. */
#include "vendors_a.h"

/* ---- Xiaomi */

static void blob(size_t at, const char *name, uint32_t len)
{
	memcpy(image + at, "\xbe\xba\0\0", 4);
	le32(at + 4, 0xffffffff);
	le32(at + 8, len);
	image[at + 12] = 7;
	text(at + 16, name);
	noise(at + 48, len);
}

static gh_bytes xiaomi(bool second)
{
	const size_t head = second ? 0x50 : 0x30, list = second ? 0x30 : 0x10;
	start(head + 48 + 400 + 48 + 300 + 16 + 256);
	text(0, second ? "HDR2" : "HDR1");
	le32(4, (uint32_t)(head + 48 + 400 + 48 + 300));
	if (second) {
		text(0x10, "LAB00");
		text(0x18, "XX");
	} else {
		image[0xe] = image[0xf] = 0xff;
	}
	le32(list, (uint32_t)head);
	le32(list + 4, (uint32_t)(head + 48 + 400));
	blob(head, "uboot.bin", 400);
	blob(head + 48 + 400, "firmware.bin", 300);
	le32(n - 272, 256);
	noise(n - 256, 256);
	le32(8, ~crc(0xc, n));
	return all();
}

static void xiaomi_images(void **unused)
{
	(void)unused;
	for (unsigned second = 0; second < 2; second++) {
		const size_t head = second ? 0x50 : 0x30;
		struct run r = run(&gh_format_xiaomi, xiaomi(second), 0x100);
		EQ(r.code, GH_OK, "Xiaomi");
		EQ(r.span.size, n, "Xiaomi");
		EQ(r.span.proof, GH_PROOF_SUM, "Xiaomi");
		SAME(fact(r.node, "vendor"), GH_LIT("Xiaomi"), "Xiaomi");
		SAME(fact(r.node, "board"), second ? GH_LIT("LAB00") : GH_LIT("0xffff"), "Xiaomi");
		SAME(fact(r.node, "region"), second ? GH_LIT("XX") : gh_view(NULL, 0), "Xiaomi");
		SAME(fact(r.node, "blob"), GH_LIT("uboot.bin flash 0xffffffff type 7"), "Xiaomi");
		EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, "Xiaomi");
		EQ(state_of(r.node, "signature"), GH_SUM_UNVERIFIABLE, "Xiaomi");
		EQ(the(r.node, "uboot.bin").at, 0x100 + head + 48, "Xiaomi");
		EQ(the(r.node, "firmware.bin").size, 300, "Xiaomi");
		done(&r);
		image[head + 48 + 10] ^= 1;
		r = run(&gh_format_xiaomi, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, "changed");
		done(&r);
		(void)xiaomi(second);
		memset(image + n - 272, 0, 272);
		r = run(&gh_format_xiaomi, all(), 0);
		EQ(state_of(r.node, "signature"), GH_SUM_ABSENT, "not signed");
		done(&r);
		r = run(&gh_format_xiaomi, gh_view(image, head + 48 + 400 + 48 + 10), 0);
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		EQ(the(r.node, "firmware.bin").size, 10, "cut");
		done(&r);
		spoil(&gh_format_xiaomi, xiaomi(second), head + 48);
	}
}

/* ---- CyberTAN */

static gh_bytes cybertan(bool with_trx)
{
	start(0x20 + 300);
	text(0, "LAB0");
	memcpy(image + 8, "\x05\x03\x1f\x04\x15\x01", 6);
	text(0xe, "U2ND");
	image[0x12] = 1;
	image[0x13] = 15;
	image[0x14] = 0x1f;
	noise(0x20, 300);
	if (with_trx) {
		text(0x20, "HDR0");
		le32(0x24, 200);
	}
	return all();
}

static void linksys_bin(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_cybertan, cybertan(true), 0);
	EQ(r.code, GH_OK, "before a TRX");
	EQ(r.span.size, 0x20 + 200, "before a TRX");
	SAME(fact(r.node, "board"), GH_LIT("LAB0"), "before a TRX");
	SAME(fact(r.node, "version"), GH_LIT("4.21.1"), "before a TRX");
	SAME(fact(r.node, "created"), GH_LIT("2005-03-31"), "before a TRX");
	SAME(fact(r.node, "flags"), GH_LIT("0x001f"), "before a TRX");
	EQ(the(r.node, "image").size, 200, "before a TRX");
	done(&r);
	r = run(&gh_format_cybertan, gh_view(image, 0x20 + 100), 0);
	EQ(r.span.size, 0x20 + 100, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	r = run(&gh_format_cybertan, cybertan(false), 0);
	EQ(r.span.size, 0x20, "before something else");
	TRUE(!part(r.node, "image"), "before something else");
	done(&r);
	text(0, "W54s");
	r = run(&gh_format_cybertan, all(), 0);
	SAME(fact(r.node, "model"), GH_LIT("WRT54GS v4"), "a board that is known");
	done(&r);
	image[9] = 13;
	r = run(&gh_format_cybertan, all(), 0);
	EQ(r.code, GH_CORRUPT, "a thirteenth month");
	done(&r);
	spoil(&gh_format_cybertan, cybertan(true), 0x28);
}

/* ---- CHDR and USR0 */

static gh_bytes chdr(void)
{
	start(0x10 + 500);
	text(0, "CHDR");
	le32(4, (uint32_t)n);
	le32(0xc, 1);
	noise(0x10, 500);
	le32(8, ~crc(0xc, n));
	return all();
}

static gh_bytes usr0(void)
{
	start(0x1c + 500);
	text(0, "USR0");
	le32(4, 500);
	le32(0xc, 0x06235d03);
	image[0x10] = image[0x11] = image[0x12] = image[0x13] = 0xff;
	noise(0x1c, 500);
	text(0x1c, "HDR0");
	le32(8, ~crc(0x1c, n));
	return all();
}

static void wrappers(void **unused)
{
	(void)unused;
	static const struct {
		const gh_format *format;
		gh_bytes (*make)(void);
		const char *vendor;
		size_t head;
	} rows[] = { { &gh_format_linksys_chdr, chdr, "Linksys", 0x10 },
		     { &gh_format_usrobotics, usr0, "U.S. Robotics", 0x1c } };
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const char *label = rows[i].format->name;
		struct run r = run(rows[i].format, rows[i].make(), 0x40);
		EQ(r.code, GH_OK, label);
		EQ(r.span.size, n, label);
		EQ(r.span.proof, GH_PROOF_SUM, label);
		SAME(fact(r.node, "vendor"), gh_view_text(rows[i].vendor), label);
		EQ(state_of(r.node, "image CRC"), GH_SUM_RIGHT, label);
		EQ(the(r.node, "image").at, 0x40 + rows[i].head, label);
		EQ(the(r.node, "image").size, 500, label);
		done(&r);
		r = run(rows[i].format, gh_view(image, n - 1), 0);
		TRUE(noted(r.node->notes, GH_TRUNCATED), label);
		done(&r);
		image[n - 1] ^= 1;
		r = run(rows[i].format, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, label);
		EQ(state_of(r.node, "image CRC"), GH_SUM_WRONG, label);
		done(&r);
		spoil(rows[i].format, rows[i].make(), rows[i].head + 4);
	}
	(void)usr0();
	memset(image + 0x1c, 0, 4);
	struct run r = run(&gh_format_usrobotics, all(), 0);
	EQ(r.code, GH_CORRUPT, "neither a TRX nor a checksum");
	done(&r);
}

/* ---- the trailer */

static gh_bytes trailer(void)
{
	char t[65];
	start(900 + 256);
	noise(0, 900);
	const gh_bytes body = gh_view(image, 900);
	(void)snprintf(t, sizeof t, ".LINKSYS.01000409%-15s%08X%-8s%-16s", "LABORATORY", gh_cksum(&body, 1), "0",
		       "K0000000F0000000");
	text(900, t);
	return all();
}

static void linksys_trailer(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_linksys_tail, trailer(), 0);
	EQ(r.code, GH_OK, "trailer");
	EQ(r.span.size, n, "trailer");
	EQ(r.span.proof, GH_PROOF_SUM, "trailer");
	SAME(fact(r.node, "model"), GH_LIT("LABORATORY"), "trailer");
	SAME(fact(r.node, "key"), GH_LIT("K0000000F0000000"), "trailer");
	EQ(state_of(r.node, "image checksum"), GH_SUM_RIGHT, "trailer");
	EQ(the(r.node, "image").size, 900, "trailer");
	done(&r);
	image[3] ^= 1;
	r = run(&gh_format_linksys_tail, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "image checksum"), GH_SUM_WRONG, "changed");
	done(&r);
	image[900 + 32] = 'G';
	r = run(&gh_format_linksys_tail, all(), 0);
	EQ(state_of(r.node, "image checksum"), GH_SUM_ABSENT, "no digits");
	done(&r);
	image[900] = 0;
	r = run(&gh_format_linksys_tail, all(), 0);
	EQ(r.code, GH_NOT_MINE, "no trailer");
	done(&r);
	spoil(&gh_format_linksys_tail, trailer(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xiaomi_images),
		cmocka_unit_test(linksys_bin),
		cmocka_unit_test(wrappers),
		cmocka_unit_test(linksys_trailer),
	};
	return cmocka_run_group_tests_name("format/vendors_a2", tests, NULL, NULL);
}
