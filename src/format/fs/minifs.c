/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MINIFS, the read-only file system of TP-Link's devices without Linux (arXiv 2407.05064, unblob minifs.py).
 *Big-endian.
 *
 *	0        10    14      18           1c
 *	+--------+-----+-------+------------+--------+---------- … -+----------- … -+----------- … -+------ … ------+
 *	| MINIFS | 3   | files | length of  | length | names, each  | per file:     | per chunk:    | chunks, LZMA  |
 *	| 0 …    |     |       | first chunk| of names ended by NUL | 20 bytes      | 12 bytes      |               |
 *	+--------+-----+-------+------------+--------+---------- … -+----------- … -+----------- … -+------ … ------+
 *
 *	file    path, name (places among the names), chunk, place in what comes out of it, size
 *	chunk   place (from the end of the tables), packed size, size
 *
 * How many chunks there are is one more than the highest that a file names. There is no checksum and no folder of its
 *own.
 */
#include "codec/codec.h"
#include "format/view_volume_in.h"

enum { HEAD = 32, FILE_ROW = 20, CHUNK_ROW = 12, FILES_MOST = 1 << 16, CHUNK_MOST = 16 << 20 };

struct minifs {
	gh_bytes names;
	gh_cur files, chunks; /* the tables */
	uint64_t data;        /* from the start */
	uint32_t n_files, n_chunks, largest;
	uint64_t size;
};

struct file {
	uint32_t path, name, chunk, at, size;
};

struct chunk {
	uint32_t at, packed, size;
};

static struct file read_file(gh_cur *c)
{
	struct file f = { .path = gh_u32be(c) };
	f.name = gh_u32be(c);
	f.chunk = gh_u32be(c);
	f.at = gh_u32be(c);
	f.size = gh_u32be(c);
	return f;
}

static struct chunk read_chunk(gh_cur *c)
{
	struct chunk k = { .at = gh_u32be(c) };
	k.packed = gh_u32be(c);
	k.size = gh_u32be(c);
	return k;
}

static gh_code read_tables(gh_ctx *ctx, gh_cur c, struct minifs *ret)
{
	uint64_t start = c.pos, whole = c.left;
	if (!gh_eat(&c, GH_LIT("MINIFS\0\0\0\0\0\0\0\0\0\0")))
		return GH_NOT_MINE;
	gh_skip(&c, 4);
	struct minifs m = { .n_files = gh_u32be(&c) };
	gh_skip(&c, 4);
	uint32_t names = gh_u32be(&c);
	if (!gh_cur_ok(&c) || m.n_files == 0 || m.n_files > FILES_MOST || names == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the header of a MINIFS makes no sense");
	m.names = gh_take(&c, names);
	m.files = gh_sub(&c, (uint64_t)m.n_files * FILE_ROW);
	gh_code code = gh_cur_ok(&c) ? gh_effort(ctx, (uint64_t)m.n_files * FILE_ROW) : GH_OK;
	if (code != GH_OK)
		return code;
	gh_cur files = m.files;
	for (uint32_t i = 0; i < m.n_files && gh_cur_ok(&files); i++) {
		struct file f = read_file(&files);
		if (f.path >= names || f.name >= names || f.chunk >= FILES_MOST)
			return gh_fail(ctx, GH_CORRUPT, files.pos, "file %u of a MINIFS makes no sense", i);
		m.n_chunks = GH_MAX(m.n_chunks, f.chunk + 1);
	}
	m.chunks = gh_sub(&c, (uint64_t)m.n_chunks * CHUNK_ROW);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, start, "the tables of a MINIFS are cut short");
	m.data = c.pos - start;
	m.size = m.data;
	gh_cur chunks = m.chunks;
	for (uint32_t i = 0; i < m.n_chunks; i++) {
		struct chunk k = read_chunk(&chunks);
		m.size = GH_MAX(m.size, m.data + k.at + k.packed);
		m.largest = GH_MAX(m.largest, k.size);
	}
	m.size = GH_MIN(m.size, whole);
	*ret = m;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct minifs m;
	gh_code code = read_tables(ctx, c, &m);
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = m.size, .proof = m.size > m.data ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

/* What came out of the chunk that was read last; a broken one is tried once and answers the same again. */
struct held {
	uint8_t *mem;
	gh_bytes content;
	uint64_t at; /* of the chunk, absolute; GH_NOWHERE before the first */
	gh_code code;
};

static gh_code decode(gh_ctx *ctx, const gh_reader *reader, const gh_entry *e, struct held *h)
{
	uint32_t packed = (uint32_t)(e->locator[1] >> 32), size = (uint32_t)e->locator[1];
	uint64_t at = e->locator[0] - reader->pos;
	gh_cur in = gh_cur_over(gh_bytes_part(reader->bytes, at, packed), e->locator[0]);
	gh_buf out = gh_buf_over(h->mem, size);
	/* entries that alternate between chunks would have them decoded again and again */
	gh_code code = gh_spend_bytes(ctx, size);
	if (code != GH_OK)
		return code;
	code = gh_lzma_alone(ctx, &in, &out, NULL);
	h->content = gh_buf_view(&out);
	return h->content.len == size && (code == GH_LIMIT || code == GH_TRUNCATED) ? GH_OK : code;
}

static gh_code read_content(gh_ctx *ctx, gh_reader *reader, const gh_entry *e, gh_bytes *ret)
{
	struct held *h = reader->state;
	const uint32_t *largest = reader->volume->state;
	*ret = gh_view(NULL, 0);
	if (e->size == 0)
		return GH_OK;
	if (!h) {
		h = gh_arena_zalloc(reader->keep, sizeof *h);
		if (!h)
			return gh_nomem(ctx);
		h->mem = gh_arena_alloc(reader->keep, *largest);
		if (!h->mem)
			return gh_nomem(ctx);
		h->at = GH_NOWHERE;
		reader->state = h;
	}
	if (h->at != e->locator[0]) {
		h->content = gh_view(NULL, 0);
		h->code = decode(ctx, reader, e, h);
		h->at = e->locator[0];
		if (h->code != GH_OK && !gh_is_about_input(h->code))
			return h->code;
	}
	*ret = gh_bytes_part(h->content, e->locator[2], e->size);
	if (ret->len == e->size)
		return GH_OK;
	return gh_fail(ctx, h->code != GH_OK ? h->code : GH_CORRUPT, e->locator[0],
		       "%zu bytes come out of the chunk, the file ends at %llu", h->content.len,
		       (unsigned long long)e->locator[2] + e->size);
}

static gh_bytes name_at(const struct minifs *m, uint32_t at)
{
	gh_cur c = gh_cur_over(gh_bytes_part(m->names, at, m->names.len), 0);
	return gh_text(&c, c.left);
}

static gh_code add_file(gh_ctx *ctx, gh_cur c, const struct minifs *m, const struct file *f, gh_entries *list)
{
	gh_cur row = gh_at(m->chunks, (uint64_t)f->chunk * CHUNK_ROW);
	struct chunk k = read_chunk(&row);
	gh_entry *e;
	gh_code code = gh_entries_add(ctx, list, &e);
	if (code == GH_OK)
		code = gh_path_join(ctx, gh_path_plain(name_at(m, f->path)), gh_path_plain(name_at(m, f->name)),
				    &e->path);
	if (code != GH_OK)
		return code;
	e->type = GH_ENTRY_FILE;
	e->mode = 0644;
	e->nlink = 1;
	e->size = f->size;
	e->locator[0] = c.pos + m->data + k.at;
	e->locator[1] = (uint64_t)k.packed << 32 | k.size;
	e->locator[2] = f->at;
	return GH_OK;
}

static const gh_volume_ops ops = { .read = read_content };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct minifs m = { 0 };
	gh_entries list = { 0 };
	gh_code code = read_tables(ctx, c, &m);
	(void)span;
	if (code == GH_OK && m.largest > CHUNK_MOST)
		code = gh_fail(ctx, GH_LIMIT, c.pos, "a chunk of %u bytes is too large", m.largest);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "chunks", "%u", m.n_chunks);
	gh_cur files = m.files;
	for (uint32_t i = 0; i < m.n_files && code == GH_OK; i++) {
		struct file f = read_file(&files);
		code = add_file(ctx, c, &m, &f, &list);
	}
	gh_code trouble = code;
	if (trouble != GH_OK && !gh_is_about_input(trouble))
		return trouble;
	code = gh_entries_volume(ctx, &list, &ops, out);
	if (code != GH_OK)
		return code;
	uint32_t *largest = gh_arena_alloc(ctx->arena, sizeof *largest);
	if (!largest)
		return gh_nomem(ctx);
	*largest = m.largest;
	out->volume->state = largest;
	return trouble;
}

const gh_format gh_format_minifs = {
	.name = "minifs",
	.title = "MINIFS, TP-Link",
	.spec = "arXiv 2407.05064; onekey-sec/unblob: minifs.py",
	.kind = GH_NODE_VOLUME,
	.magic = { { "MINIFS\\x00\\x00", 8, 0 } },
	.measure = measure,
	.unpack = unpack,
};
