/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a start script cover tracks, or open a port that no usual service has?
 *
 * What opens a shell or fetches programs is BOOT-LINE's. These lines do neither: they make room for what does.
 */
#include "check/root_in.h"
#include "check/shell_in.h"

enum { SAID_MOST = 4, COMMANDS_MOST = 1 << 16 };

static bool holds(gh_bytes text, const char *word)
{
	size_t n = strlen(word);
	return text.ptr && text.len >= n && memmem(text.ptr, text.len, word, n);
}

/* Scripts that start something: below etc, or for inittab and cron. */
static bool is_start_file(gh_bytes path)
{
	path = gh_root_trim(path);
	return gh_bytes_start(path, GH_LIT("etc")) || holds(path, "/etc/") || holds(path, "init") || holds(path, "rcS");
}

/* "#!/bin/sh", "#!/bin/sh /etc/rc.common"; a template that makes a script is none. */
static bool is_shell_script(gh_bytes path, gh_bytes text)
{
	gh_cur c = gh_cur_over(gh_bytes_part(text, 0, 64), 0);
	return gh_bytes_start(text, GH_LIT("#!")) && holds(gh_line(&c), "sh") && !gh_bytes_end(path, GH_LIT(".php")) &&
	       is_start_file(path);
}

static bool keeps(const gh_file *file)
{
	return is_shell_script(file->path, file->content);
}

static bool is_program(gh_bytes word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (gh_bytes_eq(gh_path_base(word), gh_view_text(names[i])))
			return true;
	return false;
}

/* The value of an option, "-p 4919" or "-p4919"; empty where it is not given. */
static gh_bytes option(const gh_command *c, size_t from, const char *name)
{
	gh_bytes flag = gh_view_text(name);
	for (size_t i = from; i < c->n; i++) {
		if (gh_bytes_eq(c->words[i], flag))
			return i + 1 < c->n ? c->words[i + 1] : (gh_bytes){ NULL, 0 };
		if (gh_bytes_start(c->words[i], flag))
			return gh_bytes_part(c->words[i], flag.len, c->words[i].len);
	}
	return (gh_bytes){ NULL, 0 };
}

typedef struct saying {
	const char *id, *what, *harmless;
	gh_level level;
	gh_witness witness; /* of the sign against the script */
} saying;

/* ln -sf /dev/null /var/log/messages */
static bool covers_tracks(const gh_command *c, size_t at, saying *ret)
{
	static const char *const names[] = { "ln" };
	static const char *const traces[] = { "/log", "history", "wtmp", "utmp" };
	bool null = false, trace = false;
	if (!is_program(c->words[at], names, GH_COUNT(names)))
		return false;
	for (size_t i = at + 1; i < c->n; i++) {
		null |= gh_bytes_eq(c->words[i], GH_LIT("/dev/null"));
		for (size_t t = 0; t < GH_COUNT(traces); t++)
			trace |= holds(c->words[i], traces[t]);
	}
	*ret = (saying){ "BOOT-TAIL/tracks", "throws records of what happens away", "A device that spares its flash.",
			 GH_LEVEL_NOTICE, GH_WITNESS_ROLE };
	return null && trace;
}

/* Services that makers open themselves. */
static bool is_usual_port(gh_bytes port)
{
	static const char *const usual[] = { "21",   "22",   "23",   "53",   "67",   "68",   "69",   "80",   "123",
					     "137",  "138",  "139",  "161",  "443",  "445",  "500",  "520",  "546",
					     "547",  "1194", "1701", "1723", "1900", "4500", "5000", "5060", "5351",
					     "5353", "7547", "8080", "8081", "8443", "30005" };
	for (size_t i = 0; i < GH_COUNT(usual); i++)
		if (gh_bytes_eq(port, gh_view_text(usual[i])))
			return true;
	return port.len < 2 || port.ptr[0] < '1' || port.ptr[0] > '9';
}

/* iptables -I INPUT -p tcp --dport 14444 -j ACCEPT */
static bool opens_port(const gh_command *c, size_t at, saying *ret)
{
	static const char *const names[] = { "iptables", "ip6tables" };
	gh_bytes chain = option(c, at + 1, "-I"), added = option(c, at + 1, "-A");
	bool input = gh_bytes_eq(chain, GH_LIT("INPUT")) || gh_bytes_eq(added, GH_LIT("INPUT"));
	*ret = (saying){ "BOOT-TAIL/port", "opens a port to the outside that no usual service has",
			 "A service of the maker's own.", GH_LEVEL_NOTICE, GH_WITNESS_ROLE };
	return is_program(c->words[at], names, GH_COUNT(names)) && input &&
	       gh_bytes_eq(option(c, at + 1, "-j"), GH_LIT("ACCEPT")) && !is_usual_port(option(c, at + 1, "--dport"));
}

static bool judge(const gh_command *c, saying *ret)
{
	static bool (*const questions[])(const gh_command *, size_t, saying *) = { covers_tracks, opens_port };
	static const char *const wrappers[] = { "busybox", "nohup", "exec", "setsid", "nice" };
	size_t at = 0;
	while (at + 1 < c->n && is_program(c->words[at], wrappers, GH_COUNT(wrappers)))
		at++;
	for (size_t i = 0; i < GH_COUNT(questions); i++)
		if (c->words[at].len && questions[i](c, at, ret))
			return true;
	return false;
}

static gh_code say(gh_check_ctx *check, const gh_node *node, const gh_entry *e, const gh_command *c, const saying *s)
{
	gh_finding f = {
		.id = s->id,
		.check = gh_check_boot_tail.id,
		.level = s->level,
		.sure = GH_SURE_MEDIUM,
		.title = gh_arena_printf(check->ctx->scratch, "a line of /%.*s %s",
					 (int)GH_MIN(e->path.len, (size_t)160), (const char *)e->path.ptr, s->what),
		.why = gh_check_boot_tail.why,
		.harmless = s->harmless,
		.attack = gh_check_boot_tail.attack,
		.n_evidence = 1,
	};
	f.evidence[0] = (gh_evidence){ .node = node->id,
				       .path = e->path,
				       .at = c->at,
				       .line = c->line,
				       .excerpt = gh_bytes_part(c->source, 0, GH_EXCERPT),
				       .note = "this line" };
	gh_signal sign = {
		.check = gh_check_boot_tail.id, .witness = s->witness, .weight = 1, .evidence = f.evidence[0]
	};
	sign.evidence.note = s->what;
	gh_code code = f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
	return code == GH_OK ? gh_signal_add(check->ctx, check->signals, &sign) : code;
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	gh_shell *shell = gh_shell_new(check->ctx);
	unsigned said = 0, commands = 0;
	gh_code code = shell ? GH_OK : gh_nomem(check->ctx);
	for (size_t i = 0; code == GH_OK && i < node->volume->count && said < SAID_MOST; i++) {
		const gh_entry *e = &node->volume->entries[i];
		if (e->past != GH_NOW || !is_shell_script(e->path, e->kept))
			continue;
		gh_shell_read(shell, e->kept);
		uint32_t last = 0;
		for (gh_command c;
		     code == GH_OK && said < SAID_MOST && commands < COMMANDS_MOST && gh_shell_next(shell, &c);
		     commands++) {
			saying s;
			if (c.line == last || !judge(&c, &s))
				continue;
			last = c.line;
			said++;
			code = say(check, node, e, &c, &s);
		}
	}
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_boot_tail = {
	.id = "BOOT-TAIL",
	.title = "Does a start script cover tracks, or open a port that no usual service has?",
	.why = "Who stays in a device wants to be reached, and wants no records of it.",
	.harmless = "A device that spares its flash; a service of the maker's own.",
	.attack = "T1562.004",
	.kinds = "port, tracks",
	.keeps = keeps,
	.conclude = conclude,
};
