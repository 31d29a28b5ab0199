/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a page of the web interface run what it is sent?
 *
 * A script behind the web server that hands the request to a shell is a back door that needs no program, no port
 * and no start. Careless makers have written such pages, too, which makes them no better.
 */
#include "check/html_in.h"
#include "check/root_in.h"

enum { SAID_MOST = 3 };

static bool is_web(gh_bytes path)
{
	static const char *const folders[] = { "www/", "web/", "webs/", "htdocs/", "cgi-bin/", "httpd/", "html/" };
	path = gh_root_trim(path);
	for (size_t i = 0; path.len && i < GH_COUNT(folders); i++)
		if (memmem(path.ptr, path.len, folders[i], strlen(folders[i])))
			return true;
	return false;
}

/* Words that run a text, the bracket behind them, and what is sent right behind it. */
static const struct call {
	const char *run, *sent;
	bool bracket;
} calls[] = {
	{ "eval \"$query_string", "", false },
	{ "eval $query_string", "", false },
	{ "sh -c \"$query_string", "", false },
	{ "sh -c $query_string", "", false },
	{ "eval \"$http_", "", false },
	{ "eval(base64_decode", "", true },
	{ "system", "$_", true },
	{ "passthru", "$_", true },
	{ "shell_exec", "$_", true },
	{ "popen", "$_", true },
	{ "eval", "$_", true },
	{ "exec", "$_", true },
	{ "assert", "$_", true },
	{ "os.execute", "formvalue(", true },
	{ "io.popen", "formvalue(", true },
	{ "luci.sys.exec", "formvalue(", true },
	{ "luci.sys.call", "formvalue(", true },
};

/* Between call and what is sent stands nothing that would make a word of it. */
static bool runs_what_is_sent(gh_bytes line)
{
	enum { BETWEEN = 24 };
	for (size_t i = 0; i < GH_COUNT(calls); i++) {
		size_t at = gh_html_find(line, calls[i].run), n = strlen(calls[i].run);
		if (at == SIZE_MAX)
			continue;
		gh_bytes behind = gh_bytes_part(line, at + n, BETWEEN);
		if (calls[i].bracket && !gh_bytes_start(behind, GH_LIT("(")))
			continue;
		size_t sent = *calls[i].sent ? gh_html_find(behind, calls[i].sent) : 0;
		gh_bytes between = gh_bytes_part(behind, 0, sent == SIZE_MAX ? 0 : sent);
		bool word = gh_html_holds(between, "escape") || gh_html_holds(between, "quote") ||
			    gh_html_holds(between, "intval");
		if (sent != SIZE_MAX && !word)
			return true;
	}
	return false;
}

static bool find_line(gh_bytes text, uint64_t *at, uint32_t *number, gh_bytes *line)
{
	gh_cur c = gh_cur_over(text, 0);
	for (*number = 1; c.left > 0; (*number)++) {
		*at = c.pos;
		*line = gh_line(&c);
		gh_bytes bare = gh_html_strip(*line);
		if (bare.len && bare.ptr[0] != '#' && runs_what_is_sent(bare))
			return true;
	}
	return false;
}

static bool keeps(const gh_file *file)
{
	uint64_t at;
	uint32_t number;
	gh_bytes line, text = file->content;
	return is_web(file->path) && text.len > 0 && !memchr(text.ptr, 0, GH_MIN(text.len, (size_t)512)) &&
	       find_line(text, &at, &number, &line);
}

static gh_code say(gh_check_ctx *check, const gh_node *node, const gh_entry *e)
{
	gh_evidence where = { .node = node->id, .path = e->path, .note = "this line runs what it is sent" };
	gh_bytes line;
	if (!find_line(e->kept, &where.at, &where.line, &line))
		return GH_OK;
	where.excerpt = gh_bytes_part(line, 0, GH_EXCERPT);
	gh_finding f = {
		.id = "WEB-SHELL/runs-request",
		.check = gh_check_web_shell.id,
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_MEDIUM,
		.title = gh_arena_printf(check->ctx->scratch, "/%.*s hands what it is sent to a shell",
					 (int)GH_MIN(e->path.len, (size_t)160), (const char *)e->path.ptr),
		.why = gh_check_web_shell.why,
		.harmless = gh_check_web_shell.harmless,
		.attack = gh_check_web_shell.attack,
		.evidence = { where },
		.n_evidence = 1,
	};
	gh_signal s = { .check = gh_check_web_shell.id, .witness = GH_WITNESS_ROLE, .weight = 2, .evidence = where };
	gh_code code = f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
	return code == GH_OK ? gh_signal_add(check->ctx, check->signals, &s) : code;
}

static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node)) {
		unsigned said = 0;
		for (size_t i = 0; node->volume && code == GH_OK && i < node->volume->count && said < SAID_MOST; i++) {
			const gh_entry *e = &node->volume->entries[i];
			uint64_t at;
			uint32_t number;
			gh_bytes line;
			if (!e->kept.len || e->past != GH_NOW || !is_web(e->path) ||
			    !find_line(e->kept, &at, &number, &line))
				continue;
			said++;
			code = say(check, node, e);
		}
	}
	return code;
}

const gh_check gh_check_web_shell = {
	.id = "WEB-SHELL",
	.title = "Does a page of the web interface run what it is sent?",
	.why = "Whoever can reach the web interface can then run what he likes, with the rights of the web server.",
	.harmless = "A careless maker's page, which is as open to everybody.",
	.attack = "T1505.003",
	.kinds = "runs-request",
	.keeps = keeps,
	.conclude = conclude,
};
