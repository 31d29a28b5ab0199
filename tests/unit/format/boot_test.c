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

static void drop(gh_bytes b)
{
	free((void *)(uintptr_t)b.ptr);
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
		drop(b);
	}
	gh_bytes seed =
		made_by((const char *[]){ "mkenvimage", "-s", "512", "-o", flash_in("image"), flash_in("env"), NULL });
	spoil(&gh_format_uboot_env, seed, 128);
	drop(seed);
}

static int make_folder(void **state)
{
	(void)state;
	(void)strcpy(flash_folder, "/tmp/gifthorse-boot-XXXXXX");
	return mkdtemp(flash_folder) ? 0 : -1;
}

static int forget(void **state)
{
	(void)state;
	flash_remove_tree();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environments),
	};
	return cmocka_run_group_tests_name("format/boot", tests, make_folder, forget);
}
