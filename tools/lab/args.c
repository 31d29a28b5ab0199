/* SPDX-License-Identifier: Apache-2.0 */
#include "lab.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

bool lab_is(gh_bytes word, const char *text)
{
	return gh_bytes_eq(word, gh_view_text(text));
}

static const gh_bytes *find(const lab_st *st, const char *key, bool with_value)
{
	for (size_t i = 1; i + (with_value ? 1 : 0) < st->n; i++) {
		if (lab_is(st->words[i], key))
			return &st->words[i + (with_value ? 1 : 0)];
	}
	return NULL;
}

bool lab_flag(const lab_st *st, const char *key)
{
	return find(st, key, false) != NULL;
}

bool lab_has(const lab_st *st, const char *key)
{
	return find(st, key, true) != NULL;
}

/* %n is the turn of the innermost `repeat`, as seven digits. */
static gh_bytes with_turn(lab *l, gh_bytes word)
{
	if (!l->turning || !word.len || !strstr((const char *)word.ptr, "%n"))
		return word;
	lab_out out = lab_out_in(l->arena);
	char number[24];
	(void)snprintf(number, sizeof(number), "%07ju", (uintmax_t)l->turn);
	for (size_t i = 0; i < word.len; i++) {
		if (i + 1 < word.len && word.ptr[i] == '%' && word.ptr[i + 1] == 'n') {
			lab_add(&out, gh_view_text(number));
			i++;
		} else {
			lab_fill(&out, word.ptr[i], 1);
		}
	}
	lab_fill(&out, 0, 1);
	return gh_view(out.ptr, out.len - 1);
}

gh_bytes lab_word(lab *l, const lab_st *st, size_t i)
{
	if (i >= st->n)
		lab_die(st, "%s needs %zu more word(s)", (const char *)st->words[0].ptr, i + 1 - st->n);
	return with_turn(l, st->words[i]);
}

gh_bytes lab_value(lab *l, const lab_st *st, const char *key, const char *otherwise)
{
	const gh_bytes *v = find(st, key, true);
	return v ? with_turn(l, *v) : gh_view_text(otherwise);
}

uint64_t lab_number(const lab_st *st, gh_bytes word, unsigned base)
{
	const char *text = (const char *)word.ptr;
	char *end = NULL;
	errno = 0;
	uint64_t v = word.len && *text != '-' ? strtoull(text, &end, (int)base) : 0;
	if (!word.len || *text == '-')
		errno = EINVAL;
	unsigned shift = 0;
	if (!errno && end && end != text && (*end == 'k' || *end == 'm'))
		shift = *end++ == 'k' ? 10 : 20;
	if (errno || !end || end == text || *end)
		lab_die(st, "\"%s\" is not a number", word.len ? text : "");
	return v << shift;
}

uint64_t lab_number_of(lab *l, const lab_st *st, const char *key, uint64_t otherwise)
{
	return lab_has(st, key) ? lab_number(st, lab_value(l, st, key, ""), 0) : otherwise;
}

uint64_t lab_time(const lab_st *st, gh_bytes word)
{
	struct tm tm = { 0 };
	if (!word.len || !memchr(word.ptr, 'T', word.len))
		return lab_number(st, word, 0);
	const char *end = strptime((const char *)word.ptr, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		lab_die(st, "\"%s\" is not a time like 2014-06-13T01:02:03Z", (const char *)word.ptr);
	return (uint64_t)timegm(&tm);
}

uint64_t lab_time_of(lab *l, const lab_st *st, const char *key, uint64_t otherwise)
{
	return lab_has(st, key) ? lab_time(st, lab_value(l, st, key, "")) : otherwise;
}

unsigned lab_choice(const lab_st *st, gh_bytes word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i] && lab_is(word, names[i]))
			return (unsigned)i;
	}
	lab_die(st, "\"%.*s\" is none of the words known here", (int)word.len, (const char *)word.ptr);
}

/* A misspelt key would be silently without effect: names the first word nobody asks for. */
void lab_keys(const lab_st *st, size_t from, const char *const *keys)
{
	for (size_t i = from; i < st->n; i++) {
		const char *word = (const char *)st->words[i].ptr;
		size_t len = st->words[i].len;
		const char *const *k = keys;
		while (*k && !(strncmp(*k, word, len) == 0 && ((*k)[len] == 0 || strcmp(*k + len, "=") == 0)))
			k++;
		if (!*k && !lab_is(st->words[i], "id"))
			lab_die(st, "%s knows no \"%s\"", (const char *)st->words[0].ptr, word);
		if (!*k || (*k)[len] == '=')
			i++;
		if (i >= st->n)
			lab_die(st, "\"%s\" needs a value", word);
	}
}
