/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed content (linux/fs/erofs/zmap.c). A header of 8 bytes behind the inode, then an index: for every cluster of
 * the file what begins in it.
 *
 *	header   fragment or size of the inline tail 4, advice 2, algorithms 1, cluster size 1
 *	full     kind 2, where in the cluster 2, block 4
 *	compact  packs of 2 entries in 8 bytes or 16 in 32: where or distance 12 bits, kind 2 bits; a block for all of
 *them
 *
 * Kinds: 0 stored and 1, 3 compressed begin here; 2 goes on. What begins ends where the next begins. Its bytes are one
 * block, or as many as the first entry that goes on says. The end of a file, or all of it, may stand in another inode,
 * together with those of others: a fragment.
 */
#include "codec/codec.h"
#include "format/fs/erofs_in.h"

enum {
	HEADER = 8,
	STORED = 0,
	HEAD1 = 1,
	GOES_ON = 2,
	HEAD2 = 3,
	COUNT_FLAG = 1 << 11,
	ADVICE_COMPACT_2B = 1,
	ADVICE_BIG_1 = 2,
	ADVICE_BIG_2 = 4,
	ADVICE_TAIL = 8,
	ADVICE_INTERLACED = 0x10,
	ADVICE_FRAGMENT = 0x20,
	LZ4 = 0,
	LZMA = 1,
	DEFLATE = 2,
	ZSTD = 3,
};

struct map {
	const gh_erofs *f;
	const gh_erofs_inode *inode;
	uint64_t start, index; /* of the header, of the index */
	uint64_t n;            /* clusters */
	unsigned bits, advice, algorithms;
	uint32_t tail;        /* bytes of the inline one */
	uint64_t first, twos; /* of the compact index: entries of 4 bytes, then of 2 */
	uint64_t index_end;
	bool whole, ends;     /* all of it is a fragment, or what comes last */
	uint64_t fragment_at; /* in the inode of fragments */
};

struct entry {
	unsigned kind;
	uint32_t low; /* where it begins, or a distance */
	uint64_t block;
};

static gh_code open_map(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, struct map *m)
{
	uint64_t at = (inode->end + 7) / 8 * 8;
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, at, HEADER), at);
	gh_cur whole = c;
	*m = (struct map){ .f = f, .inode = inode, .start = at };
	m->fragment_at = gh_u32le(&c);
	m->tail = (uint32_t)m->fragment_at >> 16;
	m->advice = gh_u16le(&c);
	m->algorithms = gh_u8(&c);
	unsigned clusters = gh_u8(&c);
	m->bits = f->bits + (clusters & 7);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_CORRUPT, f->pos + at, "the map of a file is cut off");
	m->ends = m->advice & ADVICE_FRAGMENT;
	m->whole = clusters & 0x80; /* the highest bit of all eight bytes: the others are the place */
	if (m->whole) {
		m->fragment_at = gh_u64le(&whole) & ~(UINT64_C(1) << 63);
		m->index_end = at + HEADER;
		m->tail = 0;
		return GH_OK;
	}
	if (!(m->advice & ADVICE_TAIL))
		m->tail = 0;
	m->n = (inode->size + (UINT64_C(1) << m->bits) - 1) >> m->bits;
	if (m->n > f->all.len) /* each has an entry, and those take room */
		return gh_fail(ctx, GH_CORRUPT, f->pos + at, "a file with more clusters than there are bytes");
	if (inode->layout == GH_EROFS_COMPRESSED_FULL) {
		m->index = at + HEADER + 8;
		m->index_end = m->index + m->n * 8;
		return GH_OK;
	}
	m->index = at + HEADER;
	m->first = (32 - m->index % 32) / 4 & 7;
	if ((m->advice & ADVICE_COMPACT_2B) && m->first < m->n)
		m->twos = (m->n - m->first) / 16 * 16;
	uint64_t fours = m->n < m->first ? m->n : m->n - m->twos;
	m->index_end = m->index + (fours + 1) / 2 * 8 + m->twos * 2;
	return m->bits > 14 ? gh_fail(ctx, GH_UNSUPPORTED, f->pos + at, "a compact map of large clusters") : GH_OK;
}

/* The pack of entry `n`, and which of it. */
static uint64_t pack_of(const struct map *m, uint64_t n, unsigned *of, unsigned *which)
{
	uint64_t at = m->index;
	unsigned width = 4;
	if (n >= m->first) {
		at += m->first * 4;
		n -= m->first;
		if (n < m->twos) {
			width = 2;
		} else {
			at += m->twos * 2;
			n -= m->twos;
		}
	}
	at += n * width;
	*of = width == 2 ? 16 : 2;
	uint64_t pack = at / ((uint64_t)*of * width) * *of * width;
	*which = (unsigned)((at - pack) / width);
	return pack;
}

static void unpack_entry(gh_bytes pack, unsigned of, unsigned which, unsigned bits, struct entry *ret)
{
	unsigned low = GH_MAX(bits, 12U), each = (unsigned)(pack.len - 4) * 8 / of, bit = each * which;
	gh_cur c = gh_cur_over(gh_bytes_part(pack, bit / 8, 4), 0);
	uint32_t v = gh_u32le(&c) >> (bit & 7);
	ret->low = v & ((1U << low) - 1);
	ret->kind = v >> low & 3;
}

static bool is_big(const struct map *m, unsigned kind)
{
	return (kind == HEAD1 && (m->advice & ADVICE_BIG_1)) || (kind == HEAD2 && (m->advice & ADVICE_BIG_2));
}

/* How many blocks those take that begin in the pack before entry `which`; the pack's number is of the one before them.
 */
static uint64_t blocks_before(const struct map *m, gh_bytes pack, unsigned of, unsigned which)
{
	uint64_t n = 0;
	struct entry e, next;
	for (unsigned k = 0; k < which; k++) {
		unpack_entry(pack, of, k, m->bits, &e);
		if (e.kind == GOES_ON) {
			n += e.low & COUNT_FLAG ? e.low & ~(uint32_t)COUNT_FLAG : 0;
			continue;
		}
		next = (struct entry){ .kind = STORED };
		if (k + 1 < which)
			unpack_entry(pack, of, k + 1, m->bits, &next);
		n += !(next.kind == GOES_ON && (next.low & COUNT_FLAG));
	}
	return n;
}

static bool read_entry(const struct map *m, uint64_t n, struct entry *ret)
{
	*ret = (struct entry){ .kind = STORED };
	if (m->inode->layout == GH_EROFS_COMPRESSED_FULL) {
		gh_cur c = gh_cur_over(gh_bytes_part(m->f->all, m->index + n * 8, 8), 0);
		ret->kind = gh_u16le(&c) & 3;
		ret->low = gh_u16le(&c);
		uint32_t u = gh_u32le(&c);
		ret->block = u;
		if (ret->kind == GOES_ON)
			ret->low = u & 0xffff;
		return gh_cur_ok(&c);
	}
	unsigned of, which;
	uint64_t at = pack_of(m, n, &of, &which), size = of == 16 ? 32 : 8;
	gh_bytes pack = gh_bytes_part(m->f->all, at, size);
	if (pack.len < size)
		return false;
	unpack_entry(pack, of, which, m->bits, ret);
	if (ret->kind == GOES_ON)
		return true;
	gh_cur c = gh_cur_over(gh_bytes_part(pack, size - 4, 4), 0);
	bool big = m->advice & (ADVICE_BIG_1 | ADVICE_BIG_2);
	/* without big clusters the number is that of the block before the first */
	ret->block = gh_u32le(&c) + blocks_before(m, pack, of, which) + !big;
	return true;
}

static gh_code lzma(gh_ctx *ctx, gh_cur in, gh_arena *arena, uint64_t want, gh_buf *out)
{
	/* the first byte of LZMA is always 0: the inverted properties stand in its place */
	gh_bytes b = gh_rest(&in);
	uint8_t *copy = gh_arena_alloc(arena, b.len);
	if (!copy || !b.ptr)
		return gh_fail(ctx, GH_CORRUPT, in.pos, "an empty cluster");
	memcpy(copy, b.ptr, b.len);
	unsigned properties = (uint8_t)~copy[0];
	copy[0] = 0;
	if (properties >= 225)
		return gh_fail(ctx, GH_CORRUPT, in.pos, "LZMA with properties that cannot be");
	gh_cur c = gh_cur_over(gh_view(copy, b.len), in.pos);
	return gh_lzma_raw(ctx, &c, out, properties % 9, properties / 9 % 5, properties / 45, 0, want);
}

static gh_code decode_to(gh_ctx *ctx, const struct map *m, unsigned algorithm, gh_bytes b, gh_arena *arena, gh_buf *out)
{
	size_t zeros = 0;
	while (m->f->incompat & GH_EROFS_PADDED && b.ptr && zeros < b.len && b.ptr[zeros] == 0)
		zeros++;
	gh_cur in = gh_cur_over(gh_bytes_part(b, zeros, b.len), m->f->pos);
	return algorithm == LZ4       ? gh_lz4_block(ctx, &in, out)
	       : algorithm == LZMA    ? lzma(ctx, in, arena, out->most, out)
	       : algorithm == DEFLATE ? gh_deflate_raw(ctx, &in, out)
	       : algorithm == ZSTD    ? gh_zstd(ctx, &in, out)
				      : gh_fail(ctx, GH_UNSUPPORTED, m->f->pos, "algorithm %u", algorithm);
}

static gh_code decode(gh_ctx *ctx, const struct map *m, unsigned algorithm, gh_bytes b, gh_arena *arena, uint8_t *to,
		      uint64_t want)
{
	enum { RATIO = 255, MORE_MOST = 4 << 20 };
	gh_buf out = gh_buf_over(to, (size_t)want);
	gh_code code = decode_to(ctx, m, algorithm, b, arena, &out);
	if (out.len == want) /* what follows is padding, or belongs to another file */
		return GH_OK;
	if (code == GH_OK)
		code = gh_fail(ctx, GH_CORRUPT, m->f->pos, "a cluster gives %zu bytes, not %llu", out.len,
			       (unsigned long long)want);
	if (code == GH_UNSUPPORTED || !gh_is_about_input(code))
		return code;
	/* a cluster that files share holds more than this one has of it */
	gh_buf all = gh_buf_in(arena, GH_MIN((uint64_t)b.len * RATIO, (uint64_t)MORE_MOST));
	gh_code again = decode_to(ctx, m, algorithm, b, arena, &all);
	if (all.len < want || !all.ptr)
		return gh_is_about_input(again) || again == GH_OK ? code : again;
	memcpy(to, all.ptr, (size_t)want);
	return GH_OK;
}

static void copy_stored(const struct map *m, gh_bytes b, uint64_t from, uint8_t *to, uint64_t want)
{
	/* interlaced: it stands where it would in the file, turned round at the end of the block */
	uint64_t shift = m->advice & ADVICE_INTERLACED ? from & (m->f->block - 1) : 0;
	for (uint64_t i = 0; i < want && b.ptr && b.len > 0; i++)
		to[i] = b.ptr[(i + shift) % b.len];
}

/* What begins in cluster `n`, and how far it goes. */
struct piece {
	uint64_t from, blocks, next; /* in the file; next: the cluster in which another begins */
	struct entry entry;
	uint64_t end;
};

static gh_code read_piece(gh_ctx *ctx, const struct map *m, uint64_t n, struct piece *p)
{
	struct entry e;
	*p = (struct piece){ .blocks = 1, .end = m->inode->size };
	if (!read_entry(m, n, &p->entry) || p->entry.kind == GOES_ON)
		return gh_fail(ctx, GH_CORRUPT, m->f->pos + m->start, "the map of a file is broken");
	p->from = (n << m->bits) + p->entry.low;
	for (p->next = n + 1; p->next < m->n; p->next++) {
		if (!read_entry(m, p->next, &e))
			return gh_fail(ctx, GH_CORRUPT, m->f->pos + m->start, "the map of a file is cut off");
		if (e.kind != GOES_ON) {
			p->end = (p->next << m->bits) + e.low;
			break;
		}
		if (p->next == n + 1 && is_big(m, p->entry.kind) && (e.low & COUNT_FLAG))
			p->blocks = e.low & ~(uint32_t)COUNT_FLAG;
	}
	p->end = GH_MIN(p->end, m->inode->size);
	if (p->from > p->end)
		return gh_fail(ctx, GH_CORRUPT, m->f->pos + m->start, "the map of a file turns back");
	return GH_OK;
}

/* A run of a file that is wanted. */
struct wanted {
	uint64_t from, size;
	uint8_t *to; /* NULL: nothing is made, only told of */
	bool nested; /* of the fragments themselves: they are in no other */
	gh_erofs_use *use;
	void *arg;
};

static gh_code range(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, gh_arena *arena,
		     const struct wanted *w);

/* Bytes of the inode that has the fragments. */
static gh_code from_fragments(gh_ctx *ctx, const gh_erofs *f, gh_arena *arena, uint64_t at, uint64_t size, uint8_t *to)
{
	gh_erofs_inode packed;
	gh_bytes content;
	uint64_t place;
	if (f->packed == 0 || !gh_erofs_inode_read(f, f->packed, &packed) || at > packed.size ||
	    size > packed.size - at)
		return gh_fail(ctx, GH_CORRUPT, f->pos, "a fragment that is not there");
	if (packed.layout == GH_EROFS_COMPRESSED || packed.layout == GH_EROFS_COMPRESSED_FULL) {
		struct wanted w = { .from = at, .size = size, .to = to, .nested = true };
		return range(ctx, f, &packed, arena, &w);
	}
	gh_code code = gh_erofs_content(ctx, f, &packed, arena, &content, &place, NULL, NULL);
	gh_bytes part = gh_bytes_part(content, at, size);
	if (part.ptr && part.len == size)
		memcpy(to, part.ptr, part.len);
	return code;
}

/* One piece, of which a part may be wanted. */
static gh_code make_piece(gh_ctx *ctx, const struct map *m, gh_arena *arena, const struct piece *p, gh_bytes b,
			  const struct wanted *w)
{
	uint64_t from = GH_MAX(p->from, w->from), end = GH_MIN(p->end, w->from + w->size), size = p->end - p->from;
	if (from >= end)
		return GH_OK;
	if (m->ends && p->end == m->inode->size)
		return from_fragments(ctx, m->f, arena, m->fragment_at + (from - p->from), end - from,
				      w->to + (from - w->from));
	bool all = from == p->from && end == p->end;
	gh_code code = all ? GH_OK : gh_spend_bytes(ctx, size);
	if (code != GH_OK)
		return code;
	uint8_t *to = all ? w->to + (from - w->from) : gh_arena_alloc(arena, (size_t)size);
	if (!to)
		return gh_nomem(ctx);
	if (p->entry.kind == STORED)
		copy_stored(m, b, p->from, to, size);
	else
		code = decode(ctx, m, p->entry.kind == HEAD1 ? m->algorithms & 15 : m->algorithms >> 4, b, arena, to,
			      size);
	if (code == GH_OK && !all)
		memcpy(w->to + (from - w->from), to + (from - p->from), (size_t)(end - from));
	return code;
}

/* Where the bytes of a piece are: in blocks, behind the index, or in no place of this inode. */
static gh_code bytes_of(gh_ctx *ctx, const struct map *m, const struct piece *p, const struct wanted *w, gh_bytes *ret)
{
	uint64_t at = p->entry.block << m->f->bits, size = p->blocks << m->f->bits;
	bool last = p->end == m->inode->size;
	gh_code code = GH_OK;
	*ret = gh_view(NULL, 0);
	if (last && m->ends)
		return GH_OK;
	if (last && m->tail > 0) {
		at = m->index_end;
		size = m->tail;
	} else if (w->use) {
		code = w->use(w->arg, at, size);
	}
	*ret = gh_bytes_part(m->f->all, at, size);
	return code == GH_OK && ret->len < size
		       ? gh_fail(ctx, GH_TRUNCATED, m->f->pos + m->f->all.len, "the content is cut short")
		       : code;
}

static gh_code range(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, gh_arena *arena,
		     const struct wanted *w)
{
	struct map m;
	struct piece p;
	gh_code code = open_map(ctx, f, inode, &m);
	if (code == GH_OK && w->nested && (m.whole || m.ends))
		code = gh_fail(ctx, GH_CORRUPT, f->pos + m.start, "fragments in a fragment");
	if (code == GH_OK)
		code = gh_effort(ctx, m.n * 64);
	if (code == GH_OK && w->use)
		code = w->use(w->arg, m.start, m.index_end - m.start + m.tail);
	if (code == GH_OK && m.whole)
		return w->to ? from_fragments(ctx, f, arena, m.fragment_at + w->from, w->size, w->to) : GH_OK;
	for (uint64_t n = 0; n < m.n && code == GH_OK; n = p.next) {
		gh_bytes b;
		code = read_piece(ctx, &m, n, &p);
		if (code != GH_OK)
			break;
		if (p.end == p.from) /* where the file ends inside a cluster that begins with what went before */
			continue;
		code = bytes_of(ctx, &m, &p, w, &b);
		if (code == GH_OK && w->to)
			code = make_piece(ctx, &m, arena, &p, b, w);
	}
	return code;
}

gh_code gh_erofs_unmap(gh_ctx *ctx, const gh_erofs *f, const gh_erofs_inode *inode, gh_arena *arena, uint8_t *to,
		       gh_erofs_use *use, void *arg)
{
	struct wanted w = { .size = inode->size, .to = to, .use = use, .arg = arg };
	return range(ctx, f, inode, arena, &w);
}
