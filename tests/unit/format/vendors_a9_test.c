/* SPDX-License-Identifier: Apache-2.0 */
/* Huawei's header of a piece on flash and Titan's image, written here from their layouts; right and changed. */
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

/* ---- Titan */

static gh_bytes titan(bool tail)
{
	const size_t head = 48 + 128 + 12 + 2 * 40;
	start(head + 700 + (tail ? 8 : 0));
	noise(head, 700);
	text(0, "CDTM");
	le32(4, (uint32_t)head);
	le32(0xc, 1);
	le32(0x10, (uint32_t)head);
	le32(0x14, 0xffffffff);
	le32(0x1c, 0x0102120e);
	le32(0x20, (uint32_t)head + 700);
	le32(0x24, 48);
	le32(0x28, 48 + 128);
	text(48, "laboratory");
	text(48 + 64, "lab-1.2.18-r14.bin");
	le32(176, 2);
	le32(180, 40);
	le32(184, 188);
	for (unsigned i = 0; i < 2; i++) {
		const size_t at = head + 300 * i, len = i ? 400 : 300, p = 188 + 40 * i;
		const gh_bytes b = gh_view(image + at, len);
		le32(p, (uint32_t)at);
		le32(p + 4, (uint32_t)len);
		le32(p + 8, (uint32_t)len);
		le32(p + 16, gh_cksum(&b, 1));
		le32(p + 20, i + 1);
		text(p + 24, i ? "root" : "kernel");
	}
	if (tail) {
		const gh_bytes b = gh_view(image, head + 700);
		memcpy(image + n - 8, "\x23\xde\x53\xc4", 4);
		le32(n - 4, gh_cksum(&b, 1));
	}
	return all();
}

static void titan_nsp(void **unused)
{
	(void)unused;
	for (unsigned tail = 0; tail < 2; tail++) {
		struct run r = run(&gh_format_titan_nsp, titan(tail), 0x20);
		EQ(r.code, GH_OK, "Titan");
		EQ(r.span.size, n, "Titan");
		EQ(r.span.proof, GH_PROOF_SUM, "Titan");
		SAME(fact(r.node, "version"), GH_LIT("1.2.18.14"), "Titan");
		SAME(fact(r.node, "name"), GH_LIT("lab-1.2.18-r14.bin"), "Titan");
		EQ(state_of(r.node, "sum of kernel"), GH_SUM_RIGHT, "Titan");
		EQ(state_of(r.node, "sum of root"), GH_SUM_RIGHT, "Titan");
		EQ(state_of(r.node, "image sum"), tail ? GH_SUM_RIGHT : -1, "Titan");
		EQ(the(r.node, "root").size, 400, "Titan");
		done(&r);
		image[400] ^= 1;
		r = run(&gh_format_titan_nsp, all(), 0);
		EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
		EQ(state_of(r.node, "sum of kernel"), GH_SUM_WRONG, "changed");
		EQ(state_of(r.node, "sum of root"), GH_SUM_RIGHT, "changed");
		EQ(state_of(r.node, "image sum"), tail ? GH_SUM_WRONG : -1, "changed");
		done(&r);
		r = run(&gh_format_titan_nsp, gh_view(image, 600), 0);
		TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
		done(&r);
		le32(188 + 40, 100); /* a section inside the header */
		r = run(&gh_format_titan_nsp, all(), 0);
		TRUE(noted(r.node->notes, GH_CORRUPT) && !part(r.node, "root"), "not in the image");
		done(&r);
		spoil(&gh_format_titan_nsp, titan(tail), 48 + 128 + 12 + 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(huawei_whwh),
		cmocka_unit_test(titan_nsp),
	};
	return cmocka_run_group_tests_name("format/vendors_a9", tests, NULL, NULL);
}
