/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records a mount would see: those that the index names, as it was at the last commit, and all of the
 * blocks that the log names since (the journal). Without a sound index every record counts, the newest of each.
 *
 *	master     32 8 commit   44 4 log   48 4 root block   52 4 offset   56 4 length
 *	index      24 2 children 26 2 level 28 children: 4 block, 4 offset, 4 length, 8 key, digest where signed
 *	reference  24 4 block    28 4 offset of the first record of the journal
 *	commit     24 8 number
 */
#include "format/flash/ubifs_in.h"

enum { LEVELS_MOST = 64 };

static gh_cur node_cur(const gh_ubifs *u, const gh_ubifs_node *n)
{
	gh_cur c = gh_cur_over(gh_bytes_part(u->bytes, n->at, n->len), u->pos + n->at);
	gh_skip(&c, GH_UBIFS_HEADER);
	return c;
}

struct place {
	uint32_t block, offset, len;
};

static uint64_t at_of(const gh_ubifs *u, struct place p)
{
	return p.offset < u->super.block_size ? p.block * (uint64_t)u->super.block_size + p.offset : UINT64_MAX;
}

/* Rows are in order of place while they are not sorted otherwise: the first at `at` or behind. */
#define FIRST_AT(row, count, place)                                                                                    \
	__extension__({                                                                                                \
		size_t low = 0, high = (count);                                                                        \
		while (low < high) {                                                                                   \
			size_t mid = low + (high - low) / 2;                                                           \
			if ((row)[mid].at < (place))                                                                   \
				low = mid + 1;                                                                         \
			else                                                                                           \
				high = mid;                                                                            \
		}                                                                                                      \
		low;                                                                                                   \
	})

/* Marks the records from `at` up to `end`; how many there are. */
static uint32_t mark(gh_ubifs *u, uint64_t at, uint64_t end)
{
	uint32_t n = 0;
	for (size_t i = FIRST_AT(u->log.items, u->log.n_items, at); i < u->log.n_items && u->log.items[i].at < end;
	     i++, n++)
		u->log.items[i].now = true;
	for (size_t i = FIRST_AT(u->log.names, u->log.n_names, at); i < u->log.n_names && u->log.names[i].at < end;
	     i++, n++)
		u->log.names[i].now = true;
	for (size_t i = FIRST_AT(u->attrs, u->n_attrs, at); i < u->n_attrs && u->attrs[i].at < end; i++, n++)
		u->attrs[i].now = true;
	return n;
}

static const gh_ubifs_node *other_at(const gh_ubifs *u, uint64_t at, gh_ubifs_type type)
{
	size_t i = FIRST_AT(u->others, u->n_others, at);
	return i < u->n_others && u->others[i].at == at && u->others[i].type == type ? &u->others[i] : NULL;
}

/* The newest of the two masters' copies. */
static bool find_master(gh_ubifs *u, struct place *root)
{
	const gh_ubifs_node *best = NULL;
	for (size_t i = 0; i < u->n_others; i++) {
		const gh_ubifs_node *n = &u->others[i];
		uint64_t block = n->at / u->super.block_size;
		if (n->type == GH_UBIFS_T_MASTER && (block == 1 || block == 2) && (!best || n->seq >= best->seq))
			best = n;
	}
	if (!best)
		return false;
	gh_cur c = node_cur(u, best);
	gh_skip(&c, 8);
	u->commit = gh_u64le(&c);
	gh_skip(&c, 8);
	root->block = gh_u32le(&c);
	root->offset = gh_u32le(&c);
	root->len = gh_u32le(&c);
	u->master_at = best->at;
	return gh_cur_ok(&c);
}

struct branch {
	gh_cur c; /* the children not yet looked at */
	uint32_t left, size;
	uint16_t level;
};

static const char *open_branch(const gh_ubifs *u, uint64_t at, struct branch *ret)
{
	const gh_ubifs_node *n = other_at(u, at, GH_UBIFS_T_INDEX);
	if (!n)
		return "a node of the index is not there or damaged";
	gh_cur c = node_cur(u, n);
	uint16_t children = gh_u16le(&c), level = gh_u16le(&c);
	if (!gh_cur_ok(&c) || level >= LEVELS_MOST || (children > 0 && c.left / children < 20))
		return "a node of the index contradicts itself";
	*ret = (struct branch){ c, children, children ? (uint32_t)(c.left / children) : 0, level };
	return NULL;
}

/* Down from the root; each node of the index is met once in a sound one. */
static const char *walk(gh_ctx *ctx, gh_ubifs *u, struct place root, gh_code *code)
{
	struct branch stack[LEVELS_MOST];
	size_t depth = 0;
	uint64_t met = 1;
	const char *trouble = open_branch(u, at_of(u, root), &stack[0]);
	if (trouble)
		return trouble;
	for (depth = 1; depth > 0 && *code == GH_OK && !gh_cancelled(ctx);) {
		struct branch *b = &stack[depth - 1];
		if (b->left == 0) {
			depth--;
			continue;
		}
		b->left--;
		gh_cur c = gh_sub(&b->c, b->size);
		struct place p = { gh_u32le(&c), gh_u32le(&c), gh_u32le(&c) };
		uint64_t at = at_of(u, p);
		*code = gh_effort(ctx, 64);
		if (b->level == 0) {
			u->missing += at == UINT64_MAX || mark(u, at, at + 1) == 0;
			continue;
		}
		uint16_t level = b->level;
		trouble = depth == LEVELS_MOST || ++met > u->counts[GH_UBIFS_T_INDEX]
				  ? "the index leads round in a circle"
				  : open_branch(u, at, &stack[depth]);
		if (!trouble && stack[depth].level != level - 1)
			trouble = "a node of the index is of a wrong level";
		if (trouble)
			return trouble;
		depth++;
	}
	return NULL;
}

static void replay(gh_ubifs *u)
{
	uint64_t since = UINT64_MAX;
	for (size_t i = 0; i < u->n_others; i++) {
		gh_cur c = node_cur(u, &u->others[i]);
		if (u->others[i].type == GH_UBIFS_T_COMMIT && gh_u64le(&c) == u->commit &&
		    (since == UINT64_MAX || u->others[i].seq > since))
			since = u->others[i].seq;
	}
	for (size_t i = 0; i < u->n_others; i++) {
		gh_cur c = node_cur(u, &u->others[i]);
		struct place p = { gh_u32le(&c), gh_u32le(&c), 0 };
		if (u->others[i].type != GH_UBIFS_T_REFERENCE || u->others[i].seq <= since || at_of(u, p) == UINT64_MAX)
			continue;
		u->journal += mark(u, at_of(u, p), (p.block + UINT64_C(1)) * u->super.block_size);
	}
}

static void all_count(gh_ubifs *u)
{
	(void)mark(u, 0, UINT64_MAX);
}

gh_code gh_ubifs_index(gh_ctx *ctx, gh_ubifs *u)
{
	struct place root;
	gh_code code = GH_OK;
	u->mastered = find_master(u, &root);
	u->index_trouble = u->mastered ? walk(ctx, u, root, &code) : "there is no master node";
	u->indexed = !u->index_trouble;
	if (u->indexed)
		replay(u);
	else
		all_count(u);
	return code;
}
