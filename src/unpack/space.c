/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack/space.h"

#include <pthread.h>
#include <stdlib.h>

#include "unpack/nominate.h"

/* More candidates than this in one space are chance or spite; the rest is told about. */
enum { CANDIDATES_MOST = 1 << 18, FORESEEN_MOST = 32, LONG_MAGIC = 16 };

enum state { WAITING, WORKING, THERE, TAKEN };

struct gh_foreseen {
	gh_unpacking *job;
	gh_space *space;
	const gh_candidate *candidate;
	pthread_mutex_t *lock;
	pthread_cond_t *changed;
	enum state state;
	bool good;
	gh_claim claim;
};

struct catch
{
	gh_member *m;
	gh_space *space;
	size_t room;
	bool no_memory;
};

static bool add(struct catch *c, uint64_t at, unsigned format)
{
	gh_space *s = c->space;
	if (s->count == c->room) {
		size_t room = c->room ? c->room * 2 : 64;
		gh_candidate *grown =
			gh_arena_grow(c->m->ctx.arena, s->items, c->room * sizeof *grown, room * sizeof *grown);
		if (!grown) {
			c->no_memory = true;
			return false;
		}
		s->items = grown;
		c->room = room;
	}
	s->items[s->count++] = (gh_candidate){ s->pos + at, format };
	return true;
}

static bool nominate(void *arg, unsigned id, uint64_t at)
{
	struct catch *c = arg;
	uint64_t back = gh_nominate_magic(id)->at;
	if (at < back)
		return true;
	if (c->space->count == CANDIDATES_MOST) {
		c->space->searched = c->space->pos + at;
		return false;
	}
	return add(c, at - back, id / GH_MAGICS);
}

/* Less is no flash. */
enum { DEVICE_LEAST = 32 << 10 };

static bool nominate_wholes(struct catch *c)
{
	for (size_t i = 0; i < gh_formats_count && c->space->bytes.len >= DEVICE_LEAST; i++)
		if (gh_formats[i]->whole && !add(c, 0, (unsigned)i))
			return false;
	return true;
}

static int by_place(const void *a, const void *b)
{
	const gh_candidate *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (gh_formats[x->format]->whole != gh_formats[y->format]->whole)
		return gh_formats[x->format]->whole ? -1 : 1;
	return (x->format > y->format) - (x->format < y->format);
}

gh_code gh_space_new(gh_member *m, gh_bytes bytes, uint64_t pos, bool whole, gh_space **ret)
{
	gh_space *s = gh_arena_zalloc(m->ctx.arena, sizeof *s);
	if (!s)
		return gh_nomem(&m->ctx);
	*s = (gh_space){ .bytes = bytes, .pos = pos, .searched = UINT64_MAX };
	struct catch c = { m, s, 0, false };
	gh_code code = GH_OK;
	if (!whole || nominate_wholes(&c))
		code = gh_searcher_run(&m->ctx, m->searcher, bytes, nominate, &c);
	if (code != GH_OK)
		return code;
	if (c.no_memory)
		return gh_nomem(&m->ctx);
	if (s->count > 1)
		qsort(s->items, s->count, sizeof *s->items, by_place);
	size_t kept = 0;
	for (size_t i = 0; i < s->count; i++)
		if (i == 0 || by_place(&s->items[i], &s->items[i - 1]) != 0)
			s->items[kept++] = s->items[i];
	s->count = kept;
	*ret = s;
	return GH_OK;
}

bool gh_space_holds(const gh_space *s, gh_bytes bytes, uint64_t pos)
{
	if (!s || bytes.len == 0 || bytes.ptr < s->bytes.ptr)
		return false;
	size_t at = (size_t)(bytes.ptr - s->bytes.ptr);
	return at <= s->bytes.len && bytes.len <= s->bytes.len - at && pos == s->pos + at;
}

size_t gh_space_from(const gh_space *s, uint64_t at)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->items[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool gh_magic_telling(const gh_format *format)
{
	const gh_magic *magic = &format->magic[0];
	return magic->pattern &&
	       (magic->length >= LONG_MAGIC || (magic->length >= 4 && !strpbrk(magic->pattern, ".[")));
}

static void foresee_one(void *what, unsigned member)
{
	struct gh_foreseen *f = what;
	gh_member *m = &f->job->members[member];
	(void)pthread_mutex_lock(f->lock);
	bool mine = f->state == WAITING && !gh_given_up(f->job);
	if (mine)
		f->state = WORKING;
	(void)pthread_mutex_unlock(f->lock);
	if (!mine)
		return;
	gh_claim claim = { 0 };
	gh_code code = gh_claim_measure(m, gh_formats[f->candidate->format], f->space->bytes, f->space->pos,
					f->candidate->at - f->space->pos, &claim);
	(void)pthread_mutex_lock(f->lock);
	f->claim = claim;
	f->good = code == GH_OK;
	f->state = THERE;
	(void)pthread_cond_broadcast(f->changed);
	(void)pthread_mutex_unlock(f->lock);
}

gh_code gh_space_foresee(gh_member *m, gh_space *s)
{
	gh_unpacking *job = m->job;
	if (gh_team_members(job->team) < 2 || s->foreseen || s->count < 2)
		return GH_OK;
	struct gh_foreseen *all = gh_arena_array(m->ctx.arena, FORESEEN_MOST, sizeof *all);
	if (!all)
		return gh_nomem(&m->ctx);
	size_t n = 0;
	for (size_t i = 1; i < s->count && n < FORESEEN_MOST; i++)
		if (gh_magic_telling(gh_formats[s->items[i].format]))
			all[n++] = (struct gh_foreseen){ .job = job,
							 .space = s,
							 .candidate = &s->items[i],
							 .lock = &job->foresight,
							 .changed = &job->foreseen };
	s->foreseen = all;
	s->n_foreseen = n;
	/* The newest task is taken first. Without memory for a task nothing is lost but time. */
	for (size_t i = n; i > 0; i--)
		if (!gh_team_add(job->team, NULL, foresee_one, &all[i - 1]))
			break;
	return GH_OK;
}

/* While another thread proves what this one came for: the next candidate that nobody has begun. False when there
 * is none. Called and left with the lock held. */
static bool prove_another(gh_member *m, gh_space *s, const struct gh_foreseen *wanted)
{
	for (size_t i = 0; i < s->n_foreseen; i++)
		if (&s->foreseen[i] > wanted && s->foreseen[i].state == WAITING && !gh_given_up(m->job)) {
			(void)pthread_mutex_unlock(wanted->lock);
			foresee_one(&s->foreseen[i], (unsigned)(m - m->job->members));
			(void)pthread_mutex_lock(wanted->lock);
			return true;
		}
	return false;
}

bool gh_space_take(gh_member *m, gh_space *s, const gh_candidate *candidate, uint64_t end, gh_claim *ret)
{
	struct gh_foreseen *f = NULL;
	for (size_t i = 0; i < s->n_foreseen && !f; i++)
		if (s->foreseen[i].candidate == candidate)
			f = &s->foreseen[i];
	if (!f)
		return false;
	(void)pthread_mutex_lock(f->lock);
	while (f->state == WORKING)
		if (!prove_another(m, s, f) && f->state == WORKING)
			(void)pthread_cond_wait(f->changed, f->lock);
	bool fits = f->state == THERE && f->good && f->claim.span.proof >= GH_PROOF_PARSED &&
		    f->claim.at + f->claim.span.size <= end;
	if (fits) {
		*ret = f->claim;
		f->claim.arena = NULL;
	}
	if (fits || f->state == WAITING) /* nobody need begin what is done here */
		f->state = TAKEN;
	(void)pthread_mutex_unlock(f->lock);
	(void)m;
	return fits;
}

void gh_space_done(gh_space *s)
{
	for (size_t i = 0; s && i < s->n_foreseen; i++) {
		gh_arena_free(s->foreseen[i].claim.arena);
		s->foreseen[i].claim.arena = NULL;
	}
}
