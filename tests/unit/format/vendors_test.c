/* SPDX-License-Identifier: Apache-2.0 */
/* Vendors' containers, written here from their published layouts; each once right and once with a byte changed. */
#include "codec/sum.h"
#include "formats.h"

enum { MOST = 1 << 17 };

static uint8_t image[MOST];
static size_t n;

static void u32(size_t at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		image[at + i] = (uint8_t)(v >> (24 - 8 * i));
}

static void text(size_t at, const char *t)
{
	memcpy(image + at, t, strlen(t));
}

/* Bytes that are no format's. */
static void noise(size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		image[at + i] = (uint8_t)(i * 7 + (i >> 8) * 13 + 1);
}

static gh_bytes start(size_t len)
{
	memset(image, 0, sizeof image);
	n = len;
	return gh_view(image, len);
}

/* ---- Ubiquiti */

static void ubnt_part(const char *name, const void *data, uint32_t len)
{
	size_t at = n;
	text(at, "PART");
	text(at + 4, name);
	u32(at + 36, 1);
	u32(at + 40, 0x9f050000);
	u32(at + 48, len);
	u32(at + 52, 0x100000);
	memcpy(image + at + 56, data, len);
	u32(at + 56 + len, gh_crc32(gh_view(image + at, 56 + (size_t)len)));
	n += 56 + len + 8;
}

static gh_bytes ubnt(bool is_signed)
{
	uint8_t kernel[1000] = { 0x27, 5, 0x19, 0x56 }, rest[600];
	kernel[14] = 0x04; /* 0x400 bytes behind its header: 88 of them in the next part */
	for (size_t i = 64; i < sizeof kernel; i++)
		kernel[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof rest; i++)
		rest[i] = (uint8_t)(i * 3);
	(void)start(0x10c);
	text(0, "OPENlaboratory.v0.0.0");
	u32(0x104, gh_crc32(gh_view(image, 0x104)));
	ubnt_part("kernel", kernel, sizeof kernel);
	ubnt_part("rootfs", rest, sizeof rest);
	text(n, is_signed ? "ENDS" : "END.");
	if (is_signed)
		noise(n + 4, 256);
	else
		u32(n + 4, gh_crc32(gh_view(image, n)));
	n += is_signed ? 264 : 12;
	return gh_view(image, n);
}

static void ubiquiti(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_ubnt, ubnt(false), 0);
	EQ(r.code, GH_OK, "ubnt");
	EQ(r.span.size, n, "ubnt");
	EQ(r.span.proof, GH_PROOF_SUM, "ubnt");
	SAME(fact(r.node, "version"), GH_LIT("laboratory.v0.0.0"), "ubnt");
	EQ(sum(r.node, "header CRC")->state, GH_SUM_RIGHT, "ubnt");
	EQ(sum(r.node, "CRC of part 1")->state, GH_SUM_RIGHT, "ubnt");
	EQ(sum(r.node, "image CRC")->state, GH_SUM_RIGHT, "ubnt");
	const gh_node *kernel = part(r.node, "kernel"), *rootfs = part(r.node, "rootfs");
	EQ(kernel->decoded.len, 64 + 0x400, "the kernel goes on in the next part");
	SAME(gh_bytes_part(kernel->decoded, 1000, 88), gh_view(image + 0x10c + 56 + 1000 + 8 + 56, 88),
	     "and is joined");
	EQ(rootfs->content.len, 600 - 88, "what is left of that part");
	done(&r);
	r = run(&gh_format_ubnt, ubnt(true), 0);
	EQ(sum(r.node, "signature")->state, GH_SUM_UNVERIFIABLE, "signed");
	done(&r);
	(void)ubnt(false);
	image[0x10c + 56 + 500] ^= 1;
	r = run(&gh_format_ubnt, gh_view(image, n), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(sum(r.node, "CRC of part 0")->state, GH_SUM_WRONG, "changed");
	EQ(sum(r.node, "CRC of part 1")->state, GH_SUM_RIGHT, "changed");
	EQ(sum(r.node, "image CRC")->state, GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_ubnt, ubnt(false), 0x180);
}

/* ---- SafeLoader */

static gh_bytes safeloader(bool as_text)
{
	static const uint8_t salt[16] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
					  0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };
	const char supports[] = "SupportList:\r\n{product_name:Laboratory,product_ver:1.0.0,special_id:00000000}\r\n";
	(void)start(0x4000);
	noise(0x1014 + 0x1000, 0x1fec);
	u32(0, (uint32_t)n);
	u32(0x14, 12);
	text(0x18, "a laboratory");
	text(0x1014, "fwup-ptn fwup-ptn base 0x00000 size 0x00800\t\r\n"
		     "fwup-ptn os-image base 0x01000 size 0x01000\t\r\n"
		     "fwup-ptn file-system base 0x02000 size 0x00fec\t\r\n"
		     "fwup-ptn soft-version base 0x00800 size 0x00100\t\r\n"
		     "fwup-ptn support-list base 0x00900 size 0x00200\t\r\n");
	u32(0x1014 + 0x800, as_text ? 15 : 12);
	if (as_text)
		text(0x1014 + 0x808, "soft_ver:1.2.3\n");
	else
		memcpy(image + 0x1014 + 0x808, "\xff\x01\x02\x03\x20\x16\x07\x28\x00\x00\x11\xd7", 12);
	u32(0x1014 + 0x900, sizeof supports - 1);
	text(0x1014 + 0x908, supports);
	const gh_bytes runs[] = { gh_view(salt, 16), gh_view(image + 0x14, n - 0x14) };
	gh_md5(runs, 2, image + 4);
	return gh_view(image, n);
}

static void tplink_safeloader(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_tplink_safeloader, safeloader(false), 0);
	EQ(r.code, GH_OK, "safeloader");
	EQ(r.span.proof, GH_PROOF_SUM, "safeloader");
	EQ(sum(r.node, "image MD5")->state, GH_SUM_RIGHT, "safeloader");
	SAME(fact(r.node, "version"), GH_LIT("1.2.3"), "binary version");
	SAME(fact(r.node, "created"), GH_LIT("2016-07-28"), "binary version");
	SAME(fact(r.node, "build"), GH_LIT("4567"), "binary version");
	SAME(fact(r.node, "board"), GH_LIT("{product_name:Laboratory,product_ver:1.0.0,special_id:00000000}"),
	     "boards");
	EQ(part(r.node, "os-image")->at, 0x2014, "bases count from the table");
	EQ(part(r.node, "file-system")->size, 0xfec, "to the end");
	done(&r);
	r = run(&gh_format_tplink_safeloader, safeloader(true), 0);
	SAME(fact(r.node, "version"), GH_LIT("soft_ver:1.2.3"), "version as text");
	done(&r);
	(void)safeloader(false);
	image[0x3000] ^= 1;
	r = run(&gh_format_tplink_safeloader, gh_view(image, n), 0);
	EQ(sum(r.node, "image MD5")->state, GH_SUM_WRONG, "changed");
	done(&r);
	r = run(&gh_format_tplink_safeloader, gh_view(image, 0x3800), 0);
	EQ(sum(r.node, "image MD5")->state, GH_SUM_UNVERIFIABLE, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
	spoil(&gh_format_tplink_safeloader, safeloader(false), 0x20);
}

/* ---- Netgear */

static uint32_t chk_sum(const uint8_t *p, size_t len)
{
	uint32_t a = 0, b = 0;
	for (size_t i = 0; i < len; i++) {
		a += p[i];
		b += a;
	}
	for (unsigned i = 0; i < 2; i++) {
		a = (a & 0xffff) + (a >> 16);
		b = (b & 0xffff) + (b >> 16);
	}
	return (b & 0xffff) << 16 | (a & 0xffff);
}

static gh_bytes chk(void)
{
	enum { HEAD = 0x28 + 20, KERNEL = 3000, ROOTFS = 5000 };
	(void)start(HEAD + KERNEL + ROOTFS);
	noise(HEAD, KERNEL + ROOTFS);
	u32(0, 0x2a23245e);
	u32(4, HEAD);
	memcpy(image + 8, "\x01\x01\x00\x02\x44", 5);
	u32(0x10, chk_sum(image + HEAD, KERNEL));
	u32(0x14, chk_sum(image + HEAD + KERNEL, ROOTFS));
	u32(0x18, KERNEL);
	u32(0x1c, ROOTFS);
	u32(0x20, chk_sum(image + HEAD, KERNEL + ROOTFS));
	text(0x28, "U12H000T00_LABORATOR");
	u32(0x24, chk_sum(image, HEAD));
	return gh_view(image, n);
}

static void netgear_chk(void **unused)
{
	static const char *const sums[] = { "header sum", "kernel sum", "rootfs sum", "image sum" };
	(void)unused;
	struct run r = run(&gh_format_netgear_chk, chk(), 0);
	EQ(r.code, GH_OK, "chk");
	EQ(r.span.proof, GH_PROOF_SUM, "chk");
	SAME(fact(r.node, "board"), GH_LIT("U12H000T00_LABORATOR"), "chk");
	SAME(fact(r.node, "version"), GH_LIT("1.0.2.68"), "chk");
	for (size_t i = 0; i < 4; i++)
		EQ(sum(r.node, sums[i])->state, GH_SUM_RIGHT, sums[i]);
	EQ(part(r.node, "kernel")->size, 3000, "chk");
	EQ(part(r.node, "rootfs")->size, 5000, "chk");
	done(&r);
	(void)chk();
	image[0x3c + 4000] ^= 0x80;
	r = run(&gh_format_netgear_chk, gh_view(image, n), 0);
	EQ(r.code, GH_OK, "changed");
	EQ(sum(r.node, "kernel sum")->state, GH_SUM_RIGHT, "changed");
	EQ(sum(r.node, "rootfs sum")->state, GH_SUM_WRONG, "changed");
	EQ(sum(r.node, "image sum")->state, GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_netgear_chk, chk(), 0x3c);
}

static gh_bytes dni(void)
{
	unsigned sum = 0;
	(void)start(128 + 2000 + 1);
	text(0, "device:LAB2000v5\nversion:V0.0.0.1\nregion:\nhd_id:29763654+0+32+64+0+0\n");
	noise(128, 2000);
	for (size_t i = 0; i + 1 < n; i++)
		sum += image[i];
	image[n - 1] = (uint8_t)(0xff - sum);
	return gh_view(image, n);
}

static void netgear_dni(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_netgear_dni, dni(), 0);
	EQ(r.code, GH_OK, "dni");
	SAME(fact(r.node, "board"), GH_LIT("LAB2000v5"), "dni");
	SAME(fact(r.node, "version"), GH_LIT("V0.0.0.1"), "dni");
	EQ(fact(r.node, "region").len, 0, "an empty field is no fact");
	EQ(sum(r.node, "image sum")->state, GH_SUM_RIGHT, "dni");
	EQ(part(r.node, "image")->size, 2000, "dni");
	done(&r);
	(void)dni();
	image[300] ^= 1;
	r = run(&gh_format_netgear_dni, gh_view(image, n), 0);
	EQ(sum(r.node, "image sum")->state, GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_netgear_dni, dni(), 128);
	memset(image, 'x', 400);
	text(0, "device: a list of changes\nspeaks of it, and is text for longer than a header\n");
	r = run(&gh_format_netgear_dni, gh_view(image, 400), 0);
	EQ(r.code, GH_NOT_MINE, "a text");
	done(&r);
}

/* ---- Broadcom's tag */

static gh_bytes bcm(void)
{
	enum { ROOTFS = 3000, KERNEL = 2000 };
	(void)start(256 + ROOTFS + KERNEL);
	noise(256, ROOTFS + KERNEL);
	text(0, "6");
	text(4, "Broadcom Corporatio");
	text(0x18, "ver. 2.0");
	text(0x26, "6348");
	text(0x2c, "LABORATORY");
	text(0x3c, "1");
	text(0x3e, "5000");
	text(0x48, "0");
	text(0x54, "0");
	text(0x5e, "3217096960");
	text(0x6a, "3000");
	text(0x74, "3217099960");
	text(0x80, "2000");
	u32(0xd8, ~gh_crc32(gh_view(image + 256, ROOTFS + KERNEL)));
	u32(0xdc, ~gh_crc32(gh_view(image + 256, ROOTFS)));
	u32(0xe0, ~gh_crc32(gh_view(image + 256 + ROOTFS, KERNEL)));
	u32(0xec, ~gh_crc32(gh_view(image, 0xec)));
	return gh_view(image, n);
}

static void broadcom(void **unused)
{
	static const char *const sums[] = { "tag CRC", "image CRC", "rootfs CRC", "kernel CRC" };
	(void)unused;
	struct run r = run(&gh_format_bcm63xx, bcm(), 0);
	EQ(r.code, GH_OK, "bcm63xx");
	EQ(r.span.proof, GH_PROOF_SUM, "bcm63xx");
	SAME(fact(r.node, "board"), GH_LIT("LABORATORY"), "bcm63xx");
	SAME(fact(r.node, "chip"), GH_LIT("6348"), "bcm63xx");
	for (size_t i = 0; i < 4; i++)
		EQ(sum(r.node, sums[i])->state, GH_SUM_RIGHT, sums[i]);
	EQ(part(r.node, "rootfs")->at, 256, "by address");
	EQ(part(r.node, "kernel")->at, 256 + 3000, "by address");
	done(&r);
	(void)bcm();
	image[256 + 100] ^= 1;
	r = run(&gh_format_bcm63xx, gh_view(image, n), 0);
	EQ(sum(r.node, "tag CRC")->state, GH_SUM_RIGHT, "changed");
	EQ(sum(r.node, "image CRC")->state, GH_SUM_WRONG, "changed");
	EQ(sum(r.node, "rootfs CRC")->state, GH_SUM_WRONG, "changed");
	EQ(sum(r.node, "kernel CRC")->state, GH_SUM_RIGHT, "changed");
	done(&r);
	(void)bcm();
	text(0x74, "3217096960"); /* the same address: the kernel stands first */
	text(0x80, "2000");
	u32(0xec, ~gh_crc32(gh_view(image, 0xec)));
	r = run(&gh_format_bcm63xx, gh_view(image, n), 0);
	EQ(part(r.node, "kernel")->at, 256, "equal addresses");
	EQ(sum(r.node, "rootfs CRC")->state, GH_SUM_RIGHT, "as OpenWrt's tool takes it");
	done(&r);
	spoil(&gh_format_bcm63xx, bcm(), 256);
}

/* ---- MikroTik */

static void record(unsigned kind, const void *bytes, uint32_t len)
{
	image[n++] = (uint8_t)kind;
	image[n++] = 0;
	for (unsigned i = 0; i < 4; i++)
		image[n++] = (uint8_t)(len >> 8 * i);
	memcpy(image + n, bytes, len);
	n += len;
}

static gh_bytes npk(void)
{
	static const char info[36] = "laboratory\0\0\0\0\0\0\6f-\6\x97gw]";
	(void)start(8);
	memcpy(image, "\x1e\xf1\xd0\xba", 4);
	record(1, info, sizeof info);
	record(16, "mips", 4);
	record(4, "not a stream at all", 19);
	record(9, "no signature of anybody", 23);
	for (unsigned i = 0; i < 4; i++)
		image[4 + i] = (uint8_t)((n - 8) >> 8 * i);
	return gh_view(image, n);
}

static void mikrotik(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_npk, npk(), 0);
	EQ(r.code, GH_OK, "npk");
	EQ(r.span.proof, GH_PROOF_PARSED, "npk");
	SAME(fact(r.node, "product"), GH_LIT("laboratory"), "npk");
	SAME(fact(r.node, "version"), GH_LIT("6.45.6"), "npk");
	SAME(fact(r.node, "created"), GH_LIT("2019-09-10T09:06:31Z"), "npk");
	SAME(fact(r.node, "architecture"), GH_LIT("mips"), "npk");
	EQ(sum(r.node, "signature")->state, GH_SUM_UNVERIFIABLE, "npk");
	SAME(part(r.node, "files")->content, GH_LIT("not a stream at all"), "npk");
	done(&r);
	(void)npk();
	image[8 + 3] ^= 1; /* the first record's length */
	r = run(&gh_format_npk, gh_view(image, n), 0);
	TRUE(r.code != GH_OK || r.span.proof < GH_PROOF_PARSED, "records that do not fill the package");
	done(&r);
	spoil(&gh_format_npk, npk(), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ubiquiti),    cmocka_unit_test(tplink_safeloader), cmocka_unit_test(netgear_chk),
		cmocka_unit_test(netgear_dni), cmocka_unit_test(broadcom),          cmocka_unit_test(mikrotik),
	};
	return cmocka_run_group_tests_name("format/vendors", tests, NULL, NULL);
}
