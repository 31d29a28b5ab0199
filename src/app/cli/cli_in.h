/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app/cli - the command line: a table of commands, one file each, and one table of options, from which
 * parsing, --help, the man pages and the completions are made.
 *
 * The one rule: exit codes are an interface. 0: nothing at or above --fail-on; 1: findings; 2: could
 * not look, or not to the end.
 */
#ifndef GH_APP_CLI_IN_H
#define GH_APP_CLI_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "gifthorse/gifthorse.h"

enum { CLI_CLEAN = 0, CLI_FOUND = 1, CLI_TROUBLE = 2 };

/* Which commands an option belongs to. */
enum {
	CLI_SCAN = 1,
	CLI_TREE = 2,
	CLI_EXTRACT = 4,
	CLI_FORMATS = 8,
	CLI_CHECKS = 16,
	CLI_EXPLAIN = 32,
	CLI_CAPS = 64,
	CLI_STRINGS = 128,
	CLI_DISASM = 256,
	CLI_PROGRAMS = CLI_CAPS | CLI_STRINGS | CLI_DISASM,
	CLI_IMAGES = CLI_SCAN | CLI_TREE | CLI_EXTRACT,
	CLI_LOOK = CLI_IMAGES | CLI_PROGRAMS,
	CLI_ALL = 511,
};

enum cli_option {
	OPT_JSON = 256,
	OPT_JOBS,
	OPT_MAX_BYTES,
	OPT_MAX_NODES,
	OPT_MAX_DEPTH,
	OPT_TIMEOUT,
	OPT_RULES,
	OPT_FAIL_ON,
	OPT_FILES,
	OPT_COLOR,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_DIRECTORY,
	OPT_FORCE,
	OPT_HISTORY,
	OPT_SECRETS,
	OPT_DEVICE,
	OPT_VERIFY,
	OPT_MAP,
	OPT_WHY,
	OPT_FUNCTION,
	OPT_PROGRAM,
	OPT_HELP,
	OPT_VERSION,
};

typedef struct cli_opt {
	char letter; /* 0: none */
	const char *name, *arg;
	unsigned commands;
	enum cli_option id;
	const char *help;  /* one sentence, no full stop */
	const char *words; /* what the argument may be: words, "file" or "dir"; NULL: free */
} cli_opt;

typedef enum cli_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } cli_color;

/* When work started and what is on the terminal. */
typedef struct cli_pace {
	int64_t started, last;
	bool on_screen;
} cli_pace;

/* What the user asked for. */
typedef struct cli {
	const struct cli_command *command;
	gifthorse_options options;
	gifthorse_level fail_on;
	cli_color color;
	const char *json, *directory, *map;
	bool quiet, verbose, done; /* done: help was all that was wanted */
	const char **rules;
	char **args;
	size_t n_args;
	cli_pace pace;
} cli;

typedef struct cli_command {
	const char *name, *args, *title;
	unsigned bit;
	size_t least, most; /* arguments */
	int (*run)(cli *c);
} cli_command;

extern const cli_opt cli_opts[];
extern const size_t cli_opts_count;
extern const cli_command cli_commands[];
extern const size_t cli_commands_count;

int cli_scan(cli *c);
int cli_tree(cli *c);
int cli_extract(cli *c);
int cli_formats(cli *c);
int cli_checks(cli *c);
int cli_explain(cli *c);
int cli_caps(cli *c);
int cli_strings(cli *c);
int cli_disasm(cli *c);

/* "gifthorse: …" on standard error, controls replaced; gives CLI_TROUBLE. */
int cli_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* False when an option or argument makes no sense; that was told. */
bool cli_parse(cli *c, int argc, char **argv);
void cli_help(FILE *out);
void cli_command_help(const cli_command *command, FILE *out);
void cli_man_options(const cli_command *command, FILE *out);
bool cli_completions(const char *shell, FILE *out);
const cli_command *cli_command_named(const char *name);

gifthorse_style cli_style(const cli *c);

/* Where a document goes: standard output ("-"), or a file that appears when it is whole. */
typedef struct cli_file {
	FILE *out; /* NULL: none is wanted */
	const char *path;
	char *partial; /* the file being written; NULL when written in place */
} cli_file;

/* False when it cannot be written; that was told. A NULL path is none. */
bool cli_file_open(const char *path, cli_file *f);
/* Lets the file appear; `keep` false throws it away. */
bool cli_file_close(cli_file *f, bool keep);

typedef struct cli_json {
	cli_file file;
	bool first, bad;
} cli_json;

bool cli_json_open(const cli *c, cli_json *j);
void cli_json_add(cli_json *j, const gifthorse_report *report);
void cli_json_unread(cli_json *j, const char *path, const char *error);
/* Ends the document and lets the file appear; `keep` false throws it away. */
bool cli_json_close(cli_json *j, bool keep);

/* A line on a terminal's standard error, once work takes longer than a second. */
void cli_progress_start(cli *c);
void cli_progress_clear(cli *c);
/* A terminal that understands more than lines. */
bool cli_terminal(int fd);

/* A session, with what is wrong with the user's rules told. */
bool cli_session(const cli *c, gifthorse_session **ret);
void cli_warn(const gifthorse_session *session, size_t *told);
/* CLI_TROUBLE when standard output did not take all of it. */
int cli_flush(int status);

#endif
