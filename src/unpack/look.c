/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into a region: its claims become nodes, what lies between them gaps; parts of containers
 * are looked into in their turn.
 */
#include "unpack/space.h"
#include "unpack/unpack_in.h"

#include <stdlib.h>

struct errand {
	gh_unpacking *job;
	gh_site site;
	gh_node *node;
	gh_bytes bytes;
	uint64_t pos;
};

static gh_code fill(gh_member *m, gh_site site, gh_node *parent, gh_bytes bytes, uint64_t pos, bool gap_when_bare);

/* Padding inside a gap is told apart when it is long for that gap; at either end less will do. */
enum { PADDING_LEAST = 4 << 10, PADDING_ENOUGH = 64 << 10, PADDING_SHARE = 256, PADDING_AT_END = 16 };

static size_t long_padding(gh_bytes gap)
{
	return GH_MAX((size_t)PADDING_LEAST, GH_MIN(gap.len / PADDING_SHARE, (size_t)PADDING_ENOUGH));
}

/* How many bytes from `at` on are one and the same, 0x00 or 0xff. */
static size_t padding_run(gh_bytes b, size_t at)
{
	uint8_t fill = b.ptr[at];
	if (fill != 0x00 && fill != 0xff)
		return 0;
	size_t end = at + 1;
	uint64_t wide = fill ? UINT64_MAX : 0, word;
	for (; end + sizeof word <= b.len; end += sizeof word) {
		memcpy(&word, b.ptr + end, sizeof word);
		if (word != wide)
			break;
	}
	while (end < b.len && b.ptr[end] == fill)
		end++;
	return end - at;
}

/* Where the run begins that `at` is in the middle of, not below `least`. */
static size_t run_begin(gh_bytes b, size_t least, size_t at)
{
	size_t from = at;
	while (from > least && b.ptr[from - 1] == b.ptr[at])
		from--;
	return from;
}

/* A gap in pieces, so that data does not hide in padding: the length of the piece at `at`. Every long run covers one of
 * the places looked at. */
static size_t gap_piece(const gh_ctx *ctx, gh_bytes b, size_t at)
{
	size_t run = padding_run(b, at), enough = long_padding(b), passed = at, step = enough / 2;
	if (run >= enough || (run > 0 && at + run == b.len) || (run >= PADDING_AT_END && at == 0))
		return run;
	size_t first = at + GH_MAX(run, (size_t)1), end = b.len;
	if (first < b.len && padding_run(b, b.len - 1) > 0) {
		size_t tail = run_begin(b, first, b.len - 1);
		end = b.len - tail >= PADDING_AT_END ? tail : b.len;
	}
	for (size_t probe = first, next; probe < end; probe = next) {
		next = probe + step;
		if (probe - passed >= GH_PASS) {
			gh_behind(ctx, b.ptr + passed, probe - passed);
			passed = probe;
		}
		run = padding_run(b, probe);
		if (run == 0)
			continue;
		size_t from = run_begin(b, first, probe);
		if (probe + run - from >= enough)
			return from - at;
		next = GH_MAX(next, probe + run);
	}
	return end - at;
}

static gh_profile profile(const gh_ctx *ctx, gh_bytes b)
{
	gh_histogram h = { .len = 0 };
	for (size_t at = 0; at < b.len; at += GH_PASS) {
		gh_bytes part = gh_bytes_part(b, at, GH_PASS);
		gh_histogram_add(&h, part);
		gh_behind(ctx, part.ptr, part.len);
	}
	return gh_profile_from(&h);
}

static gh_code add_gap_piece(gh_member *m, gh_node *parent, gh_bytes bytes, uint64_t at, const gh_note *refused)
{
	gh_node *gap = gh_node_new(&m->ctx, GH_NODE_GAP);
	if (!gap)
		return m->ctx.code;
	gap->at = at;
	gap->size = bytes.len;
	gap->content = bytes;
	gap->profile = profile(&m->ctx, bytes);
	gh_number(m->job, gap);
	gh_node_append(parent, gap);
	gap->parent = parent->id;
	for (const gh_note *n = refused; n; n = n->next)
		if (n->at >= at && n->at < at + bytes.len) {
			gh_code code = gh_node_note(&m->ctx, gap, n->code, n->at, "%s", n->text);
			if (code != GH_OK)
				return code;
		}
	if (gap->profile.look == GH_LOOK_DENSE) {
		gh_arena_reset(m->ctx.scratch);
		gh_code code = gh_dense_reasons(&m->ctx, gap, bytes);
		if (code != GH_OK)
			return code;
	}
	gh_code code = gh_visit_region(m, gap, bytes, at);
	gh_behind(&m->ctx, bytes.ptr, bytes.len);
	return code == GH_OK ? gh_settle(m, gap) : code;
}

static gh_code add_gap(gh_member *m, gh_node *parent, gh_bytes bytes, uint64_t at, const gh_note *refused)
{
	gh_code code = GH_OK;
	for (size_t done = 0, len; done < bytes.len && code == GH_OK; done += len) {
		len = gap_piece(&m->ctx, bytes, done);
		code = add_gap_piece(m, parent, gh_bytes_part(bytes, done, len), at + done, refused);
	}
	return code;
}

/* An image may be a flash dump; so may be what it was packed into, and what comes out of another view of it. */
static bool may_be_device(const gh_node *node)
{
	const gh_node *up = node->up;
	if (node->kind == GH_NODE_IMAGE)
		return true;
	if (!up || !node->opens_space)
		return false;
	if (node->kind == GH_NODE_STREAM && up->kind == GH_NODE_CONTAINER) {
		const gh_format *format = up->format ? gh_format_named(up->format) : NULL;
		return format && format->whole;
	}
	return up->kind == GH_NODE_IMAGE;
}

/* A part is a region of its own, or has one in what came out of it. */
static gh_code look_into_part(gh_member *m, gh_site site, gh_node *part)
{
	if (part->size == 0 && !part->opens_space)
		return gh_settle(m, part);
	if (part->kind == GH_NODE_HEADER) {
		gh_code code = gh_visit_region(m, part, part->content, part->at);
		return code == GH_OK ? gh_settle(m, part) : code;
	}
	if (!part->opens_space)
		return gh_look_later(m, site, part, part->content, part->at);
	site.space = NULL;
	return gh_look_later(m, site, part, part->decoded, 0);
}

/* The parts that unpack() named, in order, holes between them searched like everything else. `bytes` is what
 * they stand in: the node's own, or what came out of it. */
static gh_code settle_parts(gh_member *m, gh_site site, gh_node *node, gh_bytes bytes, uint64_t pos)
{
	gh_node *part = node->first;
	uint64_t at = pos, end = pos + bytes.len;
	node->first = node->last = NULL;
	for (gh_node *next; part; part = next) {
		next = part->next;
		uint64_t stop = part->at + part->size;
		if (part->at < at || stop > end || stop < part->at) {
			gh_code code = gh_node_note(&m->ctx, node, GH_CORRUPT, part->at,
						    "the part %s (0x%llx, %llu bytes) does not fit in and is left out",
						    part->name ? part->name : "", (unsigned long long)part->at,
						    (unsigned long long)part->size);
			if (code != GH_OK)
				return code;
			continue;
		}
		gh_code code = fill(m, site, node, gh_bytes_part(bytes, at - pos, part->at - at), at, true);
		if (code != GH_OK)
			return code;
		gh_number(m->job, part);
		gh_node_append(node, part);
		part->parent = node->id;
		at = stop;
		code = look_into_part(m, site, part);
		if (code != GH_OK)
			return code;
	}
	return fill(m, site, node, gh_bytes_part(bytes, at - pos, end - at), at, true);
}

/* Parts that stand in what came out of a stream. */
static gh_code settle_decoded(gh_member *m, gh_site site, gh_node *node)
{
	gh_code code = gh_space_new(m, node->decoded, 0, may_be_device(node), &site.space);
	if (code == GH_OK)
		code = settle_parts(m, site, node, node->decoded, 0);
	if (code == GH_OK)
		code = gh_visit_region(m, node, node->decoded, 0);
	return code == GH_OK ? gh_settle(m, node) : code;
}

static int by_extent(const void *a, const void *b)
{
	const gh_extent *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static gh_code add_slack(gh_member *m, gh_node *volume, gh_bytes hole, uint64_t at)
{
	gh_code code = GH_OK;
	for (size_t done = 0, len; done < hole.len && code == GH_OK; done += len) {
		len = gap_piece(&m->ctx, hole, done);
		if (padding_run(hole, done) < len)
			code = add_gap_piece(m, volume, gh_bytes_part(hole, done, len), at + done, NULL);
	}
	return code;
}

gh_code gh_volume_slack(gh_member *m, gh_node *node)
{
	const gh_volume *v = node->volume;
	uint64_t at = node->at, end = node->at + node->size;
	gh_code code = GH_OK;
	if (!v->used)
		return GH_OK;
	qsort(v->used, v->n_used, sizeof *v->used, by_extent);
	for (size_t i = 0; i <= v->n_used && at < end && code == GH_OK; i++) {
		uint64_t next = i < v->n_used ? GH_MIN(v->used[i].at, end) : end;
		if (next > at)
			code = add_slack(m, node, gh_bytes_part(node->content, at - node->at, next - at), at);
		if (next == end) /* what is said to be used behind the end is none of ours */
			break;
		if (i < v->n_used)
			at = GH_MAX(at, GH_MIN(end, v->used[i].at + GH_MIN(v->used[i].size, end - v->used[i].at)));
	}
	return code;
}

static gh_code add_notes(gh_ctx *ctx, gh_node *node, const gh_note *notes)
{
	gh_code code = GH_OK;
	for (; notes && code == GH_OK; notes = notes->next)
		code = gh_node_note(ctx, node, notes->code, notes->at, "%s", notes->text);
	return code;
}

/* Something came out, but not all: then the scan is not whole. */
static void note_limit(gh_member *m, const gh_claim *claim, const gh_node *node)
{
	for (const gh_note *n = node->notes; n && m->ctx.budget; n = n->next)
		if (n->code == GH_LIMIT)
			atomic_store(claim->shared_ceiling ? &m->ctx.budget->spent : &m->ctx.budget->cut, true);
}

/* A claim becomes a node with what is in it. Takes the claim's arena over. */
static gh_code add_claimed(gh_member *m, gh_site site, gh_node *parent, gh_bytes bytes, uint64_t pos, gh_claim *claim)
{
	gh_hold *hold = gh_hold_new(m->job, claim->arena, site.hold, claim->format->kind == GH_NODE_VOLUME);
	if (!hold)
		return gh_nomem(&m->ctx);
	claim->arena = NULL;
	gh_site inner = { site.gate, hold, site.space };
	gh_node *node = gh_node_new(&m->ctx, claim->format->kind);
	gh_code code = node ? GH_OK : m->ctx.code != GH_OK ? m->ctx.code : GH_NOMEM;
	if (code == GH_OK) {
		node->format = claim->format->name;
		node->proof = claim->span.proof;
		node->at = claim->at;
		node->size = claim->span.size;
		node->content = gh_bytes_part(bytes, claim->at - pos, claim->span.size);
		gh_number(m->job, node);
		gh_node_append(parent, node);
		node->parent = parent->id;
		code = add_notes(&m->ctx, node, claim->notes);
	}
	if (code == GH_OK) {
		gh_arena_reset(m->ctx.scratch);
		m->ctx.code = GH_OK;
		code = claim->format->unpack(&m->ctx, gh_cur_over(node->content, node->at), &claim->span, node);
		code = gh_absorb(m, node, code);
		note_limit(m, claim, node);
	}
	if (code == GH_OK && node->kind == GH_NODE_CONTAINER)
		code = settle_parts(m, inner, node, node->content, node->at);
	if (code == GH_OK && node->kind == GH_NODE_STREAM && node->opens_space && node->first)
		code = settle_decoded(m, inner, node);
	else if (code == GH_OK && node->kind == GH_NODE_STREAM && node->opens_space)
		code = gh_look_later(m, inner, node, node->decoded, 0);
	else if (code == GH_OK && node->volume)
		code = gh_volume_open(m, inner, node);
	else if (code == GH_OK && node->kind != GH_NODE_CONTAINER) /* proven, but nothing came out */
		code = gh_visit_region(m, node, node->content, node->at);
	if (code == GH_OK && !(node->kind == GH_NODE_STREAM && node->opens_space) && !node->volume)
		code = gh_settle(m, node);
	gh_behind(&m->ctx, node ? node->content.ptr : NULL, node ? node->content.len : 0);
	gh_hold_drop(hold);
	return code;
}

/* A space is searched when the first look falls on it. */
static gh_code find(gh_member *m, gh_site *site, const gh_node *parent, gh_arena *arena, gh_bytes bytes, uint64_t pos,
		    gh_claims *ret)
{
	if (!gh_space_holds(site->space, bytes, pos)) {
		gh_code code = gh_space_new(m, bytes, pos, may_be_device(parent), &site->space);
		if (code == GH_OK && parent->kind == GH_NODE_IMAGE) {
			m->job->image = site->space;
			code = gh_space_foresee(m, site->space);
		}
		if (code != GH_OK)
			return code;
	}
	return gh_claims_find(m, site->space, parent, arena, bytes, pos, ret);
}

static gh_code fill(gh_member *m, gh_site site, gh_node *parent, gh_bytes bytes, uint64_t pos, bool gap_when_bare)
{
	if (bytes.len == 0)
		return GH_OK;
	gh_claims claims = { 0 };
	gh_arena *arena = gh_arena_new(GH_MIB(64));
	if (!arena)
		return gh_nomem(&m->ctx);
	gh_code code = GH_OK;
	if (m->ctx.budget && parent->depth >= m->ctx.budget->depth) {
		atomic_store(&m->ctx.budget->cut, true);
		code = gh_node_note(&m->ctx, parent, GH_LIMIT, pos, "deeper than %u layers: not looked into",
				    m->ctx.budget->depth);
	} else {
		code = find(m, &site, parent, arena, bytes, pos, &claims);
	}
	uint64_t at = pos;
	for (size_t i = 0; i < claims.count && code == GH_OK; i++) {
		gh_claim *claim = &claims.items[i];
		code = add_gap(m, parent, gh_bytes_part(bytes, at - pos, claim->at - at), at, claims.refused);
		at = claim->at + claim->span.size;
		if (code == GH_OK)
			code = add_claimed(m, site, parent, bytes, pos, claim);
	}
	if (code == GH_OK && (claims.count > 0 || gap_when_bare))
		code = add_gap(m, parent, gh_bytes_part(bytes, at - pos, bytes.len), at, claims.refused);
	gh_claims_free(&claims);
	gh_arena_free(arena);
	return code;
}

gh_code gh_look_into(gh_member *m, gh_site site, gh_node *node, gh_bytes bytes, uint64_t pos)
{
	/* What a stream or a file gave is a thing of its own, also when nothing is found in it; a part
	 * or an image in which nothing is found is a gap. */
	gh_code code = fill(m, site, node, bytes, pos, !node->opens_space && node->kind != GH_NODE_FILE);
	code = gh_absorb(m, node, code);
	if (node->kind == GH_NODE_FILE && !node->first && code == GH_OK)
		return GH_OK; /* an ordinary file: no node of the tree */
	if (code == GH_OK && node->kind == GH_NODE_STREAM)
		code = gh_visit_region(m, node, bytes, pos);
	/* The image is visited beside, and settled when all is done. */
	return code == GH_OK && node->kind != GH_NODE_IMAGE ? gh_settle(m, node) : code;
}

static void run_errand(void *what, unsigned member)
{
	struct errand *e = what;
	gh_member *m = &e->job->members[member];
	if (!gh_given_up(e->job)) {
		gh_code code = gh_look_into(m, e->site, e->node, e->bytes, e->pos);
		if (code != GH_OK)
			gh_give_up(e->job, code);
	}
	gh_hold_drop(e->site.hold);
}

gh_code gh_look_later(gh_member *m, gh_site site, gh_node *node, gh_bytes bytes, uint64_t pos)
{
	struct errand *e = gh_arena_alloc(m->ctx.arena, sizeof *e);
	if (!e)
		return gh_nomem(&m->ctx);
	*e = (struct errand){ m->job, site, node, bytes, pos };
	gh_hold_use(site.hold);
	if (gh_team_add(m->job->team, site.gate, run_errand, e))
		return GH_OK;
	gh_hold_drop(site.hold);
	return gh_look_into(m, site, node, bytes, pos);
}
