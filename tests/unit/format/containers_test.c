/* SPDX-License-Identifier: Apache-2.0 */
/* TP-Link, uImage and TRX headers made here: right, wrong, cut, and with numbers nobody should believe. */
#include "codec/sum.h"
#include "unit/format/formats.h"

enum { SIZE = 0x8000, KERNEL = 0x200, ROOTFS = 0x4000 };

static void put32(uint8_t *at, uint32_t v, bool big)
{
	for (unsigned i = 0; i < 4; i++)
		at[big ? 3 - i : i] = (uint8_t)(v >> (8 * i));
}

static void put_text(uint8_t *at, const char *text)
{
	memcpy(at, text, strlen(text));
}

static void fill(uint8_t *b, size_t n)
{
	uint32_t x = 1;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		b[i] = (uint8_t)(x >> 24);
	}
}

static const uint8_t no_boot_v1[16] = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
					0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38 };
static const uint8_t no_boot_v2[16] = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
					0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37 };

static void sign(uint8_t *b, size_t n, size_t at, const uint8_t salt[16])
{
	gh_bytes runs[] = { gh_view(b, at), gh_view(salt, 16), gh_view(b + at + 16, n - at - 16) };
	uint8_t md5[16];
	gh_md5(runs, GH_COUNT(runs), md5);
	memcpy(b + at, md5, sizeof md5);
}

static void make_v1(uint8_t b[SIZE])
{
	fill(b, SIZE);
	memset(b, 0, 0x200);
	b[0] = 1;
	put_text(b + 4, "TP-LINK Technologies");
	put_text(b + 0x1c, "ver. 1.0");
	put32(b + 0x40, 0x08410009, true);
	put32(b + 0x44, 1, true);
	put32(b + 0x74, 0x80002000, true);
	put32(b + 0x78, 0x80185830, true);
	put32(b + 0x7c, SIZE, true);
	put32(b + 0x80, KERNEL, true);
	put32(b + 0x84, 0x3000, true);
	put32(b + 0x88, ROOTFS, true);
	put32(b + 0x8c, 0x4000, true);
	b[0x99] = 3;
	put_text(b + ROOTFS, "hsqs");
	sign(b, SIZE, 0x4c, no_boot_v1);
}

static void make_v2(uint8_t b[SIZE])
{
	fill(b, SIZE);
	memset(b, 0xff, 0x200);
	put32(b, 0x03000000, true);
	memset(b + 4, 0, 48);
	put_text(b + 4, "ver. 2.0");
	put32(b + 0x34, 0x08400006, true);
	put32(b + 0x38, 1, true);
	put32(b + 0x3c, 7, true);
	put32(b + 0x70, SIZE, true);
	put32(b + 0x74, KERNEL, true);
	put32(b + 0x78, 0x3000, true);
	put32(b + 0x7c, ROOTFS, true);
	put32(b + 0x80, 0x4000, true);
	put32(b + 0x84, 0, true);
	put32(b + 0x88, 0, true);
	put32(b + 0x8c, 0x55aa0100, true);
	put_text(b + ROOTFS, "hsqs");
	sign(b, SIZE, 0x40, no_boot_v2);
}

static void make_uimage(uint8_t b[SIZE])
{
	fill(b, SIZE);
	memset(b, 0, 64);
	put32(b, 0x27051956, true);
	put32(b + 8, 1466151289, true);
	put32(b + 12, SIZE - 64, true);
	put32(b + 24, gh_crc32(gh_view(b + 64, SIZE - 64)), true);
	memcpy(b + 28, "\5\5\2\3", 4); /* Linux, MIPS, kernel, lzma */
	put_text(b + 32, "u-boot image");
	put32(b + 4, gh_crc32(gh_view(b, 64)), true);
}

static void make_trx(uint8_t b[SIZE])
{
	fill(b, SIZE);
	put_text(b, "HDR0");
	put32(b + 4, SIZE, false);
	put32(b + 12, 0x00010000, false);
	put32(b + 16, 0x1c, false);
	put32(b + 20, 0x1000, false);
	put32(b + 24, ROOTFS, false);
	put32(b + 8, ~gh_crc32(gh_view(b + 12, SIZE - 12)), false);
}

static const struct {
	const gh_format *format;
	void (*make)(uint8_t *);
	size_t head, sum_at;
	const char *sum;
	const char *key, *value;
	const char *last_part;
	uint64_t last_at;
} makers[] = {
	{ &gh_format_tplink_v1, make_v1, 0x200, 0x4c, "image MD5", "image-version", "3.0.0", "rootfs", ROOTFS },
	{ &gh_format_tplink_v2, make_v2, 0x200, 0x40, "image MD5", "hardware-id", "0x08400006", "rootfs", ROOTFS },
	{ &gh_format_uimage, make_uimage, 64, 24, "payload CRC", "created", "2016-06-17T08:14:49Z", "payload", 64 },
	{ &gh_format_trx, make_trx, 28, 8, "image CRC", "flags", "0x0000", "rootfs", ROOTFS },
};

static uint8_t image[SIZE + 64];

static void a_right_image_is_proven_by_its_sum(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(makers); i++) {
		const char *name = makers[i].format->name;
		makers[i].make(image);
		memset(image + SIZE, 0xee, 64);
		struct run r = run(makers[i].format, gh_view(image, SIZE + 64), 0x1000);
		EQ(r.code, GH_OK, name);
		EQ(r.span.size, SIZE, name);
		EQ(r.span.proof, GH_PROOF_SUM, name);
		SAME(fact(r.node, makers[i].key), gh_view_text(makers[i].value), name);
		const gh_sum *s = sum(r.node, makers[i].sum);
		EQ(s ? s->state : GH_SUM_ABSENT, GH_SUM_RIGHT, name);
		EQ(s ? s->at : 0, 0x1000 + makers[i].sum_at, name);
		const gh_node *p = part(r.node, makers[i].last_part);
		EQ(p ? p->at : 0, 0x1000 + makers[i].last_at, name);
		EQ(p ? p->at + p->size : 0, 0x1000 + SIZE, name);
		done(&r);
	}
}

static void a_changed_image_keeps_its_shape_and_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(makers); i++) {
		const char *name = makers[i].format->name;
		makers[i].make(image);
		image[0x5000] ^= 1;
		struct run r = run(makers[i].format, gh_view(image, SIZE), 0);
		EQ(r.code, GH_OK, name);
		EQ(r.span.proof, GH_PROOF_SHAPE, name);
		const gh_sum *s = sum(r.node, makers[i].sum);
		EQ(s ? s->state : GH_SUM_ABSENT, GH_SUM_WRONG, name);
		done(&r);
	}
}

static void a_cut_image_is_noted_and_its_parts_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(makers); i++) {
		const char *name = makers[i].format->name;
		makers[i].make(image);
		struct run r = run(makers[i].format, gh_view(image, 0x5000), 0);
		EQ(r.code, GH_OK, name);
		EQ(r.span.size, 0x5000, name);
		EQ(r.span.proof, GH_PROOF_SHAPE, name);
		TRUE(noted(r.node->notes, GH_TRUNCATED), name);
		const gh_node *p = part(r.node, makers[i].last_part);
		EQ(p ? p->at : 0, makers[i].last_at, name);
		done(&r);
	}
}

static void bad_input_breaks_no_law(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(makers); i++) {
		makers[i].make(image);
		spoil(makers[i].format, gh_view(image, SIZE), makers[i].head);
	}
}

static void absurd_numbers_break_no_law(void **state)
{
	static const uint32_t absurd[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, SIZE, SIZE + 1 };
	(void)state;
	for (size_t i = 0; i < GH_COUNT(makers); i++)
		for (size_t at = 4; at + 4 <= makers[i].head && at < 0xa0; at += 4)
			for (size_t v = 0; v < GH_COUNT(absurd); v++) {
				makers[i].make(image);
				put32(image + at, absurd[v], makers[i].format != &gh_format_trx);
				struct run r = run(makers[i].format, gh_view(image, SIZE), 0);
				done(&r);
			}
}

static void a_damaged_uimage_header_with_a_right_payload_is_told(void **state)
{
	(void)state;
	make_uimage(image);
	image[33] ^= 2; /* a letter of the name */
	struct run r = run(&gh_format_uimage, gh_view(image, SIZE), 0);
	EQ(r.code, GH_OK, "name");
	EQ(r.span.proof, GH_PROOF_SUM, "name");
	const gh_sum *s = sum(r.node, "header CRC");
	EQ(s ? s->state : GH_SUM_ABSENT, GH_SUM_WRONG, "name");
	TRUE(noted(r.node->notes, GH_CORRUPT), "name");
	done(&r);
}

static void a_multi_uimage_gives_its_parts(void **state)
{
	(void)state;
	make_uimage(image);
	image[30] = 4;
	put32(image + 64, 10, true);
	put32(image + 68, 20, true);
	put32(image + 72, 0, true);
	put32(image + 24, gh_crc32(gh_view(image + 64, SIZE - 64)), true);
	put32(image + 4, 0, true);
	put32(image + 4, gh_crc32(gh_view(image, 64)), true);
	struct run r = run(&gh_format_uimage, gh_view(image, SIZE), 0);
	EQ(r.code, GH_OK, "multi");
	const gh_node *first = part(r.node, "part-00"), *second = part(r.node, "part-01");
	EQ(first ? first->at : 0, 76, "multi");
	EQ(first ? first->size : 0, 10, "multi");
	EQ(second ? second->at : 0, 88, "multi");
	EQ(second ? second->size : 0, 20, "multi");
	done(&r);
}

static void a_boot_loader_hides_no_second_image(void **state)
{
	(void)state;
	enum { OUTER = 0x20200 + SIZE };
	uint8_t *whole = calloc(1, OUTER);
	assert_non_null(whole);
	make_v1(whole + 0x20200);
	memcpy(whole, whole + 0x20200, 0x200);
	put32(whole + 0x7c, OUTER, true);
	put32(whole + 0x94, 0x9000, true);
	static const uint8_t boot[16] = { 0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa,
					  0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42 };
	sign(whole, OUTER, 0x4c, boot);
	struct run r = run(&gh_format_tplink_v1, gh_view(whole, OUTER), 0);
	EQ(r.code, GH_OK, "boot");
	EQ(r.span.proof, GH_PROOF_SUM, "boot");
	const gh_node *b = part(r.node, "boot"), *inner = part(r.node, "firmware");
	EQ(b ? b->size : 0, 0x9000, "boot");
	EQ(inner ? inner->at : 0, 0x20200, "boot");
	const gh_sum *s = sum(r.node, "image MD5");
	TRUE(s && strstr(s->remark, "with boot loader"), "boot");
	done(&r);
	free(whole);
}

static void other_bytes_are_not_claimed(void **state)
{
	static const struct {
		const char *label;
		uint8_t fill;
	} rows[] = { { "zeros", 0 }, { "ones", 0xff }, { "text", 'a' } };
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++)
		for (size_t f = 0; f < GH_COUNT(makers); f++) {
			memset(image, rows[i].fill, SIZE);
			struct run r = run(makers[f].format, gh_view(image, SIZE), 0);
			EQ(r.code, GH_NOT_MINE, rows[i].label);
			done(&r);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_image_is_proven_by_its_sum),
		cmocka_unit_test(a_changed_image_keeps_its_shape_and_says_so),
		cmocka_unit_test(a_cut_image_is_noted_and_its_parts_are_named),
		cmocka_unit_test(bad_input_breaks_no_law),
		cmocka_unit_test(absurd_numbers_break_no_law),
		cmocka_unit_test(a_damaged_uimage_header_with_a_right_payload_is_told),
		cmocka_unit_test(a_multi_uimage_gives_its_parts),
		cmocka_unit_test(a_boot_loader_hides_no_second_image),
		cmocka_unit_test(other_bytes_are_not_claimed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
