/* SPDX-License-Identifier: Apache-2.0 */
/* Cameo's, Broadcom's, Ruckus' and TI's containers, each once right and once changed. */
#include "vendors_b.h"

static uint32_t bytes_of(size_t at, size_t len)
{
	uint32_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += image[at + i];
	return n;
}

/* ---- Cameo */

static gh_bytes cameo_image(unsigned way)
{
	static const size_t heads[] = { 0x40, 0x50, 0x54, 0x48 };
	size_t head = heads[way], len = 1000;
	start();
	noise(head, len);
	switch (way) {
	case 0:
	case 1:
		put(0, bytes_of(head, len), 4, true);
		text(4, "LAB-000");
		text(24, "LABORATORY-0");
		image[0x37] = (uint8_t)head;
		put(0x3c, len, 4, true);
		if (way == 1) {
			text(0x40, "DE");
			text(0x44, "0.00");
		}
		break;
	case 2:
		put(0, bytes_of(head, len), 4, true);
		put(4, len, 4, true);
		put(8, 400, 4, true);
		text(12, "LAB-000");
		text(32, "LABORATORY-0");
		text(0x3e, "DE");
		text(0x42, "0.00");
		image[0x4e] = 0x54;
		break;
	default:
		put(0, 0x48, 4, false);
		put(4, bytes_of(head, len), 4, true);
		put(8, len, 4, true);
		put(12, 400, 4, true);
		text(16, "HONEYBEE-FIRMWARE-LAB-000");
		text(0x30, "0.00");
		text(0x40, "DE");
		break;
	}
	return gh_view(image, head + len);
}

static void cameo(void **unused)
{
	(void)unused;
	for (unsigned way = 0; way < 4; way++) {
		gh_bytes b = cameo_image(way);
		struct run r = run(&gh_format_cameo, b, 0);
		EQ(r.code, GH_OK, "cameo");
		EQ(r.span.size, b.len, "cameo");
		EQ(sum_is(r.node, "image sum"), GH_SUM_RIGHT, "cameo");
		if (way > 0) {
			SAME(fact(r.node, "version"), GH_LIT("0.00"), "cameo");
			SAME(fact(r.node, "region"), GH_LIT("DE"), "cameo");
		}
		if (way < 3)
			SAME(fact(r.node, "model"), GH_LIT("LAB-000"), "cameo");
		if (way > 1)
			EQ(part_of(r.node, "kernel")->content.len, 400, "cameo");
		done(&r);
		image[b.len - 1] ^= 1;
		r = run(&gh_format_cameo, b, 0);
		EQ(sum_is(r.node, "image sum"), GH_SUM_WRONG, "changed");
		done(&r);
		spoil(&gh_format_cameo, cameo_image(way), 0x54);
	}
}

/* ---- ProgramStore */

static uint16_t crc16(size_t len)
{
	uint16_t crc = 0xffff;
	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc ^ image[i] << 8);
		for (unsigned k = 0; k < 8; k++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return (uint16_t)~crc;
}

static uint32_t crc32_high(size_t at, size_t len)
{
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)image[at + i] << 24;
		for (unsigned k = 0; k < 8; k++)
			crc = crc & 0x80000000 ? crc << 1 ^ 0x04c11db7 : crc << 1;
	}
	return ~crc;
}

static gh_bytes store(bool dual)
{
	enum { HEAD = 92, LEN = 1000 };
	start();
	put(0, 0xffff, 2, true);
	image[2] = dual;
	image[3] = 5;
	put(4, 3, 2, true);
	put(6, 1, 2, true);
	put(8, 946684800, 4, true);
	put(12, LEN, 4, true);
	put(16, 0x80004000, 4, true);
	text(20, "laboratory.bin");
	if (dual)
		put(0x4c, 300, 4, true);
	noise(HEAD, LEN);
	put(0x54, crc16(0x54), 2, true);
	put(0x58, crc32_high(HEAD, LEN), 4, true);
	return gh_view(image, HEAD + LEN);
}

static void program_store(void **unused)
{
	(void)unused;
	for (unsigned dual = 0; dual < 2; dual++) {
		gh_bytes b = store(dual != 0);
		struct run r = run(&gh_format_program_store, b, 0);
		EQ(r.code, GH_OK, "store");
		EQ(r.span.proof, GH_PROOF_SUM, "store");
		EQ(sum_is(r.node, "header CRC"), GH_SUM_RIGHT, "store");
		EQ(sum_is(r.node, "data CRC"), GH_SUM_RIGHT, "store");
		SAME(fact(r.node, "version"), GH_LIT("3.1"), "store");
		SAME(fact(r.node, "created"), GH_LIT("2000-01-01T00:00:00Z"), "store");
		SAME(fact(r.node, "compression"), GH_LIT("lzma"), "store");
		EQ(part_of(r.node, dual ? "second image" : "image")->content.len, dual ? 700 : 1000, "store");
		done(&r);
		image[500] ^= 1;
		r = run(&gh_format_program_store, b, 0);
		EQ(sum_is(r.node, "header CRC"), GH_SUM_RIGHT, "changed");
		EQ(sum_is(r.node, "data CRC"), GH_SUM_WRONG, "changed");
		done(&r);
	}
	spoil(&gh_format_program_store, store(true), 92);
}

/* ---- Ruckus */

static gh_bytes rcks(void)
{
	start();
	text(0, "RCKS");
	put(12, 0x80060000, 4, true);
	put(16, 1000, 4, true);
	text(44, "0.0.0.0");
	text(108, "0.0.0.0");
	put(128, 0x80060000, 4, true);
	noise(160, 1000);
	const gh_bytes data = gh_view(image + 160, 1000);
	gh_md5(&data, 1, image + 24);
	return gh_view(image, 1160);
}

static void ruckus(void **unused)
{
	(void)unused;
	gh_bytes b = rcks();
	struct run r = run(&gh_format_ruckus, b, 0);
	EQ(r.code, GH_OK, "ruckus");
	EQ(r.span.size, b.len, "ruckus");
	EQ(sum_is(r.node, "image MD5"), GH_SUM_RIGHT, "ruckus");
	SAME(fact(r.node, "version"), GH_LIT("0.0.0.0"), "ruckus");
	done(&r);
	image[500] ^= 1;
	r = run(&gh_format_ruckus, b, 0);
	EQ(sum_is(r.node, "image MD5"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_ruckus, gh_bytes_part(b, 0, 500), 0);
	EQ(sum_is(r.node, "image MD5"), GH_SUM_UNVERIFIABLE, "cut");
	done(&r);
	spoil(&gh_format_ruckus, rcks(), 0x90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cameo),
		cmocka_unit_test(program_store),
		cmocka_unit_test(ruckus),
	};
	return cmocka_run_group_tests_name("format/vendors-b-rest", tests, NULL, NULL);
}
