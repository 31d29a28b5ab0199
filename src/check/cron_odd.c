/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a table of timed jobs fetch programs, or run what nobody shall see? Crontabs survive where nothing
 * else of an intruder does; VPNFilter and most bots write one.
 */
#include "check/root_in.h"

enum { LINES_MOST = 512, SAID_MOST = 4 };

static bool holds(gh_bytes text, const char *word)
{
	size_t n = strlen(word);
	return text.len >= n && memmem(text.ptr, text.len, word, n);
}

static bool is_crontab(gh_bytes path)
{
	path = gh_root_trim(path);
	return holds(path, "etc/crontabs/") || holds(path, "spool/cron/") || holds(path, "etc/cron.d/") ||
	       gh_bytes_end(path, GH_LIT("etc/crontab"));
}

static bool keeps(const gh_file *file)
{
	return is_crontab(file->path) && file->content.len > 0 &&
	       !memchr(file->content.ptr, 0, GH_MIN(file->content.len, (size_t)512));
}

/* The word stands at the start of a command: behind a blank, a '/', '|', ';', '&' or '('. */
static bool runs(gh_bytes line, const char *word)
{
	size_t n = strlen(word);
	for (size_t at = 0; at + n <= line.len; at++) {
		uint8_t before = at ? line.ptr[at - 1] : ' ', behind = at + n < line.len ? line.ptr[at + n] : ' ';
		bool begins = strchr(" \t/|;&(`\"'", before) != NULL, ends = strchr(" \t|;&)`\"'", behind) != NULL;
		if (begins && ends && memcmp(line.ptr + at, word, n) == 0)
			return true;
	}
	return false;
}

static bool runs_any(gh_bytes line, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (runs(line, words[i]))
			return true;
	return false;
}

static bool fetches(gh_bytes line)
{
	static const char *const words[] = { "wget", "curl", "tftp", "ftpget", "nc", "uclient-fetch", "base64" };
	return runs_any(line, words, GH_COUNT(words));
}

/* "wget … | sh", "curl -o /tmp/x … ; sh /tmp/x", "… | base64 -d | sh" */
static bool fetches_and_runs(gh_bytes line)
{
	static const char *const shells[] = { "sh", "bash", "ash" };
	static const char *const given[] = { "sh /tmp", "sh /var", "; /tmp/", ";/tmp/", "&& /tmp/", "&&/tmp/",
					     " ./",     ";./",     "+x",      "777",    "eval" };
	if (!fetches(line))
		return false;
	const uint8_t *pipe = memchr(line.ptr, '|', line.len);
	bool piped =
		pipe && runs_any(gh_bytes_part(line, (uint64_t)(pipe - line.ptr), line.len), shells, GH_COUNT(shells));
	for (size_t i = 0; i < GH_COUNT(given) && !piped; i++)
		piped = holds(line, given[i]);
	return piped;
}

/* The program of the line: "/tmp/x", "/bin/.x". */
static bool runs_hidden(gh_bytes line)
{
	static const char *const places[] = { "/tmp/", "/var/tmp/", "/dev/", "/var/run/" };
	size_t at = 0;
	for (unsigned fields = line.len && line.ptr[0] == '@' ? 1 : 5; fields > 0 && at < line.len; fields--) {
		while (at < line.len && line.ptr[at] > ' ')
			at++;
		while (at < line.len && line.ptr[at] <= ' ')
			at++;
	}
	gh_bytes command = gh_bytes_part(line, at, line.len);
	size_t n = 0;
	while (n < command.len && command.ptr[n] > ' ')
		n++;
	gh_bytes program = gh_bytes_part(command, 0, n);
	if (gh_bytes_start(program, GH_LIT("/")) && gh_bytes_start(gh_path_base(program), GH_LIT(".")))
		return true;
	for (size_t i = 0; i < GH_COUNT(places); i++)
		if (gh_bytes_start(program, gh_view_text(places[i])))
			return true;
	return false;
}

static gh_code say(gh_check_ctx *check, const gh_node *node, const gh_entry *e, bool fetches, uint64_t at,
		   uint32_t number, gh_bytes line)
{
	gh_finding f = {
		.id = fetches ? "CRON-ODD/fetches" : "CRON-ODD/hidden",
		.check = gh_check_cron_odd.id,
		.level = fetches ? GH_LEVEL_SUSPICIOUS : GH_LEVEL_NOTICE,
		.sure = GH_SURE_MEDIUM,
		.title = gh_arena_printf(check->ctx->scratch, "/%.*s %s", (int)GH_MIN(e->path.len, (size_t)160),
					 (const char *)e->path.ptr,
					 fetches ? "fetches something and runs it, again and again"
						 : "runs a program from a place that is empty in the image, or hidden"),
		.why = gh_check_cron_odd.why,
		.harmless = gh_check_cron_odd.harmless,
		.attack = gh_check_cron_odd.attack,
		.n_evidence = 1,
	};
	f.evidence[0] = (gh_evidence){ .node = node->id,
				       .path = e->path,
				       .at = at,
				       .line = number,
				       .excerpt = gh_bytes_part(line, 0, GH_EXCERPT),
				       .note = "this line" };
	return f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
}

/* BOOT-LINE reads tables of cron, too: what it has told is told. */
static bool is_told(const gh_check_ctx *check, const gh_node *node, const gh_entry *e, uint32_t line)
{
	for (const gh_finding *f = check->out->first; f; f = f->next)
		if (strncmp(f->id, "BOOT-LINE/", 10) == 0 && f->n_evidence > 0 && f->evidence[0].node == node->id &&
		    f->evidence[0].line == line && gh_bytes_eq(f->evidence[0].path, e->path))
			return true;
	return false;
}

static gh_code look_at(gh_check_ctx *check, const gh_node *node, const gh_entry *e)
{
	gh_cur c = gh_cur_over(e->kept, 0);
	unsigned said = 0;
	gh_code code = GH_OK;
	for (uint32_t number = 1; c.left > 0 && number <= LINES_MOST && said < SAID_MOST && code == GH_OK; number++) {
		uint64_t at = c.pos;
		gh_bytes line = gh_line(&c);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		bool fetches = fetches_and_runs(line);
		if ((!fetches && !runs_hidden(line)) || is_told(check, node, e, number))
			continue;
		said++;
		code = say(check, node, e, fetches, at, number, line);
	}
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node))
		for (size_t i = 0; node->volume && code == GH_OK && i < node->volume->count; i++) {
			const gh_entry *e = &node->volume->entries[i];
			if (e->kept.len && e->past == GH_NOW && is_crontab(e->path))
				code = look_at(check, node, e);
		}
	return code;
}

const gh_check gh_check_cron_odd = {
	.id = "CRON-ODD",
	.title = "Does a timed job fetch programs, or run hidden ones?",
	.why = "A timed job brings an implant back after each restart, from a server that its owner chooses.",
	.harmless = "A provider's own way to keep its devices up to date.",
	.attack = "T1053.003",
	.kinds = "fetches, hidden",
	.keeps = keeps,
	.conclude = conclude,
};
