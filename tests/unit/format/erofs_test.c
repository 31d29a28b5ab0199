/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS as mkfs.erofs makes it, in its ways to store content: what it was given comes out again. */
#include "unit/format/flash_tests.h"

static gh_bytes make(const char *const *options, const char *folder)
{
	const char *argv[12] = { "mkfs.erofs" };
	size_t n = 1;
	(void)unlink(flash_in("image"));
	while (*options)
		argv[n++] = *options++;
	argv[n++] = flash_in("image");
	argv[n] = flash_in(folder);
	return flash_tool(argv) ? flash_load(flash_in("image")) : gh_view(NULL, 0);
}

static const struct {
	const char *label, *options[6];
} rows[] = {
	{ "as it is", { "-x-1" } },
	{ "lz4", { "-zlz4" } },
	{ "lz4 in large clusters", { "-zlz4hc", "-C65536" } },
	{ "lz4 without packed indexes", { "-zlz4", "-Elegacy-compress" } },
	{ "lz4 with inline ends", { "-zlz4hc", "-Eztailpacking" } },
	{ "chunks", { "--chunksize=4096" } },
	{ "wide inodes", { "-Eforce-inode-extended" } },
};

static void what_was_packed_comes_out_again(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes b = make(rows[i].options, "tree");
		if (!b.ptr) {
			print_message("mkfs.erofs is not installed\n");
			return;
		}
		struct run r = run(&gh_format_erofs, b, 0x2000);
		EQ(r.code, GH_OK, rows[i].label);
		EQ(r.span.size, b.len, rows[i].label);
		EQ(r.span.proof, GH_PROOF_SUM, rows[i].label);
		EQ(r.node->sums->state, GH_SUM_RIGHT, rows[i].label);
		TRUE(!r.node->notes, rows[i].label);
		flash_compare(&r, rows[i].label);
		uint8_t *left = (uint8_t *)(uintptr_t)b.ptr;
		for (size_t k = 0; k < r.node->volume->n_used; k++) {
			gh_extent x = r.node->volume->used[k];
			TRUE(x.at >= 0x2000 && x.at + x.size <= 0x2000 + b.len, rows[i].label);
			memset(left + (x.at - 0x2000), 0, x.size);
		}
		size_t n = 0;
		for (size_t k = 0; k < b.len; k++)
			n += left[k] != 0;
		EQ(n, 0, "nothing is hidden");
		done(&r);
		flash_drop(b);
	}
}

static void what_is_broken_ends(void **unused)
{
	(void)unused;
	(void)mkdir(flash_in("small"), 0755);
	(void)mkdir(flash_in("small/folder"), 0755);
	flash_file("small/folder/file", 9000, 't');
	flash_file("small/folder/other", 100, 't');
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_bytes b = make(rows[i].options, "small");
		if (!b.ptr)
			return;
		uint8_t *bad = (uint8_t *)(uintptr_t)b.ptr;
		for (size_t at = 1024; at < b.len; at += at < 1152 || (at >= 4096 && at < 4400) ? 1 : 41)
			for (unsigned how = 0; how < 2; how++) {
				uint8_t was = bad[at];
				bad[at] = how ? 0xff : was ^ 1;
				struct run r = run(&gh_format_erofs, b, 0);
				if (r.code == GH_OK && r.node->volume)
					read_all(&r, NULL, gh_view(NULL, 0), rows[i].label);
				done(&r);
				bad[at] = was;
			}
		for (size_t len = 0; len < b.len; len += 256) {
			struct run r = run(&gh_format_erofs, gh_bytes_part(b, 0, len), 0);
			done(&r);
		}
		flash_drop(b);
	}
}

static void put(uint8_t *at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

/* The packaged tool makes no fragments yet: here another file is said to hold them. */
static void fragments(void **unused)
{
	(void)unused;
	flash_file("small/folder/file", 9000, 'n');
	flash_file("small/folder/third", 20000, 'n');
	for (unsigned end = 0; end < 2; end++) {
		const char *label = end ? "the end of a file" : "all of a file";
		gh_bytes b = make(rows[end ? 4 : 0].options, "small");
		if (!b.ptr)
			return;
		uint8_t *raw = (uint8_t *)(uintptr_t)b.ptr;
		struct run r = run(&gh_format_erofs, b, 0);
		const gh_entry *file = entry(r.node, end ? "folder/file" : "folder/other"),
			       *third = entry(r.node, "folder/third");
		assert_true(file && third);
		size_t at = 32 * (size_t)file->locator[0], size = (size_t)file->size;
		put(raw + 1024 + 96, third->locator[0], 8);
		raw[1024 + 80] |= 0x20;
		done(&r);
		size_t map = at + (raw[at] & 1 ? 64 : 32);
		if (end) {
			raw[map + 4] = (uint8_t)((raw[map + 4] & ~8) | 0x20);
			put(raw + map, 10, 4);
		} else {
			raw[at] = (uint8_t)((raw[at] & 1) | 3 << 1);
			put(raw + map, 10 | UINT64_C(1) << 63, 8);
		}
		r = run(&gh_format_erofs, b, 0);
		gh_bytes want = flash_load(flash_in("small/folder/third"));
		read_all(&r, end ? "folder/file" : "folder/other", gh_bytes_part(want, 10, size), label);
		done(&r);
		put(raw + map, 19990, 4); /* behind the end of what holds them */
		r = run(&gh_format_erofs, b, 0);
		gh_bytes none = { NULL, 0 };
		gh_reader reader = { .volume = r.node->volume,
				     .bytes = r.bytes,
				     .keep = gh_arena_new(GH_MIB(1)),
				     .scratch = gh_arena_new(GH_MIB(1)) };
		const gh_entry *again = entry(r.node, end ? "folder/file" : "folder/other");
		assert_non_null(again);
		EQ(r.node->volume->ops->read(&r.ctx, &reader, again, &none), GH_CORRUPT, label);
		gh_arena_free(reader.keep);
		gh_arena_free(reader.scratch);
		done(&r);
		flash_drop(want);
		flash_drop(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out_again),
		cmocka_unit_test(what_is_broken_ends),
		cmocka_unit_test(fragments),
	};
	return cmocka_run_group_tests_name("format/erofs", tests, flash_begin, flash_end);
}
