/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/team - a few threads that work off a heap of tasks, the newest first.
 *
 *	gh_team *team = gh_team_new(jobs);
 *	gh_team_add(team, NULL, run, first);
 *	gh_team_run(team);              the caller works too, until nothing is left
 *
 * A task may add tasks. A *gate* is a set of tasks that somebody waits for: gh_gate_wait works on
 * tasks of that gate alone, so that waiting inside a task neither blocks nor piles up stack. Add
 * what should be done first last.
 */
#ifndef GH_BASE_TEAM_H
#define GH_BASE_TEAM_H

#include "base/base.h"

typedef struct gh_team gh_team;

/* Lives on the stack of who waits; start with { 0 }. */
typedef struct gh_gate {
	size_t pending;
} gh_gate;

/* `member` is the number of the working thread, 0 to members-1. */
typedef void gh_task_fn(void *what, unsigned member);

gh_team *gh_team_new(unsigned members) GH_MUST;
void     gh_team_free(gh_team *team);
unsigned gh_team_members(const gh_team *team);

/* False when memory is out: then the caller runs the task itself. `gate` may be NULL. */
bool gh_team_add(gh_team *team, gh_gate *gate, gh_task_fn *run, void *what) GH_MUST;

/* The same, but behind all tasks that wait: for work that holds nothing and can be done any time. */
bool gh_team_add_behind(gh_team *team, gh_gate *gate, gh_task_fn *run, void *what) GH_MUST;

/* Works until no task is left and nobody works. Threads that cannot be started are done without. */
void gh_team_run(gh_team *team);

/* Inside a task: until no task of the gate is left. */
void gh_gate_wait(gh_team *team, gh_gate *gate, unsigned member);

#endif
