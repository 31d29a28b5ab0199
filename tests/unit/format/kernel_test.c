/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels as they stand on flash, and what boot loaders keep beside them, written here from their published layouts. */
#include "codec/sum.h"
#include "formats.h"

enum { MOST = 1 << 17 };

static uint8_t image[MOST];

static void put(size_t at, uint64_t v, unsigned n, bool big)
{
	for (unsigned i = 0; i < n; i++)
		image[at + (big ? n - 1 - i : i)] = (uint8_t)(v >> (8 * i));
}

static void text(size_t at, const char *t)
{
	memcpy(image + at, t, strlen(t));
}

static gh_bytes start(size_t len)
{
	memset(image, 0, sizeof image);
	return gh_view(image, len);
}

static gh_bytes zimage(bool big)
{
	(void)start(20000);
	for (size_t i = 0; i < 8; i++)
		put(4 * i, 0xe1a00000, 4, big);
	put(0x24, 0x016f2818, 4, big);
	put(0x2c, 20000, 4, big);
	put(0x30, 0x04030201, 4, big);
	for (size_t i = 0x34; i < 20000; i++)
		image[i] = (uint8_t)(i * 7);
	memcpy(image + 0x1000, "\x1f\x8b\x08\x00\0\0\0\0\x02\x03", 10);
	return gh_view(image, 20000);
}

static void arm(void **unused)
{
	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		struct run r = run(&gh_format_arm_zimage, zimage(big), 0x40);
		EQ(r.code, GH_OK, "zImage");
		EQ(r.span.size, 20000, "zImage");
		SAME(fact(r.node, "byte-order"), big ? GH_LIT("big-endian") : GH_LIT("little-endian"), "zImage");
		EQ(part(r.node, "payload")->at, 0x40 + 0x1000, "zImage");
		EQ(part(r.node, "payload")->size, 20000 - 0x1000, "zImage");
		TRUE(!r.node->notes, "zImage");
		done(&r);
	}
	struct run r = run(&gh_format_arm_zimage, gh_view(image, 9000), 0);
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut short");
	done(&r);
	(void)zimage(false);
	put(0x2c, 0, 4, false);
	r = run(&gh_format_arm_zimage, gh_view(image, 20000), 0);
	EQ(r.code, GH_CORRUPT, "it ends before it starts");
	done(&r);
	spoil(&gh_format_arm_zimage, zimage(false), 0x34);
}

static gh_bytes bare(bool riscv)
{
	(void)start(MOST);
	put(0x10, 1 << 17, 8, false);
	put(0x18, riscv ? 0 : 10, 8, false); /* little-endian, pages of 4 KiB */
	if (riscv) {
		text(0x30, "RISCV");
		text(0x38, "RSC\x05");
	} else {
		text(0x38, "ARM\x64");
	}
	text(0x2000, "Linux version %s (%s)");
	text(0x3000, "Linux version 6.6.0 (nobody@laboratory) #1 SMP\n and more");
	return gh_view(image, MOST);
}

static void bare_kernels(void **unused)
{
	(void)unused;
	for (unsigned riscv = 0; riscv < 2; riscv++) {
		struct run r = run(&gh_format_linux_image, bare(riscv), 0x100);
		EQ(r.code, GH_OK, "Image");
		SAME(fact(r.node, "architecture"), riscv ? GH_LIT("RISC-V") : GH_LIT("ARM64"), "Image");
		SAME(fact(r.node, "kernel"), GH_LIT("Linux version 6.6.0 (nobody@laboratory) #1 SMP"), "Image");
		EQ(part(r.node, "kernel")->at, 0x100 + 64, "Image");
		done(&r);
	}
	put(0x10, UINT64_MAX, 8, false);
	struct run r = run(&gh_format_linux_image, gh_view(image, MOST), 0);
	EQ(r.code, GH_CORRUPT, "a size that cannot be");
	done(&r);
	spoil(&gh_format_linux_image, bare(false), 64);
}

static gh_bytes pc(void)
{
	enum { SIZE = 0x800 + 0x1000 };
	(void)start(SIZE);
	image[0x1f1] = 3;
	put(0x1f4, 0x1000 / 16, 4, false);
	memcpy(image + 0x1fe, "\x55\xaa\xeb\x66HdrS", 8);
	put(0x206, 0x20f, 2, false);
	put(0x20e, 0x300, 2, false);
	put(0x248, 0x400, 4, false);
	put(0x24c, 0x800, 4, false);
	text(0x500, "6.6.0 (nobody@laboratory) #1");
	for (size_t i = 0x800; i < SIZE - 4; i++)
		image[i] = (uint8_t)(i * 5);
	put(SIZE - 4, ~gh_crc32(gh_view(image, SIZE - 4)), 4, false);
	return gh_view(image, SIZE);
}

static void bzimage(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_bzimage, pc(), 0);
	EQ(r.code, GH_OK, "bzImage");
	EQ(r.span.proof, GH_PROOF_SUM, "bzImage");
	EQ(r.node->sums->state, GH_SUM_RIGHT, "bzImage");
	SAME(fact(r.node, "version"), GH_LIT("6.6.0 (nobody@laboratory) #1"), "bzImage");
	SAME(fact(r.node, "protocol"), GH_LIT("2.15"), "bzImage");
	EQ(part(r.node, "payload")->at, 0xc00, "bzImage");
	EQ(part(r.node, "payload")->size, 0x800, "bzImage");
	done(&r);
	image[0x900] ^= 1;
	r = run(&gh_format_bzimage, gh_view(image, 0x1800), 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "changed");
	EQ(r.node->sums->state, GH_SUM_WRONG, "changed");
	done(&r);
	text(0, "MZ");
	r = run(&gh_format_bzimage, gh_view(image, 0x1800), 0);
	EQ(r.node->sums->state, GH_SUM_UNVERIFIABLE, "an EFI program, which may be signed");
	done(&r);
	spoil(&gh_format_bzimage, pc(), 0x250);
}

static void settings(void)
{
	static const char rows[] = "boardtype=0xlab\0et0macaddr=02:00:00:12:34:56\0wl0_wpa_psk=not a secret\0";
	(void)start(0x100);
	text(0, "FLSH");
	put(4, 0x100, 4, false);
	image[9] = 1;
	memcpy(image + 20, rows, sizeof rows);
}

/* Bit by bit from the other end: not as the handler does it. */
static uint8_t crc8_otherwise(gh_bytes b)
{
	unsigned crc = 0xff;
	for (size_t i = 0; i < b.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			unsigned out = (crc ^ b.ptr[i] >> bit) & 1;
			crc >>= 1;
			if (out)
				crc ^= 0xab;
		}
	return (uint8_t)crc;
}

static void broadcom_settings(void **unused)
{
	(void)unused;
	settings();
	image[8] = crc8_otherwise(gh_view(image + 9, 0x100 - 9));
	struct run r = run(&gh_format_nvram, gh_view(image, 0x180), 0);
	EQ(r.code, GH_OK, "NVRAM");
	EQ(r.span.size, 0x100, "NVRAM");
	EQ(r.span.proof, GH_PROOF_SUM, "NVRAM");
	EQ(r.node->sums->state, GH_SUM_RIGHT, "NVRAM");
	SAME(fact(r.node, "variables"), GH_LIT("3"), "NVRAM");
	unsigned shown = 0, secret = 0;
	for (const gh_fact *f = r.node->facts; f; f = f->next) {
		shown += strcmp(f->key, "variable") == 0 && !f->secret;
		secret += strcmp(f->key, "variable") == 0 && f->secret;
	}
	EQ(shown, 1, "NVRAM");
	EQ(secret, 2, "an address and a key");
	done(&r);
	image[8] ^= 1;
	r = run(&gh_format_nvram, gh_view(image, 0x180), 0);
	EQ(r.node->sums->state, GH_SUM_WRONG, "NVRAM");
	done(&r);
	spoil(&gh_format_nvram, gh_view(image, 0x100), 0x40);
}

static gh_bytes board(unsigned version)
{
	size_t size = version < 5 ? 300 : 1024;
	(void)start(size);
	put(0, version, 4, true);
	text(4, "e=192.0.2.1:ffffff00 h=192.0.2.100 f=vmlinux i=laboratory");
	text(0x104, "LABORATORY");
	put(0x11c, 1, 4, true);
	memcpy(image + 0x120, "\x02\0\0\x12\x34\x56", 6);
	put(size - 4, ~gh_crc32(gh_view(image, size)), 4, true);
	return gh_view(image, size);
}

static void broadcom_board(void **unused)
{
	(void)unused;
	for (unsigned version = 4; version < 7; version += 2) {
		struct run r = run(&gh_format_cfe_nvram, board(version), 0x580);
		EQ(r.code, GH_OK, "board");
		EQ(r.span.proof, GH_PROOF_SUM, "board");
		EQ(r.node->sums->state, GH_SUM_RIGHT, "board");
		SAME(fact(r.node, "board"), GH_LIT("LABORATORY"), "board");
		SAME(fact(r.node, "mac"), GH_LIT("02:00:00:12:34:56"), "board");
		done(&r);
		image[0x104] = 'l';
		r = run(&gh_format_cfe_nvram, gh_view(image, 1024), 0);
		EQ(r.node->sums->state, GH_SUM_WRONG, "another board");
		done(&r);
	}
	spoil(&gh_format_cfe_nvram, board(4), 300);
}

static gh_bytes table(bool big)
{
	(void)start(0x90);
	put(0, 0x20021103, 4, big);
	for (unsigned i = 0; i < 3; i++) {
		put(16 + 16 * (size_t)i, i == 1, 2, big);
		put(18 + 16 * (size_t)i, 1, 2, big);
		put(20 + 16 * (size_t)i, 0x20000 * i, 4, big);
		put(24 + 16 * (size_t)i, 0x20000, 4, big);
	}
	return gh_view(image, 0x90);
}

static void compex(void **unused)
{
	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		struct run r = run(&gh_format_myloader, table(big), 0x10000);
		EQ(r.code, GH_OK, "MyLoader");
		SAME(fact(r.node, "partition"), GH_LIT("1 0x0 0x20000"), "MyLoader");
		SAME(r.node->facts->next->next->value, GH_LIT("2 (active) 0x20000 0x20000"), "MyLoader");
		done(&r);
	}
	put(20, 0xffffffff, 4, true);
	struct run r = run(&gh_format_myloader, gh_view(image, 0x90), 0);
	EQ(r.code, GH_NOT_MINE, "a partition behind all flash");
	done(&r);
	spoil(&gh_format_myloader, table(false), 0x90);
}

static size_t chunk(size_t at, unsigned number, const char *data, size_t len)
{
	size_t chunks = (5 + len + 15) / 16;
	image[at] = (uint8_t)number;
	image[at + 4] = (uint8_t)chunks;
	memset(image + at + 5, 0, chunks * 16 - 5);
	memcpy(image + at + 5, data, len);
	return at + chunks * 16;
}

static gh_bytes psp(void)
{
	(void)start(0x1000);
	memset(image + 16, 0xff, 0x1000 - 16);
	text(0, "TIENV0.8");
	size_t at = chunk(16, 2, "0x02000000", 11);
	at = chunk(at, 8, "02:00:00:12:34:56", 18);
	at = chunk(at, 0, "ProductID\0laboratory", 21);
	(void)chunk(at, 77, "no name", 8);
	return gh_view(image, 0x1000);
}

static void texas(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_psp_env, psp(), 0x10000);
	EQ(r.code, GH_OK, "PSPBoot");
	EQ(r.span.size, 0x1000, "PSPBoot");
	const gh_fact *f = r.node->facts->next;
	SAME(f->value, GH_LIT("memsize=0x02000000"), "PSPBoot");
	SAME(f->next->value, GH_LIT("maca=02:00:00:12:34:56"), "PSPBoot");
	TRUE(f->next->secret, "an address");
	SAME(f->next->next->value, GH_LIT("ProductID=laboratory"), "PSPBoot");
	SAME(f->next->next->next->value, GH_LIT("77=no name"), "PSPBoot");
	TRUE(!f->next->next->next->next, "erased flash ends them");
	done(&r);
	image[20] = 0xff; /* more chunks than are there */
	r = run(&gh_format_psp_env, gh_view(image, 0x800), 0);
	EQ(r.code, GH_CORRUPT, "PSPBoot");
	done(&r);
	spoil(&gh_format_psp_env, psp(), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arm),
		cmocka_unit_test(bare_kernels),
		cmocka_unit_test(bzimage),
		cmocka_unit_test(broadcom_settings),
		cmocka_unit_test(broadcom_board),
		cmocka_unit_test(compex),
		cmocka_unit_test(texas),
	};
	return cmocka_run_group_tests_name("format/kernel", tests, NULL, NULL);
}
