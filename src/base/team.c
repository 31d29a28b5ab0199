/* SPDX-License-Identifier: Apache-2.0 */
#include "base/team.h"

#include <pthread.h>
#include <stdlib.h>

struct task {
	gh_task_fn *run;
	void *what;
	gh_gate *gate;
};

struct gh_team {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct task *heap;
	size_t count, room;
	size_t busy; /* tasks being worked on */
	unsigned members;
};

struct member {
	gh_team *team;
	unsigned number;
	pthread_t thread;
	bool started;
};

gh_team *gh_team_new(unsigned members)
{
	gh_team *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->members = GH_MAX(members, 1U);
	if (pthread_mutex_init(&t->lock, NULL) != 0 || pthread_cond_init(&t->changed, NULL) != 0) {
		free(t);
		return NULL;
	}
	return t;
}

void gh_team_free(gh_team *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->changed);
	free(t->heap);
	free(t);
}

unsigned gh_team_members(const gh_team *t)
{
	return t->members;
}

static bool make_room(gh_team *t)
{
	if (t->count < t->room)
		return true;
	size_t room = t->room ? t->room * 2 : 64;
	struct task *heap = reallocarray(t->heap, room, sizeof *heap);
	if (!heap)
		return false;
	t->heap = heap;
	t->room = room;
	return true;
}

static bool add(gh_team *t, gh_gate *gate, gh_task_fn *run, void *what, bool behind)
{
	pthread_mutex_lock(&t->lock);
	bool ok = make_room(t);
	if (ok) {
		size_t at = behind ? 0 : t->count;
		memmove(&t->heap[at + 1], &t->heap[at], (t->count - at) * sizeof *t->heap);
		t->heap[at] = (struct task){ run, what, gate };
		t->count++;
		if (gate)
			gate->pending++;
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return ok;
}

bool gh_team_add(gh_team *t, gh_gate *gate, gh_task_fn *run, void *what)
{
	return add(t, gate, run, what, false);
}

bool gh_team_add_behind(gh_team *t, gh_gate *gate, gh_task_fn *run, void *what)
{
	return add(t, gate, run, what, true);
}

/* Takes the newest task (of that gate); the lock is held. */
static bool take(gh_team *t, const gh_gate *gate, struct task *ret)
{
	for (size_t i = t->count; i > 0; i--) {
		if (gate && t->heap[i - 1].gate != gate)
			continue;
		*ret = t->heap[i - 1];
		memmove(&t->heap[i - 1], &t->heap[i], (t->count - i) * sizeof *t->heap);
		t->count--;
		t->busy++;
		return true;
	}
	return false;
}

/* Runs one task; the lock is held before and after, not while it runs. */
static void work(gh_team *t, struct task *task, unsigned member)
{
	pthread_mutex_unlock(&t->lock);
	task->run(task->what, member);
	pthread_mutex_lock(&t->lock);
	t->busy--;
	if (task->gate)
		task->gate->pending--;
	pthread_cond_broadcast(&t->changed);
}

static void work_until(gh_team *t, gh_gate *gate, unsigned member)
{
	struct task task;
	pthread_mutex_lock(&t->lock);
	while (gate ? gate->pending > 0 : t->count > 0 || t->busy > 0) {
		if (take(t, gate, &task))
			work(t, &task, member);
		else
			pthread_cond_wait(&t->changed, &t->lock);
	}
	pthread_mutex_unlock(&t->lock);
}

void gh_gate_wait(gh_team *t, gh_gate *gate, unsigned member)
{
	work_until(t, gate, member);
}

static void *member_main(void *arg)
{
	struct member *m = arg;
	work_until(m->team, NULL, m->number);
	return NULL;
}

void gh_team_run(gh_team *t)
{
	struct member *members = t->members > 1 ? calloc(t->members - 1, sizeof *members) : NULL;
	unsigned others = members ? t->members - 1 : 0;
	for (unsigned i = 0; i < others; i++) {
		members[i] = (struct member){ .team = t, .number = i + 1 };
		members[i].started = pthread_create(&members[i].thread, NULL, member_main, &members[i]) == 0;
	}
	work_until(t, NULL, 0);
	for (unsigned i = 0; i < others; i++)
		if (members[i].started)
			pthread_join(members[i].thread, NULL);
	free(members);
}
