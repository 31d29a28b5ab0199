/* SPDX-License-Identifier: Apache-2.0 */
/* From a command to the program it starts, and on into scripts. */
#include "check/boot_in.h"

enum { PROGRAM_MOST = GH_ROOT_PATH };

/* A name as the shell of a boot finds it. */
static const gh_entry *find_program(const gh_boot *boot, gh_bytes word)
{
	static const char *const path[] = { "bin/",      "sbin/",          "usr/bin/",
					    "usr/sbin/", "usr/local/bin/", "usr/local/sbin/" };
	if (memchr(word.ptr, '/', word.len))
		return gh_root_find(&boot->root, word);
	for (size_t i = 0; i < GH_COUNT(path); i++) {
		uint8_t full[PROGRAM_MOST];
		size_t n = strlen(path[i]);
		if (n + word.len > sizeof full)
			return NULL;
		memcpy(full, path[i], n);
		memcpy(full + n, word.ptr, word.len);
		const gh_entry *entry = gh_root_find(&boot->root, gh_view(full, n + word.len));
		if (entry)
			return entry;
	}
	return NULL;
}

static bool is_script(const gh_entry *entry)
{
	return gh_bytes_start(entry->kept, GH_LIT("#!"));
}

static bool is_pattern(gh_bytes word)
{
	return memchr(word.ptr, '*', word.len) || memchr(word.ptr, '?', word.len) || memchr(word.ptr, '[', word.len);
}

/* All names that a pattern stands for, each as if it had been written there. */
typedef struct expansion {
	gh_boot *boot;
	const gh_boot_step *step;
	const gh_command *c;
	bool source; /* `. file` */
	gh_code code;
} expansion;

static gh_code start(gh_boot *boot, const gh_boot_step *step, gh_bytes program, const gh_command *c, size_t first_arg);
static gh_code source(gh_boot *boot, const gh_boot_step *step, gh_bytes file);

static bool on_name(void *arg, const gh_root_name *name)
{
	expansion *x = arg;
	uint8_t full[PROGRAM_MOST];
	if (name->path.len + 1 > sizeof full)
		return true;
	full[0] = '/';
	memcpy(full + 1, name->path.ptr, name->path.len);
	gh_bytes program = gh_view(full, name->path.len + 1);
	x->code = x->source ? source(x->boot, x->step, program) : start(x->boot, x->step, program, x->c, 1);
	return x->code == GH_OK;
}

static gh_code expand(gh_boot *boot, const gh_boot_step *step, gh_bytes pattern, const gh_command *c, bool sourced)
{
	expansion x = { boot, step, c, sourced, GH_OK };
	if (pattern.ptr[0] == '/' && boot->globs++ < GH_BOOT_GLOBS)
		gh_root_glob(&boot->root, pattern, GH_BOOT_GLOB, on_name, &x);
	return x.code;
}

/* `. file`: nothing is started by it, but what stands in it is. */
static gh_code source(gh_boot *boot, const gh_boot_step *step, gh_bytes file)
{
	const gh_entry *entry = find_program(boot, file);
	return entry && entry->kept.len ? gh_boot_script(boot, entry, step, NULL, 0) : GH_OK;
}

/* Start scripts are written for many kernels and try to load what only others have: a module that is
 * not in the volume is not said. */
static gh_code load_module(gh_boot *boot, const gh_boot_step *step, const gh_command *c, size_t at)
{
	while (at < c->n && gh_bytes_start(c->words[at], GH_LIT("-")))
		at++;
	if (at == c->n || c->open[at])
		return GH_OK;
	const gh_entry *module = gh_root_find(&boot->root, c->words[at]);
	return module ? boot->say(boot, step, c->words[at], module, false, true) : GH_OK;
}

/* Says that the program is started, and walks through it when it is a script. */
static gh_code start(gh_boot *boot, const gh_boot_step *step, gh_bytes program, const gh_command *c, size_t first_arg)
{
	if (program.len == 0)
		return GH_OK;
	const gh_entry *entry = find_program(boot, program);
	bool path = memchr(program.ptr, '/', program.len) != NULL;
	if (entry && entry->type != GH_ENTRY_FILE)
		return GH_OK; /* a folder or a device is not a program */
	if (!entry && (!path || memchr(program.ptr, '$', program.len)))
		return GH_OK; /* a function, or a name that is made at run time */
	if (gh_boot_is_tool(program) && (!entry || !is_script(entry)))
		return GH_OK;
	gh_code code = boot->say(boot, step, program, entry, c->background, false);
	if (code != GH_OK || !entry || !is_script(entry))
		return code;
	size_t n = c->n > first_arg ? c->n - first_arg : 0;
	return gh_boot_script(boot, entry, step, c->words + GH_MIN(first_arg, c->n), n);
}

/* `sh -c text`, `sh file`, or an interactive shell. */
static gh_code run_shell(gh_boot *boot, const gh_boot_step *step, const gh_command *c, size_t at)
{
	size_t arg = at + 1;
	for (; arg < c->n && gh_bytes_start(c->words[arg], GH_LIT("-")); arg++)
		if (gh_bytes_eq(c->words[arg], GH_LIT("-c")) && arg + 1 < c->n)
			return gh_boot_line(boot, step, c->words[arg + 1]);
	if (arg == c->n)
		return start(boot, step, c->words[at], c, c->n);
	if (is_pattern(c->words[arg]))
		return expand(boot, step, c->words[arg], c, true);
	const gh_entry *entry = find_program(boot, c->words[arg]);
	if (!entry || !entry->kept.len)
		return c->open[arg] ? GH_OK : start(boot, step, c->words[arg], c, arg + 1);
	gh_code code = boot->say(boot, step, c->words[arg], entry, c->background, false);
	return code == GH_OK ? gh_boot_script(boot, entry, step, c->words + arg + 1, c->n - arg - 1) : code;
}

/* `start-stop-daemon -S -x program -- arguments` */
static gh_code start_daemon(gh_boot *boot, const gh_boot_step *step, const gh_command *c, size_t at)
{
	gh_bytes program = { NULL, 0 };
	for (size_t i = at + 1; i < c->n; i++) {
		gh_bytes w = c->words[i];
		if (gh_bytes_eq(w, GH_LIT("--")))
			break;
		if (gh_bytes_eq(w, GH_LIT("-K")) || gh_bytes_eq(w, GH_LIT("--stop")))
			return GH_OK;
		bool names = gh_bytes_eq(w, GH_LIT("-x")) || gh_bytes_eq(w, GH_LIT("--exec")) ||
			     gh_bytes_eq(w, GH_LIT("-a")) || gh_bytes_eq(w, GH_LIT("--startas"));
		if (names && i + 1 < c->n)
			program = c->words[i + 1];
	}
	return start(boot, step, program, c, c->n);
}

/* Where the command itself begins, behind `exec`, `nice -n 5` and their like. */
static size_t skip_wrappers(const gh_command *c)
{
	size_t at = 0;
	while (at < c->n && gh_boot_is_wrapper(gh_path_base(c->words[at]))) {
		bool busybox = gh_bytes_eq(gh_path_base(c->words[at]), GH_LIT("busybox"));
		at++;
		while (!busybox && at < c->n &&
		       (gh_bytes_start(c->words[at], GH_LIT("-")) || memchr(c->words[at].ptr, '=', c->words[at].len) ||
			(c->words[at].len && c->words[at].ptr[0] >= '0' && c->words[at].ptr[0] <= '9')))
			at++;
	}
	return at;
}

gh_code gh_boot_command(gh_boot *boot, const gh_boot_step *step, const gh_command *c)
{
	size_t at = skip_wrappers(c);
	if (at == c->n || c->words[at].len == 0)
		return GH_OK;
	gh_bytes word = c->words[at], base = gh_path_base(word);
	if (gh_bytes_eq(word, GH_LIT(".")) || gh_bytes_eq(word, GH_LIT("source"))) {
		if (at + 1 == c->n || c->words[at + 1].len == 0)
			return GH_OK;
		return is_pattern(c->words[at + 1]) ? expand(boot, step, c->words[at + 1], c, true)
						    : source(boot, step, c->words[at + 1]);
	}
	if (gh_bytes_eq(word, GH_LIT("eval")) && at + 1 < c->n && !c->open[at + 1])
		return gh_boot_line(boot, step, c->words[at + 1]);
	if (gh_boot_is_builtin(word))
		return GH_OK;
	if (gh_boot_is_shell(word))
		return run_shell(boot, step, c, at);
	if (gh_bytes_eq(base, GH_LIT("insmod")) || gh_bytes_eq(base, GH_LIT("modprobe")))
		return load_module(boot, step, c, at + 1);
	if (gh_bytes_eq(base, GH_LIT("start-stop-daemon")))
		return start_daemon(boot, step, c, at);
	/* OpenWrt: /lib/functions/service.sh and procd.sh */
	if ((gh_bytes_eq(word, GH_LIT("service_start")) || gh_bytes_eq(word, GH_LIT("service_check"))) && at + 1 < c->n)
		return start(boot, step, c->words[at + 1], c, c->n);
	if (gh_bytes_eq(word, GH_LIT("procd_set_param"))) {
		bool names = at + 2 < c->n && gh_bytes_eq(c->words[at + 1], GH_LIT("command"));
		return names ? start(boot, step, c->words[at + 2], c, c->n) : GH_OK;
	}
	if (is_pattern(word))
		return expand(boot, step, word, c, false);
	return start(boot, step, word, c, at + 1);
}

/* Commands of a text, each a step; with `fixed`, they all stand where that step does. */
static gh_code walk(gh_boot *boot, gh_shell *sh, const gh_entry *file, const gh_boot_step *by,
		    const gh_boot_step *fixed)
{
	gh_code code = GH_OK;
	for (gh_command c; code == GH_OK && !boot->cut && gh_shell_next(sh, &c);) {
		if (boot->steps++ >= GH_BOOT_STEPS || gh_cancelled(boot->check->ctx))
			return gh_boot_cut(boot);
		gh_boot_step step = { file, c.line, c.at, c.source, by, by ? by->depth + 1 : 0 };
		if (fixed) {
			step = *fixed;
			step.depth++;
		}
		code = gh_boot_command(boot, &step, &c);
	}
	return code;
}

/* A parser for the next level; levels are as deep as scripts nest, and each is made once. */
static gh_shell *parser(gh_boot *boot, gh_bytes script)
{
	gh_shell **sh = &boot->shells[boot->level];
	if (!*sh)
		*sh = gh_shell_new(boot->check->ctx);
	if (*sh)
		gh_shell_read(*sh, script);
	return *sh;
}

gh_code gh_boot_script(gh_boot *boot, const gh_entry *script, const gh_boot_step *by, const gh_bytes *args,
		       size_t n_args)
{
	static const char *const names[] = { "1", "2", "3", "4" };
	size_t index = (size_t)(script - boot->root.node->volume->entries);
	if (boot->visited[index] || boot->level == GH_BOOT_DEPTH)
		return GH_OK;
	boot->visited[index] = true;
	gh_shell *sh = parser(boot, script->kept);
	if (!sh)
		return gh_nomem(boot->check->ctx);
	for (size_t i = 0; i < n_args && i < GH_COUNT(names); i++)
		gh_shell_set(sh, gh_view_text(names[i]), args[i]);
	boot->level++;
	gh_code code = walk(boot, sh, script, by, NULL);
	boot->level--;
	return code;
}

gh_code gh_boot_line(gh_boot *boot, const gh_boot_step *step, gh_bytes command)
{
	if (boot->level == GH_BOOT_DEPTH || command.len == 0)
		return GH_OK;
	gh_shell *sh = parser(boot, command);
	if (!sh)
		return gh_nomem(boot->check->ctx);
	boot->level++;
	gh_code code = walk(boot, sh, step->file, step->by, step);
	boot->level--;
	return code;
}
