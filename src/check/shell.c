/* SPDX-License-Identifier: Apache-2.0 */
/* Words to commands: operators, redirections, functions, loops, case. POSIX 2.7, 2.9 and 2.10. */
#include <ctype.h>

#include "check/shell_word_in.h"

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
	int first = gh_shell_step(sh);
	bool here = first == '<' && gh_shell_peek(sh, 0) == '<';
	while (gh_shell_peek(sh, 0) == '<' || gh_shell_peek(sh, 0) == '>' || gh_shell_peek(sh, 0) == '&' ||
	       gh_shell_peek(sh, 0) == '|' || gh_shell_peek(sh, 0) == '-')
		(void)gh_shell_step(sh);
	gh_shell_blanks(sh);
	size_t used = sh->used;
	size_t raw_at = sh->at;
	gh_bytes target = gh_shell_word(sh);
	/* the end is written once more in the script; quotes around it do not belong to it */
	gh_bytes raw = gh_bytes_part(sh->script, raw_at, sh->at - raw_at);
	if (here && sh->n_here < GH_SHELL_HERE && raw.len >= 2 && raw.len == target.len + 2)
		raw = gh_bytes_part(raw, 1, raw.len - 2);
	if (here && sh->n_here < GH_SHELL_HERE && raw.len)
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
	static const char *const list[] = { "if",   "then",  "else",  "elif", "fi",   "do",
					    "done", "while", "until", "!",    "time", NULL };
	return is_one_of(word, list);
}

static bool names_a_stop(gh_bytes word)
{
	static const char *const list[] = {
		"stop",           "restart",         "reload", "force-reload", "shutdown", "status", "stop_service",
		"reload_service", "service_stopped", "usage",  "stop|restart", "K",        NULL
	};
	return is_one_of(word, list);
}

/* NAME=value before a command, or alone: true, and the value is remembered when it is plain. */
static bool take_assignment(gh_shell *sh, gh_bytes word)
{
	size_t n = 0;
	while (n < word.len && gh_shell_is_name(word.ptr[n]))
		n++;
	if (n == 0 || n == word.len || word.ptr[n] != '=' || isdigit(word.ptr[0]))
		return false;
	gh_shell_var_set(sh, gh_bytes_part(word, 0, n), gh_bytes_part(word, n + 1, word.len), sh->word_open);
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
		gh_shell_blanks(sh);
		int c = gh_shell_peek(sh, 0);
		if (c < 0 || c == ')') {
			(void)gh_shell_step(sh);
			break;
		}
		if (gh_shell_ends_word(c)) {
			(void)gh_shell_step(sh);
			continue;
		}
		sh->used = 0;
		gh_bytes word = gh_shell_word(sh);
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
		gh_shell_var_set(sh, c->words[1], c->words[3], c->open[3]);
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
	while (gh_shell_peek(sh, ahead) == ' ' || gh_shell_peek(sh, ahead) == '\t')
		ahead++;
	if (sh->c.n != 1 || gh_shell_peek(sh, ahead) != ')')
		return false;
	sh->at += ahead + 1;
	sh->skip_next_brace = names_a_stop(sh->c.words[0]);
	return true;
}

static void add_word(gh_shell *sh, uint32_t line, size_t at)
{
	gh_command *c = &sh->c;
	gh_bytes word = gh_shell_word(sh);
	int next = gh_shell_peek(sh, 0);
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
	int c = gh_shell_step(sh), next = gh_shell_peek(sh, 0);
	if (c == '\n')
		skip_here(sh);
	if (c == '&' && next == '>') { /* "&>": both streams, as bash and ash have it */
		read_redirection(sh);
		return false;
	}
	if (c == '&' && next != '&')
		sh->c.background = true;
	if ((c == '&' || c == '|') && next == c)
		(void)gh_shell_step(sh);
	if (c == ';' && next == ';') {
		(void)gh_shell_step(sh);
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
			while (gh_shell_peek(sh, 0) == '\n')
				(void)gh_shell_step(sh);
			gh_shell_blanks(sh);
			if (gh_shell_peek(sh, 0) == '\n')
				continue;
			if (gh_shell_peek(sh, 0) >= 0)
				read_pattern(sh);
			start_command(sh);
		}
		gh_shell_blanks(sh);
		int c = gh_shell_peek(sh, 0);
		bool ended = c < 0;
		if (c == '<' || c == '>') {
			read_redirection(sh);
		} else if (c == '(') {
			if (take_function(sh)) {
				start_command(sh);
				continue;
			}
			(void)gh_shell_step(sh);
			sh->parens++;
		} else if (c == ')') {
			(void)gh_shell_step(sh);
			sh->parens -= sh->parens > 0;
			ended = true;
		} else if (c >= 0 && gh_shell_ends_word(c)) {
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
