/* SPDX-License-Identifier: Apache-2.0 */
/* UBIFS: what mkfs.ubifs packs comes out again; index, journal and what was before from nodes made here. */
#include "format/flash/ubifs_in.h"
#include "unit/format/flash_tests.h"

enum { BLOCK = 16384, LOG = 3, TABLE = 5, ORPHANS = 7, MAIN = 8, BLOCKS = 14 };

static uint8_t image[BLOCKS * BLOCK];
static size_t used;
static uint64_t sequence;

static void put(uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		image[used + i] = (uint8_t)(v >> 8 * i);
	used += width;
}

static size_t node(gh_ubifs_type type)
{
	size_t at = used;
	put(0x06101831, 4);
	put(0, 4);
	put(++sequence, 8);
	put(0, 4);
	put(type, 1);
	put(0, 3);
	return at;
}

static size_t end(size_t at)
{
	size_t len = used - at;
	used = at + 16;
	put(len, 4);
	used = at + 4;
	put(gh_ubifs_crc(gh_view(image + at + 8, len - 8)), 4);
	used = (at + len + 7) & ~(size_t)7;
	return at;
}

static void key(unsigned inode, unsigned low)
{
	put(inode, 4);
	put(low, 4);
	put(0, 8);
}

static size_t inode(unsigned number, unsigned mode, unsigned size, unsigned links, const char *data)
{
	size_t at = node(GH_UBIFS_T_INODE);
	key(number, 0);
	put(0, 8);
	put(size, 8);
	put(0, 8);
	put(0, 8);
	put(1000000000, 8);
	put(0, 8);
	put(0, 4);
	put(links, 4);
	put(7, 4);
	put(8, 4);
	put(mode, 4);
	put(0, 4);
	put(strlen(data), 4);
	memset(image + used, 0, 44);
	used += 44;
	memcpy(image + used, data, strlen(data));
	used += strlen(data);
	return end(at);
}

static size_t name(unsigned parent, unsigned number, const char *text)
{
	size_t at = node(GH_UBIFS_T_NAME);
	key(parent, 2U << 29 | 5);
	put(number, 8);
	put(0, 2);
	put(strlen(text), 2);
	put(0, 4);
	memcpy(image + used, text, strlen(text));
	used += strlen(text) + 1;
	image[used - 1] = 0;
	return end(at);
}

static size_t data(unsigned number, unsigned page, const char *text)
{
	size_t at = node(GH_UBIFS_T_DATA);
	key(number, 1U << 29 | page);
	put(strlen(text), 4);
	put(0, 4);
	memcpy(image + used, text, strlen(text));
	used += strlen(text);
	return end(at);
}

static void cut(unsigned number, unsigned from, unsigned to)
{
	size_t at = node(GH_UBIFS_T_CUT);
	put(number, 4);
	put(0, 8);
	put(0, 4);
	put(from, 8);
	put(to, 8);
	(void)end(at);
}

static void super(void)
{
	memset(image, 0xff, sizeof image);
	used = 0;
	sequence = 0;
	size_t at = node(GH_UBIFS_T_SUPER);
	memset(image + used, 0, GH_UBIFS_SUPER - used);
	used = at + 36;
	put(BLOCK, 4);
	put(BLOCKS, 4);
	used = at + 56;
	put(TABLE - LOG, 4);
	put(ORPHANS - TABLE, 4);
	put(MAIN - ORPHANS, 4);
	used = at + GH_UBIFS_SUPER;
	(void)end(at);
}

static size_t root_at; /* of the index */

/* The index over `leaves`, the master that names it, the log that names block `bud` as journal. */
static void commit(const size_t *leaves, size_t n, unsigned bud, unsigned offset)
{
	used = (size_t)(MAIN + 4) * BLOCK;
	root_at = node(GH_UBIFS_T_INDEX);
	put(n, 2);
	put(0, 2);
	for (size_t i = 0; i < n; i++) {
		put(leaves[i] / BLOCK, 4);
		put(leaves[i] % BLOCK, 4);
		put(0, 8);
		put(0, 4);
	}
	(void)end(root_at);
	for (unsigned copy = 1; copy < 3; copy++) {
		used = (size_t)copy * BLOCK;
		size_t at = node(GH_UBIFS_T_MASTER);
		put(99, 8);
		put(3, 8);
		put(0, 4);
		put(LOG, 4);
		put(root_at / BLOCK, 4);
		put(root_at % BLOCK, 4);
		memset(image + used, 0, 200);
		used += 200;
		(void)end(at);
	}
	used = (size_t)LOG * BLOCK;
	size_t at = node(GH_UBIFS_T_COMMIT);
	put(3, 8);
	(void)end(at);
	at = node(GH_UBIFS_T_REFERENCE);
	put(bud, 4);
	put(offset, 4);
	memset(image + used, 0, 32);
	used += 32;
	(void)end(at);
}

static const gh_entry *past(const gh_node *n, const char *path, gh_past what)
{
	for (size_t i = 0; n->volume && i < n->volume->count; i++)
		if (n->volume->entries[i].past == what && gh_bytes_eq(n->volume->entries[i].path, gh_view_text(path)))
			return &n->volume->entries[i];
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
	if (e)
		EQ(r->node->volume->ops->read(&r->ctx, &reader, e, &got), GH_OK, label);
	SAME(got, gh_view_text(want), label);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
}

/* Committed: "kept" and "changed"; in no index: "gone"; in the journal: more of "changed", "new". */
static void make(void)
{
	size_t leaves[8], n = 0;
	super();
	used = (size_t)MAIN * BLOCK;
	leaves[n++] = inode(1, 040755, 0, 2, "");
	leaves[n++] = inode(65, 0100644, 4, 1, "");
	leaves[n++] = name(1, 65, "kept");
	leaves[n++] = data(65, 0, "kept");
	leaves[n++] = inode(66, 0100600, 6, 1, "");
	leaves[n++] = name(1, 66, "changed");
	leaves[n++] = data(66, 0, "before");
	(void)inode(67, 0100755, 4, 1, "");
	(void)name(1, 67, "gone");
	(void)data(67, 0, "evil");
	size_t behind = used;
	used = (size_t)(MAIN + 1) * BLOCK;
	(void)name(1, 65, "not in the journal");
	size_t bud = used;
	cut(66, 6, 0);
	(void)data(66, 0, "after");
	(void)inode(66, 0100600, 5, 1, "");
	(void)name(1, 68, "link");
	(void)inode(68, 0120777, 4, 1, "kept");
	(void)name(1, 69, "null");
	(void)inode(69, 020666, 0, 1, "\x03\x11\x10\x10");
	used = behind;
	commit(leaves, n, MAIN + 1, (unsigned)(bud % BLOCK));
}

static void a_mount_sees_index_and_journal(void **state)
{
	(void)state;
	make();
	struct run r = run(&gh_format_ubifs, gh_view(image, sizeof image), 0x3000);
	EQ(r.code, GH_OK, "ubifs");
	EQ(r.span.size, sizeof image, "all blocks");
	EQ(r.span.proof, GH_PROOF_SUM, "sound");
	holds(&r, past(r.node, "kept", GH_NOW), "kept", "committed");
	holds(&r, past(r.node, "changed", GH_NOW), "after", "from the journal");
	holds(&r, past(r.node, "changed", GH_OLDER), "before", "what it was");
	holds(&r, past(r.node, "gone", GH_DELETED), "evil", "what no index names");
	TRUE(!past(r.node, "not in the journal", GH_NOW), "before the journal's start");
	static const gh_entry none;
	const gh_entry *e = entry(r.node, "link");
	e = e ? e : &none;
	EQ(e->type, GH_ENTRY_LINK, "link");
	SAME(e->target, GH_LIT("kept"), "link");
	e = entry(r.node, "null");
	e = e ? e : &none;
	EQ(e->type, GH_ENTRY_CHAR, "device");
	EQ(e->major, 0x11, "device");
	EQ(e->minor, 0x10103, "device");
	SAME(fact(r.node, "history"), GH_LIT("1 older versions, 2 deleted names"), "history");
	read_all(&r, "gone", GH_LIT("evil"), "all can be read");
	done(&r);
}

static void a_damaged_index_shows_all_that_is_there(void **state)
{
	(void)state;
	make();
	image[root_at + 30] ^= 1;
	struct run r = run(&gh_format_ubifs, gh_view(image, sizeof image), 0);
	EQ(r.code, GH_OK, "damaged index");
	EQ(r.span.proof, GH_PROOF_SHAPE, "damaged index");
	TRUE(noted(r.node->notes, GH_CORRUPT), "told");
	holds(&r, past(r.node, "changed", GH_NOW), "after", "the newest record");
	holds(&r, past(r.node, "gone", GH_NOW), "evil", "nothing says that it is deleted");
	done(&r);
	make();
	used = root_at + 26;
	put(1, 2); /* a level too high: its leaves are taken for index nodes */
	used = root_at + 4;
	put(gh_ubifs_crc(gh_view(image + root_at + 8, image[root_at + 16] + 256U * image[root_at + 17] - 8)), 4);
	r = run(&gh_format_ubifs, gh_view(image, sizeof image), 0);
	TRUE(noted(r.node->notes, GH_CORRUPT), "an index that contradicts itself");
	TRUE(entry(r.node, "kept") != NULL, "is done without");
	done(&r);
}

static void a_half_volume_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	make();
	for (size_t len = 4096; len < sizeof image; len += 4096 + 64) {
		struct run r = run(&gh_format_ubifs, gh_view(image, len), 0);
		EQ(r.code, GH_OK, "cut");
		if (r.node->volume)
			read_all(&r, NULL, gh_view(NULL, 0), "cut");
		done(&r);
	}
}

static void bad_nodes_are_survived(void **state)
{
	(void)state;
	make();
	spoil(&gh_format_ubifs, gh_view(image, sizeof image), 64);
	uint64_t x = 88172645463325252u;
	for (unsigned i = 0; i < 600; i++) {
		make();
		/* one byte of one node changed, and its CRC made right again */
		size_t at = 0;
		for (unsigned skip = i % 24; skip > 0; skip--) {
			const uint8_t *next = memmem(image + at + 8, sizeof image - at - 8, "\x31\x18\x10\x06", 4);
			at = next ? (size_t)(next - image) : 0;
		}
		size_t len = image[at + 16] + 256U * image[at + 17];
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		image[at + 20 + x % (len - 20)] ^= (uint8_t)(1 << (x >> 40) % 8);
		used = at + 4;
		put(gh_ubifs_crc(gh_view(image + at + 8, len - 8)), 4);
		struct run r = run(&gh_format_ubifs, gh_view(image, sizeof image), 0);
		if (r.code == GH_OK && r.node->volume)
			read_all(&r, NULL, gh_view(NULL, 0), "bad node");
		done(&r);
	}
}

static void what_mkfs_packs_comes_out_again(void **state)
{
	(void)state;
	static const char *const compressors[] = { "none", "lzo", "zlib", "zstd", "favor_lzo" };
	for (size_t i = 0; i < GH_COUNT(compressors); i++) {
		const char *argv[] = { "mkfs.ubifs",
				       "-r",
				       flash_in("tree"),
				       "-o",
				       flash_in("image"),
				       "-m",
				       "2048",
				       "-e",
				       "126976",
				       "-c",
				       "300",
				       "-x",
				       compressors[i],
				       NULL };
		if (!flash_tool(argv)) {
			print_message("mkfs.ubifs is not installed\n");
			skip();
		}
		gh_bytes b = flash_load(flash_in("image"));
		struct run r = run(&gh_format_ubifs, b, 0x1000);
		EQ(r.code, GH_OK, compressors[i]);
		EQ(r.span.size, b.len, compressors[i]);
		EQ(r.span.proof, GH_PROOF_SUM, compressors[i]);
		TRUE(!r.node->notes, compressors[i]);
		flash_compare(&r, compressors[i]);
		done(&r);
		free((void *)(uintptr_t)b.ptr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_sees_index_and_journal),
		cmocka_unit_test(a_damaged_index_shows_all_that_is_there),
		cmocka_unit_test(a_half_volume_is_read_as_far_as_it_goes),
		cmocka_unit_test(bad_nodes_are_survived),
		cmocka_unit_test(what_mkfs_packs_comes_out_again),
	};
	return cmocka_run_group_tests_name("ubifs", tests, flash_begin, flash_end);
}
