/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>

#include "check/shell_in.h"

enum { HERE_MOST = 4 };

typedef struct var {
	char   name[GH_SHELL_NAME], value[GH_SHELL_VALUE];
	size_t n_name, len;
	bool   open; /* holds what is only known at run time */
} var;

struct gh_shell {
	gh_bytes script;
	size_t   at;
	uint32_t line;
	/* the word and command at hand */
	char     text[GH_SHELL_TEXT];
	size_t   used;
	bool     word_open, word_quoted;
	gh_command c;
	/* what surrounds it */
	gh_bytes here[HERE_MOST]; /* ends of here documents that start at the next line */
	size_t   n_here;
	unsigned parens, loops;
	unsigned cases;                    /* how many `case` are open */
	bool     pattern[GH_SHELL_NEST];   /* the next thing in this `case` is a pattern */
	bool     skip_arm[GH_SHELL_NEST];  /* this arm is not for starting */
	unsigned braces, skip_braces;      /* `{` that are open; inside a function that is skipped */
	bool     skip_next_brace;
	var      vars[GH_SHELL_VARS];
	size_t   n_vars;
};

gh_shell *gh_shell_new(gh_ctx *ctx)
{
	return gh_arena_zalloc(ctx->scratch, sizeof(gh_shell));
}

void gh_shell_read(gh_shell *sh, gh_bytes script)
{
	sh->script = script;
	sh->at = 0;
	sh->line = 1;
	sh->n_here = sh->n_vars = 0;
	sh->cases = sh->parens = sh->loops = sh->braces = sh->skip_braces = 0;
	sh->skip_next_brace = false;
}

static int peek(const gh_shell *sh, size_t ahead)
{
	return sh->script.len - sh->at > ahead ? sh->script.ptr[sh->at + ahead] : -1;
}

static int next_char(gh_shell *sh)
{
	int c = peek(sh, 0);
	if (c >= 0)
		sh->at++;
	if (c == '\n')
		sh->line++;
	return c;
}

static var *find_var(gh_shell *sh, gh_bytes name)
{
	for (size_t i = 0; i < sh->n_vars; i++)
		if (gh_bytes_eq(gh_view(sh->vars[i].name, sh->vars[i].n_name), name))
			return &sh->vars[i];
	return NULL;
}

static void set_var(gh_shell *sh, gh_bytes name, gh_bytes value, bool open)
{
	var *v = find_var(sh, name);
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
	set_var(sh, name, value, false);
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
	for (int c; depth > 0 && (c = next_char(sh)) >= 0;) {
		if (c == '\\')
			(void)next_char(sh);
		else if (c == close)
			depth--;
		else if (c == open)
			depth++;
	}
}

static bool is_name_char(int c)
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
	bool brace = peek(sh, 0) == '{';
	if (peek(sh, 0) == '(') {
		(void)next_char(sh);
		skip_nested(sh, '(', ')');
		put_all(sh, GH_LIT("$()"));
		sh->word_open = true;
		return;
	}
	if (brace)
		(void)next_char(sh);
	size_t name_at = sh->at;
	if (is_name_char(peek(sh, 0)))
		while (is_name_char(peek(sh, 0)))
			(void)next_char(sh);
	else if (peek(sh, 0) >= 0 && strchr("@*#?-$!", peek(sh, 0)) && peek(sh, 0) != 0)
		(void)next_char(sh);
	gh_bytes name = gh_bytes_part(sh->script, name_at, sh->at - name_at);
	bool plain = true;
	if (brace) {
		plain = peek(sh, 0) == '}';
		skip_nested(sh, '{', '}');
	}
	const var *v = plain && name.len ? find_var(sh, name) : NULL;
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
	for (int c; (c = next_char(sh)) >= 0 && c != quote;) {
		if (quote == '"' && c == '\\') {
			int escaped = next_char(sh);
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

static bool ends_word(int c)
{
	return c < 0 || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '&' || c == '|' || c == '(' ||
	       c == ')' || c == '<' || c == '>';
}

/* One word from its first character on. */
static gh_bytes read_word(gh_shell *sh)
{
	size_t start = sh->used;
	sh->word_open = sh->word_quoted = false;
	while (!ends_word(peek(sh, 0))) {
		int c = next_char(sh);
		if (c == '\\') {
			int escaped = next_char(sh);
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

static void skip_blanks(gh_shell *sh)
{
	for (;;) {
		int c = peek(sh, 0);
		if (c == ' ' || c == '\t' || c == '\r')
			(void)next_char(sh);
		else if (c == '\\' && (peek(sh, 1) == '\n' || (peek(sh, 1) == '\r' && peek(sh, 2) == '\n')))
			while (next_char(sh) != '\n')
				;
		else if (c == '#')
			while (peek(sh, 0) >= 0 && peek(sh, 0) != '\n')
				(void)next_char(sh);
		else
			return;
	}
}

/* The lines of here documents are data: passes them once the line that asked for them ends. */
static void skip_here(gh_shell *sh)
{
	for (size_t i = 0; i < sh->n_here; i++)
		while (sh->at < sh->script.len) {
			gh_cur c = gh_cur_over(gh_bytes_part(sh->script, sh->at, sh->script.len), 0);
			gh_bytes line = gh_line(&c);
			sh->at = sh->script.len - c.left;
			sh->line++;
			while (line.len && line.ptr[0] == '\t')
				line = gh_bytes_part(line, 1, line.len);
			if (gh_bytes_eq(line, sh->here[i]))
				break;
		}
	sh->n_here = 0;
}

/* A redirection with its target; only the end of a here document is remembered. */
static void read_redirection(gh_shell *sh)
{
	int first = next_char(sh);
	bool here = first == '<' && peek(sh, 0) == '<';
	while (peek(sh, 0) == '<' || peek(sh, 0) == '>' || peek(sh, 0) == '&' || peek(sh, 0) == '|' || peek(sh, 0) == '-')
		(void)next_char(sh);
	skip_blanks(sh);
	size_t used = sh->used;
	size_t raw_at = sh->at;
	gh_bytes target = read_word(sh);
	/* the end is written once more in the script; quotes around it do not belong to it */
	gh_bytes raw = gh_bytes_part(sh->script, raw_at, sh->at - raw_at);
	if (here && sh->n_here < HERE_MOST && raw.len >= 2 && raw.len == target.len + 2)
		raw = gh_bytes_part(raw, 1, raw.len - 2);
	if (here && sh->n_here < HERE_MOST && raw.len)
		sh->here[sh->n_here++] = raw;
	sh->used = used;
}

static gh_bytes line_at(gh_bytes script, size_t at)
{
	size_t start = at, end = at;
	while (start > 0 && at - start < 512 && script.ptr[start - 1] != '\n')
		start--;
	while (end < script.len && end - start < 512 && script.ptr[end] != '\n' && script.ptr[end] != '\r')
		end++;
	gh_bytes line = gh_bytes_part(script, start, end - start);
	while (line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
		line = gh_bytes_part(line, 1, line.len);
	return line;
}

static bool is_one_of(gh_bytes word, const char *const *list)
{
	for (; *list; list++)
		if (gh_bytes_eq(word, gh_view_text(*list)))
			return true;
	return false;
}

/* Words that only say how commands hang together. */
static bool is_keyword(gh_bytes word)
{
	static const char *const list[] = { "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "time",
		                            NULL };
	return is_one_of(word, list);
}

static bool names_a_stop(gh_bytes word)
{
	static const char *const list[] = { "stop", "restart", "reload", "force-reload", "shutdown", "status", "stop_service",
		                            "reload_service", "service_stopped", "usage", "stop|restart", "K", NULL };
	return is_one_of(word, list);
}

/* NAME=value before a command, or alone: true, and the value is remembered when it is plain. */
static bool take_assignment(gh_shell *sh, gh_bytes word)
{
	size_t n = 0;
	while (n < word.len && is_name_char(word.ptr[n]))
		n++;
	if (n == 0 || n == word.len || word.ptr[n] != '=' || isdigit(word.ptr[0]))
		return false;
	set_var(sh, gh_bytes_part(word, 0, n), gh_bytes_part(word, n + 1, word.len), sh->word_open);
	return true;
}

static void start_command(gh_shell *sh)
{
	sh->used = 0;
	sh->c = (gh_command){ .n = 0 };
}

/* Inside a function or an arm that is for stopping? */
static bool is_skipped(const gh_shell *sh)
{
	for (unsigned i = 0; i < sh->cases && i < GH_SHELL_NEST; i++)
		if (sh->skip_arm[i])
			return true;
	return sh->skip_braces > 0;
}

/* A pattern of `case` up to its ')'; `esac` instead of one ends the case. */
static void read_pattern(gh_shell *sh)
{
	unsigned top = sh->cases - 1;
	bool skip = true, any = false;
	sh->used = 0;
	sh->pattern[top] = false;
	for (;;) {
		skip_blanks(sh);
		int c = peek(sh, 0);
		if (c < 0 || c == ')') {
			(void)next_char(sh);
			break;
		}
		if (ends_word(c)) {
			(void)next_char(sh);
			continue;
		}
		sh->used = 0;
		gh_bytes word = read_word(sh);
		if (!any && gh_bytes_eq(word, GH_LIT("esac"))) {
			sh->skip_arm[top] = false;
			sh->cases--;
			return;
		}
		any = true;
		skip = skip && names_a_stop(word);
	}
	sh->skip_arm[top] = skip && any;
}

/* `case word in`: the word is passed, patterns follow. Cases nested deeper than we follow are read as
 * if they were words. */
static void open_case(gh_shell *sh)
{
	if (sh->cases == GH_SHELL_NEST)
		return;
	sh->pattern[sh->cases] = true;
	sh->skip_arm[sh->cases] = false;
	sh->cases++;
}

static void open_brace(gh_shell *sh)
{
	sh->braces++;
	if (sh->skip_next_brace && sh->skip_braces == 0)
		sh->skip_braces = sh->braces;
	sh->skip_next_brace = false;
}

static void close_brace(gh_shell *sh)
{
	if (sh->skip_braces == sh->braces)
		sh->skip_braces = 0;
	if (sh->braces > 0)
		sh->braces--;
}

/* `for NAME in words`: the first word is what NAME stands for in the body. */
static void note_loop(gh_shell *sh, const gh_command *c)
{
	if (c->n >= 4 && gh_bytes_eq(c->words[2], GH_LIT("in")))
		set_var(sh, c->words[1], c->words[3], c->open[3]);
}

/* The first word of a command: true when it is one, false when it was something else. */
static bool take_first(gh_shell *sh, gh_bytes word)
{
	if (!sh->word_quoted && is_keyword(word)) {
		if (gh_bytes_eq(word, GH_LIT("while")) || gh_bytes_eq(word, GH_LIT("until")))
			sh->loops++;
		else if (gh_bytes_eq(word, GH_LIT("done")) && sh->loops > 0)
			sh->loops--;
		return false;
	}
	sh->loops += gh_bytes_eq(word, GH_LIT("for"));
	if (!sh->word_quoted && gh_bytes_eq(word, GH_LIT("{"))) {
		open_brace(sh);
		return false;
	}
	if (!sh->word_quoted && gh_bytes_eq(word, GH_LIT("}"))) {
		close_brace(sh);
		return false;
	}
	if (!sh->word_quoted && gh_bytes_eq(word, GH_LIT("esac")) && sh->cases > 0) {
		sh->skip_arm[--sh->cases] = false;
		return false;
	}
	return !take_assignment(sh, word);
}

/* `name ()`: a function begins. */
static bool take_function(gh_shell *sh)
{
	size_t ahead = 1;
	while (peek(sh, ahead) == ' ' || peek(sh, ahead) == '\t')
		ahead++;
	if (sh->c.n != 1 || peek(sh, ahead) != ')')
		return false;
	sh->at += ahead + 1;
	sh->skip_next_brace = names_a_stop(sh->c.words[0]);
	return true;
}

static void add_word(gh_shell *sh, uint32_t line, size_t at)
{
	gh_command *c = &sh->c;
	gh_bytes word = read_word(sh);
	int next = peek(sh, 0);
	if ((next == '<' || next == '>') && word.len == 1 && isdigit(word.ptr[0]))
		return; /* the number of a redirection */
	if (c->n == 0 && !take_first(sh, word))
		return;
	if (c->n == GH_SHELL_WORDS)
		return;
	if (c->n == 0) {
		c->line = line;
		c->at = at;
	}
	c->open[c->n] = sh->word_open;
	c->words[c->n++] = word;
	if (c->n == 3 && gh_bytes_eq(c->words[0], GH_LIT("case")) && gh_bytes_eq(word, GH_LIT("in"))) {
		open_case(sh);
		start_command(sh);
	}
}

/* Is the command at hand one to give? Loops and skipped parts are not. */
static bool finish(gh_shell *sh)
{
	gh_command *c = &sh->c;
	if (c->n > 0 && gh_bytes_eq(c->words[0], GH_LIT("for"))) {
		note_loop(sh, c);
		return false;
	}
	return c->n > 0 && !is_skipped(sh);
}

/* An operator: moves past it; true when it ends a command. */
static bool read_operator(gh_shell *sh)
{
	int c = next_char(sh), next = peek(sh, 0);
	if (c == '\n')
		skip_here(sh);
	if (c == '&' && next == '>') { /* "&>": both streams, as bash and ash have it */
		read_redirection(sh);
		return false;
	}
	if (c == '&' && next != '&')
		sh->c.background = true;
	if ((c == '&' || c == '|') && next == c)
		(void)next_char(sh);
	if (c == ';' && next == ';') {
		(void)next_char(sh);
		if (sh->cases > 0 && sh->cases <= GH_SHELL_NEST)
			sh->pattern[sh->cases - 1] = true;
	}
	return true;
}

bool gh_shell_next(gh_shell *sh, gh_command *ret)
{
	start_command(sh);
	for (;;) {
		if (sh->c.n == 0 && sh->cases > 0 && sh->pattern[sh->cases - 1]) {
			while (peek(sh, 0) == '\n')
				(void)next_char(sh);
			skip_blanks(sh);
			if (peek(sh, 0) == '\n')
				continue;
			if (peek(sh, 0) >= 0)
				read_pattern(sh);
			start_command(sh);
		}
		skip_blanks(sh);
		int c = peek(sh, 0);
		bool ended = c < 0;
		if (c == '<' || c == '>') {
			read_redirection(sh);
		} else if (c == '(') {
			if (take_function(sh)) {
				start_command(sh);
				continue;
			}
			(void)next_char(sh);
			sh->parens++;
		} else if (c == ')') {
			(void)next_char(sh);
			sh->parens -= sh->parens > 0;
			ended = true;
		} else if (c >= 0 && ends_word(c)) {
			ended = read_operator(sh);
		} else if (c >= 0) {
			add_word(sh, sh->line, sh->at);
		}
		if (ended && finish(sh)) {
			*ret = sh->c;
			ret->source = line_at(sh->script, (size_t)ret->at);
			return true;
		}
		if (c < 0)
			return false;
		if (ended)
			start_command(sh);
	}
}
