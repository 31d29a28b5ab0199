/* SPDX-License-Identifier: Apache-2.0 */
/* ext2, ext3 and ext4 as mke2fs makes them: what it was given comes out again, and what debugfs takes away is seen. */
#include "unit/format/flash_tests.h"

static gh_bytes make(const char *type, const char *block, const char *features, const char *folder, const char *size)
{
	const char *argv[20] = { "mke2fs",
				 "-q",
				 "-F",
				 "-t",
				 type,
				 "-b",
				 block,
				 "-L",
				 "laboratory",
				 "-d",
				 flash_in(folder),
				 "-O",
				 features,
				 flash_in("image"),
				 size,
				 NULL };
	(void)unlink(flash_in("image"));
	return flash_tool(argv) ? flash_load(flash_in("image")) : gh_view(NULL, 0);
}

static void what_mke2fs_made_comes_out_again(void **unused)
{
	static const struct {
		const char *type, *block, *features;
		gh_proof proof;
	} rows[] = {
		{ "ext2", "1024", "none,filetype,sparse_super", GH_PROOF_PARSED },
		{ "ext2", "4096", "filetype,resize_inode", GH_PROOF_PARSED },
		{ "ext3", "1024", "has_journal", GH_PROOF_PARSED },
		{ "ext4", "1024", "metadata_csum,64bit", GH_PROOF_SUM },
		{ "ext4", "4096", "^metadata_csum,^64bit,uninit_bg", GH_PROOF_PARSED },
		{ "ext4", "4096", "inline_data,metadata_csum", GH_PROOF_SUM },
		{ "ext4", "2048", "metadata_csum_seed,orphan_file", GH_PROOF_SUM },
	};
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes b = make(rows[i].type, rows[i].block, rows[i].features, "tree", "12M");
		if (!b.ptr) {
			print_message("mke2fs is not installed\n");
			return;
		}
		struct run r = run(&gh_format_ext, b, 0x2000);
		EQ(r.code, GH_OK, rows[i].features);
		EQ(r.span.size, b.len, rows[i].features);
		EQ(r.span.proof, rows[i].proof, rows[i].features);
		TRUE(!r.node->notes, rows[i].features);
		SAME(fact(r.node, "name"), GH_LIT("laboratory"), rows[i].features);
		SAME(fact(r.node, "version"), gh_view_text(rows[i].type), rows[i].features);
		TRUE(rows[i].proof != GH_PROOF_SUM || r.node->sums->state == GH_SUM_RIGHT, rows[i].features);
		flash_compare(&r, rows[i].features);
		/* nothing is hidden: what no structure uses is empty */
		for (size_t k = 0; k < r.node->volume->n_used; k++) {
			gh_extent x = r.node->volume->used[k];
			TRUE(x.at >= 0x2000, rows[i].features);
			if (x.at < 0x2000 + b.len)
				memset((void *)(uintptr_t)(b.ptr + (x.at - 0x2000)), 0,
				       GH_MIN(x.size, 0x2000 + b.len - x.at));
		}
		size_t left = 0;
		for (size_t k = 0; k < b.len; k++)
			left += b.ptr[k] != 0;
		EQ(left, 0, rows[i].features);
		done(&r);
		flash_drop(b);
	}
}

static void debugfs(const char *command)
{
	const char *argv[] = { "debugfs", "-w", "-R", command, flash_in("image"), NULL };
	assert_true(flash_tool(argv));
}

static void small_folder(void)
{
	(void)mkdir(flash_in("small"), 0755);
	(void)mkdir(flash_in("small/folder"), 0755);
	flash_file("small/folder/file", 5000, 't');
	flash_file("small/folder/gone", 3000, 't');
	flash_file("small/folder/last", 100, 't');
}

static void what_was_taken_away_is_seen(void **unused)
{
	(void)unused;
	small_folder();
	gh_bytes b = make("ext2", "1024", "none,filetype,ext_attr", "small", "120k");
	if (!b.ptr)
		return;
	flash_drop(b);
	debugfs("unlink folder/gone"); /* the inode stays: no folder names it */
	debugfs("rm folder/last");
	debugfs("ea_set folder/file user.lab value");
	b = flash_load(flash_in("image"));
	struct run r = run(&gh_format_ext, b, 0);
	EQ(r.code, GH_OK, "ext2");
	const gh_entry *gone = entry(r.node, "folder/gone"), *last = entry(r.node, "folder/last"), *file = NULL;
	TRUE(gone && gone->past == GH_DELETED, "a name");
	TRUE(last && last->past == GH_DELETED, "a name");
	TRUE(noted(r.node->notes, GH_OK), "said");
	char path[64];
	(void)snprintf(path, sizeof path, "(nameless)/inode-%u", gone ? gone->inode : 0);
	const gh_entry *nameless = entry(r.node, path);
	TRUE(nameless && nameless->past == GH_DELETED && nameless->size == 3000, "an inode without a name");
	gh_bytes want = flash_load(flash_in("small/folder/gone"));
	read_all(&r, path, want, "its content");
	flash_drop(want);
	file = entry(r.node, "folder/file");
	TRUE(file && file->n_xattrs == 1, "an attribute");
	if (file && file->n_xattrs == 1) {
		SAME(file->xattrs[0].name, GH_LIT("user.lab"), "an attribute");
		SAME(file->xattrs[0].value, GH_LIT("value"), "an attribute");
	}
	done(&r);
	flash_drop(b);
}

static void what_is_broken_ends(void **unused)
{
	static const char *const features[] = { "none,filetype", "none,filetype,extent,metadata_csum,inline_data" };
	(void)unused;
	small_folder();
	for (size_t i = 0; i < GH_COUNT(features); i++) {
		gh_bytes b = make(i ? "ext4" : "ext2", "1024", features[i], "small", "120k");
		if (!b.ptr)
			return;
		/* the super-block, the descriptor, the inodes of root and folder, their records */
		uint8_t *bad = malloc(b.len);
		assert_non_null(bad);
		for (size_t at = 1024; at < b.len; at += at < 4096 ? 1 : 37)
			for (unsigned how = 0; how < 3; how++) {
				memcpy(bad, b.ptr, b.len);
				bad[at] = how == 0 ? 0 : how == 1 ? 0xff : bad[at] ^ 0x10;
				if (bad[at] == b.ptr[at])
					continue;
				struct run r = run(&gh_format_ext, gh_view(bad, b.len), 0);
				if (r.code == GH_OK && r.node->volume)
					read_all(&r, NULL, gh_view(NULL, 0), features[i]);
				done(&r);
			}
		for (size_t len = 0; len < b.len; len += 512) {
			struct run r = run(&gh_format_ext, gh_bytes_part(b, 0, len), 0);
			done(&r);
		}
		free(bad);
		flash_drop(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_mke2fs_made_comes_out_again),
		cmocka_unit_test(what_was_taken_away_is_seen),
		cmocka_unit_test(what_is_broken_ends),
	};
	return cmocka_run_group_tests_name("format/ext", tests, flash_begin, flash_end);
}
