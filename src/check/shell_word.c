/* SPDX-License-Identifier: Apache-2.0 */
/* Characters, quotes, variables, words: POSIX 2.2, 2.3 and 2.6. */
#include <ctype.h>

#include "check/shell_word_in.h"

int gh_shell_peek(const gh_shell *sh, size_t ahead)
{
	return sh->script.len - sh->at > ahead ? sh->script.ptr[sh->at + ahead] : -1;
}

int gh_shell_step(gh_shell *sh)
{
	int c = gh_shell_peek(sh, 0);
	if (c >= 0)
		sh->at++;
	if (c == '\n')
		sh->line++;
	return c;
}

static gh_shell_var *find_var(gh_shell *sh, gh_bytes name)
{
	for (size_t i = 0; i < sh->n_vars; i++)
		if (gh_bytes_eq(gh_view(sh->vars[i].name, sh->vars[i].n_name), name))
			return &sh->vars[i];
	return NULL;
}

void gh_shell_var_set(gh_shell *sh, gh_bytes name, gh_bytes value, bool open)
{
	gh_shell_var *v = find_var(sh, name);
	if (!v && (sh->n_vars == GH_SHELL_VARS || name.len > sizeof v->name || name.len == 0))
		return;
	if (!v) {
		v = &sh->vars[sh->n_vars++];
		memcpy(v->name, name.ptr, name.len);
		v->n_name = name.len;
	}
	v->open = open;
	v->len = GH_MIN(value.len, sizeof v->value);
	if (v->len)
		memcpy(v->value, value.ptr, v->len);
}

void gh_shell_set(gh_shell *sh, gh_bytes name, gh_bytes value)
{
	gh_shell_var_set(sh, name, value, false);
}

static void put(gh_shell *sh, uint8_t c)
{
	if (sh->used < sizeof sh->text)
		sh->text[sh->used++] = (char)c;
}

static void put_all(gh_shell *sh, gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		put(sh, b.ptr[i]);
}

/* Skips to the bracket that closes the one just read, or to the end. */
static void skip_nested(gh_shell *sh, int open, int close)
{
	unsigned depth = 1;
	for (int c; depth > 0 && (c = gh_shell_step(sh)) >= 0;) {
		if (c == '\\')
			(void)gh_shell_step(sh);
		else if (c == close)
			depth--;
		else if (c == open)
			depth++;
	}
}

bool gh_shell_is_name(int c)
{
	return c == '_' || (c >= 0 && c < 0x80 && isalnum(c));
}

static bool is_number(gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.ptr[i] < '0' || b.ptr[i] > '9')
			return false;
	return b.len > 0;
}

/* Behind a '$': a known value goes into the word, anything else makes it open. */
static void read_dollar(gh_shell *sh)
{
	size_t start = sh->at;
	bool brace = gh_shell_peek(sh, 0) == '{';
	if (gh_shell_peek(sh, 0) == '(') {
		(void)gh_shell_step(sh);
		skip_nested(sh, '(', ')');
		put_all(sh, GH_LIT("$()"));
		sh->word_open = true;
		return;
	}
	if (brace)
		(void)gh_shell_step(sh);
	size_t name_at = sh->at;
	if (gh_shell_is_name(gh_shell_peek(sh, 0)))
		while (gh_shell_is_name(gh_shell_peek(sh, 0)))
			(void)gh_shell_step(sh);
	else if (gh_shell_peek(sh, 0) >= 0 && strchr("@*#?-$!", gh_shell_peek(sh, 0)) && gh_shell_peek(sh, 0) != 0)
		(void)gh_shell_step(sh);
	gh_bytes name = gh_bytes_part(sh->script, name_at, sh->at - name_at);
	bool plain = true;
	if (brace) {
		plain = gh_shell_peek(sh, 0) == '}';
		skip_nested(sh, '{', '}');
	}
	const gh_shell_var *v = plain && name.len ? find_var(sh, name) : NULL;
	if (v && sh->loops > 0 && is_number(gh_view(v->value, v->len))) {
		put(sh, '*'); /* a counter: /etc/init.d/rc$i is each of them */
	} else if (v) {
		put_all(sh, gh_view(v->value, v->len));
		sh->word_open = sh->word_open || v->open;
	} else {
		put(sh, '$');
		put_all(sh, gh_bytes_part(sh->script, start, sh->at - start));
		sh->word_open = sh->word_open || name.len > 0;
	}
}

static void read_quotes(gh_shell *sh, int quote)
{
	sh->word_quoted = true;
	for (int c; (c = gh_shell_step(sh)) >= 0 && c != quote;) {
		if (quote == '"' && c == '\\') {
			int escaped = gh_shell_step(sh);
			if (escaped >= 0 && escaped != '\n')
				put(sh, (uint8_t)escaped);
		} else if (quote == '"' && c == '$') {
			read_dollar(sh);
		} else if (quote == '"' && c == '`') {
			skip_nested(sh, -2, '`');
			sh->word_open = true;
		} else {
			put(sh, (uint8_t)c);
		}
	}
}

bool gh_shell_ends_word(int c)
{
	return c < 0 || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '&' || c == '|' ||
	       c == '(' || c == ')' || c == '<' || c == '>';
}

/* One word from its first character on. */
gh_bytes gh_shell_word(gh_shell *sh)
{
	size_t start = sh->used;
	sh->word_open = sh->word_quoted = false;
	while (!gh_shell_ends_word(gh_shell_peek(sh, 0))) {
		int c = gh_shell_step(sh);
		if (c == '\\') {
			int escaped = gh_shell_step(sh);
			if (escaped >= 0 && escaped != '\n')
				put(sh, (uint8_t)escaped);
		} else if (c == '\'' || c == '"') {
			read_quotes(sh, c);
		} else if (c == '`') {
			skip_nested(sh, -2, '`');
			sh->word_open = true;
		} else if (c == '$') {
			read_dollar(sh);
		} else {
			put(sh, (uint8_t)c);
		}
	}
	return gh_view(sh->text + start, sh->used - start);
}

void gh_shell_blanks(gh_shell *sh)
{
	for (;;) {
		int c = gh_shell_peek(sh, 0);
		if (c == ' ' || c == '\t' || c == '\r')
			(void)gh_shell_step(sh);
		else if (c == '\\' && (gh_shell_peek(sh, 1) == '\n' ||
				       (gh_shell_peek(sh, 1) == '\r' && gh_shell_peek(sh, 2) == '\n')))
			while (gh_shell_step(sh) != '\n')
				;
		else if (c == '#')
			while (gh_shell_peek(sh, 0) >= 0 && gh_shell_peek(sh, 0) != '\n')
				(void)gh_shell_step(sh);
		else
			return;
	}
}
