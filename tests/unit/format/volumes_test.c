/* SPDX-License-Identifier: Apache-2.0 */
/* cpio and archives: members made here, with names, links, devices and ends of every kind. */
#include "base/ctx.h"
#include "unit/format/formats.h"

static uint8_t room[1 << 20];
static size_t used;

static void add(const void *ptr, size_t len)
{
	assert_true(used + len <= sizeof room);
	memcpy(room + used, ptr, len);
	used += len;
}

static void align(size_t to)
{
	while (used % to)
		add("", 1);
}

struct member {
	const char *name;
	unsigned mode, inode, nlink, major, minor;
	const char *content;
};

static void newc(const char *magic, const struct member *m)
{
	char head[128];
	size_t len = strlen(m->content);
	unsigned check = 0;
	for (size_t i = 0; i < len; i++)
		check += (uint8_t)m->content[i];
	int n = snprintf(head, sizeof head, "%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", magic, m->inode,
			 m->mode, 7, 8, m->nlink, 1000000000, (unsigned)len, 8, 1, m->major, m->minor,
			 (unsigned)strlen(m->name) + 1, magic[5] == '2' ? check : 0);
	add(head, (size_t)n);
	add(m->name, strlen(m->name) + 1);
	align(4);
	add(m->content, len);
	align(4);
}

static const struct member members[] = {
	{ ".", 040755, 1, 2, 0, 0, "" },
	{ "dev/console", 020600, 2, 1, 5, 1, "" },
	{ "/etc/passwd", 0100644, 3, 1, 0, 0, "root:x:0:0::/:/bin/sh\n" },
	{ "bin/sh", 0120777, 4, 1, 0, 0, "busybox" },
	{ "bin/one", 0104755, 5, 2, 0, 0, "" },
	{ "bin/two", 0104755, 5, 2, 0, 0, "same content" },
	{ "TRAILER!!!", 0, 0, 1, 0, 0, "" },
};

static void make_cpio(const char *magic)
{
	used = 0;
	for (size_t i = 0; i < GH_COUNT(members); i++)
		newc(magic, &members[i]);
}

static void a_cpio_keeps_everything_its_members_say(void **state)
{
	(void)state;
	make_cpio("070701");
	size_t end = used;
	align(512);
	struct run r = run(&gh_format_cpio, gh_view(room, used), 0x4000);
	EQ(r.code, GH_OK, "newc");
	EQ(r.span.size, end, "newc");
	EQ(r.span.proof, GH_PROOF_PARSED, "newc");
	EQ(r.node->volume->count, 6, "newc");
	static const gh_entry none;
	const gh_entry *e = entry(r.node, "dev/console");
	e = e ? e : &none;
	EQ(e->type, GH_ENTRY_CHAR, "console");
	EQ(e->major, 5, "console");
	EQ(e->minor, 1, "console");
	e = entry(r.node, "etc/passwd");
	e = e ? e : &none;
	TRUE(noted(e->notes, GH_OK), "an absolute name is told");
	EQ(e->uid, 7, "passwd");
	EQ(e->mtime, 1000000000, "passwd");
	TRUE(e->at > 0x4000 && e->at + e->size < 0x4000 + end, "passwd is a view");
	e = entry(r.node, "bin/sh");
	e = e ? e : &none;
	SAME(e->target, GH_LIT("busybox"), "sh");
	e = entry(r.node, "bin/one");
	e = e ? e : &none;
	EQ(e->size, 12, "the first name has the content of the last");
	EQ(e->mode, 04755, "setuid survives");
	e = entry(r.node, "bin/two");
	e = e ? e : &none;
	TRUE(e->hard_link, "two");
	EQ(e->same_as, 4, "two");
	read_all(&r, "bin/one", GH_LIT("same content"), "one");
	done(&r);
}

static void a_cpio_with_right_checksums_is_proven_by_them(void **state)
{
	(void)state;
	make_cpio("070702");
	struct run r = run(&gh_format_cpio, gh_view(room, used), 0);
	EQ(r.span.proof, GH_PROOF_SUM, "crc");
	done(&r);
	uint8_t *hit = memmem(room, used, "root:x", 6);
	assert_non_null(hit);
	*hit ^= 1;
	r = run(&gh_format_cpio, gh_view(room, used), 0);
	EQ(r.span.proof, GH_PROOF_PARSED, "wrong crc");
	const gh_entry *e = entry(r.node, "etc/passwd");
	TRUE(e && noted(e->notes, GH_CORRUPT), "wrong crc");
	e = entry(r.node, "bin/sh");
	TRUE(e && !noted(e->notes, GH_CORRUPT), "a link has no checksum");
	done(&r);
}

static void a_cpio_without_its_end_is_a_shape(void **state)
{
	(void)state;
	make_cpio("070701");
	struct run r = run(&gh_format_cpio, gh_view(room, used - 40), 0);
	EQ(r.code, GH_OK, "cut");
	EQ(r.span.proof, GH_PROOF_SHAPE, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	EQ(r.node->volume->count, 6, "cut");
	done(&r);
}

static void a_million_empty_names_meet_the_budget(void **state)
{
	(void)state;
	used = 0;
	for (size_t i = 0; i < 4000; i++)
		newc("070701", &(struct member){ "", 0100644, (unsigned)i, 1, 0, 0, "" });
	newc("070701", &members[6]);
	gh_budget budget = { .bytes_left = 1 << 20, .nodes_left = 1000, .depth = 8 };
	gh_ctx ctx = gh_test_ctx();
	ctx.budget = &budget;
	gh_cur c = gh_cur_over(gh_view(room, used), 0);
	gh_span span;
	EQ(gh_format_cpio.measure(&ctx, c, &span), GH_OK, "many");
	gh_node *node = gh_node_new(&ctx, GH_NODE_VOLUME);
	assert_non_null(node);
	EQ(gh_format_cpio.unpack(&ctx, c, &span, node), GH_OK, "many");
	EQ(node->volume->count, 999, "as many as were paid for");
	TRUE(noted(node->notes, GH_LIMIT), "and the rest is told about");
	gh_test_done(&ctx);
}

static void tar_member(const char *name, char type, unsigned mode, const char *link, const char *content)
{
	char h[512] = { 0 };
	size_t len = strlen(content);
	memcpy(h, name, strlen(name));
	(void)snprintf(h + 100, 8, "%07o", mode);
	(void)snprintf(h + 108, 8, "%07o", 1000u);
	(void)snprintf(h + 116, 8, "%07o", 1001u);
	(void)snprintf(h + 124, 12, "%011o", (unsigned)len);
	(void)snprintf(h + 136, 12, "%011o", 1000000000u);
	memset(h + 148, ' ', 8);
	h[156] = type;
	memcpy(h + 157, link, strlen(link));
	memcpy(h + 257, "ustar\00000", 8);
	(void)snprintf(h + 329, 8, "%07o", 4u);
	(void)snprintf(h + 337, 8, "%07o", 64u);
	unsigned sum = 0;
	for (size_t i = 0; i < sizeof h; i++)
		sum += (uint8_t)h[i];
	(void)snprintf(h + 148, 8, "%06o", sum);
	add(h, sizeof h);
	add(content, len);
	align(512);
}

static void make_tar(void)
{
	used = 0;
	tar_member("./etc/", '5', 0755, "", "");
	tar_member("./etc/passwd", '0', 04644, "", "root:x:0:0\n");
	tar_member("./etc/hard", '1', 04644, "./etc/passwd", "");
	tar_member("./etc/soft", '2', 0777, "passwd", "");
	tar_member("./dev/ttyS0", '3', 0600, "", "");
	tar_member("bad\xff\xfe", '0', 0644, "", "x");
}

static void a_tar_keeps_everything_its_members_say(void **state)
{
	(void)state;
	make_tar();
	memset(room + used, 0, 1536);
	struct run r = run(&gh_format_archive, gh_view(room, used + 1536), 0x200);
	EQ(r.code, GH_OK, "tar");
	EQ(r.span.size, used + 1024, "tar");
	EQ(r.span.proof, GH_PROOF_PARSED, "tar");
	static const gh_entry none;
	const gh_entry *e = entry(r.node, "etc/passwd");
	e = e ? e : &none;
	EQ(e->at, 0x200 + 1024, "passwd");
	EQ(e->mode, 04644, "passwd");
	EQ(e->uid, 1000, "passwd");
	EQ(e->gid, 1001, "passwd");
	e = entry(r.node, "etc/hard");
	e = e ? e : &none;
	TRUE(e->hard_link, "hard");
	EQ(e->same_as, 1, "hard");
	e = entry(r.node, "etc/soft");
	e = e ? e : &none;
	SAME(e->target, GH_LIT("passwd"), "soft");
	e = entry(r.node, "dev/ttyS0");
	e = e ? e : &none;
	EQ(e->type, GH_ENTRY_CHAR, "ttyS0");
	EQ(e->major, 4, "ttyS0");
	EQ(e->minor, 64, "ttyS0");
	TRUE(entry(r.node, "bad\xff\xfe"), "bytes of a name stay as they are");
	read_all(&r, "etc/passwd", GH_LIT("root:x:0:0\n"), "passwd");
	done(&r);
}

static void a_tar_without_end_is_a_shape(void **state)
{
	(void)state;
	make_tar();
	struct run r = run(&gh_format_archive, gh_view(room, used), 0);
	EQ(r.code, GH_OK, "no end");
	EQ(r.span.size, used, "no end");
	EQ(r.span.proof, GH_PROOF_SHAPE, "no end");
	done(&r);
}

static void a_lone_zip_header_is_no_archive(void **state)
{
	(void)state;
	static const uint8_t lone[64] = "PK\3\4\x14\0\0\0\0\0";
	struct run r = run(&gh_format_archive, gh_view(lone, sizeof lone), 0x100);
	TRUE(r.code != GH_OK, "zip");
	done(&r);
}

/* One stored file, its directory and its end (APPNOTE.TXT 4.3). */
static void a_stored_file_of_a_zip_is_a_view(void **state)
{
	(void)state;
	static const uint8_t zip[] = "PK\3\4\x0a\0\0\0\0\0\0\0\x21\0\x86\xa6\x10\x36\x05\0\0\0\x05\0\0\0\x01\0\0\0"
				     "ahello"
				     "PK\1\2\x1e\x03\x0a\0\0\0\0\0\0\0\x21\0\x86\xa6\x10\x36\x05\0\0\0\x05\0\0\0\x01\0"
				     "\0\0\0\0\0\0\0\0\0\0\xa4\x81\0\0\0\0"
				     "a"
				     "PK\5\6\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x24\0\0\0\0";
	gh_bytes in = gh_view(zip, sizeof zip);
	struct run r = run(&gh_format_archive, in, 0x100);
	EQ(r.code, GH_OK, "zip");
	EQ(r.span.size, sizeof zip, "zip");
	EQ(r.span.proof, GH_PROOF_PARSED, "zip");
	const gh_entry *e = entry(r.node, "a");
	EQ(e ? e->at : 0, 0x100 + 31, "zip");
	EQ(e ? e->mode : 0, 0644, "zip");
	read_all(&r, "a", GH_LIT("hello"), "zip");
	done(&r);
	spoil(&gh_format_archive, in, in.len);
}

static void bad_input_breaks_no_law(void **state)
{
	(void)state;
	make_cpio("070701");
	spoil(&gh_format_cpio, gh_view(room, used), 240);
	make_tar();
	spoil(&gh_format_archive, gh_view(room, used), 512);
}

static void a_size_of_2_to_63_breaks_no_law(void **state)
{
	(void)state;
	static const uint8_t sizes[][12] = {
		{ 0x80, 0, 0, 0, 0x80 },
		{ 0x80, 0, 0, 0, 0, 0, 0, 0, 0x80 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	for (size_t i = 0; i < GH_COUNT(sizes); i++) {
		make_tar();
		uint8_t *h = room + 512;
		memcpy(h + 124, sizes[i], 12);
		memset(h + 148, ' ', 8);
		unsigned sum = 0;
		for (size_t n = 0; n < 512; n++)
			sum += h[n];
		(void)snprintf((char *)h + 148, 8, "%06o", sum);
		struct run r = run(&gh_format_archive, gh_view(room, used), 0);
		EQ(r.code, GH_OK, "the folder before it is still there");
		EQ(r.span.size, 512, "the folder before it is still there");
		done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cpio_keeps_everything_its_members_say),
		cmocka_unit_test(a_cpio_with_right_checksums_is_proven_by_them),
		cmocka_unit_test(a_cpio_without_its_end_is_a_shape),
		cmocka_unit_test(a_million_empty_names_meet_the_budget),
		cmocka_unit_test(a_tar_keeps_everything_its_members_say),
		cmocka_unit_test(a_tar_without_end_is_a_shape),
		cmocka_unit_test(a_lone_zip_header_is_no_archive),
		cmocka_unit_test(a_stored_file_of_a_zip_is_a_view),
		cmocka_unit_test(bad_input_breaks_no_law),
		cmocka_unit_test(a_size_of_2_to_63_breaks_no_law),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
