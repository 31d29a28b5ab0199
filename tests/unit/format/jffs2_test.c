/* SPDX-License-Identifier: Apache-2.0 */
/* JFFS2: what mkfs.jffs2 packs comes out again; what was overwritten or deleted is history. */
#include "codec/sum.h"
#include "format/flash/jffs2_in.h"
#include "unit/format/flash_tests.h"

static uint8_t image[1 << 20];
static size_t used;
static bool big;

static void put(uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		image[used + i] = (uint8_t)(v >> 8 * (big ? width - 1 - i : i));
	used += width;
}

static void start(bool order)
{
	memset(image, 0xff, sizeof image);
	used = 0;
	big = order;
}

static size_t header(unsigned type, size_t len)
{
	size_t at = used;
	put(0x1985, 2);
	put(type | GH_JFFS2_ACCURATE, 2);
	put(len, 4);
	put(gh_jffs2_crc(gh_view(image + at, 8)), 4);
	return at;
}

/* The bit is cleared in place, as on NOR flash, when all sums have been made. */
static void end_node(size_t at, unsigned type)
{
	size_t here = used;
	used = at + 2;
	put(type, 2);
	used = (here + 3) & ~(size_t)3;
}

static void clean(void)
{
	(void)header(GH_JFFS2_T_CLEAN, 12);
}

static void name(unsigned type, unsigned parent, unsigned version, unsigned inode, const char *text)
{
	size_t len = strlen(text), at = header(type, 40 + len);
	put(parent, 4);
	put(version, 4);
	put(inode, 4);
	put(1000, 4);
	put(len, 1);
	put(inode ? 8 : 0, 1);
	put(0, 2);
	put(gh_jffs2_crc(gh_view(image + at, 32)), 4);
	put(gh_jffs2_crc(gh_view(text, len)), 4);
	memcpy(image + used, text, len);
	used += len;
	end_node(at, type);
}

struct inode {
	unsigned type, number, version, mode, size, offset, len, compressor;
};

static size_t inode(struct inode n, gh_bytes data)
{
	size_t at = header(n.type, 68 + data.len);
	put(n.number, 4);
	put(n.version, 4);
	put(n.mode, 4);
	put(7, 2);
	put(8, 2);
	put(n.size, 4);
	for (unsigned i = 0; i < 3; i++)
		put(1000000000 + n.version, 4);
	put(n.offset, 4);
	put(data.len, 4);
	put(n.len, 4);
	put(n.compressor, 1);
	put(0, 3);
	put(gh_jffs2_crc(data), 4);
	put(gh_jffs2_crc(gh_view(image + at, 60)), 4);
	if (data.len > 0)
		memcpy(image + used, data.ptr, data.len);
	used += data.len;
	end_node(at, n.type);
	return at;
}

static size_t text(unsigned number, unsigned version, unsigned size, unsigned offset, const char *data)
{
	return inode(
		(struct inode){ GH_JFFS2_T_INODE, number, version, 0100644, size, offset, (unsigned)strlen(data), 0 },
		gh_view_text(data));
}

/* The n-th entry of a path that is of this past. */
static const gh_entry *past(const gh_node *node, const char *path, gh_past what, unsigned nth)
{
	for (size_t i = 0; node->volume && i < node->volume->count; i++) {
		const gh_entry *e = &node->volume->entries[i];
		if (e->past == what && gh_bytes_eq(e->path, gh_view_text(path)) && nth-- == 0)
			return e;
	}
	return NULL;
}

static void holds(struct run *r, const gh_entry *e, const char *want, const char *label)
{
	gh_reader reader = { .volume = r->node->volume,
			     .bytes = r->bytes,
			     .pos = r->pos,
			     .keep = gh_arena_new(GH_MIB(8)),
			     .scratch = gh_arena_new(GH_MIB(8)) };
	gh_bytes got = { NULL, 0 };
	TRUE(e != NULL, label);
	while (e && e->hard_link)
		e = &r->node->volume->entries[e->same_as];
	EQ(r->node->volume->ops->read(&r->ctx, &reader, e, &got), GH_OK, label);
	SAME(got, gh_view_text(want), label);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
}

static void what_was_before_is_listed_as_history(void **state)
{
	(void)state;
	for (unsigned order = 0; order < 2; order++) {
		start(order);
		clean();
		name(GH_JFFS2_T_NAME, 1, 1, 2, "shadow");
		text(2, 1, 9, 0, "root:old:");
		text(2, 2, 12, 9, "::\n"); /* grows: no version of its own */
		inode((struct inode){ GH_JFFS2_T_INODE, 2, 3, 0100600, 0, 0, 0, 0 }, gh_view(NULL, 0));
		text(2, 4, 9, 0, "root:new:");
		name(GH_JFFS2_T_NAME, 1, 2, 3, "gone");
		text(3, 1, 4, 0, "evil");
		name(GH_JFFS2_T_NAME, 1, 3, 0, "gone");
		name(GH_JFFS2_T_NAME, 1, 4, 4, "conf");
		text(4, 1, 5, 0, "first");
		name(GH_JFFS2_T_NAME & ~(unsigned)GH_JFFS2_ACCURATE, 1, 5, 5, "conf.tmp");
		text(5, 1, 6, 0, "second");
		name(GH_JFFS2_T_NAME, 1, 6, 0, "conf.tmp");
		name(GH_JFFS2_T_NAME, 1, 7, 5, "conf");
		name(GH_JFFS2_T_NAME, 1, 8, 0, "never seen");
		text(9, 1, 7, 0, "no name");
		struct run r = run(&gh_format_jffs2, gh_view(image, 0x10000), 0x4000);
		EQ(r.span.size, 0x10000, "to the end");
		EQ(r.span.proof, GH_PROOF_SUM, "all sums are right");
		SAME(fact(r.node, "byte-order"), order ? GH_LIT("big") : GH_LIT("little"), "order");
		SAME(fact(r.node, "history"), GH_LIT("2 older versions, 4 deleted names"), "history");
		EQ(r.node->volume->total[GH_ENTRY_FILE], 2, "only what a mount shows is counted");
		holds(&r, past(r.node, "shadow", GH_NOW, 0), "root:new:", "now");
		holds(&r, past(r.node, "shadow", GH_OLDER, 0), "root:old:::\n", "before");

		TRUE(!past(r.node, "shadow", GH_OLDER, 1), "one version");
		holds(&r, past(r.node, "gone", GH_DELETED, 0), "evil", "deleted");
		holds(&r, past(r.node, "conf", GH_NOW, 0), "second", "renamed over");
		holds(&r, past(r.node, "conf", GH_OLDER, 0), "first", "renamed over");
		holds(&r, past(r.node, "conf.tmp", GH_DELETED, 0), "second", "its name before");
		const gh_entry *e = past(r.node, "never seen", GH_DELETED, 0);
		TRUE(e && noted(e->notes, GH_OK), "only the deletion is left");
		holds(&r, past(r.node, "(nameless)/inode-9", GH_DELETED, 0), "no name", "nameless");
		read_all(&r, "gone", GH_LIT("evil"), "all can be read");
		done(&r);
	}
}

static void a_partition_is_one_however_far_its_nodes_lie_apart(void **state)
{
	(void)state;
	start(false);
	clean();
	name(GH_JFFS2_T_NAME, 1, 1, 2, "near");
	text(2, 1, 4, 0, "near");
	used = 0x50000;
	clean();
	name(GH_JFFS2_T_NAME, 1, 2, 3, "far");
	text(3, 1, 3, 0, "far");
	memset(image + 0x50400, 0x5a, 256); /* what a power cut left */
	used = 0x50800;
	name(GH_JFFS2_T_NAME, 1, 3, 3, "linked");
	struct run r = run(&gh_format_jffs2, gh_view(image, sizeof image), 0);
	EQ(r.span.size, sizeof image, "erased blocks behind it are part of it");
	TRUE(entry(r.node, "near") && entry(r.node, "far"), "both");
	bool covered = false;
	for (size_t i = 0; i < r.node->volume->n_used; i++)
		covered |= r.node->volume->used[i].at <= 0x50400 &&
			   r.node->volume->used[i].at + r.node->volume->used[i].size > 0x50400;
	TRUE(!covered, "garbage is not used");
	done(&r);
	memcpy(image + 0x60000, "hsqs", 4);
	r = run(&gh_format_jffs2, gh_view(image, sizeof image), 0);
	EQ(r.span.size, 0x60000, "another file system ends it");
	done(&r);
}

static void a_second_file_system_is_told_by_its_contradictions(void **state)
{
	(void)state;
	static const char *const names[] = { "a", "b", "c", "d" };
	start(false);
	for (unsigned part = 0; part < 2; part++) {
		used = part * 0x40000;
		clean();
		for (unsigned i = 0; i < 4; i++) {
			name(GH_JFFS2_T_NAME, 1, i + 1, i + 2, part ? names[3 - i] : names[i]);
			text(i + 2, 1, 1, 0, part ? "x" : "y");
		}
	}
	struct run r = run(&gh_format_jffs2, gh_view(image, 0x80000), 0);
	EQ(r.span.size, 0x40000, "up to the second one");
	holds(&r, entry(r.node, "a"), "y", "the first one's");
	done(&r);
}

static void a_node_with_a_wrong_sum_is_left_out_as_a_mount_does(void **state)
{
	(void)state;
	start(true);
	clean();
	name(GH_JFFS2_T_NAME, 1, 1, 2, "file");
	text(2, 1, 5, 0, "older");
	size_t at = text(2, 2, 5, 0, "newer");
	struct run r = run(&gh_format_jffs2, gh_view(image, 0x1000), 0);
	holds(&r, entry(r.node, "file"), "newer", "sound");
	const gh_sum *crcs = sum(r.node, "node CRCs");
	TRUE(crcs && crcs->state == GH_SUM_RIGHT, "sound");
	done(&r);
	image[at + 68] ^= 1;
	r = run(&gh_format_jffs2, gh_view(image, 0x1000), 0);
	EQ(r.span.proof, GH_PROOF_PARSED, "one is wrong");
	crcs = sum(r.node, "node CRCs");
	TRUE(crcs && crcs->state == GH_SUM_WRONG, "one is wrong");
	TRUE(noted(r.node->notes, GH_CORRUPT), "told");
	holds(&r, entry(r.node, "file"), "older", "damaged");
	done(&r);
}

static void a_loop_of_directories_ends(void **state)
{
	(void)state;
	start(false);
	clean();
	for (unsigned i = 2; i < 5; i++)
		inode((struct inode){ GH_JFFS2_T_INODE, i, 1, 040755, 0, 0, 0, 0 }, gh_view(NULL, 0));
	name(GH_JFFS2_T_NAME, 1, 1, 2, "a");
	name(GH_JFFS2_T_NAME, 2, 1, 3, "b");
	name(GH_JFFS2_T_NAME, 3, 1, 2, "back");
	name(GH_JFFS2_T_NAME, 3, 2, 1, "root");
	name(GH_JFFS2_T_NAME, 4, 1, 4, "self");
	name(GH_JFFS2_T_NAME, 2, 2, 3, "..");
	name(GH_JFFS2_T_NAME, 2, 3, 9, "x/../../y");
	struct run r = run(&gh_format_jffs2, gh_view(image, 0x1000), 0);
	EQ(r.unpacked, GH_OK, "it ends");
	TRUE(entry(r.node, "a/../back"), "the first name that leads there is the directory's");
	const gh_entry *e = entry(r.node, "a/x/../../y");
	TRUE(e && noted(e->notes, GH_CORRUPT), "a name with slashes is told");
	done(&r);
}

static const struct {
	const char *label;
	unsigned compressor, len;
	gh_bytes data;
	const char *want;
} packed[] = {
	{ "copy", 4, 5, GH_INIT("hello"), "hello" },
	{ "rtime", 2, 9, GH_INIT("a\0b\0c\0a\5"), "abcabcabc" },
	{ "zlib", 6, 5, GH_INIT("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15"), "hello" },
	{ "zlib, wrong checksum", 6, 5, GH_INIT("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x16"), "hello" },
	{ "lzo", 7, 5, GH_INIT("\x16hello\x11\0\0"), "hello" },
	/* all odds even: the bits stand there as they are, the lowest of a byte first, inverted by nothing */
	{ "dynrubin", 5, 2, GH_INIT("\x80\x80\x80\x80\x80\x80\x80\x80\x86\x46\0\0"), "ab" },
};

static void every_compressor_gives_what_was_packed(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(packed); i++) {
		start(false);
		clean();
		name(GH_JFFS2_T_NAME, 1, 1, 2, "file");
		inode((struct inode){ GH_JFFS2_T_INODE, 2, 1, 0100644, packed[i].len, 0, packed[i].len,
				      packed[i].compressor },
		      packed[i].data);
		struct run r = run(&gh_format_jffs2, gh_view(image, 0x1000), 0);
		holds(&r, entry(r.node, "file"), packed[i].want, packed[i].label);
		done(&r);
	}
}

/* The coder of linux/fs/jffs2/compr_rubin.c as its description says, in whole numbers: the other way round. */
static size_t rubin_pack(unsigned of, const unsigned odds[8], gh_bytes in, uint8_t *out)
{
	uint32_t p = 1 << 16, q = 0, bits = 0;
	for (size_t i = 0; i < in.len; i++)
		for (unsigned k = 0; k < 8; k++) {
			for (; q >= 1 << 15 || p + q <= 1 << 15; bits++, q = (q & 0x7fff) << 1, p <<= 1)
				out[bits / 8] |= (uint8_t)((q >> 15 & 1) << (7 - bits % 8));
			uint32_t zero = (of - odds[k]) * p / of;
			zero = zero < 1 ? 1 : zero >= p ? p - 1 : zero;
			q += in.ptr[i] >> k & 1 ? zero : 0;
			p = in.ptr[i] >> k & 1 ? p - zero : zero;
		}
	for (unsigned i = 0; i < 16; i++, bits++, q = (q & 0x7fff) << 1)
		out[bits / 8] |= (uint8_t)((q >> 15 & 1) << (7 - bits % 8));
	return (bits + 7) / 8;
}

static void the_rubin_coders_give_what_was_packed(void **state)
{
	(void)state;
	static const unsigned mips[8] = { 277, 249, 290, 267, 229, 341, 212, 241 };
	static const unsigned dyn[8] = { 100, 90, 200, 128, 60, 250, 255, 1 };
	gh_bytes want = GH_LIT("root:x:0:0:root:/root:/bin/ash and a few more words so that the interval narrows");
	for (unsigned kind = 0; kind < 2; kind++) {
		uint8_t out[400] = { 0 };
		for (unsigned i = 0; i < 8; i++)
			out[i] = (uint8_t)dyn[i];
		size_t head = kind ? 8 : 0;
		if (!kind)
			memset(out, 0, 8);
		size_t len = head + rubin_pack(kind ? 256 : 1043, kind ? dyn : mips, want, out + head);
		uint8_t room[400];
		gh_ctx ctx = gh_test_ctx();
		gh_buf buf = gh_buf_over(room, want.len);
		EQ(gh_jffs2_unpack_data(&ctx, kind ? 5 : 3, gh_cur_over(gh_view(out, len), 0), &buf), GH_OK, "rubin");
		SAME(gh_buf_view(&buf), want, kind ? "dynrubin" : "rubinmips");
		buf = gh_buf_over(room, want.len);
		TRUE(gh_jffs2_unpack_data(&ctx, kind ? 5 : 3, gh_cur_over(gh_view(out, len / 2), 0), &buf) != GH_OK,
		     "half of it");
		gh_test_done(&ctx);
	}
}

static void bad_nodes_are_survived(void **state)
{
	(void)state;
	start(false);
	clean();
	name(GH_JFFS2_T_NAME, 1, 1, 2, "file");
	text(2, 1, 5, 0, "hello");
	inode((struct inode){ GH_JFFS2_T_INODE, 2, 2, 0100644, 0xffffffff, 0x80000000, 0x7fffffff, 1 },
	      gh_view(NULL, 0));
	inode((struct inode){ GH_JFFS2_T_INODE, 2, 3, 0100644, 40, 0xfffffff0, 0xffffffff, 0 }, gh_view("x", 1));
	inode((struct inode){ GH_JFFS2_T_INODE, 3, 1, 0120777, 5, 0, 5, 99 }, gh_view("hello", 5));
	name(GH_JFFS2_T_NAME, 1, 2, 3, "link");
	spoil(&gh_format_jffs2, gh_view(image, used + 64), used);
}

static void what_mkfs_packs_comes_out_again(void **state)
{
	(void)state;
	static const char *const cases[][4] = {
		{ "-l", "-n" },         { "-b", "-p" },           { "-l", "-X", "lzo" },  { "-b", "-X", "rtime" },
		{ "-l", "-m", "none" }, { "-b", "-e", "128KiB" }, { "-l", "-X", "zlib" },
	};
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		const char *argv[16] = { "mkfs.jffs2", "-r", flash_in("tree"), "-o", flash_in("image") };
		for (size_t k = 0; k < 4; k++)
			argv[5 + k] = cases[i][k];
		if (!flash_tool(argv)) {
			print_message("mkfs.jffs2 is not installed\n");
			skip();
		}
		gh_bytes b = flash_load(flash_in("image"));
		struct run r = run(&gh_format_jffs2, b, 0x1000);
		EQ(r.code, GH_OK, cases[i][1]);
		EQ(r.span.size, b.len, cases[i][1]);
		EQ(r.span.proof, GH_PROOF_SUM, cases[i][1]);
		flash_compare(&r, cases[i][1]);
		done(&r);
		free((void *)(uintptr_t)b.ptr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_before_is_listed_as_history),
		cmocka_unit_test(a_partition_is_one_however_far_its_nodes_lie_apart),
		cmocka_unit_test(a_second_file_system_is_told_by_its_contradictions),
		cmocka_unit_test(a_node_with_a_wrong_sum_is_left_out_as_a_mount_does),
		cmocka_unit_test(a_loop_of_directories_ends),
		cmocka_unit_test(every_compressor_gives_what_was_packed),
		cmocka_unit_test(the_rubin_coders_give_what_was_packed),
		cmocka_unit_test(bad_nodes_are_survived),
		cmocka_unit_test(what_mkfs_packs_comes_out_again),
	};
	return cmocka_run_group_tests_name("jffs2", tests, flash_begin, flash_end);
}
