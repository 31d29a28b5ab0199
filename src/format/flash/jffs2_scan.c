/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a partition. Between nodes there may be erased bytes for as long as they go on, and a few MiB
 * of anything else (what a power cut left, a bad block); another file system ends it. So do nodes that say
 * something else of the same version of the same inodes: the next partition is JFFS2 too.
 */
#include <stdlib.h>

#include "codec/sum.h"
#include "format/flash/jffs2_in.h"

enum {
	FOREIGN_MOST = 4 << 20, /* bytes between two nodes that are neither erased nor a node */
	SECTOR = 4096,          /* other formats start at multiples of this */
	CONFLICTS_LEAST = 3,
	NOTES_MOST = 8,
	ORDER_LEAST = 12,
	ORDER_MOST = 20, /* of erase block sizes: 4 KiB to 1 MiB */
};

uint32_t gh_jffs2_crc(gh_bytes b)
{
	return ~gh_crc32_more(UINT32_MAX, b);
}

struct scan {
	gh_jffs2 *j;
	gh_bytes bytes;
	uint64_t pos; /* absolute, of bytes.ptr */
	uint64_t at;
	uint64_t paid;
};

struct node {
	uint16_t type; /* with the bit that obsolete ones lack */
	bool now;
	uint32_t len;
	gh_bytes bytes;
};

static bool read_node(const struct scan *s, uint64_t at, struct node *ret)
{
	bool big = s->j->big;
	gh_cur c = gh_cur_over(gh_bytes_part(s->bytes, at, GH_JFFS2_HEADER), 0);
	uint8_t first[8];
	if (c.left < GH_JFFS2_HEADER || gh_u16(&c, big) != 0x1985)
		return false;
	memcpy(first, s->bytes.ptr + at, sizeof first);
	uint16_t type = gh_u16(&c, big);
	uint32_t len = gh_u32(&c, big), crc = gh_u32(&c, big);
	first[big ? 2 : 3] |= GH_JFFS2_ACCURATE >> 8;
	if (len < GH_JFFS2_HEADER || len > s->bytes.len - at || crc != gh_jffs2_crc(gh_view(first, sizeof first)))
		return false;
	*ret = (struct node){ .type = type | GH_JFFS2_ACCURATE,
			      .now = type & GH_JFFS2_ACCURATE,
			      .len = len,
			      .bytes = gh_bytes_part(s->bytes, at, len) };
	return true;
}

/* A sum over the node's first bytes, with the bit that may have been cleared since. */
static bool node_sum_right(struct scan *s, const struct node *n, size_t covered, size_t stored_at)
{
	uint8_t head[64];
	gh_cur c = gh_at(gh_cur_over(n->bytes, 0), stored_at);
	uint32_t stored = gh_u32(&c, s->j->big);
	if (!gh_cur_ok(&c) || covered > sizeof head)
		return false;
	memcpy(head, n->bytes.ptr, covered);
	head[s->j->big ? 2 : 3] |= GH_JFFS2_ACCURATE >> 8;
	return stored == gh_jffs2_crc(gh_view(head, covered));
}

static gh_code say_wrong(gh_ctx *ctx, struct scan *s, const char *what, uint32_t inode)
{
	gh_note *note = s->j->n_notes < NOTES_MOST ? gh_arena_zalloc(ctx->arena, sizeof *note) : NULL;
	s->j->wrong++;
	if (s->j->n_notes >= NOTES_MOST)
		return GH_OK;
	const char *text =
		inode ? gh_arena_printf(ctx->arena, "the %s of a node of inode %u is wrong: left out", what, inode)
		      : gh_arena_printf(ctx->arena, "the %s of a node is wrong: left out", what);
	if (!note || !text)
		return gh_nomem(ctx);
	*note = (gh_note){ .code = GH_CORRUPT, .at = s->pos + s->at, .text = text, .next = s->j->notes };
	s->j->notes = note;
	s->j->n_notes++;
	return GH_OK;
}

static gh_code take_inode(gh_ctx *ctx, struct scan *s, const struct node *n)
{
	gh_jffs2 *j = s->j;
	gh_log_item *item;
	gh_cur c = gh_at(gh_cur_over(n->bytes, 0), GH_JFFS2_HEADER);
	uint32_t inode = gh_u32(&c, j->big), version = gh_u32(&c, j->big);
	gh_skip(&c, 8);
	uint32_t size = gh_u32(&c, j->big);
	gh_skip(&c, 12);
	uint32_t offset = gh_u32(&c, j->big), packed = gh_u32(&c, j->big), len = gh_u32(&c, j->big);
	uint8_t compressor = gh_u8(&c);
	gh_skip(&c, 3);
	uint32_t data_crc = gh_u32(&c, j->big);
	gh_skip(&c, 4);
	gh_bytes data = gh_take(&c, packed);
	j->n_inode++;
	j->sums++;
	if (!node_sum_right(s, n, 60, 64))
		return say_wrong(ctx, s, "CRC", 0);
	if (!gh_cur_ok(&c) || (compressor != 1 && len > GH_JFFS2_DATA_MOST))
		return say_wrong(ctx, s, "length of the data", inode);
	if (packed > 0 && data_crc != gh_jffs2_crc(data))
		return say_wrong(ctx, s, "CRC of the data", inode);
	j->compressors |= len ? 1U << GH_MIN(compressor, 31) : 0;
	gh_code code = gh_log_add_item(ctx, &j->log, &item);
	if (code != GH_OK)
		return code;
	item->seq = version;
	item->at = s->at;
	item->offset = offset;
	item->len = len;
	item->cut = size;
	item->inode = inode;
	item->now = n->now;
	item->tells = true;
	item->hole = compressor == 1;
	return GH_OK;
}

/* 12 4 inode of the directory, 16 4 version, 20 4 inode, 24 4 time, 28 1 length, 29 1 type, 30 2 unused,
 * 32 4 CRC of the first 32 bytes, 36 4 CRC of the name, 40 name */
static gh_code take_name(gh_ctx *ctx, struct scan *s, const struct node *n)
{
	static const uint8_t types[16] = {
		[1] = GH_ENTRY_FIFO + 1, [2] = GH_ENTRY_CHAR + 1,  [4] = GH_ENTRY_DIR + 1,     [6] = GH_ENTRY_BLOCK + 1,
		[8] = GH_ENTRY_FILE + 1, [10] = GH_ENTRY_LINK + 1, [12] = GH_ENTRY_SOCKET + 1,
	};
	gh_jffs2 *j = s->j;
	gh_log_name *name;
	gh_cur c = gh_at(gh_cur_over(n->bytes, 0), GH_JFFS2_HEADER);
	uint32_t parent = gh_u32(&c, j->big), version = gh_u32(&c, j->big), inode = gh_u32(&c, j->big);
	gh_skip(&c, 4);
	uint8_t len = gh_u8(&c), type = gh_u8(&c);
	gh_skip(&c, 6);
	uint32_t name_crc = gh_u32(&c, j->big);
	gh_bytes text = gh_take(&c, len);
	j->n_name++;
	j->sums++;
	if (!node_sum_right(s, n, 32, 32))
		return say_wrong(ctx, s, "CRC", 0);
	if (!gh_cur_ok(&c) || name_crc != gh_jffs2_crc(text))
		return say_wrong(ctx, s, "CRC of the name", inode);
	gh_code code = gh_log_add_name(ctx, &j->log, &name);
	if (code != GH_OK)
		return code;
	name->name = text;
	name->seq = version;
	name->at = s->at;
	name->parent = parent;
	name->inode = inode;
	name->type = types[type & 15];
	name->now = n->now;
	return GH_OK;
}

static gh_code take_attr(gh_ctx *ctx, struct scan *s, const struct node *n, bool reference)
{
	gh_jffs2 *j = s->j;
	gh_cur c = gh_at(gh_cur_over(n->bytes, 0), GH_JFFS2_HEADER);
	uint32_t a = gh_u32(&c, j->big), b = gh_u32(&c, j->big), seq = reference ? gh_u32(&c, j->big) : 0;
	size_t head = reference ? 24 : 28;
	j->sums++;
	if (!node_sum_right(s, n, head, head))
		return say_wrong(ctx, s, "CRC", 0);
	if (!reference) {
		gh_cur d = gh_at(gh_cur_over(n->bytes, 0), 21);
		uint8_t name_len = gh_u8(&d);
		uint16_t value_len = gh_u16(&d, j->big);
		uint32_t crc = gh_u32(&d, j->big);
		gh_skip(&d, 4);
		gh_bytes data = gh_take(&d, (uint64_t)name_len + 1 + value_len);
		if (!gh_cur_ok(&d) || crc != gh_jffs2_crc(data))
			return say_wrong(ctx, s, "CRC of the attribute", 0);
	}
	if (!n->now || (reference && a == 0))
		return GH_OK;
	if (j->n_attrs == j->attrs_room) {
		size_t room = j->attrs_room ? j->attrs_room * 2 : 16;
		gh_jffs2_attr *grown =
			gh_arena_grow(ctx->arena, j->attrs, j->attrs_room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		j->attrs = grown;
		j->attrs_room = room;
	}
	j->attrs[j->n_attrs++] = reference ? (gh_jffs2_attr){ a, b, seq, s->at } : (gh_jffs2_attr){ 0, a, b, s->at };
	return GH_OK;
}

static gh_code mark_start(gh_ctx *ctx, gh_jffs2 *j, uint64_t at)
{
	if (j->n_starts == j->starts_room) {
		size_t room = j->starts_room ? j->starts_room * 2 : 64;
		uint64_t *grown =
			gh_arena_grow(ctx->arena, j->starts, j->starts_room * sizeof *grown, room * sizeof *grown);
		if (!grown)
			return gh_nomem(ctx);
		j->starts = grown;
		j->starts_room = room;
	}
	j->starts[j->n_starts++] = at;
	return GH_OK;
}

static uint64_t divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static gh_code take_node(gh_ctx *ctx, struct scan *s, const struct node *n)
{
	gh_jffs2 *j = s->j;
	for (unsigned k = ORDER_LEAST; k <= ORDER_MOST; k++)
		if (s->at >> k != (s->at + n->len - 1) >> k)
			j->crossed |= 1U << k;
	j->n_obsolete += !n->now;
	uint32_t wrong = j->wrong;
	gh_code code = GH_OK;
	switch (n->type) {
	case GH_JFFS2_T_INODE:
		code = take_inode(ctx, s, n);
		break;
	case GH_JFFS2_T_NAME:
		code = take_name(ctx, s, n);
		break;
	case GH_JFFS2_T_XATTR:
		j->n_xattr++;
		code = take_attr(ctx, s, n, false);
		break;
	case GH_JFFS2_T_XREF:
		j->n_xref++;
		code = take_attr(ctx, s, n, true);
		break;
	case GH_JFFS2_T_CLEAN:
		if (j->n_clean++ > 0)
			j->clean_step = divisor(s->at - j->last_clean, j->clean_step);
		j->last_clean = s->at;
		break;
	case GH_JFFS2_T_PADDING:
		j->n_padding++;
		break;
	case GH_JFFS2_T_SUMMARY:
		j->n_summary++;
		break;
	default:
		j->n_other++;
		break;
	}
	if (code != GH_OK)
		return code;
	/* Of a node with a wrong sum not even the length is sure: it stays a gap. */
	bool edge = gh_extents_end(&j->used) + 64 <= s->at || j->used.count == 0;
	if (edge || n->type == GH_JFFS2_T_CLEAN)
		code = mark_start(ctx, j, s->at);
	uint64_t size = GH_MIN((n->len + UINT64_C(3)) & ~UINT64_C(3), s->bytes.len - s->at);
	if (code == GH_OK && j->wrong == wrong)
		code = gh_extents_add(ctx, &j->used, s->at, size);
	return code;
}

static uint64_t erased_run(gh_bytes b, uint64_t at)
{
	uint64_t end = at, word;
	for (; end + sizeof word <= b.len; end += sizeof word) {
		memcpy(&word, b.ptr + end, sizeof word);
		if (word != UINT64_MAX)
			break;
	}
	while (end < b.len && b.ptr[end] == 0xff)
		end++;
	return end - at;
}

static bool foreign_start(gh_bytes b)
{
	gh_bytes start = gh_bytes_part(b, 0, 16);
	if (gh_bytes_start(start, GH_LIT("\x85\x19")) || gh_bytes_start(start, GH_LIT("\x19\x85")))
		return false; /* a node that is cut or damaged */
	return gh_smells_of_fs(start) || gh_bytes_start(start, GH_LIT("\x27\x05\x19\x56")) ||
	       gh_bytes_start(start, GH_LIT("HDR0")) || gh_bytes_start(start, GH_LIT("\xd0\x0d\xfe\xed")) ||
	       gh_bytes_start(start, GH_LIT("\x31\x18\x10\x06"));
}

static gh_code pay(gh_ctx *ctx, struct scan *s)
{
	enum { STEP = 1 << 20 };
	while (s->paid < s->at) {
		gh_code code = gh_effort(ctx, STEP);
		if (code != GH_OK)
			return code;
		s->paid += STEP;
		if (s->paid % GH_PASS == 0)
			gh_behind(ctx, s->bytes.ptr + s->paid - GH_PASS,
				  (size_t)GH_MIN(GH_PASS, s->bytes.len - (s->paid - GH_PASS)));
	}
	return GH_OK;
}

static gh_code walk(gh_ctx *ctx, struct scan *s)
{
	gh_jffs2 *j = s->j;
	uint64_t foreign = 0;
	while (s->at + GH_JFFS2_HEADER <= s->bytes.len && foreign <= FOREIGN_MOST && !gh_cancelled(ctx)) {
		struct node n;
		gh_code code = pay(ctx, s);
		if (code != GH_OK)
			return code;
		uint64_t erased = s->bytes.ptr[s->at] == 0xff ? erased_run(s->bytes, s->at) & ~UINT64_C(3) : 0;
		if (erased > 0) {
			s->at += erased;
			continue;
		}
		if (!read_node(s, s->at, &n)) {
			if (s->at % SECTOR == 0 && foreign_start(gh_bytes_part(s->bytes, s->at, 16)))
				break;
			s->at += 4;
			foreign += 4;
			continue;
		}
		code = take_node(ctx, s, &n);
		if (code != GH_OK)
			return code;
		s->at += (n.len + UINT64_C(3)) & ~UINT64_C(3);
		j->end = GH_MIN(s->at, s->bytes.len);
		foreign = 0;
	}
	return GH_OK;
}

struct claim {
	uint64_t inode, seq, at, crcs;
};

static int by_claim(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Of the node, and of its data or name. */
static uint64_t stored_crcs(const struct scan *s, uint64_t at, unsigned where)
{
	gh_cur c = gh_at(gh_cur_over(s->bytes, 0), at + where);
	return gh_u64(&c, s->j->big);
}

/* Where another file system's nodes begin to contradict; UINT64_MAX when none do. */
static gh_code find_conflict(gh_ctx *ctx, const struct scan *s, uint64_t *ret)
{
	const gh_log *log = &s->j->log;
	size_t n = 0, conflicts = 0;
	struct claim *all = gh_arena_array(ctx->scratch, log->n_items + log->n_names + 1, sizeof *all);
	*ret = UINT64_MAX;
	if (!all)
		return gh_nomem(ctx);
	for (size_t i = 0; i < log->n_items; i++)
		if (log->items[i].now)
			all[n++] = (struct claim){ log->items[i].inode, log->items[i].seq, log->items[i].at,
						   stored_crcs(s, log->items[i].at, 60) };
	for (size_t i = 0; i < log->n_names; i++)
		if (log->names[i].now)
			all[n++] = (struct claim){ log->names[i].parent | UINT64_C(1) << 32, log->names[i].seq,
						   log->names[i].at, stored_crcs(s, log->names[i].at, 32) };
	qsort(all, n, sizeof *all, by_claim);
	uint64_t first = UINT64_MAX;
	for (size_t i = 1; i < n; i++)
		if (all[i].inode == all[i - 1].inode && all[i].seq == all[i - 1].seq &&
		    all[i].crcs != all[i - 1].crcs) {
			conflicts++;
			first = GH_MIN(first, all[i].at);
		}
	if (conflicts < CONFLICTS_LEAST)
		return GH_OK;
	for (size_t i = 1; i < s->j->n_starts && s->j->starts[i] <= first; i++)
		*ret = s->j->starts[i];
	return GH_OK;
}

/* The power of two in the distances of clean markers; else the smallest power of two that no node lies across. */
static void find_erase_size(gh_jffs2 *j)
{
	uint64_t step = j->clean_step & -j->clean_step;
	if (step >= 1 << ORDER_LEAST && step <= 1 << ORDER_MOST && !(j->crossed & (uint32_t)step)) {
		j->erase_size = (uint32_t)step;
		return;
	}
	for (unsigned k = ORDER_LEAST; k <= ORDER_MOST && j->erase_size == 0; k++)
		if (!(j->crossed >> k & 1) && j->end > UINT64_C(1) << k)
			j->erase_size = 1U << k;
}

/* Erased blocks behind the last node are part of it, up to where something else begins. */
static void find_end(const struct scan *s)
{
	gh_jffs2 *j = s->j;
	uint64_t end = j->end + erased_run(s->bytes, j->end);
	uint64_t block = j->erase_size ? end - end % j->erase_size : end;
	j->end = end == s->bytes.len || block < j->end ? end : block;
}

static gh_code scan_once(gh_ctx *ctx, gh_cur c, gh_jffs2 *j, struct scan *s)
{
	bool big = j->big;
	*j = (gh_jffs2){ .big = big };
	*s = (struct scan){ .j = j, .bytes = gh_rest(&c), .pos = c.pos };
	return walk(ctx, s);
}

gh_code gh_jffs2_scan(gh_ctx *ctx, gh_cur c, gh_jffs2 *j)
{
	struct scan s;
	struct node n;
	j->big = c.left > 0 && c.ptr[0] == 0x19;
	s = (struct scan){ .j = j, .bytes = gh_rest(&c), .pos = c.pos };
	if (!read_node(&s, 0, &n))
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no JFFS2 node: the CRC of its header is wrong");
	gh_code code = scan_once(ctx, c, j, &s);
	uint64_t cut = UINT64_MAX;
	if (code == GH_OK)
		code = find_conflict(ctx, &s, &cut);
	if (code == GH_OK && cut != UINT64_MAX) {
		c.left = (size_t)cut;
		code = scan_once(ctx, c, j, &s);
	}
	if (code != GH_OK)
		return code;
	find_erase_size(j);
	find_end(&s);
	return GH_OK;
}
