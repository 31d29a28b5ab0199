/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/list - every handler, in alphabetical order of its C name. The table, the declarations and the
 * fuzz targets are made from this list; its order is the order in which equals win.
 */
#ifndef GH_FORMAT_LIST_H
#define GH_FORMAT_LIST_H

/* clang-format off */
#define GH_FORMATS(X) \
	X(android_boot) \
	X(android_sparse) \
	X(archive) \
	X(arm_zimage) \
	X(asus_tail) \
	X(bcm63xx) \
	X(brn) \
	X(broadcom_wfi) \
	X(buffalo_bgn) \
	X(buffalo_enc) \
	X(buffalo_tag) \
	X(bzimage) \
	X(bzip2) \
	X(cfe_nvram) \
	X(cpio) \
	X(cramfs) \
	X(cybertan) \
	X(dlink_dap) \
	X(dlink_encimg) \
	X(dlink_encrpted) \
	X(dlink_mh01) \
	X(dlink_shrs) \
	X(dlink_tlv) \
	X(dtb) \
	X(edimax) \
	X(edimax_csys) \
	X(erofs) \
	X(exfat) \
	X(ext) \
	X(f2fs) \
	X(fat) \
	X(fit) \
	X(flash) \
	X(gemtek) \
	X(gpt) \
	X(gzip) \
	X(hilink) \
	X(huawei_hg) \
	X(huawei_hwnp) \
	X(jboot_auh) \
	X(jboot_sch2) \
	X(jboot_stag) \
	X(jcg) \
	X(jffs2) \
	X(linksys_chdr) \
	X(linksys_tail) \
	X(linksys_wrt400n) \
	X(linux_image) \
	X(luks) \
	X(luxul) \
	X(lz4) \
	X(lzma) \
	X(lzop) \
	X(mbr) \
	X(minix) \
	X(motorola) \
	X(mtds) \
	X(myloader) \
	X(nand) \
	X(netgear_chk) \
	X(netgear_dni) \
	X(npk) \
	X(ntfs) \
	X(nvram) \
	X(openssl_salted) \
	X(pgp) \
	X(planex) \
	X(poray) \
	X(psp_env) \
	X(realtek) \
	X(romfs) \
	X(seama) \
	X(senao) \
	X(sercomm) \
	X(squashfs) \
	X(swapped) \
	X(tplink_safeloader) \
	X(tplink_v1) \
	X(tplink_v2) \
	X(trendchip) \
	X(trx) \
	X(ubi) \
	X(ubifs) \
	X(ubnt) \
	X(uboot_env) \
	X(udf) \
	X(uimage) \
	X(upx) \
	X(usrobotics) \
	X(wrgg) \
	X(xiaomi) \
	X(xz) \
	X(yaffs) \
	X(zcomax) \
	X(zstd) \
	X(zyxel_ras) \
	X(zyxel_zld) \
	X(zyxel_zynos) \
	/* the end */
/* clang-format on */

#endif
