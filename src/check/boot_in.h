/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/boot_in - the walk through what a volume starts at boot, shared by the boot_*.c files.
 *
 * A *step* is one line of one file that starts or reads something; steps know the step they were
 * reached by, so that every finding can show its way from init.
 */
#ifndef GH_CHECK_BOOT_IN_H
#define GH_CHECK_BOOT_IN_H

#include "check/root_in.h"
#include "check/shell_in.h"

enum {
	GH_BOOT_DEPTH = 12,      /* scripts in scripts */
	GH_BOOT_FINDINGS = 1024, /* per volume; then the list is cut, and says so */
	GH_BOOT_STEPS = 65536,   /* lines looked at, per volume */
	GH_BOOT_GLOBS = 64,      /* patterns that are expanded, per volume */
	GH_BOOT_GLOB = 256,      /* names that one of them may give */
	GH_BOOT_FLAGGED = 256,   /* known implants that boot lines are compared with, per volume */
};

typedef struct gh_boot_step gh_boot_step;
struct gh_boot_step {
	const gh_entry *file; /* the file that the line stands in */
	uint32_t line;
	uint64_t at;
	gh_bytes source;
	const gh_boot_step *by; /* NULL: init reads this file by itself */
	unsigned depth;
};

typedef struct gh_boot gh_boot;
/* Told of each program that `step` starts; it leads to `entry` (NULL: missing). */
typedef gh_code gh_boot_sayer(gh_boot *boot, const gh_boot_step *step, gh_bytes program, const gh_entry *entry,
			      bool background, bool module);

struct gh_boot {
	gh_check_ctx *check;
	gh_boot_sayer *say;
	gh_root root;
	gh_shell *shells[GH_BOOT_DEPTH]; /* one per level of scripts in scripts */
	unsigned level;
	bool *visited; /* by entry index: this script was walked through */
	unsigned findings, steps, globs;
	bool cut;
	bool reached;    /* are we on a way from init? */
	const char *way; /* the kind of way: "init", "cron", "inetd", … */
	const gh_finding *flagged[GH_BOOT_FLAGGED];
	size_t n_flagged;
	void *arg; /* the sayer's own */
};

/* The files that a boot reads. */
bool gh_boot_keeps(const gh_file *file);
/* Walks through all that the volume starts. */
gh_code gh_boot_walk(gh_check_ctx *check, const gh_node *volume, gh_boot_sayer *say, void *arg) GH_MUST;

/* Is there a readable text behind this path? Follows links. */
const gh_entry *gh_boot_text(const gh_boot *boot, const char *path);
/* Walks through a script once: every command in it is a step. `args` are its $1 and on. */
gh_code gh_boot_script(gh_boot *boot, const gh_entry *script, const gh_boot_step *by, const gh_bytes *args,
		       size_t n_args) GH_MUST;
/* A command as text that stands in `file` (a field of inittab, a crontab line, …). */
gh_code gh_boot_line(gh_boot *boot, const gh_boot_step *step, gh_bytes command) GH_MUST;
/* One command: says what it starts and follows scripts. */
gh_code gh_boot_command(gh_boot *boot, const gh_boot_step *step, const gh_command *c) GH_MUST;
/* The findings of BOOT. */
gh_boot_sayer gh_boot_say;

/* The list ends here; said once. */
gh_code gh_boot_cut(gh_boot *boot) GH_MUST;

/* The files that are no scripts: inittab; crontabs, inetd, xinetd, hotplug, mdev. */
gh_code gh_boot_inittab(gh_boot *boot, const gh_entry *file) GH_MUST;
gh_code gh_boot_tables(gh_boot *boot) GH_MUST;

/* What the words of a command are: part of the shell, a wrapper around another command, a tool of
 * every start script that is not worth a line. */
bool gh_boot_is_builtin(gh_bytes word);
bool gh_boot_is_wrapper(gh_bytes word);
bool gh_boot_is_shell(gh_bytes word);
bool gh_boot_is_tool(gh_bytes word);

#endif
