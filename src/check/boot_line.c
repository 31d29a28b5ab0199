/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a line of a script open a shell to the network, or fetch a program and run it?
 *
 * One line that uses what the device has anyway needs no program of the intruder's own. Asked of every shell script and
 * every table of cron, reached or not.
 */
#include "check/root_in.h"
#include "check/shell_in.h"

enum { FINDINGS_MOST = 64, LINE_MOST = 160 };

typedef struct line_ctx {
	gh_check_ctx *check;
	const gh_node *volume;
	const gh_entry *file;
	const gh_command *c;
	unsigned left;
} line_ctx;

static bool one_of(gh_bytes word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (gh_bytes_eq(word, gh_view_text(list[i])))
			return true;
	return false;
}

static bool is_shell(gh_bytes word)
{
	static const char *const shells[] = { "sh", "ash", "bash", "dash" };
	return one_of(gh_path_base(word), shells, GH_COUNT(shells));
}

static bool has(gh_bytes text, const char *word)
{
	return text.len && memmem(text.ptr, text.len, word, strlen(word));
}

/* The command behind a cron table's five fields, behind wrappers: the first word that one of these is. */
static size_t find(const gh_command *c, const char *const *list, size_t n)
{
	for (size_t i = 0; i < c->n; i++)
		if (one_of(gh_path_base(c->words[i]), list, n))
			return i;
	return c->n;
}

static gh_bytes option(const gh_command *c, size_t from, const char *name)
{
	for (size_t i = from; i + 1 < c->n; i++)
		if (gh_bytes_eq(c->words[i], gh_view_text(name)))
			return c->words[i + 1];
	return (gh_bytes){ NULL, 0 };
}

static gh_code say(line_ctx *l, const char *id, gh_level level, const char *what)
{
	gh_ctx *ctx = l->check->ctx;
	if (l->left == 0)
		return GH_OK;
	l->left--;
	gh_finding f = {
		.id = id,
		.check = gh_check_boot_line.id,
		.level = level,
		.sure = GH_SURE_HIGH,
		.why = gh_check_boot_line.why,
		.harmless = gh_check_boot_line.harmless,
		.attack = gh_check_boot_line.attack,
		.n_evidence = 1,
	};
	f.title = gh_arena_printf(ctx->scratch, "/%.*s %s: %.*s", (int)GH_MIN(l->file->path.len, (size_t)LINE_MOST),
				  (const char *)l->file->path.ptr, what,
				  (int)GH_MIN(l->c->source.len, (size_t)LINE_MOST), (const char *)l->c->source.ptr);
	if (!f.title)
		return gh_nomem(ctx);
	f.evidence[0] = (gh_evidence){ .node = l->volume->id,
				       .path = l->file->path,
				       .at = l->c->at,
				       .line = l->c->line,
				       .excerpt = l->c->source,
				       .note = "this line" };
	return gh_finding_add(ctx, l->check->out, &f);
}

/* A telnet daemon that asks nobody: makers do that, too (and should not), but on the port of telnet. */
static gh_code look_at_telnetd(line_ctx *l)
{
	static const char *const names[] = { "telnetd", "utelnetd" };
	size_t at = find(l->c, names, GH_COUNT(names));
	gh_bytes shell = option(l->c, at, "-l"), port = option(l->c, at, "-p");
	if (at == l->c->n || !is_shell(shell))
		return GH_OK;
	bool other = port.len > 0 && !gh_bytes_eq(port, GH_LIT("23")) && port.ptr[0] != '$';
	return say(l, other ? "BOOT-LINE/shell-on-port" : "BOOT-LINE/telnet-without-login",
		   other ? GH_LEVEL_SUSPICIOUS : GH_LEVEL_NOTICE,
		   other ? "opens a shell without a password on a port of its own"
			 : "opens a shell without a password by telnet");
}

static gh_code look_at_pipes(line_ctx *l)
{
	static const char *const names[] = { "nc", "ncat", "netcat", "socat" };
	size_t at = find(l->c, names, GH_COUNT(names));
	bool tool = at < l->c->n && (is_shell(option(l->c, at, "-e")) || is_shell(option(l->c, at, "-c")));
	for (size_t i = at; i < l->c->n && !tool; i++)
		tool = has(l->c->words[i], "exec:") || has(l->c->words[i], "EXEC:") || has(l->c->words[i], "system:");
	bool bash = has(l->c->source, "/dev/tcp/") && has(l->c->source, "sh");
	return tool || bash ? say(l, "BOOT-LINE/shell-on-port", GH_LEVEL_SUSPICIOUS, "gives a shell to a connection")
			    : GH_OK;
}

static bool is_written_by_anybody(gh_bytes word)
{
	return gh_bytes_start(word, GH_LIT("/tmp/")) || gh_bytes_start(word, GH_LIT("/var/")) ||
	       gh_bytes_start(word, GH_LIT("/dev/shm/"));
}

/* Fetched and run in one line: into a shell, or as the program it was just made. */
static gh_code look_at_fetch(line_ctx *l)
{
	static const char *const names[] = { "wget", "curl", "tftp", "ftpget", "uclient-fetch" };
	static const char *const pipes[] = {
		"| sh", "|sh", "| ash", "|ash", "| bash", "|bash", "| /bin/sh", "|/bin/sh"
	};
	if (find(l->c, names, GH_COUNT(names)) == l->c->n)
		return GH_OK;
	bool runs = false;
	for (size_t i = 0; i < GH_COUNT(pipes) && !runs; i++)
		runs = has(l->c->source, pipes[i]);
	for (size_t i = 0; i < l->c->n && !runs; i++)
		if (is_written_by_anybody(l->c->words[i]) && has(l->c->source, "chmod ")) {
			gh_bytes rest = l->c->source;
			const uint8_t *mode = memmem(rest.ptr, rest.len, "chmod ", 6);
			rest = gh_bytes_part(rest, (size_t)(mode - rest.ptr), rest.len);
			/* named by chmod, and once more behind it */
			const uint8_t *first = memmem(rest.ptr, rest.len, l->c->words[i].ptr, l->c->words[i].len);
			size_t behind = first ? (size_t)(first - rest.ptr) + l->c->words[i].len : rest.len;
			gh_bytes after = gh_bytes_part(rest, behind, rest.len);
			runs = after.len && memmem(after.ptr, after.len, l->c->words[i].ptr, l->c->words[i].len);
		}
	return runs ? say(l, "BOOT-LINE/fetch-and-run", GH_LEVEL_SUSPICIOUS, "fetches a program and runs it") : GH_OK;
}

/* A program or script whose name, or a folder of whose, begins with a dot. */
static gh_code look_at_place(line_ctx *l)
{
	bool sourced = l->c->n > 1 && gh_bytes_eq(l->c->words[0], GH_LIT("."));
	gh_bytes word = l->c->words[sourced], base = gh_path_base(word);
	bool hidden = base.len > 1 && base.ptr[0] == '.' && base.ptr[1] != '.' && memchr(word.ptr, '/', word.len);
	for (size_t at = 0; at + 2 < word.len && !hidden; at++)
		hidden = word.ptr[at] == '/' && word.ptr[at + 1] == '.' && word.ptr[at + 2] != '.' &&
			 word.ptr[at + 2] != '/';
	return hidden && word.ptr[0] == '/' ? say(l, "BOOT-LINE/hidden-program", GH_LEVEL_SUSPICIOUS,
						  "starts a program whose place is hidden")
					    : GH_OK;
}

static bool is_table(gh_bytes path)
{
	return has(path, "cron");
}

static gh_code read_file(line_ctx *l, gh_shell *sh)
{
	gh_code (*const looks[])(line_ctx *) = { look_at_telnetd, look_at_pipes, look_at_fetch, look_at_place };
	gh_code code = GH_OK;
	gh_shell_read(sh, l->file->kept);
	for (gh_command c; code == GH_OK && gh_shell_next(sh, &c);) {
		if (gh_cancelled(l->check->ctx))
			break;
		l->c = &c;
		for (size_t i = 0; i < GH_COUNT(looks) && code == GH_OK; i++)
			code = looks[i](l);
	}
	l->c = NULL;
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	gh_shell *sh = gh_shell_new(check->ctx);
	if (!sh)
		return gh_nomem(check->ctx);
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node)) {
		line_ctx l = { .check = check, .volume = node, .left = FINDINGS_MOST };
		for (size_t i = 0; node->volume && i < node->volume->count && code == GH_OK; i++) {
			l.file = &node->volume->entries[i];
			if (l.file->past == GH_NOW && l.file->kept.len &&
			    (gh_bytes_start(l.file->kept, GH_LIT("#!")) || is_table(l.file->path)))
				code = read_file(&l, sh);
		}
	}
	return code;
}

const gh_check gh_check_boot_line = {
	.id = "BOOT-LINE",
	.title = "Does a line of a script open a shell to the network, or fetch a program and run it?",
	.why = "With one such line nobody needs a program of his own in the device: it lets him in, or fetches one, "
	       "each time.",
	.harmless = "A maker's own test line: ask him. It lets in everybody all the same.",
	.attack = "T1059.004",
	.kinds = "shell-on-port, telnet-without-login, fetch-and-run, hidden-program",
	.conclude = conclude,
};
