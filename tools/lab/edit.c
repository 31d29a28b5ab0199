/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes to what an include brought, so that a tampered recipe shows exactly its difference:
 *
 *	in ID {			# the statement that carries `id ID`
 *		set time 2023-03-01T10:00:00Z	# its own keys
 *		edit etc/passwd mtime … { line "…" }	# an entry: its keys; statements behind those it has
 *		remove usr/bin/thing
 *		file etc/new 0644 { … }	# anything else is added
 *	}
 */
#include "lab.h"

static lab_st *find_id(lab_st *st, gh_bytes id)
{
	for (; st; st = st->next) {
		for (size_t i = 0; i + 1 < st->n; i++) {
			if (lab_is(st->words[i], "id") && gh_bytes_eq(st->words[i + 1], id))
				return st;
		}
		lab_st *deeper = find_id(st->first, id);
		if (deeper)
			return deeper;
	}
	return NULL;
}

/* The place that points to the entry called `name`: word 1 of a statement of the block. */
static lab_st **find_entry(lab_st *in, gh_bytes name)
{
	for (lab_st **at = &in->first; *at; at = &(*at)->next) {
		if ((*at)->n > 1 && gh_bytes_eq((*at)->words[1], name))
			return at;
	}
	return NULL;
}

/* key value … from words[from] on: replaces the value where the key stands, adds it elsewhere. */
static void set_keys(gh_arena *arena, lab_st *target, const lab_st *st, size_t from)
{
	if ((st->n - from) % 2)
		lab_die(st, "keys and values come in pairs here");
	for (size_t i = from; i < st->n; i += 2) {
		size_t k = 1;
		while (k + 1 < target->n && !gh_bytes_eq(target->words[k], st->words[i]))
			k++;
		if (k + 1 >= target->n) {
			gh_bytes *words = lab_alloc(arena, (target->n + 2) * sizeof(*words));
			memcpy(words, target->words, target->n * sizeof(*words));
			target->words = words;
			k = target->n;
			target->n += 2;
			target->words[k] = st->words[i];
		}
		target->words[k + 1] = st->words[i + 1];
	}
}

static void append(lab_st *target, lab_st *st)
{
	lab_st **end = &target->first;
	while (*end)
		end = &(*end)->next;
	*end = st;
	target->has_block = true;
}

static void change(gh_arena *arena, lab_st *target, lab_st *st)
{
	if (lab_is(st->words[0], "set")) {
		set_keys(arena, target, st, 1);
	} else if (lab_is(st->words[0], "edit") || lab_is(st->words[0], "remove")) {
		lab_st **at = st->n > 1 ? find_entry(target, st->words[1]) : NULL;
		if (!at)
			lab_die(st, "there is no such entry to %s", (const char *)st->words[0].ptr);
		if (lab_is(st->words[0], "remove")) {
			*at = (*at)->next;
			return;
		}
		set_keys(arena, *at, st, 2);
		append(*at, st->first);
	} else {
		append(target, st);
	}
}

void lab_recipe_edit(gh_arena *arena, lab_st *whole)
{
	for (lab_st **at = &whole->first; *at;) {
		lab_st *st = *at;
		if (!lab_is(st->words[0], "in")) {
			at = &st->next;
			continue;
		}
		*at = st->next; /* not content itself */
		lab_st *target = st->n == 2 ? find_id(whole->first, st->words[1]) : NULL;
		if (!target)
			lab_die(st, "nothing carries this id");
		for (lab_st *s = st->first, *next; s; s = next) {
			next = s->next;
			s->next = NULL;
			change(arena, target, s);
		}
	}
}
