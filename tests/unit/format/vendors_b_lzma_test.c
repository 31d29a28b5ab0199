/* SPDX-License-Identifier: Apache-2.0 */
/* Containers around LZMA: AVM's, Arcadyan's, TP-Link's MINIFS; and PFS, which is as plain as that is not. */
#include "vendors_b.h"

#include <lzma.h>

static uint8_t plain[4096], packed[8192];

/* LZMA-alone of `len` plain bytes with its length in the header; how many bytes in `packed`. */
static size_t pack(size_t len)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma o;
	assert_int_equal(lzma_lzma_preset(&o, 1), 0);
	o.dict_size = 8 << 20;
	for (size_t i = 0; i < len; i++)
		plain[i] = (uint8_t)((size_t) "laboratory "[i % 11] + i / 100);
	s.next_in = plain;
	s.avail_in = len;
	s.next_out = packed;
	s.avail_out = sizeof packed;
	assert_int_equal(lzma_alone_encoder(&s, &o), LZMA_OK);
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	size_t n = sizeof packed - s.avail_out;
	lzma_end(&s);
	for (unsigned i = 0; i < 8; i++)
		packed[5 + i] = (uint8_t)((uint64_t)len >> (8 * i));
	return n;
}

/* ---- AVM */

static size_t eva_record(size_t at, uint32_t magic)
{
	size_t n = pack(3000) - 13;
	uint32_t sum = (uint32_t)n + 24 + 0x80000000;
	put(at, magic, 4, false);
	put(at + 4, n + 24, 4, false);
	put(at + 8, 0x80000000, 4, false);
	put(at + 12, 0x075a0201, 4, false);
	put(at + 16, n, 4, false);
	put(at + 20, 3000, 4, false);
	put(at + 24, gh_crc32(gh_view(packed + 13, n)), 4, false);
	memcpy(image + at + 28, packed, 5);
	memset(image + at + 33, 0, 3);
	memcpy(image + at + 36, packed + 13, n);
	for (size_t i = 0; i < n + 24; i++)
		sum += image[at + 12 + i];
	put(at + 36 + n, 0 - sum, 4, false);
	put(at + 40 + n, 0, 4, false);
	put(at + 44 + n, 0x80001000, 4, false);
	return 48 + n;
}

static gh_bytes eva(void)
{
	start();
	return gh_view(image, eva_record(0, 0xfeed1281));
}

static gh_bytes eva_pair(void)
{
	uint32_t sum = 0x80000000;
	start();
	size_t at = 12 + eva_record(12, 0xfeed1281);
	at = (at + 3) & ~(size_t)3;
	at += eva_record(at, 0xfeedb007);
	put(0, 0xfeed9112, 4, false);
	put(4, at - 12, 4, false);
	put(8, 0x80000000, 4, false);
	sum += (uint32_t)at - 12;
	for (size_t i = 12; i < at; i++)
		sum += image[i];
	put(at, 0 - sum, 4, false);
	put(at + 8, 0x80001000, 4, false);
	return gh_view(image, at + 12);
}

static void avm_eva(void **unused)
{
	(void)unused;
	gh_bytes b = eva();
	struct run r = run(&gh_format_avm_eva, gh_view(image, b.len + 100), 0);
	EQ(r.code, GH_OK, "eva");
	EQ(r.span.size, b.len, "eva");
	EQ(r.span.proof, GH_PROOF_SUM, "eva");
	EQ(sum_is(r.node, "record checksum"), GH_SUM_RIGHT, "eva");
	EQ(sum_is(r.node, "data CRC"), GH_SUM_RIGHT, "eva");
	SAME(fact(r.node, "entry-point"), GH_LIT("0x80001000"), "eva");
	SAME(part_of(r.node, "kernel")->decoded, gh_view(plain, 3000), "eva");
	done(&r);
	image[30 + b.len / 2] ^= 1;
	r = run(&gh_format_avm_eva, b, 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(sum_is(r.node, "record checksum"), GH_SUM_WRONG, "changed");
	EQ(sum_is(r.node, "data CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	b = eva_pair();
	r = run(&gh_format_avm_eva, b, 0);
	EQ(r.span.size, b.len, "a pair");
	EQ(sum_is(r.node, "record checksum"), GH_SUM_RIGHT, "a pair");
	EQ(part_of(r.node, "records")->content.len, b.len - 24, "a pair");
	done(&r);
	r = run(&gh_format_avm_eva, gh_bytes_part(eva(), 0, 100), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	EQ(sum_is(r.node, "record checksum"), GH_SUM_ABSENT, "cut");
	done(&r);
	spoil(&gh_format_avm_eva, eva(), 40);
}

static uint32_t cksum(gh_bytes b)
{
	return gh_cksum(&b, 1);
}

static gh_bytes signed_image(void)
{
	start();
	noise(0, 1000);
	put(1000, 0xc453de23, 4, false);
	put(1004, cksum(gh_view(image, 1000)), 4, false);
	return gh_view(image, 1008);
}

static void avm_signature(void **unused)
{
	(void)unused;
	/* printf 123456789 | cksum */
	EQ(cksum(GH_LIT("123456789")), 930766865, "cksum");
	EQ(cksum(GH_LIT("")), 4294967295u, "cksum of nothing");
	gh_bytes b = signed_image();
	struct run r = run(&gh_format_avm_signature, b, 0);
	EQ(r.code, GH_OK, "signature");
	EQ(r.span.proof, GH_PROOF_SUM, "signature");
	EQ(sum_is(r.node, "file CRC"), GH_SUM_RIGHT, "signature");
	EQ(part_of(r.node, "image")->content.len, 1000, "signature");
	done(&r);
	image[5] ^= 1;
	r = run(&gh_format_avm_signature, b, 0);
	EQ(sum_is(r.node, "file CRC"), GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_avm_signature, gh_bytes_part(b, 0, 1007), 0);
	EQ(r.code, GH_NOT_MINE, "it must end the file");
	done(&r);
	spoil(&gh_format_avm_signature, signed_image(), 4);
}

/* ---- Arcadyan */

static gh_bytes disguised(void)
{
	uint8_t run[32];
	start();
	size_t n = pack(4000);
	text(0, "LAB0");
	memcpy(image + 4, packed, n);
	memcpy(run, image + 4, 32);
	memcpy(image + 4, image + 0x68, 32);
	for (size_t i = 0; i < 32; i++)
		image[0x68 + (i ^ 1)] = (uint8_t)(run[i] << 4 | run[i] >> 4);
	return gh_view(image, 4 + n);
}

static void arcadyan(void **unused)
{
	(void)unused;
	gh_bytes b = disguised();
	SAME(gh_bytes_part(b, 0x68, 4), GH_LIT("\x00\xd5\x08\x00"), "what binwalk looks for");
	struct run r = run(&gh_format_arcadyan, gh_view(image, b.len + 50), 0);
	EQ(r.code, GH_OK, "arcadyan");
	EQ(r.span.size, b.len, "arcadyan");
	SAME(r.node->decoded, gh_view(plain, 4000), "arcadyan");
	done(&r);
	r = run(&gh_format_arcadyan, gh_bytes_part(b, 0, b.len - 20), 0);
	TRUE(gh_is_about_input(r.code), "cut");
	done(&r);
	spoil(&gh_format_arcadyan, disguised(), 0x90);
}

/* ---- MINIFS */

static gh_bytes minifs_image(void)
{
	static const char names[] = "/web\0index.htm\0main.js\0/\0oem.txt";
	static const struct {
		uint32_t path, name, chunk, at, size;
	} files[] = { { 0, 5, 0, 0, 100 }, { 0, 15, 0, 100, 2900 }, { 23, 25, 1, 10, 40 } };
	start();
	text(0, "MINIFS");
	put(16, 3, 4, true);
	put(20, 3, 4, true);
	put(28, sizeof names, 4, true);
	memcpy(image + 32, names, sizeof names);
	size_t at = 32 + sizeof names, data = at + 3 * 20 + 2 * 12, from = 0;
	for (size_t i = 0; i < 3; i++, at += 20) {
		put(at, files[i].path, 4, true);
		put(at + 4, files[i].name, 4, true);
		put(at + 8, files[i].chunk, 4, true);
		put(at + 12, files[i].at, 4, true);
		put(at + 16, files[i].size, 4, true);
	}
	for (size_t i = 0; i < 2; i++, at += 12) {
		size_t n = pack(i ? 50 : 3000);
		put(at, from, 4, true);
		put(at + 4, n, 4, true);
		put(at + 8, i ? 50 : 3000, 4, true);
		memcpy(image + data + from, packed, n);
		from += n;
	}
	return gh_view(image, data + from);
}

static void minifs(void **unused)
{
	(void)unused;
	gh_bytes b = minifs_image();
	struct run r = run(&gh_format_minifs, gh_view(image, b.len + 20), 64);
	EQ(r.code, GH_OK, "minifs");
	EQ(r.span.size, b.len, "minifs");
	EQ(r.span.proof, GH_PROOF_PARSED, "minifs");
	assert_non_null(r.node->volume);
	EQ(r.node->volume->count, 3, "minifs");
	(void)pack(3000);
	read_all(&r, "web/index.htm", gh_view(plain, 100), "first of a chunk");
	read_all(&r, "web/main.js", gh_view(plain + 100, 2900), "behind it");
	read_all(&r, "oem.txt", gh_view(plain + 10, 40), "in another chunk");
	done(&r);
	spoil(&gh_format_minifs, minifs_image(), 0x90);
}

/* ---- PFS */

static gh_bytes pfs_image(size_t width)
{
	start();
	text(0, "PFS/1.0");
	put(14, 2, 2, false);
	for (size_t i = 0; i < 2; i++) {
		size_t at = 16 + i * (width + 12);
		text(at, i ? "DOC\\ABOUT.HTM" : "INDEX.HTM");
		put(at + width, 0x12345678, 4, false);
		put(at + width + 4, i * 100, 4, false);
		put(at + width + 8, 100 + i, 4, false);
	}
	size_t data = 16 + 2 * (width + 12);
	noise(data, 201);
	return gh_view(image, data + 201);
}

static void pfs(void **unused)
{
	static const size_t widths[] = { 32, 40, 56 };
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(widths); i++) {
		gh_bytes b = pfs_image(widths[i]);
		struct run r = run(&gh_format_pfs, b, 16);
		EQ(r.code, GH_OK, "pfs");
		EQ(r.span.size, b.len, "pfs");
		read_all(&r, "DOC/ABOUT.HTM", gh_bytes_part(b, b.len - 101, 101), "pfs");
		done(&r);
	}
	spoil(&gh_format_pfs, pfs_image(32), 0x40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(avm_eva), cmocka_unit_test(avm_signature), cmocka_unit_test(arcadyan),
		cmocka_unit_test(minifs),  cmocka_unit_test(pfs),
	};
	return cmocka_run_group_tests_name("format/vendors-b-lzma", tests, NULL, NULL);
}
