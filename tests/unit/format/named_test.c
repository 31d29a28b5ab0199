/* SPDX-License-Identifier: Apache-2.0 */
/* File systems that are named: as their tools make them, or the first sectors written here. */
#include "unit/format/flash_tests.h"

static uint8_t image[64 << 10];

static void put(size_t at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		image[at + i] = (uint8_t)(v >> (8 * i));
}

static gh_bytes by_tool(const char *const *argv, long size)
{
	FILE *f = fopen(flash_in("image"), "wb");
	assert_non_null(f);
	assert_int_equal(fseek(f, size - 1, SEEK_SET), 0);
	assert_int_equal(fputc(0, f), 0);
	assert_int_equal(fclose(f), 0);
	if (!flash_tool(argv)) {
		print_message("%s is not installed\n", argv[0]);
		return gh_view(NULL, 0);
	}
	return flash_load(flash_in("image"));
}

static void expect(const gh_format *f, gh_bytes b, uint64_t size, const char *version)
{
	struct run r = run(f, b, 0x200);
	EQ(r.code, GH_OK, f->name);
	EQ(r.span.size, size, f->name);
	EQ(gh_node_status(r.node), GH_STATUS_UNSUPPORTED, f->name);
	if (version)
		SAME(fact(r.node, "version"), gh_view_text(version), f->name);
	TRUE(part(r.node, "super-block") && part(r.node, "content"), f->name);
	done(&r);
	if (size > 4096) {
		r = run(f, gh_bytes_part(b, 0, size / 2), 0);
		TRUE(r.code != GH_OK || f == &gh_format_udf || noted(r.node->notes, GH_TRUNCATED), f->name);
		done(&r);
	}
}

static void f2fs(void **unused)
{
	(void)unused;
	gh_bytes b =
		by_tool((const char *[]){ "mkfs.f2fs", "-q", "-O", "extra_attr,sb_checksum", flash_in("image"), NULL },
			64 << 20);
	if (!b.ptr)
		return;
	struct run r = run(&gh_format_f2fs, b, 0);
	EQ(r.span.proof, GH_PROOF_SUM, "F2FS");
	EQ(r.node->sums->state, GH_SUM_RIGHT, "F2FS");
	done(&r);
	expect(&gh_format_f2fs, b, b.len, NULL);
	uint8_t *raw = (uint8_t *)(uintptr_t)b.ptr;
	raw[1024 + 124] ^= 1; /* its name */
	r = run(&gh_format_f2fs, gh_bytes_part(b, 0, 1 << 20), 0);
	EQ(r.node->sums->state, GH_SUM_WRONG, "F2FS");
	done(&r);
	for (size_t i = 1024; i < 1070; i++) {
		uint8_t was = raw[i];
		raw[i] = 0xff;
		r = run(&gh_format_f2fs, gh_bytes_part(b, 0, 16384), 0);
		done(&r);
		raw[i] = was;
	}
	free(raw);
}

static void minix(void **unused)
{
	static const char *const versions[] = { "-1", "-2" };
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(versions); i++) {
		gh_bytes b = by_tool((const char *[]){ "mkfs.minix", versions[i], flash_in("image"), NULL }, 128 << 10);
		if (!b.ptr)
			return;
		expect(&gh_format_minix, b, b.len, versions[i] + 1);
		uint8_t *raw = (uint8_t *)(uintptr_t)b.ptr;
		for (size_t k = 1024; k < 1050; k++) {
			uint8_t was = raw[k];
			raw[k] = 0xff;
			struct run r = run(&gh_format_minix, b, 0);
			done(&r);
			raw[k] = was;
		}
		free(raw);
	}
}

static void ntfs(void **unused)
{
	(void)unused;
	memset(image, 0, sizeof image);
	memcpy(image, "\xeb\x52\x90NTFS    ", 11);
	put(11, 512, 2);
	image[13] = 8;
	put(0x28, 99, 8);
	expect(&gh_format_ntfs, gh_view(image, sizeof image), (size_t)100 * 512, NULL);
	put(0x28, UINT64_MAX, 8);
	struct run r = run(&gh_format_ntfs, gh_view(image, sizeof image), 0);
	EQ(r.code, GH_CORRUPT, "a size that cannot be");
	done(&r);
}

static void udf(void **unused)
{
	(void)unused;
	memset(image, 0, sizeof image);
	memcpy(image + 0x8000, "\0BEA01\1", 7);
	memcpy(image + 0x8800, "\0NSR03\1", 7);
	expect(&gh_format_udf, gh_view(image, sizeof image), sizeof image, "NSR03");
	image[0x8001] = 'b';
	struct run r = run(&gh_format_udf, gh_view(image, sizeof image), 0);
	EQ(r.code, GH_NOT_MINE, "no descriptor in front");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f2fs),
		cmocka_unit_test(minix),
		cmocka_unit_test(ntfs),
		cmocka_unit_test(udf),
	};
	return cmocka_run_group_tests_name("format/named", tests, flash_begin_empty, flash_end);
}
