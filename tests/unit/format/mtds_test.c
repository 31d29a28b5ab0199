/* SPDX-License-Identifier: Apache-2.0 */
/* A device as files of its partitions, in a tar. */
#include "unit/format/formats.h"

enum { RECORD = 512, MOST = 256 << 10 };

static uint8_t tar[MOST];
static size_t end;

static void start(void)
{
	memset(tar, 0, sizeof tar);
	end = 0;
}

static void sum_up(uint8_t *h)
{
	unsigned sum = 0;
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < RECORD; i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum);
}

static void add(const char *name, gh_bytes content)
{
	uint8_t *h = tar + end;
	memcpy(h, name, strlen(name));
	(void)snprintf((char *)h + 124, 12, "%011zo", content.len);
	h[156] = '0';
	memcpy(h + 257, "ustar\00000", 8);
	sum_up(h);
	memcpy(h + RECORD, content.ptr, content.len);
	end += RECORD + (content.len + RECORD - 1) / RECORD * RECORD;
}

static struct run all(void)
{
	return run(&gh_format_mtds, gh_view(tar, end + 2 * RECORD), 0x1000);
}

static const char proc[] =
	"dev:    size   erasesize  name\nmtd0: 00000005 00010000 \"boot\"\nmtd1: 00000008 00010000 \"rootfs\"\n"
	"mtd10: 00000004 00010000 \"rootfs2\"\n";

static void names_are_found(void **unused)
{
	static const struct {
		const char *label, *file, *name;
	} cases[] = {
		{ "bare", "dump/mtd1", "mtd1" },
		{ "with an end", "mtd1.bin", "mtd1.bin" },
		{ "with a name", "mtd1_rootfs.bin", "rootfs" },
		{ "with a name behind a dot", "mtd1.rootfs", "rootfs" },
		{ "as a block device", "mtdblock1", "mtdblock1" },
	};
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		start();
		add("mtd0", GH_LIT("boot."));
		add(cases[i].file, GH_LIT("hsqs...."));
		struct run r = all();
		EQ(r.code, GH_OK, cases[i].label);
		const gh_node *p = part(r.node, cases[i].name);
		TRUE(p && p->at == 0x1000 + 3 * RECORD, cases[i].label);
		SAME(p->content, GH_LIT("hsqs...."), cases[i].label);
		SAME(fact(r.node, "map"), GH_LIT("names of files"), cases[i].label);
		done(&r);
	}
}

static void proc_mtd_names_them(void **unused)
{
	(void)unused;
	start();
	add("mtd0", GH_LIT("boot."));
	add("mtd1", GH_LIT("hsqs...."));
	add("mtd10", GH_LIT("hsqs"));
	add("proc/mtd", gh_view_text(proc));
	struct run r = all();
	EQ(r.code, GH_OK, "named");
	TRUE(part(r.node, "boot") && part(r.node, "rootfs") && part(r.node, "rootfs2"), "named");
	SAME(fact(r.node, "map"), GH_LIT("/proc/mtd"), "named");
	SAME(fact(r.node, "banks"), GH_LIT("rootfs and rootfs2: both hold the like"), "named");
	TRUE(!noted(r.node->notes, GH_CORRUPT), "sizes as stated");
	done(&r);
	memcpy(tar + RECORD * 7, "dev:    size   erasesize  name\nmtd0: 00000006", 45);
	r = all();
	TRUE(noted(r.node->notes, GH_CORRUPT), "another size than stated");
	done(&r);
}

static void other_archives_are_left_alone(void **unused)
{
	(void)unused;
	start();
	add("etc/passwd", GH_LIT("root"));
	add("mtd0", GH_LIT("one partition alone is a file"));
	struct run r = all();
	EQ(r.code, GH_NOT_MINE, "one partition");
	done(&r);
	start();
	add("mtd0x", GH_LIT("a"));
	add("mtd", GH_LIT("b"));
	add("mtdutils1", GH_LIT("c"));
	add("mtd1000", GH_LIT("d"));
	r = all();
	EQ(r.code, GH_NOT_MINE, "names that only look like it");
	done(&r);
}

static void bad_input(void **unused)
{
	(void)unused;
	start();
	add("mtd0", GH_LIT("boot."));
	add("mtd1", GH_LIT("hsqs...."));
	add("proc/mtd", gh_view_text(proc));
	spoil(&gh_format_mtds, gh_view(tar, end + 2 * RECORD), end);
	memset(tar + 124, '7', 11);
	sum_up(tar);
	struct run r = all();
	EQ(r.code, GH_NOT_MINE, "a size behind the end");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(proc_mtd_names_them),
		cmocka_unit_test(other_archives_are_left_alone),
		cmocka_unit_test(bad_input),
	};
	return cmocka_run_group_tests_name("format/mtds", tests, NULL, NULL);
}
