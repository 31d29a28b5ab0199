/* SPDX-License-Identifier: Apache-2.0 */
/* FAT as mkfs.fat and mtools make it; exFAT as mkfs.exfat makes it, with a folder written here. */
#include "unit/format/flash_tests.h"

static void tool(const char *const *argv)
{
	if (!flash_tool(argv))
		skip();
}

static gh_bytes image(const char *width, const char *kib)
{
	(void)unlink(flash_in("image"));
	tool((const char *[]){ "mkfs.fat", "-C", "-n", "LAB", "-F", width, flash_in("image"), kib, NULL });
	tool((const char *[]){ "mcopy", "-s", "-m", "-i", flash_in("image"), flash_in("tree/folder"),
			       flash_in("tree/top.txt"), "::", NULL });
	tool((const char *[]){ "mdel", "-i", flash_in("image"), "::folder/A file that goes away.bin", NULL });
	return flash_load(flash_in("image"));
}

static void what_mtools_copied_comes_out_again(void **unused)
{
	static const struct {
		const char *width, *kib, *version;
	} rows[] = { { "12", "1440", "FAT12" }, { "16", "9000", "FAT16" }, { "32", "34000", "FAT32" } };
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes b = image(rows[i].width, rows[i].kib);
		struct run r = run(&gh_format_fat, b, 0x4000);
		EQ(r.code, GH_OK, rows[i].version);
		TRUE(r.span.size <= b.len && b.len - r.span.size < 32768, rows[i].version); /* whole tracks */
		EQ(r.span.proof, GH_PROOF_PARSED, rows[i].version);
		TRUE(!r.node->notes, rows[i].version);
		SAME(fact(r.node, "version"), gh_view_text(rows[i].version), rows[i].version);
		SAME(fact(r.node, "name"), GH_LIT("LAB"), rows[i].version);
		static const char *const names[] = { "top.txt", "folder/Long name of a file, with commas.text",
						     "folder/deep/\xc3\xa4 \xc3\xb6.text", "folder/deep/empty",
						     "folder/A file that goes away.bin" };
		for (size_t k = 0; k < GH_COUNT(names); k++) {
			char path[128];
			(void)snprintf(path, sizeof path, "tree/%s", names[k]);
			gh_bytes want = flash_load(flash_in(path));
			const gh_entry *e = entry(r.node, names[k]);
			TRUE(e != NULL, names[k]);
			if (!e)
				continue;
			EQ(e->past, k == 4 ? GH_DELETED : GH_NOW, names[k]);
			EQ(e->size, want.len, names[k]);
			read_all(&r, names[k], want, names[k]);
			flash_drop(want);
		}
		TRUE(entry(r.node, "folder/deep") && entry(r.node, "folder/deep")->type == GH_ENTRY_DIR, "a folder");
		EQ(r.node->volume->count, 8, rows[i].version); /* two folders, 40.txt */
		uint8_t *left = (uint8_t *)(uintptr_t)b.ptr;
		for (size_t k = 0; k < r.node->volume->n_used; k++) {
			gh_extent x = r.node->volume->used[k];
			memset(left + (x.at - 0x4000), 0, x.size);
		}
		size_t n = 0;
		for (size_t k = 0; k < b.len; k++)
			n += left[k] != 0;
		EQ(n, 0, "nothing is hidden");
		done(&r);
		flash_drop(b);
	}
}

static void what_lies_where_no_name_leads(void **unused)
{
	(void)unused;
	gh_bytes b = image("16", "9000");
	uint8_t *raw = (uint8_t *)(uintptr_t)b.ptr;
	struct run r = run(&gh_format_fat, b, 0);
	EQ(r.code, GH_OK, "FAT16");
	gh_cur c = gh_cur_over(b, 0);
	gh_skip(&c, 14);
	size_t table = (size_t)512 * gh_u16le(&c), entry_of = table + 2 * (size_t)4000;
	done(&r);
	raw[entry_of] = raw[entry_of + 1] = 0xff;
	r = run(&gh_format_fat, b, 0);
	TRUE(noted(r.node->notes, GH_OK), "a lost cluster");
	TRUE(noted(r.node->notes, GH_CORRUPT), "tables that differ");
	done(&r);
	flash_drop(b);
}

static void what_is_broken_ends(void **unused)
{
	static const char *const widths[] = { "12", "32" };
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(widths); i++) {
		gh_bytes b = image(widths[i], i ? "34000" : "1440");
		uint8_t *raw = (uint8_t *)(uintptr_t)b.ptr;
		/* the boot sector, then places in tables and folders */
		for (size_t at = 3; at < 512 * 200; at += at < 100 ? 1 : at < 512 ? 101 : 509)
			for (unsigned how = 0; how < 2; how++) {
				uint8_t was = raw[at];
				raw[at] = how ? 0xff : was ^ 1;
				struct run r = run(&gh_format_fat, gh_bytes_part(b, 0, (size_t)512 * 400), 0);
				if (r.code == GH_OK && r.node->volume)
					read_all(&r, NULL, gh_view(NULL, 0), widths[i]);
				done(&r);
				raw[at] = was;
			}
		flash_drop(b);
	}
}

static uint8_t *ex;

static void put(size_t at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		ex[at + i] = (uint8_t)(v >> (8 * i));
}

static void ex_file(size_t at, const char *name, bool folder, bool row, uint32_t first, uint64_t size)
{
	size_t n = strlen(name);
	ex[at] = 0x85;
	ex[at + 1] = (uint8_t)(1 + (n + 14) / 15);
	put(at + 4, folder ? 0x10 : 0x20, 2);
	put(at + 12, 0x52b46000, 4); /* 2021-05-20 12:00:00 */
	ex[at + 32] = 0xc0;
	ex[at + 33] = row ? 3 : 1;
	ex[at + 35] = (uint8_t)n;
	put(at + 40, size, 8);
	put(at + 52, first, 4);
	put(at + 56, size, 8);
	for (size_t i = 0; i < n; i++) {
		ex[at + 64 + i / 15 * 32] = 0xc1;
		ex[at + 64 + i / 15 * 32 + 2 + i % 15 * 2] = (uint8_t)name[i];
	}
	uint16_t sum = 0;
	for (size_t i = 0; i < 32 * (1 + (size_t)ex[at + 1]); i++)
		if (i != 2 && i != 3)
			sum = (uint16_t)((sum << 15 | sum >> 1) + ex[at + i]);
	put(at + 2, sum, 2);
}

static void exfat(void **unused)
{
	(void)unused;
	FILE *f = fopen(flash_in("ex"), "wb");
	assert_non_null(f);
	assert_int_equal(fseek(f, (4 << 20) - 1, SEEK_SET), 0);
	assert_int_equal(fputc(0, f), 0);
	assert_int_equal(fclose(f), 0);
	tool((const char *[]){ "mkfs.exfat", "-L", "lab", "-c", "4096", flash_in("ex"), NULL });
	gh_bytes b = flash_load(flash_in("ex"));
	ex = (uint8_t *)(uintptr_t)b.ptr;
	gh_cur c = gh_cur_over(gh_bytes_part(b, 0x50, 32), 0);
	size_t table = (size_t)512 * gh_u32le(&c);
	gh_skip(&c, 4);
	size_t data = (size_t)512 * gh_u32le(&c);
	gh_skip(&c, 4);
	uint32_t root = gh_u32le(&c);
	size_t at = data + (size_t)(root - 2) * 4096;
	while (ex[at] != 0)
		at += 32;
	ex_file(at, "folder with a long name", true, false, 100, 4096);
	put(table + 400, 0xffffffff, 4);
	at = data + (size_t)98 * 4096;
	ex_file(at, "row", false, true, 110, 5000);
	memset(ex + data + (size_t)108 * 4096, 'r', 5000);
	at += 96;
	ex_file(at, "chain", false, false, 120, 5000);
	put(table + 480, 130, 4);
	put(table + 520, 0xffffffff, 4);
	memset(ex + data + (size_t)118 * 4096, 'c', 4096);
	memset(ex + data + (size_t)128 * 4096, 'c', 904);
	at += 96;
	ex_file(at, "gone", false, true, 140, 10);
	memset(ex + data + (size_t)138 * 4096, 'g', 10);
	for (unsigned i = 0; i < 3; i++)
		ex[at + 32 * (size_t)i] &= 0x7f;
	struct run r = run(&gh_format_exfat, b, 0x200);
	EQ(r.code, GH_OK, "exFAT");
	EQ(r.span.proof, GH_PROOF_SUM, "exFAT");
	EQ(r.node->sums->state, GH_SUM_RIGHT, "exFAT");
	TRUE(!r.node->notes, "exFAT");
	SAME(fact(r.node, "name"), GH_LIT("lab"), "exFAT");
	uint8_t want[5000];
	memset(want, 'r', sizeof want);
	read_all(&r, "folder with a long name/row", gh_view(want, sizeof want), "in a row");
	memset(want, 'c', sizeof want);
	read_all(&r, "folder with a long name/chain", gh_view(want, sizeof want), "in a chain");
	read_all(&r, "folder with a long name/gone", GH_LIT("gggggggggg"), "deleted");
	EQ(entry(r.node, "folder with a long name/gone")->past, GH_DELETED, "deleted");
	TRUE(!entry(r.node, "folder with a long name/row")->notes, "exFAT");
	EQ(entry(r.node, "folder with a long name/row")->mtime, 1621512000, "exFAT");
	done(&r);
	ex[0x64] ^= 1;
	r = run(&gh_format_exfat, b, 0);
	EQ(r.span.proof, GH_PROOF_SHAPE, "another serial number");
	EQ(r.node->sums->state, GH_SUM_WRONG, "another serial number");
	done(&r);
	for (size_t i = 3; i < 120; i++)
		for (unsigned how = 0; how < 2; how++) {
			uint8_t was = ex[i];
			ex[i] = how ? 0xff : 0;
			r = run(&gh_format_exfat, gh_bytes_part(b, 0, 2 << 20), 0);
			if (r.code == GH_OK && r.node->volume)
				read_all(&r, NULL, gh_view(NULL, 0), "exFAT");
			done(&r);
			ex[i] = was;
		}
	flash_drop(b);
}

static int make_tree(void **state)
{
	(void)state;
	(void)strcpy(flash_folder, "/tmp/gifthorse-fat-XXXXXX");
	if (!mkdtemp(flash_folder))
		return -1;
	(void)setenv("MTOOLS_SKIP_CHECK", "1", 1);
	(void)setenv("MTOOLSRC", "/dev/null", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	static const char *const dirs[] = { "tree", "tree/folder", "tree/folder/deep" };
	for (size_t i = 0; i < GH_COUNT(dirs); i++)
		assert_int_equal(mkdir(flash_in(dirs[i]), 0755), 0);
	flash_file("tree/top.txt", 10, 't');
	flash_file("tree/folder/Long name of a file, with commas.text", 70000, 't');
	flash_file("tree/folder/40.TXT", 40, 't');
	flash_file("tree/folder/A file that goes away.bin", 9000, 'r');
	flash_file("tree/folder/deep/\xc3\xa4 \xc3\xb6.text", 513, 't');
	flash_file("tree/folder/deep/empty", 0, 't');
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_mtools_copied_comes_out_again),
		cmocka_unit_test(what_lies_where_no_name_leads),
		cmocka_unit_test(what_is_broken_ends),
		cmocka_unit_test(exfat),
	};
	return cmocka_run_group_tests_name("format/fat", tests, make_tree, flash_end);
}
