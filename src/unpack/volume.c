/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a volume: read group by group, in batches of about equal size, visited while their
 * bytes are at hand, and looked into when they may hold more.
 */
#include "unpack/leaf.h"
#include "unpack/space.h"
#include "unpack/unpack_in.h"

#include <stdlib.h>

/* A batch is worth about this much work; a small one is shared out sooner, a big one costs less. */
enum { BATCH_BYTES = 512 << 10, READER_MOST_MIB = 1536, SMALL_FILE = 64 };

/* The regular files of a volume, sorted by group; hard links hang on the file they repeat. */
struct plan {
	uint32_t *order;
	size_t count;
	uint32_t *next_link; /* by entry: another name of the same file, UINT32_MAX ends */
};

/* A run of plan->order that is one batch. */
struct slice {
	size_t first, end;
	uint64_t bytes;
};

struct batch {
	gh_unpacking *job;
	gh_site site;
	gh_node *node;
	const struct plan *plan;
	size_t first, end; /* of plan->order */
};

struct sorter {
	uint32_t group, index;
};

static int by_group(const void *a, const void *b)
{
	const struct sorter *x = a, *y = b;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static gh_code make_plan(gh_ctx *ctx, const gh_volume *v, struct plan **ret)
{
	struct plan *p = gh_arena_zalloc(ctx->arena, sizeof *p);
	struct sorter *sort = gh_arena_array(ctx->scratch, v->count, sizeof *sort);
	if (!p || !sort)
		return gh_nomem(ctx);
	p->order = gh_arena_array(ctx->arena, v->count, sizeof *p->order);
	p->next_link = gh_arena_array(ctx->arena, v->count, sizeof *p->next_link);
	if (!p->order || !p->next_link)
		return gh_nomem(ctx);
	memset(p->next_link, 0xff, v->count * sizeof *p->next_link);
	for (size_t i = v->count; i > 0; i--) {
		gh_entry *e = &v->entries[i - 1];
		if (e->type != GH_ENTRY_FILE)
			continue;
		if (e->hard_link && e->same_as < i - 1 && v->entries[e->same_as].type == GH_ENTRY_FILE &&
		    !v->entries[e->same_as].hard_link) {
			p->next_link[i - 1] = p->next_link[e->same_as];
			p->next_link[e->same_as] = (uint32_t)(i - 1);
		} else { /* a link that leads nowhere known is the handler's to read */
			sort[p->count++] = (struct sorter){ e->group, (uint32_t)(i - 1) };
		}
	}
	qsort(sort, p->count, sizeof *sort, by_group);
	for (size_t i = 0; i < p->count; i++)
		p->order[i] = sort[i].index;
	*ret = p;
	return GH_OK;
}

static gh_code keep_bytes(gh_member *m, gh_bytes *b, gh_bytes content)
{
	uintptr_t at = (uintptr_t)b->ptr, from = (uintptr_t)content.ptr;
	if (b->len == 0 || at < from || at - from >= content.len)
		return GH_OK;
	const char *copy = gh_arena_text(m->ctx.arena, b->ptr, b->len);
	if (!copy)
		return gh_nomem(&m->ctx);
	*b = gh_view(copy, b->len);
	return GH_OK;
}

/* The bytes of a file go when it was read, and the names of an archive in it may stand in them. */
static gh_code keep_names(gh_member *m, const gh_node *node, gh_bytes content)
{
	gh_code code = GH_OK;
	for (const gh_node *n = node; n && code == GH_OK; n = gh_node_after(node, n))
		for (size_t i = 0; n->volume && i < n->volume->count && code == GH_OK; i++) {
			gh_entry *e = &n->volume->entries[i];
			code = keep_bytes(m, &e->path, content);
			if (code == GH_OK)
				code = keep_bytes(m, &e->target, content);
			for (size_t x = 0; x < e->n_xattrs && code == GH_OK; x++) {
				code = keep_bytes(m, &e->xattrs[x].name, content);
				if (code == GH_OK)
					code = keep_bytes(m, &e->xattrs[x].value, content);
			}
		}
	return code;
}

/* A file that may hold more gets a node of its own, with a space of its own. */
static gh_code look_inside(gh_member *m, gh_site site, gh_node *volume, gh_entry *entry, gh_bytes content)
{
	gh_leaf leaf = gh_leaf_of(content);
	entry->leaf = leaf.word;
	if (leaf.opaque || content.len < SMALL_FILE)
		return GH_OK;
	if (m->ctx.budget && volume->depth + 1 >= m->ctx.budget->depth) {
		atomic_store(&m->ctx.budget->cut, true);
		return gh_entry_note(&m->ctx, entry, GH_LIMIT, entry->at, "deeper than %u layers: not looked into",
				     m->ctx.budget->depth);
	}
	gh_node *node = gh_node_new(&m->ctx, GH_NODE_FILE);
	if (!node)
		return m->ctx.code;
	/* A file that stands as it is in the image keeps its absolute offsets. */
	bool in_place = content.ptr >= volume->content.ptr &&
			content.ptr + content.len <= volume->content.ptr + volume->content.len;
	node->entry = entry;
	node->opens_space = !in_place;
	node->decoded_size = content.len;
	node->at = in_place ? volume->at + (uint64_t)(content.ptr - volume->content.ptr) : 0;
	node->size = content.len;
	node->up = volume;
	node->parent = volume->id;
	node->depth = volume->depth + 1;
	gh_number(m->job, node);
	gh_gate gate = { 0 };
	gh_code code =
		gh_look_into(m, (gh_site){ &gate, site.hold, in_place ? site.space : NULL }, node, content, node->at);
	gh_gate_wait(m->job->team, &gate, (unsigned)(m - m->job->members));
	/* Only what holds something becomes part of the tree. */
	if (code == GH_OK && node->first) {
		entry->inside = node;
		code = keep_names(m, node, content);
	}
	return code;
}

static gh_code visit_names(gh_member *m, struct batch *b, uint32_t index, gh_bytes content, bool whole)
{
	const gh_visitor *v = m->job->visitor;
	for (uint32_t i = index; i != UINT32_MAX; i = b->plan->next_link[i]) {
		gh_entry *e = &b->node->volume->entries[i];
		e->read = whole;
		if (!e->leaf)
			e->leaf = gh_leaf_of(content).word;
		gh_visit visit = { .node = b->node, .entry = e, .content = content, .whole = whole };
		gh_arena_reset(m->ctx.scratch);
		gh_code code = v->visit ? v->visit(v->arg, &m->ctx, &visit) : GH_OK;
		if (code != GH_OK && gh_is_about_input(code))
			code = gh_entry_note(&m->ctx, e, code, m->ctx.at, "%s", m->ctx.what);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

static gh_code read_one(gh_member *m, struct batch *b, gh_reader *reader, uint32_t index)
{
	gh_entry *e = &b->node->volume->entries[index];
	gh_bytes content = { NULL, 0 };
	gh_arena_reset(reader->scratch);
	m->ctx.code = GH_OK;
	gh_code code = b->node->volume->ops->read(&m->ctx, reader, e, &content);
	bool whole = code == GH_OK;
	if (!whole) {
		if (!gh_is_about_input(code) && !(code == GH_NOMEM && gh_arena_left(reader->scratch) < GH_MIB(1)))
			return code;
		if (m->ctx.budget && (code == GH_LIMIT || code == GH_NOMEM))
			atomic_store(&m->ctx.budget->spent, true);
		code = gh_entry_note(&m->ctx, e, m->ctx.code ? m->ctx.code : code, m->ctx.at, "%s",
				     m->ctx.code ? m->ctx.what : "unreadable");
		if (code != GH_OK)
			return code;
	}
	code = visit_names(m, b, index, content, whole);
	if (code == GH_OK)
		code = look_inside(m, b->site, b->node, e, content);
	const gh_visitor *v = m->job->visitor;
	for (uint32_t i = index; i != UINT32_MAX && code == GH_OK && v->read; i = b->plan->next_link[i])
		code = v->read(v->arg, &m->ctx, b->node, i);
	return code;
}

static gh_code run_batch(gh_member *m, struct batch *b)
{
	gh_reader reader = { .volume = b->node->volume, .bytes = b->node->content, .pos = b->node->at };
	reader.keep = gh_arena_new(GH_MIB(READER_MOST_MIB));
	reader.scratch = gh_arena_new(GH_MIB(READER_MOST_MIB));
	gh_code code = reader.keep && reader.scratch ? GH_OK : gh_nomem(&m->ctx);
	for (size_t i = b->first; i < b->end && code == GH_OK && !gh_given_up(m->job) && !gh_cancelled(&m->ctx); i++)
		code = read_one(m, b, &reader, b->plan->order[i]);
	if (b->node->volume->ops->close)
		b->node->volume->ops->close(&reader);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
	gh_behind(&m->ctx, b->node->content.ptr, b->node->content.len);
	return code;
}

static void run_batch_task(void *what, unsigned member)
{
	struct batch *b = what;
	if (!gh_given_up(b->job)) {
		gh_code code = run_batch(&b->job->members[member], b);
		if (code != GH_OK)
			gh_give_up(b->job, code);
	}
	gh_hold_drop(b->site.hold);
}

static gh_code start_batch(gh_member *m, gh_site site, gh_node *node, const struct plan *plan,
			   const struct slice *slice, bool last)
{
	struct batch *b = gh_arena_alloc(m->ctx.arena, sizeof *b);
	if (!b)
		return gh_nomem(&m->ctx);
	*b = (struct batch){ m->job, site, node, plan, slice->first, slice->end };
	gh_hold_use(site.hold);
	if ((last ? gh_team_add_behind : gh_team_add)(m->job->team, site.gate, run_batch_task, b))
		return GH_OK;
	gh_hold_drop(site.hold);
	return run_batch(m, b);
}

static int by_bytes(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static struct slice *cut_slices(gh_ctx *ctx, const gh_volume *v, const struct plan *plan, size_t *ret)
{
	struct slice *slices = gh_arena_array(ctx->scratch, plan->count, sizeof *slices);
	size_t n = 0;
	for (size_t first = 0, end; slices && first < plan->count; first = end) {
		uint64_t bytes = 0;
		for (end = first; end < plan->count; end++) {
			const gh_entry *e = &v->entries[plan->order[end]];
			if (bytes >= BATCH_BYTES && e->group != v->entries[plan->order[end - 1]].group)
				break;
			bytes += GH_MIN(e->size, UINT64_MAX - bytes);
		}
		slices[n++] = (struct slice){ first, end, bytes };
	}
	*ret = n;
	return slices;
}

gh_code gh_volume_open(gh_member *m, gh_site site, gh_node *node)
{
	gh_code code = gh_settle(m, node);
	if (code == GH_OK)
		code = gh_volume_slack(m, node);
	if (code != GH_OK || !m->job->options->files || node->volume->count == 0 || !node->volume->ops)
		return code;
	struct plan *plan = NULL;
	gh_arena_reset(m->ctx.scratch);
	code = make_plan(&m->ctx, node->volume, &plan);
	if (code != GH_OK)
		return code;
	size_t n = 0;
	struct slice *slices = cut_slices(&m->ctx, node->volume, plan, &n);
	if (!slices)
		return gh_nomem(&m->ctx);
	/* The largest first: whoever takes it ends last. What stands in the image itself holds no memory and
	 * waits behind the structure, which may still bring large streams; what was decoded goes first. */
	bool last = gh_space_holds(m->job->image, node->content, node->at);
	qsort(slices, n, sizeof *slices, by_bytes);
	for (size_t i = 0; i < n && code == GH_OK; i++)
		code = start_batch(m, site, node, plan, &slices[last ? i : n - 1 - i], last);
	return code;
}
