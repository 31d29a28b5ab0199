/* SPDX-License-Identifier: Apache-2.0 */
/* Huawei's header of a piece on flash, written here from its layout, once right and once changed. */
#include "vendors_a.h"

static gh_bytes whwh(uint32_t kind)
{
	start(0x54 + 500);
	text(0, "whwh");
	text(4, "V000R000C00LAB");
	le32(0x44, 0x56000000);
	le32(0x48, kind);
	le32(0x4c, 500);
	noise(0x54, 500);
	le32(0x50, crc(0x54, n));
	return all();
}

static void huawei_whwh(void **unused)
{
	(void)unused;
	static const struct {
		uint32_t kind;
		const char *name;
	} rows[] = { { 1, "kernel" }, { 2, "rootfs" }, { 5, "data" }, { 11, "signatures" } };
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const char *label = rows[i].name;
		struct run r = run(&gh_format_huawei_whwh, whwh(rows[i].kind), 0x40);
		EQ(r.code, GH_OK, label);
		EQ(r.span.size, n, label);
		EQ(r.span.proof, GH_PROOF_SUM, label);
		SAME(fact(r.node, "version"), GH_LIT("V000R000C00LAB"), label);
		SAME(fact(r.node, "created"), GH_LIT("2015-09-21T13:02:56Z"), label);
		EQ(state_of(r.node, "data CRC"), GH_SUM_RIGHT, label);
		EQ(the(r.node, label).size, 500, label);
		EQ(the(r.node, label).at, 0x40 + 0x54, label);
		done(&r);
	}
	image[n - 1] ^= 1;
	struct run r = run(&gh_format_huawei_whwh, all(), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(state_of(r.node, "data CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_huawei_whwh, gh_view(image, 300), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	EQ(r.span.size, 300, "cut");
	done(&r);
	static const uint32_t kinds[] = { 0, 12, 0x7fffffff, 0xffffffff };
	for (size_t i = 0; i < GH_COUNT(kinds); i++) {
		r = run(&gh_format_huawei_whwh, whwh(kinds[i]), 0);
		EQ(r.code, GH_NOT_MINE, "no such kind");
		done(&r);
	}
	spoil(&gh_format_huawei_whwh, whwh(1), 0x54);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(huawei_whwh),
	};
	return cmocka_run_group_tests_name("format/vendors_a9", tests, NULL, NULL);
}
