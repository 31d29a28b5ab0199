/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps whose bytes stand in another order: taken for what they are where headers prove it, and only there. */
#include "codec/sum.h"
#include "unit/format/formats.h"

enum { SIZE = 128 << 10, AT = 0x10000 };

static uint8_t plain[SIZE], other[SIZE];

static void put(uint8_t *at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

static void noise(void)
{
	uint32_t state = 7;
	for (size_t i = 0; i < SIZE; i++) {
		state = state * 1103515245 + 12345;
		plain[i] = (uint8_t)(state >> 16);
	}
}

static void uimage(uint8_t *at)
{
	memset(at, 0, 64);
	put(at, 0x27051956, 4);
	put(at + 4, gh_crc32(gh_view(at, 64)), 4);
}

static void squashfs(uint8_t *at)
{
	memset(at, 0, 96);
	memcpy(at, "hsqs", 4);
	at[14] = 2; /* 128 KiB */
	at[22] = 17;
	at[28] = 4;
}

static void ubi(uint8_t *at)
{
	memset(at, 0, 64);
	memcpy(at, "UBI#\1", 5);
	put(at + 60, (uint32_t)~gh_crc32(gh_view(at, 60)), 4);
}

static void jffs2(uint8_t *at)
{
	memcpy(at, "\x19\x85\xe0\x02\0\0\0\x44", 8);
	put(at + 8, (uint32_t)~gh_crc32_more(UINT32_MAX, gh_view(at, 8)), 4);
}

static void dtb(uint8_t *at)
{
	static const uint32_t fields[] = { 0xd00dfeed, 0x4000, 0x38, 0x3000, 0x28, 17, 16 };
	for (size_t i = 0; i < GH_COUNT(fields); i++)
		put(at + 4 * i, fields[i], 4);
}

static const struct {
	const char *label;
	void (*make)(uint8_t *at);
} heads[] = { { "uimage", uimage }, { "squashfs", squashfs }, { "ubi", ubi }, { "jffs2", jffs2 }, { "dtb", dtb } };

static const uint8_t orders[][4] = { { 1, 0, 3, 2 }, { 3, 2, 1, 0 }, { 2, 3, 0, 1 } };

static gh_bytes turned(size_t how)
{
	for (size_t i = 0; i < SIZE; i++)
		other[i] = plain[i / 4 * 4 + orders[how][i % 4]];
	return gh_view(other, SIZE);
}

static void every_order_is_turned_back(void **unused)
{
	(void)unused;
	for (size_t h = 0; h < GH_COUNT(heads); h++)
		for (size_t how = 0; how < GH_COUNT(orders); how++) {
			noise();
			heads[h].make(plain + AT);
			struct run r = run(&gh_format_swapped, turned(how), 0);
			EQ(r.code, GH_OK, heads[h].label);
			SAME(r.node->decoded, gh_view(plain, SIZE), heads[h].label);
			TRUE(gh_bytes_start(fact(r.node, "sound-in-this-order"), gh_view_text(heads[h].label)),
			     heads[h].label);
			TRUE(r.node->transform, heads[h].label);
			done(&r);
		}
}

static void nothing_is_turned_without_need(void **unused)
{
	(void)unused;
	noise();
	struct run r = run(&gh_format_swapped, gh_view(plain, SIZE), 0);
	EQ(r.code, GH_NOT_MINE, "noise");
	done(&r);
	for (size_t h = 0; h < GH_COUNT(heads); h++) {
		noise();
		heads[h].make(plain + AT);
		r = run(&gh_format_swapped, gh_view(plain, SIZE), 0);
		EQ(r.code, GH_NOT_MINE, heads[h].label);
		done(&r);
	}
	/* one head as it stands outweighs others that are turned */
	noise();
	uimage(plain + AT);
	squashfs(plain + AT + 0x1000);
	(void)turned(0);
	uimage(other + 0x8000);
	r = run(&gh_format_swapped, gh_view(other, SIZE), 0);
	EQ(r.code, GH_NOT_MINE, "both");
	done(&r);
}

static void a_spoiled_head_proves_nothing(void **unused)
{
	(void)unused;
	noise();
	uimage(plain + AT);
	plain[AT + 20] ^= 1;
	struct run r = run(&gh_format_swapped, turned(0), 0);
	EQ(r.code, GH_NOT_MINE, "a wrong checksum");
	done(&r);
	uimage(plain + SIZE - 60 - 4); /* ends behind the dump's last bytes but for four */
	r = run(&gh_format_swapped, gh_bytes_part(turned(1), 0, SIZE - 4), 0);
	EQ(r.code, GH_NOT_MINE, "cut short");
	done(&r);
}

static void an_odd_end_is_left_out(void **unused)
{
	(void)unused;
	noise();
	uimage(plain + AT);
	struct run r = run(&gh_format_swapped, gh_bytes_part(turned(0), 0, SIZE - 3), 0);
	EQ(r.code, GH_OK, "odd length");
	EQ(r.span.size, SIZE - 4, "odd length");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order_is_turned_back),
		cmocka_unit_test(nothing_is_turned_without_need),
		cmocka_unit_test(a_spoiled_head_proves_nothing),
		cmocka_unit_test(an_odd_end_is_left_out),
	};
	return cmocka_run_group_tests_name("format/swapped", tests, NULL, NULL);
}
