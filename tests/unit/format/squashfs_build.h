/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small SquashFS images of every version and byte order, written bit by bit so that a test can make
 * each field say what it likes. Blocks are stored as they are, or packed by the test's own function.
 * Layouts: squashfs_compat.h and squashfs_fs.h.
 *
 *	struct image m = { .major = 3, .big = true };
 *	uint32_t file = image_file(&m, GH_LIT("hello"));
 *	m.root = image_dir(&m, (struct name[]){ { "file", file, 2, 0 } }, 1);
 *	gh_bytes bytes = image_finish(&m);
 */
#ifndef GH_TESTS_SQUASHFS_BUILD_H
#define GH_TESTS_SQUASHFS_BUILD_H

#include "check.h"

enum { ROOM = 64 << 10, LOG = 12, STORED = 0x8000, STORED_BLOCK = 1 << 24 };

struct bits {
	uint8_t bytes[ROOM];
	size_t bit;
};

struct name {
	const char *text;
	uint32_t inode; /* offset in the only block of inodes */
	unsigned type;
	size_t len; /* 0: the text's */
};

struct image {
	unsigned major;
	bool big;
	const char *magic;
	unsigned compressor;           /* version 4 */
	gh_bytes (*pack)(gh_bytes in); /* NULL: blocks are stored */
	struct bits inodes, dirs, data, fragments, out;
	uint32_t n_fragments, root, number;
	/* where the parts came to lie */
	uint64_t at_inodes, at_dirs, at_ids, at_fragments;
};

static inline void put(struct bits *b, bool big, unsigned width, uint64_t value)
{
	for (unsigned i = 0; i < width; i++, b->bit++) {
		unsigned which = big ? width - 1 - i : i;
		unsigned place = (unsigned)(big ? 7 - b->bit % 8 : b->bit % 8);
		assert_true(b->bit / 8 < ROOM);
		if (value >> which & 1)
			b->bytes[b->bit / 8] = (uint8_t)(b->bytes[b->bit / 8] | 1u << place);
	}
}

static inline void put_bytes(struct bits *b, gh_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		put(b, false, 8, v.ptr[i]);
}

static inline size_t size_of(const struct bits *b)
{
	return b->bit / 8;
}

static inline uint32_t header_of(unsigned major)
{
	static const uint8_t sizes[] = { 0, 51, 63, 119, 96 };
	return sizes[major];
}

/* What every inode begins with. Ids are indexes. Returns the inode's offset. */
static inline uint32_t image_inode(struct image *m, unsigned type, unsigned mode, unsigned uid, unsigned gid)
{
	struct bits *b = &m->inodes;
	uint32_t at = (uint32_t)size_of(b);
	unsigned id = m->major == 1 ? 4 : m->major == 4 ? 16 : 8;
	put(b, m->big, m->major == 4 ? 16 : 4, type);
	put(b, m->big, m->major == 4 ? 16 : 12, mode);
	put(b, m->big, id, uid);
	put(b, m->big, id, gid);
	if (m->major >= 3) {
		put(b, m->big, 32, 1000000 + m->number);
		put(b, m->big, 32, ++m->number);
	}
	return at;
}

/* Appends one block of content; its size word as the image's version writes it. */
static inline uint32_t image_block(struct image *m, gh_bytes in, bool in_list)
{
	bool narrow = m->major == 1 && in_list;
	gh_bytes out = m->pack ? m->pack(in) : in;
	put_bytes(&m->data, out);
	return (uint32_t)out.len | (m->pack ? 0 : narrow ? STORED : STORED_BLOCK);
}

/* A file; from version 2 on what is left over behind full blocks goes to a fragment of its own. */
static inline uint32_t image_file(struct image *m, gh_bytes content)
{
	bool big = m->big;
	struct bits *b = &m->inodes;
	uint64_t start = header_of(m->major) + size_of(&m->data);
	size_t block = (size_t)1 << LOG, tail = content.len % block;
	bool whole = m->major == 1 || tail == 0;
	size_t blocks = content.len / block + (whole && tail);
	uint32_t at = image_inode(m, 2, 0644, 1, 0), words[ROOM >> LOG];
	for (size_t i = 0; i < blocks; i++)
		words[i] = image_block(m, gh_bytes_part(content, i * block, block), true);
	if (m->major < 3)
		put(b, big, 32, 1234567890);
	put(b, big, m->major == 3 ? 64 : 32, start);
	if (m->major > 1) {
		put(b, big, 32, whole ? UINT32_MAX : m->n_fragments);
		put(b, big, 32, 0);
	}
	put(b, big, 32, content.len);
	for (size_t i = 0; i < blocks; i++)
		put(b, big, m->major == 1 ? 16 : 32, words[i]);
	if (!whole) {
		put(&m->fragments, big, m->major == 2 ? 32 : 64, header_of(m->major) + size_of(&m->data));
		put(&m->fragments, big, 32, image_block(m, gh_bytes_part(content, blocks * block, tail), false));
		if (m->major > 2)
			put(&m->fragments, big, 32, 0);
		m->n_fragments++;
	}
	return at;
}

static inline uint32_t image_link(struct image *m, const char *target)
{
	uint32_t at = image_inode(m, 3, 0777, 0, 0);
	if (m->major >= 3)
		put(&m->inodes, m->big, 32, 1);
	put(&m->inodes, m->big, m->major == 4 ? 32 : 16, strlen(target));
	put_bytes(&m->inodes, gh_view_text(target));
	return at;
}

static inline uint32_t image_device(struct image *m, unsigned type, uint32_t rdev)
{
	uint32_t at = image_inode(m, type, 0600, 0, 0);
	if (m->major >= 3)
		put(&m->inodes, m->big, 32, 1);
	put(&m->inodes, m->big, m->major == 4 ? 32 : 16, rdev);
	return at;
}

/* Appends a listing; returns its size as a directory inode counts it. */
static inline uint32_t image_listing(struct image *m, const struct name *names, size_t n, uint32_t *ret_at)
{
	bool big = m->big;
	struct bits *b = &m->dirs;
	size_t before = size_of(b);
	*ret_at = (uint32_t)before;
	if (n > 0) {
		put(b, big, m->major == 4 ? 32 : 8, n - 1);
		put(b, big, m->major < 3 ? 24 : 32, 0);
		if (m->major >= 3)
			put(b, big, 32, 1);
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = names[i].len ? names[i].len : strlen(names[i].text);
		put(b, big, m->major == 4 ? 16 : 13, names[i].inode);
		if (m->major == 4)
			put(b, big, 16, 0);
		put(b, big, m->major == 4 ? 16 : 3, names[i].type);
		put(b, big, m->major == 4 ? 16 : 8, len - 1);
		if (m->major == 3)
			put(b, big, 16, 0);
		put_bytes(b, gh_view(names[i].text, len));
	}
	return (uint32_t)(size_of(b) - before) + (m->major >= 3 ? 3 : 0);
}

/* A directory inode over a listing that is somewhere in the only block of listings. */
static inline uint32_t image_dir_of(struct image *m, uint32_t size, uint32_t listing)
{
	bool big = m->big;
	struct bits *b = &m->inodes;
	uint32_t at = image_inode(m, 1, 0755, 0, m->major == 1 ? 15 : m->major == 4 ? 0 : 255);
	if (m->major == 4)
		put(b, big, 32, 0);
	if (m->major >= 3)
		put(b, big, 32, 2);
	put(b, big, m->major == 4 ? 16 : 19, size);
	put(b, big, m->major == 4 ? 16 : 13, listing);
	if (m->major < 3) {
		put(b, big, 32, 1234567891);
		put(b, big, 24, 0);
	}
	if (m->major == 3)
		put(b, big, 32, 0);
	if (m->major >= 3)
		put(b, big, 32, 0);
	return at;
}

static inline uint32_t image_dir(struct image *m, const struct name *names, size_t n)
{
	uint32_t listing, size = image_listing(m, names, n, &listing);
	return image_dir_of(m, size, listing);
}

static inline uint64_t place(struct image *m, const struct bits *b)
{
	uint64_t at = size_of(&m->out);
	gh_bytes in = gh_view(b->bytes, size_of(b)), out = m->pack ? m->pack(in) : in;
	put(&m->out, m->big, 16, out.len | (m->pack ? 0 : STORED));
	put_bytes(&m->out, out);
	return at;
}

static inline void super(struct image *m, struct bits *s, uint64_t used)
{
	bool big = m->big;
	unsigned word = m->major == 4 ? 64 : 32;
	put_bytes(s, gh_view_text(m->magic ? m->magic : big ? "sqsh" : "hsqs"));
	put(s, big, 32, 10);
	if (m->major == 4) {
		const uint64_t fields[][2] = { { 32, 1400000000 },
					       { 32, 1 << LOG },
					       { 32, m->n_fragments },
					       { 16, m->compressor ? m->compressor : 1 },
					       { 16, LOG },
					       { 16, 0 },
					       { 16, 2 },
					       { 16, 4 },
					       { 16, 0 },
					       { 64, m->root },
					       { 64, used } };
		for (size_t i = 0; i < GH_COUNT(fields); i++)
			put(s, big, (unsigned)fields[i][0], fields[i][1]);
		const uint64_t tables[] = {
			m->at_ids, UINT64_MAX, m->at_inodes, m->at_dirs, m->at_fragments, UINT64_MAX
		};
		for (size_t i = 0; i < GH_COUNT(tables); i++)
			put(s, big, word, tables[i]);
		return;
	}
	bool three = m->major == 3;
	const uint64_t first[] = { used, m->at_ids, m->at_ids + 8, m->at_inodes, m->at_dirs };
	for (size_t i = 0; i < GH_COUNT(first); i++)
		put(s, big, 32, three ? 0xdeadbeef : first[i]);
	const uint64_t fields[][2] = { { 16, m->major },
				       { 16, 0 },
				       { 16, 1 << LOG },
				       { 16, LOG },
				       { 8, 0 },
				       { 8, 2 },
				       { 8, 1 },
				       { 32, 1400000000 },
				       { 64, m->root },
				       { 32, 1 << LOG },
				       { 32, m->n_fragments } };
	for (size_t i = 0; i < GH_COUNT(fields) - (m->major == 1 ? 2 : 0); i++)
		put(s, big, (unsigned)fields[i][0], fields[i][1]);
	if (m->major > 1)
		put(s, big, 32, m->at_fragments);
	const uint64_t last[] = {
		used, m->at_ids, m->at_ids + 8, m->at_inodes, m->at_dirs, m->at_fragments, UINT64_MAX
	};
	for (size_t i = 0; three && i < GH_COUNT(last); i++)
		put(s, big, 64, last[i]);
}

/* Lays everything out behind room for the superblock, then writes that. Lives as long as *m. */
static inline gh_bytes image_finish(struct image *m)
{
	struct bits ids = { .bit = 0 }, head = { .bit = 0 };
	m->out.bit = (size_t)header_of(m->major) * 8;
	put_bytes(&m->out, gh_view(m->data.bytes, size_of(&m->data)));
	m->at_inodes = place(m, &m->inodes);
	m->at_dirs = place(m, &m->dirs);
	uint64_t at = m->n_fragments ? place(m, &m->fragments) : 0;
	m->at_fragments = size_of(&m->out);
	if (m->n_fragments)
		put(&m->out, m->big, m->major == 2 ? 32 : 64, at);
	put(&ids, m->big, 32, 0);
	put(&ids, m->big, 32, 1000);
	if (m->major == 4)
		at = place(m, &ids);
	m->at_ids = size_of(&m->out);
	if (m->major == 4) {
		put(&m->out, m->big, 64, at);
	} else {
		put_bytes(&m->out, gh_view(ids.bytes, 8));
		put(&m->out, m->big, 32, 77);
	}
	super(m, &head, size_of(&m->out));
	assert_int_equal(size_of(&head), header_of(m->major));
	memcpy(m->out.bytes, head.bytes, size_of(&head));
	return gh_view(m->out.bytes, size_of(&m->out));
}

#endif
