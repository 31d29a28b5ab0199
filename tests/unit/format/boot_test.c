/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around kernels on flash, made by packaged tools where there is one. */
#include "codec/sum.h"
#include "unit/format/flash_tests.h"

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(flash_in(name), "wb");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static gh_bytes made_by(const char *const *argv)
{
	if (!flash_tool(argv)) {
		print_message("%s is not installed\n", argv[0]);
		return gh_view(NULL, 0);
	}
	return flash_load(flash_in("image"));
}

static const gh_fact *variable(const gh_node *node, const char *start)
{
	for (const gh_fact *f = node->facts; f; f = f->next)
		if (strcmp(f->key, "variable") == 0 && gh_bytes_start(f->value, gh_view_text(start)))
			return f;
	return NULL;
}

static void environments(void **unused)
{
	static const struct {
		const char *size, *big, *flag;
	} rows[] = { { "4096", NULL, NULL },    { "0x2000", "-b", NULL }, { "0x10000", NULL, "-r" },
		     { "0x20000", "-b", "-r" }, { "61440", NULL, NULL },  { "0x40000", "-b", NULL } };
	(void)unused;
	write_text("env", "bootcmd=run load; bootm 0x81000000\nethaddr=02:00:00:12:34:56\nserial#=LAB0001\nmachid=1\n");
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const char *argv[10] = { "mkenvimage", "-s", rows[i].size, "-o", flash_in("image"), flash_in("env") };
		size_t n = 6;
		if (rows[i].big)
			argv[n++] = rows[i].big;
		if (rows[i].flag)
			argv[n++] = rows[i].flag;
		gh_bytes b = made_by(argv);
		if (!b.ptr)
			return;
		uint8_t *more = calloc(1, b.len + 777);
		assert_non_null(more);
		memcpy(more, b.ptr, b.len);
		struct run r = run(&gh_format_uboot_env, gh_view(more, b.len + 777), 0x30000);
		EQ(r.code, GH_OK, rows[i].size);
		EQ(r.span.size, b.len, rows[i].size);
		EQ(r.span.proof, GH_PROOF_SUM, rows[i].size);
		EQ(r.node->sums->state, GH_SUM_RIGHT, rows[i].size);
		SAME(fact(r.node, "byte-order"), rows[i].big ? GH_LIT("big-endian") : GH_LIT("little-endian"),
		     rows[i].size);
		SAME(fact(r.node, "flag"), rows[i].flag ? GH_LIT("1") : gh_view(NULL, 0), rows[i].size);
		TRUE(!variable(r.node, "bootcmd=")->secret && !variable(r.node, "machid=")->secret, "shown");
		TRUE(variable(r.node, "ethaddr=")->secret && variable(r.node, "ethaddr=")->open == 16, "half shown");
		TRUE(variable(r.node, "serial#=")->secret && variable(r.node, "serial#=")->open == 8, "masked");
		done(&r);
		more[b.len / 2] ^= 1;
		r = run(&gh_format_uboot_env, gh_view(more, b.len + 777), 0);
		EQ(r.code, GH_NOT_MINE, "no chance hits: the CRC must hold");
		done(&r);
		free(more);
		flash_drop(b);
	}
	gh_bytes seed =
		made_by((const char *[]){ "mkenvimage", "-s", "512", "-o", flash_in("image"), flash_in("env"), NULL });
	spoil(&gh_format_uboot_env, seed, 128);
	flash_drop(seed);
}

static void android_boot(void **unused)
{
	static const char *const versions[] = { "0", "1", "2", "3" };
	(void)unused;
	flash_file("kernel", 9000, 'r');
	flash_file("ramdisk", 5000, 'r');
	for (size_t i = 0; i < GH_COUNT(versions); i++) {
		gh_bytes b = made_by((const char *[]){ "mkbootimg", "--kernel", flash_in("kernel"), "--ramdisk",
						       flash_in("ramdisk"), "--header_version", versions[i],
						       "--cmdline", "console=lab", "--os_version", "11.0.0",
						       "--os_patch_level", "2021-05", "--output", flash_in("image"),
						       i == 2 ? "--dtb" : NULL, flash_in("ramdisk"), NULL });
		if (!b.ptr)
			return;
		struct run r = run(&gh_format_android_boot, b, 0x800);
		EQ(r.code, GH_OK, versions[i]);
		EQ(r.span.size, b.len, versions[i]);
		SAME(fact(r.node, "header-version"), gh_view_text(versions[i]), versions[i]);
		SAME(fact(r.node, "command-line"), GH_LIT("console=lab"), versions[i]);
		SAME(fact(r.node, "version"), GH_LIT("Android 11.0.0"), versions[i]);
		SAME(fact(r.node, "patch-level"), GH_LIT("2021-05"), versions[i]);
		gh_bytes kernel = flash_load(flash_in("kernel")), ramdisk = flash_load(flash_in("ramdisk"));
		SAME(part(r.node, "kernel")->content, kernel, versions[i]);
		SAME(part(r.node, "ramdisk")->content, ramdisk, versions[i]);
		if (i == 2)
			SAME(part(r.node, "dtb")->content, ramdisk, versions[i]);
		if (i < 3) {
			EQ(r.span.proof, GH_PROOF_SUM, versions[i]);
			EQ(r.node->sums->state, GH_SUM_RIGHT, versions[i]);
		}
		done(&r);
		flash_drop(kernel);
		flash_drop(ramdisk);
		uint8_t *bad = (uint8_t *)(uintptr_t)b.ptr;
		if (i == 3) { /* the tool knows no version 4, which has the size of a signature in addition */
			bad[40] = 4;
			r = run(&gh_format_android_boot, b, 0);
			SAME(fact(r.node, "header-version"), GH_LIT("4"), "version 4");
			EQ(part(r.node, "ramdisk")->size, 5000, "version 4");
			done(&r);
		}
		bad[b.len - 5000] ^= 1;
		r = run(&gh_format_android_boot, b, 0);
		EQ(r.code, GH_OK, versions[i]);
		EQ(r.span.proof, GH_PROOF_SHAPE, versions[i]);
		TRUE(i >= 3 || r.node->sums->state == GH_SUM_WRONG, versions[i]);
		done(&r);
		spoil(&gh_format_android_boot, b, 64);
		flash_drop(b);
	}
}

static void android_sparse(void **unused)
{
	(void)unused;
	flash_file("a", 50000, 'r');
	FILE *f = fopen(flash_in("a"), "ab");
	assert_non_null(f);
	for (unsigned i = 0; i < 200000; i++) /* blocks of one word, and of nothing */
		assert_int_not_equal(fputc(i < 100000 ? "laby"[(i + 50000) % 4] : 0, f), EOF);
	assert_int_equal(fclose(f), 0);
	gh_bytes b = made_by((const char *[]){ "img2simg", flash_in("a"), flash_in("image"), NULL });
	if (!b.ptr)
		return;
	gh_bytes want = flash_load(flash_in("a"));
	struct run r = run(&gh_format_android_sparse, b, 0);
	EQ(r.code, GH_OK, "sparse");
	EQ(r.span.size, b.len, "sparse");
	TRUE(b.len < want.len / 2, "sparse");
	EQ(r.span.proof, GH_PROOF_PARSED, "sparse");
	TRUE(r.node->decoded.len >= want.len, "sparse");
	SAME(gh_bytes_part(r.node->decoded, 0, want.len), want, "sparse");
	done(&r);
	uint8_t *with = malloc(b.len + 16);
	assert_non_null(with);
	memcpy(with, b.ptr, b.len);
	memcpy(with + b.len, "\xc4\xca\0\0\0\0\0\0\x10\0\0\0", 12);
	uint8_t padded[4096] = { 0 };
	uint32_t crc = gh_crc32_more(gh_crc32(want), gh_view(padded, (4096 - want.len % 4096) % 4096));
	for (unsigned i = 0; i < 4; i++)
		with[b.len + 12 + i] = (uint8_t)(crc >> (8 * i));
	with[20]++; /* one chunk more */
	r = run(&gh_format_android_sparse, gh_view(with, b.len + 16), 0);
	EQ(r.span.proof, GH_PROOF_SUM, "with a CRC");
	done(&r);
	with[b.len + 13] ^= 1;
	r = run(&gh_format_android_sparse, gh_view(with, b.len + 16), 0);
	EQ(r.span.proof, GH_PROOF_PARSED, "with a wrong CRC");
	TRUE(noted(r.node->notes, GH_CORRUPT), "with a wrong CRC");
	done(&r);
	r = run(&gh_format_android_sparse, gh_bytes_part(b, 0, b.len / 2), 0);
	TRUE(r.code != GH_OK || noted(r.node->notes, GH_TRUNCATED), "cut short");
	done(&r);
	spoil(&gh_format_android_sparse, b, 44);
	free(with);
	flash_drop(want);
	flash_drop(b);
}

static void empty_disk(const char *name, long mib)
{
	FILE *f = fopen(flash_in(name), "wb");
	assert_non_null(f);
	assert_int_equal(fseek(f, mib * 1024 * 1024 - 1, SEEK_SET), 0);
	assert_int_equal(fputc(0, f), 0);
	assert_int_equal(fclose(f), 0);
}

static void mbr(void **unused)
{
	(void)unused;
	empty_disk("image", 8);
	write_text("script", "1 : start=2048, size=2048, type=83, bootable\n2 : start=4096, size=8192, type=5\n"
			     "5 : size=2048, type=82\n6 : size=2000, type=c\n");
	write_text("run", "/usr/sbin/sfdisk -q --no-reread --no-tell-kernel \"$1\" < \"$2\"\n");
	if (access("/usr/sbin/sfdisk", X_OK) != 0) {
		print_message("sfdisk is not installed\n");
		return;
	}
	gh_bytes b = made_by((const char *[]){ "sh", flash_in("run"), flash_in("image"), flash_in("script"), NULL });
	struct run r = run(&gh_format_mbr, b, 0x200);
	EQ(r.code, GH_OK, "MBR");
	EQ(r.span.size, (4096 + 8192) * 512, "MBR");
	EQ(part(r.node, "partition 1")->at, 0x200 + 2048 * 512, "MBR");
	EQ(part(r.node, "partition 1")->size, 2048 * 512, "MBR");
	TRUE(part(r.node, "partition 2") == NULL, "others lie in it");
	TRUE(part(r.node, "partition 5") && part(r.node, "partition 6"), "and here they are");
	EQ(part(r.node, "partition 6")->size, 2000 * 512, "MBR");
	SAME(fact(r.node, "partition"), GH_LIT("1 0x100000 0x100000 type 83 (Linux) active"), "MBR");
	TRUE(!r.node->notes, "MBR");
	done(&r);
	uint8_t *bad = (uint8_t *)(uintptr_t)b.ptr;
	bad[0x1be + 16 + 9] = 0; /* the second begins in the first */
	bad[0x1be + 16 + 8] = 1;
	r = run(&gh_format_mbr, b, 0);
	EQ(r.code, GH_CORRUPT, "partitions that cross");
	done(&r);
	spoil(&gh_format_mbr, gh_bytes_part(b, 0, 4096), 512);
	flash_drop(b);
}

static void gpt(void **unused)
{
	(void)unused;
	empty_disk("image", 8);
	gh_bytes b = made_by((const char *[]){ "sgdisk", "-o", "-n", "1:2048:4095", "-c", "1:boot", "-t", "1:ef00",
					       "-n", "2:6144:8191", "-c", "2:two words", flash_in("image"), NULL });
	if (!b.ptr)
		return;
	struct run r = run(&gh_format_gpt, b, 0x200);
	EQ(r.code, GH_OK, "GPT");
	EQ(r.span.size, b.len, "GPT");
	EQ(r.span.proof, GH_PROOF_SUM, "GPT");
	EQ(sum(r.node, "header CRC")->state, GH_SUM_RIGHT, "GPT");
	EQ(sum(r.node, "entries CRC")->state, GH_SUM_RIGHT, "GPT");
	EQ(sum(r.node, "backup header CRC")->state, GH_SUM_RIGHT, "GPT");
	EQ(part(r.node, "boot")->at, 0x200 + 2048 * 512, "GPT");
	EQ(part(r.node, "partition 2")->size, 2048 * 512, "GPT");
	SAME(fact(r.node, "partition"), GH_LIT("1 0x100000 0x100000 boot (EFI system)"), "GPT");
	TRUE(!r.node->notes, "GPT");
	done(&r);
	r = run(&gh_format_gpt, gh_bytes_part(b, 0, b.len / 2), 0);
	EQ(sum(r.node, "backup header CRC")->state, GH_SUM_ABSENT, "cut short");
	done(&r);
	uint8_t *bad = (uint8_t *)(uintptr_t)b.ptr;
	bad[1024 + 200] ^= 1;
	r = run(&gh_format_gpt, b, 0);
	EQ(sum(r.node, "entries CRC")->state, GH_SUM_WRONG, "an entry that was changed");
	TRUE(noted(r.node->notes, GH_CORRUPT), "it differs from its copy");
	done(&r);
	bad[512 + 48] ^= 1;
	r = run(&gh_format_gpt, b, 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "a header that was changed");
	done(&r);
	spoil(&gh_format_gpt, gh_bytes_part(b, 0, 2048), 0);
	for (size_t i = 512; i < 604; i++) {
		uint8_t was = bad[i];
		bad[i] = 0xff;
		r = run(&gh_format_gpt, gh_bytes_part(b, 0, 20000), 0);
		done(&r);
		bad[i] = was;
	}
	flash_drop(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environments), cmocka_unit_test(android_boot), cmocka_unit_test(android_sparse),
		cmocka_unit_test(mbr),          cmocka_unit_test(gpt),
	};
	return cmocka_run_group_tests_name("format/boot", tests, flash_begin_empty, flash_end);
}
