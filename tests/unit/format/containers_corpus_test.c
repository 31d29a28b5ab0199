/* SPDX-License-Identifier: Apache-2.0 */
/* Vendor headers of real firmware: their checksums hold, and they say what the images are known to be. */
#include <sys/stat.h>

#include "unit/format/formats.h"

static const char *corpus;

static const struct {
	const char *file;
	uint64_t at;
	const gh_format *format;
	gh_proof proof;
	uint64_t size; /* 0: to the end of the file */
	const char *key, *value;
	const char *part;
	uint64_t part_at;
} rows[] = {
	{ "vendor/tplink_wr841nv9_recovery.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "hardware-id", "0x08410009",
	  "firmware", 0x20200 },
	{ "vendor/tplink_wr841nv9_recovery.bin", 0x20200, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "image-version",
	  "3.16.9", "rootfs", 1180160 },
	{ "vendor/tplink_wr940nv4_us_3_16_9.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "hardware-id", "0x09400004",
	  "boot", 0x200 },
	{ "vendor/tplink_wr940nv4_us_3_16_9.bin", 0x20200, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "vendor",
	  "TP-LINK Technologies", "rootfs", 1180160 },
	{ "dd-wrt/tl-wr841nd-webflash.bin", 0, &gh_format_trx, GH_PROOF_SUM, 0, "version", "1", "image", 0x1c },
	{ "dd-wrt/tl-wr841nd-webflash.bin", 0x1c, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "hardware-id", "0x08410009",
	  "rootfs", 929820 },
	{ "dd-wrt/wr840n_factory-to-ddwrt.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "vendor", "DD-WRT", "rootfs",
	  983040 },
	{ "openwrt/bb_tl-wr841_luci_openvpn_wr841n-v9-factory.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0,
	  "firmware-version", "r48549", "rootfs", 1057120 },
	{ "openwrt/cc-krack_tl-wr841n-v9-squashfs-factory.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0, "vendor",
	  "OpenWrt", "rootfs", 995704 },
	{ "openwrt/cc-krack_tl-wr841n-v9-squashfs-sysupgrade.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0,
	  "firmware-version", "r49587", "rootfs", 995704 },
	{ "openwrt/librarybox_tl-wr703n-v1-squashfs-factory.bin", 0, &gh_format_tplink_v1, GH_PROOF_SUM, 0,
	  "hardware-id", "0x07030101", "kernel", 0x200 },
	{ "openwrt/archer-d7-v1-initramfs-kernel.bin", 0, &gh_format_tplink_v2, GH_PROOF_SUM, 0, "hardware-id",
	  "0x89300001", "kernel", 0x200 },
	{ "openwrt/openwrt-ramips-mt76x8-tl-wr840n-v6.2-squashfs-sysupgrade.bin", 0, &gh_format_tplink_v2, GH_PROOF_SUM,
	  0, "firmware-version", "ver. 2.0", "rootfs", 1438448 },
	{ "openwrt/openwrt-ramips-mt76x8-tl-wr840n-v6.2-squashfs-sysupgrade.bin", 0, &gh_format_tplink_v2, GH_PROOF_SUM,
	  0, "hardware-id", "0x08400006", "openwrt-metadata", 0x370004 },
	{ "openwrt/openwrt-ramips-mt76x8-tl-wr840n-v6.2-squashfs-tftp-recovery.bin", 0x10000, &gh_format_tplink_v2,
	  GH_PROOF_SUM, 0, "image-length", "3997696", "rootfs", 1503984 },
	{ "formats/fact_uboot.image", 0, &gh_format_uimage, GH_PROOF_SUM, 0x7ff1 + 64, "name", "u-boot image",
	  "payload", 64 },
	{ "formats/ofrak_uimage_zimage", 0, &gh_format_uimage, GH_PROOF_SUM, 0, "name", "Linux-5.14.0", "payload", 64 },
	{ "formats/ofrak_uimage_lzma", 0, &gh_format_uimage, GH_PROOF_SUM, 0, "compression", "lzma", "payload", 64 },
	{ "formats/ofrak_uimage_nested", 0, &gh_format_uimage, GH_PROOF_SUM, 0, "type", "firmware", "payload", 64 },
	{ "openwrt/lede-ramips-rt305x-ht-tm02-squashfs-sysupgrade.bin", 0, &gh_format_uimage, GH_PROOF_SUM,
	  0x129474 + 64, "created", "2019-06-20T10:53:53Z", "payload", 64 },
	{ "openwrt/openwrt-ramips-mt7621-xiaomi_mir3g-v2-squashfs-sysupgrade.bin", 0, &gh_format_uimage, GH_PROOF_SUM,
	  0x252786 + 64, "architecture", "MIPS", "payload", 64 },
	{ "openwrt/openwrt-ramips-rt305x-dir-300-b1-squashfs-factory.bin", 0x60, &gh_format_uimage, GH_PROOF_SUM,
	  0x108f78 + 64, "name", "MIPS OpenWrt Linux-3.18.23", "payload", 0x60 + 64 },
	{ "openwrt/openwrt-ar71xx-generic-ubnt-nano-m-squashfs-factory.bin", 0x144, &gh_format_uimage, GH_PROOF_SHAPE,
	  0x1327d9 + 64, "os", "Linux", "payload", 0x144 + 64 },
	{ "vendor/huawei_hg532e_c01b020.bin", 0, &gh_format_huawei_hg, GH_PROOF_SUM, 0, "vendor", "Huawei", "image",
	  0x11080 },
	{ "vendor/huawei_hg532e_c01b020.bin", 0x11080, &gh_format_trendchip, GH_PROOF_SUM, 0x35fe79, "magic", "HDR2",
	  "rootfs", 0xecef9 },
	{ "vendor/realtek_onu_v2801f_200410.tar", 0x1cee00, &gh_format_uimage, GH_PROOF_SUM, 0x124cf7 + 64, "name",
	  "Linux Kernel Image", "payload", 0x1cee40 },
	{ "vendor/realtek_onu_v2801f_200410.tar", 0, &gh_format_archive, GH_PROOF_PARSED, 3098624, "kind", "tar", NULL,
	  0 },
	{ "vendor/realtek_onu_v2801f_200827.tar", 0, &gh_format_archive, GH_PROOF_PARSED, 3098624, "kind", "tar", NULL,
	  0 },
	{ "openwrt/openwrt-armvirt-64-default-rootfs.tar.gz", 0, &gh_format_gzip, GH_PROOF_SUM, 0, "system", "Unix",
	  NULL, 0 },
};

static gh_bytes load(const char *file)
{
	char path[4096];
	assert_true(snprintf(path, sizeof path, "%s/%s", corpus, file) < (int)sizeof path);
	FILE *f = fopen(path, "rb");
	if (!f)
		return gh_view(NULL, 0);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	long size = ftell(f);
	rewind(f);
	uint8_t *data = malloc((size_t)size);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)size, f), (size_t)size);
	(void)fclose(f);
	return gh_view(data, (size_t)size);
}

static void give_back(gh_bytes b)
{
	free((void *)(uintptr_t)b.ptr);
}

static void real_headers_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes image = load(rows[i].file);
		if (!image.ptr) {
			print_message("%s is not in the corpus: skipped\n", rows[i].file);
			continue;
		}
		struct run r = run(rows[i].format, gh_bytes_part(image, rows[i].at, image.len), rows[i].at);
		EQ(r.code, GH_OK, rows[i].file);
		EQ(r.unpacked, GH_OK, rows[i].file);
		EQ(r.span.proof, rows[i].proof, rows[i].file);
		EQ(r.span.size, rows[i].size ? rows[i].size : image.len - rows[i].at, rows[i].file);
		SAME(fact(r.node, rows[i].key), gh_view_text(rows[i].value), rows[i].file);
		if (rows[i].part) {
			const gh_node *p = part(r.node, rows[i].part);
			TRUE(p, rows[i].file);
			EQ(p ? p->at : 0, rows[i].part_at, rows[i].file);
		}
		bool wrong = false;
		for (const gh_sum *s = r.node->sums; s; s = s->next)
			wrong |= s->state == GH_SUM_WRONG;
		EQ(wrong, rows[i].proof == GH_PROOF_SHAPE, rows[i].file);
		done(&r);
		give_back(image);
	}
}

static void one_changed_byte_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes image = load(rows[i].file);
		if (!image.ptr || rows[i].format->kind != GH_NODE_CONTAINER || rows[i].proof != GH_PROOF_SUM) {
			give_back(image);
			continue;
		}
		uint8_t *changed = malloc(image.len);
		assert_non_null(changed);
		memcpy(changed, image.ptr, image.len);
		changed[rows[i].at + 0x4000] ^= 0x10;
		struct run r = run(rows[i].format, gh_view(changed + rows[i].at, image.len - rows[i].at), rows[i].at);
		EQ(r.code, GH_OK, rows[i].file);
		EQ(r.span.proof, GH_PROOF_SHAPE, rows[i].file);
		done(&r);
		free(changed);
		give_back(image);
	}
}

static void files_of_a_tar_keep_their_place(void **state)
{
	(void)state;
	gh_bytes image = load("vendor/realtek_onu_v2801f_200410.tar");
	if (!image.ptr)
		skip();
	struct run r = run(&gh_format_archive, image, 0);
	EQ(r.code, GH_OK, "tar");
	const gh_entry *e = entry(r.node, "rootfs");
	TRUE(e, "rootfs");
	EQ(e ? e->at : 0, 3072, "rootfs");
	EQ(e ? e->size : 0, 1892352, "rootfs");
	EQ(e ? e->mode : 0, 0700, "rootfs");
	read_all(&r, "rootfs", gh_bytes_part(image, 3072, 1892352), "rootfs");
	done(&r);
	give_back(image);
}

static void a_real_tar_is_listed_whole(void **state)
{
	(void)state;
	gh_bytes image = load("openwrt/openwrt-armvirt-64-default-rootfs.tar.gz");
	if (!image.ptr)
		skip();
	struct run gz = run(&gh_format_gzip, image, 0);
	EQ(gz.code, GH_OK, "gzip");
	struct run tar = run(&gh_format_archive, gz.node->decoded, 0);
	EQ(tar.code, GH_OK, "tar");
	EQ(tar.span.proof, GH_PROOF_PARSED, "tar");
	const gh_entry *link = entry(tar.node, "bin/ash");
	TRUE(link && link->type == GH_ENTRY_LINK, "bin/ash");
	SAME(link ? link->target : gh_view(NULL, 0), GH_LIT("busybox"), "bin/ash");
	TRUE(entry(tar.node, "etc/passwd"), "etc/passwd");
	read_all(&tar, NULL, gh_view(NULL, 0), "tar");
	done(&tar);
	done(&gz);
	give_back(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_headers_hold),
		cmocka_unit_test(one_changed_byte_is_seen),
		cmocka_unit_test(files_of_a_tar_keep_their_place),
		cmocka_unit_test(a_real_tar_is_listed_whole),
	};
	/* Meson runs tests in the build folder, people in the project's root. */
	const char *places[] = { getenv("GIFTHORSE_CORPUS"), "../shared/corpus", "../../shared/corpus" };
	for (size_t i = 0; i < GH_COUNT(places) && !corpus; i++) {
		struct stat st;
		if (places[i] && stat(places[i], &st) == 0)
			corpus = places[i];
	}
	if (!corpus) {
		printf("1..0 # SKIP no corpus (set GIFTHORSE_CORPUS)\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
