/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack/space.h"
#include "unpack/unpack_in.h"

#include <stdlib.h>

/* What one thread may keep about an image: entries, facts, notes, findings. */
enum { RESULTS_MOST_MIB = 2048, SCRATCH_MOST_MIB = 1024 };

struct gh_unpacked {
	gh_node *root;
	gh_arena **arenas; /* the members' results */
	unsigned members;
	gh_hold *lasting;
};

gh_hold *gh_hold_new(gh_unpacking *job, gh_arena *arena, gh_hold *outer, bool lasting)
{
	gh_hold *hold = calloc(1, sizeof *hold);
	if (!hold)
		return NULL;
	hold->arena = arena;
	hold->outer = outer;
	if (outer)
		gh_hold_use(outer);
	atomic_store(&hold->users, lasting ? 2 : 1);
	if (lasting) {
		hold->next = atomic_load(&job->lasting);
		while (!atomic_compare_exchange_weak(&job->lasting, &hold->next, hold))
			;
	}
	return hold;
}

void gh_hold_use(gh_hold *hold)
{
	if (hold)
		atomic_fetch_add(&hold->users, 1);
}

void gh_hold_drop(gh_hold *hold)
{
	while (hold && atomic_fetch_sub(&hold->users, 1) == 1) {
		gh_hold *outer = hold->outer;
		gh_arena_free(hold->arena);
		free(hold);
		hold = outer;
	}
}

bool gh_given_up(gh_unpacking *job)
{
	return atomic_load(&job->failed) != GH_OK;
}

void gh_give_up(gh_unpacking *job, gh_code code)
{
	int none = GH_OK;
	atomic_compare_exchange_strong(&job->failed, &none, (int)code);
}

void gh_number(gh_unpacking *job, gh_node *node)
{
	node->id = atomic_fetch_add(&job->next_id, 1);
}

gh_code gh_absorb(gh_member *m, gh_node *node, gh_code code)
{
	if (code == GH_OK || !gh_is_about_input(code))
		return code;
	if (m->ctx.code != code) /* a handler that failed without a word */
		gh_trouble(&m->ctx, code, node->at, "%s: %s", node->format ? node->format : "part", gh_code_name(code));
	return gh_node_trouble(&m->ctx, node);
}

gh_code gh_visit_region(gh_member *m, gh_node *node, gh_bytes content, uint64_t pos)
{
	if (!m->job->visitor->visit)
		return GH_OK;
	gh_visit visit = { .node = node, .content = content, .pos = pos, .whole = true, .known = node->first != NULL };
	gh_arena_reset(m->ctx.scratch);
	gh_code code = m->job->visitor->visit(m->job->visitor->arg, &m->ctx, &visit);
	return gh_absorb(m, node, code);
}

gh_code gh_settle(gh_member *m, gh_node *node)
{
	const gh_visitor *v = m->job->visitor;
	return v->settled ? v->settled(v->arg, &m->ctx, node) : GH_OK;
}

static gh_code members_new(gh_ctx *ctx, gh_unpacking *job, gh_unpacked *result)
{
	unsigned n = gh_team_members(job->team);
	job->members = calloc(n, sizeof *job->members);
	result->arenas = calloc(n, sizeof *result->arenas);
	result->members = n;
	if (!job->members || !result->arenas)
		return gh_nomem(ctx);
	for (unsigned i = 0; i < n; i++) {
		gh_member *m = &job->members[i];
		m->job = job;
		m->ctx.budget = job->options->budget;
		m->ctx.arena = result->arenas[i] = gh_arena_new(GH_MIB(RESULTS_MOST_MIB));
		m->ctx.scratch = gh_arena_new(GH_MIB(SCRATCH_MOST_MIB));
		m->searcher = gh_searcher_new(ctx, job->options->search);
		if (!m->ctx.arena || !m->ctx.scratch || !m->searcher)
			return gh_nomem(ctx);
	}
	return GH_OK;
}

static void members_free(gh_unpacking *job)
{
	for (unsigned i = 0; job->members && i < gh_team_members(job->team); i++) {
		gh_arena_free(job->members[i].ctx.scratch);
		gh_searcher_free(job->members[i].searcher);
	}
	free(job->members);
}

/* Children that were found inside files stand below their volume, in the order of its entries. */
static void hang_up_inner_nodes(gh_node *node)
{
	if (!node->volume)
		return;
	for (size_t i = 0; i < node->volume->count; i++)
		if (node->volume->entries[i].inside)
			gh_node_append(node, node->volume->entries[i].inside);
}

/* The last look at the tree: order, depth, and no view into bytes that are gone. */
static void finish(gh_node *root)
{
	for (gh_node *n = root; n;) {
		hang_up_inner_nodes(n);
		n->depth = n->up ? n->up->depth + 1 : 0;
		n->content = n->decoded = (gh_bytes){ NULL, 0 };
		if (n->first) {
			n = n->first;
			continue;
		}
		while (n && n != root && !n->next)
			n = n->up;
		n = !n || n == root ? NULL : n->next;
	}
}

struct start {
	gh_unpacking *job;
	gh_node *root;
	gh_bytes image;
};

static void look_at_image(void *what, unsigned member)
{
	struct start *s = what;
	gh_code code = gh_look_into(&s->job->members[member], (gh_site){ NULL, NULL, NULL }, s->root, s->image, 0);
	if (code != GH_OK)
		gh_give_up(s->job, code);
}

/* Its bytes are those of its children, gaps among them: only its hash is news, and nobody waits for it. */
static void visit_image(void *what, unsigned member)
{
	struct start *s = what;
	gh_member *m = &s->job->members[member];
	const gh_visitor *v = s->job->visitor;
	gh_visit visit = { .node = s->root, .content = s->image, .whole = true, .known = s->image.len > 0 };
	gh_arena_reset(m->ctx.scratch);
	gh_code code = v->visit ? v->visit(v->arg, &m->ctx, &visit) : GH_OK;
	if (code != GH_OK)
		gh_give_up(s->job, code);
}

/* The story of whoever gave up, which only its own thread knows. */
static void tell_why(const gh_unpacking *job, gh_ctx *ctx, gh_code code)
{
	gh_trouble(ctx, code, 0, "unpacking ended early: %s", gh_code_name(code));
	for (unsigned i = 0; i < gh_team_members(job->team); i++) {
		const gh_ctx *own = &job->members[i].ctx;
		if (own->code == code && own->what[0]) {
			gh_trouble(ctx, code, own->at, "%s", own->what);
			return;
		}
	}
}

static gh_code grow(gh_ctx *ctx, gh_unpacking *job, gh_bytes image, gh_unpacked *result)
{
	gh_code code = members_new(ctx, job, result);
	if (code != GH_OK)
		return code;
	gh_member *first = &job->members[0];
	result->root = gh_node_new(&first->ctx, GH_NODE_IMAGE);
	if (!result->root)
		return first->ctx.code;
	gh_number(job, result->root);
	result->root->size = image.len;
	result->root->content = image;
	struct start start = { job, result->root, image };
	if (!gh_team_add(job->team, NULL, visit_image, &start) || !gh_team_add(job->team, NULL, look_at_image, &start))
		return gh_nomem(ctx);
	gh_team_run(job->team);
	code = gh_settle(first, result->root);
	if (code != GH_OK)
		gh_give_up(job, code);
	finish(result->root);
	code = (gh_code)atomic_load(&job->failed);
	if (code != GH_OK)
		tell_why(job, ctx, code);
	return code;
}

gh_code gh_unpack(gh_ctx *ctx, gh_bytes image, const gh_unpack_options *options, const gh_visitor *visitor,
		  gh_unpacked **ret)
{
	gh_unpacked *result = calloc(1, sizeof *result);
	gh_unpacking job = { .options = options, .visitor = visitor, .result = result };
	bool ready = pthread_mutex_init(&job.foresight, NULL) == 0 && pthread_cond_init(&job.foreseen, NULL) == 0;
	job.team = ready ? gh_team_new(options->jobs) : NULL;
	gh_code code = GH_NOMEM;
	if (result && job.team)
		code = grow(ctx, &job, image, result);
	else
		gh_trouble(ctx, GH_NOMEM, 0, "out of memory");
	gh_space_done(job.image);
	if (job.team)
		members_free(&job);
	(void)pthread_mutex_destroy(&job.foresight);
	(void)pthread_cond_destroy(&job.foreseen);
	gh_team_free(job.team);
	if (result)
		result->lasting = atomic_load(&job.lasting);
	if (result && !result->root) {
		gh_unpacked_free(result);
		result = NULL;
	}
	*ret = result;
	return code;
}

gh_node *gh_unpacked_root(gh_unpacked *unpacked)
{
	return unpacked->root;
}

void gh_unpacked_free(gh_unpacked *u)
{
	if (!u)
		return;
	for (gh_hold *h = u->lasting, *next; h; h = next) {
		next = h->next;
		gh_hold_drop(h);
	}
	for (unsigned i = 0; u->arenas && i < u->members; i++)
		gh_arena_free(u->arenas[i]);
	free(u->arenas);
	free(u);
}
